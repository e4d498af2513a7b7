//! The composition: the one long-lived machine behind all chats.
//!
//! It is ended by the browser at any moment, so it stands on records alone: `Restored` gives them
//! back, and an effect that matters is committed as a record before it is carried out. What is
//! acknowledged to a page has been committed.
//!
//! Absent from here: the browser, the store, the clock; they are the shell's.

mod absorb;
mod after;
mod again;
pub mod archive;
mod asks;
mod backfill;
mod badges;
mod chats;
mod checkpoints;
mod copies;
mod damage;
mod deletions;
mod drafts;
mod drill;
mod endings;
mod forgetting;
mod gathers;
mod granted;
mod history;
mod imports;
mod index;
mod io;
mod keeping;
mod mending;
mod metrics;
mod outdated;
mod packing;
mod patience;
mod pointing;
mod ports;
mod prompts;
mod recorder;
mod resumes;
mod room;
mod scouts;
mod secrets;
mod streams;
mod verify;
mod windows;

pub use absorb::{absorb, begins_anew};
pub use damage::Harm;
pub use index::{Index, Whole};
pub use metrics::Sums;
pub use recorder::done as kind_of_effect;
pub use windows::Windows;

use crate::base::{Moment, PortId, ResumeId, SessionId, Steady, TabId};
use crate::session::ending::Watch;
use crate::wire::background::{BackEffect, BackEvent};
use crate::wire::records::{ResumeHead, SessionHead, Settings, Stored};
use crate::wire::session::{SessionEvent, ToBackground};
use crate::wire::tuning::Tuning;
use crate::wire::ui::Answer;
use crate::wire::vault::VaultView;
use after::{AfterLoad, AfterWrite};
use damage::Damage;
use deletions::Deletion;
use drafts::Drafts;
use drill::Drill;
use forgetting::Forgetting;
use history::{Recent, Tidying};
use imports::Importing;
use io::Io;
use mending::Mending;
use packing::Packing;
use patience::Patience;
use ports::Port;
use recorder::Recorder;
use room::Room;
use std::collections::{BTreeMap, VecDeque};
use streams::StreamName;
use verify::Checkup;

/// Problems kept for a person to read.
const PROBLEMS: usize = 20;

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
    /// Where a person let SHIM look, beside the sites that it asks for at its installation.
    granted: Vec<String>,
    tuning: Tuning,
    sessions: BTreeMap<SessionId, SessionHead>,
    resumes: BTreeMap<ResumeId, ResumeHead>,
    /// Prompts of resumes that wait to be sent.
    prompts: BTreeMap<ResumeId, String>,
    indexes: BTreeMap<SessionId, Index>,
    ports: BTreeMap<PortId, Port>,
    endings: BTreeMap<SessionId, Ending>,
    io: Io,
    /// Questions of people that wait for a checkpoint of a session.
    saving: BTreeMap<SessionId, Vec<u64>>,
    /// Questions of people how a page is built: the port that will tell it, question and salt.
    structures: Vec<(PortId, u64, u64)>,
    /// Resumes whose tab is being opened, by request.
    opening: BTreeMap<u64, ResumeId>,
    problems: VecDeque<String>,
    /// Why the newest write failed, until one succeeds.
    unsaved: Option<String>,
    /// Why the store cannot be opened; empty: it is open.
    store_problem: String,
    /// When it is to be opened again.
    reopening: Patience,
    damage: Damage,
    deletions: BTreeMap<SessionId, Deletion>,
    /// Snapshots of signals that are not stored yet, or just were.
    recent: BTreeMap<SessionId, Recent>,
    tidying: Tidying,
    packing: Packing,
    /// No chat goes by its age before this moment.
    outdated_rest: Moment,
    mending: Mending,
    /// Chats whose second copy is old, and when it is made anew, by the steady clock.
    copies_due: BTreeMap<SessionId, Moment>,
    importing: Importing,
    drafts: Drafts,
    /// Texts that are streamed, where secrets are not stored.
    streamed: BTreeMap<StreamName, String>,
    drill: Drill,
    /// A site that is to be forgotten.
    forgetting: Option<Forgetting>,
    room: Room,
    /// A check of the whole store, while a page asks on.
    checkup: Option<Checkup>,
    vault: VaultView,
    /// Messages of engines that run here.
    said: VecDeque<(PortId, ToBackground)>,
    recorder: Recorder,
    clock: Steady,
    /// The moment of the event under way, as it is shown to people: what is stored has this one.
    now: Moment,
    /// The same by a clock that never goes back: what waits is counted by it.
    steady: Moment,
}

impl Machine {
    /// A machine that heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event and pushes what follows from it. Until `Restored` came, pages connect and
    /// people ask, and nothing is stored or acknowledged.
    pub fn step(&mut self, at: Moment, event: BackEvent, out: &mut Vec<BackEffect>) {
        let (seen, first) = (recorder::seen(&event), out.len());
        self.take(at, event, out);
        self.recorder.note(at, seen, out.get(first..).unwrap_or_default());
    }

