//! The machine behind all chats, fed with what it reads: messages of pages, questions of pages of
//! ours, and the records of its store.

use super::mutate::Fields;
use super::pages::kept;
use super::records::{fields_of, stored_of};
use super::{Decoder, SOME};
use crate::codec::{a_turn, records, session};
use crate::world::store::Memory;
use serde::Serialize;
use shim::background::Machine;
use shim::base::{AccountId, ChatId, Moment, PortId, SessionId, TabId};
use shim::session::codec;
use shim::wire::archive::Piece;
use shim::wire::background::{BackEffect, BackEvent, PortUp, RESTORED};
use shim::wire::chat::Turn;
use shim::wire::gather::CallAnswer;
use shim::wire::history::HistoryNote;
use shim::wire::keeping::KeepNote;
use shim::wire::page::{Element, Node, PageFlush};
use shim::wire::point::{Part, Pointed};
use shim::wire::records::{Change, Query, SessionHead, Settings, Stored};
use shim::wire::session::{Hello, SessionEvent, ToBackground};
use shim::wire::signals::Risk;
use shim::wire::state::Trigger;
use shim::wire::ui::{Answer, Ask};
use std::collections::VecDeque;

pub const ALL: &[Decoder] = &[
    Decoder {
        name: "message of a page",
        of: &["src/background/ports.rs", "src/background/history.rs"],
        valid: messages,
        read: message,
        rounds: SOME,
    },
    Decoder {
        name: "question of a page of ours",
        of: &["src/background/asks.rs", "src/background/recorder.rs", "src/background/scouts.rs"],
        valid: questions,
        read: question,
        rounds: SOME,
    },
    Decoder {
        name: "store that a start finds",
        of: &["src/background/mod.rs", "src/background/damage.rs"],
        valid: || records().iter().chain(&chat()).map(fields_of).collect(),
        read: start,
        rounds: SOME,
    },
];

const NOW: Moment = Moment(1_790_000_000_000);
const CLAUDE: &str = "https://claude.ai";

fn one() -> SessionId {
    SessionId::of("claude", &AccountId("a".into()), &ChatId("one".into()))
}

/// A chat as it is stored.
fn chat() -> Vec<Stored> {
    let head = SessionHead {
        id: one(),
        site: "claude".into(),
        account: AccountId("a".into()),
        chat: ChatId("one".into()),
        turn_count: 1,
        last_checkpoint: 4,
        started_at: NOW,
        meter: kept(),
        stored_bytes: 900,
        calls: 1,
        keep: Some(KeepNote { bytes: 7, count: 1, ..KeepNote::default() }),
        history: HistoryNote { last_number: 3, ..HistoryNote::default() },
        updated_at: NOW,
        ..SessionHead::default()
    };
    let other = SessionHead {
        id: session(),
        site: "claude".into(),
        chat: ChatId("2".into()),
        ..head.clone()
    };
    let heads = [&head, &other].map(codec::session_record);
    [heads.to_vec(), vec![codec::turn_record(&one(), &a_turn())]].concat()
}

/// A machine beside a store that keeps everything, and what it answered.
struct Bench {
    machine: Machine,
    store: Memory,
    now: Moment,
    answers: Vec<Answer>,
}

impl Bench {
    /// Started on these records, with a page of claude.ai that shows a chat.
    fn new(records: Vec<Stored>) -> Self {
        let mut store = Memory::default();
        store.write(&Change { puts: records, ..Change::default() }).unwrap();
        let machine = Machine::new();
        let mut this = Self { machine, store, now: NOW, answers: Vec::new() };
        let records =
            RESTORED.iter().flat_map(|kind| this.store.query(&Query::All(*kind))).collect();
        this.step(BackEvent::Restored { records, browser_session: "today".into() });
        let origin = CLAUDE.to_owned();
        this.step(BackEvent::Connected { port: PortId(1), tab: TabId(7), origin });
        let chat = Some(ChatId("one".into()));
        let hello = Hello { document: "d".into(), chat, account: AccountId("a".into()), ..hello() };
        this.say(&PortUp::Session(ToBackground::Hello(hello)));
        this
    }

