//! The popup's frame: problems, the tab, the list or one chat, settings, the last message.

use super::desk::Desk;
use super::parts::{self, Live, LiveName, drawn};
use super::{browser, charts, chat, detail, drafts, files, rows, secrets, store, vault};
use crate::base::SessionId;
use crate::view::popup::{Action, Notice};
use crate::view::texts;
use crate::wire::records::Settings;
use std::borrow::Cow;
use sycamore::prelude::*;

/// The whole popup.
pub fn page(desk: Desk) -> View {
    let problems = parts::lines("problem", desk.part(|page| page.problems.clone()));
    let (body, deleted, notice, settings) =
        (body(desk), deleted(desk), notice(desk), settings(desk));
    view! {
        div(class="problems", role="alert") { (problems) }
        (vault::locked(desk))
        (body)
        (deleted)
        (notice)
        (settings)
    }
}

/// The list stays in the page while one chat is looked at: it keeps its place.
fn body(desk: Desk) -> View {
    let chosen = desk.part(|page| page.detail.as_ref().map(|detail| detail.row.id.clone()));
    let all = parts::follow(move || chosen.with(Option::is_none));
    follow_with_focus(chosen);
    if let Some(wide) = desk.wide() {
        return (wide.body)(desk, all);
    }
    let (tab, place, listing) = (chat::tab(desk), chat::place(desk), chat::listing(desk));
    let detail = drawn(move || if all.get() { View::new() } else { one(desk) });
    view! {
        div(class="home", hidden=move || !all.get()) {
            (tab)
            (place)
            (rows::panel(desk))
            (drafts::drafts(desk))
            section(class="saved") { (listing) }
        }
        (detail)
    }
}

/// In the dashboard the list stands beside what is looked at.
pub fn beside(desk: Desk, all: Live<bool>) -> View {
    let (listing, files) = (chat::listing(desk), files::all(desk));
    let side = drawn(move || if all.get() { all_chats(desk) } else { one(desk) });
    view! {
        div(class="beside") {
            section(class="saved") {
                (files)
                (drafts::drafts(desk))
                (listing)
                (secrets::choice(desk))
            }
            div(class="side") { (side) }
        }
    }
}

fn all_chats(desk: Desk) -> View {
    vec![charts::board(desk), store::panel(desk)].into()
}

fn one(desk: Desk) -> View {
    let (delete, detail) = detail::detail(desk);
    let key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            // Otherwise the browser closes the popup.
            event.prevent_default();
            desk.choose(None);
        }
    };
    view! {
        section(class="detail", data-testid="detail", on:keydown=key) {
            div(class="top") {
                button(class="back", r#type="button", data-testid="back",
                    on:click=move |_| desk.choose(None)) { (texts::BACK) }
                (delete)
            }
            (detail)
        }
    }
}

/// The keyboard goes into the chosen chat, and back to its row.
fn follow_with_focus(chosen: Live<Option<SessionId>>) {
    let mut came_from: Option<SessionId> = None;
    create_effect(move || match chosen.get_clone() {
        Some(id) if came_from.as_ref() != Some(&id) => {
            came_from = Some(id);
            browser::focus("[data-testid=back]".to_owned());
        }
        Some(_) => {}
        None => {
            if let Some(id) = came_from.take() {
                browser::focus_row(&id.0);
            }
        }
    });
}

fn notice(desk: Desk) -> View {
    let notice = desk.notice();
    let text = parts::text(*notice, |notice| notice.text.clone());
    let warning = parts::name(*notice, |notice| if notice.warning { "true" } else { "false" });
    view! {
        div(class="notice", role="status", data-testid="notice", data-warning=warning,
            hidden=move || notice.with(|notice| notice.text.is_empty())) {
            p(prop:textContent=text)
            button(class="close", r#type="button", data-testid="close",
                on:click=move |_| notice.set(Notice::default())) { (texts::CLOSE) }
        }
    }
}

/// Chats that were deleted a moment ago, each with the way back.
fn deleted(desk: Desk) -> View {
    let ids = desk.part(|page| page.deleted.iter().map(|d| d.id.0.clone()).collect());
    let rows = parts::list(ids, move |id| one_deleted(desk, SessionId(id)));
    view! {
        div(class="gone", role="status", hidden=move || ids.with(Vec::is_empty)) { (rows) }
    }
}

