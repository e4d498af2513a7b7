//! What the lab remembers: conversations, and every message that the model received.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use super::Site;

/// Characters of the first message that become the title.
const TITLE_MAX_CHARS: usize = 42;

/// A message as the model received it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Received {
    /// The site it was sent on.
    pub site: Site,
    /// The conversation's id, as in the address.
    pub conversation: String,
    /// Arrival, milliseconds since 1970.
    pub at_ms: u64,
    /// The text, unchanged.
    pub text: String,
    /// SHA-256 of the text's UTF-8 bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Files sent along.
    pub attachments: Vec<Attachment>,
}

/// A file sent along with a message.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name without a path.
    pub name: String,
    /// Its content, read as UTF-8.
    pub text: String,
}

/// What happens in an answer, in the order in which the page hears of it.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[serde(tag = "e", rename_all = "snake_case")]
pub(super) enum Event {
    Think,
    Thought { ms: u64 },
    Tool { name: String, args: Value },
    ToolDone { ok: bool, text: String },
    Text { s: String },
    Vanish,
    End { state: Ending, note: String },
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    Done,
    Stopped,
    Error,
    Limit,
    MaxLength,
    Dropped,
}

/// One exchange: what the user wrote and what became of the answer.
pub(super) struct Turn {
    pub(super) key: String,
    pub(super) reply_id: String,
    pub(super) user: String,
    pub(super) attachments: Vec<Attachment>,
    pub(super) at_ms: u64,
    pub(super) events: Vec<Event>,
    /// 1, and one more for each retry.
    pub(super) attempt: u32,
    pub(super) signal: Arc<Signal>,
}

/// How a running answer, its readers and its stop button talk to each other.
pub(super) struct Signal {
    /// The number of events written.
    pub(super) written: watch::Sender<usize>,
    pub(super) stop: watch::Sender<bool>,
}

impl Signal {
    fn new() -> Arc<Self> {
        Arc::new(Self { written: watch::Sender::new(0), stop: watch::Sender::new(false) })
    }
}

impl Turn {
    /// The ending, once there is one.
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.events.last() {
            Some(Event::End { state, .. }) => Some(*state),
            _ => None,
        }
    }

    /// The events with neighbouring tokens joined, which is all that a page needs to draw.
    fn joined(&self) -> Vec<Event> {
        let mut joined: Vec<Event> = Vec::new();
        for event in &self.events {
            match (joined.last_mut(), event) {
                (Some(Event::Text { s: whole }), Event::Text { s }) => whole.push_str(s),
                _ => joined.push(event.clone()),
            }
        }
        joined
    }

    fn to_json(&self) -> Value {
        let events = self.joined();
        let text: String = events.iter().rev().take_while(|event| **event != Event::Vanish).fold(
            String::new(),
            |after, event| match event {
                Event::Text { s } if after.is_empty() => s.clone(),
                Event::Text { s } => format!("{s}\n\n{after}"),
                _ => after,
            },
        );
        serde_json::json!({
            "key": self.key, "reply_id": self.reply_id, "user": self.user, "at_ms": self.at_ms,
            "attachments": self.attachments, "attempt": self.attempt, "ending": self.ending(),
            "text": text, "events": events, "next": self.events.len(),
        })
    }
}

pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) site: Site,
    pub(super) title: String,
    pub(super) turns: Vec<Turn>,
}

impl Conversation {
    /// The whole conversation, as `GET /lab/conversation/<id>` answers it.
    pub(super) fn to_json(&self) -> Value {
        let turns: Vec<Value> = self.turns.iter().map(Turn::to_json).collect();
        serde_json::json!({
            "id": self.id, "site": self.site, "title": self.title, "turns": turns,
        })
    }
}

/// Where an answer is written to.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) conversation: String,
    pub(super) turn: String,
    pub(super) attempt: u32,
}

#[derive(Default)]
pub(super) struct Memory {
    conversations: HashMap<String, Conversation>,
    log: Vec<Received>,
    /// What pages told of what their extension was told to be committed.
    pub(super) acknowledged: Vec<Value>,
    /// The newest messages that the sites' own calls leave out.
    pub(super) calls_lack: usize,
}

/// A new turn, as the sender hears of it.
pub(super) struct Started {
    pub(super) site: Site,
    pub(super) place: Place,
    pub(super) reply_id: String,
    pub(super) title: String,
    pub(super) at_ms: u64,
    pub(super) signal: Arc<Signal>,
    /// The messages that came before in this conversation.
    pub(super) earlier: Vec<String>,
}

impl Memory {
    pub(super) fn log(&self) -> Vec<Received> {
        self.log.clone()
    }

