//! The items of plans: their states, the labels above them, and how calls and sentences name them.

use super::cues::{Cues, is_one};
use super::json::Bit;
use super::lines::plain;

/// Items of one plan.
pub const PLAN_ITEMS: usize = 200;

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    Open,
    /// Under way.
    Doing,
    /// Over.
    Done,
}

/// What a label says of the list below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// Nothing.
    Nothing,
    /// Its items are done.
    Done,
    /// Its items are open.
    Open,
    /// Its items are a plan.
    Plan,
}

/// What a label says of the list under it.
pub fn below(label: &str) -> Below {
    static OPEN: Cues = Cues::new(
        "\
        next|remaining|to do|todo|left to do|still|outstanding|pending|not done|not yet|upcoming",
    );
    static DONE: Cues = Cues::new(
        "\
        done|completed|finished|what i did|changes made|what changed|accomplished|implemented|\
        so far",
    );
    static PLAN: Cues = Cues::new(
        "\
        plan|steps|roadmap|approach|milestones|tasks|checklist|i'll do|here s what i ll do",
    );
    match () {
        () if OPEN.inside(label) => Below::Open,
        () if DONE.inside(label) => Below::Done,
        () if PLAN.inside(label) => Below::Plan,
        () => Below::Nothing,
    }
}

/// The items of a list of steps in a call's arguments.
pub fn listed(bits: &[Bit]) -> Vec<(String, Status)> {
    static TEXTS: Cues = Cues::new("content|step|subject|title|text|task|description|name");
    let mut out = Vec::new();
    let mut text = String::new();
    let mut status = Status::Open;
    for bit in bits.iter().chain([&Bit::Edge]) {
        match bit {
            Bit::Edge => {
                if !text.is_empty() {
                    out.push((plain(&std::mem::take(&mut text)), status));
                }
                status = Status::Open;
            }
            Bit::Pair(key, value) if TEXTS.is(key) && text.is_empty() => {
                value.clone_into(&mut text);
            }
            Bit::Pair(key, value) if is_one(key.as_str(), "status|state|done|completed") => {
                status = status_of(value);
            }
            Bit::Pair(..) => {}
        }
    }
    out
}

/// The state that a tool's word names.
pub fn status_of(word: &str) -> Status {
    match word {
        "completed" | "complete" | "done" | "true" | "finished" => Status::Done,
        "in_progress" | "in-progress" | "doing" | "active" => Status::Doing,
        _ => Status::Open,
    }
}

/// The numbers that follow "step" or "steps": one, several, or a range.
pub fn numbers(words: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let Some((_, rest)) = words.split_once("step") else { return out };
    let mut range = false;
    for token in rest.trim_start_matches('s').split_whitespace().take(8) {
        for part in token.split_inclusive(['-', '–']) {
            let digits = part.trim_matches(|c: char| !c.is_ascii_digit());
            match digits.parse::<usize>() {
                Ok(n) if n <= PLAN_ITEMS => {
                    let from = out.last().map_or(n, |l: &usize| l + 1);
                    if range {
                        out.extend(from..=n)
                    } else {
                        out.push(n)
                    }
                    range = part.ends_with(['-', '–']);
                }
                _ if is_one(part, "to|through|-|–") => range = true,
                _ if is_one(part, "and|&|,") => range = false,
                _ => return out,
            }
        }
    }
    out
}
