//! The line of the last restore drill.

use super::{NOW, before, head};
use shim::base::Span;
use shim::view::drill::line;
use shim::view::popup::{Knows, page};
use shim::wire::drill::{Drilled, Failed, Failure};
use shim::wire::records::{SessionHead, Settings};
use shim::wire::ui::Status;
use std::collections::BTreeSet;
use std::sync::Arc;

fn drilled(failed: Option<Failed>) -> Drilled {
    let at = before(Span::hours(72));
    Drilled { at, session: "claude/a/1".into(), failed, took_ms: 120 }
}

fn heads() -> Vec<SessionHead> {
    vec![SessionHead { title: "The bridge".into(), ..head("claude/a/1", Span(0)) }]
}

#[test]
fn a_drill_that_went_well_is_one_line() {
    let (said, failed) = line(Some(&drilled(None)), &heads(), NOW);
    let wanted =
        "Restore drill: 3 days ago, prompt of “The bridge” made, everything opened, in 0 s.";
    assert_eq!((said.as_str(), failed), (wanted, false));
    assert!(line(Some(&drilled(None)), &[], NOW).0.contains("a chat that was deleted since"));
    assert!(line(None, &heads(), NOW).0.starts_with("No restore drill yet"));
}

#[test]
fn each_failure_has_its_words_and_stands_among_the_problems() {
    let mut said = BTreeSet::new();
    for what in [
        Failure::Damaged,
        Failure::Missing,
        Failure::Checkpoint,
        Failure::NoPrompt,
        Failure::NoRequest,
        Failure::TooLong,
    ] {
        for in_copy in [false, true] {
            let drill = Some(drilled(Some(Failed { what, in_copy })));
            let settings = Settings { drill, ..Settings::default() };
            let status = Some(Status { settings, ..Status::default() });
            let heads = Some(Arc::new(heads()));
            let page = page(&Knows { now: NOW, heads, status, ..Knows::default() });
            assert_eq!(page.problems, std::slice::from_ref(&page.store.drill));
            said.extend(page.problems);
        }
    }
    assert_eq!(said.len(), 12);
    assert!(said.iter().all(|line| line.contains("“The bridge” failed: ")), "{said:?}");
}
