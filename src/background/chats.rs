//! Chats as their pages tell of them: what is stored, what is acknowledged.

use super::index::TurnEntry;
use super::streams::Piece;
use super::{AfterLoad, AfterWrite, Index, Machine, Port, endings};
use crate::base::{Moment, PortId, SessionId, TabId, TurnKey};
use crate::session::{codec, secrets};
use crate::sites;
use crate::wire::background::BackEffect;
use crate::wire::chat::Turn;
use crate::wire::records::{Live, SessionHead, Stored, StreamHead};
use crate::wire::session::{Hello, Known, SessionEvent, ToBackground};
use std::collections::{BTreeMap, BTreeSet};

impl Machine {
    /// An engine said something. Only what concerns the chat that its port said hello for counts,
    /// and only once that chat's index is there; the rest is sent again.
    pub(super) fn engine_said(
        &mut self,
        at: Moment,
        port: PortId,
        message: ToBackground,
        out: &mut Vec<BackEffect>,
    ) {
        self.recorder.said(port, &message);
        if !self.ready {
            return;
        }
        let unheard = self.is_off(port);
        match message {
            // Nothing is acknowledged: what is pending comes when watching goes on. But a chat
            // that is left now must not look like a crash later.
            ToBackground::Hello(hello) if unheard => {
                self.greeted(at, port, &hello, out);
            }
            ToBackground::Bye { session } => self.bye(port, session.as_ref(), out),
            _ if unheard => {}
            ToBackground::Hello(hello) => self.hello(at, port, hello, out),
            ToBackground::Scout { page } => self.scouted(at, port, &page, out),
            ToBackground::Resume { resume, stage, session } => {
                self.resume_report(at, port, &resume, stage, session, out);
            }
            ToBackground::Turns { ref session, .. }
            | ToBackground::Stream { ref session, .. }
            | ToBackground::Meter { ref session, .. }
            | ToBackground::Checkpoint { ref session, .. }
            | ToBackground::Gathered { ref session, .. }
            | ToBackground::Fresh { ref session }
            | ToBackground::Called { ref session, .. } => match self.owns(port, session) {
                true => self.said_of_chat(at, port, message, out),
                false => self.unowned(at, port, &session.clone(), out),
            },
        }
    }

    /// An engine said something of the chat that its document shows.
    fn said_of_chat(
        &mut self,
        at: Moment,
        port: PortId,
        message: ToBackground,
        out: &mut Vec<BackEffect>,
    ) {
        match message {
            ToBackground::Turns { session, number, turns }
                if self.is_news(port, number, |port| &mut port.heard.0) =>
            {
                self.turns(at, port, &session, turns, None, out);
            }
            ToBackground::Stream { session, number, key, position, keep, base, hash, text }
                if self.is_news(port, number, |port| &mut port.heard.1) =>
            {
                let document = self.document(port).unwrap_or_default();
                let text_bytes = (keep as u64).saturating_add(text.len() as u64);
                let head =
                    StreamHead { key, document, position, keep, hash, text_bytes, at, piece: 0 };
                self.stream(at, port, &session, Piece { head, base, text }, out);
            }
            ToBackground::Meter { session, meter, risk, banner, busy: _, gaps } => {
                let Some(head) = self.sessions.get_mut(&session) else { return };
                (head.meter, head.risk, head.banner, head.gaps) = (meter, risk, banner, gaps);
                self.badge(&session, out);
                self.note_meter(at, &session);
                if self.sessions.get(&session).is_some_and(|head| head.holds_something()) {
                    self.write_head(&session, AfterWrite::Nothing, out);
                }
            }
            ToBackground::Checkpoint { session, request, trigger, measured } => {
                self.wanted(at, port, session, request, trigger, measured, out);
            }
            ToBackground::Gathered { gathered, .. } => self.gathered(port, gathered),
            ToBackground::Called { session, answer, mounted, total } => {
                self.called(port, session, answer, (mounted, total), out);
            }
            ToBackground::Fresh { session } => self.resume_asked(at, None, &session, None, out),
            _ => {} // of no chat, or older than what was heard
        }
    }

    /// A page speaks of a chat that it said no hello for, as far as is known here: a late repeat
    /// of an older hello came last, or the hello was lost. It is asked to say hello again.
    fn unowned(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        out: &mut Vec<BackEffect>,
    ) {
        let shown = self.ports.get(&port).map(|port| port.session.as_ref());
        if shown.is_some_and(|shown| shown != Some(session)) {
            self.tell(at, port, SessionEvent::Connected, out);
        }
    }

