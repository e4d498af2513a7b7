//! The page that a recorded session is shown in: what an agent's chat page shows, and no more.

use crate::{Message, ToolCall};
use pulldown_cmark::{Event, Options, Parser, html};
use shim::wire::page::{Element, Node};
use shim::wire::rows::{Expect, RowText, Scope, SiteRows};

/// The table of this page.
pub(crate) fn rows() -> SiteRows {
    let row = |(slot, css, expect, scope): (&str, &str, Expect, Scope)| RowText {
        slot: slot.to_owned(),
        css: vec![css.to_owned()],
        attr: if slot == "key" { "data-turn".to_owned() } else { String::new() },
        expect,
        scope,
    };
    let all = [
        ("turn", "[data-turn]", Expect::Many, Scope::Page),
        ("composer", "textarea", Expect::One, Scope::Page),
        ("model", ".model", Expect::Maybe, Scope::Page),
        ("key", "[data-turn]", Expect::One, Scope::Turn),
        ("user", ".user", Expect::Maybe, Scope::Turn),
        ("user_text", ".user .said", Expect::Many, Scope::Turn),
        ("assistant", ".assistant", Expect::Maybe, Scope::Turn),
        ("prose", ".assistant .said", Expect::Many, Scope::Turn),
        ("step", ".step", Expect::Any, Scope::Turn),
        ("tool", ".call", Expect::Any, Scope::Turn),
        ("tool_name", ".name", Expect::Maybe, Scope::Turn),
        ("tool_label", ".label", Expect::Any, Scope::Turn),
        ("tool_payload", "pre", Expect::Any, Scope::Turn),
        ("tool_failed", ".failed", Expect::Maybe, Scope::Turn),
        ("done", ".done", Expect::Maybe, Scope::Turn),
    ];
    SiteRows {
        name: "recorded".to_owned(),
        by_hand: true,
        rows: all.into_iter().map(row).collect(),
        ..SiteRows::default()
    }
}

/// An element that holds one text.
pub(crate) fn holding(tag: &str, class: &str, text: &str) -> Node {
    let attrs = vec![("class".to_owned(), class.to_owned())];
    let children = vec![Node::Text(text.to_owned())];
    Node::Element(Element { tag: tag.to_owned(), attrs, children })
}

/// One message as markup, under its number.
pub(crate) fn turn(number: usize, message: &Message) -> String {
    let role = if message.role == "user" { "user" } else { "assistant" };
    let mut out = format!("<div data-turn=\"m{number}\" class=\"{role}\">");
    let text = message.text.as_deref().unwrap_or_default();
    if role == "user" {
        // A prompt is shown as it was typed.
        for paragraph in text.split('\n') {
            let (open, close) = ("<p class=\"said\">", "</p>");
            out.extend([open, &escaped(paragraph), close]);
        }
    } else if !text.trim().is_empty() {
        out.push_str("<div class=\"said\">");
        // What looks like markup is shown as text.
        let shown = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            other => other,
        });
        html::push_html(&mut out, shown);
        out.push_str("</div>");
    }
    for call in message.tool_calls.iter().flatten() {
        out.push_str(&shown_call(call));
    }
    if role == "assistant" {
        out.push_str("<i class=\"done\"></i>");
    }
    out + "</div>"
}

fn shown_call(call: &ToolCall) -> String {
    let part = |text: &Option<String>| escaped(text.as_deref().unwrap_or_default());
    let failed = call.is_error == Some(true);
    let (mark, label) = if failed { (" failed", "Error") } else { ("", "Result") };
    let data = |label: &str, text: &str| {
        if text.trim().is_empty() {
            return String::new();
        }
        // A browser drops one line break at the start of what is preformatted.
        format!("<div class=\"label\">{label}</div><pre>\n{text}</pre>")
    };
    let name = part(&call.name);
    let head = format!("<div class=\"call{mark}\"><span class=\"name\">{name}</span></div>");
    format!(
        "<div class=\"step\">{head}{}{}</div>",
        data("Arguments", &part(&call.args)),
        data(label, &part(&call.result)),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
