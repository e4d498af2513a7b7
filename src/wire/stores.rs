//! The object stores of the database.

use serde::{Deserialize, Serialize};

/// The object stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreName {
    /// One record a chat.
    Sessions,
    /// One record a turn.
    Turns,
    /// Pieces of an answer that is still being streamed.
    Streams,
    /// One record a checkpoint.
    Checkpoints,
    /// One record a resume: the journal of what is done in a page.
    Resumes,
    /// Settings, one record.
    Settings,
    /// Snapshots of signals, many a record.
    History,
    /// What was typed and not sent.
    Drafts,
}

impl StoreName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sessions,
        Self::Turns,
        Self::Streams,
        Self::Checkpoints,
        Self::Resumes,
        Self::Settings,
        Self::History,
        Self::Drafts,
    ];

    /// The object store's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Turns => "turns",
            Self::Streams => "streams",
            Self::Checkpoints => "checkpoints",
            Self::Resumes => "resumes",
            Self::Settings => "settings",
            Self::History => "history",
            Self::Drafts => "drafts",
        }
    }
}
