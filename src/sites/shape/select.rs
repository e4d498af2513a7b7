//! Selectors that find exactly these elements of a page and will find their like later.

use super::flat::Flat;
use super::roles::who_in;
use crate::base::order::Set;
use crate::wire::page::Element;

/// Tests taken from one element.
const TESTS: usize = 40;
/// Longest value that is taken for a name.
const VALUE_CHARS: usize = 40;
/// Attributes whose value tells of a moment, of a place in the page, or of a language.
const UNSTEADY: [&str; 22] = [
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
    "data-state",
    "data-status",
    "start",
];

/// One test of an element's own, as CSS, and how good a sign it is; less is better.
fn tests(element: &Element) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (name, value) in &element.attrs {
        if name.starts_with(':') || UNSTEADY.contains(&name.as_str()) {
            continue;
        }
        if name == "class" {
            for class in value.split_ascii_whitespace().filter(|class| is_name(class)) {
                let rank = if who_in(class).is_some() { 2 } else { 6 };
                found.push((rank, format!("[class~=\"{class}\"]")));
            }
        } else if is_name(value) {
            let rank = match name.as_str() {
                _ if who_in(value).is_some() => 0,
                "data-testid" | "data-test-id" => 1,
                "role" => 5,
                _ if name.starts_with("data-") => 3,
                _ => 7,
            };
            found.push((rank, format!("[{name}=\"{value}\"]")));
        } else if name.starts_with("data-") {
            // A key, as a rule: there it is what matters.
            found.push((4, format!("[{name}]")));
        }
    }
    if element.tag.contains('-') {
        found.push((1, element.tag.clone()));
    }
    crate::base::order::sort_by(&mut found, |a, b| a.0.cmp(&b.0));
    found.truncate(TESTS);
    found
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
pub(super) fn compound(flat: &Flat, these: &[usize], others: &[usize]) -> Option<String> {
    let element = |at: &usize| flat.get(*at).map(|spot| spot.element);
    let first = these.first().and_then(element)?;
    let tag = these.iter().filter_map(element).all(|e| e.tag == first.tag);
    let mut shared = tests(first);
    let own: Vec<Set<String>> = these
        .iter()
        .filter_map(element)
        .map(|element| tests(element).into_iter().map(|(_, css)| css).collect())
        .collect();
    shared.retain(|(_, css)| own.iter().all(|set| set.contains(css)));
    let theirs: Vec<(&str, Set<String>)> = others
        .iter()
        .filter_map(element)
        .map(|e| (e.tag.as_str(), tests(e).into_iter().map(|(_, css)| css).collect()))
        .collect();
    let clear =
        |with: &[&String]| !theirs.iter().any(|(_, set)| with.iter().all(|css| set.contains(*css)));
    let one = shared.iter().map(|(_, css)| css).find(|css| clear(&[css]));
    if let Some(css) = one {
        return Some(css.clone());
    }
    for (at, (_, a)) in shared.iter().enumerate() {
        for (_, b) in shared.iter().skip(at + 1) {
            if clear(&[a, b]) {
                return Some(joined(a, b));
            }
        }
    }
    let tagged = |with: Option<&String>| {
        let alike = |(tag, set): &(&str, Set<String>)| {
            *tag == first.tag && with.is_none_or(|css| set.contains(css))
        };
        tag && !theirs.iter().any(alike)
    };
    let with = shared.iter().map(|(_, css)| css).find(|css| tagged(Some(css)));
    with.map(|css| format!("{}{css}", first.tag))
        .or_else(|| tagged(None).then(|| first.tag.clone()))
}

/// Both tests as one compound: a tag stands first.
fn joined(a: &str, b: &str) -> String {
    if b.starts_with('[') { format!("{a}{b}") } else { format!("{b}{a}") }
}
