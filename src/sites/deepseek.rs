//! chat.deepseek.com: unconfirmed, from published code of 2026. Its classes of roles are hashed:
//! what has no answer in it is a prompt.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Full, Limit, Retryable};

const OCTOBER: &str = "2026-10";
const MAY: &str = "2026-05";

pub(super) const SITE: Site = Site {
    name: "deepseek",
    hosts: &["chat.deepseek.com"],
    granted: false,
    marks: "",
    fresh_url: "https://chat.deepseek.com/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/a/chat/s/*"],
        projects: &[],
        unnamed: false,
        not_ids: &[],
        private: &[],
    },
    call: None,
    account_cookie: None,
    title_suffix: " - DeepSeek",
    visible: false,
    generations: &[
        Generation { name: OCTOBER, quirks: KEYLESS },
        Generation { name: MAY, quirks: KEYLESS },
    ],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence = Unconfirmed(Guess("used by published code, in no page seen"));

const ROWS: &[Row] = &[
    row(
        "turn",
        &[("[data-virtual-list-item-key]", OCTOBER), (".ds-message", MAY)],
        Many,
        Page,
        CODE,
    ),
    row(
        "composer",
        &[("textarea[placeholder*=DeepSeek]", MAY), ("textarea", MAY)],
        One,
        Page,
        CODE,
    ),
    row(
        "send",
        &[("div[role=button].ds-icon-button:not(.ds-toggle-button)[aria-disabled]", OCTOBER)],
        Maybe,
        Page,
        CODE,
    ),
    row("stop", &[("div[role=button].ds-icon-button [class*=stop]", OCTOBER)], Maybe, Page, CODE),
    row(
        "banner",
        &[("[role=alert]:not(.ds-markdown *), .ds-toast, [role=dialog]", OCTOBER)],
        Any,
        Page,
        CODE,
    ),
    row("key", &[("[data-virtual-list-item-key]", OCTOBER)], Maybe, Turn, CODE)
        .attr("data-virtual-list-item-key"),
    row("user", &[(".ds-message", OCTOBER)], Maybe, Turn, CODE),
    row("user_text", &[(".ds-message", OCTOBER)], Many, Turn, CODE),
    row("attachment", &[(".ds-file", OCTOBER)], Any, Turn, CODE),
    row("assistant", &[(".ds-markdown", OCTOBER)], Maybe, Turn, CODE),
    row(
        "prose",
        &[(".ds-markdown:not(.ds-markdown--think):not(.ds-think-content *)", OCTOBER)],
        Many,
        Turn,
        CODE,
    ),
    row("drop", &[(".ds-flex, [role=button]", OCTOBER)], Any, Turn, CODE),
    row("step", &[(".ds-think-content, .ds-markdown--think", OCTOBER)], Any, Turn, CODE),
    row("thinking", &[(".ds-think-content, .ds-markdown--think", OCTOBER)], Maybe, Turn, CODE),
    row(
        "thinking_text",
        &[(".ds-think-content .ds-markdown, .ds-markdown--think", OCTOBER)],
        Any,
        Turn,
        CODE,
    ),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    ending(&["server is busy"], Retryable),
    text(&["too many requests"], Limit),
    text(&["reached the conversation length limit"], Full),
    text(&["length limit reached"], Full),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
