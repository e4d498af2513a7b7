//! Chats that came from a site's own export, and their pages: a chat that is opened later is the
//! same chat, and none of its turns is there twice.
//!
//! An export tells no name of the account that a page tells as well, so such a chat is stored
//! under none, and put under its page's account when that opens it. It calls turns as the newest
//! renderer of its site does; where the page calls them by their place, the place tells which is
//! meant. What an export tells of a turn is mostly more than a page shows of it, so a page takes
//! its place only with other words or clearly more of them.

use super::after::{AfterLoad, AfterWrite};
use super::archive::{Chat, merge};
use super::index::TurnEntry;
use super::{Index, Machine, Whole};
use crate::base::{AccountId, Moment, SessionId, TurnKey};
use crate::session::{codec, segments};
use crate::wire::archive::{Named, Point};
use crate::wire::background::BackEffect;
use crate::wire::chat::Turn;
use crate::wire::records::{SessionHead, Stored};
use std::collections::BTreeMap;

/// How much longer a text is that is clearly more, and not the same drawn in another way: a
/// quarter, and some words.
const MORE: u64 = 4;
const MORE_BYTES: u64 = 64;

impl TurnEntry {
    /// As [`Turn::is_exported`].
    pub(super) fn is_exported(&self) -> bool {
        self.read_at == Moment(0)
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| letter.is_alphanumeric())
}

/// Whether these may be the same words: marks, links and lists are drawn in many ways.
fn agree(one: &TurnEntry, other: &TurnEntry) -> bool {
    letters(&one.start).zip(letters(&other.start)).all(|(one, other)| one == other)
}

fn is_more(new: &TurnEntry, old: &TurnEntry) -> bool {
    new.text_bytes > old.text_bytes.saturating_add(old.text_bytes / MORE + MORE_BYTES)
}

/// Whether a turn of an export has something to add to a stored one.
pub(super) fn adds(new: &TurnEntry, stored: &TurnEntry) -> bool {
    agree(new, stored) && (stored.is_exported() || is_more(new, stored))
}

/// A turn of an export under the name and in the place that it is stored with already, if it is.
pub(super) fn beside(turn: &Turn, there: &BTreeMap<&TurnKey, &Turn>) -> Turn {
    let place = TurnKey::of_place(turn.position);
    let by_place = || there.get(&place).filter(|stored| stored.role == turn.role);
    match there.get(&turn.key).or_else(by_place).filter(|_| turn.is_exported()) {
        Some(stored) => Turn { key: stored.key.clone(), position: stored.position, ..turn.clone() },
        None => turn.clone(),
    }
}

/// A page told a turn: where a turn of an export is the same one, it gets that one's name and
/// place. Tells whether the stored one stays; none: by the rule for all turns.
pub(super) fn meet(index: &Index, turn: &mut Turn) -> Option<bool> {
    let (key, stored) = exported(index, turn)?;
    let told = TurnEntry::of(turn, 0, None);
    let by_place = *key != turn.key;
    let same = agree(&told, stored);
    turn.position = stored.position;
    if same && turn.found && !is_more(&told, stored) {
        return Some(true);
    }
    if by_place {
        // Its page goes on calling it by its place, and is to find it there.
        (turn.key, turn.read_at) = (key.clone(), Moment(0));
    }
    // By its name it is the same turn whatever it says; in its place another may stand now.
    (by_place && !same).then_some(false)
}

fn exported<'i>(index: &'i Index, turn: &Turn) -> Option<(&'i TurnKey, &'i TurnEntry)> {
    let found = match index.turns.get_key_value(&turn.key) {
        None if turn.key.is_place() => index.turns.iter().find(|(_, entry)| {
            entry.is_exported() && (entry.position, entry.role) == (turn.position, turn.role)
        }),
        found => found,
    };
    found.filter(|(_, entry)| entry.is_exported())
}

impl Machine {
    /// The account of a chat that comes from elsewhere: where none is told, the one that the same
    /// chat is stored under.
    pub(super) fn account_of(&self, named: &Named) -> AccountId {
        let same = |head: &&SessionHead| head.site == named.site && head.chat == named.chat;
        let unknown = named.account.0.is_empty();
        let known = self.sessions.values().filter(|_| unknown).filter(same);
        let account = known.map(|head| &head.account).max();
        account.unwrap_or(&named.account).clone()
    }

