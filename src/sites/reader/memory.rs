//! What is known of a conversation, by key: never forgotten because it scrolled out.

use super::order::{self, Unit};
use super::steps;
use super::turns::{Marks, Parsed, Side};
use crate::base::order::{Set, sort_by};
use crate::base::{Moment, TurnKey};
use crate::sites::Site;
use crate::wire::chat::{CallState, Role, ToolCall, Turn, TurnState};
use std::collections::BTreeMap;

/// The turns of one chat.
#[derive(Debug, Default)]
pub(super) struct Memory {
    turns: BTreeMap<TurnKey, Known>,
    /// Places of the units that stand in the conversation as it is now.
    places: BTreeMap<String, u32>,
    /// The mounted units that were placed last: as long as they are the same, nothing moves.
    placed: Vec<(u64, Unit)>,
    /// The mounted turns that were marked last.
    here: Vec<TurnKey>,
}

/// What stands around the last answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    /// An answer is being made.
    pub(super) busy: bool,
    /// The site says that the answer was cut short: by an error, if not by a person.
    pub(super) ended: Option<TurnState>,
    /// A person pressed what stops the answer.
    pub(super) stopped: bool,
    /// Nothing came for some seconds.
    pub(super) still: bool,
    /// The site says that something is wrong.
    pub(super) trouble: bool,
}

#[derive(Debug)]
struct Known {
    turn: Turn,
    unit: Unit,
    /// Calls by step.
    calls: Vec<Vec<ToolCall>>,
    /// When the answer was seen to have ended with calls still open.
    cut_at: Option<Moment>,
    marks: Marks,
    /// Whether it is mounted.
    here: bool,
    changed: bool,
}

impl Memory {
    /// Whether a unit's place is told or known.
    pub(super) fn has_place(&self, unit: &Unit) -> bool {
        unit.told.is_some() || self.places.contains_key(&unit.key)
    }

    /// Gives the mounted units their places, from `first` on, and moves the turns whose place
    /// changed.
    pub(super) fn place(&mut self, first: u32, mounted: &[(u64, Unit)]) {
        if self.placed == mounted {
            return;
        }
        self.placed = mounted.to_vec();
        let units: Vec<&Unit> = mounted.iter().map(|(_, unit)| unit).collect();
        // Where a place is counted in the page, what is not there is gone, not scrolled out.
        let counted = |unit: &&Unit| unit.told.is_none() && TurnKey(unit.key.clone()).is_place();
        if !units.is_empty() && units.iter().all(counted) {
            let here: Set<&str> = units.iter().map(|unit| unit.key.as_str()).collect();
            self.places.retain(|key, _| here.contains(&key.as_str()));
        }
        if order::place(&mut self.places, first, &units) {
            self.turns.values_mut().for_each(|known| known.move_to(&self.places));
            return;
        }
        for unit in units {
            for role in [Role::User, Role::Assistant] {
                let known = self.turns.get_mut(&unit.turn_key(role));
                known.into_iter().for_each(|known| known.move_to(&self.places));
            }
        }
    }

    /// These units are parts of another one.
    pub(super) fn forget(&mut self, keys: &[String]) {
        self.placed.clear();
        for key in keys {
            self.places.remove(key);
        }
        self.turns.retain(|_, known| !keys.contains(&known.unit.key));
    }

    /// Takes in what a mounted element shows.
    pub(super) fn take(&mut self, site: &Site, at: Moment, unit: &Unit, parsed: &Parsed) {
        let place = self.places.get(&unit.key).copied().unwrap_or_default();
        for side in &parsed.sides {
            let key = unit.turn_key(side.role);
            let known = self.turns.entry(key.clone()).or_insert_with(|| Known {
                turn: Turn { key: key.clone(), role: side.role, at, ..Turn::default() },
                unit: unit.clone(),
                calls: Vec::new(),
                cut_at: None,
                marks: Marks::default(),
                here: self.here.contains(&key),
                changed: true,
            });
            known.turn.position = unit.position(place, side.role);
            if known.turn.key.is_place() && !known.may_become(side) {
                // Another turn stands in this place now: nothing of the one before is its own.
                known.calls.clear();
                known.turn.thinking.clear();
                known.cut_at = None;
            }
            known.take(site, at, side);
        }
    }

