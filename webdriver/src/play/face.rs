//! How a site's page is used.

use crate::lab::{Renderer, Site};

/// How a site's page is used; the lab's pages and the real ones share these marks.
pub struct Face {
    /// Host name.
    pub host: &'static str,
    /// Path of a fresh chat.
    pub fresh: &'static str,
    /// The composer.
    pub composer: &'static str,
    /// The control that stops an answer: there while one is made.
    pub stop: &'static str,
    /// A turn's element; the last one is the newest.
    pub turn: &'static str,
    /// A person's message.
    pub message: &'static str,
    /// What the newest turn holds or is once its answer is done.
    pub done: &'static str,
}

/// The face of a site, as its renderer makes it.
#[must_use]
pub fn face(site: Site, renderer: Renderer) -> Face {
    match (site, renderer) {
        (Site::Claude, Renderer::Newest) => Face {
            host: "claude.ai",
            fresh: "/new",
            composer: "[data-testid=chat-input]",
            stop: "[data-testid=chat-input-stop]",
            turn: "[data-testid=transcript-row]",
            message: "[data-testid=user-message]",
            done: "[data-perf-row=assistant] [data-testid=message-actions]",
        },
        (Site::Claude, Renderer::July) => Face {
            host: "claude.ai",
            fresh: "/new",
            composer: "[data-testid=chat-input]",
            stop: "button[aria-label=\"Stop response\"]",
            turn: "[data-rs-index]",
            message: "[data-testid=user-message]",
            done: "[data-is-streaming=false]",
        },
        (Site::ChatGpt, Renderer::July) => Face {
            host: "chatgpt.com",
            fresh: "/",
            composer: "#prompt-textarea",
            stop: "[data-testid=stop-button]",
            turn: "[data-testid^=conversation-turn-]",
            message: "[data-message-author-role=user] .whitespace-pre-wrap",
            done: "[data-turn=assistant] [data-testid=copy-turn-action-button]",
        },
        (Site::ChatGpt, Renderer::Newest) => Face {
            host: "chatgpt.com",
            fresh: "/",
            composer: "[data-composer-markdown]",
            stop: "form[data-chatgpt-composer] button[type=button][aria-label=Stop]",
            turn: "[data-turn-key]",
            message: "[data-user-message-bubble]",
            done: "[data-turn-key] .turn-action-controls",
        },
    }
}
