//! Stored records: their outer form, their heads, and how they are addressed.
//!
//! Every record is a head (JSON text, small, readable without unpacking) and packed parts, each
//! compressed on its own, under a checksum of both. `session::codec` makes and opens them.

use super::chat::{BannerClass, Role, TurnState};
use super::fields::read_fields;
use super::history::HistoryNote;
use super::keeping::KeepNote;
use super::session::{EndReason, ResumeStage};
use super::signals::Risk;
use super::state::Trigger;
use crate::base::limits::PACK_AFTER;
use crate::base::{AccountId, ChatId, Moment, ResumeId, SessionId, TabId, TurnKey};
use serde::{Deserialize, Serialize};

pub use super::settings::Settings;
pub use super::stores::StoreName;

/// Version of the record form written today. Older ones are converted upward when opened.
pub const RECORD_VERSION: u16 = 3;

/// Address of one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// Which store.
    pub store: StoreName,
    /// The record's key in it.
    pub key: String,
}

/// What to read. The order of the answer is that of the keys, by their UTF-16 units, as IndexedDB
/// sorts them; of several stores, one after the other as they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// Every record of a store.
    All(StoreName),
    /// Every record of a session in these stores.
    OfSession(Vec<StoreName>, SessionId),
    /// One record.
    One(RecordKey),
    /// The second copy of a session, or those of all, which lie outside the store.
    Copies(Option<SessionId>),
    /// Records of a store whose keys follow this one, at most so many.
    Page {
        /// Which store.
        store: StoreName,
        /// The last key of the page before; none: from the first.
        after: Option<String>,
        /// How many.
        count: u32,
    },
}

/// What one commit changes: all of it or nothing, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// What is moved out of the way first.
    pub asides: Vec<Aside>,
    /// Everything of this session is deleted, in all stores. No put of the same change is its.
    pub erased: Option<SessionId>,
    /// Records to delete.
    pub deletes: Vec<RecordKey>,
    /// Records to put.
    pub puts: Vec<Stored>,
}

/// A record that is moved aside as it is, because it does not open and its key is needed. Where
/// something lies under the new key already, it was moved before and nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Where it lies.
    pub at: RecordKey,
    /// Its new key in the same store.
    pub to: String,
}

/// One record as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Where.
    pub at: RecordKey,
    /// The session it belongs to; empty for settings.
    pub session: SessionId,
    /// Form of head and parts.
    pub version: u16,
    /// JSON of one of the heads below.
    pub head: String,
    /// Compressed parts.
    pub parts: Vec<Part>,
    /// CRC-32 of all the rest of the record.
    pub check: u32,
}

/// One compressed part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Part(#[serde(with = "serde_bytes")] pub Vec<u8>);

/// Head of a session's record.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SessionHead {
    /// Identity.
    pub id: SessionId,
    /// Site name.
    pub site: String,
    /// Account.
    pub account: AccountId,
    /// Chat id.
    pub chat: ChatId,
    /// Title.
    pub title: String,
    /// Model as shown.
    pub model: String,
    /// URL of the chat.
    pub url: String,
    /// When it was first seen.
    pub started_at: Moment,
    /// When something of it was last stored.
    pub updated_at: Moment,
    /// Turns stored.
    pub turn_count: u32,
    /// Tool calls counted.
    pub calls: u32,
    /// Number of the last checkpoint.
    pub last_checkpoint: u32,
    /// Bytes of packed parts stored for it.
    pub stored_bytes: u64,
    /// Risk when last heard of.
    pub risk: Risk,
    /// The engine's counters, JSON.
    pub meter: String,
    /// Banner last shown.
    pub banner: Option<(BannerClass, String)>,
    /// Slots that could not be read.
    pub gaps: Vec<String>,
    /// The tab it is open in, with the browser's start it was seen in; none: it was left cleanly.
    pub live: Option<Live>,
    /// How it ended, where it did not end cleanly, and when.
    pub ended: Option<(EndReason, Moment)>,
    /// The chat this one carries on.
    pub parent: Option<SessionId>,
    /// What happened to it, oldest first; at most [`HAPPENED`](crate::base::limits::HAPPENED).
    pub happened: Vec<Happened>,
    /// When a person deleted it: it is no chat any more for anybody, and its records go when the
    /// time to undo that is over.
    pub deleted_at: Option<Moment>,
    /// Of the history of its signals.
    pub history: HistoryNote,
    /// When its records are next to be packed together.
    pub pack_due: Option<Moment>,
    /// Of what is kept of its checkpoints; none: that is to be looked at.
    pub keep: Option<KeepNote>,
}

