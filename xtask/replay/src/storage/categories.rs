//! What the six categories of state take that checkpoints of recorded sessions hold: as they are,
//! each packed by gzip alone, and as the product stores them.

use super::{gzip, id, ratio};
use crate::{Choice, Played, Session, Wanted, play, read};
use shim::session::meter::Meter;
use shim::session::{checkpoints, codec, extract, segments};
use shim::wire::chat::Turn;
use shim::wire::records::Stored;
use shim::wire::signals::Risk;
use shim::wire::state::{Checkpoint, Measured, State, Trigger};
use shim::wire::tuning::Tuning;
use std::io;
use std::path::Path;

/// Turns between two checkpoints: the product makes one every few calls.
const EVERY: usize = 5;
/// Checkpoints of a session: of a very long one they are further apart.
const MOST: usize = 60;
const NAMES: [&str; 6] = ["conversation", "task", "files", "tools", "signals", "preferences"];

/// Bytes of all checkpoints.
#[derive(Default)]
struct Sums {
    sessions: usize,
    checkpoints: usize,
    /// Of each category: its JSON, that packed by gzip -9 alone, and its part in a record.
    each: [[u64; 3]; 6],
    /// Parts of records once all checkpoints of a session rest.
    packed: u64,
}

/// The table of the sessions in a file.
///
/// # Errors
/// The file cannot be read.
pub fn table(sessions: &Path, choice: &Choice) -> io::Result<String> {
    let mut sums = Sums::default();
    for session in read(sessions)? {
        let session = session?;
        if choice.takes(&session) {
            sums.add(&session);
        }
    }
    Ok(sums.rows())
}

impl Sums {
    fn add(&mut self, session: &Session) {
        let none = Wanted { budgets: Vec::new(), cuts: Vec::new() };
        let Played { turns, .. } = play(session, &none);
        let every = EVERY.max(turns.len() / MOST);
        let (mut meter, mut records) = (Meter::default(), Vec::new());
        for (at, turn) in (1..).zip(&turns) {
            meter.turn(turn.at, turn);
            if at % every != 0 && at != turns.len() {
                continue;
            }
            let signals = meter.signals(turn.at, &Tuning::default());
            let measured = Measured { signals, risk: Risk::default() };
            let said = turns.get(..at).unwrap_or_default();
            let state = extract::state(said, measured, "");
            records.push(self.one(state, turn, said, records.len() + 1));
        }
        self.sessions += 1;
        self.checkpoints += records.len();
        let packed = segments::checkpoint_segments(&id(), &records);
        self.packed += packed.iter().map(codec::packed_bytes).sum::<u64>();
    }

    fn one(&mut self, state: State, turn: &Turn, said: &[Turn], number: usize) -> Stored {
        let texts = [
            codec::json(&state.conversation),
            codec::json(&state.task),
            codec::json(&state.files),
            codec::json(&state.tools),
            codec::json(&state.measured.signals),
            codec::json(&state.preferences),
        ];
        let checkpoint = Checkpoint {
            session: id(),
            number: u32::try_from(number).unwrap_or(u32::MAX),
            created_at: turn.at,
            trigger: Trigger::Milestone,
            state,
        };
        let record = checkpoints::record(&checkpoint, 0, (String::new(), number as u64), said);
        for ((sums, text), part) in self.each.iter_mut().zip(&texts).zip(&record.parts) {
            let sizes = [text.len() as u64, gzip(text), part.0.len() as u64];
            sums.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
        }
        record
    }

    fn rows(&self) -> String {
        let of = |kind: usize| self.each.iter().filter_map(|one| one.get(kind)).sum::<u64>();
        let (plain, alone, loose) = (of(0), of(1), of(2));
        let mut text = format!(
            "{} sessions, {} checkpoints\n\
             category: JSON, gzip -9 of each alone, as first written (bytes)\n",
            self.sessions, self.checkpoints
        );
        for (name, [plain, alone, loose]) in NAMES.iter().zip(self.each) {
            let (gzip, own) = (ratio(plain, alone), ratio(plain, loose));
            text.push_str(&format!(
                "{name}: {plain}, {alone} ({gzip:.2} x), {loose} ({own:.2} x)\n"
            ));
        }
        let by = |bytes| ratio(plain, bytes);
        text.push_str(&format!(
            "all: {plain}, {alone} ({:.2} x), {loose} ({:.2} x)\n\
             packed once they rest: {} bytes, {:.2} x; {:.2} x less than gzip -9 of each alone",
            by(alone),
            by(loose),
            self.packed,
            by(self.packed),
            ratio(alone, self.packed),
        ));
        text
    }
}
