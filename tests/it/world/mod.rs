//! The simulator: a seed, a clock, a store, a site, tabs and pages around the product's own machine
//! and engines. What can go wrong in a browser goes wrong here, as the seed has it; what must hold
//! is checked all the time. A run is played again with `cargo xtask sim --seed N`.

mod act;
mod check;
mod faults;
mod kept;
mod losses;
pub mod page;
pub mod replay;
mod runs;
pub mod store;
mod tabs;
mod worker;

use faults::{Fault, Sabotage, Weather};
use page::{Exchange, Page};
use shim::background::Machine;
use shim::base::chance::Chance;
use shim::base::{Moment, PortId, SessionId, TabId, TurnKey};
use shim::session::engine::Engine;
use shim::wire::background::{BackEffect, PortDown};
use shim::wire::card::CardKind;
use shim::wire::keeping::Keeping;
use shim::wire::records::{Settings, Stored};
use shim::wire::ui::Ask;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::Memory;

/// A tab of the browser.
struct Tab {
    id: TabId,
    shows: Shows,
}

/// What stands in a tab.
enum Shows {
    /// A chat page, alive.
    Chat(Box<Document>),
    /// Its process died; the tab still stands.
    Dead,
    /// The browser put it to sleep.
    Asleep,
    /// A page that SHIM does not watch.
    Elsewhere,
}

/// A chat page and what runs in it.
struct Document {
    name: String,
    /// None: the page refused it, and the background hosts one.
    engine: Option<Engine>,
    page: Page,
    /// What its hands wrote last.
    wrote: String,
    /// Chats that it showed before: the background may not have heard that they went.
    left: Vec<String>,
    port: Option<PortId>,
    card: Option<CardKind>,
    /// When its timer fires, by the clock that never jumps.
    timer_ms: Option<u64>,
}

/// The background's worker while it lives.
struct Worker {
    /// Which start of the worker.
    number: u64,
    machine: Machine,
    io: VecDeque<BackEffect>,
    timer_ms: Option<u64>,
}

/// What was told of a turn, and later acknowledged: its text then, and whether it was finished.
#[derive(Clone)]
struct Acknowledged {
    at: (SessionId, TurnKey),
    text: String,
    finished: bool,
    /// The document that told it.
    by: String,
}

/// The world.
struct World {
    chance: Chance,
    /// Milliseconds since the run began, as they really pass.
    real_ms: u64,
    /// The clock that everybody is shown.
    now: Moment,
    weather: Weather,
    sabotage: Sabotage,
    store: Memory,
    browser_session: u64,
    worker: Option<Worker>,
    tabs: Vec<Tab>,
    up: VecDeque<(PortId, String)>,
    down: VecDeque<(PortId, PortDown)>,
    /// The site's own chats, by id: what is true of them.
    site: BTreeMap<String, Vec<Exchange>>,
    counter: u64,
    /// What was sent to the background: a turn or a stream by document, key and hash.
    told: BTreeMap<(String, TurnKey, u64), Acknowledged>,
    /// Answers that a document told as ended, and whether it took that back: from then on what is
    /// stored may be either, until all has come to rest.
    took_back: BTreeMap<(String, TurnKey), bool>,
    /// Checkpoints that were asked for: the chat by document and request.
    wanted: BTreeMap<(String, u64), SessionId>,
    turns: BTreeMap<(SessionId, TurnKey), Acknowledged>,
    checkpoints: BTreeSet<(SessionId, u32)>,
    /// Those that are said to be pinned.
    pins: BTreeSet<(SessionId, u32)>,
    /// Checkpoints that went by the rule.
    let_go: BTreeSet<(SessionId, u32)>,
    /// Whether a write found no room.
    short: bool,
    /// What the person lets be kept, and how many checkpoints went for it.
    keep: Keeping,
    dropped: usize,
    /// Pins that were said to be stored.
    pinned: usize,
    /// How often a document that showed a chat died.
    died: BTreeMap<SessionId, u32>,
    /// Crashes that must be on record when all has come to rest, with the dead tab.
    lost: BTreeMap<SessionId, Option<TabId>>,
    /// Chats that two documents showed at once.
    doubled: BTreeSet<SessionId>,
    /// Ends that were on record, by chat and moment.
    ends: BTreeSet<(SessionId, Moment)>,
    /// Prompts that were put into a composer, by their nonce.
    fills: BTreeMap<String, u32>,
    /// Those that nobody had asked for, by the chat that died.
    by_itself: BTreeMap<SessionId, u32>,
    /// Chats that a person deletes or deleted, with when they asked for it last.
    deleting: BTreeMap<SessionId, u64>,
    /// Settings that may be stored, with their question: the last that were said to be, and what
    /// was asked since.
    wishes: Vec<(u64, Settings)>,
    /// Records that do not open any more, as they lay in the store then.
    damaged: Vec<Stored>,
    /// Questions of people that wait for an answer.
    asks: BTreeMap<u64, Ask>,
    paused: bool,
    /// The last report that was asked for.
    report: Option<String>,
    happened: BTreeMap<Fault, u32>,
    answered: u32,
    /// Segments that were put.
    segments: usize,
    steps: u32,
    /// Lines of what happens are printed.
    tell: bool,
}

