//! The answers of sites' own conversation calls, and when they are used.

use super::eyes::AT;
use serde_json::{Value, json};
use shim::base::TurnKey;
use shim::sites::call::{Form, Seen, Told, Unfit, missing, read};
use shim::wire::chat::{CallState, Role, Turn};

pub fn claude() -> Value {
    let said = |id: &str, parent: &str, sender: &str, content: Value| {
        let mut said = json!({ "uuid": id, "sender": sender, "content": content });
        said["parent_message_uuid"] = json!(parent);
        said
    };
    let text = |text: &str| json!([{ "type": "text", "text": text }]);
    let worked = json!([
        { "type": "thinking", "thinking": "Which file?" },
        { "type": "tool_use", "name": "read", "input": { "path": "a.rs" } },
        { "type": "tool_result", "content": [{ "type": "text", "text": "fn main" }] },
        { "type": "tool_use", "name": "run", "input": {} },
        { "type": "tool_result", "is_error": true, "content": "no such command" },
        { "type": "text", "text": "It has a `main`." },
    ]);
    json!({
        "current_leaf_message_uuid": "a3",
        "chat_messages": [
            said("u1", "0", "human", text("Read **a.rs**.")),
            said("a1", "u1", "assistant", worked),
            said("u2", "a1", "human", text("Left behind.")),
            said("u3", "a1", "human", text("And then?")),
            said("a3", "u3", "assistant", text("Nothing.")),
        ],
    })
}

pub fn chatgpt() -> Value {
    let node = |parent: &str, role: &str, to: &str, content: Value| {
        let author = json!({ "role": role });
        json!({ "parent": parent, "message":
            { "author": author, "recipient": to, "content": content } })
    };
    let text = |text: &str| json!({ "content_type": "text", "parts": [text] });
    let code = json!({ "content_type": "code", "text": "{\"q\":1}" });
    let mut mapping = json!({
        "root": { "message": null },
        "s": node("root", "system", "all", text("Be good.")),
        "u1": node("s", "user", "all", text("Look it up")),
        "c1": node("u1", "assistant", "web.search", code),
        "t1": node("c1", "tool", "all", text("found")),
        "a1": node("t1", "assistant", "all", text("Here it is.")),
        "u2": node("a1", "user", "all", text("Thanks")),
        "a2": node("u2", "assistant", "all", text("Gladly.")),
    });
    for (id, node) in mapping.as_object_mut().unwrap() {
        if let Some(message) = node["message"].as_object_mut() {
            message.insert("id".into(), json!(id));
        }
    }
    json!({ "mapping": mapping, "current_node": "a2" })
}

pub fn openwebui() -> Value {
    let content = "<details type=\"reasoning\" done=\"true\"><summary>Thought</summary>\n> Hm.\n\
        </details>\n<details type=\"tool_calls\" name=\"add\" arguments=\"{&quot;a&quot;:1}\" \
        result=\"2\"><summary>x</summary></details>\nTwo.";
    json!({ "chat": { "history": { "currentId": "m2", "messages": {
        "m1": { "id": "m1", "parentId": null, "role": "user", "content": "Add" },
        "m2": { "id": "m2", "parentId": "m1", "role": "assistant", "content": content },
    } } } })
}

fn told(form: Form, answer: &Value) -> Vec<Told> {
    read(form, &answer.to_string()).unwrap()
}

