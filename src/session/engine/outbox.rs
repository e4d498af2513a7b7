//! What of a chat is not yet safe: turns and streamed text, until the background says committed.
//!
//! State is compared, not messages counted: every turn carries a hash, the background tells the
//! hash it holds, and what differs is sent. So lost, repeated and reordered messages do no harm.

use crate::base::limits::{RESEND_AFTER, STREAM_UNSAVED};
use crate::base::text::{common_prefix, hash};
use crate::base::{Moment, SessionId, Span, TurnKey};
use crate::session::codec::turn_hash;
use crate::wire::chat::Turn;
use crate::wire::session::ToBackground;
use std::collections::BTreeMap;

/// Markdown bytes of one message: several messages are sent where more is unsaved.
const BATCH_BYTES: usize = 1 << 20;

/// One turn on its way.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// Its content, until it is safe.
    turn: Option<Turn>,
    /// Hash of the content.
    hash: u64,
    /// Hash of the text when this document first read it.
    first: Option<u64>,
    /// Hash that the background holds.
    saved: Option<u64>,
    /// What was sent last, and when.
    sent: Option<(u64, Moment)>,
}

/// The answer that is being streamed.
#[derive(Clone, Debug)]
struct Stream {
    turn: Turn,
    /// Hash of everything but the text: a change of it sends the whole turn.
    frame: u64,
    /// Text as the background was last told.
    told: String,
    told_at: Option<Moment>,
    /// Hash that is safe.
    saved: u64,
}

/// Turns that are not yet safe.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    entries: BTreeMap<TurnKey, Entry>,
    stream: Option<Stream>,
}

impl Outbox {
    /// The background holds these turns. Returns whether one that was safe is not among them any
    /// more: its record does not open, and its text is not held here. The page is looked at again.
    pub fn known(&mut self, turns: &BTreeMap<TurnKey, u64>) -> bool {
        let is_lost = |(key, entry): (&TurnKey, &Entry)| {
            entry.turn.is_none() && entry.saved.is_some() && !turns.contains_key(key)
        };
        let lost = self.entries.iter().any(is_lost);
        for entry in self.entries.values_mut() {
            entry.saved = None;
            entry.sent = None;
        }
        self.saved(turns);
        if let Some(stream) = &mut self.stream {
            stream.told.clear();
            stream.told_at = None;
            stream.saved = 0;
        }
        lost
    }

    /// These turns are committed.
    pub fn saved(&mut self, turns: &BTreeMap<TurnKey, u64>) {
        let streams = self.streaming().map(|turn| turn.key.clone());
        for (key, &hash) in turns {
            // What is committed there is as it was before it went on, if it did: should it end with
            // the same words, that must be told again.
            if streams.as_ref() == Some(key) {
                continue;
            }
            let entry = self.entries.entry(key.clone()).or_default();
            entry.saved = Some(hash);
            if entry.turn.is_none() {
                entry.hash = hash;
            } else if entry.hash == hash {
                // Safe: the text need not stay in the page's memory.
                entry.turn = None;
            }
        }
    }

    /// Of the stream, the text with this hash is committed; 0: a piece did not fit.
    pub fn stream_saved(&mut self, key: &TurnKey, hash: u64) {
        let Some(stream) = self.stream.as_mut().filter(|s| s.turn.key == *key) else { return };
        stream.saved = hash;
        if hash == 0 {
            stream.told.clear();
            stream.told_at = None;
        }
    }

    /// Whether a turn was read, or was stored when this began.
    #[must_use]
    pub fn knows(&self, key: &TurnKey) -> bool {
        self.entries.contains_key(key)
    }

    /// A turn was read. Returns whether it changed anything.
    pub fn read(&mut self, turn: &Turn) -> bool {
        let text = hash(&turn.markdown);
        let entry = self.entries.entry(turn.key.clone()).or_default();
        let first = *entry.first.get_or_insert(text);
        let turn = &Turn { found: first == text, ..turn.clone() };
        if turn.state.is_open() {
            // What was read before it went on is told no more: it would come after what is newer.
            *entry = Entry { first: entry.first, ..Entry::default() };
            return self.read_stream(turn);
        }
        if self.stream.as_ref().is_some_and(|s| s.turn.key == turn.key) {
            self.stream = None;
        }
        let hash = turn_hash(turn);
        let entry = self.entries.entry(turn.key.clone()).or_default();
        if entry.hash == hash && (entry.turn.is_some() || entry.saved == Some(hash)) {
            return false;
        }
        entry.hash = hash;
        entry.turn = Some(turn.clone());
        true
    }

