//! Which checkpoints go, and when: told by a chat's head, carried out where the chat is packed.
//! And those that a person pins.

use super::after::{AfterLoad, AfterWrite};
use super::{Machine, answer};
use crate::base::limits::{CHECKPOINTS_TIDY, KEEP_COUNT, KEEP_DAYS, KEEP_MB, PACK_AFTER};
use crate::base::{Moment, SessionId};
use crate::session::keeping::{Kept, Shelf};
use crate::session::{codec, segments};
use crate::wire::background::BackEffect;
use crate::wire::keeping::{KeepNote, Keeping};
use crate::wire::records::{CheckpointHead, Query, SessionHead, StoreName, Stored};
use crate::wire::ui::Answer;
use std::collections::BTreeSet;

/// There is no such checkpoint.
const NO_CHECKPOINT: &str = "\
    This checkpoint is not stored any more, or cannot be read. Open the chat here again to see \
    which are there.";

/// What a person set is beyond what can be.
const NO_RULE: &str = "Nothing was changed: one of these numbers is higher than it may be.";

impl Machine {
    /// When checkpoints of a chat are next to be looked at for their age; none: never.
    pub(super) fn keep_due(&self, head: &SessionHead) -> Option<Moment> {
        match &head.keep {
            None => (head.last_checkpoint > 0).then_some(Moment(0)),
            Some(note) => note.due,
        }
    }

    /// Where all chats have too many bytes of checkpoints, the chat that loses some: of those with
    /// something to lose the one that was used the longest ago.
    pub(super) fn squeezed(&self) -> Option<&SessionHead> {
        if self.excess_bytes() == 0 {
            return None;
        }
        let spare = |head: &&SessionHead| {
            let spare_bytes = head.keep.map_or(0, |note| note.spare_bytes);
            spare_bytes > 0 && !self.deletions.contains_key(&head.id)
        };
        self.sessions.values().filter(spare).min_by_key(|head| head.updated_at)
    }

    /// Bytes of checkpoints beyond what is kept of all chats. Where there are too many, as many go
    /// that it is a while until there are again.
    fn excess_bytes(&self) -> u64 {
        let most = self.keeping().bytes;
        let all: u64 = self.sessions.values().filter_map(|h| Some(h.keep?.bytes)).sum();
        if most == 0 || all <= most { 0 } else { all - (most - most / 10) }
    }

    /// Whether something of a chat does not open: what is left of it may be all there is. Or what a
    /// person said of how long things are kept.
    pub(super) fn is_harmed(&self, session: &SessionId) -> bool {
        self.damage.of(session) || self.damage.holds(&codec::settings_key())
    }

    /// Numbers of the checkpoints of a chat that go now; none of one that is harmed.
    pub(super) fn dropped(
        &self,
        at: Moment,
        session: &SessionId,
        records: &[Stored],
    ) -> BTreeSet<u32> {
        let Some(head) = self.sessions.get(session) else { return BTreeSet::new() };
        let is_due = self.keep_due(head).is_some_and(|due| due <= at);
        let is_squeezed = self.squeezed().is_some_and(|head| head.id == *session);
        let whole = segments::checkpoints_of(records);
        let harmed = !whole.damaged.is_empty() || self.is_harmed(session);
        if harmed || !(is_due || is_squeezed) {
            return BTreeSet::new();
        }
        let all = kept(&whole.found);
        let shelf = Shelf::of(&all, &self.used(session), self.keeping());
        let mut gone = shelf.going(at);
        if is_squeezed {
            gone.extend(shelf.freeing(self.excess_bytes()));
        }
        gone
    }

