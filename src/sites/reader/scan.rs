//! What stands in one step: the rows of its calls, and their data by what announces it.

use super::labels::{Told, counted, told};
use super::table::{Asked, address, line};
use crate::base::order::Set;
use crate::base::text::lower;
use crate::sites::{Words, markdown};
use crate::wire::chat::CallState;
use crate::wire::page::{Element, Node};
use serde::de::IgnoredAny;

/// Calls kept of one step; a page that shows more than this is not a chat.
pub(super) const CALLS: usize = 500;

/// One call as its row shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowCall {
    pub(super) name: String,
    pub(super) args: String,
    pub(super) result: String,
    pub(super) error: String,
    pub(super) payloads: usize,
    /// What the row's own label says of its state, if it says anything.
    pub(super) said: Option<CallState>,
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

/// One walk through a step.
pub(super) struct Scan<'a> {
    table: &'a Asked<'a>,
    words: &'a Words,
    parts: Parts,
    pub(super) rows: Vec<RowCall>,
    kind: Option<Kind>,
}

impl<'a> Scan<'a> {
    /// What a step holds; of thinking, nothing.
    pub(super) fn of(
        table: &'a Asked<'a>,
        words: &'a Words,
        step: &Element,
        thinking: bool,
    ) -> Self {
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
            scan.call(step);
        }
        scan.walk(step);
        scan
    }

    fn walk(&mut self, parent: &Element) {
        for child in &parent.children {
            let Node::Element(child) = child else { continue };
            let place = address(child);
            if self.parts.calls.contains(&place) {
                self.call(child);
            } else if self.parts.labels.contains(&place) {
                self.kind = kind_of(self.words, &line(child));
            } else if self.parts.payloads.contains(&place) || self.announced(child) {
                self.payload(child);
            } else {
                self.walk(child);
            }
        }
    }

    /// Whether a label said that an error comes, and it comes here in no place that a row names.
    fn announced(&self, element: &Element) -> bool {
        self.kind == Some(Kind::Error)
            && self.words.any_page
            && element.tag != "button"
            && !self.table.has("tool_payload", element)
            && !line(element).is_empty()
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
                    _ if self.words.any_page => (String::new(), None),
                    _ => (label, None),
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

/// The call that a block of JSON spells out: its name and what it was given.
pub(super) fn spelled(json: &str) -> Option<(String, String)> {
    let after = |key: &str| {
        let (_, rest) = json.split_once(key)?;
        rest.trim_start().strip_prefix(':').map(str::trim_start)
    };
    let name = after("\"name\"")?.strip_prefix('"')?.split('"').next()?;
    let args = ["\"input\"", "\"arguments\"", "\"args\"", "\"parameters\""];
    let args = args.iter().find_map(|key| after(key)).filter(|args| args.starts_with('{'));
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let ends = |byte: u8| {
        quoted ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        depth += usize::from(byte == b'{' && !quoted);
        depth -= usize::from(byte == b'}' && !quoted).min(depth);
        depth == 0
    };
    let args = args.and_then(|args| args.get(..=args.bytes().position(ends)?)).unwrap_or_default();
    json.trim_start().starts_with('{').then(|| (name.to_owned(), args.to_owned()))
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
