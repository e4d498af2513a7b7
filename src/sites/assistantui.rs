//! Applications made with assistant-ui, which people host themselves: the table of the classes
//! that its components had in November 2026. An application may draw them otherwise.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::row;
use super::{Banners, Generation, Quirks, Row, Signal, Site, Urls, Words, backend};
use crate::wire::chat::BannerClass::Retryable;

const NOW: &str = "2026-11";

pub(super) const SITE: Site = Site {
    name: "assistantui",
    hosts: &[],
    granted: false,
    marks: ".aui-thread-root .aui-composer-input",
    fresh_url: "/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: backend::TEXTS, only_known: "[role=dialog]" },
    words: Words { error_starts: &["Error:"], ..Words::COMMON },
    urls: Urls {
        chats: &["/chat/*", "/thread/*", "/c/*", "?threadId=*", "?thread=*"],
        projects: &[],
        unnamed: true,
        not_ids: &["__LOCALID"],
        private: &[],
    },
    call: None,
    account_cookie: None,
    title_suffix: "",
    visible: false,
    generations: &[Generation {
        name: NOW,
        quirks: Quirks { keyless: true, growth: true, ..Quirks::NONE },
    }],
};

const SEEN: Evidence = Confirmed("2026-11");
const GUESS: Evidence = Unconfirmed(Guess("in the library's source, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[(".aui-user-message-root, .aui-assistant-message-root", NOW)], Many, Page, SEEN),
    row("composer", &[(".aui-composer-input", NOW)], One, Page, SEEN),
    row("send", &[(".aui-composer-root button[type=submit]", NOW)], Maybe, Page, SEEN),
    row("stop", &[(".aui-composer-cancel", NOW)], Maybe, Page, GUESS),
    row("title", &[(".aui-thread-root > div > button[title]", NOW)], Maybe, Page, SEEN),
    row(
        "banner",
        &[(
            "[data-sonner-toast][data-type=error], [role=dialog], [role=alert]:not([data-role] *)",
            NOW,
        )],
        Any,
        Page,
        GUESS,
    ),
    row("user", &[("[data-role=user]", NOW)], Maybe, Turn, SEEN),
    row("user_text", &[(".aui-user-message-content", NOW)], Many, Turn, SEEN),
    row("attachment", &[(".aui-attachment-root", NOW)], Any, Turn, GUESS),
    row(
        "attachment_name",
        &[(".aui-attachment-tile-name, .aui-attachment-name", NOW)],
        Maybe,
        Turn,
        GUESS,
    ),
    row("assistant", &[("[data-role=assistant]", NOW)], Maybe, Turn, SEEN),
    row("prose", &[(".aui-md", NOW)], Many, Turn, SEEN),
    row("drop", &[(".aui-sr-only", NOW)], Any, Turn, SEEN),
    row("step", &[(".aui-tool-fallback-root, .aui-reasoning-root", NOW)], Any, Turn, GUESS),
    row("thinking", &[(".aui-reasoning-root", NOW)], Maybe, Turn, GUESS),
    row("thinking_text", &[(".aui-reasoning-text, .aui-reasoning-content", NOW)], Any, Turn, GUESS),
    row(
        "tool",
        &[(".aui-tool-fallback-header", NOW), (".aui-tool-fallback-trigger", NOW)],
        Any,
        Turn,
        GUESS,
    ),
    row("tool_name", &[(".aui-tool-fallback-title b", NOW), ("b", NOW)], Maybe, Turn, SEEN),
    row("tool_payload", &[(".aui-tool-fallback-root pre", NOW)], Any, Turn, SEEN),
    row("tool_busy", &[(".aui-tool-fallback-root .animate-spin", NOW)], Maybe, Turn, GUESS),
    row("error", &[(".aui-message-error-root, [role=alert]", NOW)], Any, Turn, GUESS),
    row("branch", &[(".aui-branch-picker-state", NOW)], Maybe, Turn, GUESS),
    row("streaming", &[(".aui-md[data-status=running]", NOW)], Maybe, Turn, SEEN),
    row("done", &[(".aui-md[data-status=complete]", NOW)], Maybe, Turn, SEEN),
];

const SIGNALS: &[Signal] = &[
    Signal { css: "[role=alert]", class: Retryable, weak: true, ends_turn: true },
    Signal { css: ".aui-message-error-root", class: Retryable, weak: true, ends_turn: true },
    Signal { css: "[data-type=error]", class: Retryable, weak: true, ends_turn: true },
];
