//! What SHIM stored, as JSON that a person or a program reads: one form for every command that
//! tells it. `webdriver/help/stored.txt` says what is in it.

use crate::browser::Dump;
use serde::Serialize;
use serde_json::{Value, json};
use shim::base::text::hash;
use shim::base::{Moment, Problem, SessionId, TurnKey};
use shim::session::segments::{self, Found};
use shim::session::{codec, drafts, history};
use shim::wire::chat::{BannerClass, Turn};
use shim::wire::records::{ResumeHead, SessionHead, StoreName, Stored, StreamHead, What};
use shim::wire::session::{EndReason, ResumeStage};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a store holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Held {
    /// Chats with their turns.
    pub sessions: Vec<Session>,
    /// Checkpoints of all chats with their state.
    pub checkpoints: Vec<Value>,
    /// Resumes.
    pub resumes: Vec<ResumeHead>,
    /// Answers that were still coming.
    pub streams: Vec<Stream>,
    /// The site's own messages last shown in each chat.
    pub banners: Vec<Banner>,
    /// Chats that ended without a clean end.
    pub crash_events: Vec<Crash>,
    /// Settings; null: none were changed.
    pub settings: Value,
    /// Records that do not open, and what is no record.
    pub damaged: Vec<Damaged>,
    /// For each record, the acknowledgement that followed its commit.
    pub acknowledged: Vec<Value>,
    /// Bytes of all heads and packed parts.
    pub size_bytes: u64,
}

/// One chat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// Its head, with the engine's counters as an object.
    #[serde(flatten)]
    pub head: Value,
    /// Its turns in order.
    pub turns: Vec<HeldTurn>,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldTurn {
    /// The turn, with its tool calls.
    #[serde(flatten)]
    pub turn: Turn,
    /// Whether it was still coming, and its text is that of a stream's pieces.
    pub from_stream: bool,
}

/// An answer that was still coming.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stream {
    /// The chat.
    pub session: SessionId,
    /// The turn.
    pub key: TurnKey,
    /// Pieces stored.
    pub pieces: usize,
    /// The text that they make; null: no piece fits.
    pub text: Option<String>,
    /// When the last piece was made.
    pub at: Moment,
}

/// A site's own message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// The chat.
    pub session: SessionId,
    /// What it means.
    pub class: BannerClass,
    /// What it says.
    pub text: String,
}

/// An end that was not clean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crash {
    /// The chat.
    pub session: SessionId,
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Moment,
    /// How far its resume is; null: there is none yet.
    pub resume: Option<ResumeStage>,
}

/// Something that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// The object store.
    pub store: String,
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub why: String,
    /// How many turns or checkpoints it held.
    pub members: u32,
}

impl Held {
    /// Reads everything. Never fails: what does not open is told as damaged.
    #[must_use]
    pub fn of(dump: &Dump) -> Self {
        let mut this = Self { size_bytes: dump.size_bytes(), ..Self::default() };
        for odd in &dump.odd {
            let why = "this is no record of SHIM: it has not the form of one".to_owned();
            let (store, key) = (odd.store.clone(), odd.key.clone());
            this.damaged.push(Damaged { store, key, why, members: 1 });
        }
        this.streams(dump);
        let heads = dump.sessions();
        for head in &heads {
            this.session(dump, head);
        }
        this.without_head(dump, &heads);
        this.turns(dump);
        this.checkpoints(dump);
        for record in &dump.records {
            this.record(record);
        }
        this.resumes = dump.resumes();
        this.crash_events = crashes(&heads, &this.resumes);
        this
    }

    /// One line for the terminal.
    #[must_use]
    pub fn summary(&self) -> String {
        let turns: usize = self.sessions.iter().map(|session| session.turns.len()).sum();
        format!(
            "  {} chats, {turns} turns, {} checkpoints, {} crashes, {} resumes, {} unfinished \
             answers, {} damaged records",
            self.sessions.len(),
            self.checkpoints.len(),
            self.crash_events.len(),
            self.resumes.len(),
            self.streams.len(),
            self.damaged.len(),
        )
    }

    fn session(&mut self, dump: &Dump, head: &SessionHead) {
        if let Some((class, text)) = &head.banner {
            let (session, text) = (head.id.clone(), text.clone());
            self.banners.push(Banner { session, class: *class, text });
        }
        let turns = turns_of(dump, &head.id, &self.streams);
        let mut value = json!(head);
        if let Some(meter) = value.get_mut("meter") {
            *meter = serde_json::from_str(&head.meter).unwrap_or_default();
        }
        self.sessions.push(Session { head: value, turns });
    }

    /// Chats whose own record does not open: their turns are there all the same.
    fn without_head(&mut self, dump: &Dump, heads: &[SessionHead]) {
        let known = |id: &SessionId| heads.iter().any(|head| head.id == *id);
        let turns = [StoreName::Turns, StoreName::Streams].into_iter();
        let ids = turns.flat_map(|store| dump.of(store)).map(|record| &record.session);
        let lost: BTreeSet<&SessionId> = ids.filter(|id| !known(id)).collect();
        for id in lost {
            let head = json!({ "id": id, "unreadable": true });
            self.sessions.push(Session { head, turns: turns_of(dump, id, &self.streams) });
        }
    }

    /// What one record adds. Parts are unpacked as well, so that a damaged one is told.
    fn record(&mut self, record: &Stored) {
        let opened = match record.at.store {
            StoreName::Sessions => codec::open::<SessionHead>(record).map(drop),
            StoreName::Streams => {
                codec::open::<StreamHead>(record).and_then(|_| codec::part(record, 0)).map(drop)
            }
            // They may hold many, and are told by what they hold.
            StoreName::Turns | StoreName::Checkpoints => Ok(()),
            StoreName::Resumes => self.resume(record),
            StoreName::Settings => self.settings(record),
            StoreName::Drafts => drafts::open(record).map(drop),
            StoreName::History => history::open_segment(record).map(drop),
        };
        if let Err(problem) = opened {
            self.broken(record, problem);
        }
    }

