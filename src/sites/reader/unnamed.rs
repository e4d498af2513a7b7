//! Chats that have no address of their own: they are called after the document that shows them.

use super::order::Unit;
use super::{Memory, Reader, Role};
use crate::base::{ChatId, Moment, Span, text};

/// How long after an answer began an application may take to give its chat an address. Until then
/// nothing of the chat is safe, and two seconds are the most that may be lost.
const ADDRESS_LATE: Span = Span(1_200);
/// How long a prompt may stand there without anything after it: some applications show nothing
/// of a request that was refused, and what was asked is to be kept.
const ANSWER_LATE: Span = Span(8_000);
/// The same while the page shows an answer as under way: the address may come with it.
const ANSWER_SLOW: Span = Span(20_000);

/// Which chat of a document is shown.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    document: String,
    /// Whether no chat of this place had an address so far.
    never: bool,
    /// Chats of this document before, and whether one is shown.
    before: u32,
    shown: bool,
    /// What the chat in view begins with.
    begins: u64,
    /// Whether the page was seen empty since.
    emptied: bool,
    /// Since when a prompt, and since when an answer, stands in a chat that has no address yet.
    asked_at: Option<Moment>,
    answered_at: Option<Moment>,
    /// When that is long enough.
    due_at: Option<Moment>,
}

impl Unnamed {
    pub(super) fn of(document: &str) -> Self {
        Self { document: document.to_owned(), ..Self::default() }
    }

    /// Another chat is shown: the next one without an address gets a name of its own.
    pub(super) fn left(&mut self) {
        self.begins_anew();
        self.before += u32::from(std::mem::take(&mut self.shown));
    }

    fn begins_anew(&mut self) {
        (self.asked_at, self.answered_at, self.due_at) = (None, None, None);
    }

    /// When the chat in view gets its name, where it still waits for one.
    pub(super) fn due(&self) -> Option<Moment> {
        self.due_at.filter(|_| !self.shown)
    }

    /// Whether a prompt, or what follows it, has stood there long enough.
    fn is_due(&mut self, at: Moment, answered: bool, waits: bool) -> bool {
        // A clock that was set back must not hold this up until it is caught up.
        let since = |moment: &mut Option<Moment>| *moment.insert(moment.unwrap_or(at).min(at));
        let asked = since(&mut self.asked_at);
        let due = match (answered, waits) {
            _ if self.never => asked,
            (true, _) => since(&mut self.answered_at).after(ADDRESS_LATE),
            (false, false) => asked.after(ANSWER_LATE),
            (false, true) => asked.after(ANSWER_SLOW),
        };
        self.due_at = Some(due);
        due <= at
    }

    /// The name of the chat in view.
    pub(super) fn chat(&self) -> Option<ChatId> {
        self.shown.then(|| match self.before {
            0 => ChatId(format!("{}{}", ChatId::UNNAMED, self.document)),
            number => ChatId(format!("{}{}-{}", ChatId::UNNAMED, self.document, number + 1)),
        })
    }
}

impl Reader {
    /// The same, in a document of this name: chats without an address are called after it.
    #[must_use]
    pub fn in_document(mut self, document: &str) -> Self {
        self.unnamed = Unnamed::of(document);
        self
    }

    /// No chat of this place had an address so far: none is waited for.
    pub fn expect_no_address(&mut self) {
        self.unnamed.never = true;
    }

    /// Names the chat in view where its address does not: once an answer stands there, or what went
    /// wrong instead, for an application may give the address only then; or when nothing comes for
    /// long. A page that was emptied and begins with other words shows another chat.
    pub(super) fn name_chat(&mut self, at: Moment, mounted: &[(u64, Unit)]) {
        let nameless = self.site.urls.unnamed && self.site.chat_of(&self.url).is_none();
        if !nameless || self.private || self.unnamed.document.is_empty() {
            return self.unnamed.begins_anew();
        }
        if mounted.is_empty() {
            self.unnamed.emptied = true;
            return self.unnamed.begins_anew();
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
        let waits = self.element("stop").is_some() || self.element("busy").is_some();
        match self.is_answered(mounted) {
            None => self.unnamed.begins_anew(),
            Some(answered) if self.unnamed.is_due(at, answered, waits) => {
                self.unnamed.begins_anew();
                (self.unnamed.shown, self.unnamed.emptied) = (true, false);
                self.unnamed.begins = begins;
                self.chat = self.unnamed.chat();
            }
            Some(_) => {}
        }
    }

    fn first_words(&self, mounted: &[(u64, Unit)]) -> u64 {
        let first = mounted.first().and_then(|(number, _)| self.elements.get(number));
        let side = first.and_then(|element| element.parsed.sides.first());
        side.map_or(0, |side| text::hash(&side.markdown))
    }

    /// Whether something follows a prompt. None: there is no prompt.
    fn is_answered(&self, mounted: &[(u64, Unit)]) -> Option<bool> {
        let sides = mounted
            .iter()
            .filter_map(|(number, _)| self.elements.get(number))
            .flat_map(|element| &element.parsed.sides);
        let mut asked = false;
        for side in sides {
            asked |= side.role == Role::User;
            if asked && side.role == Role::Assistant && !side.is_empty() {
                return Some(true);
            }
        }
        let failed = || self.elements.values().any(|element| !element.parsed.errors.is_empty());
        asked.then(failed)
    }
}
