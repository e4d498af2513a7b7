//! The whole store looked through, and what can be put back put back: a page of keys at a time,
//! then chat by chat, each step asked for by the page that shows how far it is. Where that page is
//! closed, nobody asks on, and nothing more is done.
//!
//! A check changes nothing. A repair writes only what is missing or does not open, as mending
//! does (`mending`): what does not open is moved aside first, and nothing is deleted.

mod faults;

use super::after::AfterLoad;
use super::damage::Harm;
use super::index::CHAT;
use super::{AfterWrite, Machine, answer};
use crate::base::limits::{COPIES, FAULTS, LOOK_RECORDS, REPAIR_PASSES};
use crate::base::{Moment, SessionId};
use crate::session::codec;
use crate::wire::background::BackEffect;
use crate::wire::records::{Query, SessionHead, StoreName, Stored};
use crate::wire::ui::Answer;
use crate::wire::verify::{Checked, Fault, Flaw, Source, Wanted};
use faults::Subject;
pub(super) use faults::harms;
use std::collections::BTreeSet;

/// Stores whose records are judged as they are met; the others with their chat.
const JUDGED_ALONE: [StoreName; 3] = [StoreName::Sessions, StoreName::Resumes, StoreName::Settings];

/// A check under way.
#[derive(Debug)]
pub(super) struct Checkup {
    wanted: Wanted,
    /// The question that waits for the step under way.
    ask: Option<u64>,
    /// Stores that were looked through, and the last key seen of the next.
    stores: usize,
    after: Option<String>,
    /// Chats that are still to be looked at; none: not known yet.
    chats: Option<BTreeSet<SessionId>>,
    /// Chats that were met.
    met: BTreeSet<SessionId>,
    /// Those whose own record does not open.
    headless: BTreeSet<SessionId>,
    /// What was wrong with the chat under way before anything was put back, and how often that
    /// was done.
    before: Vec<Fault>,
    passes: u32,
    checked: Checked,
}

/// What a step read.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A page of a store.
    Page(StoreName),
    /// All second copies.
    Copies,
    /// A chat's records.
    Chat(SessionId),
    /// Its second copy.
    Copy(SessionId, Vec<Stored>),
}

impl Checkup {
    fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            ask: None,
            stores: 0,
            after: None,
            chats: None,
            met: BTreeSet::new(),
            headless: BTreeSet::new(),
            before: Vec::new(),
            passes: 0,
            checked: Checked::default(),
        }
    }

    /// Takes a page of a store, and tells what of it does not open.
    fn page(&mut self, store: StoreName, records: &[Stored]) -> Vec<Harm> {
        let checked = &mut self.checked;
        checked.records += records.len() as u64;
        checked.bytes += records.iter().map(codec::packed_bytes).sum::<u64>();
        self.after = records.last().map(|record| record.at.key.clone());
        if records.len() < LOOK_RECORDS as usize {
            (self.stores, self.after) = (self.stores + 1, None);
        }
        let of_a_chat = records.iter().filter(|record| !codec::is_aside(&record.at));
        self.met.extend(of_a_chat.map(|record| record.session.clone()));
        let nobodys = |record: &&Stored| record.session.as_str().is_empty();
        let alone: Vec<Stored> = if JUDGED_ALONE.contains(&store) {
            records.to_vec()
        } else {
            records.iter().filter(nobodys).cloned().collect()
        };
        let harms = faults::harms(&alone);
        for harm in harms.clone() {
            let head = store == StoreName::Sessions && !codec::is_aside(&harm.at);
            if head && !harm.newer {
                // Its chat tells of it.
                self.headless.insert(harm.session);
                continue;
            }
            let session = harm.session.clone();
            add(&mut checked.faults, faults::counted(&session, &[harm]));
        }
        harms
    }
}

