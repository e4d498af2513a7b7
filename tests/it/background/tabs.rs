//! Two tabs on one chat, pages that go, and hellos that come late.

use super::{Bench, CLAUDE, NOW, crashed, fresh_hello};
use shim::background::Whole;
use shim::base::text::hash;
use shim::base::{Moment, PortId, SessionId, Span, TabId, TurnKey};
use shim::session::codec;
use shim::wire::background::{BackEvent, TabState};
use shim::wire::chat::{Role, Turn, TurnState};
use shim::wire::records::StoreName;
use shim::wire::session::{EndReason, Hello, SessionEvent, ToBackground};

const LEFT: (PortId, TabId) = (PortId(1), TabId(1));
const RIGHT: (PortId, TabId) = (PortId(2), TabId(2));

/// Both tabs show the chat of `crashed`.
fn two_tabs() -> (Bench, SessionId) {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    for tab in [LEFT, RIGHT] {
        hello(&mut bench, tab);
    }
    (bench, head.id)
}

fn hello(bench: &mut Bench, (port, tab): (PortId, TabId)) {
    bench.connect_as(port, tab, CLAUDE);
    let (chat, document) = (Some(crashed().0.chat), format!("document-{}", tab.0));
    let hello = Hello { chat, document, fresh: false, ..fresh_hello("claude", "a") };
    bench.say_as(port, ToBackground::Hello(hello));
}

fn dies(bench: &mut Bench, (port, tab): (PortId, TabId)) {
    bench.step(BackEvent::Disconnected { port });
    bench.wait(Span::seconds(1));
    let state = Some(TabState { status: "unloaded".into(), ..TabState::default() });
    bench.step(BackEvent::TabSeen { tab, state });
}

#[test]
fn a_chat_ends_with_its_last_tab() {
    for last in [LEFT, RIGHT] {
        let first = if last == LEFT { RIGHT } else { LEFT };
        type Leave = fn(&mut Bench, (PortId, TabId), &SessionId);
        let bye: Leave = |bench, (port, _), session| {
            bench.say_as(port, ToBackground::Bye { session: Some(session.clone()) });
            bench.step(BackEvent::Disconnected { port });
        };
        let closed: Leave = |bench, (port, tab), _| {
            bench.step(BackEvent::TabRemoved { tab });
            bench.step(BackEvent::Disconnected { port });
        };
        let crashed: Leave = |bench, tab, _| dies(bench, tab);
        for leave in [bye, closed, crashed] {
            let (mut bench, session) = two_tabs();
            leave(&mut bench, first, &session);
            let live = bench.head(&session).live.map(|live| live.tab);
            assert_eq!(live, Some(last.1), "it is open in the other tab");
            assert_eq!(bench.head(&session).ended, None);
            dies(&mut bench, last);
            let ended = bench.head(&session).ended.map(|(reason, _)| reason);
            assert_eq!(ended, Some(EndReason::TabCrashed), "now it has crashed");
        }
    }
}

/// The store outlives the worker; tabs say hello again, one after the other.
#[test]
fn of_two_tabs_one_that_died_unheard_leaves_the_chat_with_the_other() {
    for first in [LEFT, RIGHT] {
        let second = if first == LEFT { RIGHT } else { LEFT };
        let again = || {
            let (bench, session) = two_tabs();
            let mut bench = bench.again();
            hello(&mut bench, first);
            // The tab that was on record before is of no interest now, dead as it is.
            bench.wait(Span::seconds(1));
            let (port, tab) = second;
            bench.step(BackEvent::Disconnected { port });
            bench.step(BackEvent::TabRemoved { tab });
            assert_eq!(bench.head(&session).live.map(|live| live.tab), Some(first.1));
            (bench, session)
        };
        let (mut bench, session) = again();
        bench.say_as(first.0, ToBackground::Bye { session: Some(session.clone()) });
        bench.step(BackEvent::Disconnected { port: first.0 });
        let head = bench.head(&session);
        assert_eq!((head.live, head.ended), (None, None), "a person left it");

        let (mut bench, session) = again();
        dies(&mut bench, first);
        let ended = bench.head(&session).ended.map(|(reason, _)| reason);
        assert_eq!(ended, Some(EndReason::TabCrashed), "its last tab died");
    }
}

fn answer(markdown: &str, state: TurnState, read_at: u64, found: bool) -> Turn {
    Turn {
        key: TurnKey("t2".into()),
        position: 1,
        role: Role::Assistant,
        markdown: markdown.into(),
        state,
        at: NOW,
        read_at: Moment(NOW.0 + read_at),
        found,
        ..Turn::default()
    }
}

fn tell(bench: &mut Bench, (port, _): (PortId, TabId), number: u64, turn: Turn) {
    let session = crashed().0.id;
    bench.now = Moment(NOW.0 + 60_000);
    bench.say_as(port, ToBackground::Turns { session, number, turns: vec![turn] });
}

fn stored(bench: &Bench) -> (String, TurnState) {
    let whole = Whole::of(&bench.store.values().cloned().collect::<Vec<_>>());
    let turn = whole.turns.into_iter().find(|turn| turn.key.0 == "t2").unwrap();
    (turn.markdown, turn.state)
}

