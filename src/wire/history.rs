//! The history of a chat's signals: snapshots, what its head keeps of them, and what is asked.

use super::fields::read_fields;
use super::signals::RiskLevel;
use crate::base::Moment;
use serde::{Deserialize, Serialize};

/// Signals and risk of a chat at one moment, in whole numbers; of old history one snapshot stands
/// for all of a quarter of an hour, and the last of them gives its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Counts the chat's snapshots, from 1; unique, and grows.
    pub number: u32,
    /// When it was taken.
    pub at: Moment,
    /// When the first was taken that it stands for: `at`, where it stands for itself.
    pub since: Moment,
    /// How many it stands for.
    pub count: u32,
    /// The risk's step.
    pub level: RiskLevel,
    /// The highest step of those that it stands for.
    pub worst: RiskLevel,
    /// The risk's score, thousandths.
    pub score_permille: u32,
    /// The lowest score of those that it stands for.
    pub lowest_permille: u32,
    /// The highest.
    pub highest_permille: u32,
    /// Share of the context window in use, thousandths, by estimate.
    pub context_permille: u32,
    /// Tokens in all, by estimate.
    pub tokens: u64,
    /// Messages of both sides.
    pub messages: u32,
    /// Tool calls seen.
    pub calls: u32,
    /// Tool calls since the last checkpoint.
    pub calls_since_checkpoint: u32,
    /// Failed share of the last calls, thousandths.
    pub failure_permille: u32,
    /// Mean of the last latencies.
    pub latency_ms: u64,
    /// Answers that were interrupted, timed out, stood still or vanished.
    pub broken_answers: u32,
}

read_fields!(Snapshot {
    number,
    at,
    since,
    count,
    level,
    worst,
    score_permille,
    lowest_permille,
    highest_permille,
    context_permille,
    tokens,
    messages,
    calls,
    calls_since_checkpoint,
    failure_permille,
    latency_ms,
    broken_answers,
});

/// Head of a segment of history. Part 0: its snapshots, by columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SegmentHead {
    /// Number of its first snapshot.
    pub first: u32,
    /// Number of its last.
    pub last: u32,
    /// Snapshots in it.
    pub count: u32,
    /// When its earliest begins.
    pub from: Moment,
    /// When its latest was taken.
    pub to: Moment,
    /// Snapshots whose worst step is safe, warning and danger.
    pub levels: [u32; 3],
}

read_fields!(SegmentHead { first, last, count, from, to, levels });

/// What a chat's head keeps of its history, so that no start reads the history itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HistoryNote {
    /// The last number given.
    pub last_number: u32,
    /// When its history is next to be thinned and shortened.
    pub due: Option<Moment>,
    /// What its days added up to, oldest first: the newest
    /// [`HISTORY_DAYS`](crate::base::limits::HISTORY_DAYS).
    pub days: Vec<DayTally>,
}

read_fields!(HistoryNote { last_number, due, days });

/// What the snapshots of one chat and day add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DayTally {
    /// Days since 1970-01-01, UTC.
    pub day: u32,
    /// Time between snapshots that followed each other soon: so long the chat was in use.
    pub active_ms: u64,
    /// Snapshots taken.
    pub snapshots: u32,
    /// Those at warning.
    pub warning: u32,
    /// Those at danger.
    pub danger: u32,
    /// The largest share of the context window, thousandths.
    pub context_peak_permille: u32,
    /// The highest risk score, thousandths.
    pub score_peak_permille: u32,
}

read_fields!(DayTally {
    day,
    active_ms,
    snapshots,
    warning,
    danger,
    context_peak_permille,
    score_peak_permille,
});

/// Which snapshots of a chat are wanted: those that are all of this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// Taken at this moment or later.
    pub from: Option<Moment>,
    /// Taken at this moment or earlier.
    pub to: Option<Moment>,
    /// Whose worst step is this.
    pub level: Option<RiskLevel>,
    /// At most so many, the newest.
    pub newest: Option<u32>,
}

read_fields!(Wanted { from, to, level, newest });

/// Snapshots of one chat, as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryView {
    /// By number, oldest first.
    pub snapshots: Vec<Snapshot>,
    /// Records of its history that do not open.
    pub damaged: u32,
}
