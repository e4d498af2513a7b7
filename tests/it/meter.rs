//! Signals of a chat, by the numbered cases of the reference behaviour where one fits.

mod context;
mod fields;
mod life;

use shim::base::chance::Chance;
use shim::base::{Moment, Span};
use shim::session::meter::{Meter, tokens};
use shim::session::risk::assess;
use shim::wire::chat::{CallState, Role, ToolCall, Turn, TurnState};
use shim::wire::signals::{RiskLevel, Signals, Trend};
use shim::wire::tuning::Tuning;

fn minute(count: u64) -> Moment {
    Moment(1_000_000).after(Span::minutes(count))
}

fn said(number: u32, role: Role, markdown: &str) -> Turn {
    Turn {
        key: format!("turn-{number}").as_str().into(),
        position: number,
        role,
        markdown: markdown.to_owned(),
        ..Turn::default()
    }
}

fn call(state: CallState) -> ToolCall {
    let error = if state == CallState::Failed { "no such file" } else { "" };
    ToolCall { name: "bash".to_owned(), state, error: error.to_owned(), ..ToolCall::default() }
}

/// An answer of calls only.
fn worked(number: u32, states: &[CallState]) -> Turn {
    Turn {
        calls: states.iter().map(|&state| call(state)).collect(),
        ..said(number, Role::Assistant, "")
    }
}

fn ends(count: usize, state: CallState) -> Vec<CallState> {
    vec![state; count]
}

fn now(meter: &Meter, at: Moment) -> Signals {
    meter.signals(at, &Tuning::default())
}

/// A question and its answer, whose first text comes `latency_ms` later.
fn exchange(meter: &mut Meter, number: u32, asked: Moment, latency_ms: u64) -> Moment {
    let answered = asked.after(Span(latency_ms));
    meter.turn(asked, &said(number, Role::User, "and?"));
    meter.turn(
        asked,
        &Turn { state: TurnState::Streaming, ..said(number + 1, Role::Assistant, "") },
    );
    meter.turn(
        answered,
        &Turn { state: TurnState::Streaming, ..said(number + 1, Role::Assistant, "we") },
    );
    let ended = answered.after(Span(50));
    meter.turn(ended, &said(number + 1, Role::Assistant, "well"));
    ended
}

fn latencies(list: &[u64]) -> Signals {
    let mut meter = Meter::default();
    for (index, &latency) in (0..).zip(list) {
        exchange(&mut meter, index * 2, minute(u64::from(index)), latency);
    }
    now(&meter, minute(60))
}

/// Case 1: a fresh session is all zero, and safe.
#[test]
fn a_fresh_session_is_zero() {
    let signals = now(&Meter::default(), minute(5));
    let zero = Signals {
        at: minute(5),
        context_window: 200_000,
        context_window_remaining: 200_000,
        ..Signals::default()
    };
    assert_eq!(signals, zero);
    assert_eq!(assess(&signals, &Tuning::default(), None).level, RiskLevel::Safe);
}

/// Cases 2 and 3: fifty messages of about 1,000 tokens use .20 to .30 of the window; what remains
/// is the window without them.
#[test]
fn fifty_messages_use_a_quarter() {
    let mut meter = Meter::default();
    for number in 0..50 {
        let role = if number % 2 == 0 { Role::User } else { Role::Assistant };
        meter.turn(minute(number.into()), &said(number, role, &"word ".repeat(1_000)));
    }
    let signals = now(&meter, minute(50));
    assert_eq!(signals.estimated_total_tokens, 50 * tokens(&"word ".repeat(1_000)));
    assert!((0.20..=0.30).contains(&signals.context_window_usage));
    // What a page never shows of a chat is in it, too.
    assert!(signals.context_tokens > signals.estimated_total_tokens);
    assert_eq!(signals.context_window_remaining, 200_000 - signals.context_tokens);
    assert_eq!(signals.message_count, 50);
}

/// Case 3: an overdrawn window has nothing left, and is used by more than all.
#[test]
fn an_overdrawn_window_has_nothing_left() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &said(0, Role::User, &"word ".repeat(250_000)));
    let signals = now(&meter, minute(0));
    assert_eq!(signals.context_window_remaining, 0);
    assert_eq!(signals.context_window_usage, signals.context_tokens as f64 / 200_000.0);
    assert!(signals.context_window_usage > 1.0);
}

