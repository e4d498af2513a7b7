//! The store: one `IndexedDB` database of the extension's own origin.
//!
//! rexie opens, upgrades and reads. It has no way to ask for a strict commit, so writes go through
//! a second connection of our own to the same database.

use super::words;
use crate::base::{Problem, SessionId};
use crate::wire::records::{Part, Query, RecordKey, StoreName, Stored};
use futures_util::future::join;
use js_sys::{Array, Object, Reflect};
use rexie::{Index, KeyRange, ObjectStore, Rexie, TransactionMode};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbObjectStore, IdbTransaction};

/// Name of the database.
const DATABASE: &str = "shim";
/// Version of its layout: stores and indexes, not the records' form.
const LAYOUT: u32 = 1;

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

/// The open store.
pub struct Store {
    reader: Rexie,
    writer: Durable,
}

impl Store {
    /// Opens the store and makes it where there is none.
    ///
    /// # Errors
    /// `Problem::person` where the browser refuses: a private window without storage, a full
    /// disk, a damaged or foreign database. Nothing stored is touched then.
    pub async fn open() -> Result<Self, Problem> {
        Self::open_named(DATABASE).await
    }

    /// The same under another name, for tests: each has a database of its own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_named(database: &str) -> Result<Self, Problem> {
        let mut builder = Rexie::builder(database).version(LAYOUT);
        for name in StoreName::ALL {
            let store = ObjectStore::new(name.as_str())
                .key_path("key")
                .add_index(Index::new("session", "session"));
            builder = builder.add_object_store(store);
        }
        // The browser takes them in this order: the second finds what the first has made.
        let (reader, writer) = join(builder.build(), open_raw(database)).await;
        let (reader, writer) = match (reader, writer) {
            (Ok(reader), Ok(writer)) => (reader, writer),
            (Ok(reader), Err(thrown)) => {
                reader.close();
                return Err(cannot_open(&words(&thrown)));
            }
            (Err(error), writer) => {
                writer.iter().for_each(|open| open.close());
                return Err(cannot_open(&error.to_string()));
            }
        };
        let names = reader.store_names();
        if StoreName::ALL.iter().any(|name| !names.iter().any(|n| n == name.as_str())) {
            // An open connection would keep a newer SHIM from mending it.
            reader.close();
            writer.close();
            return Err(cannot_open("a database of this name has another layout"));
        }
        Ok(Self { reader, writer })
    }

    /// Reads records. One that has not the form of a record is left out.
    ///
    /// # Errors
    /// `Problem::retry` where the browser failed to read.
    pub async fn query(&self, query: &Query) -> Result<Vec<Stored>, Problem> {
        let failed = |e: rexie::Error| Problem::retry(format!("Reading the store failed: {e}"));
        let mut found = Vec::new();
        match query {
            Query::All(store) => self.read(*store, Wanted::All, &mut found).await,
            Query::One(at) => self.read(at.store, Wanted::Key(&at.key), &mut found).await,
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
        let transaction = self.reader.transaction(&[name.as_str()], TransactionMode::ReadOnly)?;
        let store = transaction.store(name.as_str())?;
        let rows = match wanted {
            Wanted::All => store.get_all(None, None).await?,
            Wanted::Session(session) => {
                let only = KeyRange::only(&JsValue::from_str(session.as_str()))?;
                store.index("session")?.get_all(Some(only), None).await?
            }
            Wanted::Key(key) => store.get(JsValue::from_str(key)).await?.into_iter().collect(),
        };
        found.extend(rows.into_iter().filter_map(|row| from_row(name, row)));
        Ok(())
    }

    /// Commits all of it, or nothing. `strict`: only once it reached the disk.
    ///
    /// # Errors
    /// `Problem::person` where there is no room, `Problem::retry` otherwise.
    pub async fn write(
        &self,
        puts: &[Stored],
        deletes: &[RecordKey],
        strict: bool,
    ) -> Result<(), Problem> {
        if puts.is_empty() && deletes.is_empty() {
            return Ok(());
        }
        let written = self.commit(puts, deletes, strict).await;
        written.map_err(|thrown| {
            let full =
                thrown.dyn_ref::<DomException>().is_some_and(|e| e.name() == "QuotaExceededError");
            if full {
                Problem::person(
                    "There is no room left on the disk or in the browser's quota. Free some space; \
                     SHIM saves again by itself.",
                )
            } else {
                Problem::retry(format!("Writing the store failed: {}", words(&thrown)))
            }
        })
    }

    async fn commit(
        &self,
        puts: &[Stored],
        deletes: &[RecordKey],
        strict: bool,
    ) -> Result<(), JsValue> {
        let stores = Array::new();
        for name in StoreName::ALL {
            let used = puts.iter().map(|put| put.at.store).chain(deletes.iter().map(|d| d.store));
            if used.into_iter().any(|store| store == name) {
                stores.push(&JsValue::from_str(name.as_str()));
            }
        }
        let options = Object::new();
        let durability = if strict { "strict" } else { "relaxed" };
        Reflect::set(&options, &"durability".into(), &durability.into())?;
        let transaction = self.writer.transaction_with(&stores, "readwrite", &options)?;
        let done = completion(&transaction);
        if let Err(thrown) = order(&transaction, puts, deletes) {
            // Nothing of it may stay: what was ordered before the failure is taken back.
            let _ = transaction.abort();
            let _ = done.await;
            return Err(thrown);
        }
        done.await.map(|_| ())
    }
}

