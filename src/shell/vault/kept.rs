//! Where keys and the lock are kept.

use crate::base::Problem;
use crate::session::vault::{Key, Lock, of_hex, random, to_hex};
use crate::shell::store::Store;
use crate::shell::words;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = get, catch)]
    async fn local_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = set, catch)]
    async fn local_set(items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = remove, catch)]
    async fn local_remove(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = get, catch)]
    async fn session_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = set, catch)]
    async fn session_set(items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = remove, catch)]
    async fn session_remove(keys: &JsValue) -> Result<JsValue, JsValue>;
}

/// In the extension's storage: the lock, and the names of annexes, one a line.
const LOCK: &str = "vault";
const ANNEXES: &str = "vault annexes";
/// In memory: the secret key, the key of this start, and the annexe in use.
const SECRET: &str = "vault secret";
const DAY: &str = "vault day";
const ANNEXE: &str = "vault annexe";

/// What the name of an annexe begins with.
const PREFIX: &str = "shim annexe ";
/// There is a lock that this SHIM does not know.
const UNREADABLE: &str = "\
    What is stored here is encrypted, and what it is encrypted with cannot be read: it is damaged, \
    or of a newer SHIM. Nothing is saved now. Update the extension.";

fn text(items: Result<JsValue, JsValue>, key: &str) -> Result<String, JsValue> {
    Ok(Reflect::get(&items?, &key.into())?.as_string().unwrap_or_default())
}

fn one(key: &str, value: &str) -> Result<JsValue, Problem> {
    let items = Object::new();
    Reflect::set(&items, &key.into(), &value.into()).map_err(refused)?;
    Ok(items.into())
}

fn refused(thrown: JsValue) -> Problem {
    Problem::retry(format!("The extension's storage failed: {}", words(&thrown)))
}

/// The lock. Where one of its places lost it, it is written there again (`mends`).
///
/// # Errors
/// Where it could not be looked for, or is there and cannot be read: then nothing may be taken for
/// unencrypted.
pub async fn lock(main: &Store, mends: bool) -> Result<Option<Lock>, Problem> {
    let here = text(local_get(LOCK).await, LOCK).map_err(refused)?;
    let beside = main.lock().await?;
    let lock = Lock::read(&here).or_else(|| Lock::read(&beside));
    if lock.is_none() && !(here.is_empty() && beside.is_empty()) {
        return Err(Problem::person(UNREADABLE));
    }
    if let Some(lock) = &lock
        && mends
        && here != beside
    {
        // A death in between lets the two differ: either opens the same records.
        let _ = keep_lock(main, lock).await;
    }
    Ok(lock)
}

pub async fn keep_lock(main: &Store, lock: &Lock) -> Result<(), Problem> {
    let text = serde_json::to_string(lock).unwrap_or_default();
    main.keep_lock(Some(&text)).await?;
    local_set(&one(LOCK, &text)?).await.map_err(refused)?;
    Ok(())
}

pub async fn drop_lock(main: &Store) -> Result<(), Problem> {
    local_remove(LOCK).await.map_err(refused)?;
    main.keep_lock(None).await
}

pub async fn secret() -> Option<Key> {
    of_hex(&text(session_get(SECRET).await, SECRET).ok()?)?.try_into().ok()
}

pub async fn keep_secret(secret: &Key) -> Result<(), Problem> {
    session_set(&one(SECRET, &to_hex(secret))?).await.map_err(refused)?;
    Ok(())
}

pub async fn day() -> Vec<u8> {
    let hex = text(session_get(DAY).await, DAY).unwrap_or_default();
    of_hex(&hex).unwrap_or_default()
}

/// Without it the next start of the worker makes another, which reads what this one sealed only
/// with the secret key.
pub async fn keep_day(day: &[u8]) {
    if let Ok(items) = one(DAY, &to_hex(day)) {
        let _ = session_set(&items).await;
    }
}

pub async fn forget_keys() {
    let keys: Array = [SECRET, DAY, ANNEXE].into_iter().map(JsValue::from_str).collect();
    let _ = session_remove(&keys).await;
}

/// The annexe of this time that SHIM is locked; it is listed before it is made. Empty: there is
/// none yet.
///
/// # Errors
/// Where it could not be listed.
pub async fn annexe(begins: bool) -> Result<String, Problem> {
    let there = text(session_get(ANNEXE).await, ANNEXE).map_err(refused)?;
    if !begins {
        return Ok(there);
    }
    let is_new = there.is_empty();
    let name = if is_new { format!("{PREFIX}{}", to_hex(&random::<8>())) } else { there };
    let mut all = annexes().await?;
    if !all.contains(&name) {
        all.push(name.clone());
        list_annexes(&all).await?;
    }
    if is_new {
        session_set(&one(ANNEXE, &name)?).await.map_err(refused)?;
    }
    Ok(name)
}

/// All annexes, oldest first; before them such as are there and not listed.
///
/// # Errors
/// Where the browser does not tell.
pub async fn annexes() -> Result<Vec<String>, Problem> {
    let list = text(local_get(ANNEXES).await, ANNEXES).map_err(refused)?;
    let listed: Vec<String> = list.lines().map(str::to_owned).collect();
    let there = Store::names().await?;
    let unlisted = there.into_iter().filter(|name| name.starts_with(PREFIX));
    let mut all: Vec<String> = unlisted.filter(|name| !listed.contains(name)).collect();
    all.extend(listed);
    Ok(all)
}

pub async fn list_annexes(all: &[String]) -> Result<(), Problem> {
    local_set(&one(ANNEXES, &all.join("\n"))?).await.map_err(refused)?;
    Ok(())
}
