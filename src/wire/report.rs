//! What the flight recorder keeps and a person sends: events by kind, time and size. No text of a
//! chat, no title, no address; ids are hashes.

use crate::base::{Moment, PortId, TabId};
use crate::wire::session::ResumeStage;
use crate::wire::state::Trigger;
use serde::{Deserialize, Serialize};

/// A report, as it lies in the exported file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of SHIM.
    pub version: String,
    /// Events, oldest first. Before them the hellos of ports that were open already.
    pub noted: Vec<Noted>,
}

/// One event, and what followed from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// When.
    pub at: Moment,
    /// What happened.
    pub seen: Seen,
    /// Kinds of effects, in order; of a write with its puts, deletes and whether it is strict.
    pub did: Vec<String>,
}

/// What happened to the background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The store opened, with so many records to stand on.
    Restored {
        /// How many.
        records: usize,
    },
    /// The store did not open.
    StoreClosed,
    /// The browser said where the extension may look.
    Granted {
        /// So many places.
        count: usize,
    },
    /// A page connected.
    Connected {
        /// Its port.
        port: PortId,
        /// Its tab.
        tab: TabId,
        /// Name of its site; empty: none that is watched.
        site: String,
    },
    /// A port closed.
    Disconnected {
        /// Which.
        port: PortId,
    },
    /// An engine said something, wherever it runs.
    Said {
        /// Its port.
        port: PortId,
        /// What.
        said: Said,
    },
    /// Something else came over a port: what a page shows, for an engine that runs here.
    Message {
        /// Which.
        port: PortId,
        /// Its size.
        size_bytes: usize,
    },
    /// A person asked: `status`, `change`, ...
    Asked {
        /// Name of the question.
        what: String,
    },
    /// Time passed.
    Wake,
    /// A tab loads a page.
    TabLoads {
        /// Which.
        tab: TabId,
    },
    /// A tab was closed.
    TabRemoved {
        /// Which.
        tab: TabId,
    },
    /// A tab was looked at.
    TabSeen {
        /// Which.
        tab: TabId,
        /// The browser's word for how it is; empty: there is no such tab.
        status: String,
        /// Whether the browser put it to sleep.
        discarded: bool,
        /// Whether it tells an address.
        has_url: bool,
        /// Whether its content script answers.
        answers: Option<bool>,
    },
    /// The oldest open commit is done, or was refused.
    Written {
        /// Whether it was refused.
        refused: bool,
    },
    /// The oldest second copy on its way is kept, or not.
    Copied {
        /// Whether it was refused.
        refused: bool,
    },
    /// The oldest open query was answered, with so many records.
    Loaded {
        /// How many.
        records: usize,
    },
    /// The oldest open query failed.
    LoadFailed,
    /// A tab was opened, or not.
    TabOpened {
        /// Which.
        tab: Option<TabId>,
    },
}

/// What an engine said. Ids are hashes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A page that it does not know.
    Scout,
    /// What a site's own call told.
    Called {
        /// Size of the answer.
        size_bytes: usize,
    },
    /// How the gathering of a transcript goes.
    Gathered {
        /// Turns so far.
        turns: u32,
    },
    /// Which chat its document shows.
    Hello {
        /// The document.
        document: u64,
        /// The account.
        account: u64,
        /// The chat, where it has an id.
        chat: Option<u64>,
        /// Whether it is fresh.
        fresh: bool,
        /// How far its resume is.
        resume: Option<(u64, ResumeStage)>,
    },
    /// Turns.
    Turns {
        /// Number of the message.
        number: u64,
        /// How many.
        count: usize,
        /// The first of them.
        turns: Vec<SaidTurn>,
    },
    /// A piece of a text that is being streamed.
    Stream {
        /// Number of the message.
        number: u64,
        /// The turn.
        turn: u64,
        /// Its position.
        position: u32,
        /// Bytes of the text before that stay.
        keep_bytes: usize,
        /// Bytes of the piece.
        size_bytes: usize,
        /// Whether it is the whole text.
        whole: bool,
    },
    /// Counters.
    Meter,
    /// A checkpoint is wanted.
    Checkpoint {
        /// Number of the request.
        request: u64,
        /// Why.
        trigger: Trigger,
    },
    /// How a resume goes.
    Resume {
        /// Which.
        resume: u64,
        /// How far.
        stage: ResumeStage,
    },
    /// The page is left.
    Bye,
    /// It is wanted in a fresh chat.
    Fresh,
}

/// One turn that was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaidTurn {
    /// Its key.
    pub key: u64,
    /// Its position.
    pub position: u32,
    /// Bytes of its text.
    pub size_bytes: usize,
    /// Whether it is finished.
    pub done: bool,
    /// Whether a person wrote it.
    pub user: bool,
}
