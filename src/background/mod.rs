//! The composition: the one long-lived machine behind all chats.
//!
//! It is ended by the browser at any moment, so it stands on records alone: `Restored` gives them
//! back, and an effect that matters is committed as a record before it is carried out. What is
//! acknowledged to a page has been committed.
//!
//! Absent from here: the browser, the store, the clock; they are the shell's.

mod asks;
mod badges;
mod chats;
mod damage;
mod deletions;
mod endings;
mod index;
mod ports;
mod resumes;

pub use damage::Harm;
pub use index::{Index, Whole};

use crate::base::limits::RESEND_AFTER;
use crate::base::{Moment, PortId, ResumeId, SessionId, Span, TabId, TurnKey};
use crate::session::codec;
use crate::session::ending::Watch;
use crate::sites::{self, Site};
use crate::wire::background::{BackEffect, BackEvent};
use crate::wire::records::{
    Aside, Change, Query, RecordKey, ResumeHead, SessionHead, Settings, StoreName, Stored,
};
use crate::wire::session::{Placement, SessionEvent};
use crate::wire::state::{Measured, Trigger};
use crate::wire::tuning::Tuning;
use crate::wire::ui::Answer;
use damage::Damage;
use deletions::Deletion;
use index::{StreamEntry, TurnEntry};
use ports::Port;
use std::collections::{BTreeMap, VecDeque};

/// How long a page's refusal of the engine is believed: one attempt a site and day.
const REFUSED_FOR: Span = Span::hours(24);
/// Problems kept for a person to read.
const PROBLEMS: usize = 20;

/// What follows once a batch is committed.
#[derive(Clone, Debug)]
enum AfterWrite {
    Nothing,
    Turns { port: PortId, entries: BTreeMap<TurnKey, TurnEntry> },
    Stream { port: PortId, key: TurnKey, entry: StreamEntry },
    Checkpoint { port: PortId, request: (String, u64), number: u32, size_bytes: u64 },
    Place { port: PortId, placement: Box<Placement> },
    OpenTab { resume: ResumeId, url: String, ask: u64 },
    Answer { ask: u64 },
    Deleted { ask: u64 },
    Undeleted { ask: Option<u64> },
    Erased,
}

/// A batch under way.
#[derive(Clone, Debug)]
struct Batch {
    session: SessionId,
    after: AfterWrite,
    asides: Vec<Aside>,
}

/// What follows once a query is answered.
#[derive(Clone, Debug)]
enum AfterLoad {
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
    /// Note on the checkpoint that it was restored.
    Restored { resume: ResumeId },
    /// Make a chat's damaged head anew.
    HeadAnew { session: SessionId },
    /// Look for damage.
    Look,
}

/// A tab that is being looked at.
#[derive(Clone, Debug)]
struct Ending {
    watch: Watch,
    tab: TabId,
    broke_at: Moment,
}

/// The machine.
#[derive(Default)]
pub struct Machine {
    ready: bool,
    browser_session: String,
    settings: Settings,
    tuning: Tuning,
    sessions: BTreeMap<SessionId, SessionHead>,
    resumes: BTreeMap<ResumeId, ResumeHead>,
    /// Prompts of resumes that wait to be sent.
    prompts: BTreeMap<ResumeId, String>,
    indexes: BTreeMap<SessionId, Index>,
    ports: BTreeMap<PortId, Port>,
    endings: BTreeMap<SessionId, Ending>,
    batches: BTreeMap<u64, Batch>,
    loads: BTreeMap<u64, AfterLoad>,
    /// Questions of people that wait for a checkpoint of a session.
    saving: BTreeMap<SessionId, Vec<u64>>,
    /// Resumes whose tab is being opened, by request.
    opening: BTreeMap<u64, ResumeId>,
    problems: VecDeque<String>,
    /// Why the newest write failed, until one succeeds.
    unsaved: Option<String>,
    /// Chats whose write failed: their records are read again then.
    read_again: BTreeMap<SessionId, Moment>,
    /// Why the store cannot be opened; empty: it is open.
    store_problem: String,
    damage: Damage,
    deletions: BTreeMap<SessionId, Deletion>,
    /// The moment of the event under way.
    now: Moment,
    numbers: u64,
}

