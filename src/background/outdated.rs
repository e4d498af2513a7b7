//! Whole chats go by their age, where a person said so, and only there: one at a time, in the way
//! of a chat that a person deletes.

use super::Machine;
use crate::base::limits::{ERASE_AGAIN, PACK_REST};
use crate::base::{Moment, SessionId, Span};
use crate::wire::background::BackEffect;
use crate::wire::records::SessionHead;

impl Machine {
    /// After a start: what people wait for goes first.
    pub(super) fn rest_from_outdated(&mut self, at: Moment) {
        self.outdated_rest = at.after(PACK_REST);
    }

    /// When the next chat goes; none: never.
    pub(super) fn next_outdated(&self) -> Option<Moment> {
        self.oldest_chat().map(|(due, _)| due.max(self.outdated_rest))
    }

    pub(super) fn outdated_chats(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if self.next_outdated().is_none_or(|due| due > at) {
            return;
        }
        let Some((_, session)) = self.oldest_chat().map(|(due, id)| (due, id.clone())) else {
            return;
        };
        self.outdated_rest = at.after(ERASE_AGAIN);
        self.mark_deleted(at, session, None, out);
    }

    fn oldest_chat(&self) -> Option<(Moment, &SessionId)> {
        let days = self.settings.keep.chat_days;
        if days == 0 || !self.ready {
            return None;
        }
        let keep = Span::hours(24 * u64::from(days));
        let may_go = self.sessions.values().filter(|head| self.may_go(head));
        may_go.map(|head| (self.last_used(head).after(keep).after(Span(1)), &head.id)).min()
    }

    /// Not one with a pin, nor one that is in use, nor one that is harmed.
    fn may_go(&self, head: &SessionHead) -> bool {
        let no_pin = head.last_checkpoint == 0 || head.keep.is_some_and(|note| note.pinned == 0);
        let shown = self.ports.values().any(|port| port.session.as_ref() == Some(&head.id));
        let is_left = head.live.is_none() && !shown && !self.endings.contains_key(&head.id);
        no_pin && is_left && !self.deletions.contains_key(&head.id) && !self.is_harmed(&head.id)
    }

    /// When something of a chat was last stored, or it was last opened, left or carried on.
    fn last_used(&self, head: &SessionHead) -> Moment {
        let resumes = self.resumes.values().filter(|resume| resume.from == head.id);
        let happened = head.happened.iter().map(|one| one.at);
        let used = happened.chain(resumes.map(|resume| resume.stage_at)).max();
        used.unwrap_or_default().max(head.updated_at)
    }
}