read_fields!(SessionHead {
    id,
    site,
    account,
    chat,
    title,
    model,
    url,
    started_at,
    updated_at,
    turn_count,
    calls,
    last_checkpoint,
    stored_bytes,
    risk,
    meter,
    banner,
    gaps,
    live,
    ended,
    parent,
    happened,
    deleted_at,
    history,
    pack_due,
    keep,
});

/// Something that happened to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What can happen to a chat, beside checkpoints and resumes, which have records of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was opened again.
    Opened,
    /// Its page was left the ordinary way.
    Left,
    /// It ended without a clean end.
    Ended(EndReason),
}

impl SessionHead {
    /// Turns or a checkpoint of it are stored now, which are packed later.
    pub fn stores(&mut self, at: Moment) {
        let due = at.after(PACK_AFTER);
        self.updated_at = at;
        self.pack_due = Some(self.pack_due.map_or(due, |earlier| earlier.min(due)));
    }

    /// Whether something of the chat is stored: only then its head is worth a record.
    #[must_use]
    pub fn holds_something(&self) -> bool {
        self.turn_count > 0 || self.last_checkpoint > 0
    }
}

/// Where a session is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The tab.
    pub tab: TabId,
    /// The start of the browser.
    pub browser_session: String,
    /// The document.
    pub document: String,
}

/// Head of a turn's record. Part 0: the turn as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnHead {
    /// Its key.
    pub key: TurnKey,
    /// Its position.
    pub position: u32,
    /// Who.
    pub role: Role,
    /// How far.
    pub state: TurnState,
    /// Hash of what is stored.
    pub hash: u64,
    /// When it was first seen.
    pub at: Moment,
    /// When it was read as it is stored.
    pub read_at: Moment,
    /// Bytes of its text.
    pub text_bytes: u64,
    /// How its text begins; empty in records of before this was kept.
    pub start: String,
}

/// Head of a piece of a stream. Part 0: the piece's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamHead {
    /// The turn.
    pub key: TurnKey,
    /// The document that read it: each has pieces of its own.
    #[serde(default)]
    pub document: String,
    /// Its position.
    pub position: u32,
    /// Number of the piece, from 0.
    pub piece: u32,
    /// Bytes of the text before that stay.
    pub keep: usize,
    /// Hash of the whole text with this piece.
    pub hash: u64,
    /// Bytes of the whole text with this piece.
    #[serde(default)]
    pub text_bytes: u64,
    /// When.
    pub at: Moment,
}

/// Head of a checkpoint's record. Parts 0-5: the six categories as JSON, in their order; since
/// version 2 without the risk, which stands here, and with the places of messages and calls that
/// turns hold; since version 3 with quotes of turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckpointHead {
    /// Its number.
    pub number: u32,
    /// When.
    pub created_at: Moment,
    /// Why.
    pub trigger: Trigger,
    /// Risk then.
    pub risk: Risk,
    /// Turns stored then.
    pub turn_count: u32,
    /// Tool calls counted then.
    pub call_count: u32,
    /// Bytes of each category before and after packing.
    pub sizes: Vec<(u32, u32)>,
    /// The request that asked for it: document and number.
    pub request: (String, u64),
    /// When it was last restored, and the measured fidelity, 0-1.
    pub restored: Option<(Moment, f64)>,
    /// Whether a person pinned it: it is kept for ever.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// Head of a resume's record: the journal. Part 0: the prompt.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ResumeHead {
    /// Identity.
    pub id: ResumeId,
    /// The chat that ended.
    pub from: SessionId,
    /// Checkpoint restored.
    pub checkpoint: u32,
    /// Why it ended.
    pub reason: EndReason,
    /// When it ended.
    pub crashed_at: Moment,
    /// How far.
    pub stage: Option<ResumeStage>,
    /// When it came there.
    pub stage_at: Moment,
    /// The tab that it is meant for or was given to.
    pub tab: Option<TabId>,
    /// The document it was given to.
    pub document: Option<String>,
    /// The new chat.
    pub to: Option<SessionId>,
    /// Whether a person asked for it; otherwise it came by itself.
    pub asked: bool,
    /// Share of the state that the prompt holds, 0-1.
    pub fidelity: f64,
    /// When the prompt first stood in the fresh chat; none: it never did, as far as was told.
    pub placed_at: Option<Moment>,
}

read_fields!(ResumeHead {
    id,
    from,
    checkpoint,
    reason,
    crashed_at,
    stage,
    stage_at,
    tab,
    document,
    to,
    asked,
    fidelity,
    placed_at,
});
