//! How chats end: left by a person, or lost in a crash.

use super::{AfterWrite, Ending, Machine};
use crate::base::limits::{HAPPENED, LOADS_WITHIN, RELOAD_WITHIN};
use crate::base::{Moment, PortId, SessionId, TabId};
use crate::session::ending::{Verdict, Watch};
use crate::wire::background::{BackEffect, TabState};
use crate::wire::records::{Happened, SessionHead, What};
use crate::wire::session::EndReason;

impl Machine {
    /// Another document took this tab: chats that stood in it were left.
    pub(super) fn left_behind(
        &mut self,
        tab: TabId,
        stays: Option<&SessionId>,
        out: &mut Vec<BackEffect>,
    ) {
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

    pub(super) fn disconnected(&mut self, at: Moment, id: PortId) {
        let Some(port) = self.ports.remove(&id) else { return };
        let Some(session) = port.session.filter(|_| !port.bye) else { return };
        let elsewhere = self.ports.values().any(|p| p.session.as_ref() == Some(&session));
        let live = self.sessions.get(&session).is_some_and(|head| head.live.is_some());
        if live && !elsewhere {
            let mut watch = Watch::new(at);
            if port.loads_at.is_some_and(|loads| at.since(loads) < LOADS_WITHIN) {
                watch.leave();
            }
            self.endings.insert(session, Ending { watch, tab: port.tab, broke_at: at });
        }
    }

    /// What stands in that tab is about to be left: its goodbye can be lost on the way.
    pub(super) fn tab_loads(&mut self, at: Moment, tab: TabId) {
        for port in self.ports.values_mut().filter(|port| port.tab == tab) {
            port.loads_at = Some(at);
        }
        for ending in self.endings.values_mut().filter(|ending| ending.tab == tab) {
            ending.watch.leave();
        }
    }

    /// After a start: chats that were open when the background ended are looked at.
    pub(super) fn look_at_open_chats(&mut self, at: Moment) {
        for head in self.sessions.values() {
            let Some(live) = &head.live else { continue };
            let same = live.browser_session == self.browser_session;
            let watch = if same { Watch::new(at) } else { Watch::anew(at) };
            self.endings.insert(head.id.clone(), Ending { watch, tab: live.tab, broke_at: at });
        }
    }

    pub(super) fn tab_removed(&mut self, tab: TabId, out: &mut Vec<BackEffect>) {
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
            match ending.watch.seen(at, state, &address.unwrap_or_default()) {
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
        let Some(head) = self.sessions.get_mut(session) else { return };
        if head.live.take().is_none() {
            return;
        }
        note(head, self.now, What::Left);
        if head.turn_count > 0 {
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
        if head.turn_count > 0 {
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