impl World {
    fn new(seed: u64, sabotage: Sabotage) -> Self {
        Self {
            chance: Chance::new(seed),
            real_ms: 0,
            now: Moment(1_790_000_000_000),
            weather: Weather::default(),
            sabotage,
            store: Memory::default(),
            browser_session: 1,
            worker: None,
            tabs: Vec::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            site: BTreeMap::new(),
            counter: 0,
            told: BTreeMap::new(),
            took_back: BTreeMap::new(),
            wanted: BTreeMap::new(),
            turns: BTreeMap::new(),
            checkpoints: BTreeSet::new(),
            pins: BTreeSet::new(),
            let_go: BTreeSet::new(),
            short: false,
            keep: kept::rule(seed),
            dropped: 0,
            pinned: 0,
            died: BTreeMap::new(),
            lost: BTreeMap::new(),
            doubled: BTreeSet::new(),
            ends: BTreeSet::new(),
            fills: BTreeMap::new(),
            by_itself: BTreeMap::new(),
            deleting: BTreeMap::new(),
            wishes: vec![(0, Settings::default())],
            damaged: Vec::new(),
            asks: BTreeMap::new(),
            paused: false,
            report: None,
            happened: BTreeMap::new(),
            answered: 0,
            segments: 0,
            steps: 0,
            tell: false,
        }
    }

    fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Prints a line of what happens, where somebody reads it.
    fn tell(&self, who: &str, what: impl FnOnce() -> String) {
        if self.tell {
            let seconds = self.real_ms as f64 / 1_000.0;
            println!("{seconds:>12.3} s  {who:<10} {}", what());
        }
    }

    /// A fault strikes: counted, so that a run shows that it was a rough one.
    fn strikes(&mut self, fault: Fault, what: impl FnOnce() -> String) {
        *self.happened.entry(fault).or_default() += 1;
        self.tell("FAULT", what);
    }

    /// Time passes.
    fn pass(&mut self, span_ms: u64) {
        self.real_ms += span_ms;
        self.now.0 += span_ms;
    }

    /// When a timer that is set now for `when` fires: the browser counts how long that is, and
    /// looks at no clock any more.
    fn timer(&self, when: Option<Moment>) -> Option<u64> {
        when.map(|when| self.real_ms + when.since(self.now).0.max(10))
    }

    fn step(&mut self) {
        let span_ms = self.chance.below(400);
        self.pass(span_ms);
        self.change_weather();
        match self.chance.below(10) {
            0 | 1 => self.act(),
            2..5 => self.deliver_up(),
            5..7 => self.deliver_down(),
            _ => self.io(),
        }
        self.timers();
        self.steps += 1;
        self.check_often();
    }

    fn timers(&mut self) {
        let due = |timer: Option<u64>, now| timer.is_some_and(|when| when <= now);
        if self.worker.as_ref().is_some_and(|w| due(w.timer_ms, self.real_ms)) {
            self.wake();
        }
        for id in self.ids() {
            let now = self.real_ms;
            if self.document(id).is_some_and(|d| due(d.timer_ms, now)) {
                self.wake_engine(id);
            }
        }
    }
}
