//! How far an answer is: under way, standing still, stopped, broken off.

use super::{AT, CHATGPT, look, reader_of};
use shim::base::{Moment, Span};
use shim::sites::by_name;
use shim::sites::reader::Reader;
use shim::wire::chat::{Reading, TurnState};
use shim::wire::page::{PageFlush, Plan};

const STOPPED: &str = include_str!("../../pages/chatgpt-turnkey-2026-09/stopped.html");
const STOP: &str = "<button data-testid=stop-button></button></body>";

fn shown(plan: &Plan, answer: &str, busy: bool) -> PageFlush {
    let html = STOPPED.replace("There are for", answer);
    let html = if busy { html.replace("</body>", STOP) } else { html };
    look(plan, &html, CHATGPT)
}

/// The answer's state, where it changed.
fn state(reading: &Reading) -> Option<TurnState> {
    reading.changed.last().map(|turn| turn.state)
}

#[test]
fn an_answer_of_which_nothing_comes_stands_still_until_more_comes() {
    let (mut reader, plan) = reader_of(CHATGPT);
    let first = reader.read(AT, &shown(&plan, "There are", true));
    assert_eq!(state(&first), Some(TurnState::Streaming));
    let due = reader.next_settle(AT).unwrap();
    assert_eq!(state(&reader.settle(Moment(due.0 - 1))), None);
    assert_eq!(state(&reader.settle(due)), Some(TurnState::Stalled));
    let more = reader.read(due.after(Span(100)), &shown(&plan, "There are forty", true));
    assert_eq!(state(&more), Some(TurnState::Streaming));
    let end = reader.read(due.after(Span(200)), &shown(&plan, "There are forty left.", false));
    assert_eq!(state(&end), Some(TurnState::Done));
    assert_eq!(reader.next_settle(due.after(Span(300))), None);
}

#[test]
fn an_answer_of_which_nothing_ever_came_hangs() {
    let (mut reader, plan) = reader_of(CHATGPT);
    reader.read(AT, &shown(&plan, "", true));
    let due = reader.next_settle(AT).unwrap();
    assert_eq!(state(&reader.settle(due)), Some(TurnState::Hung));
}

#[test]
fn an_answer_that_a_person_stopped_was_stopped_and_the_next_one_was_not() {
    let (mut reader, plan) = reader_of(CHATGPT);
    let ended = |reader: &mut Reader, answer: &str, stopped: bool| {
        reader.read(AT, &shown(&plan, answer, true));
        reader.read(AT, &PageFlush { stopped, ..shown(&plan, answer, true) });
        reader.read(AT, &shown(&plan, answer, false));
        reader.read(AT, &shown(&plan, &format!("{answer} -"), false))
    };
    assert_eq!(state(&ended(&mut reader, "There are", true)), Some(TurnState::Stopped));
    // Made again under the same key.
    assert_eq!(state(&ended(&mut reader, "Forty", false)), Some(TurnState::Done));
}

const PROMPT: &str = "<div class=aui-thread-root><div class=aui-user-message-root data-role=user>\
    <p class=aui-user-message-content>Why?</p></div><textarea class=aui-composer-input></textarea>";
const HERE: &str = "http://192.168.0.7:8000/";

/// How long a chat of this page, which has no address, waits for its name, in milliseconds.
fn unnamed_for(reader: &mut Reader, html: &str) -> u64 {
    let plan = by_name("assistantui").unwrap().plan();
    let mut reading = reader.read(AT, &look(&plan, html, HERE));
    let mut at = AT;
    while reading.chat.is_none() {
        at = reader.next_settle(at).expect("it is named some time");
        reading = reader.settle(at);
    }
    assert!(reading.chat.unwrap().is_unnamed());
    at.since(AT).0
}

#[test]
fn a_chat_without_an_address_is_named_though_nothing_follows_its_prompt() {
    let reader = || Reader::new(by_name("assistantui").unwrap()).in_document("d");
    let answered = PROMPT.replace(
        "<textarea",
        "<div class=aui-assistant-message-root data-role=assistant><p class=aui-md>So.</p></div>\
         <textarea",
    );
    let soon = unnamed_for(&mut reader(), &answered);
    let late = unnamed_for(&mut reader(), PROMPT);
    assert!(0 < soon && soon < 2_000 && soon < late, "{soon} {late}");
    let waits = format!("{PROMPT}<button class=aui-composer-cancel></button>");
    assert!(unnamed_for(&mut reader(), &waits) > late, "its address may come with the answer");
    let mut known = reader();
    known.expect_no_address();
    assert_eq!(unnamed_for(&mut known, PROMPT), 0);
}
