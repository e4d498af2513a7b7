//! The gathering of whole transcripts, as people ask for it and pages tell of it.

use super::after::AfterLoad;
use super::{Machine, Whole, answer};
use crate::base::{Moment, PortId, SessionId, TurnKey, origin};
use crate::sites;
use crate::sites::call::{self, Call, Seen};
use crate::wire::background::BackEffect;
use crate::wire::gather::{CallAnswer, CallEnd, Gathered, SiteCall, Wish};
use crate::wire::records::Stored;
use crate::wire::session::SessionEvent;
use crate::wire::ui::Answer;

/// What a page shows: its mounted turns in order, and how many it says there are.
pub(super) type Shown = (Vec<TurnKey>, Option<u32>);

impl Machine {
    /// A port that shows this chat now.
    pub(super) fn port_of(&self, session: &SessionId) -> Option<PortId> {
        let shows = |(_, port): &(&PortId, &super::Port)| port.session.as_ref() == Some(session);
        self.ports.iter().find(shows).map(|(id, _)| *id)
    }

    /// A person wants the whole transcript of a chat, or no more of it.
    pub(super) fn gather_asked(
        &mut self,
        at: Moment,
        ask: u64,
        session: &SessionId,
        on: bool,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(port) = self.port_of(session) else {
            let text = "This chat is not open in a tab now: open it to have its turns gathered.";
            return out.push(answer(ask, Answer::Problem(text.into())));
        };
        if let Some(port) = self.ports.get_mut(&port).filter(|_| on) {
            port.gathered = Some(Gathered::default());
        }
        let wish = if on { Wish::Whole(self.wished_call(session)) } else { Wish::Stop };
        self.tell(at, port, SessionEvent::Gather(wish), out);
        out.push(answer(ask, Answer::Done));
    }

    /// An engine tells how its gathering goes.
    pub(super) fn gathered(&mut self, port: PortId, gathered: Gathered) {
        if let Some(port) = self.ports.get_mut(&port) {
            port.gathered = Some(gathered);
        }
    }

    /// How the gatherings of open chats go.
    pub(super) fn gatherings(&self) -> Vec<(SessionId, Gathered)> {
        let of = |port: &super::Port| Some((port.session.clone()?, port.gathered.clone()?));
        self.ports.values().filter_map(of).collect()
    }

    fn call_of(session: &SessionId) -> Option<Call> {
        sites::by_label(session.site()).and_then(|site| site.call)
    }

    /// Open chats whose site has a call of its own.
    pub(super) fn callable(&self) -> Vec<SessionId> {
        let shown = self.ports.values().filter_map(|port| port.session.clone());
        shown.filter(|session| Self::call_of(session).is_some()).collect()
    }

    /// The call of a chat's site, where a person opted in for that site.
    fn wished_call(&self, session: &SessionId) -> Option<SiteCall> {
        let head = self.sessions.get(session)?;
        let wished = self.settings.deep.iter().any(|place| origin::covers(place, &head.url));
        let call = Self::call_of(session).filter(|_| wished)?;
        let path = call.path.replace("{chat}", &head.chat.0);
        Some(SiteCall { path, token: call.token.to_owned() })
    }

    /// A site's own call was answered. It counts only where the person still wants it.
    pub(super) fn called(
        &mut self,
        port: PortId,
        session: SessionId,
        answer: CallAnswer,
        shown: Shown,
        out: &mut Vec<BackEffect>,
    ) {
        if self.wished_call(&session).is_none() {
            return self.call_unused(port, "nobody asked for its answer", out);
        }
        match answer.status {
            200 => {
                let of = session.clone();
                let after = AfterLoad::Called { port, session, answer: answer.text, shown };
                self.load_chat(&of, after, out);
            }
            0 => self.call_unused(port, "it did not answer", out),
            status => self.call_unused(port, &format!("it answered {status}"), out),
        }
    }

    /// Nothing of a site's answer is used: the page is read instead.
    pub(super) fn call_unused(&mut self, port: PortId, why: &str, out: &mut Vec<BackEffect>) {
        let end = CallEnd::Unused { why: why.to_owned() };
        self.tell(self.now, port, SessionEvent::CallEnded(end), out);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one query, used once")]
    pub(super) fn call_compared(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        answer: &str,
        (mounted, total): Shown,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(call) = Self::call_of(session).filter(|_| self.owns(port, session)) else {
            return;
        };
        let turns = Whole::of(records).turns;
        let find = |key: &TurnKey| turns.iter().find(|turn| turn.key == *key).cloned();
        let seen = Seen {
            // One that is mounted and not stored yet is on its way: it is compared next time.
            mounted: mounted.iter().map_while(find).collect(),
            total,
            stored: turns.iter().map(|turn| turn.key.clone()).collect(),
        };
        let told = call::read(call.form, answer);
        let read = told.and_then(|told| Ok((call::missing(at, &told, &seen)?, told.len())));
        match read {
            Ok((turns, count)) => {
                let count = u32::try_from(count).unwrap_or(u32::MAX);
                self.turns(at, port, session, turns, Some(count), out);
            }
            Err(unfit) => self.call_unused(port, unfit.words(), out),
        }
    }
}
