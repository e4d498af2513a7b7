//! Selectors that find exactly these elements of a page and will find their like later.

use super::flat::Flat;
use super::roles::who_in;
use crate::wire::page::Element;
use std::collections::BTreeMap;

/// Tests taken from one element: a mask of them has this many bits.
const TESTS: usize = 60;
/// Longest value that is taken for a name.
const VALUE_CHARS: usize = 40;
/// Attributes whose value tells of a moment, of a place in the page, or of a language.
const UNSTEADY: [&str; 30] = [
    "id",
    "style",
    "href",
    "src",
    "alt",
    "title",
    "value",
    "placeholder",
    "tabindex",
    "dir",
    "lang",
    "for",
    "width",
    "height",
    "aria-label",
    "aria-expanded",
    "aria-controls",
    "aria-labelledby",
    "aria-describedby",
    "aria-busy",
    "data-closed",
    "data-open",
    "data-state",
    "data-status",
    "data-streaming",
    "data-is-streaming",
    "data-loading",
    "data-last-message",
    "open",
    "start",
];
/// What a style says of the side that an element stands on.
const STYLES: [&str; 4] = ["flex-end", "flex-start", "row-reverse", "margin-left: auto"];
/// Single words that are a style wherever they stand.
const STYLE: [&str; 12] = [
    "absolute",
    "border",
    "container",
    "hidden",
    "inline",
    "italic",
    "relative",
    "rounded",
    "shadow",
    "static",
    "truncate",
    "visible",
];
/// Tags that say nothing where nothing stands with them.
const COMMON: [&str; 3] = ["div", "span", "p"];
/// Classes that come and go with the moment.
const MOMENTS: [&str; 12] = [
    "active",
    "animate",
    "busy",
    "current",
    "first",
    "last",
    "latest",
    "loading",
    "pending",
    "selected",
    "streaming",
    "typing",
];

/// What every element can be told by: tests of its own attributes, as CSS.
#[derive(Debug, Default)]
pub(super) struct Tests {
    numbers: BTreeMap<String, usize>,
    css: Vec<(u32, String)>,
    of: Vec<Vec<usize>>,
}

impl Tests {
    /// Takes the next element in.
    pub(super) fn add(&mut self, element: &Element) {
        let mut own: Vec<usize> = Vec::new();
        for (rank, css) in tests(element) {
            let next = self.css.len();
            let number = *self.numbers.entry(css.clone()).or_insert(next);
            if number == next {
                self.css.push((rank, css));
            }
            if !own.contains(&number) {
                own.push(number);
            }
        }
        self.of.push(own);
    }

    /// The numbers of an element's tests, the best signs first.
    pub(super) fn of(&self, at: usize) -> &[usize] {
        self.of.get(at).map_or(&[], Vec::as_slice)
    }

    pub(super) fn css(&self, number: usize) -> &str {
        self.css.get(number).map_or("", |(_, css)| css)
    }

    pub(super) fn rank(&self, number: usize) -> u32 {
        self.css.get(number).map_or(u32::MAX, |(rank, _)| *rank)
    }

    /// Whether an element passes a test.
    pub(super) fn has(&self, at: usize, number: usize) -> bool {
        self.of(at).contains(&number)
    }
}

/// One test of an element's own, as CSS, and how good a sign it is; less is better.
fn tests(element: &Element) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (name, value) in &element.attrs {
        let value = value.as_str();
        if name == "style" {
            let has = STYLES.iter().filter(|style| value.contains(*style));
            found.extend(has.map(|style| (7, format!("[style*=\"{style}\"]"))));
        }
        if name.starts_with(':') || UNSTEADY.contains(&name.as_str()) {
            continue;
        }
        // It names this one thing, even where its value looks like a word.
        let one = name.ends_with("-id") && !name.ends_with("test-id");
        if name == "class" {
            for class in value.split_ascii_whitespace().filter(|class| is_class(class)) {
                let words = super::roles::words(class);
                if words.iter().any(|word| MOMENTS.contains(&word.as_str())) {
                    continue;
                }
                // A name of several words was given to this thing; one word may be a style.
                let rank = match who_in(class) {
                    _ if !is_name(class) => 8,
                    Some(_) => 2,
                    None if class.len() > 8 && class.contains(['-', '_']) => 5,
                    None if class.len() > 5 && !STYLE.contains(&class) && !class.contains('-') => 5,
                    None => 6,
                };
                found.push((rank, format!("[class~=\"{class}\"]")));
            }
        } else if !one && is_name(value) && !value.bytes().any(|b| b.is_ascii_digit()) {
            let rank = match name.as_str() {
                _ if who_in(value).is_some() => 0,
                "data-testid" | "data-test-id" => 1,
                "role" => 5,
                _ if name.starts_with("data-") => 3,
                _ => 7,
            };
            found.push((rank, format!("[{name}=\"{value}\"]")));
        } else if name.starts_with("data-") && is_name(name) {
            // A key, as a rule: there it is what matters.
            found.push((4, format!("[{name}]")));
        }
    }
    if element.tag.contains('-') && is_name(&element.tag) {
        found.push((1, element.tag.clone()));
    }
    crate::base::order::sort_by(&mut found, |a, b| a.cmp(b));
    found.truncate(TESTS);
    found
}

