//! Segments: many finished turns, or many older checkpoints, of a chat in one record, so that they
//! are packed together. Here, and nowhere else, a record's members are told from a record of its
//! own: who reads a chat asks [`turns_of`] and [`checkpoints_of`].
//!
//! A segment is never changed: its key holds a hash of what it holds, and how many that is, so that
//! this is known of one that does not open. What has a record of its own beside its copy in a
//! segment was stored later, and that record counts. Absent from here: when segments are made.

mod pack;
mod weave;

pub use pack::{Packed, checkpoint_segments, pack, quoted_of, texts_of};

use super::checkpoints::{self, Quoted};
use super::codec::{self, broken, joined, json};
use super::quotes;
use crate::base::{Problem, SessionId, TurnKey, limits, text};
use crate::wire::chat::Turn;
use crate::wire::records::{CheckpointHead, RecordKey, StoreName, Stored, TurnHead};
use crate::wire::state::Checkpoint;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stands between the two parts of a segment's key, and in no other key: no field of it is empty.
const MARK: &str = "##";
/// Parts of a segment of checkpoints: their heads, and the six categories.
const COLUMNS: usize = 7;

/// Head of a segment. Parts: the turns, woven; or the heads of checkpoints and then each of the six
/// categories of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// How many it holds.
    members: u32,
}

/// Whether this is the address of a segment.
#[must_use]
pub fn is_segment(at: &RecordKey) -> bool {
    at.key.contains(MARK)
}

/// How many turns or checkpoints lie under this address, also where that does not open.
#[must_use]
pub fn members(at: &RecordKey) -> u32 {
    let after = at.key.split(MARK).nth(1);
    let count = after.and_then(|rest| rest.split('#').next()?.parse().ok());
    count.unwrap_or(1)
}

/// A stored turn.
#[derive(Clone, Debug)]
pub struct StoredTurn<'a> {
    /// The record in which it lies.
    pub record: &'a Stored,
    /// What its record tells, or would tell.
    pub head: TurnHead,
    /// Bytes of packed parts that it takes.
    pub size_bytes: u64,
    /// None: it has a record of its own.
    member: Option<Turn>,
}

impl StoredTurn<'_> {
    /// The turn.
    ///
    /// # Errors
    /// As [`codec::open_turn`].
    pub fn open(&self) -> Result<Turn, Problem> {
        match &self.member {
            Some(turn) => Ok(turn.clone()),
            None => codec::open_turn(self.record),
        }
    }

    /// Whether it lies in a segment.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.member.is_some()
    }
}

/// A stored checkpoint.
#[derive(Clone, Debug)]
pub struct StoredCheckpoint<'a> {
    /// The record in which it lies.
    pub record: &'a Stored,
    /// What its record tells, or told.
    pub head: CheckpointHead,
    /// Bytes of packed parts that it takes.
    pub size_bytes: u64,
    /// Its head as it is stored.
    text: String,
    /// Its place among the members; none: it has a record of its own.
    member: Option<usize>,
}

/// What a segment holds of a checkpoint.
struct Member {
    number: u32,
    head: String,
    texts: Quoted,
}

impl StoredCheckpoint<'_> {
    /// The checkpoint in full. `turns`: those of its chat.
    ///
    /// # Errors
    /// As [`checkpoints::open`].
    pub fn open(&self, turns: &[Turn]) -> Result<Checkpoint, Problem> {
        if self.member.is_none() {
            return checkpoints::open(self.record, turns).map(|(_, checkpoint)| checkpoint);
        }
        let texts = self.quoted()?.plain(self.record, &quotes::Chat::of(turns))?;
        let state = checkpoints::read(self.record, &texts, &self.head, turns)?;
        Ok(checkpoints::whole(&self.record.session, &self.head, state))
    }

    /// One category as JSON as it is stored, by its number from 0; no other is unpacked.
    ///
    /// # Errors
    /// As [`codec::part`].
    pub fn category(&self, number: usize) -> Result<String, Problem> {
        let Some(member) = self.member else { return codec::part(self.record, number) };
        let mut column = column(self.record, number + 1)?;
        let missing = || broken(self.record, "its categories are not what its head says");
        if member < column.len() { Ok(column.swap_remove(member)) } else { Err(missing()) }
    }

    /// The categories of a member.
    fn quoted(&self) -> Result<Quoted, Problem> {
        let text = |number| self.category(number);
        let texts = [text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?];
        Ok(Quoted::of(self.record.version, texts, &[]))
    }

    /// A record of its own with this head, which counts from then on.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn rehead(&self, head: &CheckpointHead) -> Result<Stored, Problem> {
        match self.member {
            None => Ok(codec::rehead(self.record, head)),
            Some(_) => Ok(checkpoints::of_quoted(&self.record.session, head, &self.quoted()?)),
        }
    }
}

/// What was found of a kind, and the records of that kind that do not open.
pub struct Found<'a, T> {
    /// What opens, each once.
    pub found: Vec<T>,
    /// What does not, and why.
    pub damaged: Vec<(&'a Stored, Problem)>,
}

/// The turns in these records, whatever else is among them.
#[must_use]
pub fn turns_of(records: &[Stored]) -> Found<'_, StoredTurn<'_>> {
    let mut all: BTreeMap<(&SessionId, TurnKey), StoredTurn<'_>> = BTreeMap::new();
    let damaged = each(records, StoreName::Turns, open_turns, |one: StoredTurn<'_>| {
        let key = (&one.record.session, one.head.key.clone());
        let is_newer = |old: &StoredTurn<'_>| {
            let rank = |turn: &StoredTurn<'_>| (!turn.is_member(), turn.head.read_at);
            rank(&one) >= rank(old)
        };
        if all.get(&key).is_none_or(is_newer) {
            all.insert(key, one);
        }
    });
    Found { found: all.into_values().collect(), damaged }
}

