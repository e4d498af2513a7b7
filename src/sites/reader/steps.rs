//! The steps of an answer: thinking and tool calls, also where their panels are closed.
//!
//! A page shows a call's arguments and result only while its panel is open, and often only the
//! count of calls once they have ended. So what was seen once is kept: [`merge`] joins what a
//! step shows now with what it showed before.

use super::table::{Table, address, line};
use crate::base::Moment;
use crate::base::order::Set;
use crate::base::text::lower;
use crate::sites::{Words, markdown};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::page::{Element, Node};

/// Calls kept of one step; a page that shows more than this is not a chat.
const CALLS: usize = 500;

/// One step as the page shows it now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether it is thinking and no tool.
    pub(super) thinking: bool,
    /// Whether it is under way.
    pub(super) busy: bool,
    /// Its label, one line.
    label: String,
    /// The calls whose rows are shown.
    rows: Vec<RowCall>,
}

/// One call as its row shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct RowCall {
    name: String,
    args: String,
    result: String,
    error: String,
    payloads: usize,
    /// What the row's own label says of its state, if it says anything.
    said: Option<CallState>,
}

/// The elements inside a step that mean something, by their addresses.
#[derive(Default)]
struct Parts {
    calls: Set<usize>,
    labels: Set<usize>,
    payloads: Set<usize>,
}

/// Which kind of payload a label announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Args,
    Result,
    Error,
}

/// The steps of one answer in order.
pub(super) fn read(table: &Table, words: &Words, turn: &Element) -> Vec<Step> {
    let steps = table.outer("step", turn);
    steps.into_iter().map(|step| read_step(table, words, step)).collect()
}

fn read_step(table: &Table, words: &Words, step: &Element) -> Step {
    let thinking = table.is("thinking", step);
    let label = table.value("step_title", step).or_else(|| table.value("step_label", step));
    let mut scan = Scan { table, words, parts: Parts::default(), rows: Vec::new(), kind: None };
    if !thinking {
        let places = |elements: Vec<&Element>| elements.into_iter().map(address).collect();
        let mut calls = table.all("tool", step);
        calls.retain(|call| table.has("tool_name", call));
        scan.parts.calls = places(calls);
        scan.parts.labels = places(table.all("tool_label", step));
        scan.parts.payloads = places(table.outer("tool_payload", step));
    }
    scan.walk(step);
    Step {
        thinking,
        busy: table.is("tool_busy", step),
        label: label.unwrap_or_default(),
        rows: scan.rows,
    }
}

struct Scan<'a> {
    table: &'a Table,
    words: &'a Words,
    parts: Parts,
    rows: Vec<RowCall>,
    kind: Option<Kind>,
}

impl Scan<'_> {
    fn walk(&mut self, parent: &Element) {
        for child in &parent.children {
            let Node::Element(child) = child else { continue };
            let place = address(child);
            if self.parts.calls.contains(&place) {
                self.call(child);
            } else if self.parts.labels.contains(&place) {
                self.label(&line(child));
            } else if self.parts.payloads.contains(&place) {
                self.payload(child);
            } else {
                self.walk(child);
            }
        }
    }

    fn call(&mut self, element: &Element) {
        if self.rows.len() < CALLS {
            let label = self.table.value("tool_name", element).unwrap_or_default();
            let error = self.table.value("tool_error", element).unwrap_or_default();
            let (name, said) = match told(self.words, &label) {
                Told::Call { name, said } => (name, said),
                Told::Count(_) | Told::Nothing => (label, None),
            };
            self.rows.push(RowCall { name, error, said, ..RowCall::default() });
        }
        self.kind = None;
    }

    fn label(&mut self, text: &str) {
        let text = lower(text.trim_end_matches(':'));
        let is = |words: &[&str]| words.contains(&text.as_str());
        self.kind = if is(self.words.args) {
            Some(Kind::Args)
        } else if is(self.words.result) {
            Some(Kind::Result)
        } else if is(self.words.error) {
            Some(Kind::Error)
        } else {
            None
        };
    }

    fn payload(&mut self, element: &Element) {
        let Some(call) = self.rows.last_mut() else { return };
        // Labels are localised: where the word is not known, the order tells.
        let kind = self.kind.take().unwrap_or(match call.payloads {
            0 => Kind::Args,
            _ => Kind::Result,
        });
        let into = match kind {
            Kind::Args => &mut call.args,
            Kind::Result => &mut call.result,
            Kind::Error => &mut call.error,
        };
        if !into.is_empty() {
            into.push('\n');
        }
        into.push_str(markdown::code_text(element).trim());
        call.payloads += 1;
    }
}

