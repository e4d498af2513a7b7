//! Risk and context as a drawing, and what all chats add up to as tables.

use super::past::checkpoint;
use super::{NOW, before, head};
use shim::base::{Moment, SessionId, Span};
use shim::view::chart::{Chart, SIDE, chart};
use shim::view::detail::Past;
use shim::view::metrics::board;
use shim::wire::metrics::{Group, Metric, MetricKind, Metrics, MetricsView, Window};
use shim::wire::records::{Happened, ResumeHead, SessionHead, What};
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::signals::Trend;
use shim::wire::state::Trigger;

fn window(from: Moment, score_permille: u32, context_permille: u32) -> Window {
    Window { from, count: 1, score_permille, context_permille, ..Window::default() }
}

fn drawn(windows: Vec<Window>, past: &Past<'_>) -> Option<Chart> {
    let course = MetricsView { windows, risk_trend: Trend::Rising, ..MetricsView::default() };
    chart(&course, past, NOW)
}

#[test]
fn risk_and_context_are_lines_and_what_happened_are_marks_between_them() {
    let minutes = |count| before(Span::minutes(count));
    // A night between the second and the third window takes no room.
    let windows = vec![
        window(minutes(1_000), 100, 200),
        window(minutes(990), 300, 400),
        window(minutes(20), 500, 600),
        window(minutes(10), 900, 1_200),
    ];
    let ended = |at| Happened { at, what: What::Ended(EndReason::TabCrashed) };
    let head = SessionHead {
        happened: vec![
            Happened { at: minutes(950), what: What::Left },
            ended(minutes(990)),
            ended(minutes(5)),
        ],
        ended: Some((EndReason::TabCrashed, minutes(5))),
        ..head("claude/a/1", Span(0))
    };
    let age = Span::minutes;
    let of = |minutes| checkpoint(1, age(minutes), Trigger::UserRequested);
    let checkpoints = [of(1_000), of(995), of(505), of(10), of(1), of(2_000)];
    let resumes = [
        ResumeHead {
            stage: Some(ResumeStage::Answered),
            stage_at: minutes(4),
            ..ResumeHead::default()
        },
        ResumeHead { stage: Some(ResumeStage::Declined), ..ResumeHead::default() },
    ];
    let past = Past { head: &head, checkpoints: &checkpoints, resumes: &resumes, listed: &[] };
    let chart = drawn(windows, &past).unwrap();
    assert_eq!(chart.risk, "M0 900L313 700L626 500L940 100");
    assert_eq!(chart.context, "M0 800L313 600L626 400L940 0", "more than all is all");
    let tick = |x: u32| format!("M{x} 900V{SIDE}");
    assert_eq!(chart.saved, [0, 156, 470, 940, 985, 0].map(tick).concat());
    assert_eq!(chart.failed, "M313 0V1000M955 0V1000");
    assert_eq!(chart.carried_on, "M970 0V1000");
    assert_eq!(chart.danger, "M0 0H1000V250H0Z");
    assert_eq!(chart.warning, "M0 250H1000V600H0Z");
    assert_eq!((chart.from.as_str(), chart.to.as_str()), ("16 h ago", "10 min ago"));
    assert_eq!(
        chart.told,
        "Risk 10 % at first and 90 % at last, rising. Context 120 % of its window, steady. 6 \
         checkpoints, broken off 2 times, carried on 1 time."
    );
}

#[test]
fn little_and_nothing_are_drawn_too() {
    let head = head("claude/a/1", Span(0));
    let past = Past { head: &head, checkpoints: &[], resumes: &[], listed: &[] };
    assert_eq!(drawn(Vec::new(), &past), None);
    let one = drawn(vec![window(NOW, 250, 0)], &past).unwrap();
    assert_eq!(one.risk, "M0 750H940");
    // A clock that was set back: two windows at one moment, and a mark before all.
    let ended = Some((EndReason::Unknown, Moment(0)));
    let head = SessionHead { ended, ..head.clone() };
    let past = Past { head: &head, ..past };
    let two = drawn(vec![window(NOW, 0, 0), window(NOW, u32::MAX, 0)], &past).unwrap();
    assert_eq!((two.risk.as_str(), two.failed.as_str()), ("M0 1000L940 0", "M0 0V1000"));
}

#[test]
fn the_tables_hold_all_chats_and_every_group() {
    let values = |value: Option<f64>| {
        MetricKind::ALL.map(|kind| Metric { kind, value, samples: 2 }).to_vec()
    };
    let group = |of, value| Metrics { of, values: values(value) };
    let groups = [
        group(Group::All, Some(1.0)),
        group(Group::Site("claude".into()), Some(0.5)),
        group(Group::Model(String::new()), None),
        group(Group::Day(20_000), Some(f64::NAN)),
        group(Group::Day(20_001), Some(2.0)),
        group(Group::Session(SessionId::from("claude/a/1")), Some(3.0)),
    ];
    let board = board(&groups);
    assert_eq!(board.all.len(), MetricKind::ALL.len());
    assert_eq!(board.all[0].value, "1.0 in 10 hours of chat");
    assert_eq!(board.columns.len(), MetricKind::ALL.len());
    let headings: Vec<&str> = board.groups.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(headings, ["By site", "By model", "By day"]);
    let names = |at: usize| board.groups[at].1.iter().map(|(name, _)| name.as_str());
    assert_eq!(names(0).collect::<Vec<_>>(), ["Claude"]);
    assert_eq!(names(1).collect::<Vec<_>>(), ["Model not shown"]);
    assert_eq!(names(2).collect::<Vec<_>>(), ["2024-10-05", "2024-10-04"], "newest first");
    let cells = |at: usize| board.groups[at].1.last().unwrap().1.join(" ");
    assert_eq!(cells(0), "0.5 0 s 50 % 0.5 0 50 % 50 % 0 s");
    assert_eq!(cells(2), ["–"; 8].join(" "), "what is no number is no data");
}
