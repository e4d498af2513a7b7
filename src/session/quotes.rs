//! Quotes: what stands in a finished turn is written as its place there, and read from it again.
//!
//! A string of JSON is written line by line. A line that begins with [`MARK`] is a quote: three
//! letters that name the turn, four by which a changed turn is noticed, where in the turn's text it
//! begins, how lines are joined, and how long it is, in bytes. Two lines that are none have a
//! line's end between them; one of them that begins with the mark itself begins with two. The
//! turn's text and these letters are part of the record form: they may change with
//! [`RECORD_VERSION`] alone.
//!
//! Absent from here: which records hold quotes.
//!
//! [`RECORD_VERSION`]: crate::wire::records::RECORD_VERSION

mod find;
pub(super) mod strings;

use crate::base::{TurnKey, limits, text};
use crate::wire::chat::Turn;
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;
use strings::{Piece, each_string, escaped, unescaped};

/// Begins a line that is a quote; JSON writes it as it is.
const MARK: char = '\u{7f}';
/// Letters that a name and a check are written with, each six bits.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Letters of a name, and of a check.
const NAME: usize = 3;
const CHECK: usize = 4;

/// What stands for the line's ends of a quoted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// They themselves.
    Lines,
    /// A space.
    Space,
    /// They, and a sign that begins each next line of a diff.
    Diff(u8),
}

/// In the order in which they are tried, and what tells each.
const JOINS: [(Join, char); 4] =
    [(Join::Lines, '.'), (Join::Space, '_'), (Join::Diff(b'+'), '+'), (Join::Diff(b'-'), '-')];

/// A chat's turns, as quotes name them.
pub struct Chat<'a> {
    said: Vec<Said<'a>>,
    by_name: HashMap<String, Vec<usize>>,
}

/// A turn, and its text once it was needed.
struct Said<'a> {
    turn: &'a Turn,
    text: OnceCell<String>,
}

impl Said<'_> {
    fn text(&self) -> &str {
        self.text.get_or_init(|| text_of(self.turn))
    }
}

/// What came of a string.
enum Read {
    Whole(String),
    /// How it begins, up to a quote whose turn is not there or changed.
    Cut(String),
}

impl<'a> Chat<'a> {
    /// Of these turns.
    #[must_use]
    pub fn of(turns: &'a [Turn]) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, turn) in turns.iter().enumerate() {
            by_name.entry(name(&turn.key)).or_default().push(at);
        }
        let said = turns.iter().map(|turn| Said { turn, text: OnceCell::new() });
        Self { said: said.collect(), by_name }
    }

    /// JSON texts with what these turns hold quoted. A turn that is still being written is not: it
    /// will be another one.
    #[must_use]
    pub fn quote(&self, texts: &[String; 6]) -> [String; 6] {
        find::quoted(&self.said, texts)
    }

    /// JSON text with its quotes read. Where one cannot be, the item of a list that it stands in is
    /// left out, and another string ends before it. None: it would be too large.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<String> {
        if !text.contains(MARK) {
            return Some(text.to_owned());
        }
        let (mut left, mut is_cut, mut fits) = (limits::SECTION_BYTES, false, true);
        let mut out = String::new();
        let whole = each_string(text, |piece| {
            let read = match piece {
                Piece::Text(raw) if raw.contains(MARK) => self.string(raw, left),
                Piece::Text(same) | Piece::Other(same) => Some(Read::Whole(same.to_owned())),
            };
            let more = match read {
                Some(Read::Whole(more)) => more,
                Some(Read::Cut(more)) => {
                    is_cut = true;
                    format!("{MARK}{more}")
                }
                None => return fits = false,
            };
            match left.checked_sub(more.len()) {
                Some(rest) if fits => {
                    left = rest;
                    out.push_str(&more);
                }
                _ => fits = false,
            }
        });
        match whole {
            // A string without an end: whoever reads the JSON tells.
            None => Some(text.to_owned()),
            Some(()) if !fits => None,
            Some(()) if is_cut => Some(without_cut(&out)),
            Some(()) => Some(out),
        }
    }

    /// A string of JSON as it was; none: it takes more than so many bytes.
    fn string(&self, raw: &str, most: usize) -> Option<Read> {
        let Some(written) = unescaped(raw) else { return Some(Read::Whole(raw.to_owned())) };
        let (mut out, mut is_line) = (String::new(), false);
        for line in written.split('\n') {
            let own = match line.strip_prefix(MARK) {
                Some(own) if own.starts_with(MARK) => Some(own),
                Some(quote) => match self.quoted(quote) {
                    Some(more) => {
                        out.push_str(&more);
                        None
                    }
                    None => return Some(Read::Cut(escaped(&out))),
                },
                None => Some(line),
            };
            if let Some(own) = own {
                out.push_str(if is_line { "\n" } else { "" });
                out.push_str(own);
            }
            is_line = own.is_some();
            if out.len() > most {
                return None;
            }
        }
        Some(Read::Whole(escaped(&out)))
    }

    /// What this quotes; none: that turn is not there, or says something else.
    fn quoted(&self, quote: &str) -> Option<String> {
        let (name, rest) = quote.split_at_checked(NAME)?;
        let (check, rest) = rest.split_at_checked(CHECK)?;
        let (join, sign) = JOINS.into_iter().find(|(_, sign)| rest.contains(*sign))?;
        let (from, len) = rest.split_once(sign)?;
        let (from, len): (usize, usize) = (from.parse().ok()?, len.parse().ok()?);
        let end = from.checked_add(len)?;
        let turns = self.by_name.get(name)?.iter().filter_map(|at| self.said.get(*at));
        let mut texts = turns.filter_map(|said| said.text().get(from..end));
        texts.find(|text| letters(text, CHECK) == check).map(|text| join.joined(text))
    }
}

