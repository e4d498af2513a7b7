//! What is packed together of a chat: one change that puts segments and deletes what they hold.

use super::{
    COLUMNS, Found, Member, StoredCheckpoint, StoredTurn, checkpoints_of, column, is_segment,
    members, segment_of_checkpoints, segment_of_turns, turns_of,
};
use crate::base::limits::{
    LOOSE_CHECKPOINTS, PACK_AFTER, PACK_AT_LEAST, PACK_AT_REST, PACKED_BYTES, PACKED_CHECKPOINTS,
    PACKED_STATE_BYTES,
};
use crate::base::{Moment, Problem, SessionId};
use crate::session::checkpoints::{self, Quoted, Texts};
use crate::session::codec::json;
use crate::session::quotes::Chat;
use crate::wire::chat::Turn;
use crate::wire::records::{Change, CheckpointHead, RecordKey, StoreName, Stored};
use std::collections::{BTreeMap, BTreeSet};

/// What packing changes.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    /// Segments to put, and what they hold to delete.
    pub change: Change,
    /// Whether something is left that is still too new.
    pub waits: bool,
}

/// Packs what is ready of a chat, by its records of turns and checkpoints. What does not open is
/// left as it lies. `dropped`: numbers of checkpoints that go.
#[must_use]
pub fn pack(
    session: &SessionId,
    records: &[Stored],
    now: Moment,
    dropped: &BTreeSet<u32>,
) -> Packed {
    let mut packed = Packed::default();
    pack_turns(session, records, now, &mut packed);
    pack_checkpoints(session, records, now, dropped, &mut packed);
    packed
}

fn pack_turns(session: &SessionId, records: &[Stored], now: Moment, packed: &mut Packed) {
    let Found { found: all, damaged } = turns_of(records);
    let finished = |turn: &&StoredTurn<'_>| !turn.is_member() && !turn.head.state.is_open();
    let loose: Vec<&StoredTurn<'_>> = all.iter().filter(finished).collect();
    let is_ready = |turn: &StoredTurn<'_>| {
        let last = turn.head.at.max(turn.head.read_at);
        !turn.head.state.is_open() && now.since(last) >= PACK_AFTER
    };
    let ready = loose.iter().filter(|turn| is_ready(turn)).count();
    packed.waits |= ready < loose.len();
    let rests = ready == loose.len();
    if ready < at_least(rests) {
        return;
    }
    // Those with a copy that counts no more, and the last one where there is room in it.
    let last = all.iter().filter(|turn| turn.is_member()).max_by_key(|turn| turn.head.position);
    let last = last.map(|turn| &turn.record.at);
    let opened = reopened(records, StoreName::Turns, &damaged, |record| {
        let held = all.iter().filter(|turn| turn.record.at == record.at);
        let sizes: Vec<u64> = held.map(|turn| turn.head.text_bytes).collect();
        let is_filled = sizes.iter().sum::<u64>() >= PACKED_BYTES as u64 / 2;
        (sizes.len(), last == Some(&record.at) && !is_filled)
    });
    let mut turns = Vec::new();
    let mut gone = BTreeSet::new();
    for one in &all {
        let taken = if one.is_member() { opened.contains(&one.record.at) } else { is_ready(one) };
        let Some(turn) = Some(one).filter(|_| taken).and_then(|one| one.open().ok()) else {
            continue;
        };
        gone.insert(one.record.at.clone());
        turns.push(turn);
    }
    gone.extend(opened);
    turns.sort_by(|a, b| (a.position, &a.key).cmp(&(b.position, &b.key)));
    let mut segments = Vec::new();
    for some in chunks(turns, PACKED_BYTES, usize::MAX, |turn| json(turn).len()) {
        let segment = segment_of_turns(session, &some);
        let Some(segment) = segment.filter(|segment| holds_turns(segment, &some)) else { return };
        segments.push(segment);
    }
    replace(packed, records, segments, gone);
}

