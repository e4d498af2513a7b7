//! One commit: everything is ordered in one transaction, which then ends in all or nothing.

use super::open::SESSION;
use super::to_row;
use crate::wire::records::{Change, StoreName};
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

/// The stores that a change touches.
pub fn stores(change: &Change) -> Array {
    let touches = |store: StoreName| {
        let puts = change.puts.iter().map(|put| put.at.store);
        let deletes = change.deletes.iter().map(|at| at.store);
        let asides = change.asides.iter().map(|aside| aside.at.store);
        change.erased.is_some() || puts.chain(deletes).chain(asides).any(|used| used == store)
    };
    let used = StoreName::ALL.into_iter().filter(|store| touches(*store));
    used.map(|store| JsValue::from_str(store.as_str())).collect()
}

/// Orders all of it.
///
/// # Errors
/// What the browser threw; the transaction is then to be aborted.
pub fn order(transaction: &IdbTransaction, change: &Change) -> Result<(), JsValue> {
    let store = |name: StoreName| -> Result<IdbObjectStore, JsValue> {
        transaction.object_store(name.as_str())
    };
    for aside in &change.asides {
        let (from, to) = (JsValue::from_str(&aside.at.key), JsValue::from_str(&aside.to));
        set_aside(transaction, &store(aside.at.store)?, &from, to)?;
    }
    if let Some(session) = &change.erased {
        for name in StoreName::ALL {
            erase(transaction, &store(name)?, session.as_str())?;
        }
    }
    for at in &change.deletes {
        store(at.store)?.delete(&JsValue::from_str(&at.key))?;
    }
    for put in &change.puts {
        store(put.at.store)?.put(&to_row(put)?)?;
    }
    Ok(())
}

/// Both keys are read before anything that is ordered later is carried out; what lay there is
/// then put under its new key, whatever form it has.
fn set_aside(
    transaction: &IdbTransaction,
    store: &IdbObjectStore,
    from: &JsValue,
    to: JsValue,
) -> Result<(), JsValue> {
    let there = store.get(&to)?;
    let old = store.get(from)?;
    let (read, store) = (old.clone(), store.clone());
    then(transaction, &old, move || {
        let row = read.result()?;
        if row.is_undefined() || !there.result()?.is_undefined() {
            return Ok(());
        }
        Reflect::set(&row, &"key".into(), &to)?;
        store.put(&row).map(|_| ())
    });
    Ok(())
}

/// By their index, without reading them: so what has not the form of a record goes too.
fn erase(
    transaction: &IdbTransaction,
    store: &IdbObjectStore,
    session: &str,
) -> Result<(), JsValue> {
    let only = IdbKeyRange::only(&JsValue::from_str(session))?;
    let found = store.index(SESSION)?.get_all_keys_with_key(&only)?;
    let (read, store) = (found.clone(), store.clone());
    then(transaction, &found, move || {
        for key in read.result()?.unchecked_into::<Array>().iter() {
            store.delete(&key)?;
        }
        Ok(())
    });
    Ok(())
}

/// Goes on when a request succeeded, inside the same transaction; a failure takes all of it back.
fn then(
    transaction: &IdbTransaction,
    request: &IdbRequest,
    work: impl FnOnce() -> Result<(), JsValue> + 'static,
) {
    let transaction = transaction.clone();
    let success = Closure::once_into_js(move || {
        if work().is_err() {
            // Where it is over already, it was taken back.
            let _ = transaction.abort();
        }
    });
    request.set_onsuccess(Some(success.unchecked_ref()));
}

/// A promise that settles with the transaction.
pub fn completion(transaction: &IdbTransaction) -> JsFuture {
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
