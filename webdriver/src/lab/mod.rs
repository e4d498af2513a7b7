//! The lab: a local HTTPS server that stands for claude.ai and chatgpt.com.
//!
//! Its pages have the shape of the sites' renderers of autumn 2026, or of July 2026, its model
//! follows commands (see [`script`]), and it tells what text really arrived. The host name of a
//! request chooses the site; a browser is pointed at it by mapping the two names to 127.0.0.1. The
//! pages know nothing of any extension.
//!
//! Besides the sites' own addresses (`/new`, `/chat/<id>`; `/`, `/c/<id>`) there are, on every
//! host: `GET /lab/log`, `GET /lab/conversation/<id>`, `POST /lab/reset`, and what the pages use
//! themselves: `POST /lab/send`, `GET /lab/stream`, `POST /lab/stop`, `POST /lab/retry`. A test has
//! pages tell what they send and what they know to be committed with `POST /lab/acknowledged`.
//! `?account=ID` on a page's address sets the cookie that names the account, and
//! `?renderer=2026-07` (or `newest`) the cookie that chooses the renderer from then on, as a site
//! gives one account the new pages and another one still the old.

mod answer;
mod calls;
pub mod demo;
mod model;
mod page;
pub mod script;
mod server;
mod store;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

pub use model::plan;
pub use store::{Attachment, Received};

/// A site that the lab stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// <https://claude.ai>
    #[default]
    Claude,
    /// <https://chatgpt.com>
    ChatGpt,
}

impl Site {
    /// `claude` or `chatgpt`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "claude" => Some(Self::Claude),
            "chatgpt" => Some(Self::ChatGpt),
            _ => None,
        }
    }

    /// The host name of the real site.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Claude => "claude.ai",
            Self::ChatGpt => "chatgpt.com",
        }
    }
}

/// Which of a site's renderers the pages have the shape of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renderer {
    /// claude.ai of October 2026, chatgpt.com of September 2026.
    #[default]
    Newest,
    /// Both sites of July 2026.
    July,
}

impl Renderer {
    /// `newest` or `2026-07`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Newest, Self::July].into_iter().find(|renderer| renderer.name() == name)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::July => "2026-07",
        }
    }
}

/// The `Content-Security-Policy` of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Csp {
    /// `script-src` with `'wasm-unsafe-eval'`.
    #[default]
    Permissive,
    /// `script-src` without it: Chromium refuses WebAssembly in content scripts.
    Strict,
}

impl Csp {
    /// `permissive` or `strict`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "permissive" => Some(Self::Permissive),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }
}

/// What the pages type into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Composer {
    /// ProseMirror where `npm ci` was run in `webdriver/lab`, else the plain one.
    #[default]
    Auto,
    /// A bare contenteditable.
    Plain,
    /// ProseMirror; starting fails where it is not installed.
    ProseMirror,
}

/// Whether the panels of tool calls (claude) and the list of activities (chatgpt) are there at
/// first. A click opens and closes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panels {
    /// In the page.
    #[default]
    Open,
    /// Not in the page until clicked.
    Closed,
}

impl Panels {
    /// `open` or `closed`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// How a lab is set up.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// The policy of all its pages.
    pub csp: Csp,
    /// TCP port on 127.0.0.1; 0 is any free one.
    pub port: u16,
    /// The site shown under any host name that is not one of the two.
    pub site: Site,
    /// What the pages type into.
    pub composer: Composer,
    /// Pause between two tokens of an answer, in milliseconds.
    pub token_ms: u64,
    /// How tool panels start.
    pub panels: Panels,
    /// What a visitor gets who was given no renderer.
    pub renderer: Renderer,
}

impl Default for LabOptions {
    fn default() -> Self {
        Self {
            csp: Csp::default(),
            port: 0,
            site: Site::default(),
            composer: Composer::default(),
            token_ms: 8,
            panels: Panels::default(),
            renderer: Renderer::default(),
        }
    }
}

/// Why a lab did not start.
#[derive(Debug)]
pub enum LabError {
    /// The port cannot be had.
    Port(u16, std::io::Error),
    /// No certificate could be made.
    Certificate(String),
    /// ProseMirror was asked for and is not installed in this folder.
    NoProseMirror(PathBuf),
}

