//! The machine behind all chats, beside a store that keeps or refuses: what people ask of it, the
//! engine it runs for a page, how chats end, and what is said when saving fails.

mod asks;
mod drafts;
mod ends;
mod granted;
mod history;
mod hosted;
mod imports;
mod keeping;
mod metrics;
mod packing;
mod pointing;
mod remade;
mod saving;
mod secrets;

use crate::world::store::Memory;
use shim::background::Machine;
use shim::base::{AccountId, ChatId, Moment, PortId, SessionId, TabId, TurnKey};
use shim::session::{checkpoints, codec};
use shim::wire::background::{BackEffect, BackEvent, PortDown, PortUp, RESTORED};
use shim::wire::chat::{Role, Turn};
use shim::wire::page::PageEffect;
use shim::wire::records::{Change, Query, ResumeHead, SessionHead, Settings, StoreName, Stored};
use shim::wire::session::{Hello, SessionEvent, ToBackground};
use shim::wire::state::{Checkpoint, State, Trigger};
use shim::wire::ui::{Answer, Ask, Status};
use std::collections::VecDeque;

const START: Moment = Moment(1_790_000_000_000);
const CLAUDE: &str = "https://claude.ai";
/// The start of the browser in which these tests happen.
const TODAY: &str = "today";

/// A machine, its store, and all that it did.
struct Bench {
    machine: Machine,
    store: Memory,
    now: Moment,
    /// Why every write fails now; none: it is kept.
    refused: Option<&'static str>,
    effects: Vec<BackEffect>,
    asked: u64,
}

impl Bench {
    /// A worker that starts on these records.
    fn new(records: &[Stored]) -> Self {
        let mut store = Memory::default();
        store.write(&Change { puts: records.to_vec(), ..Change::default() }).unwrap();
        Self::on(store, START)
    }

    fn on(store: Memory, now: Moment) -> Self {
        let (machine, effects) = (Machine::new(), Vec::new());
        let mut this = Self { machine, store, now, refused: None, effects, asked: 0 };
        let records =
            RESTORED.iter().flat_map(|kind| this.store.query(&Query::All(*kind))).collect();
        this.step(BackEvent::Restored { records, browser_session: TODAY.into() });
        this
    }

    /// The worker dies and starts again on what is stored.
    fn restarted(self) -> Self {
        Self::on(self.store, self.now)
    }

