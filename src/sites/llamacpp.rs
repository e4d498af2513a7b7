//! The web interface of llama.cpp's server, which people host themselves: the table of its
//! renderer of November 2026. It speaks English only, so its labels are as good as attributes.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::row;
use super::{Banners, Generation, Quirks, Row, Signal, Site, Urls, Words, backend};
use crate::wire::chat::BannerClass::Retryable;

const NOW: &str = "2026-11";

pub(super) const SITE: Site = Site {
    name: "llamacpp",
    hosts: &[],
    granted: false,
    marks: "[data-slot=sidebar-inset] .conversation-chat-form [data-slot=input-area]",
    fresh_url: "/?new_chat=true#/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: backend::TEXTS, only_known: "" },
    words: Words { error_starts: &["Error:"], ..Words::COMMON },
    urls: Urls { chats: &["#/chat/*"], projects: &[], unnamed: false, not_ids: &[], private: &[] },
    call: None,
    account_cookie: None,
    title_suffix: " - llama.cpp",
    visible: false,
    generations: &[Generation { name: NOW, quirks: Quirks { keyless: true, ..Quirks::NONE } }],
};

const SEEN: Evidence = Confirmed("2026-11");
const GUESS: Evidence = Unconfirmed(Guess("in the application's source, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[("[role=main] [role=group]", NOW)], Many, Page, SEEN),
    row("composer", &[("[data-slot=input-area] textarea", NOW)], One, Page, SEEN),
    row("send", &[("[data-slot=input-area] button[type=submit]", NOW)], Maybe, Page, SEEN),
    // It stands where the send control was, and no other button lies there.
    row(
        "stop",
        &[("[data-slot=input-area] .w-full.px-3 > button[data-slot=button][type=button]", NOW)],
        Maybe,
        Page,
        SEEN,
    ),
    row("model", &[("[data-slot=input-area] .truncate", NOW)], Maybe, Page, SEEN),
    row(
        "banner",
        &[("[data-slot=alert-dialog-content], [data-sonner-toast]", NOW)],
        Any,
        Page,
        GUESS,
    ),
    row("user", &[(".items-end[role=group]", NOW)], Maybe, Turn, SEEN),
    row("user_text", &[("[data-slot=card] .whitespace-pre-wrap", NOW)], Many, Turn, SEEN),
    row("assistant", &[("[role=group]:not(.items-end)", NOW)], Maybe, Turn, SEEN),
    row("prose", &[(".agentic-text", NOW)], Many, Turn, SEEN),
    row("turn_model", &[(".info .truncate", NOW)], Maybe, Turn, SEEN),
    row("step", &[(".agentic-content > [data-slot=collapsible]", NOW)], Any, Turn, SEEN),
    row("thinking", &[(".pt-3 > .whitespace-pre-wrap", NOW)], Maybe, Turn, GUESS),
    row(
        "thinking_text",
        &[("[data-slot=collapsible-content] .pt-3 > .whitespace-pre-wrap", NOW)],
        Any,
        Turn,
        SEEN,
    ),
    row("tool", &[("[data-slot=collapsible-trigger]", NOW)], Any, Turn, SEEN),
    row("tool_name", &[(".font-mono", NOW)], Maybe, Turn, SEEN),
    row("tool_label", &[(".pt-3 > .my-3", NOW)], Any, Turn, SEEN),
    row(
        "tool_payload",
        &[(".code-preview-wrapper pre, .overflow-auto > .whitespace-pre-wrap", NOW)],
        Any,
        Turn,
        SEEN,
    ),
    row("tool_busy", &[("[data-slot=collapsible-trigger] .animate-spin", NOW)], Maybe, Turn, SEEN),
    row("tool_asked", &[(".agentic-content > .bg-card:not([data-slot])", NOW)], Maybe, Turn, SEEN),
    row("live", &[(".processing-container", NOW)], Maybe, Turn, SEEN),
];

const SIGNALS: &[Signal] = &[Signal {
    css: "[data-slot=alert-dialog-content]",
    class: Retryable,
    weak: true,
    ends_turn: true,
}];
