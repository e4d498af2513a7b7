//! The chat as lines: prose apart from code, list items apart from sentences.

use super::cues::{Cues, lower};
use crate::base::text::{clip, one_line};
use crate::session::prompt::Record;
use crate::wire::chat::{Role, ToolCall, Turn};
use std::collections::HashMap;
use std::ops::Range;

/// Characters kept of one sentence or step. Longer ones are prose, not items.
pub const ITEM_CHARS: usize = 300;

/// One line of one turn.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The text, without its end.
    pub text: &'a str,
    /// Whether it stands inside a fence; the fence's own lines are left out.
    pub code: bool,
}

/// One fenced block.
#[derive(Clone, Debug)]
pub struct Fence<'a> {
    /// What follows the opening marks, trimmed.
    pub info: &'a str,
    /// The last line of prose before it.
    pub before: &'a str,
    /// Its lines, as indexes into the turn's lines.
    pub lines: Range<usize>,
}

/// One turn, read.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// The turn.
    pub turn: &'a Turn,
    /// Its lines.
    pub lines: Vec<Line<'a>>,
    /// Its fences.
    pub fences: Vec<Fence<'a>>,
    /// Its sentences of prose, in order.
    pub sentences: Vec<Sentence>,
    /// The record of an older chat that stands in it; its lines are only what stands around that.
    pub record: Option<Record<'a>>,
}

/// One sentence of prose, without list and emphasis marks.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The line it stands in, as an index into the turn's lines.
    pub line: usize,
    /// The text, clipped.
    pub text: String,
    /// The text for cues.
    pub words: String,
}

impl<'a> Said<'a> {
    /// Lines of prose.
    pub fn prose(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.lines.iter().filter(|l| !l.code).map(|l| l.text)
    }

    /// The lines of one fence.
    pub fn fence_lines(&self, fence: &Fence<'a>) -> impl Iterator<Item = &'a str> + '_ {
        self.lines.get(fence.lines.clone()).unwrap_or_default().iter().map(|l| l.text)
    }

    /// Whether the person speaks.
    pub fn by_user(&self) -> bool {
        self.turn.role == Role::User
    }
}

/// The whole chat, read once.
#[derive(Clone, Debug)]
pub struct Chat<'a> {
    /// The turns in order.
    pub said: Vec<Said<'a>>,
}

impl<'a> Chat<'a> {
    /// Reads the lines of every turn.
    pub fn read(turns: &'a [Turn]) -> Self {
        Self { said: turns.iter().map(read_turn).collect() }
    }

    /// Every tool call in order, with the number of its turn.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = (usize, &'a ToolCall)> + '_ {
        self.said.iter().enumerate().flat_map(|(i, s)| s.turn.calls.iter().map(move |c| (i, c)))
    }

    /// Turns of the person, in order.
    pub fn of_user(&self) -> impl DoubleEndedIterator<Item = &Said<'a>> {
        self.said.iter().filter(|s| s.by_user())
    }

    /// Turns of the model, in order.
    pub fn of_model(&self) -> impl DoubleEndedIterator<Item = &Said<'a>> {
        self.said.iter().filter(|s| !s.by_user())
    }
}

pub fn read_turn(turn: &Turn) -> Said<'_> {
    let record = Some(turn).filter(|t| t.role == Role::User);
    let record = record.and_then(|t| Record::find(&t.markdown));
    let around = record.as_ref().map(|r| r.around.clone());
    let (lines, fences, sentences) = (Vec::new(), Vec::new(), Vec::new());
    let mut said = Said { turn, lines, fences, sentences, record };
    let mut open: Option<(char, usize)> = None;
    let mut before = "";
    for text in around.unwrap_or_else(|| turn.markdown.lines().collect()) {
        let trimmed = text.trim();
        let run = fence_run(trimmed);
        match (open, run) {
            (None, Some((c, n))) if !trimmed.get(n..).unwrap_or_default().contains(c) => {
                open = Some((c, n));
                let at = said.lines.len();
                let info = trimmed.get(n..).unwrap_or_default().trim();
                said.fences.push(Fence { info, before, lines: at..at });
            }
            (Some((c, n)), Some((d, m))) if c == d && m >= n && trimmed.len() == m => open = None,
            (Some(_), _) => {
                said.lines.push(Line { text: text.trim_end(), code: true });
                if let Some(fence) = said.fences.last_mut() {
                    fence.lines.end = said.lines.len();
                }
            }
            (None, _) => {
                said.lines.push(Line { text: text.trim_end(), code: false });
                if !trimmed.is_empty() {
                    before = trimmed;
                }
            }
        }
    }
    said.sentences = read_sentences(&said.lines);
    said
}

fn read_sentences(lines: &[Line<'_>]) -> Vec<Sentence> {
    let mut out = Vec::new();
    for (line, prose) in lines.iter().enumerate().filter(|(_, l)| !l.code) {
        let (_, rest) = mark(prose.text);
        for text in sentences(rest).into_iter().map(plain).filter(|s| !s.is_empty()) {
            out.push(Sentence { line, words: lower(&text), text });
        }
    }
    out
}

/// The marks that open or close a fence: which character, how many bytes of it.
fn fence_run(trimmed: &str) -> Option<(char, usize)> {
    let c = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let n = trimmed.len() - trimmed.trim_start_matches(c).len();
    (n >= 3).then_some((c, n))
}

/// How a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// With a word.
    None,
    /// As a heading.
    Heading,
    /// As an item.
    Bullet,
    /// As a numbered item.
    Number(usize),
    /// As an item to tick; true: ticked.
    Check(bool),
    /// As an item whose box says that it was given up.
    Dropped,
}

