//! claude.ai: the table of its renderer of October 2026 ("hub": a virtual list of rows, each
//! message with a key of its own), and of those before it, whose rows tell only their number.

use super::Evidence::{self, Confirmed, Unconfirmed};
use super::Expect::{Any, Many, Maybe, One};
use super::Scope::{Page, Turn};
use super::Why::{Guess, Published};
use super::call::{Call, Form};
use super::form::{row, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::wire::chat::BannerClass::{Full, Limit, LimitAhead, Progress, Retryable, State};

const HUB: &str = "2026-10 hub";
const JULY: &str = "2026-07";
const EARLIER: &str = "2025-11";

pub(super) const SITE: Site = Site {
    name: "claude",
    hosts: &["claude.ai"],
    granted: true,
    marks: "",
    fresh_url: "https://claude.ai/new",
    rows: ROWS,
    banners: Banners {
        signals: SIGNALS,
        texts: TEXTS,
        only_known: "[role=dialog], [data-cds=Dialog]",
    },
    words: Words {
        call_failed: &[" failed", " interrupted", " was interrupted"],
        not_calls: &["thinking", "thought ", "working", "worked for", "still ", "compacting"],
        ..Words::COMMON
    },
    urls: Urls {
        chats: &["/chat/*"],
        projects: &["/project/*", "/cowork/project/*"],
        unnamed: false,
        not_ids: &["local-"],
        private: &[("incognito", "")],
    },
    call: Some(Call {
        path: "/api/organizations/{account}/chat_conversations/{chat}\
            ?tree=True&rendering_mode=messages&render_all_tools=true",
        token: "",
        form: Form::Claude,
    }),
    account_cookie: Some("lastActiveOrg"),
    title_suffix: " - Claude",
    visible: false,
    generations: &[
        Generation { name: HUB, quirks: Quirks::NONE },
        Generation { name: JULY, quirks: KEYLESS },
        Generation { name: EARLIER, quirks: KEYLESS },
    ],
};

const KEYLESS: Quirks = Quirks { keyless: true, ..Quirks::NONE };

const OCT: Evidence = Unconfirmed(Published("2026-10"));
const JUL: Evidence = Confirmed("2026-07");
const GUESS: Evidence = Unconfirmed(Guess("taken from the shape of measured pages"));
const CARDS: Evidence = Unconfirmed(Guess("used by published exporters, in no page seen"));

const ROWS: &[Row] = &[
    // The page.
    row(
        "turn",
        &[
            ("[data-testid=transcript-row]", HUB),
            ("[data-rs-index][data-index]", JULY),
            ("[data-test-render-count]", EARLIER),
        ],
        Many,
        Page,
        OCT,
    ),
    row(
        "composer",
        &[("[data-composer-editor]", HUB), ("[data-testid=chat-input]", JULY)],
        One,
        Page,
        OCT,
    ),
    row(
        "send",
        &[("[data-testid=chat-input-send]", HUB), ("button[aria-label=\"Send message\" i]", JULY)],
        Maybe,
        Page,
        OCT,
    ),
    row(
        "stop",
        &[("[data-testid=chat-input-stop]", HUB), ("button[aria-label=\"Stop response\"]", JULY)],
        Maybe,
        Page,
        OCT,
    ),
    row(
        "title",
        &[
            ("[data-testid=chat-title-split] button", HUB),
            ("[data-testid=chat-title-button]", EARLIER),
        ],
        Maybe,
        Page,
        OCT,
    ),
    row("model", &[("[data-testid=model-selector-dropdown]", HUB)], Maybe, Page, JUL),
    row(
        "project",
        &[("[data-testid=chat-header] a[href*=\"/project/\"]", HUB)],
        Maybe,
        Page,
        GUESS,
    ),
    row(
        "banner",
        &[(
            "[data-cds=ChatComposerNotices] > *, [data-alert-band-wrapper] > *, \
         [data-cds=Dialog], [role=dialog], \
         [role=alert]:not([data-perf-reply-text] *):not(.standard-markdown *)\
         :not([data-testid=user-message] *)",
            HUB,
        )],
        Any,
        Page,
        OCT,
    ),
    // One turn.
    row("key", &[("[data-turn-key]", HUB)], One, Turn, OCT).attr("data-turn-key"),
    row("index", &[("[data-index]", HUB)], One, Turn, JUL).attr("data-index"),
    row("posinset", &[("[aria-posinset]", HUB)], Maybe, Turn, JUL).attr("aria-posinset"),
    row("total", &[("[aria-setsize]", HUB)], Maybe, Turn, JUL).attr("aria-setsize"),
    row(
        "user",
        &[
            ("[data-cds=UserMessage]", HUB),
            ("[data-user-message-bubble=true]", JULY),
            ("[data-testid=user-message]", JULY),
        ],
        Maybe,
        Turn,
        OCT,
    ),
    row("user_text", &[("[data-testid=user-message]", HUB)], Many, Turn, JUL),
    row("attachment", &[("[data-testid=file-thumbnail]", HUB)], Any, Turn, OCT),
    row("attachment_name", &[("h3", HUB)], Maybe, Turn, OCT),
    row("attachment_kind", &[("p.uppercase", HUB)], Maybe, Turn, GUESS),
    row(
        "artifact",
        &[("[class~=\"group/artifact-block\"]", HUB), ("[class*=\"artifact-block\"]", EARLIER)],
        Any,
        Turn,
        CARDS,
    ),
    row(
        "artifact_title",
        &[("[class*=\"artifact-block\"] .leading-tight", HUB)],
        Maybe,
        Turn,
        GUESS,
    ),
    row(
        "artifact_kind",
        &[("[class*=\"artifact-block\"] [class~=\"text-text-400\"]", HUB)],
        Maybe,
        Turn,
        GUESS,
    ),
    row(
        "artifact_version",
        &[("[data-testid=artifact-version-trigger]", EARLIER)],
        Maybe,
        Turn,
        CARDS,
    ),
    row(
        "assistant",
        &[
            ("[data-testid=assistant-message]", HUB),
            ("[data-cds=AssistantMessage]", HUB),
            ("[data-is-streaming]", JULY),
        ],
        Maybe,
        Turn,
        OCT,
    ),
    row(
        "prose",
        &[
            ("[data-perf-reply-text]", HUB),
            (".standard-markdown, .progressive-markdown", JULY),
            ("[data-cds=Prose]", HUB),
        ],
        Many,
        Turn,
        OCT,
    ),
    row(
        "drop",
        &[
            ("h2[data-find-omitted]", HUB),
            ("[data-cds=TurnStatus]", HUB),
            ("[data-cds=MessageActions]", HUB),
            ("button[class*=\"group/status\"]", JULY),
            ("[data-message-action-bar]", JULY),
            // The language above a block of code.
            ("[class*=\"group/copy\"] > .text-text-500", JULY),
            ("[role=status]", HUB),
            (".sr-only", HUB),
            ("time", HUB),
        ],
        Any,
        Turn,
        OCT,
    ),
    // Only calls to connectors show a row there, and it names the tool alone.
    row(
        "step",
        &[("[data-cds=TurnStatus]", HUB), ("div[class*=\"group/row\"]", JULY)],
        Any,
        Turn,
        OCT,
    ),
    row("thinking", &[("[data-step-key^=\"thinking-\"]", HUB)], Maybe, Turn, OCT),
    row(
        "thinking_text",
        &[
            ("[data-step-key^=\"thinking-\"] [data-cds=Collapsible]", HUB),
            // What the model says of its own work; its panel is not there while it is closed.
            ("[class*=\"group/status\"] .truncate", JULY),
            // Thinking is drawn as an answer inside the answer.
            (".font-claude-response .font-claude-response", EARLIER),
        ],
        Any,
        Turn,
        GUESS,
    ),
    row("step_title", &[("[data-cds-row][title]", HUB)], Maybe, Turn, OCT).attr("title"),
    row("step_label", &[("[data-cds-row] bdi", HUB)], Maybe, Turn, OCT),
    row(
        "tool",
        &[("[data-cds=Collapsible] button", HUB), ("div[class*=\"group/row\"] > div", JULY)],
        Any,
        Turn,
        OCT,
    ),
    row(
        "tool_name",
        &[("[data-cds=ShimmerText]", HUB), (".text-left > .text-text-500", JULY)],
        Maybe,
        Turn,
        OCT,
    ),
    row("tool_label", &[("[data-cds=Collapsible] p", HUB)], Any, Turn, OCT),
    row(
        "tool_payload",
        &[("[data-cds=Collapsible] pre, [data-cds=Collapsible] code[class*=\"language-\"]", HUB)],
        Any,
        Turn,
        OCT,
    ),
    row(
        "tool_busy",
        &[("[data-state=busy]", HUB), ("[data-state=pending]", HUB)],
        Maybe,
        Turn,
        OCT,
    ),
    row("live", &[("[data-cds=TurnStatus][data-state=busy]", HUB)], Maybe, Turn, OCT),
    row(
        "streaming",
        &[("[data-is-streaming=true]", HUB), ("[data-perf-row-streaming=true]", HUB)],
        Maybe,
        Turn,
        OCT,
    ),
    row("done", &[("[data-is-streaming=false]", HUB)], Maybe, Turn, JUL),
];

const SIGNALS: &[Signal] = &[
    Signal { css: "#rate-limit-risk-reversal", class: Limit, weak: false, ends_turn: false },
    Signal {
        css: "[data-testid=hub-earlier-version-back]",
        class: State,
        weak: false,
        ends_turn: false,
    },
    // Alone it may only say that a limit is near: a text that says so knows better.
    Signal { css: "a[href*=\"from=ratelimit\"]", class: Limit, weak: true, ends_turn: false },
];

/// First match wins. Each was seen on claude.ai; the sources are public reports of 2025 and 2026.
const TEXTS: &[Text] = &[
    text(&["hit the maximum length for this conversation"], Full),
    text(&["will exceed the length limit"], Full),
    text(&["hit your limit"], Limit),
    text(&["reached your limit"], Limit),
    text(&["approaching", "limit"], LimitAhead),
    text(&["close to", "limit"], LimitAhead),
    text(&["used", "% of your", "limit"], LimitAhead),
    Text { all: &["response was interrupted"], class: Retryable, ends_turn: true },
    text(&["taking longer than usual"], Progress),
    text(&["retrying in"], Progress),
    text(&["compacting our conversation"], Progress),
    text(&["still thinking"], Progress),
    text(&["still working"], Progress),
    text(&["working through a complex response"], Progress),
    text(&["failed to send"], Retryable),
    text(&["is currently unavailable"], Retryable),
    text(&["editing and retrying aren't available"], Retryable),
    text(&["viewing an earlier version"], State),
    // Often quoted, never confirmed.
    text(&["reached its maximum length"], Full),
    text(&["usage limit"], Limit),
    text(&["capacity constraints"], Retryable),
    text(&["upstream connect error"], Retryable),
];
