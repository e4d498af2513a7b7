//! Chainlit, which people host themselves: the table of its renderer of November 2026. Each step
//! of an answer, a call among them, stands in an element of its own.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::Guess;
use super::form::row;
use super::{Banners, Generation, Quirks, Row, Signal, Site, Urls, Words, backend};
use crate::wire::chat::BannerClass::Retryable;

const NOW: &str = "2026-11";

pub(super) const SITE: Site = Site {
    name: "chainlit",
    hosts: &[],
    granted: false,
    marks: "#message-composer #chat-input",
    fresh_url: "/",
    rows: ROWS,
    banners: Banners { signals: SIGNALS, texts: backend::TEXTS, only_known: "" },
    words: Words { name_starts: &["step-"], ..Words::COMMON },
    urls: Urls { chats: &["/thread/*"], projects: &[], unnamed: true, not_ids: &[], private: &[] },
    call: None,
    account_cookie: None,
    title_suffix: "",
    visible: false,
    generations: &[Generation { name: NOW, quirks: Quirks { stepwise: true, ..Quirks::NONE } }],
};

const SEEN: Evidence = Confirmed("2026-11");
const GUESS: Evidence = Unconfirmed(Guess("in the application's source, in no page seen"));

const ROWS: &[Row] = &[
    row("turn", &[("[data-step-type]", NOW)], Many, Page, SEEN),
    row("composer", &[("#chat-input", NOW)], One, Page, SEEN),
    row("send", &[("#chat-submit", NOW)], Maybe, Page, SEEN),
    // The cursor in an answer stays when a stream breaks: only this control tells.
    row("stop", &[("#stop-button", NOW)], Maybe, Page, SEEN),
    row("model", &[("#chat-profiles, #header [role=combobox]", NOW)], Maybe, Page, GUESS),
    row("banner", &[("[data-sonner-toast][data-type=error]", NOW)], Any, Page, GUESS),
    row("key", &[("[id^=\"step-\"]:not(button):not(p)", NOW)], One, Turn, SEEN).attr("id"),
    row("user", &[("[data-step-type=user_message]", NOW)], Maybe, Turn, SEEN),
    row("user_text", &[(".message-content .prose", NOW)], Many, Turn, SEEN),
    row("attachment", &[("[class~=\"inline-attachments\"] > *", NOW)], Any, Turn, GUESS),
    row(
        "assistant",
        &[("[data-step-type]:not([data-step-type=user_message])", NOW)],
        Maybe,
        Turn,
        SEEN,
    ),
    row("prose", &[(".message-content .prose", NOW)], Many, Turn, SEEN),
    row("step", &[("[data-step-type=tool]", NOW)], Any, Turn, SEEN),
    // A heading with a button when it has ended; a line while it runs.
    row("tool", &[("h3, p[id^=\"step-\"]", NOW)], Any, Turn, SEEN),
    row("tool_name", &[("button[id^=\"step-\"], p[id^=\"step-\"]", NOW)], Maybe, Turn, SEEN)
        .attr("id"),
    row("tool_payload", &[("[role=region] pre, [role=region] .prose", NOW)], Any, Turn, SEEN),
    row("tool_busy", &[(".loading-shimmer", NOW)], Maybe, Turn, SEEN),
    row("tool_failed", &[("[data-step-type=tool] .fill-destructive", NOW)], Maybe, Turn, SEEN),
    row(
        "error_turn",
        &[("[data-step-type]:not([data-step-type=tool]) .fill-destructive", NOW)],
        Maybe,
        Turn,
        SEEN,
    ),
];

const SIGNALS: &[Signal] = &[
    Signal { css: ".prose", class: Retryable, weak: true, ends_turn: true },
    Signal { css: "[data-type=error]", class: Retryable, weak: true, ends_turn: true },
];
