//! A table made of rows that are data: found by a page's shape, or written by a person.

use super::Evidence::Unconfirmed;
use super::Scope::{self, Page, Turn};
use super::Why::Guess;
use super::css::Selector;
use super::form::{ending, text};
use super::{Banners, Generation, Quirks, Row, Signal, Site, Text, Urls, Words};
use crate::base::limits::{ROW_NAME_CHARS, ROW_SELECTORS, ROWS, SELECTOR_CHARS};
use crate::base::{Problem, text::clip};
use crate::wire::chat::BannerClass::{Full, Limit, LimitAhead, Progress, Retryable};
use crate::wire::rows::{RowText, SiteRows};
use std::sync::{Mutex, PoisonError};

/// The only renderer that such a table knows.
const GENERATION: &str = "rows";

/// Every slot that the reader asks for, by where it is looked for.
pub const PAGE_SLOTS: &[&str] =
    &["turn", "composer", "send", "stop", "busy", "banner", "title", "model", "project"];
/// Likewise, inside a turn.
pub const TURN_SLOTS: &[&str] = &[
    "key",
    "index",
    "posinset",
    "total",
    "turn_model",
    "branch",
    "user",
    "user_text",
    "attachment",
    "attachment_name",
    "attachment_kind",
    "attachment_size",
    "assistant",
    "prose",
    "thinking",
    "thinking_text",
    "artifact",
    "artifact_title",
    "artifact_kind",
    "artifact_version",
    "step",
    "step_title",
    "step_label",
    "step_count",
    "call",
    "tool",
    "tool_name",
    "tool_label",
    "tool_payload",
    "tool_pair",
    "tool_busy",
    "tool_asked",
    "tool_refused",
    "tool_failed",
    "tool_error",
    "error",
    "error_turn",
    "drop",
    "done",
    "live",
    "partial",
    "streaming",
];

/// Tables that were made: one that is asked for again is not made again.
static MADE: Mutex<Vec<(SiteRows, &'static Site)>> = Mutex::new(Vec::new());
/// Tables kept to be asked for again. A document asks for one or two.
const KEPT: usize = 16;

impl Site {
    /// The table that these rows are. It lives as long as the program, and the newest are found
    /// again, so ask for one where a page or its rows are new and not at every look.
    ///
    /// # Errors
    /// What is wrong with them and what to do about it, class `Person`.
    pub fn of_rows(rows: &SiteRows) -> Result<&'static Self, Problem> {
        check(rows)?;
        Ok(Self::of_checked_rows(rows))
    }

    /// The same of rows that the background checked, in a page, where every byte of code counts.
    /// A row that cannot be read finds nothing.
    #[must_use]
    pub fn of_checked_rows(rows: &SiteRows) -> &'static Self {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, site)) = made.iter().find(|(known, _)| known == rows) {
            return site;
        }
        let site: &'static Self = Box::leak(Box::new(made_of(rows)));
        if made.len() >= KEPT {
            made.remove(0);
        }
        made.push((rows.clone(), site));
        site
    }
}

fn check(rows: &SiteRows) -> Result<(), Problem> {
    let name = rows.name.as_str();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > ROW_NAME_CHARS || !name.chars().all(plain) {
        return Err(Problem::person(
            "The table's name must be of letters, digits, dots and dashes: give it another one.",
        ));
    }
    if rows.rows.len() > ROWS {
        return Err(Problem::person(format!(
            "The table has {} rows: leave out all but {ROWS}.",
            rows.rows.len()
        )));
    }
    for row in &rows.rows {
        check_row(row)?;
    }
    let said = |slot: &str| rows.rows.iter().filter(|row| row.slot == slot).count();
    if let Some(row) = rows.rows.iter().find(|row| said(&row.slot) > 1) {
        return Err(Problem::person(format!(
            "The table has two rows for \"{}\": put their selectors into one.",
            row.slot
        )));
    }
    if said("turn") == 0 {
        return Err(Problem::person("The table does not say what a turn is: add a row \"turn\"."));
    }
    Ok(())
}

