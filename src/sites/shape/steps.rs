//! Steps of an answer: thinking and tool calls, in frames that open and close.

use super::content;
use super::flat::Flat;
use super::roles::words;
use super::select::compound;
use crate::wire::page::Element;

/// Words for a tool call, and for thinking, as programmers name them.
const CALL_WORDS: [&str; 3] = ["tool", "toolcall", "mcp"];
const THOUGHT_WORDS: [&str; 6] = ["thinking", "thought", "thoughts", "reasoning", "think", "brain"];
/// What a label over thinking begins with, where no attribute says what it is.
const THOUGHT_LABELS: [&str; 4] = ["thought", "thinking", "reasoning", "reasoned"];
/// What a name begins with that tells of something inside, or of a setting.
const OWNS: [&str; 5] = ["has", "with", "show", "no", "hide"];
/// Elements of a frame that are looked at.
const PARTS: usize = 200;
/// Longest label of a button that allows a call.
const BUTTON_CHARS: usize = 25;
/// Longest name of a tool.
const NAME_CHARS: usize = 64;

/// What was found of steps, as selectors; empty: none was seen, or nothing tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Frames of tool calls.
    pub calls: String,
    /// Frames of thinking.
    pub thoughts: String,
    /// Whether those are told from frames of calls, and not by their labels alone.
    pub thoughts_told: bool,
    /// A tool's name, inside its frame.
    pub name: String,
    /// What holds the buttons that allow a call or refuse it.
    pub asked: String,
}

/// Whether an element is a frame that a control opens: the control stands first in it, and what
/// follows is what it opens.
fn is_frame(flat: &Flat, at: usize) -> bool {
    let Some(element) = flat.element(at) else { return false };
    if element.tag == "details" {
        return true;
    }
    let mut children = flat.children(at);
    let (Some(first), panel, None) = (children.next(), children.next(), children.next()) else {
        return false;
    };
    let Some(opener) = opener_in(flat, first) else { return false };
    // A closed one opens nothing yet: what follows it is something else.
    let open = flat.element(opener).and_then(|e| e.attr("aria-expanded")) != Some("false");
    panel.is_none_or(|panel| open || flat.text(panel) == 0)
}

/// The control that an element is, or that alone stands in it.
fn opener_in(flat: &Flat, at: usize) -> Option<usize> {
    let mut at = at;
    for _ in 0..3 {
        if flat.element(at).is_some_and(is_opener) {
            return Some(at);
        }
        let mut children = flat.children(at);
        at = children.next().filter(|_| children.next().is_none())?;
    }
    None
}

fn is_opener(element: &Element) -> bool {
    let button = element.tag == "button" || element.attr("role") == Some("button");
    element.tag == "summary"
        || button
            && element.attr("aria-expanded").is_some()
            && !matches!(
                element.attr("aria-haspopup"),
                Some("menu" | "true" | "listbox" | "dialog")
            )
}

/// Whether an element is a step of an answer.
pub(super) fn is_step(flat: &Flat, at: usize) -> bool {
    let named = |element: &Element| {
        says(element, &CALL_WORDS) || element.tag != "svg" && says(element, &THOUGHT_WORDS)
    };
    is_frame(flat, at) || flat.element(at).is_some_and(named)
}

fn says(element: &Element, list: &[&str]) -> bool {
    let named = |name: &str| {
        let kind = ["type", "part", "kind", "slot", "testid"];
        matches!(name, "class" | "id")
            || name.starts_with("data-") && kind.iter().any(|kind| name.contains(kind))
    };
    let has = |value: &str| {
        let words = words(value);
        // That something has a thing does not make it one.
        let owns = words.first().is_some_and(|first| OWNS.contains(&first.as_str()))
            || words.iter().any(|word| word == "has");
        !owns && words.iter().any(|word| list.contains(&word.as_str()))
    };
    let mut values = element.attrs.iter().filter(|(name, _)| named(name));
    element.tag.contains('-') && has(&element.tag)
        || values.any(|(_, value)| {
            let mut each =
                value.split_ascii_whitespace().filter(|value| !value.contains([':', '[']));
            each.any(has)
        })
}

