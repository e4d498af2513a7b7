//! Pages that no built-in table knows: how each place is read.

use super::{AfterWrite, Machine};
use crate::base::{Moment, PortId};
use crate::sites::{self, shape};
use crate::wire::background::BackEffect;
use crate::wire::page::PageFlush;
use crate::wire::rows::SiteRows;
use crate::wire::session::SessionEvent;

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
        let Some(origin) = self.ports.get(&port).map(|port| port.origin.clone()) else { return };
        let listed = sites::for_url(&origin).is_some() && !self.settings.by_shape.contains(&origin);
        if listed || self.place_of(&origin).is_none() {
            return;
        }
        let whole =
            |rows: &SiteRows| ["user", "assistant"].iter().all(|slot| rows.row(slot).is_some());
        let Some(rows) = shape::rows(page).filter(whole) else { return };
        // Turns that are stored keep their names: rows that call them otherwise come too late.
        let keys = |rows: &SiteRows| (rows.keyless, rows.row("key").cloned());
        let before = self.settings.rows.get(&origin);
        let rows = before.filter(|before| keys(before) != keys(&rows)).cloned().unwrap_or(rows);
        let is_new = before != Some(&rows);
        if is_new && (before.is_some() || self.settings.rows.len() < PLACES) {
            self.settings.rows.insert(origin, rows.clone());
            self.write_settings(AfterWrite::Nothing, out);
        }
        self.tell(at, port, SessionEvent::Rows(Box::new(rows)), out);
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
    }
}
