//! Steps of an answer: thinking and tool calls, in frames that open and close.

use super::flat::Flat;
use super::roles::words;
use super::select::{compound, compound_or_tag};
use super::{calls, content};
use crate::base::order::sort_by;
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
/// Elements and characters of a line that holds a control.
const HEAD_PARTS: usize = 16;
const HEAD_CHARS: usize = 100;
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
    /// A line that names a call where no control does.
    pub line: String,
    /// What holds the buttons that allow a call or refuse it.
    pub asked: String,
}

/// Whether an element is a frame that a control opens: the control stands first in it, and what
/// follows is what it opens.
pub(super) fn is_frame(flat: &Flat, at: usize) -> bool {
    let Some(element) = flat.element(at) else { return false };
    if element.tag == "details" {
        return true;
    }
    let shown = |at: &usize| !content::named(flat, *at, &["sr"]);
    let mut children = flat.children(at).filter(shown);
    let (Some(first), panel, None) = (children.next(), children.next(), children.next()) else {
        return false;
    };
    let Some(opener) = opener_in(flat, first).or_else(|| head_with_opener(flat, first)) else {
        return false;
    };
    // A closed one opens nothing yet: what follows it is something else.
    let open = flat.element(opener).and_then(|e| e.attr("aria-expanded")) != Some("false");
    panel.is_none_or(|panel| open || flat.text(panel) == 0)
}

