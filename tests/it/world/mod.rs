//! The simulator: a seed, a clock, a store, tabs and pages around the product's own machine and
//! engines. The worker dies between any two effects; messages are lost, repeated and late; tabs
//! crash. What must hold is checked after every step.

pub mod page;
pub mod store;

use page::Page;
use shim::background::Machine;
use shim::base::chance::Chance;
use shim::base::{Moment, PortId, SessionId, TabId, TurnKey};
use shim::session::codec;
use shim::session::engine::Engine;
use shim::wire::background::{BackEffect, BackEvent, PortDown, PortUp, TabState};
use shim::wire::page::PageEffect;
use shim::wire::records::{
    Change, CheckpointHead, ResumeHead, SessionHead, StoreName, Stored, TurnHead,
};
use shim::wire::session::{
    CardButton, CardKind, FillOutcome, PressOutcome, ResumeStage, SessionEffect, SessionEvent,
};
use std::collections::{BTreeMap, VecDeque};
use store::Memory;

/// What can go wrong beside the seed's own faults.
#[derive(Clone, Copy, Debug, Default)]
struct Sabotage {
    /// Journal entries of resumes are acknowledged and not stored.
    no_journal: bool,
}

struct Tab {
    id: TabId,
    /// None: the process died; the tab still stands.
    document: Option<Document>,
}

struct Document {
    name: String,
    engine: Engine,
    page: Page,
    port: Option<PortId>,
    card: Option<CardKind>,
}

struct Worker {
    machine: Machine,
    io: VecDeque<BackEffect>,
}

struct World {
    chance: Chance,
    now: Moment,
    store: Memory,
    worker: Option<Worker>,
    tabs: Vec<Tab>,
    up: VecDeque<(PortId, String)>,
    down: VecDeque<(PortId, PortDown)>,
    counter: u64,
    sabotage: Sabotage,
    faults: bool,
    /// What was acknowledged: turn hash, and checkpoint numbers.
    acknowledged_turns: BTreeMap<(SessionId, TurnKey), u64>,
    acknowledged_checkpoints: Vec<(SessionId, u32)>,
    /// How often a prompt was put into a composer by itself, by the old chat and its crash.
    fills: BTreeMap<String, u32>,
    placed: u32,
    answered: u32,
    crashes: u32,
    deaths: u32,
    steps: u32,
}

/// Steps between two looks at everything that was acknowledged.
const CHECK_EVERY: u32 = 100;

impl World {
    fn new(seed: u64, sabotage: Sabotage) -> Self {
        Self {
            chance: Chance::new(seed),
            now: Moment(1_790_000_000_000),
            store: Memory::default(),
            worker: None,
            tabs: Vec::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            counter: 0,
            sabotage,
            faults: true,
            acknowledged_turns: BTreeMap::new(),
            acknowledged_checkpoints: Vec::new(),
            fills: BTreeMap::new(),
            placed: 0,
            answered: 0,
            crashes: 0,
            deaths: 0,
            steps: 0,
        }
    }

    fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    // ---- the worker ----

    fn wake_worker(&mut self) {
        if self.worker.is_some() {
            return;
        }
        let stores = [StoreName::Settings, StoreName::Sessions, StoreName::Resumes];
        let records =
            self.store.values().filter(|r| stores.contains(&r.at.store)).cloned().collect();
        self.worker = Some(Worker { machine: Machine::new(), io: VecDeque::new() });
        self.back(BackEvent::Restored { records, browser_session: "one".into() });
    }

    fn kill_worker(&mut self) {
        let Some(mut worker) = self.worker.take() else { return };
        self.deaths += 1;
        // What was on its way to the disk is there or not; nothing is told either way.
        while let Some(effect) = worker.io.pop_front() {
            if self.chance.percent(50) {
                break;
            }
            if let BackEffect::Write { change, .. } = effect {
                self.commit(change);
            }
        }
        self.up.clear();
        self.down.clear();
        for tab in &mut self.tabs {
            if let Some(document) = &mut tab.document {
                document.port = None;
            }
        }
    }

