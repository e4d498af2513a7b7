//! What people and the browser do.

use super::faults::{Fault, Sabotage};
use super::tabs::session;
use super::{Document, Shows, World};
use shim::base::TabId;
use shim::session::codec;
use shim::wire::background::BackEvent;
use shim::wire::card::{CardButton, CardKind};
use shim::wire::records::{SessionHead, Settings};
use shim::wire::session::SessionEvent;
use shim::wire::ui::Ask;

/// Tabs that are open at once.
const TABS: usize = 5;

impl World {
    /// Somebody does something.
    pub(super) fn act(&mut self) {
        let ids = self.ids();
        let pick = self.chance.below(ids.len().max(1) as u64) as usize;
        let Some(&id) = ids.get(pick) else { return self.open_somewhere() };
        if self.document(id).is_none() {
            return self.leave_or_return(id);
        }
        if self.undo() {
            return;
        }
        match self.chance.below(200) {
            0..10 if ids.len() < TABS => self.open_somewhere(),
            10..16 if self.weather.rough => self.crash(id),
            16..18 if ids.len() > 1 => self.close(id),
            18..20 => self.go_elsewhere(id),
            20..22 => self.reload(id),
            22 => self.fall_asleep(id),
            23 => self.switch(id),
            24..29 if self.weather.rough => self.kill_worker(),
            29..31 if self.weather.rough && self.chance.percent(15) => self.kill_browser(),
            31..35 => self.ask(id),
            35 => self.delete(),
            36..38 => self.refresh(id),
            38..40 => self.pin(),
            40..90 => self.talk(id),
            _ => self.stream(id),
        }
    }

    fn open_somewhere(&mut self) {
        let id = self.new_tab();
        let chat = self.some_chat();
        self.open_page(id, chat);
    }

    /// A chat of the site, often one that is open already; or none, for a fresh one.
    fn some_chat(&mut self) -> Option<String> {
        let open: Vec<String> =
            self.documents().filter_map(|(_, document)| document.page.chat.clone()).collect();
        let any: Vec<String> = self.site.keys().cloned().collect();
        let from = match self.chance.below(10) {
            0..6 => return None,
            6..9 => open,
            _ => any,
        };
        from.get(self.chance.below(from.len().max(1) as u64) as usize).cloned()
    }

    /// A tab without a chat page: it is closed, or shows one again.
    fn leave_or_return(&mut self, id: TabId) {
        if self.chance.percent(30) && self.tabs.len() > 1 {
            return self.close(id);
        }
        let chat = self.some_chat();
        self.open_page(id, chat);
    }

    /// The process of a tab dies; where its chat is open twice, often both.
    fn crash(&mut self, id: TabId) {
        let chat = self.document(id).and_then(|document| document.page.chat.clone());
        self.crash_one(id);
        let same = |document: &Document| chat.is_some() && document.page.chat == chat;
        let others: Vec<TabId> =
            self.documents().filter(|(_, document)| same(document)).map(|(id, _)| id).collect();
        if self.chance.percent(50) {
            others.into_iter().for_each(|id| self.crash_one(id));
        }
    }

    /// What was posted last still arrives, mostly.
    fn crash_one(&mut self, id: TabId) {
        self.strikes(Fault::TabCrashed, || format!("tab {} crashed", id.0));
        let Some(Shows::Chat(document)) = self.show(id, Shows::Dead) else { return };
        self.note_death(&document, Some(id));
        self.note_unheard(Some(id));
        self.close_port(document.port, 60);
    }

    /// Counts a document that died. Where the background knew it as the one that shows its chat,
    /// the crash must be found.
    fn note_death(&mut self, document: &Document, tab: Option<TabId>) {
        for chat in document.left.iter().chain(&document.page.chat) {
            *self.died.entry(session(chat)).or_default() += 1;
        }
        let Some(chat) = &document.page.chat else { return };
        let session = session(chat);
        let elsewhere = self.documents().any(|(_, other)| other.page.chat.as_ref() == Some(chat));
        let head = self.store.get(&codec::session_key(&session));
        let head = head.and_then(|record| codec::open::<SessionHead>(record).ok());
        let live = head.and_then(|head| head.live);
        // One of two that the worker has not heard of since its start is known to nobody.
        let known = document.port.is_some() || !self.doubled.contains(&session);
        if known && !elsewhere && live.is_some_and(|live| live.document == document.name) {
            self.lost.insert(session, tab);
        }
    }