/// The old program's crashes came after 20 calls with large output, which it had not counted.
#[test]
fn tool_output_fills_the_window() {
    let mut meter = Meter::default();
    let mut turn = worked(1, &ends(25, CallState::Done));
    for call in &mut turn.calls {
        call.args = "word ".repeat(1_000);
        call.result = "word ".repeat(5_000);
    }
    turn.thinking = "word ".repeat(1_000);
    meter.turn(minute(0), &turn);
    let signals = now(&meter, minute(0));
    let [name, short, long] = ["bash", &"word ".repeat(1_000), &"word ".repeat(5_000)].map(tokens);
    assert_eq!(signals.estimated_total_tokens, 25 * (name + short + long) + short);
    assert_eq!(assess(&signals, &Tuning::default(), None).level, RiskLevel::Danger);
}

/// Case 4: of 25 messages the last 20 count, by position and not by when they were seen.
#[test]
fn the_mean_is_of_the_last_twenty() {
    let mut meter = Meter::default();
    for number in (5..25).chain(0..5) {
        let words = if number < 5 { 8_000 } else { number as usize };
        meter.turn(minute(number.into()), &said(number, Role::User, &"word ".repeat(words)));
    }
    let sum: u64 = (5..25).map(|words| tokens(&"word ".repeat(words))).sum();
    assert_eq!(now(&meter, minute(25)).tokens_per_message, sum as f64 / 20.0);
}

/// Case 5: one message says nothing of a rate; ten a minute apart are one a minute; a page full
/// of old messages has no rate.
#[test]
fn the_rate_needs_two_stamps() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &said(0, Role::User, "a"));
    assert_eq!(now(&meter, minute(3)).messages_per_minute, 0.0);
    for number in 1..30 {
        meter.turn(minute(number.into()), &said(number, Role::User, "a"));
    }
    assert_eq!(now(&meter, minute(30)).messages_per_minute, 1.0);
    let mut meter = Meter::default();
    for number in 0..30 {
        meter.turn(minute(0), &said(number, Role::User, "a"));
    }
    assert_eq!(now(&meter, minute(0)).messages_per_minute, 0.0);
    meter.turn(minute(2), &said(30, Role::User, "a"));
    assert_eq!(now(&meter, minute(2)).messages_per_minute, 0.5);
}

/// Case 6: latencies of 100, 200 and 150 ms have a mean of 150.
#[test]
fn latency_is_from_question_to_first_text() {
    let signals = latencies(&[100, 200, 150]);
    assert_eq!(signals.response_latency_avg_ms, 150.0);
    assert_eq!(signals.response_latency_samples, 3);
    // Of 30, the last 20.
    let signals = latencies(&[[9_000; 10], [500; 10], [300; 10]].concat());
    assert_eq!((signals.response_latency_avg_ms, signals.response_latency_samples), (400.0, 20));
}

/// Case 7, starred: 100+50i rises, 500-40i falls, constant is stable; 100 to 104 ms is no trend,
/// and noise is none.
#[test]
fn a_trend_is_relative_and_significant() {
    let trend = |list: &[u64]| latencies(list).latency_trend;
    for count in [5, 7, 10] {
        assert_eq!(trend(&(0..count).map(|i| 100 + 50 * i).collect::<Vec<_>>()), Trend::Rising);
        assert_eq!(trend(&(0..count).map(|i| 500 - 40 * i).collect::<Vec<_>>()), Trend::Falling);
        assert_eq!(trend(&vec![300; count as usize]), Trend::Stable);
    }
    assert_eq!(trend(&[100, 101, 102, 103, 104]), Trend::Stable);
    assert_eq!(trend(&[100, 900, 100, 950, 300, 900]), Trend::Stable);
    assert_eq!(trend(&[100, 200, 300, 400]), Trend::Stable, "four samples are too few");
    // Only the last ten count.
    assert_eq!(trend(&[[100, 9_000, 90_000, 100, 5], [300; 5], [300; 5]].concat()), Trend::Stable);
    let mut dice = Chance::new(7);
    let noisy = (0..200).filter(|_| {
        let list: Vec<u64> = (0..10).map(|_| 500 + dice.below(1_000)).collect();
        trend(&list) != Trend::Stable
    });
    let noisy = noisy.count();
    assert!(noisy <= 20, "{noisy} of 200 random series had a trend");
}

/// Case 8: 1,000 ms is normal, 3,000 degrading, 6,000 critical, from five answers on.
#[test]
fn slow_answers_are_a_risk() {
    let level = |latency, count: usize| {
        let signals = latencies(&vec![latency; count]);
        let signals = Signals { session_duration_ms: 0, ..signals };
        let risk = assess(&signals, &Tuning::default(), None);
        risk.factors.first().map_or(RiskLevel::Safe, |factor| factor.level)
    };
    assert_eq!(level(1_000, 6), RiskLevel::Safe);
    assert_eq!(level(3_000, 6), RiskLevel::Warning);
    assert_eq!(level(6_000, 6), RiskLevel::Danger);
    assert_eq!(level(6_000, 4), RiskLevel::Safe);
}