    fn back(&mut self, event: BackEvent) {
        let Some(worker) = &mut self.worker else { return };
        let mut effects = Vec::new();
        worker.machine.step(self.now, event, &mut effects);
        for effect in effects {
            if self.faults && self.chance.percent(1) {
                return self.kill_worker();
            }
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: BackEffect) {
        match effect {
            BackEffect::Write { .. } | BackEffect::Load { .. } => {
                if let Some(worker) = &mut self.worker {
                    worker.io.push_back(effect);
                }
            }
            BackEffect::Send { port, message } => self.down.push_back((port, *message)),
            BackEffect::LookAtTab { tab } => {
                let state = self.tabs.iter().find(|t| t.id == tab).map(|t| TabState {
                    status: if t.document.is_some() { "complete" } else { "unloaded" }.into(),
                    url: "https://claude.ai/".into(),
                    answers: Some(t.document.is_some()),
                    ..TabState::default()
                });
                self.back(BackEvent::TabSeen { tab, state });
            }
            _ => {}
        }
    }

    fn io(&mut self) {
        let Some(effect) = self.worker.as_mut().and_then(|w| w.io.pop_front()) else { return };
        let event = match effect {
            BackEffect::Write { batch, change, .. } => {
                self.commit(change);
                if self.faults && self.chance.percent(2) {
                    return self.kill_worker();
                }
                BackEvent::Written { batch, problem: None }
            }
            BackEffect::Load { load, query } => {
                BackEvent::Loaded { load, records: self.store.query(&query) }
            }
            other => panic!("no input or output: {other:?}"),
        };
        self.back(event);
    }

    fn commit(&mut self, mut change: Change) {
        let journal = |put: &Stored| put.at.store == StoreName::Resumes;
        change.puts.retain(|put| !(self.sabotage.no_journal && journal(put)));
        self.store.write(&change).unwrap();
    }

    // ---- tabs ----

    fn open_tab(&mut self) {
        let id = TabId(i64::try_from(self.number()).unwrap());
        self.tabs.push(Tab { id, document: None });
        self.load(id, Page::default());
    }

    fn load(&mut self, id: TabId, page: Page) {
        let name = format!("document-{}", self.number());
        let document = Document { name, engine: Engine::new(), page, port: None, card: None };
        let Some(tab) = self.tabs.iter_mut().find(|t| t.id == id) else { return };
        let name = document.name.clone();
        tab.document = Some(document);
        let url = "https://claude.ai/new".to_owned();
        self.engine(id, SessionEvent::Started { url, document: name });
        self.connect(id);
        self.look(id);
    }

    fn document(&mut self, id: TabId) -> Option<&mut Document> {
        self.tabs.iter_mut().find(|t| t.id == id)?.document.as_mut()
    }

    fn connect(&mut self, id: TabId) {
        if self.document(id).is_none_or(|d| d.port.is_some()) {
            return;
        }
        self.wake_worker();
        if self.worker.is_none() {
            return;
        }
        let port = PortId(self.number());
        if let Some(document) = self.document(id) {
            document.port = Some(port);
        }
        let origin = "https://claude.ai".to_owned();
        self.back(BackEvent::Connected { port, tab: id, origin });
        self.engine(id, SessionEvent::Connected);
    }

    fn look(&mut self, id: TabId) {
        if let Some(document) = self.document(id) {
            let flush = document.page.flush();
            self.engine(id, SessionEvent::Page(flush));
        }
    }

    fn engine(&mut self, id: TabId, event: SessionEvent) {
        let now = self.now;
        let Some(document) = self.document(id) else { return };
        let mut effects = Vec::new();
        document.engine.step(now, event, &mut effects);
        for effect in effects {
            self.effect(id, effect);
        }
    }

    fn effect(&mut self, id: TabId, effect: SessionEffect) {
        match effect {
            SessionEffect::Back(message) => {
                if self.document(id).is_some_and(|d| d.port.is_none()) {
                    self.connect(id);
                }
                let Some(port) = self.document(id).and_then(|d| d.port) else { return };
                let text = serde_json::to_string(&PortUp::Session(message)).unwrap();
                self.up.push_back((port, text));
            }
            SessionEffect::Page(PageEffect::Fill { text, .. }) => self.fill(id, &text),
            SessionEffect::Page(PageEffect::Press { .. }) => {
                self.send_composer(id);
                self.engine(id, SessionEvent::Pressed(PressOutcome::Pressed));
                self.look(id);
            }
            SessionEffect::Page(PageEffect::Clear { expected, .. }) => {
                let Some(document) = self.document(id) else { return };
                let same = document.page.composer == expected;
                if same {
                    document.page.composer.clear();
                }
                self.engine(id, SessionEvent::Cleared(same));
            }
            SessionEffect::Card(card) => {
                if let Some(document) = self.document(id) {
                    document.card = card.map(|card| card.kind);
                }
            }
            SessionEffect::Page(_) => {}
        }
    }

    fn fill(&mut self, id: TabId, text: &str) {
        let Some(document) = self.document(id) else { return };
        assert!(document.page.composer.is_empty(), "a draft was written over");
        text.clone_into(&mut document.page.composer);
        // The nonce stands for the crash: every fill of one crash counts on one line.
        let nonce = text
            .split("<<<record ")
            .nth(1)
            .map_or(text, |rest| rest.split_whitespace().next().unwrap_or_default());
        let count = self.fills.entry(nonce.to_owned()).or_default();
        *count += 1;
        assert!(*count == 1, "the crash {nonce} was resumed {count} times");
        self.placed += 1;
        let read_back = text.to_owned();
        self.engine(id, SessionEvent::Filled(FillOutcome::Written { read_back }));
    }

    fn send_composer(&mut self, id: TabId) {
        let next = self.number().to_string();
        if let Some(document) = self.document(id) {
            let text = document.page.composer.clone();
            document.page.send(text, next);
        }
    }

    fn crash(&mut self, id: TabId) {
        self.crashes += 1;
        let Some(tab) = self.tabs.iter_mut().find(|t| t.id == id) else { return };
        let Some(document) = tab.document.take() else { return };
        if let Some(port) = document.port {
            self.back(BackEvent::Disconnected { port });
        }
    }

    fn close(&mut self, id: TabId) {
        let at = self.tabs.iter().position(|t| t.id == id).unwrap();
        let tab = self.tabs.remove(at);
        self.wake_worker();
        self.back(BackEvent::TabRemoved { tab: id });
        if let Some(port) = tab.document.and_then(|d| d.port) {
            self.back(BackEvent::Disconnected { port });
        }
    }

    // ---- one step ----

    fn deliver_up(&mut self) {
        let Some((port, text)) = self.up.pop_front() else { return };
        if self.faults && self.chance.percent(3) {
            return;
        }
        if self.faults && self.chance.percent(3) {
            self.up.push_back((port, text.clone()));
        }
        self.back(BackEvent::Message { port, text });
    }

    fn deliver_down(&mut self) {
        let Some((port, message)) = self.down.pop_front() else { return };
        let Some(id) = self
            .tabs
            .iter()
            .find(|t| t.document.as_ref().is_some_and(|d| d.port == Some(port)))
            .map(|t| t.id)
        else {
            return;
        };
        if self.faults && self.chance.percent(3) {
            return;
        }
        if self.faults && self.chance.percent(3) {
            self.down.push_back((port, message.clone()));
        }
        let PortDown::Event(event) = message else { return };
        self.note_acknowledged(id, &event);
        self.engine(id, event);
    }

    fn note_acknowledged(&mut self, id: TabId, event: &SessionEvent) {
        let Some(session) = self.document(id).and_then(|d| d.page.chat.clone()) else { return };
        let session = SessionId(format!("claude//{session}"));
        match event {
            SessionEvent::Saved { turns } => {
                for (key, hash) in turns {
                    self.acknowledged_turns.insert((session.clone(), key.clone()), *hash);
                }
            }
            SessionEvent::CheckpointSaved { number, .. } => {
                self.acknowledged_checkpoints.push((session, *number));
            }
            _ => {}
        }
    }

    fn act(&mut self) {
        let ids: Vec<TabId> = self.tabs.iter().map(|t| t.id).collect();
        let pick = self.chance.below(ids.len().max(1) as u64) as usize;
        let Some(&id) = ids.get(pick) else { return self.open_tab() };
        match self.chance.below(100) {
            0..4 if ids.len() < 5 => self.open_tab(),
            4..7 if self.faults => self.crash(id),
            7 if ids.len() > 1 => self.close(id),
            8..11 if self.faults => self.kill_worker(),
            11..40 => self.talk(id),
            _ => self.stream(id),
        }
    }

    fn talk(&mut self, id: TabId) {
        let number = self.number();
        let Some(document) = self.document(id) else { return };
        if document.page.streaming().is_some() {
            return;
        }
        if document.card == Some(CardKind::Placed) {
            return self.engine(id, SessionEvent::Card(CardButton::Send));
        }
        if document.card == Some(CardKind::Offered) {
            return self.engine(id, SessionEvent::Card(CardButton::Close));
        }
        if document.page.composer.is_empty() {
            document.page.composer = format!("Please do step {number} of the work");
        }
        self.look(id);
        self.send_composer(id);
        self.look(id);
    }

    fn stream(&mut self, id: TabId) {
        let ends = self.chance.percent(30);
        let number = self.number();
        let Some(document) = self.document(id) else { return };
        let resumed = document.page.exchanges.len() == 1;
        let Some(exchange) = document.page.streaming() else { return };
        exchange.answer.push_str(&format!("word{number} "));
        exchange.done = ends;
        if ends && resumed && exchange.user.contains("<<<record ") {
            self.answered += 1;
        }
        self.look(id);
    }

    fn step(&mut self) {
        self.now.0 += self.chance.below(400);
        match self.chance.below(10) {
            0 | 1 => self.act(),
            2..5 => self.deliver_up(),
            5..7 => self.deliver_down(),
            _ => self.io(),
        }
        self.timers();
        self.steps += 1;
        // Records are only ever replaced by commits: what was lost stays lost until the next look.
        if self.steps.is_multiple_of(CHECK_EVERY) {
            self.check();
        }
    }

    fn timers(&mut self) {
        let due = |w: Option<Moment>, now| w.is_some_and(|when| when <= now);
        if self.worker.as_ref().is_some_and(|w| due(w.machine.next_wake(), self.now)) {
            self.back(BackEvent::Wake);
        }
        for id in self.tabs.iter().map(|t| t.id).collect::<Vec<_>>() {
            let now = self.now;
            if self.document(id).is_some_and(|d| due(d.engine.next_wake(), now)) {
                self.engine(id, SessionEvent::Wake);
            }
        }
    }

    /// What must hold of the store at every moment.
    fn check(&self) {
        for (session, key) in self.acknowledged_turns.keys() {
            let at = codec::turn_key(session, key);
            let stored = self.store.get(&at).unwrap_or_else(|| panic!("lost turn {at:?}"));
            codec::open::<TurnHead>(stored).expect("an acknowledged turn opens");
        }
        for (session, number) in &self.acknowledged_checkpoints {
            let at = codec::checkpoint_key(session, *number);
            let stored = self.store.get(&at).unwrap_or_else(|| panic!("lost checkpoint {at:?}"));
            let head = codec::open::<CheckpointHead>(stored).expect("it opens");
            assert_eq!(head.number, *number);
        }
    }

    /// Lets everything come to rest without faults; then every finished turn must be stored.
    fn rest(&mut self) {
        self.faults = false;
        for id in self.tabs.iter().map(|t| t.id).collect::<Vec<_>>() {
            while let Some(exchange) = self.document(id).and_then(|d| d.page.streaming()) {
                exchange.answer.push_str("end");
                exchange.done = true;
            }
            self.connect(id);
            self.look(id);
        }
        for _ in 0..2_000 {
            self.now.0 += 100;
            for _ in 0..4 {
                self.deliver_up();
                self.deliver_down();
                self.io();
            }
            self.timers();
        }
        self.check();
        self.all_stored();
    }

    fn all_stored(&mut self) {
        for id in self.tabs.iter().map(|t| t.id).collect::<Vec<_>>() {
            let Some(document) = self.document(id) else { continue };
            let page = document.page.clone();
            let Some(chat) = page.chat else { continue };
            let session = SessionId(format!("claude//{chat}"));
            for exchange in page.exchanges {
                let key = TurnKey(format!("{}-hub-reply", exchange.id));
                let at = codec::turn_key(&session, &key);
                let stored = self.store.get(&at).unwrap_or_else(|| panic!("unsaved {at:?}"));
                let turn = codec::open_turn(stored).unwrap();
                assert_eq!(turn.markdown.trim(), exchange.answer.trim());
            }
        }
    }

    fn resumed_to_the_end(&self) -> usize {
        let heads = self.store.values().filter(|r| r.at.store == StoreName::Resumes);
        heads
            .filter_map(|record| codec::open::<ResumeHead>(record).ok())
            .filter(|head| head.stage == Some(ResumeStage::Answered))
            .count()
    }

    fn known_crashes(&self) -> usize {
        let heads = self.store.values().filter(|r| r.at.store == StoreName::Sessions);
        heads
            .filter_map(|record| codec::open::<SessionHead>(record).ok())
            .filter(|head| head.ended.is_some())
            .count()
    }
}

/// What a run came to, summed over seeds.
#[derive(Default)]
struct Sum {
    turns: usize,
    checkpoints: usize,
    placed: u32,
    answered: usize,
    known_crashes: usize,
    deaths: u32,
    crashes: u32,
}

fn run(seed: u64, sabotage: Sabotage, sum: &mut Sum) {
    let mut world = World::new(seed, sabotage);
    for _ in 0..4_000 {
        world.step();
    }
    world.rest();
    sum.turns += world.acknowledged_turns.len();
    sum.checkpoints += world.acknowledged_checkpoints.len();
    sum.placed += world.placed;
    sum.answered += world.resumed_to_the_end();
    sum.known_crashes += world.known_crashes();
    sum.deaths += world.deaths;
    sum.crashes += world.crashes;
}

/// Seeds of the ordinary run.
const SEEDS: u64 = 50;

#[test]
fn nothing_acknowledged_is_lost_and_each_crash_is_resumed_at_most_once() {
    let mut sum = Sum::default();
    for seed in 0..SEEDS {
        run(seed, Sabotage::default(), &mut sum);
    }
    println!(
        "{SEEDS} seeds: {} turns and {} checkpoints acknowledged, {} worker deaths, {} crashes, \
         {} prompts placed, {} resumes answered, {} ended sessions on record",
        sum.turns,
        sum.checkpoints,
        sum.deaths,
        sum.crashes,
        sum.placed,
        sum.answered,
        sum.known_crashes
    );
    // A world in which nothing happens would pass as well: it must have been eventful.
    assert!(sum.turns > 1_000 && sum.checkpoints > 100 && sum.deaths > 500);
    assert!(sum.placed > 50 && sum.answered > 20 && sum.crashes > 100);
}

#[test]
fn without_the_journal_the_simulator_finds_a_second_resume() {
    let caught = (0..SEEDS).any(|seed| {
        let sabotage = Sabotage { no_journal: true };
        let run = || run(seed, sabotage, &mut Sum::default());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err()
    });
    assert!(caught, "the journal was taken out and no seed noticed");
}
