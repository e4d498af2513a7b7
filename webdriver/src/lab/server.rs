//! The lab's addresses.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State as Shared};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use super::calls;
use super::model::{self, Writer};
use super::page::{self, Page};
use super::script::Step;
use super::store::{Attachment, Conversation, Ending, Event, Memory, Place, Started, Turn, lock};
use super::{Csp, Panels, Renderer, Site};

/// The files of the pages, which are served from the folder beside this crate's sources.
const ASSETS: [&str; 11] = [
    "style.css",
    "shared.js",
    "markdown.js",
    "composer.js",
    "claude.js",
    "claude-hub.js",
    "claude-2026-07.js",
    "chatgpt.js",
    "looker.js",
    "chatgpt-turnkey.js",
    "chatgpt-2026-07.js",
];
/// The largest message that is taken in, attachments included.
const BODY_MAX_BYTES: usize = 16 << 20;
/// The cookie that chooses the renderer.
const RENDERER: &str = "lab-renderer";
/// The account of a visitor who was given none.
const DEFAULT_ACCOUNT: &str = "5f0c1d6e-1a2b-4c3d-8e4f-0a1b2c3d4e5f";

/// What all addresses share.
#[derive(Clone)]
pub(super) struct State {
    pub(super) memory: Arc<Mutex<Memory>>,
    pub(super) files: PathBuf,
    pub(super) prosemirror: bool,
    pub(super) csp: Csp,
    pub(super) site: Site,
    pub(super) panels: Panels,
    pub(super) renderer: Renderer,
    pub(super) token: Duration,
    pub(super) closing: watch::Receiver<bool>,
}

pub(super) fn router(state: State) -> Router {
    Router::new()
        .route("/lab/log", get(log))
        .route("/lab/reset", post(reset))
        .route("/lab/acknowledged", post(acknowledged))
        .route("/lab/conversation/{id}", get(conversation))
        .route("/lab/send", post(send))
        .route("/lab/stop", post(stop))
        .route("/lab/retry", post(retry))
        .route("/lab/stream", get(stream))
        .route("/assets/{name}", get(asset))
        .route("/npm/{*address}", get(module))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .merge(calls::router())
        .fallback(get(site_page))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(state)
}

pub(super) fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

pub(super) fn unknown_conversation() -> Response {
    refusal(StatusCode::NOT_FOUND, "conversation_not_found")
}

/// The site that a request is about.
fn site_of(state: &State, headers: &HeaderMap, uri: &Uri) -> Site {
    // HTTP/2 names the host in the address, HTTP/1.1 in a header.
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = uri.host().or_else(|| header.and_then(|host| host.split(':').next()));
    [Site::Claude, Site::ChatGpt]
        .into_iter()
        .find(|site| host == Some(site.host()))
        .unwrap_or(state.site)
}

async fn log(Shared(state): Shared<State>) -> Response {
    Json(lock(&state.memory).log()).into_response()
}

async fn reset(Shared(state): Shared<State>) -> Response {
    lock(&state.memory).reset();
    Json(json!({})).into_response()
}

/// A test's own word, sent by a page that may be killed at once. What is no JSON is no word of it.
async fn acknowledged(Shared(state): Shared<State>, text: String) -> StatusCode {
    let event = serde_json::from_str(&text);
    lock(&state.memory).acknowledged.extend(event.ok());
    StatusCode::NO_CONTENT
}

async fn conversation(Shared(state): Shared<State>, Path(id): Path<String>) -> Response {
    match lock(&state.memory).conversation(&id).map(Conversation::to_json) {
        Some(whole) => ([(CACHE_CONTROL, "no-store")], Json(whole)).into_response(),
        None => unknown_conversation(),
    }
}

