//! Every signal has a producer: one life of a chat moves each of them. The structures are taken
//! apart without `..`, so that a new signal does not compile here until it is named, and fails
//! until the life moves it.

use super::{call, exchange, minute, now, said};
use shim::base::Span;
use shim::session::load::Load;
use shim::session::meter::Meter;
use shim::session::risk::assess;
use shim::wire::chat::{BannerClass, CallState, Role, ToolCall, Turn, TurnState};
use shim::wire::page::Weight;
use shim::wire::signals::{Factor, FactorKind, Risk, RiskLevel, Signals};
use shim::wire::tuning::Tuning;
use std::collections::BTreeMap;

/// Every signal by name, as text.
fn fields(signals: Signals) -> BTreeMap<&'static str, String> {
    macro_rules! told {
        ($($field:ident),* $(,)?) => {{
            let Signals { $($field),* } = signals;
            BTreeMap::from([$((stringify!($field), format!("{:?}", $field))),*])
        }};
    }
    told!(
        at,
        estimated_total_tokens,
        tool_tokens,
        tokens_per_message,
        context_tokens,
        context_window,
        context_window_usage,
        context_window_remaining,
        context_growth_tokens,
        turns_left,
        message_count,
        tool_call_count,
        tool_calls_since_checkpoint,
        messages_per_minute,
        session_duration_ms,
        time_since_last_response_ms,
        response_latency_avg_ms,
        response_latency_samples,
        latency_trend,
        tool_failure_rate,
        tool_failure_samples,
        consecutive_tool_failures,
        error_patterns,
        repeated_errors,
        repeated_calls,
        interruptions,
        timeouts,
        stalled_streams,
        vanished_responses,
        page_nodes,
        page_busy_share,
        page_heap_share,
    )
}

/// Ten exchanges, each slower than the last, a checkpoint, then a loop of failing calls, an answer
/// that breaks off, a request that times out, one that stalls, one that vanishes.
fn life() -> Signals {
    let mut meter = Meter::default();
    for number in 0..10 {
        let latency_ms = 1_000 + 900 * u64::from(number);
        exchange(&mut meter, number * 2, minute(u64::from(number)), latency_ms);
    }
    let state = CallState::Done;
    meter.turn(minute(10), &Turn { calls: vec![call(state)], ..said(20, Role::Assistant, "x") });
    meter.checkpoint(minute(10));
    let looped = ToolCall { args: "make gate".to_owned(), ..call(CallState::Failed) };
    let calls = vec![looped; 5];
    let asked = "Please forge the hinge of the gate anew, and tell what it weighs. ".repeat(90);
    meter.turn(minute(11), &said(21, Role::User, &asked));
    meter.turn(minute(11), &Turn { calls, ..said(22, Role::Assistant, "It fails.") });
    for state in [TurnState::Streaming, TurnState::Interrupted] {
        meter.turn(minute(12), &Turn { state, ..said(23, Role::Assistant, "The hinge") });
    }
    meter.banner(minute(13), BannerClass::Retryable, "The request timed out");
    meter.stalled(minute(13));
    meter.vanished(minute(13));
    let mut signals = now(&meter, minute(14));
    let mut load = Load::default();
    let weight = Weight {
        nodes: 900,
        span_ms: 12_000,
        long_ms: Some(6_000),
        heap_mb: 500,
        heap_most_mb: 1_000,
    };
    (0..3).for_each(|_| load.weighed(weight.clone()));
    load.tell(&mut signals);
    signals
}

#[test]
fn every_signal_is_moved_by_a_chat() {
    let live = fields(life());
    let still = fields(Signals::default());
    let unmoved: Vec<_> = still.iter().filter(|(name, value)| live[*name] == **value).collect();
    assert!(unmoved.is_empty(), "{unmoved:?}");
    for (name, wanted) in [
        ("tool_call_count", "6"),
        ("tool_calls_since_checkpoint", "5"),
        ("message_count", "24"),
        ("tool_failure_samples", "6"),
        ("consecutive_tool_failures", "5"),
        ("error_patterns", "[\"no such file\"]"),
        ("repeated_errors", "5"),
        ("repeated_calls", "5"),
        ("response_latency_samples", "10"),
        ("latency_trend", "Rising"),
        ("context_window", "200000"),
        ("page_busy_share", "0.5"),
        ("page_heap_share", "0.5"),
    ] {
        assert_eq!(live[name], wanted, "{name}");
    }
    let ms = |span: Span| span.0.to_string();
    assert_eq!(live["session_duration_ms"], ms(Span::minutes(14)));
}

#[test]
fn a_risk_says_why_by_what_and_by_how_much() {
    let signals = life();
    let Risk { level, score, factors, window } = assess(&signals, &Tuning::default(), None);
    assert_eq!((level, window), (RiskLevel::Warning, signals.context_window));
    assert!((0.4..0.75).contains(&score), "{score}");
    let failing = factors.iter().find(|factor| factor.signal == FactorKind::FailureRate);
    let Some(Factor { signal: _, value, threshold, level, share }) = failing else {
        panic!("{factors:?}");
    };
    assert_eq!((*value, *level), (signals.tool_failure_rate, RiskLevel::Danger));
    assert!(*threshold <= *value && *share > 0.0, "{failing:?}");
    let shares: f64 = factors.iter().map(|factor| factor.share).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{factors:?}");
}