fn pack_checkpoints(
    session: &SessionId,
    records: &[Stored],
    now: Moment,
    dropped: &BTreeSet<u32>,
    packed: &mut Packed,
) {
    let Found { found, damaged } = checkpoints_of(records);
    let (gone, all): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|one| dropped.contains(&one.head.number));
    // One that was restored got a record of its own again, however old it is.
    let newest: BTreeSet<u32> =
        all.iter().rev().take(LOOSE_CHECKPOINTS).map(|one| one.head.number).collect();
    let is_ready =
        |one: &StoredCheckpoint<'_>| one.member.is_none() && !newest.contains(&one.head.number);
    let rests = all.last().is_none_or(|last| now.since(last.head.created_at) >= PACK_AFTER);
    packed.waits |= !rests;
    let packs = all.iter().filter(|one| is_ready(one)).count() >= at_least(rests);
    if gone.is_empty() && !packs {
        return;
    }
    let turns = turns_of(records).found;
    let turns: Vec<Turn> = turns.iter().filter_map(|turn| turn.open().ok()).collect();
    let last = all.iter().rfind(|one| one.member.is_some()).map(|one| &one.record.at);
    let opened = reopened(records, StoreName::Checkpoints, &damaged, |record| {
        let count = all.iter().filter(|one| one.record.at == record.at).count();
        (count, packs && last == Some(&record.at) && count < PACKED_CHECKPOINTS)
    });
    let Some(columns) = columns_of(records, &opened) else { return };
    let mut some: Vec<Member> = Vec::new();
    // A segment that held one that goes holds less than its key tells, so it is made anew.
    let own = gone.iter().filter(|one| one.member.is_none()).map(|one| one.record.at.clone());
    let mut gone: BTreeSet<RecordKey> = own.chain(opened.iter().cloned()).collect();
    for one in &all {
        let texts = match one.member {
            None if packs && is_ready(one) => checkpoints::upward(one.record, &turns).ok(),
            None => None,
            Some(at) => columns.get(&one.record.at).and_then(|columns| columns.member(at)),
        };
        // What does not open stays where it is.
        let Some(texts) = texts else { continue };
        some.push(Member { number: one.head.number, head: one.text.clone(), texts });
        gone.insert(one.record.at.clone());
    }
    let bytes =
        |one: &Member| one.head.len() + one.texts.texts().iter().map(String::len).sum::<usize>();
    let mut segments = Vec::new();
    for some in chunks(some, PACKED_STATE_BYTES, PACKED_CHECKPOINTS, bytes) {
        let segment = segment_of_checkpoints(session, &some);
        let Some(segment) = segment.filter(|segment| holds_checkpoints(segment, &some)) else {
            return;
        };
        segments.push(segment);
    }
    replace(packed, records, segments, gone);
}

/// The categories of a segment's members.
#[derive(Default)]
struct Columns {
    version: u16,
    all: Vec<Vec<String>>,
}

impl Columns {
    /// None: it does not open.
    fn of(record: &Stored) -> Option<Self> {
        let all: Option<Vec<_>> = (1..COLUMNS).map(|part| column(record, part).ok()).collect();
        Some(Self { version: record.version, all: all? })
    }

    /// Of an older form they are not looked for in the turns again.
    fn member(&self, at: usize) -> Option<Quoted> {
        let texts: Option<Vec<String>> =
            self.all.iter().map(|texts| texts.get(at).cloned()).collect();
        Some(Quoted::of(self.version, texts?.try_into().ok()?, &[]))
    }
}

/// The categories of these segments; none: one of them does not open.
fn columns_of(
    records: &[Stored],
    opened: &BTreeSet<RecordKey>,
) -> Option<BTreeMap<RecordKey, Columns>> {
    let segments = records.iter().filter(|record| opened.contains(&record.at));
    segments.map(|record| Some((record.at.clone(), Columns::of(record)?))).collect()
}

/// The checkpoints in these records, of each chat by number, with their categories as they are
/// stored today; none: those do not open. Each segment is unpacked once.
#[must_use]
pub fn quoted_of(records: &[Stored]) -> Vec<(CheckpointHead, Option<Quoted>)> {
    let all = checkpoints_of(records).found;
    let told = quoted_by(&all, &[]);
    all.into_iter().map(|one| one.head).zip(told).collect()
}

/// The same with their quotes read from these turns.
#[must_use]
pub fn texts_of(records: &[Stored], turns: &[Turn]) -> Vec<(CheckpointHead, Option<Texts>)> {
    let all = checkpoints_of(records).found;
    let chat = Chat::of(turns);
    let told = quoted_by(&all, turns).into_iter().zip(&all);
    let texts = told.map(|(quoted, one)| quoted?.plain(one.record, &chat).ok());
    let texts: Vec<_> = texts.collect();
    all.into_iter().map(|one| one.head).zip(texts).collect()
}

