//! The popup and the dashboard: draws what `view` says, carries clicks to the background.
//!
//! Text reaches the page as text nodes and attributes only. Absent from here: sentences,
//! decisions.

mod browser;
mod charts;
mod chat;
mod desk;
mod detail;
mod files;
mod frame;
mod parts;
mod rows;
mod store;

use desk::Desk;

/// How often an open popup reads again, in milliseconds. A popup lives for seconds.
const REFRESH_MS: i32 = 2_000;
/// How often the seconds of a deletion are counted down, in milliseconds.
const TICK_MS: i32 = 500;

/// Draws the popup, or the dashboard where the element says so, into the document's `main`
/// element and keeps it fresh.
pub fn start() {
    let Some(root) = browser::root() else {
        return;
    };
    let wide = root.get_attribute("data-page").is_some_and(|page| page == "dashboard");
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
