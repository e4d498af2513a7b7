//! Packing in the machine: when a chat rests, and what comes in between.

use super::*;
use shim::background::Whole;
use shim::base::limits::PACK_AFTER;
use shim::session::segments;
use shim::wire::records::RecordKey;

const BOTH: [StoreName; 2] = [StoreName::Turns, StoreName::Checkpoints];

impl Bench {
    fn records(&self, chat: &str) -> Vec<Stored> {
        self.store.query(&Query::OfSession(BOTH.to_vec(), session(chat)))
    }

    fn keys(&self, chat: &str) -> Vec<RecordKey> {
        self.records(chat).into_iter().map(|record| record.at).collect()
    }

    fn packed(&self, chat: &str) -> usize {
        self.keys(chat).iter().filter(|at| segments::is_segment(at)).count()
    }

    /// Ten minutes and more pass, and the machine is woken when it wants to be.
    fn rest(&mut self) {
        let until = Moment(self.now.0 + 2 * PACK_AFTER.0);
        while self.machine.next_wake().is_some_and(|when| when <= until) {
            self.wake();
        }
        self.now = until;
    }

    /// The page tells turns from this number on.
    fn tell_turns(&mut self, numbers: std::ops::Range<u32>, text: &str) {
        let one = |number: u32| Turn {
            read_at: self.now,
            ..turn(&format!("m{number}"), number, Role::User, &format!("{text} {number}"))
        };
        let turns = numbers.map(one).collect();
        // It grows with what was done so far.
        let number = self.effects.len() as u64 + 1;
        self.say(1, ToBackground::Turns { number, session: session("one"), turns });
    }
}

fn open_chat() -> Bench {
    let (head, mut records) = stored("one");
    let points = (1..=8).map(|number| checkpoint("one", number, "It goes on."));
    records.extend(points);
    records[0] = codec::session_record(&SessionHead { last_checkpoint: 8, ..head });
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    bench.tell_turns(2..30, "Length of arch");
    bench
}

#[test]
fn a_chat_that_rests_is_packed_in_one_commit() {
    let mut bench = open_chat();
    let before = Whole::of(&bench.records("one"));
    assert_eq!((bench.packed("one"), bench.records("one").len()), (0, 38));
    bench.rest();
    assert_eq!((bench.packed("one"), bench.records("one").len()), (2, 4));
    let after = Whole::of(&bench.records("one"));
    assert_eq!((before.turns, before.checkpoints), (after.turns, after.checkpoints));
    let parts: u64 = bench.records("one").iter().map(codec::packed_bytes).sum();
    let head = bench.head(&session("one"));
    assert_eq!((head.stored_bytes, head.pack_due), (parts, None));
    // Nothing is left to do.
    let done = bench.effects.len();
    bench.rest();
    let more = bench.effects.iter().skip(done);
    let mut writes = more.filter(|effect| matches!(effect, BackEffect::Write { .. }));
    assert_eq!(writes.next(), None);
}

#[test]
fn a_turn_that_changes_later_counts_and_is_packed_again() {
    let mut bench = open_chat();
    bench.rest();
    let old = bench.keys("one");
    bench.tell_turns(4..6, "Another and longer length of arch");
    let text = |bench: &Bench| Whole::of(&bench.records("one")).turns[5].markdown.clone();
    assert_eq!(text(&bench), "Another and longer length of arch 5");
    assert_eq!(bench.records("one").len(), 6);
    bench.rest();
    assert_eq!(text(&bench), "Another and longer length of arch 5");
    assert_eq!((bench.packed("one"), bench.records("one").len()), (2, 4));
    assert_ne!(bench.keys("one"), old, "the stale copies are gone");
}

#[test]
fn a_refused_packing_changes_nothing_and_is_tried_again() {
    let mut bench = open_chat();
    let before = bench.records("one");
    bench.refused = Some("no room");
    bench.rest();
    assert_eq!(bench.records("one"), before);
    bench.refused = None;
    bench.rest();
    assert_eq!(bench.packed("one"), 2);
}

#[test]
fn a_repeated_request_is_known_from_a_segment() {
    let mut bench = open_chat();
    bench.rest();
    let index = shim::background::Index::of(&bench.records("one"));
    assert_eq!(index.requests.get(&("earlier".to_owned(), 3)), Some(&3));
    assert_eq!(index.last_checkpoint, 8);
}
