//! Room: how much of what the browser lets SHIM store is taken, when that becomes little, and what
//! goes then. Early, the rule of what is kept becomes harder (`keeping`). Where a write finds no
//! room, what that rule lets go goes at once, and the write is tried again.
//!
//! Where nothing is left, nothing can be written either: so what goes at once goes by deletions
//! alone. Only checkpoints go, and none that is safe from the rule. What a person keeps without a
//! limit of bytes is kept, and then the person has to make room.

use super::after::{AfterLoad, AfterWrite};
use super::{Index, Machine};
use crate::base::limits::{
    FREED_AT_ONCE_BYTES, ROOM_EVERY, ROOM_LEAST_BYTES, ROOM_PERCENT, ROOM_REST,
};
use crate::base::{Moment, Problem, SessionId};
use crate::session::keeping::{Kept, Shelf};
use crate::session::{codec, segments};
use crate::wire::background::BackEffect;
use crate::wire::keeping::Keeping;
use crate::wire::records::{Change, Query, RecordKey, SessionHead, StoreName, Stored};
use crate::wire::ui::RoomView;
use std::collections::BTreeSet;

/// What is known of the room.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// Bytes that are stored, and that may be; of nothing it is not known.
    used_bytes: u64,
    quota_bytes: u64,
    /// When that is asked for next, by the steady clock.
    next: Moment,
    /// Checkpoints that went for lack of room, since the worker started.
    freed: u32,
    /// The chat whose checkpoints go now.
    under_way: Option<SessionId>,
    /// Chats that were tried since the write failed, and the bytes that went.
    tried: BTreeSet<SessionId>,
    freed_bytes: u64,
    /// Nothing goes at once before this moment, by the steady clock: it was just tried.
    rest: Moment,
}

impl Room {
    /// Whether there is little room left.
    fn is_tight(&self) -> bool {
        let most = self.quota_bytes / 100 * ROOM_PERCENT;
        let left = self.quota_bytes.saturating_sub(self.used_bytes);
        self.quota_bytes > 0 && (self.used_bytes > most || left < ROOM_LEAST_BYTES)
    }

    /// As it is told to a person.
    pub(super) fn view(&self) -> RoomView {
        RoomView {
            used_bytes: self.used_bytes,
            quota_bytes: self.quota_bytes,
            tight: self.is_tight(),
            freed: self.freed,
        }
    }
}

impl Machine {
    /// Asks the browser, unless it was asked a while ago.
    pub(super) fn measure(&mut self, out: &mut Vec<BackEffect>) {
        if self.room.next <= self.steady {
            self.room.next = self.steady.after(ROOM_EVERY);
            out.push(BackEffect::Measure);
        }
    }

    pub(super) fn measured(
        &mut self,
        used_bytes: u64,
        quota_bytes: u64,
        out: &mut Vec<BackEffect>,
    ) {
        let before = self.room.is_tight();
        (self.room.used_bytes, self.room.quota_bytes) = (used_bytes, quota_bytes);
        if self.room.is_tight() != before {
            self.badge_everywhere(out);
        }
    }

    /// Whether a person should make room.
    pub(super) fn is_tight(&self) -> bool {
        self.room.is_tight()
    }

    /// The rule of what is kept, as it is now: where there is little room, a quarter of what the
    /// person allows. What is kept without limit is.
    pub(super) fn keeping(&self) -> Keeping {
        let rule = self.settings.keep;
        if !self.room.is_tight() {
            return rule;
        }
        let quarter = |limit: u64, least: u64| if limit == 0 { 0 } else { (limit / 4).max(least) };
        let most = rule.bytes.min(self.room.quota_bytes);
        Keeping {
            count: u32::try_from(quarter(rule.count.into(), 1)).unwrap_or(rule.count),
            bytes: if rule.bytes == 0 { 0 } else { quarter(most, 1) },
            ..rule
        }
    }

    /// A write failed. Where there was no room for it, what may go goes at once.
    pub(super) fn make_room(&mut self, problem: &str, out: &mut Vec<BackEffect>) {
        if problem != Problem::no_room().text || self.steady < self.room.rest {
            return;
        }
        self.room.rest = self.steady.after(ROOM_REST);
        self.room.next = self.steady;
        self.measure(out);
        if self.room.under_way.is_none() {
            self.room.tried.clear();
            self.room.freed_bytes = 0;
            self.free_next(out);
        }
    }

