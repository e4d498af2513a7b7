//! The dashboard's part about the store itself.

use super::desk::Desk;
use super::parts::{self, button};
use crate::view::verify;
use sycamore::prelude::*;

/// Its check and its repair.
pub fn panel(desk: Desk) -> View {
    let outcome = desk.outcome();
    let lines = parts::follow(move || outcome.with(|outcome| outcome.lines.clone()));
    let can_repair = parts::follow(move || outcome.with(|outcome| outcome.can_repair));
    let check = button(desk, "verify", verify::VERIFY, move || desk.check(false));
    let repair = button(desk, "repair", verify::REPAIR, move || desk.check(true));
    let lines = parts::lines("fault", lines);
    view! {
        section(class="board store", data-testid="store", aria-label=verify::STORE) {
            h3 { (verify::STORE) }
            p(class="hint") { (verify::HOW) }
            div(class="buttons") {
                (check)
                span(hidden=move || !can_repair.get()) { (repair) }
            }
            div(role="status") { (lines) }
        }
    }
}
