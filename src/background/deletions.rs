//! A person deletes a chat. First its record says so, and it is nobody's chat any more: not
//! listed, not offered. Its records go when the time to undo that is over, also if the worker died
//! in between; until then nothing of it is lost, and afterwards nothing of it comes back.

use super::history::Read;
use super::{AfterLoad, AfterWrite, Machine, answer};
use crate::base::limits::{ERASE_AGAIN, UNDO_GRACE, UNDO_WITHIN};
use crate::base::{Moment, PortId, SessionId, Span};
use crate::session::codec;
use crate::wire::background::BackEffect;
use crate::wire::records::Change;
use crate::wire::ui::Answer;

/// The chat is in use.
const OPEN: &str = "\
    This chat is open in a tab and is being saved. Close that tab first, then delete the chat \
    here.";
/// There is no such chat.
pub(super) const GONE: &str = "This chat is not stored any more. Reload the list.";
/// The time to undo is over.
const TOO_LATE: &str = "It is too late to undo this: the chat is deleted.";

/// To a person whose deletion could not be stored, with what is in the way: unlike what is saved,
/// it is not tried again by itself.
pub(super) fn not_deleted(problem: &str) -> Answer {
    Answer::Problem(format!("This chat was not deleted; delete it again later. {problem}"))
}

/// A deletion under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deletion {
    step: Step,
    /// When to go on, by the steady clock.
    due: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The mark is on its way to the store, for this question: nothing is deleted before it is
    /// there, however long that takes, since it may be refused.
    Marking(Option<u64>),
    /// It may still be undone.
    Waiting,
    /// It is being carried out.
    Erasing,
    /// It was undone, and that is not stored yet.
    Undoing,
}

impl Machine {
    /// Whether a chat was deleted: nothing may be done with it.
    pub(super) fn is_deleted(&self, session: &SessionId) -> bool {
        self.deletions.get(session).is_some_and(|deletion| deletion.step != Step::Undoing)
    }

    pub(super) fn delete_asked(
        &mut self,
        at: Moment,
        ask: u64,
        session: SessionId,
        out: &mut Vec<BackEffect>,
    ) {
        let shown = self.ports.values().any(|port| port.session.as_ref() == Some(&session));
        let ending = self.endings.contains_key(&session);
        let step = self.deletions.get(&session).map(|deletion| deletion.step);
        let waits = matches!(step, Some(Step::Waiting | Step::Erasing));
        let Some(head) = self.sessions.get(&session) else {
            return out.push(answer(ask, Answer::Problem(GONE.into())));
        };
        if waits {
            return out.push(answer(ask, Answer::Done));
        }
        if shown || ending || head.live.is_some() {
            return out.push(answer(ask, Answer::Problem(OPEN.into())));
        }
        self.mark_deleted(at, session, Some(ask), out);
    }

    /// From now on it is nobody's chat any more.
    pub(super) fn mark_deleted(
        &mut self,
        at: Moment,
        session: SessionId,
        ask: Option<u64>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(head) = self.sessions.get_mut(&session) else { return };
        head.deleted_at = Some(at);
        let marking =
            Deletion { step: Step::Marking(ask), ..Deletion::waiting(self.steady, Span(0)) };
        self.deletions.insert(session.clone(), marking);
        self.write_head(&session, AfterWrite::Deleted { ask }, out);
    }

    /// The mark is stored. What was asked since goes its own way.
    pub(super) fn marked(&mut self, session: &SessionId, ask: Option<u64>) {
        let steady = self.steady;
        if let Some(deletion) = self.marking(session, ask) {
            let due = deletion.due.max(steady);
            *deletion = Deletion { step: Step::Waiting, due };
        }
    }

    /// The mark could not be stored: then the chat is not deleted.
    pub(super) fn not_deleted(&mut self, session: &SessionId, ask: Option<u64>) {
        if self.marking(session, ask).is_none() {
            return;
        }
        self.deletions.remove(session);
        if let Some(head) = self.sessions.get_mut(session) {
            head.deleted_at = None;
        }
    }

    fn marking(&mut self, session: &SessionId, ask: Option<u64>) -> Option<&mut Deletion> {
        self.deletions.get_mut(session).filter(|d| d.step == Step::Marking(ask))
    }

    pub(super) fn undelete_asked(
        &mut self,
        at: Moment,
        ask: u64,
        session: SessionId,
        out: &mut Vec<BackEffect>,
    ) {
        let erasing = self.deletions.get(&session).is_some_and(|d| d.step == Step::Erasing);
        let Some(head) = self.sessions.get_mut(&session).filter(|_| !erasing) else {
            return out.push(answer(ask, Answer::Problem(TOO_LATE.into())));
        };
        head.deleted_at = None;
        // Until that is stored the next start would still delete it.
        let due = self.steady.after(ERASE_AGAIN);
        self.deletions.insert(session.clone(), Deletion { step: Step::Undoing, due });
        self.write_head(&session, AfterWrite::Undeleted { ask: Some(ask) }, out);
        self.say_hello_again(at, &session, out);
    }

