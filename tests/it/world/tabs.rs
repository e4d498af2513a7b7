//! The pages' side: tabs, documents, their engines, the messages between them and the background.

use super::faults::{Fault, Sabotage};
use super::{Acknowledged, Document, Page, Shows, Tab, World};
use shim::base::{Moment, PortId, SessionId, TabId, TurnKey};
use shim::session::codec;
use shim::session::engine::Engine;
use shim::wire::background::{BackEvent, PortDown, PortUp};
use shim::wire::card::{CardButton, CardKind};
use shim::wire::chat::TurnState;
use shim::wire::page::{CardView, PageEffect};
use shim::wire::session::{FillOutcome, PressOutcome, SessionEffect, SessionEvent, ToBackground};

/// Effects of one event in a page.
const EFFECTS_AT_MOST: usize = 20;

impl World {
    pub(super) fn ids(&self) -> Vec<TabId> {
        self.tabs.iter().map(|tab| tab.id).collect()
    }

    pub(super) fn new_tab(&mut self) -> TabId {
        let id = TabId(i64::try_from(self.number()).unwrap());
        self.tabs.push(Tab { id, shows: Shows::Elsewhere });
        id
    }

    pub(super) fn show(&mut self, id: TabId, shows: Shows) -> Option<Shows> {
        let tab = self.tabs.iter_mut().find(|tab| tab.id == id)?;
        Some(std::mem::replace(&mut tab.shows, shows))
    }

