//! The scripted model's addresses.

use std::path::{Component, Path, PathBuf};

use axum::extract::{DefaultBodyLimit, Path as InPath, State as Shared};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::script::{self, Ending, Heard, Plan, Refusal};
use super::{Ended, Sent, State, text, writing};

/// The one model there is.
pub const MODEL: &str = "shim-scripted";
/// The largest request that is taken in.
const BODY_MAX_BYTES: usize = 16 << 20;
/// Tokens that the model is said to hold.
const CONTEXT_TOKENS: u32 = 8192;
/// When the limit of use resets, in seconds.
const RESET_S: u32 = 20;

pub(super) fn router(state: State) -> Router {
    Router::new()
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(complete))
        .route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/props", get(props))
        .route("/slots", get(|| async { Json(json!([])) }))
        .route("/tools", get(builtin_tools).post(builtin_tool))
        .route("/openapi.json", get(openapi))
        .route("/tool/{name}", post(tool))
        .fallback(get(page))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(state)
}

async fn models() -> Json<Value> {
    Json(json!({ "object": "list", "data": [
        { "id": MODEL, "object": "model", "created": 1_795_000_000, "owned_by": "shim" }
    ]}))
}

async fn complete(Shared(state): Shared<State>, Json(body): Json<Value>) -> Response {
    let heard = heard(&body);
    let plan = script::plan(&heard);
    let sent = Sent {
        asked: heard.asked().to_owned(),
        received: heard.messages.len(),
        offered: offered(&body),
        side: text::side_task(heard.asked()).is_some(),
        results: heard.results.clone(),
        ..Sent::default()
    };
    let at = {
        let mut all = state.lock();
        all.push(sent);
        all.len() - 1
    };
    if let Ending::Refused(refusal) = plan.ending {
        let response = refuse(refusal, state.pages.is_some());
        state.end(at, Ended::Refused(response.status().as_u16()));
        return response;
    }
    if plan.ending == Ending::Hangs(0) {
        let mut closing = state.closing.clone();
        // An error means that the model itself is gone, which is the same.
        let _gone = closing.wait_for(|closed| *closed).await;
    }
    let model = body.get("model").and_then(Value::as_str).unwrap_or(MODEL).to_owned();
    if body.get("stream").and_then(Value::as_bool) == Some(true) {
        return writing::begin(state, at, plan, model);
    }
    whole(&state, at, plan, &model)
}

