//! How the answers of sites are built. What is not as expected gives nothing: the page is read
//! instead.

use super::Told;
use super::export::{iso, seconds};
use crate::wire::chat::{Attachment, CallState, Role, ToolCall};
use serde_json::Value;
use std::collections::BTreeMap;

/// Messages of one conversation at most: more is no conversation.
const MESSAGES: usize = 50_000;

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// From the newest message up to the first, and turned round. None: a message is missing, or the
/// way leads in a circle.
fn path<'v>(
    newest: &'v str,
    find: impl Fn(&str) -> Option<&'v Value>,
    parent: &str,
) -> Option<Vec<&'v Value>> {
    let mut found = Vec::new();
    let mut id = newest;
    while let Some(message) = find(id) {
        found.push(message);
        id = text(message, parent);
        if found.len() > MESSAGES {
            return None;
        }
    }
    found.reverse();
    (!found.is_empty()).then_some(found)
}

/// Text of a block, or of a list of them.
fn block_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts: Vec<String> = blocks.iter().map(block_text).collect();
            texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
        }
        Value::Object(_) => text(value, "text").to_owned(),
        _ => String::new(),
    }
}

/// `chat_messages` hang together by `parent_message_uuid`; source: published exporters of 2025 and
/// 2026.
pub(super) fn claude(answer: &Value) -> Option<Vec<Told>> {
    claude_path(answer)?.into_iter().map(claude_message).collect()
}

fn claude_path(answer: &Value) -> Option<Vec<&Value>> {
    let messages = list(answer, "chat_messages");
    let by_id: BTreeMap<&str, &Value> =
        messages.iter().map(|message| (text(message, "uuid"), message)).collect();
    let newest = match text(answer, "current_leaf_message_uuid") {
        "" => text(messages.last()?, "uuid"),
        leaf => leaf,
    };
    path(newest, |id| by_id.get(id).copied(), "parent_message_uuid")
}

/// The same in an export. Older ones tell no parents, and one that lacks a message between others
/// is read as it is listed.
pub(super) fn claude_exported(conversation: &Value) -> Option<Vec<Told>> {
    let messages = list(conversation, "chat_messages");
    // What the first message names as its parent is of no message.
    let is_whole = |path: &Vec<&Value>| {
        let parent = path.first().map_or("", |first| text(first, "parent_message_uuid"));
        parent.starts_with("00000000-")
    };
    let path = claude_path(conversation).filter(is_whole);
    let path = path.unwrap_or_else(|| messages.iter().take(MESSAGES).collect());
    let mut turns: Vec<Told> = Vec::new();
    for message in path {
        let mut told = claude_message(message)?;
        told.before = turns.last().map(|turn| turn.id.clone()).unwrap_or_default();
        turns.push(told);
    }
    Some(turns)
}