impl std::fmt::Display for LabError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port(port, error) => write!(out, "port {port} cannot be had: {error}"),
            Self::Certificate(reason) => write!(out, "no certificate could be made: {reason}"),
            Self::NoProseMirror(folder) => {
                write!(out, "ProseMirror is not there: run `npm ci` in {}", folder.display())
            }
        }
    }
}

impl std::error::Error for LabError {}

/// A running lab. Dropping it stops it: the port is free again, open streams are cut.
pub struct Lab {
    /// The port it listens on.
    pub port: u16,
    certificate: Vec<u8>,
    state: server::State,
    closing: watch::Sender<bool>,
}

impl Lab {
    /// Starts a lab on 127.0.0.1. Needs a tokio runtime, which must live as long as the lab.
    ///
    /// # Errors
    /// When the port is taken, or what was asked for is not installed.
    pub async fn start(options: LabOptions) -> Result<Self, LabError> {
        let files = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("lab");
        let installed = files.join("node_modules/prosemirror-view/dist/index.js").is_file();
        if options.composer == Composer::ProseMirror && !installed {
            return Err(LabError::NoProseMirror(files));
        }
        let prosemirror = installed && options.composer != Composer::Plain;
        let (config, certificate) = tls::identity()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let port_error = |error| LabError::Port(options.port, error);
        let tcp = tokio::net::TcpListener::bind(address).await.map_err(port_error)?;
        let listener = tls::TlsListener::new(tcp, config).map_err(port_error)?;
        let port = axum::serve::Listener::local_addr(&listener).map_err(port_error)?.port();

        let (closing, mut closed) = watch::channel(false);
        let state = server::State {
            memory: Arc::new(Mutex::default()),
            files,
            prosemirror,
            csp: options.csp,
            site: options.site,
            panels: options.panels,
            renderer: options.renderer,
            token: Duration::from_millis(options.token_ms),
            closing: closed.clone(),
        };
        let serving = axum::serve(listener, server::router(state.clone())).with_graceful_shutdown(
            async move {
                // An error means that the lab itself is gone, which is the same.
                let _gone = closed.wait_for(|closed| *closed).await;
            },
        );
        tokio::spawn(async move { serving.await });
        Ok(Self { port, certificate: certificate.to_vec(), state, closing })
    }

    /// The address under which the lab shows its `--site`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The certificate (DER), for clients that want to check it.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Every message that the model received, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Received> {
        store::lock(&self.state.memory).log()
    }

    /// A conversation as JSON (the same as `GET /lab/conversation/<id>`).
    #[must_use]
    pub fn conversation(&self, id: &str) -> Option<serde_json::Value> {
        store::lock(&self.state.memory).conversation(id).map(store::Conversation::to_json)
    }

    /// A chat on the lab's own site that was held before: messages with their answers, all of
    /// them finished. Returns its id. Its messages stand in the log as any others.
    #[must_use]
    pub fn past(&self, exchanges: &[(String, String)]) -> String {
        let mut memory = store::lock(&self.state.memory);
        let mut id = None;
        for (message, answer) in exchanges {
            let taken = memory.receive(self.state.site, id.clone(), message.clone(), Vec::new());
            let Some(started) = taken else { break };
            memory.push(&started.place, store::Event::Text { s: answer.clone() });
            let end = store::Event::End { state: store::Ending::Done, note: String::new() };
            memory.push(&started.place, end);
            id = Some(started.place.conversation);
        }
        id.unwrap_or_default()
    }

    /// From now on the sites' own conversation calls leave out so many of the newest messages.
    pub fn shorten_calls(&self, messages: usize) {
        store::lock(&self.state.memory).calls_lack = messages;
    }

    /// What pages told of what is committed, oldest first.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<serde_json::Value> {
        store::lock(&self.state.memory).acknowledged.clone()
    }

    /// Forgets all conversations and the log, and stops what runs.
    pub fn reset(&self) {
        store::lock(&self.state.memory).reset();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}
