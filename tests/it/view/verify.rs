//! What is said of a check of the store.

use super::head;
use shim::base::Span;
use shim::view::verify::{checking, outcome};
use shim::wire::records::SessionHead;
use shim::wire::verify::{Checked, Fault, Flaw, Source};
use std::collections::BTreeSet;

const FLAWS: [Flaw; 9] = [
    Flaw::Damaged,
    Flaw::Newer,
    Flaw::Aside,
    Flaw::Head,
    Flaw::Numbers,
    Flaw::Lost,
    Flaw::Loose,
    Flaw::Copy,
    Flaw::Settings,
];

fn fault(flaw: Flaw, count: u32, back: u32, from: Source) -> Fault {
    Fault { session: "claude/a/1".into(), flaw, count, back, from }
}

fn found(faults: Vec<Fault>, mended: Vec<Fault>) -> Checked {
    let (records, bytes, all_chats) = (1_234, 3 << 20, 5);
    Checked { done: true, records, bytes, chats: 5, all_chats, faults, mended, again: false }
}

fn heads() -> Vec<SessionHead> {
    vec![SessionHead { title: "The bridge".into(), ..head("claude/a/1", Span(0)) }]
}

#[test]
fn a_sound_store_is_told_with_what_was_looked_at() {
    let told = outcome(&found(vec![], vec![]), &heads(), false);
    let text = "1,234 records of 5 chats (3.0 MB) looked at. Everything opens and fits together.";
    assert_eq!((told.notice.text.as_str(), told.notice.warning), (text, false));
    assert!(told.lines.is_empty() && !told.can_repair);
    let mut on = Checked { records: 50, ..Checked::default() };
    assert_eq!(checking(&on, false), "Checking: 50 records so far.");
    (on.chats, on.all_chats) = (1, 5);
    assert_eq!(checking(&on, true), "Repairing: 1 of 5 chats.");
}

#[test]
fn every_fault_is_told_of_its_chat_with_what_can_be_done() {
    let lines = |one: Fault| outcome(&found(vec![one], vec![]), &heads(), false).lines;
    let all: BTreeSet<String> =
        FLAWS.into_iter().flat_map(|flaw| lines(fault(flaw, 1, 1, Source::Chat))).collect();
    assert_eq!(all.len(), FLAWS.len());
    assert!(all.iter().all(|line| line.starts_with("“The bridge” (Claude): ")), "{all:?}");
    let some = lines(fault(Flaw::Damaged, 3, 2, Source::Copy)).concat();
    assert!(some.ends_with("2 of them can be put back from the second copy."), "{some}");
    let lost = lines(fault(Flaw::Lost, 2, 0, Source::Nowhere)).concat();
    assert!(lost.contains("2 turns are missing. Nothing here can bring that back"), "{lost}");
    let unknown = Fault { session: "chatgpt/b/9".into(), ..fault(Flaw::Head, 1, 1, Source::Copy) };
    assert!(lines(unknown).concat().starts_with("A chat of ChatGPT: "));
    let nobody = Fault { session: "".into(), ..fault(Flaw::Settings, 1, 0, Source::Nowhere) };
    assert!(lines(nobody).concat().starts_with("Your settings"));
}

#[test]
fn a_repair_is_offered_where_something_can_be_put_back_and_says_what_it_did() {
    let can = |faults| outcome(&found(faults, vec![]), &heads(), false).can_repair;
    assert!(can(vec![fault(Flaw::Damaged, 3, 2, Source::Copy)]));
    assert!(!can(vec![fault(Flaw::Damaged, 3, 0, Source::Nowhere)]));
    assert!(!can(vec![fault(Flaw::Damaged, 3, 3, Source::Beside)]));
    let put = fault(Flaw::Lost, 2, 2, Source::Copy);
    let done = outcome(&found(vec![], vec![put.clone()]), &heads(), true);
    assert!(!done.notice.warning && done.notice.text.ends_with("Put right: 1 fault."));
    let line = done.lines.concat();
    assert!(line.starts_with("Put right. “The bridge”") && line.contains("second copy"), "{line}");
    let gone = fault(Flaw::Lost, 1, 0, Source::Nowhere);
    let part = outcome(&found(vec![gone.clone()], vec![put]), &heads(), true).notice;
    assert!(part.warning && part.text.ends_with("1 other cannot be; nothing was deleted."));
    let none = outcome(&found(vec![gone], vec![]), &heads(), true).notice;
    assert!(none.text.ends_with("1 fault cannot be put right; nothing was deleted."));
}
