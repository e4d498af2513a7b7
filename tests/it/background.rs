//! The machine behind all chats, step by step: who is offered a resume, and what a page may say.

mod badges;
mod damage;
mod deletions;
mod faults;
mod mending;
mod report;
mod tabs;

use crate::world::store::Memory;
use shim::background::Machine;
use shim::base::{AccountId, ChatId, Moment, PortId, Problem, SessionId, Span, TabId, TurnKey};
use shim::session::codec;
use shim::wire::background::{
    BackEffect, BackEvent, BadgeView, PortDown, PortUp, RESTORED, TabState,
};
use shim::wire::chat::{Role, Turn};
use shim::wire::records::{Change, Query, SessionHead, Settings, StoreName, Stored};
use shim::wire::session::{EndReason, Hello, SessionEvent, ToBackground};
use shim::wire::state::Trigger;
use shim::wire::ui::{Answer, Ask, Status};
use std::collections::VecDeque;

const NOW: Moment = Moment(1_790_000_000_000);
const PORT: PortId = PortId(1);
const TAB: TabId = TabId(7);

/// A claude.ai chat of account `a` that crashed a minute ago, and its one turn.
fn crashed() -> (SessionHead, Stored) {
    let (account, chat) = (AccountId("a".into()), ChatId("old".into()));
    let id = SessionId::of("claude", &account, &chat);
    let turn = Turn {
        key: TurnKey("t1".into()),
        role: Role::User,
        markdown: "Build the bridge".into(),
        at: NOW,
        ..Turn::default()
    };
    let record = codec::turn_record(&id, &turn);
    let head = SessionHead {
        id,
        site: "claude".into(),
        account,
        chat,
        turn_count: 1,
        ended: Some((EndReason::TabCrashed, Moment(NOW.0 - 60_000))),
        ..SessionHead::default()
    };
    (head, record)
}

fn fresh_hello(site: &str, account: &str) -> Hello {
    Hello {
        document: "fresh".into(),
        site: site.into(),
        account: AccountId(account.into()),
        fresh: true,
        ..Hello::default()
    }
}

/// A small world around the machine: a store, a clock, one page.
struct Bench {
    machine: Machine,
    store: Memory,
    now: Moment,
    told: Vec<SessionEvent>,
    answers: Vec<Answer>,
    badges: Vec<(Option<TabId>, BadgeView)>,
    /// Effects that nobody here answers.
    others: Vec<BackEffect>,
    /// Reading fails.
    blind: bool,
    /// Writing fails.
    full: bool,
}

impl Bench {
    fn new(records: Vec<Stored>) -> Self {
        let mut store = Memory::default();
        store.write(&Change { puts: records, ..Change::default() }).unwrap();
        Self::on(store, NOW)
    }

    /// A worker that starts on this store.
    fn on(store: Memory, now: Moment) -> Self {
        let mut this = Self::before(store, now);
        this.restore();
        this
    }

    /// A worker that has not opened this store yet.
    fn before(store: Memory, now: Moment) -> Self {
        Self {
            machine: Machine::new(),
            store,
            now,
            told: Vec::new(),
            answers: Vec::new(),
            badges: Vec::new(),
            others: Vec::new(),
            blind: false,
            full: false,
        }
    }

    fn restore(&mut self) {
        let records = RESTORED.iter().flat_map(|store| self.store.query(&Query::All(*store)));
        let records = records.collect();
        self.step(BackEvent::Restored { records, browser_session: "one".into() });
    }

    /// The worker dies; another one starts on what was stored.
    fn again(self) -> Self {
        Self::on(self.store, self.now)
    }

    fn step(&mut self, event: BackEvent) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let mut effects = Vec::new();
            self.machine.step(self.now, event, &mut effects);
            for effect in effects {
                events.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: BackEffect) -> Option<BackEvent> {
        match effect {
            BackEffect::Write { batch, change, .. } => {
                let problem = self.full.then(|| Problem::no_room().text);
                if problem.is_none() {
                    self.store.write(&change).unwrap();
                }
                return Some(BackEvent::Written { batch, problem });
            }
            BackEffect::Load { load, .. } if self.blind => {
                return Some(BackEvent::LoadFailed { load });
            }
            BackEffect::Load { load, query } => {
                return Some(BackEvent::Loaded { load, records: self.store.query(&query) });
            }
            BackEffect::Copy { session, records } => {
                let problem = self.full.then(|| Problem::no_room().text);
                if problem.is_none() {
                    self.store.keep(session, records);
                }
                return Some(BackEvent::Copied { problem });
            }
            BackEffect::Send { message, .. } => {
                if let PortDown::Event(event) = *message {
                    self.told.push(event);
                }
            }
            BackEffect::Answer { answer, .. } => self.answers.push(*answer),
            BackEffect::Badge { tab, badge } => self.badges.push((tab, badge)),
            other => self.others.push(other),
        }
        None
    }

    /// Time passes, and the machine is woken when it wants to be.
    fn wait(&mut self, span: Span) {
        let until = self.now.after(span);
        while let Some(when) = self.machine.next_wake().filter(|when| *when <= until) {
            self.now = self.now.max(when);
            self.step(BackEvent::Wake);
        }
        self.now = until;
    }

    fn connect(&mut self, origin: &str) {
        self.connect_as(PORT, TAB, origin);
    }

    fn connect_as(&mut self, port: PortId, tab: TabId, origin: &str) {
        self.step(BackEvent::Connected { port, tab, origin: origin.into() });
    }

    fn say(&mut self, message: ToBackground) {
        self.say_as(PORT, message);
    }

    fn say_as(&mut self, port: PortId, message: ToBackground) {
        let text = serde_json::to_string(&PortUp::Session(message)).unwrap();
        self.step(BackEvent::Message { port, text });
    }

