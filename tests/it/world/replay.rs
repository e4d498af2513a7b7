//! Plays the report of a person again: the same events, at the same times, with a filler of the
//! same size where a chat's text was. The store begins empty, since a report holds no records.

use super::store::Memory;
use super::worker::{done, words};
use shim::background::{Index, Machine};
use shim::base::text::hash;
use shim::base::{AccountId, ChatId, Moment, PortId, Problem, ResumeId, SessionId, TabId, TurnKey};
use shim::sites;
use shim::wire::background::{BackEffect, BackEvent, PortDown, PortUp, TabState};
use shim::wire::chat::{Role, Turn, TurnState};
use shim::wire::gather::{CallAnswer, Gathered};
use shim::wire::records::{Query, Settings, StoreName};
use shim::wire::report::{Noted, Report, Said, SaidTurn, Seen};
use shim::wire::session::{Hello, SessionEvent, ToBackground};
use shim::wire::signals::Risk;
use shim::wire::state::Measured;
use shim::wire::ui::Ask;
use std::collections::{BTreeMap, VecDeque};

/// Filler of one text at most, bytes.
const FILLER_BYTES: usize = 1 << 20;

/// A page, as far as it is known from its port.
#[derive(Default)]
struct Page {
    tab: Option<TabId>,
    site: String,
    session: SessionId,
    /// Texts that are being streamed, by turn.
    streams: BTreeMap<u64, String>,
}

/// A run of a report.
#[derive(Default)]
pub struct Replay {
    machine: Machine,
    store: Memory,
    io: VecDeque<BackEffect>,
    pages: BTreeMap<PortId, Page>,
    /// Turns that were acknowledged.
    saved: BTreeMap<(SessionId, TurnKey), u64>,
    /// The chat that was last spoken of.
    session: SessionId,
    opening: Option<u64>,
    asks: u64,
    tell: bool,
    /// What followed from each event here.
    pub did: Vec<Vec<String>>,
    browser_session: String,
}

/// Plays it, and checks that what was acknowledged is stored in the end.
pub fn replay(report: &Report, tell: bool) -> Replay {
    let mut this = Replay { tell, browser_session: "one".into(), ..Replay::default() };
    let opened = |noted: &Noted| matches!(noted.seen, Seen::Restored { .. } | Seen::StoreClosed);
    if !report.noted.first().is_some_and(opened) {
        let at = report.noted.first().map_or(Moment(0), |noted| noted.at);
        let browser_session = this.browser_session.clone();
        this.feed(at, BackEvent::Restored { records: Vec::new(), browser_session });
    }
    for noted in &report.noted {
        let first = this.did.len();
        match this.event(&noted.seen) {
            Some(event) => this.feed(noted.at, event),
            None => this.did.push(Vec::new()),
        }
        if tell && this.did[first] != noted.did {
            println!("             there: {}", noted.did.join(", "));
        }
    }
    let at = report.noted.last().map_or(Moment(0), |noted| noted.at);
    for _ in 0..10_000 {
        let Some(event) = this.answer(false) else { break };
        this.feed(at, event);
    }
    this.check();
    this
}

impl Replay {
    fn feed(&mut self, at: Moment, event: BackEvent) {
        let heard = words(&event);
        let mut effects = Vec::new();
        self.machine.step(at, event, &mut effects);
        if self.tell {
            let done: Vec<String> = effects.iter().map(done).collect();
            println!("{:>13}  {heard} -> {}", at.0, done.join(", "));
        }
        self.did.push(effects.iter().map(shim::background::kind_of_effect).collect());
        for effect in effects {
            match effect {
                BackEffect::Write { .. } | BackEffect::Load { .. } | BackEffect::Copy { .. } => {
                    self.io.push_back(effect)
                }
                BackEffect::OpenTab { request, .. } => self.opening = Some(request),
                BackEffect::Send { port, message } => self.hear(port, *message),
                _ => {}
            }
        }
    }

    fn hear(&mut self, port: PortId, message: PortDown) {
        let session = self.pages.get(&port).map(|page| page.session.clone()).unwrap_or_default();
        if let PortDown::Event(SessionEvent::Saved { turns }) = message {
            let turns = turns.into_iter().map(|(key, hash)| ((session.clone(), key), hash));
            self.saved.extend(turns);
        }
    }

