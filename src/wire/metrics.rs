//! Metrics: what the stored records add up to, over all chats and by group.

use super::signals::Trend;
use crate::base::{Moment, SessionId};
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Crashes of tab or browser in ten hours of chat.
    Crashes,
    /// From a crash until its prompt stood in a fresh chat: the median.
    Recovery,
    /// Share of a chat's state that a placed prompt did not hold: the mean.
    ContextLoss,
    /// Clicks of a person for each resume.
    Interventions,
    /// Chats that were open at once: the most.
    Parallel,
    /// Share of snapshots at danger.
    Danger,
    /// Share of the context window in use: the most.
    ContextPeak,
    /// Time that chats were in use.
    Active,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Crashes in ten hours.
    CrashesInTenHours,
    /// Milliseconds.
    Milliseconds,
    /// A share, 0-1; of a context window it may be more.
    Share,
    /// Clicks a resume.
    Clicks,
    /// Chats.
    Chats,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Less.
    Lower,
    /// More.
    Higher,
}

impl MetricKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Crashes,
        Self::Recovery,
        Self::ContextLoss,
        Self::Interventions,
        Self::Parallel,
        Self::Danger,
        Self::ContextPeak,
        Self::Active,
    ];

    /// What its value counts.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Crashes => Unit::CrashesInTenHours,
            Self::Recovery | Self::Active => Unit::Milliseconds,
            Self::ContextLoss | Self::Danger | Self::ContextPeak => Unit::Share,
            Self::Interventions => Unit::Clicks,
            Self::Parallel => Unit::Chats,
        }
    }

    /// Which way is better.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Parallel | Self::Active => Direction::Higher,
            _ => Direction::Lower,
        }
    }
}

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What.
    pub kind: MetricKind,
    /// The value in the unit of its kind; none: there is no data, which is neither good nor bad.
    pub value: Option<f64>,
    /// What it was made of: crashes, resumes, snapshots or chats, so many.
    pub samples: u32,
}

/// What values are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Every chat that is stored.
    All,
    /// Chats of a site, by its name.
    Site(String),
    /// Chats with a model, as shown; empty: none was shown.
    Model(String),
    /// A day, counted from 1970-01-01, UTC.
    Day(u32),
    /// One chat.
    Session(SessionId),
}

/// The values of one group: one of every kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Of what.
    pub of: Group,
    /// The values, as [`MetricKind::ALL`].
    pub values: Vec<Metric>,
}

/// Snapshots of one length of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Window {
    /// When it begins.
    pub from: Moment,
    /// Snapshots in it.
    pub count: u32,
    /// The lowest risk score, thousandths.
    pub lowest_permille: u32,
    /// The highest.
    pub highest_permille: u32,
    /// The last.
    pub score_permille: u32,
    /// Share of the context window at its end, thousandths.
    pub context_permille: u32,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricsView {
    /// By group.
    pub groups: Vec<Metrics>,
    /// Of one chat: its windows, oldest first.
    pub windows: Vec<Window>,
    /// How its risk goes.
    pub risk_trend: Trend,
    /// How its share of the context window goes.
    pub context_trend: Trend,
}