/// The steps in these answers.
pub(super) fn find(flat: &Flat, answers: &[usize]) -> Steps {
    let (mut calls, mut thoughts) = (Vec::new(), Vec::new());
    let silent = |at: usize| flat.text(at) == 0 && label(flat, at).is_empty();
    for answer in answers {
        let mut at = answer + 1;
        let end = flat.within(*answer).end;
        while at < end {
            if flat.element(at).is_some_and(content::is_prose) {
                at = flat.within(at).end;
            } else if is_step(flat, at) && !silent(at) {
                if is_thought(flat, at) {
                    thoughts.push(at)
                } else {
                    calls.push(at)
                }
                at = flat.within(at).end;
            } else {
                at += 1;
            }
        }
    }
    let selector = |these: &[usize]| {
        let mut these = these.to_vec();
        for _ in 0..3 {
            let within = answers.iter().flat_map(|answer| flat.within(*answer));
            let css = compound(flat, &these, within.filter(|at| !flat.is_in(&these, *at)));
            if css.is_some() {
                return css;
            }
            // Its frame looks like others: the one thing in it may not.
            for at in &mut these {
                let mut children = flat.children(*at);
                if let (Some(only), None) = (children.next(), children.next()) {
                    *at = only;
                }
            }
        }
        None
    };
    // What a control of thinking opens holds all that matters.
    let opened = |thoughts: &[usize]| {
        let panels = thoughts.iter().filter_map(|at| flat.children(*at).last());
        panels.collect::<Vec<usize>>()
    };
    let named = |at: &usize| flat.element(*at).is_some_and(|e| says(e, &THOUGHT_WORDS));
    let framed = selector(&thoughts);
    Steps {
        thoughts_told: framed.is_none() || !calls.is_empty() || thoughts.iter().all(named),
        thoughts: framed.or_else(|| selector(&opened(&thoughts))).unwrap_or_default(),
        name: name(flat, &calls).unwrap_or_default(),
        calls: selector(&calls).unwrap_or_default(),
        asked: asked(flat, answers, &calls).unwrap_or_default(),
    }
}

/// What in the last answer holds two buttons or more that say in a word or two what they do, where
/// it has calls: most buttons of an answer are pictures.
fn asked(flat: &Flat, answers: &[usize], calls: &[usize]) -> Option<String> {
    let last = *answers.last()?;
    let worded = |at: &usize| {
        flat.element(*at).is_some_and(|element| {
            let picture = element.attr("aria-label").is_some() || element.attr("title").is_some();
            let said = if element.tag == "button" { line(element) } else { String::new() };
            !picture && !is_opener(element) && (2..=BUTTON_CHARS).contains(&said.len())
        }) && !flat.within(*at).any(|at| content::named(flat, at, &["sr"]))
    };
    let buttons: Vec<usize> = flat.within(last).filter(worded).collect();
    let (Some(one), Some(other), true) = (buttons.first(), buttons.get(1), !calls.is_empty())
    else {
        return None;
    };
    let holder = flat.above(*one).find(|at| flat.holds(*at, *other))?;
    let frames = flat.above(holder).take(2).filter(|at| flat.holds(last, *at) && *at != last);
    let mut all = [holder, *one, *other].into_iter().chain(frames);
    all.find_map(|these| {
        let others = answers.iter().flat_map(|answer| flat.within(*answer));
        compound(flat, &[these], others.filter(|at| *at != these))
    })
}

/// Whether a step is thinking: by its names, else by its label where it holds no call's data.
fn is_thought(flat: &Flat, at: usize) -> bool {
    let mut parts = flat.within(at).take(PARTS).filter_map(|at| flat.element(at));
    let named = |list: &[&str]| parts.clone().any(|element| says(element, list));
    if named(&THOUGHT_WORDS) || named(&CALL_WORDS) {
        return named(&THOUGHT_WORDS);
    }
    if parts.any(|element| element.tag == "pre") {
        return false;
    }
    let label = label(flat, at).to_ascii_lowercase();
    THOUGHT_LABELS.iter().any(|start| label.starts_with(start))
}

/// All text of a step's control.
fn label(flat: &Flat, at: usize) -> String {
    let opener = flat.within(at).take(PARTS).find(|at| flat.element(*at).is_some_and(is_opener));
    opener.and_then(|at| flat.element(at)).map(line).unwrap_or_default()
}

fn line(element: &Element) -> String {
    let mut text = String::new();
    gather(element, &mut text);
    crate::base::text::one_line(&text)
}

fn gather(element: &Element, out: &mut String) {
    for child in &element.children {
        match child {
            crate::wire::page::Node::Text(text) => out.push_str(text),
            crate::wire::page::Node::Element(child) => {
                out.push(' ');
                gather(child, out);
            }
        }
    }
}

/// Where the names of these calls stand: what holds nothing but a name, in the control or, where
/// there is none, in the frame.
fn name(flat: &Flat, calls: &[usize]) -> Option<String> {
    let mut names = Vec::new();
    for call in calls {
        let opener =
            flat.within(*call).take(PARTS).find(|at| flat.element(*at).is_some_and(is_opener));
        let within = flat.within(opener.unwrap_or(*call)).take(PARTS);
        names.push(within.clone().find(|at| {
            let alone = flat.element(*at).is_some_and(|element| {
                !element.children.iter().any(|n| matches!(n, crate::wire::page::Node::Element(_)))
            });
            alone && flat.element(*at).is_some_and(|element| is_tool_name(&line(element)))
        })?);
    }
    let mine = |at: usize| names.contains(&at);
    let within = calls.iter().flat_map(|call| flat.within(*call).take(PARTS));
    compound(flat, &names, within.filter(|at| !mine(*at)))
}

/// Whether a text may be what a program calls a tool.
fn is_tool_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':');
    let mixed = text.contains(['_', '.', '/', ':'])
        || text.bytes().skip(1).any(|b| b.is_ascii_uppercase())
        || text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (3..=NAME_CHARS).contains(&text.len()) && text.bytes().all(plain) && mixed
}