    /// The oldest thing that the store was asked for, done or refused.
    fn answer(&mut self, fails: bool) -> Option<BackEvent> {
        Some(match self.io.pop_front()? {
            BackEffect::Write { batch, .. } if fails => {
                BackEvent::Written { batch, problem: Some(Problem::no_room().text) }
            }
            BackEffect::Write { batch, change, .. } => {
                self.store.write(&change).unwrap();
                BackEvent::Written { batch, problem: None }
            }
            BackEffect::Load { load, .. } if fails => BackEvent::LoadFailed { load },
            BackEffect::Load { load, query } => {
                BackEvent::Loaded { load, records: self.store.query(&query) }
            }
            BackEffect::Copy { session, records } => {
                self.store.keep(session, records);
                BackEvent::Copied { problem: fails.then(|| "refused".into()) }
            }
            other => panic!("no input or output: {other:?}"),
        })
    }

    /// The event that was noted so. None: it cannot be made again from a report.
    fn event(&mut self, seen: &Seen) -> Option<BackEvent> {
        Some(match seen {
            Seen::Restored { .. } => BackEvent::Restored {
                records: Vec::new(),
                browser_session: self.browser_session.clone(),
            },
            Seen::StoreClosed => BackEvent::StoreClosed { problem: "It does not open.".into() },
            Seen::Connected { port, tab, site } => {
                let page = Page { tab: Some(*tab), site: site.clone(), ..Page::default() };
                self.pages.insert(*port, page);
                BackEvent::Connected { port: *port, tab: *tab, origin: origin(site) }
            }
            Seen::Disconnected { port } => BackEvent::Disconnected { port: *port },
            Seen::Said { port, said } => {
                let message = self.message(*port, said);
                let text = serde_json::to_string(&PortUp::Session(message)).unwrap();
                BackEvent::Message { port: *port, text }
            }
            Seen::Message { .. } => return None,
            Seen::Asked { what } => self.ask(what)?,
            Seen::Wake => BackEvent::Wake,
            // Which places is not noted, and the chats at hand are of sites that it always has.
            Seen::Granted { .. } => BackEvent::Granted { origins: Vec::new() },
            Seen::TabLoads { tab } => BackEvent::TabLoads { tab: *tab },
            Seen::TabRemoved { tab } => BackEvent::TabRemoved { tab: *tab },
            Seen::TabSeen { tab, status, discarded, has_url, answers } => {
                let site = self.pages.values().rfind(|page| page.tab == Some(*tab));
                let url = site.map(|page| origin(&page.site)).filter(|_| *has_url);
                let state = TabState {
                    status: status.clone(),
                    discarded: *discarded,
                    url: url.map(|origin| origin + "/").unwrap_or_default(),
                    answers: *answers,
                    ..TabState::default()
                };
                let state = Some(state).filter(|_| *has_url || !status.is_empty());
                BackEvent::TabSeen { tab: *tab, state }
            }
            Seen::Written { refused } => self.answer(*refused)?,
            Seen::Copied { refused } => self.answer(*refused)?,
            Seen::Loaded { .. } => self.answer(false)?,
            Seen::LoadFailed => self.answer(true)?,
            Seen::TabOpened { tab } => {
                BackEvent::TabOpened { request: self.opening.take()?, tab: *tab }
            }
        })
    }

    fn ask(&mut self, what: &str) -> Option<BackEvent> {
        let session = self.session.clone();
        let ask = match what {
            "save_now" => Ask::SaveNow { session },
            "resume" => Ask::Resume { session, checkpoint: None },
            "prompt" => Ask::Prompt { session, checkpoint: None },
            "delete" => Ask::Delete { session },
            "undelete" => Ask::Undelete { session },
            "change" => Ask::Change(Settings::default()),
            "status" => Ask::Status,
            "report" => Ask::Report,
            _ => return None,
        };
        self.asks += 1;
        Some(BackEvent::Asked { ask: self.asks, text: serde_json::to_string(&ask).unwrap() })
    }

