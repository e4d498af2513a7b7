//! The list of chats: a chat's row, its panel, its buttons.

use super::desk::Desk;
use super::parts::{self, Live, LiveName, button, drawn, standing};
use crate::base::SessionId;
use crate::view::list::SessionRow;
use crate::view::popup::{Action, Listing, Page, TabPanel};
use crate::view::texts;
use std::borrow::Cow;
use sycamore::prelude::*;

/// The place in view.
pub fn place(desk: Desk) -> View {
    let there = desk.part(|page| page.place.is_some());
    let panel = desk.part(|page| page.place.clone().unwrap_or_default());
    let text = parts::text(panel, |panel| panel.text.clone());
    let label = parts::text(panel, |panel| panel.label.to_owned());
    view! {
        section(class="place", data-testid="place", hidden=move || !there.get()) {
            p(prop:textContent=text)
            button(class="button", r#type="button", data-testid="place-act",
                on:click=move |_| desk.place(), prop:textContent=label)
        }
    }
}

/// The list of saved chats.
pub fn listing(desk: Desk) -> View {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Reading,
        Unread,
        Empty,
        Rows,
    }
    let kind = desk.part(|page| match page.listing {
        Listing::Reading => Kind::Reading,
        Listing::Unread => Kind::Unread,
        Listing::Empty => Kind::Empty,
        Listing::Rows(_) => Kind::Rows,
    });
    drawn(move || match kind.get() {
        Kind::Reading => view! { p(class="quiet", data-testid="reading") { (texts::READING) } },
        Kind::Unread => View::new(),
        Kind::Empty => view! {
            div(class="empty", data-testid="empty") {
                h2 { (texts::EMPTY_TITLE) }
                p { (texts::EMPTY_HOW) }
            }
        },
        Kind::Rows => rows(desk),
    })
}

fn rows(desk: Desk) -> View {
    let total = parts::text(desk.part(|page| page.total.clone()), String::clone);
    let ids = desk.part(|page| match &page.listing {
        Listing::Rows(rows) => rows.iter().map(|row| row.id.0.clone()).collect(),
        _ => Vec::new(),
    });
    let rows = parts::list(ids, move |id| session(desk, SessionId(id)));
    view! {
        h3 {
            span { (texts::SAVED_CHATS) }
            span(data-testid="total", prop:textContent=total)
        }
        ul(class="rows", data-testid="sessions") { (rows) }
    }
}

fn session(desk: Desk, id: SessionId) -> View {
    let hook = id.0.clone();
    let (chosen, shown) = (id.clone(), id.clone());
    let is_shown = desk.part(move |page| page.detail.as_ref().is_some_and(|d| d.row.id == shown));
    let current: LiveName = MaybeDyn::from(move || is_shown.get().then_some(Cow::Borrowed("true")));
    // A row changes in place, so that the keyboard's focus stays where it is.
    let row = desk.part(move |page| find(page, &id));
    let stands = parts::name(row, standing);
    let title = parts::text(row, |row| row.title.clone());
    let when = parts::text(row, |row| row.when.clone());
    let state = parts::text(row, state);
    let facts = parts::text(row, facts);
    let risk = parts::risk(row, |row| &row.risk);
    let reason = parts::text(row, |row| row.reason.clone());
    view! {
        li {
            button(class="row", r#type="button", data-testid="session", data-session=hook,
                data-standing=stands, aria-current=current,
                on:click=move |_| desk.choose(Some(chosen.clone()))) {
                span(class="title", prop:textContent=title)
                span(class="when", prop:textContent=when)
                span(class="state", prop:textContent=state)
                span(class="facts", prop:textContent=facts)
                (risk)
                span(class="reason", data-testid="reason", prop:textContent=reason)
            }
        }
    }
}

fn find(page: &Page, id: &SessionId) -> SessionRow {
    let Listing::Rows(rows) = &page.listing else {
        return SessionRow::default();
    };
    rows.iter().find(|row| &row.id == id).cloned().unwrap_or_default()
}

