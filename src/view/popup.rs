//! The popup: what it knows, what it shows, and what a click asks for.

pub use super::action::{Action, Outcome};
use super::chart::{self, Chart};
use super::detail::{self, Entry, Past};
use super::drafts::{self, DraftRow};
use super::list::{self, SessionRow};
use super::metrics::Board;
use super::place::{self, PlacePanel, RowsPanel};
use super::sieve::Sieve;
use super::store::{self, StorePanel};
use super::{amount, metrics, texts};
use crate::base::limits::UNDO_WITHIN;
use crate::base::order::sort_by;
use crate::base::{Moment, SessionId, text};
use crate::wire::metrics::MetricsView;
use crate::wire::records::{CheckpointHead, ResumeHead, SessionHead, Settings};
use crate::wire::ui::{Answer, Damaged, Status};
use crate::wire::vault::VaultView;
use std::sync::Arc;

/// Characters of a deleted chat's title.
const TITLE_CHARS: usize = 60;

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
    /// Its address, as far as the browser tells it.
    pub url: Option<String>,
    /// The chat that is looked at.
    pub chosen: Option<SessionId>,
    /// Its checkpoints; none: not read yet.
    pub checkpoints: Option<Arc<Vec<CheckpointHead>>>,
    /// Its resumes.
    pub resumes: Vec<ResumeHead>,
    /// Which part of its past is wanted.
    pub sieve: Sieve,
    /// What was measured of it, or of all chats where none is looked at; none: not told yet.
    pub course: Option<Arc<MetricsView>>,
    /// The checkpoint of it whose prompt is looked at; none: the newest state.
    pub point: Option<u32>,
    /// That prompt; none: not made yet.
    pub prompt: Option<Prompt>,
    /// Chats that could not be read here.
    pub unreadable: u32,
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
    /// The place in view, where there is something to do about it.
    pub place: Option<PlacePanel>,
    /// How the place in view is read, where a person can change that.
    pub rows: Option<RowsPanel>,
    /// Whether how the page in view is read can be reported: SHIM looks at it.
    pub can_report_page: bool,
    /// All saved chats.
    pub listing: Listing,
    /// How much is saved in all; empty where nothing is.
    pub total: String,
    /// The chosen chat.
    pub detail: Option<Detail>,
    /// What all chats add up to; none: not told yet.
    pub board: Option<Board>,
    /// Chats whose deletion can be undone, the last deleted first.
    pub deleted: Vec<Deleted>,
    /// What was typed and not sent, newest first.
    pub drafts: Vec<DraftRow>,
    /// What a person should know, most urgent first.
    pub problems: Vec<String>,
    /// Host of the page in view, where its site can be switched off, and whether it is.
    pub site: Option<(String, bool)>,
    /// Host of the chat in view, where its site can be asked for turns that are not shown, and
    /// whether it may be.
    pub deep: Option<(String, bool)>,
    /// Settings in force; none: not known, so that nothing can be changed.
    pub settings: Option<Settings>,
    /// What is told of the store itself.
    pub store: StorePanel,
    /// How encryption stands; none: not known.
    pub vault: Option<VaultView>,
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
    /// It cannot be read; the problem stands above.
    Unread,
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
    /// Its risk and context over the session; none: not measured, or being read.
    pub chart: Option<Chart>,
    /// Its past, newest first; none: being read.
    pub past: Option<Vec<Entry>>,
    /// Which part of it that is.
    pub sieve: Sieve,
    /// What of it goes next, and when; empty: all of it stays.
    pub going: String,
    /// The checkpoint whose prompt is shown; none: the newest state.
    pub point: Option<u32>,
    /// Heading of the prompt.
    pub heading: String,
    /// The prompt; none: it is being made.
    pub prompt: Option<Prompt>,
    /// Its size in words.
    pub tokens: String,
}

/// A prompt, or why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The text; empty: there is none.
    pub text: Arc<str>,
    /// Why there is none.
    pub trouble: String,
}

