//! One session, played: the page, the clock and the background around an engine.

use crate::{Session, page, storage};
use serde_json::{Map, Value, json};
use shim::base::{Moment, SessionId, Span};
use shim::session::engine::Engine;
use shim::session::{checkpoints, codec, extract, prompt};
use shim::wire::chat::Turn;
use shim::wire::page::{Element, Node, PageFlush, SlotView};
use shim::wire::records::Stored;
use shim::wire::session::{EndReason, Known, SessionEffect, SessionEvent, ToBackground};
use shim::wire::signals::{RiskLevel, Signals};
use shim::wire::state::{Checkpoint, Measured};
use std::collections::BTreeSet;

/// When a recording begins that tells no time.
const BEGIN: Moment = Moment(1_700_000_000_000);
/// How long the engine is given after a message before it is asked, where nothing comes sooner;
/// also between messages that tell no time.
const SETTLE: Span = Span::seconds(3);
/// Wakes between two messages at most; what still waits then waits for the next one.
const WAKES: usize = 40;

/// Which prompts are made.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Their sizes, tokens.
    pub budgets: Vec<u64>,
    /// After which share of the messages, as it was written and as a number.
    pub cuts: Vec<(String, f64)>,
}

/// What came of a session.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// After each message: risk score, level, context by estimate, turns left.
    pub scores: Vec<(f64, RiskLevel, u64, Option<f64>)>,
    /// Prompts by cut and budget.
    pub prompts: Map<String, Value>,
    /// Checkpoints that the engine asked for.
    pub checkpoints: u32,
    /// Bytes of turns and checkpoints as they are stored once the chat rests.
    pub stored_bytes: u64,
    /// What was read of the page.
    pub turns: Vec<Turn>,
}

impl Played {
    /// The line that is written.
    #[must_use]
    pub fn line(&self, session_id: &str) -> Value {
        let scores = self.scores.iter().enumerate().map(|(at, (score, level, context, left))| {
            let round = |value: f64| (value * 1e6).round() / 1e6;
            json!([
                at,
                round(*score),
                level,
                context,
                left.map(|left| (left * 10.0).round() / 10.0)
            ])
        });
        json!({
            "session_id": session_id,
            "scores": scores.collect::<Vec<_>>(),
            "prompts": self.prompts,
            "checkpoints": self.checkpoints,
            "stored_bytes": self.stored_bytes,
        })
    }
}

/// An engine with its page and its background.
struct Stage {
    engine: Engine,
    at: Moment,
    session: Option<SessionId>,
    /// Checkpoints as they were stored.
    records: Vec<Stored>,
    played: Played,
}

/// Plays a session.
#[must_use]
pub fn play(session: &Session, wanted: &Wanted) -> Played {
    let url = "https://recorded.example/chat/session".to_owned();
    let mut stage = Stage {
        engine: Engine::new(),
        at: BEGIN,
        session: None,
        records: Vec::new(),
        played: Played::default(),
    };
    let started = SessionEvent::Started {
        url: url.clone(),
        document: "document".to_owned(),
        wrote: String::new(),
    };
    stage.at = session.messages.first().and_then(|first| moment(first.ts)).unwrap_or(BEGIN);
    for event in [started, SessionEvent::Rows(Box::new(page::rows())), SessionEvent::Connected] {
        stage.step(event);
    }
    let count = session.messages.len();
    let cuts: Vec<usize> = wanted.cuts.iter().map(|(_, share)| place(count, *share)).collect();
    for (number, message) in session.messages.iter().enumerate() {
        stage.wait(moment(message.ts).unwrap_or(stage.at));
        let settled = stage.at.after(SETTLE);
        let mut flush = PageFlush {
            seq: number as u64 + 1,
            url: url.clone(),
            zone_min: Some(0),
            order: Some((1..=number as u64 + 1).collect()),
            turns: vec![(number as u64 + 1, Node::Text(page::turn(number, message)))],
            ..PageFlush::default()
        };
        let model = message.model.as_deref().filter(|name| !name.starts_with('<'));
        let shown = model.map(|name| ("model", page::holding("span", "model", name)));
        let composer = Element { tag: "textarea".to_owned(), ..Element::default() };
        let composer = (number == 0).then_some(("composer", Node::Element(composer)));
        for (slot, node) in shown.into_iter().chain(composer) {
            flush.slots.insert(slot.to_owned(), SlotView { rank: 0, nodes: vec![node] });
        }
        stage.step(SessionEvent::Page(flush));
        let next = session.messages.get(number + 1).and_then(|next| moment(next.ts));
        stage.wait(next.map_or(settled, |next| next.min(settled)));
        stage.score();
        for ((name, _), _) in wanted.cuts.iter().zip(&cuts).filter(|(_, at)| **at == number + 1) {
            let prompts = stage.prompts(&wanted.budgets);
            stage.played.prompts.insert(name.clone(), prompts);
        }
    }
    let key = stage.session.unwrap_or_default();
    let turns = stage.played.turns.iter().map(|turn| codec::turn_record(&key, turn));
    stage.records.extend(turns);
    let rested = stage.at.after(Span::hours(24));
    stage.played.stored_bytes = storage::rested_bytes(&key, stage.records, rested);
    stage.played
}

