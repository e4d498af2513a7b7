//! When a checkpoint is due, by the numbered cases of the reference behaviour, and what counts as
//! a milestone or as a risky operation.

mod cues;

use shim::base::chance::Chance;
use shim::base::{Moment, Span};
use shim::session::triggers::{Cues, Triggers, cues_of};
use shim::wire::chat::{CallState, Role, ToolCall, Turn};
use shim::wire::signals::{Risk, RiskLevel, Signals};
use shim::wire::state::Trigger;
use shim::wire::tuning::Tuning;

fn minute(count: u64) -> Moment {
    Moment(5_000_000).after(Span::minutes(count))
}

fn risk(level: RiskLevel) -> Risk {
    Risk { level, ..Risk::default() }
}

fn calls(count: u32) -> Signals {
    Signals {
        message_count: 2,
        tool_call_count: count,
        tool_calls_since_checkpoint: count,
        ..Signals::default()
    }
}

/// Due at a risk, with nothing else to say.
fn at_risk(triggers: &mut Triggers, at: Moment, level: RiskLevel) -> Option<Trigger> {
    triggers.due(at, &Signals::default(), &risk(level), &Cues::default(), &Tuning::default())
}

fn due(triggers: &mut Triggers, at: Moment, signals: &Signals, cues: &Cues) -> Option<Trigger> {
    triggers.due(at, signals, &Risk::default(), cues, &Tuning::default())
}

fn plain(triggers: &mut Triggers, at: Moment, signals: &Signals) -> Option<Trigger> {
    due(triggers, at, signals, &Cues::default())
}

/// Case 17: five calls trigger, three do not; after a reset the fifth does.
#[test]
fn five_calls_are_an_interval() {
    let mut triggers = Triggers::default();
    assert_eq!(plain(&mut triggers, minute(0), &calls(3)), None);
    assert_eq!(plain(&mut triggers, minute(0), &calls(5)), Some(Trigger::ToolCallInterval));
    // Due until it was made.
    assert_eq!(plain(&mut triggers, minute(0), &calls(6)), Some(Trigger::ToolCallInterval));
    triggers.done(minute(0));
    let since = |count| Signals { tool_calls_since_checkpoint: count, ..calls(6 + count) };
    assert_eq!(plain(&mut triggers, minute(1), &since(4)), None);
    assert_eq!(plain(&mut triggers, minute(1), &since(5)), Some(Trigger::ToolCallInterval));
}

/// Case 18: the time interval fires and resets, and fires only where something new was said.
#[test]
fn ten_minutes_are_an_interval() {
    let mut triggers = Triggers::default();
    let said = |triggers: &mut Triggers, at: u64, messages: u32| {
        let session_duration_ms = at * 60_000;
        let signals =
            Signals { message_count: messages, session_duration_ms, ..Signals::default() };
        plain(triggers, minute(at), &signals)
    };
    assert_eq!(said(&mut triggers, 9, 2), None);
    assert_eq!(said(&mut triggers, 10, 2), Some(Trigger::TimeInterval));
    triggers.done(minute(10));
    assert_eq!(said(&mut triggers, 19, 4), None);
    assert_eq!(said(&mut triggers, 20, 4), Some(Trigger::TimeInterval));
    triggers.done(minute(20));
    assert_eq!(said(&mut triggers, 90, 4), None, "nothing new was said");
    assert_eq!(said(&mut triggers, 91, 5), Some(Trigger::TimeInterval));
    // A session that began empty has nothing to save.
    assert_eq!(said(&mut Triggers::default(), 30, 0), None);
}

/// A growing answer is something new, and so is a tool call.
#[test]
fn tokens_and_calls_are_something_new() {
    for more in [
        Signals { estimated_total_tokens: 9, ..Signals::default() },
        Signals { tool_call_count: 1, ..Signals::default() },
    ] {
        let mut triggers = Triggers::default();
        assert_eq!(plain(&mut triggers, minute(0), &Signals::default()), None);
        triggers.done(minute(0));
        assert_eq!(plain(&mut triggers, minute(30), &Signals::default()), None);
        assert_eq!(plain(&mut triggers, minute(30), &more), Some(Trigger::TimeInterval));
    }
}