    pub(super) fn note_doubled(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        let shown = self.documents().filter_map(|(_, d)| d.page.chat.as_deref().map(session));
        let twice: Vec<_> = shown.filter(|session| !seen.insert(session.clone())).collect();
        for session in twice {
            if self.doubled.insert(session.clone()) {
                self.strikes(Fault::TwoWindows, || format!("two windows show {session}"));
            }
        }
    }

    /// Chats that were left, or are open elsewhere by now, and nothing of that is committed yet:
    /// now that their tab or browser dies nobody can know, and they count as having died with it.
    fn note_unheard(&mut self, tab: Option<TabId>) {
        let browser = self.browser_session.to_string();
        let unheard: Vec<_> = self
            .heads()
            .filter(|head| {
                let live = head.live.as_ref();
                live.is_some_and(|live| {
                    live.browser_session == browser && tab.is_none_or(|tab| live.tab == tab)
                })
            })
            .map(|head| head.id)
            .collect();
        for session in unheard {
            *self.died.entry(session).or_default() += 1;
        }
    }

    /// The whole browser is killed, and started again.
    pub(super) fn kill_browser(&mut self) {
        self.strikes(Fault::BrowserKilled, || "browser killed".into());
        for tab in std::mem::take(&mut self.tabs) {
            if let Shows::Chat(document) = tab.shows {
                self.note_death(&document, None);
            }
        }
        self.kill_worker();
        self.note_unheard(None);
        self.up.clear();
        self.down.clear();
        self.browser_session += 1;
        self.wake_worker();
    }

    /// A page says goodbye and its port closes. Both are heard, or the worker was not there.
    fn say_goodbye(&mut self, id: TabId) -> Option<Document> {
        if self.sabotage != Sabotage::ClosedLooksDead {
            self.engine(id, SessionEvent::Leaving);
        }
        match self.show(id, Shows::Elsewhere) {
            Some(Shows::Chat(document)) => Some(*document),
            _ => None,
        }
    }

    /// What of a page's saving is under way when it goes.
    fn note_saving(&mut self) {
        if self.worker.as_ref().is_some_and(|worker| !worker.io.is_empty()) {
            self.strikes(Fault::ClosedWhileSaving, || {
                "a page goes while something is saved".into()
            });
        }
    }

    fn close(&mut self, id: TabId) {
        self.tell("person", || format!("closes tab {}", id.0));
        self.note_saving();
        let document = self.say_goodbye(id);
        self.tabs.retain(|tab| tab.id != id);
        self.forgive(id);
        let port = document.and_then(|document| document.port);
        let tab_first = self.chance.percent(50);
        if !tab_first {
            self.close_port(port, 97);
        }
        self.wake_worker();
        if self.sabotage != Sabotage::ClosedLooksDead {
            self.back(BackEvent::TabRemoved { tab: id });
        }
        if tab_first {
            self.close_port(port, 97);
        }
    }

    /// A dead tab that is closed or used tells of no crash any more.
    pub(super) fn forgive(&mut self, tab: TabId) {
        self.lost.retain(|_, dead| *dead != Some(tab));
    }

    fn go_elsewhere(&mut self, id: TabId) {
        self.tell("person", || format!("goes elsewhere in tab {}", id.0));
        self.note_saving();
        let document = self.say_goodbye(id);
        self.close_port(document.and_then(|document| document.port), 97);
    }

    fn reload(&mut self, id: TabId) {
        self.tell("person", || format!("reloads tab {}", id.0));
        let Some(document) = self.say_goodbye(id) else { return };
        self.close_port(document.port, 97);
        self.open_page(id, document.page.chat);
    }

    /// The browser puts a tab to sleep: no goodbye, and no crash.
    fn fall_asleep(&mut self, id: TabId) {
        self.tell("browser", || format!("puts tab {} to sleep", id.0));
        let Some(Shows::Chat(document)) = self.show(id, Shows::Asleep) else { return };
        self.close_port(document.port, 97);
    }

    /// Another chat comes into view in the same document.
    fn switch(&mut self, id: TabId) {
        let chat = self.some_chat();
        if self.document(id).is_some_and(|d| d.page.chat.is_none() || d.page.chat == chat) {
            return;
        }
        self.tell("person", || format!("tab {}: goes to {chat:?} in the page", id.0));
        if let Some(chat) = &chat {
            self.lost.remove(&session(chat));
        }
        let page = self.page_of(chat);
        let Some(document) = self.document(id) else { return };
        let seq = document.page.seq;
        document.left.extend(document.page.chat.take());
        document.page = super::Page { seq, ..page };
        self.note_doubled();
        self.look(id);
        self.look(id);
    }

