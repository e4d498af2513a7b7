//! Deleting a chat, with a way back for a moment.

use super::*;
use shim::base::limits::{ERASE_AGAIN, UNDO_GRACE, UNDO_WITHIN};
use shim::wire::records::{ResumeHead, What};
use shim::wire::session::ResumeStage;

/// Everything stored of a chat: head, turn, checkpoint of it, resume of its crash; and a second
/// chat that carries the first one on.
fn two_chats() -> (SessionId, SessionId, Bench) {
    let (head, turn) = crashed();
    let (first, crash) = (head.id.clone(), head.ended.unwrap());
    let second = SessionId::from("claude/a/second");
    let resume = ResumeHead {
        id: format!("{first}@{}", crash.1.0).as_str().into(),
        from: first.clone(),
        to: Some(second.clone()),
        stage: Some(ResumeStage::Sent),
        document: Some("d".into()),
        ..ResumeHead::default()
    };
    let child = SessionHead {
        id: second.clone(),
        site: "claude".into(),
        turn_count: 1,
        parent: Some(first.clone()),
        ..SessionHead::default()
    };
    let other = codec::turn_record(&second, &Turn { key: "t".into(), ..Turn::default() });
    let records = vec![
        codec::session_record(&head),
        turn,
        codec::resume_record(&resume, ""),
        codec::session_record(&child),
        other,
    ];
    (first, second, Bench::new(records))
}

fn of(bench: &Bench, session: &SessionId) -> usize {
    bench.store.values().filter(|record| record.session == *session).count()
}

fn delete(session: &SessionId) -> Ask {
    Ask::Delete { session: session.clone() }
}

fn undelete(session: &SessionId) -> Ask {
    Ask::Undelete { session: session.clone() }
}

fn past_undo() -> Span {
    Span(UNDO_WITHIN.0 + UNDO_GRACE.0)
}

#[test]
fn a_deleted_chat_goes_when_it_cannot_be_undone_any_more_and_takes_nothing_along() {
    let (first, second, mut bench) = two_chats();
    assert_eq!(bench.ask(&delete(&first)), Answer::Done);
    assert_eq!(bench.head(&first).deleted_at, Some(NOW));
    assert_eq!(bench.ask(&delete(&first)), Answer::Done, "asked twice is deleted once");
    bench.wait(UNDO_WITHIN);
    assert_eq!(of(&bench, &first), 3, "it can still be undone");
    bench.wait(UNDO_GRACE);
    assert_eq!((of(&bench, &first), of(&bench, &second)), (0, 2));
    assert_eq!(bench.head(&second).parent, None, "no other record names it");
    assert!(matches!(bench.ask(&undelete(&first)), Answer::Problem(text) if text.contains("late")));
    assert!(matches!(bench.ask(&delete(&first)), Answer::Problem(_)));
}

#[test]
fn an_undone_deletion_changes_nothing() {
    let (first, _, mut bench) = two_chats();
    let before = bench.head(&first);
    bench.ask(&delete(&first));
    bench.wait(Span::seconds(9));
    assert_eq!(bench.ask(&undelete(&first)), Answer::Done);
    assert_eq!(bench.head(&first), before);
    bench.wait(Span::minutes(5));
    assert_eq!(of(&bench, &first), 3);
    assert_eq!(of(&bench.again(), &first), 3);
}

#[test]
fn a_deletion_is_carried_out_although_the_worker_died() {
    let (first, _, mut bench) = two_chats();
    bench.ask(&delete(&first));
    let mut soon = bench.again();
    soon.wait(Span::seconds(1));
    assert_eq!(of(&soon, &first), 3, "the time to undo runs on");
    soon.now = soon.now.after(Span::hours(5));
    let mut late = soon.again();
    late.wait(Span(0));
    assert_eq!(of(&late, &first), 0);
}

#[test]
fn what_could_not_be_stored_is_not_so() {
    let (first, _, mut bench) = two_chats();
    bench.full = true;
    let Answer::Problem(said) = bench.ask(&delete(&first)) else { panic!("it is said to be done") };
    assert!(said.contains("not deleted") && said.contains("no room"), "{said}");
    bench.full = false;
    bench.wait(Span::minutes(5));
    assert_eq!(of(&bench, &first), 3, "it was told that the chat is not deleted");

    bench.ask(&delete(&first));
    bench.full = true;
    assert!(matches!(bench.ask(&undelete(&first)), Answer::Problem(_)));
    assert!(bench.head(&first).deleted_at.is_some());
    bench.full = false;
    bench.wait(ERASE_AGAIN);
    assert_eq!(bench.head(&first).deleted_at, None, "the undoing is stored as soon as it can be");

    bench.ask(&delete(&first));
    bench.full = true;
    bench.wait(past_undo());
    assert_eq!(of(&bench, &first), 3);
    bench.full = false;
    bench.wait(ERASE_AGAIN);
    assert_eq!(of(&bench, &first), 0, "and so is the deletion");
}

