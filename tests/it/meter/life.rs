//! The meter over a chat's life: turns that grow, hide, come back, and a state that is stored,
//! loaded and bounded.

use super::{call, ends, exchange, minute, now, said, worked};
use shim::base::Span;
use shim::base::chance::Chance;
use shim::session::meter::{Meter, tokens};
use shim::wire::chat::{BannerClass, CallState, Role, Turn, TurnState};
use shim::wire::signals::Signals;
use shim::wire::tuning::Tuning;

/// Seen again, a turn changes nothing; grown, it replaces its own count; its calls end later.
#[test]
fn a_turn_is_counted_once() {
    let mut meter = Meter::default();
    let turns = [
        said(0, Role::User, "go"),
        Turn { state: TurnState::Streaming, ..worked(1, &[CallState::Running]) },
        Turn { state: TurnState::Streaming, ..worked(1, &[CallState::Failed, CallState::Running]) },
        Turn { markdown: "abcd".repeat(10), ..worked(1, &[CallState::Failed, CallState::Done]) },
    ];
    for (number, turn) in (0..).zip(&turns) {
        meter.turn(minute(number), turn);
        let once = meter.clone();
        meter.turn(minute(number), turn);
        meter.turn(minute(number + 100), turn);
        assert_eq!(meter, once);
    }
    let signals = now(&meter, minute(4));
    assert_eq!((signals.message_count, signals.tool_call_count), (2, 2));
    assert_eq!((signals.tool_failure_samples, signals.consecutive_tool_failures), (2, 0));
    let texts = ["go", &"abcd".repeat(10), "bash", "no such file", "bash"];
    assert_eq!(signals.estimated_total_tokens, texts.map(tokens).iter().sum::<u64>());
    // A turn that moved says nothing new.
    meter.turn(minute(300), &Turn { position: 7, ..turns[3].clone() });
    assert_eq!(Signals { at: minute(4), ..now(&meter, minute(4)) }, signals);
}

/// A page may show a call as ended before it shows its error.
#[test]
fn a_call_that_turns_out_failed_is_put_right() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &worked(0, &ends(4, CallState::Done)));
    meter.turn(minute(0), &worked(0, &ends(4, CallState::Failed)));
    let signals = now(&meter, minute(0));
    assert_eq!((signals.tool_failure_rate, signals.tool_failure_samples), (1.0, 4));
    // A call that has ended runs no more, whatever a page shows while it draws itself anew.
    meter.turn(minute(0), &worked(0, &ends(4, CallState::Running)));
    let again = now(&meter, minute(0));
    assert_eq!((again.tool_failure_rate, again.tool_call_count), (1.0, 4));
}

/// A page that folds its tool rows away has still made the calls.
#[test]
fn hidden_calls_stay_counted() {
    let mut meter = Meter::default();
    let mut turn = worked(0, &ends(12, CallState::Failed));
    turn.calls[0].result = "x".repeat(4_000);
    meter.turn(minute(0), &turn);
    let before = now(&meter, minute(0));
    meter.turn(minute(0), &worked(0, &[CallState::Failed]));
    assert_eq!(now(&meter, minute(0)), before);
    meter.turn(minute(0), &turn);
    assert_eq!(now(&meter, minute(0)), before);
}

/// Old messages that a page shows at once, or a person scrolls up to, are no fast answers.
#[test]
fn history_has_no_latency() {
    let mut meter = Meter::default();
    for number in 10..20 {
        let role = if number % 2 == 0 { Role::User } else { Role::Assistant };
        meter.turn(minute(0), &said(number, role, "old"));
    }
    for number in 0..10 {
        let role = if number % 2 == 0 { Role::User } else { Role::Assistant };
        meter.turn(minute(u64::from(number)), &said(number, role, "older"));
    }
    let signals = now(&meter, minute(30));
    assert_eq!((signals.message_count, signals.response_latency_samples), (20, 0));
    assert_eq!(signals.time_since_last_response_ms, 0);
    // A person who went away for an hour has not waited for an hour.
    exchange(&mut meter, 20, minute(40), 3_600_000);
    assert_eq!(now(&meter, minute(101)).response_latency_samples, 0);
    let ended = exchange(&mut meter, 22, minute(102), 700);
    let signals = now(&meter, ended.after(Span(900)));
    assert_eq!(signals.response_latency_avg_ms, 700.0);
    assert_eq!(signals.time_since_last_response_ms, 900);
}

#[test]
fn the_end_of_an_answer_is_told_by_busy_too() {
    let mut meter = Meter::default();
    meter.busy(minute(0), false);
    assert_eq!(now(&meter, minute(1)).time_since_last_response_ms, 0);
    meter.busy(minute(1), true);
    meter.busy(minute(2), true);
    meter.busy(minute(3), false);
    meter.busy(minute(4), false);
    assert_eq!(now(&meter, minute(5)).time_since_last_response_ms, 120_000);
}

