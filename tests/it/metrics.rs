//! Metrics: sums of stored chats and resumes, windows of snapshots, and their words.

use shim::background::{Sums, Windows};
use shim::base::chance::Chance;
use shim::base::{Moment, SessionId, Span};
use shim::view::metrics::{NO_DATA, group, line};
use shim::wire::history::{DayTally, HistoryNote, Snapshot};
use shim::wire::metrics::{Direction, Group, Metric, MetricKind, Metrics};
use shim::wire::records::{Happened, ResumeHead, SessionHead, What};
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::signals::Trend;

const DAY: u32 = 20_717;

/// So many hours into the day of these tests.
fn hour(hours: u64) -> Moment {
    Moment(u64::from(DAY) * 24 * 3_600_000 + hours * 3_600_000)
}

fn chat(id: &str, site: &str, model: &str, opened: u64, left: u64) -> SessionHead {
    let active_ms = (left - opened) * 3_600_000;
    let tally = DayTally { day: DAY, active_ms, snapshots: 10, ..DayTally::default() };
    let history = HistoryNote { days: vec![tally], ..HistoryNote::default() };
    SessionHead {
        id: SessionId::from(id),
        site: site.into(),
        model: model.into(),
        started_at: hour(opened),
        updated_at: hour(left),
        happened: vec![Happened { at: hour(left), what: What::Left }],
        history,
        ..SessionHead::default()
    }
}

fn crash(head: &mut SessionHead, at: Moment, reason: EndReason) {
    head.happened = vec![Happened { at, what: What::Ended(reason) }];
    head.ended = Some((reason, at));
}

fn resume(from: &str, crashed: Moment, seconds: u64, stage: ResumeStage) -> ResumeHead {
    ResumeHead {
        id: format!("{from}@{}", crashed.0).as_str().into(),
        from: SessionId::from(from),
        reason: EndReason::TabCrashed,
        crashed_at: crashed,
        stage: Some(stage),
        document: Some("d".into()),
        placed_at: Some(crashed.after(Span::seconds(seconds))),
        fidelity: 0.75,
        ..ResumeHead::default()
    }
}

fn values(heads: &[SessionHead], resumes: &[ResumeHead], of: &Group) -> Vec<Metric> {
    let all = Sums::of(heads.iter(), resumes.iter(), hour(24));
    let mut found = all.metrics(|group| group == of);
    found.pop().map(|metrics: Metrics| metrics.values).unwrap_or_default()
}

fn value(values: &[Metric], kind: MetricKind) -> Option<f64> {
    values.iter().find(|metric| metric.kind == kind).unwrap().value
}

#[test]
fn without_data_nothing_is_good_or_bad() {
    let all = values(&[], &[], &Group::All);
    assert_eq!(all.len(), MetricKind::ALL.len());
    for metric in &all {
        assert_eq!((metric.value, metric.samples), (None, 0), "{:?}", metric.kind);
        assert_eq!((line(metric).value.as_str(), line(metric).samples.as_str()), (NO_DATA, ""));
    }
    // A crash in the first minutes says nothing of ten hours either.
    let mut young = chat("c/a/1", "claude", "m", 1, 1);
    crash(&mut young, hour(2), EndReason::TabCrashed);
    assert_eq!(value(&values(&[young], &[], &Group::All), MetricKind::Crashes), None);
}

#[test]
fn crashes_are_counted_once_in_ten_hours_of_chat_and_limits_are_none() {
    let mut one = chat("c/a/1", "claude", "m", 0, 4);
    crash(&mut one, hour(4), EndReason::TabCrashed);
    let mut two = chat("c/a/2", "claude", "m", 4, 5);
    crash(&mut two, hour(5), EndReason::ContextFull);
    let heads = [one, two];
    // Its head tells of it twice, and its resume as well.
    let resumes = [resume("c/a/1", hour(4), 9, ResumeStage::Answered)];
    let all = values(&heads, &resumes, &Group::All);
    assert_eq!(value(&all, MetricKind::Crashes), Some(2.0), "one in five hours");
    assert_eq!(value(&all, MetricKind::Active), Some(5.0 * 3_600_000.0));
    let second = values(&heads, &resumes, &Group::Session("c/a/2".into()));
    assert_eq!(value(&second, MetricKind::Crashes), Some(0.0));
}