    fn step(&mut self, event: BackEvent) {
        let mut events = VecDeque::from([event]);
        // What one thing leads to comes to an end.
        for _ in 0..10_000 {
            let Some(event) = events.pop_front() else { return };
            let mut effects = Vec::new();
            self.machine.step(self.now, event, &mut effects);
            events.extend(effects.into_iter().filter_map(|effect| self.carry_out(effect)));
        }
        panic!("it goes on and on: {events:?}");
    }

    fn carry_out(&mut self, effect: BackEffect) -> Option<BackEvent> {
        drop(serde_json::to_string(&effect).unwrap());
        match effect {
            BackEffect::Write { batch, change, .. } => {
                self.store.write(&change).unwrap();
                Some(BackEvent::Written { batch, problem: None })
            }
            BackEffect::Load { load, query } => {
                Some(BackEvent::Loaded { load, records: self.store.query(&query) })
            }
            BackEffect::Answer { answer, .. } => {
                self.answers.push(*answer);
                None
            }
            _ => None,
        }
    }

    fn say(&mut self, up: &impl Serialize) {
        self.hear(serde_json::to_string(up).unwrap());
    }

    fn hear(&mut self, text: String) {
        self.step(BackEvent::Message { port: PortId(1), text });
    }

    fn ask(&mut self, text: String) {
        self.step(BackEvent::Asked { ask: 3, text });
    }

    /// What waits is done, as far as it is due within an hour.
    fn rest(&mut self) {
        for _ in 0..12 {
            let next = self.machine.next_wake().unwrap_or(self.now);
            self.now = Moment(self.now.0.max(next.0.min(NOW.0 + 3_600_000)));
            self.step(BackEvent::Wake);
        }
    }

    /// Everything that is asked of a chat.
    fn use_it(&mut self, session: &SessionId) {
        let session = || session.clone();
        let all = [
            Ask::Status,
            Ask::Prompt { session: session(), checkpoint: None },
            Ask::History { session: session(), wanted: Default::default() },
            Ask::Metrics { session: Some(session()) },
            Ask::Metrics { session: None },
            Ask::Pin { session: session(), number: 4, pinned: true },
            Ask::Resume { session: session(), checkpoint: None },
            Ask::Report,
            Ask::Secrets { session: session() },
            Ask::Delete { session: session() },
            Ask::Undelete { session: session() },
        ];
        for ask in all {
            self.ask(serde_json::to_string(&ask).unwrap());
        }
    }

    fn status(&mut self) -> Vec<String> {
        self.answers.clear();
        self.ask(serde_json::to_string(&Ask::Status).unwrap());
        let problems = self.answers.iter().find_map(|answer| match answer {
            Answer::Status(status) => Some(status.problems.clone()),
            _ => None,
        });
        problems.expect("a status is always told")
    }
}

fn hello() -> Hello {
    let url = format!("{CLAUDE}/chat/one");
    Hello { document: "d".into(), site: "claude".into(), url, ..Hello::default() }
}