/// An answer in one piece; what happens to a stream does not happen to it.
fn whole(state: &State, at: usize, plan: Plan, model: &str) -> Response {
    let calls = plan.calls.iter().enumerate().map(|(index, call)| {
        json!({ "id": format!("call_{at}_{index}"), "type": "function",
            "function": { "name": call.name, "arguments": call.args.to_string() } })
    });
    let calls: Vec<Value> = calls.collect();
    let (reason, ended) = match calls.is_empty() {
        true => ("stop", Ended::Done),
        false => ("tool_calls", Ended::Calls),
    };
    let mut message = json!({ "role": "assistant", "content": plan.text });
    if let (false, Some(message)) = (calls.is_empty(), message.as_object_mut()) {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    state.change(at, |sent| {
        *sent = Sent {
            text: plan.text.clone(),
            thinking: plan.thinking.clone(),
            calls: plan.calls.clone(),
            ..sent.clone()
        };
    });
    state.end(at, ended);
    Json(json!({
        "id": format!("chatcmpl-{at}"), "object": "chat.completion",
        "created": 1_795_000_000, "model": model,
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
    }))
    .into_response()
}

/// The chat of a request.
fn heard(body: &Value) -> Heard {
    let all = body.get("messages").and_then(Value::as_array).into_iter().flatten();
    let word = |message: &Value, name| {
        message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let messages: Vec<(String, String)> =
        all.map(|message| (word(message, "role"), content(message.get("content")))).collect();
    let after_user = messages.iter().rev().take_while(|(role, _)| role != "user");
    let mut results: Vec<String> =
        after_user.filter(|(role, _)| role == "tool").map(|(_, text)| text.clone()).collect();
    results.reverse();
    Heard { messages, results }
}

/// A message's text: one text, or a list of parts.
fn content(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn offered(body: &Value) -> Vec<String> {
    let tools = body.get("tools").and_then(Value::as_array).into_iter().flatten();
    let names = tools.filter_map(|tool| tool.pointer("/function/name")?.as_str());
    names.map(str::to_owned).collect()
}

/// A refusal as OpenAI's interface says it, the long conversation in llama.cpp's own way where
/// the model stands for that.
fn refuse(refusal: Refusal, llamacpp: bool) -> Response {
    let error = |status: StatusCode, message: String, kind: &str, code: Value| {
        let body = json!({ "error": { "message": message, "type": kind, "param": null,
            "code": code, "n_prompt_tokens": 9131, "n_ctx": CONTEXT_TOKENS } });
        // Clients must not try again by themselves: a test counts requests.
        let once = [(HeaderName::from_static("x-should-retry"), "false")];
        (status, once, Json(body)).into_response()
    };
    match refusal {
        Refusal::Limit => {
            let message = format!(
                "Rate limit reached for {MODEL} on requests per minute. Please try again in \
                 {RESET_S}s."
            );
            let mut response = error(
                StatusCode::TOO_MANY_REQUESTS,
                message,
                "requests",
                json!("rate_limit_exceeded"),
            );
            response.headers_mut().insert(RETRY_AFTER, RESET_S.into());
            response
        }
        Refusal::Context if llamacpp => error(
            StatusCode::BAD_REQUEST,
            format!(
                "request (9131 tokens) exceeds the available context size ({CONTEXT_TOKENS} \
                 tokens), try increasing it"
            ),
            "exceed_context_size_error",
            json!(400),
        ),
        Refusal::Context => error(
            StatusCode::BAD_REQUEST,
            format!(
                "This model's maximum context length is {CONTEXT_TOKENS} tokens. However, your \
                 messages resulted in 9131 tokens. Please reduce the length of the messages."
            ),
            "invalid_request_error",
            json!("context_length_exceeded"),
        ),
        Refusal::Server => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server had an error while processing your request.".to_owned(),
            "server_error",
            Value::Null,
        ),
        Refusal::Key => error(
            StatusCode::UNAUTHORIZED,
            "Incorrect API key provided.".to_owned(),
            "invalid_request_error",
            json!("invalid_api_key"),
        ),
    }
}

/// What llama.cpp's server says of itself.
async fn props() -> Json<Value> {
    Json(json!({
        "default_generation_settings": {
            "id": 0, "id_task": -1, "n_ctx": CONTEXT_TOKENS, "is_processing": false,
            "params": { "temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05,
                "samplers": ["top_k", "top_p", "temperature"] },
        },
        "total_slots": 1, "model_path": format!("/models/{MODEL}.gguf"), "model_alias": MODEL,
        "role": "model", "modalities": { "vision": false, "audio": false },
        "chat_template": "", "bos_token": "", "eos_token": "", "build_info": "shim",
    }))
}

/// A tool as both interfaces describe it.
fn definition((name, what, argument): &(&str, &str, &str)) -> Value {
    json!({ "type": "function", "function": { "name": name, "description": what,
        "parameters": schema(argument) } })
}

fn schema(argument: &str) -> Value {
    json!({ "type": "object", "properties": { argument: { "type": "string" } },
        "required": [argument] })
}

/// Tools that llama.cpp's server carries out itself.
async fn builtin_tools() -> Json<Value> {
    let tool = |tool: &(&str, &str, &str)| {
        json!({ "display_name": tool.0, "tool": tool.0, "type": "builtin",
            "permissions": { "write": false }, "definition": definition(tool) })
    };
    Json(text::TOOLS.iter().map(tool).collect())
}

async fn builtin_tool(Shared(state): Shared<State>, Json(body): Json<Value>) -> Response {
    let name = body.get("tool").and_then(Value::as_str).unwrap_or_default();
    opened(&state).await;
    match text::returned(name, body.get("params").unwrap_or(&Value::Null)) {
        Ok(text) => Json(json!({ "plain_text_response": text })).into_response(),
        // The page shows what such an error says like any other result; that of a request it marks.
        Err(text) => {
            let error = json!({ "error": { "message": text, "code": 500 } });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
        }
    }
}

/// The same tools for applications that read OpenAPI.
async fn openapi() -> Json<Value> {
    let path = |tool: &(&str, &str, &str)| {
        let (name, what, argument) = tool;
        let text = json!({ "application/json": { "schema": { "type": "string" } } });
        let operation = json!({ "operationId": name, "summary": what, "description": what,
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": schema(argument) } } },
            "responses": { "200": { "description": "what it returns", "content": text } } });
        (format!("/tool/{name}"), json!({ "post": operation }))
    };
    let paths: Map<String, Value> = text::TOOLS.iter().map(path).collect();
    Json(json!({ "openapi": "3.1.0", "info": { "title": "Lab", "version": "1" },
        "paths": paths }))
}

async fn tool(
    Shared(state): Shared<State>,
    InPath(name): InPath<String>,
    Json(args): Json<Value>,
) -> Response {
    opened(&state).await;
    match text::returned(&name, &args) {
        Ok(text) => Json(text).into_response(),
        Err(text) => (StatusCode::INTERNAL_SERVER_ERROR, text).into_response(),
    }
}

/// Waits until tools may return.
async fn opened(state: &State) {
    let mut open = state.tools_open.clone();
    // An error means that the model itself is gone: nobody waits any more.
    let _gone = open.wait_for(|open| *open).await;
}

/// A file of the application's pages.
async fn page(Shared(state): Shared<State>, uri: Uri) -> Response {
    let path = Path::new(uri.path().trim_start_matches('/'));
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let file = state.pages.filter(|_| inside).map(|pages: PathBuf| match uri.path() {
        "/" => pages.join("index.html"),
        _ => pages.join(path),
    });
    let kind = match file.as_deref().and_then(Path::extension).and_then(|e| e.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    match file.map(std::fs::read) {
        Some(Ok(bytes)) => {
            ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