impl Join {
    fn joined(self, text: &str) -> String {
        match self {
            Self::Lines => text.to_owned(),
            Self::Space => text.replace('\n', " "),
            Self::Diff(sign) => text.replace('\n', &format!("\n{}", char::from(sign))),
        }
    }
}

/// The names of the turns that are quoted in a JSON text.
pub fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut take = |raw: &str| {
        let written = unescaped(raw).unwrap_or_default();
        let quotes = written.split('\n').filter_map(|line| line.strip_prefix(MARK));
        let quotes = quotes.filter(|quote| !quote.starts_with(MARK));
        names.extend(quotes.filter_map(|quote| Some(quote.split_at_checked(NAME)?.0.to_owned())));
    };
    // One without an end is told by whoever opens it.
    let _ = each_string(text, |piece| match piece {
        Piece::Text(raw) if raw.contains(MARK) => take(raw),
        Piece::Text(_) | Piece::Other(_) => {}
    });
    names
}

/// The name of a turn. Two of a chat may share one: the check tells them apart.
#[must_use]
pub fn name(key: &TurnKey) -> String {
    letters(key.as_str(), NAME)
}

/// So many letters that another text has by chance alone: four of them once in sixteen million.
fn letters(text: &str, count: usize) -> String {
    let hash = text::hash(text);
    let folded = hash ^ hash >> 24 ^ hash >> 48;
    let letter = |at: usize| LETTERS.get((folded >> (6 * at)) as usize & 63).copied();
    (0..count).filter_map(letter).map(char::from).collect()
}

/// Everything that is said in a turn, one after the other.
fn text_of(turn: &Turn) -> String {
    let mut all = turn.markdown.clone();
    all.push_str(&turn.thinking);
    for call in &turn.calls {
        all.push_str(&plain(&call.args));
        all.push_str(&call.result);
        all.push_str(&call.error);
    }
    all
}

/// Arguments are mostly JSON: what stands in its strings, as it is meant.
fn plain(args: &str) -> String {
    let mut out = String::with_capacity(args.len());
    let mut rest = args;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let meant = match after.as_bytes().first() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'"') => '"',
            Some(b'/') => '/',
            Some(b'\\') => '\\',
            _ => {
                out.push('\\');
                rest = after;
                continue;
            }
        };
        out.push(meant);
        rest = after.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Without the items of lists in which a string is cut; one that is no item's ends there.
fn without_cut(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    settle(&mut value, false);
    value.to_string()
}

/// Whether a string in it is cut, beside those in lists.
fn settle(value: &mut Value, is_item: bool) -> bool {
    match value {
        Value::String(text) => match text.strip_prefix(MARK) {
            Some(rest) => {
                *text = rest.to_owned();
                true
            }
            None => false,
        },
        // A list as an item is a thing of some fields: all of them, or nothing.
        Value::Array(items) if is_item => {
            items.iter_mut().map(|item| settle(item, true)).filter(|is_cut| *is_cut).count() > 0
        }
        Value::Array(items) => {
            items.retain_mut(|item| !settle(item, true));
            false
        }
        Value::Object(fields) => {
            let cut = fields.values_mut().map(|field| settle(field, false));
            cut.filter(|is_cut| *is_cut).count() > 0
        }
        _ => false,
    }
}
