//! The history of signals in the machine: noted, written along, aged, asked for.

use super::*;
use shim::base::{Span, limits};
use shim::session::history;
use shim::session::meter::Meter;
use shim::wire::history::{HistoryNote, HistoryView, Snapshot, Wanted};
use shim::wire::signals::{Risk, RiskLevel};

/// An engine's counters after so many messages.
fn counters(messages: u32) -> String {
    let mut meter = Meter::default();
    for number in 0..messages {
        meter.turn(START, &turn(&format!("m{number}"), number, Role::User, "How far is it?"));
    }
    format!(r#"{{"meter":{}}}"#, serde_json::to_string(&meter).unwrap())
}

impl Bench {
    /// Some seconds later the engine tells its counters.
    fn meter(&mut self, chat: &str, seconds: u64, level: RiskLevel) {
        self.now = self.now.after(Span::seconds(seconds));
        let risk = Risk { level, score: 0.25, ..Risk::default() };
        let (meter, banner, gaps) = (counters(3), None, Vec::new());
        let session = session(chat);
        self.say(1, ToBackground::Meter { session, meter, risk, banner, busy: false, gaps });
    }

    fn meters(&mut self, chat: &str, count: usize) {
        for _ in 0..count {
            self.meter(chat, 10, RiskLevel::Safe);
        }
    }

    fn history(&mut self, chat: &str, wanted: Wanted) -> HistoryView {
        match self.ask(&Ask::History { session: session(chat), wanted }).pop() {
            Some(Answer::History(view)) => *view,
            other => panic!("no history: {other:?}"),
        }
    }

    fn numbers(&mut self, chat: &str) -> Vec<u32> {
        let view = self.history(chat, Wanted::default());
        view.snapshots.iter().map(|one| one.number).collect()
    }

    fn segments(&self) -> Vec<Stored> {
        self.store.query(&Query::All(StoreName::History))
    }

    /// Snapshots as they lie in the store.
    fn stored_numbers(&self) -> Vec<u32> {
        let open = |record: &Stored| history::open_segment(record).unwrap();
        self.segments().iter().flat_map(open).map(|one| one.number).collect()
    }

    /// Time passes, and the machine is woken when it wants to be.
    fn wait(&mut self, span: Span) {
        let until = self.now.after(span);
        while self.machine.next_wake().is_some_and(|when| when <= until) {
            self.wake();
        }
        self.now = until;
    }
}

fn open_chat() -> Bench {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    bench
}

fn to(last: u32) -> Vec<u32> {
    (1..=last).collect()
}

/// A stored chat with this history, which is due at once.
fn with_history(segments: &[&[Snapshot]]) -> Vec<Stored> {
    let (mut head, mut records) = stored("one");
    let last = segments.iter().flat_map(|some| some.iter()).map(|one| one.number).max();
    head.history.last_number = last.unwrap_or_default();
    head.history.due = Some(START);
    records[0] = codec::session_record(&head);
    records.extend(segments.iter().map(|some| history::segment(&head.id, some)));
    records
}

fn taken(number: u32, ago: Span) -> Snapshot {
    let at = Moment(START.0 - ago.0);
    Snapshot { number, at, since: at, count: 1, ..Snapshot::default() }
}

#[test]
fn a_thousand_snapshots_come_back_in_order_and_never_had_a_write_of_their_own() {
    let mut bench = open_chat();
    let before = bench.now;
    bench.meters("one", 1_000);
    assert_eq!(bench.numbers("one"), to(1_000), "case 26");
    let newest = Wanted { newest: Some(1), ..Wanted::default() };
    let latest = bench.history("one", newest).snapshots;
    assert_eq!((latest[0].number, latest[0].at), (1_000, bench.now));
    assert_eq!((latest[0].messages, latest[0].score_permille), (3, 250));
    assert!(latest[0].tokens > 0);
    let (from, to) =
        (Some(before.after(Span::seconds(100))), Some(before.after(Span::seconds(200))));
    let range = bench.history("one", Wanted { from, to, ..Wanted::default() }).snapshots;
    assert_eq!((range[0].number, range.len()), (10, 11), "both ends belong");

    let (mut writes, mut along) = (0, 0);
    for effect in &bench.effects {
        let BackEffect::Write { change, .. } = effect else { continue };
        let holds = |store| change.puts.iter().any(|put| put.at.store == store);
        writes += 1;
        if holds(StoreName::History) {
            along += 1;
            assert!(holds(StoreName::Sessions), "the head tells the number in the same commit");
        }
    }
    assert!(along <= 1_000 / limits::SNAPSHOTS_UNSAVED, "{along}");
    assert!(writes <= 1_001, "{writes} writes: one for each message, as without a history");
    assert_eq!(bench.segments().len(), 4, "of 256 snapshots each");
}

#[test]
fn a_snapshot_is_taken_every_ten_seconds_and_with_every_step_of_the_risk() {
    let mut bench = open_chat();
    for level in [RiskLevel::Safe, RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger] {
        bench.meter("one", 4, level);
    }
    let all = bench.history("one", Wanted::default()).snapshots;
    let levels: Vec<_> = all.iter().map(|one| one.level).collect();
    assert_eq!(levels, [RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger]);
    let wanted = Wanted { level: Some(RiskLevel::Warning), ..Wanted::default() };
    assert_eq!(bench.history("one", wanted).snapshots, all[1..2]);
    // A clock that was set back holds nothing up.
    bench.now = Moment(bench.now.0 - Span::hours(3).0);
    bench.meter("one", 1, RiskLevel::Danger);
    assert_eq!(bench.numbers("one"), to(4));
}

#[test]
fn a_killed_worker_loses_fewer_than_eight_and_gives_no_number_again() {
    let mut bench = open_chat();
    bench.meters("one", 30);
    let kept = bench.stored_numbers();
    assert_eq!(kept, to(24));
    let mut bench = bench.restarted();
    bench.open(1, 7, Some("one"));
    bench.meters("one", 20);
    let numbers = bench.numbers("one");
    assert_eq!(numbers[..24], kept);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    assert_eq!(numbers.len(), 44);

    // A turn, a checkpoint and the end of the chat take all of them along.
    let turns = vec![turn("t3", 2, Role::User, "And paint it.")];
    bench.say(1, ToBackground::Turns { session: session("one"), number: 1, turns });
    assert_eq!(bench.stored_numbers(), bench.numbers("one"));
    bench.meters("one", 3);
    let (trigger, measured) = (Trigger::Milestone, Box::default());
    let session = session("one");
    bench.say(1, ToBackground::Checkpoint { session, request: 1, trigger, measured });
    assert_eq!(bench.stored_numbers(), bench.numbers("one"));
    bench.meters("one", 3);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    assert_eq!(bench.stored_numbers(), bench.numbers("one"));
    let last = bench.stored_numbers().pop();
    assert_eq!(Some(bench.head(&super::session("one")).history.last_number), last);
}

#[test]
fn nothing_is_kept_of_a_chat_without_a_stored_turn() {
    let mut bench = Bench::new(&[]);
    bench.open(1, 7, Some("one"));
    bench.meters("one", 20);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    assert_eq!(bench.store.values().count(), 0);
}

#[test]
fn what_was_refused_is_written_when_the_store_takes_it_again() {
    let mut bench = open_chat();
    bench.meters("one", 7);
    bench.refused = Some("the disk is full");
    bench.meters("one", 1);
    assert_eq!(bench.segments().len(), 0);
    bench.refused = None;
    bench.wait(Span::minutes(1));
    assert_eq!(bench.stored_numbers(), to(8), "with the head, which is written again");
    bench.meters("one", 300);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    assert_eq!(bench.stored_numbers(), to(308));
}

#[test]
fn what_is_too_old_goes_by_itself_and_what_is_old_is_thinned() {
    // Case 24, in the machine: nobody asks for it.
    let days = |days: u64| Span::hours(24 * days);
    let gone = taken(1, days(35));
    let old: Vec<Snapshot> =
        (2..=100).map(|n| taken(n, Span(days(15).0 - u64::from(n) * 10_000))).collect();
    let young: Vec<Snapshot> =
        (101..=150).map(|n| taken(n, Span::seconds(9_000 - u64::from(n)))).collect();
    let mut bench = Bench::new(&with_history(&[&[gone], &old, &young]));
    assert_eq!(bench.segments().len(), 3);
    bench.wait(limits::HISTORY_REST);
    let view = bench.history("one", Wanted::default());
    let (old, fresh) = view.snapshots.split_at(view.snapshots.len() - 50);
    assert_eq!(fresh, young);
    assert!((1..=3).contains(&old.len()), "{old:?}");
    assert_eq!(old.iter().map(|one| one.count).sum::<u32>(), 99);
    assert_eq!(old.last().map(|one| one.number), Some(100));
    assert_eq!(bench.segments().len(), 1, "few snapshots lie in few records");
    // A day later the rest is old as well, and in a month all of it is gone.
    bench.wait(Span::hours(24));
    assert!(bench.numbers("one").len() <= old.len() + 2);
    bench.wait(days(31));
    assert_eq!((bench.numbers("one").len(), bench.segments().len()), (0, 0));
    assert_eq!(bench.head(&session("one")).history.due, None, "nothing is left to do");
    assert_eq!(bench.head(&session("one")).history.last_number, 150);
}

#[test]
fn the_tidying_survives_a_killed_worker_a_refused_write_and_goes_on_in_an_open_chat() {
    let old = [taken(1, Span::hours(24 * 35)), taken(2, Span::hours(24 * 15))];
    let mut bench = Bench::new(&with_history(&[&old]));
    bench.refused = Some("the disk is full");
    bench.wait(limits::HISTORY_REST);
    assert_eq!(bench.stored_numbers(), [1, 2]);
    bench.refused = None;
    let mut bench = bench.restarted();
    bench.open(1, 7, Some("one"));
    bench.meters("one", 1);
    bench.wait(limits::HISTORY_REST);
    assert_eq!(bench.stored_numbers(), [2]);
    // Two days in one sitting: what is full ages, what grows stays.
    for _ in 0..2 * 24 * 60 {
        bench.meter("one", 60, RiskLevel::Safe);
        bench.wait(Span(0));
    }
    let numbers = bench.numbers("one");
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    let (fine, all) = (24 * 60, numbers.len());
    assert!((fine..fine + 400).contains(&all), "{all} of {}", 48 * 60);
}

#[test]
fn many_small_records_become_few() {
    let parts: Vec<Vec<Snapshot>> =
        (1..=40).map(|n| vec![taken(n, Span::seconds(4_000 - u64::from(n) * 10))]).collect();
    let parts: Vec<&[Snapshot]> = parts.iter().map(Vec::as_slice).collect();
    let mut bench = Bench::new(&with_history(&parts));
    bench.wait(limits::HISTORY_REST);
    assert_eq!((bench.segments().len(), bench.stored_numbers()), (1, to(40)));
    let writes = bench.effects.len();
    bench.wait(Span::hours(5));
    assert_eq!(bench.effects.len(), writes, "and that was that");
}

#[test]
fn a_deleted_chat_takes_its_history_along() {
    let mut bench = open_chat();
    bench.meters("one", 30);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    assert_eq!(bench.ask(&Ask::Delete { session: session("one") }), [Answer::Done]);
    let gone = bench.ask(&Ask::History { session: session("one"), wanted: Wanted::default() });
    assert!(matches!(gone[..], [Answer::Problem(_)]));
    bench.wait(Span::hours(24 * 40));
    assert_eq!(bench.store.values().count(), 0);
}

#[test]
fn a_damaged_segment_is_told_and_kept_and_hides_nothing_else() {
    let parts: Vec<Vec<Snapshot>> =
        (1..=3).map(|n| vec![taken(n, Span::hours(24 * 35 * (u64::from(n) % 2)))]).collect();
    let parts: Vec<&[Snapshot]> = parts.iter().map(Vec::as_slice).collect();
    let mut records = with_history(&parts);
    let damaged = records.len() - 1;
    records[damaged].check ^= 1;
    let lost = records[damaged].clone();
    let mut bench = Bench::new(&records);
    bench.wait(limits::HISTORY_REST);
    let view = bench.history("one", Wanted::default());
    assert_eq!((view.snapshots.len(), view.damaged), (1, 1));
    assert_eq!(view.snapshots[0].number, 2);
    let told = bench.status().damaged;
    assert_eq!((told.len(), told[0].records, &told[0].session), (1, 1, &session("one")));
    bench.open(1, 7, Some("one"));
    bench.meters("one", 9);
    assert_eq!(bench.numbers("one"), [2, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(bench.store.get(&lost.at), Some(&lost), "it lies there as it lay");
}

#[test]
fn a_head_made_anew_gives_no_number_of_its_history_again() {
    let mut records = with_history(&[&[taken(700, Span(5))], &[taken(701, Span(3))]]);
    records[0].check ^= 1;
    let damaged = records.len() - 1;
    records[damaged].check ^= 1;
    let bench = Bench::new(&records);
    let note = HistoryNote { last_number: 701 + 256, due: Some(START), days: Vec::new() };
    assert_eq!(bench.head(&session("one")).history, note);
}

#[test]
fn a_day_adds_up_in_the_head() {
    let mut bench = open_chat();
    bench.meter("one", 10, RiskLevel::Safe);
    bench.meter("one", 60, RiskLevel::Warning);
    bench.meter("one", 3_600, RiskLevel::Danger);
    bench.meter("one", 24 * 3_600, RiskLevel::Danger);
    bench.step(BackEvent::TabRemoved { tab: TabId(7) });
    let days = bench.head(&session("one")).history.days;
    assert_eq!((days.len(), days[0].active_ms, days[1].active_ms), (2, 60_000, 0));
    assert_eq!((days[0].snapshots, days[0].warning, days[0].danger), (3, 1, 1));
    assert_eq!((days[1].day - days[0].day, days[1].score_peak_permille), (1, 250));
}
