//! A chat for people: a transcript in Markdown that is safe to open, and JSON.

use super::*;
use pulldown_cmark::{Event, Parser, Tag};
use shim::background::archive::{markdown, transcript};
use shim::wire::chat::TurnState;

const HOSTILE: &str = "````\n<script>alert(1)</script>\n```\n![x](https://evil.example/?q=1)\n\
    ~~~\r`````\r\n[click](javascript:alert(1))\n# Heading\n<https://evil.example>";

#[test]
fn whatever_a_chat_says_opens_nothing() {
    let mut turn = turn(1, HOSTILE);
    turn.thinking = HOSTILE.into();
    turn.calls[0].error = HOSTILE.into();
    turn.calls[0].name = "`![x](https://evil.example)` <b>".into();
    let head = SessionHead { title: format!("``` {HOSTILE}"), ..head("one") };
    let records = [codec::turn_record(&session("one"), &turn)];
    let text = markdown(&head, &records);
    let mut code = String::new();
    for event in Parser::new(&text) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("markup: {html}"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link: {text}"),
            Event::Start(Tag::Heading { .. }) => code.push_str("\n§"),
            Event::Code(said) | Event::Text(said) => code.push_str(&said),
            _ => {}
        }
    }
    let headings: Vec<&str> = code.lines().filter(|line| line.starts_with('§')).collect();
    assert_eq!(headings.len(), 2, "its own alone: {headings:?}");
    let lines = HOSTILE.replace("\r\n", "\n").replace('\r', "\n");
    assert!(code.matches(&lines).count() >= 4, "nothing of it is lost: {text}");
}

#[test]
fn a_transcript_tells_who_said_what_when_and_with_which_tools() {
    let mut records = records("one", 3, 5);
    let cut = Turn { state: TurnState::Stopped, ..turn(3, "And so") };
    records.push(codec::turn_record(&session("one"), &cut));
    let text = markdown(&head("one"), &records);
    for wanted in [
        "Title: ` The bridge `",
        "## 1 · Person · 2026-09-21T14:13:20Z\n\n```markdown\nStone 0 lies\n```",
        "## 2 · Assistant · ",
        "Tool call: ` search · done · 2026-09-21T14:13:20Z `",
        "With:\n\n```text\n{\"q\":\"arches\"}\n```",
        "*was stopped*",
        "- 2 · 2026-09-21T14:13:20Z · 2 turns",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert_eq!(text, markdown(&head("one"), &packed("one", &records)));
}

#[test]
fn the_same_as_json_holds_turns_and_checkpoints() {
    let records = records("one", 9, 5);
    let text = transcript(&head("one"), &records);
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["title"], "The bridge");
    assert_eq!(told["turns"].as_array().unwrap().len(), 9);
    assert_eq!(told["turns"][1]["calls"][0]["name"], "search");
    let summary = &told["checkpoints"][4]["state"]["conversation"]["summary"];
    assert_eq!(summary, "Arch number 5");
    assert_eq!(text, transcript(&head("one"), &packed("one", &records)));
}