    /// Of the chats that have something to lose, the one that was used the longest ago.
    fn free_next(&mut self, out: &mut Vec<BackEffect>) {
        self.room.under_way = None;
        if self.settings.keep.bytes == 0 || self.room.freed_bytes >= FREED_AT_ONCE_BYTES {
            return;
        }
        let spare = |head: &&SessionHead| {
            let some = head.keep.map_or(head.last_checkpoint > 1, |note| note.spare_bytes > 0);
            some && !self.room.tried.contains(&head.id) && !self.deletions.contains_key(&head.id)
        };
        let next = self.sessions.values().filter(spare).min_by_key(|head| head.updated_at);
        let Some(session) = next.map(|head| head.id.clone()) else { return };
        self.room.tried.insert(session.clone());
        self.room.under_way = Some(session.clone());
        // What is being put together of it is of before.
        self.packing_is_old(&session);
        let query = Query::OfSession(vec![StoreName::Checkpoints], session.clone());
        self.load(query, AfterLoad::Free { session }, out);
    }

    pub(super) fn free(
        &mut self,
        session: &SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let under_way = self.room.under_way.as_ref() == Some(session);
        let gone = self.deletions.contains_key(session) || !self.sessions.contains_key(session);
        let harmed = self.is_harmed(session) || !Index::of(records).damaged.is_empty();
        if !under_way || gone || harmed || self.io.puts(|of, key| of == session && is_point(key)) {
            return self.free_next(out);
        }
        let (deletes, numbers, bytes) = self.spare(session, records);
        if deletes.is_empty() {
            return self.free_next(out);
        }
        self.packing_is_old(session);
        let after = AfterWrite::Freed { numbers, bytes };
        self.write_change(session, Change { deletes, ..Change::default() }, after, out);
    }

    /// Whole records with nothing in them that is safe, their checkpoints, and their bytes.
    fn spare(&self, session: &SessionId, records: &[Stored]) -> (Vec<RecordKey>, Vec<u32>, u64) {
        let found = segments::checkpoints_of(records).found;
        let all: Vec<Kept> = found.iter().map(|one| (one.head.clone(), one.size_bytes)).collect();
        let spare = Shelf::of(&all, &self.used(session), self.settings.keep).freeing(u64::MAX);
        let (mut gone, mut bytes) = (Vec::new(), 0);
        for record in records {
            let mut mine = found.iter().filter(|one| one.record.at == record.at).peekable();
            // What stands in a record of its own has an older copy in a segment: that goes too.
            let free = mine.peek().is_some() && mine.all(|one| spare.contains(&one.head.number));
            if free {
                gone.push(record.at.clone());
                bytes += codec::packed_bytes(record);
            }
        }
        let of_gone = found.iter().filter(|one| gone.contains(&one.record.at));
        let numbers = of_gone.map(|one| one.head.number).collect();
        (gone, numbers, bytes)
    }

    /// They are gone: what waits for room is tried again at once.
    pub(super) fn freed(
        &mut self,
        session: &SessionId,
        (numbers, bytes): (&[u32], u64),
        out: &mut Vec<BackEffect>,
    ) {
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        self.room.freed = self.room.freed.saturating_add(count);
        self.room.freed_bytes = self.room.freed_bytes.saturating_add(bytes);
        if let Some(index) = self.indexes.get_mut(session) {
            index.checkpoint_bytes = index.checkpoint_bytes.saturating_sub(bytes);
            // Asked for once more, one is made anew.
            index.requests.retain(|_, number| !numbers.contains(number));
        }
        if let Some(head) = self.sessions.get_mut(session) {
            head.stored_bytes = head.stored_bytes.saturating_sub(bytes);
            // It is looked at again, and its head written then.
            head.keep = None;
        }
        self.free_next(out);
    }

    /// Not even that could be done, or the chat could not be read.
    pub(super) fn not_freed(&mut self) {
        self.room.under_way = None;
    }
}

fn is_point(key: &RecordKey) -> bool {
    key.store == StoreName::Checkpoints
}
