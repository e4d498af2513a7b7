//! What is wrong in a store, told from records alone.

use super::super::damage::Harm;
use super::super::index::open_piece;
use super::super::mending::missing;
use crate::base::{SessionId, TurnKey};
use crate::session::{checkpoints, codec, drafts, history, quotes, segments};
use crate::wire::chat::Turn;
use crate::wire::records::{ResumeHead, SessionHead, Settings, StoreName, Stored};
use crate::wire::verify::{Fault, Flaw, Source};
use std::collections::BTreeSet;

/// A chat as it is looked at.
pub(super) struct Subject<'a> {
    pub session: &'a SessionId,
    /// Its own record; none: it is missing, or does not open.
    pub head: Option<&'a SessionHead>,
    /// Everything else that is stored of it.
    pub records: &'a [Stored],
    pub copy: &'a [Stored],
    /// Whether a second copy of it should be there.
    pub copied: bool,
    /// Whether a page writes it right now: then numbers are on their way.
    pub open: bool,
    /// Numbers of the checkpoints that resumes of it name.
    pub named: Vec<u32>,
    /// Whether the chat that it carries on is there, or it carries on none.
    pub parent: bool,
}

/// What of these records does not open, each whole.
pub(in crate::background) fn harms(records: &[Stored]) -> Vec<Harm> {
    let turns = segments::turns_of(records);
    let points = segments::checkpoints_of(records);
    let texts = segments::quoted_of(records);
    let loose = turns.found.iter().filter(|turn| turn.open().is_err()).map(|turn| turn.record);
    let unread = points.found.iter().zip(&texts).filter(|(_, (_, texts))| texts.is_none());
    let damaged = turns.damaged.iter().chain(&points.damaged).map(|(record, _)| *record);
    let others = records.iter().filter(|record| match record.at.store {
        StoreName::Streams => open_piece(record).is_err(),
        StoreName::History => history::open_segment(record).is_err(),
        StoreName::Sessions => codec::open::<SessionHead>(record).is_err(),
        StoreName::Resumes => {
            codec::open::<ResumeHead>(record).is_err() || codec::part(record, 0).is_err()
        }
        StoreName::Settings => codec::open::<Settings>(record).is_err(),
        StoreName::Drafts => drafts::open(record).is_err(),
        StoreName::Turns | StoreName::Checkpoints => false,
    });
    let all = damaged.chain(loose).chain(unread.map(|(point, _)| point.record)).chain(others);
    // Of a segment each member tells.
    let mut seen = BTreeSet::new();
    all.filter(|record| seen.insert(&record.at)).map(Harm::of).collect()
}

/// How many records these harms are, by what is wrong.
pub(super) fn counted(session: &SessionId, harms: &[Harm]) -> Vec<Fault> {
    let flaw = |harm: &Harm| match harm.at.store {
        _ if codec::is_aside(&harm.at) => Flaw::Aside,
        _ if harm.newer => Flaw::Newer,
        StoreName::Sessions => Flaw::Head,
        StoreName::Settings => Flaw::Settings,
        _ => Flaw::Damaged,
    };
    let flaws: BTreeSet<Flaw> = harms.iter().map(flaw).collect();
    let count = |wanted| harms.iter().filter(|h| flaw(h) == wanted).map(|h| h.members).sum();
    let fault = |wanted: Flaw| fault(session, wanted, count(wanted), 0, Source::Nowhere);
    flaws.into_iter().map(fault).collect()
}

/// Everything that is wrong with a chat.
pub(super) fn of_chat(of: &Subject<'_>) -> Vec<Fault> {
    let whole = Opened::of(of.records);
    let in_copy = missing(of.copy.to_vec(), of.records);
    let heads = in_copy.iter().filter(|one| one.at.store == StoreName::Sessions).count();
    let back = small(in_copy.len() - heads);
    let mut faults = counted(of.session, &harms(of.records));
    let lost = if of.open { 0 } else { whole.lost(of.head) };
    for one in faults.iter_mut().filter(|one| one.flaw == Flaw::Damaged) {
        (one.back, one.from) = match (back, lost) {
            (0, 0) if of.head.is_some() => (one.count, Source::Beside),
            (0, _) => (0, Source::Nowhere),
            _ => (back.min(one.count), Source::Copy),
        };
    }
    let mut add = |flaw, count, back, from| faults.push(fault(of.session, flaw, count, back, from));
    if of.head.is_none() && !(whole.turns.is_empty() && of.copy.is_empty()) {
        let from = if heads > 0 { Source::Copy } else { Source::Chat };
        add(Flaw::Head, 1, 1, from);
    }
    if lost > 0 {
        add(
            Flaw::Lost,
            lost,
            back.min(lost),
            if back > 0 { Source::Copy } else { Source::Nowhere },
        );
    }
    let tells_less = |head: &SessionHead| {
        head.last_checkpoint < whole.last || (head.turn_count as usize) < whole.turns.len()
    };
    if !of.open && of.head.is_some_and(tells_less) {
        add(Flaw::Numbers, 1, 1, Source::Chat);
    }
    let unknown = of.named.iter().filter(|n| **n > 0 && !whole.numbers.contains(n)).count();
    if unknown > 0 {
        add(Flaw::Loose, small(unknown), 0, Source::Nowhere);
    }
    if !of.parent {
        add(Flaw::Loose, 1, 1, Source::Chat);
    }
    let unread = harms(of.copy).len();
    if unread > 0 || (of.copied && of.copy.is_empty() && !whole.turns.is_empty()) {
        add(Flaw::Copy, 1, u32::from(of.head.is_some()), Source::Chat);
    }
    faults
}

fn fault(session: &SessionId, flaw: Flaw, count: u32, back: u32, from: Source) -> Fault {
    Fault { session: session.clone(), flaw, count, back, from }
}

/// What opens of a chat.
struct Opened {
    turns: BTreeSet<TurnKey>,
    numbers: BTreeSet<u32>,
    /// The highest number that a checkpoint was given, also one that does not open.
    last: u32,
    /// Turns that checkpoints name or quote and that are not there.
    missed: BTreeSet<String>,
}

impl Opened {
    fn of(records: &[Stored]) -> Self {
        let found = segments::turns_of(records).found;
        let turns: Vec<Turn> = found.iter().filter_map(|turn| turn.open().ok()).collect();
        let turns: BTreeSet<TurnKey> = turns.into_iter().map(|turn| turn.key).collect();
        let names: BTreeSet<String> = turns.iter().map(quotes::name).collect();
        let points = segments::quoted_of(records);
        let named = points.iter().filter_map(|(_, quoted)| quoted.as_ref());
        let missed = named.flat_map(checkpoints::named).filter(|name| !names.contains(name));
        let missed = missed.collect();
        let here = records.iter().filter(|record| record.at.store == StoreName::Checkpoints);
        let last = here.filter_map(|record| codec::checkpoint_number(&record.at)).max();
        let numbers = points.into_iter().map(|(head, _)| head.number).collect();
        Self { turns, numbers, last: last.unwrap_or_default(), missed }
    }

    /// Turns that are not there and should be.
    fn lost(&self, head: Option<&SessionHead>) -> u32 {
        let told = head.map_or(0, |head| head.turn_count);
        told.saturating_sub(small(self.turns.len())).max(small(self.missed.len()))
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
