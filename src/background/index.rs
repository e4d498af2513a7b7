//! What is stored of one chat, by hash: enough to tell an engine what is missing.

use super::Machine;
use super::after::AfterLoad;
use super::damage::Harm;
use crate::base::{Moment, Problem, SessionId, TurnKey, limits, text};
use crate::session::codec;
use crate::session::segments::{self, Found, StoredCheckpoint, StoredTurn};
use crate::wire::background::BackEffect;
use crate::wire::chat::{Role, Turn, TurnState};
use crate::wire::records::{CheckpointHead, Query, RecordKey, StoreName, Stored, StreamHead};
use std::collections::BTreeMap;

/// Where that lies which a chat is put together of.
pub(super) const CHAT: [StoreName; 3] =
    [StoreName::Turns, StoreName::Streams, StoreName::Checkpoints];

impl Machine {
    /// Loads all of a chat but the history of its signals.
    pub(super) fn load_chat(
        &mut self,
        session: &SessionId,
        after: AfterLoad,
        out: &mut Vec<BackEffect>,
    ) {
        self.load(Query::OfSession(CHAT.to_vec(), session.clone()), after, out);
    }
}

/// A stored turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnEntry {
    /// Hash of its content.
    pub hash: u64,
    /// Hash by which its page knows it: another one where its secrets are not stored.
    pub told: u64,
    /// Packed size, bytes.
    pub size_bytes: u64,
    /// Bytes of its text.
    pub text_bytes: u64,
    /// When it was read as it is stored.
    pub read_at: Moment,
    /// Whether it stood there when its document first looked.
    pub found: bool,
    /// How far it is.
    pub state: TurnState,
    /// How its text begins.
    pub start: String,
    /// The document that it came from; none: from before the background's last start.
    pub document: Option<String>,
}

impl TurnEntry {
    /// Of a turn that a page told.
    #[must_use]
    pub fn of(turn: &Turn, size_bytes: u64, document: Option<String>) -> Self {
        Self {
            hash: codec::turn_hash(turn),
            told: codec::turn_hash(turn),
            size_bytes,
            text_bytes: turn.markdown.len() as u64,
            read_at: turn.read_at,
            found: turn.found,
            state: turn.state,
            start: text::head(&turn.markdown, limits::TURN_START_CHARS).to_owned(),
            document,
        }
    }

    /// Whether this replaces what is stored under its key, of which another document may have
    /// streamed `streamed_bytes`. Of two documents that show one chat, one may be behind: what it
    /// only found when it first looked may be old, and what still streams there may be finished
    /// elsewhere. So the longer text counts; of one that became shorter while a document watched,
    /// the later, unless it is the same text cut short. A turn that was read in the future tells
    /// nothing of when: the clock was set back since.
    #[must_use]
    pub fn replaces(&self, stored: &Self, streamed_bytes: u64, now: Moment) -> bool {
        if self.document.is_some() && self.document == stored.document {
            return true;
        }
        let streams = self.state.is_open();
        let more = u64::from(streams && !stored.state.is_open());
        let longest = stored.text_bytes.max(streamed_bytes).saturating_add(more);
        let later = self.read_at <= now && (self.read_at >= stored.read_at || stored.read_at > now);
        let cut_short = stored.start.starts_with(&self.start);
        self.text_bytes >= longest || (later && !self.found && !streams && !cut_short)
    }
}

/// The stored pieces of a text that one document streamed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamEntry {
    /// Number of the first piece.
    pub first: u32,
    /// Number of the next piece. A number is used once, so that a piece that is refused or comes
    /// late harms none that is stored.
    pub next: u32,
    /// Hash of the text they make.
    pub hash: u64,
    /// Bytes of that text.
    pub text_bytes: u64,
    /// When the last of them was told.
    pub at: Moment,
}

