//! Time as an argument: nothing in the pure rooms asks a clock.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. The clock of a machine may jump, so
/// a later event can carry an earlier moment; differences saturate at zero.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub u64);

/// A length of time in milliseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Moment {
    /// The time passed since `earlier`; zero where the clock went back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Whether this is less than `span` after `earlier`. An `earlier` that lies ahead says no: the
    /// clock was wrong when that was noted, or is wrong now.
    #[must_use]
    pub fn is_within(self, span: Span, earlier: Self) -> bool {
        earlier <= self && self.since(earlier) < span
    }

    /// The moment `span` later.
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(count: u64) -> Self {
        Self(count * 1_000)
    }

    /// So many minutes.
    #[must_use]
    pub const fn minutes(count: u64) -> Self {
        Self(count * 60_000)
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(count: u64) -> Self {
        Self(count * 3_600_000)
    }

    /// Twice as long, and at most `most`: for waits that grow while something keeps failing.
    #[must_use]
    pub fn doubled(self, most: Self) -> Self {
        Self(self.0.saturating_mul(2)).min(most)
    }

    /// Whole minutes, rounded down.
    #[must_use]
    pub const fn as_minutes(self) -> u64 {
        self.0 / 60_000
    }
}

/// A clock that never goes back, made of one that does: a machine's clock is set, corrected by the
/// network, and wrong after a sleep. What waits is counted in steady moments; what a person reads
/// is a shown one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steady {
    last: Moment,
    /// How far the steady time is ahead of the shown one.
    ahead: Span,
}

impl Steady {
    /// The steady moment that belongs to `shown`, now: never before the one given last. Where the
    /// shown clock went back, no time has passed.
    pub fn now(&mut self, shown: Moment) -> Moment {
        let steady = shown.after(self.ahead);
        let back = self.last.since(steady);
        self.ahead = Span(self.ahead.0.saturating_add(back.0));
        self.last = steady.max(self.last);
        self.last
    }

    /// Whether the shown clock went back since `before`.
    #[must_use]
    pub fn is_behind(self, before: Self) -> bool {
        self.ahead > before.ahead
    }

    /// The moment that the shown clock will show at `steady`, as far as is known now.
    #[must_use]
    pub fn shown(self, steady: Moment) -> Moment {
        Moment(steady.0.saturating_sub(self.ahead.0))
    }
}
