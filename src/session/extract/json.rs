//! Tool arguments as pages show them: mostly JSON, often cut off. A scanner that takes what is
//! there, where a parser would refuse all of it.

use super::cues::is_one;

/// What the scanner meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bit {
    /// An object begins or ends.
    Edge,
    /// A value with the last key before it.
    Pair(String, String),
}

/// The keys and values of JSON text, flat and in order; empty where it is not JSON. Values of a
/// list all carry the list's key.
pub fn bits(text: &str) -> Vec<Bit> {
    let text = text.trim_start();
    let mut out = Vec::new();
    if !text.starts_with(['{', '[']) {
        return out;
    }
    let mut key = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' => {
                out.push(Bit::Edge);
                key.clear();
            }
            '"' => {
                let value = string(&mut chars);
                while chars.peek().is_some_and(|c| c.is_whitespace()) {
                    chars.next();
                }
                if chars.peek() == Some(&':') {
                    chars.next();
                    key = value;
                } else if !key.is_empty() {
                    out.push(Bit::Pair(key.clone(), value));
                }
            }
            c if c.is_alphanumeric() || c == '-' => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '.') {
                    word.push(c);
                }
                if !key.is_empty() {
                    out.push(Bit::Pair(key.clone(), word));
                }
            }
            _ => {}
        }
    }
    out
}

/// The rest of a string whose opening quote was read; to the end of the text where it is cut.
fn string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('u') => {
                    let hex: String = chars.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                    out.push(code.unwrap_or('\u{fffd}'));
                }
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// The first value of any of `keys`.
pub fn value<'a>(bits: &'a [Bit], keys: &str) -> Option<&'a str> {
    bits.iter().find_map(|bit| match bit {
        Bit::Pair(key, value) if is_one(key, keys) => Some(value.as_str()),
        _ => None,
    })
}
