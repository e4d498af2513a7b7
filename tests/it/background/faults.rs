//! Reads that fail, writes that are refused, a store that does not open, a clock that goes back.

use super::{Bench, CLAUDE, NOW, PORT, TAB, crashed, fresh_hello};
use crate::world::store::Memory;
use shim::base::{Moment, PortId, SessionId, Span, TabId};
use shim::session::codec;
use shim::wire::background::{BackEffect, BackEvent, TabState};
use shim::wire::records::{Change, ResumeHead, Settings, StoreName};
use shim::wire::session::{EndReason, Hello, ResumeStage, SessionEvent, ToBackground};
use shim::wire::state::Trigger;
use shim::wire::ui::{Answer, Ask};

/// A page that shows the chat of `crashed`, and has said so.
fn open_chat(bench: &mut Bench) -> SessionId {
    let (head, _) = crashed();
    bench.connect(CLAUDE);
    let chat = Some(head.chat);
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    head.id
}

fn bench() -> Bench {
    let (head, turn) = crashed();
    Bench::new(vec![codec::session_record(&head), turn])
}

fn known(bench: &Bench) -> Vec<usize> {
    let turns = |event: &SessionEvent| match event {
        SessionEvent::Known(known) => Some(known.turns.len()),
        _ => None,
    };
    bench.told.iter().filter_map(turns).collect()
}

/// What the popup would say is wrong.
fn problems(bench: &mut Bench) -> Vec<String> {
    let text = serde_json::to_string(&Ask::Status).unwrap();
    bench.step(BackEvent::Asked { ask: 9, text });
    match bench.answers.last() {
        Some(Answer::Status(status)) => status.problems.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_read_is_tried_again_and_says_nothing_of_what_is_stored() {
    let mut bench = bench();
    bench.blind = true;
    let session = open_chat(&mut bench);
    bench.wait(Span::minutes(1));
    assert!(known(&bench).is_empty(), "nothing is known yet");
    assert_eq!(bench.head(&session).turn_count, 1, "and nothing forgotten");
    let said = problems(&mut bench);
    assert!(said.iter().any(|text| text.contains("could not be read")), "{said:?}");
    bench.blind = false;
    bench.wait(Span::seconds(10));
    assert_eq!(known(&bench), [1]);
    assert_eq!(problems(&mut bench), Vec::<String>::new(), "it is over, and no longer said");
    assert_eq!(bench.machine.next_wake(), None, "then it rests");
}

#[test]
fn a_person_who_waits_for_a_checkpoint_hears_that_the_store_cannot_be_read() {
    let mut bench = bench();
    let session = open_chat(&mut bench);
    bench.blind = true;
    let text = serde_json::to_string(&Ask::SaveNow { session: session.clone() }).unwrap();
    bench.step(BackEvent::Asked { ask: 1, text });
    bench.say(ToBackground::Checkpoint {
        session,
        request: 1,
        trigger: Trigger::UserRequested,
        measured: Box::default(),
    });
    let Some(Answer::Problem(text)) = bench.answers.last() else { panic!("no answer") };
    assert!(text.contains("could not be read"), "{text}");
}

#[test]
fn a_prompt_is_placed_when_the_chat_can_be_read_again() {
    let mut bench = bench();
    bench.blind = true;
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    bench.wait(Span::seconds(3));
    assert_eq!(bench.placed(), 0);
    bench.blind = false;
    bench.wait(Span::seconds(10));
    assert_eq!(bench.placed(), 1);
}

#[test]
fn what_only_the_background_knows_is_written_when_there_is_room() {
    let mut bench = bench();
    let session = open_chat(&mut bench);
    assert!(bench.head(&session).live.is_some());
    bench.full = true;
    bench.say(ToBackground::Bye { session: Some(session.clone()) });
    bench.wait(Span::minutes(5));
    assert!(bench.head(&session).live.is_some(), "refused");
    bench.full = false;
    bench.wait(Span::seconds(10));
    assert_eq!(bench.head(&session).live, None, "written by itself");
    bench.wait(Span::minutes(1));
    assert_eq!(bench.machine.next_wake(), None);
}

#[test]
fn a_chat_that_a_hello_had_read_again_is_not_read_once_more() {
    let mut bench = bench();
    let session = open_chat(&mut bench);
    bench.full = true;
    bench.say(ToBackground::Bye { session: Some(session) });
    open_chat(&mut bench);
    bench.full = false;
    // What is told from now on is ahead of the store for a moment, and a read would forget it.
    let before = known(&bench).len();
    assert_eq!(before, 2, "once at first, and once after what was refused");
    bench.wait(Span::minutes(1));
    assert_eq!(known(&bench).len(), before);
}

#[test]
fn a_resume_that_cannot_be_journalled_is_told_to_nobody_until_it_can() {
    let mut bench = bench();
    bench.full = true;
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    bench.wait(Span::seconds(30));
    assert_eq!((bench.placed(), bench.count(StoreName::Resumes)), (0, 0));
    bench.full = false;
    bench.wait(Span::seconds(10));
    assert_eq!((bench.placed(), bench.count(StoreName::Resumes)), (1, 1));
}

#[test]
fn the_journal_holds_the_crash_itself() {
    let (head, turn) = crashed();
    let ended = head.ended;
    // The crash was found and is not stored yet when the resume is.
    let live = shim::wire::records::Live {
        tab: TabId(3),
        browser_session: "before".into(),
        document: "old".into(),
    };
    let open = shim::wire::records::SessionHead { ended: None, live: Some(live), ..head.clone() };
    let mut bench = Bench::new(vec![codec::session_record(&open), turn]);
    bench.full = true;
    bench.step(BackEvent::TabSeen { tab: TabId(3), state: None });
    bench.full = false;
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    let stored = bench.head(&head.id);
    assert_eq!(stored.live, None);
    assert_eq!(stored.ended.map(|(reason, _)| reason), Some(EndReason::BrowserCrashed));
    assert!(ended.is_some() && bench.placed() == 1);
}

#[test]
fn a_refused_checkpoint_takes_no_number() {
    let mut bench = bench();
    let session = open_chat(&mut bench);
    let wanted = |request| ToBackground::Checkpoint {
        session: session.clone(),
        request,
        trigger: Trigger::UserRequested,
        measured: Box::default(),
    };
    bench.full = true;
    for request in 1..5 {
        bench.say(wanted(request));
        bench.wait(Span::seconds(20));
    }
    bench.full = false;
    bench.wait(Span::seconds(20));
    bench.say(wanted(9));
    assert_eq!(bench.head(&session).last_checkpoint, 1);
}

#[test]
fn a_full_disk_is_no_busy_loop() {
    let mut bench = bench();
    open_chat(&mut bench);
    bench.full = true;
    let session = crashed().0.id;
    bench.say(ToBackground::Bye { session: Some(session) });
    let mut wakes = 0;
    let until = bench.now.after(Span::minutes(10));
    while let Some(next) = bench.machine.next_wake().filter(|next| *next <= until) {
        assert!(next > bench.now);
        bench.now = next;
        bench.step(BackEvent::Wake);
        wakes += 1;
    }
    assert!(wakes > 30, "it goes on trying");
    assert!(wakes < 100, "{wakes} times in ten minutes");
}

#[test]
fn a_store_that_does_not_open_is_said_and_opened_again() {
    let (head, turn) = crashed();
    let mut store = Memory::default();
    let puts = vec![codec::session_record(&head), turn];
    store.write(&Change { puts, ..Change::default() }).unwrap();
    let mut bench = Bench::before(store, NOW);
    bench.step(BackEvent::StoreClosed { problem: "It is broken.".into() });
    // Pages and people come meanwhile.
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.status().problems, ["It is broken."]);
    let change = Ask::Change(Settings { paused: true, ..Settings::default() });
    assert_eq!(bench.ask(&change), Answer::Problem("It is broken.".into()));
    bench.wait(Span::seconds(10));
    let again = |effect: &&BackEffect| matches!(effect, BackEffect::Restore);
    assert_eq!(bench.others.iter().filter(again).count(), 1, "asked once until that is answered");
    bench.restore();
    assert!(bench.status().problems.is_empty());
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 1, "the page that was there all the time");
}