fn claude_message(message: &Value) -> Option<Told> {
    let role = match text(message, "sender") {
        "human" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    let before = text(message, "parent_message_uuid").to_owned();
    let (id, at) = (text(message, "uuid").to_owned(), iso(text(message, "created_at")));
    let mut told = Told { id, before, role, at, ..Told::default() };
    let mut texts = Vec::new();
    let mut thoughts = Vec::new();
    for block in list(message, "content") {
        match text(block, "type") {
            "text" => texts.push(text(block, "text")),
            "thinking" => thoughts.push(text(block, "thinking")),
            "tool_use" => told.calls.push(ToolCall {
                name: text(block, "name").to_owned(),
                args: block.get("input").map(Value::to_string).unwrap_or_default(),
                ..ToolCall::default()
            }),
            "tool_result" => {
                let result = block.get("content").map(block_text).unwrap_or_default();
                let failed = block.get("is_error").and_then(Value::as_bool) == Some(true);
                end_call(told.calls.last_mut(), result, failed);
            }
            _ => {}
        }
    }
    if texts.is_empty() {
        texts.push(text(message, "text"));
    }
    (told.markdown, told.thinking) = (joined(&texts), joined(&thoughts));
    for (name, of) in [("attachments", "file_type"), ("files", "file_kind")] {
        told.attachments.extend(list(message, name).iter().map(|file| Attachment {
            name: text(file, "file_name").to_owned(),
            kind: text(file, of).to_owned(),
            ..Attachment::default()
        }));
    }
    let pasted = list(message, "attachments").iter().map(|file| text(file, "extracted_content"));
    told.pasted = joined(&pasted.collect::<Vec<_>>());
    Some(told)
}

fn end_call(call: Option<&mut ToolCall>, result: String, failed: bool) {
    let Some(call) = call else { return };
    // A tool may answer in several messages.
    let result = joined(&[&call.result, &result]);
    if failed {
        (call.state, call.error) = (CallState::Failed, result);
    } else {
        (call.state, call.result) = (CallState::Done, result);
    }
}

fn joined(texts: &[&str]) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
    texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// `mapping` holds nodes by id, `current_node` is the newest; source: published exporters.
pub(super) fn chatgpt(answer: &Value) -> Option<Vec<Told>> {
    chatgpt_up_from(answer, text(answer, "current_node"))
}

/// The same in an export, of which a part may be missing: then the newest message is the end.
pub(super) fn chatgpt_exported(conversation: &Value) -> Option<Vec<Told>> {
    let nodes = conversation.get("mapping")?.as_object()?;
    let current = text(conversation, "current_node");
    let time = |node: &Value| seconds(node.get("message").and_then(|m| m.get("create_time")));
    let newest = || nodes.iter().max_by_key(|(_, node)| time(node)).map_or("", |(id, _)| id);
    chatgpt_up_from(conversation, if nodes.contains_key(current) { current } else { newest() })
}

fn chatgpt_up_from(answer: &Value, newest: &str) -> Option<Vec<Told>> {
    let nodes = answer.get("mapping")?;
    let path = path(nodes.get(newest).map_or("", |_| newest), |id| nodes.get(id), "parent")?;
    let mut turns: Vec<Told> = Vec::new();
    let messages = path.into_iter().filter_map(|node| node.get("message"));
    for message in messages.filter(|message| !is_hidden(message)) {
        let role = text(message.get("author")?, "role");
        if role == "user" {
            turns.push(turn_after(&turns, message, Role::User));
        } else if turns.last().is_some_and(|turn| turn.role == Role::User) {
            turns.push(turn_after(&turns, message, Role::Assistant));
        }
        if let Some(turn) = turns.last_mut() {
            chatgpt_message(turn, role, message);
        }
    }
    Some(turns)
}

fn chatgpt_message(turn: &mut Told, role: &str, message: &Value) {
    let content = message.get("content").unwrap_or(&Value::Null);
    let said = chatgpt_text(content);
    match (role, text(message, "recipient")) {
        ("tool", _) => {
            if turn.calls.is_empty() {
                let name = message.get("author").map_or("", |author| text(author, "name"));
                turn.calls.push(ToolCall { name: name.to_owned(), ..ToolCall::default() });
            }
            end_call(turn.calls.last_mut(), said, false);
        }
        ("assistant", to) if !matches!(to, "" | "all") => {
            turn.calls.push(ToolCall { name: to.to_owned(), args: said, ..ToolCall::default() });
        }
        _ if text(content, "content_type") == "thoughts" => {
            let thoughts = list(content, "thoughts").iter();
            let thoughts: Vec<&str> = thoughts.map(|thought| text(thought, "content")).collect();
            turn.thinking = joined(&[&turn.thinking, &joined(&thoughts)]);
        }
        _ if !said.is_empty() => {
            // An answer is called after the message that holds its text.
            text(message, "id").clone_into(&mut turn.id);
            turn.markdown = joined(&[&turn.markdown, &said]);
        }
        _ => {}
    }
    let about = message.get("metadata").unwrap_or(&Value::Null);
    if role == "assistant" {
        let model = text(about, "model_slug");
        turn.model = if model.is_empty() { std::mem::take(&mut turn.model) } else { model.into() };
    }
    chatgpt_files(turn, content, about);
}

/// Files by their names; pictures that are listed nowhere else by their kind.
fn chatgpt_files(turn: &mut Told, content: &Value, about: &Value) {
    let listed = list(about, "attachments");
    turn.attachments.extend(listed.iter().map(|file| Attachment {
        name: text(file, "name").to_owned(),
        kind: text(file, "mime_type").to_owned(),
        ..Attachment::default()
    }));
    let is_picture = |part: &&Value| text(part, "content_type") == "image_asset_pointer";
    let pictures = list(content, "parts").iter().filter(is_picture).skip(listed.len());
    turn.attachments.extend(pictures.map(|_| Attachment {
        name: "image".to_owned(),
        kind: "image".to_owned(),
        ..Attachment::default()
    }));
}

fn turn_after(turns: &[Told], message: &Value, role: Role) -> Told {
    let before = turns.last().map(|turn| turn.id.clone()).unwrap_or_default();
    let at = seconds(message.get("create_time"));
    Told { id: text(message, "id").to_owned(), before, role, at, ..Told::default() }
}

/// What the page does not show as said by anybody.
fn is_hidden(message: &Value) -> bool {
    let hidden = message.get("metadata").and_then(|about| {
        about.get("is_visually_hidden_from_conversation").and_then(Value::as_bool)
    });
    let role = message.get("author").map(|author| text(author, "role")).unwrap_or_default();
    let kind = message.get("content").map(|content| text(content, "content_type"));
    hidden == Some(true)
        || !matches!(role, "user" | "assistant" | "tool")
        || matches!(kind, Some("user_editable_context" | "model_editable_context"))
}

fn chatgpt_text(content: &Value) -> String {
    let said = match text(content, "content_type") {
        "text" | "multimodal_text" => {
            // A spoken part has its words in a field.
            let parts = list(content, "parts").iter();
            let parts = parts.map(|part| part.as_str().unwrap_or_else(|| text(part, "text")));
            joined(&parts.collect::<Vec<_>>())
        }
        "code" | "execution_output" | "tether_quote" | "system_error" => {
            text(content, "text").to_owned()
        }
        "tether_browsing_display" => text(content, "result").to_owned(),
        _ => String::new(),
    };
    without_marks(said)
}

/// Text without the marks of sources, which pages draw: from `U+E200` to `U+E201`.
fn without_marks(said: String) -> String {
    const MARK: [char; 2] = ['\u{e200}', '\u{e201}'];
    if !said.contains(MARK[0]) {
        return said;
    }
    let mut out = String::new();
    let mut parts = said.split(MARK[0]);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once(MARK[1]).map_or(part, |(_, after)| after));
    }
    out
}

