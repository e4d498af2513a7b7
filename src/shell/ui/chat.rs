//! One chat: its row in the list, its panel, its checkpoints, its buttons.

use super::desk::Desk;
use super::parts::{self, Live, button, drawn, standing};
use crate::base::SessionId;
use crate::view::detail::CheckpointRow;
use crate::view::list::SessionRow;
use crate::view::popup::{Action, Listing, Page, TabPanel};
use crate::view::texts;
use sycamore::prelude::*;

/// The list of saved chats.
pub fn listing(desk: Desk) -> View {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Reading,
        Empty,
        Rows,
    }
    let kind = desk.part(|page| match page.listing {
        Listing::Reading => Kind::Reading,
        Listing::Empty => Kind::Empty,
        Listing::Rows(_) => Kind::Rows,
    });
    drawn(move || match kind.get() {
        Kind::Reading => view! { p(class="quiet", data-testid="reading") { (texts::READING) } },
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
        Listing::Rows(rows) => rows.iter().map(|row| row.id.clone()).collect(),
        _ => Vec::new(),
    });
    view! {
        h3 {
            span { (texts::SAVED_CHATS) }
            span(data-testid="total", prop:textContent=total)
        }
        ul(class="rows", data-testid="sessions") {
            Keyed(list=ids, view=move |id| session(desk, id), key=Clone::clone)
        }
    }
}

fn session(desk: Desk, id: SessionId) -> View {
    let hook = id.0.clone();
    let chosen = id.clone();
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
                data-standing=stands, on:click=move |_| desk.choose(Some(chosen.clone()))) {
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

fn watched(desk: Desk) -> View {
    let row = desk.part(|page| match &page.tab {
        TabPanel::Chat(row) => (**row).clone(),
        _ => SessionRow::default(),
    });
    let (panel, buttons) = (panel(row), buttons(desk, row, false));
    view! {
        section(class="tab", data-testid="tab", aria-label=texts::THIS_TAB) {
            (panel)
            (buttons)
        }
    }
}

/// What is to be said of one chat.
fn panel(row: Live<SessionRow>) -> View {
    let stands = parts::name(row, standing);
    let title = parts::text(row, |row| row.title.clone());
    let state = parts::text(row, state);
    let facts =
        parts::text(row, |row| format!("{} {} · {}", texts::LAST_SAVED, row.when, facts(row)));
    let risk = parts::risk(row, |row| &row.risk);
    let reasons = parts::text(row, |row| row.risk.reasons.join(", "));
    let notes = parts::lines("note", create_selector(move || row.with(|row| row.notes.clone())));
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

/// What can be done with one chat now; copying only where there is room for it.
fn buttons(desk: Desk, row: Live<SessionRow>, copy: bool) -> View {
    let can = create_selector(move || row.with(|row| (row.can_save, row.can_resume)));
    let act = move |action| move || desk.act(row, action);
    let drawn = drawn(move || {
        let (save, resume) = can.get();
        let mut buttons = Vec::new();
        if resume {
            buttons.push(button(desk, "resume", texts::RESUME, act(Action::Resume(None))));
        }
        if resume && copy {
            buttons.push(button(desk, "copy", texts::COPY, act(Action::Copy(None))));
        }
        if save {
            buttons.push(button(desk, "save", texts::SAVE_NOW, act(Action::Save)));
        }
        buttons.into()
    });
    view! { div(class="buttons") { (drawn) } }
}

/// The chosen chat.
pub fn detail(desk: Desk) -> View {
    let row =
        desk.part(|page| page.detail.as_ref().map(|detail| detail.row.clone()).unwrap_or_default());
    // None while reading; otherwise whether there is any.
    let any = desk.part(|page| Some(!points(page)?.is_empty()));
    let (panel, buttons) = (panel(row), buttons(desk, row, true));
    let list = drawn(move || match any.get() {
        None => view! { p(class="quiet") { (texts::READING) } },
        Some(false) => view! { p(class="quiet") { (texts::NO_CHECKPOINT) } },
        Some(true) => checkpoints(desk, row),
    });
    view! {
        (panel)
        (buttons)
        h3 { (texts::CHECKPOINTS) }
        (list)
    }
}

fn points(page: &Page) -> Option<&[CheckpointRow]> {
    page.detail.as_ref()?.checkpoints.as_deref()
}

fn checkpoints(desk: Desk, row: Live<SessionRow>) -> View {
    let numbers =
        desk.part(|page| points(page).into_iter().flatten().map(|p| p.number).collect::<Vec<_>>());
    view! {
        ol(class="checkpoints", data-testid="checkpoints") {
            Keyed(list=numbers, view=move |number| checkpoint(desk, row, number), key=|n| *n)
        }
    }
}

fn checkpoint(desk: Desk, row: Live<SessionRow>, number: u32) -> View {
    let point = desk.part(move |page| {
        let found = points(page).into_iter().flatten().find(|point| point.number == number);
        found.cloned().unwrap_or_default()
    });
    let why = parts::text(point, |point| point.why.clone());
    let when = parts::text(point, |point| point.when.clone());
    let facts = parts::text(point, measures);
    let risk = parts::risk(point, |point| &point.risk);
    let act = move |action| move || desk.act(row, action);
    let (resume, copy) = (act(Action::Resume(Some(number))), act(Action::Copy(Some(number))));
    let resume = button(desk, "resume-from", texts::RESUME_FROM, resume);
    let copy = button(desk, "copy-from", texts::COPY, copy);
    let hook = number.to_string();
    let shown = format!("#{hook}");
    view! {
        li(class="checkpoint", data-testid="checkpoint", data-number=hook) {
            span(class="number") { (shown) }
            span(class="title", prop:textContent=why)
            span(class="when", prop:textContent=when)
            span(class="facts", prop:textContent=facts)
            (risk)
            div(class="small") {
                (resume)
                (copy)
            }
        }
    }
}

fn measures(point: &CheckpointRow) -> String {
    let mut text = format!("{} · {} · {}", point.turns, point.calls, point.size);
    if !point.restored.is_empty() {
        text.push_str(" · ");
        text.push_str(&point.restored);
    }
    text
}
