//! Pins, and what goes by age, count and bytes, in the machine: nobody asks for it.

use super::*;
use shim::background::Whole;
use shim::base::Span;
use shim::base::limits::{CHECKPOINTS_TIDY, KEEP_COUNT, KEEP_DAYS, KEEP_MB, PACK_AFTER};
use shim::session::segments;
use shim::wire::keeping::{KeepNote, Keeping};
use shim::wire::records::CheckpointHead;

const DAY: Span = Span::hours(24);

/// A checkpoint of so long ago.
fn point(chat: &str, number: u32, age: Span) -> Stored {
    let record = checkpoint(chat, number, "It goes on.");
    let head: CheckpointHead = codec::open(&record).unwrap();
    codec::rehead(&record, &CheckpointHead { created_at: Moment(START.0 - age.0), ..head })
}

/// A stored chat with checkpoints of these ages, the first the oldest.
fn chat(name: &str, ages: &[Span]) -> Vec<Stored> {
    let (head, mut records) = stored(name);
    let last_checkpoint = u32::try_from(ages.len()).unwrap();
    records[0] = codec::session_record(&SessionHead { last_checkpoint, ..head });
    records.extend((1..).zip(ages).map(|(number, age)| point(name, number, *age)));
    records
}

fn days(ages: &[u64]) -> Vec<Span> {
    ages.iter().map(|days| Span(days * DAY.0)).collect()
}

impl Bench {
    fn heads(&self, chat: &str) -> Vec<CheckpointHead> {
        let stores = vec![StoreName::Turns, StoreName::Checkpoints];
        let whole = Whole::of(&self.store.query(&Query::OfSession(stores, session(chat))));
        assert_eq!(whole.turns.len(), 2, "no turn ever goes");
        whole.checkpoints
    }

    fn left(&self, chat: &str) -> Vec<u32> {
        self.heads(chat).iter().map(|head| head.number).collect()
    }

    fn note(&self, chat: &str) -> KeepNote {
        self.head(&session(chat)).keep.expect("it was looked at")
    }

    /// So much time passes, and the machine is woken when it wants to be.
    fn pass(&mut self, span: Span) {
        let until = self.now.after(span);
        while self.machine.next_wake().is_some_and(|when| when <= until) {
            self.wake();
        }
        self.now = until;
    }

    fn pin(&mut self, chat: &str, number: u32, pinned: bool) -> Vec<Answer> {
        self.ask(&Ask::Pin { session: session(chat), number, pinned })
    }

    fn keep(&mut self, keep: Keeping) {
        let settings = Settings { keep, ..Settings::default() };
        assert_eq!(self.ask(&Ask::Change(settings)), [Answer::Done]);
    }
}

/// Case 24, in the machine: of a chat that was stored before anything was dropped, and again when
/// time has passed.
#[test]
fn what_is_too_old_goes_by_itself_and_what_goes_next_is_told() {
    let mut bench = Bench::new(&chat("one", &days(&[35, 31, 29, 15, 1])));
    bench.pass(Span(2 * PACK_AFTER.0));
    assert_eq!(bench.left("one"), [3, 4, 5]);
    let note = bench.note("one");
    assert_eq!((note.due, note.count), (Some(START.after(DAY).after(Span(1))), 1));
    let parts = bench.store.query(&Query::All(StoreName::Checkpoints));
    assert_eq!(note.bytes, parts.iter().map(codec::packed_bytes).sum::<u64>());
    // Before that nothing is done.
    let done = bench.effects.len();
    bench.pass(Span(DAY.0 - 2 * PACK_AFTER.0 - 1));
    assert_eq!(bench.effects.len(), done);
    bench.pass(CHECKPOINTS_TIDY);
    assert_eq!(bench.left("one"), [4, 5]);
    bench.pass(Span(90 * DAY.0));
    assert_eq!(bench.left("one"), [5], "the newest stays");
    assert_eq!((bench.note("one").due, bench.note("one").count), (None, 0));
}

