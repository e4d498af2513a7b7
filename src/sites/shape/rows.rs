//! A table made of a shape: rows of the same form as the built-in ones, and the words and places
//! that many pages share.

use super::Shape;
use crate::sites::Evidence::{self, Unconfirmed};
use crate::sites::Expect::{self, Any, Many, Maybe, One};
use crate::sites::Scope::{Page, Turn};
use crate::sites::Why::Guess;
use crate::sites::{Banners, Generation, Quirks, Row, Scope, Signal, Site, Urls, Words, backend};
use crate::wire::chat::BannerClass::Retryable;

/// Name of the table, and of the only renderer it knows.
pub const NAME: &str = "shape";

const SHAPE: Evidence = Unconfirmed(Guess("found by the page's shape"));

/// Where pages say that an answer is being made, by attributes.
const STOP: &str = "button[data-testid*=stop i], button[id*=stop i], button[class*=stop i], \
     button[aria-label*=stop i], button[data-state=streaming]";
const STREAMING: &str = "[data-is-streaming=true], [data-streaming=true], [aria-busy=true], \
     [data-status=running], [class*=streaming i], [class*=blinking i], [class*=typing i]";
/// Where pages say what went wrong.
const BANNER: &str = "[role=alert], [role=alertdialog], [data-sonner-toast], [data-type=error], \
     [class*=toast i][class*=error i]";
/// What stands in a turn and is no part of it.
const DROP: [&str; 19] = [
    "button",
    "[role=button]",
    "[role=toolbar]",
    "form",
    "time",
    ".sr-only",
    "[class*=visually-hidden]",
    "[hidden]",
    "[class*=avatar i]",
    "[class*=timestamp i]",
    "[class*=action-bar i]",
    "[class*=follow-up i]",
    "img[alt*=avatar i]",
    "img[src*=avatar i]",
    "[class*=processing i]",
    "[class*=attachment i]",
    "[role=status]",
    "[role=alert]",
    STEP,
];
const STEP: &str = "[id$=-tool-call], [data-testid*=tool-call i], [class*=tool-call i], \
     [class*=tool-fallback i], [data-step-type=tool], [data-slot=collapsible], details";

/// The table of a page with this shape. It lives as long as the program: a document makes few.
pub(super) fn table(shape: &Shape) -> &'static Site {
    let mut rows = Vec::new();
    let mut add = |slot: &'static str, css: &[&str], expect: Expect, scope: Scope| {
        let css: Vec<(&'static str, &'static str)> =
            css.iter().filter(|css| !css.is_empty()).map(|css| (kept(css), NAME)).collect();
        if !css.is_empty() {
            let (css, attr) = (Box::leak(css.into_boxed_slice()), "");
            rows.push(Row { slot, css, attr, expect, scope, evidence: SHAPE });
        }
    };
    let answers = [shape.assistant.as_str(), shape.tool.as_str()];
    let said: Vec<&str> = answers.into_iter().filter(|css| !css.is_empty()).collect();
    let said = said.join(", ");
    add("turn", &[&shape.turn], Many, Page);
    add("composer", &[&shape.composer], One, Page);
    add("send", &[&shape.send], Maybe, Page);
    add("stop", &[STOP], Maybe, Page);
    add("banner", &[BANNER], Any, Page);
    add("user", &[&shape.user], Maybe, Turn);
    add("user_text", &[&shape.user], Many, Turn);
    add("assistant", &[&said], Maybe, Turn);
    add("prose", &[&shape.assistant], Many, Turn);
    add("drop", &DROP, Any, Turn);
    add("step", &[STEP], Any, Turn);
    add("step_label", &["summary", "button"], Maybe, Turn);
    add("streaming", &[STREAMING], Maybe, Turn);
    add("key", &[&key_css(&shape.key)], Maybe, Turn);
    if let Some(row) = rows.last_mut().filter(|row| row.slot == "key") {
        row.attr = kept(&shape.key);
    }
    let keyless = shape.key.is_empty();
    let generations = vec![Generation { name: NAME, quirks: Quirks { keyless, ..Quirks::NONE } }];
    Box::leak(Box::new(Site {
        name: NAME,
        hosts: &[],
        granted: false,
        marks: "",
        fresh_url: "",
        rows: Box::leak(rows.into_boxed_slice()),
        banners: Banners { signals: SIGNALS, texts: backend::TEXTS, only_known: "" },
        words: Words::COMMON,
        urls: URLS,
        account_cookie: None,
        title_suffix: "",
        visible: true,
        generations: Box::leak(generations.into_boxed_slice()),
    }))
}

fn key_css(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("[{name}]") }
}

fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// How addresses name chats, as a rule.
const URLS: Urls = Urls {
    chats: &[
        "/c/*",
        "/chat/*",
        "/chats/*",
        "/conversation/*",
        "/conversations/*",
        "/thread/*",
        "/threads/*",
        "/t/*",
        "/s/*",
        "/app/*",
        "#/chat/*",
        "#/c/*",
        "?chat=*",
        "?thread=*",
        "?conversation=*",
    ],
    projects: &[],
    not_ids: &["new", "local-"],
    private: &[("temporary", ""), ("incognito", ""), ("private", "")],
};

const SIGNALS: &[Signal] =
    &[Signal { css: "[data-type=error]", class: Retryable, weak: true, ends_turn: false }];