impl Machine {
    pub(super) fn check_asked(&mut self, ask: u64, wanted: Wanted, out: &mut Vec<BackEffect>) {
        if wanted.step == 0 {
            self.checkup = Some(Checkup::new(wanted));
        }
        let next = |checkup: &&mut Checkup| {
            let follows = wanted.step == 0 || wanted.step == checkup.wanted.step + 1;
            checkup.wanted.run == wanted.run && follows && checkup.ask.is_none()
        };
        let Some(checkup) = self.checkup.as_mut().filter(next) else {
            let again = Checked { again: true, ..Checked::default() };
            return out.push(answer(ask, Answer::Checked(Box::new(again))));
        };
        (checkup.wanted, checkup.ask) = (wanted, Some(ask));
        self.check_on(out);
    }

    /// Reads what comes next, or says that all was read.
    fn check_on(&mut self, out: &mut Vec<BackEffect>) {
        let Some(checkup) = &mut self.checkup else { return };
        if let Some(&store) = StoreName::ALL.get(checkup.stores) {
            let query = Query::Page { store, after: checkup.after.clone(), count: LOOK_RECORDS };
            return self.load(query, AfterLoad::Check(Step::Page(store)), out);
        }
        let Some(chats) = &checkup.chats else {
            return self.load(Query::Copies(None), AfterLoad::Check(Step::Copies), out);
        };
        match chats.first().cloned() {
            Some(session) => self.check_chat(&session, out),
            None => self.check_done(out),
        }
    }

    fn check_chat(&mut self, session: &SessionId, out: &mut Vec<BackEffect>) {
        let stores = CHAT.into_iter().chain([StoreName::History]).collect();
        let query = Query::OfSession(stores, session.clone());
        self.load(query, AfterLoad::Check(Step::Chat(session.clone())), out);
    }

    pub(super) fn check_read(
        &mut self,
        at: Moment,
        step: Step,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(checkup) = &mut self.checkup else { return };
        match step {
            Step::Page(store) => {
                let harms = checkup.page(store, records);
                self.damage.add(at, harms);
            }
            Step::Copies => {
                checkup.met.extend(records.iter().map(|record| record.session.clone()));
                self.know_chats();
            }
            Step::Chat(session) => {
                let query = Query::Copies(Some(session.clone()));
                let step = Step::Copy(session, records.to_vec());
                return self.load(query, AfterLoad::Check(step), out);
            }
            Step::Copy(session, stored) => self.chat_read(at, &session, &stored, records, out),
        }
        self.tell_checked(out);
    }

    /// A read failed.
    pub(super) fn not_checked(&mut self, why: &str, out: &mut Vec<BackEffect>) {
        if let Some(ask) = self.checkup.take().and_then(|checkup| checkup.ask) {
            out.push(answer(ask, Answer::Problem(why.into())));
        }
    }

    /// Every chat of which anything was met, but those that are being deleted.
    fn know_chats(&mut self) {
        let Some(mut checkup) = self.checkup.take() else { return };
        let mut chats = std::mem::take(&mut checkup.met);
        chats.extend(self.sessions.keys().cloned());
        chats.retain(|id| !id.as_str().is_empty() && !self.deletions.contains_key(id));
        checkup.checked.all_chats = u32::try_from(chats.len()).unwrap_or(u32::MAX);
        checkup.chats = Some(chats);
        self.checkup = Some(checkup);
    }

    /// A chat and its copy are at hand.
    fn chat_read(
        &mut self,
        at: Moment,
        session: &SessionId,
        records: &[Stored],
        copy: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(mut checkup) = self.checkup.take() else { return };
        // To be moved aside where something takes their place.
        self.damage.add(at, faults::harms(records));
        // Deleted since.
        let gone = self.deletions.contains_key(session);
        let faults =
            if gone { Vec::new() } else { self.faults_of(&checkup, session, records, copy) };
        let can_be_mended = faults.iter().any(|one| one.back > 0 && one.from != Source::Beside);
        if checkup.wanted.repair && can_be_mended && checkup.passes < REPAIR_PASSES {
            if checkup.passes == 0 {
                checkup.before.clone_from(&faults);
            }
            checkup.passes += 1;
            checkup.headless.remove(session);
            self.checkup = Some(checkup);
            return self.put_right(at, session, &faults, records, copy, out);
        }
        let left = |was: &Fault| faults.iter().any(|now| now.flaw == was.flaw);
        let mended = std::mem::take(&mut checkup.before).into_iter().filter(|was| !left(was));
        add(&mut checkup.checked.mended, mended.collect());
        add(&mut checkup.checked.faults, faults);
        checkup.checked.chats += 1;
        checkup.passes = 0;
        if let Some(chats) = &mut checkup.chats {
            chats.remove(session);
        }
        self.checkup = Some(checkup);
    }

