//! The history of every chat's signals: noted as engines tell of them, written along with records
//! that are written in any case, thinned and shortened by age, given to whoever asks.
//!
//! Snapshots of this life of the worker stand in memory until their segment is full and stored; a
//! start begins a new segment and reads none. The chat's head keeps the last number given, and is
//! part of every commit that holds a snapshot.

use super::after::{AfterLoad, AfterWrite};
use super::damage::Harm;
use super::{Machine, Sums, Windows, answer};
use crate::base::limits::{
    ACTIVE_GAP, HISTORY_DAYS, HISTORY_FINE, HISTORY_REST, HISTORY_TIDY, SEGMENT_SNAPSHOTS,
    SEGMENTS_UNSAVED, SNAPSHOT_EVERY, SNAPSHOTS_UNSAVED,
};
use crate::base::{Moment, SessionId};
use crate::session::meter::Meter;
use crate::session::{codec, history};
use crate::wire::background::BackEffect;
use crate::wire::history::{DayTally, Snapshot, Wanted};
use crate::wire::metrics::{Group, MetricsView};
use crate::wire::records::{Change, Query, RecordKey, SessionHead, StoreName, Stored};
use crate::wire::signals::{Risk, RiskLevel, Signals};
use crate::wire::ui::Answer;
use serde::Deserialize;
use std::collections::VecDeque;

/// Snapshots of one chat in memory: segments that are not stored yet, and the one that grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<Segment>);

#[derive(Clone, Debug, Default)]
struct Segment {
    snapshots: Vec<Snapshot>,
    /// So many of them were ordered to be written.
    ordered: usize,
}

impl Segment {
    fn unsaved(&self) -> usize {
        self.snapshots.len().saturating_sub(self.ordered)
    }

    fn record(&self, session: &SessionId) -> Stored {
        history::segment(session, &self.snapshots)
    }

    fn key(&self, session: &SessionId) -> Option<RecordKey> {
        Some(history::segment_key(session, self.snapshots.first()?.number))
    }
}

impl Recent {
    fn last(&self) -> Option<&Snapshot> {
        self.0.back()?.snapshots.last()
    }

    fn first_number(&self) -> Option<u32> {
        Some(self.0.front()?.snapshots.first()?.number)
    }

    fn all(&self) -> Vec<Snapshot> {
        self.0.iter().flat_map(|segment| &segment.snapshots).cloned().collect()
    }

    /// Whether a risk of this level is worth a snapshot now. A clock that was set back says yes.
    fn is_due(&self, at: Moment, level: RiskLevel) -> bool {
        self.last().is_none_or(|last| {
            last.level != level || last.at > at || at.since(last.at) >= SNAPSHOT_EVERY
        })
    }

    /// Takes one in; true: it begins a segment.
    fn take(&mut self, one: Snapshot) -> bool {
        let open = self.0.back_mut().filter(|last| last.snapshots.len() < SEGMENT_SNAPSHOTS);
        if let Some(open) = open {
            open.snapshots.push(one);
            return false;
        }
        self.0.push_back(Segment { snapshots: vec![one], ordered: 0 });
        if self.0.len() > SEGMENTS_UNSAVED {
            self.0.pop_front();
        }
        true
    }
}

/// What a history is read for.
#[derive(Clone, Debug)]
pub(super) enum Read {
    /// To answer with what is wanted of it.
    Asked { ask: u64, wanted: Wanted },
    /// To tell its windows and how they go.
    Metrics { ask: u64 },
    /// To thin and shorten what is below this number: the rest may be stored in part only.
    Tidy { below: u32 },
}

/// The tidying of histories, one chat at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Tidying {
    /// Whose history is read now.
    under_way: Option<SessionId>,
    /// Nothing is read before this moment.
    rest: Moment,
}

/// What the engine keeps of a chat, as far as it is needed here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    meter: Meter,
}

impl Machine {
    /// An engine told its counters and its risk, which stand in the chat's head now.
    pub(super) fn note_meter(&mut self, at: Moment, session: &SessionId) {
        let Some(head) = self.sessions.get(session) else { return };
        if !self.is_snapshot_due(at, head, head.risk.level) {
            return;
        }
        // A meter of another form says nothing; the engine begins anew with it as well.
        let Ok(Kept { meter }) = serde_json::from_str(&head.meter) else { return };
        let (signals, risk) = (meter.signals(at, &self.tuning), head.risk.clone());
        self.note_snapshot(at, session, &signals, &risk);
    }

    /// An engine told what it measured for a checkpoint.
    pub(super) fn note_measured(
        &mut self,
        at: Moment,
        session: &SessionId,
        signals: &Signals,
        risk: &Risk,
    ) {
        let Some(head) = self.sessions.get(session) else { return };
        if self.is_snapshot_due(at, head, risk.level) {
            self.note_snapshot(at, session, signals, risk);
        }
    }

    fn is_snapshot_due(&self, at: Moment, head: &SessionHead, level: RiskLevel) -> bool {
        // A chat without a stored turn is not yet worth a record.
        let due = self.recent.get(&head.id).is_none_or(|recent| recent.is_due(at, level));
        head.holds_something() && due
    }

