//! Sites' own exports, read as the dashboard reads them.

mod hostile;
pub mod samples;
mod zipped;

use samples::*;
use serde_json::{Value, json};
use shim::background::archive::{Chat, Source, chat_of};
use shim::base::{Moment, Problem};
use shim::wire::archive::{Last, Skipped};
use shim::wire::chat::{CallState, Role, Turn};

type Read = (Vec<Chat>, Last, Skipped);

/// One pass over a file.
fn pass(file: &[u8], gives: bool) -> Result<(Vec<String>, Last, Skipped), Problem> {
    let mut source = Source::new(file.len() as u64, gives);
    let mut lines = Vec::new();
    while let Some(range) = source.next() {
        let place = |at: u64| usize::try_from(at).unwrap().min(file.len());
        source.push(&file[place(range.start)..place(range.end)])?;
        lines.extend(source.take());
        let (done, all) = source.progress();
        assert!(done <= all, "{done} of {all}");
    }
    source.end().map(|(last, skipped)| (lines, last, skipped))
}

/// Both passes.
pub fn read(file: &[u8]) -> Result<Read, Problem> {
    let (none, checked, skipped) = pass(file, false)?;
    assert!(none.is_empty(), "the first pass gives nothing");
    let (lines, last, again) = pass(file, true)?;
    assert_eq!((checked, skipped), (last, again), "both passes find the same");
    let chats: Vec<Chat> = lines.iter().map(|lines| chat_of(lines).unwrap()).collect();
    assert_eq!(chats.len(), last.chats as usize);
    Ok((chats, last, skipped))
}

fn json_of(conversations: &Value) -> Read {
    read(conversations.to_string().as_bytes()).unwrap()
}

/// The one chat in it.
fn one(conversation: Value) -> Chat {
    json_of(&json!([conversation])).0.remove(0)
}

fn why(file: &[u8]) -> String {
    read(file).expect_err("it is refused").text
}

fn keys(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.key.as_str()).collect()
}

fn texts(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.markdown.as_str()).collect()
}

