//! chat.mistral.ai (Le Chat): unconfirmed, from published code of 2026.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";

pub(super) const SITE: Site = Site {
    name: "lechat",
    hosts: &["chat.mistral.ai"],
    granted: false,
    marks: "",
    fresh_url: "https://chat.mistral.ai/chat",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls { chats: &["/chat/*"], projects: &[], unnamed: false, not_ids: &[], private: &[] },
    call: None,
    account_cookie: None,
    title_suffix: " - Le Chat",
    visible: false,
    generations: &[Generation { name: NOW, quirks: KEYLESS }],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence = Unconfirmed(Guess("used by published code, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[("[data-message-author-role]", NOW)], Many, Page, CODE),
    row(
        "composer",
        &[("div.ProseMirror[data-placeholder]", NOW), ("form .ProseMirror", NOW)],
        One,
        Page,
        CODE,
    ),
    row("send", &[("form button[type=submit]", NOW)], Maybe, Page, CODE),
    row(
        "stop",
        &[("form button[data-testid=stop-button], button[aria-label=\"Stop generation\"]", NOW)],
        Maybe,
        Page,
        CODE,
    ),
    row(
        "banner",
        &[(
            "[role=alert]:not([data-message-author-role] *), [data-sonner-toast], [role=dialog]",
            NOW,
        )],
        Any,
        Page,
        CODE,
    ),
    row("key", &[("[data-message-id]", NOW)], Maybe, Turn, CODE).attr("data-message-id"),
    row("user", &[("[data-message-author-role=user]", NOW)], Maybe, Turn, CODE),
    row(
        "user_text",
        &[
            ("[data-message-author-role=user] .select-text", NOW),
            ("[data-message-author-role=user]", NOW),
        ],
        Many,
        Turn,
        CODE,
    ),
    row("assistant", &[("[data-message-author-role=assistant]", NOW)], Maybe, Turn, CODE),
    row("prose", &[("[data-message-part-type=answer]", NOW)], Many, Turn, CODE),
    row(
        "step",
        &[("[data-message-part-type=reasoning], [data-message-part-type=tool]", NOW)],
        Any,
        Turn,
        CODE,
    ),
    row("thinking", &[("[data-message-part-type=reasoning]", NOW)], Maybe, Turn, CODE),
    row("thinking_text", &[("[data-message-part-type=reasoning]", NOW)], Any, Turn, CODE),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["reached your", "limit"], Limit),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
