//! The store: one `IndexedDB` database of the extension's own origin.
//!
//! rexie opens, upgrades and reads. It has no way to ask for a strict commit, so writes go through
//! a second connection of our own to the same database.

mod commit;
mod form;
mod open;
mod room;

pub use room::measured;

use super::{copies, words};
use crate::base::{Problem, SessionId};
use crate::session::codec;
use crate::session::vault::Keys;
use crate::wire::records::{Change, Part, Query, RecordKey, StoreName, Stored};
use js_sys::{Array, Object, Reflect};
use rexie::{KeyRange, Rexie, TransactionMode};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DomException, IdbDatabase, IdbTransaction};

/// Name of the database.
const DATABASE: &str = "shim";
/// Version of its layout: stores and indexes, not the records' form. The first had no history.
const LAYOUT: u32 = 3;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = IdbDatabase)]
    type Durable;

    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with(
        this: &Durable,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// A record as it lies in the database.
#[derive(Serialize, Deserialize)]
struct Row {
    key: String,
    session: String,
    version: u16,
    head: String,
    parts: Vec<Part>,
    check: u32,
}

/// How records are sealed: with which keys, and whether those that are written are.
#[derive(Clone, Default)]
pub struct Seal {
    keys: Option<Rc<Keys>>,
    writes: bool,
    /// What was stored before cannot be read: second copies are left alone.
    pub locked: bool,
}

impl Seal {
    /// A record as it is to be written.
    #[must_use]
    pub fn close(&self, record: &Stored) -> Stored {
        let keys = self.keys.as_ref().filter(|_| self.writes);
        let keys = keys.filter(|_| record.at.store != StoreName::Settings);
        keys.map_or_else(|| record.clone(), |keys| keys.seal(record))
    }

    /// Whether records that are written are sealed.
    #[must_use]
    pub const fn writes(&self) -> bool {
        self.writes
    }

    /// A record as it was before it was sealed.
    #[must_use]
    pub fn open(&self, record: Stored) -> Stored {
        match &self.keys {
            Some(keys) => keys.open(record),
            None => record,
        }
    }
}

/// The open store.
pub struct Store {
    /// None only while it is dropped.
    reader: Option<Rexie>,
    writer: Durable,
    seal: RefCell<Seal>,
    /// Where the settings lie; none: here.
    main: Option<Box<Store>>,
}

/// Closes both connections, at once and not some time later: an open one is in the way of who
/// deletes the database. What was committed stays.
impl Drop for Store {
    fn drop(&mut self) {
        self.writer.close();
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
    }
}

impl Store {
    /// Opens the store and makes it where there is none, if there is room for that: Chromium throws
    /// a whole database away that it fails to open on a full disk.
    ///
    /// # Errors
    /// `Problem::no_room` where there is too little room to try.
    /// `Problem::person` where the browser refuses (a private window without storage, a full
    /// disk), and where the database is not SHIM's or of a newer SHIM. Nothing stored is touched
    /// then.
    pub async fn open() -> Result<Self, Problem> {
        room::try_out().await?;
        Self::open_named(DATABASE).await
    }

    /// The same under another name, wherever there is room, for tests: each has a database of its
    /// own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_named(database: &str) -> Result<Self, Problem> {
        let (reader, writer) = open::open(database).await?;
        Ok(Self { reader: Some(reader), writer, seal: RefCell::default(), main: None })
    }

    /// Deletes a database. Nothing may be open of it.
    ///
    /// # Errors
    /// `Problem::retry` where the browser refuses.
    pub async fn delete_named(database: &str) -> Result<(), Problem> {
        Rexie::delete(database).await.map_err(failed)
    }

    /// From now on records are sealed with these keys (`writes`), and those that are sealed are
    /// opened.
    pub fn seal_with(&self, keys: Option<Rc<Keys>>, writes: bool) {
        *self.seal.borrow_mut() = Seal { keys, writes, locked: false };
    }

    /// How records are sealed.
    #[must_use]
    pub fn seal(&self) -> Seal {
        self.seal.borrow().clone()
    }

    /// This one beside another, where the settings lie and what cannot be read now.
    #[must_use]
    pub fn beside(mut self, main: Self) -> Self {
        self.seal.borrow_mut().locked = true;
        self.main = Some(Box::new(main));
        self
    }

    /// Reads records. What has not the form of a record comes as one that does not open.
    ///
    /// # Errors
    /// `Problem::retry` where the browser failed to read.
    pub async fn query(&self, query: &Query) -> Result<Vec<Stored>, Problem> {
        let mut found = self.read_all(query).await?;
        let seal = self.seal();
        found.retain(|record| !form::is_lock(&record.at));
        Ok(found.into_iter().map(|record| seal.open(record)).collect())
    }

    /// The same as they lie there.
    async fn read_all(&self, query: &Query) -> Result<Vec<Stored>, Problem> {
        let mut found = Vec::new();
        match query {
            Query::Copies(_) if self.seal.borrow().locked => return Ok(found),
            Query::All(store) => self.read(*store, Wanted::All, &mut found).await,
            Query::One(at) => self.read(at.store, Wanted::Key(&at.key), &mut found).await,
            Query::Page { store, after, count } => {
                self.read(*store, Wanted::Page(after.as_deref(), *count), &mut found).await
            }
            Query::Copies(of) => return copies::read(of.as_ref(), &self.seal()).await,
            Query::OfSession(stores, session) => {
                for store in stores {
                    let wanted = Wanted::Session(session);
                    self.read(*store, wanted, &mut found).await.map_err(failed)?;
                }
                Ok(())
            }
        }
        .map_err(failed)?;
        Ok(found)
    }

    async fn read(
        &self,
        name: StoreName,
        wanted: Wanted<'_>,
        found: &mut Vec<Stored>,
    ) -> rexie::Result<()> {
        let main = self.main.as_deref().filter(|_| name == StoreName::Settings).unwrap_or(self);
        let Some(reader) = &main.reader else { return Ok(()) };
        let transaction = reader.transaction(&[name.as_str()], TransactionMode::ReadOnly)?;
        let store = transaction.store(name.as_str())?;
        let rows = match wanted {
            Wanted::All => store.get_all(None, None).await?,
            Wanted::Session(session) => {
                let only = KeyRange::only(&JsValue::from_str(session.as_str()))?;
                store.index("session")?.get_all(Some(only), None).await?
            }
            Wanted::Page(after, count) => {
                // Every text that follows. After texts come bytes, then lists.
                let (from, to) = (JsValue::from_str(after.unwrap_or_default()), Array::new());
                let range = KeyRange::bound(&from, &to, Some(after.is_some()), Some(true))?;
                store.get_all(Some(range), Some(count)).await?
            }
            Wanted::Key(key) => store.get(JsValue::from_str(key)).await?.into_iter().collect(),
        };
        found.extend(rows.into_iter().map(|row| from_row(name, row)));
        Ok(())
    }

    /// Commits all of it, or nothing. `strict`: only once it reached the disk.
    ///
    /// # Errors
    /// `Problem::person` where there is no room, `Problem::retry` otherwise.
    pub async fn write(&self, change: &Change, strict: bool) -> Result<(), Problem> {
        let Some(main) = self.main.as_deref() else { return self.write_here(change, strict).await };
        let (settings, here) =
            change.puts.iter().cloned().partition(|put| put.at.store == StoreName::Settings);
        // What is deleted goes there too, where it cannot be read.
        let there = Change { puts: settings, erased: change.erased.clone(), ..Change::default() };
        main.write_here(&there, strict).await?;
        self.write_here(&Change { puts: here, ..change.clone() }, strict).await
    }

    async fn write_here(&self, change: &Change, strict: bool) -> Result<(), Problem> {
        if *change == Change::default() {
            return Ok(());
        }
        let seal = self.seal();
        let puts = change.puts.iter().map(|put| seal.close(put)).collect();
        let written = self.commit(&Change { puts, ..change.clone() }, strict).await;
        written.map_err(|thrown| {
            let full =
                thrown.dyn_ref::<DomException>().is_some_and(|e| e.name() == "QuotaExceededError")
                    // So Chromium says it of a full disk.
                    || words(&thrown).contains("NO_SPACE");
            if full {
                Problem::no_room()
            } else {
                Problem::retry(format!("Writing the store failed: {}", words(&thrown)))
            }
        })
    }

    /// Names of all databases of the extension.
    ///
    /// # Errors
    /// `Problem::retry` where the browser does not tell.
    pub async fn names() -> Result<Vec<String>, Problem> {
        let told = open::names().await;
        told.map_err(|thrown| Problem::retry(format!("Reading failed: {}", words(&thrown))))
    }

    async fn commit(&self, change: &Change, strict: bool) -> Result<(), JsValue> {
        let stores = commit::stores(change);
        let options = Object::new();
        let durability = if strict { "strict" } else { "relaxed" };
        Reflect::set(&options, &"durability".into(), &durability.into())?;
        let transaction = self.writer.transaction_with(&stores, "readwrite", &options)?;
        let done = commit::completion(&transaction);
        if let Err(thrown) = commit::order(&transaction, change) {
            // Nothing of it may stay: what was ordered before the failure is taken back.
            let _ = transaction.abort();
            let _ = done.await;
            return Err(thrown);
        }
        done.await.map(|_| ())
    }
}

