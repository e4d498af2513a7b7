//! Metrics in words.

use super::{amount, texts};
use crate::base::Span;
use crate::wire::metrics::{Direction, Group, Metric, MetricKind, Unit};
use crate::wire::signals::Trend;

/// One metric in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricLine {
    /// What is measured.
    pub name: &'static str,
    /// Its value with its unit: `0.5 in 10 hours of chat`, `no data yet`.
    pub value: String,
    /// What the value was made of: `3 resumes`; empty without data.
    pub samples: String,
    /// Which way is better.
    pub better: &'static str,
}

/// Of what nothing is known.
pub const NO_DATA: &str = "no data yet";

/// A metric in words.
#[must_use]
pub fn line(metric: &Metric) -> MetricLine {
    let value = metric.value.filter(|value| value.is_finite());
    let samples = value.map(|_| amount::count(metric.samples.into(), sample(metric.kind)));
    MetricLine {
        name: name(metric.kind),
        value: value.map_or(NO_DATA.to_owned(), |value| words(metric.kind.unit(), value)),
        samples: samples.unwrap_or_default(),
        better: match metric.kind.direction() {
            Direction::Lower => "lower is better",
            Direction::Higher => "higher is better",
        },
    }
}

fn name(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Crashes => "Crashes",
        MetricKind::Recovery => "From a crash to its prompt in a new chat",
        MetricKind::ContextLoss => "Context lost in a resume",
        MetricKind::Interventions => "Clicks for a resume",
        MetricKind::Parallel => "Chats open at once",
        MetricKind::Danger => "Snapshots at danger",
        MetricKind::ContextPeak => "Most of the context window in use",
        MetricKind::Active => "Time in use",
    }
}

/// What a value is made of.
fn sample(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Crashes => "end",
        MetricKind::Recovery | MetricKind::ContextLoss | MetricKind::Interventions => "resume",
        MetricKind::Parallel => "opening",
        MetricKind::Danger | MetricKind::ContextPeak | MetricKind::Active => "snapshot",
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tamed to what a length of time can hold"
)]
fn words(unit: Unit, value: f64) -> String {
    match unit {
        Unit::CrashesInTenHours => {
            format!("{:.1} in 10 hours of chat", amount::tame(value, 9_999.0))
        }
        Unit::Milliseconds => amount::length(Span(amount::tame(value, 1e15) as u64)),
        Unit::Share => amount::percent(value),
        Unit::Clicks => format!("{:.1} clicks", amount::tame(value, 9_999.0)),
        Unit::Chats => amount::count(amount::tame(value, 9_999.0) as u64, "chat"),
    }
}

/// A group's name.
#[must_use]
pub fn group(of: &Group) -> String {
    match of {
        Group::All => "All chats".to_owned(),
        Group::Site(site) => texts::site(site),
        Group::Model(model) if model.is_empty() => "Model not shown".to_owned(),
        Group::Model(model) => model.clone(),
        Group::Day(day) => date(*day),
        Group::Session(_) => "This chat".to_owned(),
    }
}

/// A day as `2026-09-21`, counted from 1970-01-01.
fn date(day: u32) -> String {
    // By eras of 400 years that begin in March, so that a leap day is the last of its year.
    let days = u64::from(day) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// How something goes.
#[must_use]
pub fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Rising => "rising",
        Trend::Falling => "falling",
        Trend::Stable => "steady",
    }
}
