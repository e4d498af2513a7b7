//! What was acknowledged to a page, against the records of its chat.

use serde_json::Value;
use shim::background::Whole;
use shim::base::text;
use shim::session::codec;
use shim::wire::records::{StoreName, Stored, TurnHead};
use std::collections::{BTreeMap, BTreeSet};

/// What a page was told to be committed.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// Hashes by turn, the last one last.
    turns: BTreeMap<String, Vec<u64>>,
    streams: BTreeMap<String, u64>,
    checkpoints: BTreeSet<u32>,
}

impl Acknowledged {
    /// By the events that an engine was told.
    pub(super) fn of(events: &[Value]) -> Self {
        let mut all = Self::default();
        for event in events {
            let part = |path| event.pointer(path);
            let turns = part("/saved/turns").and_then(Value::as_object);
            for (key, hash) in turns.into_iter().flatten() {
                all.turns.entry(key.clone()).or_default().extend(hash.as_u64());
            }
            let key = part("/stream_saved/key").and_then(Value::as_str);
            let hash = part("/stream_saved/hash").and_then(Value::as_u64);
            if let (Some(key), Some(hash @ 1..)) = (key, hash) {
                all.streams.insert(key.to_owned(), hash);
            }
            let number = part("/checkpoint_saved/number").and_then(Value::as_u64);
            all.checkpoints.extend(number.and_then(|number| u32::try_from(number).ok()));
        }
        all
    }

    /// Turns, streamed texts and checkpoints.
    pub(super) fn counts(&self) -> [usize; 3] {
        [self.turns.len(), self.streams.len(), self.checkpoints.len()]
    }

    /// What of it the records of the chat do not hold, and what of them is torn.
    pub(super) fn missing(&self, records: &[Stored]) -> Vec<String> {
        let mut faults = Vec::new();
        let whole = Whole::of(records);
        if whole.damaged > 0 {
            faults.push(format!("{} records do not open", whole.damaged));
        }
        let heads = records.iter().filter(|record| record.at.store == StoreName::Turns);
        let stored: BTreeMap<String, u64> = heads
            .filter_map(|record| codec::open::<TurnHead>(record).ok())
            .map(|head| (head.key.0, head.hash))
            .collect();
        for (key, hashes) in &self.turns {
            // What was committed later still may not have been acknowledged any more.
            let older = |hash: &u64| hashes.contains(hash) && hashes.last() != Some(hash);
            if stored.get(key).is_none_or(older) {
                faults.push(format!("turn {key} is not stored as it was acknowledged last"));
            }
        }
        for (key, hash) in &self.streams {
            let turn = whole.turns.iter().find(|turn| turn.key.0 == *key);
            if !turn.is_some_and(|turn| begins_with(&turn.markdown, *hash)) {
                faults.push(format!("what was streamed of {key} is not stored"));
            }
        }
        let numbers: BTreeSet<u32> = whole.checkpoints.iter().map(|head| head.number).collect();
        let lost = self.checkpoints.difference(&numbers);
        faults.extend(lost.map(|number| format!("checkpoint {number} is not stored")));
        if numbers.len() != whole.checkpoints.len() {
            faults.push("a number of a checkpoint was given twice".to_owned());
        }
        faults
    }
}

/// Whether a text begins with one of this hash.
fn begins_with(whole: &str, hash: u64) -> bool {
    let ends = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
    ends.rev().any(|end| whole.get(..end).is_some_and(|part| text::hash(part) == hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shim::base::SessionId;
    use shim::wire::chat::Turn;

    fn turn(text: &str) -> Turn {
        Turn { key: "t1".into(), markdown: text.to_owned(), ..Turn::default() }
    }

    fn record(text: &str) -> Stored {
        codec::turn_record(&SessionId::from("claude/a/1"), &turn(text))
    }

    #[test]
    fn what_is_missing_or_torn_is_told() {
        let hash = |text: &str| codec::turn_hash(&turn(text));
        let told = Acknowledged::of(&[
            json!({ "saved": { "turns": { "t1": hash("one") } } }),
            json!({ "stream_saved": { "key": "t1", "hash": text::hash("one t") } }),
            json!({ "stream_saved": { "key": "t1", "hash": 0 } }),
            json!({ "saved": { "turns": { "t1": hash("one two") } } }),
            json!({ "saved": { "turns": { "t1": hash("one two") } } }),
            json!({ "wake": null }),
        ]);
        assert_eq!(told.counts(), [1, 1, 0]);
        assert_eq!(told.missing(&[record("one two")]), [""; 0]);
        assert_eq!(told.missing(&[record("one two three")]), [""; 0], "it went on");
        assert_eq!(told.missing(&[record("one")]).len(), 2, "an older state, and less text");
        assert_eq!(told.missing(&[]).len(), 2);
        let mut torn = record("one two");
        torn.check ^= 1;
        assert_eq!(told.missing(&[torn]).len(), 3);
        let number = Acknowledged::of(&[json!({ "checkpoint_saved": { "number": 3 } })]);
        assert_eq!(number.missing(&[]), ["checkpoint 3 is not stored"]);
    }
}