    /// A person asks something in the popup.
    fn ask(&mut self, id: TabId) {
        let Some(chat) = self.document(id).and_then(|d| d.page.chat.clone()) else { return };
        let session = session(&chat);
        let question = match self.chance.below(12) {
            0..5 => Ask::SaveNow { session },
            5..7 => Ask::Prompt { session, checkpoint: None },
            7 => Ask::Resume { session, checkpoint: None },
            8 => Ask::Change(Settings { offer_only: self.chance.percent(50), ..self.settings() }),
            9 => Ask::Change(Settings { paused: self.chance.percent(30), ..self.settings() }),
            _ => Ask::Status,
        };
        self.put(&question);
    }

    fn settings(&self) -> Settings {
        Settings {
            paused: self.paused,
            keep: self.rule(20 + self.steps % 5),
            ..Settings::default()
        }
    }

    /// Puts a question to the background.
    pub(super) fn put(&mut self, question: &Ask) {
        self.wake_worker();
        if self.worker.is_none() {
            return;
        }
        let ask = self.number();
        if let Ask::Change(settings) = question {
            self.paused = settings.paused;
            self.wishes.push((ask, settings.clone()));
        }
        self.tell("popup", || format!("asks {ask}: {question:?}"));
        let text = serde_json::to_string(question).unwrap();
        if let Ask::Delete { session } = question {
            self.deleting.entry(session.clone()).or_insert(self.real_ms);
        }
        self.note_question(question);
        self.asks.insert(ask, question.clone());
        self.back(BackEvent::Asked { ask, text });
    }

    /// The page takes over what the site has by now.
    pub(super) fn refresh(&mut self, id: TabId) {
        let Some(chat) = self.document(id).and_then(|d| d.page.chat.clone()) else { return };
        self.finish_alone(&chat);
        let all = self.site.get(&chat).cloned().unwrap_or_default();
        let Some(document) = self.document(id) else { return };
        for exchange in &mut document.page.exchanges {
            if let Some(truth) = all.iter().find(|truth| truth.id == exchange.id) {
                exchange.answer.clone_from(&truth.answer);
                exchange.done = truth.done;
            }
        }
        self.look(id);
    }

    fn talk(&mut self, id: TabId) {
        let number = self.number();
        let Some(document) = self.document(id) else { return };
        if document.page.streaming().is_some() {
            return;
        }
        if document.card == Some(CardKind::Placed) {
            return self.engine(id, SessionEvent::Card(CardButton::Send));
        }
        if document.card == Some(CardKind::Offered) {
            let button = [CardButton::Close, CardButton::Place, CardButton::NotThis];
            let button = button[self.chance.below(3) as usize];
            return self.engine(id, SessionEvent::Card(button));
        }
        if document.page.composer.is_empty() {
            document.page.composer = format!("Please do step {number} of the work");
        }
        self.look(id);
        self.send_composer(id);
        self.look(id);
    }

    pub(super) fn send_composer(&mut self, id: TabId) {
        let next = self.number().to_string();
        let Some(document) = self.document(id) else { return };
        let text = document.page.composer.clone();
        document.page.send(text, next);
        let chat = document.page.chat.clone().unwrap_or_default();
        let sent = document.page.exchanges.last().cloned();
        self.tell("person", || format!("tab {}: sends a message in {chat}", id.0));
        let truth = sent.into_iter().map(|sent| super::Exchange { mine: false, ..sent });
        self.site.entry(chat).or_default().extend(truth);
    }

    /// More of the answer comes into a page.
    fn stream(&mut self, id: TabId) {
        let ends = self.chance.percent(30);
        let number = self.number();
        let Some(document) = self.document(id) else { return };
        let resumed = document.page.exchanges.len() == 1;
        let Some(exchange) = document.page.streaming() else { return };
        if !exchange.mine {
            return self.refresh(id);
        }
        exchange.answer.push_str(&format!("word{number} "));
        exchange.done = ends;
        let now = exchange.clone();
        if ends && resumed && now.user.contains("<<<record ") {
            self.answered += 1;
        }
        self.note_truth(now);
        self.look(id);
    }

    /// The site has what its page was told.
    pub(super) fn note_truth(&mut self, now: super::Exchange) {
        let mut all = self.site.values_mut().flatten();
        if let Some(truth) = all.find(|truth| truth.id == now.id) {
            *truth = super::Exchange { mine: false, ..now };
        }
    }
}
