//! What was acknowledged to a page, against the records of its chat.

use serde::Deserialize;
use serde_json::Value;
use shim::background::Whole;
use shim::base::text;
use shim::session::codec;
use shim::wire::chat::Turn;
use shim::wire::records::Stored;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What one page told of one event.
#[derive(Deserialize)]
struct Word {
    path: String,
    /// When its document began, in milliseconds, and the how manieth it is of that document.
    at: (f64, f64),
    /// An event that the engine was told, or a message of its for the background.
    text: String,
}

/// What a page was told to be committed.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// Hashes by turn, the last one last.
    turns: BTreeMap<String, Vec<u64>>,
    /// Texts of the turns that were sent, by hash.
    texts: BTreeMap<u64, String>,
    streams: BTreeMap<String, u64>,
    checkpoints: BTreeSet<u32>,
}

impl Acknowledged {
    /// By what pages told of the chat at this address.
    pub(super) fn of(words: &[Value], address: &str) -> Self {
        let mut all = Self::default();
        let words = words.iter().filter_map(|word| Word::deserialize(word).ok());
        let mut words: Vec<Word> = words.filter(|word| address.ends_with(&word.path)).collect();
        words.sort_by(|a, b| a.at.partial_cmp(&b.at).unwrap_or(Ordering::Equal));
        for word in words {
            let event: Value = serde_json::from_str(&word.text).unwrap_or_default();
            let part = |path| event.pointer(path);
            let sent = part("/turns/turns").and_then(Value::as_array).into_iter().flatten();
            for turn in sent.filter_map(|turn| Turn::deserialize(turn).ok()) {
                all.texts.insert(codec::turn_hash(&turn), turn.markdown);
            }
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

    /// Whether a turn is what was acknowledged last, or what was committed after it, or has all of
    /// its text: who tells less than is stored is answered that this is safe.
    fn keeps(&self, turn: &Turn, hashes: &[u64]) -> bool {
        let (hash, last) = (codec::turn_hash(turn), hashes.last());
        let text = last.and_then(|last| self.texts.get(last));
        !hashes.contains(&hash)
            || last == Some(&hash)
            || text.is_some_and(|text| turn.markdown.starts_with(text.as_str()))
    }

    /// What of it the records of the chat do not hold, and what of them is torn.
    pub(super) fn missing(&self, records: &[Stored]) -> Vec<String> {
        let mut faults = Vec::new();
        let whole = Whole::of(records);
        if whole.damaged > 0 {
            faults.push(format!("{} records do not open", whole.damaged));
        }
        for (key, hashes) in &self.turns {
            let turn = whole.turns.iter().find(|turn| turn.key.0 == *key);
            if !turn.is_some_and(|turn| self.keeps(turn, hashes)) {
                let turn = turn.map(|turn| (turn.state, &turn.markdown));
                faults.push(format!("turn {key} is {turn:?}, and was acknowledged as {hashes:x?}"));
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

    fn turn(text: &str) -> Turn {
        Turn { key: "t1".into(), markdown: text.to_owned(), ..Turn::default() }
    }

    fn record(text: &str) -> Stored {
        codec::turn_record(&SessionId::from("claude/a/1"), &turn(text))
    }

    #[test]
    fn what_is_missing_or_torn_is_told() {
        let hash = |text: &str| codec::turn_hash(&turn(text));
        let address = "https://chat.example/c/1";
        let at = |n: u32| json!([1.5, n]);
        let word =
            |n: u32, text: Value| json!({ "path": "/c/1", "at": at(n), "text": text.to_string() });
        let elsewhere = r#"{ "saved": { "turns": { "t2": 7 } } }"#;
        let elsewhere = json!({ "path": "/c/2", "at": at(6), "text": elsewhere });
        let told = Acknowledged::of(
            &[
                elsewhere,
                word(3, json!({ "saved": { "turns": { "t1": hash("one two") } } })),
                word(0, json!({ "saved": { "turns": { "t1": hash("one") } } })),
                word(1, json!({ "stream_saved": { "key": "t1", "hash": text::hash("one t") } })),
                word(2, json!({ "stream_saved": { "key": "t1", "hash": 0 } })),
                word(4, json!({ "saved": { "turns": { "t1": hash("one two") } } })),
                word(5, json!({ "wake": null })),
            ],
            address,
        );
        assert_eq!(told.counts(), [1, 1, 0]);
        assert_eq!(told.missing(&[record("one two")]), [""; 0]);
        assert_eq!(told.missing(&[record("one two three")]), [""; 0], "it went on");
        assert_eq!(told.missing(&[record("one")]).len(), 2, "an older state, and less text");
        assert_eq!(told.missing(&[]).len(), 2);
        let mut torn = record("one two");
        torn.check ^= 1;
        assert_eq!(told.missing(&[torn]).len(), 3);
        let sent = |text: &str| json!({ "turns": { "turns": [turn(text)] } });
        let saved = |text: &str| json!({ "saved": { "turns": { "t1": hash(text) } } });
        let words = [sent("one two"), saved("one two"), sent("one"), saved("one")];
        let words: Vec<Value> = (0..).zip(words).map(|(n, text)| word(n, text)).collect();
        let behind = Acknowledged::of(&words, address);
        assert_eq!(behind.missing(&[record("one two")]), [""; 0], "who is behind is told so");

        let number = [word(0, json!({ "checkpoint_saved": { "number": 3 } }))];
        let number = Acknowledged::of(&number, address);
        assert_eq!(number.missing(&[]), ["checkpoint 3 is not stored"]);
    }
}