#[derive(Deserialize)]
struct Sent {
    conversation: Option<String>,
    text: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

async fn send(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    uri: Uri,
    Json(sent): Json<Sent>,
) -> Response {
    if sent.text.trim().is_empty() && sent.attachments.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, "empty_message");
    }
    let site = site_of(&state, &headers, &uri);
    let text = sent.text.clone();
    let started = lock(&state.memory).receive(site, sent.conversation, sent.text, sent.attachments);
    match started {
        Some(started) => {
            let steps = model::plan(&text, &started.earlier);
            begin(&state, started, steps)
        }
        None => unknown_conversation(),
    }
}

#[derive(Deserialize)]
struct Which {
    conversation: String,
}

async fn retry(Shared(state): Shared<State>, Json(which): Json<Which>) -> Response {
    let again = lock(&state.memory).retry(&which.conversation);
    match again {
        Some((started, text)) => {
            let steps = model::without_faults(model::plan(&text, &started.earlier));
            begin(&state, started, steps)
        }
        None => unknown_conversation(),
    }
}

/// Lets the model write, and tells the page where to listen.
fn begin(state: &State, started: Started, steps: Vec<Step>) -> Response {
    let steps = match started.site {
        Site::Claude => steps,
        Site::ChatGpt => model::with_quoted_results(steps),
    };
    let writer = Writer {
        memory: Arc::clone(&state.memory),
        place: started.place.clone(),
        signal: started.signal,
        token: state.token,
        closing: state.closing.clone(),
    };
    tokio::spawn(writer.run(steps));
    Json(json!({
        "conversation": started.place.conversation, "title": started.title,
        "key": started.place.turn, "reply_id": started.reply_id,
        "attempt": started.place.attempt, "at_ms": started.at_ms,
    }))
    .into_response()
}

async fn stop(Shared(state): Shared<State>, Json(which): Json<Which>) -> Response {
    if lock(&state.memory).stop(&which.conversation) {
        Json(json!({})).into_response()
    } else {
        unknown_conversation()
    }
}

#[derive(Deserialize)]
struct Listen {
    conversation: String,
    turn: String,
    attempt: u32,
    /// Events that the page has already.
    #[serde(default)]
    from: usize,
}

