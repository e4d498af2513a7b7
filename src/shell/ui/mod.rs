//! The popup and the dashboard: draws what `view` says, carries clicks to the background.
//!
//! Text reaches the page as text nodes and attributes only. Absent from here: sentences,
//! decisions.

mod browser;
mod charts;
mod chat;
mod desk;
mod detail;
mod drafts;
mod files;
mod frame;
mod parts;
mod rows;
mod secrets;
mod store;
mod vault;

use crate::base::SessionId;
use desk::Desk;
use parts::Live;
use sycamore::prelude::View;

/// How often an open popup reads again, in milliseconds. A popup lives for seconds.
const REFRESH_MS: i32 = 2_000;
/// How often the seconds of a deletion are counted down, in milliseconds.
const TICK_MS: i32 = 500;

/// What the dashboard has and the popup has not. It is handed over by the dashboard's entry, so
/// that none of it stands in the popup's wasm, which a person waits for. By reference: of a value
/// whose other case leaves a field undefined, the compiler takes the one function it ever saw.
struct Wide {
    /// The list of chats beside what is looked at.
    body: fn(Desk, Live<bool>) -> View,
    /// What the chosen chat can be saved as.
    export: fn(Desk, Live<SessionId>) -> View,
    /// Its keys and passwords.
    secrets: fn(Desk, Live<SessionId>) -> View,
}

/// Draws the popup.
pub fn popup() {
    start(None);
}

/// Draws the dashboard.
pub fn dashboard() {
    static WIDE: Wide =
        Wide { body: frame::beside, export: files::export, secrets: secrets::of_chat };
    start(Some(&WIDE));
}

/// Draws into the document's `main` element and keeps it fresh.
fn start(wide: Option<&'static Wide>) {
    let Some(root) = browser::root() else {
        return;
    };
    sycamore::render_to(
        || {
            let desk = Desk::new(wide);
            desk.refresh();
            browser::every(REFRESH_MS, move || desk.refresh());
            browser::every(TICK_MS, move || desk.tick());
            browser::when_shown(move || desk.refresh());
            frame::page(desk)
        },
        &root,
    );
}