#[test]
fn each_form_gives_the_conversation_as_it_stands() {
    let turns = told(Form::Claude, &claude());
    let ids: Vec<&str> = turns.iter().map(|turn| turn.id.as_str()).collect();
    assert_eq!(ids, ["u1", "a1", "u3", "a3"], "not the branch that was left");
    assert_eq!(
        (turns[1].markdown.as_str(), turns[1].thinking.as_str()),
        ("It has a `main`.", "Which file?")
    );
    let calls: Vec<_> = turns[1].calls.iter().map(|c| (c.name.as_str(), c.state)).collect();
    assert_eq!(calls, [("read", CallState::Done), ("run", CallState::Failed)]);
    assert_eq!(turns[1].calls[0].result, "fn main");
    let turns = told(Form::ChatGpt, &chatgpt());
    let words: Vec<&str> = turns.iter().map(|turn| turn.markdown.as_str()).collect();
    assert_eq!(words, ["Look it up", "Here it is.", "Thanks", "Gladly."]);
    assert_eq!((turns[1].id.as_str(), turns[1].before.as_str()), ("a1", "u1"));
    assert_eq!(turns[1].calls[0].args, "{\"q\":1}");
    let turns = told(Form::OpenWebUi, &openwebui());
    assert_eq!((turns[1].markdown.as_str(), turns[1].thinking.as_str()), ("Two.", "Hm."));
    assert_eq!(turns[1].calls[0].args, "{\"a\":1}");
}

#[test]
fn another_answer_is_no_conversation() {
    let forms = [Form::Claude, Form::ChatGpt, Form::OpenWebUi];
    for form in forms {
        assert_eq!(read(form, "<html>"), Err(Unfit::NotJson));
        for answer in [json!({}), json!([]), json!({ "mapping": 1 }), json!({ "chat": [] })] {
            assert_eq!(read(form, &answer.to_string()), Err(Unfit::AnotherForm));
        }
    }
    // A way that leads in a circle ends.
    let mut circle = openwebui();
    circle["chat"]["history"]["messages"]["m1"]["parentId"] = json!("m2");
    assert_eq!(read(Form::OpenWebUi, &circle.to_string()), Err(Unfit::AnotherForm));
}

/// The newest two turns of the page, under these keys.
fn seen(keys: [&str; 2]) -> Seen {
    let turn = |(at, key): (usize, &str)| Turn {
        key: TurnKey(key.to_owned()),
        position: 42 + u32::try_from(at).unwrap(),
        role: if at == 0 { Role::User } else { Role::Assistant },
        markdown: ["And *then*?", "Nothing."][at].to_owned(),
        ..Turn::default()
    };
    let mounted: Vec<Turn> = keys.into_iter().enumerate().map(turn).collect();
    let stored = mounted.iter().map(|turn| turn.key.clone()).collect();
    Seen { mounted, total: Some(4), stored }
}

#[test]
fn what_is_not_stored_is_named_and_placed_as_the_page_would() {
    let all = told(Form::Claude, &claude());
    for (keys, wanted) in [
        (["u3", "u3-hub-reply"], ["u1", "u1-hub-reply"]),
        (["u3", "a3"], ["u1", "a1"]),
        (["message-u3", "message-a3"], ["message-u1", "message-a1"]),
        (["u3:user", "u3:assistant"], ["u1:user", "u1:assistant"]),
        (["#2", "#3"], ["#0", "#1"]),
    ] {
        let found = missing(AT, &all, &seen(keys)).unwrap();
        let told: Vec<_> = found.iter().map(|turn| (turn.key.as_str(), turn.position)).collect();
        assert_eq!(told, [(wanted[0], 40), (wanted[1], 41)]);
    }
}

#[test]
fn what_does_not_fit_the_page_is_not_used() {
    let all = told(Form::Claude, &claude());
    let seen = seen(["u3", "a3"]);
    let with = |change: &dyn Fn(&mut Seen)| {
        let mut seen = seen.clone();
        change(&mut seen);
        missing(AT, &all, &seen)
    };
    assert_eq!(with(&|seen| seen.total = Some(5)), Err(Unfit::Count));
    assert_eq!(with(&|seen| seen.mounted[1].markdown = "Much.".into()), Err(Unfit::Differs));
    assert_eq!(with(&|seen| seen.mounted.reverse()), Err(Unfit::Differs));
    assert_eq!(with(&|seen| seen.mounted.truncate(1)), Err(Unfit::Differs));
    assert_eq!(with(&|seen| seen.mounted.clear()), Err(Unfit::Differs));
    assert_eq!(with(&|seen| seen.mounted[0].position = 1), Err(Unfit::Differs), "no room above");
    assert_eq!(with(&|seen| seen.mounted[1].key = TurnKey("x".into())), Err(Unfit::Names));
}
