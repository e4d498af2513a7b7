//! The form of an archive: chats as one file, to be kept, carried elsewhere and read again.
//!
//! An archive is a gzip file (RFC 1952, one member, no extra fields) of lines of JSON in UTF-8,
//! each ended by `\n`. Whoever has `gunzip` can read it without SHIM. Its lines are, in this order:
//!
//! 1. `{"archive":{"form":1,"by":"0.1.0","made_at":…}}`, once: [`First`].
//! 2. For each chat `{"chat":{…}}` ([`Named`]), then a line `{"turn":{…}}` for each of its turns by
//!    position (the turn as its record holds it), then a line `{"checkpoint":{…}}` for each of its
//!    checkpoints by number ([`Point`]).
//! 3. `{"end":{…}}`, once: [`Last`], with counts and a CRC-32 of every byte before that line. A
//!    file without it was cut.
//!
//! Moments are milliseconds since 1970. Values stand there, and no keys of a store: where each is
//! put follows from the chat that it stands under, so a line cannot point anywhere else. Not in it:
//! settings, resumes, where a chat is open, the history of its signals, and what does not open. A
//! text that was still being streamed stands in its turn. Readers leave fields out that they do
//! not know; a change that this does not cover is a new form, and all forms up to [`FORM`] stay
//! readable.

use super::chat::Turn;
use super::records::CheckpointHead;
use crate::base::{AccountId, ChatId, Moment, SessionId};
use serde::{Deserialize, Serialize};

/// The form that is written.
pub const FORM: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What this file is.
    Archive(First),
    /// A chat begins.
    Chat(Box<Named>),
    /// A turn of the chat that began last.
    Turn(Box<Turn>),
    /// A checkpoint of it.
    Checkpoint(Box<Point>),
    /// Nothing follows.
    End(Last),
}

/// What a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// [`FORM`] when it was written.
    pub form: u32,
    /// The version of SHIM that wrote it.
    #[serde(default)]
    pub by: String,
    /// When.
    #[serde(default)]
    pub made_at: Moment,
}

/// Which chat, and what is known of it beside its turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Site, as sessions name it.
    pub site: String,
    /// Account, hashed.
    pub account: AccountId,
    /// The chat as its site names it.
    pub chat: ChatId,
    /// Title.
    pub title: String,
    /// Model as shown.
    pub model: String,
    /// Address; empty: it has none.
    pub url: String,
    /// When it was first seen.
    pub started_at: Moment,
    /// When something of it was last stored.
    pub updated_at: Moment,
    /// The chat that it carries on.
    pub parent: Option<SessionId>,
}

impl Named {
    /// The chat's identity.
    #[must_use]
    pub fn session(&self) -> SessionId {
        SessionId::of(&self.site, &self.account, &self.chat)
    }
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// What a list tells of it.
    pub head: CheckpointHead,
    /// Its six categories as JSON texts, in their order, in the form of today. What turns hold is
    /// named there by the turn's key.
    pub state: [String; 6],
}

/// The end of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// Chats in it.
    pub chats: u32,
    /// Turns of all of them.
    pub turns: u32,
    /// Checkpoints of all of them.
    pub checkpoints: u32,
    /// CRC-32 of every byte before this line.
    pub check: u32,
}

/// Conversations of a site's own export that are not imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Nothing is said in them.
    pub empty: u32,
    /// They are built in a way that is not known.
    pub unknown: u32,
    /// They are larger than a chat may be.
    pub large: u32,
    /// They stand in the export a second time.
    pub twice: u32,
}

/// A piece of one chat's lines on its way to the background.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Drawn at random for each chat of an import: pieces of two imports never mix.
    pub import: u64,
    /// Number of the piece, from 0.
    pub number: u32,
    /// Its text.
    pub text: String,
    /// Whether it is the last.
    pub last: bool,
}

/// What came of a chat's last piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imported {
    /// The background was ended in between: begin this chat again with its first piece.
    Again,
    /// What was missing is committed.
    Merged(Merged),
    /// The chat stays as it is now; the text says why and what to do.
    LeftOut(String),
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// Chats that were not there.
    pub new_chats: u32,
    /// Turns that are new, or newer than what was there.
    pub turns: u32,
    /// Checkpoints that are new.
    pub checkpoints: u32,
    /// Checkpoints whose number or time does not fit between those that are there.
    pub unfit: u32,
}
