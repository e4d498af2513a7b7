//! An answer that grows is being made, whatever the page's own marks say of it.

use super::memory::Memory;
use crate::base::{Moment, Span, TurnKey, text};

/// How long an answer may stand still before it counts as ended. Models pause between two words,
/// and a page's own state should be told within two seconds: a look takes its part of them.
const STILL: Span = Span(1_000);
/// How long nothing may come of an answer that the page shows as under way.
const STALLS: Span = Span(5_000);

/// The newest answer, and when it last grew.
#[derive(Debug, Default)]
pub(super) struct Growth {
    last: Option<(TurnKey, u64)>,
    looked: bool,
    grown_at: Option<Moment>,
    /// Since when the page shows an answer as under way.
    busy_since: Option<Moment>,
    /// The answer that a person stopped.
    stopped: Option<TurnKey>,
}

impl Growth {
    /// Takes note of the newest answer. What stood there at the first look is not known to grow.
    pub(super) fn note(&mut self, at: Moment, memory: &Memory, keys: &[TurnKey]) {
        let turn = memory.last_answer(keys);
        let now = turn.map(|turn| {
            let calls = turn.calls.iter().fold(0, |sum: usize, call| {
                sum.saturating_add(call.args.len() + call.result.len() + 1)
            });
            let length = turn.thinking.len() + calls;
            (turn.key.clone(), text::hash(&turn.markdown).wrapping_add(length as u64))
        });
        if self.looked && now.is_some() && now != self.last {
            self.grown_at = Some(at);
        }
        // A clock that was set back must not keep an answer growing until it is caught up.
        self.grown_at = self.grown_at.map(|grown| grown.min(at));
        self.looked |= !keys.is_empty() || self.last.is_some();
        self.last = now;
    }

    /// Takes note of whether an answer is being made.
    pub(super) fn note_busy(&mut self, at: Moment, busy: bool) {
        if busy && self.busy_since.is_none() {
            self.stopped = None;
        }
        self.busy_since = busy.then(|| self.busy_since.unwrap_or(at).min(at));
    }

    /// A person pressed what stops the newest answer.
    pub(super) fn stop(&mut self) {
        self.stopped = self.last.as_ref().map(|(key, _)| key.clone());
    }

    /// Whether a person stopped the newest answer.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some() && self.stopped.as_ref() == self.last.as_ref().map(|(key, _)| key)
    }

    /// When an answer that is being made counts as standing still.
    pub(super) fn stalls(&self) -> Option<Moment> {
        let since = self.busy_since?;
        Some(self.grown_at.map_or(since, |grown| grown.max(since)).after(STALLS))
    }

    /// Whether the newest answer grew a moment ago.
    pub(super) fn is_on(&self, at: Moment) -> bool {
        self.last.is_some() && self.grown_at.is_some_and(|grown| at.since(grown) < STILL)
    }

    /// When that will be over, if nothing more comes.
    pub(super) fn ends(&self, at: Moment) -> Option<Moment> {
        self.grown_at.filter(|_| self.is_on(at)).map(|grown| grown.after(STILL))
    }
}
