//! Connections to pages, and the engine of a page that could not run its own.

use super::Machine;
use super::drafts::Typed;
use crate::base::limits::MESSAGE_BYTES;
use crate::base::{Moment, PortId, SessionId, TabId, origin};
use crate::session::engine::Engine;
use crate::view;
use crate::wire::background::{BackEffect, PortDown, PortUp};
use crate::wire::gather::Gathered;
use crate::wire::page::PageEffect;
use crate::wire::session::{Hello, SessionEffect, SessionEvent};

/// One connection to one document.
pub struct Port {
    /// Its tab.
    pub tab: TabId,
    /// Origin of its document, from the browser.
    pub origin: String,
    /// The engine, in the second placement.
    pub hosted: Option<Box<Engine>>,
    /// What it said last of itself, and when.
    pub hello: Option<(Hello, Moment)>,
    /// The chat it shows.
    pub session: Option<SessionId>,
    /// It said goodbye.
    pub bye: bool,
    /// When its tab began to load a page, if it did, by the steady clock.
    pub loads_at: Option<Moment>,
    /// How the gathering of its chat's transcript goes.
    pub gathered: Option<Gathered>,
    /// Number of the newest message with turns, and of the newest with streamed text.
    pub heard: (u64, u64),
    /// What its composer holds, as it told and as far as it is not noted yet.
    pub typed: Option<Typed>,
}

impl Port {
    /// When its engine wants to be called.
    pub fn next_wake(&self) -> Option<Moment> {
        self.hosted.as_ref().and_then(|engine| engine.next_wake())
    }
}

impl Machine {
    pub(super) fn connected(
        &mut self,
        at: Moment,
        port: PortId,
        tab: TabId,
        origin: String,
        out: &mut Vec<BackEffect>,
    ) {
        let new = Port {
            tab,
            origin,
            hosted: None,
            hello: None,
            session: None,
            bye: false,
            loads_at: None,
            gathered: None,
            heard: (0, 0),
            typed: None,
        };
        self.ports.insert(port, new);
        if self.ready {
            self.tell_place(at, port, out);
        }
    }

    /// A page spoke. Its text is hostile until parsed, and its claims until compared with what
    /// the browser says of the sender.
    pub(super) fn message(
        &mut self,
        at: Moment,
        port: PortId,
        text: &str,
        out: &mut Vec<BackEffect>,
    ) {
        if text.len() > MESSAGE_BYTES {
            return self.problem("A page sent too much at once; that part was not saved.".into());
        }
        match serde_json::from_str(text) {
            Ok(PortUp::Session(message)) => self.engine_said(at, port, message, out),
            Ok(PortUp::Event(event)) => self.host(at, port, event, out),
            Ok(PortUp::Refused) => self.refused(at, port, out),
            Ok(PortUp::Typed(text)) => self.typed(port, Typed::Text(text)),
            Ok(PortUp::Erased) => self.typed(port, Typed::Erased),
            Ok(PortUp::Pointed(pointed)) => self.pointed(at, port, &pointed, out),
            Err(error) => self.problem(format!(
                "A page's message was not understood ({error}). Reload that page."
            )),
        }
    }

    /// Second placement: the engine of that page runs here.
    fn host(&mut self, at: Moment, id: PortId, event: SessionEvent, out: &mut Vec<BackEffect>) {
        let is_ours = self.ports.get(&id).is_some_and(|port| self.place_of(&port.origin).is_some());
        let Some(port) = self.ports.get_mut(&id) else { return };
        if let SessionEvent::Started { url, .. } = &event {
            if !is_ours || origin::of(url) != Some(&port.origin) {
                return;
            }
            port.hosted = Some(Box::new(Engine::new()));
        }
        let starts = matches!(event, SessionEvent::Started { .. });
        if is_from_page(&event) {
            self.step_hosted(at, id, event, out);
        }
        if starts {
            self.tell_place(at, id, out);
        }
    }

    /// Tells a page's engine something, wherever it runs.
    pub(super) fn tell(
        &mut self,
        at: Moment,
        id: PortId,
        event: SessionEvent,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(port) = self.ports.get(&id) else { return };
        if port.hosted.is_some() {
            return self.step_hosted(at, id, event, out);
        }
        out.push(BackEffect::Send { port: id, message: Box::new(PortDown::Event(event)) });
    }

    fn step_hosted(
        &mut self,
        at: Moment,
        id: PortId,
        event: SessionEvent,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(engine) = self.ports.get_mut(&id).and_then(|p| p.hosted.as_mut()) else { return };
        let mut effects = Vec::new();
        engine.step(at, event, &mut effects);
        let mut page = Vec::new();
        for effect in effects {
            match effect {
                SessionEffect::Page(effect) => page.push(effect),
                SessionEffect::Card(state) => {
                    let card = state.map(|state| view::card::describe(&state, at));
                    page.push(PageEffect::Card { card });
                }
                // Heard once this event is done with, as a message of a page would be.
                SessionEffect::Back(message) => self.said.push_back((id, message)),
            }
        }
        if !page.is_empty() {
            out.push(BackEffect::Send { port: id, message: Box::new(PortDown::Do(page)) });
        }
    }

    /// Whether a port shows this chat, of which what is stored is known.
    pub(super) fn owns(&self, port: PortId, session: &SessionId) -> bool {
        let shown = self.ports.get(&port).and_then(|p| p.session.as_ref());
        shown == Some(session) && self.indexes.contains_key(session) && !self.is_deleted(session)
    }

    /// The document behind a port, once it said hello.
    pub(super) fn document(&self, port: PortId) -> Option<String> {
        self.ports.get(&port)?.hello.as_ref().map(|(hello, _)| hello.document.clone())
    }

    /// That page's site does not let the engine compile: remembered, so that it is not tried
    /// again today.
    fn refused(&mut self, at: Moment, id: PortId, out: &mut Vec<BackEffect>) {
        let Some(port) = self.ports.get(&id) else { return };
        let Some(place) = self.place_of(&port.origin) else { return };
        if !self.ready {
            // The stored settings are not known: they are not written over.
            return;
        }
        self.settings.refused.insert(place.id.clone(), at);
        self.write_settings(super::AfterWrite::Nothing, out);
        self.register(at, &place, out);
    }
}

/// What a page may say to an engine that runs here; the rest is the background's own to say.
fn is_from_page(event: &SessionEvent) -> bool {
    matches!(
        event,
        SessionEvent::Started { .. }
            | SessionEvent::Page(_)
            | SessionEvent::Filled(_)
            | SessionEvent::Cleared(_)
            | SessionEvent::Pressed(_)
            | SessionEvent::Scrolled(_)
            | SessionEvent::Called(_)
            | SessionEvent::Card(_)
            | SessionEvent::Leaving
            | SessionEvent::Connected
    )
}
