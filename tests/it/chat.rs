//! The engine of one chat, event by event: what it tells the background, and when.

mod heavy;
mod opened;
mod placing;

use crate::world::page::Page;
use shim::base::{AccountId, ChatId, Moment, SessionId, Span};
use shim::session::codec::turn_hash;
use shim::session::engine::Engine;
use shim::wire::card::CardKind;
use shim::wire::chat::{BannerClass, Turn, TurnState};
use shim::wire::page::{Element, Node, PageEffect, SlotView};
use shim::wire::session::{Hello, Known, SessionEffect, SessionEvent, ToBackground};
use shim::wire::state::Trigger;

const START: Moment = Moment(1_790_000_000_000);

/// An engine in its page, and a background that acknowledges only what a test wants.
struct Chat {
    engine: Engine,
    page: Page,
    now: Moment,
    /// What every hello is answered with; none: it is not answered.
    knows: Option<Known>,
    /// What it told since it was last asked.
    told: Vec<ToBackground>,
    hands: Vec<PageEffect>,
    cards: Vec<Option<CardKind>>,
}

impl Chat {
    /// A page just opened at its address and looked at, of which nothing is stored.
    fn new(page: Page) -> Self {
        Self::known(page, Some(Known::default()))
    }

    fn known(page: Page, knows: Option<Known>) -> Self {
        let url = page.url();
        let (engine, now) = (Engine::new(), START);
        let (told, hands, cards) = (Vec::new(), Vec::new(), Vec::new());
        let mut this = Self { engine, page, now, knows, told, hands, cards };
        this.step(SessionEvent::Started { url, document: "document".into(), wrote: String::new() });
        this.look();
        this
    }

    fn step(&mut self, event: SessionEvent) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut effects = Vec::new();
            self.engine.step(self.now, event, &mut effects);
            for effect in effects {
                match effect {
                    SessionEffect::Back(message) => {
                        if let (ToBackground::Hello(hello), Some(knows)) = (&message, &self.knows) {
                            let session = hello.chat.as_ref().map(session);
                            let known = Known { session, ..knows.clone() };
                            events.push(SessionEvent::Known(Box::new(known)));
                        }
                        self.told.push(message);
                    }
                    SessionEffect::Page(effect) => {
                        if matches!(effect, PageEffect::Watch { .. }) {
                            self.page.forget();
                        }
                        self.hands.push(effect);
                    }
                    SessionEffect::Card(card) => self.cards.push(card.map(|card| card.kind)),
                }
            }
        }
    }

    fn look(&mut self) {
        let flush = self.page.flush();
        self.step(SessionEvent::Page(flush));
    }

    fn later(&mut self, span: Span) {
        self.now = self.now.after(span);
    }

    fn session(&self) -> Option<SessionId> {
        Some(session(&self.page.chat.as_deref()?.into()))
    }

    fn exchange(&mut self, id: &str, question: &str, answer: &str) {
        self.page.send(question.into(), id.into());
        self.answer(answer, true);
    }

    fn answer(&mut self, text: &str, done: bool) {
        let exchange = self.page.exchanges.last_mut().unwrap();
        text.clone_into(&mut exchange.answer);
        exchange.done = done;
    }

    /// The turns it told since this was last asked; the rest of what it told is left.
    fn turns(&mut self) -> Vec<Turn> {
        let (turns, rest) = std::mem::take(&mut self.told)
            .into_iter()
            .partition(|message| matches!(message, ToBackground::Turns { .. }));
        self.told = rest;
        let told = turns.into_iter().flat_map(|message| match message {
            ToBackground::Turns { turns, .. } => turns,
            _ => Vec::new(),
        });
        told.collect()
    }

    fn hellos(&self) -> Vec<&Hello> {
        let hello = |message: &'_ ToBackground| matches!(message, ToBackground::Hello(_));
        let found = self.told.iter().filter(|message| hello(message));
        found
            .filter_map(|message| match message {
                ToBackground::Hello(hello) => Some(hello),
                _ => None,
            })
            .collect()
    }

    fn wanted(&self) -> Vec<(u64, Trigger, u32)> {
        let wanted = |message: &ToBackground| match message {
            ToBackground::Checkpoint { request, trigger, measured, .. } => {
                Some((*request, *trigger, measured.signals.message_count))
            }
            _ => None,
        };
        self.told.iter().filter_map(wanted).collect()
    }
}

fn session(chat: &ChatId) -> SessionId {
    SessionId::of("claude", &AccountId::default(), chat)
}

fn texts(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.markdown.as_str()).collect()
}

/// A chat of one exchange that the background knows nothing of.
fn one_exchange() -> Chat {
    let mut chat = Chat::new(Page::default());
    chat.exchange("1", "Build a bridge.", "It stands.");
    chat.look();
    chat
}

