//! The scripted model: an OpenAI-compatible server for real chat applications, whose answers are
//! commanded by the last message (see [`script`]).
//!
//! It writes down what it really sent, token by token, so that a test can compare with it what an
//! application showed and what was read there. Where it is given an application's pages it serves
//! them at its own origin, with what llama.cpp's own server answers beside the OpenAI interface.
//!
//! Addresses: `/v1/models`, `/v1/chat/completions`, `/health`; of llama.cpp `/props`, `/slots`,
//! `/tools`; of an OpenAPI tool server `/openapi.json` and `/tool/NAME`.

pub mod script;
mod server;
mod text;
mod writing;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use server::MODEL;
pub use text::tokens;

use script::Call;
use tokio::sync::watch;

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Whole.
    Done,
    /// With calls of tools, after which the application asks again.
    Calls,
    /// Refused with this HTTP status.
    Refused(u16),
    /// With an error inside the stream.
    Failed,
    /// With a broken connection.
    Dropped,
    /// The application left before it was whole.
    Left,
}

/// One answer as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The last message of a person that it answers.
    pub asked: String,
    /// Messages received, of all roles.
    pub received: usize,
    /// Tools that the application offered.
    pub offered: Vec<String>,
    /// Whether the application asked for itself: for a title, for tags.
    pub side: bool,
    /// What was sent of its text so far.
    pub text: String,
    /// What was sent of its thoughts so far.
    pub thinking: String,
    /// The calls that were sent whole.
    pub calls: Vec<Call>,
    /// What the application said that tools returned, since the person's message.
    pub results: Vec<String>,
    /// How it ended; none: it has not.
    pub ended: Option<Ended>,
    /// When the newest piece of it left.
    pub said_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// What all requests share.
#[derive(Clone)]
struct State {
    sent: Arc<Mutex<Vec<Sent>>>,
    pages: Option<PathBuf>,
    /// How often the test said go on to a paused answer.
    goes: watch::Receiver<usize>,
    /// Whether tools return.
    tools_open: watch::Receiver<bool>,
    closing: watch::Receiver<bool>,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Vec<Sent>> {
        // A test that panicked elsewhere left the list whole.
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, at: usize, change: impl FnOnce(&mut Sent)) {
        if let Some(sent) = self.lock().get_mut(at) {
            change(sent);
        }
    }

    fn end(&self, at: usize, ended: Ended) {
        self.change(at, |sent| {
            sent.ended = Some(ended);
            sent.ended_at = Some(Instant::now());
        });
    }
}

/// A running model. Dropping it stops it.
pub struct Model {
    /// The port it listens on, on 127.0.0.1.
    pub port: u16,
    state: State,
    goes: watch::Sender<usize>,
    tools_open: watch::Sender<bool>,
    closing: watch::Sender<bool>,
}

impl Model {
    /// Starts a model on 127.0.0.1, on any free port where `port` is 0. With `pages` it serves
    /// the files of that folder too. Needs a tokio runtime, which must live as long as the model.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(port: u16, pages: Option<PathBuf>) -> std::io::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = tokio::net::TcpListener::bind(address).await?;
        let port = listener.local_addr()?.port();
        let (closing, mut closed) = watch::channel(false);
        let (goes, gone_on) = watch::channel(0);
        let (tools_open, open) = watch::channel(true);
        let state = State {
            sent: Arc::default(),
            pages,
            goes: gone_on,
            tools_open: open,
            closing: closed.clone(),
        };
        let serving = axum::serve(listener, server::router(state.clone())).with_graceful_shutdown(
            async move {
                // An error means that the model itself is gone, which is the same.
                let _gone = closed.wait_for(|closed| *closed).await;
            },
        );
        tokio::spawn(async move { serving.await });
        Ok(Self { port, state, goes, tools_open, closing })
    }

    /// Its address, without a path.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All answers to messages of a person so far, oldest first. What applications asked for
    /// themselves is left out.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.state.lock().iter().filter(|sent| !sent.side).cloned().collect()
    }

    /// Lets every answer that paused go on.
    pub fn go_on(&self) {
        self.goes.send_modify(|goes| *goes += 1);
    }

    /// Whether tools return at once, or wait until they may.
    pub fn let_tools_return(&self, open: bool) {
        self.tools_open.send_replace(open);
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}
