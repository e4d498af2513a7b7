//! Checkpoints: wanted by an engine, made of the stored turns, numbered, told once committed.

use super::after::{AfterLoad, AfterWrite};
use super::{Machine, Whole, answer};
use crate::base::limits::COPIES;
use crate::base::{Moment, PortId, SessionId};
use crate::session::{checkpoints, codec, copy, extract};
use crate::wire::background::BackEffect;
use crate::wire::records::Stored;
use crate::wire::session::SessionEvent;
use crate::wire::state::{Checkpoint, Measured, Trigger};
use crate::wire::ui::Answer;

impl Machine {
    #[expect(clippy::too_many_arguments, reason = "the parts of one message, used once")]
    pub(super) fn wanted(
        &mut self,
        at: Moment,
        port: PortId,
        session: SessionId,
        request: u64,
        trigger: Trigger,
        measured: Box<Measured>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(document) = self.document(port) else { return };
        self.note_measured(at, &session, &measured.signals, &measured.risk);
        let key = (document, request);
        if let Some(&number) = self.indexes.get(&session).and_then(|i| i.requests.get(&key)) {
            return self.tell(at, port, SessionEvent::CheckpointSaved { number, request }, out);
        }
        let loading = |after: &AfterLoad| match after {
            AfterLoad::Checkpoint { request, .. } => *request == key,
            _ => false,
        };
        let saving = |after: &AfterWrite| match after {
            AfterWrite::Checkpoint { request, .. } => *request == key,
            _ => false,
        };
        if self.io.loads(loading) || self.io.writes(saving) {
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
        trigger: Trigger,
        measured: Measured,
        whole: &Whole,
        out: &mut Vec<BackEffect>,
    ) {
        if whole.turns.is_empty() {
            // Nothing empty may stand as the newest. The engine asks again.
            return self.problem("Nothing of a chat can be read; its checkpoint waits.".into());
        }
        let Some(head) = self.sessions.get_mut(session) else { return };
        let number = head.last_checkpoint + 1;
        let state = extract::state(&whole.turns, measured, &head.title);
        let checkpoint =
            Checkpoint { session: session.clone(), number, created_at: at, trigger, state };
        let record = checkpoints::record(&checkpoint, whole.calls(), request.clone(), &whole.turns);
        let size_bytes = codec::packed_bytes(&record);
        head.last_checkpoint = number;
        head.calls = whole.calls();
        head.stored_bytes += size_bytes;
        head.stores(at);
        let copy = copy::records(head, &record, &whole.turns);
        let mut puts = vec![record, codec::session_record(head)];
        puts.extend(self.history_along(session));
        let after = AfterWrite::Checkpoint { port, request, number, size_bytes, copy };
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

    /// What a resume of the chat needs is kept a second time.
    pub(super) fn copy(&self, session: SessionId, records: Vec<Stored>, out: &mut Vec<BackEffect>) {
        if self.sessions.contains_key(&session) && !self.is_deleted(&session) {
            if let Some(oldest) = self.copied_too_long(&session) {
                out.push(BackEffect::Copy { session: oldest, records: Vec::new() });
            }
            out.push(BackEffect::Copy { session, records });
        }
    }

    /// The chat that has to make room for a copy of this one.
    fn copied_too_long(&self, session: &SessionId) -> Option<SessionId> {
        let others = self.sessions.values().filter(|head| head.id != *session);
        let mut others: Vec<_> = others.map(|head| (head.updated_at, &head.id)).collect();
        others.sort_unstable();
        let place = others.len().checked_sub(COPIES)?;
        others.get(place).map(|(_, id)| (*id).clone())
    }

    /// It was, or could not be: then the one before stands, until the next checkpoint.
    pub(super) fn copied(&mut self, problem: Option<String>) {
        if let Some(problem) = problem {
            self.problem(format!("A second copy was not kept: {problem}"));
        }
    }
}