fn state(row: &SessionRow) -> String {
    format!("{} · {}", row.site, row.state)
}

fn facts(row: &SessionRow) -> String {
    format!("{} · {} · {}", row.checkpoints, row.turns, row.size)
}

/// The tab in view.
pub fn tab(desk: Desk) -> View {
    let bare = desk.part(|page| match page.tab {
        TabPanel::Bare(text) => Some(text),
        TabPanel::Chat(_) => Some(""),
        TabPanel::Unknown => None,
    });
    drawn(move || match bare.get() {
        None => View::new(),
        Some("") => watched(desk),
        Some(text) => view! { section(class="tab bare", data-testid="tab") { p { (text) } } },
    })
}

/// How the gathering of its transcript goes.
fn gathering(row: Live<SessionRow>) -> View {
    let line = parts::follow(move || row.with(|row| row.gather.clone()));
    let there = parts::follow(move || line.with(Option::is_some));
    let text = parts::text(line, |line| line.as_ref().map(|l| l.text.clone()).unwrap_or_default());
    view! {
        p(class="quiet", role="status", data-testid="gathering", hidden=move || !there.get(),
            prop:textContent=text)
    }
}

fn watched(desk: Desk) -> View {
    let row = desk.part(|page| match &page.tab {
        TabPanel::Chat(row) => (**row).clone(),
        _ => SessionRow::default(),
    });
    let (panel, gathering, buttons) = (panel(row), gathering(row), buttons(desk, row));
    view! {
        section(class="tab", data-testid="tab", aria-label=texts::THIS_TAB) {
            (panel)
            (gathering)
            (buttons)
        }
    }
}

/// What is to be said of one chat.
pub fn panel(row: Live<SessionRow>) -> View {
    let stands = parts::name(row, standing);
    let title = parts::text(row, |row| row.title.clone());
    let state = parts::text(row, state);
    let facts =
        parts::text(row, |row| format!("{} {} · {}", texts::LAST_SAVED, row.when, facts(row)));
    let risk = parts::risk(row, |row| &row.risk);
    let reasons = parts::text(row, |row| row.risk.reasons.join(", "));
    let notes = parts::lines("note", parts::follow(move || row.with(|row| row.notes.clone())));
    view! {
        div(class="panel", data-standing=stands) {
            h2(class="title", prop:textContent=title)
            p(class="state", prop:textContent=state)
            p(class="facts", prop:textContent=facts)
            p(class="why") {
                (risk)
                span(class="reasons", data-testid="reasons", prop:textContent=reasons)
            }
            (notes)
        }
    }
}

/// What can be done with the chat in view.
fn buttons(desk: Desk, row: Live<SessionRow>) -> View {
    let gathers = |row: &SessionRow| row.gather.as_ref().is_some_and(|line| line.going);
    let can = parts::follow(move || row.with(|row| (row.can_save, row.can_resume, gathers(row))));
    let drawn = drawn(move || {
        let (save, resume, gathers) = can.get();
        let mut buttons = Vec::new();
        if resume {
            buttons.push(act(desk, row, "resume", texts::RESUME, Action::Resume(None)));
        }
        if save {
            buttons.push(act(desk, row, "save", texts::SAVE_NOW, Action::Save));
            let label = if gathers { texts::STOP_GATHERING } else { texts::GATHER };
            buttons.push(act(desk, row, "gather", label, Action::Gather(!gathers)));
        }
        buttons.into()
    });
    view! { div(class="buttons") { (drawn) } }
}

/// A button that does something with a chat.
pub fn act(
    desk: Desk,
    row: Live<SessionRow>,
    hook: &'static str,
    label: &'static str,
    action: Action,
) -> View {
    // Read to its end first: sycamore refuses a change while any signal is being read.
    button(desk, hook, label, move || desk.act(row.with_untracked(|row| row.id.clone()), action))
}
