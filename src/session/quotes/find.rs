//! Where strings stand in a chat's turns.
//!
//! Each place of the strings is known by the bytes that follow it, and the turns are looked through
//! once, in steps of so many bytes: what is twice as long is met wherever it stands. The work is
//! linear in both.

use super::strings::{Piece, each_string, escaped, unescaped};
use super::{CHECK, JOINS, Join, MARK, Said, letters, name};
use std::collections::HashMap;

/// Bytes by which a place is known.
const STEP: usize = 16;
/// A shorter quote is no shorter than what it quotes.
const LEAST_BYTES: usize = 32;
/// A longer one is taken at once: what it hides is no longer.
const SURE_BYTES: usize = 96;
/// Places of the same bytes that are looked at: of a line that comes again and again, the first.
const PLACES: usize = 8;
/// Places of strings that are looked for; what is beyond is written as it is.
const WINDOWS: usize = 1 << 18;

/// Numbers that bytes are told apart by before they are looked up.
const SEEN: usize = 1 << 20;

/// Bytes of strings, and where in the turns they stand: number of the turn, and byte.
type Index<'s> = HashMap<&'s [u8], Vec<(usize, usize)>>;

/// Texts of JSON with their strings quoted from these turns.
pub(super) fn quoted(said: &[Said<'_>], texts: &[String; 6]) -> [String; 6] {
    let strings: Vec<String> = texts.iter().flat_map(|text| strings_of(text)).collect();
    let index = index_of(said, &strings);
    let mut next = strings.iter();
    texts.each_ref().map(|text| {
        let mut out = String::with_capacity(text.len());
        let whole = each_string(text, |piece| match piece {
            Piece::Other(same) => out.push_str(same),
            Piece::Text(raw) if is_looked_at(raw) => match next.next() {
                Some(string) => out.push_str(&escaped(&written(said, &index, string))),
                None => out.push_str(raw),
            },
            Piece::Text(same) => out.push_str(same),
        });
        whole.map_or_else(|| text.clone(), |()| out)
    })
}

/// Where the turns hold pieces of these strings.
fn index_of<'s>(said: &[Said<'_>], strings: &'s [String]) -> Index<'s> {
    let long = || strings.iter().filter(|string| string.len() >= LEAST_BYTES && !said.is_empty());
    let count = long().map(String::len).sum::<usize>().min(WINDOWS);
    let mut index: Index<'_> = HashMap::with_capacity(count);
    let mut seen = vec![false; SEEN];
    for window in long().flat_map(|string| string.as_bytes().windows(STEP)).take(WINDOWS) {
        index.entry(window).or_default();
        if let Some(seen) = seen.get_mut(quick(window)) {
            *seen = true;
        }
    }
    for (number, one) in said.iter().enumerate().filter(|(_, one)| !one.turn.state.is_open()) {
        for (step, bytes) in one.text().as_bytes().chunks_exact(STEP).enumerate() {
            if seen.get(quick(bytes)) != Some(&true) {
                continue;
            }
            if let Some(places) = index.get_mut(bytes).filter(|places| places.len() < PLACES) {
                places.push((number, step * STEP));
            }
        }
    }
    index
}

/// Most bytes of turns stand in no string: a number below [`SEEN`] tells that sooner than the
/// index.
fn quick(bytes: &[u8]) -> usize {
    let first = bytes.first_chunk().copied().map_or(0, u64::from_le_bytes);
    let last = bytes.last_chunk().copied().map_or(0, u64::from_le_bytes);
    let mixed = (first ^ last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 44) as usize % SEEN
}

/// Shorter ones are written as they are, unless that would look like a quote.
fn is_looked_at(raw: &str) -> bool {
    (raw.len() >= LEAST_BYTES || raw.contains(MARK)) && unescaped(raw).is_some()
}

fn strings_of(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    // One without an end is written as it is.
    let _ = each_string(text, |piece| match piece {
        Piece::Text(raw) if is_looked_at(raw) => all.extend(unescaped(raw)),
        Piece::Text(_) | Piece::Other(_) => {}
    });
    all
}

