//! What may go: checkpoints by the rule of the seed, and never one that is safe.

use super::World;
use shim::base::SessionId;
use shim::session::{codec, segments};
use shim::wire::keeping::Keeping;
use shim::wire::records::{Change, CheckpointHead, RecordKey, Settings, StoreName, Stored};
use shim::wire::signals::RiskLevel;
use shim::wire::ui::Ask;
use std::collections::BTreeSet;

/// The rule of a seed: of every other one so strict that much goes.
pub(super) fn rule(seed: u64) -> Keeping {
    match seed % 4 {
        1 => Keeping { count: 1, ..Keeping::default() },
        3 => Keeping { bytes: 6_000, ..Keeping::default() },
        _ => Keeping::default(),
    }
}

impl World {
    /// A person pins a checkpoint, or pins it no more.
    pub(super) fn pin(&mut self) {
        let sessions: BTreeSet<SessionId> = self.heads().map(|head| head.id).collect();
        let of = |session: SessionId| {
            let all = self.points(&session);
            all.into_iter().map(move |head| (session.clone(), head.number))
        };
        let all: Vec<(SessionId, u32)> = sessions.into_iter().flat_map(of).collect();
        let pick = self.chance.below(all.len().max(1) as u64) as usize;
        let Some((session, number)) = all.get(pick).cloned() else { return };
        let pinned = self.chance.percent(75);
        self.put(&Ask::Pin { session, number, pinned });
    }

    /// A strict rule with so many days: where they change, each chat is looked at again.
    pub(super) fn rule(&self, days: u32) -> Keeping {
        let days = if self.keep == Keeping::default() { self.keep.days } else { days };
        Keeping { days, ..self.keep }
    }

    /// The store as this person's first day left it.
    pub(super) fn begin(&mut self) {
        let settings = Settings { keep: self.keep, ..Settings::default() };
        let puts = vec![codec::settings_record(&settings)];
        self.store.write(&Change { puts, ..Change::default() }).unwrap();
    }

    /// The checkpoints that are stored of a chat.
    fn points(&self, session: &SessionId) -> Vec<CheckpointHead> {
        let mine = self.store.values().filter(|record| record.session == *session);
        let mine: Vec<Stored> = mine.cloned().collect();
        segments::checkpoints_of(&mine).found.into_iter().map(|one| one.head).collect()
    }

    /// From the moment that somebody may unpin it, nothing says that it is pinned.
    pub(super) fn note_question(&mut self, question: &Ask) {
        if let Ask::Pin { session, number, pinned: false } = question {
            self.pins.remove(&(session.clone(), *number));
        }
    }

    /// It was said that this is pinned.
    pub(super) fn note_pinned(&mut self, session: SessionId, number: u32) {
        let undone = Ask::Pin { session: session.clone(), number, pinned: false };
        if !self.asks.values().any(|ask| *ask == undone) {
            self.pins.insert((session, number));
            self.pinned += 1;
        }
    }

    /// Commits, and looks at what is gone by it.
    pub(super) fn write(&mut self, change: &Change) {
        let is_point = |at: &&RecordKey| at.store == StoreName::Checkpoints;
        let deleted = change.deletes.iter().find(is_point).and_then(|at| self.store.get(at));
        let session = deleted.map(|record| record.session.clone());
        let before = session.as_ref().map(|session| self.points(session)).unwrap_or_default();
        self.store.write(change).unwrap();
        let Some(session) = session else { return };
        let after: BTreeSet<u32> =
            self.points(&session).into_iter().map(|head| head.number).collect();
        let newest = before.iter().map(|head| head.number).max();
        let danger = before.iter().rfind(|head| head.risk.level == RiskLevel::Danger);
        let danger = danger.map(|head| head.number);
        for head in before.iter().filter(|head| !after.contains(&head.number)) {
            let number = head.number;
            let what = format!("checkpoint {number} of {session} was dropped");
            assert!(self.keep != Keeping::default() || self.short, "{what} without need");
            assert!(!head.pinned && head.restored.is_none(), "{what}: {head:?}");
            assert!(Some(number) != newest && Some(number) != danger, "{what}: of {before:?}");
            let used = self.resumes().any(|one| one.from == session && one.checkpoint == number);
            assert!(!used, "{what}, and a resume tells of it");
            self.checkpoints.remove(&(session.clone(), number));
            self.promised.retain(|one| one.at != codec::checkpoint_key(&session, number));
            self.dropped.insert((session.clone(), number));
            self.tell("store", || what);
        }
    }

    /// A pin that was said to be stored is.
    pub(super) fn check_pins(&self) {
        for (session, number) in &self.pins {
            if self.deleting.contains_key(session) {
                continue;
            }
            let all = self.points(session);
            let head = all.iter().find(|head| head.number == *number);
            assert!(head.is_some_and(|head| head.pinned), "lost the pin of {number} of {session}");
        }
    }
}

/// The same record, and nobody pinned it.
pub(super) fn unpinned(record: &Stored) -> Stored {
    match codec::open::<CheckpointHead>(record) {
        Ok(head) if head.pinned => codec::rehead(record, &CheckpointHead { pinned: false, ..head }),
        _ => record.clone(),
    }
}
