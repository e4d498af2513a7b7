//! The extension's API as far as SHIM uses it.

use super::words;
use crate::base::TabId;
use crate::wire::background::{BadgeView, TabState};
use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn runtime_url(path: &str) -> String;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = get, catch)]
    async fn tabs_get(tab: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = create, catch)]
    async fn tabs_create(properties: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = sendMessage, catch)]
    async fn tabs_send(tab: f64, message: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "tabs"], js_name = query, catch)]
    async fn tabs_query(query: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "action"], js_name = setBadgeText, catch)]
    async fn badge_text(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "action"], js_name = setBadgeBackgroundColor, catch)]
    async fn badge_color(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "action"], js_name = setBadgeTextColor, catch)]
    async fn badge_text_color(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "action"], js_name = setTitle, catch)]
    async fn action_title(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(
        js_namespace = ["chrome", "scripting"],
        js_name = getRegisteredContentScripts,
        catch
    )]
    async fn scripts_registered(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "scripting"], js_name = registerContentScripts, catch)]
    async fn scripts_register(scripts: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "scripting"], js_name = updateContentScripts, catch)]
    async fn scripts_update(scripts: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(
        js_namespace = ["chrome", "scripting"],
        js_name = unregisterContentScripts,
        catch
    )]
    async fn scripts_unregister(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "permissions"], js_name = getAll, catch)]
    async fn permissions_all() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "scripting"], js_name = executeScript, catch)]
    async fn scripts_execute(injection: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = get, catch)]
    async fn session_get(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["chrome", "storage", "session"], js_name = set, catch)]
    async fn session_set(items: &JsValue) -> Result<JsValue, JsValue>;
}

/// A plain object from pairs.
fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in pairs {
        // Setting a fresh object's property does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

#[expect(clippy::cast_precision_loss, reason = "the browser's own tab numbers are doubles")]
fn number(tab: TabId) -> f64 {
    tab.0 as f64
}

fn text(value: &JsValue, name: &str) -> String {
    Reflect::get(value, &name.into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

fn truth(value: &JsValue, name: &str) -> bool {
    Reflect::get(value, &name.into()).is_ok_and(|v| v.is_truthy())
}

/// Looks at a tab and asks its content script whether it is there. None: there is no such tab.
pub async fn look_at(tab: TabId) -> Option<TabState> {
    let seen = tabs_get(number(tab)).await.ok()?;
    // Without a listener the browser refuses at once; a page that hangs does not answer at all,
    // and then the next look comes from the machine's own patience.
    let answers = tabs_send(number(tab), "look").await.is_ok_and(|answer| answer.is_truthy());
    Some(TabState {
        status: text(&seen, "status"),
        discarded: truth(&seen, "discarded"),
        url: text(&seen, "url"),
        active: truth(&seen, "active"),
        answers: Some(answers),
        crash_empties: runtime_url("").starts_with("moz-extension:"),
    })
}

/// Opens a tab in front. None: the browser refused.
pub async fn open_tab(url: &str) -> Option<TabId> {
    let made = tabs_create(&object(&[("url", url.into()), ("active", true.into())])).await.ok()?;
    let id = Reflect::get(&made, &"id".into()).ok()?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "tab numbers are small whole numbers")]
    Some(TabId(id as i64))
}

/// Shows a badge. A tab that is gone shows none; that is no problem.
pub async fn show_badge(tab: Option<TabId>, badge: &BadgeView) {
    let at = |name: &str, value: &str| {
        let mut pairs = vec![(name.to_owned(), JsValue::from_str(value))];
        if let Some(tab) = tab {
            pairs.push(("tabId".to_owned(), number(tab).into()));
        }
        let pairs: Vec<(&str, JsValue)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        object(&pairs)
    };
    let _ = badge_text(&at("text", &badge.text)).await;
    if !badge.color.is_empty() {
        let _ = badge_color(&at("color", &badge.color)).await;
        let _ = badge_text_color(&at("color", &badge.text_color)).await;
    }
    let _ = action_title(&at("title", &badge.title)).await;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registration<'a> {
    id: &'a str,
    matches: &'a [String],
    js: Vec<&'a str>,
    run_at: &'a str,
    all_frames: bool,
    persist_across_sessions: bool,
}

/// The scripts of a chat page, in their order.
fn scripts(with_engine: bool) -> Vec<&'static str> {
    let engine: &[&str] = if with_engine { &["content_wasm.js", "content_glue.js"] } else { &[] };
    let mut files = engine.to_vec();
    files.extend(["content/trees.js", "content/eyes.js", "content/hands.js"]);
    files.extend(["content/gather.js", "content/card.js", "content/pick.js"]);
    files.extend(["content/engine.js", "content/weigh.js", "content/draft.js", "content/boot.js"]);
    files
}

/// Registers a site's content scripts, or changes the registration there is.
///
/// # Errors
/// The browser's own words, where it refuses.
pub async fn register(site: &str, matches: &[String], with_engine: bool) -> Result<(), String> {
    let registration = Registration {
        id: site,
        matches,
        js: scripts(with_engine),
        run_at: "document_end",
        all_frames: false,
        persist_across_sessions: true,
    };
    let list = serde_wasm_bindgen::to_value(&[registration]).map_err(|e| e.to_string())?;
    let filter = object(&[("ids", Array::of1(&site.into()).into())]);
    let there = scripts_registered(&filter).await.map_err(|thrown| words(&thrown))?;
    let count = there.dyn_ref::<Array>().map_or(0, Array::length);
    let done = if count > 0 { scripts_update(&list).await } else { scripts_register(&list).await };
    done.map(|_| ()).map_err(|thrown| words(&thrown))
}

/// Takes a registration back. One that is gone already is no problem.
pub async fn unregister(site: &str) {
    let _ = scripts_unregister(&object(&[("ids", Array::of1(&site.into()).into())])).await;
}

/// Where the extension may look, as match patterns. None: the browser does not say.
pub async fn granted() -> Option<Vec<String>> {
    let all = permissions_all().await.ok()?;
    let origins = Reflect::get(&all, &"origins".into()).ok()?;
    Some(origins.dyn_ref::<Array>()?.iter().filter_map(|origin| origin.as_string()).collect())
}

/// Starts the content scripts in pages that were open before the extension was installed.
pub async fn start_in_open_tabs(matches: &[String], with_engine: bool) {
    let patterns: Array = matches.iter().map(|m| JsValue::from_str(m)).collect();
    let Ok(tabs) = tabs_query(&object(&[("url", patterns.into())])).await else { return };
    for tab in tabs.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default() {
        let Ok(id) = Reflect::get(&tab, &"id".into()) else { continue };
        let files: Array = scripts(with_engine).into_iter().map(JsValue::from_str).collect();
        let target = object(&[("tabId", id)]);
        // A page that refuses (an error page, a tab still asleep) gets them when it loads.
        let _ = scripts_execute(&object(&[("target", target), ("files", files.into())])).await;
    }
}

/// A word that is the same for all starts of the worker within one start of the extension, and
/// whether this start of the worker is the first of them: the browser started, or the extension
/// was installed, updated or switched on.
pub async fn browser_session() -> (String, bool) {
    const KEY: &str = "browser_session";
    if let Ok(items) = session_get(KEY).await {
        let known = text(&items, KEY);
        if !known.is_empty() {
            return (known, false);
        }
    }
    let new = format!("{}", super::now().0);
    let _ = session_set(&object(&[(KEY, new.as_str().into())])).await;
    (new, true)
}
