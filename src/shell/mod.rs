//! The browser: IndexedDB, the extension's API, clock and timers. Carries effects out, feeds
//! results back, decides nothing.

pub mod browser;
mod copies;
pub mod store;
pub mod ui;
pub mod vault;
pub mod worker;

use crate::base::Moment;

/// The present moment.
#[must_use]
pub fn now() -> Moment {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970 fit, and a clock before 1970 counts as 1970"
    )]
    Moment(js_sys::Date::now() as u64)
}

/// A thrown JavaScript value in words: name and message where it is an error.
#[must_use]
pub fn words(thrown: &wasm_bindgen::JsValue) -> String {
    use wasm_bindgen::JsCast;
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", error.name(), error.message()),
        None => thrown.as_string().unwrap_or_else(|| "the browser gave no reason".into()),
    }
}
