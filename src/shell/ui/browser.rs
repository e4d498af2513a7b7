//! The powers of the browser that the popup needs.

use crate::base::{Moment, Problem};
use crate::view::texts;
use crate::wire::ui::{Answer, Ask};
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    fn send_message(text: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = query)]
    fn query_tabs(filter: &JsValue) -> Result<Promise, JsValue>;
}

/// Puts a question to the background and waits at most `patience_ms` for the answer.
///
/// # Errors
/// A problem for a person where nothing answered in time, or what came is no answer.
pub async fn ask(question: &Ask, patience_ms: i32) -> Result<Answer, Problem> {
    let text = serde_json::to_string(question).map_err(|e| Problem::skip(e.to_string()))?;
    let silent = |_| Problem::person(texts::NO_ANSWER);
    let reply = send_message(&text).map_err(silent)?;
    let first = Promise::race(&Array::of2(&reply, &pause(patience_ms)));
    let reply = JsFuture::from(first).await.map_err(silent)?;
    let text = reply.as_string().ok_or_else(|| Problem::person(texts::NO_ANSWER))?;
    serde_json::from_str(&text).map_err(|_| Problem::person(texts::ODD_ANSWER))
}

/// A promise of nothing after so many milliseconds.
fn pause(length_ms: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // A refused timer leaves the promise open: the answer alone decides then.
            let _ =
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, length_ms);
        }
    })
}

/// The number of the tab in view. A page opened in a tab names another one with `?tab=`.
pub async fn tab_in_view() -> Option<i64> {
    if let Some(named) = named_tab() {
        return Some(named);
    }
    let filter = js_sys::Object::new();
    Reflect::set(&filter, &"active".into(), &JsValue::TRUE).ok()?;
    Reflect::set(&filter, &"currentWindow".into(), &JsValue::TRUE).ok()?;
    let tabs = JsFuture::from(query_tabs(&filter).ok()?).await.ok()?;
    let id = Reflect::get(&Array::from(&tabs).get(0), &"id".into()).ok()?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "the browser counts tabs in integers")]
    Some(id as i64)
}

fn named_tab() -> Option<i64> {
    let query = web_sys::window()?.location().search().ok()?;
    query
        .trim_start_matches('?')
        .split('&')
        .find_map(|part| part.strip_prefix("tab="))?
        .parse()
        .ok()
}

/// Puts a text on the clipboard. Needs a click shortly before; false: refused.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// Offers a text as a file to keep. False: the browser refused.
pub fn save(name: &str, text: &str) -> bool {
    save_file(name, text).is_some()
}

fn save_file(name: &str, text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence(&parts).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The address lives as long as the popup: the browser may read it after the click.
    Some(())
}

/// A moment as people here write date and time.
pub fn absolute(at: Moment) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into a double")]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    String::from(date.to_locale_string("default", &JsValue::UNDEFINED))
}

/// The element that the popup is drawn into.
pub fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.query_selector("main").ok()?
}

/// Puts the keyboard's focus on the first match of `selector`, once the page is drawn.
pub fn focus(selector: String) {
    spawn_local(async move {
        let document = web_sys::window().and_then(|window| window.document());
        let found = document.and_then(|document| document.query_selector(&selector).ok()?);
        if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // An element that takes no focus leaves it where it was, which is no loss.
            let _ = element.focus();
        }
    });
}

/// Puts the keyboard's focus on the list's row of this chat.
pub fn focus_row(session: &str) {
    focus_of("row", session);
}

/// Puts the keyboard's focus on the button that takes the deletion of this chat back.
pub fn focus_undo(session: &str) {
    focus_of("undo", session);
}

fn focus_of(class: &str, session: &str) {
    // The id is a page's own text: quoted, so that it cannot end the selector early.
    let quoted = session.replace('\\', "\\\\").replace('"', "\\\"");
    focus(format!(".{class}[data-session=\"{quoted}\"]"));
}

/// Calls `work` again and again while the page lives.
pub fn every(period_ms: i32, work: impl Fn() + 'static) {
    let work = Closure::<dyn Fn()>::new(work).into_js_value();
    if let Some(window) = web_sys::window() {
        // Without the timer the popup still shows what it read at its start.
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(
            work.unchecked_ref(),
            period_ms,
        );
    }
}

/// Calls `work` whenever the page comes into view again.
pub fn when_shown(work: impl Fn() + 'static) {
    let work = Closure::<dyn Fn()>::new(move || {
        if !hidden() {
            work();
        }
    });
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        // Likewise: the timer alone is a little later.
        let _ = document.add_event_listener_with_callback(
            "visibilitychange",
            work.into_js_value().unchecked_ref(),
        );
    }
}

/// Whether nobody sees the page.
pub fn hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|d| d.hidden())
}