fn check_row(row: &RowText) -> Result<(), Problem> {
    let slot = clip(&row.slot, ROW_NAME_CHARS);
    let refuse = |why: String| Err(Problem::person(format!("Row \"{slot}\": {why}")));
    let Some((_, scope)) = known(&row.slot) else {
        return refuse(
            "nothing has this name; look into the built-in tables for those in use.".into(),
        );
    };
    if scope != row.scope {
        let scope = if scope == Page { "page" } else { "turn" };
        return refuse(format!("it is looked for in a {scope}: make that its scope."));
    }
    if row.css.is_empty() || row.css.len() > ROW_SELECTORS {
        return refuse(format!("give it 1 to {ROW_SELECTORS} selectors."));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if row.attr.len() > ROW_NAME_CHARS || !row.attr.chars().all(plain) {
        return refuse("its attribute is no attribute's name: correct it or leave it out.".into());
    }
    for css in &row.css {
        if css.chars().count() > SELECTOR_CHARS {
            return refuse(format!("a selector is longer than {SELECTOR_CHARS} characters."));
        }
        if let Err(problem) = Selector::parse(css) {
            let why = clip(&problem.text, SELECTOR_CHARS);
            return refuse(format!("correct its selector: {why}."));
        }
    }
    Ok(())
}

/// A slot, and where it is looked for.
fn known(slot: &str) -> Option<(&'static str, Scope)> {
    let find = |slots: &[&'static str]| slots.iter().find(|known| **known == slot).copied();
    let page = find(PAGE_SLOTS).map(|slot| (slot, Page));
    page.or_else(|| find(TURN_SLOTS).map(|slot| (slot, Turn)))
}

fn made_of(from: &SiteRows) -> Site {
    let mut rows = Vec::new();
    for row in &from.rows {
        let Some((slot, scope)) = known(&row.slot) else { continue };
        let css = row.css.iter().map(|css| (kept(css), GENERATION)).collect::<Vec<_>>();
        let evidence = Unconfirmed(Guess("no table was made for this site"));
        let (css, attr, expect) = (Box::leak(css.into_boxed_slice()), kept(&row.attr), row.expect);
        rows.push(Row { slot, css, attr, expect, scope, evidence });
    }
    let quirks = Quirks {
        keyless: from.keyless,
        stepwise: from.stepwise,
        exchange: from.exchange,
        growth: true,
        ..Quirks::NONE
    };
    let generations = Box::leak(Box::new([Generation { name: GENERATION, quirks }]));
    Site {
        name: kept(&from.name),
        hosts: &[],
        granted: false,
        marks: "",
        fresh_url: "/",
        rows: Box::leak(rows.into_boxed_slice()),
        banners: Banners { signals: SIGNALS, texts: TEXTS, only_known: ONLY_KNOWN },
        words: Words {
            call_running: &["Running ", "Calling tool ", "Calling ", "Using tool ", "Using "],
            call_ended: &[
                "Used tool: ",
                "Used tool ",
                "Used ",
                "Called tool ",
                "Called ",
                "Ran ",
                "Tool: ",
            ],
            call_failed: &[" failed", " errored", " interrupted"],
            args: &["request", "arguments", "args", "input", "parameters", "params"],
            error_starts: &["Error:"],
            any_page: true,
            ..Words::COMMON
        },
        urls: URLS,
        call: None,
        account_cookie: None,
        title_suffix: "",
        visible: true,
        generations,
    }
}

fn kept(text: &str) -> &'static str {
    if text.is_empty() { "" } else { Box::leak(text.to_owned().into_boxed_str()) }
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
    unnamed: true,
    not_ids: &["new", "local-", "local:", "__LOCALID"],
    private: &[("temporary", ""), ("incognito", ""), ("private", "")],
};

/// What the attributes of a message say of it.
const SIGNALS: &[Signal] = &[Signal {
    css: "[data-type=error], [class*=error i], [class*=destructive i], [class*=danger i], \
          [class*=text-red], [class*=bg-red], [class*=border-red]",
    class: Retryable,
    weak: true,
    ends_turn: true,
}];

/// What may be a message of the page by its class, and is one where its words are known.
const ONLY_KNOWN: &str =
    ":not([role=alert]):not([role=alertdialog]):not([data-sonner-toast]):not([data-type=error])";

/// What pages say in English; the first match wins. What servers say follows.
const TEXTS: &[Text] = &[
    text(&["reconnect"], Progress),
    text(&["retrying"], Progress),
    text(&["trying again"], Progress),
    text(&["taking longer"], Progress),
    text(&["approaching", "limit"], LimitAhead),
    text(&["close to", "limit"], LimitAhead),
    text(&["% of", "limit"], LimitAhead),
    text(&["messages left"], LimitAhead),
    text(&["messages remaining"], LimitAhead),
    text(&["maximum context length"], Full),
    text(&["context", "length", "exceed"], Full),
    text(&["exceed", "context size"], Full),
    text(&["prompt is too long"], Full),
    text(&["maximum length"], Full),
    text(&["conversation", "too long"], Full),
    text(&["rate limit"], Limit),
    text(&["too many requests"], Limit),
    text(&["quota"], Limit),
    text(&["error code: 429"], Limit),
    text(&["hit your limit"], Limit),
    text(&["reached", "limit"], Limit),
    text(&["limit", "reset"], Limit),
    ending(&["overloaded"], Retryable),
    ending(&["internal server error"], Retryable),
    ending(&["server had an error"], Retryable),
    ending(&["bad gateway"], Retryable),
    ending(&["service unavailable"], Retryable),
    ending(&["timed out"], Retryable),
    ending(&["connection error"], Retryable),
    ending(&["network error"], Retryable),
    ending(&["payload is not completed"], Retryable),
    ending(&["went wrong"], Retryable),
    ending(&["try again"], Retryable),
    ending(&["was interrupted"], Retryable),
    ending(&["unavailable"], Retryable),
    ending(&["busy"], Retryable),
];
