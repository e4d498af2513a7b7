//! The record form of a chat's history of signals, and what age does to it.
//!
//! A segment holds many snapshots as columns of differences: a column of a quiet chat is a row of
//! zeros, which packs to nearly nothing. Absent from here: when a snapshot is taken and written.

use super::codec::{self, broken, joined};
use crate::base::limits::{
    HISTORY_COARSE, HISTORY_FINE, HISTORY_KEEP, HISTORY_SNAPSHOTS, SEGMENT_SNAPSHOTS,
};
use crate::base::{Moment, Problem, SessionId};
use crate::wire::history::{HistoryView, SegmentHead, Snapshot, Wanted};
use crate::wire::records::{RecordKey, StoreName, Stored};
use crate::wire::signals::{Risk, RiskLevel, Signals};

/// Columns of a segment.
const COLUMNS: usize = 17;
/// The steps of a risk; a column holds their places here.
const LEVELS: [RiskLevel; 3] = [RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger];

/// Address of a segment by the number of its first snapshot; a chat's segments sort by it.
#[must_use]
pub fn segment_key(session: &SessionId, first: u32) -> RecordKey {
    joined(StoreName::History, &[session.as_str(), &format!("{first:010}")])
}

/// The number in the address of a segment, also of one that does not open.
#[must_use]
pub fn segment_number(at: &RecordKey) -> Option<u32> {
    codec::checkpoint_number(at)
}

/// The highest number that may have been given, by a chat's records: one that does not open tells
/// only where it began.
#[must_use]
pub fn last_number(records: &[Stored]) -> u32 {
    let mine = records.iter().filter(|record| record.at.store == StoreName::History);
    let more = u32::try_from(SEGMENT_SNAPSHOTS).unwrap_or(u32::MAX);
    let last = mine.filter_map(|record| match codec::open::<SegmentHead>(record) {
        Ok(head) => Some(head.last),
        Err(_) => Some(segment_number(&record.at)?.saturating_add(more)),
    });
    last.max().unwrap_or_default()
}

/// The snapshot of these signals and this risk.
#[must_use]
pub fn snapshot(number: u32, at: Moment, signals: &Signals, risk: &Risk) -> Snapshot {
    let score = permille(risk.score);
    let broken = [
        signals.interruptions,
        signals.timeouts,
        signals.stalled_streams,
        signals.vanished_responses,
    ];
    Snapshot {
        number,
        at,
        since: at,
        count: 1,
        level: risk.level,
        worst: risk.level,
        score_permille: score,
        lowest_permille: score,
        highest_permille: score,
        context_permille: permille(signals.context_window_usage),
        tokens: signals.estimated_total_tokens,
        messages: signals.message_count,
        calls: signals.tool_call_count,
        calls_since_checkpoint: signals.tool_calls_since_checkpoint,
        failure_permille: permille(signals.tool_failure_rate),
        latency_ms: whole(signals.response_latency_avg_ms),
        broken_answers: broken.into_iter().fold(0, u32::saturating_add),
    }
}

fn permille(share: f64) -> u32 {
    u32::try_from(whole(share * 1_000.0)).unwrap_or(u32::MAX)
}

/// What is no number, and below zero, is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// The records of these snapshots, which are in order: as few as hold them.
#[must_use]
pub fn segments(session: &SessionId, snapshots: &[Snapshot]) -> Vec<Stored> {
    snapshots.chunks(SEGMENT_SNAPSHOTS).map(|some| segment(session, some)).collect()
}

/// One record of these snapshots, which are in order.
#[must_use]
pub fn segment(session: &SessionId, snapshots: &[Snapshot]) -> Stored {
    let mut head = SegmentHead {
        first: snapshots.first().map(|first| first.number).unwrap_or_default(),
        last: snapshots.last().map(|last| last.number).unwrap_or_default(),
        count: u32::try_from(snapshots.len()).unwrap_or(u32::MAX),
        from: snapshots.iter().map(|one| one.since).min().unwrap_or_default(),
        to: snapshots.iter().map(|one| one.at).max().unwrap_or_default(),
        levels: [0; 3],
    };
    for (level, count) in LEVELS.into_iter().zip(&mut head.levels) {
        let of_level = snapshots.iter().filter(|one| one.worst == level).count();
        *count = u32::try_from(of_level).unwrap_or(u32::MAX);
    }
    let at = segment_key(session, head.first);
    codec::seal(at.store, at.key, session, &head, &[&columns(snapshots)])
}

