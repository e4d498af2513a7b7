//! The form of records that lie in the store, sealed or not, and the lock beside them.

use super::Store;
use crate::base::{Problem, SessionId};
use crate::session::{codec, vault};
use crate::wire::records::{Change, Query, RecordKey, StoreName, Stored};

/// Key of the lock, beside the settings.
const LOCK: &str = "vault";

/// Records of one step of [`Store::reseal`].
const RESEALED: u32 = 64;

fn lock_key() -> RecordKey {
    RecordKey { store: StoreName::Settings, key: LOCK.to_owned() }
}

pub fn is_lock(at: &RecordKey) -> bool {
    at.store == StoreName::Settings && at.key == LOCK
}

impl Store {
    /// The lock that lies here; empty: there is none.
    ///
    /// # Errors
    /// As [`Store::query`].
    pub async fn lock(&self) -> Result<String, Problem> {
        let at = lock_key();
        let found = self.read_all(&Query::One(at)).await?;
        Ok(found.into_iter().next().map(|record| record.head).unwrap_or_default())
    }

    /// Keeps this lock here; none: there is none any more.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn keep_lock(&self, text: Option<&str>) -> Result<(), Problem> {
        let record = |text: &str| Stored {
            head: text.to_owned(),
            ..codec::formless(lock_key(), SessionId::default())
        };
        let puts = text.map(record).into_iter().collect();
        let deletes = if text.is_some() { Vec::new() } else { vec![lock_key()] };
        let main = self.main.as_deref().unwrap_or(self);
        main.write_here(&Change { puts, deletes, ..Change::default() }, true).await
    }

    /// Puts a page of records that follow this key into the form that records are written in now.
    /// Returns the last key seen; none: there are no more.
    ///
    /// # Errors
    /// As [`Store::query`] and [`Store::write`].
    pub async fn reseal(
        &self,
        store: StoreName,
        after: Option<String>,
    ) -> Result<Option<String>, Problem> {
        let page = Query::Page { store, after, count: RESEALED };
        let found = self.read_all(&page).await?;
        let last = found.last().map(|record| record.at.key.clone());
        let last = last.filter(|_| found.len() >= RESEALED as usize);
        let seal = self.seal();
        let puts = found
            .into_iter()
            .filter(|one| one.at.store != StoreName::Settings && self.is_other(one.clone()));
        let puts = puts.map(|one| seal.open(one)).collect();
        self.write(&Change { puts, ..Change::default() }, true).await?;
        Ok(last)
    }

    /// Whether a record lies here that [`Store::reseal`] would change.
    ///
    /// # Errors
    /// As [`Store::query`].
    pub async fn is_mixed(&self) -> Result<bool, Problem> {
        for store in StoreName::ALL.into_iter().filter(|store| *store != StoreName::Settings) {
            let mut after = None;
            loop {
                let page = Query::Page { store, after, count: RESEALED };
                let found = self.read_all(&page).await?;
                let last = found.last().map(|record| record.at.key.clone());
                let full = found.len() >= RESEALED as usize;
                if found.into_iter().any(|one| self.is_other(one)) {
                    return Ok(true);
                }
                if !full {
                    break;
                }
                after = last;
            }
        }
        Ok(false)
    }

    /// Whether a record as it lies here has another form than it would be written in.
    fn is_other(&self, record: Stored) -> bool {
        let seal = self.seal();
        let other = vault::is_sealed(&record) != seal.writes;
        // What has not the form of a record would lose what it has; what no key opens stays.
        other && record.version > 0 && !is_lock(&record.at) && !vault::is_sealed(&seal.open(record))
    }
}
