//! Which checkpoints stay: by age, by count, by bytes, and which of them in any case.

use shim::base::chance::Chance;
use shim::base::limits::{CHECKPOINTS_COARSE, CHECKPOINTS_FINE, CHECKPOINTS_NEWEST};
use shim::base::{Moment, Span};
use shim::session::keeping::{Kept, Shelf};
use shim::wire::keeping::{Keeping, Which};
use shim::wire::records::CheckpointHead;
use shim::wire::signals::{Risk, RiskLevel};
use shim::wire::state::Trigger;
use std::collections::BTreeSet;

const NOW: Moment = Moment(1_790_000_000_000);
const DAY: u64 = 24 * 3_600_000;

/// Checkpoint number `number`, so long ago.
fn aged(number: u32, age: Span) -> Kept {
    let head = CheckpointHead {
        number,
        created_at: Moment(NOW.0 - age.0),
        trigger: Trigger::ToolCallInterval,
        risk: Risk::default(),
        turn_count: 1,
        call_count: 0,
        sizes: Vec::new(),
        request: (String::new(), u64::from(number)),
        restored: None,
        pinned: false,
    };
    (head, 100)
}

/// So many checkpoints, one for each `every`, the newest now.
fn row(count: u32, every: Span) -> Vec<Kept> {
    (1..=count).map(|n| aged(n, Span(every.0 * u64::from(count - n)))).collect()
}

fn going(all: &[Kept], rule: Keeping) -> BTreeSet<u32> {
    Shelf::of(all, &BTreeSet::new(), rule).going(NOW)
}

fn stay(all: &[Kept], rule: Keeping) -> Vec<u32> {
    let gone = going(all, rule);
    all.iter().map(|(head, _)| head.number).filter(|number| !gone.contains(number)).collect()
}

#[test]
fn nobody_loses_what_is_of_today() {
    let rule = Keeping::default();
    assert_eq!((rule.days, rule.count), (30, 200));
    assert!(going(&[], rule).is_empty());
    assert!(going(&row(200, Span::minutes(7)), rule).is_empty());
    assert!(going(&row(CHECKPOINTS_NEWEST as u32, Span::hours(14)), rule).is_empty());
}

/// Case 24: retention of 30 days. 35 days gone, 15 kept. A person may say otherwise.
#[test]
fn what_is_too_old_goes_and_the_newest_never() {
    let all = [aged(1, Span(35 * DAY)), aged(2, Span(30 * DAY)), aged(3, Span(15 * DAY))];
    assert_eq!(stay(&all, Keeping::default()), [2, 3]);
    assert_eq!(stay(&all, Keeping { days: 20, ..Keeping::default() }), [3]);
    assert_eq!(stay(&all, Keeping { days: 0, ..Keeping::default() }), [1, 2, 3]);
    assert_eq!(stay(&all[..1], Keeping::default()), [1], "the newest, however old it is");
    // The clock was set back since: nothing is old.
    let ahead = [aged(1, Span(0)), aged(2, Span(0))].map(|(head, size)| {
        (CheckpointHead { created_at: NOW.after(Span(90 * DAY)), ..head }, size)
    });
    assert_eq!(stay(&ahead, Keeping::default()), [1, 2]);
}

#[test]
fn what_is_old_is_thinned_to_one_an_hour_and_later_to_one_a_day() {
    // Four an hour for ten days, beside the newest that stand by themselves.
    let mut all = row(960, Span::minutes(15));
    let rule = Keeping { count: 0, ..Keeping::default() };
    let ages = |all: &[Kept]| -> Vec<u64> {
        let gone = going(all, rule);
        let left = all.iter().filter(|(head, _)| !gone.contains(&head.number));
        left.map(|(head, _)| NOW.since(head.created_at).0).collect()
    };
    let between = |from: Span, to: Span, ages: &[u64]| {
        ages.iter().filter(|age| **age > from.0 && **age <= to.0).count()
    };
    let left = ages(&all);
    assert_eq!(between(Span(0), Span::hours(12), &left), 48);
    assert_eq!(between(Span::hours(12), CHECKPOINTS_FINE, &left), 48);
    assert!((144..=146).contains(&between(CHECKPOINTS_FINE, CHECKPOINTS_COARSE, &left)));
    assert!((3..=4).contains(&between(CHECKPOINTS_COARSE, Span(30 * DAY), &left)));
    // Of an hour the one stays that a person asked for, or that tells of most.
    for (place, trigger) in [(2, Trigger::UserRequested), (3, Trigger::RiskyOperation)] {
        let hour_of = |place: usize| all[place].0.created_at.0 / 3_600_000;
        let hour = (400..).find(|place| hour_of(*place) != hour_of(place - 1)).unwrap();
        all[hour + place].0.trigger = trigger;
        let gone = going(&all, rule);
        assert!(!gone.contains(&all[hour + 2].0.number), "a person asked for it");
    }
}

#[test]
fn of_too_many_the_oldest_go() {
    let all = row(260, Span::minutes(1));
    assert_eq!(stay(&all, Keeping::default()), (61..=260).collect::<Vec<_>>());
    assert_eq!(stay(&all, Keeping { count: 3, ..Keeping::default() }), [258, 259, 260]);
    assert_eq!(stay(&all, Keeping { count: 0, ..Keeping::default() }).len(), 260);
}

