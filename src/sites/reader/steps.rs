//! The steps of an answer: thinking and tool calls, also where their panels are closed.
//!
//! A page shows a call's arguments and result only while its panel is open, and often only the
//! count of calls once they have ended. So what was seen once is kept: [`merge`] joins what a
//! step shows now with what it showed before.

use super::labels::{Told, names_call, told};
use super::scan::{CALLS, RowCall, Scan, spelled};
use super::table::{Asked, line};
use crate::base::Moment;
use crate::base::text::lower;
use crate::sites::css::Selector;
use crate::sites::{Words, markdown};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::page::Element;

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
    /// Data of a call that it does not name.
    loose: String,
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

/// The steps of one answer in order.
pub(super) fn read(table: &Asked, words: &Words, turn: &Element) -> Vec<Step> {
    let steps = table.outer("step", turn);
    let mut steps: Vec<Step> =
        steps.into_iter().map(|step| read_step(table, words, step)).collect();
    // What a call returned may stand in a frame of its own.
    for at in 1..steps.len() {
        let Some((before, [step, ..])) = steps.split_at_mut_checked(at) else { break };
        let call = before.last_mut().and_then(|step| step.rows.last_mut());
        if let Some(call) = call.filter(|call| call.result.is_empty() && !step.loose.is_empty()) {
            call.result = std::mem::take(&mut step.loose);
            step.label.clear();
        }
    }
    // The question may stand below the call that it is about.
    if let Some(last) = steps.iter_mut().rfind(|step| !step.thinking) {
        last.asked |= table.has("tool_asked", turn) && !last.refused;
    }
    steps
}

fn read_step(table: &Asked, words: &Words, step: &Element) -> Step {
    let named = table.has("thinking", step);
    let label = table.value("step_title", step).or_else(|| table.value("step_label", step));
    // A step may be no more than a line that names its call.
    let bare = || Some(line(step)).filter(|line| words.any_page && names_call(words, line));
    let label = label.or_else(|| bare().filter(|_| !table.has("tool_payload", step)));
    // Much opens and closes on any page: what shows no sign of a call is thinking.
    let called = || {
        table.has("call", step)
            || Selector::parse("pre").is_ok_and(|css| css.find_first(step).is_some())
            || names_call(words, label.as_deref().unwrap_or_default())
    };
    let thinking = named || words.any_page && !called();
    let mut scan = Scan::of(table, words, step, thinking);
    let mut loose = String::new();
    if !thinking && scan.rows.is_empty() && table.has("call", step) {
        loose = table.first("tool_payload", step).map(markdown::code_text).unwrap_or_default();
        if let Some((name, args)) = spelled(&loose) {
            scan.rows.push(RowCall { name, args, ..RowCall::default() });
            loose.clear();
        }
    }
    // A row that says so itself runs.
    let runs = |row: &RowCall| words.any_page && row.said == Some(CallState::Running);
    Step {
        thinking,
        busy: table.has("tool_busy", step) || scan.rows.last().is_some_and(runs),
        loose,
        asked: table.has("tool_asked", step),
        refused: table.has("tool_refused", step),
        failed: table.has("tool_failed", step),
        label: label.unwrap_or_default(),
        counted: table.value("step_count", step).unwrap_or_default(),
        rows: scan.rows,
    }
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