impl Machine {
    /// A machine that heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event and pushes what follows from it. Before `Restored` everything is ignored:
    /// the shell gives that first.
    pub fn step(&mut self, at: Moment, event: BackEvent, out: &mut Vec<BackEffect>) {
        if !self.ready && !matches!(event, BackEvent::Restored { .. }) {
            return;
        }
        self.now = at;
        match event {
            BackEvent::Restored { records, browser_session } => {
                self.restored(at, &records, browser_session, out);
            }
            BackEvent::StoreClosed { problem } => {
                self.store_problem = problem;
                self.badge_everywhere(out);
            }
            BackEvent::Connected { port, tab, origin } => self.connected(port, tab, &origin),
            BackEvent::Disconnected { port } => self.disconnected(at, port),
            BackEvent::Message { port, text } => self.message(at, port, &text, out),
            BackEvent::TabLoads { tab } => self.tab_loads(at, tab),
            BackEvent::TabRemoved { tab } => self.tab_removed(tab, out),
            BackEvent::TabSeen { tab, state } => self.tab_seen(at, tab, state.as_ref(), out),
            BackEvent::Written { batch, problem } => self.written(at, batch, problem, out),
            BackEvent::Loaded { load, records } => self.loaded(at, load, &records, out),
            BackEvent::TabOpened { request, tab } => self.tab_opened(at, request, tab, out),
            BackEvent::Asked { ask, text } => self.asked(at, ask, &text, out),
            BackEvent::Wake => {}
        }
        self.wake(at, out);
    }