#[test]
fn what_is_not_acknowledged_is_told_again_and_what_is_stored_is_not() {
    let mut chat = one_exchange();
    let turns = chat.turns();
    assert_eq!(texts(&turns), ["Build a bridge.", "It stands."]);
    chat.look();
    assert_eq!(chat.turns(), []);
    chat.later(Span(3_000));
    assert!(chat.engine.next_wake().is_some_and(|when| when <= chat.now));
    chat.step(SessionEvent::Wake);
    assert_eq!(texts(&chat.turns()), ["Build a bridge.", "It stands."]);

    let stored = turns.iter().map(|turn| (turn.key.clone(), turn_hash(turn))).collect();
    chat.step(SessionEvent::Saved { turns: stored });
    chat.later(Span(30_000));
    chat.step(SessionEvent::Wake);
    assert_eq!(chat.turns(), []);
}

#[test]
fn a_page_opened_again_tells_only_what_is_not_stored() {
    let mut first = one_exchange();
    let turns = first.turns();
    let stored = turns[..1].iter().map(|turn| (turn.key.clone(), turn_hash(turn))).collect();
    let mut again = Chat::known(first.page.clone(), None);
    assert_eq!(again.turns(), [], "what is stored is not known yet");
    again.knows = Some(Known { turns: stored, ..Known::default() });
    again.step(SessionEvent::Connected);
    assert_eq!(texts(&again.turns()), ["It stands."]);
}

#[test]
fn a_hello_that_is_not_answered_is_said_again() {
    let mut chat = Chat::known(Page::default(), None);
    assert_eq!(chat.hellos().len(), 1);
    assert!(chat.hellos()[0].fresh);
    chat.step(SessionEvent::Wake);
    assert_eq!(chat.hellos().len(), 1);
    chat.later(Span(3_000));
    chat.step(SessionEvent::Wake);
    assert_eq!(chat.hellos().len(), 2);
    chat.step(SessionEvent::Known(Box::default()));
    chat.later(Span(3_000));
    chat.step(SessionEvent::Wake);
    assert_eq!(chat.hellos().len(), 2);
    // A new connection knows nothing: hello, and what is not acknowledged, once it is answered.
    chat.step(SessionEvent::Connected);
    assert_eq!(chat.hellos().len(), 3);
}

#[test]
fn an_answer_to_the_hello_of_another_chat_is_passed_over() {
    let mut chat = Chat::known(Page::default(), None);
    chat.exchange("1", "Build a bridge.", "It stands.");
    chat.look();
    for (session, turns) in [(Some("claude//another".into()), 0), (None, 0), (chat.session(), 2)] {
        chat.step(SessionEvent::Known(Box::new(Known { session, ..Known::default() })));
        assert_eq!(chat.turns().len(), turns);
    }
}

#[test]
fn a_private_chat_is_never_told() {
    let mut chat = Chat::new(Page::default());
    chat.told.clear();
    chat.exchange("1", "A secret.", "It is safe.");
    for at in 0..3 {
        let mut flush = chat.page.flush();
        flush.url = format!("https://claude.ai/new?incognito=true&x={at}");
        chat.step(SessionEvent::Page(flush));
        chat.later(Span(10_000));
    }
    chat.step(SessionEvent::Leaving);
    let told = serde_json::to_string(&chat.told).unwrap();
    assert!(!told.contains("secret") && !told.contains("safe"), "{told}");
    assert_eq!(chat.turns(), []);
}

#[test]
fn another_chat_in_the_same_page_gets_none_of_the_firsts_turns() {
    let mut chat = one_exchange();
    let first = chat.session();
    assert_eq!(chat.turns().len(), 2);
    // The address changes first; the old turns stand there a moment longer.
    chat.page.chat = Some("00000000-0000-4000-8000-000000000099".into());
    chat.hands.clear();
    chat.look();
    assert!(
        matches!(chat.hands[..], [PageEffect::Watch { .. }]),
        "the eyes are to look at everything again"
    );
    chat.look();
    chat.page.exchanges.clear();
    chat.exchange("7", "Another matter.", "Of course.");
    chat.look();
    assert_ne!(chat.session(), first);
    assert_eq!(texts(&chat.turns()), ["Another matter.", "Of course."]);
}

#[test]
fn an_answer_that_vanishes_is_kept_as_it_was() {
    let mut chat = one_exchange();
    chat.page.send("And a tower?".into(), "2".into());
    chat.answer("A tower of", false);
    chat.look();
    chat.turns();
    // The site takes its answer back, and makes no other.
    let exchange = chat.page.exchanges.last_mut().unwrap();
    exchange.answer.clear();
    let mut flush = chat.page.flush();
    let last = flush.order.as_mut().unwrap().len();
    flush.slots.insert("stop".into(), SlotView::default());
    assert_eq!(last, 3, "the answer's element is gone");
    chat.step(SessionEvent::Page(flush));
    let kept = chat.turns();
    assert_eq!(texts(&kept), ["A tower of"]);
    assert_eq!(kept[0].state, TurnState::Vanished);
}

