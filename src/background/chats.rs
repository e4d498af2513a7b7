//! Chats as their pages tell of them: what is stored, what is acknowledged.

use super::index::{StreamEntry, TurnEntry};
use super::{AfterLoad, AfterWrite, Batch, Index, Machine, Whole, answer, endings};
use crate::base::{Moment, PortId, SessionId, TabId, TurnKey};
use crate::session::codec;
use crate::session::extract;
use crate::sites;
use crate::wire::background::BackEffect;
use crate::wire::chat::{Turn, TurnState};
use crate::wire::records::{Live, SessionHead, Stored, StreamHead};
use crate::wire::session::{Hello, Known, SessionEvent, ToBackground};
use crate::wire::state::{Checkpoint, Measured};
use crate::wire::ui::Answer;
use std::collections::BTreeMap;

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
        if self.settings.paused {
            // Nothing is acknowledged: what is pending comes when watching goes on.
            return;
        }
        match message {
            ToBackground::Hello(hello) => self.hello(at, port, hello, out),
            ToBackground::Turns { session, number, turns }
                if self.owns(port, &session) && self.is_news(port, number) =>
            {
                self.turns(at, port, &session, turns, out);
            }
            ToBackground::Stream { session, key, position, keep, base, hash, text }
                if self.owns(port, &session) =>
            {
                let head = StreamHead { key, position, keep, hash, at, piece: 0 };
                self.stream(at, port, &session, head, base, &text, out);
            }
            ToBackground::Meter { session, meter, risk, banner, busy: _, gaps }
                if self.owns(port, &session) =>
            {
                let Some(head) = self.sessions.get_mut(&session) else { return };
                (head.meter, head.risk, head.banner, head.gaps) = (meter, risk, banner, gaps);
                self.badge(&session, out);
                if self.sessions.get(&session).is_some_and(|head| head.turn_count > 0) {
                    self.write_head(&session, AfterWrite::Nothing, out);
                }
            }
            ToBackground::Checkpoint { session, request, trigger, measured }
                if self.owns(port, &session) =>
            {
                self.wanted(at, port, session, request, trigger, measured, out);
            }
            ToBackground::Resume { resume, stage, session } => {
                self.resume_report(at, port, &resume, stage, session, out);
            }
            ToBackground::Bye { session } => self.bye(port, session.as_ref(), out),
            _ => {}
        }
    }

    /// Whether this message of a port's document comes after all that were heard before.
    fn is_news(&mut self, port: PortId, number: u64) -> bool {
        let Some(port) = self.ports.get_mut(&port) else { return false };
        let news = number > port.heard;
        port.heard = port.heard.max(number);
        news
    }

    fn owns(&self, port: PortId, session: &SessionId) -> bool {
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
        let Some(port) = self.ports.get_mut(&id) else { return };
        let site = sites::for_url(&format!("{}/", port.origin));
        if site.is_none_or(|site| site.name != hello.site) {
            return;
        }
        let session =
            hello.chat.as_ref().map(|chat| SessionId::of(&hello.site, &hello.account, chat));
        port.session.clone_from(&session);
        port.hello = Some((hello.clone(), at));
        port.bye = false;
        let tab = port.tab;
        self.left_behind(tab, session.as_ref(), out);
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
        self.offer(at, id, out);
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
            head.title.clone_from(&hello.title);
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
        if *head != before && head.turn_count > 0 {
            self.write_head(session, AfterWrite::Nothing, out);
        }
    }

    pub(super) fn load_index(&mut self, session: SessionId, out: &mut Vec<BackEffect>) {
        let loading =
            |after: &AfterLoad| matches!(after, AfterLoad::Index { session: s } if *s == session);
        if !self.loads.values().any(loading) {
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
        self.damage.add(at, std::mem::take(&mut index.damaged));
        if let Some(head) = self.sessions.get_mut(&session) {
            head.last_checkpoint = head.last_checkpoint.max(index.last_checkpoint);
            head.turn_count = u32::try_from(index.turns.len()).unwrap_or(u32::MAX);
            head.stored_bytes = index.stored_bytes();
        }
        self.indexes.insert(session.clone(), index);
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

    fn turns(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        turns: Vec<Turn>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(index) = self.indexes.get_mut(session) else { return };
        let mut puts = Vec::new();
        let mut deletes = Vec::new();
        let mut entries = BTreeMap::new();
        for turn in turns {
            let record = codec::turn_record(session, &turn);
            let size_bytes = codec::packed_bytes(&record);
            let hash = codec::turn_hash(&turn);
            entries.insert(turn.key.clone(), TurnEntry { hash, size_bytes });
            if turn.state != TurnState::Streaming
                && let Some(stream) = index.streams.remove(&turn.key)
            {
                let pieces = 0..stream.pieces;
                deletes.extend(pieces.map(|piece| codec::stream_key(session, &turn.key, piece)));
            }
            puts.push(record);
        }
        let new = entries.keys().filter(|key| !index.turns.contains_key(*key)).count();
        if let Some(head) = self.sessions.get_mut(session) {
            head.turn_count = u32::try_from(index.turns.len() + new).unwrap_or(u32::MAX);
            head.stored_bytes = index.stored_bytes();
            head.updated_at = at;
            puts.push(codec::session_record(head));
        }
        self.write(session, puts, deletes, AfterWrite::Turns { port, entries }, out);
    }

    pub(super) fn turns_committed(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        entries: BTreeMap<TurnKey, TurnEntry>,
        out: &mut Vec<BackEffect>,
    ) {
        let turns = entries.iter().map(|(key, entry)| (key.clone(), entry.hash)).collect();
        if let Some(index) = self.indexes.get_mut(session) {
            index.turns.extend(entries);
        }
        self.tell(at, port, SessionEvent::Saved { turns }, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one message, used once")]
    fn stream(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        mut head: StreamHead,
        base: u64,
        text: &str,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(index) = self.indexes.get_mut(session) else { return };
        let before = index.streams.get(&head.key).copied().unwrap_or_default();
        let key = head.key.clone();
        let mut deletes = Vec::new();
        if base == 0 {
            // The whole text: what was there before is replaced in the same commit.
            head.keep = 0;
            let old = 1..before.pieces.max(1);
            deletes.extend(old.map(|piece| codec::stream_key(session, &key, piece)));
        } else if base == before.hash {
            head.piece = before.pieces;
        } else {
            let event = SessionEvent::StreamSaved { key, hash: 0 };
            return self.tell(at, port, event, out);
        }
        let entry = StreamEntry { pieces: head.piece + 1, hash: head.hash };
        index.streams.insert(key.clone(), entry);
        if let Some(session) = self.sessions.get_mut(session) {
            session.updated_at = at;
        }
        let record = codec::stream_record(session, &head, text);
        let after = AfterWrite::Stream { port, key, entry };
        self.write(session, vec![record], deletes, after, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one message, used once")]
    fn wanted(
        &mut self,
        at: Moment,
        port: PortId,
        session: SessionId,
        request: u64,
        trigger: crate::wire::state::Trigger,
        measured: Box<Measured>,
        out: &mut Vec<BackEffect>,
    ) {
        let document = self.ports.get(&port).and_then(|p| p.hello.as_ref());
        let Some(document) = document.map(|(hello, _)| hello.document.clone()) else { return };
        let key = (document, request);
        if let Some(&number) = self.indexes.get(&session).and_then(|i| i.requests.get(&key)) {
            return self.tell(at, port, SessionEvent::CheckpointSaved { number, request }, out);
        }
        let loading = |after: &AfterLoad| match after {
            AfterLoad::Checkpoint { request, .. } => *request == key,
            _ => false,
        };
        let saving = |batch: &Batch| match &batch.after {
            AfterWrite::Checkpoint { request, .. } => *request == key,
            _ => false,
        };
        if self.loads.values().any(loading) || self.batches.values().any(saving) {
            return;
        }
        let after = AfterLoad::Checkpoint {
            port,
            session: session.clone(),
            request: key,
            trigger,
            measured,
        };
        self.load_chat(&session, after, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one message, used once")]
    pub(super) fn checkpoint(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        request: (String, u64),
        trigger: crate::wire::state::Trigger,
        measured: Measured,
        whole: &Whole,
        out: &mut Vec<BackEffect>,
    ) {
        if whole.turns.is_empty() {
            // The read failed: nothing empty may stand as the newest. The engine asks again.
            return self.problem("A chat could not be read back; its checkpoint waits.".into());
        }
        let Some(head) = self.sessions.get_mut(session) else { return };
        let number = head.last_checkpoint + 1;
        let state = extract::state(&whole.turns, measured, &head.title);
        let checkpoint =
            Checkpoint { session: session.clone(), number, created_at: at, trigger, state };
        let record = codec::checkpoint_record(&checkpoint, whole.calls(), request.clone());
        let size_bytes = codec::packed_bytes(&record);
        head.last_checkpoint = number;
        head.calls = whole.calls();
        head.stored_bytes += size_bytes;
        head.updated_at = at;
        let puts = vec![record, codec::session_record(head)];
        let after = AfterWrite::Checkpoint { port, request, number, size_bytes };
        self.write(session, puts, Vec::new(), after, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one commit, used once")]
    pub(super) fn checkpoint_committed(
        &mut self,
        at: Moment,
        port: PortId,
        session: &SessionId,
        request: (String, u64),
        number: u32,
        size_bytes: u64,
        out: &mut Vec<BackEffect>,
    ) {
        let count = request.1;
        if let Some(index) = self.indexes.get_mut(session) {
            index.requests.insert(request, number);
            index.last_checkpoint = index.last_checkpoint.max(number);
            index.checkpoint_bytes += size_bytes;
        }
        for ask in self.saving.remove(session).unwrap_or_default() {
            out.push(answer(ask, Answer::Done));
        }
        self.tell(at, port, SessionEvent::CheckpointSaved { number, request: count }, out);
    }
}