fn columns(snapshots: &[Snapshot]) -> String {
    let rows: Vec<[u64; COLUMNS]> = snapshots.iter().map(row).collect();
    let mut text = String::new();
    for column in 0..COLUMNS {
        let (mut before, mut step) = (0_u64, 0_i64);
        for value in rows.iter().filter_map(|row| row.get(column)) {
            let change = value.wrapping_sub(before).cast_signed();
            // Of what grows evenly the change of the change is small.
            text.push_str(&change.wrapping_sub(step).to_string());
            text.push(' ');
            (before, step) = (*value, if column < EVEN { change } else { 0 });
        }
        text.push('\n');
    }
    text
}

/// The first columns grow evenly: number and time.
const EVEN: usize = 2;

fn row(one: &Snapshot) -> [u64; COLUMNS] {
    [
        one.number.into(),
        one.at.0,
        one.at.0.wrapping_sub(one.since.0),
        u64::from(one.count).wrapping_sub(1),
        step_of(one.level),
        step_of(one.worst),
        one.score_permille.into(),
        u64::from(one.score_permille).wrapping_sub(one.lowest_permille.into()),
        u64::from(one.highest_permille).wrapping_sub(one.score_permille.into()),
        one.context_permille.into(),
        one.tokens,
        one.messages.into(),
        one.calls.into(),
        one.calls_since_checkpoint.into(),
        one.failure_permille.into(),
        one.latency_ms,
        one.broken_answers.into(),
    ]
}

fn step_of(level: RiskLevel) -> u64 {
    LEVELS.iter().position(|known| *known == level).unwrap_or_default() as u64
}

fn of_row(row: &[u64; COLUMNS]) -> Option<Snapshot> {
    let [number, at, lasted, more, level, worst, score, below, above, rest @ ..] = *row;
    let [context, tokens, messages, calls, since_checkpoint, failure, latency_ms, broken] = rest;
    let level_at = |step: u64| LEVELS.get(usize::try_from(step).ok()?).copied();
    let small = |value: u64| u32::try_from(value).ok();
    Some(Snapshot {
        number: small(number)?,
        at: Moment(at),
        since: Moment(at.wrapping_sub(lasted)),
        count: small(more.wrapping_add(1))?,
        level: level_at(level)?,
        worst: level_at(worst)?,
        score_permille: small(score)?,
        lowest_permille: small(score.wrapping_sub(below))?,
        highest_permille: small(score.wrapping_add(above))?,
        context_permille: small(context)?,
        tokens,
        messages: small(messages)?,
        calls: small(calls)?,
        calls_since_checkpoint: small(since_checkpoint)?,
        failure_permille: small(failure)?,
        latency_ms,
        broken_answers: small(broken)?,
    })
}

/// The snapshots in a segment.
///
/// # Errors
/// As [`codec::open`] and [`codec::part`], and where its columns are not what its head says.
pub fn open_segment(stored: &Stored) -> Result<Vec<Snapshot>, Problem> {
    let head: SegmentHead = codec::open(stored)?;
    let text = codec::part(stored, 0)?;
    let wrong = || broken(stored, "its columns are not what its head says");
    let count = usize::try_from(head.count).unwrap_or(usize::MAX);
    if count > SEGMENT_SNAPSHOTS {
        return Err(wrong());
    }
    let mut rows = vec![[0; COLUMNS]; count];
    for (column, line) in text.lines().enumerate() {
        fill(&mut rows, column, line).ok_or_else(wrong)?;
    }
    let whole = text.lines().count() == COLUMNS;
    let snapshots: Option<Vec<Snapshot>> = rows.iter().map(of_row).collect();
    snapshots.filter(|_| whole).ok_or_else(wrong)
}

/// Reads one column into its rows; none: it has more or fewer numbers, or something else.
fn fill(rows: &mut [[u64; COLUMNS]], column: usize, line: &str) -> Option<()> {
    let (mut before, mut step) = (0_u64, 0_i64);
    let mut numbers = line.split_ascii_whitespace();
    for row in rows {
        let change = numbers.next()?.parse::<i64>().ok()?.wrapping_add(step);
        before = before.wrapping_add(change.cast_unsigned());
        *row.get_mut(column)? = before;
        step = if column < EVEN { change } else { 0 };
    }
    numbers.next().is_none().then_some(())
}

