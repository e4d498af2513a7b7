//! What is measured of chat and page, the risk in it, and the offer of a fresh chat where the page
//! itself is about to fail.

use super::Engine;
use super::placing::Placing;
use crate::base::Moment;
use crate::session::risk::{assess, page_fails};
use crate::wire::card::{CardButton, CardKind, CardState};
use crate::wire::page::Weight;
use crate::wire::session::{About, SessionEffect, ToBackground};
use crate::wire::signals::Signals;

impl Engine {
    pub(super) fn signals(&self, at: Moment) -> Signals {
        let mut signals = self.chat.meter.signals(at, &self.tuning);
        self.load.tell(&mut signals);
        signals
    }

    pub(super) fn judge(&mut self, at: Moment) -> Signals {
        let signals = self.signals(at);
        let chat = &mut self.chat;
        let risk = assess(&signals, &self.tuning, chat.banner.as_ref().map(|b| b.class));
        chat.risk = chat.told.next(at, &chat.risk, risk, &signals, &self.tuning);
        signals
    }

    /// A fresh chat is offered once a document, and never over a card that waits.
    pub(super) fn weighed(&mut self, at: Moment, weight: Weight, out: &mut Vec<SessionEffect>) {
        self.load.weighed(weight);
        self.judge(at);
        let busy = self.placing.as_ref().is_some_and(Placing::open);
        if self.chat.session.is_none() || busy || self.offered.is_some() {
            return;
        }
        if page_fails(&self.chat.risk) {
            self.offered = Some(true);
            let state = CardState { kind: CardKind::Heavy, about: About::default() };
            out.push(SessionEffect::Card(Some(state)));
        }
    }

    /// A person clicked on a card.
    pub(super) fn clicked(&mut self, button: CardButton, out: &mut Vec<SessionEffect>) {
        if self.offered == Some(true) && matches!(button, CardButton::Fresh | CardButton::Close) {
            self.offered = Some(false);
            out.push(SessionEffect::Card(None));
            if let (CardButton::Fresh, Some(session)) = (button, self.chat.session.clone()) {
                out.push(SessionEffect::Back(ToBackground::Fresh { session }));
            }
            return;
        }
        self.place(|placing, out| placing.clicked(button, out), out);
    }
}
