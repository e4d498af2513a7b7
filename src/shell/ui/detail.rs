//! One chat: what can be done with it, the prompt it gives, and what happened to it.

use super::charts;
use super::chat::{act, panel};
use super::desk::Desk;
use super::parts::{self, Live, LiveName, LiveText, button, drawn};
use super::store;
use crate::shell::ui::browser;
use crate::view::detail::{Entry, Tone};
use crate::view::list::SessionRow;
use crate::view::popup::{Action, Detail, Page, Prompt};
use crate::view::{sieve, texts};
use std::borrow::Cow;
use sycamore::prelude::*;
use wasm_bindgen::JsValue;

/// The chosen chat: the button that deletes it, and all the rest.
pub fn detail(desk: Desk) -> (View, View) {
    let row = desk.part(|page| of(page, |detail| detail.row.clone()));
    let can_save = parts::follow(move || row.with(|row| row.can_save));
    let save = drawn(move || match can_save.get() {
        true => act(desk, row, "save", texts::SAVE_NOW, Action::Save),
        false => View::new(),
    });
    let delete = act(desk, row, "delete", texts::DELETE, Action::Delete);
    let (panel, prompt, past) = (panel(row), prompt(desk, row), past(desk));
    let course = charts::course(desk);
    let id = parts::follow(move || row.with(|row| row.id.clone()));
    let export = desk.wide().map_or_else(View::new, |wide| (wide.export)(desk, id));
    let secrets = desk.wide().map_or_else(View::new, |wide| (wide.secrets)(desk, id));
    // The dashboard has its sites beside the store.
    let forget = desk.wide().map_or_else(|| store::of_chat(desk, row), |_| View::new());
    let rest = view! {
        (panel)
        div(class="buttons") { (save) }
        (course)
        (prompt)
        (export)
        (secrets)
        h3 { (texts::TIMELINE) }
        (past)
        (forget)
    };
    (delete, rest)
}

/// A part of the chosen chat.
fn of<T: Default>(page: &Page, part: impl Fn(&Detail) -> T) -> T {
    page.detail.as_ref().map(part).unwrap_or_default()
}

/// The prompt that a new chat would get, and what can be done with it.
fn prompt(desk: Desk, row: Live<SessionRow>) -> View {
    let heading = parts::text(desk.part(|page| of(page, |d| d.heading.clone())), String::clone);
    let tokens = parts::text(desk.part(|page| of(page, |d| d.tokens.clone())), String::clone);
    let made = desk.part(|page| of(page, |detail| detail.prompt.clone()));
    let text = parts::text(made, |made: &Option<Prompt>| {
        let text = |made: &Prompt| match made.trouble.is_empty() {
            true => made.text.to_string(),
            false => made.trouble.clone(),
        };
        made.as_ref().map_or_else(|| texts::MAKING.to_owned(), text)
    });
    let point = desk.part(|page| of(page, |detail| detail.point));
    let there =
        parts::follow(move || made.with(|m| m.as_ref().is_some_and(|m| !m.text.is_empty())));
    let buttons = drawn(move || {
        let mut buttons = Vec::new();
        let point = point.get();
        if there.get() {
            buttons.push(act(desk, row, "resume", texts::RESUME, Action::Resume(point)));
            buttons.push(button(desk, "copy", texts::COPY, move || desk.copy()));
        }
        if point.is_some() {
            let newest = move || desk.show_prompt(None);
            buttons.push(button(desk, "newest", texts::SHOW_NEWEST, newest));
        }
        buttons.into()
    });
    view! {
        h3 {
            span(prop:textContent=heading)
            span(data-testid="tokens", prop:textContent=tokens)
        }
        div(class="prompt", data-testid="prompt", role="region", tabindex="0",
            aria-label=texts::PROMPT, prop:textContent=text)
        div(class="buttons") { (buttons) }
    }
}

