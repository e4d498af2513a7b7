//! How a person uses each application's page: its marks, as far as driving it needs them.

use super::Kind;

/// An application's marks.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Path of a fresh chat.
    pub fresh: &'static str,
    /// What a fresh chat's page says when it has started; empty: it has once it can be typed into.
    /// What is sent before that is thrown away by the page.
    pub started: &'static str,
    /// What a person types into.
    pub composer: &'static str,
    /// The control that sends.
    pub send: &'static str,
    /// The control that stops an answer; empty: it has none.
    pub stop: &'static str,
    /// A message, of either side.
    pub turn: &'static str,
    /// What must be clicked away on a first visit, where it shows; empty: nothing.
    pub welcome: &'static str,
    /// Where it says that something went wrong, inside a message or beside.
    pub trouble: &'static str,
    /// What closes that; empty: it stays.
    pub close: &'static str,
    /// What allows a call of a tool, and what forbids it; empty: nobody is asked.
    pub allow: &'static str,
    /// See `allow`.
    pub deny: &'static str,
    /// What must be unfolded to see that a call failed; empty: it shows on what is folded.
    pub unfold: &'static str,
    /// What the application adds to an answer that a person stopped.
    pub stopped: &'static str,
    /// What the application may write into an answer whose page was left: its own words, in
    /// Markdown.
    pub left: &'static str,
    /// Whether the page tells that an answer is being made, also where nothing of it comes, and
    /// that one failed.
    pub tells: bool,
    /// Whether a chat is still there when its page is loaded again.
    pub keeps: bool,
    /// Whether the page takes an answer back that broke off.
    pub takes_back: bool,
    /// Whether an answer stands in the page before anything of it came.
    pub begins: bool,
}

const LLAMA_CPP: Face = Face {
    fresh: "/?new_chat=true#/",
    started: "",
    composer: "[data-slot=input-area] textarea",
    send: "[data-slot=input-area] button[type=submit]",
    stop: "[data-slot=input-area] .w-full.px-3 > button[data-slot=button][type=button]",
    turn: "[role=main] [role=group]",
    welcome: "",
    trouble: "[data-slot=alert-dialog-content]",
    close: "[data-slot=alert-dialog-action]",
    allow: ".agentic-content > .bg-card button:nth-of-type(1)",
    deny: ".agentic-content > .bg-card .flex-wrap > button",
    unfold: "",
    stopped: "",
    left: "\n\n```text\nUpstream LLM error:\nError in input stream\n```",
    tells: true,
    keeps: true,
    takes_back: true,
    begins: true,
};

const OPEN_WEBUI: Face = Face {
    fresh: "/",
    started: "",
    composer: "#chat-input",
    send: "#send-message-button",
    stop: "#message-input-container .self-end button:not([type])",
    turn: ".message-listitem",
    welcome: "[role=dialog] .justify-end > button",
    trouble: "#response-content-container > .items-start",
    close: "",
    allow: "",
    deny: "",
    unfold: "",
    stopped: "",
    left: "",
    tells: true,
    keeps: true,
    takes_back: false,
    begins: true,
};

const CHAINLIT: Face = Face {
    fresh: "/",
    started: "",
    composer: "#chat-input",
    send: "#chat-submit",
    stop: "#stop-button",
    turn: "[data-step-type]",
    welcome: "",
    trouble: ".fill-destructive",
    close: "",
    allow: "",
    deny: "",
    unfold: "",
    stopped: "\n\nTask manually stopped.",
    left: "",
    tells: true,
    keeps: false,
    takes_back: false,
    begins: false,
};

const ASSISTANT_UI: Face = Face {
    fresh: "/",
    started: "Start chatting with agent: lab",
    composer: ".aui-composer-root .aui-composer-input",
    send: ".aui-composer-root button[type=submit]",
    stop: "",
    turn: ".aui-user-message-root, .aui-assistant-message-root",
    welcome: "",
    trouble: "",
    close: "",
    allow: "",
    deny: "",
    unfold: ".aui-tool-fallback-header button",
    stopped: "",
    left: "",
    tells: false,
    keeps: false,
    takes_back: false,
    begins: false,
};

/// The face of an application.
#[must_use]
pub fn face(kind: Kind) -> Face {
    match kind {
        Kind::LlamaCpp => LLAMA_CPP,
        Kind::OpenWebUi => OPEN_WEBUI,
        Kind::Chainlit => CHAINLIT,
        Kind::AssistantUi => ASSISTANT_UI,
    }
}
