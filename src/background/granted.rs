//! Where SHIM may look: the sites that it asks for at its installation, and the places that a
//! person gave it since.

use super::{Machine, Port};
use crate::base::{Moment, PortId, Span, origin};
use crate::sites;
use crate::wire::background::BackEffect;

/// How long a page's refusal of the engine is believed: one attempt a place and day.
const REFUSED_FOR: Span = Span::hours(24);

/// Pages with one registration.
pub(super) struct Place {
    /// Its name: the site's, or the match pattern.
    pub(super) id: String,
    matches: Vec<String>,
}

impl Machine {
    /// The browser says where SHIM may look, as match patterns.
    pub(super) fn granted(&mut self, at: Moment, origins: &[String], out: &mut Vec<BackEffect>) {
        let asked = |pattern: &&String| !built_in().any(|place| place.matches.contains(*pattern));
        let now: Vec<String> = origins.iter().filter(asked).cloned().collect();
        let before = std::mem::replace(&mut self.granted, now);
        for id in before.into_iter().filter(|pattern| !self.granted.contains(pattern)) {
            out.push(BackEffect::Unregister { site: id });
        }
        // Until the store is read it is not known which page refused the engine.
        if self.ready || !self.store_problem.is_empty() {
            self.register_granted(at, out);
        }
    }

    pub(super) fn register_all(&self, at: Moment, out: &mut Vec<BackEffect>) {
        for place in built_in() {
            self.register(at, &place, out);
        }
        self.register_granted(at, out);
    }

    fn register_granted(&self, at: Moment, out: &mut Vec<BackEffect>) {
        for pattern in &self.granted {
            let place = Place { id: pattern.clone(), matches: vec![pattern.clone()] };
            self.register(at, &place, out);
        }
    }

    pub(super) fn register(&self, at: Moment, place: &Place, out: &mut Vec<BackEffect>) {
        let refused = self.settings.refused.get(&place.id);
        let on = |pattern: &&String| !self.settings.off.contains(pattern);
        let matches: Vec<String> = place.matches.iter().filter(on).cloned().collect();
        if matches.is_empty() {
            return out.push(BackEffect::Unregister { site: place.id.clone() });
        }
        out.push(BackEffect::Register {
            matches,
            site: place.id.clone(),
            with_engine: !refused.is_some_and(|when| at.is_within(REFUSED_FOR, *when)),
        });
    }

    /// Whether what a page says is not listened to: a person paused watching, or switched its site
    /// off. Its scripts stay in a page that was open then.
    pub(super) fn is_off(&self, port: PortId) -> bool {
        self.settings.paused || self.ports.get(&port).is_some_and(|port| self.is_switched_off(port))
    }

    pub(super) fn is_switched_off(&self, port: &Port) -> bool {
        self.settings.off.iter().any(|pattern| origin::covers(pattern, &port.origin))
    }

    /// Every place where SHIM looks, as match patterns, and whether a person gave it.
    pub(super) fn places(&self) -> Vec<(String, bool)> {
        let own = built_in().flat_map(|place| place.matches).map(|pattern| (pattern, false));
        own.chain(self.granted.iter().map(|pattern| (pattern.clone(), true))).collect()
    }

    /// The registration that pages of this origin came by.
    pub(super) fn place_of(&self, page: &str) -> Option<Place> {
        let asked = || {
            let pattern = self.granted.iter().find(|pattern| origin::covers(pattern, page))?;
            Some(Place { id: pattern.clone(), matches: vec![pattern.clone()] })
        };
        let site = sites::granted_for_url(page).map(|site| site.name);
        built_in().find(|place| site == Some(place.id.as_str())).or_else(asked)
    }
}

fn built_in() -> impl Iterator<Item = Place> {
    let asked = sites::ALL.iter().filter(|site| site.granted);
    asked.map(|site| Place { id: site.name.to_owned(), matches: site.matches() })
}