#[test]
fn a_conversation_of_chatgpt_is_the_thread_that_was_shown_last() {
    let chat = one(chatgpt_long());
    assert_eq!(chat.named.session().as_str(), format!("chatgpt//{CHAT}"));
    assert_eq!(chat.named.url, format!("https://chatgpt.com/c/{CHAT}"));
    assert_eq!(
        (chat.named.title.as_str(), chat.named.model.as_str()),
        ("The bridge", "gpt-5-thinking")
    );
    assert_eq!(chat.named.started_at, Moment(1_712_345_678_500));
    assert_eq!(chat.named.updated_at, Moment(1_712_400_000_250));
    let turns = &chat.turns;
    let asked = "How does one build a bridge of oak?";
    assert_eq!(texts(turns), [asked, "With 42 beams.", "Thanks", "Gladly."]);
    assert_eq!(keys(turns), ["u1:user", "u1:assistant", "u2:user", "u2:assistant"]);
    assert_eq!(turns.iter().map(|turn| turn.position).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(turns[0].attachments[0].kind, "image");
    assert_eq!(turns[1].thinking, "Which span?");
    let call = &turns[1].calls[0];
    let told = (call.name.as_str(), call.args.as_str(), call.result.as_str(), call.state);
    assert_eq!(told, ("python", "print(6 * 7)", "42", CallState::Done));
    assert!(turns.iter().all(Turn::is_exported), "no page read them");
    assert!(!format!("{turns:?}").contains("secret"), "what was hidden stays so");
}

#[test]
fn a_conversation_of_claude_is_the_same_with_blocks() {
    let chat = one(claude_long());
    assert_eq!(chat.named.session().as_str(), format!("claude//{CLAUDE_CHAT}"));
    assert_eq!(chat.named.url, format!("https://claude.ai/chat/{CLAUDE_CHAT}"));
    assert_eq!(chat.named.started_at, Moment(1_774_767_994_084));
    let turns = &chat.turns;
    assert_eq!(texts(turns), ["Read a.rs.", "It has a `main`.", "Oak, and more oak.", "So it is."]);
    assert_eq!(keys(turns), ["u1", "u1-hub-reply", "u2", "u2-hub-reply"]);
    assert_eq!((turns[1].role, turns[1].thinking.as_str()), (Role::Assistant, "Which file?"));
    assert_eq!(turns[1].calls[0].result, "fn main");
    assert_eq!(turns[1].at, Moment(1_774_767_995_552));
}

#[test]
fn an_export_of_claude_without_parents_is_read_as_it_is_listed() {
    let mut old = claude_long();
    for message in old["chat_messages"].as_array_mut().unwrap() {
        message.as_object_mut().unwrap().remove("parent_message_uuid");
    }
    let turns = one(old).turns;
    assert_eq!(turns.len(), 6);
    assert_eq!(keys(&turns)[..3], ["u0", "u0-hub-reply", "u1"]);
    // So is one of which a message in the middle is missing.
    let mut torn = claude_long();
    torn["chat_messages"].as_array_mut().unwrap().remove(3);
    assert_eq!(one(torn).turns.len(), 5);
}

#[test]
fn fields_that_newer_exports_leave_out_are_not_needed() {
    let mut lean = chatgpt_long();
    for name in ["current_node", "id", "default_model_slug", "update_time"] {
        lean.as_object_mut().unwrap().remove(name);
    }
    let nodes = lean["mapping"].as_object_mut().unwrap();
    for node in nodes.values_mut() {
        node.as_object_mut().unwrap().remove("children");
        if let Some(message) = node["message"].as_object_mut() {
            message.retain(|name, _| !["status", "metadata", "recipient"].contains(&name.as_str()));
        }
    }
    nodes["a2"]["message"]["create_time"] = json!(1_712_345_999);
    let chat = one(lean);
    assert_eq!(texts(&chat.turns).last(), Some(&"Gladly."));
    assert_eq!(chat.named.updated_at, Moment(1_712_345_999_000), "when the newest was said");
}

#[test]
fn what_is_no_chat_is_left_out_and_counted() {
    let empty = chatgpt("6ab65814-2222-4111-8111-000000000001", Vec::new());
    let mut shell = empty.clone();
    shell.as_object_mut().unwrap().remove("mapping");
    let private = chatgpt("WEB:6ab65814-2222", vec![node("u", "", "user", words("Hm"))]);
    let all = json!([
        chatgpt_long(), empty, shell, claude(CLAUDE_CHAT, Vec::new()), private, chatgpt_long(),
        { "a": 1 }, 7, "conversation", [], null, { "uuid": "x", "chat_messages": 3 },
    ]);
    let (chats, last, skipped) = json_of(&all);
    assert_eq!((chats.len(), last.turns), (1, 4));
    assert_eq!(skipped, Skipped { empty: 3, unknown: 7, large: 0, twice: 1 });
}

#[test]
fn one_too_large_is_left_out_and_the_others_come() {
    let large = chatgpt(CHAT, vec![node("u", "", "user", words(&"x".repeat(65 << 20)))]);
    let many = format!("[{}0]", "0,".repeat(2_000_001));
    let file = format!("[{large},{many},{}]", claude_long());
    let (chats, _, skipped) = read(file.as_bytes()).unwrap();
    assert_eq!((chats.len(), skipped.large), (1, 2));
}

#[test]
fn an_export_is_known_by_what_it_holds_in_pieces_of_any_size() {
    let all = json!([chatgpt_long(), claude_long()]);
    let pretty = serde_json::to_string_pretty(&all).unwrap();
    let lines = format!("{}\n{}\n", chatgpt_long(), claude_long());
    let marked = format!("\u{feff}  {all}\n");
    for text in [all.to_string(), pretty, lines, marked] {
        assert_eq!(read(text.as_bytes()).unwrap().0.len(), 2, "{}", &text[..40]);
        for size in [1, 7, 1_000] {
            let mut source = Source::new(text.len() as u64, true);
            let mut chats = 0;
            // What a file is, its first bytes tell.
            let (first, rest) = text.as_bytes().split_at(64);
            for piece in [first].into_iter().chain(rest.chunks(size)) {
                source.push(piece).unwrap();
                chats += source.take().len();
            }
            assert_eq!((chats, source.end().unwrap().0.chats), (2, 2), "by {size}");
        }
    }
}
