//! Open WebUI, which people host themselves: the table of its renderer of November 2026.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::call::{Call, Form};
use super::form::row;
use super::{Banners, Generation, Quirks, Row, Signal, Site, Urls, Words, backend};
use crate::wire::chat::BannerClass::Retryable;

const NOW: &str = "2026-11";

pub(super) const SITE: Site = Site {
    name: "openwebui",
    hosts: &[],
    granted: false,
    marks: "#chat-input-container #chat-input, #messages-container #response-content-container",
    fresh_url: "/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: backend::TEXTS, only_known: "" },
    words: Words { error_starts: &["Error:"], ..Words::COMMON },
    urls: Urls {
        chats: &["/c/*"],
        projects: &[],
        unnamed: false,
        not_ids: &["local:"],
        private: &[("temporary-chat", "")],
    },
    call: Some(Call { path: "/api/v1/chats/{chat}", token: "", form: Form::OpenWebUi }),
    account_cookie: None,
    title_suffix: " • Open WebUI",
    visible: false,
    generations: &[Generation { name: NOW, quirks: Quirks::NONE }],
};

const SEEN: Evidence = Confirmed("2026-11");
const GUESS: Evidence = Unconfirmed(Guess("in the application's source, in no page seen"));

/// A step with `-detail-` in its id is a call or a group of calls; thinking stands in a like frame
/// without such an id.
const ROWS: &[Row] = &[
    row("turn", &[("[role=listitem].message-listitem", NOW)], Many, Page, SEEN),
    row("composer", &[("#chat-input", NOW)], One, Page, SEEN),
    row("send", &[("#send-message-button", NOW)], Maybe, Page, GUESS),
    // Its label is localised; it is the one button of the composer that has no type.
    row(
        "stop",
        &[("#message-input-container .self-end button:not([type])", NOW)],
        Maybe,
        Page,
        SEEN,
    ),
    row("title", &[("#chat-container nav h1", NOW)], Maybe, Page, SEEN),
    row("model", &[("[id^=\"model-selector-\"]", NOW)], Maybe, Page, SEEN),
    row("banner", &[("[data-sonner-toast][data-type=error]", NOW)], Any, Page, SEEN),
    row("key", &[("[id^=\"message-\"]", NOW)], One, Turn, SEEN).attr("id"),
    row("turn_model", &[("#response-message-model-name", NOW)], Maybe, Turn, SEEN),
    row("user", &[(".chat-user", NOW)], Maybe, Turn, SEEN),
    row("user_text", &[(".chat-user .markdown-prose", NOW)], Many, Turn, SEEN),
    row(
        "attachment",
        &[(".chat-user .file-item, .chat-user [id^=\"file-\"]", NOW)],
        Any,
        Turn,
        GUESS,
    ),
    row("assistant", &[(".chat-assistant", NOW)], Maybe, Turn, SEEN),
    row(
        "prose",
        &[("#response-content-container .markdown-prose:not(.space-y-2 *)", NOW)],
        Many,
        Turn,
        SEEN,
    ),
    row(
        "step",
        &[("[id*=\"-detail-\"], #response-content-container > div > .space-y-2", NOW)],
        Any,
        Turn,
        SEEN,
    ),
    row(
        "thinking",
        &[(".space-y-2:not([id*=\"-detail-\"]):not([id*=\"-detail-\"] *)", NOW)],
        Maybe,
        Turn,
        SEEN,
    ),
    row(
        "thinking_text",
        &[(".space-y-2:not([id*=\"-detail-\"]) blockquote", NOW)],
        Any,
        Turn,
        SEEN,
    ),
    row("tool", &[("[id*=\"-detail-\"].space-y-2 > [role=button]", NOW)], Any, Turn, SEEN),
    row("tool_name", &[("[role=button] .line-clamp-1 > .text-black", NOW)], Maybe, Turn, SEEN),
    row("step_count", &[("[aria-label] .line-clamp-1 > .text-gray-400", NOW)], Maybe, Turn, SEEN),
    row("tool_payload", &[(".rounded-2xl .space-y-0\\.5, .rounded-2xl pre", NOW)], Any, Turn, SEEN),
    row("tool_pair", &[(".space-y-0\\.5 > .gap-2", NOW)], Any, Turn, SEEN),
    row("tool_busy", &[(".shimmer", NOW)], Maybe, Turn, SEEN),
    row("tool_failed", &[("[role=button] .text-red-500", NOW)], Maybe, Turn, SEEN),
    row("error", &[("#response-content-container > .items-start", NOW)], Any, Turn, SEEN),
    row("partial", &[(".cm-content .cm-gap", NOW)], Maybe, Turn, GUESS),
    row("done", &[(".buttons button", NOW)], Maybe, Turn, SEEN),
];

const SIGNALS: &[Signal] = &[
    Signal { css: ".items-start", class: Retryable, weak: true, ends_turn: true },
    Signal { css: "[data-type=error]", class: Retryable, weak: true, ends_turn: true },
];
