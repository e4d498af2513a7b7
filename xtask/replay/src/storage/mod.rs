//! What a chat costs in the store: its turns and checkpoints as the product holds them, stored one
//! after the other and packed together when they rest, against its transcript packed by gzip.

pub mod categories;
mod text;

pub use text::session;

use crate::{Played, Session, Wanted, play};
use flate2::Compression;
use flate2::write::GzEncoder;
use shim::base::limits::PACK_AFTER;
use shim::base::{Moment, SessionId, Span};
use shim::session::meter::Meter;
use shim::session::vault::{Keys, Lock, SALT_BYTES, random};
use shim::session::{checkpoints, codec, copy, extract, segments};
use shim::wire::chat::Turn;
use shim::wire::records::{RecordKey, SessionHead, Stored};
use shim::wire::signals::Risk;
use shim::wire::state::{Checkpoint, Measured, Trigger};
use shim::wire::tuning::Tuning;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// A chat's records of turns and checkpoints.
#[derive(Default)]
pub struct Shelf {
    records: BTreeMap<RecordKey, Stored>,
    /// When they are next packed together.
    due: Option<Moment>,
    session: SessionId,
    /// Bytes that were ever put.
    written: u64,
}

impl Shelf {
    /// An empty one.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self { session, ..Self::default() }
    }

    /// Stores a record, as the background does.
    pub fn put(&mut self, at: Moment, record: Stored) {
        self.written += bytes_of(&record);
        self.records.insert(record.at.clone(), record);
        self.due.get_or_insert(at.after(PACK_AFTER));
    }

    /// Time has come to this moment: what rests is packed.
    pub fn wait(&mut self, at: Moment) {
        if self.due.is_none_or(|due| due > at) {
            return;
        }
        let records: Vec<Stored> = self.records.values().cloned().collect();
        let packed = segments::pack(&self.session, &records, at, &BTreeSet::new());
        for key in &packed.change.deletes {
            self.records.remove(key);
        }
        for put in packed.change.puts {
            self.written += bytes_of(&put);
            self.records.insert(put.at.clone(), put);
        }
        self.due = packed.waits.then(|| at.after(PACK_AFTER));
    }

    /// Bytes of all of it: parts, heads and keys.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.records.values().map(bytes_of).sum()
    }

    /// The same where every record is encrypted; 0: there is no key.
    fn sealed_bytes(&self) -> u64 {
        let made = Lock::make(&random(), &random::<SALT_BYTES>(), 1);
        let keys = made.and_then(|(lock, _)| Keys::new(&lock.public()?, None));
        let sealed =
            |keys: Keys| self.records.values().map(move |one| bytes_of(&keys.seal(one))).sum();
        keys.map_or(0, sealed)
    }

    /// The same without what is no checkpoint.
    fn checkpoint_bytes(&self) -> u64 {
        let is = |one: &&Stored| one.at.store == shim::wire::records::StoreName::Checkpoints;
        self.records.values().filter(is).map(bytes_of).sum()
    }

    /// Every checkpoint opens and holds what it held.
    fn holds(&self, turns: &[Turn], wanted: &[Checkpoint]) -> bool {
        let records: Vec<Stored> = self.records.values().cloned().collect();
        let mut read: Vec<Turn> =
            segments::turns_of(&records).found.iter().filter_map(|one| one.open().ok()).collect();
        read.sort_by_key(|turn| turn.position);
        let all = segments::checkpoints_of(&records).found;
        let same = |(one, wanted): (&segments::StoredCheckpoint<'_>, &Checkpoint)| {
            one.open(&read).is_ok_and(|is| close(&is, wanted))
        };
        read == turns && all.len() == wanted.len() && all.iter().zip(wanted).all(same)
    }
}

/// Numbers with a fraction may come back one unit in the last place off.
fn close(a: &Checkpoint, b: &Checkpoint) -> bool {
    let mut a = a.clone();
    a.state.measured = b.state.measured.clone();
    a == *b
}

/// Bytes of a record: parts, head and key.
fn bytes_of(record: &Stored) -> u64 {
    codec::packed_bytes(record) + (record.head.len() + record.at.key.len()) as u64
}

/// Bytes of parts of a chat's records once it rested until this moment.
#[must_use]
pub fn rested_bytes(session: &SessionId, records: Vec<Stored>, until: Moment) -> u64 {
    let mut shelf = Shelf::new(session.clone());
    records.into_iter().for_each(|record| shelf.put(Moment(0), record));
    shelf.wait(until);
    shelf.records.values().map(codec::packed_bytes).sum()
}

/// Who spoke and every text of the chat, in order, as a person would save it.
#[must_use]
pub fn transcript(turns: &[Turn]) -> String {
    let mut out = String::new();
    for turn in turns {
        let mut add = |text: &str| {
            if !text.is_empty() {
                out.push_str(text);
                out.push('\n');
            }
        };
        add(if turn.role == shim::wire::chat::Role::User { "## User" } else { "## Assistant" });
        add(&turn.thinking);
        add(&turn.markdown);
        for call in &turn.calls {
            for text in [&call.name, &call.args, &call.result, &call.error] {
                add(text);
            }
        }
    }
    out
}

/// Bytes of a text packed by gzip at its strongest.
#[must_use]
pub fn gzip(text: &str) -> u64 {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // A vector takes whatever is written to it.
    let written = packer.write_all(text.as_bytes()).and_then(|()| packer.finish());
    written.map_or(0, |bytes| bytes.len() as u64)
}

/// A session of so many turns with so many checkpoints, as the product would store it.
struct Long {
    turns: Vec<Turn>,
    checkpoints: Vec<Checkpoint>,
}

