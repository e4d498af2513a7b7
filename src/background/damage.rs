//! Records that do not open: flipped bytes, cut short, of a newer SHIM, of foreign form. Each is
//! kept as it is. Before something new is written under its key, it is moved aside in the same
//! commit; it is deleted only with its chat, by a person.

use super::index::CHAT;
use super::{AfterLoad, AfterWrite, Index, Machine, Whole};
use crate::base::limits::{LOOK_RECORDS, LOOK_WHILE};
use crate::base::{AccountId, ChatId, Moment, SessionId, text};
use crate::session::{codec, history, segments};
use crate::sites;
use crate::wire::background::BackEffect;
use crate::wire::chat::Role;
use crate::wire::history::HistoryNote;
use crate::wire::records::{
    Aside, Query, RecordKey, ResumeHead, SessionHead, Settings, StoreName, Stored,
};
use crate::wire::ui::Damaged;
use std::collections::BTreeMap;

/// Stores that no start reads whole: they are looked through while a popup is open.
const LOOKED_THROUGH: [StoreName; 4] =
    [StoreName::Turns, StoreName::Streams, StoreName::Checkpoints, StoreName::History];
/// Characters of a title that is made of a chat's first message.
const TITLE_CHARS: usize = 60;

/// A record that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harm {
    /// Where it lies.
    pub at: RecordKey,
    /// Its chat, as far as it tells.
    pub session: SessionId,
    /// Whether it is whole, and only of a newer SHIM.
    pub newer: bool,
    /// How many turns or checkpoints it holds.
    pub members: u32,
}

impl Harm {
    /// Of a record that was found not to open.
    #[must_use]
    pub fn of(record: &Stored) -> Self {
        let at = record.at.clone();
        // The key of a session's record is the session.
        let by_key = at.store == StoreName::Sessions && !codec::is_aside(&at);
        let session = if by_key { SessionId(at.key.clone()) } else { record.session.clone() };
        let members = segments::members(&at);
        Self { at, session, newer: codec::is_newer(record), members }
    }
}

/// Every record that is known not to open.
#[derive(Clone, Debug, Default)]
pub(super) struct Damage {
    /// With the key that each is to be moved to when its own is needed.
    found: BTreeMap<RecordKey, (Harm, String)>,
    /// Stores still to be looked through, and the last key seen of the first of them.
    looked: usize,
    after: Option<String>,
    looking: bool,
    /// When a popup last asked.
    asked_at: Moment,
}

impl Damage {
    /// These were found. What is known already keeps the key it is to be moved to.
    pub fn add(&mut self, now: Moment, harms: Vec<Harm>) {
        for harm in harms {
            let to = codec::aside_key(&harm.at, now);
            self.found.entry(harm.at.clone()).or_insert((harm, to));
        }
    }

    pub fn holds(&self, at: &RecordKey) -> bool {
        self.found.contains_key(at)
    }

    /// Whether anything of this chat is known not to open.
    pub fn of(&self, session: &SessionId) -> bool {
        self.found.values().any(|(harm, _)| harm.session == *session)
    }

    /// What must be moved before these are put.
    pub fn asides(&self, puts: &[Stored]) -> Vec<Aside> {
        let moved = puts.iter().filter_map(|put| Some((put, &self.found.get(&put.at)?.1)));
        moved.map(|(put, to)| Aside { at: put.at.clone(), to: to.clone() }).collect()
    }

    /// These were moved, and it is committed.
    pub fn moved(&mut self, asides: Vec<Aside>) {
        for aside in asides {
            let Some((mut harm, _)) = self.found.remove(&aside.at) else { continue };
            harm.at.key.clone_from(&aside.to);
            self.found.insert(harm.at.clone(), (harm, aside.to));
        }
    }

    /// Everything of this chat is gone.
    pub fn erased(&mut self, session: &SessionId) {
        self.found.retain(|_, (harm, _)| harm.session != *session);
    }

    /// How many, by chat.
    pub fn by_session(&self) -> Vec<Damaged> {
        let mut sums: BTreeMap<&SessionId, (u32, u32)> = BTreeMap::new();
        for (harm, _) in self.found.values() {
            let (records, newer) = sums.entry(&harm.session).or_default();
            *(if harm.newer { newer } else { records }) += harm.members;
        }
        let told = |(session, (records, newer)): (&SessionId, _)| Damaged {
            session: session.clone(),
            records,
            newer,
        };
        sums.into_iter().map(told).collect()
    }
}

impl Machine {
    /// Takes the records that a start stands on; those that do not open are noted.
    pub(super) fn take_records(&mut self, at: Moment, records: &[Stored]) -> Vec<Harm> {
        let harms: Vec<Harm> = records
            .iter()
            .filter(|record| self.take_record(record).is_err())
            .map(Harm::of)
            .collect();
        self.damage.add(at, harms.clone());
        harms
    }

