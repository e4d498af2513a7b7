//! How the page in view is read: a person points at what is wrong there, or looks at the rows as
//! text, changes, copies and puts them in.

use super::desk::{ACTION_PATIENCE_MS, Desk};
use super::parts::Live;
use super::{browser, parts};
use crate::view::place::RowsPanel;
use crate::view::popup::Notice;
use crate::view::{pointing, texts};
use crate::wire::point::Part;
use crate::wire::ui::{Answer, Ask};
use sycamore::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// How the place in view is read.
pub fn panel(desk: Desk) -> View {
    let there = desk.part(|page| page.rows.is_some());
    let panel = desk.part(|page| page.rows.clone().unwrap_or_default());
    let about = parts::text(panel, |panel| panel.about.to_owned());
    let closed = move || panel.with(|panel| !panel.open);
    let fits = move || panel.with(|panel| !panel.misfit);
    let points: Vec<View> = Part::ALL.into_iter().map(|part| choice(desk, part)).collect();
    view! {
        details(class="reading", data-testid="rows", hidden=move || !there.get()) {
            summary { (texts::ROWS) }
            p(prop:textContent=about)
            button(class="button", r#type="button", data-testid="rows-anew", hidden=fits,
                on:click=move |_| put_in(desk, panel, String::new())) { (texts::LOOK_ANEW) }
            div(hidden=closed) {
                h3 { (texts::POINT) }
                div(class="buttons") { (points) }
                (text(desk, panel))
            }
        }
    }
}

/// One thing that can be pointed at.
fn choice(desk: Desk, part: Part) -> View {
    let label = pointing::label(part);
    view! {
        button(class="button", r#type="button", data-testid="point", data-part=part.slot(),
            on:click=move |_| point(desk, part)) { (label) }
    }
}

/// The rows themselves.
fn text(desk: Desk, panel: Live<RowsPanel>) -> View {
    let draft = create_signal(String::new());
    create_effect(move || draft.set(panel.with(|panel| panel.text.clone())));
    view! {
        details(class="text") {
            summary(data-testid="rows-as-text") { (texts::ROWS_TEXT) }
            textarea(data-testid="rows-text", aria-label=texts::ROWS_TEXT, rows="8",
                prop:spellcheck=JsValue::FALSE, bind:value=draft)
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

/// Has the page in view ask a person to point at this. A popup stands in the way of that, and goes.
fn point(desk: Desk, part: Part) {
    let Some(tab) = desk.tab() else { return };
    spawn_local(async move {
        let notice = match browser::ask(&Ask::Point { tab, part }, ACTION_PATIENCE_MS).await {
            Ok(Answer::Done) => {
                browser::close_popup();
                Notice::good(texts::POINT_NOW)
            }
            Ok(Answer::Problem(text)) => Notice::bad(text),
            Ok(_) => Notice::bad(texts::ODD_ANSWER),
            Err(problem) => Notice::bad(problem.text),
        };
        desk.notice().set(notice);
    });
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