#[test]
fn a_pin_is_kept_through_packing_a_death_and_time_and_can_be_taken_back() {
    let mut bench = Bench::new(&chat("one", &days(&[20, 20, 20, 20, 20, 20])));
    bench.pass(PACK_AFTER);
    assert_eq!(bench.pin("one", 2, true), [Answer::Done]);
    assert_eq!(bench.pin("one", 2, true), [Answer::Done], "said twice");
    let pinned = |bench: &Bench| -> Vec<u32> {
        bench.heads("one").iter().filter(|head| head.pinned).map(|head| head.number).collect()
    };
    assert_eq!(pinned(&bench), [2]);
    let updated_at = bench.head(&session("one")).updated_at;
    assert_eq!(updated_at, START, "the chat itself is as old as it was");
    let mut bench = bench.restarted();
    bench.pass(Span(40 * DAY.0));
    assert_eq!((bench.left("one"), pinned(&bench)), (vec![2, 6], vec![2]));
    let mut bench = bench.restarted();
    assert_eq!(bench.pin("one", 2, false), [Answer::Done]);
    assert_eq!(bench.left("one"), [2, 6], "not at once");
    bench.pass(DAY);
    assert_eq!(bench.left("one"), [6]);
}

#[test]
fn a_pin_that_cannot_be_stored_is_told_and_of_nothing_none_is() {
    let mut bench = Bench::new(&chat("one", &days(&[1, 1])));
    bench.refused = Some("no room");
    assert_eq!(bench.pin("one", 1, true), [Answer::Problem("no room".into())]);
    bench.refused = None;
    assert!(bench.heads("one").iter().all(|head| !head.pinned));
    for (chat, number) in [("one", 3), ("one", 0), ("two", 1)] {
        assert!(matches!(bench.pin(chat, number, true)[..], [Answer::Problem(_)]));
    }
}

#[test]
fn what_a_resume_tells_of_stays() {
    let mut records = chat("one", &days(&[40, 40, 40, 40]));
    let resume =
        ResumeHead { id: "r".into(), from: session("one"), checkpoint: 2, ..ResumeHead::default() };
    records.push(codec::resume_record(&resume, ""));
    let mut bench = Bench::new(&records);
    bench.pass(DAY);
    assert_eq!(bench.left("one"), [2, 4]);
}

#[test]
fn of_a_chat_in_which_something_does_not_open_nothing_goes() {
    let mut records = chat("one", &days(&[40, 40, 40]));
    records[1].check ^= 1;
    let mut bench = Bench::new(&records);
    bench.pass(DAY);
    let all = bench.store.query(&Query::All(StoreName::Checkpoints));
    assert_eq!(segments::checkpoints_of(&all).found.len(), 3);
    assert_eq!((bench.note("one").due, bench.note("one").spare_bytes), (None, 0));
}

#[test]
fn a_dropping_that_is_refused_changes_nothing_and_is_tried_again() {
    let mut bench = Bench::new(&chat("one", &days(&[40, 40, 1])));
    bench.refused = Some("no room");
    bench.pass(Span(3 * PACK_AFTER.0));
    assert_eq!(bench.left("one"), [1, 2, 3]);
    bench.refused = None;
    bench.pass(Span(2 * PACK_AFTER.0));
    assert_eq!(bench.left("one"), [3]);
}

/// Killed at the commit, the next worker finds what was due before.
#[test]
fn a_worker_that_dies_over_it_does_it_in_its_next_life() {
    let mut bench = Bench::new(&chat("one", &days(&[40, 40, 1])));
    let store = bench.store.clone();
    bench.pass(PACK_AFTER);
    let mut bench = Bench::on(store, bench.now);
    assert_eq!(bench.left("one"), [1, 2, 3]);
    bench.pass(PACK_AFTER);
    assert_eq!(bench.left("one"), [3]);
}

#[test]
fn a_person_may_have_less_kept_and_each_chat_is_looked_at() {
    let mut records = chat("one", &[Span(0); 9]);
    records.extend(chat("two", &[Span(0); 9]));
    let mut bench = Bench::new(&records);
    bench.pass(DAY);
    assert_eq!((bench.left("one").len(), bench.left("two").len()), (9, 9));
    bench.keep(Keeping { count: 4, ..Keeping::default() });
    bench.pass(PACK_AFTER);
    assert_eq!((bench.left("one"), bench.left("two")), (vec![6, 7, 8, 9], vec![6, 7, 8, 9]));
    let mut bench = bench.restarted();
    assert_eq!(bench.settings().unwrap().keep.count, 4);
    bench.keep(Keeping { days: 0, count: 2, bytes: 0, chat_days: 0 });
    bench.pass(PACK_AFTER);
    assert_eq!(bench.left("one"), [8, 9]);
}