/// Messages up to this share.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a count that is small"
)]
fn place(count: usize, share: f64) -> usize {
    (count as f64 * share.clamp(0.0, 1.0)) as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds since 1970 are far from a u64's ends, and others are taken for none"
)]
fn moment(ts: Option<f64>) -> Option<Moment> {
    ts.filter(|ts| (1.0..1e11).contains(ts)).map(|ts| Moment((ts * 1_000.0) as u64))
}

impl Stage {
    fn step(&mut self, event: SessionEvent) {
        let mut out = Vec::new();
        self.engine.step(self.at, event, &mut out);
        for effect in out {
            if let SessionEffect::Back(message) = effect {
                self.background(message);
            }
        }
    }

    /// Time goes on until this moment; the engine is woken where it asked for it.
    fn wait(&mut self, until: Moment) {
        for _ in 0..WAKES {
            let Some(next) = self.engine.next_wake().filter(|next| *next <= until) else { break };
            self.at = self.at.max(next);
            self.step(SessionEvent::Wake);
        }
        self.at = self.at.max(until);
    }

    /// What the background would answer.
    fn background(&mut self, message: ToBackground) {
        match message {
            ToBackground::Hello(hello) => {
                let chat = hello.chat.as_ref();
                self.session = chat.map(|c| SessionId::of(&hello.site, &hello.account, c));
                let turns = &self.played.turns;
                let known = Known {
                    session: self.session.clone(),
                    turns: turns.iter().map(|t| (t.key.clone(), codec::turn_hash(t))).collect(),
                    last_checkpoint: self.played.checkpoints,
                    ..Known::default()
                };
                self.step(SessionEvent::Known(Box::new(known)));
            }
            ToBackground::Turns { turns, .. } => {
                let saved =
                    turns.iter().map(|turn| (turn.key.clone(), codec::turn_hash(turn))).collect();
                for turn in turns {
                    let known = self.played.turns.iter_mut().find(|old| old.key == turn.key);
                    match known {
                        Some(old) => *old = turn,
                        None => self.played.turns.push(turn),
                    }
                }
                self.step(SessionEvent::Saved { turns: saved });
            }
            ToBackground::Checkpoint { request, trigger, measured, session } => {
                self.played.checkpoints += 1;
                let number = self.played.checkpoints;
                let state = extract::state(&self.played.turns, *measured, "");
                let created_at = self.at;
                let checkpoint = Checkpoint { session, number, created_at, trigger, state };
                let record = checkpoints::record(
                    &checkpoint,
                    0,
                    (String::new(), request),
                    &self.played.turns,
                );
                self.records.push(record);
                self.step(SessionEvent::CheckpointSaved { number, request });
            }
            _ => {}
        }
    }

    fn measured(&self) -> Measured {
        self.engine.measured(self.at)
    }

    fn score(&mut self) {
        let Measured { signals, risk } = self.measured();
        let Signals { context_tokens, turns_left, .. } = signals;
        self.played.scores.push((risk.score, risk.level, context_tokens, turns_left));
    }

    /// The resume prompts of this moment.
    fn prompts(&self, budgets: &[u64]) -> Value {
        let turns = &self.played.turns;
        let state = extract::state(turns, self.measured(), "");
        let input = prompt::Input {
            state: &state,
            title: "",
            site: "",
            reason: EndReason::ContextFull,
            ended_at: self.at,
            saved_at: self.at,
            turns,
            nonce: "a1b2c3d4e5f60718",
            allowed: &BTreeSet::new(),
        };
        let made = budgets
            .iter()
            .map(|budget| (budget.to_string(), Value::String(prompt::build(&input, *budget).text)));
        Value::Object(made.collect())
    }
}
