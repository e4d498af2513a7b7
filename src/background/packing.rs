//! Packing: what a chat wrote record by record is put together in segments once it rests, one chat
//! at a time, in one commit that puts the segments and deletes what they hold.
//!
//! A segment is made of what was read. So nothing of the chat may be on its way to the store while
//! it is read, and nothing may be ordered until it is known: then it is read again, later. In the
//! same commit those checkpoints go whose time is over (`keeping`).

use super::after::{AfterLoad, AfterWrite};
use super::{Index, Machine};
use crate::base::limits::{PACK_AFTER, PACK_REST};
use crate::base::{Moment, SessionId, TurnKey};
use crate::session::{codec, segments};
use crate::wire::background::BackEffect;
use crate::wire::records::{Change, Query, SessionHead, StoreName, Stored};
use std::collections::{BTreeMap, BTreeSet};

/// What is packed.
const PACKED: [StoreName; 2] = [StoreName::Turns, StoreName::Checkpoints];

/// The packing of chats, one at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing {
    /// Whose records are read now, and whether something of them was ordered since.
    under_way: Option<(SessionId, bool)>,
    /// Nothing is read before this moment.
    rest: Moment,
}

/// Bytes of packed parts of a chat's turns and of its checkpoints, once they are packed.
#[derive(Clone, Debug, Default)]
pub(super) struct Sizes {
    turns: BTreeMap<TurnKey, u64>,
    checkpoints: u64,
}

impl Machine {
    /// Something is ordered: what is being read of a chat may be old.
    pub(super) fn packing_sees_write(&mut self, session: &SessionId, change: &Change) {
        let touches = change.puts.iter().any(|put| PACKED.contains(&put.at.store));
        if let Some((id, changed)) = &mut self.packing.under_way {
            *changed |= touches && id == session;
        }
    }

    /// Something else will be ordered of this chat: what is being read of it may be old by then.
    pub(super) fn packing_is_old(&mut self, session: &SessionId) {
        if let Some((id, changed)) = &mut self.packing.under_way {
            *changed |= id == session;
        }
    }

    /// After a start: what people wait for goes first.
    pub(super) fn rest_from_packing(&mut self, at: Moment) {
        self.packing.rest = at.after(PACK_REST);
    }

    /// When a chat is next to be packed.
    pub(super) fn next_packing(&self) -> Option<Moment> {
        let idle = self.ready && self.packing.under_way.is_none();
        let due = self.sessions.values().filter(|_| idle).filter_map(|head| self.pack_due(head));
        let squeezed = self.squeezed().filter(|_| idle).map(|_| Moment(0));
        due.chain(squeezed).min().map(|due| due.max(self.packing.rest))
    }

    /// A chat that was deleted is not written any more.
    fn pack_due(&self, head: &SessionHead) -> Option<Moment> {
        let due = head.pack_due.into_iter().chain(self.keep_due(head)).min();
        due.filter(|_| !self.deletions.contains_key(&head.id))
    }

    pub(super) fn pack_chats(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if self.next_packing().is_none_or(|due| due > at) {
            return;
        }
        let due = self.sessions.values().find(|head| self.pack_due(head).is_some_and(|d| d <= at));
        let due = due.or_else(|| self.squeezed());
        let Some(session) = due.map(|head| head.id.clone()) else { return };
        if self.io.puts(|of, key| *of == session && PACKED.contains(&key.store)) {
            return self.packing.rest = at.after(PACK_REST);
        }
        self.packing.under_way = Some((session.clone(), false));
        let query = Query::OfSession(PACKED.to_vec(), session.clone());
        self.load(query, AfterLoad::Pack { session }, out);
    }

    /// A chat could not be read.
    pub(super) fn not_read_to_pack(&mut self) {
        self.packing = Packing { under_way: None, rest: self.now.after(PACK_AFTER) };
    }

    /// A chat is deleted: nothing of it is written any more.
    pub(super) fn forget_packing(&mut self, session: &SessionId) {
        self.packing.under_way.take_if(|(id, _)| id == session);
    }

    pub(super) fn read_to_pack(
        &mut self,
        at: Moment,
        session: &SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let read = self.packing.under_way.take();
        self.packing.rest = at.after(PACK_REST);
        let is_old = read.is_none_or(|(_, changed)| changed);
        if is_old || self.sessions.get(session).is_none_or(|head| head.deleted_at.is_some()) {
            return;
        }
        self.damage.add(at, Index::of(records).damaged);
        let dropped = self.dropped(at, session, records);
        let packed = segments::pack(session, records, at, &dropped);
        let mut change = packed.change;
        let gone: BTreeSet<_> = change.deletes.iter().collect();
        let stay = records.iter().filter(|record| !gone.contains(&record.at));
        let after: Vec<Stored> = stay.chain(&change.puts).cloned().collect();
        let index = Index::of(&after);
        let sizes = Sizes {
            turns: index.turns.iter().map(|(key, turn)| (key.clone(), turn.size_bytes)).collect(),
            checkpoints: index.checkpoint_bytes,
        };
        let is_quiet = change.puts.is_empty() && change.deletes.is_empty();
        self.note_keeping(at, session, &dropped, &after);
        let Some(head) = self.sessions.get_mut(session) else { return };
        head.pack_due = packed.waits.then(|| at.after(PACK_AFTER));
        // The head of an open chat is written soon in any case.
        if is_quiet && (head.live.is_some() || head.pack_due.is_some()) {
            return;
        }
        head.stored_bytes = index.stored_bytes();
        change.puts.push(codec::session_record(head));
        self.write_change(session, change, AfterWrite::Packed(sizes), out);
    }

    pub(super) fn packed(&mut self, session: &SessionId, sizes: Sizes) {
        let Some(index) = self.indexes.get_mut(session) else { return };
        for (key, size_bytes) in sizes.turns {
            if let Some(turn) = index.turns.get_mut(&key) {
                turn.size_bytes = size_bytes;
            }
        }
        index.checkpoint_bytes = sizes.checkpoints;
    }

    /// That could not be written: everything is as it was.
    pub(super) fn not_packed(&mut self, session: &SessionId) {
        let again = self.now.after(PACK_AFTER);
        if let Some(head) = self.sessions.get_mut(session) {
            head.pack_due = Some(again);
            if let Some(note) = &mut head.keep {
                note.due = Some(again);
            }
        }
    }
}
