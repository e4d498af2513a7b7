//! perplexity.ai: unconfirmed, from published code and a page rebuilt in 2026-02. A question and
//! its answer stand beside each other, each a turn.

use super::Evidence::{self, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, Retryable};

const NOW: &str = "2026-02";

pub(super) const SITE: Site = Site {
    name: "perplexity",
    hosts: &["www.perplexity.ai", "perplexity.ai"],
    granted: false,
    marks: "",
    fresh_url: "https://www.perplexity.ai/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls { chats: &["/search/*"], projects: &[], unnamed: false, not_ids: &[], private: &[] },
    call: None,
    account_cookie: None,
    title_suffix: " - Perplexity",
    visible: false,
    generations: &[Generation { name: NOW, quirks: KEYLESS }],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };
const CODE: Evidence =
    Unconfirmed(Guess("used by published code, and in a page rebuilt from measurements"));

const ROWS: &[Row] = &[
    row(
        "turn",
        &[("[class~=\"group/query\"], [id^=\"markdown-content-\"]", NOW)],
        Many,
        Page,
        CODE,
    ),
    row("composer", &[("#ask-input", NOW)], One, Page, CODE),
    row(
        "send",
        &[("button[data-testid=submit-button], button[aria-label=Submit]", NOW)],
        Maybe,
        Page,
        CODE,
    ),
    row("stop", &[("button[data-testid=stop-generating-response-button]", NOW)], Maybe, Page, CODE),
    row("model", &[("button[data-testid=model-selector-button]", NOW)], Maybe, Page, CODE),
    row(
        "banner",
        &[(
            "[role=alert]:not([id^=\"markdown-content-\"] *), [role=dialog], [data-sonner-toast]",
            NOW,
        )],
        Any,
        Page,
        CODE,
    ),
    row("user", &[("[class~=\"group/query\"]", NOW)], Maybe, Turn, CODE),
    row(
        "user_text",
        &[("[class~=\"group/query\"] .select-text", NOW), ("[class~=\"group/query\"]", NOW)],
        Many,
        Turn,
        CODE,
    ),
    row("attachment", &[("[data-testid=attachment-tile]", NOW)], Any, Turn, CODE),
    row("assistant", &[("[id^=\"markdown-content-\"]", NOW)], Maybe, Turn, CODE),
    row("prose", &[("[id^=\"markdown-content-\"] .prose", NOW)], Many, Turn, CODE),
];

const SIGNALS: &[Signal] = &[];

const TEXTS: &[Text] = &[
    text(&["reached your", "limit"], Limit),
    ending(&["something went wrong"], Retryable),
    ending(&["network error"], Retryable),
];
