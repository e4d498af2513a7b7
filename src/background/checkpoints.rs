//! Checkpoints: wanted by an engine, made of the stored turns, numbered, told once committed.

use super::after::{AfterLoad, AfterWrite};
use super::{Machine, Whole, answer};
use crate::base::{Moment, PortId, SessionId};
use crate::session::{checkpoints, codec, extract};
use crate::wire::background::BackEffect;
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
        let mut puts = vec![record, codec::session_record(head)];
        puts.extend(self.history_along(session));
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
        self.copy_soon(session);
        self.tell(at, port, SessionEvent::CheckpointSaved { number, request: count }, out);
    }
}
