//! What kind of page this is, where its address does not say.

use super::Engine;
use crate::sites;
use crate::wire::page::{PageEffect, PageFlush};
use crate::wire::session::SessionEffect;

impl Engine {
    /// Looks for what tells the applications apart that people host themselves.
    pub(super) fn scout(&self, out: &mut Vec<SessionEffect>) {
        out.push(SessionEffect::Page(PageEffect::Watch { plan: sites::marks_plan() }));
    }

    /// A look at a page of which it is not known yet what it is.
    pub(super) fn scouted(&mut self, flush: &PageFlush, out: &mut Vec<SessionEffect>) {
        if let Some(site) = sites::for_marks(flush) {
            self.site = Some(site);
            self.watch_anew(out);
        }
    }
}
