//! The calls by which the pages of the sites fetch a conversation, as published exporters describe
//! them: claude.ai's list of messages with their parents, chatgpt.com's tree of nodes.

use super::server::{State, refusal, unknown_conversation};
use super::store::{Conversation, Event, Turn, lock};
use axum::extract::{Path, State as Shared};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// The token that chatgpt.com's call wants.
const TOKEN: &str = "lab-token";

/// The addresses of the calls.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/api/organizations/{account}/chat_conversations/{id}", get(claude_call))
        .route("/api/auth/session", get(session))
        .route("/backend-api/conversation/{id}", get(chatgpt_call))
}

async fn claude_call(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    Path((account, id)): Path<(String, String)>,
) -> Response {
    let cookies = headers.get(COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    if !cookies.contains(&format!("lastActiveOrg={account}")) {
        return refusal(StatusCode::FORBIDDEN, "account_session_invalid");
    }
    let memory = lock(&state.memory);
    memory.conversation(&id).map_or_else(unknown_conversation, |chat| {
        Json(claude(chat, memory.calls_lack)).into_response()
    })
}

async fn session() -> Response {
    Json(json!({ "accessToken": TOKEN })).into_response()
}

async fn chatgpt_call(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let bearer = headers.get(AUTHORIZATION).and_then(|said| said.to_str().ok());
    if bearer != Some(&format!("Bearer {}", TOKEN)) {
        return refusal(StatusCode::UNAUTHORIZED, "no_token");
    }
    let memory = lock(&state.memory);
    memory.conversation(&id).map_or_else(unknown_conversation, |chat| {
        Json(chatgpt(chat, memory.calls_lack)).into_response()
    })
}

/// Calls and text of an answer, as `(name, args, result, ok)` and words.
fn parts(turn: &Turn) -> (Vec<(String, Value, String, bool)>, String) {
    let mut calls: Vec<(String, Value, String, bool)> = Vec::new();
    let mut text = String::new();
    for event in &turn.events {
        match event {
            Event::Tool { name, args } => {
                calls.push((name.clone(), args.clone(), String::new(), true));
            }
            Event::ToolDone { ok, text } => {
                if let Some(call) = calls.last_mut() {
                    (call.2, call.3) = (text.clone(), *ok);
                }
            }
            Event::Text { s } => text.push_str(s),
            _ => {}
        }
    }
    (calls, text)
}

/// claude.ai's answer; without its newest `less` messages.
fn claude(chat: &Conversation, less: usize) -> Value {
    let mut messages: Vec<Value> = Vec::new();
    let mut parent = "00000000-0000-4000-8000-000000000000".to_owned();
    for turn in &chat.turns {
        let (calls, text) = parts(turn);
        messages.push(json!({
            "uuid": turn.key, "sender": "human", "parent_message_uuid": parent,
            "content": [{ "type": "text", "text": turn.user }],
            "files": turn.attachments.iter().map(|file| json!({ "file_name": file.name }))
                .collect::<Vec<_>>(),
        }));
        let mut content: Vec<Value> = Vec::new();
        for (name, args, result, ok) in calls {
            content.push(json!({ "type": "tool_use", "name": name, "input": args }));
            content.push(json!({
                "type": "tool_result", "is_error": !ok,
                "content": [{ "type": "text", "text": result }],
            }));
        }
        content.push(json!({ "type": "text", "text": text }));
        messages.push(json!({
            "uuid": turn.reply_id, "sender": "assistant", "parent_message_uuid": turn.key,
            "content": content,
        }));
        parent.clone_from(&turn.reply_id);
    }
    messages.truncate(messages.len().saturating_sub(less));
    let leaf = messages.last().map(|message| message["uuid"].clone());
    json!({
        "uuid": chat.id, "name": chat.title, "current_leaf_message_uuid": leaf,
        "chat_messages": messages,
    })
}

/// chatgpt.com's answer; without its newest `less` messages.
fn chatgpt(chat: &Conversation, less: usize) -> Value {
    let mut mapping = serde_json::Map::new();
    let mut path = vec!["root".to_owned()];
    mapping.insert("root".into(), json!({ "id": "root", "parent": null, "message": null }));
    let mut add = |id: &str, role: &str, to: &str, content: Value| {
        let parent = path.last().cloned();
        let message = json!({
            "id": id, "author": { "role": role }, "recipient": to, "content": content,
        });
        mapping.insert(id.into(), json!({ "id": id, "parent": parent, "message": message }));
        path.push(id.to_owned());
    };
    let text = |text: &str| json!({ "content_type": "text", "parts": [text] });
    for turn in &chat.turns {
        add(&turn.key, "user", "all", text(&turn.user));
        let (calls, said) = parts(turn);
        for (at, (name, args, result, _)) in calls.iter().enumerate() {
            let code = json!({ "content_type": "code", "text": args.to_string() });
            add(&format!("{}-call{at}", turn.key), "assistant", name, code);
            add(&format!("{}-result{at}", turn.key), "tool", "all", text(result));
        }
        add(&turn.reply_id, "assistant", "all", text(&said));
    }
    path.truncate(path.len().saturating_sub(less));
    json!({ "title": chat.title, "mapping": mapping, "current_node": path.last() })
}