#[test]
fn the_crash_before_a_deleted_one_is_offered_instead() {
    let (head, turn) = crashed();
    let earlier = Some((EndReason::TabCrashed, Moment(NOW.0 - 120_000)));
    let id = SessionId::from("claude/a/earlier");
    let before = SessionHead { id: id.clone(), ended: earlier, ..head.clone() };
    let other = codec::turn_record(&id, &Turn { key: "t".into(), ..Turn::default() });
    let records = vec![codec::session_record(&head), turn, codec::session_record(&before), other];
    let mut bench = Bench::new(records);
    bench.ask(&delete(&head.id));
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    let resumes = bench.store.query(&Query::All(StoreName::Resumes));
    assert_eq!(resumes.iter().map(|r| &r.session).collect::<Vec<_>>(), [&id]);
}

#[test]
fn a_deleted_chat_is_neither_offered_nor_given_out() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.ask(&delete(&head.id));
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 0);
    for ask in [
        Ask::Prompt { session: head.id.clone(), checkpoint: None },
        Ask::Resume { session: head.id.clone(), checkpoint: None },
    ] {
        assert!(matches!(bench.ask(&ask), Answer::Problem(_)), "{ask:?}");
    }
    bench.ask(&undelete(&head.id));
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 1, "kept after all, it is offered");
}

fn hello_of(head: &SessionHead) -> ToBackground {
    let chat = Some(head.chat.clone());
    ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") })
}

fn known(bench: &mut Bench) -> Vec<usize> {
    let told = std::mem::take(&mut bench.told).into_iter();
    told.filter_map(|event| match event {
        SessionEvent::Known(known) => Some(known.turns.len()),
        _ => None,
    })
    .collect()
}

#[test]
fn a_chat_that_is_open_is_not_deleted() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.connect(CLAUDE);
    bench.say(hello_of(&head));
    let Answer::Problem(text) = bench.ask(&delete(&head.id)) else { panic!("it was deleted") };
    assert!(text.contains("Close that tab first"), "{text}");
    bench.step(BackEvent::TabRemoved { tab: TAB });
    bench.step(BackEvent::Disconnected { port: PORT });
    assert_eq!(bench.ask(&delete(&head.id)), Answer::Done);
    let what = bench.head(&head.id).happened.iter().map(|h| h.what).collect::<Vec<_>>();
    assert_eq!(what, [What::Opened, What::Left]);
}

#[test]
fn opened_while_it_is_being_deleted_a_chat_waits_and_then_begins_anew() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn.clone()]);
    bench.ask(&delete(&head.id));
    bench.connect(CLAUDE);
    bench.say(hello_of(&head));
    let again = Turn { key: "t1".into(), markdown: "Build".into(), ..Turn::default() };
    let turns = ToBackground::Turns { session: head.id.clone(), number: 1, turns: vec![again] };
    bench.say(turns.clone());
    assert_eq!((known(&mut bench), of(&bench, &head.id)), (vec![], 2), "nothing goes on yet");
    bench.wait(past_undo());
    assert_eq!((known(&mut bench), of(&bench, &head.id)), (vec![0], 0), "it is not known");
    bench.say(match turns {
        ToBackground::Turns { session, turns, .. } => {
            ToBackground::Turns { session, number: 2, turns }
        }
        other => other,
    });
    assert_eq!(of(&bench, &head.id), 2);
    let anew = bench.head(&head.id);
    assert_eq!((anew.deleted_at, anew.ended, anew.started_at), (None, None, bench.now));
    let stored = bench.store.get(&turn.at).unwrap();
    assert_eq!(codec::open_turn(stored).unwrap().markdown, "Build");
}

#[test]
fn opened_while_it_is_being_deleted_and_then_kept_a_chat_goes_on() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.ask(&delete(&head.id));
    bench.connect(CLAUDE);
    bench.say(hello_of(&head));
    assert_eq!(bench.ask(&undelete(&head.id)), Answer::Done);
    assert_eq!(known(&mut bench), [1]);
    assert!(bench.head(&head.id).live.is_some());
}

/// What was being read when the chat was deleted must not be written afterwards.
#[test]
fn what_is_under_way_brings_nothing_back() {
    let (first, second, mut bench) = two_chats();
    let resumes = bench.store.query(&Query::All(StoreName::Resumes));
    let id = resumes[0].at.key.as_str().into();
    bench.ask(&delete(&first));
    bench.now = bench.now.after(past_undo());
    // The new chat's page tells of its resume in the same moment.
    bench.connect(CLAUDE);
    let hello = Hello {
        document: "d".into(),
        chat: Some("second".into()),
        fresh: false,
        ..fresh_hello("claude", "a")
    };
    bench.say(ToBackground::Hello(hello));
    assert_eq!(of(&bench, &first), 0);
    bench.say(ToBackground::Resume {
        resume: id,
        stage: ResumeStage::Answered,
        session: Some(second),
    });
    bench.wait(Span::minutes(1));
    assert_eq!(of(&bench, &first), 0);
}