    /// Whether this message of a port's document comes after all of its kind that were heard.
    fn is_news(&mut self, port: PortId, number: u64, of: fn(&mut Port) -> &mut u64) -> bool {
        let Some(heard) = self.ports.get_mut(&port).map(of) else { return false };
        let news = number > *heard;
        *heard = number.max(*heard);
        news
    }

    pub(super) fn owns(&self, port: PortId, session: &SessionId) -> bool {
        let shown = self.ports.get(&port).and_then(|p| p.session.as_ref());
        shown == Some(session) && self.indexes.contains_key(session) && !self.is_deleted(session)
    }

    pub(super) fn hello(
        &mut self,
        at: Moment,
        id: PortId,
        hello: Hello,
        out: &mut Vec<BackEffect>,
    ) {
        let Some((tab, session)) = self.greeted(at, id, &hello, out) else { return };
        match session {
            None => {
                self.badge_in(tab, None, out);
                let known = Known { tuning: self.tuning.clone(), ..Known::default() };
                self.tell(at, id, SessionEvent::Known(Box::new(known)), out);
            }
            Some(session) => {
                if self.is_deleted(&session) {
                    // Whether it is kept or begins anew is known when the time to undo is over.
                    return;
                }
                self.opened(at, &session, &hello, tab, out);
                self.badge(&session, out);
                if self.indexes.contains_key(&session) {
                    self.tell_known(at, id, &session, out);
                } else {
                    self.load_index(session, out);
                }
            }
        }
        self.offer(at, id, true, out);
    }

    /// Notes which chat a document shows: its tab, and the chat if it has an id. None: it is not
    /// of the site that it says.
    fn greeted(
        &mut self,
        at: Moment,
        id: PortId,
        hello: &Hello,
        out: &mut Vec<BackEffect>,
    ) -> Option<(TabId, Option<SessionId>)> {
        let origin = self.ports.get(&id).map(|port| port.origin.clone())?;
        self.place_of(&origin).filter(|_| sites::fits(&hello.site, &origin))?;
        let port = self.ports.get_mut(&id)?;
        let session =
            hello.chat.as_ref().map(|chat| SessionId::of(&hello.site, &hello.account, chat));
        if port.session != session {
            port.gathered = None;
        }
        port.session.clone_from(&session);
        port.hello = Some((hello.clone(), at));
        port.bye = false;
        let tab = port.tab;
        self.left_behind(tab, session.as_ref(), out);
        Some((tab, session))
    }

    fn opened(
        &mut self,
        at: Moment,
        session: &SessionId,
        hello: &Hello,
        tab: TabId,
        out: &mut Vec<BackEffect>,
    ) {
        self.endings.remove(session);
        let head = self.sessions.entry(session.clone()).or_insert_with(|| SessionHead {
            id: session.clone(),
            site: hello.site.clone(),
            account: hello.account.clone(),
            chat: hello.chat.clone().unwrap_or_default(),
            started_at: at,
            updated_at: at,
            ..SessionHead::default()
        });
        let before = head.clone();
        if before.live.is_none() && before.turn_count > 0 {
            endings::note_opened(head, at);
        }
        if !hello.title.is_empty() {
            head.title = secrets::stored(&hello.title, self.settings.secrets).into_owned();
        }
        if !hello.model.is_empty() {
            head.model.clone_from(&hello.model);
        }
        head.url.clone_from(&hello.url);
        head.ended = None;
        head.live = Some(Live {
            tab,
            browser_session: self.browser_session.clone(),
            document: hello.document.clone(),
        });
        // A chat without a stored turn is not yet worth a record.
        if *head != before && head.holds_something() {
            self.write_head(session, AfterWrite::Nothing, out);
        }
    }

    pub(super) fn load_index(&mut self, session: SessionId, out: &mut Vec<BackEffect>) {
        if !self.io.loads(|after| matches!(after, AfterLoad::Index { session: s } if *s == session))
        {
            self.load_chat(&session.clone(), AfterLoad::Index { session }, out);
        }
    }