impl Prompt {
    /// What the background answered to [`Ask::Prompt`](crate::wire::ui::Ask::Prompt).
    #[must_use]
    pub fn of(answer: Answer) -> Self {
        match answer {
            Answer::Text(text) => Self { text: text.into(), trouble: String::new() },
            Answer::Problem(trouble) => Self { trouble, ..Self::default() },
            _ => Self { trouble: texts::ODD_ANSWER.to_owned(), ..Self::default() },
        }
    }
}

/// A chat that was deleted a moment ago.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Identity.
    pub id: SessionId,
    /// What to say of it.
    pub text: String,
    /// How long it can still be undone, in words.
    pub left: String,
    /// The site, where all its chats were deleted at once.
    pub site: Option<String>,
}

/// What the popup shows of what it knows.
#[must_use]
pub fn page(knows: &Knows) -> Page {
    let rows =
        knows.heads.as_ref().map(|heads| list::sessions(heads, knows.status.as_ref(), knows.now));
    let find = |id: &SessionId| rows.iter().flatten().find(|row| &row.id == id).cloned();
    let tab = tab(knows, find);
    let all = knows.course.as_ref().filter(|_| knows.chosen.is_none());
    let detail = knows.chosen.as_ref().and_then(|id| Some(detail(knows, find(id)?)));
    Page {
        tab,
        place: place::panel(knows),
        rows: place::rows(knows),
        can_report_page: place::is_watched(knows),
        board: all.map(|course| metrics::board(&course.groups)),
        detail,
        deleted: deleted(knows),
        drafts: drafts::rows(knows),
        store: store::panel(knows),
        total: knows.heads.as_ref().map(|heads| total(heads)).unwrap_or_default(),
        problems: problems(knows),
        site: place::switch(knows).map(|(_, host, off)| (host, off)),
        deep: place::deep(knows).map(|(_, host, on)| (host, on)),
        settings: knows.status.as_ref().map(|status| status.settings.clone()),
        vault: knows.status.as_ref().map(|status| status.vault),
        listing: match rows {
            None if !knows.store_problem.is_empty() => Listing::Unread,
            None => Listing::Reading,
            // Of a locked SHIM it is not known.
            Some(rows) if rows.is_empty() && !is_locked(knows) => Listing::Empty,
            Some(rows) => Listing::Rows(rows),
        },
    }
}

fn is_locked(knows: &Knows) -> bool {
    knows.status.as_ref().is_some_and(|status| status.vault == VaultView::Locked)
}

fn detail(knows: &Knows, row: SessionRow) -> Detail {
    let listed = knows.heads.as_ref().map(|heads| heads.as_slice()).unwrap_or_default();
    let head = listed.iter().find(|head| head.id == row.id);
    let past = head.zip(knows.checkpoints.as_ref()).map(|(head, checkpoints)| Past {
        head,
        checkpoints,
        resumes: &knows.resumes,
        listed,
    });
    let course = past.as_ref().zip(knows.course.as_ref());
    let made = knows.prompt.as_ref().filter(|prompt| !prompt.text.is_empty());
    Detail {
        row,
        chart: course.and_then(|(past, course)| chart::chart(course, past, knows.now)),
        past: past.map(|past| {
            let mut entries = detail::timeline(&past, knows.now);
            entries.retain(|entry| knows.sieve.lets(entry, knows.now));
            entries
        }),
        sieve: knows.sieve,
        going: head.map(|head| detail::going(head, knows.now)).unwrap_or_default(),
        point: knows.point,
        heading: knows
            .point
            .map_or(texts::PROMPT.to_owned(), |number| format!("Prompt of checkpoint {number}")),
        tokens: made
            .map(|prompt| format!("about {}", amount::count(text::tokens(&prompt.text), "token")))
            .unwrap_or_default(),
        prompt: knows.prompt.clone(),
    }
}

