//! What is told of the store itself, and the dashboard's part about it.

use super::desk::Desk;
use super::parts::{self, Live, button};
use super::vault;
use crate::view::list::SessionRow;
use crate::view::store::{self, SiteLine};
use crate::view::{drill, keeping, verify};
use crate::wire::keeping::Keeping;
use sycamore::prelude::*;

/// What the last restore drill came to.
pub fn drill(desk: Desk) -> View {
    let line = desk.part(|page| page.store.drill.clone());
    let text = parts::text(line, String::clone);
    view! { p(class="drill", data-testid="drill", prop:textContent=text) }
}

/// Its check, its repair, a drill when a person wants one, its sites, and what is kept.
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
            (sites(desk))
            (kept(desk))
            (vault::panel(desk))
        }
    }
}

/// The sites of which something is saved, each with the way to forget it.
fn sites(desk: Desk) -> View {
    let names = desk.part(|page| page.store.sites.iter().map(|one| one.site.clone()).collect());
    let sure: Signal<Option<String>> = create_signal(None);
    let rows = parts::list(names, move |site| one_site(desk, site, sure));
    view! {
        h3 { (store::SITES) }
        div(class="sites") { (rows) }
    }
}

/// The way to forget the site of the chosen chat.
pub fn of_chat(desk: Desk, row: Live<SessionRow>) -> View {
    let site = parts::follow(move || row.with(|row| row.id.site().to_owned()));
    // Whether a person is sure is asked anew of each site.
    parts::drawn(move || one_site(desk, site.get_clone(), create_signal(None)))
}

fn one_site(desk: Desk, site: String, sure: Signal<Option<String>>) -> View {
    let (hook, asked, wanted) = (site.clone(), site.clone(), site.clone());
    let line = desk.part(move |page| {
        page.store.sites.iter().find(|one| one.site == site).cloned().unwrap_or_default()
    });
    let text = parts::text(line, |line: &SiteLine| line.text.clone());
    let words = parts::text(line, store::forget_words);
    let is_asked = parts::follow(move || sure.with(|sure| sure.as_ref() == Some(&asked)));
    let (first, again) = (wanted.clone(), wanted);
    let forget = button(desk, "forget", store::FORGET, move || sure.set(Some(first.clone())));
    let really = button(desk, "forget-now", store::FORGET, move || {
        sure.set(None);
        desk.forget_site(again.clone());
    });
    let keep = button(desk, "keep-it", store::KEEP_IT, move || sure.set(None));
    view! {
        div(class="site-row", data-testid="site-row", data-site=hook) {
            p(prop:textContent=text)
            div(class="buttons", hidden=move || is_asked.get()) { (forget) }
            div(class="sure", role="alertdialog", aria-label=store::FORGET,
                hidden=move || !is_asked.get()) {
                p(prop:textContent=words)
                div(class="buttons") {
                    (really)
                    (keep)
                }
            }
        }
    }
}

/// How long things are kept, to read and to change.
fn kept(desk: Desk) -> View {
    let rule = desk.part(|page| page.settings.as_ref().map(|settings| settings.keep));
    parts::drawn(move || rule.get().map_or_else(View::new, |keep| fields(desk, keep)))
}

fn fields(desk: Desk, keep: Keeping) -> View {
    let values = keeping::fields(keep).map(|value| create_signal(value.to_string()));
    let field = |(value, (hook, label, most)): (
        Signal<String>,
        (&'static str, &'static str, u64),
    )| {
        view! {
            label(class="number") {
                span { (label) }
                input(r#type="number", min="0", max=most.to_string(), step="1", data-testid=hook,
                    bind:value=value)
            }
        }
    };
    let all: Vec<View> = values.into_iter().zip(keeping::FIELDS).map(field).collect();
    let words: Vec<View> =
        keeping::words(keep).into_iter().map(|line| view! { li { (line) } }).collect();
    let read = move || desk.keep(&values.map(|value| value.get_clone_untracked()));
    let set = button(desk, "keep", keeping::USE, read);
    view! {
        h3 { (keeping::HEADING) }
        ul(class="hint", data-testid="kept") { (words) }
        (all)
        p(class="hint") { (keeping::HOW) }
        div(class="buttons") { (set) }
    }
}