/// Whether a class may stay: one that a program made up is as good as another, only less steady.
fn is_class(class: &str) -> bool {
    let made_up = class.len() > 5
        && class.len() <= VALUE_CHARS
        && class.bytes().any(|b| b.is_ascii_alphabetic())
        && class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let counted = class.rsplit(['-', '_']).next().is_some_and(|end| end.parse::<u32>().is_ok());
    is_name(class) || made_up && (!counted || class.starts_with('_'))
}

/// Whether a value is a name that a programmer gave, and no number, key or text.
pub(super) fn is_name(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let counted = value.rsplit(['-', '_']).next().is_some_and(|end| end.parse::<u32>().is_ok());
    !counted
        && !value.is_empty()
        && value.len() <= VALUE_CHARS
        && digits <= 2
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A compound that all of `these` pass and none of `others`; none where their own attributes do
/// not tell them apart.
pub(super) fn compound(
    flat: &Flat,
    these: &[usize],
    others: impl Iterator<Item = usize>,
) -> Option<String> {
    let telling = |css: &String| !COMMON.contains(&css.as_str());
    compound_or_tag(flat, these, others).filter(telling)
}

/// The same, where a tag that says little will do: inside something that was told already.
pub(super) fn compound_or_tag(
    flat: &Flat,
    these: &[usize],
    others: impl Iterator<Item = usize>,
) -> Option<String> {
    let tests = &flat.tests;
    let first = *these.first()?;
    let tag = &flat.element(first)?.tag;
    let one_tag = flat.tag(first).is_some();
    let one_tag =
        one_tag && these.iter().all(|at| flat.element(*at).is_some_and(|e| e.tag == *tag));
    let mut shared: Vec<usize> = tests.of(first).to_vec();
    shared.retain(|number| these.iter().all(|at| tests.has(*at, *number)));
    // Which of the shared tests each other passes; the last bit is the tag.
    let own_tag = 1_u64 << 63;
    let mask = |at: usize| {
        let bits = shared.iter().enumerate().filter(|(_, number)| tests.has(at, **number));
        let bits = bits.fold(0_u64, |bits, (place, _)| bits | 1 << place);
        let same = one_tag && flat.element(at).is_some_and(|e| e.tag == *tag);
        bits | if same { own_tag } else { 0 }
    };
    let mut masks: Vec<u64> = others.map(mask).filter(|mask| *mask != 0).collect();
    crate::base::order::sort_by(&mut masks, u64::cmp);
    masks.dedup();
    let clear = |wanted: u64| !masks.iter().any(|mask| mask & wanted == wanted);
    let bit = |place: usize| 1_u64 << place;
    let css = |place: usize| shared.get(place).map_or("", |number| tests.css(*number));
    let places = 0..shared.len();
    if let Some(place) = places.clone().find(|place| clear(bit(*place))) {
        return Some(css(place).to_owned());
    }
    for a in places.clone() {
        for b in a + 1..shared.len() {
            if clear(bit(a) | bit(b)) {
                return Some(joined(css(a), css(b)));
            }
        }
    }
    if !one_tag {
        return None;
    }
    let with = places.into_iter().find(|place| clear(bit(*place) | own_tag));
    let with = with.map(|place| joined(tag, css(place)));
    with.or_else(|| (clear(own_tag) && is_name(tag)).then(|| tag.clone()))
}

/// Both tests as one compound: a tag stands first.
fn joined(a: &str, b: &str) -> String {
    match (a.starts_with('['), b.starts_with('[')) {
        (true, false) => format!("{b}{a}"),
        (false, false) => a.to_owned(),
        _ => format!("{a}{b}"),
    }
}
