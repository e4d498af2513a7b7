//! aistudio.google.com: unconfirmed, from published code of 2026.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";

pub(super) const SITE: Site = Site {
    name: "aistudio",
    hosts: &["aistudio.google.com"],
    granted: false,
    marks: "",
    fresh_url: "https://aistudio.google.com/prompts/new_chat",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/prompts/*"],
        projects: &[],
        unnamed: false,
        not_ids: &["new_chat"],
        private: &[],
    },
    call: None,
    account_cookie: None,
    title_suffix: " | Google AI Studio",
    visible: false,
    generations: &[Generation { name: NOW, quirks: KEYLESS }],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence = Unconfirmed(Guess("used by published code, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[("ms-chat-turn", NOW)], Many, Page, CODE),
    row(
        "composer",
        &[
            ("ms-prompt-input-wrapper textarea", NOW),
            ("ms-autosize-textarea textarea", NOW),
            ("textarea[aria-label=\"Enter a prompt\"]", NOW),
        ],
        One,
        Page,
        CODE,
    ),
    row("send", &[("run-button button", NOW)], Maybe, Page, CODE),
    row("stop", &[("run-button button.stoppable", NOW)], Maybe, Page, CODE),
    row("title", &[(".page-title h1, toolbar h1", NOW)], Maybe, Page, CODE),
    row(
        "model",
        &[("ms-model-selector .title, [data-test-id=model-name]", NOW)],
        Maybe,
        Page,
        CODE,
    ),
    row(
        "banner",
        &[("[role=alert]:not(ms-chat-turn *), [role=dialog], simple-snack-bar", NOW)],
        Any,
        Page,
        CODE,
    ),
    row("key", &[("ms-chat-turn > [id^=\"turn-\"]", NOW)], Maybe, Turn, CODE).attr("id"),
    row("user", &[("[data-turn-role=User]", NOW)], Maybe, Turn, CODE),
    row("user_text", &[("[data-turn-role=User] ms-text-chunk", NOW)], Many, Turn, CODE),
    row("attachment", &[("ms-file-chunk, ms-image-chunk", NOW)], Any, Turn, CODE),
    row("attachment_name", &[(".name", NOW)], Maybe, Turn, CODE),
    row("attachment_size", &[(".token-count", NOW)], Maybe, Turn, CODE),
    row("assistant", &[("[data-turn-role=Model]", NOW)], Maybe, Turn, CODE),
    row("prose", &[("ms-text-chunk:not(ms-thought-chunk *)", NOW)], Many, Turn, CODE),
    row("drop", &[(".author-label, .cdk-visually-hidden", NOW)], Any, Turn, CODE),
    row("step", &[("ms-thought-chunk, ms-function-call-chunk", NOW)], Any, Turn, CODE),
    row("thinking", &[("ms-thought-chunk", NOW)], Maybe, Turn, CODE),
    row("thinking_text", &[("ms-thought-chunk ms-text-chunk", NOW)], Any, Turn, CODE),
    row("tool", &[("ms-function-call-chunk .header", NOW)], Any, Turn, CODE),
    row("tool_name", &[(".name", NOW)], Maybe, Turn, CODE),
    row("tool_payload", &[("ms-function-call-chunk pre", NOW)], Any, Turn, CODE),
    row("error", &[("ms-prompt-feedback, .model-error", NOW)], Any, Turn, CODE),
    row("streaming", &[("ms-chat-turn loading-indicator", NOW)], Maybe, Turn, CODE),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["quota"], Limit),
    text(&["rate limit"], Limit),
    ending(&["internal error"], Retryable),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