fn messages() -> Vec<Fields> {
    let (session, number) = (one(), 1);
    let turns = vec![a_turn(), Turn { key: "k2".into(), ..a_turn() }];
    let (key, text) = ("k3".into(), "so far".to_owned());
    let hash = shim::base::text::hash(&text);
    let page = Element { tag: "body".into(), ..Element::default() };
    let answer = crate::calls::claude().to_string();
    let (request, trigger) = (1, Trigger::Milestone);
    let said = [
        ToBackground::Hello(hello()),
        ToBackground::Turns { session: session.clone(), number, turns },
        ToBackground::Stream {
            session: session.clone(),
            number: 2,
            key,
            position: 5,
            keep: 0,
            base: 0,
            hash,
            text,
        },
        ToBackground::Checkpoint {
            session: session.clone(),
            request,
            trigger,
            measured: Box::default(),
        },
        ToBackground::Meter {
            session: session.clone(),
            meter: kept(),
            risk: Risk::default(),
            banner: None,
            busy: false,
            gaps: vec!["title".into()],
        },
        ToBackground::Scout { page: Box::new(PageFlush::default()) },
        ToBackground::Called {
            session: session.clone(),
            answer: CallAnswer { status: 200, text: answer },
            mounted: vec!["u3".into()],
            total: Some(4),
        },
        ToBackground::Fresh { session: session.clone() },
        ToBackground::Bye { session: Some(session) },
    ];
    let ups = said.into_iter().map(PortUp::Session);
    let event = |text: &str| PortUp::Event(serde_json::from_str::<SessionEvent>(text).unwrap());
    let url = format!("{CLAUDE}/chat/one");
    let started = format!("{{\"started\":{{\"url\":\"{url}\",\"document\":\"d\"}}}}");
    let pointed = Pointed { part: Part::User, page: Node::Element(page) };
    let typed = PortUp::Typed("Not sent, with password = x8Q4mZ7pR2vK.".to_owned());
    let more = [PortUp::Refused, typed, PortUp::Pointed(Box::new(pointed)), event(&started)];
    ups.chain(more).map(|up| vec![serde_json::to_vec(&up).unwrap()]).collect()
}

/// Said twice, as by a page that heard nothing, and then the chat is used.
fn message(fields: &[Vec<u8>]) -> bool {
    let text = String::from_utf8_lossy(&fields.concat()).into_owned();
    let mut bench = Bench::new(chat());
    bench.hear(text.clone());
    bench.hear(text);
    let odd = bench.status().iter().any(|problem| problem.contains("not understood"));
    bench.use_it(&one());
    bench.rest();
    !odd
}

fn questions() -> Vec<Fields> {
    let session = one;
    let rows = r#"{"name":"a","rows":[{"slot":"turn","css":["p"],"scope":"page"}]}"#.to_owned();
    let lines = "{\"chat\":{\"site\":\"claude\",\"account\":\"a\",\"chat\":\"two\"}}\n".to_owned();
    let all = [
        Ask::SaveNow { session: session() },
        Ask::Gather { session: session(), on: true },
        Ask::Prompt { session: session(), checkpoint: Some(4) },
        Ask::Pin { session: session(), number: 4, pinned: true },
        Ask::Delete { session: session() },
        Ask::Change(Settings::default()),
        Ask::Rows { origin: CLAUDE.into(), rows },
        Ask::Point { tab: 7, part: Part::User },
        Ask::Structure { tab: 7, salt: 9 },
        Ask::History { session: session(), wanted: Default::default() },
        Ask::Metrics { session: None },
        Ask::Secrets { session: session() },
        Ask::Draft { key: "claude/a/one#d".into() },
        Ask::Discard { key: "claude/a/one#d".into() },
        Ask::Import(Piece { import: 1, number: 0, text: lines, last: true }),
        Ask::Report,
    ];
    all.iter().map(|ask| vec![serde_json::to_vec(ask).unwrap()]).collect()
}

fn question(fields: &[Vec<u8>]) -> bool {
    let text = String::from_utf8_lossy(&fields.concat()).into_owned();
    let is_one = serde_json::from_str::<Ask>(&text).is_ok();
    let mut bench = Bench::new(chat());
    bench.ask(text);
    bench.rest();
    bench.use_it(&one());
    bench.rest();
    is_one
}

/// The record among those of a chat: a start reads it, and so does who uses that chat.
fn start(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let of = record.session.clone();
    let mut bench = Bench::new([chat(), vec![record]].concat());
    for session in [of, one(), session()] {
        bench.use_it(&session);
        bench.rest();
    }
    // However odd one record is, chats are saved.
    let whole = Turn { key: "new".into(), position: 9, ..a_turn() };
    let turns = ToBackground::Turns { session: one(), number: 9, turns: vec![whole] };
    let said = messages().into_iter().flatten().map(|up| String::from_utf8(up).unwrap());
    let turns = serde_json::to_string(&PortUp::Session(turns)).unwrap();
    for text in [turns].into_iter().chain(said.filter(|text| text.contains("session\":\"claude"))) {
        bench.hear(text);
    }
    bench.rest();
    true
}