    pub(super) fn document(&mut self, id: TabId) -> Option<&mut Document> {
        match &mut self.tabs.iter_mut().find(|tab| tab.id == id)?.shows {
            Shows::Chat(document) => Some(document),
            _ => None,
        }
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = (TabId, &Document)> {
        self.tabs.iter().filter_map(|tab| match &tab.shows {
            Shows::Chat(document) => Some((tab.id, &**document)),
            _ => None,
        })
    }

    /// A document is opened in a tab: with a chat of the site, or fresh.
    pub(super) fn open_page(&mut self, id: TabId, chat: Option<String>) {
        let name = match (&chat, self.sabotage) {
            (Some(chat), Sabotage::OneDocument) => format!("document-of-{chat}"),
            _ => format!("document-{}", self.number()),
        };
        let url = chat.as_ref().map_or("new".to_owned(), |chat| format!("chat/{chat}"));
        if let Some(chat) = &chat {
            self.lost.remove(&session(chat));
        }
        self.forgive(id);
        self.tell("person", || format!("opens {url} in tab {} as {name}", id.0));
        let page = self.page_of(chat);
        let engine = (!self.chance.percent(25)).then(Engine::new);
        let document = Document {
            name: name.clone(),
            engine,
            page,
            wrote: String::new(),
            left: Vec::new(),
            port: None,
            card: None,
            timer_ms: None,
        };
        let here = document.engine.is_some();
        self.show(id, Shows::Chat(Box::new(document)));
        self.note_doubled();
        if here {
            let url = format!("https://claude.ai/{url}");
            self.engine(id, SessionEvent::Started { url, document: name, wrote: String::new() });
        }
        self.connect(id);
        if here {
            self.look(id);
        }
    }

    /// What the site shows of a chat now.
    pub(super) fn page_of(&mut self, chat: Option<String>) -> Page {
        let Some(chat) = chat else { return Page::default() };
        self.finish_alone(&chat);
        let mut exchanges = self.site.get(&chat).cloned().unwrap_or_default();
        for exchange in exchanges.iter_mut().filter(|exchange| !exchange.done) {
            // A page that comes late to an answer shows it growing, or as far as it is.
            exchange.done = self.chance.percent(50);
        }
        Page { chat: Some(chat), exchanges, ..Page::default() }
    }

    /// The site ends an answer whose page is gone.
    pub(super) fn finish_alone(&mut self, chat: &str) {
        let awaited: Vec<String> = self
            .documents()
            .flat_map(|(_, document)| &document.page.exchanges)
            .filter(|exchange| exchange.mine && !exchange.done)
            .map(|exchange| exchange.id.clone())
            .collect();
        for exchange in self.site.get_mut(chat).into_iter().flatten() {
            exchange.done |= !awaited.contains(&exchange.id);
        }
    }

    pub(super) fn connect(&mut self, id: TabId) {
        if self.document(id).is_none_or(|document| document.port.is_some()) {
            return;
        }
        self.wake_worker();
        if self.worker.is_none() {
            return;
        }
        let port = PortId(self.number());
        let Some(document) = self.document(id) else { return };
        document.port = Some(port);
        let (here, name) = (document.engine.is_some(), document.name.clone());
        let origin = "https://claude.ai".to_owned();
        self.back(BackEvent::Connected { port, tab: id, origin });
        if here {
            return self.engine(id, SessionEvent::Connected);
        }
        let url = "https://claude.ai/new".to_owned();
        if self.chance.percent(10) {
            self.post(port, &PortUp::Refused);
        }
        let Some(document) = self.document(id) else { return };
        document.page.forget();
        let started = SessionEvent::Started { url, document: name, wrote: document.wrote.clone() };
        for event in [started, SessionEvent::Connected] {
            self.post(port, &PortUp::Event(event));
        }
        self.look(id);
    }

    fn post(&mut self, port: PortId, message: &PortUp) {
        self.up.push_back((port, serde_json::to_string(message).unwrap()));
    }

    pub(super) fn look(&mut self, id: TabId) {
        if let Some(document) = self.document(id) {
            let flush = document.page.flush();
            self.engine(id, SessionEvent::Page(flush));
        }
    }

    /// Something for the engine of a page, wherever it runs.
    pub(super) fn engine(&mut self, id: TabId, event: SessionEvent) {
        let now = self.now;
        let Some(document) = self.document(id) else { return };
        let Some(engine) = &mut document.engine else {
            let is_look = matches!(event, SessionEvent::Page(_));
            let is_new = document.port.is_none();
            self.connect(id);
            // Over a new port the whole page was told just now.
            return match self.document(id).and_then(|document| document.port) {
                Some(port) if !(is_new && is_look) => self.post(port, &PortUp::Event(event)),
                _ => {}
            };
        };
        let mut effects = Vec::new();
        engine.step(now, event, &mut effects);
        assert!(effects.len() <= EFFECTS_AT_MOST, "{} effects in a page", effects.len());
        self.set_page_timer(id);
        for effect in effects {
            self.effect(id, effect);
        }
    }

    fn set_page_timer(&mut self, id: TabId) {
        let next = self.document(id).and_then(|d| d.engine.as_ref()?.next_wake());
        let next = next.map(|when| self.believed(when));
        let timer = self.timer(next);
        if let Some(document) = self.document(id) {
            document.timer_ms = timer;
        }
    }

    /// What a timer is set for that believes the clock: where that went back, it waits as long.
    pub(super) fn believed(&self, when: Moment) -> Moment {
        match self.sabotage {
            Sabotage::ClockBelieved => Moment(when.0 + self.weather.back_ms),
            _ => when,
        }
    }

    /// The timer of a page fires.
    pub(super) fn wake_engine(&mut self, id: TabId) {
        if self.sabotage == Sabotage::PagesDeaf {
            if let Some(document) = self.document(id) {
                document.timer_ms = None;
            }
            return;
        }
        self.engine(id, SessionEvent::Wake);
        let now = self.now;
        let next = self.document(id).and_then(|d| d.engine.as_ref()?.next_wake());
        assert!(next.is_none_or(|when| when > now), "a page wakes without rest");
    }

    fn effect(&mut self, id: TabId, effect: SessionEffect) {
        match effect {
            SessionEffect::Back(message) => {
                self.note_told(id, &message);
                if self.document(id).is_some_and(|d| d.port.is_none()) {
                    self.connect(id);
                }
                let Some(port) = self.document(id).and_then(|d| d.port) else { return };
                self.post(port, &PortUp::Session(message));
            }
            SessionEffect::Page(effect) => self.hands(id, effect),
            SessionEffect::Card(card) => {
                if let Some(document) = self.document(id) {
                    document.card = card.map(|card| card.kind);
                }
            }
        }
    }

    /// The hands of a page.
    fn hands(&mut self, id: TabId, effect: PageEffect) {
        match effect {
            PageEffect::Fill { text, .. } => self.fill(id, &text),
            PageEffect::Press { .. } => {
                self.send_composer(id);
                self.engine(id, SessionEvent::Pressed(PressOutcome::Pressed));
                self.look(id);
            }
            PageEffect::Clear { expected, .. } => {
                let Some(document) = self.document(id) else { return };
                let same = document.page.composer == expected;
                if same {
                    document.page.composer.clear();
                }
                self.engine(id, SessionEvent::Cleared(same));
            }
            PageEffect::Card { card } => {
                if let Some(document) = self.document(id) {
                    document.card = card.map(|card| kind_of(&card));
                }
            }
            PageEffect::Watch { .. } => {
                if let Some(document) = self.document(id) {
                    document.page.forget();
                    self.look(id);
                }
            }
            // Nobody asks for a whole transcript here: the pages show all of theirs.
            PageEffect::Focus { .. } | PageEffect::Scroll { .. } | PageEffect::Call(_) => {}
        }
    }

    fn fill(&mut self, id: TabId, text: &str) {
        let Some(document) = self.document(id) else { return };
        if !document.page.composer.is_empty() {
            // The hands look before they write; the engine may not have seen the draft yet.
            return self.engine(id, SessionEvent::Filled(FillOutcome::NotEmpty));
        }
        text.clone_into(&mut document.page.composer);
        text.clone_into(&mut document.wrote);
        self.note_fill(text);
        self.tell("page", || format!("tab {}: a prompt is placed", id.0));
        let read_back = text.to_owned();
        self.engine(id, SessionEvent::Filled(FillOutcome::Written { read_back }));
    }

    /// The port of a document that is gone closes. What it carried last arrives before, in so many
    /// of 100 cases.
    pub(super) fn close_port(&mut self, port: Option<PortId>, percent: u64) {
        let Some(port) = port else { return };
        let arrives = self.chance.percent(percent);
        let (mine, others) = self.up.drain(..).partition(|(p, _)| *p == port);
        self.up = others;
        if arrives {
            for (port, text) in mine {
                self.back(BackEvent::Message { port, text });
            }
        }
        self.back(BackEvent::Disconnected { port });
    }

    pub(super) fn deliver_up(&mut self) {
        let Some((port, text)) = self.next_up() else { return };
        // A page without an engine tells what it sees, over a port that loses nothing while it
        // stands; the engine's own messages are made for a worse one.
        let own = text.starts_with("{\"session\"");
        if own && self.bad_luck(3) {
            return self.strikes(Fault::MessageLost, || "a message is lost".into());
        }
        if own && self.bad_luck(3) {
            self.strikes(Fault::MessageRepeated, || "a message comes twice".into());
            self.up.push_back((port, text.clone()));
        }
        self.back(BackEvent::Message { port, text });
    }

    pub(super) fn deliver_down(&mut self) {
        let Some((port, message)) = self.down.pop_front() else { return };
        let mut documents = self.documents();
        let found = documents.find(|(_, document)| document.port == Some(port));
        let Some(id) = found.map(|(id, _)| id) else { return };
        drop(documents);
        match message {
            PortDown::Event(event) => {
                if self.bad_luck(3) {
                    return self.strikes(Fault::MessageLost, || "an answer is lost".into());
                }
                if self.bad_luck(3) {
                    self.strikes(Fault::MessageRepeated, || "an answer comes twice".into());
                    self.down.push_back((port, PortDown::Event(event.clone())));
                }
                self.note_acknowledged(id, &event);
                self.engine(id, event);
            }
            PortDown::Do(effects) => {
                for effect in effects {
                    self.hands(id, effect);
                }
            }
            PortDown::Look => self.look(id),
            // Nobody points at anything here.
            PortDown::Point(_) => {}
        }
    }

    /// What an engine tells the background is noted, to be known again when it is acknowledged.
    fn note_told(&mut self, id: TabId, message: &ToBackground) {
        let Some(name) = self.document(id).map(|document| document.name.clone()) else { return };
        match message {
            ToBackground::Turns { session, turns, .. } => {
                for turn in turns {
                    let finished = turn.state != TurnState::Streaming;
                    let text = turn.markdown.clone();
                    let at = (session.clone(), turn.key.clone());
                    let told = (name.clone(), turn.key.clone(), codec::turn_hash(turn));
                    let by = name.clone();
                    self.note_end(&by, &at, finished);
                    self.told.insert(told, Acknowledged { at, text, finished, by });
                }
            }
            ToBackground::Stream { session, key, hash, .. } => {
                let text = self.streamed(id, key.as_str());
                if shim::base::text::hash(&text) == *hash {
                    let at = (session.clone(), key.clone());
                    let (told, by) = ((name.clone(), key.clone(), *hash), name);
                    self.told.insert(told, Acknowledged { at, text, finished: false, by });
                }
            }
            ToBackground::Checkpoint { session, request, .. } => {
                self.wanted.insert((name, *request), session.clone());
            }
            _ => {}
        }
    }

    /// A page that showed an answer as ended may show it growing again.
    fn note_end(&mut self, by: &str, at: &(SessionId, TurnKey), finished: bool) {
        let told = (by.to_owned(), at.1.clone());
        if finished {
            self.took_back.entry(told).or_default();
        } else if let Some(took_back) = self.took_back.get_mut(&told) {
            *took_back = true;
            if let Some(turn) = self.turns.get_mut(at).filter(|turn| turn.by == by) {
                turn.finished = false;
            }
        }
    }

    /// The text of an answer as a page shows it.
    fn streamed(&mut self, id: TabId, key: &str) -> String {
        let turn = key.trim_end_matches("-hub-reply");
        let exchanges = self.document(id).map(|document| &document.page.exchanges);
        let found = exchanges.into_iter().flatten().find(|exchange| exchange.id == turn);
        found.map(|exchange| exchange.answer.trim().to_owned()).unwrap_or_default()
    }
}

/// The session of a chat of the site.
pub fn session(chat: &str) -> SessionId {
    SessionId(format!("claude//{chat}"))
}

fn kind_of(card: &CardView) -> CardKind {
    let has = |wanted| card.buttons.iter().any(|button| button.button == wanted);
    match () {
        () if has(CardButton::Send) => CardKind::Placed,
        () if has(CardButton::Place) => CardKind::Offered,
        () => CardKind::Failed,
    }
}
