//! The popup: what it knows, what it shows, and what a click asks for.

use super::detail::{self, CheckpointRow};
use super::list::{self, SessionRow};
use super::{amount, texts};
use crate::base::{Moment, SessionId};
use crate::wire::records::{CheckpointHead, SessionHead, Settings};
use crate::wire::ui::{Answer, Ask, Status};
use std::sync::Arc;

/// Everything the popup has read and been told so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knows {
    /// When this was so.
    pub now: Moment,
    /// Every saved chat; none: not read yet.
    pub heads: Option<Arc<Vec<SessionHead>>>,
    /// The background's answer; none: it has not answered.
    pub status: Option<Status>,
    /// The tab in view, by its number.
    pub tab: Option<i64>,
    /// The chat whose checkpoints are looked at.
    pub chosen: Option<SessionId>,
    /// Checkpoints of the chosen chat; none: not read yet.
    pub checkpoints: Option<Arc<Vec<CheckpointHead>>>,
    /// Chats and checkpoints that could not be read.
    pub unreadable: (usize, usize),
    /// Why the store could not be read, in words; empty: it could.
    pub store_problem: String,
    /// Why the background's state is not known, in words; empty: it is.
    pub background_problem: String,
}

/// What the popup shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The tab in view.
    pub tab: TabPanel,
    /// All saved chats.
    pub listing: Listing,
    /// How much is saved in all; empty where nothing is.
    pub total: String,
    /// The chosen chat.
    pub detail: Option<Detail>,
    /// What a person should know, most urgent first.
    pub problems: Vec<String>,
    /// Settings in force; none: not known, so that nothing can be changed.
    pub settings: Option<Settings>,
}

/// The tab in view.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TabPanel {
    /// Not known yet, or nothing to say: show nothing.
    #[default]
    Unknown,
    /// No saved chat; the text says what is there.
    Bare(&'static str),
    /// A watched chat.
    Chat(Box<SessionRow>),
}

/// All saved chats.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Listing {
    /// Being read.
    #[default]
    Reading,
    /// There is none.
    Empty,
    /// Newest first.
    Rows(Vec<SessionRow>),
}

/// One chat in full.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// The chat.
    pub row: SessionRow,
    /// Its checkpoints, newest first; none: being read.
    pub checkpoints: Option<Vec<CheckpointRow>>,
}

/// What the popup shows of what it knows.
#[must_use]
pub fn page(knows: &Knows) -> Page {
    let rows =
        knows.heads.as_ref().map(|heads| list::sessions(heads, knows.status.as_ref(), knows.now));
    let find = |id: &SessionId| rows.iter().flatten().find(|row| &row.id == id).cloned();
    let tab = tab(knows, find);
    let detail = knows.chosen.as_ref().and_then(|id| {
        let checkpoints =
            knows.checkpoints.as_ref().map(|heads| detail::checkpoints(heads, knows.now));
        find(id).map(|row| Detail { row, checkpoints })
    });
    Page {
        tab,
        detail,
        total: knows.heads.as_ref().map(|heads| total(heads)).unwrap_or_default(),
        problems: problems(knows),
        settings: knows.status.as_ref().map(|status| status.settings.clone()),
        listing: match rows {
            None => Listing::Reading,
            Some(rows) if rows.is_empty() => Listing::Empty,
            Some(rows) => Listing::Rows(rows),
        },
    }
}

fn tab(knows: &Knows, find: impl Fn(&SessionId) -> Option<SessionRow>) -> TabPanel {
    let (Some(status), Some(tab)) = (&knows.status, knows.tab) else {
        return TabPanel::Unknown;
    };
    let nothing_saved = knows.heads.as_ref().is_some_and(|heads| heads.is_empty());
    match status.tabs.iter().find(|(number, _)| *number == tab) {
        // The empty list says what to do; one such text is enough.
        None if nothing_saved => TabPanel::Unknown,
        None => TabPanel::Bare(texts::NO_CHAT_HERE),
        Some((_, id)) => {
            find(id).map_or(TabPanel::Bare(texts::NOTHING_YET), |row| TabPanel::Chat(Box::new(row)))
        }
    }
}

fn total(heads: &[SessionHead]) -> String {
    if heads.is_empty() {
        return String::new();
    }
    let size = heads.iter().fold(0, |sum: u64, head| sum.saturating_add(head.stored_bytes));
    let count = u64::try_from(heads.len()).unwrap_or(u64::MAX);
    format!("{}, {}", amount::count(count, "chat"), amount::bytes(size))
}

fn problems(knows: &Knows) -> Vec<String> {
    let own = [&knows.background_problem, &knows.store_problem];
    let mut problems: Vec<String> =
        own.into_iter().filter(|text| !text.is_empty()).cloned().collect();
    if let Some(status) = &knows.status {
        if status.settings.paused {
            problems.push(texts::PAUSED_NOW.to_owned());
        }
        problems.extend(status.problems.iter().cloned());
    }
    let (chats, checkpoints) = knows.unreadable;
    for (number, what) in [(chats, "saved chat"), (checkpoints, "checkpoint")] {
        if number > 0 {
            let count = amount::count(u64::try_from(number).unwrap_or(u64::MAX), what);
            problems.push(format!("{count} could not be read. The rest is listed."));
        }
    }
    problems
}

/// What a person can do with a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a checkpoint.
    Save,
    /// Carry on in a new chat, from this checkpoint; none: the newest.
    Resume(Option<u32>),
    /// Copy the prompt of this checkpoint; none: the newest.
    Copy(Option<u32>),
}

impl Action {
    /// What to ask the background for.
    #[must_use]
    pub fn ask(self, session: SessionId) -> Ask {
        match self {
            Self::Save => Ask::SaveNow { session },
            Self::Resume(checkpoint) => Ask::Resume { session, checkpoint },
            Self::Copy(checkpoint) => Ask::Prompt { session, checkpoint },
        }
    }

    /// What to say of the answer.
    #[must_use]
    pub fn outcome(self, answer: Answer) -> Outcome {
        match (self, answer) {
            (Self::Save, Answer::Done) => Outcome::Said(texts::SAVED.to_owned()),
            (Self::Resume(_), Answer::Done) => Outcome::Said(texts::RESUMED.to_owned()),
            (Self::Copy(_), Answer::Text(prompt)) => Outcome::Copy(prompt),
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
    /// Put this on the clipboard.
    Copy(String),
    /// Say this as a problem.
    Trouble(String),
}

/// A short message about the last thing a person did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// What to say; empty: nothing.
    pub text: String,
    /// Whether it is a problem.
    pub warning: bool,
    /// A text to copy by hand, where the clipboard was refused.
    pub by_hand: Option<String>,
}

impl Notice {
    /// Something went well.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Something did not.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { text: text.into(), warning: true, by_hand: None }
    }

    /// The clipboard was refused: show the text itself.
    #[must_use]
    pub fn by_hand(prompt: String) -> Self {
        Self { text: texts::COPY_BY_HAND.to_owned(), warning: true, by_hand: Some(prompt) }
    }
}
