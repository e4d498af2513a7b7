//! Records set aside, sessions deleted, and stores read page by page.

use super::{Case, Step, all, case, change, copy, of, record, strict};
use shim::base::SessionId;
use shim::wire::records::{Aside, Change, Query, RecordKey, StoreName, Stored};

/// All of them.
pub fn cases() -> Vec<Case> {
    vec![set_aside(), set_aside_once(), aside_with_what_fails(), erased(), pages()]
}

fn moves(from: &Stored, to: &str) -> Vec<Aside> {
    vec![Aside { at: from.at.clone(), to: to.into() }]
}

fn moved(old: &Stored, to: &str) -> Stored {
    Stored { at: RecordKey { store: old.at.store, key: to.into() }, ..old.clone() }
}

/// A record of this key, and another one that takes its place.
fn pair() -> [Stored; 2] {
    let old = record(StoreName::Turns, "k", "s");
    let mut new = old.clone();
    (new.head, new.check, new.parts) = ("new".into(), 8, Vec::new());
    [old, new]
}

fn set_aside() -> Case {
    let [old, new] = pair();
    let with_put = Change { asides: moves(&old, "aside/1/k"), ..change(&[&new], &[]) };
    let nothing_there = Change { asides: moves(&old, "aside/2/k"), ..Change::default() };
    case(
        "what is set aside stays as it is under another key",
        vec![
            strict(&[&old]),
            Step::Write { change: with_put, strict: true },
            all(&[&moved(&old, "aside/1/k"), &new]),
            of("s", &[StoreName::Turns], &[&moved(&old, "aside/1/k"), &new]),
            Step::Write { change: change(&[], &[&new]), strict: true },
            Step::Write { change: nothing_there, strict: true },
            all(&[&moved(&old, "aside/1/k")]),
        ],
    )
}

/// A batch that is told again must not set the good record aside as well.
fn set_aside_once() -> Case {
    let [old, new] = pair();
    let again = || Step::Write {
        change: Change { asides: moves(&old, "aside/1/k"), ..change(&[&new], &[]) },
        strict: true,
    };
    let kept = moved(&old, "aside/1/k");
    case("it is set aside once", vec![strict(&[&old]), again(), again(), all(&[&kept, &new])])
}

fn aside_with_what_fails() -> Case {
    let [old, new] = pair();
    let checkpoint = record(StoreName::Checkpoints, "c", "s");
    let refused = Change { asides: moves(&old, "aside/1/k"), ..change(&[&new, &checkpoint], &[]) };
    Case {
        name: "of a batch that fails nothing is set aside",
        broken: Some(StoreName::Checkpoints),
        steps: vec![strict(&[&old]), Step::Refused { change: refused }, all(&[&old])],
    }
}

fn erased() -> Case {
    let mine = StoreName::ALL.map(|store| record(store, "a", "mine"));
    let others = StoreName::ALL.map(|store| record(store, "b", "mine2"));
    let mut kept = others[0].clone();
    kept.head = "kept".into();
    let puts: Vec<&Stored> = mine.iter().chain(&others).collect();
    let erase = Change { erased: Some(SessionId("mine".into())), ..change(&[&kept], &[]) };
    let [_, rest @ ..] = &others;
    let left: Vec<&Stored> = [&kept].into_iter().chain(rest).collect();
    case(
        "a deleted session leaves nothing, and takes nothing along",
        vec![
            strict(&puts),
            Step::Write { change: erase, strict: true },
            of("mine", &StoreName::ALL, &[]),
            of("mine2", &StoreName::ALL, &left),
        ],
    )
}

fn pages() -> Case {
    // The last two differ in order between UTF-8 and UTF-16.
    let keys = ["", "10", "2", "a", "a/1", "\u{10000}", "\u{ff5e}"];
    let sorted = keys.map(|key| record(StoreName::Turns, key, "s"));
    let sorted: Vec<&Stored> = sorted.iter().collect();
    let page = |after: Option<&str>, found: &[&Stored]| Step::Read {
        query: Query::Page { store: StoreName::Turns, after: after.map(Into::into), count: 3 },
        found: copy(found),
    };
    case(
        "a store is read page by page",
        vec![
            strict(&sorted),
            page(None, &sorted[..3]),
            page(Some("2"), &sorted[3..6]),
            page(Some("\u{10000}"), &sorted[6..]),
            page(Some("\u{ff5e}"), &[]),
        ],
    )
}