enum Wanted<'a> {
    All,
    Session(&'a SessionId),
    Key(&'a str),
}

fn order(
    transaction: &IdbTransaction,
    puts: &[Stored],
    deletes: &[RecordKey],
) -> Result<(), JsValue> {
    let store = |name: StoreName| -> Result<IdbObjectStore, JsValue> {
        transaction.object_store(name.as_str())
    };
    for at in deletes {
        store(at.store)?.delete(&JsValue::from_str(&at.key))?;
    }
    for put in puts {
        store(put.at.store)?.put(&to_row(put)?)?;
    }
    Ok(())
}

/// A promise that settles with the transaction.
fn completion(transaction: &IdbTransaction) -> JsFuture {
    JsFuture::from(js_sys::Promise::new(&mut |resolve, reject| {
        // A transaction ends in exactly one of the two; the callback that is not called goes
        // with the transaction.
        let complete = Closure::once_into_js(move || {
            let _ = resolve.call0(&JsValue::NULL);
        });
        let failed = transaction.clone();
        let abort = Closure::once_into_js(move || {
            let why = failed.error().map_or_else(
                || JsValue::from_str("the browser took the change back"),
                JsValue::from,
            );
            let _ = reject.call1(&JsValue::NULL, &why);
        });
        transaction.set_oncomplete(Some(complete.unchecked_ref()));
        transaction.set_onabort(Some(abort.unchecked_ref()));
    }))
}

async fn open_raw(database: &str) -> Result<Durable, JsValue> {
    let factory =
        Reflect::get(&js_sys::global(), &"indexedDB".into())?.dyn_into::<web_sys::IdbFactory>()?;
    let request = factory.open(database)?;
    let asked = request.clone();
    let promise = js_sys::Promise::new(&mut move |resolve, reject| {
        let opened = asked.clone();
        let success = Closure::once_into_js(move || {
            let database = opened.result().unwrap_or(JsValue::NULL);
            let _ = resolve.call1(&JsValue::NULL, &database);
        });
        let failed = asked.clone();
        let failure = Closure::once_into_js(move || {
            let why = failed.error().ok().flatten().map_or(JsValue::NULL, JsValue::from);
            let _ = reject.call1(&JsValue::NULL, &why);
        });
        asked.set_onsuccess(Some(success.unchecked_ref()));
        asked.set_onerror(Some(failure.unchecked_ref()));
    });
    Ok(JsFuture::from(promise).await?.unchecked_into())
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

fn from_row(store: StoreName, row: JsValue) -> Option<Stored> {
    let row: Row = serde_wasm_bindgen::from_value(row).ok()?;
    Some(Stored {
        at: RecordKey { store, key: row.key },
        session: SessionId(row.session),
        version: row.version,
        head: row.head,
        parts: row.parts,
        check: row.check,
    })
}

fn cannot_open(why: &str) -> Problem {
    Problem::person(format!(
        "SHIM's store cannot be opened ({why}). Nothing is saved now. Free disk space and restart \
         the browser; in a private window storage may be switched off."
    ))
}
