//! Snapshots in windows of time, and how they go: one after the other, in a bounded room.

use crate::base::{Moment, Span};
use crate::wire::history::Snapshot;
use crate::wire::metrics::Window;
use crate::wire::signals::Trend;

/// Windows at most: with more of them each becomes twice as long.
const MOST: usize = 120;
/// The first length of a window.
const SHORTEST: Span = Span::seconds(5);
/// Windows that tell how something goes: with fewer nothing is said.
const RECENT: usize = 20;
/// The fewest of them.
const FEWEST: usize = 5;
/// Between the ends of the line the value must change by this share of its mean.
const RELATIVE: f64 = 0.1;
/// The slope must be so many times its own error.
const SIGNIFICANT: f64 = 3.0;

/// Windows that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    length: Span,
    list: Vec<Window>,
}

impl Default for Windows {
    fn default() -> Self {
        Self { length: SHORTEST, list: Vec::new() }
    }
}

impl Windows {
    /// Takes the next snapshot. One that a clock dates back counts for the newest window.
    pub fn add(&mut self, one: &Snapshot) {
        let from = begin(one.at, self.length);
        let new = Window {
            from,
            count: one.count,
            lowest_permille: one.lowest_permille,
            highest_permille: one.highest_permille,
            score_permille: one.score_permille,
            context_permille: one.context_permille,
        };
        match self.list.last_mut().filter(|last| from <= last.from) {
            Some(last) => join(last, &new),
            None => self.list.push(new),
        }
        while self.list.len() > MOST {
            self.lengthen();
        }
    }

    fn lengthen(&mut self) {
        self.length = Span(self.length.0.saturating_mul(2));
        let mut list: Vec<Window> = Vec::new();
        for mut window in self.list.drain(..) {
            window.from = begin(window.from, self.length);
            match list.last_mut().filter(|last| last.from == window.from) {
                Some(last) => join(last, &window),
                None => list.push(window),
            }
        }
        self.list = list;
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn list(&self) -> &[Window] {
        &self.list
    }

    /// How a value of the newest windows goes.
    #[must_use]
    pub fn trend(&self, value: impl Fn(&Window) -> u32) -> Trend {
        let recent = self.list.get(self.list.len().saturating_sub(RECENT)..).unwrap_or_default();
        let first = recent.first().map(|window| window.from).unwrap_or_default();
        let point = |window: &Window| {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of one chat")]
            let since = window.from.since(first).0 as f64;
            (since, f64::from(value(window)))
        };
        trend(&recent.iter().map(point).collect::<Vec<_>>())
    }
}

fn begin(at: Moment, length: Span) -> Moment {
    Moment(at.0 - at.0 % length.0.max(1))
}

fn join(into: &mut Window, next: &Window) {
    into.count = into.count.saturating_add(next.count);
    into.lowest_permille = into.lowest_permille.min(next.lowest_permille);
    into.highest_permille = into.highest_permille.max(next.highest_permille);
    into.score_permille = next.score_permille;
    into.context_permille = next.context_permille;
}

/// The slope of these points by least squares, where it is relative and significant.
fn trend(points: &[(f64, f64)]) -> Trend {
    #[expect(clippy::cast_precision_loss, reason = "at most some dozen")]
    let count = points.len() as f64;
    if points.len() < FEWEST {
        return Trend::Stable;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    let left = |point: &(f64, f64)| (point.1 - y - slope * (point.0 - x)).powi(2);
    let error = (points.iter().map(left).sum::<f64>() / (count - 2.0) / spread).sqrt();
    let length = points.last().map(|point| point.0).unwrap_or_default();
    let relative = (slope * length).abs() >= RELATIVE * y.abs();
    match relative && slope.abs() >= SIGNIFICANT * error {
        true if slope > 0.0 => Trend::Rising,
        true if slope < 0.0 => Trend::Falling,
        _ => Trend::Stable,
    }
}
