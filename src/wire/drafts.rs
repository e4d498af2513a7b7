//! Text that a person typed into a chat's composer and that was not sent, as far as is known.

use crate::base::{Moment, SessionId};
use serde::{Deserialize, Serialize};

/// Head of a draft's record. Part 0: its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftHead {
    /// The chat; one without a chat id where it was typed into a fresh one.
    pub session: SessionId,
    /// The document whose composer it stood in.
    pub document: String,
    /// URL of that document.
    pub url: String,
    /// When it last changed.
    pub at: Moment,
    /// Whether it stands in that composer no more.
    pub gone: bool,
    /// Characters of it.
    pub chars: u64,
    /// How it begins.
    pub start: String,
    /// Its first letters and digits, by which a turn of the same words is known.
    pub letters: String,
}

/// A draft as a person is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftNote {
    /// Names it to [`Ask::Draft`](super::ui::Ask::Draft).
    pub key: String,
    /// The chat, as in [`DraftHead`].
    pub session: SessionId,
    /// Where it was typed.
    pub url: String,
    /// When it last changed.
    pub at: Moment,
    /// Characters of it.
    pub chars: u64,
    /// How it begins.
    pub start: String,
}