    /// What a chat's head tells from now on, once only these records are there. Where one stayed
    /// that was to be dropped, no more is tried for now.
    pub(super) fn note_keeping(
        &mut self,
        at: Moment,
        session: &SessionId,
        dropped: &BTreeSet<u32>,
        records: &[Stored],
    ) {
        let whole = segments::checkpoints_of(records);
        let stayed = whole.found.iter().any(|one| dropped.contains(&one.head.number));
        let harmed = stayed || !whole.damaged.is_empty() || self.is_harmed(session);
        let all = kept(&whole.found);
        let shelf = Shelf::of(&all, &self.used(session), self.keeping());
        let next = shelf.next(at).filter(|_| !harmed);
        let spare_bytes = if harmed { 0 } else { shelf.spare_bytes() };
        let bytes = all.iter().map(|(_, size_bytes)| size_bytes).sum();
        // In strides: what holds them is made anew each time.
        let next = next.map(|next| next.max(at.after(CHECKPOINTS_TIDY)));
        let Some(head) = self.sessions.get_mut(session) else { return };
        let before = head.keep.and_then(|note| note.due).filter(|due| *due > at);
        let due = next.map(|next| before.map_or(next, |before| before.min(next)));
        let count = due.map_or(0, |due| shelf.going(due).len());
        let pinned = all.iter().filter(|(head, _)| head.pinned).count();
        let [count, pinned] = [count, pinned].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        head.keep = Some(KeepNote { due, count, bytes, spare_bytes, pinned });
    }

    /// The checkpoints that resumes tell of.
    pub(super) fn used(&self, session: &SessionId) -> BTreeSet<u32> {
        let mine = self.resumes.values().filter(|resume| resume.from == *session);
        mine.map(|resume| resume.checkpoint).collect()
    }

    /// A person wants more or less to be kept: every chat is looked at again.
    pub(super) fn keep_otherwise(&mut self) {
        self.sessions.values_mut().for_each(|head| head.keep = None);
    }

    pub(super) fn keep_asked(&mut self, ask: u64, keep: Keeping, out: &mut Vec<BackEffect>) {
        let days = keep.days.max(keep.chat_days);
        if days > KEEP_DAYS || keep.count > KEEP_COUNT || keep.bytes >> 20 > KEEP_MB {
            return out.push(answer(ask, Answer::Problem(NO_RULE.into())));
        }
        if self.settings.keep != keep {
            self.settings.keep = keep;
            self.keep_otherwise();
        }
        self.write_settings(AfterWrite::Answer { ask }, out);
    }

    pub(super) fn pin_asked(
        &mut self,
        ask: u64,
        session: &SessionId,
        number: u32,
        pinned: bool,
        out: &mut Vec<BackEffect>,
    ) {
        self.packing_is_old(session);
        let query = Query::OfSession(vec![StoreName::Checkpoints], session.clone());
        let session = session.clone();
        self.load(query, AfterLoad::Pin { ask, session, number, pinned }, out);
    }

    /// Whether something was ordered of this checkpoint that what was just read does not tell.
    pub(super) fn is_rewritten(&self, session: &SessionId, number: u32) -> bool {
        let key = codec::checkpoint_key(session, number);
        self.io.puts(|_, at| *at == key)
    }

    /// The checkpoint gets a record of its own with the new head, as one that was restored does.
    pub(super) fn pin_loaded(
        &mut self,
        at: Moment,
        ask: u64,
        session: &SessionId,
        (number, pinned): (u32, bool),
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        if self.is_rewritten(session, number) {
            return self.pin_asked(ask, session, number, pinned, out);
        }
        let found = segments::checkpoints_of(records).found;
        let stored = found.iter().find(|one| one.head.number == number);
        let is_there = self.sessions.contains_key(session) && !self.is_deleted(session);
        let Some(stored) = stored.filter(|_| is_there) else {
            return out.push(answer(ask, Answer::Problem(NO_CHECKPOINT.into())));
        };
        if stored.head.pinned == pinned {
            return out.push(answer(ask, Answer::Done));
        }
        let new = CheckpointHead { pinned, ..stored.head.clone() };
        let Ok(record) = stored.rehead(&new) else {
            return out.push(answer(ask, Answer::Problem(NO_CHECKPOINT.into())));
        };
        let mut puts = vec![record];
        if let Some(head) = self.sessions.get_mut(session) {
            // Then it is told anew what goes when. Until then a pin may be one too many noted.
            head.pack_due = Some(at.after(PACK_AFTER));
            if let (true, Some(note)) = (pinned, &mut head.keep) {
                note.pinned = note.pinned.saturating_add(1);
            }
            puts.push(codec::session_record(head));
        }
        self.write(session, puts, Vec::new(), AfterWrite::Answer { ask }, out);
    }
}

fn kept(found: &[segments::StoredCheckpoint<'_>]) -> Vec<Kept> {
    found.iter().map(|one| (one.head.clone(), one.size_bytes)).collect()
}
