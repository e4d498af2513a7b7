//! The powers of the browser that the popup needs.

use crate::base::{Moment, Problem};
use crate::view::place::PlaceAct;
use crate::view::texts;
use crate::wire::ui::{Answer, Ask};
use js_sys::{Array, BigUint64Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlElement;

/// Between two tries, in milliseconds: a background that was ended starts in less.
pub const SHORT_WHILE_MS: i32 = 500;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    fn send_message(text: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = query)]
    fn query_tabs(filter: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"], js_name = request)]
    fn request_permissions(which: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"], js_name = remove)]
    fn remove_permissions(which: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_chance(numbers: &BigUint64Array);
}

/// A number that nobody can guess.
pub fn random() -> u64 {
    let numbers = BigUint64Array::new_with_length(1);
    fill_with_chance(&numbers);
    numbers.get_index(0)
}

/// Closes the popup. A page of the extension in a tab stays.
pub fn close_popup() {
    if let (None, Some(window)) = (named_tab(), web_sys::window()) {
        // A popup that stays open shows what to do.
        let _ = window.close();
    }
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

/// The number of the tab in view and its address, as far as the browser tells it. A page opened
/// in a tab names another one with `?tab=`, and its address with `&url=`.
pub async fn tab_in_view() -> (Option<i64>, Option<String>) {
    if let Some(query) = named_tab() {
        let number = query.get("tab").and_then(|number| number.parse().ok());
        return (number, query.get("url"));
    }
    let tab = active_tab().await;
    let of = |name: &str| tab.as_ref().and_then(|tab| Reflect::get(tab, &name.into()).ok());
    #[expect(clippy::cast_possible_truncation, reason = "the browser counts tabs in integers")]
    let number = of("id").and_then(|id| id.as_f64()).map(|id| id as i64);
    (number, of("url").and_then(|url| url.as_string()))
}

async fn active_tab() -> Option<JsValue> {
    let filter = js_sys::Object::new();
    Reflect::set(&filter, &"active".into(), &JsValue::TRUE).ok()?;
    Reflect::set(&filter, &"currentWindow".into(), &JsValue::TRUE).ok()?;
    let tabs = JsFuture::from(query_tabs(&filter).ok()?).await.ok()?;
    Some(Array::from(&tabs).get(0))
}

fn named_tab() -> Option<web_sys::UrlSearchParams> {
    let query = web_sys::window()?.location().search().ok()?;
    let query = web_sys::UrlSearchParams::new_with_str(&query).ok()?;
    query.has("tab").then_some(query)
}

/// Gives the extension a place to look, or takes it back. The browser asks the person: this must
/// be called within a click. The answer is whether it was done.
pub fn set_place(act: &PlaceAct) -> impl Future<Output = bool> + use<> {
    let asked = match act {
        PlaceAct::Watch(pattern) => origins(pattern).and_then(|o| request_permissions(&o).ok()),
        PlaceAct::Leave(pattern) => origins(pattern).and_then(|o| remove_permissions(&o).ok()),
    };
    async move {
        let Some(asked) = asked else { return false };
        JsFuture::from(asked).await.is_ok_and(|done| done.is_truthy())
    }
}

fn origins(pattern: &str) -> Option<JsValue> {
    let which = js_sys::Object::new();
    Reflect::set(&which, &"origins".into(), &Array::of1(&pattern.into())).ok()?;
    Some(which.into())
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
    save_parts(name, &Array::of1(&JsValue::from_str(text)))
}

/// The same of parts that [`add_bytes`] made.
pub fn save_parts(name: &str, parts: &Array) -> bool {
    save_file(name, parts).is_some()
}

/// Hands bytes over to the browser, as a part of a file.
pub fn add_bytes(parts: &Array, bytes: &[u8]) {
    parts.push(&Uint8Array::from(bytes));
}

/// A part of a file that a person chose.
///
/// # Errors
/// `Problem::person` where the browser does not read it, as when it changed since.
pub async fn read_bytes(file: &web_sys::File, from: f64, to: f64) -> Result<Vec<u8>, Problem> {
    let unread = |_| Problem::person(texts::FILE_UNREAD);
    let part = file.slice_with_f64_and_f64(from, to).map_err(unread)?;
    let bytes = JsFuture::from(part.array_buffer()).await.map_err(unread)?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// Waits.
pub async fn wait(length_ms: i32) {
    // The promise is never refused.
    let _ = JsFuture::from(pause(length_ms)).await;
}

/// Clicks the first match of `selector`, within a click of a person.
pub fn click(selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(selector).ok()?);
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

fn save_file(name: &str, parts: &Array) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let blob = web_sys::Blob::new_with_str_sequence(parts).ok()?;
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
