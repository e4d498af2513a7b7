//! One turn element: what it shows now, without any memory.

use super::banners::{Clock, Known, Rules};
use super::steps::{self, Step};
use super::table::{Asked, Table, address, line};
use crate::base::order::Set;
use crate::base::text;
use crate::sites::{Quirks, Site, markdown};
use crate::wire::chat::{Artifact, Attachment, Gap, Role};
use crate::wire::page::Element;

/// Attachments, and artifacts, kept of one message.
const FILES: usize = 100;
/// Characters kept of a file's name.
const NAME_CHARS: usize = 300;

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
    /// The site's own messages inside it.
    pub(super) errors: Vec<Known>,
    /// The model that it names.
    pub(super) model: Option<String>,
    /// Which of several versions of it is shown.
    pub(super) branch: Option<String>,
}

impl Parsed {
    /// Whether this may go on with the answer that began in the element above it.
    pub(super) fn goes_on(&self) -> bool {
        let answers = self.sides.iter().all(|side| side.role == Role::Assistant);
        self.quirks.stepwise && answers
    }
}

/// One side of a turn element.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) role: Role,
    pub(super) markdown: String,
    pub(super) thinking: String,
    pub(super) attachments: Vec<Attachment>,
    pub(super) artifacts: Vec<Artifact>,
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
    /// The site says in it that it failed.
    pub(super) failed: bool,
}

impl Side {
    /// Whether there is nothing of it yet.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.is_frame()
    }

    /// Whether it is only a frame so far, be it that of a step.
    pub(super) fn is_frame(&self) -> bool {
        self.markdown.is_empty()
            && self.steps.iter().all(Step::is_frame)
            && self.attachments.is_empty()
            && self.artifacts.is_empty()
            && !self.marks.failed
    }

    /// Adds what the next element of the same answer shows.
    pub(super) fn join(&mut self, next: Self) {
        for (into, more) in
            [(&mut self.markdown, next.markdown), (&mut self.thinking, next.thinking)]
        {
            if !into.is_empty() && !more.is_empty() {
                into.push_str("\n\n");
            }
            into.push_str(&more);
        }
        self.attachments.extend(next.attachments);
        self.artifacts.extend(next.artifacts);
        self.steps.extend(next.steps);
        self.marks = Marks { failed: self.marks.failed || next.marks.failed, ..next.marks };
    }
}