/// Case 19: danger over warning over everything else, in the order of the enum.
#[test]
fn the_most_urgent_is_told() {
    let signals = Signals { session_duration_ms: Span::hours(1).0, ..calls(9) };
    let mut cues = Cues {
        user_requested: true,
        session_start: true,
        session_end: true,
        milestone: true,
        risky_operation: true,
        ..Cues::default()
    };
    let tell = |cues: &Cues, signals: &Signals, level| {
        Triggers::default().due(minute(60), signals, &risk(level), cues, &Tuning::default())
    };
    assert_eq!(tell(&cues, &signals, RiskLevel::Danger), Some(Trigger::DangerZone));
    assert_eq!(tell(&cues, &signals, RiskLevel::Warning), Some(Trigger::WarningZone));
    let mut safe = |change: &dyn Fn(&mut Cues), expected: Trigger| {
        assert_eq!(tell(&cues, &signals, RiskLevel::Safe), Some(expected));
        change(&mut cues);
    };
    safe(&|cues| cues.risky_operation = false, Trigger::RiskyOperation);
    safe(&|cues| cues.user_requested = false, Trigger::UserRequested);
    safe(&|cues| cues.milestone = false, Trigger::Milestone);
    safe(&|cues| cues.session_end = false, Trigger::SessionEnd);
    safe(&|cues| cues.session_start = false, Trigger::SessionStart);
    safe(&|_| (), Trigger::ToolCallInterval);
    let signals = Signals { tool_calls_since_checkpoint: 0, ..signals };
    assert_eq!(tell(&cues, &signals, RiskLevel::Safe), Some(Trigger::TimeInterval));
    let signals = Signals { session_duration_ms: 0, ..signals };
    assert_eq!(tell(&cues, &signals, RiskLevel::Safe), None);
}

/// Case 20, starred: unchanged risk repeats nothing, in twenty calls and with or without a
/// checkpoint.
#[test]
fn unchanged_risk_saves_once() {
    for level in [RiskLevel::Warning, RiskLevel::Danger] {
        let mut triggers = Triggers::default();
        let told: Vec<Trigger> = (0..20)
            .filter_map(|step| {
                let trigger = at_risk(&mut triggers, minute(step), level);
                triggers.done(minute(step));
                trigger
            })
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }
}

#[test]
fn zones_are_entered_one_by_one() {
    use RiskLevel::{Danger, Safe, Warning};
    let mut triggers = Triggers::default();
    let mut tell = |at, level| at_risk(&mut triggers, minute(at), level);
    assert_eq!(tell(0, Warning), Some(Trigger::WarningZone));
    assert_eq!(tell(1, Danger), Some(Trigger::DangerZone));
    // Down from danger is no entry into warning.
    assert_eq!(tell(2, Warning), None);
    // Danger left at 2: within five minutes it is the same visit, afterwards a new one.
    assert_eq!(tell(6, Danger), None);
    assert_eq!(tell(7, Warning), None);
    assert_eq!(tell(12, Danger), Some(Trigger::DangerZone));
    assert_eq!(tell(13, Safe), None);
    assert_eq!(tell(14, Warning), None, "warning was left a minute ago");
    assert_eq!(tell(15, Safe), None);
    assert_eq!(tell(21, Danger), Some(Trigger::DangerZone));
    assert_eq!(tell(22, Warning), None);
}

