//! Which of a chat's checkpoints stay: by age, by count, by bytes. Those that are safe stay in any
//! case: what a person pinned, the newest, what a resume tells of, what a chat was carried on
//! from, and the newest in danger.
//!
//! Absent from here: when that is looked at, and how they go.

use crate::base::limits::{CHECKPOINTS_COARSE, CHECKPOINTS_FINE, CHECKPOINTS_NEWEST};
use crate::base::{Moment, Span};
use crate::wire::keeping::{Keeping, Which};
use crate::wire::records::CheckpointHead;
use crate::wire::signals::RiskLevel;
use crate::wire::state::Trigger;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A checkpoint, and the bytes of packed parts that it takes.
pub type Kept = (CheckpointHead, u64);

/// A chat's checkpoints under a rule.
#[derive(Clone, Debug)]
pub struct Shelf<'a> {
    /// By number.
    all: &'a [Kept],
    safe: BTreeSet<u32>,
    rule: Keeping,
}

impl<'a> Shelf<'a> {
    /// Of these checkpoints, by number. `used`: those that resumes tell of.
    #[must_use]
    pub fn of(all: &'a [Kept], used: &BTreeSet<u32>, rule: Keeping) -> Self {
        let find = |which: Which| which.of(all.iter().map(|(head, _)| head));
        let mut safe = used.clone();
        safe.extend(all.last().map(|(newest, _)| newest.number));
        let pinned = find(Which { pinned: Some(true), ..Which::default() });
        let restored = find(Which { restored: Some(true), ..Which::default() });
        safe.extend(pinned.into_iter().chain(restored).map(|head| head.number));
        let danger = find(Which { level: Some(RiskLevel::Danger), ..Which::default() });
        safe.extend(danger.last().map(|head| head.number));
        Self { all, safe, rule }
    }

    /// Those that go at `now`. Gone with them, no other one goes at that moment.
    #[must_use]
    pub fn going(&self, now: Moment) -> BTreeSet<u32> {
        let mut gone: BTreeSet<u32> = self.aged(now);
        let left: Vec<&CheckpointHead> = self.left(&gone).collect();
        let older = left.len().saturating_sub(CHECKPOINTS_NEWEST);
        gone.extend(self.thinned(left.get(..older).unwrap_or_default(), now));
        let most = usize::try_from(self.rule.count).unwrap_or(usize::MAX);
        let left = self.all.len().saturating_sub(gone.len());
        let over = if most == 0 { 0 } else { left.saturating_sub(most) };
        let oldest = self.left(&gone).filter(|head| !self.is_safe(head)).take(over);
        let oldest: Vec<u32> = oldest.map(|head| head.number).collect();
        gone.extend(oldest);
        gone
    }

    /// The oldest that may go, so many of them that so much room is free.
    #[must_use]
    pub fn freeing(&self, bytes: u64) -> BTreeSet<u32> {
        let mut freed = 0;
        let mut spare = self.all.iter().filter(|(head, _)| !self.is_safe(head));
        let take = std::iter::from_fn(|| {
            let (head, size_bytes) = spare.next().filter(|_| freed < bytes)?;
            freed += size_bytes;
            Some(head.number)
        });
        take.collect()
    }

    /// Bytes of those that may go.
    #[must_use]
    pub fn spare_bytes(&self) -> u64 {
        let spare = self.all.iter().filter(|(head, _)| !self.is_safe(head));
        spare.map(|(_, size_bytes)| size_bytes).sum()
    }

    /// When one of them goes next; none: never.
    #[must_use]
    pub fn next(&self, now: Moment) -> Option<Moment> {
        let just_after =
            |head: &CheckpointHead, keep: Span| head.created_at.after(keep).after(Span(1));
        let ages = [CHECKPOINTS_FINE, CHECKPOINTS_COARSE, self.keep().unwrap_or(CHECKPOINTS_FINE)];
        let spare = self.all.iter().filter(|(head, _)| !self.is_safe(head));
        let ages = spare.flat_map(|(head, _)| ages.map(|age| just_after(head, age)));
        let moments: BTreeSet<Moment> = ages.filter(|at| *at > now).chain([now]).collect();
        moments.into_iter().find(|at| !self.going(*at).is_empty())
    }

    fn keep(&self) -> Option<Span> {
        (self.rule.days > 0).then(|| Span::hours(24 * u64::from(self.rule.days)))
    }

    fn is_safe(&self, head: &CheckpointHead) -> bool {
        self.safe.contains(&head.number)
    }

    fn left(&self, gone: &BTreeSet<u32>) -> impl Iterator<Item = &'a CheckpointHead> {
        let heads = self.all.iter().map(|(head, _)| head);
        heads.filter(|head| !gone.contains(&head.number))
    }

    fn aged(&self, now: Moment) -> BTreeSet<u32> {
        let Some(keep) = self.keep() else { return BTreeSet::new() };
        let heads = self.all.iter().map(|(head, _)| head).filter(|head| !self.is_safe(head));
        heads.filter(|head| now.since(head.created_at) > keep).map(|head| head.number).collect()
    }

    /// Of each hour or day the one that tells most stays.
    fn thinned(&self, older: &[&CheckpointHead], now: Moment) -> Vec<u32> {
        let rank = |head: &CheckpointHead| {
            let asked = head.trigger == Trigger::UserRequested;
            (self.is_safe(head), asked, Reverse(head.trigger), head.number)
        };
        let mut best: BTreeMap<(Span, u64), &CheckpointHead> = BTreeMap::new();
        for head in older {
            let Some(slot) = slot(head, now) else { continue };
            let best = best.entry(slot).or_insert(head);
            if rank(head) > rank(best) {
                *best = head;
            }
        }
        let stays: BTreeSet<u32> = best.values().map(|head| head.number).collect();
        let goes = |head: &&&CheckpointHead| {
            slot(head, now).is_some() && !stays.contains(&head.number) && !self.is_safe(head)
        };
        older.iter().filter(goes).map(|head| head.number).collect()
    }
}

/// The hour or the day that a checkpoint shares with others; none: it stands by itself.
fn slot(head: &CheckpointHead, now: Moment) -> Option<(Span, u64)> {
    let length = match now.since(head.created_at) {
        age if age > CHECKPOINTS_COARSE => Span::hours(24),
        age if age > CHECKPOINTS_FINE => Span::hours(1),
        _ => return None,
    };
    Some((length, head.created_at.0 / length.0))
}
