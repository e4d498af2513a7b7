//! The rule of risk, by the numbered cases of the reference behaviour.

use shim::base::chance::Chance;
use shim::base::{Moment, Span};
use shim::session::risk::{Told, assess, page_fails};
use shim::wire::chat::BannerClass;
use shim::wire::signals::{FactorKind, Risk, RiskLevel, Signals};
use shim::wire::tuning::Tuning;

fn risk(signals: &Signals) -> Risk {
    assess(signals, &Tuning::default(), None)
}

fn level(signals: Signals) -> RiskLevel {
    risk(&signals).level
}

fn context(usage: f64) -> Signals {
    Signals { context_window_usage: usage, ..Signals::default() }
}

fn messages(count: u32) -> Signals {
    Signals { message_count: count, ..Signals::default() }
}

fn failures(rate: f64, samples: u32) -> Signals {
    Signals { tool_failure_rate: rate, tool_failure_samples: samples, ..Signals::default() }
}

fn minutes(count: u64) -> Signals {
    Signals { session_duration_ms: count * 60_000, ..Signals::default() }
}

/// Case 1: nothing said is no risk at all.
#[test]
fn nothing_is_safe() {
    assert_eq!(risk(&Signals::default()), Risk::default());
}

/// Case 12: 60 % of the window is a warning; 75 % alone is danger.
#[test]
fn context_decides_alone() {
    assert_eq!(level(context(0.599)), RiskLevel::Safe);
    assert_eq!(level(context(0.60)), RiskLevel::Warning);
    assert_eq!(level(context(0.749)), RiskLevel::Warning);
    assert_eq!(level(context(0.75)), RiskLevel::Danger);
    assert_eq!(level(context(3.0)), RiskLevel::Danger);
}

/// Case 13: 35 messages are a warning, 50 alone too; 50 and 15 calls are danger.
#[test]
fn two_dangers_are_danger() {
    assert_eq!(level(messages(34)), RiskLevel::Safe);
    assert_eq!(level(messages(35)), RiskLevel::Warning);
    assert_eq!(level(messages(50)), RiskLevel::Warning);
    let both = |calls| Signals { tool_calls_since_checkpoint: calls, ..messages(50) };
    assert_eq!(level(both(14)), RiskLevel::Warning);
    assert_eq!(level(both(15)), RiskLevel::Danger);
}

/// Case 14: ten calls that went well and five that failed are danger: a third failed, and fifteen
/// are unsaved.
#[test]
fn many_failures_are_danger() {
    let signals = Signals { tool_calls_since_checkpoint: 15, ..failures(5.0 / 15.0, 15) };
    let risk = risk(&signals);
    assert_eq!(risk.level, RiskLevel::Danger);
    let kinds: Vec<FactorKind> = risk.factors.iter().map(|factor| factor.signal).collect();
    assert_eq!(kinds, [FactorKind::FailureRate, FactorKind::CallsSinceCheckpoint]);
}

/// Every threshold of the table, at it and just below it.
#[test]
fn thresholds_are_reached_at_their_value() {
    use RiskLevel::{Danger, Safe, Warning};
    let calls = |count| Signals { tool_calls_since_checkpoint: count, ..Signals::default() };
    let latency = |ms, samples| Signals {
        response_latency_avg_ms: ms,
        response_latency_samples: samples,
        ..Signals::default()
    };
    for (signals, expected) in [
        (minutes(59), Safe),
        (minutes(60), Warning),
        (minutes(90), Danger),
        (calls(9), Safe),
        (calls(10), Warning),
        (calls(15), Danger),
        (failures(0.14, 50), Safe),
        (failures(0.15, 50), Warning),
        (failures(0.20, 50), Danger),
        (failures(1.0, 4), Safe),
        (latency(1_999.0, 9), Safe),
        (latency(2_000.0, 9), Warning),
        (latency(5_000.0, 9), Danger),
        (latency(60_000.0, 4), Safe),
    ] {
        let factors = risk(&signals).factors;
        let found = factors.first().map_or(Safe, |factor| factor.level);
        assert_eq!(found, expected, "{signals:?}");
        // One danger alone, if it is not the context, is a warning.
        let whole = if expected == Safe { Safe } else { Warning };
        assert_eq!(level(signals), whole);
    }
}