#[test]
fn resumes_tell_of_recovery_loss_and_clicks() {
    let heads = [chat("c/a/1", "claude", "m", 0, 9)];
    let mut resumes = vec![
        resume("c/a/1", hour(1), 10, ResumeStage::Answered),
        resume("c/a/1", hour(2), 20, ResumeStage::Placed),
        resume("c/a/1", hour(3), 90, ResumeStage::Undone),
    ];
    let all = values(&heads, &resumes, &Group::All);
    assert_eq!(value(&all, MetricKind::Recovery), Some(20_000.0), "the median");
    assert_eq!(value(&all, MetricKind::ContextLoss), Some(0.25));
    assert_eq!(value(&all, MetricKind::Interventions), Some(2.0 / 3.0));
    // One that a person asked for took two clicks; the note that no other is made is no click.
    let asked = ResumeHead { asked: true, ..resume("c/a/1", hour(4), 5, ResumeStage::Sent) };
    let note = ResumeHead {
        document: None,
        placed_at: None,
        ..resume("c/a/1", hour(4), 0, ResumeStage::Declined)
    };
    let waits = ResumeHead { placed_at: None, ..resume("c/a/1", hour(5), 0, ResumeStage::Waiting) };
    resumes.extend([asked, note, waits]);
    let all = values(&heads, &resumes, &Group::All);
    assert_eq!(value(&all, MetricKind::Interventions), Some(1.0));
    // What was stored before this was noted tells no time.
    let old = [ResumeHead { placed_at: None, ..resumes[0].clone() }];
    let all = values(&heads, &old, &Group::All);
    assert_eq!(value(&all, MetricKind::Recovery), None);
    assert_eq!(value(&all, MetricKind::Interventions), Some(1.0));
}

#[test]
fn chats_in_parallel_are_those_that_were_open_at_once() {
    let mut heads = vec![
        chat("c/a/1", "claude", "m", 0, 4),
        chat("c/a/2", "claude", "n", 3, 6),
        chat("g/a/3", "chatgpt", "n", 4, 8),
    ];
    let all = values(&heads, &[], &Group::All);
    assert_eq!(value(&all, MetricKind::Parallel), Some(2.0), "one ends as the third begins");
    let claude = values(&heads, &[], &Group::Site("claude".into()));
    assert_eq!(value(&claude, MetricKind::Parallel), Some(2.0));
    let n = values(&heads, &[], &Group::Model("n".into()));
    assert_eq!(value(&n, MetricKind::Parallel), Some(2.0));
    let day = values(&heads, &[], &Group::Day(DAY));
    assert_eq!(value(&day, MetricKind::Parallel), Some(2.0));
    // Opened again, the first is there a second time.
    heads[0].happened.push(Happened { at: hour(5), what: What::Opened });
    heads[0].happened.push(Happened { at: hour(7), what: What::Left });
    assert_eq!(value(&values(&heads, &[], &Group::All), MetricKind::Parallel), Some(3.0));
    heads[0].deleted_at = Some(hour(8));
    assert_eq!(value(&values(&heads, &[], &Group::All), MetricKind::Parallel), Some(2.0));
}

#[test]
fn groups_add_up_to_the_whole() {
    let mut chance = Chance::new(11);
    let heads: Vec<SessionHead> = (0..40)
        .map(|n| {
            let from = chance.below(20);
            let to = from + 1 + chance.below(4);
            let site = ["claude", "chatgpt"][chance.below(2) as usize];
            let model = ["m", "n", ""][chance.below(3) as usize];
            let mut head = chat(&format!("{site}/a/{n}"), site, model, from, to);
            if chance.percent(30) {
                crash(&mut head, hour(to), EndReason::TabCrashed);
            }
            head
        })
        .collect();
    let all = Sums::of(heads.iter(), [].iter(), hour(24)).metrics(|_| true);
    let samples = |wanted: fn(&Group) -> bool, kind| -> u32 {
        let groups = all.iter().filter(|metrics| wanted(&metrics.of));
        groups.flat_map(|m| &m.values).filter(|v| v.kind == kind).map(|v| v.samples).sum()
    };
    for kind in [MetricKind::Crashes, MetricKind::Parallel, MetricKind::Active] {
        let whole = samples(|of| *of == Group::All, kind);
        assert!(whole > 0);
        for part in [
            |of: &Group| matches!(of, Group::Site(_)),
            |of: &Group| matches!(of, Group::Model(_)),
            |of: &Group| matches!(of, Group::Session(_)),
        ] {
            assert_eq!(samples(part, kind), whole, "{kind:?}");
        }
    }
}