/// The control that stands in a short line beside its label.
fn head_with_opener(flat: &Flat, at: usize) -> Option<usize> {
    let short =
        flat.within(at).len() <= HEAD_PARTS && flat.element(at).map(line)?.len() <= HEAD_CHARS;
    let opener = flat.within(at).find(|at| flat.element(*at).is_some_and(is_opener))?;
    let button = flat.element(opener).is_some_and(|element| element.tag != "summary");
    let said = flat.within(at).any(|at| flat.element(at).is_some_and(content::is_prose));
    (short && button && !said && !is_frame(flat, at)).then_some(opener)
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

pub(super) fn is_opener(element: &Element) -> bool {
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

pub(super) fn says(element: &Element, list: &[&str]) -> bool {
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

/// Where the steps of answers are.
#[derive(Debug, Default)]
pub(super) struct Frames {
    calls: Vec<usize>,
    thoughts: Vec<usize>,
    /// What names a call, and nothing else: for some calls, or for all.
    names: Vec<usize>,
    /// Calls and thoughts, in document order.
    all: Vec<usize>,
}

impl Frames {
    /// Whether an element is one.
    pub(super) fn has(&self, at: usize) -> bool {
        self.all.binary_search(&at).is_ok()
    }

    /// Whether one stands in these.
    pub(super) fn are_in(&self, flat: &Flat, these: &[usize]) -> bool {
        self.all.iter().any(|at| flat.is_in(these, *at))
    }

    /// The steps of these answers; `prompts` are turns of the other side.
    pub(super) fn of(flat: &Flat, answers: &[usize], prompts: &[usize]) -> Self {
        let mut found = Self::default();
        for answer in answers {
            found.opened(flat, *answer);
        }
        found.all = found.calls.iter().chain(&found.thoughts).copied().collect();
        sort_by(&mut found.all, usize::cmp);
        let named = calls::named(flat, answers, prompts, &found.all);
        found.names.extend(named.iter().map(|call| call.name));
        let frames = calls::frames(flat, answers, &named);
        found.all.extend_from_slice(&frames);
        found.calls.extend(frames);
        for all in [&mut found.calls, &mut found.all, &mut found.names] {
            sort_by(all, usize::cmp);
        }
        found
    }

    /// The frames of one answer that something opens, or that are named as steps.
    fn opened(&mut self, flat: &Flat, answer: usize) {
        let lines = calls::lines(flat, answer);
        let silent = |at: usize| flat.text(at) == 0 && label(flat, at).is_empty();
        let mut at = answer + 1;
        let mut said = false;
        while at < flat.within(answer).end {
            let prose = flat.element(at).is_some_and(content::is_prose);
            if prose && flat.within(at).len() == 1 || !prose && !is_step(flat, at) || silent(at) {
                said |= prose && flat.text(at) > 0;
                at += 1;
                continue;
            }
            let names: Vec<usize> =
                lines.iter().copied().filter(|line| flat.holds(at, *line)).collect();
            if prose {
                // A list may hold steps: what is said in it does not.
                said |= names.is_empty();
                at = if names.is_empty() { flat.within(at).end } else { at + 1 };
                continue;
            }
            match kind(flat, answer, at, !names.is_empty()) {
                Kind::Call => {
                    self.calls.push(at);
                    let told = calls::name_in(&label(flat, at)).is_some();
                    let first = names.first().copied().filter(|_| told);
                    let opens = |line: &usize| {
                        let inner = flat.above(*line).take_while(|above| *above != at);
                        let opener = |at: usize| flat.element(at).is_some_and(is_opener);
                        Some(*line) != first && inner.chain([*line]).any(opener)
                    };
                    self.names.extend(names.into_iter().filter(|line| !told || opens(line)));
                }
                Kind::Thought => self.thoughts.push(at),
                Kind::Fold if !said && !content::in_markdown(flat, answer, at) => {
                    self.thoughts.push(at)
                }
                Kind::Fold => {}
            }
            at = flat.within(at).end;
        }
    }
}

/// What a frame holds.
enum Kind {
    Call,
    Thought,
    /// Nothing says what.
    Fold,
}

/// What a frame of an answer holds; `lines`: whether lines in it name calls.
fn kind(flat: &Flat, answer: usize, at: usize, lines: bool) -> Kind {
    let parts = || flat.within(at).take(PARTS).filter_map(|at| flat.element(at));
    let named = |list: &[&str]| parts().any(|element| says(element, list));
    if named(&THOUGHT_WORDS) {
        return Kind::Thought;
    }
    let label = label(flat, at);
    let data = lines || calls::name_in(&label).is_some() || parts().any(|e| e.tag == "pre");
    let start = label.to_ascii_lowercase();
    if !data && THOUGHT_LABELS.iter().any(|thought| start.starts_with(thought)) {
        return Kind::Thought;
    }
    // One without a name of its own came with a text.
    let bare = flat.element(at).is_some_and(|element| element.attrs.is_empty());
    let said = bare && content::in_markdown(flat, answer, at) || calls::in_text(flat, answer, at);
    match named(&CALL_WORDS) || data && !said {
        true => Kind::Call,
        false => Kind::Fold,
    }
}

/// The steps in these answers, as selectors.
pub(super) fn find(flat: &Flat, answers: &[usize], frames: &Frames) -> Steps {
    let Frames { calls, thoughts, .. } = frames;
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
    let framed = selector(thoughts);
    // Calls may be made as thinking is: then their frames are steps, whatever stands in them.
    let both = || selector(&frames.all).filter(|_| !calls.is_empty());
    let framed_calls = selector(calls).or_else(both).unwrap_or_default();
    Steps {
        thoughts_told: framed.is_none() || !calls.is_empty() || thoughts.iter().all(named),
        thoughts: framed.or_else(|| selector(&opened(thoughts))).unwrap_or_default(),
        name: name(flat, frames).unwrap_or_default(),
        line: names(flat, &framed_calls, frames).unwrap_or_default(),
        calls: framed_calls,
        asked: asked(flat, answers, calls).unwrap_or_default(),
    }
}

/// What finds the lines that name calls, and nothing in a call's data. `css` finds the calls.
fn names(flat: &Flat, css: &str, frames: &Frames) -> Option<String> {
    let names = &frames.names;
    let mine = |at: &usize| names.binary_search(at).is_ok();
    let within = || frames.calls.iter().flat_map(|call| flat.within(*call));
    if let Some(css) = compound(flat, names, within().filter(|at| !mine(at))) {
        return Some(css);
    }
    let tag = flat.tag(*names.first()?)?;
    let alone = compound_or_tag(flat, names, within().filter(|at| !mine(at)));
    if alone.is_some() && !names.iter().any(|at| frames.calls.contains(at)) {
        return Some(format!("{css} {tag}:not(pre *)"));
    }
    let mut around: Vec<usize> =
        names.iter().filter_map(|at| Some(flat.get(*at)?.parent)).collect();
    around.dedup();
    let others = within().filter(|at| around.binary_search(at).is_err());
    compound(flat, &around, others).map(|around| format!("{around} > {tag}"))
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

/// All text of a step's control, or of the line that it stands in.
fn label(flat: &Flat, at: usize) -> String {
    let opener = flat.within(at).take(PARTS).find(|at| flat.element(*at).is_some_and(is_opener));
    let said = |at: usize| flat.element(at).map(line).filter(|line| !line.is_empty());
    let head = || flat.children(at).next().filter(|head| *head != at);
    opener.and_then(|opener| said(opener).or_else(|| said(head()?))).unwrap_or_default()
}

pub(super) fn line(element: &Element) -> String {
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
fn name(flat: &Flat, frames: &Frames) -> Option<String> {
    let mut names = Vec::new();
    let calls = || frames.calls.iter().filter(|call| !flat.has_any(**call, &frames.names));
    for call in calls() {
        let worded =
            |at: &usize| flat.element(*at).is_some_and(|e| is_opener(e) && !line(e).is_empty());
        let opener = flat.within(*call).take(PARTS).find(worded);
        let within = flat.within(opener.unwrap_or(*call)).take(PARTS);
        names.extend(within.clone().find(|at| {
            let alone = flat.element(*at).is_some_and(|element| {
                !element.children.iter().any(|n| matches!(n, crate::wire::page::Node::Element(_)))
            });
            alone && flat.element(*at).is_some_and(|element| is_tool_name(&line(element)))
        }));
    }
    let mine = |at: usize| names.contains(&at);
    let within = calls().flat_map(|call| flat.within(*call).take(PARTS));
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