    fn take(&mut self, at: Moment, event: BackEvent, out: &mut Vec<BackEffect>) {
        let before = self.clock;
        (self.now, self.steady) = (at, self.clock.now(at));
        match event {
            BackEvent::Restored { records, browser_session } => {
                self.restored(at, &records, browser_session, out);
            }
            BackEvent::StoreClosed { problem } => self.store_closed(at, problem, out),
            BackEvent::Connected { port, tab, origin } => {
                self.connected(at, port, tab, origin, out)
            }
            BackEvent::Disconnected { port } => self.disconnected(at, port, out),
            BackEvent::Message { port, text } => self.message(at, port, &text, out),
            BackEvent::Asked { ask, text } => self.asked(at, ask, &text, out),
            BackEvent::TabLoads { tab } => self.tab_loads(tab),
            BackEvent::Wake => {}
            BackEvent::Vault(vault) => self.vault_stands(vault, out),
            BackEvent::Granted { origins } => self.granted(at, &origins, out),
            _ if !self.ready => {}
            BackEvent::TabRemoved { tab } => self.tab_removed(tab, out),
            BackEvent::TabSeen { tab, state } => self.tab_seen(at, tab, state.as_ref(), out),
            BackEvent::Written { batch, problem } => self.written(at, batch, problem, out),
            BackEvent::Copied { problem } => self.copied(problem),
            BackEvent::Measured { used_bytes, quota_bytes } => {
                self.measured(used_bytes, quota_bytes, out);
            }
            BackEvent::Loaded { load, records } => self.loaded(at, load, &records, out),
            BackEvent::LoadFailed { load } => self.load_failed(load, out),
            BackEvent::TabOpened { request, tab } => self.tab_opened(at, request, tab, out),
        }
        self.hear_hosted(at, out);
        self.take_typed(at, out);
        self.wake(at, self.clock.is_behind(before), out);
        self.hear_hosted(at, out);
    }

    /// Takes what the engines that run here have said meanwhile.
    fn hear_hosted(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        while let Some((port, message)) = self.said.pop_front() {
            self.engine_said(at, port, message, out);
        }
    }

    /// When to call again although nothing happened.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        let endings = self.endings.values().map(|ending| ending.watch.next_look());
        let own = endings.chain(self.io.next_wake()).chain(self.reopening.next());
        let own = own
            .chain(self.next_deletion())
            .chain(self.next_copy())
            .map(|steady| self.clock.shown(steady));
        let shown = self.ports.values().filter_map(Port::next_wake).chain(self.next_tidying());
        own.chain(shown)
            .chain(self.next_packing())
            .chain(self.next_outdated())
            .chain(self.next_drill())
            .min()
    }

    fn restored(
        &mut self,
        at: Moment,
        records: &[Stored],
        browser_session: String,
        out: &mut Vec<BackEffect>,
    ) {
        if std::mem::replace(&mut self.ready, true) {
            return;
        }
        self.browser_session = browser_session;
        let harms = self.take_records(at, records);
        self.take_deletions();
        self.rest_from_tidying(at);
        self.rest_from_packing(at);
        self.rest_from_outdated(at);
        self.rest_from_drill(at);
        self.register_all(at, out);
        for port in self.ports.keys().copied().collect::<Vec<_>>() {
            self.tell_place(at, port, out);
        }
        self.look_at_open_chats(at);
        self.make_heads_anew(&harms, out);
        self.ask_for_copies(out);
        self.measure(out);
        if !std::mem::take(&mut self.store_problem).is_empty() {
            self.badge_everywhere(out);
        }
    }

    /// What is stored is not known, so nothing may be written over it. It is tried again.
    fn store_closed(&mut self, at: Moment, problem: String, out: &mut Vec<BackEffect>) {
        if self.ready {
            return;
        }
        self.reopening.failed(self.steady);
        if self.store_problem != problem {
            self.store_problem = problem;
            self.register_all(at, out);
            self.badge_everywhere(out);
        }
    }

    /// `set_back`: the clock that is shown went back, and what waits by it would wait too long.
    fn wake(&mut self, at: Moment, set_back: bool, out: &mut Vec<BackEffect>) {
        if self.reopening.is_due(self.steady) && !self.ready {
            out.push(BackEffect::Restore);
        }
        self.try_again(at, out);
        for ending in self.endings.values_mut() {
            if ending.watch.next_look() <= self.steady {
                ending.watch.looking(self.steady);
                out.push(BackEffect::LookAtTab { tab: ending.tab });
            }
        }
        let due: Vec<PortId> = self
            .ports
            .iter()
            .filter(|(_, port)| port.next_wake().is_some_and(|when| set_back || when <= at))
            .map(|(id, _)| *id)
            .collect();
        for port in due {
            self.tell(at, port, SessionEvent::Wake, out);
        }
        self.go_on_deleting(at, out);
        self.tidy_histories(at, out);
        self.pack_chats(at, out);
        self.copy_chats(out);
        self.go_on_importing(out);
        self.outdated_chats(at, out);
        self.drill_when_due(at, out);
    }

    fn problem(&mut self, text: String) {
        // What follows from a store that is not open is not told as well.
        if self.store_problem.is_empty() && self.problems.front() != Some(&text) {
            self.problems.push_front(text);
            self.problems.truncate(PROBLEMS);
        }
    }
}

fn answer(ask: u64, answer: Answer) -> BackEffect {
    BackEffect::Answer { ask, answer: Box::new(answer) }
}