#[test]
fn a_rule_beyond_all_bounds_is_refused_and_one_within_counts_for_every_chat() {
    let mut bench = Bench::new(&chat("one", &[Span(0); 9]));
    let days = KEEP_DAYS + 1;
    for rule in [
        Keeping { days, ..Keeping::default() },
        Keeping { chat_days: days, ..Keeping::default() },
        Keeping { count: KEEP_COUNT + 1, ..Keeping::default() },
        Keeping { bytes: (KEEP_MB + 1) << 20, ..Keeping::default() },
    ] {
        assert!(matches!(bench.ask(&Ask::Keep(rule))[..], [Answer::Problem(_)]));
        assert_eq!(bench.settings(), None);
    }
    let rule = Keeping { count: 4, ..Keeping::default() };
    assert_eq!(bench.ask(&Ask::Keep(rule)), [Answer::Done]);
    assert_eq!(bench.settings().unwrap().keep, rule);
    bench.pass(PACK_AFTER);
    assert_eq!(bench.left("one"), [6, 7, 8, 9]);
    bench.refused = Some("no room");
    assert_eq!(bench.ask(&Ask::Keep(Keeping::default())), [Answer::Problem("no room".into())]);
}

#[test]
fn where_all_chats_take_too_much_the_one_used_longest_ago_loses_its_oldest() {
    let mut records = chat("old", &[Span(0); 40]);
    let mut head: SessionHead = codec::open(&records[0]).unwrap();
    head.updated_at = Moment(START.0 - DAY.0);
    records[0] = codec::session_record(&head);
    records.extend(chat("new", &[Span(0); 40]));
    let mut bench = Bench::new(&records);
    bench.pass(PACK_AFTER);
    let total = bench.note("old").bytes + bench.note("new").bytes;
    let all = Keeping { bytes: total, ..Keeping::default() };
    bench.keep(all);
    bench.pass(PACK_AFTER);
    assert_eq!((bench.left("old").len(), bench.left("new").len()), (40, 40));
    bench.pin("old", 3, true);
    bench.keep(Keeping { bytes: total - 1, ..all });
    bench.pass(PACK_AFTER);
    let left = bench.left("old");
    assert!(left.contains(&3) && !left.contains(&1) && left.contains(&40), "{left:?}");
    assert_eq!(bench.left("new").len(), 40);
    // With no room at all, what is safe stays, and then there is quiet.
    bench.keep(Keeping { bytes: 1, ..all });
    bench.pass(DAY);
    assert_eq!((bench.left("old"), bench.left("new")), (vec![3, 40], vec![40]));
    let done = bench.effects.len();
    bench.pass(DAY);
    assert_eq!(bench.effects.len(), done);
}

/// Nothing goes while its chat is deleted, and nothing comes back.
#[test]
fn a_deleted_chat_is_left_alone() {
    let mut bench = Bench::new(&chat("one", &days(&[40, 40, 1])));
    assert_eq!(bench.ask(&Ask::Delete { session: session("one") }), [Answer::Done]);
    assert!(matches!(bench.pin("one", 1, true)[..], [Answer::Problem(_)]));
    bench.pass(Span::seconds(5));
    assert_eq!(bench.left("one"), [1, 2, 3]);
    bench.pass(DAY);
    assert_eq!(bench.store.query(&Query::All(StoreName::Checkpoints)), []);
}

fn is_there(bench: &Bench, chat: &str) -> bool {
    bench.store.get(&codec::session_key(&session(chat))).is_some()
}

#[test]
fn a_whole_chat_goes_by_its_age_only_where_a_person_said_so() {
    let old = |name| chat(name, &days(&[3, 2, 1]));
    let mut bench = Bench::new(&[old("one"), old("pinned"), old("open")].concat());
    bench.pass(Span(400 * DAY.0));
    assert!(["one", "pinned", "open"].iter().all(|chat| is_there(&bench, chat)));
    assert_eq!(bench.pin("pinned", 3, true), [Answer::Done]);
    bench.open(1, 7, Some("open"));
    bench.keep(Keeping { chat_days: 7, ..Keeping::default() });
    bench.refused = Some("no room");
    bench.pass(Span::minutes(3));
    assert!(is_there(&bench, "one"));
    bench.refused = None;
    bench.pass(Span::minutes(3));
    assert!(!is_there(&bench, "one"));
    assert_eq!(bench.store.query(&Query::OfSession(StoreName::ALL.to_vec(), session("one"))), []);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    let mut bench = bench.restarted();
    bench.pass(DAY);
    assert!(is_there(&bench, "pinned") && is_there(&bench, "open"));
    // What was left a moment ago was used, however old it is.
    bench.pass(Span(5 * DAY.0));
    assert!(is_there(&bench, "open"));
    assert_eq!(bench.pin("pinned", 3, false), [Answer::Done]);
    bench.pass(Span(10 * DAY.0));
    assert!(!is_there(&bench, "open") && !is_there(&bench, "pinned"));
}