/// Duration is of the sitting: a chat opened again next day begins at zero.
#[test]
fn duration_is_of_this_sitting() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &said(0, Role::User, "a"));
    assert_eq!(now(&meter, minute(95)).session_duration_ms, 95 * 60_000);
    let next_day = minute(24 * 60);
    assert_eq!(now(&meter, next_day).session_duration_ms, 0);
    meter.turn(next_day, &said(0, Role::User, "a"));
    assert_eq!(now(&meter, next_day).session_duration_ms, 0);
    meter.turn(next_day, &said(1, Role::User, "b"));
    let later = next_day.after(Span::minutes(2));
    assert_eq!(now(&meter, later).session_duration_ms, 120_000);
    // So do rate and latency: yesterday's pace says nothing of today's.
    let mut meter = Meter::default();
    exchange(&mut meter, 0, minute(0), 9_000);
    meter.turn(next_day, &said(2, Role::User, "a"));
    let signals = now(&meter, next_day);
    assert_eq!((signals.response_latency_samples, signals.messages_per_minute), (0, 0.0));
    // A clock that goes back gives no negative time.
    assert_eq!(now(&meter, minute(1)).session_duration_ms, 0);
    // What was stored before it went back has happened now at the latest.
    meter.not_after(minute(1));
    assert_eq!(now(&meter, minute(3)).session_duration_ms, 120_000);
}

/// Vanished and stalled answers and interruptions are counted; so are timeouts, once an attempt.
#[test]
fn mishaps_are_counted() {
    let mut meter = Meter::default();
    meter.vanished(minute(0));
    meter.stalled(minute(0));
    meter.stalled(minute(1));
    let stopped = Turn { state: TurnState::Interrupted, ..said(1, Role::Assistant, "so") };
    meter.turn(minute(2), &stopped);
    meter.turn(minute(2), &Turn { state: TurnState::Streaming, ..stopped.clone() });
    meter.turn(minute(3), &stopped);
    for _ in 0..3 {
        meter.banner(minute(4), BannerClass::Retryable, "The request timed out. Try again.");
        meter.banner(minute(4), BannerClass::Progress, "Taking too long? Timeout soon.");
        meter.banner(minute(4), BannerClass::Retryable, "Something went wrong.");
    }
    meter.busy(minute(5), true);
    meter.banner(minute(6), BannerClass::Retryable, "The request timed out. Try again.");
    meter.turn(minute(6), &said(2, Role::User, "again"));
    meter.banner(minute(7), BannerClass::Fatal, "The request timed out. Try again.");
    let signals = now(&meter, minute(7));
    assert_eq!((signals.vanished_responses, signals.stalled_streams), (1, 2));
    assert_eq!((signals.interruptions, signals.timeouts), (1, 3));
    assert_eq!(signals.error_patterns, ["The request timed out. Try again."]);
}

#[test]
fn windows_go_by_the_models_name() {
    let window = |name: &str| {
        let mut meter = Meter::default();
        meter.set_model(name);
        meter.signals(minute(0), &Tuning { default_window: 77, ..Tuning::default() }).context_window
    };
    for (name, tokens) in [
        ("", 77),
        ("Opus 4.6 Extended", 200_000),
        ("Model: Claude Haiku 4.5", 200_000),
        ("Claude Sonnet 4.5 (1M context)", 1_000_000),
        ("GPT-5.2 Thinking", 256_000),
        ("ChatGPT 5.1 Thinking", 256_000),
        ("gpt-4o", 128_000),
        ("GPT-5.1Mini Instant", 77),
        ("Something New", 77),
    ] {
        assert_eq!(window(name), tokens, "{name}");
    }
    let mut meter = Meter::default();
    meter.set_model("Sonnet 1M");
    meter.set_model(" ");
    assert_eq!(now(&meter, minute(0)).context_window, 1_000_000);
    let broken = Tuning { default_window: 0, ..Tuning::default() };
    let signals = Meter::default().signals(minute(0), &broken);
    assert!(signals.context_window_usage.is_finite());
}

/// A chat opened in its middle: what was never mounted is taken to be like what was.
#[test]
fn unseen_turns_are_estimated() {
    let mut meter = Meter::default();
    for number in 80..90 {
        meter.turn(minute(0), &said(number, Role::User, &"abcd".repeat(100)));
    }
    meter.set_total(Some(90));
    let signals = now(&meter, minute(0));
    assert_eq!(
        (signals.message_count, signals.estimated_total_tokens),
        (90, 90 * tokens(&"abcd".repeat(100)))
    );
    meter.set_total(Some(3));
    assert_eq!(now(&meter, minute(0)).message_count, 10);
    let mut meter = Meter::default();
    meter.set_total(Some(5));
    assert_eq!(now(&meter, minute(0)).estimated_total_tokens, 0);
}

