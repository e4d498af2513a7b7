//! What stands around the turns: banners, names, and what is missing.

use super::banners::{self, Known};
use super::order::Unit;
use super::turns::{self, Marks};
use super::{NAME_CHARS, Reader, TURN};
use crate::base::order::sort_by;
use crate::base::{Moment, TurnKey, text};
use crate::sites::{Expect, Scope};
use crate::wire::chat::{Busy, Gap, Place, Role, TurnState};

impl Reader {
    /// The banners of the page, and those in the last turn element: what stands in an earlier one
    /// was got over.
    pub(super) fn shown_banners(&self) -> Vec<Known> {
        let last = self.order.last().and_then(|number| self.elements.get(number));
        let of_turn = last.map(|element| element.parsed.errors.clone()).unwrap_or_default();
        banners::ordered(self.banners.iter().cloned().chain(of_turn).collect())
    }

    /// The model that the page names, else the one that its last turn names.
    pub(super) fn model(&self) -> String {
        let last = self.order.iter().rev().filter_map(|number| self.elements.get(number));
        let by_turn = || last.filter_map(|element| element.parsed.model.clone()).next();
        self.value("model").or_else(by_turn).unwrap_or_default()
    }

    pub(super) fn place(&self) -> Place {
        let by_url = || self.site.project_of(&self.url).map(str::to_owned);
        let project = self.value("project").or_else(by_url).unwrap_or_default();
        let last = self.order.iter().rev().filter_map(|number| self.elements.get(number));
        let branch = last.filter_map(|element| element.parsed.branch.clone()).next();
        Place {
            project: text::clip(&project, NAME_CHARS),
            branch: text::clip(&branch.unwrap_or_default(), NAME_CHARS),
        }
    }

    pub(super) fn title(&self) -> String {
        let shown = self.value("title").unwrap_or_else(|| {
            if self.chat.is_none() {
                return String::new();
            }
            let whole = text::one_line(&self.title);
            let own = whole.strip_suffix(self.site.title_suffix).unwrap_or(&whole);
            // A page without a chat has the site's name for a title.
            let bare = self.site.title_suffix.ends_with(own);
            if bare { String::new() } else { own.to_owned() }
        });
        text::clip(&shown, NAME_CHARS)
    }

    /// The generation by the turns, and in a chat without any by the composer.
    pub(super) fn generation(&self) -> String {
        let first = self.order.iter().find_map(|number| self.elements.get(number));
        let name = first
            .map(|element| element.parsed.generation)
            .filter(|name| !name.is_empty())
            .or_else(|| {
                let view = self.slots.get("composer").filter(|view| !view.nodes.is_empty())?;
                self.table.generation("composer", view.rank)
            });
        name.unwrap_or_default().to_owned()
    }

    /// Whether an answer is being made, by the first signal that says so.
    pub(super) fn busy(&self, at: Moment, keys: &[TurnKey]) -> Busy {
        let yes = |signal: &str| Busy { now: true, signal: signal.to_owned() };
        if self.element("stop").is_some() {
            return yes("stop");
        }
        if self.element("busy").is_some() {
            return yes("busy");
        }
        match self.memory.last_marks(keys) {
            Some(marks) if marks.streaming && self.counts(marks) => yes("streaming"),
            Some(marks) if marks.live && !marks.done => yes("live"),
            _ if self.grows() && self.growth.is_on(at) => yes("growth"),
            _ if self.grows() && self.memory.last_works(keys) => yes("call"),
            _ => Busy::default(),
        }
    }

    /// Whether a turn's mark as still coming can be trusted now.
    fn counts(&self, marks: Marks) -> bool {
        let no_send = self.element("composer").is_some() && self.element("send").is_none();
        no_send || !marks.stale
    }

    pub(super) fn gaps(&self, mounted: &[(u64, Unit)]) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        if self.chat.is_some() && self.order.is_empty() && self.element("composer").is_some() {
            gaps.push(turns::gap(TURN, "a chat with an id shows no turn"));
        }
        if !self.order.is_empty() {
            let needed = self.site.rows.iter().filter(|row| {
                row.scope == Scope::Page
                    && matches!(row.expect, Expect::One | Expect::Many)
                    && row.slot != TURN
            });
            let missing = needed.filter(|row| self.element(row.slot).is_none());
            gaps.extend(missing.map(|row| turns::gap(row.slot, "the page shows none")));
        }
        let cut_short = |number: u64| {
            let unit = mounted.iter().find(|(n, _)| *n == number).map(|(_, unit)| unit);
            let key = unit.map(|u| u.turn_key(Role::Assistant));
            key.and_then(|key| self.memory.state_of(&key)).is_some_and(TurnState::is_cut)
        };
        for number in &self.order {
            let found = self.elements.get(number).map(|e| e.parsed.gaps.as_slice());
            // An answer that never came has no text, and nothing is missing.
            let missing = found.unwrap_or_default().iter();
            gaps.extend(missing.filter(|g| g.slot != "prose" || !cut_short(*number)).cloned());
        }
        sort_by(&mut gaps, Gap::cmp);
        gaps.dedup();
        gaps
    }
}
