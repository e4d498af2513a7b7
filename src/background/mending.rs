//! Mending: what a chat lost to damage is put back from its second copy, once in a life of the
//! worker; and all chats are, where the store is empty and their copies are not.
//!
//! Only what does not open or is not there is put back: what the store holds is newer. A record
//! that does not open is kept aside, as ever (`damage`).

use super::after::{AfterLoad, AfterWrite};
use super::{Index, Machine, Whole};
use crate::base::{Moment, SessionId};
use crate::session::{codec, segments};
use crate::wire::background::BackEffect;
use crate::wire::records::{Query, RecordKey, SessionHead, StoreName, Stored};
use crate::wire::vault::VaultView;
use std::collections::{BTreeMap, BTreeSet};

/// The mending of chats.
#[derive(Debug, Default)]
pub(super) struct Mending {
    /// Chats whose copy was asked for.
    tried: BTreeSet<SessionId>,
    /// What waits for it: queries that found damage.
    waiting: BTreeMap<SessionId, Vec<AfterLoad>>,
    /// Chats of a lost store that are not put back yet.
    owed: BTreeSet<SessionId>,
    /// Chats whose head came from a copy and is not stored yet.
    copied: BTreeSet<SessionId>,
}

impl Machine {
    /// Where what was read for a prompt is damaged, that waits until its chat is mended.
    pub(super) fn mend_first(
        &mut self,
        after: AfterLoad,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) -> Option<AfterLoad> {
        let session = match &after {
            AfterLoad::Resume { resume, .. } => self.resumes.get(resume).map(|head| &head.from),
            AfterLoad::Prompt { session, .. } => Some(session),
            _ => None,
        };
        let Some(session) = session.cloned().filter(|id| self.may_mend(id, records)) else {
            return Some(after);
        };
        self.mending.waiting.entry(session.clone()).or_default().push(after);
        self.mend(session, out);
        None
    }

    /// A chat without a checkpoint has no copy.
    fn may_mend(&self, session: &SessionId, records: &[Stored]) -> bool {
        let waits = self.mending.waiting.contains_key(session);
        let untried = !self.mending.tried.contains(session);
        waits || (untried && Whole::of(records).damaged > 0)
    }

    /// Asks for a chat's copy, unless that was done.
    pub(super) fn mend(&mut self, session: SessionId, out: &mut Vec<BackEffect>) {
        if !self.is_deleted(&session) && self.mending.tried.insert(session.clone()) {
            let query = Query::Copies(Some(session.clone()));
            self.load(query, AfterLoad::Copy { session }, out);
        }
    }

    /// The same, also where it was done before: something else is damaged now.
    pub(super) fn mend_once_more(&mut self, session: SessionId, out: &mut Vec<BackEffect>) {
        self.mending.tried.remove(&session);
        self.mend(session, out);
    }

    pub(super) fn copy_loaded(
        &mut self,
        session: SessionId,
        copy: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let copy: Vec<Stored> = copy.iter().filter(|one| one.session == session).cloned().collect();
        if copy.is_empty() {
            self.paid(&session, out);
            return self.mended(&session, out);
        }
        self.load_chat(&session.clone(), AfterLoad::Mend { session, copy }, out);
    }

    /// What is stored of it is known: the rest of its copy is stored.
    pub(super) fn mend_with(
        &mut self,
        at: Moment,
        session: &SessionId,
        copy: Vec<Stored>,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let index = Index::of(records);
        self.damage.add(at, index.damaged);
        let mut puts = missing(copy, records);
        // What was ordered since that was read is newer.
        let newer = |one: &Stored| self.io.puts(|_, at| *at == one.at);
        puts.retain(|put| put.at.store == StoreName::Sessions || !newer(put));
        let known = self.sessions.contains_key(session);
        let head = puts.iter().position(|put| put.at.store == StoreName::Sessions);
        if let Some(head) = head.map(|place| puts.swap_remove(place)).filter(|_| !known) {
            self.take_copied_head(&head);
            puts.extend(self.sessions.get_mut(session).map(|head| {
                // It is of an older moment than what is stored of the chat.
                head.last_checkpoint = head.last_checkpoint.max(index.last_checkpoint);
                codec::session_record(head)
            }));
        }
        if puts.is_empty() || self.is_deleted(session) {
            self.paid(session, out);
            return self.mended(session, out);
        }
        self.problem(format!(
            "Records of a chat were damaged; {} of them were put back from their second copy.",
            puts.len()
        ));
        if known {
            puts.extend(self.head_with(session, index.turns.len(), &puts));
        }
        self.write(session, puts, Vec::new(), AfterWrite::Mended, out);
    }

