//! What passes between an extension page and the background.

use super::archive::{Imported, Piece};
use super::drafts::DraftNote;
use super::fields::read_fields;
use super::gather::Gathered;
use super::history::{HistoryView, Wanted};
use super::keeping::Keeping;
use super::metrics::MetricsView;
use super::point::Part;
use super::records::Settings;
use super::secrets::SecretNote;
use super::vault::{VaultAsk, VaultView};
use super::verify;
use crate::base::SessionId;
use serde::{Deserialize, Serialize};

/// A question or a wish of an extension page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Make a checkpoint of this session's open chat.
    SaveNow {
        /// Which.
        session: SessionId,
    },
    /// Gather the whole transcript of this session's open chat, by scrolling through its page.
    Gather {
        /// Which.
        session: SessionId,
        /// False: no more of it.
        on: bool,
    },
    /// Open a fresh chat of the session's site and place the prompt of this checkpoint there.
    Resume {
        /// Which.
        session: SessionId,
        /// Which checkpoint; none: the newest.
        checkpoint: Option<u32>,
    },
    /// The prompt of this checkpoint as text.
    Prompt {
        /// Which.
        session: SessionId,
        /// Which checkpoint; none: the newest.
        checkpoint: Option<u32>,
    },
    /// Keep this checkpoint for ever, or no longer than others.
    Pin {
        /// Which session.
        session: SessionId,
        /// Which checkpoint.
        number: u32,
        /// Whether it is pinned from now on.
        pinned: bool,
    },
    /// Delete everything stored of this session, once the time to undo that is over.
    Delete {
        /// Which.
        session: SessionId,
    },
    /// Keep a session that was deleted a moment ago.
    Undelete {
        /// Which.
        session: SessionId,
    },
    /// The secrets that stand in what is stored of a session.
    Secrets {
        /// Which.
        session: SessionId,
    },
    /// The text of a draft.
    Draft {
        /// Its key in [`Status::drafts`].
        key: String,
    },
    /// Keep a draft no longer.
    Discard {
        /// Its key.
        key: String,
    },
    /// Delete every chat of a site, of all accounts, once the time to undo that is over. What a
    /// person set for the site stays.
    ForgetSite {
        /// The site as sessions are named: of an application that people host, with its place.
        site: String,
    },
    /// Keep the chats of a site that was forgotten a moment ago.
    KeepSite {
        /// Which.
        site: String,
    },
    /// Keep checkpoints and chats by this rule from now on.
    Keep(Keeping),
    /// Store these settings.
    Change(Settings),
    /// Encrypt, unlock, lock.
    Vault(VaultAsk),
    /// Read the pages of a place by these rows from now on.
    Rows {
        /// The place's origin.
        origin: String,
        /// The rows as JSON text; empty: find out by the pages' shape again.
        rows: String,
    },
    /// Say how the background is: problems a person should know.
    Status,
    /// Let a person point at this in the page of a tab. The page says what came of it.
    Point {
        /// The tab's number.
        tab: i64,
        /// What is to be pointed at.
        part: Part,
    },
    /// How the page of this tab is built, without what it says, as text for a report.
    Structure {
        /// The tab's number.
        tab: i64,
        /// Drawn at random for each report: nobody can look a scrambled value up.
        salt: u64,
    },
    /// Snapshots of a chat's signals.
    History {
        /// Which chat.
        session: SessionId,
        /// Which of them.
        wanted: Wanted,
    },
    /// What the stored records add up to, over all chats and by site, model and day; of one chat
    /// also its windows and how they go.
    Metrics {
        /// Which chat; none: all.
        session: Option<SessionId>,
    },
    /// Merge a chat of an archive into what is stored: its lines, piece by piece. Each piece but
    /// the last is answered with [`Answer::Done`].
    Import(Piece),
    /// Try now whether a chat could be carried on from what is stored.
    Drill,
    /// Take the next step of looking through the whole store, and of putting back what can be.
    /// Nobody who does not ask on has it done.
    Verify(verify::Wanted),
    /// The newest events without their content, as JSON text for a report of a problem.
    Report,
}

/// The background's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Done and committed.
    Done,
    /// A text.
    Text(String),
    /// How the background is.
    Status(Box<Status>),
    /// Secrets.
    Secrets(Vec<SecretNote>),
    /// Snapshots.
    History(Box<HistoryView>),
    /// Metrics.
    Metrics(Box<MetricsView>),
    /// What came of a chat that was imported.
    Imported(Imported),
    /// How far a check is, and what it found.
    Checked(Box<verify::Checked>),
    /// It could not be done; the text says why and what to do.
    Problem(String),
}

/// How the background is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Status {
    /// Sessions with an open chat.
    pub live: Vec<SessionId>,
    /// The session of each tab with a watched chat, by tab number.
    pub tabs: Vec<(i64, SessionId)>,
    /// Problems, newest first, in words.
    pub problems: Vec<String>,
    /// Settings in force.
    pub settings: Settings,
    /// Records that do not open, as far as they were looked at.
    pub damaged: Vec<Damaged>,
    /// Where SHIM looks, as match patterns, and whether a person gave that place.
    pub places: Vec<(String, bool)>,
    /// How the gathering of transcripts goes, of the chats whose document was asked for it.
    pub gathering: Vec<(SessionId, Gathered)>,
    /// Open chats whose site has a conversation call of its own.
    pub callable: Vec<SessionId>,
    /// How much room there is.
    pub room: RoomView,
    /// Whether the stored settings do not open, so that the ordinary ones are in force.
    pub settings_lost: bool,
    /// What was typed and not sent, newest first; not what stands in a composer now.
    pub drafts: Vec<DraftNote>,
    /// How encryption stands.
    pub vault: VaultView,
}

read_fields!(Status {
    live,
    tabs,
    problems,
    settings,
    damaged,
    places,
    gathering,
    callable,
    room,
    settings_lost,
    drafts,
    vault
});

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RoomView {
    /// Bytes that are stored.
    pub used_bytes: u64,
    /// Bytes that may be; 0: not known.
    pub quota_bytes: u64,
    /// Whether a person should make room.
    pub tight: bool,
    /// Checkpoints that went for lack of room since the background started.
    pub freed: u32,
}

read_fields!(RoomView { used_bytes, quota_bytes, tight, freed });

/// Records of one chat that do not open. They are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// The chat; empty: settings, or nobody's.
    pub session: SessionId,
    /// Damaged records.
    pub records: u32,
    /// Records of a newer SHIM.
    pub newer: u32,
}

read_fields!(Damaged { session, records, newer });
