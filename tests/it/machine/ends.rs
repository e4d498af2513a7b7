//! How chats end: what a page or the browser tells, and what a new start of either finds.

use super::*;
use shim::wire::background::TabState;
use shim::wire::session::EndReason;

/// A worker with one open chat in tab 7.
fn open() -> Bench {
    let (_, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    let live = bench.head(&session("one")).live.expect("it is open");
    assert_eq!((live.tab, live.browser_session.as_str()), (TabId(7), TODAY));
    bench
}

/// Breaks the connection and shows this tab at each look, until nothing is waited for.
fn broken(bench: &mut Bench, state: Option<&TabState>) {
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    looked_at(bench, state);
}

fn looked_at(bench: &mut Bench, state: Option<&TabState>) {
    for _ in 0..100 {
        if bench.machine.next_wake().is_none() {
            return;
        }
        bench.effects.clear();
        bench.wake();
        for effect in std::mem::take(&mut bench.effects) {
            if let BackEffect::LookAtTab { tab } = effect {
                bench.step(BackEvent::TabSeen { tab, state: state.cloned() });
            }
        }
    }
    panic!("no end after 100 looks");
}

fn dead() -> TabState {
    let url = "https://claude.ai/chat/one".to_owned();
    TabState { status: "unloaded".into(), url, answers: Some(false), ..TabState::default() }
}

#[test]
fn a_lost_goodbye_is_no_crash_where_the_tab_began_to_load() {
    let left = TabState { status: "complete".into(), crash_empties: true, ..TabState::default() };
    for (loads, ended) in [(true, None), (false, Some(EndReason::TabCrashed))] {
        let mut bench = open();
        bench.step(BackEvent::TabLoads { tab: TabId(8) });
        if loads {
            bench.step(BackEvent::TabLoads { tab: TabId(7) });
        }
        bench.step(BackEvent::Disconnected { port: PortId(1) });
        for _ in 0..20 {
            bench.step(BackEvent::TabSeen { tab: TabId(7), state: Some(left.clone()) });
        }
        let head = bench.head(&session("one"));
        assert_eq!((head.live, head.ended.map(|(reason, _)| reason)), (None, ended));
    }
}

#[test]
fn goodbye_and_a_closed_tab_are_clean() {
    let mut bench = open();
    bench.say(1, ToBackground::Bye { session: Some(session("one")) });
    let head = bench.head(&session("one"));
    assert_eq!((head.live, head.ended), (None, None));
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    assert_eq!(bench.machine.next_wake(), None, "nothing more is to be found out");

    let mut bench = open();
    bench.step(BackEvent::TabRemoved { tab: TabId(8) });
    assert!(bench.head(&session("one")).live.is_some(), "another tab was closed");
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    let head = bench.head(&session("one"));
    assert_eq!((head.live, head.ended), (None, None));
}

#[test]
fn a_page_says_goodbye_for_its_own_chat_only() {
    let (_, mut records) = stored("two");
    records.extend(stored("one").1);
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    bench.open(2, 8, Some("two"));
    bench.say(2, ToBackground::Bye { session: Some(session("one")) });
    assert!(bench.head(&session("one")).live.is_some());
}

#[test]
fn a_broken_connection_is_a_crash_where_the_tab_is_dead() {
    let mut bench = open();
    let broke_at = bench.now;
    broken(&mut bench, Some(&dead()));
    let head = bench.head(&session("one"));
    assert_eq!((head.live, head.ended), (None, Some((EndReason::TabCrashed, broke_at))));

    let mut bench = open();
    broken(&mut bench, None);
    let head = bench.head(&session("one"));
    assert_eq!((head.live, head.ended), (None, None), "there is no such tab: it was closed");

    let mut bench = open();
    broken(&mut bench, Some(&TabState { answers: Some(true), ..dead() }));
    assert!(bench.head(&session("one")).live.is_some(), "its content script answers");
}

#[test]
fn a_chat_in_a_second_tab_lives_on_when_one_of_them_breaks() {
    let mut bench = open();
    bench.open(2, 8, Some("one"));
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    assert_eq!(bench.machine.next_wake(), None);
    assert!(bench.head(&session("one")).live.is_some());
}

#[test]
fn another_chat_in_the_same_tab_means_that_the_first_was_left() {
    let (_, mut records) = stored("two");
    records.extend(stored("one").1);
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    bench.open(2, 7, Some("two"));
    let head = bench.head(&session("one"));
    assert_eq!((head.live, head.ended), (None, None));
    assert!(bench.head(&session("two")).live.is_some());
}

#[test]
fn a_worker_that_died_looks_at_the_chats_that_were_open() {
    let mut bench = open().restarted();
    looked_at(&mut bench, Some(&dead()));
    assert_eq!(bench.head(&session("one")).ended.map(|end| end.0), Some(EndReason::TabCrashed));

    let mut bench = open().restarted();
    looked_at(&mut bench, Some(&TabState { discarded: true, ..dead() }));
    assert_eq!(bench.head(&session("one")).ended, None);
}

/// A worker of today with a chat that was open yesterday in tab 7.
fn of_yesterday() -> Bench {
    let (mut head, mut records) = stored("one");
    let (tab, document) = (TabId(7), "old".to_owned());
    let browser_session = "yesterday".to_owned();
    head.live = Some(shim::wire::records::Live { tab, browser_session, document });
    records[0] = codec::session_record(&head);
    Bench::new(&records)
}

#[test]
fn a_chat_that_was_open_in_another_start_of_the_browser_was_lost_with_it() {
    let mut bench = of_yesterday();
    // Its number of a tab says nothing today.
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    looked_at(&mut bench, None);
    let ended = (EndReason::BrowserCrashed, START);
    assert_eq!(bench.head(&session("one")).ended, Some(ended));
    bench.open(1, 7, None);
    assert_eq!(bench.prompts(1).len(), 1, "a fresh chat carries it on");
}

#[test]
fn a_chat_that_still_answers_after_a_new_start_was_not_lost() {
    let mut bench = of_yesterday();
    looked_at(&mut bench, Some(&TabState { answers: Some(true), ..dead() }));
    assert_eq!(bench.head(&session("one")).ended, None);
}

#[test]
fn a_crash_is_offered_to_the_fresh_chat_that_waits_already() {
    let mut bench = open();
    bench.open(2, 8, None);
    assert_eq!(bench.prompts(2), [""; 0]);
    broken(&mut bench, Some(&dead()));
    // The effects were taken while looking: the resume is in the store.
    let resumes = bench.resumes();
    assert_eq!(resumes.len(), 1);
    assert_eq!(resumes[0].document.as_deref(), Some("document 2"));
}
