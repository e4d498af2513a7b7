//! Opening the database, and knowing it for SHIM's own.

use super::{Durable, LAYOUT};
use crate::base::Problem;
use crate::shell::words;
use crate::view::texts;
use crate::wire::records::StoreName;
use futures_util::future::join;
use js_sys::{Array, Object, Reflect};
use rexie::{Index, ObjectStore, Rexie};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name of the index by session, and of what it indexes.
pub const SESSION: &str = "session";
/// What every store's keys are read from.
const KEY: &str = "key";

/// Opens both connections.
///
/// # Errors
/// As [`super::Store::open`].
pub async fn open(database: &str) -> Result<(Rexie, Durable), Problem> {
    let mut builder = Rexie::builder(database).version(LAYOUT);
    for name in StoreName::ALL {
        let store =
            ObjectStore::new(name.as_str()).key_path(KEY).add_index(Index::new(SESSION, SESSION));
        builder = builder.add_object_store(store);
    }
    // The browser takes them in this order: the second finds what the first has made.
    let (reader, writer) = join(builder.build(), open_raw(database)).await;
    let why = match (reader, writer) {
        (Ok(reader), Ok(writer)) if is_ours(&writer) => return Ok((reader, writer)),
        (Ok(reader), Ok(writer)) => {
            reader.close();
            Ok(writer)
        }
        (Ok(reader), Err(thrown)) => {
            reader.close();
            Err(words(&thrown))
        }
        (Err(_), Ok(writer)) if newer(&writer) => Ok(writer),
        (Err(error), writer) => {
            writer.iter().for_each(|open| open.close());
            Err(error.to_string())
        }
    };
    Err(match why {
        Ok(writer) => {
            let ours = newer(&writer) && is_ours(&writer);
            // An open connection would keep a newer SHIM from mending it.
            writer.close();
            Problem::person(if ours { texts::STORE_NEWER } else { texts::STORE_FOREIGN })
        }
        Err(why) => Problem::person(format!(
            "SHIM's store cannot be opened ({why}). Nothing is saved now. Free disk space and \
             restart the browser; in a private window storage may be switched off."
        )),
    })
}

/// Whether the database has a later version than this SHIM knows.
fn newer(database: &Durable) -> bool {
    database.version() > f64::from(LAYOUT)
}

/// Whether every store of SHIM's is there, with its keys and its index.
fn is_ours(database: &Durable) -> bool {
    let names: Array = StoreName::ALL.iter().map(|name| JsValue::from_str(name.as_str())).collect();
    let path_is = |value: Result<JsValue, JsValue>, path: &str| {
        value.ok().and_then(|value| value.as_string()).as_deref() == Some(path)
    };
    let Ok(transaction) = database.transaction_with(&names, "readonly", &Object::new()) else {
        return false;
    };
    StoreName::ALL.iter().all(|name| {
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