/// The checkpoints in these records, of each chat by number.
#[must_use]
pub fn checkpoints_of(records: &[Stored]) -> Found<'_, StoredCheckpoint<'_>> {
    let mut all: BTreeMap<(&SessionId, u32), StoredCheckpoint<'_>> = BTreeMap::new();
    let damaged =
        each(records, StoreName::Checkpoints, open_checkpoints, |one: StoredCheckpoint<'_>| {
            let key = (&one.record.session, one.head.number);
            if one.member.is_none() || !all.contains_key(&key) {
                all.insert(key, one);
            }
        });
    Found { found: all.into_values().collect(), damaged }
}

/// Opens every record of a store and returns those that do not.
fn each<'a, T>(
    records: &'a [Stored],
    store: StoreName,
    open: impl Fn(&'a Stored) -> Result<Vec<T>, Problem>,
    mut take: impl FnMut(T),
) -> Vec<(&'a Stored, Problem)> {
    let mut damaged = Vec::new();
    for record in records.iter().filter(|record| record.at.store == store) {
        match open(record) {
            Ok(some) => some.into_iter().for_each(&mut take),
            Err(problem) => damaged.push((record, problem)),
        }
    }
    damaged
}

/// The turns in one record.
fn open_turns(record: &Stored) -> Result<Vec<StoredTurn<'_>>, Problem> {
    if !is_segment(&record.at) {
        let head = codec::open(record)?;
        let size_bytes = codec::packed_bytes(record);
        return Ok(vec![StoredTurn { record, head, size_bytes, member: None }]);
    }
    let turns: Vec<Turn> = read(record, &column(record, 0)?)?;
    let sizes = shares(record, turns.len());
    let member = |(turn, size_bytes): (Turn, u64)| {
        let head = codec::turn_head(&turn);
        StoredTurn { record, head, size_bytes, member: Some(turn) }
    };
    Ok(turns.into_iter().zip(sizes).map(member).collect())
}

/// The checkpoints in one record. Their categories stay packed.
fn open_checkpoints(record: &Stored) -> Result<Vec<StoredCheckpoint<'_>>, Problem> {
    if !is_segment(&record.at) {
        let head = codec::open(record)?;
        let (size_bytes, text) = (codec::packed_bytes(record), record.head.clone());
        return Ok(vec![StoredCheckpoint { record, head, size_bytes, text, member: None }]);
    }
    let texts = column(record, 0)?;
    let heads: Vec<CheckpointHead> = read(record, &texts)?;
    if record.parts.len() != COLUMNS {
        return Err(broken(record, "it has not one part for each category"));
    }
    let sizes = shares(record, heads.len());
    let member = |(at, ((head, text), size_bytes))| StoredCheckpoint {
        record,
        head,
        size_bytes,
        text,
        member: Some(at),
    };
    Ok(heads.into_iter().zip(texts).zip(sizes).enumerate().map(member).collect())
}

/// What each of so many members takes of a record; the first takes what cannot be divided.
fn shares(record: &Stored, count: usize) -> impl Iterator<Item = u64> {
    let (all, count) = (codec::packed_bytes(record), count.max(1) as u64);
    std::iter::once(all / count + all % count).chain(std::iter::repeat(all / count))
}

/// One text of each member.
fn column(record: &Stored, part: usize) -> Result<Vec<String>, Problem> {
    let head: Head = codec::open(record)?;
    let woven = codec::part(record, part)?;
    let count = usize::try_from(head.members).unwrap_or(usize::MAX);
    let texts = weave::unweave(&woven, count, limits::SECTION_BYTES);
    texts.ok_or_else(|| broken(record, &format!("part {part} is not what its head says")))
}

fn read<T: DeserializeOwned>(record: &Stored, texts: &[String]) -> Result<Vec<T>, Problem> {
    let read = |text: &String| serde_json::from_str(text).ok();
    let all: Option<Vec<T>> = texts.iter().map(read).collect();
    all.ok_or_else(|| broken(record, "a member is not what it should be"))
}

/// A segment of these turns; none: they cannot be woven.
fn segment_of_turns(session: &SessionId, turns: &[Turn]) -> Option<Stored> {
    let texts: Vec<String> = turns.iter().map(json).collect();
    segment(session, StoreName::Turns, &[texts], None)
}

/// A segment of these checkpoints; none: they cannot be woven.
fn segment_of_checkpoints(session: &SessionId, some: &[Member]) -> Option<Stored> {
    let mut columns = vec![some.iter().map(|one| one.head.clone()).collect::<Vec<_>>()];
    for number in 0..COLUMNS - 1 {
        columns
            .push(some.iter().filter_map(|one| one.texts.texts().get(number)).cloned().collect());
    }
    let last = some.iter().map(|one| one.number).max();
    segment(session, StoreName::Checkpoints, &columns, last)
}

/// The address ends with the last number of its checkpoints: it is never given again.
fn segment(
    session: &SessionId,
    store: StoreName,
    columns: &[Vec<String>],
    last: Option<u32>,
) -> Option<Stored> {
    let members = u32::try_from(columns.first()?.len()).ok()?;
    let woven: Option<Vec<String>> = columns.iter().map(|texts| weave::weave(texts)).collect();
    let woven = woven?;
    let hash = format!("h{:016x}", text::hash(&woven.concat()));
    let last = last.map(|number| format!("{number:010}"));
    let count = format!("{members:010}");
    let mut fields = vec![session.as_str(), "", &count, &hash];
    fields.extend(last.as_deref());
    let at = joined(store, &fields);
    let parts = woven.iter().map(|text| codec::pack_tight(text)).collect();
    Some(codec::assemble(at, session, &Head { members }, parts))
}