    /// The head of a chat that was known without these, in the same commit.
    fn head_with(&mut self, session: &SessionId, stored: usize, puts: &[Stored]) -> Option<Stored> {
        let more = puts.iter().filter(|put| put.at.store == StoreName::Turns).count();
        let turns = u32::try_from(stored + more).unwrap_or(u32::MAX);
        let points = puts.iter().filter(|put| put.at.store == StoreName::Checkpoints);
        let last = points.filter_map(|put| codec::checkpoint_number(&put.at)).max();
        let head = self.sessions.get_mut(session)?;
        head.turn_count = head.turn_count.max(turns);
        head.last_checkpoint = head.last_checkpoint.max(last.unwrap_or_default());
        Some(codec::session_record(head))
    }

    /// All is in its place again, or cannot be: what waited is read once more, and so is what is
    /// known of the chat.
    pub(super) fn mended(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        for after in self.mending.waiting.remove(session).unwrap_or_default() {
            self.load_chat(session, after, out);
        }
        if !self.sessions.contains_key(session) && !self.is_deleted(session) {
            self.make_head_anew(session, out);
        }
    }

    /// A chat that is deleted is not put back, and who waits for it is told so.
    pub(super) fn forget_mending(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        self.mending.tried.remove(session);
        self.paid(session, out);
        for after in self.mending.waiting.remove(session).unwrap_or_default() {
            self.load_chat(session, after, out);
        }
    }

    /// What was put back is stored: what is known of the chat is read again.
    pub(super) fn put_back(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        self.mending.copied.remove(session);
        self.paid(session, out);
        self.mended(session, out);
        if self.indexes.remove(session).is_some() {
            self.load_index(session.clone(), out);
        }
    }

    /// It was refused. A head that came from the copy leaves memory with it: stored alone later, it
    /// would hide that the rest is still to be put back. Of a lost store that is known (`owed`).
    pub(super) fn not_put_back(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        if self.mending.copied.remove(session) && !self.is_owed(session) {
            self.sessions.remove(session);
            self.endings.remove(session);
        }
        self.mending.tried.remove(session);
        self.mended(session, out);
    }

    /// A store without a chat is new, or a new one in place of one that was lost; and one that was
    /// lost may not have been filled again to the end.
    pub(super) fn ask_for_copies(&mut self, out: &mut Vec<BackEffect>) {
        // Of a locked SHIM the copies cannot be read, and what is owed stays so.
        let locked = self.vault == VaultView::Locked;
        if !locked && (self.sessions.is_empty() || self.settings.owed) {
            // What is stored before they are read must not hide them from the next start.
            self.settings.owed = true;
            self.load(Query::Copies(None), AfterLoad::Copies, out);
        }
    }