    fn broken(&mut self, record: &Stored, problem: Problem) {
        let (store, key) = (record.at.store.as_str().to_owned(), record.at.key.clone());
        let members = segments::members(&record.at);
        self.damaged.push(Damaged { store, key, why: problem.text, members });
    }

    fn turns(&mut self, dump: &Dump) {
        let Found { found, damaged } = segments::turns_of(&dump.records);
        for stored in found {
            let turn = match stored.open() {
                Ok(turn) => turn,
                Err(problem) => {
                    self.broken(stored.record, problem);
                    continue;
                }
            };
            let head = &stored.head;
            let holds = codec::turn_hash(&turn) == head.hash;
            self.acknowledged.push(json!({
                "ack": "saved", "session": stored.record.session, "turn": head.key,
                "state": head.state, "hash": hex(head.hash), "holds": holds,
            }));
        }
        damaged.into_iter().for_each(|(record, why)| self.broken(record, why));
    }

    fn checkpoints(&mut self, dump: &Dump) {
        let Found { found, damaged } = segments::checkpoints_of(&dump.records);
        let mut turns: BTreeMap<&SessionId, Vec<Turn>> = BTreeMap::new();
        for stored in found {
            let (head, session) = (&stored.head, &stored.record.session);
            let turns = turns.entry(session).or_insert_with(|| dump.whole(session).turns);
            let checkpoint = match stored.open(turns) {
                Ok(checkpoint) => checkpoint,
                Err(problem) => {
                    self.broken(stored.record, problem);
                    continue;
                }
            };
            let (document, request) = &head.request;
            self.acknowledged.push(json!({
                "ack": "checkpoint_saved", "session": session, "number": head.number,
                "document": document, "request": request,
            }));
            let mut value = json!(head);
            if let Some(map) = value.as_object_mut() {
                map.insert("session".into(), json!(session));
                map.insert("state".into(), json!(checkpoint.state));
            }
            self.checkpoints.push(value);
        }
        damaged.into_iter().for_each(|(record, why)| self.broken(record, why));
    }

    fn resume(&mut self, record: &Stored) -> Result<(), Problem> {
        let head: ResumeHead = codec::open(record)?;
        codec::part(record, 0)?;
        self.acknowledged.push(json!({
            "ack": "journalled", "resume": head.id, "stage": head.stage,
            "document": head.document,
        }));
        Ok(())
    }

    fn settings(&mut self, record: &Stored) -> Result<(), Problem> {
        let settings: shim::wire::records::Settings = codec::open(record)?;
        self.settings = json!(settings);
        self.acknowledged.push(json!({ "ack": "settings" }));
        Ok(())
    }

    /// Each piece was acknowledged with the hash of the text up to it: the last says it for all.
    fn streams(&mut self, dump: &Dump) {
        let mut streams: BTreeMap<(SessionId, TurnKey), Vec<(StreamHead, String)>> =
            BTreeMap::new();
        for record in dump.of(StoreName::Streams) {
            if let (Ok(head), Ok(text)) =
                (codec::open::<StreamHead>(record), codec::part(record, 0))
            {
                let at = (record.session.clone(), head.key.clone());
                streams.entry(at).or_default().push((head, text));
            }
        }
        for ((session, key), pieces) in streams {
            let text = codec::rejoin(&pieces);
            let Some((last, _)) = pieces.iter().max_by_key(|(head, _)| head.piece) else {
                continue;
            };
            self.acknowledged.push(json!({
                "ack": "stream_saved", "session": session, "turn": key, "piece": last.piece,
                "hash": hex(last.hash),
                "holds": text.as_deref().is_some_and(|text| hash(text) == last.hash),
            }));
            self.streams.push(Stream { session, key, pieces: pieces.len(), text, at: last.at });
        }
    }
}

/// A chat's turns, with the text of its stream where an answer was still coming.
fn turns_of(dump: &Dump, session: &SessionId, streams: &[Stream]) -> Vec<HeldTurn> {
    let joined = |key: &TurnKey| {
        streams.iter().any(|s| s.session == *session && s.key == *key && s.text.is_some())
    };
    let turns = dump.whole(session).turns.into_iter();
    turns
        .map(|turn| {
            let from_stream = turn.state.is_open() && joined(&turn.key);
            HeldTurn { turn, from_stream }
        })
        .collect()
}

/// A chat that was opened again after its crash has no end any more; its past and its resume still
/// tell it.
fn crashes(sessions: &[SessionHead], resumes: &[ResumeHead]) -> Vec<Crash> {
    let mut found: BTreeMap<(Moment, SessionId), Crash> = BTreeMap::new();
    let mut ended = |session: &SessionId, reason, at, resume: Option<ResumeStage>| {
        let new = Crash { session: session.clone(), reason, at, resume: None };
        let crash = found.entry((at, session.clone())).or_insert(new);
        crash.resume = crash.resume.max(resume);
    };
    for head in sessions {
        for happened in &head.happened {
            if let What::Ended(reason) = happened.what {
                ended(&head.id, reason, happened.at, None);
            }
        }
        if let Some((reason, at)) = head.ended {
            ended(&head.id, reason, at, None);
        }
    }
    for head in resumes.iter().filter(|head| head.reason != EndReason::Asked) {
        ended(&head.from, head.reason, head.crashed_at, head.stage);
    }
    found.into_values().collect()
}

/// As text, since not every reader of JSON keeps 64 bits.
fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}
