//! How the page in view is read: rows that a person can look at, change, copy, and put in.

use super::desk::{ACTION_PATIENCE_MS, Desk};
use super::parts::Live;
use super::{browser, parts};
use crate::view::place::RowsPanel;
use crate::view::popup::Notice;
use crate::view::texts;
use crate::wire::ui::{Answer, Ask};
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The rows of the place in view.
pub fn panel(desk: Desk) -> View {
    let there = desk.part(|page| page.rows.is_some());
    let panel = desk.part(|page| page.rows.clone().unwrap_or_default());
    let about = parts::text(panel, |panel| panel.about.to_owned());
    let draft = create_signal(String::new());
    create_effect(move || draft.set(panel.with(|panel| panel.text.clone())));
    view! {
        details(class="rows", data-testid="rows", hidden=move || !there.get()) {
            summary { (texts::ROWS) }
            p(prop:textContent=about)
            textarea(data-testid="rows-text", aria-label=texts::ROWS,
                rows="8", bind:value=draft)
            div(class="buttons") {
                button(class="button", r#type="button", data-testid="rows-use",
                    on:click=move |_| put_in(desk, panel, draft.get_clone_untracked())) {
                    (texts::USE_ROWS)
                }
                button(class="button", r#type="button", data-testid="rows-forget",
                    on:click=move |_| put_in(desk, panel, String::new())) { (texts::FORGET_ROWS) }
            }
        }
    }
}

/// Has the place in view be read by these rows; without any, by the shape of its pages.
fn put_in(desk: Desk, panel: Live<RowsPanel>, rows: String) {
    let origin = panel.with_untracked(|panel| panel.origin.clone());
    let done = if rows.trim().is_empty() { texts::ROWS_GONE } else { texts::ROWS_USED };
    spawn_local(async move {
        let notice = match browser::ask(&Ask::Rows { origin, rows }, ACTION_PATIENCE_MS).await {
            Ok(Answer::Done) => Notice::good(done),
            Ok(Answer::Problem(text)) => Notice::bad(text),
            Ok(_) => Notice::bad(texts::ODD_ANSWER),
            Err(problem) => Notice::bad(problem.text),
        };
        desk.notice().set(notice);
        desk.refresh();
    });
}