static BULLETS: Cues = Cues::new("- |* |+ |• |– ");

/// The mark of a line and what follows it. Quote marks are passed over.
pub fn mark(line: &str) -> (Mark, &str) {
    let text = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>').trim_end();
    if text.starts_with('#') {
        let rest = text.trim_start_matches('#');
        if rest.starts_with(' ') {
            return (Mark::Heading, rest.trim());
        }
    }
    if let Some(found) = tick(text) {
        return found;
    }
    let bullet = BULLETS.after(text);
    if let Some(rest) = bullet {
        return tick(rest.trim_start()).unwrap_or((Mark::Bullet, rest.trim_start()));
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=3).contains(&digits) {
        let (number, rest) = text.split_at(digits);
        if let Some(rest) = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")) {
            let rest = rest.trim_start();
            return tick(rest).unwrap_or((Mark::Number(number.parse().unwrap_or(0)), rest));
        }
    }
    (Mark::None, text)
}

/// A box at the start of an item: Markdown's, or one of the signs that models like to draw.
fn tick(text: &str) -> Option<(Mark, &str)> {
    static DONE: Cues = Cues::new("[x] |[X] |✅|☑|✔|✓");
    static OPEN: Cues = Cues::new("[ ] |[] |[~] |[/] |⬜|☐|⏳|🔲");
    if let Some(rest) = text.strip_prefix("[-] ") {
        return Some((Mark::Dropped, rest.trim_start()));
    }
    let done = DONE.after(text).map(|rest| (true, rest));
    let (done, rest) = done.or_else(|| OPEN.after(text).map(|rest| (false, rest)))?;
    let rest = rest.trim_start_matches(['\u{fe0f}', ' ']);
    (!rest.is_empty()).then_some((Mark::Check(done), rest))
}

/// Columns before the first character of a line.
pub fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// The sentences of one line. A full stop ends one only before white space and a new start, so
/// that `a.rs` and "e.g. this" stay whole.
pub fn sentences(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices() {
        let end = at + c.len_utf8();
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' | '…' => {
                let rest = line.get(end..).unwrap_or_default();
                let next = rest.trim_start().chars().next();
                rest.starts_with(char::is_whitespace)
                    && !next.is_some_and(char::is_lowercase)
                    && !short(line.get(start..at).unwrap_or_default())
            }
            _ => false,
        };
        if ends {
            out.push(line.get(start..end).unwrap_or_default().trim());
            start = end;
        }
    }
    out.push(line.get(start..).unwrap_or_default().trim());
    out.retain(|s| !s.is_empty());
    out
}

/// Whether the text before a full stop ends in an abbreviation.
fn short(text: &str) -> bool {
    let word = text.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    matches!(word, "e.g" | "i.e" | "vs" | "cf" | "approx" | "Mr" | "Mrs" | "Dr" | "No")
}

/// A sentence without emphasis, in one line, clipped.
pub fn plain(text: &str) -> String {
    let mut text = text.trim();
    for m in ["**", "__", "~~"] {
        text = text.strip_prefix(m).unwrap_or(text);
    }
    let text = one_line(&text.replace("**", ""));
    let text = text.trim_end_matches("~~").trim_end_matches("__");
    clip(text, ITEM_CHARS)
}

/// What two items have in common when they say the same: their words, nothing else.
pub fn key(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
        if out.len() > 400 {
            break;
        }
    }
    out
}

/// `text` in at most `chars` characters with its middle left out: the start says what it is, the
/// end how it came out.
pub fn squeeze(text: &str, chars: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let end = crate::base::text::tail(text, chars * 2 / 5);
    let start = crate::base::text::head(text, chars.saturating_sub(chars * 2 / 5 + 3));
    format!("{} … {}", start.trim_end(), end.trim_start())
}

/// Items by key where the last of each key counts, in the order in which they were last said.
#[derive(Debug)]
pub struct Latest<T> {
    at: HashMap<String, usize>,
    items: Vec<Option<T>>,
}

impl<T> Latest<T> {
    /// None yet.
    pub fn new() -> Self {
        Self { at: HashMap::new(), items: Vec::new() }
    }

    /// Adds an item; an earlier one of the same key goes.
    pub fn push(&mut self, key: String, item: T) {
        if let Some(old) = self.at.insert(key, self.items.len())
            && let Some(slot) = self.items.get_mut(old)
        {
            *slot = None;
        }
        self.items.push(Some(item));
    }

    /// Takes out what `drop` says.
    pub fn remove_if(&mut self, mut drop: impl FnMut(&T) -> bool) {
        for slot in &mut self.items {
            if slot.as_ref().is_some_and(&mut drop) {
                *slot = None;
            }
        }
    }

    /// The last `count`, oldest first.
    pub fn last(self, count: usize) -> Vec<T> {
        let mut out: Vec<T> = self.items.into_iter().rev().flatten().take(count).collect();
        out.reverse();
        out
    }
}
