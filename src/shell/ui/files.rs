//! Buttons that save chats as files and read archives, and how far that is.

use super::desk::Desk;
use super::parts::{self, Live, button};
use crate::base::SessionId;
use crate::view::carry::Form;
use crate::view::texts;
use sycamore::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Clicks the hidden field in which a browser lets a person choose a file.
const FIELD: &str = "[data-testid=import-file]";

/// What the chosen chat can be saved as.
pub fn export(desk: Desk, session: Live<SessionId>) -> View {
    let save = move |hook, label, form| {
        button(desk, hook, label, move || desk.export(session.get_clone_untracked(), form))
    };
    let buttons: View = vec![
        save("export-markdown", texts::AS_MARKDOWN, Form::Markdown),
        save("export-json", texts::AS_JSON, Form::Json),
        save("export-archive", texts::AS_ARCHIVE, Form::Archive),
    ]
    .into();
    view! {
        h3 { (texts::EXPORT_CHAT) }
        div(class="buttons", role="group", aria-label=texts::EXPORT_CHAT) {
            (buttons)
        }
    }
}

/// All chats as a file, and a file as chats.
pub fn all(desk: Desk) -> View {
    let line = parts::follow(move || desk.work().with(|work| work.line.clone()));
    let quiet = move || line.with(String::is_empty);
    let text = parts::text(line, String::clone);
    let export = button(desk, "export-all", texts::EXPORT_ALL, move || desk.export_all());
    let import = button(desk, "import", texts::IMPORT, || super::browser::click(FIELD));
    let chosen = move |event: web_sys::Event| chosen(desk, &event);
    view! {
        div(class="buttons carry") {
            (export)
            (import)
            input(r#type="file", accept=".gz,.zip,.json", data-testid="import-file",
                hidden=true,
                aria-label=texts::IMPORT, on:change=chosen)
        }
        div(class="work", hidden=quiet) {
            p(role="status", data-testid="work", prop:textContent=text)
            button(class="close", r#type="button", data-testid="stop",
                on:click=move |_| desk.stop()) { (texts::STOP) }
        }
    }
}

fn chosen(desk: Desk, event: &web_sys::Event) {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else { return };
    let file = field.files().and_then(|files| files.get(0));
    // The same file chosen again is a choice as well.
    field.set_value("");
    if let Some(file) = file {
        desk.import(file);
    }
}