/// What is stored of one chat. Rebuilt from records whenever the chat's page says hello.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Turns by key.
    pub turns: BTreeMap<TurnKey, TurnEntry>,
    /// Streams by turn key and document.
    pub streams: BTreeMap<(TurnKey, String), StreamEntry>,
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
        let mut pieces: BTreeMap<(TurnKey, String), u32> = BTreeMap::new();
        for record in records.iter().filter(|record| record.at.store == StoreName::Streams) {
            if this.piece(record, &mut pieces).is_err() {
                this.damaged.push(Harm::of(record));
            }
        }
        let Found { found, damaged } = segments::turns_of(records);
        found.into_iter().for_each(|turn| this.turn(turn));
        this.damaged.extend(damaged.into_iter().map(|(record, _)| Harm::of(record)));
        this.checkpoints(records);
        for (stream, entry) in &mut this.streams {
            if pieces.get(stream) != Some(&entry.next.saturating_sub(entry.first)) {
                // One is missing: nothing goes on from here, the next piece is the whole text.
                (entry.hash, entry.text_bytes) = (0, 0);
            }
        }
        this
    }

    fn turn(&mut self, turn: StoredTurn<'_>) {
        let StoredTurn { head, size_bytes, .. } = turn;
        let entry = TurnEntry {
            hash: head.hash,
            told: head.hash,
            size_bytes,
            text_bytes: head.text_bytes,
            read_at: head.read_at,
            found: false,
            state: head.state,
            start: head.start,
            document: None,
        };
        self.turns.insert(head.key, entry);
    }

    fn piece(
        &mut self,
        record: &Stored,
        pieces: &mut BTreeMap<(TurnKey, String), u32>,
    ) -> Result<(), Problem> {
        let head: StreamHead = codec::open(record)?;
        *pieces.entry((head.key.clone(), head.document.clone())).or_default() += 1;
        let (hash, text_bytes, at) = (head.hash, head.text_bytes, head.at);
        let (first, next) = (head.piece, head.piece.saturating_add(1));
        let new = StreamEntry { first, next, hash, text_bytes, at };
        let entry = self.streams.entry((head.key, head.document)).or_insert(new);
        let first = first.min(entry.first);
        if next > entry.next {
            *entry = new;
        }
        entry.first = first;
        Ok(())
    }

    fn checkpoints(&mut self, records: &[Stored]) {
        // The number of one that does not open was given as well.
        let all = records.iter().filter(|record| record.at.store == StoreName::Checkpoints);
        let numbers = all.filter_map(|record| codec::checkpoint_number(&record.at));
        self.last_checkpoint = numbers.max().unwrap_or_default();
        let Found { found, damaged } = segments::checkpoints_of(records);
        for StoredCheckpoint { head, size_bytes, .. } in found {
            self.checkpoint_bytes += size_bytes;
            self.requests.insert(head.request, head.number);
        }
        self.damaged.extend(damaged.into_iter().map(|(record, _)| Harm::of(record)));
    }

    /// Bytes of the longest text that another document than this one streamed of a turn.
    #[must_use]
    pub fn streamed_elsewhere(&self, turn: &TurnKey, document: Option<&str>) -> u64 {
        let others = self
            .streams
            .iter()
            .filter(|((key, from), _)| key == turn && Some(from.as_str()) != document);
        others.map(|(_, stream)| stream.text_bytes).max().unwrap_or_default()
    }

    /// A turn is finished: what was streamed of it is not needed any more, and goes. What another
    /// document told after this turn was read stays: there the answer may have gone on. So does
    /// what is longer than a turn that its document only found.
    pub fn end_streams(
        &mut self,
        session: &SessionId,
        turn: &Turn,
        document: Option<&str>,
    ) -> Vec<RecordKey> {
        let mut deletes = Vec::new();
        self.streams.retain(|(key, from), stream| {
            let is_past = stream.at <= turn.read_at
                && (!turn.found || stream.text_bytes <= turn.markdown.len() as u64);
            let ended = *key == turn.key && (Some(from.as_str()) == document || is_past);
            if ended {
                let pieces = stream.first..stream.next;
                deletes.extend(pieces.map(|n| codec::stream_key(session, key, from, n)));
            }
            !ended
        });
        deletes
    }

    /// Packed bytes of everything but streams.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.turns.values().map(|t| t.size_bytes).sum::<u64>() + self.checkpoint_bytes
    }

    /// The same once these turns are stored as well.
    #[must_use]
    pub fn stored_bytes_with(&self, turns: &BTreeMap<TurnKey, TurnEntry>) -> u64 {
        let more = turns.values().map(|entry| entry.size_bytes).sum();
        let replaced = turns.keys().filter_map(|key| self.turns.get(key));
        let less = replaced.map(|entry| entry.size_bytes).sum();
        self.stored_bytes().saturating_add(more).saturating_sub(less)
    }

    /// Hash by key.
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<TurnKey, u64> {
        self.turns.iter().map(|(key, entry)| (key.clone(), entry.told)).collect()
    }
}

