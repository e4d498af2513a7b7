//! What was found as rows, and the words and places that many pages share.

use super::Shape;
use super::flat::Flat;
use crate::base::limits::SELECTOR_CHARS;
use crate::wire::page::Element;
use crate::wire::rows::Expect::{self, Any, Many, Maybe, One};
use crate::wire::rows::Scope::{self, Page, Turn};
use crate::wire::rows::{RowText, SiteRows};

/// Name of a table made by shape.
pub const NAME: &str = "shape";

/// What sends a message, where no button of the page was found to.
const SEND: &str = "button[data-testid*=send i], button[id*=send i], button[class*=send i], \
     button[aria-label*=send i], button[class*=submit i], button[aria-label*=submit i], \
     form button[type=submit]";
/// Where pages say that an answer is being made, by attributes.
const STOP: &str = "button[data-testid*=stop i], button[id*=stop i], button[class*=stop i], \
     button[aria-label*=stop i], button[title*=stop i], button[data-tooltip-id*=stop i], \
     button[data-state=streaming], button svg[class~=lucide-square], \
     button svg[class*=stop i], button svg[data-testid*=stop i], \
     [class*=send i][class~=stop], [role=button][aria-label*=stop i], \
     [role=button][data-testid*=stop i]";
/// What turns until something is done, and tells no part of it.
const BUSY: &str = "[role=progressbar]:not([aria-valuenow])";
const STREAMING: &str = "[data-is-streaming=true], [data-streaming=true], [aria-busy=true], \
     [data-status=running], [data-status=streaming], [data-state=streaming], \
     [class*=streaming i], [class*=blinking i], [class*=typing i], [class*=pending i], \
     [class*=processing-container i], [class*=skeleton i], [class*=dot-falling i], \
     [class*=animate-spin]";
/// Where pages say what went wrong.
const BANNER: &str = "[role=alert], [role=alertdialog], [data-sonner-toast], [data-type=error]";
/// The same by its class: it counts where its words are known.
const NOTICES: [&str; 6] = [
    "[class*=banner i]",
    "[class*=notice i]",
    "[class*=alert i]",
    "[class*=warning i]",
    "[class*=toast i]",
    "[class*=error i]:not(button)",
];
const ERROR: &str = "[class*=text-error i], [data-error=true], [class*=bg-red], \
     [class*=border-red], [class*=error-message i], [class*=message-error i], \
     [class*=error-box i], [class*=error-content i]";
/// A box with a sign at its head, where an answer would stand: it counts where its words are known,
/// and takes nothing out of what was said.
const CALLOUT: &str = "[class~=items-start][class*=rounded][class*=bg-]";
/// An answer that is a message of the site.
const ERROR_TURN: &str = "svg[class*=destructive]:not(button *):not(details *)";
/// What holds text, where it is not what held it when the page was looked at.
const TEXT: &str = "[class~=prose], [class*=markdown i]";
/// What stands in a turn and is no part of it.
const DROP: &[&str] = &[
    "button, [role=button], [role=toolbar], [role=menubar], form, time",
    ".sr-only, [class*=visually-hidden], [hidden]",
    "[class*=avatar i], img[alt*=avatar i], img[src*=avatar i]",
    "[class*=timestamp i], [class*=action-bar i], [class*=follow-up i]",
    "[class*=processing i], [class*=attachment i]",
    "[class*=thinking i] summary, [class*=thought i] summary, [class*=reasoning i] summary",
    "[role=status]",
];
/// What opens and closes.
const FOLDS: &str = "details, button[aria-expanded]:not([aria-haspopup]), \
     [role=button][aria-expanded]:not([aria-haspopup])";
const STEP: &str = "[data-slot=collapsible], \
     [class*=thinking i], [class*=thought i], \
     [class*=reasoning i], [data-testid*=tool-call i], \
     [class*=tool-call i], [class*=tool-fallback i], [id$=-tool-call], [data-step-type=tool]";
const THINKING: &str = "[class*=thinking i], [class*=thought i], [class*=reasoning i], \
     [data-testid*=thinking i], [data-testid*=reasoning i], [data-slot*=reasoning i], \
     [class*=brain i]";
/// The control of a call, which holds its name.
const TOOL: &[&str] = &[
    "summary",
    "button[aria-expanded]",
    "[role=button]",
    "[class*=header i], [class*=trigger i]",
    "[class*=title i], [class*=name i]",
];
/// What names a step as a call.
const CALL: &str = "[class*=tool-call i], [class*=toolcall i], [class*=tool-use i], \
     [class*=tool-fallback i], [data-testid*=tool i], [id*=tool i], [data-step-type=tool]";
