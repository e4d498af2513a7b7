//! Second copies of chats, kept outside the store (`session::copy`): made a moment after an answer
//! was finished or a checkpoint stored, of what is stored then. When they are used: `mending`.

use super::Machine;
use super::after::AfterLoad;
use crate::base::limits::{COPIES, COPY_AFTER};
use crate::base::{Moment, SessionId};
use crate::session::{copy, segments};
use crate::wire::background::BackEffect;
use crate::wire::records::{SessionHead, Stored};

impl Machine {
    /// Something of this chat was stored that a resume needs.
    pub(super) fn copy_soon(&mut self, session: &SessionId) {
        let due = self.steady.after(COPY_AFTER);
        self.copies_due.entry(session.clone()).or_insert(due);
    }

    pub(super) fn next_copy(&self) -> Option<Moment> {
        self.copies_due.values().copied().min()
    }

    pub(super) fn copy_chats(&mut self, out: &mut Vec<BackEffect>) {
        let now = self.steady;
        let due = self.copies_due.iter().filter(|(_, due)| **due <= now);
        for session in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.copies_due.remove(&session);
            self.load_chat(&session, AfterLoad::Keep { session: session.clone() }, out);
        }
    }

    pub(super) fn keep_copy(
        &mut self,
        session: SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        // Until that is put back, what stands in the copy alone is not replaced.
        let may = !self.is_deleted(&session) && !self.is_owed(&session);
        let head = self.sessions.get(&session).filter(|_| may);
        let turns = super::Whole::of(records).turns;
        let Some(head) = head.filter(|_| !turns.is_empty()) else { return };
        let newest = segments::checkpoints_of(records).found.pop();
        let newest = newest.and_then(|newest| newest.rehead(&newest.head).ok());
        // A text that still streams is a turn in the copy.
        let count = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let head = SessionHead { turn_count: head.turn_count.max(count), ..head.clone() };
        let copied = copy::records(&head, newest.as_ref(), &turns);
        if let Some(oldest) = self.copied_too_long(&session) {
            out.push(BackEffect::Copy { session: oldest, records: Vec::new() });
        }
        out.push(BackEffect::Copy { session, records: copied });
    }

    /// The chat that has to make room for a copy of this one.
    fn copied_too_long(&self, session: &SessionId) -> Option<SessionId> {
        let others = self.sessions.values().filter(|head| head.id != *session);
        let mut others: Vec<_> = others.map(|head| (head.updated_at, &head.id)).collect();
        others.sort_unstable();
        let place = others.len().checked_sub(COPIES)?;
        others.get(place).map(|(_, id)| (*id).clone())
    }

    /// A copy was kept, or could not be: then the one before stands, until the next.
    pub(super) fn copied(&mut self, problem: Option<String>) {
        if let Some(problem) = problem {
            self.problem(format!("A second copy was not kept: {problem}"));
        }
    }
}