#[test]
fn a_tab_that_is_behind_replaces_nothing_newer_and_is_told_so() {
    use TurnState::{Done, Interrupted, Streaming};
    let whole = answer("one two three", Done, 10, false);
    let behind = [
        answer("one", Done, 50, true),
        answer("one", Interrupted, 50, true),
        answer("one two", Streaming, 50, false),
        answer("one two three", Streaming, 50, false),
        answer("one", Done, 5, false),
    ];
    for late in behind {
        let (mut bench, _) = two_tabs();
        tell(&mut bench, LEFT, 1, whole.clone());
        let said = format!("{late:?}");
        tell(&mut bench, RIGHT, 1, late.clone());
        assert_eq!(stored(&bench), ("one two three".into(), Done), "{said}");
        let saved =
            SessionEvent::Saved { turns: [(late.key.clone(), codec::turn_hash(&late))].into() };
        assert!(bench.told.contains(&saved), "it need not be sent again: {said}");
    }
    let ahead = [
        answer("one two three four", Done, 5, true),
        answer("one two three four", Streaming, 50, false),
        answer("no", Done, 50, false),
    ];
    for newer in ahead {
        let (mut bench, _) = two_tabs();
        tell(&mut bench, LEFT, 1, whole.clone());
        tell(&mut bench, RIGHT, 1, newer.clone());
        assert_eq!(stored(&bench), (newer.markdown, newer.state));
    }
    // The same document knows best, whatever it says.
    let (mut bench, _) = two_tabs();
    tell(&mut bench, LEFT, 1, whole.clone());
    tell(&mut bench, LEFT, 2, answer("o", Streaming, 1, true));
    assert_eq!(stored(&bench), ("o".into(), Streaming));
    // A turn read in the future tells that the clock went back.
    let (mut bench, _) = two_tabs();
    tell(&mut bench, LEFT, 1, answer("one two three", Done, 9_999_999, false));
    tell(&mut bench, RIGHT, 1, answer("no", Done, 20, false));
    assert_eq!(stored(&bench), ("no".into(), Done));
}

fn stream(bench: &mut Bench, (port, _): (PortId, TabId), number: u64, told: &str, text: &str) {
    let message = ToBackground::Stream {
        session: crashed().0.id,
        number,
        key: TurnKey("t2".into()),
        position: 1,
        keep: told.len(),
        base: if told.is_empty() { 0 } else { hash(told) },
        hash: hash(text),
        text: text[told.len()..].to_owned(),
    };
    bench.say_as(port, message);
}

#[test]
fn each_document_streams_for_itself() {
    let (mut bench, _) = two_tabs();
    stream(&mut bench, LEFT, 1, "", "one two");
    stream(&mut bench, RIGHT, 1, "", "one");
    assert_eq!(stored(&bench).0, "one two", "the one behind takes nothing away");
    stream(&mut bench, LEFT, 2, "one two", "one two three");
    assert_eq!(bench.count(StoreName::Streams), 3);
    assert_eq!(stored(&bench).0, "one two three");
    stream(&mut bench, LEFT, 1, "", "one two");
    assert_eq!(stored(&bench).0, "one two three", "a late repeat takes nothing away");
    tell(&mut bench, LEFT, 3, answer("one two three.", TurnState::Done, 50_000, false));
    assert_eq!(bench.count(StoreName::Streams), 0, "the finished turn stands for all of them");
}

#[test]
fn a_piece_after_one_that_was_refused_is_not_acknowledged() {
    let (mut bench, _) = two_tabs();
    stream(&mut bench, LEFT, 1, "", "one");
    bench.full = true;
    stream(&mut bench, LEFT, 2, "one", "one two");
    bench.full = false;
    bench.told.clear();
    stream(&mut bench, LEFT, 3, "one two", "one two three");
    let acknowledged = |event: &SessionEvent| match event {
        SessionEvent::StreamSaved { hash, .. } => *hash != 0,
        _ => false,
    };
    assert!(!bench.told.iter().any(acknowledged));
    assert_eq!(stored(&bench).0, "one", "what was there stays");
}

#[test]
fn a_page_that_left_before_its_prompt_was_ready_uses_none_up() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.blind = true;
    bench.connect_as(LEFT.0, LEFT.1, CLAUDE);
    bench.say_as(LEFT.0, ToBackground::Hello(fresh_hello("claude", "a")));
    bench.step(BackEvent::Disconnected { port: LEFT.0 });
    bench.blind = false;
    bench.wait(Span::seconds(10));
    assert_eq!(bench.count(StoreName::Resumes), 0);
    bench.connect_as(RIGHT.0, RIGHT.1, CLAUDE);
    let hello = Hello { document: "next".into(), ..fresh_hello("claude", "a") };
    bench.say_as(RIGHT.0, ToBackground::Hello(hello));
    assert_eq!(bench.placed(), 1, "the next page gets it");
}

#[test]
fn who_speaks_of_a_chat_without_a_hello_is_asked_for_one() {
    let (mut bench, session) = two_tabs();
    // A late repeat of the hello that this page said before its chat had an id.
    let late = Hello { document: "document-1".into(), fresh: false, ..fresh_hello("claude", "a") };
    bench.say_as(LEFT.0, ToBackground::Hello(late));
    bench.told.clear();
    let turns = vec![answer("one", TurnState::Done, 1, true)];
    bench.say_as(LEFT.0, ToBackground::Turns { session, number: 1, turns });
    assert_eq!(bench.told, [SessionEvent::Connected]);
}
