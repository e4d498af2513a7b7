//! What the meter keeps of turns, calls and errors: numbers, never the text of a chat, but for
//! the one line of an error.

use super::tokens::{tokens, tokens_with_cuts};
use crate::base::order::sort_by;
use crate::base::text;
use crate::wire::chat::{CallState, ToolCall, Turn};
use serde::{Deserialize, Serialize};

/// Calls of one turn that are told apart. Real agent turns have up to about a hundred.
const CALLS_OF_A_TURN: usize = 1_000;
/// Ended calls that the failure rate looks at.
const OUTCOMES: usize = 50;
/// Error patterns kept, and told.
const PATTERNS: usize = 40;
const PATTERNS_TOLD: usize = 10;
/// Characters of a pattern, and of the text it is read from.
const PATTERN_CHARS: usize = 160;
const ERROR_CHARS: usize = 600;

/// The text holds something.
const SPOKE: u8 = 1;
/// Nothing more comes.
const ENDED: u8 = 2;
/// It ended early, if only once.
const INTERRUPTED: u8 = 4;
/// It begins with the summary of what was said before.
const SUMS_UP: u8 = 8;
/// How such a message begins, in agents that were seen.
const SUMMARIES: [&str; 1] = ["This session is being continued from a previous conversation"];

/// Words of banners that tell of a timeout, lower case, in the languages that sites were seen in.
const TIMEOUT_WORDS: [&str; 12] = [
    "timed out",
    "timeout",
    "time-out",
    "took too long",
    "taking too long",
    "zeitüberschreitung",
    "délai d'attente",
    "délai dépassé",
    "tiempo de espera",
    "tempo limite",
    "タイムアウト",
    "超时",
];

/// What is kept of one turn. A tuple, so that its JSON is short: it is stored with every save.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digest(
    /// Hash of the key.
    pub u64,
    /// Position.
    pub u32,
    /// Tokens of text, thinking and names of files.
    u64,
    /// Tokens of calls.
    pub u64,
    /// One letter a call: `r`unning, `d`one, `f`ailed.
    String,
    /// Flags.
    u8,
);

impl Digest {
    /// What a turn is now, whose text has so many tokens, given what it was. A page that folds its
    /// tool rows away shows fewer calls than before: they were made and their results read, so they
    /// stay counted.
    pub(super) fn of(turn: &Turn, text_tokens: u64, before: Option<&Self>) -> Self {
        let old = before.map(|digest| digest.4.as_str()).unwrap_or_default();
        let calls = turn.calls.iter().take(CALLS_OF_A_TURN);
        let mut letters: String = calls
            .clone()
            .zip(old.chars().map(Some).chain(std::iter::repeat(None)))
            .map(letter)
            .collect();
        let shown = letters.len();
        letters.extend(old.chars().skip(shown));
        let mut call_tokens = calls.map(tokens_of_call).sum();
        if shown < letters.len() {
            call_tokens = before.map_or(0, |digest| digest.3).max(call_tokens);
        }
        let names: u64 = turn.attachments.iter().map(|file| tokens(&file.name)).sum();
        let said = text_tokens + tokens(&turn.thinking) + names;
        let mut flags = before.map_or(0, |digest| digest.5 & (SPOKE | INTERRUPTED));
        flags |= if turn.markdown.trim().is_empty() { 0 } else { SPOKE };
        flags |= if turn.state.is_open() { 0 } else { ENDED };
        flags |= if turn.state.is_cut() { INTERRUPTED } else { 0 };
        let summary = SUMMARIES.iter().any(|start| turn.markdown.starts_with(start));
        flags |= if summary { SUMS_UP } else { 0 };
        Self(mark(turn), turn.position, said, call_tokens, letters, flags)
    }

    pub(super) fn tokens(&self) -> u64 {
        self.2.saturating_add(self.3)
    }

    pub(super) fn calls(&self) -> u32 {
        u32::try_from(self.4.len()).unwrap_or(u32::MAX)
    }

    /// The letter of a call, where it was seen.
    pub(super) fn call(&self, index: usize) -> Option<u8> {
        self.4.as_bytes().get(index).copied()
    }

    pub(super) fn spoke(&self) -> bool {
        self.5 & SPOKE != 0
    }

    pub(super) fn ended(&self) -> bool {
        self.5 & ENDED != 0
    }

    pub(super) fn sums_up(&self) -> bool {
        self.5 & SUMS_UP != 0
    }

    pub(super) fn interrupted(&self) -> bool {
        self.5 & INTERRUPTED != 0
    }

    /// Whether this says the same as `other`, wherever it stands.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.2, self.3, &self.4, self.5) == (other.2, other.3, &other.4, other.5)
    }
}

/// Whether a banner tells of a timeout.
pub(super) fn tells_of_timeout(banner: &str) -> bool {
    let lower = text::lower(banner);
    TIMEOUT_WORDS.iter().any(|words| lower.contains(words))
}

/// Half a hash: 4,000 of them meet by chance once in a million new turns.
pub(super) fn short(mark: u64) -> u32 {
    (mark ^ (mark >> 32)) as u32
}

