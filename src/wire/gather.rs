//! The gathering of a chat's whole transcript: its page is scrolled through, and what it mounts
//! on the way is read; or, where a person opted in, the site's own call tells what is not mounted.

use super::fields::read_fields;
use serde::{Deserialize, Serialize};

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// All of it; first by this call, where there is one.
    Whole(Option<SiteCall>),
    /// No more of it.
    Stop,
}

/// A site's own conversation call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SiteCall {
    /// Path and query in the page's origin; `{account}` stands for the account cookie's value.
    pub path: String,
    /// Path of the call that gives the token which this one carries; empty: cookies are enough.
    pub token: String,
}

read_fields!(SiteCall { path, token });

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallAnswer {
    /// The status of the answer; 0: there was none.
    pub status: u16,
    /// Its text; empty where it is too long.
    pub text: String,
}

read_fields!(CallAnswer { status, text });

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// It fits the page: all its turns are stored.
    Stored {
        /// So many.
        turns: u32,
    },
    /// Nothing of it is used.
    Unused {
        /// Why, in words that follow "since".
        why: String,
    },
}

/// Where to scroll what holds the turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScrollTo {
    /// To the newest turn. The first of a gathering: where the page stood is remembered.
    #[default]
    End,
    /// Towards the oldest turn by most of what is in view.
    Up,
    /// Towards the newest by as much: what the way up passed over may be on the way down.
    Down,
    /// To where it stood, unless a person scrolled meanwhile. The last of a gathering.
    Back,
}

/// How a scrolling went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scrolled {
    /// Whether the page moved, or grew.
    pub moved: bool,
    /// Whether a person used the page since the gathering began.
    pub taken: bool,
}

read_fields!(Scrolled { moved, taken });

/// How far a gathering is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatherStage {
    /// Under way.
    #[default]
    Going,
    /// Until the answer under way is there.
    Busy,
    /// Until the tab is in view: a hidden page mounts nothing.
    Hidden,
    /// Everything is there that the page has.
    Whole,
    /// The page says that there is more, and did not show it.
    Short,
    /// A person ended it, or used the page.
    Stopped,
}

impl GatherStage {
    /// Whether more comes.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Going | Self::Busy | Self::Hidden)
    }
}

/// What is said of a gathering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gathered {
    /// How far it is.
    pub stage: GatherStage,
    /// Turns that were read in this document, or told by the site.
    pub turns: u32,
    /// Turns that there are; none: nobody says.
    pub total: Option<u32>,
    /// Why the site's own call was not used, in words that follow "since"; empty: it was, or
    /// nobody wanted it.
    pub unused: String,
}

read_fields!(Gathered { stage, turns, total, unused });
