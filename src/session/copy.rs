//! The second copy of a chat: what a resume of it needs, as the records that it is made of, for a
//! place that does not go when the store does. Absent from here: that place, and when it is used.

use super::{checkpoints, codec};
use crate::base::TurnKey;
use crate::base::limits::COPY_BYTES;
use crate::wire::chat::{Role, Turn};
use crate::wire::records::{SessionHead, Stored};
use std::collections::BTreeSet;

/// The chat's head, its newest checkpoint in full if there is one, and of its turns what has room
/// in `COPY_BYTES` of packed text: the first request, the newest turns, and of older ones what the
/// person said.
#[must_use]
pub fn records(head: &SessionHead, checkpoint: Option<&Stored>, turns: &[Turn]) -> Vec<Stored> {
    let mut all = vec![codec::session_record(head)];
    all.extend(checkpoint.map(|one| checkpoints::in_full(one, turns)));
    let mut room = COPY_BYTES;
    let mut taken: BTreeSet<&TurnKey> = BTreeSet::new();
    let first = turns.iter().find(|turn| turn.role == Role::User);
    for turn in first.into_iter().chain(turns.iter().rev()) {
        // Answers leave a quarter of the room to what the person said before them.
        if turn.role != Role::User && room < COPY_BYTES / 4 || taken.contains(&turn.key) {
            continue;
        }
        let record = codec::turn_record(&head.id, turn);
        let bytes = codec::packed_bytes(&record);
        if bytes <= room {
            room -= bytes;
            taken.insert(&turn.key);
            all.push(record);
        }
    }
    all
}
