//! chat.qwen.ai: unconfirmed, from published code of 2026.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";

pub(super) const SITE: Site = Site {
    name: "qwen",
    hosts: &["chat.qwen.ai"],
    granted: false,
    marks: "",
    fresh_url: "https://chat.qwen.ai/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/c/*"],
        projects: &[],
        unnamed: false,
        not_ids: &[],
        private: &[("temporary-chat", "")],
    },
    call: None,
    account_cookie: None,
    title_suffix: " - Qwen",
    visible: false,
    generations: &[Generation { name: NOW, quirks: KEYLESS }],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence = Unconfirmed(Guess("used by published code, in no page seen"));

const ROWS: &[Row] = &[
    row(
        "turn",
        &[(".qwen-chat-message", NOW), (".user-message, .response-message", NOW)],
        Many,
        Page,
        CODE,
    ),
    row("composer", &[("textarea.message-input-textarea", NOW)], One, Page, CODE),
    row(
        "send",
        &[(".omni-button-content-btn:not([disabled])", NOW), ("button.send-button", NOW)],
        Maybe,
        Page,
        CODE,
    ),
    row("stop", &[(".stop-button", NOW)], Maybe, Page, CODE),
    row("model", &[(".model-selector-text", NOW)], Maybe, Page, CODE),
    row(
        "banner",
        &[("[role=alert]:not(.qwen-markdown *), .ant-message-notice, [role=dialog]", NOW)],
        Any,
        Page,
        CODE,
    ),
    row("key", &[("[id^=\"qwen-chat-message-\"]", NOW)], Maybe, Turn, CODE).attr("id"),
    row("user", &[(".user-message, .qwen-chat-message-user", NOW)], Maybe, Turn, CODE),
    row("user_text", &[(".user-message-content", NOW)], Many, Turn, CODE),
    row("attachment", &[(".file-card-list > *", NOW)], Any, Turn, CODE),
    row(
        "assistant",
        &[(".response-message, .qwen-chat-message-assistant", NOW)],
        Maybe,
        Turn,
        CODE,
    ),
    row(
        "prose",
        &[(".response-message-content .qwen-markdown", NOW), (".response-message-content", NOW)],
        Many,
        Turn,
        CODE,
    ),
    row("step", &[(".qwen-chat-thinking-status-card, .thinking-content", NOW)], Any, Turn, CODE),
    row(
        "thinking",
        &[(".qwen-chat-thinking-status-card, .thinking-content", NOW)],
        Maybe,
        Turn,
        CODE,
    ),
    row("thinking_text", &[(".thinking-content", NOW)], Any, Turn, CODE),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["reached", "limit"], Limit),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
