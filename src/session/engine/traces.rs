//! What a page may still show of the chat before, under the URL of the next one.

use crate::base::TurnKey;
use crate::base::text::hash;
use crate::wire::chat::{Reading, Turn};
use std::collections::{BTreeMap, BTreeSet};

/// Turns of one chat, as far as they tell it from another.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Keys that belong to this chat alone.
    keys: BTreeSet<TurnKey>,
    /// Keys that are places, which come again in every chat: with the mark of the text.
    places: BTreeMap<TurnKey, u64>,
}

impl Traces {
    /// A turn of this chat was read.
    pub(super) fn note(&mut self, turn: &Turn) {
        if turn.key.is_place() {
            self.places.insert(turn.key.clone(), mark(&turn.markdown));
        } else {
            self.keys.insert(turn.key.clone());
        }
    }

    /// Whether this turn is of this chat, by a key that no other has.
    pub(super) fn own(&self, turn: &Turn) -> bool {
        self.keys.contains(&turn.key)
    }

    /// Whether all that the page shows may still be this chat, where only places tell its turns.
    pub(super) fn fill(&self, reading: &Reading) -> bool {
        let mine = |turn: &Turn| {
            self.places.get(&turn.key).is_some_and(|was| {
                // An answer may have grown since.
                let start = turn.markdown.get(..(*was >> 32) as usize);
                start.is_some_and(|start| mark(start) == *was)
            })
        };
        !reading.mounted.is_empty() && reading.changed.iter().all(mine)
    }

    /// Whether turns are known by their places.
    pub(super) fn by_place(&self) -> bool {
        !self.places.is_empty()
    }

    /// The page has turned over: places now mean the next chat's turns.
    pub(super) fn turned_over(&mut self) {
        self.places.clear();
    }
}

/// Length and half a hash of a text in one number, which keeps the page's wasm small.
fn mark(text: &str) -> u64 {
    ((text.len() as u64) << 32) | (hash(text) & 0xffff_ffff)
}
