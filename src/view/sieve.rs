//! Which part of a chat's past is listed: what was risky, carried on or pinned, and how old it is.

use super::detail::Entry;
use crate::base::{Moment, Span};
use crate::wire::signals::RiskLevel;

/// What kind of entry is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Every one.
    #[default]
    All,
    /// Checkpoints of a chat at risk.
    Risky,
    /// Checkpoints that a chat was carried on from, and where it was.
    Resumed,
    /// Checkpoints that are kept for ever.
    Pinned,
}

/// What a person wants listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sieve {
    /// Of this kind.
    pub kind: Kind,
    /// No older than this; none: of any age.
    pub within: Option<Span>,
}

/// Names the choice of a kind.
pub const WHAT: &str = "What is listed";
/// Kinds, with their names for tests and their words.
pub const KINDS: [(&str, &str, Kind); 4] = [
    ("list-all", "All", Kind::All),
    ("list-risky", "At risk", Kind::Risky),
    ("list-resumed", "Resumed", Kind::Resumed),
    ("list-pinned", "Pinned", Kind::Pinned),
];
/// Names the choice of an age.
pub const SINCE: &str = "Since when";
/// Ages, likewise.
pub const AGES: [(&str, &str, Option<Span>); 4] = [
    ("since-ever", "Any time", None),
    ("since-hour", "Last hour", Some(Span::hours(1))),
    ("since-day", "Last day", Some(Span::hours(24))),
    ("since-week", "Last week", Some(Span::hours(7 * 24))),
];
/// Nothing comes through.
pub const NOTHING: &str = "Nothing of this kind in this time.";

impl Sieve {
    /// Whether it lets an entry through.
    #[must_use]
    pub fn lets(self, entry: &Entry, now: Moment) -> bool {
        let point = entry.point.as_ref();
        let is_wanted = match self.kind {
            Kind::All => true,
            Kind::Risky => point.is_some_and(|point| point.risk.level > RiskLevel::Safe),
            Kind::Resumed => entry.resumed,
            Kind::Pinned => point.is_some_and(|point| point.pinned),
        };
        is_wanted && self.within.is_none_or(|within| now.since(entry.at) <= within)
    }
}
