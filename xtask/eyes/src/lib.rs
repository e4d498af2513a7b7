//! The eyes' native twin: runs a plan on a saved page and builds the very look that the page
//! script (`extension/content/eyes.js`) builds of it.
//!
//! A saved page has no layout and no script: what is rendered is judged by an element's own
//! attributes and those of its ancestors, and one look is all there is.

pub mod conversation;

use scraper::{ElementRef, Html, Selector};
use shim::sites::shape;
use shim::wire::page::{Element, Node, PageFlush, Plan, SlotView};

/// Never part of a tree.
const SKIPPED: &[&str] = &["script", "style", "noscript", "template"];
/// Characters kept of an attribute, and of a list of classes.
const VALUE_CHARS: usize = 2000;
const CLASS_CHARS: usize = 300;

/// The first look of the eyes at a document. A selector that nobody understands finds nothing, as
/// in a browser.
#[must_use]
pub fn look(plan: &Plan, html: &str, url: &str) -> PageFlush {
    look_at(plan, &Html::parse_document(html), url)
}

/// The first look of the eyes at a document that is parsed already.
#[must_use]
pub fn look_at(plan: &Plan, document: &Html, url: &str) -> PageFlush {
    let title = document
        .tree
        .nodes()
        .filter_map(ElementRef::wrap)
        .find(|element| element.value().name() == "title");
    let mut flush = PageFlush {
        seq: 1,
        url: url.to_owned(),
        zone_min: Some(0),
        title: title.map_or_else(String::new, |title| title.text().collect()),
        ..PageFlush::default()
    };
    for (slot, how) in &plan.slots {
        let found = how.css.iter().enumerate().find_map(|(rank, css)| {
            let selector = Selector::parse(css).ok()?;
            let seen = document.select(&selector).filter(|e| !how.visible || is_rendered(*e));
            let found: Vec<_> = seen.take(if how.many { usize::MAX } else { 1 }).collect();
            (!found.is_empty()).then_some((rank, found))
        });
        let (rank, found) = found.unwrap_or_default();
        let mut view = SlotView { rank, nodes: Vec::new() };
        if how.turns {
            let outer =
                found.iter().filter(|e| !e.ancestors().any(|a| found.iter().any(|f| **f == a)));
            flush.turns = (1..).zip(outer.map(|element| turn(plan, *element))).collect();
            flush.order = Some(flush.turns.iter().map(|(number, _)| *number).collect());
        } else {
            view.nodes = found.into_iter().map(|element| tree(plan, element)).collect();
        }
        flush.slots.insert(slot.clone(), view);
    }
    flush
}

/// A turn: its markup where that tells as much as its tree.
fn turn(plan: &Plan, root: ElementRef) -> Node {
    let field = |element: ElementRef| {
        let value = element.value();
        matches!(value.name(), "input" | "textarea") || value.attr("contenteditable").is_some()
    };
    let fields = root.descendants().filter_map(ElementRef::wrap).any(field);
    if plan.deep || fields { tree(plan, root) } else { Node::Text(root.html()) }
}

/// The compact tree of an element.
#[must_use]
pub fn tree(plan: &Plan, root: ElementRef) -> Node {
    let mut room = Room { nodes: plan.max_nodes, chars: plan.max_chars };
    Node::Element(compact(plan, root, 1, &mut room))
}

/// What may still go into a tree.
struct Room {
    nodes: usize,
    chars: usize,
}

fn compact(plan: &Plan, from: ElementRef, depth: usize, room: &mut Room) -> Element {
    let mut element = Element { tag: from.value().name().to_owned(), ..Element::default() };
    let all = plan.attrs.iter().any(|name| name == shape::ALL_ATTRS);
    let names = plan.attrs.iter().map(String::as_str);
    let names: Vec<&str> =
        if all { from.value().attrs().map(|a| a.0).collect() } else { names.collect() };
    for name in names {
        if let Some(value) = from.value().attr(name) {
            let limit = if name == "class" { CLASS_CHARS } else { VALUE_CHARS };
            element.attrs.push((name.to_owned(), value.chars().take(limit).collect()));
        }
    }
    pseudo(from, &mut element, plan.max_chars);
    if element.tag == "svg" || element.attr(":kind") == Some("value") {
        return element;
    }
    let mut cut = false;
    for child in from.children() {
        let inner = ElementRef::wrap(child);
        let text = match inner {
            Some(inner) if SKIPPED.contains(&inner.value().name()) => continue,
            Some(_) if depth < plan.max_depth => None,
            Some(inner) => Some(inner.text().collect::<String>()),
            None => match child.value().as_text() {
                Some(text) => Some(text.to_string()),
                None => continue,
            },
        };
        let length = text.as_ref().map_or(0, |text| text.chars().count());
        if text.is_some() && length == 0 {
            continue;
        }
        cut |= room.nodes == 0 || length > room.chars;
        if room.nodes == 0 || room.chars == 0 {
            break;
        }
        room.nodes -= 1;
        if let Some(text) = text {
            element.children.push(Node::Text(text.chars().take(room.chars).collect()));
        } else if let Some(inner) = inner {
            let made = compact(plan, inner, depth + 1, room);
            cut |= made.attr(":cut").is_some();
            element.children.push(Node::Element(made));
        }
        room.chars -= length.min(room.chars);
    }
    if cut {
        element.attrs.push((":cut".to_owned(), "true".to_owned()));
    }
    element
}

/// What a browser tells of an element beside its attributes.
fn pseudo(from: ElementRef, element: &mut Element, max_chars: usize) {
    let attr = |name: &str| from.value().attr(name);
    let mut add = |name: &str, value: &str| element.attrs.push((name.to_owned(), value.to_owned()));
    let field = match from.value().name() {
        "textarea" => Some(from.text().collect::<String>()),
        "input" => match attr("type").unwrap_or("text") {
            "email" | "number" | "search" | "tel" | "text" | "url" => {
                Some(attr("value").unwrap_or("").to_owned())
            }
            _ => None,
        },
        _ => None,
    };
    if let Some(value) = field {
        add(":value", &value.chars().take(max_chars).collect::<String>());
        add(":kind", "value");
    } else if attr("contenteditable").is_some_and(|value| value != "false") {
        add(":kind", if attr("data-lexical-editor").is_some() { "lexical" } else { "blocks" });
    }
    let is = |state: &str, tags: &[&str]| {
        let own = tags.contains(&from.value().name()) && attr(state).is_some();
        own || attr(&format!("aria-{state}")) == Some("true")
    };
    if is("disabled", &["button", "input", "select", "textarea", "fieldset"]) {
        add(":disabled", "true");
    }
    if is("checked", &["input"]) {
        add(":checked", "true");
    }
}

/// Whether an element takes part in the layout, as far as its own attributes and its ancestors'
/// tell: a saved page has no style sheets.
fn is_rendered(element: ElementRef) -> bool {
    let hides = |e: &ElementRef| {
        let style = e.value().attr("style").unwrap_or_default().replace(' ', "");
        e.value().attr("hidden").is_some() || style.contains("display:none")
    };
    !hides(&element) && !element.ancestors().filter_map(ElementRef::wrap).any(|e| hides(&e))
}
