//! Plans: checklists, step tools, numbered lists, and what is reported of their items.

use super::cues::{Cues, lower};
use super::items::{Below, PLAN_ITEMS, Status, below, listed, numbers, status_of};
use super::json;
use super::lines::{Mark, Said, indent, key, mark, plain, sentences};
use super::notes::label;
use super::tools::{Act, act_of};
use crate::base::limits::{COMPLETED_STEPS, NEXT_STEPS};
use crate::wire::chat::ToolCall;
use std::collections::HashMap;

/// Sentences matched against the open items of a plan; more is not a report but a flood.
const MATCHED: usize = 2_000;
/// Turns after which a plan that nobody touched gives way to any other, and an open item outside
/// of the plan is forgotten.
const STALE_TURNS: usize = 12;

#[derive(Clone, Debug)]
struct Item {
    key: String,
    text: String,
    status: Status,
    /// When its status was last set, counted up: orders the done ones.
    at: u64,
    /// The turn that last named it.
    turn: usize,
    /// Whether only a list without boxes named it.
    weak: bool,
}

/// How sure it is that a list is the plan. A surer one gives way only when it is done or old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// A list under a label, or of numbers, or of signs.
    #[default]
    Said,
    /// A list with boxes.
    Boxes,
    /// A tool's list.
    Tool,
}

/// A plan that a call shows to the person as text, rather than as a list of steps.
fn plan_text(call: &ToolCall) -> Option<String> {
    let bits = json::bits(&call.args);
    json::value(&bits, "plan").filter(|text| text.contains('\n')).map(ToOwned::to_owned)
}

/// Every item ever listed, and which of them are the plan in force.
#[derive(Debug, Default)]
pub struct Steps {
    items: Vec<Item>,
    by_key: HashMap<String, usize>,
    plan: Vec<usize>,
    sure: Sure,
    /// The turn being read, and the one that last touched the plan.
    turn: usize,
    touched: usize,
    clock: u64,
    matched: usize,
    /// Items made one by one, by the number that the tool gave them.
    by_number: HashMap<usize, usize>,
}

impl Steps {
    /// A stamp later than all before it.
    pub fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The item that is being worked on.
    pub fn doing(&self) -> Option<&str> {
        let item = self.items.iter().rev().find(|i| i.status == Status::Doing);
        item.map(|i| i.text.as_str()).filter(|text| !text.is_empty())
    }

    /// Takes the lists and reports of one turn, then its calls that keep steps.
    pub fn read_turn(&mut self, said: &Said<'_>) {
        self.turn += 1;
        self.lines(said.prose(), said.by_user(), !said.by_user());
        for call in said.turn.calls.iter().filter(|c| act_of(c) == Act::Plan) {
            match plan_text(call) {
                Some(text) => self.lines(text.lines(), true, false),
                None => self.call(call),
            }
        }
    }

