//! Details: lines of the old chat that hold names, paths and numbers, each where it last stood.
//!
//! Summaries drop identifiers, and the next steps need them. A name that was used often and
//! lately is likely to be needed again; the line it last stood in tells what it was about.

use super::record::framing;
use crate::base::text::{head, tail};
use crate::wire::chat::Turn;
use std::collections::{HashMap, HashSet};

/// Characters of a line that are looked at.
const LINE_CHARS: usize = 400;
/// Characters quoted of a line.
const QUOTED_CHARS: usize = 160;
/// Bytes of the newest text that are looked at: the oldest of a huge chat says least.
const READ_BYTES: usize = 4 << 20;
/// The share of the lines after which a mention weighs a third. Of .15 to .6, measured on
/// recorded agent sessions by what their next 20 turns used, longer was better up to here.
const FADE: f64 = 0.4;
/// Shortest and longest name, in bytes.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 5..=120;

/// A name: how much it weighs, and where it last stood.
struct Name {
    weight: f64,
    line: usize,
}

/// Quoted lines in the order in which they stood, most useful first in the second list, which
/// holds indexes into the first. At most `chars` characters in all.
pub fn details(turns: &[Turn], chars: usize) -> (Vec<String>, Vec<usize>) {
    let lines = lines(turns);
    let names = names(&lines);
    let mut by_line: HashMap<usize, Vec<(&str, f64)>> = HashMap::new();
    for (name, found) in &names {
        by_line.entry(found.line).or_default().push((name, found.weight));
    }
    let mut ranked: Vec<(f64, usize, &str)> = Vec::new();
    for (line, found) in &by_line {
        let Some(text) = lines.get(*line) else { continue };
        let best = found.iter().max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(b.0)));
        let quote = best.map_or(*text, |(name, _)| around(text, name));
        let gain: f64 = found.iter().filter(|(n, _)| quote.contains(n)).map(|(_, w)| w).sum();
        ranked.push((gain / (10.0 + number(quote.len())), *line, quote));
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut room = chars;
    let mut said = HashSet::new();
    ranked.retain(|(_, _, quote)| {
        let cost = quote.chars().count() + 3;
        let fits = cost <= room && said.insert(*quote);
        room -= if fits { cost } else { 0 };
        fits
    });
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_by_key(|at| ranked.get(*at).map(|r| r.1));
    let mut place = vec![0; ranked.len()];
    for (to, from) in order.iter().enumerate() {
        if let Some(slot) = place.get_mut(*from) {
            *slot = to;
        }
    }
    let quotes = order.iter().filter_map(|at| ranked.get(*at)).map(|r| r.2.to_owned());
    (quotes.collect(), place)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The lines of the newest turns, calls and their outcomes with them, oldest first.
fn lines(turns: &[Turn]) -> Vec<&str> {
    let mut room = READ_BYTES;
    let mut parts: Vec<&str> = Vec::new();
    'all: for turn in turns.iter().rev() {
        let calls = turn.calls.iter().rev();
        let calls = calls.flat_map(|c| [c.error.as_str(), c.result.as_str(), c.args.as_str()]);
        for part in calls.chain([turn.markdown.as_str()]) {
            parts.push(tail(part, room));
            room = room.saturating_sub(part.len());
            if room == 0 {
                break 'all;
            }
        }
    }
    // A record of ours quotes with these marks.
    let lines = parts.into_iter().rev().flat_map(str::lines);
    let lines = lines.map(|line| line.trim_start_matches(['•', '|', ' ']).trim());
    lines.filter(|l| !l.is_empty() && !framing(l)).map(|l| head(l, LINE_CHARS)).collect()
}

/// Every name with its weight: each time it stood counts, later times more.
fn names<'a>(lines: &[&'a str]) -> HashMap<&'a str, Name> {
    let count = number(lines.len());
    let mut out: HashMap<&str, Name> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let age = number(lines.len() - 1 - at);
        let weight = (-age / (count * FADE)).exp();
        let mut here = HashSet::new();
        for name in names_in(line).filter(|n| here.insert(*n)) {
            let slot = out.entry(name).or_insert(Name { weight: 0.0, line: at });
            slot.weight += weight;
            slot.line = at;
        }
    }
    out
}

/// The names in a line: addresses, paths, files, identifiers, hashes and long numbers.
fn names_in(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '`' | '(' | ')' | '<' | '>' | '[' | ']')
            || matches!(c, '{' | '}' | ',' | ';' | '=' | '|' | '*' | '\\' | '!' | '?')
    });
    words.flat_map(|word| {
        let word = word.trim_matches(['.', ':', ',', '/', '-', '#']);
        let whole = word.contains('/') || file_like(word);
        let parts: Vec<&str> = if whole {
            vec![word]
        } else {
            word.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|p| is_name(p))
                .collect()
        };
        parts.into_iter().filter(|p| NAME_BYTES.contains(&p.len()) || long_number(p))
    })
}

fn file_like(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(stem, end)| {
        !stem.is_empty()
            && (1..=5).contains(&end.len())
            && end.starts_with(|c: char| c.is_ascii_lowercase())
            && end.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn long_number(word: &str) -> bool {
    word.len() >= 3 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word looks made for a machine: inner capitals, underscores, a hash or a long number.
fn is_name(word: &str) -> bool {
    if long_number(word) {
        return true;
    }
    let bytes = word.as_bytes();
    let inner = |a: u8, b: u8| a.is_ascii_lowercase() && b.is_ascii_uppercase();
    let camel = bytes.windows(2).any(|w| matches!(w, [a, b] if inner(*a, *b)));
    let snake = word.trim_matches('_').contains('_');
    let hash = (7..=40).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_hexdigit())
        && word.bytes().any(|b| b.is_ascii_digit());
    camel || snake || hash
}

/// The part of a line around a name.
fn around<'a>(line: &'a str, name: &str) -> &'a str {
    if line.chars().count() <= QUOTED_CHARS {
        return line;
    }
    let at = line.find(name).unwrap_or_default();
    let before = line.get(..at).unwrap_or_default();
    let start = at - tail(before, QUOTED_CHARS / 2).len();
    head(line.get(start..).unwrap_or(line), QUOTED_CHARS)
}
