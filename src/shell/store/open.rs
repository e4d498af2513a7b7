//! Opening the database, and knowing it for SHIM's own.

use super::{Durable, LAYOUT};
use crate::base::Problem;
use crate::shell::words;
use crate::view::texts;
use crate::wire::records::StoreName;
use js_sys::{Array, Object, Reflect};
use rexie::{Index, ObjectStore, Rexie};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::DomException;

/// The name of the index by session, and of what it indexes.
pub const SESSION: &str = "session";
/// What every store's keys are read from.
const KEY: &str = "key";

/// How many of [`StoreName::ALL`] each layout has: signals came with the second, drafts with the
/// third.
const STORES: [usize; LAYOUT as usize] = [6, 7, StoreName::ALL.len()];

/// Opens both connections.
///
/// # Errors
/// As [`super::Store::open`].
pub async fn open(database: &str) -> Result<(Rexie, Durable), Problem> {
    let current = of_this_layout(database).await?;
    let reader = build(database).await.map_err(|error| unopened(&error.to_string()));
    let writer = match current {
        Some(writer) => Ok(writer),
        None => open_raw(database).await.map_err(|thrown| unopened(&words(&thrown))),
    };
    match (reader, writer) {
        (Ok(reader), Ok(writer)) => Ok((reader, writer)),
        (Ok(reader), Err(why)) => {
            reader.close();
            Err(why)
        }
        (Err(why), writer) => {
            writer.iter().for_each(|open| open.close());
            Err(why)
        }
    }
}

/// Opens what is there, where it has this layout. None: there is nothing yet, or an earlier layout
/// of SHIM's own. This is looked at before anything may change: an upgrade by rexie makes the
/// stores that are missing, and throws every store away that it does not know.
async fn of_this_layout(database: &str) -> Result<Option<Durable>, Problem> {
    let there = match open_raw(database).await {
        Ok(there) => there,
        Err(thrown) if is_absent(&thrown) => return Ok(None),
        Err(thrown) => return Err(unopened(&words(&thrown))),
    };
    let (layout, this) = (there.version(), f64::from(LAYOUT));
    let older = layout < this;
    let mut layouts = (1..).map(f64::from).zip(STORES);
    let stores =
        layouts.find(|(number, _)| layout <= *number).map_or(StoreName::ALL.len(), |l| l.1);
    if is_ours(&there, StoreName::ALL.get(..stores).unwrap_or_default()) && layout <= this {
        if older {
            // It would be in the way of the upgrade.
            there.close();
        }
        return Ok((!older).then_some(there));
    }
    let newer = layout > this && is_ours(&there, &StoreName::ALL);
    // An open connection would keep a newer SHIM from mending it.
    there.close();
    Err(Problem::person(if newer { texts::STORE_NEWER } else { texts::STORE_FOREIGN }))
}

/// Opens the database with every store, and makes those that are missing.
async fn build(database: &str) -> rexie::Result<Rexie> {
    let mut builder = Rexie::builder(database).version(LAYOUT);
    for name in StoreName::ALL {
        let store =
            ObjectStore::new(name.as_str()).key_path(KEY).add_index(Index::new(SESSION, SESSION));
        builder = builder.add_object_store(store);
    }
    builder.build().await
}

fn unopened(why: &str) -> Problem {
    Problem::person(format!(
        "SHIM's store cannot be opened ({why}). Nothing is saved now. Free disk space and restart \
         the browser; in a private window storage may be switched off."
    ))
}

/// Whether there was no database: then [`open_raw`] took the making of it back.
fn is_absent(thrown: &JsValue) -> bool {
    thrown.dyn_ref::<DomException>().is_some_and(|error| error.name() == "AbortError")
}

/// Whether every one of these stores of SHIM's is there, with its keys and its index.
fn is_ours(database: &Durable, stores: &[StoreName]) -> bool {
    let names: Array = stores.iter().map(|name| JsValue::from_str(name.as_str())).collect();
    let path_is = |value: Result<JsValue, JsValue>, path: &str| {
        value.ok().and_then(|value| value.as_string()).as_deref() == Some(path)
    };
    let Ok(transaction) = database.transaction_with(&names, "readonly", &Object::new()) else {
        return false;
    };
    stores.iter().all(|name| {
        transaction.object_store(name.as_str()).is_ok_and(|store| {
            path_is(store.key_path(), KEY)
                && store.index(SESSION).is_ok_and(|index| path_is(index.key_path(), SESSION))
        })
    })
}

/// Opens what is there, and makes nothing: an empty database would look like a foreign one.
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
        let absent = asked.clone();
        let upgrade = Closure::once_into_js(move || {
            if let Some(transaction) = absent.transaction() {
                // Then the request fails, which is told above.
                let _ = transaction.abort();
            }
        });
        asked.set_onsuccess(Some(success.unchecked_ref()));
        asked.set_onerror(Some(failure.unchecked_ref()));
        asked.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    });
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Names of the databases of this origin.
pub async fn names() -> Result<Vec<String>, JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into())?;
    let ask = Reflect::get(&factory, &"databases".into())?.dyn_into::<js_sys::Function>()?;
    let told = ask.call0(&factory)?.dyn_into::<js_sys::Promise>()?;
    let list: Array = JsFuture::from(told).await?.unchecked_into();
    let name = |one: JsValue| Reflect::get(&one, &"name".into()).ok()?.as_string();
    Ok(list.iter().filter_map(name).collect())
}
