//! An answer on its way: token by token, each written down as it leaves.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::script::{Ending, Plan};
use super::{Ended, State, text};

/// Pieces in which a call's arguments are sent, in characters.
const PIECE_CHARS: usize = 8;
/// What the connection needs to carry the last piece away before it breaks.
const LAST_PIECE: Duration = Duration::from_millis(50);

type Piece = Result<Bytes, std::io::Error>;

/// Begins to write answer number `at`.
pub(super) fn begin(state: State, at: usize, plan: Plan, model: String) -> Response {
    // One piece at a time: what is written down as sent has left.
    let (sender, receiver) = mpsc::channel::<Piece>(1);
    let writer = Writer { state, at, sender, model };
    tokio::spawn(writer.run(plan));
    let pieces = futures_util::stream::unfold(receiver, async |mut receiver| {
        Some((receiver.recv().await?, receiver))
    });
    let head = [(CONTENT_TYPE, "text/event-stream; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (head, Body::from_stream(pieces)).into_response()
}

/// Whoever listens has gone.
struct Gone;

struct Writer {
    state: State,
    at: usize,
    sender: mpsc::Sender<Piece>,
    model: String,
}

impl Writer {
    async fn run(self, plan: Plan) {
        let mut closing = self.state.closing.clone();
        let ended = tokio::select! {
            ended = self.write(&plan) => ended.unwrap_or(Ended::Left),
            () = self.sender.closed() => Ended::Left,
            // An error means that the model itself is gone, which is the same.
            _ = closing.wait_for(|closed| *closed) => Ended::Dropped,
        };
        self.state.end(self.at, ended);
        if ended == Ended::Dropped {
            tokio::time::sleep(LAST_PIECE).await;
            let broken = std::io::Error::other("dropped on command");
            // Nobody may listen any more, which is what is wanted.
            let _unheard = self.sender.send(Err(broken)).await;
        }
    }

    async fn write(&self, plan: &Plan) -> Result<Ended, Gone> {
        let pause = Duration::try_from_secs_f64(1.0 / plan.pace).unwrap_or_default();
        self.delta(json!({ "role": "assistant", "content": "" }), None).await?;
        for token in text::tokens(&plan.thinking) {
            self.delta(json!({ "reasoning_content": token }), None).await?;
            self.state.change(self.at, |sent| sent.thinking.push_str(&token));
            tokio::time::sleep(pause).await;
        }
        for (at, token) in text::tokens(&plan.text).into_iter().enumerate() {
            if let Some(ended) = self.happens(plan.ending, at).await? {
                return Ok(ended);
            }
            self.delta(json!({ "content": token }), None).await?;
            self.state.change(self.at, |sent| sent.text.push_str(&token));
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        for (at, call) in plan.calls.iter().enumerate() {
            self.call(at, &call.name, &call.args).await?;
            self.state.change(self.at, |sent| sent.calls.push(call.clone()));
        }
        let (reason, ended) = match plan.calls.is_empty() {
            true => ("stop", Ended::Done),
            false => ("tool_calls", Ended::Calls),
        };
        self.delta(json!({}), Some(reason)).await?;
        self.send("data: [DONE]\n\n".to_owned()).await?;
        Ok(ended)
    }

    /// What the command wants to happen before token number `at`.
    async fn happens(&self, ending: Ending, at: usize) -> Result<Option<Ended>, Gone> {
        let (Ending::Fails(after)
        | Ending::Drops(after)
        | Ending::Hangs(after)
        | Ending::Pauses(after)) = ending
        else {
            return Ok(None);
        };
        if after != at {
            return Ok(None);
        }
        if !matches!(ending, Ending::Hangs(_)) {
            // Until then the page has the time that it needs to show what came so far.
            let mut goes = self.state.goes.clone();
            goes.mark_unchanged();
            goes.changed().await.map_err(|_| Gone)?;
        }
        match ending {
            Ending::Fails(_) => {
                let error = json!({ "error": {
                    "message": "The server had an error while processing your request.",
                    "type": "server_error", "param": null, "code": 500,
                }});
                self.send(format!("data: {error}\n\n")).await?;
                self.send("data: [DONE]\n\n".to_owned()).await?;
                Ok(Some(Ended::Failed))
            }
            Ending::Drops(_) => Ok(Some(Ended::Dropped)),
            Ending::Hangs(_) => std::future::pending().await,
            _ => Ok(None),
        }
    }

    async fn call(&self, at: usize, name: &str, args: &Value) -> Result<(), Gone> {
        let id = format!("call_{}_{at}", self.at);
        let head = json!({ "index": at, "id": id, "type": "function",
            "function": { "name": name, "arguments": "" } });
        self.delta(json!({ "tool_calls": [head] }), None).await?;
        let letters: Vec<char> = args.to_string().chars().collect();
        for piece in letters.chunks(PIECE_CHARS) {
            let piece: String = piece.iter().collect();
            let more = json!({ "index": at, "function": { "arguments": piece } });
            self.delta(json!({ "tool_calls": [more] }), None).await?;
        }
        Ok(())
    }

    async fn delta(&self, delta: Value, reason: Option<&str>) -> Result<(), Gone> {
        let chunk = json!({
            "id": format!("chatcmpl-{}", self.at), "object": "chat.completion.chunk",
            "created": 1_795_000_000, "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }],
        });
        self.send(format!("data: {chunk}\n\n")).await?;
        self.state.change(self.at, |sent| sent.said_at = Some(Instant::now()));
        Ok(())
    }

    async fn send(&self, text: String) -> Result<(), Gone> {
        self.sender.send(Ok(Bytes::from(text))).await.map_err(|_| Gone)
    }
}
