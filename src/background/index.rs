//! What is stored of one chat, by hash: enough to tell an engine what is missing.

use super::damage::Harm;
use crate::base::{Moment, Problem, TurnKey};
use crate::session::codec;
use crate::wire::chat::Turn;
use crate::wire::records::{CheckpointHead, StoreName, Stored, StreamHead, TurnHead};
use std::collections::BTreeMap;

/// A stored turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnEntry {
    /// Hash of its content.
    pub hash: u64,
    /// Packed size, bytes.
    pub size_bytes: u64,
}

/// The stored pieces of a streamed text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamEntry {
    /// Pieces stored.
    pub pieces: u32,
    /// Hash of the text they make.
    pub hash: u64,
}

/// What is stored of one chat. Rebuilt from records whenever the chat's page says hello.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Turns by key.
    pub turns: BTreeMap<TurnKey, TurnEntry>,
    /// Streams by turn key.
    pub streams: BTreeMap<TurnKey, StreamEntry>,
    /// Checkpoint numbers by request: a repeated request is known by it.
    pub requests: BTreeMap<(String, u64), u32>,
    /// The last checkpoint's number.
    pub last_checkpoint: u32,
    /// Packed bytes of all checkpoints.
    pub checkpoint_bytes: u64,
    /// Records that do not open.
    pub damaged: Vec<Harm>,
}

impl Index {
    /// Reads the heads of a chat's records.
    #[must_use]
    pub fn of(records: &[Stored]) -> Self {
        let mut this = Self::default();
        for record in records {
            let read = match record.at.store {
                StoreName::Turns => this.turn(record),
                StoreName::Streams => this.piece(record),
                StoreName::Checkpoints => this.checkpoint(record),
                _ => Ok(()),
            };
            if read.is_err() {
                this.damaged.push(Harm::of(record));
            }
        }
        this
    }

    fn turn(&mut self, record: &Stored) -> Result<(), Problem> {
        let head: TurnHead = codec::open(record)?;
        let entry = TurnEntry { hash: head.hash, size_bytes: codec::packed_bytes(record) };
        self.turns.insert(head.key, entry);
        Ok(())
    }

    fn piece(&mut self, record: &Stored) -> Result<(), Problem> {
        let head: StreamHead = codec::open(record)?;
        let entry = self.streams.entry(head.key).or_default();
        if head.piece >= entry.pieces {
            *entry = StreamEntry { pieces: head.piece + 1, hash: head.hash };
        }
        Ok(())
    }

    fn checkpoint(&mut self, record: &Stored) -> Result<(), Problem> {
        let head: CheckpointHead = codec::open(record)?;
        self.last_checkpoint = self.last_checkpoint.max(head.number);
        self.checkpoint_bytes += codec::packed_bytes(record);
        self.requests.insert(head.request, head.number);
        Ok(())
    }

    /// Packed bytes of everything but streams.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.turns.values().map(|t| t.size_bytes).sum::<u64>() + self.checkpoint_bytes
    }

    /// Hash by key.
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<TurnKey, u64> {
        self.turns.iter().map(|(key, entry)| (key.clone(), entry.hash)).collect()
    }
}

/// A chat put together again from its records.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// Turns in order; a streamed text that was newer than its turn stands in it.
    pub turns: Vec<Turn>,
    /// Its checkpoints, oldest first.
    pub checkpoints: Vec<CheckpointHead>,
    /// Records that did not open: how many.
    pub damaged: u32,
}

impl Whole {
    /// Opens every record of a chat.
    #[must_use]
    pub fn of(records: &[Stored]) -> Self {
        let mut this = Self::default();
        let mut pieces: BTreeMap<TurnKey, Vec<(StreamHead, String)>> = BTreeMap::new();
        for record in records {
            let opened = match record.at.store {
                StoreName::Turns => codec::open_turn(record).map(|turn| this.turns.push(turn)),
                StoreName::Streams => open_piece(record).map(|(head, text)| {
                    pieces.entry(head.key.clone()).or_default().push((head, text));
                }),
                StoreName::Checkpoints => {
                    codec::open::<CheckpointHead>(record).map(|head| this.checkpoints.push(head))
                }
                _ => Ok(()),
            };
            this.damaged += u32::from(opened.is_err());
        }
        this.join_streams(pieces);
        this.turns.sort_by_key(|turn| turn.position);
        this.checkpoints.sort_by_key(|head| head.number);
        this
    }

    fn join_streams(&mut self, streams: BTreeMap<TurnKey, Vec<(StreamHead, String)>>) {
        for (key, mut pieces) in streams {
            pieces.sort_by_key(|(head, _)| head.piece);
            let Some(text) = codec::rejoin(&pieces) else { continue };
            match self.turns.iter_mut().find(|turn| turn.key == key) {
                Some(turn) if turn.state == crate::wire::chat::TurnState::Streaming => {
                    turn.markdown = text;
                }
                Some(_) => {}
                None => {
                    if let Some((head, _)) = pieces.first() {
                        self.turns.push(streamed(head, text));
                    }
                }
            }
        }
    }

    /// Tool calls of all turns.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.turns.iter().map(|t| u32::try_from(t.calls.len()).unwrap_or(u32::MAX)).sum()
    }

    /// When the last of it was stored, as far as its turns tell.
    #[must_use]
    pub fn last_at(&self) -> Moment {
        self.turns.iter().map(|turn| turn.at).max().unwrap_or_default()
    }
}

fn streamed(head: &StreamHead, text: String) -> Turn {
    Turn {
        key: head.key.clone(),
        position: head.position,
        role: crate::wire::chat::Role::Assistant,
        markdown: text,
        state: crate::wire::chat::TurnState::Streaming,
        at: head.at,
        ..Turn::default()
    }
}

fn open_piece(record: &Stored) -> Result<(StreamHead, String), Problem> {
    Ok((codec::open::<StreamHead>(record)?, codec::part(record, 0)?))
}
