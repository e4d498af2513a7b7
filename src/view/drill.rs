//! The last restore drill in words.

use super::amount::{ago, length};
use super::texts;
use crate::base::{Moment, Span, text};
use crate::wire::drill::{Drilled, Failed, Failure};
use crate::wire::records::SessionHead;

/// Characters of a chat's title.
const TITLE_CHARS: usize = 40;

/// Has one done now.
pub const TRY_NOW: &str = "Try a restore now";

/// The last drill in one line, and whether it failed.
#[must_use]
pub fn line(last: Option<&Drilled>, heads: &[SessionHead], now: Moment) -> (String, bool) {
    let Some(last) = last else {
        let none = "No restore drill yet: about once a week SHIM tries by itself whether a chat \
                    could be carried on.";
        return (none.to_owned(), false);
    };
    let head = heads.iter().find(|head| head.id == last.session);
    let whose = head.map_or_else(
        || "a chat that was deleted since".to_owned(),
        |head| format!("“{}”", text::clip(&texts::title(&head.title), TITLE_CHARS)),
    );
    let when = ago(last.at, now);
    let took = length(Span(last.took_ms));
    match last.failed {
        None => {
            let done = format!("prompt of {whose} made, everything opened, in {took}.");
            (format!("Restore drill: {when}, {done}"), false)
        }
        Some(failed) => {
            let why = why(failed);
            (format!("Restore drill: {when}, {whose} failed: {why} Mending was begun."), true)
        }
    }
}

fn why(failed: Failed) -> String {
    let place = if failed.in_copy { "its second copy" } else { "the store" };
    match failed.what {
        Failure::Damaged => format!("in {place} not everything opens."),
        Failure::Missing => format!("in {place} turns are missing."),
        Failure::Checkpoint => format!("in {place} the newest checkpoint does not open."),
        Failure::NoPrompt => format!("of {place} no prompt can be made."),
        Failure::NoRequest => format!("the prompt of {place} lacks what you asked for last."),
        Failure::TooLong => format!("the prompt of {place} is too long."),
    }
}
