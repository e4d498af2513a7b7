//! What passes between the background's machine and its shell (browser, store, clock).

use super::point::{PointView, Pointed};
use super::records::{Change, Query, StoreName, Stored};
use super::session::{SessionEvent, ToBackground};
use super::ui::{Answer, Ask};
use super::vault::{VaultAsk, VaultView};
use crate::base::{PortId, SessionId, TabId};
use serde::{Deserialize, Serialize};

/// What a content script sends over its port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortUp {
    /// First placement: the engine runs in the page and says this.
    Session(ToBackground),
    /// Second placement: the engine runs in the background and hears this.
    Event(SessionEvent),
    /// This page refused to compile WebAssembly.
    Refused,
    /// The text of its composer; empty: nothing stands there any more.
    Typed(String),
    /// Nothing stands in its composer any more: a person erased it there.
    Erased,
    /// A person pointed at something in the page.
    Pointed(Box<Pointed>),
}

/// What the background sends over a port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortDown {
    /// First placement: for the engine.
    Event(SessionEvent),
    /// Second placement: for the hands.
    Do(Vec<super::page::PageEffect>),
    /// Look at the page now: a hidden tab's own timers sleep.
    Look,
    /// Let a person point at something in the page, or say what came of it.
    Point(Box<PointView>),
}

/// What a tab looks like to the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TabState {
    /// `loading`, `complete` or `unloaded`.
    pub status: String,
    /// Whether the browser put it to sleep.
    pub discarded: bool,
    /// Its URL, as far as the extension may see it: empty for a site it does not watch.
    pub url: String,
    /// Whether it is the one in view in its window.
    pub active: bool,
    /// Whether its content script answered; none: it did not answer in time.
    pub answers: Option<bool>,
    /// Whether this browser empties a tab whose process died out of view: Firefox does so, and
    /// says no URL of it any more. Chromium says `unloaded` instead.
    pub crash_empties: bool,
}

/// Stores whose every record a start reads: what the machine stands on.
pub const RESTORED: [StoreName; 4] =
    [StoreName::Settings, StoreName::Sessions, StoreName::Resumes, StoreName::Drafts];

/// What happens to the background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackEvent {
    /// The store is open; these records are what the worker stands on. Until this came, what a
    /// page says is not heard, and a page repeats it.
    Restored {
        /// Every record of the stores in [`RESTORED`], as read.
        records: Vec<Stored>,
        /// Differs between starts of the browser; the same between starts of the worker.
        browser_session: String,
    },
    /// The store could not be opened or read at the start: nothing is saved, and what is in it is
    /// not known. It is told instead of `Restored`.
    StoreClosed {
        /// Why, and what a person can do.
        problem: String,
    },
    /// Where the extension may look, as match patterns: at the start, and after every change.
    Granted {
        /// The patterns.
        origins: Vec<String>,
    },
    /// A content script connected.
    Connected {
        /// Its port.
        port: PortId,
        /// Its tab.
        tab: TabId,
        /// Origin of its document as the browser says it.
        origin: String,
    },
    /// A port closed.
    Disconnected {
        /// Which.
        port: PortId,
    },
    /// A content script spoke. The text is untrusted.
    Message {
        /// Its port.
        port: PortId,
        /// A [`PortUp`] as JSON.
        text: String,
    },
    /// A tab that shows a watched site begins to load a page, there or elsewhere. Firefox only.
    TabLoads {
        /// Which.
        tab: TabId,
    },
    /// A tab was closed.
    TabRemoved {
        /// Which.
        tab: TabId,
    },
    /// A tab was looked at; none: there is no such tab.
    TabSeen {
        /// Which.
        tab: TabId,
        /// How it looks.
        state: Option<TabState>,
    },
    /// A batch of writes ended.
    Written {
        /// Which.
        batch: u64,
        /// Why it failed; none: it is committed.
        problem: Option<String>,
    },
    /// A second copy was stored, or not.
    Copied {
        /// Why it failed; none: it is stored.
        problem: Option<String>,
    },
    /// How much the browser says is stored, and may be.
    Measured {
        /// Bytes that are stored.
        used_bytes: u64,
        /// Bytes that may be; 0: it does not say.
        quota_bytes: u64,
    },
    /// A query ended. A record that could not be read is left out.
    Loaded {
        /// Which.
        load: u64,
        /// What was found.
        records: Vec<Stored>,
    },
    /// A query failed: nothing is known of what it asked for.
    LoadFailed {
        /// Which.
        load: u64,
    },
    /// A tab was opened on request of `OpenTab`.
    TabOpened {
        /// The request.
        request: u64,
        /// The tab; none: it failed.
        tab: Option<TabId>,
    },
    /// An extension page asks. Answered by [`BackEffect::Answer`].
    Asked {
        /// Number of the question.
        ask: u64,
        /// The question as JSON, an [`Ask`].
        text: String,
    },
    /// How encryption stands, whenever that changed.
    Vault(VaultView),
    /// The time asked for has come, or an alarm fired.
    Wake,
}

