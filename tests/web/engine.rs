//! The engine as WebAssembly, spoken to as a page does it: in JSON texts.

use crate::page::Page;
use serde_json::json;
use shim::base::{Moment, SessionId, TurnKey};
use shim::session::codec::turn_hash;
use shim::session::engine::Engine;
use shim::wire::chat::{Role, Turn, TurnState};
use shim::wire::page::PageEffect;
use shim::wire::session::{Known, SessionEffect, SessionEvent, ToBackground};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/tests/web/raw.js")]
extern "C" {
    /// As a port carries a text.
    fn through_clone(text: &str) -> String;
    /// What a page script must not do with it.
    fn through_json(text: &str) -> String;
}

const START: Moment = Moment(1_790_000_000_000);

struct Talk {
    engine: Engine,
    at: Moment,
}

impl Talk {
    fn tell(&mut self, event: &SessionEvent) -> Vec<SessionEffect> {
        self.tell_text(&through_clone(&serde_json::to_string(event).unwrap()))
    }

    fn tell_text(&mut self, event: &str) -> Vec<SessionEffect> {
        self.at.0 += 10;
        let mut out = Vec::new();
        self.engine.step(self.at, serde_json::from_str(event).unwrap(), &mut out);
        let text = through_clone(&serde_json::to_string(&out).unwrap());
        let again: Vec<SessionEffect> = serde_json::from_str(&text).unwrap();
        assert_eq!(again, out, "effects change on their way");
        out
    }
}

fn turns_in(effects: &[SessionEffect]) -> Vec<Turn> {
    let of = |effect: &SessionEffect| match effect {
        SessionEffect::Back(ToBackground::Turns { turns, .. }) => turns.clone(),
        _ => Vec::new(),
    };
    effects.iter().flat_map(of).collect()
}

/// A chat of one finished exchange that the engine has read, and what it sent of it.
fn known_chat() -> (Talk, Vec<Turn>) {
    let mut talk = Talk { engine: Engine::new(), at: START };
    let started = json!({ "started": { "url": "https://claude.ai/new", "document": "d" } });
    let out = talk.tell_text(&started.to_string());
    let [SessionEffect::Page(PageEffect::Watch { plan })] = out.as_slice() else {
        panic!("the eyes were not told where to look: {out:?}");
    };
    assert!(plan.slots.contains_key("composer"));

    let mut page = Page::default();
    page.send("What is 2 + 2? ü 🙂".into(), "1".into());
    let exchange = page.streaming().unwrap();
    exchange.answer = "It is **not** markup: 4.".into();
    exchange.done = true;
    let out = talk.tell(&SessionEvent::Page(page.flush()));
    let [SessionEffect::Back(ToBackground::Hello(hello))] = out.as_slice() else {
        panic!("the background was not greeted: {out:?}");
    };
    let session = SessionId::of(&hello.site, &hello.account, hello.chat.as_ref().unwrap());
    let known = Known { session: Some(session), ..Known::default() };
    let out = talk.tell(&SessionEvent::Known(Box::new(known)));
    assert!(out.iter().any(|e| matches!(e, SessionEffect::Back(ToBackground::Checkpoint { .. }))));
    (talk, turns_in(&out))
}

fn saved(turns: &[Turn]) -> SessionEvent {
    let hashes = turns.iter().map(|turn| (turn.key.clone(), turn_hash(turn))).collect();
    SessionEvent::Saved { turns: hashes }
}

#[wasm_bindgen_test]
fn a_page_becomes_turns() {
    let (_, turns) = known_chat();
    let read: Vec<_> =
        turns.iter().map(|t| (t.role, t.state, t.markdown.trim().to_owned())).collect();
    assert_eq!(
        read,
        [
            (Role::User, TurnState::Done, "What is 2 + 2? ü 🙂".to_owned()),
            (Role::Assistant, TurnState::Done, r"It is \*\*not\*\* markup: 4.".to_owned()),
        ]
    );
}

#[wasm_bindgen_test]
fn hashes_of_64_bits_survive_as_text_and_only_as_text() {
    let (mut talk, turns) = known_chat();
    let event = saved(&turns);
    let text = serde_json::to_string(&event).unwrap();
    // JavaScript's numbers end at 53 bits: a hash that it read and wrote is another one.
    let damaged = through_json(&text);
    assert_ne!(damaged, text);
    // What the engine holds for unsaved it says again.
    let later = |talk: &mut Talk| {
        talk.at.0 += 60_000;
        turns_in(&talk.tell(&SessionEvent::Wake)).len()
    };
    talk.tell_text(&damaged);
    assert_eq!(later(&mut talk), turns.len());
    talk.tell(&event);
    assert_eq!(later(&mut talk), 0);
}

#[wasm_bindgen_test]
fn every_hash_comes_back_from_json() {
    let edges = [0, 1, (1 << 53) - 1, (1 << 53) + 1, i64::MAX as u64, u64::MAX - 1, u64::MAX];
    let turns: BTreeMap<TurnKey, u64> =
        edges.into_iter().map(|hash| (TurnKey(hash.to_string()), hash)).collect();
    let event = SessionEvent::Saved { turns };
    let text = through_clone(&serde_json::to_string(&event).unwrap());
    assert_eq!(serde_json::from_str::<SessionEvent>(&text).unwrap(), event);
}
