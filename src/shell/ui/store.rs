//! What is told of the store itself, and the dashboard's part about it.

use super::desk::Desk;
use super::parts::{self, button};
use crate::view::{drill, verify};
use sycamore::prelude::*;

/// What the last restore drill came to.
pub fn drill(desk: Desk) -> View {
    let line = desk.part(|page| page.store.drill.clone());
    let text = parts::text(line, String::clone);
    view! { p(class="drill", data-testid="drill", prop:textContent=text) }
}

/// Its check, its repair, and a drill when a person wants one.
pub fn panel(desk: Desk) -> View {
    let outcome = desk.outcome();
    let lines = parts::follow(move || outcome.with(|outcome| outcome.lines.clone()));
    let can_repair = parts::follow(move || outcome.with(|outcome| outcome.can_repair));
    let check = button(desk, "verify", verify::VERIFY, move || desk.check(false));
    let repair = button(desk, "repair", verify::REPAIR, move || desk.check(true));
    let lines = parts::lines("fault", lines);
    let try_now = button(desk, "try-restore", drill::TRY_NOW, move || desk.try_restore());
    let room = desk.part(|page| page.store.room.clone());
    let room = parts::text(room, String::clone);
    view! {
        section(class="board store", data-testid="store", aria-label=verify::STORE) {
            h3 { (verify::STORE) }
            p(data-testid="room", prop:textContent=room)
            p(class="hint") { (verify::HOW) }
            div(class="buttons") {
                (check)
                (try_now)
                span(hidden=move || !can_repair.get()) { (repair) }
            }
            div(role="status") { (lines) }
        }
    }
}