#[test]
fn the_sites_word_is_danger() {
    for (banner, expected) in [
        (BannerClass::Full, RiskLevel::Danger),
        (BannerClass::Fatal, RiskLevel::Danger),
        (BannerClass::Limit, RiskLevel::Danger),
        (BannerClass::Retryable, RiskLevel::Safe),
        (BannerClass::Progress, RiskLevel::Safe),
        (BannerClass::Unknown, RiskLevel::Safe),
    ] {
        let risk = assess(&Signals::default(), &Tuning::default(), Some(banner));
        assert_eq!(risk.level, expected, "{banner:?}");
        assert_eq!(risk.factors.is_empty(), expected == RiskLevel::Safe);
    }
    let risk = assess(&context(0.9), &Tuning::default(), Some(BannerClass::Limit));
    assert_eq!(risk.factors[0].signal, FactorKind::SiteBanner);
}

#[test]
fn factors_come_most_serious_first() {
    let signals = Signals {
        session_duration_ms: 61 * 60_000,
        message_count: 49,
        tool_calls_since_checkpoint: 45,
        ..context(0.76)
    };
    let risk = risk(&signals);
    let told: Vec<_> = risk.factors.iter().map(|f| (f.signal, f.level, f.threshold)).collect();
    assert_eq!(
        told,
        [
            (FactorKind::Context, RiskLevel::Danger, 0.75),
            (FactorKind::CallsSinceCheckpoint, RiskLevel::Danger, 15.0),
            (FactorKind::Messages, RiskLevel::Warning, 35.0),
            (FactorKind::Duration, RiskLevel::Warning, 60.0),
        ]
    );
    assert_eq!(risk.factors[3].value, 61.0);
}

/// A signal that grows never lowers the score or the level; the score agrees with the level.
#[test]
fn the_score_grows_with_every_signal() {
    let mut dice = Chance::new(4);
    for _ in 0..3_000 {
        let mut signals = Signals {
            context_window_usage: dice.below(100) as f64 / 100.0,
            message_count: u32::try_from(dice.below(60)).unwrap(),
            session_duration_ms: dice.below(120) * 60_000,
            tool_calls_since_checkpoint: u32::try_from(dice.below(20)).unwrap(),
            tool_failure_rate: dice.below(30) as f64 / 100.0,
            tool_failure_samples: u32::try_from(dice.below(10)).unwrap(),
            response_latency_avg_ms: dice.below(7_000) as f64,
            response_latency_samples: u32::try_from(dice.below(10)).unwrap(),
            ..Signals::default()
        };
        let before = risk(&signals);
        let band = match before.level {
            RiskLevel::Safe => 0.0..0.4,
            RiskLevel::Warning => 0.4..0.75,
            RiskLevel::Danger => 0.75..1.001,
        };
        assert!(band.contains(&before.score), "{before:?}");
        match dice.below(8) {
            0 => signals.context_window_usage += 0.2,
            1 => signals.message_count += 9,
            2 => signals.session_duration_ms += 1_000_000,
            3 => signals.tool_calls_since_checkpoint += 3,
            4 => signals.tool_failure_rate += 0.1,
            5 => signals.tool_failure_samples += 3,
            6 => signals.response_latency_avg_ms += 2_000.0,
            _ => signals.response_latency_samples += 3,
        }
        let after = risk(&signals);
        assert!(after.score >= before.score && after.level >= before.level);
        let told = assess(&signals, &Tuning::default(), Some(BannerClass::Fatal));
        assert!(told.score >= after.score && told.level == RiskLevel::Danger);
    }
}

/// Thresholds may be learned and stored: nonsense switches a signal off, and no score is a NaN,
/// which JSON could not hold.
#[test]
fn nonsense_switches_a_signal_off() {
    let tuning = Tuning {
        context: (f64::NAN, f64::NAN),
        messages: (0, 0),
        latency_ms: (-1.0, 0.0),
        ..Tuning::default()
    };
    let signals = Signals {
        message_count: 1_000,
        response_latency_avg_ms: f64::NAN,
        response_latency_samples: 9,
        ..context(0.9)
    };
    let risk = assess(&signals, &tuning, None);
    assert_eq!((risk.level, risk.score), (RiskLevel::Safe, 0.0));
    let infinite = assess(&context(f64::INFINITY), &Tuning::default(), None);
    assert!(infinite.score.is_finite());
}

/// Long in messages, in minutes and late to answer: three measures of one thing are no danger.
#[test]
fn length_alone_is_a_warning() {
    let long = Signals {
        session_duration_ms: 200 * 60_000,
        response_latency_avg_ms: 9_000.0,
        response_latency_samples: 20,
        ..messages(200)
    };
    assert_eq!(level(long.clone()), RiskLevel::Warning);
    assert_eq!(level(Signals { tool_calls_since_checkpoint: 15, ..long }), RiskLevel::Danger);
}