/// Case 9: two failures of four are .50, and an empty result is success.
#[test]
fn the_failure_rate_is_of_ended_calls() {
    let mut meter = Meter::default();
    let states = [CallState::Failed, CallState::Done, CallState::Failed, CallState::Done];
    meter.turn(minute(0), &worked(0, &[&states[..], &[CallState::Running]].concat()));
    let signals = now(&meter, minute(0));
    assert_eq!((signals.tool_failure_rate, signals.tool_failure_samples), (0.5, 4));
    assert_eq!(signals.tool_call_count, 5);
}

/// Case 10: three failures are three in a row; a success ends the row.
#[test]
fn failures_in_a_row_end_with_a_success() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &worked(0, &ends(3, CallState::Failed)));
    assert_eq!(now(&meter, minute(0)).consecutive_tool_failures, 3);
    meter.turn(minute(1), &worked(1, &[CallState::Done]));
    assert_eq!(now(&meter, minute(1)).consecutive_tool_failures, 0);
}

/// Case 11: of 60 calls whose first 10 failed, the last 50 have a rate of 0.
#[test]
fn old_failures_are_forgotten() {
    let mut meter = Meter::default();
    for number in 0..60 {
        let state = if number < 10 { CallState::Failed } else { CallState::Done };
        meter.turn(minute(number.into()), &worked(number, &[state]));
    }
    let signals = now(&meter, minute(60));
    assert_eq!((signals.tool_failure_rate, signals.tool_failure_samples), (0.0, 50));
    assert_eq!(signals.tool_call_count, 60);
}

/// Case 9, starred: one failure of one call is no warning.
#[test]
fn one_failure_of_one_is_no_warning() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &worked(0, &[CallState::Failed]));
    let signals = now(&meter, minute(0));
    assert_eq!(signals.tool_failure_rate, 1.0);
    assert_eq!(assess(&signals, &Tuning::default(), None).level, RiskLevel::Safe);
}

/// Case 15: a hundred times a call and a reset: none since, a hundred in all.
#[test]
fn a_checkpoint_resets_its_counter_only() {
    let mut meter = Meter::default();
    for number in 0..100 {
        meter.turn(minute(number.into()), &worked(number, &[CallState::Done]));
        assert_eq!(now(&meter, minute(number.into())).tool_calls_since_checkpoint, 1);
        meter.checkpoint(minute(number.into()));
    }
    let signals = now(&meter, minute(100));
    assert_eq!((signals.tool_calls_since_checkpoint, signals.tool_call_count), (0, 100));
}

/// Case 16: an empty and a 500 KB message are accepted.
#[test]
fn empty_and_huge_messages_count() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &said(0, Role::User, ""));
    meter.turn(minute(1), &said(1, Role::Assistant, &"x".repeat(500_000)));
    let signals = now(&meter, minute(1));
    let huge = tokens(&"x".repeat(500_000));
    assert_eq!((signals.message_count, signals.estimated_total_tokens), (2, huge));
}

/// Errors seen twice make a pattern, whatever ids and numbers differ in them.
#[test]
fn repeated_errors_make_a_pattern() {
    let mut meter = Meter::default();
    let failed = |number: u32, error: &str| {
        let mut turn = worked(number, &[CallState::Failed]);
        turn.calls[0].error = error.to_owned();
        turn
    };
    let errors = [
        "connect to 10.0.0.1:5432 refused after 12ms\nstack",
        "HTTP 404 for job 7f3a91c2-11aa-4b0c-9f00-aa12bb34cc56",
        "connect to 10.0.0.1:5433 refused after 900ms",
        "HTTP 500 for job 7f3a91c2-11aa-4b0c-9f00-aa12bb34cc57",
        "connect to 10.0.0.2:5432 refused after 7ms",
        "HTTP 404 for job 00000000-11aa-4b0c-9f00-aa12bb34cc58",
    ];
    for (number, error) in (0..).zip(errors) {
        meter.turn(minute(0), &failed(number, error));
        meter.turn(minute(1), &failed(number, error));
    }
    assert_eq!(
        now(&meter, minute(1)).error_patterns,
        ["connect to #.#.#.#:# refused after #ms", "HTTP 404 for job …"]
    );
}