    /// When to call again although nothing happened.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        let endings = self.endings.values().map(|ending| ending.watch.next_look());
        let ports = self.ports.values().filter_map(Port::next_wake);
        let reads = self.read_again.values().copied();
        endings.chain(ports).chain(reads).chain(self.next_deletion()).min()
    }

    fn restored(
        &mut self,
        at: Moment,
        records: &[Stored],
        browser_session: String,
        out: &mut Vec<BackEffect>,
    ) {
        self.ready = true;
        self.browser_session = browser_session;
        let harms = self.take_records(at, records);
        self.take_deletions();
        for site in sites::ALL {
            self.register(at, site, out);
        }
        self.look_at_open_chats(at);
        self.make_heads_anew(&harms, out);
    }

    fn register(&self, at: Moment, site: &Site, out: &mut Vec<BackEffect>) {
        let refused =
            self.settings.refused.get(site.name).is_some_and(|when| at.since(*when) < REFUSED_FOR);
        out.push(BackEffect::Register {
            matches: site.matches(),
            site: site.name.to_owned(),
            with_engine: !refused,
        });
    }

    fn written(
        &mut self,
        at: Moment,
        batch: u64,
        problem: Option<String>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(Batch { session, after, asides }) = self.batches.remove(&batch) else { return };
        if let Some(problem) = problem {
            return self.unwritten(at, session, after, problem, out);
        }
        self.unsaved = None;
        self.damage.moved(asides);
        match after {
            AfterWrite::Nothing => {}
            AfterWrite::Turns { port, entries } => {
                self.turns_committed(at, port, &session, entries, out);
            }
            AfterWrite::Stream { port, key, entry } => {
                let event = SessionEvent::StreamSaved { key, hash: entry.hash };
                self.tell(at, port, event, out);
            }
            AfterWrite::Checkpoint { port, request, number, size_bytes } => {
                self.checkpoint_committed(at, port, &session, request, number, size_bytes, out);
            }
            AfterWrite::Place { port, placement } => {
                self.tell(at, port, SessionEvent::Place(placement), out);
            }
            AfterWrite::OpenTab { resume, url, ask } => {
                let request = self.number();
                self.opening.insert(request, resume);
                out.push(BackEffect::OpenTab { request, url });
                out.push(answer(ask, Answer::Done));
            }
            AfterWrite::Answer { ask } | AfterWrite::Deleted { ask } => {
                out.push(answer(ask, Answer::Done));
            }
            AfterWrite::Undeleted { ask } => {
                self.undeleted(&session);
                out.extend(ask.map(|ask| answer(ask, Answer::Done)));
            }
            AfterWrite::Erased => self.erased(at, &session, out),
        }
    }

    /// A batch failed: nothing of it is stored, and nothing is acknowledged. What is in memory of
    /// the chat may be ahead of the store now, so it is read again; its page sends again.
    fn unwritten(
        &mut self,
        at: Moment,
        session: SessionId,
        after: AfterWrite,
        problem: String,
        out: &mut Vec<BackEffect>,
    ) {
        match after {
            AfterWrite::Deleted { .. } => self.not_deleted(&session),
            AfterWrite::Erased => self.not_erased(session.clone()),
            _ => {}
        }
        if let AfterWrite::Answer { ask }
        | AfterWrite::OpenTab { ask, .. }
        | AfterWrite::Deleted { ask }
        | AfterWrite::Undeleted { ask: Some(ask) } = after
        {
            out.push(answer(ask, Answer::Problem(problem.clone())));
        }
        for ask in self.saving.remove(&session).unwrap_or_default() {
            out.push(answer(ask, Answer::Problem(problem.clone())));
        }
        self.unsaved = Some(format!("Saving failed: {problem}"));
        if self.indexes.remove(&session).is_some() {
            // Not at once: its page would send again at once, and so on as fast as they can.
            self.read_again.insert(session, at.after(RESEND_AFTER));
        }
    }

    fn loaded(&mut self, at: Moment, load: u64, records: &[Stored], out: &mut Vec<BackEffect>) {
        match self.loads.remove(&load) {
            None => {}
            Some(AfterLoad::Index { session }) => self.index_loaded(at, session, records, out),
            Some(AfterLoad::Checkpoint { port, session, request, trigger, measured }) => {
                let whole = Whole::of(records);
                self.checkpoint(at, port, &session, request, trigger, *measured, &whole, out);
            }
            Some(AfterLoad::Resume { port, resume }) => {
                self.resume_loaded(at, port, &resume, records, out);
            }
            Some(AfterLoad::Prompt { ask, session, checkpoint }) => {
                self.prompt_loaded(ask, &session, checkpoint, records, out);
            }
            Some(AfterLoad::Restored { resume }) => self.note_restored(at, &resume, records, out),
            Some(AfterLoad::HeadAnew { session }) => self.head_loaded(session, records, out),
            Some(AfterLoad::Look) => self.looked(at, records, out),
        }
    }

    fn wake(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        for ending in self.endings.values_mut() {
            if ending.watch.next_look() <= at {
                ending.watch.looking(at);
                out.push(BackEffect::LookAtTab { tab: ending.tab });
            }
        }
        let due: Vec<PortId> = self
            .ports
            .iter()
            .filter(|(_, port)| port.next_wake().is_some_and(|when| when <= at))
            .map(|(id, _)| *id)
            .collect();
        for port in due {
            self.tell(at, port, SessionEvent::Wake, out);
        }
        let due = |(session, when): (&SessionId, &Moment)| (*when <= at).then(|| session.clone());
        for session in self.read_again.iter().filter_map(due).collect::<Vec<_>>() {
            self.read_again.remove(&session);
            self.load_index(session, out);
        }
        self.go_on_deleting(at, out);
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn problem(&mut self, text: String) {
        // What follows from a store that is not open is not told as well.
        if self.store_problem.is_empty() && self.problems.front() != Some(&text) {
            self.problems.push_front(text);
            self.problems.truncate(PROBLEMS);
        }
    }

    fn write(
        &mut self,
        session: &SessionId,
        puts: Vec<Stored>,
        deletes: Vec<RecordKey>,
        after: AfterWrite,
        out: &mut Vec<BackEffect>,
    ) {
        self.write_change(session, Change { puts, deletes, ..Change::default() }, after, out);
    }

    /// Nothing that does not open is written over or deleted, unless its chat is.
    fn write_change(
        &mut self,
        session: &SessionId,
        mut change: Change,
        after: AfterWrite,
        out: &mut Vec<BackEffect>,
    ) {
        let batch = self.number();
        change.asides = self.damage.asides(&change.puts);
        change.deletes.retain(|at| !self.damage.holds(at));
        let asides = change.asides.clone();
        // A streamed piece is the one record whose loss a later one mends.
        let strict = !matches!(after, AfterWrite::Stream { .. }) || !asides.is_empty();
        self.batches.insert(batch, Batch { session: session.clone(), after, asides });
        out.push(BackEffect::Write { batch, change, strict });
    }

    fn write_head(&mut self, session: &SessionId, after: AfterWrite, out: &mut Vec<BackEffect>) {
        if let Some(head) = self.sessions.get(session) {
            let record = codec::session_record(head);
            self.write(session, vec![record], Vec::new(), after, out);
        }
    }

    fn load(&mut self, query: Query, after: AfterLoad, out: &mut Vec<BackEffect>) {
        let load = self.number();
        self.loads.insert(load, after);
        out.push(BackEffect::Load { load, query });
    }

    /// Loads everything stored of a chat.
    fn load_chat(&mut self, session: &SessionId, after: AfterLoad, out: &mut Vec<BackEffect>) {
        let stores = vec![StoreName::Turns, StoreName::Streams, StoreName::Checkpoints];
        self.load(Query::OfSession(stores, session.clone()), after, out);
    }
}

fn answer(ask: u64, answer: Answer) -> BackEffect {
    BackEffect::Answer { ask, answer: Box::new(answer) }
}
