//! Pages that no built-in table knows: how each place is read.

use super::{AfterWrite, Machine, answer};
use crate::base::{Moment, PortId};
use crate::sites::structure::structure;
use crate::sites::{self, Site, shape};
use crate::wire::background::BackEffect;
use crate::wire::page::{Node, PageFlush};
use crate::wire::rows::SiteRows;
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
        if let Some(rows) = self.settings.rows.get(&origin).filter(|rows| rows.by_hand) {
            let rows = Box::new(rows.clone());
            return self.tell(at, port, SessionEvent::Rows(rows), out);
        }
        // Turns that are stored keep their names: rows that call them otherwise come too late.
        let keys = |rows: &SiteRows| (rows.keyless, rows.row("key").cloned());
        let before = self.settings.rows.get(&origin);
        // An answer that has hardly begun shows its frame, and where it fails, another one.
        let keeps = |before: &&SiteRows| {
            let alike = SiteRows { seen_bytes: rows.seen_bytes, ..(*before).clone() } == rows;
            keys(before) != keys(&rows) || before.seen_bytes > rows.seen_bytes || alike
        };
        let rows = before.filter(keeps).cloned().unwrap_or(rows);
        let is_new = before != Some(&rows);
        if is_new && (before.is_some() || self.settings.rows.len() < PLACES) {
            self.settings.rows.insert(origin, rows.clone());
            self.write_settings(AfterWrite::Nothing, out);
        }
        self.tell(at, port, SessionEvent::Rows(Box::new(rows)), out);
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
        if let Some(rows) = self.settings.rows.get(&origin) {
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
