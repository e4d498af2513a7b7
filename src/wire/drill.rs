//! What the last restore drill came to. Absent from here: when one is due, and what it tries.

use super::fields::read_fields;
use crate::base::{Moment, SessionId};
use serde::{Deserialize, Serialize};

/// A restore drill: everything that a resume of a chat needs was read, from the store and from the
/// second copy, and its prompt was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drilled {
    /// When.
    pub at: Moment,
    /// Of which chat; empty: it was deleted since.
    pub session: SessionId,
    /// What failed; none: all went well.
    pub failed: Option<Failed>,
    /// How long it took.
    pub took_ms: u64,
}

read_fields!(Drilled { at, session, failed, took_ms });

/// What failed in a drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// What.
    pub what: Failure,
    /// Whether that is so of the second copy; otherwise of the store.
    pub in_copy: bool,
}

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Records do not open.
    Damaged,
    /// Turns are missing, or all of it.
    Missing,
    /// The newest checkpoint does not open.
    Checkpoint,
    /// No prompt can be made.
    NoPrompt,
    /// The prompt lacks what was asked for last.
    NoRequest,
    /// The prompt is larger than one may be.
    TooLong,
}
