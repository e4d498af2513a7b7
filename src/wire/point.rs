//! Pointing at something in a page: what a person may point at, what the page shows meanwhile, and
//! what it tells of it.

use super::page::{Node, Plan};
use serde::{Deserialize, Serialize};

/// What a person can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A message of the person's own.
    User,
    /// A message of the other side.
    Assistant,
    /// The field that takes a message.
    Composer,
    /// What sends it.
    Send,
    /// What stops an answer.
    Stop,
    /// The chat's title.
    Title,
}

impl Part {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Assistant, Self::Composer, Self::Send, Self::Stop, Self::Title];

    /// Its slot in a table.
    #[must_use]
    pub const fn slot(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Composer => "composer",
            Self::Send => "send",
            Self::Stop => "stop",
            Self::Title => "title",
        }
    }
}

/// What the page shows while a person points, and after: every sentence comes from `view`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// What to point at, or what came of it.
    pub text: String,
    /// How it is done; empty: nothing is pointed at now.
    pub how: String,
    /// Label of what takes it away.
    pub close: String,
    /// Whether it tells of a problem.
    pub warning: bool,
    /// What the next click points at; none: clicks are the page's.
    pub part: Option<Part>,
    /// What is told of the page then.
    pub plan: Plan,
}

/// A person clicked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointed {
    /// What was to be pointed at.
    pub part: Part,
    /// The whole page. Elements that were pointed at in it have the pseudo attribute
    /// [`PICKED`], whose value is the slot of their part.
    pub page: Node,
}

/// The pseudo attribute of an element that a person pointed at.
pub const PICKED: &str = ":picked";

/// Why no rows could be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// This one has to be pointed at as well.
    Wants(Part),
    /// The element is not in what was told of the page.
    Unseen,
    /// Nothing tells it from other elements.
    Alike,
    /// It takes no text.
    NoField,
}