    pub(super) fn take_copies(&mut self, at: Moment, copies: &[Stored], out: &mut Vec<BackEffect>) {
        let mut chats: BTreeMap<SessionId, Vec<Stored>> = BTreeMap::new();
        for record in copies {
            chats.entry(record.session.clone()).or_default().push(record.clone());
        }
        let is_head = |put: &Stored| put.at.store == StoreName::Sessions;
        // Without a head nothing would ever show or delete it.
        let chats = chats.into_iter().map(|(session, copy)| (session, missing(copy, &[])));
        let chats: Vec<(SessionId, Vec<Stored>)> =
            chats.filter(|(id, puts)| puts.iter().any(is_head) && !self.is_deleted(id)).collect();
        self.mending.owed = chats.iter().map(|(session, _)| session.clone()).collect();
        // From the first commit on the store tells that more is to come.
        let was_owed = std::mem::replace(&mut self.settings.owed, !chats.is_empty());
        if was_owed && chats.is_empty() && !self.sessions.is_empty() {
            self.write_settings(AfterWrite::Nothing, out);
        }
        let mut back = 0;
        for (session, puts) in chats {
            let head = puts.iter().find(|put| is_head(put));
            if self.sessions.contains_key(&session) {
                // Its page was quicker, or it was refused before.
                self.mend(session, out);
            } else if head.is_some_and(|head| self.take_copied_head(head)) {
                back += 1;
                self.look_at_open_chat(at, &session);
                self.write(&session, puts, Vec::new(), AfterWrite::Mended, out);
            }
        }
        if back > 0 {
            self.problem(format!(
                "The browser lost the store. Chats put back from their second copies: {back}, \
                 each with what a resume needs."
            ));
        }
    }

    /// Nothing more of this chat is to be put back. After the last one the store says so.
    fn paid(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        if self.mending.owed.remove(session) {
            self.copy_soon(session);
            if self.mending.owed.is_empty() {
                self.settings.owed = false;
                self.write_settings(AfterWrite::Nothing, out);
            }
        }
    }

    /// Whether the copy of this chat holds what the store does not.
    pub(super) fn is_owed(&self, session: &SessionId) -> bool {
        self.mending.owed.contains(session)
    }

    /// What was refused when it was to be put back is tried again.
    pub(super) fn put_back_again(&mut self, out: &mut Vec<BackEffect>) {
        let under_way = self.io.loads(|after| {
            matches!(after, AfterLoad::Copies | AfterLoad::Copy { .. } | AfterLoad::Mend { .. })
        });
        let under_way = under_way || self.io.writes(|after| matches!(after, AfterWrite::Mended));
        if !self.mending.owed.is_empty() && !under_way {
            self.load(Query::Copies(None), AfterLoad::Copies, out);
        }
    }

    fn take_copied_head(&mut self, record: &Stored) -> bool {
        let Ok(head) = codec::open::<SessionHead>(record) else { return false };
        self.mending.copied.insert(head.id.clone());
        self.sessions.insert(head.id.clone(), head).is_none()
    }
}

/// Of a copy, what opens and is not among these records. One of a newer SHIM stays where it is.
pub(super) fn missing(copy: Vec<Stored>, records: &[Stored]) -> Vec<Stored> {
    let turns: BTreeSet<_> =
        segments::turns_of(records).found.into_iter().map(|turn| turn.head.key).collect();
    let numbers: BTreeSet<u32> =
        segments::checkpoints_of(records).found.into_iter().map(|one| one.head.number).collect();
    let newer: BTreeSet<&RecordKey> =
        records.iter().filter(|record| codec::is_newer(record)).map(|record| &record.at).collect();
    let is_missing = |one: &Stored| match one.at.store {
        _ if newer.contains(&one.at) => false,
        StoreName::Turns => {
            let turn = codec::open_turn(one);
            turn.is_ok_and(|turn| {
                one.at == codec::turn_key(&one.session, &turn.key) && !turns.contains(&turn.key)
            })
        }
        StoreName::Checkpoints => {
            let number = codec::checkpoint_number(&one.at).unwrap_or_default();
            number > 0
                && one.at == codec::checkpoint_key(&one.session, number)
                && codec::part(one, 0).is_ok()
                && !numbers.contains(&number)
        }
        StoreName::Sessions => {
            let head = codec::open::<SessionHead>(one);
            head.is_ok_and(|head| head.id == one.session && one.at == codec::session_key(&head.id))
        }
        _ => false,
    };
    copy.into_iter().filter(is_missing).collect()
}