    /// Says how far each answer is. A call without an end in an answer that ended has failed.
    pub(super) fn settle(&mut self, at: Moment, mounted: &[TurnKey], around: Around) {
        if self.here != mounted {
            let here: Set<&TurnKey> = mounted.iter().collect();
            self.turns.iter_mut().for_each(|(key, known)| known.here = here.contains(&key));
            self.here = mounted.to_vec();
        }
        let last = self.last().cloned();
        for (key, known) in &mut self.turns {
            let is_last = last.as_ref() == Some(key);
            let was = known.turn.state;
            let now = if known.here {
                known.state(is_last, around)
            } else if was.is_open() && !self.places.contains_key(&known.unit.key) {
                TurnState::Vanished // what was shown of it
            } else if was.is_open() && !is_last {
                TurnState::Done
            } else {
                was
            };
            known.changed |= now != was;
            known.turn.state = now;
            known.cut(at, now);
        }
    }

    /// How far a turn is.
    pub(super) fn state_of(&self, key: &TurnKey) -> Option<TurnState> {
        self.turns.get(key).map(|known| known.turn.state)
    }

    /// The marks of the conversation's last turn, where that is an answer and mounted.
    pub(super) fn last_marks(&self, mounted: &[TurnKey]) -> Option<Marks> {
        let last = self.last().filter(|last| mounted.contains(last))?;
        let known = self.turns.get(last)?;
        (known.turn.role == Role::Assistant).then_some(known.marks)
    }

    /// The conversation's last turn, where that is an answer and mounted.
    pub(super) fn last_answer(&self, mounted: &[TurnKey]) -> Option<&Turn> {
        let last = self.last().filter(|last| mounted.contains(last))?;
        self.turns.get(last).map(|known| &known.turn).filter(|turn| turn.role == Role::Assistant)
    }

    /// Whether a tool works at the last answer, by what its step shows, and nothing says that it
    /// failed.
    pub(super) fn last_works(&self, mounted: &[TurnKey]) -> bool {
        let last = self.last_answer(mounted).and_then(|turn| self.turns.get(&turn.key));
        last.is_some_and(|known| {
            !known.marks.failed && known.calls.iter().flatten().any(|call| !call.state.has_ended())
        })
    }

    /// The turns that changed since this was last asked, in order.
    pub(super) fn changed(&mut self) -> Vec<Turn> {
        let changed = self.turns.values_mut().filter(|known| known.changed);
        let mut turns: Vec<Turn> = changed
            .map(|known| {
                known.changed = false;
                known.turn.clone()
            })
            .collect();
        // They come by key: those of one position stay in that order.
        sort_by(&mut turns, |a, b| a.position.cmp(&b.position));
        turns
    }

    /// Turns that stand in the conversation as it is now.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.placed().count()).unwrap_or(u32::MAX)
    }

    fn placed(&self) -> impl Iterator<Item = (&TurnKey, &Known)> {
        self.turns.iter().filter(|(_, known)| self.places.contains_key(&known.unit.key))
    }

    /// Each place is a word that is looked up, so the positions are asked first.
    fn last(&self) -> Option<&TurnKey> {
        let mut last: Option<(&TurnKey, &Known)> = None;
        for (key, known) in self.turns.iter().rev() {
            let later = last.is_none_or(|(_, last)| known.turn.position > last.turn.position);
            if later && self.places.contains_key(&known.unit.key) {
                last = Some((key, known));
            }
        }
        last.map(|(key, _)| key)
    }
}

