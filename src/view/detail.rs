//! The checkpoints of one chat.

use super::{amount, risk, texts};
use crate::base::Moment;
use crate::wire::records::CheckpointHead;
use std::cmp::Reverse;

/// One checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckpointRow {
    /// Its number in the chat, from 1.
    pub number: u32,
    /// When it was made.
    pub when: String,
    /// Why it was made.
    pub why: String,
    /// The risk then.
    pub risk: risk::RiskWords,
    /// Turns saved then.
    pub turns: String,
    /// Tool calls counted then.
    pub calls: String,
    /// Its room in the store.
    pub size: String,
    /// When a new chat was last started from it; empty: never.
    pub restored: String,
}

/// The checkpoints, newest first.
#[must_use]
pub fn checkpoints(heads: &[CheckpointHead], now: Moment) -> Vec<CheckpointRow> {
    let mut sorted: Vec<&CheckpointHead> = heads.iter().collect();
    sorted.sort_by_key(|head| Reverse(head.number));
    sorted.into_iter().map(|head| row(head, now)).collect()
}

fn row(head: &CheckpointHead, now: Moment) -> CheckpointRow {
    let packed: u64 = head.sizes.iter().map(|&(_, packed)| u64::from(packed)).sum();
    CheckpointRow {
        number: head.number,
        when: amount::ago_short(head.created_at, now),
        why: texts::trigger(head.trigger).to_owned(),
        risk: risk::words(&head.risk),
        turns: amount::count(head.turn_count.into(), "turn"),
        calls: amount::count(head.call_count.into(), "tool call"),
        size: amount::bytes(packed),
        restored: head
            .restored
            .map(|(at, _)| format!("resumed {}", amount::ago_short(at, now)))
            .unwrap_or_default(),
    }
}
