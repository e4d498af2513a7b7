//! How a page is built, without what it says: for a person who reports that it is read badly.
//!
//! Tags, names of attributes, and values that only a programmer writes. Every other value becomes a
//! number that differs between reports, every text its length.

use crate::base::text;
use crate::wire::page::{Element, Node};
use std::fmt::Write;

/// Attributes whose values are words of a programmer, where they look like one.
const PLAIN: [&str; 24] = [
    "class",
    "role",
    "type",
    "dir",
    "contenteditable",
    "hidden",
    "disabled",
    "start",
    "align",
    "aria-busy",
    "aria-live",
    "aria-hidden",
    "aria-disabled",
    "aria-expanded",
    "aria-modal",
    "data-testid",
    "data-state",
    "data-status",
    "data-role",
    "data-slot",
    "data-type",
    ":kind",
    ":disabled",
    ":cut",
];
/// Elements that are written down; a larger page is cut, which is said.
const ELEMENTS: usize = 20_000;
/// Longest value that is a word.
const WORD_CHARS: usize = 60;

/// The structure of a page, a line an element. `salt` makes the numbers of two reports differ, so
/// that nobody can look a value up.
#[must_use]
pub fn structure(page: &Element, salt: u64) -> String {
    let mut out = String::new();
    let mut left = ELEMENTS;
    write_element(page, 0, salt, &mut left, &mut out);
    if left == 0 {
        out.push_str("(more was left out)\n");
    }
    out
}

fn write_element(element: &Element, depth: usize, salt: u64, left: &mut usize, out: &mut String) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    for _ in 0..depth {
        out.push(' ');
    }
    out.push_str(&tag(&element.tag));
    for (name, value) in &element.attrs {
        // Writing into a text does not fail.
        let _ = write!(out, " {}={}", tag(name), shown(name, value, salt));
    }
    out.push('\n');
    for child in &element.children {
        match child {
            Node::Text(words) => {
                for _ in 0..=depth {
                    out.push(' ');
                }
                let _ = writeln!(out, "({})", words.chars().count());
            }
            Node::Element(child) => write_element(child, depth + 1, salt, left, out),
        }
    }
}

/// A name, which a page may choose as it likes: only what names are made of stays.
fn tag(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    name.chars().filter(plain).take(WORD_CHARS).collect()
}

fn shown(name: &str, value: &str, salt: u64) -> String {
    let words = value.split_ascii_whitespace();
    if PLAIN.contains(&name) && words.clone().all(is_word) {
        return format!("\"{}\"", words.collect::<Vec<_>>().join(" "));
    }
    let hash = text::hash(&format!("{salt}{value}"));
    format!("#{:08x}({})", hash >> 32, value.chars().count())
}

/// Whether this is a word that a programmer wrote: no number, address or sentence.
fn is_word(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() <= WORD_CHARS
        && digits <= 4
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:/[].%".contains(&b))
}