    fn note_snapshot(&mut self, at: Moment, session: &SessionId, signals: &Signals, risk: &Risk) {
        let Some(head) = self.sessions.get_mut(session) else { return };
        let recent = self.recent.entry(session.clone()).or_default();
        let number = head.history.last_number.saturating_add(1);
        let one = history::snapshot(number, at, signals, risk);
        add_up(&mut head.history.days, recent.last(), &one);
        head.history.last_number = number;
        if recent.take(one) {
            let tidy = at.after(HISTORY_TIDY);
            head.history.due = Some(head.history.due.map_or(tidy, |due| due.min(tidy)));
        }
    }

    /// The records of a chat's snapshots that are not written yet, where there are so many.
    fn history_records(&mut self, session: &SessionId, at_least: usize) -> Vec<Stored> {
        let Some(recent) = self.recent.get_mut(session) else { return Vec::new() };
        let unsaved: usize = recent.0.iter().map(Segment::unsaved).sum();
        if unsaved < at_least {
            return Vec::new();
        }
        let open = recent.0.iter_mut().filter(|segment| segment.unsaved() > 0);
        open.map(|segment| {
            segment.ordered = segment.snapshots.len();
            segment.record(session)
        })
        .collect()
    }

    /// What goes along with turns and a checkpoint: all that is not written yet.
    pub(super) fn history_along(&mut self, session: &SessionId) -> Vec<Stored> {
        self.history_records(session, 1)
    }

    /// What goes along with a chat's head, which is written more often: all of it once the chat is
    /// open nowhere, and otherwise only where it is much.
    pub(super) fn history_with_head(&mut self, session: &SessionId) -> Vec<Stored> {
        let open = self.sessions.get(session).is_some_and(|head| head.live.is_some());
        self.history_records(session, if open { SNAPSHOTS_UNSAVED } else { 1 })
    }

    /// These were refused: they go along with what is written next of their chats.
    pub(super) fn history_refused(&mut self, keys: &[RecordKey]) {
        for (session, recent) in &mut self.recent {
            let is =
                |segment: &Segment| segment.key(session).is_some_and(|key| keys.contains(&key));
            recent.0.iter_mut().filter(|s| is(s)).for_each(|segment| segment.ordered = 0);
        }
    }

    /// These were committed: a full segment is not needed in memory any more, unless a write of it
    /// is still under way, which may be refused.
    pub(super) fn history_stored(&mut self, keys: &[RecordKey]) {
        if !keys.iter().any(|key| key.store == StoreName::History) {
            return;
        }
        for (session, recent) in &mut self.recent {
            let is_done = |segment: &Segment| {
                let full = segment.snapshots.len() >= SEGMENT_SNAPSHOTS && segment.unsaved() == 0;
                full && segment.key(session).is_some_and(|key| !self.io.puts(|_, put| *put == key))
            };
            while recent.0.len() > 1 && recent.0.front().is_some_and(is_done) {
                recent.0.pop_front();
            }
        }
    }

    pub(super) fn read_history(
        &mut self,
        session: SessionId,
        read: Read,
        out: &mut Vec<BackEffect>,
    ) {
        let query = Query::OfSession(vec![StoreName::History], session.clone());
        self.load(query, AfterLoad::History { session, read }, out);
    }

    pub(super) fn history_read(
        &mut self,
        at: Moment,
        session: &SessionId,
        read: &Read,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let recent = || self.recent.get(session).map(Recent::all).unwrap_or_default();
        match read {
            Read::Tidy { below } => self.tidy(at, session, *below, records, out),
            Read::Asked { ask, wanted } => {
                let view = history::find(records, &recent(), wanted);
                out.push(answer(*ask, Answer::History(Box::new(view))));
            }
            Read::Metrics { ask } => {
                let all = history::find(records, &recent(), &Wanted::default());
                let mut windows = Windows::default();
                all.snapshots.iter().for_each(|one| windows.add(one));
                let this = Group::Session(session.clone());
                let view = MetricsView {
                    groups: self.sums(at).metrics(|of| *of == this),
                    risk_trend: windows.trend(|window| window.score_permille),
                    context_trend: windows.trend(|window| window.context_permille),
                    windows: windows.list().to_vec(),
                };
                out.push(answer(*ask, Answer::Metrics(Box::new(view))));
            }
        }
    }

    /// What all chats and resumes add up to.
    pub(super) fn sums(&self, at: Moment) -> Sums {
        Sums::of(self.sessions.values(), self.resumes.values(), at)
    }

    /// After a start: what people wait for goes first.
    pub(super) fn rest_from_tidying(&mut self, at: Moment) {
        self.tidying.rest = at.after(HISTORY_REST);
    }

    /// When a history is next to be thinned and shortened.
    pub(super) fn next_tidying(&self) -> Option<Moment> {
        let idle = self.ready && self.tidying.under_way.is_none();
        let due = self.sessions.values().filter(|_| idle).filter_map(|head| self.due_of(head));
        due.min().map(|due| due.max(self.tidying.rest))
    }