    fn read_stream(&mut self, turn: &Turn) -> bool {
        match &mut self.stream {
            Some(stream) if stream.turn.key == turn.key => {
                let changed = stream.turn != *turn;
                stream.turn = turn.clone();
                changed
            }
            other => {
                *other = Some(Stream {
                    turn: turn.clone(),
                    frame: 0,
                    told: String::new(),
                    told_at: None,
                    saved: 0,
                });
                true
            }
        }
    }

    /// Everything read whose text is still held here.
    pub fn unsaved(&self) -> impl Iterator<Item = &Turn> {
        self.entries.values().filter_map(|e| e.turn.as_ref()).chain(self.streaming())
    }

    /// The turn being streamed.
    #[must_use]
    pub fn streaming(&self) -> Option<&Turn> {
        self.stream.as_ref().map(|stream| &stream.turn)
    }

    /// Says what must be said now. `pressing`: without waiting for the usual pace.
    pub fn flush(
        &mut self,
        at: Moment,
        session: &SessionId,
        pressing: bool,
        out: &mut Vec<ToBackground>,
    ) {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for entry in self.entries.values_mut() {
            let Some(turn) = &entry.turn else { continue };
            let waits = |(hash, when)| hash == entry.hash && at.since(when) < RESEND_AFTER;
            if entry.sent.is_some_and(waits) {
                continue;
            }
            entry.sent = Some((entry.hash, at));
            bytes += turn.markdown.len();
            batch.push(turn.clone());
            if bytes > BATCH_BYTES {
                let turns = std::mem::take(&mut batch);
                out.push(unnumbered(session, turns));
                bytes = 0;
            }
        }
        if !batch.is_empty() {
            out.push(unnumbered(session, batch));
        }
        self.flush_stream(at, session, pressing, out);
    }

    fn flush_stream(
        &mut self,
        at: Moment,
        session: &SessionId,
        pressing: bool,
        out: &mut Vec<ToBackground>,
    ) {
        let Some(stream) = &mut self.stream else { return };
        let frame = frame_hash(&stream.turn);
        if frame != stream.frame {
            stream.frame = frame;
            let turns = vec![stream.turn.clone()];
            out.push(unnumbered(session, turns));
        }
        let now = hash(&stream.turn.markdown);
        let told = hash(&stream.told);
        let unheard = stream.told_at.is_some_and(|t| at.since(t) >= RESEND_AFTER);
        if unheard && stream.saved != told {
            stream.told.clear();
        } else if now == told && stream.told_at.is_some() {
            return;
        }
        let due = stream.told_at.is_none_or(|t| at.since(t) >= Span(STREAM_UNSAVED.0 / 2));
        if !(due || pressing) {
            return;
        }
        let keep = common_prefix(&stream.told, &stream.turn.markdown);
        let base = if stream.told.is_empty() { 0 } else { hash(&stream.told) };
        out.push(ToBackground::Stream {
            session: session.clone(),
            number: 0,
            key: stream.turn.key.clone(),
            position: stream.turn.position,
            keep,
            base,
            hash: now,
            text: stream.turn.markdown.get(keep..).unwrap_or_default().to_owned(),
        });
        stream.told.clone_from(&stream.turn.markdown);
        stream.told_at = Some(at);
    }

    /// When something waits to be said or said again.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        let turns = self
            .entries
            .values()
            .filter(|e| e.turn.is_some())
            .filter_map(|e| e.sent.map(|(_, when)| when.after(RESEND_AFTER)))
            .min();
        let stream = self.stream.as_ref().and_then(|s| {
            let told_at = s.told_at?;
            if s.told != s.turn.markdown {
                Some(told_at.after(Span(STREAM_UNSAVED.0 / 2)))
            } else if s.saved != hash(&s.told) {
                Some(told_at.after(RESEND_AFTER))
            } else {
                None
            }
        });
        turns.into_iter().chain(stream).min()
    }
}

/// The engine gives the number.
fn unnumbered(session: &SessionId, turns: Vec<Turn>) -> ToBackground {
    ToBackground::Turns { session: session.clone(), number: 0, turns }
}

/// Hash of a streaming turn without its text.
fn frame_hash(turn: &Turn) -> u64 {
    turn_hash(&Turn { markdown: String::new(), ..turn.clone() })
}
