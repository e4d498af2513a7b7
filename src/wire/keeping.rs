//! How long checkpoints are kept, what a chat's head notes of that, and how checkpoints are asked
//! for.

use super::fields::read_fields;
use super::records::CheckpointHead;
use super::signals::RiskLevel;
use crate::base::Moment;
use crate::base::limits::{CHECKPOINT_BYTES, CHECKPOINT_DAYS, CHECKPOINTS};
use crate::base::order::sort_by;
use serde::Serialize;

/// How much of the past is kept; 0: without limit. No turn goes for the first three, and no
/// checkpoint that is safe (`session::keeping`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Keeping {
    /// Days that a checkpoint is kept.
    pub days: u32,
    /// Checkpoints of one chat.
    pub count: u32,
    /// Bytes of packed parts of all chats' checkpoints.
    pub bytes: u64,
    /// Days that a whole chat is kept since it was last used, unless something of it is pinned.
    pub chat_days: u32,
}

impl Default for Keeping {
    fn default() -> Self {
        let (days, count, bytes) = (CHECKPOINT_DAYS, CHECKPOINTS, CHECKPOINT_BYTES);
        Self { days, count, bytes, chat_days: 0 }
    }
}

read_fields!(Keeping { days, count, bytes, chat_days });

/// What a chat's head notes of its checkpoints, as they were when they were looked at last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeepNote {
    /// When the next of them go; none: all stay.
    pub due: Option<Moment>,
    /// How many go then.
    pub count: u32,
    /// Bytes of packed parts of all of them.
    pub bytes: u64,
    /// Bytes of those that may go where all chats have too many.
    pub spare_bytes: u64,
    /// How many a person pinned.
    pub pinned: u32,
}

read_fields!(KeepNote { due, count, bytes, spare_bytes, pinned });

/// Which checkpoints are meant: those of which everything that is asked for is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Made at this moment or later.
    pub from: Option<Moment>,
    /// Made at this moment or earlier.
    pub to: Option<Moment>,
    /// The level of the risk then.
    pub level: Option<RiskLevel>,
    /// Whether a chat was carried on from it.
    pub restored: Option<bool>,
    /// Whether a person pinned it.
    pub pinned: Option<bool>,
}

impl Which {
    /// Whether this is one of them.
    #[must_use]
    pub fn takes(&self, head: &CheckpointHead) -> bool {
        self.from.is_none_or(|from| head.created_at >= from)
            && self.to.is_none_or(|to| head.created_at <= to)
            && self.level.is_none_or(|level| head.risk.level == level)
            && self.restored.is_none_or(|restored| head.restored.is_some() == restored)
            && self.pinned.is_none_or(|pinned| head.pinned == pinned)
    }

    /// Those of them that are among these, by time and then by number.
    #[must_use]
    pub fn of<'a>(
        &self,
        heads: impl IntoIterator<Item = &'a CheckpointHead>,
    ) -> Vec<&'a CheckpointHead> {
        let mut found: Vec<_> = heads.into_iter().filter(|head| self.takes(head)).collect();
        sort_by(&mut found, |a, b| (a.created_at, a.number).cmp(&(b.created_at, b.number)));
        found
    }
}