/// A chat of checkpoints of all kinds, most of which could go.
fn mixed(dice: &mut Chance) -> (Vec<Kept>, BTreeSet<u32>) {
    let mut age = 0;
    let mut all: Vec<Kept> = Vec::new();
    for number in (1..=dice.below(120) as u32).rev() {
        age += dice.below(2 * 3_600_000) * dice.below(12);
        let mut one = aged(number, Span(age));
        one.1 = dice.below(1_000);
        one.0.pinned = dice.percent(5);
        one.0.restored = dice.percent(5).then_some((NOW, 0.0));
        one.0.risk.level = match dice.below(10) {
            0 => RiskLevel::Danger,
            1..4 => RiskLevel::Warning,
            _ => RiskLevel::Safe,
        };
        all.push(one);
    }
    all.reverse();
    let used = all.iter().filter(|_| dice.percent(4)).map(|(head, _)| head.number).collect();
    (all, used)
}

#[test]
fn what_is_safe_never_goes_whatever_the_rule() {
    for seed in 0..200 {
        let mut dice = Chance::new(seed);
        let (all, used) = mixed(&mut dice);
        let rule = Keeping {
            days: dice.below(40) as u32,
            count: dice.below(60) as u32,
            ..Keeping::default()
        };
        let shelf = Shelf::of(&all, &used, rule);
        let now = NOW.after(Span(dice.below(60) * DAY));
        let gone = shelf.going(now);
        let freed = shelf.freeing(u64::MAX);
        let spare: u64 =
            all.iter().filter(|(head, _)| freed.contains(&head.number)).map(|one| one.1).sum();
        assert_eq!(spare, shelf.spare_bytes(), "seed {seed}");
        assert!(gone.is_subset(&freed), "seed {seed}: what goes may go");
        let danger = all.iter().rfind(|(head, _)| head.risk.level == RiskLevel::Danger);
        let newest = all.last();
        for (head, _) in all.iter().filter(|(head, _)| freed.contains(&head.number)) {
            let number = head.number;
            assert!(!head.pinned && head.restored.is_none(), "seed {seed}: {number}");
            assert!(!used.contains(&number), "seed {seed}: {number} is in use");
            let kept = [danger, newest].into_iter().flatten();
            assert!(kept.into_iter().all(|(kept, _)| kept.number != number), "seed {seed}");
        }
        // Gone with them, nothing else goes then; and what comes next was told.
        let left: Vec<Kept> =
            all.iter().filter(|(head, _)| !gone.contains(&head.number)).cloned().collect();
        let shelf = Shelf::of(&left, &used, rule);
        assert!(shelf.going(now).is_empty(), "seed {seed}");
        let next = shelf.next(now);
        let later = next.unwrap_or(now.after(Span(400 * DAY)));
        assert!(shelf.going(Moment(later.0 - 1)).is_empty(), "seed {seed}: nothing before");
        assert_eq!(next.is_some(), !shelf.going(later).is_empty(), "seed {seed}");
    }
}

#[test]
fn so_many_bytes_are_freed_as_are_wanted_oldest_first() {
    let all = row(10, Span::minutes(1));
    let shelf = Shelf::of(&all, &BTreeSet::from([2]), Keeping::default());
    assert!(shelf.freeing(0).is_empty());
    assert_eq!(shelf.freeing(250), BTreeSet::from([1, 3, 4]));
    assert_eq!((shelf.spare_bytes(), shelf.freeing(u64::MAX).len()), (800, 8));
}

#[test]
fn checkpoints_are_found_by_time_with_both_ends_risk_restored_and_pin() {
    let mut all: Vec<CheckpointHead> =
        row(6, Span::minutes(1)).into_iter().map(|(head, _)| head).collect();
    // Of one moment, the number says which came first.
    all[3].created_at = all[2].created_at;
    all[1].risk.level = RiskLevel::Danger;
    all[4].restored = Some((NOW, 0.0));
    all[5].pinned = true;
    all.reverse();
    let numbers =
        |which: Which| -> Vec<u32> { which.of(&all).into_iter().map(|head| head.number).collect() };
    let any = Which::default();
    assert_eq!(numbers(any), [1, 2, 3, 4, 5, 6]);
    let at = |minutes: u64| Some(Moment(NOW.0 - Span::minutes(minutes).0));
    assert_eq!(numbers(Which { from: at(4), to: at(1), ..any }), [2, 3, 4, 5]);
    assert_eq!(numbers(Which { from: at(3), to: at(3), ..any }), [3, 4]);
    assert_eq!(numbers(Which { from: at(1), to: at(4), ..any }), [] as [u32; 0]);
    assert_eq!(numbers(Which { level: Some(RiskLevel::Danger), ..any }), [2]);
    assert_eq!(numbers(Which { restored: Some(true), ..any }), [5], "of a fidelity of 0 too");
    assert_eq!(numbers(Which { restored: Some(false), pinned: Some(false), ..any }), [1, 2, 3, 4]);
    assert_eq!(numbers(Which { pinned: Some(true), ..any }), [6]);
}
