//! What was found as rows, and the words and places that many pages share.

use super::Shape;
use crate::wire::rows::Expect::{self, Any, Many, Maybe, One};
use crate::wire::rows::Scope::{self, Page, Turn};
use crate::wire::rows::{RowText, SiteRows};

/// Name of a table made by shape.
pub const NAME: &str = "shape";

/// Where pages say that an answer is being made, by attributes.
const STOP: &[&str] = &["button[data-testid*=stop i], button[id*=stop i], \
     button[class*=stop i], button[aria-label*=stop i], button[data-state=streaming]"];
const STREAMING: &[&str] = &["[data-is-streaming=true], [data-streaming=true], \
     [aria-busy=true], [data-status=running], [class*=streaming i], [class*=blinking i], \
     [class*=typing i]"];
/// Where pages say what went wrong.
const BANNER: &[&str] = &["[role=alert], [role=alertdialog], [data-sonner-toast], \
     [data-type=error], [class*=toast i][class*=error i]"];
/// What stands in a turn and is no part of it.
const DROP: &[&str] = &[
    "button, [role=button], [role=toolbar], form, time",
    ".sr-only, [class*=visually-hidden], [hidden]",
    "[class*=avatar i], img[alt*=avatar i], img[src*=avatar i]",
    "[class*=timestamp i], [class*=action-bar i], [class*=follow-up i]",
    "[class*=processing i], [class*=attachment i]",
    "[role=status], [role=alert]",
    STEP,
];
const STEP: &str = "[id$=-tool-call], [data-testid*=tool-call i], [class*=tool-call i], \
     [class*=tool-fallback i], [data-step-type=tool], [data-slot=collapsible], details";

/// The rows of a page with this shape.
pub(super) fn of(shape: &Shape) -> SiteRows {
    let mut rows = Vec::new();
    let mut add = |slot: &str, css: &[&str], expect: Expect, scope: Scope| {
        let css: Vec<String> =
            css.iter().filter(|css| !css.is_empty()).map(|css| (*css).to_owned()).collect();
        if !css.is_empty() {
            rows.push(RowText { slot: slot.to_owned(), css, expect, scope, ..RowText::default() });
        }
    };
    let answers = [shape.assistant.as_str(), shape.tool.as_str()];
    let said: Vec<&str> = answers.into_iter().filter(|css| !css.is_empty()).collect();
    let said = said.join(", ");
    add("turn", &[&shape.turn], Many, Page);
    add("composer", &[&shape.composer], One, Page);
    add("send", &[&shape.send], Maybe, Page);
    add("stop", STOP, Maybe, Page);
    add("banner", BANNER, Any, Page);
    add("user", &[&shape.user], Maybe, Turn);
    add("user_text", &[&shape.user], Many, Turn);
    add("assistant", &[&said], Maybe, Turn);
    add("prose", &[&shape.assistant], Many, Turn);
    add("drop", DROP, Any, Turn);
    add("step", &[STEP], Any, Turn);
    add("step_label", &["summary", "button"], Maybe, Turn);
    add("streaming", STREAMING, Maybe, Turn);
    if !shape.key.is_empty() {
        let (slot, attr) = ("key".to_owned(), shape.key.clone());
        rows.push(RowText { slot, css: vec![format!("[{attr}]")], attr, ..RowText::default() });
    }
    SiteRows { name: NAME.to_owned(), keyless: shape.key.is_empty(), rows, ..SiteRows::default() }
}
