//! Tokens by kind of text, the context that a page does not show, and calls that repeat.

use super::{minute, now, said};
use shim::base::{Moment, Span};
use shim::session::meter::{Meter, tokens};
use shim::wire::chat::{CallState, Role, ToolCall, Turn};

/// Counts of two real tokenizers lie around these; `xtask/replay` measures the rest.
#[test]
fn kinds_of_text_have_their_own_price() {
    assert_eq!(tokens(""), 0);
    let per = |text: &str| tokens(&text.repeat(100)) as f64 / 100.0;
    for (text, least, most) in [
        ("the quick brown fox jumps over the lazy dog ", 8.0, 11.0),
        ("let count = self.next_entry(&mut buffer)?;\n", 11.0, 18.0),
        ("{\"id\": 481516, \"ok\": true},\n", 11.0, 19.0),
        ("我们明天早上再讨论这个问题。", 9.0, 16.0),
        ("9f86d081884c7d659a2feaa0c55ad015 ", 16.0, 24.0),
    ] {
        let found = per(text);
        assert!((least..most).contains(&found), "{text:?}: {found}");
    }
}

fn called(args: &str, result: &str) -> Turn {
    let call = ToolCall {
        name: "Read".to_owned(),
        args: args.to_owned(),
        result: result.to_owned(),
        state: CallState::Done,
        ..ToolCall::default()
    };
    Turn { calls: vec![call], ..said(1, Role::Assistant, "") }
}

/// What a tool's output says that it left out was in the model's context.
#[test]
fn a_notice_of_a_cut_counts() {
    let count = |result: &str| {
        let mut meter = Meter::default();
        meter.turn(minute(0), &called("{}", result));
        now(&meter, minute(0)).estimated_total_tokens
    };
    let shown = "word ".repeat(200);
    let plain = count(&shown);
    for notice in ["[1000 chars cut]", "[1000 characters truncated]", "[250 tokens truncated]"] {
        let cut = count(&format!("{shown}{notice}"));
        assert!((plain * 19 / 10..plain * 22 / 10).contains(&cut), "{notice}: {cut}, {plain}");
    }
    assert!(count(&format!("{shown}[some chars cut]")) < plain + 10);
}

/// Tools bring their definitions; a summary takes what stood above it out of the context.
#[test]
fn the_context_is_more_than_what_is_seen() {
    let mut meter = Meter::default();
    meter.set_model("claude-opus-4-5");
    meter.turn(minute(0), &said(0, Role::User, &"word ".repeat(1_000)));
    let plain = now(&meter, minute(0)).context_tokens;
    meter.turn(minute(0), &called("{}", &"word ".repeat(1_000)));
    let with_tools = now(&meter, minute(0)).context_tokens;
    assert!((3_000..8_000).contains(&plain), "{plain}");
    assert!(with_tools > plain + 20_000, "{with_tools}");
    for number in 2..40 {
        meter.turn(minute(0), &said(number, Role::User, &"word ".repeat(2_000)));
    }
    let full = now(&meter, minute(0));
    let left = full.turns_left.unwrap();
    assert!((10.0..60.0).contains(&left), "{left}");
    let summary = "This session is being continued from a previous conversation. It was long.";
    meter.turn(minute(1), &said(40, Role::User, summary));
    let summed = now(&meter, minute(1));
    assert!(summed.context_tokens * 3 < full.context_tokens, "{summed:?}");
    assert!(summed.estimated_total_tokens > full.estimated_total_tokens);
}

/// The same call with the same result is a loop; a poll waits, or its result changes.
#[test]
fn a_poll_is_no_loop() {
    let run = |step: Span, changes: bool| {
        let mut meter = Meter::default();
        let mut at = minute(0);
        for number in 0..9_u32 {
            let result = if changes { format!("{number} of 9") } else { "pending".to_owned() };
            let turn = called("{\"job\":1}", &result);
            let turn = Turn { key: format!("c{number}").as_str().into(), position: number, ..turn };
            meter.turn(at, &turn);
            at = at.after(step);
        }
        now(&meter, at).repeated_calls
    };
    assert_eq!(run(Span::seconds(2), false), 9);
    assert_eq!(run(Span::seconds(2), true), 0);
    assert_eq!(run(Span::seconds(30), false), 0);
    assert_eq!(now(&Meter::default(), Moment(0)).repeated_calls, 0);
}