#[test]
fn a_clock_that_goes_back_stops_nothing() {
    let mut bench = bench();
    let session = open_chat(&mut bench);
    bench.step(BackEvent::Disconnected { port: PORT });
    bench.now = Moment(bench.now.0 - 3_600_000);
    bench.step(BackEvent::Wake);
    bench.wait(Span::seconds(1));
    let look =
        |effect: &&BackEffect| matches!(effect, BackEffect::LookAtTab { tab } if *tab == TAB);
    assert!(bench.others.iter().any(|effect| look(&effect)), "the tab is looked at");
    let dead = TabState { status: "unloaded".into(), ..TabState::default() };
    bench.step(BackEvent::TabSeen { tab: TAB, state: Some(dead) });
    assert_eq!(bench.head(&session).ended.map(|(reason, _)| reason), Some(EndReason::TabCrashed));
}

#[test]
fn a_crash_dated_ahead_hides_no_later_one() {
    let (head, turn) = crashed();
    let ahead = Moment(NOW.0 + 48 * 3_600_000);
    let other = shim::wire::records::SessionHead {
        id: SessionId("claude/a/other".into()),
        ended: Some((EndReason::TabCrashed, ahead)),
        ..head.clone()
    };
    let resumed = ResumeHead {
        id: shim::base::ResumeId(format!("{}@{}", other.id, ahead.0)),
        from: other.id.clone(),
        stage: Some(ResumeStage::Answered),
        ..ResumeHead::default()
    };
    let records = [codec::session_record(&head), codec::session_record(&other)];
    let mut store = records.to_vec();
    store.extend([codec::resume_record(&resumed, ""), turn]);
    let mut bench = Bench::new(store);
    bench.connect_as(PortId(9), TabId(9), CLAUDE);
    bench.say_as(PortId(9), ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 1);
}