/// Any story, cut by reloads at random places, gives the signals of the story uncut: what the
/// page shows again after a reload is not counted twice.
#[test]
fn a_reload_changes_nothing() {
    let mut dice = Chance::new(11);
    for story in 0..40 {
        let (mut whole, mut cut) = (Meter::default(), Meter::default());
        let mut shown: Vec<Turn> = Vec::new();
        let mut at = minute(0);
        for step in 0..60 {
            at = at.after(Span(dice.below(90_000)));
            let turn = random_step(&mut dice, step, &mut shown);
            for meter in [&mut whole, &mut cut] {
                match (step + story) % 9 {
                    0 => meter.checkpoint(at),
                    1 => meter.busy(at, step % 2 == 0),
                    2 => meter.banner(at, BannerClass::Retryable, "Timeout."),
                    3 => meter.stalled(at),
                    _ => meter.turn(at, &turn),
                }
            }
            if dice.percent(20) {
                cut = serde_json::from_str(&serde_json::to_string(&cut).unwrap()).unwrap();
                let still = whole.clone();
                for turn in &shown {
                    // The page shows turns as they are now, which may be news to both.
                    whole.turn(at, turn);
                    cut.turn(at, turn);
                }
                let again = whole.clone();
                shown.iter().for_each(|turn| whole.turn(at.after(Span::hours(1)), turn));
                assert_eq!(whole, again, "after {still:?}");
            }
            assert_eq!(now(&cut, at), now(&whole, at), "story {story}, step {step}");
        }
    }
}

/// A new turn, or one that grows, ends, or loses its text.
fn random_step(dice: &mut Chance, step: u32, shown: &mut Vec<Turn>) -> Turn {
    if shown.is_empty() || dice.percent(50) {
        let role = if dice.percent(50) { Role::User } else { Role::Assistant };
        shown.push(Turn { state: TurnState::Streaming, ..said(step, role, "") });
    }
    let back = usize::try_from(dice.below(3)).unwrap().min(shown.len() - 1);
    let at = shown.len() - 1 - back;
    let turn = &mut shown[at];
    match dice.below(6) {
        0 => turn.state = TurnState::Done,
        1 => turn.state = TurnState::Interrupted,
        2 => turn.calls.push(call(CallState::Running)),
        3 => turn.calls.iter_mut().for_each(|call| call.state = CallState::Failed),
        4 => turn.calls.iter_mut().for_each(|call| call.state = CallState::Done),
        _ => turn.markdown.push_str("more words "),
    }
    turn.clone()
}

/// A chat of 3,000 turns: every one counted, once, in a state that stays small.
#[test]
fn a_long_chat_is_bounded() {
    let mut meter = Meter::default();
    let turn = |number: u32| Turn {
        markdown: "abcd".repeat(100),
        ..worked(number, &[CallState::Done, CallState::Failed])
    };
    for number in 0..3_000 {
        meter.turn(minute(0), &turn(number));
    }
    let signals = now(&meter, minute(0));
    assert_eq!((signals.message_count, signals.tool_call_count), (3_000, 6_000));
    let each: u64 = [&*"abcd".repeat(100), "bash", "bash", "no such file"].map(tokens).iter().sum();
    assert_eq!(signals.estimated_total_tokens, 3_000 * each);
    let json = serde_json::to_string(&meter).unwrap();
    assert!(json.len() < 60_000, "{} bytes", json.len());
    let mut again: Meter = serde_json::from_str(&json).unwrap();
    for number in 0..3_000 {
        again.turn(minute(1), &turn(number));
    }
    assert_eq!(now(&again, minute(0)), signals);
}

/// A stored state of an older or a damaged record starts anew where it must, and never panics.
#[test]
fn a_foreign_state_is_read_as_far_as_it_goes() {
    let meter: Meter = serde_json::from_str(r#"{"calls":3,"unknown":[1]}"#).unwrap();
    assert_eq!(now(&meter, minute(0)).tool_call_count, 3);
    assert!(serde_json::from_str::<Meter>(r#"{"digests":[[1]]}"#).is_err());
    let odd = r#"{"calls":1,"calls_at_checkpoint":9,"last":99999999999,"digests":[[1,0,
        18446744073709551615,18446744073709551615,"xyz",255]]}"#;
    let mut meter: Meter = serde_json::from_str(odd).unwrap();
    meter.turn(minute(0), &worked(1, &[CallState::Done]));
    let signals = now(&meter, minute(0));
    assert_eq!(signals.estimated_total_tokens, u64::MAX);
    assert_eq!(signals.tool_calls_since_checkpoint, 0);
}
