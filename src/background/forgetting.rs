//! A person has SHIM forget a site: every chat of it, of all accounts, is deleted as one chat is
//! (`deletions`), with the same time to undo it. First the whole store and the second copies are
//! looked through for chats of that site, a page of keys at a time, so that one without a head of
//! its own goes as well. All of them are marked in one commit.

use super::after::{AfterLoad, AfterWrite};
use super::deletions::not_deleted;
use super::{Machine, answer};
use crate::base::limits::LOOK_RECORDS;
use crate::base::{AccountId, ChatId, Moment, SessionId};
use crate::session::codec;
use crate::view::{amount, texts};
use crate::wire::background::BackEffect;
use crate::wire::records::{Change, Query, SessionHead, StoreName, Stored};
use crate::wire::ui::Answer;
use crate::wire::vault::VaultView;
use std::collections::BTreeSet;

/// To a person whose store could not be read.
const UNREAD: &str = "Nothing was deleted: the store could not be read. Try again in a moment.";
/// What was stored before cannot be read.
const LOCKED: &str = "\
    Nothing was deleted: SHIM is locked, so it does not know all chats of this site. Unlock it \
    first, then forget the site.";
/// One site at a time.
const BUSY: &str = "Another site is being forgotten just now. Try again in a moment.";

/// A site that is to be forgotten, while its chats are looked for.
#[derive(Clone, Debug)]
pub(super) struct Forgetting {
    ask: u64,
    site: String,
    /// Stores that were looked through, and the last key seen of the next.
    stores: usize,
    after: Option<String>,
    met: BTreeSet<SessionId>,
}

impl Machine {
    pub(super) fn forget_asked(&mut self, ask: u64, site: String, out: &mut Vec<BackEffect>) {
        let refused = match self.vault {
            VaultView::Locked => Some(LOCKED.to_owned()),
            _ if self.forgetting.is_some() => Some(BUSY.to_owned()),
            _ => self.open_chats(&site),
        };
        if let Some(why) = refused {
            return out.push(answer(ask, Answer::Problem(why)));
        }
        let (stores, after, met) = (0, None, BTreeSet::new());
        self.forgetting = Some(Forgetting { ask, site, stores, after, met });
        self.look_for_chats(out);
    }

    /// Why it cannot be done now: what is open would be saved again at once.
    fn open_chats(&self, site: &str) -> Option<String> {
        let open = self.sessions.keys().filter(|id| id.site() == site && self.is_in_use(id));
        let count = u64::try_from(open.count()).unwrap_or(u64::MAX);
        let (chats, name) = (amount::count(count, "chat"), texts::site(site));
        (count > 0).then(|| {
            format!(
                "Nothing was deleted: {chats} of {name} open in tabs would be saved again at \
                 once. Close those tabs, or switch SHIM off on that site and reload them, then \
                 forget the site here."
            )
        })
    }

    fn look_for_chats(&mut self, out: &mut Vec<BackEffect>) {
        let Some(forgetting) = &self.forgetting else { return };
        let query = match StoreName::ALL.get(forgetting.stores) {
            Some(&store) => {
                Query::Page { store, after: forgetting.after.clone(), count: LOOK_RECORDS }
            }
            None => Query::Copies(None),
        };
        self.load(query, AfterLoad::Forget, out);
    }

    pub(super) fn looked_for_chats(
        &mut self,
        at: Moment,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(mut this) = self.forgetting.take() else { return };
        let of_site = records.iter().map(|record| &record.session);
        this.met.extend(of_site.filter(|id| id.site() == this.site).cloned());
        if this.stores >= StoreName::ALL.len() {
            return self.forget_all(at, this, out);
        }
        this.after = records.last().map(|record| record.at.key.clone());
        if records.len() < LOOK_RECORDS as usize {
            (this.stores, this.after) = (this.stores + 1, None);
        }
        self.forgetting = Some(this);
        self.look_for_chats(out);
    }

    pub(super) fn not_looked_for_chats(&mut self, out: &mut Vec<BackEffect>) {
        if let Some(this) = self.forgetting.take() {
            out.push(answer(this.ask, Answer::Problem(UNREAD.into())));
        }
    }

    /// Every chat of the site is known: all of them are marked at once, or none is.
    fn forget_all(&mut self, at: Moment, this: Forgetting, out: &mut Vec<BackEffect>) {
        // A tab may have been opened meanwhile.
        if let Some(why) = self.open_chats(&this.site) {
            return out.push(answer(this.ask, Answer::Problem(why)));
        }
        let Forgetting { ask, site, mut met, .. } = this;
        met.extend(self.sessions.keys().filter(|id| id.site() == site).cloned());
        met.retain(|id| !self.deletions.contains_key(id));
        let mut made = BTreeSet::new();
        let mut puts = Vec::new();
        for id in &met {
            if !self.sessions.contains_key(id) {
                made.insert(id.clone());
                self.sessions.insert(id.clone(), nameless(id));
            }
            puts.extend(self.mark(at, id, Some(ask)));
        }
        if puts.is_empty() {
            return out.push(answer(ask, Answer::Done));
        }
        let sessions = met.into_iter().collect();
        let after = AfterWrite::SiteMarked { ask, sessions, made };
        let change = Change { puts, ..Change::default() };
        self.write_change(&SessionId::default(), change, after, out);
    }

    pub(super) fn site_marked(
        &mut self,
        ask: u64,
        sessions: &[SessionId],
        out: &mut Vec<BackEffect>,
    ) {
        sessions.iter().for_each(|id| self.marked(id, Some(ask)));
        out.push(answer(ask, Answer::Done));
    }

    /// The marks could not be stored: nothing is deleted.
    pub(super) fn site_not_marked(
        &mut self,
        ask: u64,
        (sessions, made): (&[SessionId], &BTreeSet<SessionId>),
        problem: &str,
        out: &mut Vec<BackEffect>,
    ) {
        for id in sessions {
            self.not_deleted(id, Some(ask));
        }
        self.sessions.retain(|id, _| !made.contains(id));
        out.push(answer(ask, not_deleted(problem)));
    }

    /// The record of a chat that is marked as deleted from now on; none: there is no such chat.
    pub(super) fn mark(
        &mut self,
        at: Moment,
        session: &SessionId,
        ask: Option<u64>,
    ) -> Option<Stored> {
        let head = self.sessions.get_mut(session)?;
        head.deleted_at = Some(at);
        let record = codec::session_record(head);
        self.begin_deletion(session, ask);
        Some(record)
    }

    /// A person wants a site kept after all: every chat of it that is not gone yet.
    pub(super) fn keep_site_asked(
        &mut self,
        at: Moment,
        ask: u64,
        site: &str,
        out: &mut Vec<BackEffect>,
    ) {
        let mine = self.deletions.keys().filter(|id| id.site() == site);
        let mine: Vec<SessionId> = mine.cloned().collect();
        let Some((last, others)) = mine.split_last() else {
            return out.push(answer(ask, Answer::Problem(super::deletions::TOO_LATE.into())));
        };
        for id in others {
            self.undelete(at, None, id.clone(), out);
        }
        self.undelete(at, Some(ask), last.clone(), out);
    }
}

/// A head for a chat that has none, so that it can be marked.
fn nameless(id: &SessionId) -> SessionHead {
    let mut names = id.as_str().splitn(3, '/').skip(1);
    let mut next = || names.next().unwrap_or_default().to_owned();
    let (account, chat) = (AccountId(next()), ChatId(next()));
    SessionHead {
        id: id.clone(),
        site: id.site().to_owned(),
        account,
        chat,
        ..SessionHead::default()
    }
}