/// Risk that swings around a threshold for an hour saves as often as the cooldown lets it.
#[test]
fn swinging_risk_is_bounded() {
    let mut dice = Chance::new(20);
    let mut triggers = Triggers::default();
    let mut last: Option<Moment> = None;
    let mut told = 0;
    for step in 0..3_600 {
        let at = minute(0).after(Span::seconds(step));
        let level = if dice.percent(50) { RiskLevel::Danger } else { RiskLevel::Safe };
        if at_risk(&mut triggers, at, level).is_some() {
            assert!(last.is_none_or(|last| at.since(last) >= Tuning::default().zone_cooldown));
            (last, told) = (Some(at), told + 1);
        }
    }
    assert_eq!(told, 1);
}

/// A session starts once, and an end without news saves nothing.
#[test]
fn start_and_end_are_not_repeated() {
    let start = Cues { session_start: true, ..Cues::default() };
    let end = Cues { session_end: true, ..Cues::default() };
    let mut triggers = Triggers::default();
    assert_eq!(due(&mut triggers, minute(0), &calls(1), &start), Some(Trigger::SessionStart));
    triggers.done(minute(0));
    assert_eq!(due(&mut triggers, minute(1), &calls(1), &start), None);
    assert_eq!(due(&mut triggers, minute(1), &calls(1), &end), None);
    assert_eq!(due(&mut triggers, minute(1), &calls(2), &end), Some(Trigger::SessionEnd));
    let mut fresh = Triggers::default();
    assert_eq!(due(&mut fresh, minute(0), &calls(0), &end), Some(Trigger::SessionEnd));
}

/// A person's wish is honoured each time, whether or not something is new.
#[test]
fn a_person_may_ask_again() {
    let asked = Cues { user_requested: true, ..Cues::default() };
    let mut triggers = Triggers::default();
    for step in 0..3 {
        let told = due(&mut triggers, minute(step), &calls(0), &asked);
        assert_eq!(told, Some(Trigger::UserRequested));
        triggers.done(minute(step));
    }
}

/// A page that was loaded again goes on where it was.
#[test]
fn triggers_survive_a_reload() {
    let mut triggers = Triggers::default();
    at_risk(&mut triggers, minute(0), RiskLevel::Danger);
    let green = cues_of(&[answer("All tests pass.")]);
    let mut signals = calls(4);
    assert_eq!(due(&mut triggers, minute(1), &signals, &green), Some(Trigger::Milestone));
    triggers.done(minute(1));
    let json = serde_json::to_string(&triggers).unwrap();
    let mut again: Triggers = serde_json::from_str(&json).unwrap();
    assert_eq!(again, triggers);
    signals.tool_calls_since_checkpoint = 0;
    assert_eq!(due(&mut again, minute(20), &signals, &green), None);
    assert_eq!(serde_json::from_str::<Triggers>("{}").unwrap(), Triggers::default());
}

/// An interval of zero is none, not one that is always due.
#[test]
fn an_interval_stored_before_the_clock_went_back_waits_no_longer_than_itself() {
    let mut triggers = Triggers::default();
    triggers.done(minute(600));
    triggers.not_after(minute(60));
    let signals = Signals { message_count: 3, ..calls(0) };
    assert_eq!(plain(&mut triggers, minute(69), &signals), None);
    assert_eq!(plain(&mut triggers, minute(70), &signals), Some(Trigger::TimeInterval));
}

#[test]
fn an_interval_of_zero_is_off() {
    let tuning = Tuning { call_interval: 0, ..Tuning::default() };
    let mut triggers = Triggers::default();
    let told = triggers.due(minute(0), &calls(9), &Risk::default(), &Cues::default(), &tuning);
    assert_eq!(told, None);
}

fn answer(markdown: &str) -> Turn {
    Turn {
        key: "answer".into(),
        position: 1,
        role: Role::Assistant,
        markdown: markdown.to_owned(),
        ..Turn::default()
    }
}

fn with_call(name: &str, args: &str, result: &str, state: CallState) -> Turn {
    let call = ToolCall {
        name: name.to_owned(),
        args: args.to_owned(),
        result: result.to_owned(),
        state,
        ..ToolCall::default()
    };
    Turn { calls: vec![call], ..answer("") }
}
