//! What becomes of keys and passwords, and which of them may stand in a prompt.

use super::browser;
use super::desk::{ACTION_PATIENCE_MS, Desk};
use super::parts::{self, Live, LiveName, button};
use crate::base::SessionId;
use crate::view::popup::Notice;
use crate::view::texts;
use crate::wire::secrets::{SecretNote, SecretsKept};
use crate::wire::ui::{Answer, Ask};
use std::borrow::Cow;
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The choice of what is stored of them.
pub fn choice(desk: Desk) -> View {
    let known = desk.part(|page| page.settings.is_some());
    let now = desk.part(|page| page.settings.as_ref().map(|s| s.secrets).unwrap_or_default());
    let kept = [SecretsKept::Kept, SecretsKept::Masked, SecretsKept::Dropped];
    let ways: Vec<View> = kept
        .into_iter()
        .zip(texts::SECRETS_KEPT)
        .map(|(how, (hook, label))| {
            let picked = parts::follow(move || now.get() == how);
            parts::pick(hook, label, picked, move || desk.change(|now| now.secrets = how))
        })
        .collect();
    let ways = parts::picks(texts::SECRETS, ways);
    view! {
        section(class="choice", hidden=move || !known.get()) {
            h3 { (texts::SECRETS) }
            p(class="quiet") { (texts::SECRETS_HOW) }
            (ways)
        }
    }
}

/// Those that a chat holds, once a person asks for them.
pub fn of_chat(desk: Desk, session: Live<SessionId>) -> View {
    let found: Signal<Option<(SessionId, Vec<SecretNote>)>> = create_signal(None);
    let mine = parts::follow(move || {
        let here = session.get_clone();
        found.with(|found| found.as_ref().filter(|(of, _)| *of == here).map(|(_, all)| all.clone()))
    });
    let show = button(desk, "secrets", texts::SHOW_SECRETS, move || {
        look(desk, session.get_clone_untracked(), found);
    });
    let none = move || !mine.with(|mine| mine.as_ref().is_some_and(Vec::is_empty));
    let ids = parts::follow(move || {
        mine.with(|mine| mine.iter().flatten().map(|note| note.id.clone()).collect::<Vec<_>>())
    });
    let rows = parts::list(ids, move |id| row(desk, mine, id));
    view! {
        h3 { (texts::SECRETS) }
        div(class="buttons") { (show) }
        p(class="quiet", data-testid="no-secrets", hidden=none) { (texts::NO_SECRETS) }
        ul(class="items", data-testid="secret-list") { (rows) }
    }
}

fn look(desk: Desk, session: SessionId, found: Signal<Option<(SessionId, Vec<SecretNote>)>>) {
    spawn_local(async move {
        let ask = Ask::Secrets { session: session.clone() };
        match browser::ask(&ask, ACTION_PATIENCE_MS).await {
            Ok(Answer::Secrets(all)) => found.set(Some((session, all))),
            Ok(Answer::Problem(text)) => desk.notice().set(Notice::bad(text)),
            Ok(_) => desk.notice().set(Notice::bad(texts::ODD_ANSWER)),
            Err(problem) => desk.notice().set(Notice::bad(problem.text)),
        }
    });
}

fn row(desk: Desk, notes: Live<Option<Vec<SecretNote>>>, id: String) -> View {
    let name = id.clone();
    let note = parts::follow(move || {
        let of = |notes: &Vec<SecretNote>| notes.iter().find(|note| note.id == name).cloned();
        notes.with(|notes| notes.as_ref().and_then(of)).unwrap_or_default()
    });
    let hint = parts::text(note, |note| note.hint.clone());
    let place = parts::text(note, |note| texts::in_turn(note.position));
    let id: u64 = id.parse().unwrap_or_default();
    let passes = desk.part(move |page| {
        page.settings.as_ref().is_some_and(|settings| settings.allowed.contains(&id))
    });
    let checked: LiveName =
        MaybeDyn::from(move || Some(Cow::Borrowed(if passes.get() { "true" } else { "false" })));
    let flip = move || {
        desk.change(|settings| {
            if !settings.allowed.remove(&id) {
                settings.allowed.insert(id);
            }
        });
        desk.prompt_anew();
    };
    view! {
        li(class="item", data-testid="secret") {
            span(class="what", prop:textContent=hint)
            span(class="facts", prop:textContent=place)
            button(class="toggle", r#type="button", role="switch", data-testid="let-pass",
                aria-checked=checked, on:click=move |_| flip()) {
                span { (texts::LET_PASS) }
                span(class="knob", aria-hidden="true")
            }
        }
    }
}
