//! What people delete, and what no longer opens.

use super::World;
use super::faults::Fault;
use shim::base::limits::UNDO_WITHIN;
use shim::base::{SessionId, TurnKey};
use shim::session::{codec, segments};
use shim::wire::records::{RecordKey, SessionHead, StoreName, Stored, StreamHead};
use shim::wire::ui::Ask;

impl World {
    /// A person deletes a chat in the popup: one that is not open, as far as the popup knows.
    pub(super) fn delete(&mut self) {
        let closed: Vec<SessionHead> = self.heads().filter(|head| head.live.is_none()).collect();
        let number = self.chance.below(closed.len().max(1) as u64) as usize;
        if let Some(head) = closed.get(number) {
            self.put(&Ask::Delete { session: head.id.clone() });
        }
    }

    /// A person takes back, soon, what was deleted.
    pub(super) fn undo(&mut self) -> bool {
        let recent_ms = self.real_ms.saturating_sub(2 * UNDO_WITHIN.0);
        let recent = self.deleting.iter().find(|(_, asked_ms)| **asked_ms > recent_ms);
        let Some(session) = recent.map(|(session, _)| session.clone()) else { return false };
        let undoes = self.chance.percent(12);
        if undoes {
            self.put(&Ask::Undelete { session });
        }
        undoes
    }

    /// It was taken back: from now on nothing of it may be missing.
    /// Not where it is being deleted once more, or where the mark still lies in the store.
    pub(super) fn note_undeleted(&mut self, session: &SessionId) -> bool {
        let again = Ask::Delete { session: session.clone() };
        let marked = self.store.get(&codec::session_key(session));
        let marked = marked.and_then(|record| codec::open::<SessionHead>(record).ok());
        let waits = self.asks.values().any(|ask| *ask == again);
        let marked = marked.is_some_and(|head| head.deleted_at.is_some());
        !waits && !marked && self.deleting.remove(session).is_some()
    }

    /// Everything of a chat is gone from the store.
    pub(super) fn note_erased(&mut self, session: &SessionId) {
        let asked_ms = self.deleting.remove(session);
        let asked_ms = asked_ms.unwrap_or_else(|| panic!("nobody deleted {session}"));
        // A clock that was set forward makes the wait shorter than it was promised.
        let jumped = self.happened.contains_key(&Fault::ClockForward);
        let waited_ms = self.real_ms - asked_ms;
        assert!(jumped || waited_ms >= UNDO_WITHIN.0, "{session} is gone after {waited_ms} ms");
        self.tell("store", || format!("{session} is gone"));
        self.turns.retain(|(of, _), _| of != session);
        self.checkpoints.retain(|(of, _)| of != session);
        self.pins.retain(|(of, _)| of != session);
        self.damaged.retain(|record| record.session != *session);
        self.promised.retain(|record| record.session != *session);
        self.lost.remove(session);
    }

    /// Now and then a record does not open any more when the background starts again.
    pub(super) fn maybe_damage(&mut self) {
        if !self.bad_luck(6) {
            return;
        }
        let may = |record: &&Stored| {
            // Those that no start reads.
            let large =
                [StoreName::Turns, StoreName::Streams, StoreName::Checkpoints, StoreName::History];
            let spoilt = |was: &Stored| {
                was.at.store == record.at.store
                    && was.head == record.head
                    && was.check == record.check
            };
            large.contains(&record.at.store) && !self.damaged.iter().any(spoilt)
        };
        let all: Vec<RecordKey> = self.store.values().filter(may).map(|r| r.at.clone()).collect();
        if all.is_empty() {
            return;
        }
        let at = &all[self.chance.below(all.len() as u64) as usize];
        let mut record = self.store.get(at).expect("it was listed").clone();
        self.forget(&record);
        if self.chance.percent(50) {
            record.check ^= 1;
        } else {
            record.head.truncate(record.head.len() / 2);
        }
        self.strikes(Fault::Damaged, || format!("{at:?} does not open any more"));
        self.store.spoil(record.clone());
        self.damaged.push(record);
    }

    /// What a damaged record held is not owed any more.
    fn forget(&mut self, record: &Stored) {
        let (one, session) = (std::slice::from_ref(record), &record.session);
        let mut turns: Vec<TurnKey> =
            segments::turns_of(one).found.into_iter().map(|turn| turn.head.key).collect();
        if record.at.store == StoreName::Streams {
            turns.extend(codec::open::<StreamHead>(record).map(|head| head.key));
        }
        self.promised.retain(|one| one.at != record.at);
        for turn in turns {
            self.turns.remove(&(session.clone(), turn));
        }
        for checkpoint in segments::checkpoints_of(one).found {
            self.checkpoints.remove(&(session.clone(), checkpoint.head.number));
            self.pins.remove(&(session.clone(), checkpoint.head.number));
        }
    }

    /// A record that does not open lies where it was, or aside, as it was.
    pub(super) fn check_damaged(&self) {
        for was in &self.damaged {
            let same = |is: &Stored| {
                is.at.store == was.at.store && is.head == was.head && is.check == was.check
            };
            assert!(self.store.values().any(same), "{:?} was written over", was.at);
        }
    }
}
