//! Who speaks: what attributes say in the words of programmers, else how a turn is laid out.

use super::flat::Flat;
use crate::wire::page::{Element, Node};

/// Who made an element of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    User,
    Assistant,
    Tool,
}

const USER: [&str; 9] =
    ["user", "human", "person", "prompt", "query", "question", "me", "mine", "outgoing"];
const ASSISTANT: [&str; 15] = [
    "assistant",
    "bot",
    "chatbot",
    "ai",
    "model",
    "agent",
    "answer",
    "response",
    "reply",
    "llm",
    "gpt",
    "them",
    "incoming",
    "robot",
    "toy",
];
const TOOL: [&str; 3] = ["tool", "function", "toolcall"];
/// What a value of one of these says was not chosen for a machine: styles change, and labels are
/// in a person's language.
const LOOSE: [&str; 9] =
    ["aria-label", "style", "href", "src", "title", "alt", "placeholder", "value", "tabindex"];
/// Of those, what may name the speaker where nothing else does.
const LABELS: [&str; 3] = ["aria-label", "alt", "title"];
/// How deep below a turn its role is looked for, and among how many of one level.
const DEPTH: usize = 7;
const LEVEL: usize = 64;
/// Words of layout that put a turn on a person's side of the page.
const RIGHT: [&str; 14] = [
    "right",
    "sent",
    "end",
    "items-end",
    "justify-end",
    "self-end",
    "ml-auto",
    "ms-auto",
    "float-right",
    "float-end",
    "text-right",
    "flex-row-reverse",
    "row-reverse",
    "align-right",
];
/// The same in a style, without spaces.
const RIGHT_STYLES: [&str; 6] = [
    "flex-end",
    "row-reverse",
    "text-align:right",
    "margin-left:auto",
    "margin-inline-start:auto",
    "float:right",
];
/// What only an answer is made of, as a rule.
const RICH: [&str; 10] =
    ["pre", "ul", "ol", "table", "h1", "h2", "h3", "blockquote", "code", "strong"];

/// The words of a name as programmers write them: `userMessage`, `chat-user`, `user_message`.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut capital = false;
    for letter in text.chars().take(200) {
        let upper = letter.is_ascii_uppercase();
        let ends = !letter.is_ascii_alphanumeric() || upper && !capital;
        capital = upper;
        if ends && found.last().is_some_and(|word| !word.is_empty()) {
            found.push(String::new());
        }
        if let Some(word) = found.last_mut().filter(|_| letter.is_ascii_alphanumeric()) {
            word.push(letter.to_ascii_lowercase());
        }
    }
    found
}

/// What one value says. None: nothing, or both.
pub(super) fn who_in(text: &str) -> Option<Who> {
    let words = words(text);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    match (any(&USER), any(&ASSISTANT), any(&TOOL)) {
        (true, false, false) => Some(Who::User),
        (false, true, false) => Some(Who::Assistant),
        (false, _, true) => Some(Who::Tool),
        _ => None,
    }
}

/// What an element's own attributes say. `loose`: its labels too.
pub(super) fn said_by(element: &Element, loose: bool) -> Option<Who> {
    let values = element.attrs.iter().filter(|(name, _)| {
        let name = name.as_str();
        // What the eyes add is no programmer's word.
        let added = name.starts_with(':');
        if LABELS.contains(&name) { loose } else { !added && !LOOSE.contains(&name) }
    });
    let mut found = None;
    for (name, value) in values {
        // Of many classes some belong to what is inside.
        let said = if name == "class" {
            let mut each =
                value.split_ascii_whitespace().filter(|class| !class.contains([':', '[']));
            each.find_map(who_in)
        } else {
            who_in(value)
        };
        match (found, said) {
            (Some(before), Some(now)) if before != now => return None,
            (None, Some(_)) => found = said,
            _ => {}
        }
    }
    let tag = element.tag.contains('-').then(|| who_in(&element.tag)).flatten();
    found.or(tag)
}

/// What a turn's attributes say of who speaks in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The nearest element that says it, and who.
    Said(usize, Who),
    /// More than one speaks in it.
    Several,
    /// Nothing.
    Unsaid,
}

/// Who speaks in the element at `at`, by the nearest attributes at or below it.
pub(super) fn speaker(flat: &Flat, at: usize, loose: bool) -> Speaker {
    let mut level = vec![at];
    for _ in 0..DEPTH {
        let said = |&at: &usize| Some((at, flat.said(at, loose)?));
        let mut here = level.iter().filter_map(said);
        if let Some((mark, first)) = here.next() {
            // Two that differ: this holds more than one turn.
            let one = here.all(|(_, who)| who == first || who == Who::Tool);
            return if one { Speaker::Said(mark, first) } else { Speaker::Several };
        }
        level = level
            .iter()
            .flat_map(|&at| flat.children(at))
            .filter(|&at| {
                flat.get(at).is_some_and(|spot| !spot.around || loose || spot.element.tag == "svg")
            })
            .take(LEVEL)
            .collect();
    }
    Speaker::Unsaid
}

/// Whether a turn is laid out as a person's own.
pub(super) fn on_the_right(flat: &Flat, at: usize) -> bool {
    let mut at = Some(at);
    for _ in 0..4 {
        let Some(spot) = at.and_then(|at| flat.get(at)) else { return false };
        let classes = spot.element.attr("class").unwrap_or_default();
        let style = spot.element.attr("style").unwrap_or_default().replace(' ', "");
        let class = |class: &str| {
            RIGHT.contains(&class)
                || words(class).iter().any(|word| matches!(word.as_str(), "right" | "sent"))
        };
        if classes.split_ascii_whitespace().any(class)
            || RIGHT_STYLES.iter().any(|right| style.contains(right))
        {
            return true;
        }
        let mut with_text = at.into_iter().flat_map(|at| flat.spoken(at));
        at = with_text.next();
    }
    false
}

/// Whether a turn has what only answers have.
pub(super) fn is_rich(element: &Element) -> bool {
    element.children.iter().any(|child| match child {
        Node::Element(child) => RICH.contains(&child.tag.as_str()) || is_rich(child),
        Node::Text(_) => false,
    })
}
