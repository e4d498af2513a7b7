//! The steps of an answer: thinking and tool calls, also where their panels are closed.
//!
//! A page shows a call's arguments and result only while its panel is open, and often only the
//! count of calls once they have ended. So what was seen once is kept: [`merge`] joins what a
//! step shows now with what it showed before.

use super::labels::{Told, counted, is_thought, names_call, told};
use super::table::{Table, address, line};
use crate::base::Moment;
use crate::base::order::Set;
use crate::base::text::lower;
use crate::sites::css::Selector;
use crate::sites::{Words, markdown};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::page::{Element, Node};
use serde::de::IgnoredAny;

/// Calls kept of one step; a page that shows more than this is not a chat.
const CALLS: usize = 500;

/// One step as the page shows it now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether it is thinking and no tool.
    pub(super) thinking: bool,
    /// Whether it is under way.
    pub(super) busy: bool,
    /// Whether it waits for a person to allow it.
    asked: bool,
    /// Whether a person did not allow it.
    refused: bool,
    /// Whether its last call failed.
    failed: bool,
    /// Its label, one line.
    label: String,
    /// Calls that it only counts, by name: `3 read_file`.
    counted: String,
    /// The calls whose rows are shown.
    rows: Vec<RowCall>,
}

impl Step {
    /// Whether it shows a call.
    pub(super) fn is_call(&self) -> bool {
        !self.thinking && !self.rows.is_empty()
    }

    /// Whether nothing stands in it yet.
    pub(super) fn is_frame(&self) -> bool {
        self.label.is_empty() && self.counted.is_empty() && self.rows.is_empty()
    }
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
    let mut steps: Vec<Step> =
        steps.into_iter().map(|step| read_step(table, words, step)).collect();
    // The question may stand below the call that it is about.
    if let Some(last) = steps.iter_mut().rfind(|step| !step.thinking) {
        last.asked |= table.has("tool_asked", turn) && !last.refused;
    }
    steps
}

fn read_step(table: &Table, words: &Words, step: &Element) -> Step {
    let named = table.has("thinking", step);
    let label = table.value("step_title", step).or_else(|| table.value("step_label", step));
    // A step may be no more than a line that names its call.
    let bare = || Some(line(step)).filter(|line| words.any_page && names_call(words, line));
    let label = label.or_else(|| bare().filter(|_| !table.has("tool_payload", step)));
    let data = || Selector::parse("pre").is_ok_and(|css| css.find_first(step).is_some());
    let thinking = named || words.any_page && is_thought(label.as_deref()) && !data();
    let mut scan = Scan { table, words, parts: Parts::default(), rows: Vec::new(), kind: None };
    if !thinking {
        let places = |elements: Vec<&Element>| elements.into_iter().map(address).collect();
        let titles = |part: &Element| words.any_page && kind_of(words, &line(part)).is_some();
        let mut calls = table.all("tool", step);
        calls.retain(|call| table.has("tool_name", call) && !titles(call));
        scan.parts.calls = places(calls);
        let mut labels = table.all("tool_label", step);
        labels.retain(|label| !words.any_page || titles(label) || !table.has("tool", label));
        scan.parts.labels = places(labels);
        scan.parts.payloads = places(table.outer("tool_payload", step));
    }
    // A step may be no more than its control.
    if scan.parts.calls.contains(&address(step)) {
        if names_call(words, label.as_deref().unwrap_or_default()) {
            scan.call(step);
        } else {
            return Step::default();
        }
    }
    scan.walk(step);
    Step {
        thinking,
        busy: table.has("tool_busy", step),
        asked: table.has("tool_asked", step),
        refused: table.has("tool_refused", step),
        failed: table.has("tool_failed", step),
        label: label.unwrap_or_default(),
        counted: table.value("step_count", step).unwrap_or_default(),
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
                self.kind = kind_of(self.words, &line(child));
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
            let mut counts = counted(self.words, &label);
            if counts.is_empty() {
                counts.push((1, label));
            }
            for (times, label) in counts {
                let (name, said) = match told(self.words, &label) {
                    Told::Call { name, said } => (name, said),
                    Told::Count(_) | Told::Nothing => (label, None),
                };
                let row = RowCall { name, error: error.clone(), said, ..RowCall::default() };
                let shown = !row.name.is_empty() || !self.words.any_page;
                let times = if shown { times.min(CALLS) } else { 0 };
                self.rows.extend(std::iter::repeat_n(row, times));
            }
        }
        self.kind = None;
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
        let pairs = self.table.all("tool_pair", element);
        if pairs.is_empty() {
            into.push_str(markdown::code_text(element).trim());
        } else {
            into.push_str(&object(&pairs));
        }
        call.payloads += 1;
    }
}

