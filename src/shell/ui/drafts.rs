//! What was typed and not sent: to copy, or to discard.

use super::browser;
use super::desk::Desk;
use super::parts::{self, button};
use crate::view::drafts::DraftRow;
use crate::view::popup::Notice;
use crate::view::texts;
use crate::wire::ui::{Answer, Ask};
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The list of them, where there are any.
pub fn drafts(desk: Desk) -> View {
    let keys = desk.part(|page| page.drafts.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
    let none = move || keys.with(Vec::is_empty);
    let rows = parts::list(keys, move |key| row(desk, key));
    view! {
        section(class="drafts", data-testid="drafts", hidden=none) {
            h3 { (texts::DRAFTS) }
            ul(class="items") { (rows) }
        }
    }
}

fn row(desk: Desk, key: String) -> View {
    let (copied, discarded) = (key.clone(), key.clone());
    let row = desk.part(move |page| {
        page.drafts.iter().find(|row| row.key == key).cloned().unwrap_or_default()
    });
    let start = parts::text(row, |row: &DraftRow| row.start.clone());
    let facts = parts::text(row, |row: &DraftRow| row.facts.clone());
    let copy = button(desk, "copy-draft", texts::COPY_DRAFT, move || copy(desk, copied.clone()));
    let discard = button(desk, "discard", texts::DISCARD, move || discard(desk, discarded.clone()));
    view! {
        li(class="item", data-testid="draft") {
            span(class="what", prop:textContent=start)
            span(class="facts", prop:textContent=facts)
            div(class="small") { (copy) (discard) }
        }
    }
}

fn copy(desk: Desk, key: String) {
    spawn_local(async move {
        let notice = match ask(&Ask::Draft { key }).await {
            Ok(Some(text)) if browser::copy(&text).await => Notice::good(texts::DRAFT_COPIED),
            Ok(_) => Notice::bad(texts::DRAFT_NOT_COPIED),
            Err(why) => Notice::bad(why),
        };
        desk.notice().set(notice);
    });
}

fn discard(desk: Desk, key: String) {
    spawn_local(async move {
        let notice = match ask(&Ask::Discard { key }).await {
            Ok(_) => Notice::good(texts::DISCARDED),
            Err(why) => Notice::bad(why),
        };
        desk.notice().set(notice);
        desk.refresh();
    });
}

async fn ask(ask: &Ask) -> Result<Option<String>, String> {
    match browser::ask(ask, super::desk::ACTION_PATIENCE_MS).await {
        Ok(Answer::Text(text)) => Ok(Some(text)),
        Ok(Answer::Problem(text)) => Err(text),
        Ok(_) => Ok(None),
        Err(problem) => Err(problem.text),
    }
}