    /// Whether a chat that its page just opened is one of an export, which is put under its account
    /// first. Only one that no page opened before is.
    pub(super) fn adopts(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) -> bool {
        let reads = |after: &AfterLoad| match after {
            AfterLoad::Adopt { session: read, .. } => read == session,
            _ => false,
        };
        let writes = |after: &AfterWrite| match after {
            AfterWrite::Adopted(before) => before.iter().any(|head| head.id == *session),
            _ => false,
        };
        if self.io.loads(reads) || self.io.writes(writes) {
            return true;
        }
        let Some(from) = self.without_account(session) else { return false };
        let session = session.clone();
        self.load_chat(&from.clone(), AfterLoad::Adopt { from, session }, out);
        true
    }

    fn without_account(&self, session: &SessionId) -> Option<SessionId> {
        let head = self.sessions.get(session).filter(|head| !head.holds_something())?;
        let from = SessionId::of(&head.site, &AccountId::default(), &head.chat);
        let old = self.sessions.get(&from).filter(|_| from != *session)?;
        let is_free = old.live.is_none()
            && old.meter.is_empty()
            && !self.deletions.contains_key(&from)
            && !self.endings.contains_key(&from)
            && !self.resumes.values().any(|resume| resume.from == from);
        is_free.then_some(from)
    }

    /// Puts all of a chat under another name and erases what was under the old one, in one commit.
    pub(super) fn adopt(
        &mut self,
        at: Moment,
        from: SessionId,
        session: SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let whole = Whole::of(records);
        let still = self.without_account(&session) == Some(from.clone()) && whole.damaged == 0;
        let (Some(old), Some(opened), true) =
            (self.sessions.get(&from), self.sessions.get(&session), still)
        else {
            // The page is a chat of its own.
            return self.load_chat(&session.clone(), AfterLoad::Index { session }, out);
        };
        let (old, opened) = (old.clone(), opened.clone());
        let chat = chat_under(&opened, whole, records);
        let mut merge = merge(&chat, Some(&opened), &[], at);
        let SessionHead { title, model, happened, pack_due, .. } = old.clone();
        let own = |mine: &mut String, told| {
            if mine.is_empty() {
                *mine = told;
            }
        };
        own(&mut merge.head.title, title);
        own(&mut merge.head.model, model);
        merge.head.started_at = old.started_at;
        merge.head.updated_at = old.updated_at;
        (merge.head.happened, merge.head.pack_due) = (happened, pack_due);
        (merge.head.parent, merge.head.risk) = (old.parent.clone(), old.risk.clone());
        merge.change.puts.push(codec::session_record(&merge.head));
        merge.change.erased = Some(from.clone());
        self.sessions.insert(session.clone(), merge.head);
        self.sessions.remove(&from);
        self.indexes.remove(&from);
        self.forget_packing(&from);
        self.forget_mending(&from, out);
        self.import_sees_write(&from);
        let after = AfterWrite::Adopted(Box::new([old, opened]));
        self.write_change(&session, merge.change, after, out);
    }

    pub(super) fn adopted(&mut self, session: SessionId, out: &mut Vec<BackEffect>) {
        self.copy_soon(&session);
        self.load_index(session, out);
    }

    /// Nothing of it is stored: its page says hello again, and it is tried again.
    pub(super) fn not_adopted(&mut self, before: [SessionHead; 2]) {
        for head in before {
            self.sessions.insert(head.id.clone(), head);
        }
    }
}

fn chat_under(opened: &SessionHead, whole: Whole, records: &[Stored]) -> Chat {
    let (site, account, chat) = (opened.site.clone(), opened.account.clone(), opened.chat.clone());
    let points = segments::texts_of(records, &whole.turns).into_iter();
    Chat {
        named: Named { site, account, chat, ..Named::default() },
        points: points.filter_map(|(head, state)| Some(Point { head, state: state? })).collect(),
        turns: whole.turns,
    }
}
