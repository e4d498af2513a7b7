//! Encryption at rest: the way to unlock it, and the dashboard's part about it.

use super::desk::Desk;
use super::parts::{self, button};
use crate::view::vault;
use crate::wire::vault::{Passphrase, VaultAsk, VaultView};
use sycamore::prelude::*;

/// The way to unlock it, where it is locked.
pub fn locked(desk: Desk) -> View {
    let is_locked = desk.part(|page| page.vault == Some(VaultView::Locked));
    parts::drawn(move || {
        if !is_locked.get() {
            return View::new();
        }
        let typed = create_signal(String::new());
        let unlock = button(desk, "unlock", vault::UNLOCK, move || {
            desk.vault(VaultAsk::Unlock(take(typed)), vault::UNLOCKED);
        });
        view! {
            section(class="locked", data-testid="locked", aria-label=vault::UNLOCK) {
                p { (vault::LOCKED) }
                (field("passphrase", vault::PASSPHRASE, typed))
                div(class="buttons") { (unlock) }
            }
        }
    })
}

/// How it stands, and what can be done about it.
pub fn panel(desk: Desk) -> View {
    let state = desk.part(|page| page.vault);
    let words = parts::text(state, |state| state.map(vault::words).unwrap_or_default().to_owned());
    let controls = parts::drawn(move || match state.get() {
        Some(VaultView::Off) => off(desk),
        Some(VaultView::Unlocked) => unlocked(desk),
        _ => View::new(),
    });
    let quiet = parts::follow(move || state.get().is_none_or(|view| vault::words(view).is_empty()));
    view! {
        h3 { (vault::ENCRYPTION) }
        p(data-testid="vault", prop:textContent=words, hidden=move || quiet.get())
        (controls)
    }
}

fn off(desk: Desk) -> View {
    let (first, second) = (create_signal(String::new()), create_signal(String::new()));
    let make = button(desk, "encrypt", vault::ENCRYPT, move || {
        if let Some(passphrase) = both(desk, first, second) {
            desk.vault(VaultAsk::Make(passphrase), vault::ENCRYPTED);
        }
    });
    let means: Vec<View> = vault::MEANS.into_iter().map(|line| view! { li { (line) } }).collect();
    view! {
        ul(class="hint") { (means) }
        (field("new-passphrase", vault::PASSPHRASE, first))
        (field("same-passphrase", vault::AGAIN, second))
        div(class="buttons") { (make) }
    }
}

fn unlocked(desk: Desk) -> View {
    let [old, first, second] = [(); 3].map(|()| create_signal(String::new()));
    let change = button(desk, "change-passphrase", vault::CHANGE, move || {
        if let Some(new) = both(desk, first, second) {
            desk.vault(VaultAsk::Change { old: take(old), new }, vault::CHANGED);
        }
    });
    let lock = button(desk, "lock", vault::LOCK, move || {
        desk.vault(VaultAsk::Lock, vault::LOCKED_NOW);
    });
    let open = button(desk, "decrypt", vault::OFF, move || {
        desk.vault(VaultAsk::Off, vault::OPENED);
    });
    view! {
        div(class="buttons") {
            (lock)
            (open)
        }
        details {
            summary { (vault::CHANGE) }
            (field("old-passphrase", vault::OLD, old))
            (field("new-passphrase", vault::NEW, first))
            (field("same-passphrase", vault::AGAIN, second))
            div(class="buttons") { (change) }
        }
    }
}

fn field(hook: &'static str, label: &'static str, value: Signal<String>) -> View {
    view! {
        label(class="passphrase") {
            span { (label) }
            input(r#type="password", autocomplete="off", data-testid=hook,
                bind:value=value)
        }
    }
}

/// What was typed; the field is empty then.
fn take(value: Signal<String>) -> Passphrase {
    let typed = value.get_clone_untracked();
    value.set(String::new());
    Passphrase(typed)
}

/// What was typed twice.
fn both(desk: Desk, first: Signal<String>, second: Signal<String>) -> Option<Passphrase> {
    let (first, second) = (take(first), take(second));
    if first == second {
        return Some(first);
    }
    desk.refuse(vault::DIFFER);
    None
}
