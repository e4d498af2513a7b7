//! Blocks of code: where a page keeps the text and what it says of the language.

use super::{DEPTH, find_tag, has_class};
use crate::wire::page::{Element, Node};

/// Whether this holds a code editor without a `pre`: its own element, or the one that names the
/// language.
pub(super) fn is_editor(element: &Element) -> bool {
    has_class(element, "cm-editor")
        || element.attr("class").is_some_and(|class| class.starts_with("language-"))
            && find_class(element, "cm-content", 0).is_some()
}

/// The element that holds a code block's text: an editor's content, or the innermost of what is
/// nested, so that a header with the language and a button is left out.
pub(super) fn code_source(pre: &Element) -> &Element {
    if let Some(editor) = find_class(pre, "cm-content", 0) {
        return editor;
    }
    if let Some(code) = find_tag(pre, "code", 0) {
        return code;
    }
    find_tag(pre, "pre", 0).map_or(pre, code_source)
}

pub(super) fn find_class<'t>(
    element: &'t Element,
    class: &str,
    depth: usize,
) -> Option<&'t Element> {
    if depth > DEPTH {
        return None;
    }
    element.children.iter().find_map(|child| match child {
        Node::Element(child) if has_class(child, class) => Some(child),
        Node::Element(child) => find_class(child, class, depth + 1),
        Node::Text(_) => None,
    })
}

/// The language that an element names for the code right below it, where it is such a header:
/// one word and a control.
pub(super) fn header_of(header: &Element, below: Option<&[Node]>) -> Option<String> {
    if !matches!(header.tag.as_str(), "div" | "header" | "figcaption") {
        return None;
    }
    let next = below?.iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    })?;
    let has_code = next.tag == "pre" || is_editor(next) || near(next, "pre", 3);
    let headed = has_code && !near(header, "pre", 3) && near(header, "button", 4);
    headed.then(|| header_language(header)).flatten()
}

/// Whether a tag stands at most so many levels below an element.
fn near(element: &Element, tag: &str, levels: usize) -> bool {
    levels > 0
        && element.children.iter().any(|child| match child {
            Node::Element(child) => child.tag == tag || near(child, tag, levels - 1),
            Node::Text(_) => false,
        })
}

/// The language in a code block's header: one word beside its control's.
pub(super) fn header_language(header: &Element) -> Option<String> {
    let has_button = find_tag(header, "button", 0).is_some();
    let mut text = String::new();
    header_text(header, &mut text, 0);
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let alone = words.count() == usize::from(!has_button);
    named(first).filter(|_| alone).map(str::to_ascii_lowercase)
}

/// The text of a header but for its buttons. A header is short: not all of a long one is taken.
fn header_text(element: &Element, out: &mut String, depth: usize) {
    for child in &element.children {
        match child {
            _ if out.len() > 100 || depth > DEPTH => return,
            Node::Text(text) => out.push_str(text),
            Node::Element(child) if child.tag == "button" => {}
            Node::Element(child) => {
                out.push(' ');
                header_text(child, out, depth + 1);
                out.push(' ');
            }
        }
    }
}

/// The language a code element names.
pub(super) fn language(element: &Element) -> Option<String> {
    let class = element.attr("class").unwrap_or_default();
    let by_class = class
        .split_ascii_whitespace()
        .find_map(|class| class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-")));
    let name =
        by_class.or_else(|| element.attr("data-language")).or_else(|| element.attr("data-lang"))?;
    named(name).map(str::to_owned)
}

/// `name`, where it can stand behind a fence.
fn named(name: &str) -> Option<&str> {
    let good = !name.is_empty()
        && name.len() <= 40
        && name.chars().all(|c| c.is_alphanumeric() || "+-#._".contains(c));
    good.then_some(name)
}
