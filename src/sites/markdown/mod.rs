//! Writes a compact tree as GitHub-flavoured Markdown.
//!
//! One pass over the tree, so the work grows with its size and with nothing else. Any tree gives
//! some text: an unknown element is the sum of its children.

mod block;
mod code;
mod inline;
mod table;

use crate::base::order::Set;
use crate::wire::page::{Element, Node};

/// Depth below which only text is taken: page trees are cut at 96, JSON at 128.
const DEPTH: usize = 160;

/// The Markdown of an element's content. `drop` holds the addresses
/// (`std::ptr::from_ref(element).addr()`) of elements to leave out.
#[must_use]
pub fn write(root: &Element, drop: &Set<usize>) -> String {
    let mut writer = block::Writer::new(drop);
    writer.element(root, 0);
    writer.finish()
}

/// The text of a code block or of a panel as it stands there: every character, a line break for
/// each `<br>` and after each block.
#[must_use]
pub fn code_text(element: &Element) -> String {
    let mut out = String::new();
    code_into(element, &mut out, &Set::default(), 0);
    out
}

fn code_into(element: &Element, out: &mut String, drop: &Set<usize>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for child in &element.children {
        match child {
            Node::Text(text) => out.push_str(text),
            Node::Element(child) if drop.contains(&std::ptr::from_ref(child).addr()) => {}
            // The number of a line is no part of it.
            Node::Element(child) if is_line_number(child) => {}
            Node::Element(child) if child.tag == "br" => out.push('\n'),
            Node::Element(child) => {
                let block = is_block(&child.tag);
                if block && !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
                code_into(child, out, drop, depth + 1);
                if block && !out.ends_with('\n') {
                    out.push('\n');
                }
            }
        }
    }
}

/// Whether a tag begins a line of its own.
#[must_use]
pub fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "html"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Whether an element holds the number of a line of code, as highlighters draw them.
fn is_line_number(element: &Element) -> bool {
    let class = element.attr("class").unwrap_or_default();
    class.contains("linenumber") || class.contains("line-number") && !class.contains("wrap")
}

/// Whether an element has a class.
fn has_class(element: &Element, class: &str) -> bool {
    element.attr("class").is_some_and(|all| all.split_ascii_whitespace().any(|c| c == class))
}

/// The TeX source of a formula that was drawn, by KaTeX, in MathML, or by whoever keeps it in an
/// attribute; and whether it stands on its own line.
fn formula(element: &Element) -> Option<(String, bool)> {
    if let Some(tex) = element.attr("data-math").filter(|tex| !tex.trim().is_empty()) {
        return Some((tex.trim().to_owned(), element.tag == "div"));
    }
    let display = has_class(element, "katex-display");
    let whole = display
        || has_class(element, "katex")
        || has_class(element, "katex-mathml")
        || element.tag == "math";
    if !whole {
        return None;
    }
    let mut text = String::new();
    match find_tag(element, "annotation", 0) {
        Some(tex) => code_into(tex, &mut text, &Set::default(), 0),
        None => {
            let math = if element.tag == "math" { element } else { find_tag(element, "math", 0)? };
            text.push_str(math.attr("alttext")?);
        }
    }
    Some((text.trim().to_owned(), display || element.attr("display") == Some("block")))
}

fn find_tag<'t>(element: &'t Element, tag: &str, depth: usize) -> Option<&'t Element> {
    if depth > DEPTH {
        return None;
    }
    element.children.iter().find_map(|child| match child {
        Node::Element(child) if child.tag == tag => Some(child),
        Node::Element(child) => find_tag(child, tag, depth + 1),
        Node::Text(_) => None,
    })
}
