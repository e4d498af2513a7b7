//! The restore drill: about once a week of use a chat that nobody uses is taken by chance, all that
//! a resume of it needs is read, from the store and then from the second copy alone, and its prompt
//! is made and looked at. What came of it is kept in the settings; what failed is mended.
//!
//! It waits until nothing is read or written, and does one thing at a time.

use super::after::{AfterLoad, AfterWrite};
use super::index::CHAT;
use super::{Machine, Whole, answer, verify};
use crate::base::limits::{DRILL_EVERY, DRILL_REST, ERASE_AGAIN};
use crate::base::{Moment, ResumeId, SessionId, chance::Chance, text};
use crate::session::{codec, prompt, segments};
use crate::wire::background::BackEffect;
use crate::wire::drill::{Drilled, Failed, Failure};
use crate::wire::records::{Query, ResumeHead, SessionHead, Stored};
use crate::wire::session::EndReason;
use crate::wire::ui::Answer;

/// To a person who wants one now.
const NO_CHAT: &str = "\
    There is no chat to try: only chats that are saved and not open in a tab are. Close a chat's \
    tab, then try again.";
/// Likewise.
const UNREAD: &str = "The store could not be read just now. Try again in a moment.";

/// The drills.
#[derive(Clone, Debug, Default)]
pub(super) struct Drill {
    under_way: Option<Run>,
    /// None begins before this moment.
    rest: Moment,
}

/// One under way.
#[derive(Clone, Debug)]
struct Run {
    session: SessionId,
    began: Moment,
    /// The person's question; none: it was due.
    ask: Option<u64>,
    /// What failed in the store, once that was read.
    failed: Option<Failure>,
}

/// What a drill read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Store,
    Copy,
}

impl Machine {
    /// Something is read or written: a drill waits for quiet.
    pub(super) fn rest_from_drill(&mut self, at: Moment) {
        self.drill.rest = at.after(DRILL_REST);
    }

    /// When the next one is due; none: there is nothing to try.
    pub(super) fn next_drill(&self) -> Option<Moment> {
        let lost = self.damage.holds(&codec::settings_key());
        if !self.ready || self.drill.under_way.is_some() || self.settings.paused || lost {
            return None;
        }
        // A chat of which it is not known when it began tells nothing of how long SHIM is in use.
        let starts = self.may_drill().map(|head| head.started_at);
        let began = starts.filter(|at| *at > Moment(0)).min()?;
        let last = self.settings.drill.as_ref().map_or(began, |last| last.at);
        // One of the future tells that the clock was wrong then.
        let last = if last > self.now { began } else { last };
        Some(last.after(DRILL_EVERY).max(self.drill.rest))
    }

    pub(super) fn drill_when_due(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if self.next_drill().is_none_or(|due| due > at) {
            return;
        }
        if self.io.is_busy() {
            return self.rest_from_drill(at);
        }
        self.begin_drill(at, None, out);
    }

    pub(super) fn drill_asked(&mut self, at: Moment, ask: u64, out: &mut Vec<BackEffect>) {
        if let Some(run) = &mut self.drill.under_way {
            // The one under way answers this one.
            if let Some(before) = run.ask.replace(ask) {
                out.push(answer(before, Answer::Done));
            }
            return;
        }
        if !self.begin_drill(at, Some(ask), out) {
            out.push(answer(ask, Answer::Problem(NO_CHAT.into())));
        }
    }

    fn begin_drill(&mut self, at: Moment, ask: Option<u64>, out: &mut Vec<BackEffect>) -> bool {
        let seed = text::hash(&format!("{}@{}", self.browser_session, at.0));
        let count = self.may_drill().count();
        let chosen = Chance::new(seed).below(count as u64);
        let chosen = self.may_drill().nth(usize::try_from(chosen).unwrap_or(0));
        let Some(session) = chosen.map(|head| head.id.clone()) else { return false };
        self.drill.under_way = Some(Run { session: session.clone(), began: at, ask, failed: None });
        let query = Query::OfSession(CHAT.to_vec(), session);
        self.load(query, AfterLoad::Drill(Read::Store), out);
        true
    }

    /// Chats that nobody uses, in an order that does not change.
    fn may_drill(&self) -> impl Iterator<Item = &SessionHead> {
        self.sessions.values().filter(|head| {
            head.turn_count > 0
                && !self.deletions.contains_key(&head.id)
                && !self.is_in_use(&head.id)
        })
    }

