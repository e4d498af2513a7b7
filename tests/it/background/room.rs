//! Little room, and none: a person is warned early, less of the past is kept then, and where a
//! write finds no room what may go goes at once and the rest is saved.

use super::*;
use shim::base::limits::{PACK_AFTER, ROOM_EVERY, ROOM_LEAST_BYTES, ROOM_REST};
use shim::session::{checkpoints, segments};
use shim::view::store::TIGHT;
use shim::wire::keeping::Keeping;
use shim::wire::records::CheckpointHead;
use shim::wire::state::{Checkpoint, State};

const GB: u64 = 1 << 30;

fn point(session: &SessionId, number: u32) -> Stored {
    let trigger = Trigger::Milestone;
    let mut state = State::default();
    state.conversation.summary = format!("The bridge goes on, step {number}. ").repeat(8);
    let session = session.clone();
    let checkpoint = Checkpoint { session, number, created_at: NOW, trigger, state };
    checkpoints::record(&checkpoint, 0, ("d".into(), number.into()), &[])
}

/// A chat with so many checkpoints, used so long ago.
fn chat(name: &str, points: u32, ago: Span) -> Vec<Stored> {
    let (head, turn) = crashed();
    let (id, chat) = (SessionId(format!("claude/a/{name}")), ChatId(name.into()));
    let turn = codec::turn_record(&id, &codec::open_turn(&turn).unwrap());
    let updated_at = Moment(NOW.0 - ago.0);
    let last_checkpoint = points;
    let head = SessionHead { id, chat, ended: None, updated_at, last_checkpoint, ..head };
    let mut records = vec![codec::session_record(&head), turn];
    records.extend((1..=points).map(|number| point(&head.id, number)));
    records
}

impl Bench {
    fn measured(&mut self, used_bytes: u64, quota_bytes: u64) {
        self.step(BackEvent::Measured { used_bytes, quota_bytes });
    }

    fn measures(&self) -> usize {
        self.others.iter().filter(|effect| **effect == BackEffect::Measure).count()
    }

    fn points(&self, name: &str) -> Vec<u32> {
        let session = SessionId(format!("claude/a/{name}"));
        let query = Query::OfSession(vec![StoreName::Checkpoints], session);
        let records = self.store.query(&query);
        segments::checkpoints_of(&records).found.iter().map(|one| one.head.number).collect()
    }
}

/// A chat is open in a page, and says something.
fn said(bench: &mut Bench, key: &str) {
    let turn = Turn { key: key.into(), markdown: "Now the towers".into(), ..Turn::default() };
    let session = SessionId::from("claude/a/open");
    // Of two messages with one number the second is an old one.
    let number = 1 + bench.now.0 + bench.told.len() as u64;
    bench.say(ToBackground::Turns { session, number, turns: vec![turn] });
}

fn open(bench: &mut Bench) {
    bench.connect(CLAUDE);
    let chat = Some(ChatId("open".into()));
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
}

#[test]
fn a_person_is_warned_by_the_share_and_by_what_is_left() {
    for (used, quota, tight) in [
        (79 * GB / 100, GB, false),
        (81 * GB / 100, GB, true),
        (2 * ROOM_LEAST_BYTES, 3 * ROOM_LEAST_BYTES + 1, false),
        (2 * ROOM_LEAST_BYTES, 3 * ROOM_LEAST_BYTES - 1, true),
        (GB, 0, false),
    ] {
        let mut bench = Bench::new(Vec::new());
        bench.measured(used, quota);
        assert_eq!(bench.status().room.tight, tight, "{used} of {quota}");
        let warned = bench.badges.iter().any(|(_, badge)| badge.title.starts_with(TIGHT));
        assert_eq!(warned, tight);
    }
    let mut bench = Bench::new(Vec::new());
    bench.measured(GB, GB);
    bench.badges.clear();
    bench.measured(0, GB);
    assert!(bench.badges.iter().all(|(_, badge)| !badge.title.contains(TIGHT)), "it is taken back");
    assert!(!bench.badges.is_empty());
}

