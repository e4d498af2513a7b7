//! When a checkpoint is due, and why.
//!
//! Zones fire when they are entered, not while they last; intervals are due until a checkpoint
//! was made; a thing said once fires once, however often the page shows it.
//!
//! Absent from here: what a checkpoint holds, and how it is stored.

mod command;
mod cues;
mod green;

pub use cues::{Cues, cues_of};

use crate::base::{Moment, Span};
use crate::wire::fields::read_fields;
use crate::wire::signals::{Risk, RiskLevel, Signals};
use crate::wire::state::Trigger;
use crate::wire::tuning::Tuning;
use serde::Serialize;

/// Things said that are remembered as already saved.
const MARKS: usize = 256;

/// What was saved last, and which zones were entered. Stored with the session: a page that is
/// loaded again goes on where it was. Its JSON is at most about 3 KB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Triggers {
    last: Option<Moment>,
    saved: Said,
    heard: Said,
    warning: Zone,
    danger: Zone,
    marks: Vec<u32>,
}

read_fields!(Triggers { last, saved, heard, warning, danger, marks });

/// How much was said and done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Said {
    messages: u32,
    tokens: u64,
    calls: u32,
}

read_fields!(Said { messages, tokens, calls });

impl Said {
    fn of(signals: &Signals) -> Self {
        Self {
            messages: signals.message_count,
            tokens: signals.estimated_total_tokens,
            calls: signals.tool_call_count,
        }
    }

    fn is_more_than(&self, before: &Self) -> bool {
        self.messages > before.messages || self.tokens > before.tokens || self.calls > before.calls
    }
}

/// A level of risk that the session is in, or left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Zone {
    inside: bool,
    left_at: Option<Moment>,
}

read_fields!(Zone { inside, left_at });

impl Zone {
    /// Whether this is an entry that counts. One that comes back within the cooldown is the same
    /// visit: risk that swings around a threshold saves once.
    fn enters(&mut self, at: Moment, inside: bool, cooldown: Span) -> bool {
        let entered = inside && !self.inside;
        if self.inside && !inside {
            self.left_at = Some(at);
        }
        self.inside = inside;
        entered && self.left_at.is_none_or(|left| at.since(left) >= cooldown)
    }
}

impl Triggers {
    /// The most urgent reason for a checkpoint now; none: none is due.
    ///
    /// Interval triggers and a person's wish are told again until [`Self::done`]; a zone, a
    /// milestone and a risky operation once. A session's start is none after a checkpoint, its
    /// end none where nothing new was said since.
    pub fn due(
        &mut self,
        at: Moment,
        signals: &Signals,
        risk: &Risk,
        cues: &Cues,
        tuning: &Tuning,
    ) -> Option<Trigger> {
        self.heard = Said::of(signals);
        let is_new = self.heard.is_more_than(&self.saved);
        // Both zones see every risk: a chat that comes down from danger does not enter warning.
        let cooldown = tuning.zone_cooldown;
        let danger = self.danger.enters(at, risk.level == RiskLevel::Danger, cooldown);
        let warning = self.warning.enters(at, risk.level >= RiskLevel::Warning, cooldown);
        let risky = cues.risky_operation && self.is_news(&cues.operations);
        let milestone = cues.milestone && self.is_news(&cues.milestones);
        self.remember(cues);
        let calls = signals.tool_calls_since_checkpoint;
        let waited = self.last.map_or(Span(signals.session_duration_ms), |last| at.since(last));
        let reasons = [
            (danger, Trigger::DangerZone),
            (warning, Trigger::WarningZone),
            (risky, Trigger::RiskyOperation),
            (cues.user_requested, Trigger::UserRequested),
            (milestone, Trigger::Milestone),
            (cues.session_end && (is_new || self.last.is_none()), Trigger::SessionEnd),
            (cues.session_start && self.last.is_none(), Trigger::SessionStart),
            (tuning.call_interval > 0 && calls >= tuning.call_interval, Trigger::ToolCallInterval),
            (is_new && waited >= tuning.time_interval, Trigger::TimeInterval),
        ];
        reasons.into_iter().filter(|(is_due, _)| *is_due).map(|(_, trigger)| trigger).min()
    }

    /// A checkpoint was made: intervals begin anew. What was said up to the last [`Self::due`] is
    /// taken to be in it.
    pub fn done(&mut self, at: Moment) {
        self.last = Some(at);
        self.saved = self.heard;
    }

    /// Takes what is dated ahead of `now` as having happened now: the clock was set back since it
    /// was stored, and an interval must not wait until the clock has caught up.
    pub fn not_after(&mut self, now: Moment) {
        self.last = self.last.map(|last| last.min(now));
        self.warning.left_at = self.warning.left_at.map(|left| left.min(now));
        self.danger.left_at = self.danger.left_at.map(|left| left.min(now));
    }

    /// Without marks a cue is somebody's own word, and always news.
    fn is_news(&self, marks: &[u32]) -> bool {
        marks.is_empty() || marks.iter().any(|mark| !self.marks.contains(mark))
    }

    fn remember(&mut self, cues: &Cues) {
        for mark in cues.operations.iter().chain(&cues.milestones) {
            if !self.marks.contains(mark) {
                self.marks.push(*mark);
            }
        }
        let over = self.marks.len().saturating_sub(MARKS);
        self.marks.drain(..over);
    }
}