fn taken(minute: u64, score: u32) -> Snapshot {
    let (lowest_permille, highest_permille) = (score, score);
    let at = hour(0).after(Span::minutes(minute));
    let (count, score_permille, context_permille) = (1, score, score);
    let since = at;
    Snapshot {
        at,
        since,
        count,
        score_permille,
        lowest_permille,
        highest_permille,
        context_permille,
        ..Snapshot::default()
    }
}

fn windows(scores: impl Iterator<Item = u32>) -> Windows {
    let mut windows = Windows::default();
    (0..).zip(scores).for_each(|(minute, score)| windows.add(&taken(minute, score)));
    windows
}

#[test]
fn windows_are_bounded_and_lose_neither_the_lowest_nor_the_highest() {
    let mut chance = Chance::new(5);
    let scores: Vec<u32> = (0..5_000).map(|_| chance.below(1_000) as u32).collect();
    let windows = windows(scores.iter().copied());
    let list = windows.list();
    assert!((60..=120).contains(&list.len()), "{}", list.len());
    assert_eq!(list.iter().map(|window| window.count).sum::<u32>(), 5_000);
    let lowest = list.iter().map(|window| window.lowest_permille).min();
    let highest = list.iter().map(|window| window.highest_permille).max();
    assert_eq!((lowest, highest), (scores.iter().copied().min(), scores.iter().copied().max()));
    assert_eq!(list.last().map(|window| window.score_permille), scores.last().copied());
    assert!(list.windows(2).all(|pair| pair[0].from < pair[1].from));
}

#[test]
fn a_trend_is_relative_and_significant() {
    let of = |scores: &[u32]| windows(scores.iter().copied()).trend(|w| w.score_permille);
    assert_eq!(of(&[100, 200, 300, 400]), Trend::Stable, "too few");
    assert_eq!(of(&[100, 200, 300, 400, 500]), Trend::Rising);
    assert_eq!(of(&[500, 460, 420, 380, 340]), Trend::Falling);
    assert_eq!(of(&[300; 9]), Trend::Stable);
    assert_eq!(of(&[500, 501, 502, 503, 504]), Trend::Stable, "not relative");
    assert_eq!(of(&[100, 900, 200, 950, 300, 800, 150]), Trend::Stable, "not significant");
    assert_eq!(of(&[]), Trend::Stable);
}

#[test]
fn values_are_told_with_their_unit_and_their_direction() {
    let said = |kind, value, samples| line(&Metric { kind, value: Some(value), samples });
    assert_eq!(said(MetricKind::Crashes, 0.52, 3).value, "0.5 in 10 hours of chat");
    assert_eq!(said(MetricKind::Recovery, 12_400.0, 1).value, "12 s");
    assert_eq!(said(MetricKind::Recovery, 12_400.0, 1).samples, "1 resume");
    assert_eq!(said(MetricKind::ContextLoss, 0.25, 2).value, "25 %");
    assert_eq!(said(MetricKind::Interventions, 1.0, 2).value, "1.0 clicks");
    assert_eq!(said(MetricKind::Parallel, 3.0, 9).value, "3 chats");
    assert_eq!(said(MetricKind::Active, 7_200_000.0, 9).value, "2 hours");
    assert_eq!(said(MetricKind::Crashes, f64::NAN, 3).value, NO_DATA);
    assert_eq!(said(MetricKind::Crashes, 1.0, 3).better, "lower is better");
    assert_eq!(MetricKind::Parallel.direction(), Direction::Higher);
    assert_eq!(group(&Group::Day(0)), "1970-01-01");
    assert_eq!(group(&Group::Day(DAY)), "2026-09-21");
    assert_eq!(group(&Group::Day(19_782)), "2024-02-29");
    assert_eq!(group(&Group::Model(String::new())), "Model not shown");
    let names: Vec<_> = MetricKind::ALL.map(|kind| said(kind, 1.0, 1).name).to_vec();
    assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1));
}