fn one_deleted(desk: Desk, id: SessionId) -> View {
    let (hook, undone) = (id.0.clone(), id.clone());
    let row = desk.part(move |page| {
        page.deleted.iter().find(|deleted| deleted.id == id).cloned().unwrap_or_default()
    });
    let undo = move || match row.with_untracked(|row| row.site.clone()) {
        Some(site) => desk.keep_site(site),
        None => desk.act(undone.clone(), Action::Undelete),
    };
    let text = parts::text(row, |row| row.text.clone());
    let left = parts::text(row, |row| row.left.clone());
    view! {
        div(class="notice", data-testid="deleted") {
            p(prop:textContent=text)
            // Not read aloud every second.
            span(class="left", aria-hidden="true", prop:textContent=left)
            button(class="undo", r#type="button", data-testid="undo", data-session=hook,
                on:click=move |_| undo()) { (texts::UNDO) }
        }
    }
}

/// What can be set, and the way to report a problem: that is there whatever is wrong.
fn settings(desk: Desk) -> View {
    let known = desk.part(|page| page.settings.is_some());
    let offer_only = desk.part(|page| page.settings.as_ref().is_some_and(|s| s.offer_only));
    let paused = desk.part(|page| page.settings.as_ref().is_some_and(|s| s.paused));
    let offer_only = toggle(desk, "offer-only", texts::OFFER_ONLY, offer_only, |settings| {
        settings.offer_only = !settings.offer_only;
    });
    let paused = toggle(desk, "paused", texts::PAUSED, paused, |settings| {
        settings.paused = !settings.paused;
    });
    let page = desk.part(|page| page.can_report_page);
    view! {
        footer {
            div(class="settings", hidden=move || !known.get()) {
                (offer_only)
                (paused)
                (site(desk))
                (deep(desk))
            }
            (store::drill(desk))
            div(class="reports") {
                a(class="report", href="dashboard.html", target="_blank", data-testid="dashboard",
                    hidden=desk.wide().is_some()) { (texts::DASHBOARD) }
                button(class="report", r#type="button", data-testid="report",
                    on:click=move |_| desk.report()) { (texts::REPORT) }
                button(class="report", r#type="button", data-testid="structure",
                    hidden=move || !page.get(), on:click=move |_| desk.structure()) {
                    (texts::STRUCTURE)
                }
            }
        }
    }
}

/// Switches the site in view off and on.
fn site(desk: Desk) -> View {
    let there = desk.part(|page| page.site.is_some());
    let on = desk.part(|page| page.site.as_ref().is_some_and(|(_, off)| !off));
    let host = desk.part(|page| page.site.clone().unwrap_or_default().0);
    let label = parts::text(host, |host| format!("Watch {host}"));
    let checked = checked(on);
    view! {
        button(class="toggle", r#type="button", role="switch", data-testid="site",
            hidden=move || !there.get(), aria-checked=checked,
            on:click=move |_| desk.switch_site()) {
            span(prop:textContent=label)
            span(class="knob", aria-hidden="true")
        }
    }
}

/// Lets the site in view be asked for turns that its page does not show.
fn deep(desk: Desk) -> View {
    let there = desk.part(|page| page.deep.is_some());
    let on = desk.part(|page| page.deep.as_ref().is_some_and(|(_, on)| *on));
    let host = desk.part(|page| page.deep.clone().unwrap_or_default().0);
    let label = parts::text(host, |host| format!("Ask {host} for turns it does not show"));
    let checked = checked(on);
    view! {
        button(class="toggle", r#type="button", role="switch", data-testid="deep",
            title=texts::DEEP, hidden=move || !there.get(), aria-checked=checked,
            on:click=move |_| desk.switch_deep()) {
            span(prop:textContent=label)
            span(class="knob", aria-hidden="true")
        }
    }
}

fn checked(on: Live<bool>) -> LiveName {
    MaybeDyn::from(move || Some(Cow::Borrowed(if on.get() { "true" } else { "false" })))
}

fn toggle(
    desk: Desk,
    hook: &'static str,
    label: &'static str,
    on: Live<bool>,
    flip: fn(&mut Settings),
) -> View {
    let checked = checked(on);
    view! {
        button(class="toggle", r#type="button", role="switch", data-testid=hook,
            aria-checked=checked, on:click=move |_| desk.change(flip)) {
            span { (label) }
            span(class="knob", aria-hidden="true")
        }
    }
}
