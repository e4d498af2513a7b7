//! How chats end: left by a person, or lost in a crash.

use super::{AfterWrite, Ending, Machine, Port};
use crate::base::limits::{HAPPENED, LOADS_WITHIN, RELOAD_WITHIN};
use crate::base::{Moment, PortId, SessionId, TabId};
use crate::session::ending::{Verdict, Watch};
use crate::wire::background::{BackEffect, TabState};
use crate::wire::records::{Happened, Live, SessionHead, What};
use crate::wire::session::EndReason;

impl Machine {
    /// Another document took this tab: chats that stood in it were left.
    pub(super) fn left_behind(
        &mut self,
        tab: TabId,
        stays: Option<&SessionId>,
        out: &mut Vec<BackEffect>,
    ) {
        // Their ports close a little later.
        for port in self.ports.values_mut().filter(|port| port.tab == tab) {
            port.bye |= port.session.is_some() && port.session.as_ref() != stays;
        }
        let left: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|head| head.live.as_ref().is_some_and(|live| live.tab == tab))
            .filter(|head| Some(&head.id) != stays)
            .filter(|head| !self.of_another_start(head))
            .map(|head| head.id.clone())
            .collect();
        for session in left {
            self.ended_cleanly(&session, out);
        }
    }

    /// Whether a chat belongs to an earlier start of the browser: then its tab number says
    /// nothing about this one.
    fn of_another_start(&self, head: &SessionHead) -> bool {
        head.live.as_ref().is_some_and(|live| live.browser_session != self.browser_session)
    }

    pub(super) fn bye(
        &mut self,
        id: PortId,
        session: Option<&SessionId>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(port) = self.ports.get_mut(&id) else { return };
        port.bye = true;
        if let Some(session) = session.filter(|s| port.session.as_ref() == Some(s)) {
            self.ended_cleanly(&session.clone(), out);
        }
    }

    pub(super) fn disconnected(&mut self, at: Moment, id: PortId, out: &mut Vec<BackEffect>) {
        let Some(port) = self.ports.remove(&id) else { return };
        self.structure_is_gone(id, out);
        let Some(session) = port.session.filter(|_| !port.bye) else { return };
        let live = self.sessions.get(&session).is_some_and(|head| head.live.is_some());
        if live && !self.is_elsewhere(&session, out) {
            let mut watch = Watch::new(self.steady);
            if port.loads_at.is_some_and(|loads| self.steady.since(loads) < LOADS_WITHIN) {
                watch.leave();
            }
            self.endings.insert(session, Ending { watch, tab: port.tab, broke_at: at });
        }
    }

    /// Whether the chat is open in another document. Then it is recorded as open there.
    fn is_elsewhere(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) -> bool {
        let shown = |port: &&Port| !port.bye && port.session.as_ref() == Some(session);
        let Some(port) = self.ports.values().find(shown) else { return false };
        let live = Live {
            tab: port.tab,
            browser_session: self.browser_session.clone(),
            document: port.hello.as_ref().map(|(h, _)| h.document.clone()).unwrap_or_default(),
        };
        let Some(head) = self.sessions.get_mut(session) else { return true };
        if head.live.as_ref() != Some(&live) {
            head.live = Some(live);
            if head.holds_something() {
                self.write_head(session, AfterWrite::Nothing, out);
            }
        }
        true
    }

    /// What stands in that tab is about to be left: its goodbye can be lost on the way.
    pub(super) fn tab_loads(&mut self, tab: TabId) {
        for port in self.ports.values_mut().filter(|port| port.tab == tab) {
            port.loads_at = Some(self.steady);
        }
        for ending in self.endings.values_mut().filter(|ending| ending.tab == tab) {
            ending.watch.leave();
        }
    }

    /// After a start: chats that were open when the background ended are looked at.
    pub(super) fn look_at_open_chats(&mut self, at: Moment) {
        for session in self.sessions.keys().cloned().collect::<Vec<_>>() {
            self.look_at_open_chat(at, &session);
        }
    }

    /// The same for one chat that just came back.
    pub(super) fn look_at_open_chat(&mut self, at: Moment, session: &SessionId) {
        let head = self.sessions.get(session);
        if let Some((head, live)) = head.and_then(|head| Some((head, head.live.as_ref()?))) {
            let same = live.browser_session == self.browser_session;
            let watch = if same { Watch::new } else { Watch::anew }(self.steady);
            self.endings.insert(head.id.clone(), Ending { watch, tab: live.tab, broke_at: at });
        }
    }

    pub(super) fn tab_removed(&mut self, tab: TabId, out: &mut Vec<BackEffect>) {
        for port in self.ports.values_mut().filter(|port| port.tab == tab) {
            port.bye = true;
        }
        let closed: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|head| !self.of_another_start(head))
            .filter(|head| head.live.as_ref().is_some_and(|live| live.tab == tab))
            .map(|head| head.id.clone())
            .collect();
        for session in closed {
            self.ended_cleanly(&session, out);
        }
    }

    pub(super) fn tab_seen(
        &mut self,
        at: Moment,
        tab: TabId,
        state: Option<&TabState>,
        out: &mut Vec<BackEffect>,
    ) {
        let watched: Vec<SessionId> = self
            .endings
            .iter()
            .filter(|(_, ending)| ending.tab == tab)
            .map(|(session, _)| session.clone())
            .collect();
        for session in watched {
            let address = self.sessions.get(&session).map(|head| head.url.clone());
            let Some(ending) = self.endings.get_mut(&session) else { continue };
            let broke_at = ending.broke_at;
            match ending.watch.seen(self.steady, state, &address.unwrap_or_default()) {
                Verdict::LookAt(_) => {}
                Verdict::Alive => {
                    self.endings.remove(&session);
                }
                Verdict::Clean => self.ended_cleanly(&session, out),
                Verdict::Crashed(reason) => self.ended_badly(broke_at, &session, reason, out),
            }
        }
        self.offer_all(at, out);
    }

    fn ended_cleanly(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        self.endings.remove(session);
        if self.is_elsewhere(session, out) {
            return;
        }
        let Some(head) = self.sessions.get_mut(session) else { return };
        if head.live.take().is_none() {
            return;
        }
        note(head, self.now, What::Left);
        if head.holds_something() {
            self.write_head(session, AfterWrite::Nothing, out);
        }
    }

    fn ended_badly(
        &mut self,
        at: Moment,
        session: &SessionId,
        reason: EndReason,
        out: &mut Vec<BackEffect>,
    ) {
        self.endings.remove(session);
        let Some(head) = self.sessions.get_mut(session) else { return };
        let live = head.live.take();
        head.ended = Some((reason, at));
        note(head, at, What::Ended(reason));
        if head.holds_something() {
            self.write_head(session, AfterWrite::Nothing, out);
        }
        // The tabs of a browser that died have other numbers now, if they are there at all.
        let tab = live.filter(|_| reason != EndReason::BrowserCrashed).map(|live| live.tab);
        if let Some(tab) = tab {
            self.badge_in(tab, Some(session), out);
        }
    }
}

/// Keeps in mind what happened to a chat.
fn note(head: &mut SessionHead, at: Moment, what: What) {
    head.happened.push(Happened { at, what });
    let many = head.happened.len().saturating_sub(HAPPENED);
    head.happened.drain(..many);
}

/// A chat that was left is open again. Where that was a moment ago, its page was loaded again.
pub(super) fn note_opened(head: &mut SessionHead, at: Moment) {
    match head.happened.last() {
        Some(last) if last.what == What::Left && at.since(last.at) < RELOAD_WITHIN => {
            head.happened.pop();
        }
        _ => note(head, at, What::Opened),
    }
}