/// A near end at this pace is danger, but not where the window is still wide.
#[test]
fn a_near_end_is_danger_and_shares_make_one() {
    let near = |usage, left| Signals { turns_left: Some(left), ..context(usage) };
    assert_eq!(level(near(0.63, 20.0)), RiskLevel::Danger);
    assert_eq!(level(near(0.63, 90.0)), RiskLevel::Warning);
    assert_eq!(level(near(0.30, 20.0)), RiskLevel::Safe);
    let risk = risk(&Signals { message_count: 60, ..near(0.70, 12.0) });
    assert_eq!(risk.factors[0].signal, FactorKind::TurnsLeft);
    assert_eq!(risk.factors.len(), 3);
    let sum: f64 = risk.factors.iter().map(|factor| factor.share).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

/// One sample raises nothing, a site's own word does at once, and what falls for a moment is held.
#[test]
fn a_risk_is_told_with_patience() {
    let tuning = Tuning::default();
    let at = |seconds| Moment(1_000_000).after(Span::seconds(seconds));
    let (mut told, mut last) = (Told::default(), Risk::default());
    let mut next = |seconds, count, usage, banner| {
        let signals = Signals { message_count: count, ..context(usage) };
        let new = assess(&signals, &tuning, banner);
        last = told.next(at(seconds), &last, new, &signals, &tuning);
        last.level
    };
    assert_eq!(next(0, 1, 0.1, None), RiskLevel::Safe);
    assert_eq!(next(10, 2, 0.8, None), RiskLevel::Safe);
    assert_eq!(next(11, 2, 0.8, None), RiskLevel::Safe, "the same sample again");
    assert_eq!(next(20, 3, 0.8, None), RiskLevel::Danger);
    assert_eq!(next(30, 4, 0.7, None), RiskLevel::Danger, "held");
    assert_eq!(next(40, 5, 0.8, None), RiskLevel::Danger);
    assert_eq!(next(50, 6, 0.3, None), RiskLevel::Danger);
    assert_eq!(next(109, 7, 0.3, None), RiskLevel::Danger);
    assert_eq!(next(110, 7, 0.3, None), RiskLevel::Safe);
    assert_eq!(next(111, 7, 0.3, Some(BannerClass::Full)), RiskLevel::Danger);
    // A chat that is opened late is many samples at once.
    let signals = Signals { message_count: 30, ..context(0.8) };
    let (mut told, none) = (Told::default(), Risk::default());
    let mut next = |seconds, signals: &Signals| {
        told.next(at(seconds), &none, assess(signals, &tuning, None), signals, &tuning)
    };
    assert_eq!(next(0, &signals).level, RiskLevel::Danger);
    // After a reload the level is held, with the reasons of now: those of then are gone.
    let held = next(1, &Signals { message_count: 40, ..context(0.3) });
    assert_eq!((held.level, held.factors.len()), (RiskLevel::Danger, 1));
    assert!(held.score >= 0.75);
}

/// Where the context is known and half of it is free, two other dangers are a warning.
#[test]
fn a_wide_context_keeps_two_dangers_a_warning() {
    let both = |usage, tokens| Signals {
        context_tokens: tokens,
        tool_calls_since_checkpoint: 15,
        message_count: 50,
        ..context(usage)
    };
    assert_eq!(level(both(0.49, 98_000)), RiskLevel::Warning);
    assert_eq!(level(both(0.51, 102_000)), RiskLevel::Danger);
    assert_eq!(level(both(0.0, 0)), RiskLevel::Danger, "not measured");
}

/// A page that fails is danger by itself, however little was said; its size alone is a warning.
#[test]
fn a_page_that_fails_is_danger() {
    let busy = |share| Signals { page_busy_share: share, ..context(0.1) };
    assert_eq!(level(busy(0.34)), RiskLevel::Safe);
    assert_eq!(level(busy(0.35)), RiskLevel::Warning);
    assert_eq!(level(busy(0.70)), RiskLevel::Danger);
    let heap = |share| Signals { page_heap_share: share, ..context(0.1) };
    assert_eq!(level(heap(0.60)), RiskLevel::Warning);
    assert_eq!(level(heap(0.85)), RiskLevel::Danger);
    let large = Signals { page_nodes: 4_000_000, ..context(0.1) };
    assert_eq!(level(large.clone()), RiskLevel::Warning);
    assert_eq!(level(Signals { page_nodes: 59_999, ..large }), RiskLevel::Safe);
    assert!(page_fails(&risk(&busy(0.7))) && !page_fails(&risk(&busy(0.5))));
}