    /// Takes lists from lines: numbered ones without a label where `numbers` says that they are a
    /// plan, and what is said to be done where `reports`.
    fn lines<'t>(&mut self, lines: impl Iterator<Item = &'t str>, numbers: bool, reports: bool) {
        let mut below_label = Below::Nothing;
        let mut depth = None;
        let mut sure = Sure::Said;
        let mut ticked: Vec<(String, Status)> = Vec::new();
        let mut planned: Vec<String> = Vec::new();
        let mut numbered: Vec<String> = Vec::new();
        for line in lines {
            let (mark, rest) = mark(line);
            let text = plain(rest);
            if text.is_empty() {
                continue;
            }
            if let Some(label) = label(mark, &text) {
                below_label = below(&label);
                depth = None;
                continue;
            }
            let outer = *depth.get_or_insert(indent(line));
            match mark {
                Mark::Check(done) => {
                    let done = done || rest.trim_end().ends_with("~~");
                    let boxed = ["[x]", "[X]", "[ ]", "[~]"].iter().any(|b| line.contains(b));
                    sure = sure.max(if boxed { Sure::Boxes } else { Sure::Said });
                    ticked.push((text, if done { Status::Done } else { Status::Open }));
                }
                Mark::Dropped => self.drop_item(&text),
                Mark::Bullet | Mark::Number(_) if indent(line) > outer + 1 => {}
                Mark::Bullet | Mark::Number(_) => match below_label {
                    Below::Done => drop(self.set(&text, Status::Done)),
                    Below::Open => drop(self.set(&text, Status::Open)),
                    Below::Plan => planned.push(text),
                    Below::Nothing if matches!(mark, Mark::Number(_)) && numbers => {
                        numbered.push(text);
                    }
                    Below::Nothing => {}
                },
                Mark::None | Mark::Heading => {
                    below_label = Below::Nothing;
                    depth = None;
                    if reports {
                        self.reported(rest);
                    }
                }
            }
        }
        for list in [planned, numbered] {
            if list.len() >= 2 && ticked.is_empty() {
                ticked = list.into_iter().map(|text| (text, Status::Open)).collect();
            }
        }
        self.list(ticked, sure);
    }

    /// Sets one item, made where it is new. A done item stays done when it is only listed again.
    fn set(&mut self, text: &str, status: Status) -> Option<usize> {
        let key = key(text);
        if key.is_empty() {
            return None;
        }
        self.clock += 1;
        let at = *self.by_key.entry(key.clone()).or_insert(self.items.len());
        match self.items.get_mut(at) {
            Some(item) => {
                if item.status != status {
                    item.at = self.clock;
                }
                item.status = status;
                item.turn = self.turn;
                text.clone_into(&mut item.text);
            }
            None => {
                let (at, turn) = (self.clock, self.turn);
                let text = text.to_owned();
                self.items.push(Item { key, text, status, at, turn, weak: false });
            }
        }
        Some(at)
    }

    /// A list in a message: the plan in force, or news of it where they share an item.
    fn list(&mut self, items: Vec<(String, Status)>, sure: Sure) {
        let known = |(text, _): &(String, Status)| {
            self.by_key.get(&key(text)).is_some_and(|id| self.plan.contains(id))
        };
        let shares = items.iter().take(PLAN_ITEMS).any(known);
        let over = self.progress().is_none_or(|p| p >= 1.0);
        let old = self.turn.saturating_sub(self.touched) > STALE_TURNS;
        let wins = shares || sure >= self.sure || over || old;
        let report = sure == Sure::Said && items.iter().all(|(_, s)| *s == Status::Done);
        if items.is_empty() || (!wins && !report && sure == Sure::Said) {
            return;
        }
        let mut ids: Vec<usize> = Vec::new();
        for (text, status) in items.into_iter().take(PLAN_ITEMS) {
            let new = !self.by_key.contains_key(&key(&text));
            let id = self.set(&text, status);
            if let Some(item) = id.and_then(|id| self.items.get_mut(id)) {
                item.weak = sure == Sure::Said && (new || item.weak);
            }
            ids.extend(id.filter(|id| !ids.contains(id)));
        }
        if ids.is_empty() || !wins || (report && !shares) {
            return;
        }
        if shares {
            ids.retain(|id| !self.plan.contains(id));
            self.plan.extend(ids);
            self.plan.truncate(PLAN_ITEMS);
            self.sure = self.sure.max(sure);
        } else {
            self.plan = ids;
            self.sure = sure;
        }
        self.touched = self.turn;
    }

    /// An item whose box says that it was given up.
    fn drop_item(&mut self, text: &str) {
        if let Some(id) = self.by_key.get(&key(text)).copied() {
            self.plan.retain(|p| *p != id);
            self.forget(id);
        }
    }

    /// A call of a tool that keeps steps: the whole list at once, or one item a call.
    fn call(&mut self, call: &ToolCall) {
        let found = listed(&json::bits(&call.args));
        let name = lower(&call.name);
        if name.contains("update") && found.len() <= 1 && !self.by_number.is_empty() {
            self.update(call);
            return;
        }
        if found.len() == 1 && name.contains("create") {
            let ids: Vec<usize> = found.iter().filter_map(|(t, s)| self.set(t, *s)).collect();
            if self.by_number.is_empty() {
                self.plan.clear();
            }
            (self.sure, self.touched) = (Sure::Tool, self.turn);
            let told = call.result.split_once('#').map_or("", |(_, rest)| rest);
            let end = told.find(|c: char| !c.is_ascii_digit()).unwrap_or(told.len());
            let number = told.get(..end).and_then(|n| n.parse().ok());
            let number = number.unwrap_or(self.by_number.len() + 1);
            self.by_number.extend(ids.first().map(|id| (number, *id)));
            let new = ids.into_iter().filter(|id| !self.plan.contains(id)).collect::<Vec<_>>();
            self.plan.extend(new);
            self.plan.truncate(PLAN_ITEMS);
            return;
        }
        if found.is_empty() {
            return;
        }
        let ids: Vec<usize> =
            found.iter().take(PLAN_ITEMS).filter_map(|(t, s)| self.set(t, *s)).collect();
        // What the new list no longer names was given up.
        for id in self.plan.clone() {
            if !ids.contains(&id) && self.items.get(id).is_some_and(|i| i.status != Status::Done) {
                self.forget(id);
            }
        }
        self.plan = ids;
        (self.sure, self.touched) = (Sure::Tool, self.turn);
        self.by_number.clear();
    }

    fn forget(&mut self, id: usize) {
        if let Some(item) = self.items.get_mut(id) {
            self.by_key.remove(&item.key);
            item.text.clear();
        }
    }

    /// A call that changes one item by its number.
    fn update(&mut self, call: &ToolCall) {
        let bits = json::bits(&call.args);
        let id = json::value(&bits, "taskId|task_id|id").and_then(|v| v.parse().ok());
        let status = json::value(&bits, "status|state").unwrap_or_default();
        let id = id.and_then(|n: usize| self.by_number.get(&n)).copied();
        self.touched = self.turn;
        if let Some(id) = id {
            if matches!(status, "deleted" | "cancelled") {
                self.plan.retain(|p| *p != id);
                self.forget(id);
            } else {
                self.mark_done(id, status_of(status));
            }
        }
    }

    fn mark_done(&mut self, id: usize, status: Status) {
        self.clock += 1;
        if let Some(item) = self.items.get_mut(id)
            && item.status != status
        {
            item.status = status;
            item.at = self.clock;
        }
    }

    /// Takes a sentence that reports a numbered or named item of the plan as done.
    fn reported(&mut self, text: &str) {
        static FINISHED: Cues = Cues::new("done:|completed:|finished:");
        static OVER: Cues = Cues::new("done|complete|completed|finished|in place|ready|works");
        static HEDGED: Cues = Cues::new("not|until|once|when|if|almost|will");
        for sentence in sentences(text) {
            let words = lower(sentence);
            let over = OVER.inside(&words) && !HEDGED.inside(&words);
            for number in numbers(&words) {
                let id = number.checked_sub(1).and_then(|n| self.plan.get(n)).copied();
                if let Some(id) = id.filter(|_| over) {
                    self.mark_done(id, Status::Done);
                }
            }
            let named = FINISHED.after(&words);
            if let Some(name) = named.map(key).filter(|k| k.len() > 3) {
                self.match_done(&name, sentence);
            }
        }
    }

    fn match_done(&mut self, name: &str, sentence: &str) {
        self.matched += 1;
        if self.matched > MATCHED {
            return;
        }
        let item = |id: &usize| self.items.get(*id).map(|i| (i.key.as_str(), i.status));
        let hit = self.plan.iter().copied().find(|id| {
            item(id)
                .is_some_and(|(k, s)| s != Status::Done && (k.contains(name) || name.contains(k)))
        });
        match hit {
            Some(id) => self.mark_done(id, Status::Done),
            None => {
                let text = sentence.split_once(':').map_or(sentence, |(_, rest)| rest.trim());
                self.set(text, Status::Done);
            }
        }
    }

    /// The done share of the plan in force; none where there is no plan.
    pub fn progress(&self) -> Option<f64> {
        let items: Vec<&Item> = self.plan.iter().filter_map(|id| self.items.get(*id)).collect();
        let done = items.iter().filter(|i| i.status == Status::Done).count();
        (!items.is_empty()).then(|| {
            let share = f64::from(u32::try_from(done).unwrap_or(u32::MAX))
                / f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX));
            share.clamp(0.0, 1.0)
        })
    }

    /// Done items and reported work, oldest first.
    pub fn completed(&self, did: Vec<(u64, String)>) -> Vec<String> {
        let items = self.items.iter().filter(|i| i.status == Status::Done && !i.text.is_empty());
        let mut all: Vec<(u64, String)> = items.map(|i| (i.at, i.text.clone())).collect();
        all.extend(did.into_iter().filter(|(_, text)| !self.by_key.contains_key(&key(text))));
        all.sort_by_key(|(at, _)| *at);
        let skip = all.len().saturating_sub(COMPLETED_STEPS);
        all.into_iter().skip(skip).map(|(_, text)| text).collect()
    }

    /// What is under way, what the plan holds, what was announced, then what older lists left.
    pub fn open(&self, announced: Vec<String>) -> Vec<String> {
        let of = |id: usize| self.items.get(id).filter(|i| !i.text.is_empty());
        let planned =
            |status| self.plan.iter().filter_map(|id| of(*id)).filter(move |i| i.status == status);
        let mut out: Vec<String> = Vec::new();
        let mut add = |text: &str| {
            if out.len() < NEXT_STEPS && !out.iter().any(|o| o == text) {
                out.push(text.to_owned());
            }
        };
        planned(Status::Doing).for_each(|i| add(&i.text));
        planned(Status::Open).for_each(|i| add(&i.text));
        announced.iter().rev().for_each(|text| add(text));
        let fresh = |i: &&Item| i.turn + STALE_TURNS > self.turn && !i.weak;
        let open = |i: &&Item| i.status == Status::Open && !i.text.is_empty();
        let mut loose: Vec<&Item> = self.items.iter().filter(open).filter(fresh).collect();
        loose.sort_by_key(|i| std::cmp::Reverse(i.at));
        loose.iter().take(NEXT_STEPS * 2).for_each(|i| add(&i.text));
        out
    }
}