/// What the background does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackEffect {
    /// Commit all of it, or nothing. Answered by `Written`. The second copy of what is erased goes
    /// first: what a person deleted must not come back from there.
    Write {
        /// Number of the batch.
        batch: u64,
        /// What changes.
        change: Change,
        /// Whether the commit must have reached the disk before it is called one.
        strict: bool,
    },
    /// Open the store and read what the worker stands on, once more. Answered by `Restored` or
    /// `StoreClosed`.
    Restore,
    /// Read. Answered by `Loaded` or `LoadFailed`.
    Load {
        /// Number of the query.
        load: u64,
        /// What to read.
        query: Query,
    },
    /// Keep these records of a session outside the store, in place of what is there. Done after
    /// all that was ordered before. Answered by `Copied`.
    Copy {
        /// Whose.
        session: SessionId,
        /// What a resume needs; nothing: what is there is deleted.
        records: Vec<Stored>,
    },
    /// Ask how much is stored and may be. Answered by `Measured`.
    Measure,
    /// Do with the encryption what a person asked. Whoever carries it out answers the question.
    Vault {
        /// The question.
        ask: u64,
        /// What.
        wanted: VaultAsk,
    },
    /// Send to a content script.
    Send {
        /// Its port.
        port: PortId,
        /// What.
        message: Box<PortDown>,
    },
    /// Look at a tab. Answered by `TabSeen`.
    LookAtTab {
        /// Which.
        tab: TabId,
    },
    /// Open a tab. Answered by `TabOpened`.
    OpenTab {
        /// Number of the request.
        request: u64,
        /// Where.
        url: String,
    },
    /// Show the risk of a tab on the toolbar.
    Badge {
        /// The tab; none: all tabs.
        tab: Option<TabId>,
        /// What it shows.
        badge: BadgeView,
    },
    /// Answer an extension page.
    Answer {
        /// Number of the question.
        ask: u64,
        /// The answer.
        answer: Box<Answer>,
    },
    /// Take a registration back.
    Unregister {
        /// Its id.
        site: String,
    },
    /// Register an origin's content scripts, with or without the engine's wasm.
    Register {
        /// Match patterns of the site.
        matches: Vec<String>,
        /// Site name, also the registration's id.
        site: String,
        /// Whether the page gets the engine.
        with_engine: bool,
    },
}

/// The toolbar badge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgeView {
    /// Up to four characters; empty: none.
    pub text: String,
    /// CSS colour of its ground.
    pub color: String,
    /// CSS colour of its text: left to themselves, browsers choose differently.
    pub text_color: String,
    /// Tooltip.
    pub title: String,
}

/// A question with its number, as the shell passes it.
pub type NumberedAsk = (u64, Ask);