    pub(super) fn index_loaded(
        &mut self,
        at: Moment,
        session: SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        if !self.sessions.contains_key(&session) {
            return;
        }
        let mut index = Index::of(records);
        self.found_damaged(at, std::mem::take(&mut index.damaged), out);
        let mut mended = false;
        if let Some(head) = self.sessions.get_mut(&session) {
            let before = (head.last_checkpoint, head.turn_count);
            let under_way = self.io.newest_checkpoint(&session);
            head.last_checkpoint = index.last_checkpoint.max(under_way);
            head.turn_count = u32::try_from(index.turns.len()).unwrap_or(u32::MAX);
            head.stored_bytes = index.stored_bytes();
            mended = before != (head.last_checkpoint, head.turn_count) && head.holds_something();
        }
        self.indexes.insert(session.clone(), index);
        if mended {
            self.write_head(&session, AfterWrite::Nothing, out);
        }
        let ports: Vec<PortId> = self
            .ports
            .iter()
            .filter(|(_, port)| port.session.as_ref() == Some(&session))
            .map(|(id, _)| *id)
            .collect();
        for port in ports {
            self.tell_known(at, port, &session, out);
        }
    }

    fn tell_known(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        out: &mut Vec<BackEffect>,
    ) {
        let (Some(index), Some(head)) = (self.indexes.get(session), self.sessions.get(session))
        else {
            return;
        };
        let known = Known {
            session: Some(session.clone()),
            turns: index.hashes(),
            meter: head.meter.clone(),
            last_checkpoint: head.last_checkpoint,
            tuning: self.tuning.clone(),
        };
        self.tell(at, port, SessionEvent::Known(Box::new(known)), out);
    }

    /// Stores turns. `called`: they are what a site's own call told beside what was stored, and so
    /// many are there then.
    pub(super) fn turns(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        turns: Vec<Turn>,
        called: Option<u32>,
        out: &mut Vec<BackEffect>,
    ) {
        let (document, how) = (self.document(port), self.settings.secrets);
        let mut deletes = self.sent(port, session, &turns);
        let Some(index) = self.indexes.get_mut(session) else { return };
        let mut puts = Vec::new();
        let mut entries = BTreeMap::new();
        let mut behind = BTreeMap::new();
        for turn in turns {
            let told = codec::turn_hash(&turn);
            let turn = secrets::stored_turn(turn, how);
            let record = codec::turn_record(session, &turn);
            let entry = TurnEntry::of(&turn, codec::packed_bytes(&record), document.clone());
            let entry = TurnEntry { told, ..entry };
            let newest = self.io.newest_turn(session, &turn.key).or(index.turns.get(&turn.key));
            let streamed = index.streamed_elsewhere(&turn.key, document.as_deref());
            // Told again by a page that knows it with its secrets, which are not stored.
            let is_there = |stored: &TurnEntry| entry.hash != told && stored.hash == entry.hash;
            if newest.is_some_and(|there| is_there(there) || !entry.replaces(there, streamed, at)) {
                behind.insert(turn.key, told);
                continue;
            }
            if !turn.state.is_open() {
                deletes.extend(index.end_streams(session, &turn, document.as_deref()));
            }
            entries.insert(turn.key, entry);
            puts.push(record);
        }
        let new = entries.keys().chain(self.io.turns_under_way(session));
        let new: BTreeSet<&TurnKey> = new.filter(|key| !index.turns.contains_key(*key)).collect();
        if let Some(head) = self.sessions.get_mut(session) {
            head.turn_count = u32::try_from(index.turns.len() + new.len()).unwrap_or(u32::MAX);
            head.stored_bytes = index.stored_bytes_with(&entries);
            head.stores(at);
            puts.push(codec::session_record(head));
        }
        puts.extend(self.history_along(session));
        self.write(
            session,
            puts,
            deletes,
            AfterWrite::Turns { port, entries, behind, called },
            out,
        );
    }

    /// The document behind a port, once it said hello.
    pub(super) fn document(&self, port: PortId) -> Option<String> {
        self.ports.get(&port)?.hello.as_ref().map(|(hello, _)| hello.document.clone())
    }

    pub(super) fn turns_committed(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        entries: BTreeMap<TurnKey, TurnEntry>,
        behind: BTreeMap<TurnKey, u64>,
        out: &mut Vec<BackEffect>,
    ) {
        let mut turns: BTreeMap<TurnKey, u64> =
            entries.iter().map(|(key, entry)| (key.clone(), entry.told)).collect();
        if let Some(index) = self.indexes.get_mut(session) {
            index.turns.extend(entries);
            // What they are behind of is committed as well: commits come in order, and none of
            // this chat was refused since.
            turns.extend(behind);
        }
        self.tell(at, port, SessionEvent::Saved { turns }, out);
    }
}