fn deleted(knows: &Knows) -> Vec<Deleted> {
    let heads = knows.heads.iter().flat_map(|heads| heads.iter());
    let mut found: Vec<(Moment, &SessionHead)> = heads
        .filter_map(|head| Some((head.deleted_at?, head)))
        .filter(|(when, _)| knows.now.since(*when) < UNDO_WITHIN)
        .collect();
    sort_by(&mut found, |a, b| b.0.cmp(&a.0));
    let with = |at: Moment, site: &str| {
        let same = |other: &&(Moment, &SessionHead)| other.0 == at && other.1.id.site() == site;
        found.iter().filter(same).map(|(_, head)| &head.id).collect::<Vec<_>>()
    };
    let row = |(when, head): (Moment, &SessionHead)| {
        let mine = with(when, head.id.site());
        if mine.first() != Some(&&head.id) {
            return None;
        }
        let site = (mine.len() > 1).then(|| head.id.site().to_owned());
        let title = text::clip(&texts::title(&head.title), TITLE_CHARS);
        let left = UNDO_WITHIN.0.saturating_sub(knows.now.since(when).0).div_ceil(1_000);
        let all = |site: &String| {
            format!("Forgot {} of {}.", amount::count(mine.len() as u64, "chat"), texts::site(site))
        };
        Some(Deleted {
            id: head.id.clone(),
            text: site.as_ref().map_or_else(|| format!("Deleted “{title}”."), all),
            left: format!("{left} s"),
            site,
        })
    };
    found.iter().copied().filter_map(row).collect()
}

fn tab(knows: &Knows, find: impl Fn(&SessionId) -> Option<SessionRow>) -> TabPanel {
    let (Some(status), Some(tab)) = (&knows.status, knows.tab) else {
        return TabPanel::Unknown;
    };
    let nothing_saved = knows.heads.as_ref().is_some_and(|heads| heads.is_empty());
    match status.tabs.iter().find(|(number, _)| *number == tab) {
        // The empty list says what to do; one such text is enough.
        None if nothing_saved => TabPanel::Unknown,
        None if place::switch(knows).is_some_and(|(.., off)| off) => {
            TabPanel::Bare(texts::SWITCHED_OFF)
        }
        // The place says so itself.
        None if place::panel(knows).is_some() => TabPanel::Unknown,
        None => TabPanel::Bare(texts::NO_CHAT_HERE),
        Some((_, id)) => {
            find(id).map_or(TabPanel::Bare(texts::NOTHING_YET), |row| TabPanel::Chat(Box::new(row)))
        }
    }
}

fn total(heads: &[SessionHead]) -> String {
    let listed = || heads.iter().filter(|head| head.deleted_at.is_none());
    let count = u64::try_from(listed().count()).unwrap_or(u64::MAX);
    if count == 0 {
        return String::new();
    }
    let size = listed().fold(0, |sum: u64, head| sum.saturating_add(head.stored_bytes));
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
        if status.settings_lost {
            problems.push(texts::SETTINGS_LOST.to_owned());
        }
        problems.extend(store::problems(knows));
    }
    // The page of a chat says what of it is damaged.
    if knows.chosen.is_none() {
        let own = [Damaged { records: knows.unreadable, ..Damaged::default() }];
        let damaged = knows.status.as_ref().map_or(own.as_slice(), |status| &status.damaged);
        problems.extend(texts::damaged(damaged));
    }
    // The store that the background cannot open is the one that cannot be read here.
    let mut seen = Vec::new();
    problems.retain(|text| {
        let new = !seen.contains(text);
        seen.push(text.clone());
        new
    });
    problems
}

/// A report of a problem, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The text of its file.
    Text(String),
    /// Say this as a problem.
    Trouble(String),
}

impl Report {
    /// What the background answered to [`Ask::Report`](crate::wire::ui::Ask::Report).
    #[must_use]
    pub fn of(answer: Answer) -> Self {
        match answer {
            Answer::Text(text) => Self::Text(text),
            Answer::Problem(text) => Self::Trouble(text),
            _ => Self::Trouble(texts::ODD_ANSWER.to_owned()),
        }
    }
}

/// A short message about the last thing a person did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// What to say; empty: nothing.
    pub text: String,
    /// Whether it is a problem.
    pub warning: bool,
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
        Self { text: text.into(), warning: true }
    }
}
