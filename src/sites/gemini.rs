//! gemini.google.com: one element an exchange, with names of its own for every part. No account's
//! language matters: its labels are passed over.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::{Guess, Published};
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Limit, LimitAhead, Retryable};

const SPRING: &str = "2026-04";
const EARLIER: &str = "2025-11";

pub(super) const SITE: Site = Site {
    name: "gemini",
    hosts: &["gemini.google.com"],
    granted: false,
    marks: "",
    fresh_url: "https://gemini.google.com/app",
    rows: ROWS,
    banners: Banners {
        signals: SIGNALS,
        texts: TEXTS,
        only_known: "[role=dialog], mat-dialog-container, [role=status], simple-snack-bar",
    },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/app/*", "/u/_/app/*", "/gem/_/*", "/u/_/gem/_/*"],
        projects: &["/gem/*", "/u/_/gem/*"],
        unnamed: false,
        not_ids: &[],
        private: &[],
    },
    call: None,
    account_cookie: None,
    title_suffix: " - Google Gemini",
    visible: false,
    generations: &[
        Generation { name: SPRING, quirks: EXCHANGE },
        Generation { name: EARLIER, quirks: EXCHANGE },
    ],
};

const EXCHANGE: Quirks = Quirks { exchange: true, ..Quirks::NONE };

const SEEN: Evidence = Confirmed("2025-11");
const TOLD: Evidence = Unconfirmed(Published("2026-07"));
const GUESS: Evidence = Unconfirmed(Guess("used by published exporters, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[(".conversation-container", EARLIER)], Many, Page, SEEN),
    row("composer", &[("rich-textarea .ql-editor[contenteditable]", SPRING)], One, Page, TOLD),
    row("send", &[("button.send-button:not(.stop)", SPRING)], Maybe, Page, TOLD),
    row(
        "stop",
        &[(
            "button.send-button.stop, button[data-test-id*=stop], button[aria-label*=\"Stop\"]",
            SPRING,
        )],
        Maybe,
        Page,
        GUESS,
    ),
    row("title", &[("[data-test-id=conversation-title]", SPRING)], Maybe, Page, TOLD),
    row(
        "model",
        &[("[data-test-id=bard-mode-menu-button]", SPRING), ("bard-mode-switcher", SPRING)],
        Maybe,
        Page,
        TOLD,
    ),
    row(
        "banner",
        &[(
            "[role=alert]:not(message-content *):not(user-query *), [role=dialog], \
             simple-snack-bar, [data-test-id*=limit]",
            SPRING,
        )],
        Any,
        Page,
        GUESS,
    ),
    row("key", &[(".conversation-container[id]", EARLIER)], One, Turn, SEEN).attr("id"),
    row("user", &[("user-query", EARLIER)], Maybe, Turn, SEEN),
    row("user_text", &[(".query-text", EARLIER)], Many, Turn, SEEN),
    row(
        "attachment",
        &[("user-query-file-preview, .file-preview-container > *", EARLIER)],
        Any,
        Turn,
        GUESS,
    ),
    row(
        "attachment_name",
        &[("[data-test-id=uploaded-file-name], .file-name", SPRING)],
        Maybe,
        Turn,
        GUESS,
    ),
    row("attachment_kind", &[(".file-type", SPRING)], Maybe, Turn, GUESS),
    row("assistant", &[("model-response", EARLIER)], Maybe, Turn, SEEN),
    row(
        "prose",
        &[
            ("message-content .markdown:not(model-thoughts *)", EARLIER),
            ("#extended-response-markdown-content", SPRING),
        ],
        Many,
        Turn,
        TOLD,
    ),
    row(
        "drop",
        &[
            (".cdk-visually-hidden", SPRING),
            ("sources-list", EARLIER),
            ("source-footnote, sources-carousel-inline", EARLIER),
            (".code-block-decoration", EARLIER),
        ],
        Any,
        Turn,
        TOLD,
    ),
    row("step", &[("model-thoughts", EARLIER)], Any, Turn, SEEN),
    row("thinking", &[("model-thoughts", EARLIER)], Maybe, Turn, SEEN),
    row("thinking_text", &[("model-thoughts .markdown", EARLIER)], Any, Turn, SEEN),
    row("artifact", &[("immersive-entry-chip", SPRING)], Any, Turn, GUESS),
    row("artifact_title", &[("[data-test-id=title], .title", SPRING)], Maybe, Turn, GUESS),
    row("streaming", &[(".markdown[aria-busy=true]", EARLIER)], Maybe, Turn, GUESS),
    row("done", &[(".response-footer.complete", EARLIER)], Maybe, Turn, SEEN),
];

const SIGNALS: &[Signal] =
    &[Signal { css: "[data-test-id*=limit]", class: Limit, weak: true, ends_turn: false }];

/// First match wins. The sources are public reports of 2026.
const TEXTS: &[Text] = &[
    text(&["reached your", "limit"], Limit),
    text(&["close to", "limit"], LimitAhead),
    ending(&["something went wrong"], Retryable),
    ending(&["couldn't connect"], Retryable),
];