fn past(desk: Desk) -> View {
    let ids = desk.part(|page| entries(page).iter().map(|e| e.id.clone()).collect::<Vec<_>>());
    let reading = desk.part(|page| of(page, |detail| detail.past.is_none()));
    let entries = parts::list(ids, move |id| entry(desk, id));
    let going = parts::text(desk.part(|page| of(page, |d| d.going.clone())), String::clone);
    let none = desk.part(|page| of(page, |d| d.past.as_ref().is_some_and(Vec::is_empty)));
    let now = desk.part(|page| of(page, |detail| detail.sieve));
    let kinds = sieve::KINDS.map(|(hook, label, kind)| {
        let picked = parts::follow(move || now.with(|now| now.kind == kind));
        parts::pick(hook, label, picked, move || desk.sift(|sieve| sieve.kind = kind))
    });
    let ages = sieve::AGES.map(|(hook, label, within)| {
        let picked = parts::follow(move || now.with(|now| now.within == within));
        parts::pick(hook, label, picked, move || desk.sift(|sieve| sieve.within = within))
    });
    let kinds = parts::picks(sieve::WHAT, kinds.into());
    let ages = parts::picks(sieve::SINCE, ages.into());
    view! {
        p(class="quiet going", data-testid="going", prop:textContent=going)
        div(class="choice sieve") {
            (kinds)
            (ages)
        }
        p(class="quiet", hidden=move || !reading.get()) { (texts::READING) }
        p(class="quiet", data-testid="nothing", hidden=move || !none.get()) { (sieve::NOTHING) }
        ol(class="past", data-testid="past") { (entries) }
    }
}

fn entries(page: &Page) -> &[Entry] {
    page.detail.as_ref().and_then(|detail| detail.past.as_deref()).unwrap_or_default()
}

fn entry(desk: Desk, id: String) -> View {
    let found = desk.part(move |page| {
        entries(page).iter().find(|entry| entry.id == id).cloned().unwrap_or_default()
    });
    let what = parts::text(found, |entry| entry.what.clone());
    let when = parts::text(found, |entry| entry.when.clone());
    let absolute: LiveName =
        MaybeDyn::from(move || Some(Cow::Owned(browser::absolute(found.with(|e| e.at)))));
    let tone = parts::name(found, tone);
    let more = parts::follow(move || found.with(|e| (e.point.is_some(), e.chat.clone())));
    let more = drawn(move || match more.get_clone() {
        (true, _) => point(desk, found),
        (false, Some(chat)) => {
            let go = move || desk.choose(Some(chat.clone()));
            let go = button(desk, "go", texts::SHOW_CHAT, go);
            view! { div(class="small") { (go) } }
        }
        (false, None) => View::new(),
    });
    view! {
        li(class="entry", data-testid="entry", data-tone=tone) {
            span(class="what", prop:textContent=what)
            time(class="when", title=absolute, prop:textContent=when)
            (more)
        }
    }
}

/// What a checkpoint has beside its line.
fn point(desk: Desk, entry: Live<Entry>) -> View {
    let number = entry.with_untracked(|entry| entry.point.as_ref().map(|point| point.number));
    let facts: LiveText = MaybeDyn::from(move || {
        JsValue::from_str(
            &entry.with(|e| e.point.as_ref().map(|p| p.facts.clone())).unwrap_or_default(),
        )
    });
    let risk = parts::follow(move || {
        entry.with(|entry| entry.point.as_ref().map(|p| p.risk.clone())).unwrap_or_default()
    });
    let risk = parts::risk(risk, |risk| risk);
    let shown = desk.part(move |page| of(page, |detail| detail.point) == number);
    let show = drawn(move || match shown.get() {
        true => view! { span(class="shown") { (texts::SHOWN) } },
        false => button(desk, "show", texts::SHOW_PROMPT, move || desk.show_prompt(number)),
    });
    let pin = pin(desk, number.unwrap_or_default(), entry);
    view! {
        span(class="facts", prop:textContent=facts)
        (risk)
        div(class="small") { (show) (pin) }
    }
}

/// The button that keeps a checkpoint for ever, pressed or not. It stays where it is, and the
/// keyboard's focus on it.
fn pin(desk: Desk, number: u32, entry: Live<Entry>) -> View {
    let is_pinned = |entry: &Entry| entry.point.as_ref().is_some_and(|point| point.pinned);
    let pressed = parts::name(entry, |entry| match &entry.point {
        Some(point) if point.pinned => "true",
        _ => "false",
    });
    let label = entry.with_untracked(|entry| entry.point.as_ref().map(|point| point.pin.clone()));
    let label = label.unwrap_or_default();
    let waits: LiveName = MaybeDyn::from(move || desk.busy().then_some(Cow::Borrowed("true")));
    let click = move || {
        let pinned = entry.with_untracked(is_pinned);
        desk.pin(number, !pinned);
    };
    view! {
        button(r#type="button", class="button pin", data-testid="pin", aria-pressed=pressed,
            aria-label=label, aria-disabled=waits,
            on:click=move |_| click()) { (texts::PIN) }
    }
}

fn tone(entry: &Entry) -> &'static str {
    match entry.tone {
        Tone::Plain => "plain",
        Tone::Saved => "saved",
        Tone::Good => "good",
        Tone::Bad => "bad",
    }
}