    fn message(&mut self, port: PortId, said: &Said) -> ToBackground {
        let page = self.pages.entry(port).or_default();
        let session = page.session.clone();
        let message = match said {
            Said::Hello { document, account, chat, fresh, resume } => {
                let hello = Hello {
                    document: name(*document),
                    site: page.site.clone(),
                    account: AccountId(name(*account)),
                    chat: chat.map(|chat| ChatId(name(chat))),
                    url: origin(&page.site) + "/",
                    fresh: *fresh,
                    resume: resume.map(|(resume, stage)| (ResumeId(name(resume)), stage)),
                    ..Hello::default()
                };
                let of = |chat: &ChatId| SessionId::of(&hello.site, &hello.account, chat);
                page.session = hello.chat.as_ref().map(of).unwrap_or_default();
                ToBackground::Hello(hello)
            }
            Said::Turns { number, turns, .. } => {
                let turns = turns.iter().map(turn).collect();
                ToBackground::Turns { session, number: *number, turns }
            }
            Said::Stream { number, turn, position, keep_bytes, size_bytes, whole } => {
                let old = page.streams.get(turn).map(String::as_str).unwrap_or_default();
                let base = if *whole { 0 } else { hash(old) };
                let (keep, text) = (*keep_bytes, filler(*size_bytes));
                let new = old.get(..keep).unwrap_or_default().to_owned() + &text;
                let hash = hash(&new);
                page.streams.insert(*turn, new);
                let (number, key, position) = (*number, TurnKey(name(*turn)), *position);
                ToBackground::Stream { session, number, key, position, keep, base, hash, text }
            }
            Said::Meter => meter(session),
            Said::Checkpoint { request, trigger } => ToBackground::Checkpoint {
                session,
                request: *request,
                trigger: *trigger,
                measured: Box::new(Measured::default()),
            },
            Said::Resume { resume, stage } => ToBackground::Resume {
                resume: ResumeId(name(*resume)),
                stage: *stage,
                session: Some(session),
            },
            Said::Gathered { turns } => {
                let gathered = Gathered { turns: *turns, ..Gathered::default() };
                ToBackground::Gathered { session, gathered }
            }
            Said::Called { size_bytes } => {
                let answer = CallAnswer { status: 200, text: filler(*size_bytes) };
                ToBackground::Called { session, answer, mounted: Vec::new(), total: None }
            }
            Said::Scout => ToBackground::Scout { page: Box::default() },
            Said::Bye => ToBackground::Bye { session: Some(session) },
            Said::Fresh => ToBackground::Fresh { session },
        };
        self.session = page.session.clone();
        message
    }

    fn check(&self) {
        for (session, key) in self.saved.keys() {
            let query = Query::OfSession(vec![StoreName::Turns], session.clone());
            let index = Index::of(&self.store.query(&query));
            assert!(index.turns.contains_key(key), "acknowledged, and not stored: {key}");
        }
    }
}

fn meter(session: SessionId) -> ToBackground {
    ToBackground::Meter {
        session,
        meter: String::new(),
        risk: Risk::default(),
        banner: None,
        busy: false,
        gaps: Vec::new(),
    }
}

fn origin(site: &str) -> String {
    let url = sites::by_name(site).map_or("https://example.org/", |site| site.fresh_url);
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

fn name(id: u64) -> String {
    format!("{id:016x}")
}

fn filler(size_bytes: usize) -> String {
    "x".repeat(size_bytes.min(FILLER_BYTES))
}

fn turn(said: &SaidTurn) -> Turn {
    Turn {
        key: TurnKey(name(said.key)),
        position: said.position,
        role: if said.user { Role::User } else { Role::Assistant },
        markdown: filler(said.size_bytes),
        state: if said.done { TurnState::Done } else { TurnState::Streaming },
        ..Turn::default()
    }
}

/// Plays the report that `cargo xtask sim --report FILE` names in the environment.
#[test]
fn play_report() {
    let Ok(path) = std::env::var("SHIM_REPORT") else { return };
    let text = std::fs::read_to_string(&path).expect("the report can be read");
    let report: Report = serde_json::from_str(&text).expect("it is a report of SHIM's popup");
    println!("{} events of SHIM {}", report.noted.len(), report.version);
    replay(&report, true);
}

/// Reports of workers that were in trouble hold nothing that was said, and play.
#[test]
fn reports_of_the_simulator_hold_no_text_and_play_again() {
    for seed in 0..12 {
        let mut world = super::World::new(seed, super::Sabotage::None);
        for _ in 0..400 {
            world.step();
        }
        world.wake_worker();
        world.put(&Ask::Report);
        let Some(text) = world.report.take() else { continue };
        for secret in ["Please", "do step", "word", "4000-8000", "claude.ai", "document-", "/"] {
            assert!(!text.contains(secret), "a report holds {secret:?}: {text}");
        }
        let report: Report = serde_json::from_str(&text).unwrap();
        assert!(report.noted.len() <= 528, "{} events", report.noted.len());
        replay(&report, false);
    }
}
