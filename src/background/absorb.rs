//! What was stored while SHIM was locked lies apart from what was stored before, since that could
//! not be read then. Once it can, the one is taken into the other, chat by chat, in one commit
//! each.
//!
//! Done a second time, after a death before it was deleted there, it changes nothing more.

use super::archive::{Chat, Rule, merge_by};
use super::damage::{Harm, head_anew};
use super::index::Whole;
use super::verify::harms;
use crate::base::limits::{HAPPENED, HISTORY_DAYS};
use crate::base::{Moment, SessionId};
use crate::session::checkpoints::Texts;
use crate::session::{codec, history, segments};
use crate::wire::archive::{Named, Point};
use crate::wire::drafts::DraftHead;
use crate::wire::history::{DayTally, HistoryNote};
use crate::wire::records::{
    Aside, Change, CheckpointHead, RecordKey, ResumeHead, SessionHead, StoreName, Stored,
};

/// What changes in a chat's records, the `old` ones, by those that were stored apart, which are
/// newer. Both are all records of the chat, its head among them. What does not open is carried over
/// as it is, set aside; and what it would be written over, likewise.
#[must_use]
pub fn absorb(session: &SessionId, old: &[Stored], new: &[Stored], now: Moment) -> Change {
    let head = head_of(old);
    let newer = head_of(new).or_else(|| head_anew(session, new, now));
    let points = points_of(new, old, head.as_ref());
    let places: Vec<_> = points.iter().map(|(was, point)| (*was, point.head.number)).collect();
    let mut change = Change::default();
    if let Some(newer) = &newer {
        let points = points.into_iter().map(|(_, point)| point).collect();
        let chat = Chat { named: named(newer), turns: Whole::of(new).turns, points };
        let merge = merge_by(Rule::Apart, &chat, head.as_ref(), old, now);
        let is_quiet = merge.change.puts.is_empty();
        change = merge.change;
        let same = || head.clone().unwrap_or_else(|| newer.clone());
        let mut after = if is_quiet { same() } else { merge.head };
        let (past, days) = snapshots(session, head.as_ref(), newer, old, new);
        change.puts.extend(past);
        carry_on(&mut after, head.as_ref(), newer, days);
        change.puts.push(codec::session_record(&after));
    }
    let broken: Vec<_> = harms(new).into_iter().map(|harm| harm.at).collect();
    let there = |one: &Stored| old.iter().any(|other| other.at == one.at);
    for record in new.iter().filter(|record| !broken.contains(&record.at)) {
        match record.at.store {
            StoreName::Drafts if is_newest(record, old) => change.puts.push(record.clone()),
            StoreName::Streams if !there(record) => change.puts.push(record.clone()),
            StoreName::Resumes => change.puts.extend(resume(record, &places)),
            _ => {}
        }
    }
    let lost = harms(old);
    let over = lost.iter().filter(|harm| change.puts.iter().any(|put| put.at == harm.at));
    let aside = |harm: &Harm| Aside { at: harm.at.clone(), to: codec::aside_key(&harm.at, now) };
    change.asides = over.map(aside).collect();
    change.puts.extend(new.iter().filter(|one| broken.contains(&one.at)).map(|one| {
        let key = codec::aside_key(&one.at, now);
        Stored { at: RecordKey { key, ..one.at.clone() }, ..one.clone() }
    }));
    change
}

/// Whether no newer draft stands in its place.
fn is_newest(record: &Stored, old: &[Stored]) -> bool {
    let at = |one: &Stored| codec::open::<DraftHead>(one).map(|head| head.at).unwrap_or_default();
    old.iter().filter(|one| one.at == record.at).all(|one| at(one) <= at(record))
}

/// Whether a person had deleted the chat before, and what was stored apart was said since: then
/// what was there goes first.
#[must_use]
pub fn begins_anew(old: &[Stored], new: &[Stored]) -> bool {
    let marked = |records| head_of(records).map(|head| head.deleted_at.is_some());
    marked(old) == Some(true) && marked(new) != Some(true)
}

fn head_of(records: &[Stored]) -> Option<SessionHead> {
    let head = records
        .iter()
        .find(|record| record.at.store == StoreName::Sessions && !codec::is_aside(&record.at));
    head.and_then(|record| codec::open(record).ok())
}

fn named(head: &SessionHead) -> Named {
    Named {
        site: head.site.clone(),
        account: head.account.clone(),
        chat: head.chat.clone(),
        title: head.title.clone(),
        model: head.model.clone(),
        url: head.url.clone(),
        started_at: head.started_at,
        updated_at: head.updated_at,
        parent: head.parent.clone(),
    }
}