/// A chat put together again from its records.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// Turns in order; a streamed text that was newer than its turn stands in it.
    pub turns: Vec<Turn>,
    /// Its checkpoints, oldest first.
    pub checkpoints: Vec<CheckpointHead>,
    /// Records that did not open: how many, or how many members they had.
    pub damaged: u32,
}

impl Whole {
    /// Opens every record of a chat.
    #[must_use]
    pub fn of(records: &[Stored]) -> Self {
        let mut this = Self::default();
        let mut pieces: BTreeMap<(TurnKey, String), Vec<(StreamHead, String)>> = BTreeMap::new();
        for record in records.iter().filter(|record| record.at.store == StoreName::Streams) {
            match open_piece(record) {
                Ok((head, text)) => {
                    let stream = (head.key.clone(), head.document.clone());
                    pieces.entry(stream).or_default().push((head, text));
                }
                Err(_) => this.damaged += 1,
            }
        }
        let turns = segments::turns_of(records);
        for turn in turns.found {
            match turn.open() {
                Ok(turn) => this.turns.push(turn),
                Err(_) => this.damaged += 1,
            }
        }
        let checkpoints = segments::checkpoints_of(records);
        this.checkpoints = checkpoints.found.into_iter().map(|one| one.head).collect();
        let damaged = turns.damaged.into_iter().chain(checkpoints.damaged);
        // What a key says of its members is not known to be true.
        let members = damaged.map(|(record, _)| segments::members(&record.at));
        this.damaged = members.fold(this.damaged, u32::saturating_add);
        this.join_streams(pieces);
        this.turns.sort_by_key(|turn| turn.position);
        this
    }

    fn join_streams(&mut self, streams: BTreeMap<(TurnKey, String), Vec<(StreamHead, String)>>) {
        let mut texts: BTreeMap<TurnKey, Vec<(StreamHead, String)>> = BTreeMap::new();
        for ((key, _), mut pieces) in streams {
            pieces.sort_by_key(|(head, _)| head.piece);
            let Some(text) = codec::rejoin(&pieces) else { continue };
            let hash = text::hash(&text);
            if let Some((head, _)) = pieces.into_iter().rfind(|(head, _)| head.hash == hash) {
                texts.entry(key).or_default().push((head, text));
            }
        }
        for (key, texts) in texts {
            let Some((head, text)) = newest(texts) else { continue };
            match self.turns.iter_mut().find(|turn| turn.key == key) {
                Some(turn) => take_stream(turn, &head, text),
                None => self.turns.push(streamed(&head, text)),
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

/// Of the texts that several documents streamed of one turn, the newest; or one that goes on
/// where that ends, since a document may be behind.
fn newest(mut texts: Vec<(StreamHead, String)>) -> Option<(StreamHead, String)> {
    texts.sort_by_key(|(head, _)| head.at);
    let (head, text) = texts.pop()?;
    let longer = texts.into_iter().filter(|(_, other)| other.starts_with(&text));
    Some(longer.max_by_key(|(_, text)| text.len()).unwrap_or((head, text)))
}

/// Puts a streamed text into its turn, unless that has all of it. One that is finished keeps its
/// own text where another document did not stream more of it, or something else since.
fn take_stream(turn: &mut Turn, head: &StreamHead, text: String) {
    if turn.markdown.starts_with(&text) {
        return;
    }
    let goes_on = text.starts_with(&turn.markdown) || head.at > turn.read_at;
    if turn.state.is_open() || goes_on {
        (turn.markdown, turn.state) = (text, TurnState::Streaming);
    }
}

fn streamed(head: &StreamHead, text: String) -> Turn {
    Turn {
        key: head.key.clone(),
        position: head.position,
        role: Role::Assistant,
        markdown: text,
        state: TurnState::Streaming,
        at: head.at,
        read_at: head.at,
        ..Turn::default()
    }
}

fn open_piece(record: &Stored) -> Result<(StreamHead, String), Problem> {
    Ok((codec::open::<StreamHead>(record)?, codec::part(record, 0)?))
}
