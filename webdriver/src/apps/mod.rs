//! Real chat applications that people host themselves: installed in pinned versions, started
//! against the project's own scripted model, and driven in a real browser.
//!
//! Nothing of them is part of the product. They are programs of others, in Python, and serve only
//! to prove that SHIM reads what it was not made on.

pub mod chat;
pub mod cli;
pub mod compare;
pub mod face;
pub mod figures;
mod install;
pub mod judge;
pub mod model;
pub mod play;
mod running;
pub mod scenes;

pub use install::{Installed, install};
pub use running::{App, start};

/// An application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The web interface of llama.cpp's server.
    LlamaCpp,
    /// Open WebUI.
    OpenWebUi,
    /// Chainlit.
    Chainlit,
    /// An application made with assistant-ui.
    AssistantUi,
}

impl Kind {
    /// All of them, the quickest to install first.
    pub const ALL: [Self; 4] = [Self::LlamaCpp, Self::OpenWebUi, Self::Chainlit, Self::AssistantUi];

    /// The name of its table in `sites`, of its folder in `webdriver/apps` and on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llamacpp",
            Self::OpenWebUi => "openwebui",
            Self::Chainlit => "chainlit",
            Self::AssistantUi => "assistantui",
        }
    }

    /// Reads a name as it stands on a command line.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