    fn faults_of(
        &self,
        checkup: &Checkup,
        session: &SessionId,
        records: &[Stored],
        copy: &[Stored],
    ) -> Vec<Fault> {
        let known = self.sessions.get(session);
        let resumes = self.resumes.values().filter(|resume| resume.from == *session);
        let parent = known.and_then(|head| head.parent.as_ref());
        faults::of_chat(&Subject {
            session,
            head: known.filter(|_| !checkup.headless.contains(session)),
            records,
            copy,
            copied: known.is_some_and(|head| self.should_be_copied(head)),
            open: self.is_in_use(session),
            named: resumes.map(|resume| resume.checkpoint).collect(),
            parent: parent.is_none_or(|parent| self.sessions.contains_key(parent)),
        })
    }

    /// Whether this chat is one of the newest, which have second copies, and none is under way.
    pub(super) fn should_be_copied(&self, head: &SessionHead) -> bool {
        let newer = self.sessions.values().filter(|other| other.updated_at > head.updated_at);
        newer.count() < COPIES && !self.copies_due.contains_key(&head.id)
    }

    /// Puts back what can be. What it came to is seen when the chat is read again.
    fn put_right(
        &mut self,
        at: Moment,
        session: &SessionId,
        faults: &[Fault],
        records: &[Stored],
        copy: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let can = |one: &Fault| one.back > 0 && one.from != Source::Beside;
        let has = |flaw: Flaw| faults.iter().any(|one| one.flaw == flaw && can(one));
        let known = self.sessions.contains_key(session);
        if has(Flaw::Lost) || has(Flaw::Damaged) || (has(Flaw::Head) && !known) {
            return self.mend_with(at, session, copy.to_vec(), records, out);
        }
        if has(Flaw::Copy) && !faults.iter().any(|fault| fault.flaw == Flaw::Damaged) {
            self.keep_copy(session.clone(), records, out);
        }
        let whole = super::Index::of(records);
        let there = |parent: &SessionId| self.sessions.contains_key(parent);
        let parent = self.sessions.get(session).and_then(|head| head.parent.clone());
        let parent = parent.filter(there);
        if let Some(head) = self.sessions.get_mut(session)
            && (has(Flaw::Numbers) || has(Flaw::Loose) || has(Flaw::Head))
        {
            let turns = u32::try_from(whole.turns.len()).unwrap_or(u32::MAX);
            head.turn_count = head.turn_count.max(turns);
            head.last_checkpoint = head.last_checkpoint.max(whole.last_checkpoint);
            head.stored_bytes = whole.stored_bytes();
            head.parent = parent;
            self.write_head(session, AfterWrite::Nothing, out);
        }
    }

    /// Answers how far it is.
    fn tell_checked(&mut self, out: &mut Vec<BackEffect>) {
        let Some(checkup) = &mut self.checkup else { return };
        if let Some(ask) = checkup.ask.take() {
            out.push(answer(ask, Answer::Checked(Box::new(checkup.checked.clone()))));
        }
    }

    fn check_done(&mut self, out: &mut Vec<BackEffect>) {
        if let Some(checkup) = &mut self.checkup {
            checkup.checked.done = true;
        }
        self.tell_checked(out);
        self.checkup = None;
    }
}

/// Adds these, up to so many of them; of one chat and kind, they are counted together.
fn add(all: &mut Vec<Fault>, some: Vec<Fault>) {
    for fault in some {
        let same = |other: &&mut Fault| {
            other.session == fault.session && other.flaw == fault.flaw && other.from == fault.from
        };
        if let Some(other) = all.iter_mut().find(same) {
            other.count = other.count.saturating_add(fault.count);
            other.back = other.back.saturating_add(fault.back);
        } else if all.len() < FAULTS {
            all.push(fault);
        }
    }
}
