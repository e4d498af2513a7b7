//! Tokens by kind of text, the context that a page does not show, and calls that repeat.

use super::{minute, now, said};
use shim::base::chance::Chance;
use shim::base::{Moment, Span};
use shim::session::meter::{Meter, tokens};
use shim::wire::chat::{CallState, Role, ToolCall, Turn, TurnState};

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

/// What tools were given and returned is counted apart, and so is what a message brings.
#[test]
fn tool_output_and_growth_are_signals() {
    let mut meter = Meter::default();
    assert!(now(&meter, minute(0)).context_growth_tokens.abs() < f64::EPSILON);
    meter.turn(minute(0), &said(0, Role::User, &"word ".repeat(300)));
    assert_eq!(now(&meter, minute(0)).tool_tokens, 0);
    meter.turn(minute(0), &called("{}", &"word ".repeat(1_000)));
    let signals = now(&meter, minute(0));
    assert!((980..1_100).contains(&signals.tool_tokens), "{}", signals.tool_tokens);
    let grown = signals.context_growth_tokens * 2.0;
    assert!((1_280.0..1_500.0).contains(&grown), "{grown}");
    // Of turns that are counted in the whole by now, too.
    for position in 2..400 {
        let turn = Turn { position, ..called("{}", &"word ".repeat(100)) };
        let key = format!("t{position}").as_str().into();
        meter.turn(minute(1), &Turn { key, ..turn });
    }
    let told = now(&meter, minute(1)).tool_tokens;
    assert!((40_000..44_000).contains(&told), "{told}");
}

/// An application that people host themselves hides no site's prompt.
#[test]
fn what_is_hidden_is_the_sites_own() {
    let mut meter = Meter::default();
    meter.turn(minute(0), &said(0, Role::User, "Good morning"));
    let on_a_site = now(&meter, minute(0)).context_tokens;
    meter.set_hosted(true);
    assert_eq!(on_a_site - now(&meter, minute(0)).context_tokens, 3_000);
}

/// An answer that comes in pieces counts as the same text told at once, after every piece.
#[test]
fn a_growing_text_is_counted_as_the_whole_would_be() {
    let texts = [
        "Plan:\n\n- a step, and 我们 more  \n```rust\nlet x = 0x9f86d081884c7d659;\n```\n",
        "  \n ",
    ];
    let mut chance = Chance::new(9);
    for round in 0..60 {
        let text = texts[round % 2].repeat(1 + round / 4);
        let mut meter = Meter::default();
        let mut end = 0;
        while end < text.len() {
            end = (end + 1 + chance.below(40) as usize).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let state = TurnState::Streaming;
            meter.turn(minute(0), &Turn { state, ..said(1, Role::Assistant, &text[..end]) });
            assert_eq!(now(&meter, minute(0)).estimated_total_tokens, tokens(&text[..end]));
        }
        // It is replaced, and grows from there.
        for other in ["Other words", "Other words, and more of them", "Short"] {
            let state = TurnState::Streaming;
            meter.turn(minute(0), &Turn { state, ..said(1, Role::Assistant, other) });
            assert_eq!(now(&meter, minute(0)).estimated_total_tokens, tokens(other));
        }
    }
}