/// Reads one turn element.
pub(super) fn parse(
    site: &'static Site,
    (table, rules): (&Table, &Rules),
    turn: &Element,
    clock: Clock,
) -> Parsed {
    // A selector may look at what stands around a turn: then the element alone tells nothing.
    let newest = || site.generations.first().map(|newest| newest.name);
    let generation = table.generation_of(super::TURN, turn).or_else(newest).unwrap_or_default();
    let quirks = site.quirks(generation);
    let table = &table.at(turn);
    let mut parsed = Parsed {
        key: table.value("key", turn),
        index: table
            .number("index", turn)
            .or_else(|| table.number("posinset", turn).and_then(|n| n.checked_sub(1))),
        total: table.number("total", turn),
        generation,
        quirks,
        model: table.value("turn_model", turn),
        branch: table.value("branch", turn),
        ..Parsed::default()
    };
    let errors = table.outer("error", turn);
    parsed.errors.extend(errors.into_iter().filter_map(|error| rules.one(error, clock)));
    // On any page the sign of an error may stand at a call.
    let calls = || steps::read(table, &site.words, turn).iter().any(Step::is_call);
    if table.has("error_turn", turn) && !(site.words.any_page && calls()) {
        // Not said by the model: the whole element is the site's own message.
        parsed.errors.extend(table.first("prose", turn).and_then(|said| rules.one(said, clock)));
        parsed.errors.iter_mut().for_each(|known| known.ends_turn = true);
        return parsed;
    }
    let drop: Set<usize> = table.union("drop", turn).into_iter().map(address).collect();
    let answers = table.has("assistant", turn);
    // An element that is no exchange has one side; some sites mark answers alone.
    if let Some(user) = table.first("user", turn).filter(|_| quirks.exchange || !answers) {
        parsed.sides.push(prompt(table, turn, user, &drop, &mut parsed.gaps));
    }
    if answers {
        let mut side = reply(site, table, turn, &drop, &mut parsed.gaps);
        side.marks.stale = quirks.stale_marks;
        side.marks.failed = parsed.errors.iter().any(|known| known.ends_turn);
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
    table: &Asked,
    turn: &Element,
    user: &Element,
    drop: &Set<usize>,
    gaps: &mut Vec<Gap>,
) -> Side {
    let mut side = Side { role: Role::User, ..Side::default() };
    let within = if table.has("user_text", user) { user } else { turn };
    let texts = table.outer("user_text", within);
    side.markdown = join(texts.iter().map(|text| markdown::write(text, drop)));
    side.attachments = attachments(table, turn);
    if texts.is_empty() && side.attachments.is_empty() {
        gaps.push(gap("user_text", "a prompt shows no text"));
    }
    side
}

fn reply(
    site: &'static Site,
    table: &Asked,
    turn: &Element,
    drop: &Set<usize>,
    gaps: &mut Vec<Gap>,
) -> Side {
    let mut side = Side { role: Role::Assistant, ..Side::default() };
    let prose = table.outer("prose", turn);
    let thoughts = table.outer("thinking_text", turn);
    side.thinking = join(thoughts.iter().map(|text| markdown::write(text, drop)));
    side.steps = steps::read(table, &site.words, turn);
    side.markdown = if site.words.any_page {
        let frames = table.outer("step", turn);
        let thought = frames.iter().zip(&side.steps).filter(|(_, step)| step.thinking);
        side.thinking = join(thought.map(|(frame, _)| markdown::write(frame, drop)));
        let dropped = table.union("drop", turn).into_iter().chain(frames.iter().copied());
        let dropped: Set<usize> = dropped.map(address).collect();
        let inside = frames.iter().flat_map(|frame| table.all("prose", frame));
        let inside: Set<usize> = inside.map(address).collect();
        let said = prose.iter().filter(|text| !inside.contains(&address(text)));
        join(said.map(|text| markdown::write(text, &dropped)))
    } else {
        join(prose.iter().map(|text| markdown::write(text, drop)))
    };
    side.artifacts = artifacts(table, turn);
    side.marks = Marks {
        streaming: table.has("streaming", turn),
        done: table.has("done", turn),
        live: table.has("live", turn),
        stale: false,
        failed: false,
    };
    if prose.is_empty() && side.steps.is_empty() && side.marks.done {
        gaps.push(gap("prose", "a finished answer shows no text"));
    }
    if table.has("partial", turn) {
        gaps.push(gap("prose", "a long block of code is drawn in part"));
    }
    if turn.attr(":cut").is_some() {
        gaps.push(gap(super::TURN, "a turn is too large and was cut"));
    }
    side
}

fn attachments(table: &Asked, turn: &Element) -> Vec<Attachment> {
    let files = table.outer("attachment", turn).into_iter().map(|file| {
        let part = |slot| table.value(slot, file).unwrap_or_default();
        // A name that was cut for the eye stands whole in the title.
        let named = Some(part("attachment_name")).filter(|name| !name.is_empty());
        Attachment {
            name: text::clip(&named.unwrap_or_else(|| line(file)), NAME_CHARS),
            kind: text::clip(&part("attachment_kind"), NAME_CHARS),
            size: text::clip(&part("attachment_size"), NAME_CHARS),
        }
    });
    files.filter(|file| !file.name.is_empty()).take(FILES).collect()
}

fn artifacts(table: &Asked, answer: &Element) -> Vec<Artifact> {
    let mut made: Vec<Artifact> = Vec::new();
    for card in table.outer("artifact", answer) {
        let part = |slot| text::clip(&table.value(slot, card).unwrap_or_default(), NAME_CHARS);
        let title = Some(part("artifact_title")).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| text::clip(&line(card), NAME_CHARS));
        let version = Some(part("artifact_version")).filter(|version| !version.is_empty());
        let room = made.len() < FILES && !title.is_empty();
        match made.iter_mut().find(|one| one.title == title) {
            Some(one) => one.versions.extend(version),
            None if room => made.push(Artifact {
                kind: part("artifact_kind"),
                versions: version.into_iter().collect(),
                title,
            }),
            None => {}
        }
    }
    made
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