impl Wanted {
    fn takes(&self, one: &Snapshot) -> bool {
        self.from.is_none_or(|from| one.at >= from)
            && self.to.is_none_or(|to| one.at <= to)
            && self.level.is_none_or(|level| one.worst == level)
    }

    /// Whether a segment may hold such a snapshot, by its head alone.
    fn may_be_in(&self, head: &SegmentHead) -> bool {
        let has = |level| {
            let place = LEVELS.iter().position(|known| *known == level);
            place.and_then(|place| head.levels.get(place)).is_some_and(|count| *count > 0)
        };
        self.from.is_none_or(|from| head.to >= from)
            && self.to.is_none_or(|to| head.from <= to)
            && self.level.is_none_or(has)
    }
}

/// Those of a chat's snapshots that are wanted. `recent`: what is in memory, of which a part may
/// be stored as well. Only segments that can hold one of them are unpacked.
#[must_use]
pub fn find(records: &[Stored], recent: &[Snapshot], wanted: &Wanted) -> HistoryView {
    let newest = wanted.newest.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(0));
    let memory_from = recent.first().map_or(u32::MAX, |first| first.number);
    let mut view = HistoryView::default();
    let mut found: Vec<Snapshot> =
        recent.iter().rev().filter(|one| wanted.takes(one)).take(newest).cloned().collect();
    for record in records.iter().rev() {
        let opened = codec::open::<SegmentHead>(record).and_then(|head| {
            let fits = wanted.may_be_in(&head) && found.len() < newest;
            if fits { open_segment(record) } else { Ok(Vec::new()) }
        });
        match opened {
            Ok(some) => {
                let mine = |one: &Snapshot| one.number < memory_from && wanted.takes(one);
                found.extend(some.into_iter().rev().filter(mine));
            }
            Err(_) => view.damaged += 1,
        }
    }
    found.truncate(newest);
    found.reverse();
    view.snapshots = found;
    view
}

/// What stays of a chat's history at `now`, in order: nothing older than
/// [`HISTORY_KEEP`], of what is older than [`HISTORY_FINE`] one snapshot for each
/// [`HISTORY_COARSE`], and at most [`HISTORY_SNAPSHOTS`], the newest.
#[must_use]
pub fn aged(snapshots: Vec<Snapshot>, now: Moment) -> Vec<Snapshot> {
    let mut kept: Vec<Snapshot> = Vec::new();
    for one in snapshots {
        if now.since(one.at) > HISTORY_KEEP {
            continue;
        }
        match kept.last_mut().filter(|last| is_old(&one, now) && same_quarter(last, &one)) {
            Some(last) => *last = merged(last, one),
            None => kept.push(one),
        }
    }
    kept.split_off(kept.len().saturating_sub(HISTORY_SNAPSHOTS))
}

/// Whether a snapshot is so old that it need not stand by itself.
#[must_use]
pub fn is_old(one: &Snapshot, now: Moment) -> bool {
    now.since(one.at) > HISTORY_FINE
}

fn same_quarter(a: &Snapshot, b: &Snapshot) -> bool {
    a.at.0 / HISTORY_COARSE.0 == b.at.0 / HISTORY_COARSE.0
}

fn merged(before: &Snapshot, one: Snapshot) -> Snapshot {
    Snapshot {
        since: before.since.min(one.since),
        count: before.count.saturating_add(one.count),
        worst: before.worst.max(one.worst),
        lowest_permille: before.lowest_permille.min(one.lowest_permille),
        highest_permille: before.highest_permille.max(one.highest_permille),
        ..one
    }
}

/// When this history, which has just aged, has something to lose again.
#[must_use]
pub fn next_due(snapshots: &[Snapshot], now: Moment) -> Option<Moment> {
    let loses = |one: &Snapshot| {
        let keeps = if is_old(one, now) { HISTORY_KEEP } else { HISTORY_FINE };
        one.at.after(keeps)
    };
    snapshots.iter().map(loses).min()
}