    fn step(&mut self, event: BackEvent) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let mut effects = Vec::new();
            self.machine.step(self.now, event, &mut effects);
            for effect in effects {
                events.extend(self.carry_out(&effect));
                self.effects.push(effect);
            }
        }
    }

    /// What a shell would do, and what it would say of it.
    fn carry_out(&mut self, effect: &BackEffect) -> Option<BackEvent> {
        match effect {
            BackEffect::Write { batch, change, .. } => {
                let problem = self.refused.map(str::to_owned);
                if problem.is_none() {
                    self.store.write(change).unwrap();
                }
                Some(BackEvent::Written { batch: *batch, problem })
            }
            BackEffect::Load { load, query } => {
                Some(BackEvent::Loaded { load: *load, records: self.store.query(query) })
            }
            _ => None,
        }
    }

    fn wake(&mut self) {
        if let Some(next) = self.machine.next_wake() {
            self.now = Moment(self.now.0.max(next.0));
        }
        self.step(BackEvent::Wake);
    }

    fn connect(&mut self, port: u64, tab: i64, origin: &str) {
        let (port, tab) = (PortId(port), TabId(tab));
        self.step(BackEvent::Connected { port, tab, origin: origin.into() });
    }

    fn send(&mut self, port: u64, up: &PortUp) {
        let text = serde_json::to_string(up).unwrap();
        self.step(BackEvent::Message { port: PortId(port), text });
    }

    fn say(&mut self, port: u64, message: ToBackground) {
        self.send(port, &PortUp::Session(message));
    }

    /// A page of claude.ai connects and says hello.
    fn open(&mut self, port: u64, tab: i64, chat: Option<&str>) {
        self.connect(port, tab, CLAUDE);
        self.say(port, ToBackground::Hello(hello(&format!("document {port}"), chat)));
    }

    fn ask(&mut self, ask: &Ask) -> Vec<Answer> {
        self.ask_text(&serde_json::to_string(ask).unwrap())
    }

    /// Asks, and returns what was answered at once.
    fn ask_text(&mut self, text: &str) -> Vec<Answer> {
        self.asked += 1;
        self.step(BackEvent::Asked { ask: self.asked, text: text.to_owned() });
        self.answers(self.asked)
    }

    fn answers(&self, number: u64) -> Vec<Answer> {
        let answer = |effect: &BackEffect| match effect {
            BackEffect::Answer { ask, answer } if *ask == number => Some((**answer).clone()),
            _ => None,
        };
        self.effects.iter().filter_map(answer).collect()
    }

    fn status(&mut self) -> Status {
        match self.ask(&Ask::Status).pop() {
            Some(Answer::Status(status)) => *status,
            other => panic!("no status: {other:?}"),
        }
    }

    /// What the page's own engine was told.
    fn told(&self, wanted: u64) -> Vec<SessionEvent> {
        let told = |effect: &BackEffect| match effect {
            BackEffect::Send { port: PortId(port), message } if *port == wanted => match &**message
            {
                PortDown::Event(event) => Some(event.clone()),
                _ => None,
            },
            _ => None,
        };
        self.effects.iter().filter_map(told).collect()
    }

    /// What the page's hands were ordered, where its engine runs here.
    fn ordered(&self, wanted: u64) -> Vec<PageEffect> {
        let ordered = |effect: &BackEffect| match effect {
            BackEffect::Send { port: PortId(port), message } if *port == wanted => match &**message
            {
                PortDown::Do(effects) => Some(effects.clone()),
                _ => None,
            },
            _ => None,
        };
        self.effects.iter().filter_map(ordered).flatten().collect()
    }

    /// The prompts that this page was given.
    fn prompts(&self, port: u64) -> Vec<String> {
        let text = |event: SessionEvent| match event {
            SessionEvent::Place(placement) => Some(placement.text),
            _ => None,
        };
        self.told(port).into_iter().filter_map(text).collect()
    }

    fn head(&self, session: &SessionId) -> SessionHead {
        codec::open(self.store.get(&codec::session_key(session)).expect("it is stored")).unwrap()
    }

    fn resumes(&self) -> Vec<ResumeHead> {
        let records = self.store.query(&Query::All(StoreName::Resumes));
        records.iter().map(|record| codec::open(record).unwrap()).collect()
    }

    fn settings(&self) -> Option<Settings> {
        Some(codec::open(self.store.get(&codec::settings_key())?).unwrap())
    }
}

fn session(chat: &str) -> SessionId {
    SessionId::of("claude", &AccountId("a".into()), &ChatId(chat.into()))
}

fn hello(document: &str, chat: Option<&str>) -> Hello {
    Hello {
        document: document.into(),
        site: "claude".into(),
        account: AccountId("a".into()),
        chat: chat.map(|chat| ChatId(chat.into())),
        url: chat.map_or("https://claude.ai/new".into(), |c| format!("https://claude.ai/chat/{c}")),
        fresh: chat.is_none(),
        ..Hello::default()
    }
}

fn turn(key: &str, position: u32, role: Role, text: &str) -> Turn {
    let (key, markdown) = (TurnKey(key.into()), text.into());
    Turn { key, position, role, markdown, at: START, ..Turn::default() }
}

/// A stored chat of two turns about a bridge, which is open nowhere, and its records.
fn stored(chat: &str) -> (SessionHead, Vec<Stored>) {
    let id = session(chat);
    let head = SessionHead {
        id: id.clone(),
        site: "claude".into(),
        account: AccountId("a".into()),
        chat: ChatId(chat.into()),
        title: "The bridge".into(),
        url: format!("https://claude.ai/chat/{chat}"),
        updated_at: START,
        turn_count: 2,
        ..SessionHead::default()
    };
    let question = turn("t1", 0, Role::User, "Build a bridge over the river Lune.");
    let answer = turn("t2", 1, Role::Assistant, "Decision: the bridge will have three arches.");
    let turns = [question, answer].map(|turn| codec::turn_record(&id, &turn));
    let mut records = vec![codec::session_record(&head)];
    records.extend(turns);
    (head, records)
}

/// A checkpoint with this summary.
fn checkpoint(chat: &str, number: u32, summary: &str) -> Stored {
    let mut state = State::default();
    state.conversation.summary = summary.into();
    state.conversation.turn_count = number;
    let session = session(chat);
    let (created_at, trigger) = (START, Trigger::Milestone);
    let checkpoint = Checkpoint { session, number, created_at, trigger, state };
    checkpoints::record(&checkpoint, 0, ("earlier".into(), u64::from(number)), &[])
}