/// The two rows of the table: the store of a session of 1,000 turns and 200 checkpoints, and what
/// its last checkpoint costs against an early one.
///
/// # Errors
/// The repository's files, which the session is made of, cannot be read.
pub fn table() -> io::Result<String> {
    let long = Long::made(1_000, 200, 7)?;
    Ok(long.rows())
}

impl Long {
    fn made(turns: usize, checkpoints: usize, seed: u64) -> io::Result<Self> {
        let session: Session = session(turns, seed)?;
        let none = Wanted { budgets: Vec::new(), cuts: Vec::new() };
        let Played { turns, .. } = play(&session, &none);
        let every = turns.len() / checkpoints;
        let (mut meter, mut all) = (Meter::default(), Vec::new());
        for (at, turn) in (1..).zip(&turns) {
            meter.turn(turn.at, turn);
            if at % every != 0 {
                continue;
            }
            let signals = meter.signals(turn.at, &Tuning::default());
            let measured = Measured { signals, risk: Risk::default() };
            let said = turns.get(..at).unwrap_or_default();
            all.push(Checkpoint {
                session: id(),
                number: u32::try_from(all.len() + 1).unwrap_or(u32::MAX),
                created_at: turn.at,
                trigger: Trigger::Milestone,
                state: extract::state(said, measured, ""),
            });
        }
        Ok(Self { turns, checkpoints: all })
    }

    /// All of it up to a number of checkpoints, stored and packed as time went on.
    fn stored(&self, checkpoints: usize) -> (Shelf, Vec<u64>) {
        let mut shelf = Shelf::new(id());
        let mut sizes = Vec::new();
        let every = self.turns.len() / self.checkpoints.len().max(1);
        for (at, turn) in (1..).zip(&self.turns) {
            let now = turn.at.after(Span::seconds(3));
            shelf.wait(now);
            shelf.put(now, codec::turn_record(&id(), turn));
            let number = at / every;
            let due = at % every == 0 && number <= checkpoints;
            if let Some(checkpoint) = number.checked_sub(1).and_then(|n| self.checkpoints.get(n))
                && due
            {
                let said = self.turns.get(..at).unwrap_or_default();
                let request = (String::from("document"), number as u64);
                let record = checkpoints::record(checkpoint, 0, request, said);
                sizes.push(bytes_of(&record));
                shelf.put(now, record);
            }
        }
        shelf.wait(Moment(u64::MAX / 2));
        (shelf, sizes)
    }

    /// What the checkpoint of this number adds to a store that holds those before it, all packed.
    fn cost(&self, number: usize) -> u64 {
        let packed = |count: usize| {
            let some = self.checkpoints.get(..count).unwrap_or_default();
            let records = some.iter().map(|one| self.record(one)).collect::<Vec<_>>();
            segments::checkpoint_segments(&id(), &records).iter().map(bytes_of).sum::<u64>()
        };
        packed(number).saturating_sub(packed(number - 1))
    }

    fn record(&self, checkpoint: &Checkpoint) -> Stored {
        let every = self.turns.len() / self.checkpoints.len().max(1);
        let said = self.turns.get(..checkpoint.number as usize * every).unwrap_or_default();
        let request = (String::from("document"), u64::from(checkpoint.number));
        checkpoints::record(checkpoint, 0, request, said)
    }

    /// Bytes of the second copy that goes with the last checkpoint.
    fn copy_bytes(&self) -> u64 {
        let head = SessionHead { id: id(), ..SessionHead::default() };
        let last = self.checkpoints.last().map(|last| self.record(last));
        let records = last.map(|last| copy::records(&head, Some(&last), &self.turns));
        records.iter().flatten().map(bytes_of).sum()
    }

    fn rows(&self) -> String {
        let (shelf, loose) = self.stored(self.checkpoints.len());
        let text = transcript(&self.turns);
        let (limit, bytes) = (gzip(&text), shelf.bytes());
        let full: u64 = (self.checkpoints.iter())
            .map(|one| gzip(&serde_json::to_string(&one.state).unwrap_or_default()))
            .sum();
        let (copy, sealed) = (self.copy_bytes(), shelf.sealed_bytes());
        let (early, late) = (self.cost(5), self.cost(200));
        let loose_of = |number: usize| loose.get(number - 1).copied().unwrap_or_default();
        format!(
            "{} turns, {} checkpoints, transcript {} bytes; all opens as it was stored: {}\n\
             primary store: {bytes} bytes ({} of checkpoints) in {} records, {} bytes written\n\
             gzip -9 of the transcript: {limit} bytes; store / gzip: {:.3}\n\
             the store encrypted: {sealed} bytes; encrypted / gzip: {:.3}\n\
             second copy of what a resume needs: {copy} bytes; copy / gzip: {:.3}\n\
             full-state checkpoints by gzip -9: {full} bytes\n\
             checkpoint 200: {late} bytes packed; checkpoint 5: {early} bytes; ratio {:.2}\n\
             as first written: {} and {} bytes; ratio {:.2}",
            self.turns.len(),
            self.checkpoints.len(),
            text.len(),
            shelf.holds(&self.turns, &self.checkpoints),
            shelf.checkpoint_bytes(),
            shelf.records.len(),
            shelf.written,
            ratio(bytes, limit),
            ratio(sealed, limit),
            ratio(copy, limit),
            ratio(late, early),
            loose_of(200),
            loose_of(5),
            ratio(loose_of(200), loose_of(5)),
        )
    }
}

fn id() -> SessionId {
    SessionId::from("recorded/account/session")
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}