/// What of it is the name.
const TOOL_NAME: &[&str] = &[
    "[class*=tool-name i], [data-testid*=tool-name i]",
    "code",
    "b, strong",
    "[class*=font-mono]",
    "[class*=semibold], [class*=font-bold]",
    "[class*=font-medium]",
    "*",
];
const TOOL_LABEL: &str = "h3, h4, h5, h6, p, dt, label, span, [class*=uppercase], \
     [class*=label i], [class*=font-medium]";
const TOOL_PAYLOAD: &str =
    "pre, ul, dl, table, [class~=prose], [class*=markdown i], [class*=whitespace-pre]";
const TOOL_BUSY: &str = "[class*=spin i], [class*=animate-pulse], [class*=shimmer i], \
     [class*=loading i], [class*=loader i], [class*=running i], [class*=in-progress i], \
     [class*=in_progress i], [class*=pending i], [role=progressbar], [aria-busy=true], \
     [data-state=running], [data-state=loading], [data-state=busy], \
     [data-status=running], [data-status=pending], [data-status=in_progress], [status=running], \
     [status=pending], [status=in_progress]";
const TOOL_FAILED: &str = "[class*=text-red], [class*=text-destructive], [data-status=error], \
     [data-status=failed], [data-state*=error i], [data-state=failed], [status=error], \
     [status=failed], [class*=error i]:not(pre *), [class*=fail i]:not(pre *), \
     [class*=danger i]:not(button):not(pre *), [class*=x-circle i], [class*=circle-x i], \
     [class*=circle-alert i], [class*=x-mark i], [class*=xmark i], [class*=-cross i]";
const TOOL_ASKED: &str = "[role=alert] button, [class*=approv i] button, [class*=confirm i] \
     button, \
     [class*=permission i] button, [data-state*=approval i], [data-status*=approval i], \
     [data-status=requires-action], svg[class*=shield]:not(button *)";

/// Bytes of answers from which on a page teaches as much as any other.
const ENOUGH_BYTES: usize = 2_000;

/// Rows that are the same for all pages.
const SHARED: [(&str, &str, Expect, Scope); 8] = [
    ("stop", STOP, Maybe, Page),
    ("busy", BUSY, Maybe, Page),
    ("error_turn", ERROR_TURN, Maybe, Turn),
    ("tool_label", TOOL_LABEL, Any, Turn),
    ("tool_payload", TOOL_PAYLOAD, Any, Turn),
    ("tool_busy", TOOL_BUSY, Maybe, Turn),
    ("tool_failed", TOOL_FAILED, Maybe, Turn),
    ("streaming", STREAMING, Maybe, Turn),
];

/// Every place that many pages share and where nothing is said.
fn places() -> impl Iterator<Item = &'static str> {
    let all = DROP.iter().copied().chain([ERROR, FOLDS, STEP, THINKING]);
    all.flat_map(|list| list.split(", "))
}

/// Which common places of other things hold what was said in these turns.
pub(super) fn unfit(flat: &Flat, turns: &[usize], held: &[usize]) -> Vec<&'static str> {
    let around = |at: &usize| flat.has_any(*at, held);
    let within: Vec<&Element> = turns
        .iter()
        .flat_map(|turn| flat.within(*turn))
        .filter(around)
        .filter_map(|at| flat.element(at))
        .collect();
    let holds = |css: &str| {
        let css = crate::sites::css::Selector::parse(css);
        css.is_ok_and(|css| within.iter().any(|element| css.matches(element)))
    };
    places().filter(|css| holds(css)).collect()
}

/// Where messages of the page stand: those that a class tells only outside of turns, since prose
/// has notices too.
fn banner(turn: &str) -> String {
    let mut list = BANNER.to_owned();
    let inside: Vec<String> = turn.split(", ").map(|turn| format!("{turn} *, {turn}")).collect();
    for notice in NOTICES {
        let next = format!(", {notice}:not({})", inside.join(", "));
        if list.len() + next.len() <= SELECTOR_CHARS {
            list.push_str(&next);
        }
    }
    list
}