    pub(super) fn undeleted(&mut self, session: &SessionId) {
        if self.deletions.get(session).is_some_and(|d| d.step == Step::Undoing) {
            self.deletions.remove(session);
        }
    }

    /// After a start: what was deleted before.
    pub(super) fn take_deletions(&mut self) {
        let marked = self.sessions.values().filter_map(|h| Some((h.id.clone(), h.deleted_at?)));
        let waiting = |when| Deletion::waiting(self.steady, self.now.since(when));
        self.deletions = marked.map(|(id, when)| (id, waiting(when))).collect();
    }

    pub(super) fn next_deletion(&self) -> Option<Moment> {
        let waits = self.deletions.values().filter(|deletion| deletion.step.ends());
        waits.map(|deletion| deletion.due).min()
    }

    pub(super) fn go_on_deleting(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        let due = self.deletions.iter().filter(|(_, d)| d.step.ends() && d.due <= self.steady);
        let due: Vec<(SessionId, Step)> = due.map(|(id, d)| (id.clone(), d.step)).collect();
        for (session, step) in due {
            if step == Step::Undoing {
                let due = self.steady.after(ERASE_AGAIN);
                self.deletions.insert(session.clone(), Deletion { step, due });
                self.write_head(&session, AfterWrite::Undeleted { ask: None }, out);
            } else {
                self.erase(at, session, out);
            }
        }
    }

    /// Forgets the chat at once, so that nothing is written of it any more, and has its records
    /// deleted after everything that was ordered before.
    fn erase(&mut self, at: Moment, session: SessionId, out: &mut Vec<BackEffect>) {
        self.deletions.insert(session.clone(), Deletion { step: Step::Erasing, due: at });
        self.sessions.remove(&session);
        self.indexes.remove(&session);
        self.forget_history(&session);
        self.forget_packing(&session);
        self.forget_mending(&session, out);
        self.endings.remove(&session);
        self.drafts.erased(&session);
        self.resumes.retain(|_, head| head.from != session);
        self.prompts.retain(|resume, _| self.resumes.contains_key(resume));
        // What is being read of it is of the past.
        let of_it = |after: &AfterLoad| match after {
            AfterLoad::Index { session: read }
            | AfterLoad::Pack { session: read }
            | AfterLoad::Keep { session: read }
            | AfterLoad::Copy { session: read }
            | AfterLoad::Mend { session: read, .. }
            | AfterLoad::History { session: read, read: Read::Tidy { .. } } => *read == session,
            _ => false,
        };
        self.io.forget(of_it);
        for ask in self.saving.remove(&session).unwrap_or_default() {
            out.push(answer(ask, Answer::Problem(GONE.into())));
        }
        let children = self.sessions.values_mut().filter(|h| h.parent.as_ref() == Some(&session));
        let puts = children.map(|head| {
            head.parent = None;
            codec::session_record(head)
        });
        let change =
            Change { puts: puts.collect(), erased: Some(session.clone()), ..Change::default() };
        self.write_change(&session, change, AfterWrite::Erased, out);
    }

    /// The records are gone. A page that shows this chat meanwhile is a new chat to SHIM.
    pub(super) fn erased(&mut self, at: Moment, session: &SessionId, out: &mut Vec<BackEffect>) {
        self.deletions.remove(session);
        self.damage.erased(session);
        self.say_hello_again(at, session, out);
    }

    pub(super) fn not_erased(&mut self, session: SessionId) {
        let due = self.steady.after(ERASE_AGAIN);
        self.deletions.insert(session, Deletion { step: Step::Waiting, due });
    }

    /// Pages that came while the chat was deleted were not answered yet.
    fn say_hello_again(&mut self, at: Moment, session: &SessionId, out: &mut Vec<BackEffect>) {
        let waiting: Vec<PortId> = self
            .ports
            .iter()
            .filter(|(_, port)| port.session.as_ref() == Some(session))
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            if let Some((hello, _)) = self.ports.get(&id).and_then(|port| port.hello.clone()) {
                self.hello(at, id, hello, out);
            }
        }
    }
}

impl Step {
    /// Whether something is to be done when its time is over.
    fn ends(self) -> bool {
        matches!(self, Self::Waiting | Self::Undoing)
    }
}

impl Deletion {
    /// `since`: how long ago it was marked as deleted.
    fn waiting(steady: Moment, since: Span) -> Self {
        let waits = Span((UNDO_WITHIN.0 + UNDO_GRACE.0).saturating_sub(since.0));
        Self { step: Step::Waiting, due: steady.after(waits) }
    }
}
