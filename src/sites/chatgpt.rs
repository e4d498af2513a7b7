//! chatgpt.com: the table of its renderer of September 2026 (one element with a key for each
//! exchange, which holds the prompt and its answer), and of those before it (one element for each
//! turn, with its number: a section, and earlier an article).

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::{Guess, Published};
use super::call::{Call, Form};
use super::form::{ending, row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Fatal, Full, Limit, Progress, Retryable};

const KEYED: &str = "2026-09 turn-key";
const JULY: &str = "2026-07";
const ARTICLE: &str = "2025-11 article";

pub(super) const SITE: Site = Site {
    name: "chatgpt",
    hosts: &["chatgpt.com"],
    granted: true,
    marks: "",
    fresh_url: "https://chatgpt.com/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: "[role=dialog], [role=status]" },
    words: Words::COMMON,
    urls: Urls {
        chats: &["/c/*", "/g/_/c/*"],
        projects: &["/g/*"],
        unnamed: false,
        not_ids: &["local-", "WEB:"],
        private: &[("temporary-chat", "")],
    },
    call: Some(Call {
        path: "/backend-api/conversation/{chat}",
        token: "/api/auth/session",
        form: Form::ChatGpt,
    }),
    account_cookie: None,
    title_suffix: " - ChatGPT",
    visible: true,
    generations: &[
        Generation {
            name: KEYED,
            quirks: Quirks { exchange: true, stale_marks: true, ..Quirks::NONE },
        },
        Generation { name: JULY, quirks: KEYLESS },
        Generation { name: ARTICLE, quirks: KEYLESS },
    ],
};

/// An answer's id is another one after the page was loaded again.
const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };

const SEP: Evidence = Unconfirmed(Published("2026-09"));
const JUL: Evidence = Confirmed("2026-07");
const GUESS: Evidence = Unconfirmed(Guess("taken from the shape of measured pages"));

