//! What a person can do with a chat, and what follows from it.

use super::texts;
use crate::base::SessionId;
use crate::wire::ui::{Answer, Ask};

/// What a person can do with a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a checkpoint.
    Save,
    /// Gather its whole transcript; false: no more of it.
    Gather(bool),
    /// Carry on in a new chat, from this checkpoint; none: the newest.
    Resume(Option<u32>),
    /// Keep this checkpoint for ever; false: no longer than others.
    Pin(u32, bool),
    /// Delete it.
    Delete,
    /// Keep it after all.
    Undelete,
}

impl Action {
    /// What to ask the background for.
    #[must_use]
    pub fn ask(self, session: SessionId) -> Ask {
        match self {
            Self::Save => Ask::SaveNow { session },
            Self::Gather(on) => Ask::Gather { session, on },
            Self::Resume(checkpoint) => Ask::Resume { session, checkpoint },
            Self::Pin(number, pinned) => Ask::Pin { session, number, pinned },
            Self::Delete => Ask::Delete { session },
            Self::Undelete => Ask::Undelete { session },
        }
    }

    /// What to say of the answer.
    #[must_use]
    pub fn outcome(self, answer: Answer) -> Outcome {
        match (self, answer) {
            (Self::Save, Answer::Done) => Outcome::Said(texts::SAVED.to_owned()),
            (Self::Resume(_), Answer::Done) => Outcome::Said(texts::RESUMED.to_owned()),
            (Self::Pin(_, true), Answer::Done) => Outcome::Said(texts::PINNED.to_owned()),
            (Self::Pin(_, false), Answer::Done) => Outcome::Said(texts::UNPINNED.to_owned()),
            // The list shows it, with the way back.
            (Self::Gather(_) | Self::Delete | Self::Undelete, Answer::Done) => Outcome::Seen,
            (_, Answer::Problem(text)) => Outcome::Trouble(text),
            _ => Outcome::Trouble(texts::ODD_ANSWER.to_owned()),
        }
    }
}

/// What follows from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Say this.
    Said(String),
    /// The page shows it.
    Seen,
    /// Say this as a problem.
    Trouble(String),
}