    pub(super) fn drill_read(
        &mut self,
        at: Moment,
        read: Read,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(mut run) = self.drill.under_way.take() else { return };
        let Some(head) = self.sessions.get(&run.session).filter(|_| !self.in_the_way(&run)) else {
            // It was opened or deleted meanwhile: another one, another time.
            self.drill.rest = at.after(ERASE_AGAIN);
            return self.drill_unread(run.ask, out);
        };
        match read {
            Read::Store => {
                run.failed = self.restores(head, head.turn_count, records).err();
                let query = Query::Copies(Some(run.session.clone()));
                self.drill.under_way = Some(run);
                self.load(query, AfterLoad::Drill(Read::Copy), out);
            }
            Read::Copy => {
                let none_kept = records.is_empty() && !self.should_be_copied(head);
                let of_copy = if none_kept { Ok(()) } else { self.restores(head, 1, records) };
                let of_copy = of_copy.err().map(|what| Failed { what, in_copy: true });
                let failed = run.failed.map(|what| Failed { what, in_copy: false }).or(of_copy);
                self.drilled(at, run, failed, out);
            }
        }
    }

    fn in_the_way(&self, run: &Run) -> bool {
        self.deletions.contains_key(&run.session) || self.is_in_use(&run.session)
    }

    /// Whether these records of a chat, of at least so many turns, make a prompt that is right.
    fn restores(&self, head: &SessionHead, turns: u32, records: &[Stored]) -> Result<(), Failure> {
        if !verify::harms(records).iter().all(|harm| codec::is_aside(&harm.at)) {
            return Err(Failure::Damaged);
        }
        let whole = Whole::of(records);
        if whole.turns.len() < turns as usize {
            return Err(Failure::Missing);
        }
        let newest = segments::checkpoints_of(records).found.pop();
        if newest.is_some_and(|newest| newest.open(&whole.turns).is_err()) {
            return Err(Failure::Checkpoint);
        }
        let resume = ResumeHead {
            id: ResumeId(format!("{}@drill", head.id)),
            from: head.id.clone(),
            reason: EndReason::Asked,
            crashed_at: head.updated_at,
            ..ResumeHead::default()
        };
        let made = self.make_prompt(&resume, None, records).ok_or(Failure::NoPrompt)?;
        if !prompt::holds_last_request(&whole.turns, &made.text, &self.settings.allowed) {
            return Err(Failure::NoRequest);
        }
        let most = self.tuning.prompt_tokens.max(prompt::LEAST_TOKENS);
        if text::tokens(&made.text) > most { Err(Failure::TooLong) } else { Ok(()) }
    }

    /// It is at its end: that is kept, and what failed is mended.
    fn drilled(&mut self, at: Moment, run: Run, failed: Option<Failed>, out: &mut Vec<BackEffect>) {
        let took_ms = at.since(run.began).0;
        let session = run.session.clone();
        self.settings.drill = Some(Drilled { at, session: run.session, failed, took_ms });
        let after = run.ask.map_or(AfterWrite::Nothing, |ask| AfterWrite::Answer { ask });
        if self.damage.holds(&codec::settings_key()) {
            // What a person chose may still be read by a newer SHIM, and stays in its place.
            out.extend(run.ask.map(|ask| answer(ask, Answer::Done)));
        } else {
            self.write_settings(after, out);
        }
        self.rest_from_drill(at);
        match failed {
            None => {}
            Some(Failed { in_copy: true, .. }) => self.copy_soon(&session),
            Some(Failed { in_copy: false, .. }) => self.mend_once_more(session, out),
        }
    }

    /// A read failed, or its chat is in use.
    pub(super) fn drill_failed(&mut self, out: &mut Vec<BackEffect>) {
        self.drill.rest = self.now.after(ERASE_AGAIN);
        let ask = self.drill.under_way.take().and_then(|run| run.ask);
        self.drill_unread(ask, out);
    }

    fn drill_unread(&self, ask: Option<u64>, out: &mut Vec<BackEffect>) {
        out.extend(ask.map(|ask| answer(ask, Answer::Problem(UNREAD.into()))));
    }

    /// Its chat is deleted: nothing tells of it any more. True: that is to be stored.
    pub(super) fn forget_drill(&mut self, session: &SessionId) -> bool {
        let last = self.settings.drill.as_mut().filter(|last| last.session == *session);
        last.map(|last| last.session = SessionId::default()).is_some()
    }
}