/// `chat.history`, as the application keeps it; source: its own code, `src/lib/apis/chats`.
pub(super) fn openwebui(answer: &Value) -> Option<Vec<Told>> {
    let history = answer.get("chat")?.get("history")?;
    let messages = history.get("messages")?;
    let path = path(text(history, "currentId"), |id| messages.get(id), "parentId")?;
    path.into_iter().map(openwebui_message).collect()
}

fn openwebui_message(message: &Value) -> Option<Told> {
    let role = match text(message, "role") {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    let files = list(message, "files").iter().map(|file| Attachment {
        name: text(file, "name").to_owned(),
        kind: text(file, "type").to_owned(),
        ..Attachment::default()
    });
    let mut told = Told {
        id: text(message, "id").to_owned(),
        before: text(message, "parentId").to_owned(),
        role,
        attachments: files.collect(),
        ..Told::default()
    };
    take_details(text(message, "content"), &mut told);
    Some(told)
}

/// Calls and thinking stand between the words, each in a `<details>` with attributes.
fn take_details(content: &str, told: &mut Told) {
    let mut rest = content;
    let mut texts = Vec::new();
    while let Some((before, after)) = rest.split_once("<details") {
        let Some((inner, behind)) = after.split_once("</details>") else { break };
        let (attributes, body) = inner.split_once('>').unwrap_or((inner, ""));
        texts.push(before);
        rest = behind;
        match attribute(attributes, "type").as_str() {
            "tool_calls" => told.calls.push(ToolCall {
                name: attribute(attributes, "name"),
                args: attribute(attributes, "arguments"),
                result: attribute(attributes, "result"),
                ..ToolCall::default()
            }),
            "reasoning" => {
                let words = body.split_once("</summary>").map_or(body, |(_, words)| words);
                let plain = words.lines().map(|line| line.strip_prefix("> ").unwrap_or(line));
                told.thinking = joined(&[&told.thinking, &plain.collect::<Vec<_>>().join("\n")]);
            }
            _ => {}
        }
    }
    texts.push(rest);
    told.markdown = joined(&texts);
}

/// The value of an attribute, with its entities read.
fn attribute(attributes: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let value = attributes.split_once(&start).and_then(|(_, rest)| rest.split_once('"'));
    let raw = value.map(|(value, _)| value).unwrap_or_default();
    let plain = raw.replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<");
    plain.replace("&gt;", ">").replace("&amp;", "&")
}
