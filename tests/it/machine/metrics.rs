//! Metrics as an extension page asks the machine for them.

use super::*;
use shim::base::Span;
use shim::wire::metrics::{Group, MetricKind, MetricsView};
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::signals::{Risk, RiskLevel, Trend};

fn metrics(bench: &mut Bench, session: Option<SessionId>) -> MetricsView {
    match bench.ask(&Ask::Metrics { session }).pop() {
        Some(Answer::Metrics(view)) => *view,
        other => panic!("no metrics: {other:?}"),
    }
}

fn value(view: &MetricsView, of: &Group, kind: MetricKind) -> Option<f64> {
    let group = view.groups.iter().find(|metrics| metrics.of == *of).expect("the group");
    group.values.iter().find(|metric| metric.kind == kind).expect("the kind").value
}

/// The engine of page 1 tells its risk once a minute for so long.
fn chats_on(bench: &mut Bench, minutes: u32, score: impl Fn(u32) -> f64) {
    for minute in 0..minutes {
        bench.now = bench.now.after(Span::minutes(1));
        let risk = Risk { level: RiskLevel::Safe, score: score(minute), ..Risk::default() };
        let (session, meter) = (session("one"), r#"{"meter":{}}"#.to_owned());
        let (banner, gaps) = (None, Vec::new());
        bench.say(1, ToBackground::Meter { session, meter, risk, banner, busy: false, gaps });
    }
}

#[test]
fn the_way_from_a_crash_to_the_answer_is_measured_and_survives_a_killed_worker() {
    let mut bench = Bench::new(&stored("one").1);
    assert_eq!(value(&metrics(&mut bench, None), &Group::All, MetricKind::Crashes), None);
    bench.open(1, 7, Some("one"));
    chats_on(&mut bench, 301, |_| 0.1);
    // The tab's process dies; a fresh chat of the same site gets the prompt.
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    let crashed_at = bench.now;
    while bench.head(&session("one")).ended.is_none() {
        bench.wake();
        let state = shim::wire::background::TabState {
            status: "unloaded".into(),
            url: "https://claude.ai/chat/one".into(),
            ..Default::default()
        };
        bench.step(BackEvent::TabSeen { tab: TabId(7), state: Some(state) });
    }
    assert_eq!(bench.head(&session("one")).ended, Some((EndReason::TabCrashed, crashed_at)));
    bench.open(2, 8, None);
    assert_eq!(bench.prompts(2).len(), 1);
    let resume = bench.resumes()[0].id.clone();
    let report = |bench: &mut Bench, seconds: u64, stage| {
        bench.now = crashed_at.after(Span::seconds(seconds));
        let (resume, session) = (resume.clone(), None);
        bench.say(2, ToBackground::Resume { resume, stage, session });
    };
    report(&mut bench, 60, ResumeStage::Placed);
    report(&mut bench, 90, ResumeStage::Sent);
    report(&mut bench, 95, ResumeStage::Answered);

    let mut bench = bench.restarted();
    let view = metrics(&mut bench, None);
    let of_day = Group::Day((crashed_at.0 / 86_400_000) as u32);
    for group in [Group::All, Group::Site("claude".into()), Group::Model(String::new()), of_day] {
        assert_eq!(value(&view, &group, MetricKind::Crashes), Some(2.0), "{group:?}");
        assert_eq!(value(&view, &group, MetricKind::Recovery), Some(60_000.0), "{group:?}");
        assert_eq!(value(&view, &group, MetricKind::Interventions), Some(1.0), "{group:?}");
        assert_eq!(value(&view, &group, MetricKind::Parallel), Some(1.0), "{group:?}");
        let lost = value(&view, &group, MetricKind::ContextLoss).unwrap();
        assert!((0.0..1.0).contains(&lost), "{lost}");
    }
    assert!(!view.groups.iter().any(|metrics| matches!(metrics.of, Group::Session(_))));
}

#[test]
fn one_chat_is_told_with_its_windows_and_how_they_go() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    chats_on(&mut bench, 30, |minute| 0.1 + f64::from(minute) * 0.02);
    let view = metrics(&mut bench, Some(session("one")));
    assert_eq!(view.groups.len(), 1);
    let this = Group::Session(session("one"));
    assert_eq!(value(&view, &this, MetricKind::Active), Some(29.0 * 60_000.0));
    assert_eq!((view.windows.len(), view.risk_trend), (30, Trend::Rising));
    assert_eq!(view.context_trend, Trend::Stable);
    let gone = bench.ask(&Ask::Metrics { session: Some(session("none")) });
    assert!(matches!(gone[..], [Answer::Problem(_)]));
}