    pub(super) fn conversation(&self, id: &str) -> Option<&Conversation> {
        self.conversations.get(id)
    }

    /// Forgets everything and stops what runs.
    pub(super) fn reset(&mut self) {
        for turn in self.conversations.values().flat_map(|conversation| &conversation.turns) {
            turn.signal.stop.send_replace(true);
        }
        *self = Self::default();
    }

    /// Takes a message in: `id` of the conversation, or `None` for a fresh one. `None` as a result
    /// when there is no such conversation.
    pub(super) fn receive(
        &mut self,
        site: Site,
        id: Option<String>,
        text: String,
        attachments: Vec<Attachment>,
    ) -> Option<Started> {
        let id = id.unwrap_or_else(|| {
            let id = new_uuid();
            let title = title_of(&text);
            let fresh = Conversation { id: id.clone(), site, title, turns: Vec::new() };
            self.conversations.insert(id.clone(), fresh);
            id
        });
        let conversation = self.conversations.get_mut(&id)?;
        let at_ms = now_ms();
        let earlier = conversation.turns.iter().map(|turn| turn.user.clone()).collect();
        let turn = Turn {
            key: new_uuid(),
            reply_id: new_uuid(),
            user: text.clone(),
            attachments: attachments.clone(),
            at_ms,
            events: Vec::new(),
            attempt: 1,
            signal: Signal::new(),
        };
        let started = Started {
            site,
            place: Place { conversation: id.clone(), turn: turn.key.clone(), attempt: 1 },
            reply_id: turn.reply_id.clone(),
            title: conversation.title.clone(),
            at_ms,
            signal: Arc::clone(&turn.signal),
            earlier,
        };
        conversation.turns.push(turn);
        let sha256 = sha256_hex(&text);
        self.log.push(Received { site, conversation: id, at_ms, text, sha256, attachments });
        Some(started)
    }

    /// Begins the last turn of a conversation again. `None` when there is nothing to begin again.
    pub(super) fn retry(&mut self, id: &str) -> Option<(Started, String)> {
        let conversation = self.conversations.get_mut(id)?;
        let (site, title) = (conversation.site, conversation.title.clone());
        let (turn, before) = conversation.turns.split_last_mut()?;
        turn.signal.stop.send_replace(true);
        turn.signal = Signal::new();
        turn.events.clear();
        turn.attempt += 1;
        let started = Started {
            site,
            place: Place {
                conversation: id.to_owned(),
                turn: turn.key.clone(),
                attempt: turn.attempt,
            },
            reply_id: turn.reply_id.clone(),
            title,
            at_ms: turn.at_ms,
            signal: Arc::clone(&turn.signal),
            earlier: before.iter().map(|turn| turn.user.clone()).collect(),
        };
        Some((started, turn.user.clone()))
    }

    /// The turn, if it is still at the attempt that the place names.
    pub(super) fn turn(&mut self, place: &Place) -> Option<&mut Turn> {
        self.conversations
            .get_mut(&place.conversation)?
            .turns
            .iter_mut()
            .find(|turn| turn.key == place.turn && turn.attempt == place.attempt)
    }

    /// Writes an event; after an ending nothing is written any more.
    pub(super) fn push(&mut self, place: &Place, event: Event) {
        let Some(turn) = self.turn(place) else { return };
        if turn.ending().is_none() {
            turn.events.push(event);
            turn.signal.written.send_replace(turn.events.len());
        }
    }

    /// Presses the stop button of whatever runs in the conversation.
    pub(super) fn stop(&mut self, id: &str) -> bool {
        let Some(conversation) = self.conversations.get_mut(id) else { return false };
        for turn in &conversation.turns {
            turn.signal.stop.send_replace(true);
        }
        true
    }
}

/// The lock, also after a panic elsewhere: the lab goes on with what is there.
pub(super) fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn sha256_hex(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Sixteen random bytes in hexadecimal: nonces, and the raw material of ids.
pub(super) fn random_hex() -> String {
    let mut bytes = [0_u8; 16];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        // Without a source of chance the clock still tells ids apart in a local lab.
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_nanos());
        bytes = nanos.to_be_bytes();
    }
    hex(&bytes)
}

fn new_uuid() -> String {
    let hex = random_hex();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn now_ms() -> u64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

fn title_of(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let short: String = line.chars().take(TITLE_MAX_CHARS).collect();
    if short.len() == line.len() {
        return short;
    }
    match short.rsplit_once(' ') {
        Some((whole_words, _)) => whole_words.to_owned(),
        None => short,
    }
}