fn failed(error: rexie::Error) -> Problem {
    Problem::retry(format!("Reading the store failed: {error}"))
}

enum Wanted<'a> {
    All,
    Session(&'a SessionId),
    Key(&'a str),
    Page(Option<&'a str>, u32),
}

fn to_row(stored: &Stored) -> Result<JsValue, JsValue> {
    let row = Row {
        key: stored.at.key.clone(),
        session: stored.session.0.clone(),
        version: stored.version,
        head: stored.head.clone(),
        parts: stored.parts.clone(),
        check: stored.check,
    };
    Ok(serde_wasm_bindgen::to_value(&row)?)
}

fn from_row(store: StoreName, row: JsValue) -> Stored {
    let text = |name: &str| Reflect::get(&row, &name.into()).ok()?.as_string();
    let Ok(row) = serde_wasm_bindgen::from_value::<Row>(row.clone()) else {
        // A key that is no text is no key of a record, and never in the way of one.
        let at = RecordKey { store, key: text("key").unwrap_or_default() };
        return codec::formless(at, SessionId(text(open::SESSION).unwrap_or_default()));
    };
    Stored {
        at: RecordKey { store, key: row.key },
        session: SessionId(row.session),
        version: row.version,
        head: row.head,
        parts: row.parts,
        check: row.check,
    }
}
