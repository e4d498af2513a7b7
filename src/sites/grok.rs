//! grok.com: unconfirmed, from published code of 2026 and a page rebuilt in 2025-12.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";
const EARLIER: &str = "2025-12";

pub(super) const SITE: Site = Site {
    name: "grok",
    hosts: &["grok.com"],
    granted: false,
    marks: "",
    fresh_url: "https://grok.com/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/c/*", "/chat/*", "/project/_/c/*"],
        projects: &["/project/*"],
        unnamed: false,
        not_ids: &[],
        private: &[("private", "")],
    },
    call: None,
    account_cookie: None,
    title_suffix: " - Grok",
    visible: false,
    generations: &[
        Generation { name: NOW, quirks: KEYLESS },
        Generation { name: EARLIER, quirks: KEYLESS },
    ],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence =
    Unconfirmed(Guess("used by published code, and in a page rebuilt from measurements"));

const ROWS: &[Row] = &[
    row(
        "turn",
        &[("[id^=\"response-\"]", NOW), ("main .group.flex-col", EARLIER)],
        Many,
        Page,
        CODE,
    ),
    row(
        "composer",
        &[
            (".query-bar .ProseMirror, .query-bar textarea", NOW),
            ("form .ProseMirror, form textarea", EARLIER),
            ("textarea[aria-label=\"Ask Grok anything\"]", EARLIER),
        ],
        One,
        Page,
        CODE,
    ),
    row(
        "send",
        &[(
            ".query-bar button[type=submit], form button[type=submit], button[aria-label=Submit]",
            NOW,
        )],
        Maybe,
        Page,
        CODE,
    ),
    row(
        "stop",
        &[("button[data-testid=stop-button], button[aria-label=\"Stop model response\"]", NOW)],
        Maybe,
        Page,
        CODE,
    ),
    row("model", &[("#model-select-trigger", NOW)], Maybe, Page, CODE),
    row(
        "banner",
        &[("[role=alert]:not(.message-bubble *), [data-sonner-toast], [role=dialog]", NOW)],
        Any,
        Page,
        CODE,
    ),
    row("key", &[("[id^=\"response-\"]", NOW)], Maybe, Turn, CODE).attr("id"),
    row(
        "user",
        &[(".items-end", NOW), (".action-buttons [aria-label=Edit]", EARLIER)],
        Maybe,
        Turn,
        CODE,
    ),
    row("user_text", &[(".message-bubble", NOW)], Many, Turn, CODE),
    row("attachment", &[("[data-testid=file-attachment], .file-attachment", NOW)], Any, Turn, CODE),
    row(
        "assistant",
        &[
            ("[id^=\"response-\"]:not(.items-end)", NOW),
            (".action-buttons [aria-label=Regenerate]", EARLIER),
        ],
        Maybe,
        Turn,
        CODE,
    ),
    row(
        "prose",
        &[(".response-content-markdown", NOW), (".message-bubble", EARLIER)],
        Many,
        Turn,
        CODE,
    ),
    row("step", &[(".thinking-container", NOW)], Any, Turn, CODE),
    row("thinking", &[(".thinking-container", NOW)], Maybe, Turn, CODE),
    row(
        "thinking_text",
        &[(".thinking-container .response-content-markdown, .thinking-container .prose", NOW)],
        Any,
        Turn,
        CODE,
    ),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["reached your", "limit"], Limit),
    text(&["message limit"], Limit),
    ending(&["high demand"], Retryable),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