    fn take_record(&mut self, record: &Stored) -> Result<(), crate::base::Problem> {
        match record.at.store {
            StoreName::Sessions => {
                let head: SessionHead = codec::open(record)?;
                self.sessions.insert(head.id.clone(), head);
            }
            StoreName::Resumes => {
                let head: ResumeHead = codec::open(record)?;
                // Its record holds a prompt only as long as that waits to be sent.
                let prompt = codec::part(record, 0).unwrap_or_default();
                if !prompt.is_empty() {
                    self.prompts.insert(head.id.clone(), prompt);
                }
                self.resumes.insert(head.id.clone(), head);
            }
            StoreName::Settings => self.settings = codec::open::<Settings>(record)?,
            StoreName::Drafts => self.drafts.take(record)?,
            _ => {}
        }
        Ok(())
    }

    /// A chat whose head is damaged is still there, in its copy or in its turns. That of a newer
    /// SHIM is left to it.
    pub(super) fn make_heads_anew(&mut self, harms: &[Harm], out: &mut Vec<BackEffect>) {
        for harm in harms {
            let lost = harm.at.store == StoreName::Sessions && !harm.newer;
            let of_a_site = sites::by_label(harm.session.site()).is_some();
            if lost && of_a_site && !codec::is_aside(&harm.at) {
                self.mend(harm.session.clone(), out);
            }
        }
    }

    /// There is no copy of it: it is made of what is stored of the chat.
    pub(super) fn make_head_anew(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        let mut stores = CHAT.to_vec();
        stores.push(StoreName::History);
        let query = Query::OfSession(stores, session.clone());
        self.load(query, AfterLoad::HeadAnew { session: session.clone() }, out);
    }

    pub(super) fn head_loaded(
        &mut self,
        session: SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        // Meanwhile its page may have been opened, which tells more.
        if self.sessions.contains_key(&session) {
            return;
        }
        let Some(head) = head_anew(&session, records, self.now) else { return };
        self.damage.add(self.now, Index::of(records).damaged);
        self.sessions.insert(session.clone(), head);
        self.write_head(&session, AfterWrite::Nothing, out);
    }

    /// These do not open: what a second copy has of them is put back.
    pub(super) fn found_damaged(
        &mut self,
        at: Moment,
        harms: Vec<Harm>,
        out: &mut Vec<BackEffect>,
    ) {
        for harm in harms.iter().filter(|harm| !harm.newer) {
            self.mend(harm.session.clone(), out);
        }
        self.damage.add(at, harms);
    }

    /// A popup is open: what no start reads is looked through, a page at a time, once in a life
    /// of the worker.
    pub(super) fn look_through(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        self.damage.asked_at = at;
        self.look_on(out);
    }

    fn look_on(&mut self, out: &mut Vec<BackEffect>) {
        let looked = self.damage.looked;
        let Some(&store) = LOOKED_THROUGH.get(looked).filter(|_| !self.damage.looking) else {
            return;
        };
        self.damage.looking = true;
        let query = Query::Page { store, after: self.damage.after.clone(), count: LOOK_RECORDS };
        self.load(query, AfterLoad::Look, out);
    }

    /// A page of them could not be read: the next question of a popup tries again.
    pub(super) fn not_looked(&mut self) {
        self.damage.looking = false;
    }

    pub(super) fn looked(&mut self, at: Moment, records: &[Stored], out: &mut Vec<BackEffect>) {
        self.found_damaged(at, Index::of(records).damaged, out);
        self.damage.looking = false;
        self.damage.after = records.last().map(|record| record.at.key.clone());
        if records.len() < LOOK_RECORDS as usize {
            (self.damage.looked, self.damage.after) = (self.damage.looked + 1, None);
        }
        if at.since(self.damage.asked_at) < LOOK_WHILE {
            self.look_on(out);
        }
    }
}

/// A chat's head, made of what else is stored of it; none: no turn of it opens.
pub(super) fn head_anew(
    session: &SessionId,
    records: &[Stored],
    now: Moment,
) -> Option<SessionHead> {
    let (whole, index) = (Whole::of(records), Index::of(records));
    let mut names = session.as_str().splitn(3, '/').skip(1);
    let mut next = || names.next().unwrap_or_default().to_owned();
    let (account, chat) = (AccountId(next()), ChatId(next()));
    let said = whole.turns.iter().find(|turn| turn.role == Role::User);
    let title = said.map(|turn| text::clip(&text::one_line(&turn.markdown), TITLE_CHARS));
    let history = HistoryNote {
        last_number: history::last_number(records),
        due: Some(now),
        ..HistoryNote::default()
    };
    (!whole.turns.is_empty()).then(|| SessionHead {
        id: session.clone(),
        site: session.site().to_owned(),
        account,
        chat,
        title: title.unwrap_or_default(),
        started_at: whole.turns.iter().map(|turn| turn.at).min().unwrap_or_default(),
        updated_at: whole.last_at(),
        turn_count: u32::try_from(whole.turns.len()).unwrap_or(u32::MAX),
        calls: whole.calls(),
        last_checkpoint: index.last_checkpoint,
        stored_bytes: index.stored_bytes(),
        history,
        risk: whole.checkpoints.last().map(|head| head.risk.clone()).unwrap_or_default(),
        ..SessionHead::default()
    })
}
