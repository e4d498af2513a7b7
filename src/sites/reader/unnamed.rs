//! Chats that have no address of their own: they are called after the document that shows them.

use super::order::Unit;
use super::{Memory, Reader, Role};
use crate::base::{ChatId, Moment, Span, text};

/// How long after an answer began an application may take to give its chat an address.
const ADDRESS_LATE: Span = Span(3_000);

/// Which chat of a document is shown.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    document: String,
    /// Chats of this document before, and whether one is shown.
    before: u32,
    shown: bool,
    /// What the chat in view begins with.
    begins: u64,
    /// Whether the page was seen empty since.
    emptied: bool,
    /// Since when an answer stands in a chat that has no address yet.
    answered_at: Option<Moment>,
}

impl Unnamed {
    pub(super) fn of(document: &str) -> Self {
        Self { document: document.to_owned(), ..Self::default() }
    }

    /// Another chat is shown: the next one without an address gets a name of its own.
    pub(super) fn left(&mut self) {
        self.answered_at = None;
        self.before += u32::from(std::mem::take(&mut self.shown));
    }

    /// When the chat in view gets its name, where it still waits for one.
    pub(super) fn due(&self) -> Option<Moment> {
        self.answered_at.filter(|_| !self.shown).map(|since| since.after(ADDRESS_LATE))
    }

    /// The name of the chat in view.
    pub(super) fn chat(&self) -> Option<ChatId> {
        self.shown.then(|| match self.before {
            0 => ChatId(format!("page-{}", self.document)),
            number => ChatId(format!("page-{}-{}", self.document, number + 1)),
        })
    }
}

impl Reader {
    /// Names the chat in view where its address does not: once an answer stands there, or what went
    /// wrong instead, for an application may give the address only then. A page that was emptied
    /// and begins with other words shows another chat.
    pub(super) fn name_chat(&mut self, at: Moment, mounted: &[(u64, Unit)]) {
        let nameless = self.site.urls.unnamed && self.site.chat_of(&self.url).is_none();
        if !nameless || self.private || self.unnamed.document.is_empty() {
            self.unnamed.answered_at = None;
            return;
        }
        if mounted.is_empty() {
            self.unnamed.emptied = true;
            self.unnamed.answered_at = None;
            return;
        }
        let begins = self.first_words(mounted);
        if self.unnamed.shown {
            if std::mem::take(&mut self.unnamed.emptied) && begins != self.unnamed.begins {
                self.unnamed.left();
                self.chat = None;
                self.memory = Memory::default();
                self.elements.values_mut().for_each(|element| element.taken = None);
            } else {
                self.unnamed.begins = begins;
                return;
            }
        }
        if self.is_answered(mounted) {
            let since = *self.unnamed.answered_at.get_or_insert(at);
            if at.since(since) < ADDRESS_LATE && since <= at {
                return;
            }
            self.unnamed.shown = true;
            self.unnamed.begins = begins;
            self.unnamed.emptied = false;
            self.chat = self.unnamed.chat();
        }
        self.unnamed.answered_at = None;
    }

    fn first_words(&self, mounted: &[(u64, Unit)]) -> u64 {
        let first = mounted.first().and_then(|(number, _)| self.elements.get(number));
        let side = first.and_then(|element| element.parsed.sides.first());
        side.map_or(0, |side| text::hash(&side.markdown))
    }

    fn is_answered(&self, mounted: &[(u64, Unit)]) -> bool {
        let sides = mounted
            .iter()
            .filter_map(|(number, _)| self.elements.get(number))
            .flat_map(|element| &element.parsed.sides);
        let mut asked = false;
        for side in sides {
            asked |= side.role == Role::User;
            if asked && side.role == Role::Assistant && !side.is_empty() {
                return true;
            }
        }
        asked && self.elements.values().any(|element| !element.parsed.errors.is_empty())
    }
}
