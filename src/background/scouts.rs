//! Pages that no built-in table knows: how each place is read.

use super::{AfterWrite, Machine, answer};
use crate::base::{Moment, PortId};
use crate::sites::css::Selector;
use crate::sites::structure::structure;
use crate::sites::{self, Site, shape};
use crate::wire::background::BackEffect;
use crate::wire::page::{Element, Node, PageFlush};
use crate::wire::rows::{RowText, SiteRows};
use crate::wire::session::SessionEvent;
use crate::wire::ui::Answer;

/// Places whose rows are kept: more than anybody gives.
const PLACES: usize = 200;

impl Machine {
    /// An engine shows a page that it does not know. A conversation in it is found by its shape,
    /// once both sides of it are there, and how to read it is kept for its place.
    pub(super) fn scouted(
        &mut self,
        at: Moment,
        port: PortId,
        page: &PageFlush,
        out: &mut Vec<BackEffect>,
    ) {
        self.answer_structure(port, page, out);
        let Some(origin) = self.ports.get(&port).map(|port| port.origin.clone()) else { return };
        let listed = sites::for_url(&origin).is_some() && !self.settings.by_shape.contains(&origin);
        if listed || self.place_of(&origin).is_none() {
            return;
        }
        let whole =
            |rows: &SiteRows| ["user", "assistant"].iter().all(|slot| rows.row(slot).is_some());
        let good = |rows: &SiteRows| whole(rows) && Site::of_rows(rows).is_ok();
        let Some(rows) = shape::rows(page).filter(good) else { return };
        let written = self.settings.clone();
        let rows = self.rows_by(origin, rows, page);
        if self.settings != written {
            self.write_settings(AfterWrite::Nothing, out);
        }
        self.tell(at, port, SessionEvent::Rows(Box::new(rows)), out);
    }

    /// Which rows read this page, whose shape told `found`: those that are kept, as long as they
    /// fit, and those that a person gave in any case.
    fn rows_by(&mut self, origin: String, mut found: SiteRows, page: &PageFlush) -> SiteRows {
        let Some(before) = self.settings.rows.get(&origin).cloned() else {
            if self.settings.rows.len() < PLACES {
                self.settings.rows.insert(origin, found.clone());
            }
            return found;
        };
        let doubted = !fit(&before, page);
        self.settings.misfit.retain(|known| *known != origin);
        if before.by_hand {
            if doubted {
                self.settings.misfit.push(origin);
            }
            return before;
        }
        if !doubted {
            self.settings.anew.remove(&origin);
            found.name.clone_from(&before.name);
            let rows = better(before, found);
            self.settings.rows.insert(origin, rows.clone());
            return rows;
        }
        // The site is made anew. What it was read by is kept until this reads as much: it may be
        // one odd page.
        found.name = match keys(&before) == keys(&found) {
            true => before.name.clone(),
            false => next_name(&before.name),
        };
        let known = self.settings.anew.remove(&origin).filter(|known| fit(known, page));
        let rows = match known {
            Some(known) => better(known, found),
            None => found,
        };
        let as_much = rows.seen_bytes >= before.seen_bytes;
        let kept = if as_much { &mut self.settings.rows } else { &mut self.settings.anew };
        kept.insert(origin, rows.clone());
        rows
    }

    /// What was doubted of a place's rows counts no more: a person changes them.
    pub(super) fn forget_doubts(&mut self, origin: &str) {
        self.settings.anew.remove(origin);
        self.settings.misfit.retain(|known| known != origin);
    }

    /// A person says how the pages of a place are read.
    pub(super) fn rows_asked(
        &mut self,
        at: Moment,
        ask: u64,
        origin: &str,
        text: &str,
        out: &mut Vec<BackEffect>,
    ) {
        let rows = match self.rows_of(origin, text) {
            Ok(rows) => rows,
            Err(text) => return out.push(answer(ask, Answer::Problem(text))),
        };
        self.forget_doubts(origin);
        match rows.clone() {
            Some(rows) => self.settings.rows.insert(origin.to_owned(), rows),
            None => self.settings.rows.remove(origin),
        };
        self.write_settings(AfterWrite::Answer { ask }, out);
        self.tell_rows(at, origin, rows.as_ref(), out);
    }

    /// Every open page of a place is read by these rows from now on; without any, by its shape.
    pub(super) fn tell_rows(
        &mut self,
        at: Moment,
        origin: &str,
        rows: Option<&SiteRows>,
        out: &mut Vec<BackEffect>,
    ) {
        let there = self.ports.iter().filter(|(_, port)| port.origin == origin);
        let there: Vec<PortId> = there.map(|(id, _)| *id).collect();
        for port in there {
            let rows = Box::new(rows.cloned().unwrap_or_default());
            self.tell(at, port, SessionEvent::Rows(rows), out);
        }
    }

    /// Whether rows of one more place may be kept.
    pub(super) fn room_for_rows(&self, origin: &str) -> Result<(), String> {
        if !self.settings.rows.contains_key(origin) && self.settings.rows.len() >= PLACES {
            return Err(format!("Rows of {PLACES} sites are kept: no more fit in."));
        }
        Ok(())
    }