    fn count(&self, store: StoreName) -> usize {
        self.store.values().filter(|record| record.at.store == store).count()
    }

    fn ask(&mut self, ask: &Ask) -> Answer {
        let text = serde_json::to_string(ask).unwrap();
        self.step(BackEvent::Asked { ask: 1, text });
        self.answers.pop().expect("an answer")
    }

    fn status(&mut self) -> Status {
        let Answer::Status(status) = self.ask(&Ask::Status) else { panic!("no status") };
        *status
    }

    fn placed(&self) -> usize {
        self.told.iter().filter(|event| matches!(event, SessionEvent::Place(_))).count()
    }

    fn stored(&self) -> usize {
        self.store.values().count()
    }

    fn head(&self, session: &SessionId) -> SessionHead {
        let record = self.store.get(&codec::session_key(session)).expect("it is stored");
        codec::open(record).expect("it opens")
    }
}

/// What a fresh chat of this origin, site and account is given after `change` to the crash.
fn offers(
    origin: &str,
    site: &str,
    account: &str,
    change: impl FnOnce(&mut SessionHead, &mut Settings),
) -> usize {
    let (mut head, turn) = crashed();
    let mut settings = Settings::default();
    change(&mut head, &mut settings);
    let records = vec![codec::session_record(&head), codec::settings_record(&settings), turn];
    let mut bench = Bench::new(records);
    bench.connect(origin);
    bench.say(ToBackground::Hello(fresh_hello(site, account)));
    bench.placed()
}

const CLAUDE: &str = "https://claude.ai";

#[test]
fn a_fresh_chat_of_the_same_site_and_account_gets_the_crash() {
    assert_eq!(offers(CLAUDE, "claude", "a", |_, _| {}), 1);
}

#[test]
fn another_account_another_site_and_a_false_site_get_nothing() {
    assert_eq!(offers(CLAUDE, "claude", "b", |_, _| {}), 0);
    assert_eq!(offers("https://chatgpt.com", "chatgpt", "a", |_, _| {}), 0);
    assert_eq!(offers("https://chatgpt.com", "claude", "a", |_, _| {}), 0, "the sender is asked");
    assert_eq!(offers("https://evil.example", "claude", "a", |_, _| {}), 0);
}

#[test]
fn a_clean_end_an_old_crash_an_empty_chat_and_a_paused_shim_give_nothing() {
    assert_eq!(offers(CLAUDE, "claude", "a", |head, _| head.ended = None), 0);
    let old = |head: &mut SessionHead, _: &mut Settings| {
        head.ended = Some((EndReason::TabCrashed, Moment(NOW.0 - 25 * 3_600_000)));
    };
    assert_eq!(offers(CLAUDE, "claude", "a", old), 0);
    assert_eq!(offers(CLAUDE, "claude", "a", |head, _| head.turn_count = 0), 0);
    assert_eq!(offers(CLAUDE, "claude", "a", |_, settings| settings.paused = true), 0);
}

#[test]
fn a_crash_is_given_once_also_after_the_worker_died() {
    let (head, turn) = crashed();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 1);
    // The worker dies and starts on what was stored; another fresh chat comes.
    let mut later = bench.again();
    later.connect(CLAUDE);
    let other = Hello { document: "another".into(), ..fresh_hello("claude", "a") };
    later.say(ToBackground::Hello(other));
    assert_eq!(later.placed(), 0);
}

#[test]
fn a_page_can_only_speak_of_the_chat_it_shows() {
    let (head, turn) = crashed();
    let before = codec::session_record(&head);
    let mut bench = Bench::new(vec![before, turn]);
    let stored = bench.stored();
    bench.connect("https://chatgpt.com");
    let chat = Some(ChatId("mine".into()));
    bench.say(ToBackground::Hello(Hello { chat, ..fresh_hello("chatgpt", "a") }));
    let forged = Turn { key: TurnKey("t1".into()), markdown: "forged".into(), ..Turn::default() };
    bench.say(ToBackground::Turns { session: head.id, number: 1, turns: vec![forged] });
    assert_eq!(bench.stored(), stored, "a turn of a foreign chat was stored");
}

#[test]
fn nonsense_from_a_page_changes_nothing() {
    let mut bench = Bench::new(Vec::new());
    bench.connect(CLAUDE);
    for text in ["", "{", "[]", "{\"session\":{}}", "{\"event\":{\"known\":{}}}", "\"refuse\""] {
        bench.step(BackEvent::Message { port: PORT, text: text.into() });
    }
    bench.step(BackEvent::Message { port: PORT, text: "x".repeat(25 << 20) });
    assert!(bench.stored() == 0 && bench.told.is_empty());
}

#[test]
fn a_checkpoint_of_a_chat_that_cannot_be_read_is_neither_stored_nor_acknowledged() {
    let (head, turn) = crashed();
    let session = head.id.clone();
    let mut bench = Bench::new(vec![codec::session_record(&head), turn]);
    bench.connect(CLAUDE);
    let chat = Some(head.chat);
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    let wanted = || ToBackground::Checkpoint {
        session: session.clone(),
        request: 1,
        trigger: Trigger::UserRequested,
        measured: Box::default(),
    };
    let made = |bench: &Bench| {
        let stored = bench.store.values().filter(|r| r.at.store == StoreName::Checkpoints).count();
        let saved = |event: &&SessionEvent| matches!(event, SessionEvent::CheckpointSaved { .. });
        (stored, bench.told.iter().filter(saved).count())
    };
    bench.blind = true;
    bench.say(wanted());
    assert_eq!(made(&bench), (0, 0));
    bench.blind = false;
    bench.say(wanted());
    assert_eq!(made(&bench), (1, 1), "asked again, it is made");
}