impl Known {
    /// Takes the place of its unit.
    fn move_to(&mut self, places: &BTreeMap<String, u32>) {
        let Some(place) = places.get(&self.unit.key) else { return };
        let position = self.unit.position(*place, self.turn.role);
        self.changed |= self.turn.position != position;
        self.turn.position = position;
    }

    /// Whether this may be the same turn, a little earlier or later.
    fn may_become(&self, side: &Side) -> bool {
        let (was, is) = (&self.turn.markdown, &side.markdown);
        self.turn.role == side.role && (is.starts_with(was.as_str()) || was.starts_with(is))
    }

    fn take(&mut self, site: &Site, at: Moment, side: &Side) {
        self.marks = side.marks;
        let before = std::mem::take(&mut self.calls);
        let none = Vec::new();
        let merge = |(index, step)| {
            let before: &Vec<ToolCall> = before.get(index).unwrap_or(&none);
            steps::merge(&site.words, step, before, at)
        };
        self.calls = side.steps.iter().enumerate().map(merge).collect();
        let turn = Turn {
            role: side.role,
            markdown: side.markdown.clone(),
            thinking: match side.thinking.is_empty() && !side.steps.is_empty() {
                // Its panel was closed again.
                true => self.turn.thinking.clone(),
                false => side.thinking.clone(),
            },
            attachments: side.attachments.clone(),
            artifacts: side.artifacts.clone(),
            calls: self.shown_calls(),
            ..self.turn.clone()
        };
        if turn != self.turn {
            self.turn = Turn { state: TurnState::Done, ..turn };
            self.changed = true;
        }
    }

    /// Ends the calls that are open when their answer has ended; opens them again with it.
    fn cut(&mut self, at: Moment, state: TurnState) {
        let open = self.turn.calls.iter().any(|call| !call.state.has_ended());
        let streams = state.is_open();
        if open && !streams {
            self.cut_at.get_or_insert(at);
        } else if streams && self.cut_at.is_some() {
            self.cut_at = None;
        } else {
            return;
        }
        self.turn.calls = self.shown_calls();
        self.changed = true;
    }

    fn shown_calls(&self) -> Vec<ToolCall> {
        let mut calls = self.calls.concat();
        if let Some(cut_at) = self.cut_at {
            for call in calls.iter_mut().filter(|call| !call.state.has_ended()) {
                call.state = CallState::Failed;
                call.ended_at = Some(cut_at);
            }
        }
        calls
    }

    /// From what marks the answer and what stands around it.
    fn state(&self, is_last: bool, around: Around) -> TurnState {
        let empty = self.turn.markdown.is_empty()
            && self.turn.calls.is_empty()
            && self.turn.artifacts.is_empty();
        match self.turn.role {
            Role::User => TurnState::Done,
            Role::Assistant if is_last && around.busy => self.under_way(empty, around),
            Role::Assistant if self.marks.failed => TurnState::Dropped,
            Role::Assistant if is_last && around.stopped => TurnState::Stopped,
            Role::Assistant if is_last && around.ended.is_some() => {
                around.ended.unwrap_or_default()
            }
            Role::Assistant if is_last && around.trouble && empty => TurnState::Dropped,
            // It ended before it began.
            Role::Assistant if empty && !self.marks.done && !self.turn.state.is_cut() => {
                TurnState::Interrupted
            }
            // Only more of it shows that an answer goes on after it was cut short.
            Role::Assistant if self.turn.state.is_cut() => self.turn.state,
            Role::Assistant => TurnState::Done,
        }
    }

    /// A tool may take long: only an answer that nothing works at stands still.
    fn under_way(&self, empty: bool, around: Around) -> TurnState {
        let works = self.turn.calls.iter().any(|call| !call.state.has_ended());
        match around.still && !works {
            false => TurnState::Streaming,
            true if empty && self.turn.thinking.is_empty() => TurnState::Hung,
            true => TurnState::Stalled,
        }
    }
}