fn quoted_by(all: &[StoredCheckpoint<'_>], turns: &[Turn]) -> Vec<Option<Quoted>> {
    let mut columns = BTreeMap::new();
    for record in all.iter().filter(|one| one.member.is_some()).map(|one| one.record) {
        let read = || Columns::of(record).unwrap_or_default();
        columns.entry(&record.at).or_insert_with(read);
    }
    let quoted = |one: &StoredCheckpoint<'_>| match one.member {
        None => checkpoints::upward(one.record, turns).ok(),
        Some(at) => columns.get(&one.record.at).and_then(|columns| columns.member(at)),
    };
    all.iter().map(quoted).collect()
}

/// These checkpoints, records of their own, as segments: what they take once all of them rest.
#[must_use]
pub fn checkpoint_segments(session: &SessionId, records: &[Stored]) -> Vec<Stored> {
    let all = checkpoints_of(records).found;
    let member = |one: &StoredCheckpoint<'_>| {
        let texts = checkpoints::upward(one.record, &[]).ok()?;
        Some(Member { number: one.head.number, head: one.text.clone(), texts })
    };
    let some: Vec<Member> = all.iter().filter_map(member).collect();
    let runs = some.chunks(PACKED_CHECKPOINTS);
    runs.filter_map(|run| segment_of_checkpoints(session, run)).collect()
}

/// How many records are packed at least, of a chat that rests or of one that goes on.
fn at_least(rests: bool) -> usize {
    if rests { PACK_AT_REST } else { PACK_AT_LEAST }
}

/// Segments that are made anew: those of which `holds` tells fewer members that count than they
/// have, and the last one where it tells that there is room.
fn reopened(
    records: &[Stored],
    store: StoreName,
    damaged: &[(&Stored, Problem)],
    holds: impl Fn(&Stored) -> (usize, bool),
) -> BTreeSet<RecordKey> {
    let opens = |record: &&Stored| !damaged.iter().any(|(other, _)| other.at == record.at);
    let mine = records.iter().filter(|record| record.at.store == store && is_segment(&record.at));
    let anew = mine.filter(opens).filter(|record| {
        let (count, has_room) = holds(record);
        has_room || count < members(&record.at) as usize
    });
    anew.map(|record| record.at.clone()).collect()
}

/// Runs of them that are not too large together.
fn chunks<T>(
    all: Vec<T>,
    most_bytes: usize,
    most: usize,
    bytes: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut filled = 0;
    for one in all {
        let more = bytes(&one);
        match runs.last_mut().filter(|run| filled + more <= most_bytes && run.len() < most) {
            Some(run) => {
                filled += more;
                run.push(one);
            }
            None => {
                filled = more;
                runs.push(vec![one]);
            }
        }
    }
    runs
}

/// Nothing is deleted before what replaces it was read back.
fn holds_turns(segment: &Stored, turns: &[Turn]) -> bool {
    let read = super::open_turns(segment).unwrap_or_default();
    read.len() == turns.len()
        && read.iter().zip(turns).all(|(read, turn)| read.member.as_ref() == Some(turn))
}

fn holds_checkpoints(segment: &Stored, some: &[Member]) -> bool {
    let read = super::open_checkpoints(segment).unwrap_or_default();
    let same_heads = read.iter().map(|one| &one.text).eq(some.iter().map(|one| &one.head));
    let same = |number: usize| {
        let texts = some.iter().filter_map(|one| one.texts.texts().get(number));
        column(segment, number + 1).is_ok_and(|column| column.iter().eq(texts))
    };
    same_heads && (1..COLUMNS).all(|part| same(part - 1))
}

/// A segment that is there already under its key is as it would be put.
fn replace(
    packed: &mut Packed,
    records: &[Stored],
    segments: Vec<Stored>,
    mut gone: BTreeSet<RecordKey>,
) {
    for segment in &segments {
        gone.remove(&segment.at);
    }
    packed.change.deletes.extend(gone);
    packed.change.puts.extend(segments.into_iter().filter(|one| !records.contains(one)));
}
