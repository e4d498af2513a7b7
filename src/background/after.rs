//! What follows what was asked of the store: the rest of a task, as data, so that it is forgotten
//! with the worker and never half done.

use super::gathers::Shown;
use super::history::Read;
use super::index::TurnEntry;
use super::packing::Sizes;
use crate::base::{PortId, ResumeId, SessionId, TurnKey};
use crate::wire::archive::Merged;
use crate::wire::point::PointView;
use crate::wire::records::{SessionHead, Stored};
use crate::wire::session::Placement;
use crate::wire::state::{Measured, Trigger};
use std::collections::BTreeMap;

/// What follows once a batch is committed.
#[derive(Clone, Debug)]
pub(super) enum AfterWrite {
    Nothing,
    /// `behind`: turns that are not stored, since what is stored or on its way is newer.
    Turns {
        port: PortId,
        entries: BTreeMap<TurnKey, TurnEntry>,
        behind: BTreeMap<TurnKey, u64>,
        called: Option<u32>,
    },
    /// `stream`: turn and document.
    Stream {
        port: PortId,
        stream: (TurnKey, String),
        hash: u64,
    },
    Checkpoint {
        port: PortId,
        request: (String, u64),
        number: u32,
        size_bytes: u64,
    },
    Place {
        port: PortId,
        placement: Box<Placement>,
    },
    /// `resumes`: what the batch made, taken back where it is refused.
    OpenTab {
        resume: ResumeId,
        resumes: Vec<ResumeId>,
        url: String,
        ask: Option<u64>,
    },
    Answer {
        ask: u64,
    },
    /// A draft was written: the next one mends its loss.
    Draft,
    /// Tell a person in the page what came of pointing.
    Show {
        port: PortId,
        view: Box<PointView>,
    },
    /// `ask`: none where no person asked for it.
    Deleted {
        ask: Option<u64>,
    },
    Undeleted {
        ask: Option<u64>,
    },
    Erased,
    /// A history was thinned and shortened.
    Tidied,
    /// Records were put together in segments.
    Packed(Sizes),
    /// What was damaged was put back.
    Mended,
    /// A chat of an archive was merged. `before`: its head, where there was one.
    Imported {
        ask: u64,
        merged: Merged,
        before: Option<Box<SessionHead>>,
    },
}

/// What follows once a query is answered.
#[derive(Clone, Debug)]
pub(super) enum AfterLoad {
    /// Tell these ports what is known of the chat.
    Index { session: SessionId },
    /// Make a checkpoint.
    Checkpoint {
        port: PortId,
        session: SessionId,
        request: (String, u64),
        trigger: Trigger,
        measured: Box<Measured>,
    },
    /// Make the prompt and place it.
    Resume { port: PortId, resume: ResumeId },
    /// Make the prompt and answer with it.
    Prompt { ask: u64, session: SessionId, checkpoint: Option<u32> },
    /// Compare what a site's own call told with what is stored.
    Called { port: PortId, session: SessionId, answer: String, shown: Shown },
    /// Keep a second copy of a chat.
    Keep { session: SessionId },
    /// Put back what is missing of a chat: its copy came.
    Copy { session: SessionId },
    /// Put back what is missing of every chat.
    Copies,
    /// Put back what is missing of this one, with its copy at hand.
    Mend { session: SessionId, copy: Vec<Stored> },
    /// Note on the checkpoint that it was restored.
    Restored { resume: ResumeId },
    /// Note on a checkpoint that a person pinned it, or no more.
    Pin { ask: u64, session: SessionId, number: u32, pinned: bool },
    /// Make a chat's damaged head anew.
    HeadAnew { session: SessionId },
    /// Answer with a chat's snapshots, or thin and shorten them.
    History { session: SessionId, read: Read },
    /// Put a chat's records together in segments.
    Pack { session: SessionId },
    /// Merge a chat of an archive.
    Import { session: SessionId },
    /// Answer with the secrets of a chat.
    Secrets { ask: u64 },
    /// Answer with the text of a draft.
    Draft { ask: u64 },
    /// Look for damage.
    Look,
}