    /// None: the shape of its pages tells how they are read.
    fn rows_of(&self, origin: &str, text: &str) -> Result<Option<SiteRows>, String> {
        if self.place_of(origin).is_none() {
            return Err("SHIM does not look at this site: have it watched first.".into());
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        self.room_for_rows(origin)?;
        let rows: SiteRows = serde_json::from_str(text)
            .map_err(|error| format!("These are no rows ({error}): copy them once more, whole."))?;
        Site::of_rows(&rows).map_err(|problem| problem.text)?;
        Ok(Some(SiteRows { by_hand: true, ..rows }))
    }

    /// A person wants to report how the page in a tab is built. With it comes the salt of what is
    /// scrambled, which is drawn where there is chance.
    pub(super) fn structure_asked(
        &mut self,
        at: Moment,
        ask: u64,
        (tab, salt): (i64, u64),
        out: &mut Vec<BackEffect>,
    ) {
        let Some(port) = self.ports.iter().find(|(_, port)| port.tab.0 == tab).map(|(id, _)| *id)
        else {
            let text = "SHIM does not look at the page in this tab: reload it and try again.";
            return out.push(answer(ask, Answer::Problem(text.into())));
        };
        self.structures.push((port, ask, salt));
        self.tell(at, port, SessionEvent::ShowWhole, out);
    }

    /// The page went away before it showed itself.
    pub(super) fn structure_is_gone(&mut self, port: PortId, out: &mut Vec<BackEffect>) {
        for (_, ask, _) in self.structures.extract_if(.., |(of, ..)| *of == port) {
            let text = "The page was left before it could be looked at. Try again.";
            out.push(answer(ask, Answer::Problem(text.into())));
        }
    }

    fn answer_structure(&mut self, port: PortId, page: &PageFlush, out: &mut Vec<BackEffect>) {
        let asked: Vec<_> = self.structures.extract_if(.., |(of, ..)| *of == port).collect();
        let view = page.slots.get(shape::PAGE).and_then(|view| view.nodes.first());
        let Some(Node::Element(element)) = view.filter(|_| !asked.is_empty()) else { return };
        let hello = self.ports.get(&port).and_then(|port| port.hello.as_ref());
        let site = hello.map_or("", |(hello, _)| hello.site.split('@').next().unwrap_or_default());
        let gaps = self.ports.get(&port).and_then(|port| port.session.as_ref());
        let gaps = gaps.and_then(|id| self.sessions.get(id)).map(|head| head.gaps.join(", "));
        let gaps = gaps.unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        for (_, ask, salt) in asked {
            let built = structure(element, salt);
            let text = format!("SHIM {version}, table: {site}, not found: {gaps}\n{built}");
            out.push(answer(ask, Answer::Text(text)));
        }
    }

    /// What the engine of a page has to know of its place before anything else.
    pub(super) fn tell_place(&mut self, at: Moment, port: PortId, out: &mut Vec<BackEffect>) {
        let Some(origin) = self.ports.get(&port).map(|port| port.origin.clone()) else { return };
        if self.settings.by_shape.contains(&origin) {
            self.tell(at, port, SessionEvent::ByShape, out);
        }
        let anew = self.settings.anew.get(&origin);
        if let Some(rows) = anew.or_else(|| self.settings.rows.get(&origin)) {
            let rows = Box::new(rows.clone());
            self.tell(at, port, SessionEvent::Rows(rows), out);
        }
        let chats = self.sessions.values().filter(|head| sites::fits(&head.site, &origin));
        let named: Vec<bool> = chats.map(|head| !head.chat.is_unnamed()).collect();
        if !named.is_empty() && !named.contains(&true) {
            self.tell(at, port, SessionEvent::NoAddresses, out);
        }
    }
}

/// What turns are called by. Turns that are stored keep their names.
fn keys(rows: &SiteRows) -> (bool, Option<&RowText>) {
    (rows.keyless, rows.row("key"))
}

/// The rows that teach more: those that call turns otherwise come too late, and an answer that has
/// hardly begun shows its frame, and where it fails, another one.
fn better(before: SiteRows, found: SiteRows) -> SiteRows {
    let same = keys(&before) == keys(&found);
    if same && found.seen_bytes >= before.seen_bytes { found } else { before }
}

/// The name of a table whose turns are called otherwise than those of this one.
fn next_name(name: &str) -> String {
    let numbered =
        name.rsplit_once('-').and_then(|(name, number)| Some((name, number.parse::<u32>().ok()?)));
    let (name, number) = numbered.unwrap_or((name, 1));
    format!("{name}-{}", number.saturating_add(1))
}

/// Whether these rows find a turn of somebody in a page.
fn fit(rows: &SiteRows, page: &PageFlush) -> bool {
    let view = page.slots.get(shape::PAGE).and_then(|view| view.nodes.first());
    let Some(Node::Element(page)) = view else { return false };
    let all = |slot: &str| {
        let css = rows.row(slot).into_iter().flat_map(|row| &row.css);
        css.filter_map(|css| Selector::parse(css).ok()).collect::<Vec<_>>()
    };
    let sides = [all("user"), all("assistant")].concat();
    let said = |turn: &&Element| sides.iter().any(|css| css.find_first(turn).is_some());
    all("turn").iter().any(|css| css.find_outer(page).iter().any(said))
}