/// How a turn is known again.
pub(super) fn mark(turn: &Turn) -> u64 {
    text::hash(turn.key.as_str())
}

/// A call that has ended runs no more, whatever a page shows while it draws itself anew.
fn letter((call, before): (&ToolCall, Option<char>)) -> char {
    match (call.state, before) {
        (CallState::Running | CallState::Asked, Some(before)) => before,
        (CallState::Running | CallState::Asked, None) => 'r',
        (CallState::Done, _) => 'd',
        // One that was refused has done nothing, but no tool failed.
        (CallState::Refused, _) => 'd',
        (CallState::Failed, _) => 'f',
    }
}

fn tokens_of_call(call: &ToolCall) -> u64 {
    tokens(&call.name)
        + [&call.args, &call.result, &call.error]
            .map(|text| tokens_with_cuts(text))
            .iter()
            .sum::<u64>()
}

/// One ended call: hash of its turn, index in it, whether it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome(u64, usize, bool);

/// The last ended calls, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Outcomes(Vec<Outcome>);

impl Outcomes {
    /// Takes a call in, or puts right what was taken in before.
    pub(super) fn ended(&mut self, turn: u64, index: usize, failed: bool, is_new: bool) {
        if let Some(outcome) = self.0.iter_mut().find(|one| (one.0, one.1) == (turn, index)) {
            outcome.2 = failed;
        } else if is_new {
            self.0.push(Outcome(turn, index, failed));
            if self.0.len() > OUTCOMES {
                self.0.remove(0);
            }
        }
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Share of failures, 0-1; 0 where nothing ended.
    pub(super) fn failure_rate(&self) -> f64 {
        let failed = self.0.iter().filter(|outcome| outcome.2).count();
        if self.0.is_empty() { 0.0 } else { failed as f64 / self.0.len() as f64 }
    }

    /// Failures since the last success.
    pub(super) fn failures_in_a_row(&self) -> u32 {
        let row = self.0.iter().rev().take_while(|outcome| outcome.2).count();
        u32::try_from(row).unwrap_or(u32::MAX)
    }
}

/// Errors by pattern, with how often each was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Errors(Vec<(String, u32)>);

impl Errors {
    /// A failed call: by its error, else its result, else its name.
    pub(super) fn call(&mut self, call: &ToolCall) {
        let texts = [&call.error, &call.result, &call.name];
        match texts.into_iter().find(|text| !text.trim().is_empty()) {
            Some(text) => self.note(text),
            None => self.note("tool call failed"),
        }
    }

    /// One error. When the table is full, the rarest and oldest pattern makes room.
    pub(super) fn note(&mut self, error: &str) {
        let pattern = pattern(error);
        if let Some(known) = self.0.iter_mut().find(|known| known.0 == pattern) {
            known.1 = known.1.saturating_add(1);
            return;
        }
        if self.0.len() >= PATTERNS {
            let rarest = self.0.iter().enumerate().min_by_key(|(_, known)| known.1);
            if let Some(at) = rarest.map(|(at, _)| at) {
                self.0.remove(at);
            }
        }
        self.0.push((pattern, 1));
    }

    /// How often the most frequent one was seen.
    pub(super) fn most(&self) -> u32 {
        self.0.iter().map(|known| known.1).max().unwrap_or(0)
    }

    /// Patterns seen twice or more, most frequent first.
    pub(super) fn repeated(&self) -> Vec<String> {
        let mut repeated: Vec<&(String, u32)> =
            self.0.iter().filter(|(_, count)| *count > 1).collect();
        sort_by(&mut repeated, |a, b| b.1.cmp(&a.1));
        repeated.into_iter().take(PATTERNS_TOLD).map(|(text, _)| text.clone()).collect()
    }
}

/// An error without what differs each time: its first line, ids as `…`, numbers as `#`. A number
/// of three digits stays: it is mostly a status, and says what happened.
fn pattern(error: &str) -> String {
    let line = text::head(error.trim_start(), ERROR_CHARS).lines().next().unwrap_or_default();
    let words: Vec<String> = line.split_whitespace().map(plain_word).collect();
    text::clip(&words.join(" "), PATTERN_CHARS)
}

fn plain_word(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let whole = is_id(rest);
        let is_part = |c: char| c.is_ascii_alphanumeric() || (c == '-' && whole);
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        rest = after;
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if whole && part.bytes().any(|b| b.is_ascii_digit()) {
            out.push('…');
        } else if digits == 0 || (digits == 3 && part.len() == 3) {
            out.push_str(part);
        } else {
            out.push('#');
            out.push_str(part.get(digits..).unwrap_or_default());
        }
    }
    out
}

/// Whether a text begins with eight or more hexadecimal digits that stand alone, with or without
/// dashes: a hash, an id, an address.
fn is_id(text: &str) -> bool {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let id = text.bytes().take_while(|b| b.is_ascii_hexdigit() || *b == b'-');
    let next = text.as_bytes().get(id.clone().count());
    id.filter(u8::is_ascii_hexdigit).count() >= 8 && !next.is_some_and(u8::is_ascii_alphanumeric)
}