/// What a label alone tells of calls.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Call { name: String, said: Option<CallState> },
    Count(usize),
}

fn told(words: &Words, label: &str) -> Told {
    let plain = lower(label);
    if label.is_empty() || words.not_calls.iter().any(|start| plain.starts_with(start)) {
        return Told::Nothing;
    }
    let after = |starts: &[&str]| starts.iter().find_map(|start| label.strip_prefix(start));
    let failed = words.call_failed.iter().find_map(|end| label.strip_suffix(end));
    let (name, said) = if let Some(name) = failed {
        (name, Some(CallState::Failed))
    } else if let Some(name) = after(words.call_running) {
        (name, Some(CallState::Running))
    } else if let Some(name) = after(words.call_ended) {
        (name, Some(CallState::Done))
    } else {
        (label, None)
    };
    // "Used 2 tools" counts calls and names none.
    let count = name.split_whitespace().next().and_then(|word| word.parse().ok());
    match count {
        Some(count) if failed.is_none() => Told::Count(count),
        _ => Told::Call { name: name.trim().to_owned(), said },
    }
}

/// The calls of a step: what it shows now, joined with what it showed `before`.
pub(super) fn merge(words: &Words, step: &Step, before: &[ToolCall], at: Moment) -> Vec<ToolCall> {
    if step.thinking {
        return Vec::new();
    }
    let told = told(words, &step.label);
    let mut calls = if step.rows.is_empty() {
        from_label(step, &told, before)
    } else {
        from_rows(step, &told, before)
    };
    for call in &mut calls {
        call.started_at.get_or_insert(at);
        match call.state {
            CallState::Running => call.ended_at = None,
            CallState::Done | CallState::Failed => {
                call.ended_at.get_or_insert(at);
            }
        }
    }
    calls
}

fn from_label(step: &Step, told: &Told, before: &[ToolCall]) -> Vec<ToolCall> {
    let mut calls = before.to_vec();
    let nameless = |state| ToolCall { state, ..ToolCall::default() };
    let running = if step.busy { CallState::Running } else { CallState::Done };
    match told {
        Told::Nothing => {}
        Told::Count(count) => {
            while calls.len() < (*count).min(CALLS) {
                calls.push(nameless(running));
            }
        }
        Told::Call { name, said } => {
            if calls.last().is_none_or(|last| last.name != *name) {
                settle(&mut calls);
                calls.push(ToolCall { name: name.clone(), ..nameless(running) });
            }
            if let Some(last) = calls.last_mut() {
                last.state = said.unwrap_or(running);
            }
        }
    }
    if !step.busy {
        settle(&mut calls);
    }
    calls
}

/// Nothing more comes for these.
fn settle(calls: &mut [ToolCall]) {
    for call in calls.iter_mut().filter(|call| call.state == CallState::Running) {
        call.state = CallState::Done;
    }
}

fn from_rows(step: &Step, told: &Told, before: &[ToolCall]) -> Vec<ToolCall> {
    let last = step.rows.len().saturating_sub(1);
    let failed = match told {
        Told::Call { name, said: Some(CallState::Failed) } => {
            step.rows.iter().rposition(|row| row.name == *name && row.result.is_empty())
        }
        _ => None,
    };
    let join = |(index, row): (usize, &RowCall)| {
        let old = before.get(index).filter(|old| old.name.is_empty() || old.name == row.name);
        let mut call = old.cloned().unwrap_or_default();
        call.name.clone_from(&row.name);
        let keep = |into: &mut String, new: &str| {
            if !new.is_empty() {
                new.clone_into(into);
            }
        };
        keep(&mut call.args, &row.args);
        keep(&mut call.result, &row.result);
        keep(&mut call.error, &row.error);
        let ended_before = old.is_some_and(|old| old.state != CallState::Running);
        let by_place = step.busy && index == last;
        call.state = if !call.error.is_empty() || failed == Some(index) {
            CallState::Failed
        } else if !call.result.is_empty() {
            CallState::Done
        } else {
            match row.said {
                Some(CallState::Running) if !step.busy => CallState::Done,
                Some(said) => said,
                None if ended_before => call.state,
                None if by_place => CallState::Running,
                None => CallState::Done,
            }
        };
        call
    };
    step.rows.iter().enumerate().map(join).collect()
}
