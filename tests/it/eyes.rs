//! The eyes' native twin: runs a plan on a saved page and builds the very look that the page
//! script builds of it. Other tests stand on it.

mod conversation;
mod odd;

use scraper::{ElementRef, Html, Selector};
use shim::base::Moment;
use shim::sites::{self, reader::Reader};
use shim::wire::chat::Reading;
use shim::wire::page::{Element, Node, PageFlush, Plan, SlotView};

/// Never part of a tree.
const SKIPPED: &[&str] = &["script", "style", "noscript", "template"];
/// Characters kept of an attribute, and of a list of classes.
const VALUE_CHARS: usize = 2000;
const CLASS_CHARS: usize = 300;
/// A chat's address on each site.
pub const CLAUDE: &str = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";
/// Likewise.
pub const CHATGPT: &str = "https://chatgpt.com/c/99999999-8888-4777-8666-555555555555";
/// When every test's page is read.
pub const AT: Moment = Moment(1_800_000_000_000);

/// What one look tells of a page.
pub fn page(html: &str, url: &str) -> Reading {
    let site = sites::for_url(url).expect("a page of a known site");
    Reader::new(site).read(AT, &look(&site.plan(), html, url))
}

/// A new reader for a page of this address, and the plan of its eyes.
pub fn reader_of(url: &str) -> (Reader, Plan) {
    let site = sites::for_url(url).unwrap();
    (Reader::new(site), site.plan())
}

/// The first look of the eyes at a document.
pub fn look(plan: &Plan, html: &str, url: &str) -> PageFlush {
    let document = Html::parse_document(html);
    let title = Selector::parse("title").unwrap();
    let mut flush = PageFlush {
        seq: 1,
        url: url.to_owned(),
        title: document.select(&title).next().map_or_else(String::new, |t| t.text().collect()),
        ..PageFlush::default()
    };
    for (slot, how) in &plan.slots {
        let found = how.css.iter().enumerate().find_map(|(rank, css)| {
            let selector = Selector::parse(css).unwrap_or_else(|e| panic!("{slot}: {css}: {e}"));
            let seen = document.select(&selector).filter(|e| !how.visible || is_rendered(*e));
            let found: Vec<_> = seen.take(if how.many { usize::MAX } else { 1 }).collect();
            (!found.is_empty()).then_some((rank, found))
        });
        let (rank, found) = found.unwrap_or_default();
        let mut view = SlotView { rank, nodes: Vec::new() };
        if how.turns {
            let outer =
                found.iter().filter(|e| !e.ancestors().any(|a| found.iter().any(|f| **f == a)));
            flush.turns = (1..).zip(outer.map(|element| tree(plan, *element))).collect();
            flush.order = Some(flush.turns.iter().map(|(number, _)| *number).collect());
        } else {
            view.nodes = found.into_iter().map(|element| tree(plan, element)).collect();
        }
        flush.slots.insert(slot.clone(), view);
    }
    flush
}

/// The compact tree of an element.
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
    for name in &plan.attrs {
        if let Some(value) = from.value().attr(name) {
            let limit = if name == "class" { CLASS_CHARS } else { VALUE_CHARS };
            element.attrs.push((name.clone(), value.chars().take(limit).collect()));
        }
    }
    pseudo(from, &mut element);
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
fn pseudo(from: ElementRef, element: &mut Element) {
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
        add(":value", &value);
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

#[test]
fn a_tree_holds_text_as_it_stands_and_only_allowed_attributes() {
    let plan = Plan {
        attrs: vec!["href".to_owned()],
        max_depth: 9,
        max_nodes: 99,
        max_chars: 99,
        ..Plan::default()
    };
    let html =
        Html::parse_fragment("<p class=x> a <a href=/y onclick=z>b</a><script>c</script>\n</p>");
    let p = html.select(&Selector::parse("p").unwrap()).next().unwrap();
    let json = serde_json::to_string(&tree(&plan, p)).unwrap();
    assert_eq!(json, r#"["p",{}," a ",["a",{"href":"/y"},"b"],"\n"]"#);
}

#[test]
fn what_is_too_deep_comes_as_text_and_what_is_too_much_is_marked() {
    let plan = Plan { max_depth: 2, max_nodes: 5, max_chars: 99, ..Plan::default() };
    let html = Html::parse_fragment("<p><b>a<i>b</i></b><b>c</b><b>d</b><b>e</b></p>");
    let p = html.select(&Selector::parse("p").unwrap()).next().unwrap();
    let json = serde_json::to_string(&tree(&plan, p)).unwrap();
    assert_eq!(json, r#"["p",{":cut":"true"},["b",{},"a","b"],["b",{},"c"]]"#);
}