const ROWS: &[Row] = &[
    // The page.
    row(
        "turn",
        &[
            ("[data-turn-key]", KEYED),
            ("section[data-testid^=\"conversation-turn-\"]", JULY),
            ("article[data-testid^=\"conversation-turn-\"]", ARTICLE),
        ],
        Many,
        Page,
        SEP,
    ),
    row(
        "composer",
        &[
            ("form[data-chatgpt-composer] [data-composer-markdown][contenteditable]", KEYED),
            ("form[data-chatgpt-composer] textarea", KEYED),
            ("#prompt-textarea", JULY),
        ],
        One,
        Page,
        SEP,
    ),
    row(
        "send",
        &[
            ("form[data-chatgpt-composer] button[type=submit]", KEYED),
            ("[data-testid=send-button]", JULY),
        ],
        Maybe,
        Page,
        SEP,
    ),
    // Its label is localised and nothing else tells it apart: known words, and beside them the
    // mark of a turn under way in a page without a send control.
    row(
        "stop",
        &[
            (
                "form[data-chatgpt-composer] button[type=button][aria-label=Stop], \
                 form[data-chatgpt-composer] button[type=button][aria-label=Stoppa], \
                 form[data-chatgpt-composer] button[type=button][aria-label=\"Arrêter\"], \
                 form[data-chatgpt-composer] button[type=button][aria-label=\"停止\"]",
                KEYED,
            ),
            // A disabled one is left over from an answer that ended.
            ("[data-testid=stop-button]:not([disabled])", JULY),
        ],
        Maybe,
        Page,
        SEP,
    ),
    row("busy", &[("[role=status] .text-chatgpt-recovery", KEYED)], Maybe, Page, SEP),
    row(
        "model",
        &[
            ("button[data-codex-intelligence-trigger]", KEYED),
            ("[data-testid=model-switcher-dropdown-button]", JULY),
        ],
        Maybe,
        Page,
        SEP,
    ),
    row(
        "banner",
        &[(
            "[role=alert]:not([data-markdown-text-style] *):not(.markdown *), [role=dialog], \
         .text-token-text-error:not([data-markdown-text-style] *):not(.markdown *), \
         [role=status]:not(.sr-only):not([data-markdown-text-style] *):not(.markdown *)",
            KEYED,
        )],
        Any,
        Page,
        SEP,
    ),
    // One exchange, or one turn.
    row("key", &[("[data-turn-key]", KEYED)], One, Turn, SEP).attr("data-turn-key"),
    row("posinset", &[("[data-testid^=\"conversation-turn-\"]", JULY)], Maybe, Turn, JUL)
        .attr("data-testid"),
    row("turn_model", &[("[data-message-model-slug]", JULY)], Maybe, Turn, JUL)
        .attr("data-message-model-slug"),
    row(
        "user",
        &[("[data-user-message-bubble]", KEYED), ("[data-turn=user]", JULY)],
        Maybe,
        Turn,
        SEP,
    ),
    row(
        "user_text",
        &[
            ("[data-user-message-bubble] .whitespace-pre-wrap", KEYED),
            ("[data-user-message-bubble]", KEYED),
            ("[data-message-author-role=user] .whitespace-pre-wrap", JULY),
        ],
        Many,
        Turn,
        SEP,
    ),
    row(
        "assistant",
        &[
            (
                "[data-markdown-text-style=assistant-message], \
                 [class*=\"group/activity-header\"], \
                 [data-chatgpt-search-unit-key$=\":assistant\"], \
                 [data-testid=generated-image-preview]",
                KEYED,
            ),
            ("[data-turn=assistant]", JULY),
        ],
        Maybe,
        Turn,
        SEP,
    ),
    row(
        "prose",
        &[
            (
                "[data-markdown-text-style=assistant-message], \
                 [data-testid=generated-image-preview]",
                KEYED,
            ),
            // What stands in a status goes before the answer and is none. Of a picture there are
            // three, one of them to be seen.
            (
                ".markdown:not([data-streaming-response-status] *), \
                 [class*=\"group/imagegen-image\"] img:not([aria-hidden])",
                JULY,
            ),
        ],
        Many,
        Turn,
        SEP,
    ),
    row(
        "drop",
        &[
            ("[data-markdown-copy=exclude]", KEYED),
            ("[data-conversation-role]", KEYED),
            ("[role=status]", KEYED),
            (".sr-only", KEYED),
            (".turn-action-controls", KEYED),
            // Of a source only its name counts: not its picture, and not how many more there are.
            (
                "[data-testid=webpage-citation-pill] img, \
                 [data-testid=webpage-citation-pill] .-me-1",
                JULY,
            ),
        ],
        Any,
        Turn,
        SEP,
    ),
    row(
        "attachment",
        &[("[data-message-attachments] > *", KEYED), ("[class*=\"group/file-tile\"]", JULY)],
        Any,
        Turn,
        Unconfirmed(Guess("no measured page of 2026-09 shows a file")),
    ),
    row(
        "attachment_name",
        &[("[class*=\"group/file-tile\"] .font-semibold", JULY)],
        Maybe,
        Turn,
        JUL,
    ),
    row("attachment_kind", &[(".text-token-text-secondary", JULY)], Maybe, Turn, GUESS),
    // The rows of the activity list show labels and no more; their own shape is not measured.
    row("step", &[("[data-talvt-turn-state]", KEYED)], Any, Turn, SEP),
    row("tool_busy", &[("[data-talvt-turn-state=in_progress]", KEYED)], Maybe, Turn, SEP),
    row("tool", &[(".activity-row", KEYED)], Any, Turn, GUESS),
    row("tool_name", &[(".activity-row > span", KEYED)], Maybe, Turn, GUESS),
    row("tool_error", &[(".activity-row > div", KEYED)], Maybe, Turn, GUESS),
    row(
        "streaming",
        &[("[data-talvt-turn-state=in_progress]", KEYED), (".result-streaming", JULY)],
        Maybe,
        Turn,
        SEP,
    ),
    row(
        "done",
        &[
            ("[data-talvt-turn-state=complete]", KEYED),
            ("[data-testid=copy-turn-action-button]", JULY),
        ],
        Maybe,
        Turn,
        SEP,
    ),
];

const SIGNALS: &[Signal] = &[
    Signal {
        css: "[data-testid=regenerate-thread-error-button]",
        class: Retryable,
        weak: true,
        ends_turn: true,
    },
    Signal { css: ".text-chatgpt-recovery", class: Progress, weak: false, ends_turn: false },
];

/// First match wins. Each was seen on chatgpt.com; the sources are public reports of 2023 to 2026.
const TEXTS: &[Text] = &[
    text(&["reached the maximum length for this conversation"], Full),
    text(&["could not load this", "conversation"], Fatal),
    text(&["conversation not found"], Fatal),
    ending(&["message delivery timed out"], Retryable),
    text(&["connection interrupted", "waiting for the complete answer"], Progress),
    ending(&["resume stream unavailable"], Retryable),
    ending(&["stream cache expired"], Retryable),
    ending(&["thinking failed"], Retryable),
    ending(&["analysis errored"], Retryable),
    ending(&["analysis paused"], Retryable),
    text(&["network connection lost"], Progress),
    text(&["attempting to reconnect"], Progress),
    text(&["too many requests"], Limit),
    text(&["requests too quickly"], Limit),
    text(&["temporarily limited access"], Limit),
    text(&["reached our limits of messages"], Limit),
    text(&["reached your limit"], Limit),
    text(&["hit your limit"], Limit),
    text(&["engine is currently overloaded"], Retryable),
    ending(&["something went wrong"], Retryable),
    ending(&["there was an error generating a response"], Retryable),
    ending(&["message delivery failed"], Retryable),
    ending(&["network error"], Retryable),
    text(&["systems are doing additional processing"], Progress),
    // Often quoted, never confirmed.
    text(&["message you submitted was too long"], Retryable),
    ending(&["something seems to have gone wrong"], Retryable),
];