/// What a label announces.
fn kind_of(words: &Words, label: &str) -> Option<Kind> {
    let text = lower(label.trim_end_matches(':'));
    let kinds =
        [(words.args, Kind::Args), (words.result, Kind::Result), (words.error, Kind::Error)];
    kinds.into_iter().find(|(all, _)| all.contains(&text.as_str())).map(|(_, kind)| kind)
}

/// Arguments that a page lists as names and values, as the JSON that they were made from.
fn object(pairs: &[&Element]) -> String {
    let mut out = String::new();
    for pair in pairs {
        let mut parts = pair.children.iter().filter_map(|child| match child {
            Node::Element(part) => Some(markdown::code_text(part)),
            Node::Text(_) => None,
        });
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        let value = value.trim();
        let is_json = !value.is_empty() && serde_json::from_str::<IgnoredAny>(value).is_ok();
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&quoted(name.trim().trim_end_matches(':')));
        out.push(':');
        out.push_str(&if is_json { value.to_owned() } else { quoted(value) });
    }
    if !out.is_empty() {
        out.push('}');
    }
    out
}

/// The calls of a step: what it shows now, joined with what it showed `before`.
pub(super) fn merge(words: &Words, step: &Step, before: &[ToolCall], at: Moment) -> Vec<ToolCall> {
    if step.thinking {
        return Vec::new();
    }
    let told = told(words, &step.label);
    let mut calls = if !step.counted.is_empty() {
        from_count(step, before)
    } else if step.rows.is_empty() {
        from_label(step, &told, before)
    } else {
        from_rows(step, &told, before)
    };
    if let Some(last) = calls.last_mut() {
        if step.refused {
            last.state = CallState::Refused;
        } else if step.failed {
            last.state = CallState::Failed;
        } else if step.asked && (!last.state.has_ended() || last.result.is_empty()) {
            last.state = CallState::Asked;
        }
    }
    for call in &mut calls {
        judge(words, call);
        call.started_at.get_or_insert(at);
        if call.state.has_ended() {
            call.ended_at.get_or_insert(at);
        } else {
            call.ended_at = None;
        }
    }
    calls
}

/// Characters of a result that may say that its call was refused.
const REFUSAL_CHARS: usize = 200;

/// What a call's result says of its state, where the page has no other sign of it.
fn judge(words: &Words, call: &mut ToolCall) {
    if call.state != CallState::Done && call.state != CallState::Failed {
        return;
    }
    let said = if call.error.is_empty() { &call.result } else { &call.error };
    let short = said.len() <= REFUSAL_CHARS;
    let lower = if short { lower(said) } else { String::new() };
    if words.refused.iter().any(|phrase| lower.contains(phrase)) {
        call.state = CallState::Refused;
    } else if words.error_starts.iter().any(|start| call.result.starts_with(start)) {
        call.error = std::mem::take(&mut call.result);
        call.state = CallState::Failed;
    }
}

/// The calls of a step that only counts them.
fn from_count(step: &Step, before: &[ToolCall]) -> Vec<ToolCall> {
    let mut calls = before.to_vec();
    for part in step.counted.split(',') {
        let Some((count, name)) = part.trim().split_once(' ') else { continue };
        let known = calls.iter().filter(|call| call.name == name).count();
        let count = count.parse().unwrap_or(0_usize).min(CALLS);
        let call = || ToolCall { name: name.to_owned(), ..ToolCall::default() };
        calls.extend((known..count).map(|_| call()));
    }
    calls.truncate(CALLS);
    settle(&mut calls);
    if let Some(last) = calls.last_mut().filter(|last| step.busy && last.result.is_empty()) {
        last.state = CallState::Running;
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
    for call in calls.iter_mut().filter(|call| !call.state.has_ended()) {
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
        let ended_before = old.is_some_and(|old| old.state.has_ended());
        let by_place = step.busy && index == last;
        call.state = if !call.error.is_empty() || failed == Some(index) {
            CallState::Failed
        } else if !call.result.is_empty() {
            CallState::Done
        } else {
            match row.said {
                Some(CallState::Running) if !step.busy => CallState::Done,
                Some(said) => said,
                None if by_place => CallState::Running,
                None if ended_before => call.state,
                None => CallState::Done,
            }
        };
        call
    };
    step.rows.iter().enumerate().map(join).collect()
}
