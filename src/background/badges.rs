//! The toolbar's badge: how the chat in each tab stands.

use super::Machine;
use crate::base::{SessionId, TabId};
use crate::view::badge;
use crate::wire::background::{BackEffect, BadgeView};
use crate::wire::vault::VaultView;

impl Machine {
    /// Shows how a chat stands, in the tab it is open in.
    pub(super) fn badge(&self, session: &SessionId, out: &mut Vec<BackEffect>) {
        let live = self.sessions.get(session).and_then(|head| head.live.as_ref());
        if let Some(live) = live {
            self.badge_in(live.tab, Some(session), out);
        }
    }

    /// Shows in a tab how this chat stands; none: that there is none to save.
    pub(super) fn badge_in(
        &self,
        tab: TabId,
        session: Option<&SessionId>,
        out: &mut Vec<BackEffect>,
    ) {
        let head = session.and_then(|session| self.sessions.get(session));
        let off = || self.ports.values().any(|port| port.tab == tab && self.is_switched_off(port));
        let badge = match head {
            Some(head) if !self.nothing_is_saved() && !off() => badge::of_chat(head),
            Some(_) if !self.nothing_is_saved() => badge::switched_off(),
            _ => self.bare(),
        };
        out.push(BackEffect::Badge { tab: Some(tab), badge: self.with_room(badge) });
    }

    /// Shows in all tabs whether anything is saved at all.
    pub(super) fn badge_everywhere(&self, out: &mut Vec<BackEffect>) {
        out.push(BackEffect::Badge { tab: None, badge: self.with_room(self.bare()) });
        for port in self.ports.values() {
            self.badge_in(port.tab, port.session.as_ref(), out);
        }
    }

    /// How encryption stands now.
    pub(super) fn vault_stands(&mut self, vault: VaultView, out: &mut Vec<BackEffect>) {
        if std::mem::replace(&mut self.vault, vault) != vault {
            self.badge_everywhere(out);
        }
    }

    fn with_room(&self, badge: BadgeView) -> BadgeView {
        if self.is_tight() { badge::with_little_room(badge) } else { badge }
    }

    fn nothing_is_saved(&self) -> bool {
        self.settings.paused || !self.store_problem.is_empty()
    }

    /// The badge of a tab without a chat.
    fn bare(&self) -> BadgeView {
        match () {
            () if !self.store_problem.is_empty() => badge::unsaved(),
            () if self.settings.paused => badge::paused(),
            () if self.vault == VaultView::Locked => badge::locked(),
            () => badge::none(),
        }
    }
}