/// The checkpoints that were stored apart, each with the number that it had there. They were
/// counted from 1 again, and follow those of before now.
fn points_of(new: &[Stored], old: &[Stored], head: Option<&SessionHead>) -> Vec<(u32, Point)> {
    let before = Whole::of(old).checkpoints;
    let addresses = old.iter().filter(|record| record.at.store == StoreName::Checkpoints);
    let given = addresses.filter_map(|record| codec::checkpoint_number(&record.at)).max();
    let last = head.map_or(0, |head| head.last_checkpoint).max(given.unwrap_or_default());
    let point = |(mut head, texts): (CheckpointHead, Option<Texts>)| {
        let was = head.number;
        let same = |other: &&CheckpointHead| {
            (&other.request, other.created_at) == (&head.request, head.created_at)
        };
        let there = before.iter().find(same).map(|other| other.number);
        head.number = there.unwrap_or_else(|| last.saturating_add(was));
        Some((was, Point { head, state: texts? }))
    };
    segments::texts_of(new, &Whole::of(new).turns).into_iter().filter_map(point).collect()
}

/// The history that was stored apart, with numbers that follow, and what is noted of all of it.
fn snapshots(
    session: &SessionId,
    head: Option<&SessionHead>,
    newer: &SessionHead,
    old: &[Stored],
    new: &[Stored],
) -> (Vec<Stored>, HistoryNote) {
    let note = head.map(|head| head.history.clone()).unwrap_or_default();
    let last = note.last_number.max(history::last_number(old));
    let opened = |records: &[Stored]| {
        let mine = records.iter().filter(|record| record.at.store == StoreName::History);
        let opened = mine.filter_map(|record| history::open_segment(record).ok());
        opened.flatten().collect::<Vec<_>>()
    };
    let mut all = opened(new);
    let there = opened(old);
    all.retain(|one| !there.iter().any(|other| other.since == one.since && other.at == one.at));
    if all.is_empty() {
        return (Vec::new(), note);
    }
    for one in &mut all {
        one.number = last.saturating_add(one.number);
    }
    let due = note.due.into_iter().chain(newer.history.due).min();
    let last_number = last.saturating_add(newer.history.last_number);
    let days = days(note.days, &newer.history.days);
    (history::segments(session, &all), HistoryNote { last_number, due, days })
}

/// What days added up to, those of both.
fn days(mut days: Vec<DayTally>, more: &[DayTally]) -> Vec<DayTally> {
    for one in more {
        match days.iter_mut().find(|day| day.day == one.day) {
            Some(day) => {
                day.active_ms = day.active_ms.saturating_add(one.active_ms);
                day.snapshots = day.snapshots.saturating_add(one.snapshots);
                day.warning = day.warning.saturating_add(one.warning);
                day.danger = day.danger.saturating_add(one.danger);
                day.context_peak_permille =
                    day.context_peak_permille.max(one.context_peak_permille);
                day.score_peak_permille = day.score_peak_permille.max(one.score_peak_permille);
            }
            None => days.push(*one),
        }
    }
    days.sort_by_key(|day| day.day);
    let many = days.len().saturating_sub(HISTORY_DAYS);
    days.split_off(many)
}

/// The head goes on as the newer one tells.
fn carry_on(
    after: &mut SessionHead,
    before: Option<&SessionHead>,
    newer: &SessionHead,
    history: HistoryNote,
) {
    let mut happened = before.map(|head| head.happened.clone()).unwrap_or_default();
    let more: Vec<_> =
        newer.happened.iter().filter(|one| !happened.contains(one)).copied().collect();
    happened.extend(more);
    let many = happened.len().saturating_sub(HAPPENED);
    after.happened = happened.split_off(many);
    after.parent = after.parent.take().or_else(|| newer.parent.clone());
    after.deleted_at = after.deleted_at.or(newer.deleted_at);
    after.history = history;
    after.keep = None;
    if before.is_some_and(|before| before.updated_at > newer.updated_at) {
        // It went on before this could be joined.
        return;
    }
    let texts = [
        (&mut after.title, &newer.title),
        (&mut after.model, &newer.model),
        (&mut after.url, &newer.url),
    ];
    for (mine, told) in texts {
        if !told.is_empty() {
            mine.clone_from(told);
        }
    }
    after.updated_at = newer.updated_at;
    after.meter.clone_from(&newer.meter);
    after.banner.clone_from(&newer.banner);
    after.gaps.clone_from(&newer.gaps);
    after.risk.clone_from(&newer.risk);
    after.live.clone_from(&newer.live);
    after.ended.clone_from(&newer.ended);
}

/// A resume names a checkpoint by its number.
fn resume(record: &Stored, places: &[(u32, u32)]) -> Option<Stored> {
    let mut head: ResumeHead = codec::open(record).ok()?;
    let place = places.iter().find(|(was, _)| *was == head.checkpoint);
    if let Some((_, number)) = place {
        head.checkpoint = *number;
    }
    Some(codec::rehead(record, &head))
}
