//! The restore drill: when it is due, what it tries, what it says, and that it is in nobody's way.

use super::damage::flipped;
use super::mending::{saved, session};
use super::*;
use shim::base::limits::{COPY_AFTER, DRILL_EVERY, DRILL_REST};
use shim::wire::drill::{Drilled, Failed, Failure};

impl Bench {
    fn drilled(&self) -> Option<Drilled> {
        let settings = self.store.get(&codec::settings_key())?;
        codec::open::<Settings>(settings).expect("it opens").drill
    }

    fn try_now(&mut self) -> Drilled {
        assert_eq!(self.ask(&Ask::Drill), Answer::Done);
        self.drilled().expect("it is kept")
    }
}

const DUE: Span = Span(DRILL_EVERY.0 + DRILL_REST.0 + 1_000);

fn spoilt(mut bench: Bench, store: StoreName) -> Bench {
    for record in bench.store.query(&Query::All(store)) {
        bench.store.spoil(flipped(&record));
    }
    bench
}

fn failed(what: Failure, in_copy: bool) -> Option<Failed> {
    Some(Failed { what, in_copy })
}

#[test]
fn once_a_week_a_chat_is_tried_and_what_came_of_it_is_kept() {
    let mut bench = saved();
    let began = bench.head(&session()).started_at;
    bench.wait(Span(DRILL_EVERY.0 - 60_000));
    assert_eq!(bench.drilled(), None);
    bench.wait(Span(120_000));
    let first = bench.drilled().expect("it was due");
    assert_eq!((&first.session, first.failed), (&session(), None));
    assert!(first.at >= began.after(DRILL_EVERY));
    let mut bench = bench.again();
    bench.wait(Span(DRILL_EVERY.0 - 120_000));
    assert_eq!(bench.drilled(), Some(first.clone()), "also for the next worker");
    bench.wait(DUE);
    assert!(bench.drilled().unwrap().at >= first.at.after(DRILL_EVERY));
    assert_eq!(bench.status().settings.drill, bench.drilled());
    assert!(bench.status().problems.is_empty());
}

#[test]
fn what_fails_is_told_by_name_and_mended() {
    for (store, what) in
        [(StoreName::Turns, Failure::Damaged), (StoreName::Checkpoints, Failure::Damaged)]
    {
        let mut bench = spoilt(saved(), store);
        assert_eq!(bench.try_now().failed, failed(what, false));
        assert_eq!(bench.try_now().failed, None, "it was mended from its copy");
    }
    let mut bench = saved();
    let first = bench.store.query(&Query::All(StoreName::Turns)).remove(0);
    let change = Change { deletes: vec![first.at], ..Change::default() };
    bench.store.write(&change).unwrap();
    assert_eq!(bench.try_now().failed, failed(Failure::Missing, false));
    assert_eq!(bench.try_now().failed, None);
}

#[test]
fn a_copy_alone_has_to_make_the_prompt_too() {
    let damaged: Vec<Stored> = saved().store.copy(&session()).iter().map(flipped).collect();
    for (copy, what) in [(Vec::new(), Failure::Missing), (damaged, Failure::Damaged)] {
        let mut bench = saved();
        bench.store.keep(session(), copy);
        assert_eq!(bench.try_now().failed, failed(what, true));
        bench.wait(Span(2 * COPY_AFTER.0));
        assert_eq!(bench.try_now().failed, None, "it was made anew");
    }
}

#[test]
fn a_chat_that_is_open_or_deleted_is_left_alone_and_that_is_said() {
    let mut bench = Bench::new(Vec::new());
    assert!(matches!(bench.ask(&Ask::Drill), Answer::Problem(_)), "there is none");
    let mut bench = saved();
    bench.connect(CLAUDE);
    let chat = Some(ChatId("bridge".into()));
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    assert!(matches!(bench.ask(&Ask::Drill), Answer::Problem(_)), "it is open");
    bench.say(ToBackground::Bye { session: Some(session()) });
    bench.step(BackEvent::Disconnected { port: PORT });
    bench.try_now();
    assert_eq!(bench.ask(&Ask::Delete { session: session() }), Answer::Done);
    assert!(matches!(bench.ask(&Ask::Drill), Answer::Problem(_)), "it is deleted");
    bench.wait(Span::seconds(60));
    assert_eq!(bench.drilled().unwrap().session, SessionId::default(), "its name goes with it");
    bench.wait(DUE);
}

#[test]
fn a_drill_waits_for_quiet_and_one_that_cannot_read_comes_again() {
    let mut bench = saved();
    bench.blind = true;
    bench.wait(DUE);
    assert_eq!(bench.drilled(), None);
    assert!(matches!(bench.ask(&Ask::Drill), Answer::Problem(_)));
    bench.blind = false;
    bench.wait(Span::minutes(1));
    assert_eq!(bench.drilled().unwrap().failed, None);
    // What is kept of it is not lost when a person changes a setting.
    let settings = Settings { offer_only: true, ..Settings::default() };
    assert_eq!(bench.ask(&Ask::Change(settings)), Answer::Done);
    assert!(bench.drilled().is_some());
    let mut paused = saved();
    paused.ask(&Ask::Change(Settings { paused: true, ..Settings::default() }));
    paused.wait(DUE);
    assert_eq!(paused.drilled(), None);
}

#[test]
fn every_chat_has_its_turn_by_chance() {
    let (head, turn) = crashed();
    let mut records = Vec::new();
    for name in ["one", "two", "three"] {
        let id = SessionId(format!("claude/a/{name}"));
        let head = SessionHead { id: id.clone(), ended: None, ..head.clone() };
        let turn = codec::open_turn(&turn).unwrap();
        records.extend([codec::session_record(&head), codec::turn_record(&id, &turn)]);
    }
    let mut bench = Bench::new(records);
    let mut tried = std::collections::BTreeSet::new();
    for _ in 0..40 {
        bench.now = bench.now.after(Span(1));
        tried.insert(bench.try_now().session);
        bench.wait(Span(2 * COPY_AFTER.0));
    }
    assert_eq!(tried.len(), 3);
}

#[test]
fn what_a_repair_put_right_can_be_tried_at_once() {
    let mut bench = spoilt(saved(), StoreName::Turns);
    bench.status();
    bench.check(true);
    bench.wait(Span(2 * COPY_AFTER.0));
    assert_eq!(bench.try_now().failed, None);
}