/// The events of an answer, one JSON a line, as they are written.
async fn stream(Shared(state): Shared<State>, Query(listen): Query<Listen>) -> Response {
    let place =
        Place { conversation: listen.conversation, turn: listen.turn, attempt: listen.attempt };
    let written = lock(&state.memory).turn(&place).map(|turn| turn.signal.written.subscribe());
    let Some(written) = written else { return unknown_conversation() };
    let reader = Reader {
        memory: Arc::clone(&state.memory),
        place,
        next: listen.from,
        written,
        closing: state.closing.clone(),
        after: After::More,
    };
    let body = Body::from_stream(futures_util::stream::unfold(reader, Reader::chunk));
    ([(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")], body).into_response()
}

/// What follows a chunk.
#[derive(Clone, Copy)]
enum After {
    More,
    Nothing,
    /// The connection breaks.
    Break,
}

struct Reader {
    memory: Arc<Mutex<Memory>>,
    place: Place,
    next: usize,
    written: watch::Receiver<usize>,
    closing: watch::Receiver<bool>,
    after: After,
}

impl Reader {
    async fn chunk(mut self) -> Option<(Result<Bytes, std::io::Error>, Self)> {
        loop {
            match self.after {
                After::Nothing => return None,
                After::Break => {
                    // The server may not have sent the last chunk yet, and a broken stream
                    // takes unsent chunks with it.
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    self.after = After::Nothing;
                    return Some((Err(std::io::Error::other("dropped on command")), self));
                }
                After::More => {}
            }
            let lines = self.lines();
            if !lines.is_empty() {
                return Some((Ok(Bytes::from(lines)), self));
            }
            if matches!(self.after, After::More) {
                tokio::select! {
                    written = self.written.changed() => if written.is_err() {
                        // The turn was begun again or forgotten.
                        self.after = After::Nothing;
                    },
                    _ = self.closing.wait_for(|closed| *closed) => self.after = After::Break,
                }
            }
        }
    }

    /// The lines that are new, empty when there are none.
    fn lines(&mut self) -> String {
        self.written.borrow_and_update();
        let mut memory = lock(&self.memory);
        let Some(turn): Option<&mut Turn> = memory.turn(&self.place) else {
            self.after = After::Nothing;
            return String::new();
        };
        let mut lines = String::new();
        for event in turn.events.iter().skip(self.next) {
            match event {
                Event::End { state: Ending::Dropped, .. } => {
                    self.after = After::Break;
                    break;
                }
                Event::End { .. } => self.after = After::Nothing,
                _ => {}
            }
            // These events hold nothing that JSON cannot write.
            lines.push_str(&serde_json::to_string(event).unwrap_or_default());
            lines.push('\n');
        }
        self.next = turn.events.len();
        lines
    }
}

async fn asset(Shared(state): Shared<State>, Path(name): Path<String>) -> Response {
    if ASSETS.contains(&name.as_str()) {
        file(&state.files.join(&name)).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn module(Shared(state): Shared<State>, Path(address): Path<String>) -> Response {
    if page::is_module(&address) {
        file(&state.files.join("node_modules").join(&address)).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn file(path: &std::path::Path) -> Response {
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    match std::fs::read(path) {
        Ok(bytes) => ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Visit {
    account: Option<String>,
    renderer: Option<String>,
}

/// The sites' own addresses.
async fn site_page(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    uri: Uri,
    Query(visit): Query<Visit>,
) -> Response {
    let site = site_of(&state, &headers, &uri);
    let address = uri.path();
    let chat = match (site, address) {
        (Site::Claude, "/") => return Redirect::to("/new").into_response(),
        (Site::Claude, "/new") | (Site::ChatGpt, "/") => None,
        (Site::Claude, _) => address.strip_prefix("/chat/"),
        (Site::ChatGpt, _) => address.strip_prefix("/c/"),
    };
    let is_new = matches!((site, address), (Site::Claude, "/new") | (Site::ChatGpt, "/"));
    if chat.is_none() && !is_new {
        return (StatusCode::NOT_FOUND, "There is no such page.").into_response();
    }
    let missing = chat.is_some_and(|id| lock(&state.memory).conversation(id).is_none());
    let wanted = visit.renderer.as_deref().and_then(Renderer::from_name);
    let account = account_cookie(site, &headers, visit.account.as_deref());
    Page {
        site,
        csp: state.csp,
        prosemirror: state.prosemirror,
        panels: state.panels,
        conversation: chat,
        missing,
        renderer: wanted.or_else(|| renderer_of(&headers)).unwrap_or(state.renderer),
        cookies: wanted
            .map(|renderer| cookie(RENDERER, renderer.name()))
            .into_iter()
            .chain(account)
            .collect(),
    }
    .into_response()
}

/// The cookie by which a site tells accounts apart, when it must be set.
fn account_cookie(site: Site, headers: &HeaderMap, wanted: Option<&str>) -> Option<String> {
    let name = match site {
        Site::Claude => "lastActiveOrg",
        Site::ChatGpt => "_account",
    };
    let harmless = |id: &&str| {
        !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    let has_one = sent_cookie(headers, name).is_some();
    let default = (site == Site::Claude && !has_one).then_some(DEFAULT_ACCOUNT);
    let account = wanted.filter(harmless).or(default)?;
    Some(cookie(name, account))
}

/// The renderer that the visitor was given earlier.
fn renderer_of(headers: &HeaderMap) -> Option<Renderer> {
    Renderer::from_name(sent_cookie(headers, RENDERER)?)
}

fn cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; SameSite=Lax")
}

/// The value of a cookie that came with a request.
fn sent_cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let sent = headers.get_all("cookie").into_iter().filter_map(|cookie| cookie.to_str().ok());
    let mut pairs = sent.flat_map(|cookies| cookies.split("; "));
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