#[test]
fn the_browser_is_asked_at_the_start_and_then_only_now_and_then() {
    let mut bench = Bench::new(chat("open", 1, Span(0)));
    assert_eq!(bench.measures(), 1);
    open(&mut bench);
    for key in ["a", "b", "c"] {
        said(&mut bench, key);
    }
    assert_eq!(bench.measures(), 1);
    bench.wait(ROOM_EVERY);
    said(&mut bench, "d");
    assert_eq!(bench.measures(), 2);
}

#[test]
fn where_room_is_short_a_quarter_is_kept_and_what_is_safe_stays() {
    let mut records = chat("one", 80, Span(0));
    let pinned = point(&"claude/a/one".into(), 2);
    let head = codec::open::<CheckpointHead>(&pinned).unwrap();
    records.push(codec::rehead(&pinned, &CheckpointHead { pinned: true, ..head }));
    let mut bench = Bench::new(records.clone());
    bench.wait(Span(2 * PACK_AFTER.0));
    assert_eq!(bench.points("one").len(), 80);
    let mut bench = Bench::new(records);
    bench.measured(90 * GB / 100, GB);
    bench.wait(Span(2 * PACK_AFTER.0));
    let left = bench.points("one");
    assert_eq!(left.len(), 50, "a quarter of 200: {left:?}");
    assert!(left.contains(&2) && left.contains(&80) && !left.contains(&3));
    assert_eq!(bench.count(StoreName::Turns), 1);
}

#[test]
fn a_write_that_finds_no_room_is_tried_again_after_what_may_go_went() {
    let records = [chat("old", 9, Span::hours(9)), chat("open", 3, Span(0))].concat();
    let mut bench = Bench::new(records);
    bench.wait(Span(2 * PACK_AFTER.0));
    open(&mut bench);
    let before = (bench.measures(), bench.points("old").len());
    assert_eq!(before.1, 9);
    bench.no_room_below = Some(bench.store.bytes());
    said(&mut bench, "new");
    assert_eq!(bench.measures(), before.0 + 1, "it is looked how much there is");
    assert!(bench.points("old").len() < 9 && bench.points("old").contains(&9));
    bench.wait(Span::seconds(2));
    // Its page sends again what was not acknowledged.
    said(&mut bench, "new");
    let key = codec::turn_key(&"claude/a/open".into(), &"new".into());
    assert!(bench.store.get(&key).is_some());
    let status = bench.status();
    assert!(status.room.freed > 0 && status.problems.is_empty(), "{status:?}");
    assert_eq!(bench.count(StoreName::Turns), 3, "no turn ever goes");
}

#[test]
fn where_nothing_may_go_nothing_does_and_that_is_said() {
    let keep = Keeping { bytes: 0, ..Keeping::default() };
    let settings = codec::settings_record(&Settings { keep, ..Settings::default() });
    for (settings, points) in [(vec![settings], 9), (Vec::new(), 1)] {
        let mut records = [chat("old", points, Span::hours(9)), chat("open", 0, Span(0))].concat();
        records.extend(settings);
        let mut bench = Bench::new(records);
        bench.wait(Span(2 * PACK_AFTER.0));
        open(&mut bench);
        let before = bench.points("old");
        bench.no_room_below = Some(bench.store.bytes());
        for _ in 0..5 {
            said(&mut bench, "new");
            assert!(bench.status().problems.concat().contains("no room left"));
            bench.wait(ROOM_REST);
        }
        assert_eq!((bench.points("old"), bench.status().room.freed), (before, 0));
    }
}

#[test]
fn nothing_goes_of_a_chat_that_is_harmed_nor_for_a_write_that_failed_of_something_else() {
    let mut records = [chat("old", 9, Span::hours(9)), chat("open", 0, Span(0))].concat();
    records[3] = damage::flipped(&records[3]);
    let mut bench = Bench::new(records);
    open(&mut bench);
    let before = bench.points("old");
    bench.no_room_below = Some(bench.store.bytes());
    said(&mut bench, "new");
    bench.wait(Span(2 * ROOM_REST.0));
    assert_eq!(bench.points("old"), before);
    let mut bench = Bench::new([chat("old", 9, Span::hours(9)), chat("open", 0, Span(0))].concat());
    open(&mut bench);
    bench.store.broken = Some(StoreName::Turns);
    said(&mut bench, "new");
    bench.wait(Span(2 * ROOM_REST.0));
    assert_eq!((bench.points("old").len(), bench.status().room.freed), (9, 0));
}
