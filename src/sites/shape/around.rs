//! The field that takes a message, and what sends it.

use super::flat::Flat;
use super::roles::words;
use super::select::{compound, is_name};
use crate::wire::page::Element;

/// Levels above the field at which its controls are looked for.
const BOX: usize = 7;
/// Words for a control that sends, and for those that do something else.
const SENDS: [&str; 4] = ["send", "submit", "generate", "ask"];
const OTHERS: [&str; 28] = [
    "stop",
    "cancel",
    "abort",
    "attach",
    "attachment",
    "upload",
    "file",
    "files",
    "mic",
    "microphone",
    "record",
    "recorder",
    "voice",
    "audio",
    "dictate",
    "menu",
    "model",
    "models",
    "settings",
    "search",
    "web",
    "tools",
    "tool",
    "close",
    "clear",
    "expand",
    "fullscreen",
    "emoji",
];
/// Attributes in which programmers and labels name a control.
const NAMES: [&str; 9] = [
    "id",
    "class",
    "name",
    "data-testid",
    "data-test-id",
    "aria-label",
    "title",
    "data-tooltip-id",
    "data-slot",
];

/// The field that takes the message.
pub(super) fn composer(flat: &Flat) -> Option<usize> {
    let fits = |(at, spot): (usize, &super::flat::Spot)| {
        let element = spot.element;
        let kind = element.attr(":kind")?;
        let one_line = kind == "value" && element.tag != "textarea";
        let code = std::iter::once(at).chain(flat.above(at)).any(|at| is_code(flat, at));
        let usable = !spot.hidden
            && !code
            && element.attr("readonly").is_none()
            && element.attr("tabindex") != Some("-1")
            && element.attr("type") != Some("search");
        let named = ["placeholder", "data-placeholder", "aria-label", "aria-placeholder"];
        let named = named.iter().any(|name| element.attr(name).is_some());
        let sent = send_in_reach(flat, at).is_some();
        usable.then_some(((!one_line, sent, named), at))
    };
    let fields = || flat.spots.iter().enumerate().filter_map(fits);
    // One line without a control that sends may search, unless the page has no other.
    let alone = fields().count() == 1;
    let best = fields().max();
    best.filter(|((long, sent, named), _)| *long || *sent || alone && *named).map(|(_, at)| at)
}

/// Whether an element is a block of code: some editors in answers take text as well.
fn is_code(flat: &Flat, at: usize) -> bool {
    flat.element(at).is_some_and(|element| {
        let class = element.attr("class").unwrap_or_default();
        element.tag == "pre" || class.contains("cm-editor") || class.contains("monaco-editor")
    })
}

/// Selectors of the field and of what sends it; empty: none that tells it.
pub(super) fn selectors(flat: &Flat, composer: usize) -> (String, String) {
    let send = send_in_reach(flat, composer).map(|send| {
        let submits = flat.element(send).and_then(|element| element.attr("type")) == Some("submit");
        let by_type = || {
            let css = "button[type=submit]";
            let alike = |at: &usize| {
                flat.element(*at)
                    .is_some_and(|e| e.tag == "button" && e.attr("type") == Some("submit"))
            };
            let only = (0..flat.spots.len()).filter(alike).count() == 1;
            (submits && only).then(|| css.to_owned())
        };
        by_id(flat, send).or_else(by_type).or_else(|| alone(flat, send)).unwrap_or_default()
    });
    let field = one(flat, composer);
    let tag = || flat.element(composer).map(|element| element.tag.clone());
    (field.or_else(tag).unwrap_or_default(), send.unwrap_or_default())
}

/// A selector that finds this element alone. None: nothing tells it from others.
pub(super) fn one(flat: &Flat, at: usize) -> Option<String> {
    by_id(flat, at).or_else(|| alone(flat, at))
}

/// The same by its own attributes: no tag, and nothing of what it stands in.
pub(super) fn own(flat: &Flat, at: usize) -> Option<String> {
    let others = || (0..flat.spots.len()).filter(|other| *other != at);
    let css = by_id(flat, at).or_else(|| compound(flat, &[at], others()));
    css.filter(|css| css.contains(['#', '[']))
}

fn by_id(flat: &Flat, at: usize) -> Option<String> {
    let id = flat.element(at)?.attr("id").filter(|id| is_name(id))?;
    Some(format!("#{id}"))
}

/// A compound that finds this element alone, inside the nearest thing around it that has one.
fn alone(flat: &Flat, at: usize) -> Option<String> {
    let all = || (0..flat.spots.len()).filter(|other| *other != at);
    if let Some(css) = compound(flat, &[at], all()) {
        return Some(css);
    }
    flat.above(at).take(BOX).find_map(|frame| {
        let own = compound(flat, &[at], flat.within(frame).filter(|other| *other != at))?;
        let frame = by_id(flat, frame).or_else(|| {
            compound(flat, &[frame], (0..flat.spots.len()).filter(|other| *other != frame))
        })?;
        Some(format!("{frame} {own}"))
    })
}

/// The control that sends what stands in the field: in the nearest frame that has one.
fn send_in_reach(flat: &Flat, composer: usize) -> Option<usize> {
    flat.above(composer).take(BOX).find_map(|frame| {
        let mut best: Option<(i32, usize)> = None;
        for at in flat.within(frame).filter(|at| is_control(flat, *at)) {
            let score = score(flat, at, composer);
            if score > 0 && best.is_none_or(|(most, _)| score >= most) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| at)
    })
}

fn is_control(flat: &Flat, at: usize) -> bool {
    flat.get(at).is_some_and(|spot| {
        let element = spot.element;
        let button = element.tag == "button" || element.attr("role") == Some("button");
        !spot.hidden && (button || element.tag == "input" && element.attr("type") == Some("submit"))
    })
}

/// How likely a control sends the field; above 0: it may.
fn score(flat: &Flat, at: usize, composer: usize) -> i32 {
    let Some(element) = flat.element(at) else { return 0 };
    let mut names: Vec<String> = Vec::new();
    for part in flat.within(at).take(12).filter_map(|at| flat.element(at)) {
        names.extend(values(part).flat_map(words));
    }
    let any = |list: &[&str]| names.iter().any(|word| list.contains(&word.as_str()));
    let mut score = 0;
    score += if element.attr("type") == Some("submit") { 4 } else { 0 };
    score += if any(&SENDS) { 5 } else { 0 };
    score -= if any(&OTHERS) { 8 } else { 0 };
    let opens = element.attr("aria-haspopup").is_some() || element.attr("aria-expanded").is_some();
    score -= if opens { 4 } else { 0 };
    // Nothing says what it does: what stands after the field may send it.
    score + i32::from(at > composer)
}

fn values(element: &Element) -> impl Iterator<Item = &str> {
    let named = element.attrs.iter().filter(|(name, _)| NAMES.contains(&name.as_str()));
    named.flat_map(|(_, value)| {
        value.split_ascii_whitespace().filter(|value| !value.contains([':', '[']))
    })
}
