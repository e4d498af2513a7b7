//! Second copies of chats, in the extension's own storage: the browser keeps that apart from the
//! databases, so that it stands when they are lost.

use super::store::Seal;
use super::words;
use crate::base::{Problem, SessionId};
use crate::wire::records::{Part, RecordKey, StoreName, Stored};
use js_sys::{Object, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = get, catch)]
    async fn local_get(key: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = set, catch)]
    async fn local_set(items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "local"], js_name = remove, catch)]
    async fn local_remove(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn btoa(latin1: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch)]
    fn atob(base64: &str) -> Result<String, JsValue>;
}

/// What each key begins with; the session follows.
const COPY: &str = "copy ";

/// A record as it lies there, as JSON: that storage holds no bytes.
#[derive(Serialize, Deserialize)]
struct Row {
    store: StoreName,
    key: String,
    session: String,
    version: u16,
    head: String,
    /// Base64 of each.
    parts: Vec<String>,
    check: u32,
}

/// Keeps these records of a session in place of what is there; without any, nothing.
///
/// # Errors
/// `Problem::retry` with the browser's words, where there is no room for example.
pub async fn keep(session: &SessionId, records: &[Stored], seal: &Seal) -> Result<(), Problem> {
    if seal.locked {
        // What is there holds more, and cannot be read.
        return Ok(());
    }
    if records.is_empty() {
        return forget(session).await;
    }
    let rows: Option<Vec<Row>> = records.iter().map(|one| to_row(&seal.close(one))).collect();
    let text = rows.and_then(|rows| serde_json::to_string(&rows).ok());
    let text = text.ok_or_else(|| Problem::retry("It could not be written as text."))?;
    let items = Object::new();
    let set = Reflect::set(&items, &key(session).into(), &text.into());
    set.map_err(refused)?;
    local_set(&items).await.map_err(refused)?;
    Ok(())
}

/// Deletes what is there of a session.
///
/// # Errors
/// `Problem::retry` where the browser refuses.
pub async fn forget(session: &SessionId) -> Result<(), Problem> {
    local_remove(&key(session)).await.map_err(refused)?;
    Ok(())
}

/// Records of a session, or of all. What is no record is left out.
///
/// # Errors
/// `Problem::retry` where the browser does not tell.
pub async fn read(of: Option<&SessionId>, seal: &Seal) -> Result<Vec<Stored>, Problem> {
    let wanted = of.map_or(JsValue::NULL, |session| JsValue::from_str(&key(session)));
    let items = local_get(&wanted).await.map_err(refused)?;
    let mut found = Vec::new();
    for entry in Object::entries(items.unchecked_ref()).iter() {
        let at = |index| Reflect::get_u32(&entry, index).ok().and_then(|value| value.as_string());
        if let (Some(name), Some(text)) = (at(0), at(1))
            && name.starts_with(COPY)
        {
            let rows: Vec<Row> = serde_json::from_str(&text).unwrap_or_default();
            found.extend(rows.into_iter().filter_map(from_row).map(|one| seal.open(one)));
        }
    }
    Ok(found)
}

fn key(session: &SessionId) -> String {
    format!("{COPY}{session}")
}

fn refused(thrown: JsValue) -> Problem {
    Problem::retry(format!("The extension's storage failed: {}", words(&thrown)))
}

fn to_row(stored: &Stored) -> Option<Row> {
    let base64 =
        |part: &Part| btoa(&part.0.iter().map(|byte| char::from(*byte)).collect::<String>());
    Some(Row {
        store: stored.at.store,
        key: stored.at.key.clone(),
        session: stored.session.0.clone(),
        version: stored.version,
        head: stored.head.clone(),
        parts: stored.parts.iter().map(|part| base64(part).ok()).collect::<Option<_>>()?,
        check: stored.check,
    })
}

fn from_row(row: Row) -> Option<Stored> {
    let bytes = |text: &String| {
        let latin1 = atob(text).ok()?;
        latin1.chars().map(|char| u8::try_from(char).ok()).collect::<Option<Vec<u8>>>().map(Part)
    };
    Some(Stored {
        at: RecordKey { store: row.store, key: row.key },
        session: SessionId(row.session),
        version: row.version,
        head: row.head,
        parts: row.parts.iter().map(bytes).collect::<Option<_>>()?,
        check: row.check,
    })
}