/// A string with what is found of it quoted.
fn written(said: &[Said<'_>], index: &Index<'_>, string: &str) -> String {
    let mut lines = Vec::new();
    let (mut at, mut done) = (0, 0);
    while at + STEP <= string.len() {
        let mut best = longest(said, index, string, at, done);
        // A chance piece of another turn may hide the one that it was read from.
        let short = best.as_ref().filter(|best| best.len() < SURE_BYTES);
        for later in at + 1..short.map_or(0, |short| short.end) {
            let other = longest(said, index, string, later, done);
            let len = |one: &Option<Match>| one.as_ref().map_or(0, Match::len);
            if len(&other) > 2 * len(&best) {
                best = other;
                break;
            }
        }
        let line = best.as_ref().and_then(|best| best.line(said, string));
        match best.zip(line) {
            Some((best, line)) => {
                lines.extend(own(string.get(done..best.start).unwrap_or_default()));
                lines.push(line);
                (at, done) = (best.end, best.end);
            }
            None => at += 1,
        }
    }
    lines.extend(own(string.get(done..).unwrap_or_default()));
    lines.join("\n")
}

/// The longest piece of the turns that stands around this place; none: none is worth a quote.
fn longest(
    said: &[Said<'_>],
    index: &Index<'_>,
    string: &str,
    at: usize,
    done: usize,
) -> Option<Match> {
    let window = string.as_bytes().get(at..at + STEP)?;
    let mut best: Option<Match> = None;
    for &(number, place) in index.get(window)? {
        let one = said.get(number)?;
        let mut ends_line = true;
        for (join, sign) in JOINS {
            // The others read line's ends in another way, and nothing else.
            if !ends_line {
                break;
            }
            let found = Match::grown(string, one.text(), (at, place), done, join);
            let found = Match { number, sign, ..found };
            ends_line &= join != Join::Lines || found.ends_line(one.text());
            if found.len() > best.as_ref().map_or(LEAST_BYTES - 1, Match::len) {
                best = Some(found);
            }
        }
    }
    best
}

/// The lines of a text that is not quoted.
fn own(text: &str) -> Vec<String> {
    let line = |line: &str| match line.starts_with(MARK) {
        true => format!("{MARK}{line}"),
        false => line.to_owned(),
    };
    if text.is_empty() { Vec::new() } else { text.split('\n').map(line).collect() }
}

/// The same in a string and in a turn's text.
struct Match {
    start: usize,
    end: usize,
    /// In the turn's text.
    from: usize,
    to: usize,
    join: Join,
    number: usize,
    sign: char,
}

impl Match {
    /// What is the same around these places, of the string not before `done`.
    fn grown(string: &str, text: &str, at: (usize, usize), done: usize, join: Join) -> Self {
        let (mut start, mut from) = at;
        let (s, t) = (string.as_bytes(), text.as_bytes());
        while let Some((less, one)) = before(s.get(done..start), t.get(..from), join) {
            (start, from) = (start - less, from - one);
        }
        let (mut end, mut to) = at;
        while let Some((more, one)) = after(s.get(end..), t.get(to..), join) {
            (end, to) = (end + more, to + one);
        }
        // Letters of more than one byte may begin or end alike.
        while start < end && !string.is_char_boundary(start) {
            (start, from) = (start + 1, from + 1);
        }
        while end > start && !string.is_char_boundary(end) {
            (end, to) = (end - 1, to.saturating_sub(1));
        }
        Self { start, end, from, to, join, number: 0, sign: '.' }
    }

    /// Whether it begins or ends at a line's end of the text.
    fn ends_line(&self, text: &str) -> bool {
        let is_end = |at: usize| text.as_bytes().get(at) == Some(&b'\n');
        let before = |at: usize| at.checked_sub(1).is_some_and(is_end);
        is_end(self.to) || before(self.to) || is_end(self.from) || before(self.from)
    }

    fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The quote; none: it would not read the same.
    fn line(&self, said: &[Said<'_>], string: &str) -> Option<String> {
        let one = said.get(self.number)?;
        let text = one.text().get(self.from..self.to)?;
        let (name, check) = (name(&one.turn.key), letters(text, CHECK));
        let same = string.get(self.start..self.end)? == self.join.joined(text);
        same.then(|| format!("{MARK}{name}{check}{}{}{}", self.from, self.sign, text.len()))
    }
}

/// Bytes of the string and of the text by which a match goes on; none: it ends.
fn after(string: Option<&[u8]>, text: Option<&[u8]>, join: Join) -> Option<(usize, usize)> {
    match (join, string?, text?) {
        (Join::Space, [b' ', ..], [b'\n', ..]) => Some((1, 1)),
        (Join::Diff(sign), [b'\n', next, ..], [b'\n', ..]) if *next == sign => Some((2, 1)),
        (Join::Space | Join::Diff(_), _, [b'\n', ..]) => None,
        (_, [a, ..], [b, ..]) if a == b => Some((1, 1)),
        _ => None,
    }
}

/// The same towards the beginning.
fn before(string: Option<&[u8]>, text: Option<&[u8]>, join: Join) -> Option<(usize, usize)> {
    match (join, string?, text?) {
        (Join::Space, [.., b' '], [.., b'\n']) => Some((1, 1)),
        (Join::Diff(sign), [.., b'\n', last], [.., b'\n']) if *last == sign => Some((2, 1)),
        (Join::Space | Join::Diff(_), _, [.., b'\n']) => None,
        (_, [.., a], [.., b]) if a == b => Some((1, 1)),
        _ => None,
    }
}
