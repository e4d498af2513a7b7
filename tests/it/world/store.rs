//! The simulator's store. It keeps the same contract as the real one.

use crate::contract::{Step, cases};
use shim::base::SessionId;
use shim::session::codec;
use shim::wire::records::{Change, Query, RecordKey, StoreName, Stored};
use std::collections::BTreeMap;

/// Records in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    records: BTreeMap<RecordKey, Stored>,
    /// Second copies, which do not go with the records.
    copies: BTreeMap<SessionId, Vec<Stored>>,
    /// Every put into this store fails.
    pub broken: Option<StoreName>,
}

impl Memory {
    /// Commits all of it, or nothing.
    pub fn write(&mut self, change: &Change) -> Result<(), String> {
        if change.puts.iter().any(|put| Some(put.at.store) == self.broken) {
            return Err("a put failed".into());
        }
        for aside in &change.asides {
            let to = RecordKey { store: aside.at.store, key: aside.to.clone() };
            if let (Some(old), false) = (self.get(&aside.at), self.records.contains_key(&to)) {
                let moved = Stored { at: to.clone(), ..old.clone() };
                self.records.insert(to, moved);
            }
        }
        if let Some(session) = &change.erased {
            self.copies.remove(session);
            self.records.retain(|_, record| record.session != *session);
        }
        for key in &change.deletes {
            self.records.remove(key);
        }
        for put in &change.puts {
            self.records.insert(put.at.clone(), put.clone());
        }
        Ok(())
    }

    /// Answers as the real store does.
    pub fn query(&self, query: &Query) -> Vec<Stored> {
        match query {
            Query::All(store) => self.of(*store, |_| true),
            Query::Copies(Some(session)) => self.copies.get(session).cloned().unwrap_or_default(),
            Query::Copies(None) => self.copies.values().flatten().cloned().collect(),
            Query::One(at) => self.get(at).into_iter().cloned().collect(),
            Query::OfSession(stores, session) => {
                let of = |store: &StoreName| self.of(*store, |record| record.session == *session);
                stores.iter().flat_map(of).collect()
            }
            Query::Page { store, after, count } => {
                let before = |key: &str| {
                    after.as_ref().is_some_and(|a| key.encode_utf16().le(a.encode_utf16()))
                };
                let mut found = self.of(*store, |record| !before(&record.at.key));
                found.truncate(*count as usize);
                found
            }
        }
    }

    fn of(&self, store: StoreName, wanted: impl Fn(&Stored) -> bool) -> Vec<Stored> {
        let mut found: Vec<Stored> = self
            .records
            .values()
            .filter(|record| record.at.store == store && wanted(record))
            .cloned()
            .collect();
        // IndexedDB sorts by UTF-16 units; a map of strings by bytes.
        found.sort_by(|a, b| a.at.key.encode_utf16().cmp(b.at.key.encode_utf16()));
        found
    }

    /// Keeps a second copy in place of the one before.
    pub fn keep(&mut self, session: SessionId, records: Vec<Stored>) {
        if records.is_empty() {
            self.copies.remove(&session);
        } else {
            self.copies.insert(session, records);
        }
    }

    /// The second copy of a chat; empty: there is none.
    pub fn copy(&self, session: &SessionId) -> Vec<Stored> {
        self.query(&Query::Copies(Some(session.clone())))
    }

    /// Bytes of packed parts.
    pub fn bytes(&self) -> u64 {
        self.values().map(codec::packed_bytes).sum()
    }

    /// Everything but the second copies is gone.
    pub fn lose(&mut self) {
        self.records.clear();
    }

    /// A record lies there otherwise than it was put.
    pub fn spoil(&mut self, record: Stored) {
        self.records.insert(record.at.clone(), record);
    }

    pub fn get(&self, at: &RecordKey) -> Option<&Stored> {
        self.records.get(at)
    }

    pub fn values(&self) -> impl Iterator<Item = &Stored> {
        self.records.values()
    }
}

#[test]
fn store_contract() {
    let cases = cases();
    assert!(cases.len() >= 12);
    for case in cases {
        let mut store = Memory { broken: case.broken, ..Memory::default() };
        for (at, step) in case.steps.into_iter().enumerate() {
            let place = format!("{}, step {at}", case.name);
            match step {
                Step::Write { change, strict } => {
                    let written = store.write(&change);
                    assert_eq!(written, Ok(()), "{place}, strict: {strict}");
                }
                Step::Refused { change } => assert!(store.write(&change).is_err(), "{place}"),
                Step::Read { query, found } => assert_eq!(store.query(&query), found, "{place}"),
                Step::Reopen => {}
            }
        }
    }
}
