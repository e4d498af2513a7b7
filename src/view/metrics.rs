//! Metrics in words.

use super::{amount, texts};
use crate::base::Span;
use crate::wire::metrics::{Direction, Group, Metric, MetricKind, Metrics, Unit};
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

/// What all chats add up to: a table of its own, and one with a line for each group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Over all chats.
    pub all: Vec<MetricLine>,
    /// What the columns of the groups are.
    pub columns: Vec<&'static str>,
    /// By site, by model and by day.
    pub groups: Vec<(&'static str, Vec<GroupRow>)>,
}

/// A group's name, and its values.
pub type GroupRow = (String, Vec<String>);

/// The tables of these groups; days newest first.
#[must_use]
pub fn board(groups: &[Metrics]) -> Board {
    let values = |of: &Metrics| of.values.iter().map(line).collect::<Vec<MetricLine>>();
    let all = groups.iter().find(|one| one.of == Group::All);
    let rows = |heading, is_of: fn(&Group) -> bool| {
        let row =
            |one: &Metrics| (group(&one.of), one.values.iter().map(short).collect::<Vec<String>>());
        let mut rows: Vec<_> = groups.iter().filter(|one| is_of(&one.of)).map(row).collect();
        if heading == BY_DAY {
            rows.reverse();
        }
        (heading, rows)
    };
    Board {
        all: all.map(values).unwrap_or_default(),
        columns: MetricKind::ALL.map(column).to_vec(),
        groups: vec![
            rows("By site", |of| matches!(of, Group::Site(_))),
            rows("By model", |of| matches!(of, Group::Model(_))),
            rows(BY_DAY, |of| matches!(of, Group::Day(_))),
        ],
    }
}

const BY_DAY: &str = "By day";

/// A column's heading.
fn column(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Crashes => "Crashes in 10 h",
        MetricKind::Recovery => "Recovery",
        MetricKind::ContextLoss => "Loss",
        MetricKind::Interventions => "Clicks",
        MetricKind::Parallel => "At once",
        MetricKind::Danger => "At danger",
        MetricKind::ContextPeak => "Context",
        MetricKind::Active => "In use",
    }
}

/// A value without its unit's words, which its column says.
fn short(metric: &Metric) -> String {
    let Some(value) = metric.value.filter(|value| value.is_finite()) else {
        return "–".to_owned();
    };
    match metric.kind.unit() {
        Unit::CrashesInTenHours | Unit::Clicks => {
            format!("{:.1}", amount::tame(value, 9_999.0))
        }
        Unit::Chats => format!("{:.0}", amount::tame(value, 9_999.0)),
        unit => words(unit, value),
    }
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