#[test]
fn while_the_store_is_shut_a_deletion_waits_and_a_new_one_is_refused() {
    let (first, second, mut bench) = two_chats();
    bench.ask(&delete(&first));
    let mut bench = Bench::before(bench.store, bench.now);
    bench.step(BackEvent::StoreClosed { problem: Problem::no_room().text });
    bench.wait(past_undo());
    assert_eq!(of(&bench, &first), 3, "nothing can be deleted now");
    let said = bench.status().problems;
    let told = |text: &String| text.contains("no room") && text.contains("being deleted");
    assert!(said.iter().any(told), "{said:?}");
    let Answer::Problem(said) = bench.ask(&delete(&second)) else {
        panic!("it is said to be done")
    };
    assert!(said.contains("not deleted") && said.contains("no room"), "{said}");
    bench.restore();
    bench.wait(past_undo());
    assert_eq!(of(&bench, &first), 0, "it goes by itself");
    assert_ne!(of(&bench, &second), 0);
}

/// The mark waits behind other writes for longer than the time to undo, and is refused then.
#[test]
fn a_chat_whose_deletion_is_still_being_stored_is_not_erased() {
    let (first, _, mut bench) = two_chats();
    let text = serde_json::to_string(&delete(&first)).unwrap();
    let mut effects = Vec::new();
    bench.machine.step(bench.now, BackEvent::Asked { ask: 9, text }, &mut effects);
    let [BackEffect::Write { batch, .. }] = &effects[..] else { panic!("{effects:?}") };
    bench.wait(Span::minutes(1));
    assert_eq!(of(&bench, &first), 3, "the mark is not stored yet");
    let problem = Some(Problem::no_room().text);
    bench.step(BackEvent::Written { batch: *batch, problem });
    let said = bench.answers.pop();
    assert!(matches!(&said, Some(Answer::Problem(said)) if said.contains("not deleted")));
    bench.wait(Span::minutes(5));
    assert_eq!(of(&bench, &first), 3, "it was told that the chat is not deleted");
}

/// Asked for again before the first mark was stored: the second question is about its own mark.
#[test]
fn a_deletion_that_is_asked_for_twice_is_told_of_each_time() {
    let (first, _, mut bench) = two_chats();
    let mut batches = Vec::new();
    for (ask, question) in [(1, delete(&first)), (2, undelete(&first)), (3, delete(&first))] {
        let (text, mut effects) = (serde_json::to_string(&question).unwrap(), Vec::new());
        bench.machine.step(bench.now, BackEvent::Asked { ask, text }, &mut effects);
        let Some(BackEffect::Write { batch, change, .. }) = effects.pop() else { panic!("{ask}") };
        batches.push((batch, change));
    }
    for (at, (batch, change)) in batches.into_iter().enumerate() {
        let refused = (at == 2).then(|| Problem::no_room().text);
        if refused.is_none() {
            bench.store.write(&change).unwrap();
        }
        bench.step(BackEvent::Written { batch, problem: refused });
        bench.wait(past_undo());
    }
    let said: Vec<bool> = bench.answers.iter().map(|said| *said == Answer::Done).collect();
    assert_eq!(said, [true, true, false]);
    bench.wait(Span::minutes(5));
    assert_eq!(of(&bench, &first), 3);
    assert_eq!(bench.head(&first).deleted_at, None);
}

/// A head that waited to be written again went along with the deletion once, mark and all, and
/// stayed when the deletion itself was refused.
#[test]
fn a_mark_that_is_refused_comes_by_no_other_write() {
    let (mut head, turn) = crashed();
    head.ended = None;
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.connect(CLAUDE);
    let chat = Some(head.chat.clone());
    bench.full = true;
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    bench.say(ToBackground::Bye { session: Some(head.id.clone()) });
    bench.step(BackEvent::Disconnected { port: PORT });
    // Now it is to be written again: in the event in which it is deleted.
    bench.now = bench.now.after(Span::seconds(30));
    let text = serde_json::to_string(&Ask::Delete { session: head.id.clone() }).unwrap();
    let mut effects = Vec::new();
    bench.machine.step(bench.now, BackEvent::Asked { ask: 1, text }, &mut effects);
    let marks = |effect: &&BackEffect| match effect {
        BackEffect::Write { change, .. } => change
            .puts
            .iter()
            .any(|put| codec::open::<SessionHead>(put).is_ok_and(|head| head.deleted_at.is_some())),
        _ => false,
    };
    assert_eq!(effects.iter().filter(marks).count(), 1);
}
