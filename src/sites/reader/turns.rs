//! One turn element: what it shows now, without any memory.

use super::steps::{self, Step};
use super::table::{Table, address};
use crate::base::order::Set;
use crate::sites::{Quirks, Site, markdown};
use crate::wire::chat::{Attachment, Gap, Role};
use crate::wire::page::Element;

/// Attachments kept of one message.
const ATTACHMENTS: usize = 100;

/// What one turn element shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    /// The page's key of the element.
    pub(super) key: Option<String>,
    /// Its place in the conversation, from 0, where the page tells it.
    pub(super) index: Option<u32>,
    /// How many turns the page says there are.
    pub(super) total: Option<u32>,
    /// The renderer that made it.
    pub(super) generation: &'static str,
    /// What is special about that.
    pub(super) quirks: Quirks,
    /// The sides it holds, the prompt first.
    pub(super) sides: Vec<Side>,
    /// What should be here and is not.
    pub(super) gaps: Vec<Gap>,
}

/// One side of a turn element.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) role: Role,
    pub(super) markdown: String,
    pub(super) thinking: String,
    pub(super) attachments: Vec<Attachment>,
    pub(super) steps: Vec<Step>,
    pub(super) marks: Marks,
}

/// What the page's own marks say of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Marked as still coming.
    pub(super) streaming: bool,
    /// Marked as ended.
    pub(super) done: bool,
    /// A step of it is under way.
    pub(super) live: bool,
    /// Its mark as still coming may stay after it ended.
    pub(super) stale: bool,
}

impl Side {
    /// Whether there is nothing of it yet.
    pub(super) fn is_empty(&self) -> bool {
        self.markdown.is_empty() && self.steps.is_empty() && self.attachments.is_empty()
    }
}

/// Reads one turn element.
pub(super) fn parse(site: &'static Site, table: &Table, turn: &Element) -> Parsed {
    let generation = table.generation_of(super::TURN, turn).unwrap_or_default();
    let quirks = site.quirks(generation);
    let mut parsed = Parsed {
        key: table.value("key", turn),
        index: table
            .number("index", turn)
            .or_else(|| table.number("posinset", turn).and_then(|n| n.checked_sub(1))),
        total: table.number("total", turn),
        generation,
        quirks,
        ..Parsed::default()
    };
    let drop: Set<usize> = table.union("drop", turn).into_iter().map(address).collect();
    if let Some(user) = table.first("user", turn) {
        parsed.sides.push(prompt(table, turn, user, &drop, &mut parsed.gaps));
    }
    if let Some(answer) = table.first("assistant", turn) {
        // Where one element holds both sides, an answer's parts stand beside each other in it.
        let within = if quirks.exchange { turn } else { answer };
        let mut side = reply(site, table, turn, within, &drop, &mut parsed.gaps);
        side.marks.stale = quirks.stale_marks;
        parsed.sides.push(side);
    }
    if parsed.sides.is_empty() {
        parsed.gaps.push(gap("user", "a turn shows neither a prompt nor an answer"));
    }
    if parsed.key.is_none() && !quirks.keyless {
        parsed.gaps.push(gap("key", "a turn has no key"));
    }
    parsed
}

fn prompt(
    table: &Table,
    turn: &Element,
    user: &Element,
    drop: &Set<usize>,
    gaps: &mut Vec<Gap>,
) -> Side {
    let mut side = Side { role: Role::User, ..Side::default() };
    let texts = table.outer("user_text", user);
    side.markdown = join(texts.iter().map(|text| markdown::write(text, drop)));
    let files = table.all("attachment", turn);
    let names = files.into_iter().map(super::table::line).filter(|name| !name.is_empty());
    side.attachments = names.take(ATTACHMENTS).map(|name| Attachment { name }).collect();
    if texts.is_empty() && side.attachments.is_empty() {
        gaps.push(gap("user_text", "a prompt shows no text"));
    }
    side
}

fn reply(
    site: &'static Site,
    table: &Table,
    turn: &Element,
    within: &Element,
    drop: &Set<usize>,
    gaps: &mut Vec<Gap>,
) -> Side {
    let mut side = Side { role: Role::Assistant, ..Side::default() };
    let prose = table.outer("prose", within);
    side.markdown = join(prose.iter().map(|text| markdown::write(text, drop)));
    let thoughts = table.outer("thinking_text", within);
    side.thinking = join(thoughts.iter().map(|text| markdown::write(text, drop)));
    side.steps = steps::read(table, &site.words, within);
    side.marks = Marks {
        streaming: table.has("streaming", turn),
        done: table.has("done", turn),
        live: table.has("live", turn),
        stale: false,
    };
    if prose.is_empty() && side.steps.is_empty() && side.marks.done {
        gaps.push(gap("prose", "a finished answer shows no text"));
    }
    if within.attr(":cut").is_some() || turn.attr(":cut").is_some() {
        gaps.push(gap(super::TURN, "a turn is too large and was cut"));
    }
    side
}

fn join(blocks: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for block in blocks.filter(|block| !block.is_empty()) {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&block);
    }
    out
}

pub(super) fn gap(slot: &str, what: &str) -> Gap {
    Gap { slot: slot.to_owned(), what: what.to_owned() }
}
