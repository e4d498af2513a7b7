//! The toolbar tells of the tab it stands over.

use super::*;
use shim::view::badge;

fn shown(bench: &Bench, tab: Option<TabId>) -> &str {
    let of_tab = bench.badges.iter().rev().find(|(of, _)| *of == tab);
    of_tab.map_or("-", |(_, badge)| badge.text.as_str())
}

fn open() -> (Bench, SessionHead) {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.connect(CLAUDE);
    let chat = Some(head.chat.clone());
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    (bench, head)
}

#[test]
fn a_tab_shows_its_own_chat_and_nothing_of_the_one_before() {
    let (mut bench, _) = open();
    assert_eq!(shown(&bench, Some(TAB)), "ok");
    bench.say(ToBackground::Hello(Hello { document: "2".into(), ..fresh_hello("claude", "a") }));
    assert_eq!(shown(&bench, Some(TAB)), "", "a fresh chat is not yet saved");
}

#[test]
fn a_tab_that_crashed_says_so() {
    let (mut bench, _) = open();
    bench.step(BackEvent::Disconnected { port: PORT });
    let state = TabState { status: "unloaded".into(), ..TabState::default() };
    bench.step(BackEvent::TabSeen { tab: TAB, state: Some(state) });
    assert_eq!(shown(&bench, Some(TAB)), "end");
}

#[test]
fn while_nothing_is_saved_every_tab_says_so() {
    let (mut bench, _head) = open();
    let paused = Settings { paused: true, ..Settings::default() };
    bench.ask(&Ask::Change(paused));
    assert_eq!((shown(&bench, None), shown(&bench, Some(TAB))), ("off", "off"));
    bench.ask(&Ask::Change(Settings::default()));
    assert_eq!((shown(&bench, None), shown(&bench, Some(TAB))), ("", "ok"));
}

#[test]
fn while_the_store_is_closed_every_tab_says_so() {
    let (bench, head) = open();
    let mut bench = Bench::before(bench.store, bench.now);
    bench.connect(CLAUDE);
    bench.step(BackEvent::StoreClosed { problem: "It is not SHIM's.".into() });
    assert_eq!((shown(&bench, None), shown(&bench, Some(TAB))), ("no", "no"));
    assert_eq!(bench.status().problems, ["It is not SHIM's."]);
    bench.full = true;
    let turn = Turn { key: "t2".into(), ..Turn::default() };
    bench.say(ToBackground::Turns { session: head.id, number: 1, turns: vec![turn] });
    assert_eq!(bench.status().problems.len(), 1, "what follows from it is not told as well");
    assert_eq!(bench.badges.last().unwrap().1, badge::unsaved());
}