/// Where an answer says that it failed: beside its prose, not in it.
fn error(prose: &str, places: &str) -> String {
    if prose.is_empty() || prose.contains(',') {
        return format!("[role=alert], {places}");
    }
    let list = format!("[role=alert]:not({prose} *), {places}");
    if list.len() <= SELECTOR_CHARS { list } else { places.to_owned() }
}

/// The same of a box that may be anything.
fn callout(prose: &str) -> String {
    if prose.is_empty() || prose.contains(',') {
        return String::new();
    }
    format!("{CALLOUT}:not(button):not({prose}):not({prose} *)")
}

/// These selectors as one list, without what holds what was said in this page.
fn fitting(shape: &Shape, all: &[&str]) -> String {
    let fit = |css: &&str| !css.is_empty() && !shape.unfit.contains(css);
    let mut list = String::new();
    for css in all.iter().flat_map(|list| list.split(", ")).filter(fit) {
        if list.len() + css.len() + 2 > SELECTOR_CHARS {
            break;
        }
        list.push_str(if list.is_empty() { "" } else { ", " });
        list.push_str(css);
    }
    list
}

/// The same of folds: what is folded in a text was said, unless this page has its steps there.
fn folds(shape: &Shape, css: &str) -> String {
    let text = &shape.prose;
    if shape.steps_in_text || text.is_empty() || text.contains([',', ' ']) {
        return css.to_owned();
    }
    css.split(", ").map(|css| format!("{css}:not({text} *)")).collect::<Vec<_>>().join(", ")
}

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
    let list = |all: &[&str]| fitting(shape, all);
    let folds = [folds(shape, FOLDS), folds(shape, "summary")];
    let steps = list(&[&shape.tool, &shape.steps.calls, &shape.steps.thoughts, &folds[0], STEP]);
    let answers = list(&[&shape.assistant, &shape.tool]);
    let error = error(&shape.prose, &list(&[ERROR]));
    let drop: Vec<String> = DROP.iter().map(|css| list(&[css])).collect();
    let beside = shape.beside.iter().map(String::as_str);
    let drop: Vec<&str> =
        drop.iter().map(String::as_str).chain([error.as_str(), &folds[1]]).chain(beside).collect();
    let (name, line) = (shape.steps.name.as_str(), shape.steps.line.as_str());
    let name: Vec<&str> = [name, line].into_iter().chain(TOOL_NAME.iter().copied()).collect();
    let tool: Vec<&str> = std::iter::once(line).chain(TOOL.iter().copied()).collect();
    add("turn", &[&shape.turn], Many, Page);
    add("composer", &[&shape.composer], One, Page);
    add("send", &[if shape.send.is_empty() { SEND } else { &shape.send }], Maybe, Page);
    add("banner", &[&banner(&shape.turn)], Any, Page);
    add("user", &[&shape.user], Maybe, Turn);
    add("user_text", &[&shape.user_text, TEXT], Many, Turn);
    add("assistant", &[&answers], Maybe, Turn);
    add("prose", &[&shape.prose, TEXT], Many, Turn);
    add("drop", &drop, Any, Turn);
    add("error", &[&error, &callout(&shape.prose)], Any, Turn);
    add("step", &[&steps], Any, Turn);
    add("step_label", TOOL, Maybe, Turn);
    let thoughts = if shape.steps.thoughts_told { shape.steps.thoughts.as_str() } else { "" };
    add("thinking", &[&list(&[thoughts, THINKING])], Maybe, Turn);
    add("tool", &tool, Any, Turn);
    add("call", &[&list(&[&shape.tool, &shape.steps.calls, line, CALL])], Maybe, Turn);
    add("tool_name", &name, Maybe, Turn);
    add("tool_pair", &["li", "tr"], Any, Turn);
    add("tool_asked", &[&shape.steps.asked, TOOL_ASKED], Maybe, Turn);
    for (slot, css, expect, scope) in SHARED {
        add(slot, &[css], expect, scope);
    }
    for (slot, attr) in [("key", &shape.keys.key), ("index", &shape.keys.index)] {
        if !attr.is_empty() {
            let (slot, attr) = (slot.to_owned(), attr.clone());
            rows.push(RowText { slot, css: vec![format!("[{attr}]")], attr, ..RowText::default() });
        }
    }
    SiteRows {
        name: NAME.to_owned(),
        keyless: shape.keys.key.is_empty(),
        stepwise: true,
        seen_bytes: shape.answered_bytes.min(ENOUGH_BYTES),
        rows,
        ..SiteRows::default()
    }
}
