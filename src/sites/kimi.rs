//! kimi.com: unconfirmed, from published code of 2026.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";

pub(super) const SITE: Site = Site {
    name: "kimi",
    hosts: &["www.kimi.com", "kimi.com", "kimi.moonshot.cn"],
    granted: false,
    marks: "",
    fresh_url: "https://www.kimi.com/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls { chats: &["/chat/*"], projects: &[], unnamed: false, not_ids: &[], private: &[] },
    call: None,
    account_cookie: None,
    title_suffix: " - Kimi",
    visible: false,
    generations: &[Generation { name: NOW, quirks: KEYLESS }],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence = Unconfirmed(Guess("used by published code, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[(".chat-content-item", NOW)], Many, Page, CODE),
    row("composer", &[(".chat-input-editor", NOW)], One, Page, CODE),
    row("send", &[(".send-button-container:not(.stop) .send-button", NOW)], Maybe, Page, CODE),
    row("stop", &[(".send-button-container.stop", NOW)], Maybe, Page, CODE),
    row("title", &[(".chat-header .chat-name", NOW)], Maybe, Page, CODE),
    row("model", &[(".current-model .name", NOW)], Maybe, Page, CODE),
    row(
        "banner",
        &[("[role=alert]:not(.markdown *), .message-toast, [role=dialog]", NOW)],
        Any,
        Page,
        CODE,
    ),
    row("user", &[(".chat-content-item-user", NOW)], Maybe, Turn, CODE),
    row("user_text", &[(".user-content", NOW), ("[class*=user-content]", NOW)], Many, Turn, CODE),
    row("attachment", &[(".file-card, .attachment-item", NOW)], Any, Turn, CODE),
    row("assistant", &[(".chat-content-item-assistant", NOW)], Maybe, Turn, CODE),
    row(
        "prose",
        &[(".markdown:not(.think-stage *):not(.toolcall-content *)", NOW)],
        Many,
        Turn,
        CODE,
    ),
    row("step", &[(".think-stage, .toolcall-container", NOW)], Any, Turn, CODE),
    row("thinking", &[(".think-stage", NOW)], Maybe, Turn, CODE),
    row("thinking_text", &[(".think-stage .markdown", NOW)], Any, Turn, CODE),
    row("tool", &[(".toolcall-container .toolcall-title-container", NOW)], Any, Turn, CODE),
    row("tool_name", &[(".toolcall-title", NOW)], Maybe, Turn, CODE),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["reached", "limit"], Limit),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