#[test]
fn counters_of_an_earlier_document_are_taken_over_once() {
    let mut first = one_exchange();
    for number in 2..6 {
        first.exchange(&number.to_string(), "More?", "More.");
        first.look();
    }
    first.later(Span(60_000));
    first.look();
    let mut meters = first.told.iter().filter_map(|message| match message {
        ToBackground::Meter { meter, .. } => Some(meter.clone()),
        _ => None,
    });
    let meter = meters.next_back().expect("counters are told");
    // A page opened again mounts only the end of a long chat.
    let mut page = first.page.clone();
    page.exchanges.drain(..4);
    let known = Known { meter, last_checkpoint: 1, ..Known::default() };
    let mut again = Chat::known(page, Some(known));
    for (request, ..) in again.wanted() {
        again.step(SessionEvent::CheckpointSaved { number: 2, request });
    }
    again.step(SessionEvent::SaveNow);
    let [.., (_, trigger, messages)] = again.wanted()[..] else { panic!("no checkpoint") };
    assert_eq!(trigger, Trigger::UserRequested);
    assert!(messages >= 10, "only {messages} messages are counted");
}

#[test]
fn a_checkpoint_is_asked_for_until_it_is_made_and_then_another_can_be() {
    let mut chat = one_exchange();
    let [(request, Trigger::SessionStart, _)] = chat.wanted()[..] else {
        panic!("{:?}", chat.wanted())
    };
    chat.step(SessionEvent::SaveNow);
    assert_eq!(chat.wanted().len(), 1, "one at a time");
    chat.later(Span(3_000));
    chat.step(SessionEvent::Wake);
    assert_eq!(chat.wanted().iter().filter(|wanted| wanted.0 == request).count(), 2);
    chat.step(SessionEvent::CheckpointSaved { number: 1, request: request + 9 });
    assert_eq!(chat.wanted().len(), 2, "an answer to no request of this page");
    chat.step(SessionEvent::CheckpointSaved { number: 1, request });
    let last = *chat.wanted().last().unwrap();
    assert_eq!((last.0 > request, last.1), (true, Trigger::UserRequested));
}

#[test]
fn leaving_tells_everything_that_is_pending_and_then_goodbye() {
    let mut chat = one_exchange();
    let [(request, ..)] = chat.wanted()[..] else { panic!("one checkpoint") };
    chat.step(SessionEvent::CheckpointSaved { number: 1, request });
    chat.later(Span(60_000));
    chat.page.send("And a tower?".into(), "2".into());
    chat.answer("A tower of", false);
    chat.look();
    chat.answer("A tower of stone", false);
    chat.look();
    chat.told.clear();
    chat.step(SessionEvent::Leaving);
    let stream = chat.told.iter().find_map(|message| match message {
        ToBackground::Stream { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(stream.as_deref(), Some(" stone"), "what came since the last piece");
    assert_eq!(chat.wanted().iter().map(|one| one.1).collect::<Vec<_>>(), [Trigger::SessionEnd]);
    let bye = ToBackground::Bye { session: chat.session() };
    assert_eq!(chat.told.last(), Some(&bye));
}

/// A slot with one element of this text.
fn shows(words: &str) -> SlotView {
    let children = vec![Node::Text(words.to_owned())];
    let attrs = vec![("role".to_owned(), "alert".to_owned())];
    let element = Element { tag: "div".into(), attrs, children };
    SlotView { rank: 0, nodes: vec![Node::Element(element)] }
}

#[test]
fn what_the_site_says_and_its_model_are_told_and_gone_when_they_are_gone() {
    let mut chat = one_exchange();
    let banners = |chat: &mut Chat| -> Vec<Option<BannerClass>> {
        let told = std::mem::take(&mut chat.told).into_iter();
        let banner = told.filter_map(|message| match message {
            ToBackground::Meter { banner, .. } => Some(banner.map(|(class, _)| class)),
            _ => None,
        });
        banner.collect()
    };
    assert_eq!(banners(&mut chat).last(), Some(&None));
    let mut flush = chat.page.flush();
    flush.slots.insert("banner".into(), shows("You've hit your limit. It resets at nine."));
    flush.slots.insert("model".into(), shows("Opus 5.5"));
    chat.later(Span(6_000));
    chat.step(SessionEvent::Page(flush));
    assert_eq!(chat.hellos().last().map(|hello| hello.model.as_str()), Some("Opus 5.5"));
    assert_eq!(banners(&mut chat).last(), Some(&Some(BannerClass::Limit)));
    let mut flush = chat.page.flush();
    flush.slots.insert("banner".into(), SlotView::default());
    chat.later(Span(6_000));
    chat.step(SessionEvent::Page(flush));
    assert_eq!(banners(&mut chat).last(), Some(&None));
}

#[test]
fn a_chat_too_large_for_one_message_is_told_in_several() {
    let mut chat = Chat::new(Page::default());
    for number in 1..4 {
        chat.exchange(&number.to_string(), "More?", &"word ".repeat(300_000));
    }
    chat.look();
    let numbers: Vec<u64> = chat
        .told
        .iter()
        .filter_map(|message| match message {
            ToBackground::Turns { number, .. } => Some(*number),
            _ => None,
        })
        .collect();
    assert!(numbers.len() >= 2, "{numbers:?}");
    assert!(numbers.is_sorted_by(|a, b| a < b), "a late repeat is known by its number");
    assert_eq!(chat.turns().len(), 6);
}