    /// A chat that was deleted is not written any more.
    fn due_of(&self, head: &SessionHead) -> Option<Moment> {
        head.history.due.filter(|_| !self.deletions.contains_key(&head.id))
    }

    pub(super) fn tidy_histories(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if self.next_tidying().is_none_or(|due| due > at) {
            return;
        }
        let due = self.sessions.values().find(|head| self.due_of(head).is_some_and(|d| d <= at));
        let Some((session, last)) = due.map(|head| (head.id.clone(), head.history.last_number))
        else {
            return;
        };
        self.tidying.under_way = Some(session.clone());
        let first = self.recent.get(&session).and_then(Recent::first_number);
        let below = first.unwrap_or(last.saturating_add(1));
        self.read_history(session, Read::Tidy { below }, out);
    }

    /// A history could not be read.
    pub(super) fn tidy_later(&mut self) {
        self.tidying = Tidying { under_way: None, rest: self.now.after(HISTORY_TIDY) };
    }

    /// A chat is deleted: nothing of its history is written any more.
    pub(super) fn forget_history(&mut self, session: &SessionId) {
        self.recent.remove(session);
        if self.tidying.under_way.as_ref() == Some(session) {
            self.tidying.under_way = None;
        }
    }

    /// A chat's history is read: what is too old goes, what is old is thinned, what lies in many
    /// small segments is put into few.
    fn tidy(
        &mut self,
        at: Moment,
        session: &SessionId,
        below: u32,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        (self.tidying.under_way, self.tidying.rest) = (None, at.after(HISTORY_REST));
        let Some(head) = self.sessions.get_mut(session).filter(|head| head.deleted_at.is_none())
        else {
            return;
        };
        let (mut change, kept, harms) = aged(session, records, below, at);
        let mut due = history::next_due(&kept, at);
        if self.recent.contains_key(session) {
            let fine = at.after(HISTORY_FINE);
            due = Some(due.map_or(fine, |due| due.min(fine)));
        }
        // In strides: not a write for each snapshot that comes of age.
        head.history.due = due.map(|due| due.max(at.after(HISTORY_TIDY)));
        // The head of an open chat is written soon in any case.
        let is_quiet = change == Change::default() && head.live.is_some();
        change.puts.push(codec::session_record(head));
        self.damage.add(at, harms);
        if is_quiet {
            return;
        }
        self.write_change(session, change, AfterWrite::Tidied, out);
    }

    /// That could not be written: everything is as it was.
    pub(super) fn not_tidied(&mut self, session: &SessionId) {
        let again = self.now.after(HISTORY_TIDY);
        if let Some(head) = self.sessions.get_mut(session) {
            head.history.due = Some(again);
        }
    }
}

/// What age changes of the segments below this number, what stays of them, and what does not open.
fn aged(
    session: &SessionId,
    records: &[Stored],
    below: u32,
    now: Moment,
) -> (Change, Vec<Snapshot>, Vec<Harm>) {
    let is_below = |at: &RecordKey| history::segment_number(at).is_some_and(|first| first < below);
    let (mut snapshots, mut stored, mut harms) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        match history::open_segment(record) {
            Err(_) => harms.push(Harm::of(record)),
            Ok(some) if is_below(&record.at) => {
                snapshots.extend(some);
                stored.push(record);
            }
            Ok(_) => {}
        }
    }
    let before = snapshots.len();
    let kept = history::aged(snapshots, now);
    let puts = history::segments(session, &kept);
    let mut change = Change::default();
    if kept.len() != before || stored.len() > 2 * puts.len() + 1 {
        let is_put = |at: &RecordKey| puts.iter().any(|put| put.at == *at);
        let gone = stored.iter().filter(|record| !is_put(&record.at));
        change.deletes = gone.map(|record| record.at.clone()).collect();
        change.puts = puts.into_iter().filter(|put| !stored.contains(&put)).collect();
    }
    (change, kept, harms)
}

/// Adds a snapshot to its day. What the clock dates back counts for the newest day.
fn add_up(days: &mut Vec<DayTally>, before: Option<&Snapshot>, one: &Snapshot) {
    let day = u32::try_from(one.at.0 / DAY_MS).unwrap_or(u32::MAX);
    if days.last().is_none_or(|last| last.day < day) {
        days.push(DayTally { day, ..DayTally::default() });
        days.drain(..days.len().saturating_sub(HISTORY_DAYS));
    }
    let Some(tally) = days.last_mut() else { return };
    let gap = before.filter(|before| before.at <= one.at).map(|before| one.at.since(before.at));
    tally.active_ms += gap.filter(|gap| *gap <= ACTIVE_GAP).map_or(0, |gap| gap.0);
    tally.snapshots += 1;
    tally.warning += u32::from(one.level == RiskLevel::Warning);
    tally.danger += u32::from(one.level == RiskLevel::Danger);
    tally.context_peak_permille = tally.context_peak_permille.max(one.context_permille);
    tally.score_peak_permille = tally.score_peak_permille.max(one.score_permille);
}

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 3_600_000;
