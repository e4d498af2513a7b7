//! Cards in a chat's page: which there are, and what their buttons ask for.

use super::fields::names;
use super::session::About;
use serde::{Deserialize, Serialize};

/// A button on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardButton {
    /// Send what was placed.
    Send,
    /// Go on by hand: put the caret into the composer and take the card away.
    Edit,
    /// Take the placed text out again.
    Undo,
    /// Not this crash, not again.
    NotThis,
    /// Place the prompt that was only offered.
    Place,
    /// Carry this chat on in a fresh one.
    Fresh,
    /// Take the card away.
    Close,
}

names!(CardButton {
    Send = "send", Edit = "edit", Undo = "undo", NotThis = "not_this", Place = "place",
    Fresh = "fresh", Close = "close",
});

/// What a card is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardState {
    /// Which card.
    pub kind: CardKind,
    /// The chat it is about.
    pub about: About,
}

/// The cards there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// A prompt was placed by itself.
    Placed,
    /// A prompt can be placed.
    Offered,
    /// It could not be placed exactly.
    Failed,
    /// The page itself is about to fail: carry on in a fresh chat before.
    Heavy,
}
