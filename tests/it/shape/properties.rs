//! What holds of every page, however odd.

use super::{read, role, rows, table, tree};
use crate::{eyes, pages::folders};
use shim::base::chance::Chance;
use shim::sites::{reader::Reader, shape};
use shim::wire::page::{Element, Node, PageFlush, SlotView};
use shim::wire::rows::SiteRows;

const URL: &str = "http://localhost/c/6ab65814-1111-4111-8111-111111111111";

fn all_pages() -> impl Iterator<Item = String> {
    let pages = folders("tests/pages").into_iter().chain(folders("tests/shapes"));
    pages.map(|(_, html)| html)
}

#[test]
fn rows_come_back_from_json_and_read_the_same() {
    let mut found = 0;
    for html in all_pages() {
        let Some(rows) = rows(&html, URL) else { continue };
        let json = serde_json::to_string(&rows).unwrap();
        let back: SiteRows = serde_json::from_str(&json).unwrap();
        assert_eq!(back, rows);
        assert_eq!(read(&back, &html, URL), read(&rows, &html, URL));
        found += 1;
    }
    assert!(found > 100, "only {found} pages have a shape");
}

fn shuffled(node: &Node, chance: &mut Chance) -> Node {
    let Node::Element(element) = node else { return node.clone() };
    let mut attrs = element.attrs.clone();
    for at in (1..attrs.len()).rev() {
        attrs.swap(at, usize::try_from(chance.below(at as u64 + 1)).unwrap());
    }
    let children = element.children.iter().map(|child| shuffled(child, chance)).collect();
    Node::Element(Element { tag: element.tag.clone(), attrs, children })
}

#[test]
fn the_order_of_attributes_tells_nothing() {
    let mut chance = Chance::new(7);
    for html in all_pages() {
        let flush = tree(&html);
        let mut other = flush.clone();
        for view in other.slots.values_mut() {
            view.nodes = view.nodes.iter().map(|node| shuffled(node, &mut chance)).collect();
        }
        assert_eq!(shape::rows(&flush), shape::rows(&other));
    }
}

/// A page of any attributes and texts that pages have, put together by chance.
fn odd(chance: &mut Chance, stuff: &[Element], depth: u32, room: &mut u32) -> Node {
    *room = room.saturating_sub(1);
    if depth == 0 || *room == 0 || chance.percent(20) {
        return Node::Text(["word", "", " ", "Thought", "\u{1f914}"][pick(chance, 5)].to_owned());
    }
    let mut element = stuff[pick(chance, stuff.len())].clone();
    for _ in 0..chance.below(7) {
        element.children.push(odd(chance, stuff, depth - 1, room));
    }
    Node::Element(element)
}

fn pick(chance: &mut Chance, below: usize) -> usize {
    usize::try_from(chance.below(below as u64)).unwrap()
}

fn elements(node: &Node, all: &mut Vec<Element>) {
    if let Node::Element(element) = node {
        all.push(Element { children: Vec::new(), ..element.clone() });
        element.children.iter().for_each(|child| elements(child, all));
    }
}

fn flush(page: Node) -> PageFlush {
    let view = SlotView { rank: 0, nodes: vec![page] };
    PageFlush { slots: [("page".to_owned(), view)].into(), ..PageFlush::default() }
}

#[test]
fn whatever_is_found_in_any_page_is_a_table() {
    let mut stuff = Vec::new();
    for html in all_pages() {
        tree(&html)
            .slots
            .values()
            .flat_map(|view| &view.nodes)
            .for_each(|n| elements(n, &mut stuff));
    }
    let mut found = 0;
    for seed in 0..1_500 {
        let mut chance = Chance::new(seed);
        // Few different elements: turns are alike.
        let few: Vec<Element> = (0..2 + chance.below(12))
            .map(|_| stuff[pick(&mut chance, stuff.len())].clone())
            .collect();
        let mut few = few;
        for (name, value) in [("data-role", "user"), ("class", "bot-row"), (":kind", "blocks")] {
            let attrs = vec![(name.to_owned(), value.to_owned())];
            few.push(Element { tag: "div".to_owned(), attrs, children: Vec::new() });
        }
        let page = odd(&mut chance, &few, 9, &mut 250);
        let Some(rows) = shape::rows(&flush(page)) else { continue };
        let site = table(&rows);
        assert!(site.faults().is_empty(), "seed {seed}: {:?}", site.faults());
        found += 1;
    }
    assert!(found > 200, "only {found} odd pages have a shape");
}

#[test]
fn deep_long_and_wide_pages_come_to_an_end() {
    let attrs = |role: &str| vec![("class".to_owned(), format!("row {role}-row css-1x"))];
    let row = |at: usize| {
        let role = if at.is_multiple_of(2) { "user" } else { "bot" };
        let words = vec![Node::Text(format!("words {at}"))];
        let inner = Element { tag: "p".to_owned(), children: words, ..Element::default() };
        let children = vec![Node::Element(inner)];
        Node::Element(Element { tag: "div".to_owned(), attrs: attrs(role), children })
    };
    let list = Element {
        tag: "main".to_owned(),
        children: (0..20_000).map(row).collect(),
        ..Element::default()
    };
    let rows = shape::rows(&flush(Node::Element(list))).expect("a long conversation");
    assert!(rows.row("assistant").is_some());

    let mut deep = Node::Text("word".to_owned());
    for at in 0..2_000 {
        let children = vec![deep, Node::Text("word".to_owned())];
        let attrs = attrs(if at % 2 == 0 { "user" } else { "bot" });
        deep = Node::Element(Element { tag: "div".to_owned(), attrs, children });
    }
    let _ = shape::rows(&flush(deep));

    let odd = |at: usize| {
        let attrs = vec![("class".to_owned(), format!("a{at} b{at}x c-{at}y"))];
        let children = vec![Node::Text("w".to_owned())];
        Node::Element(Element { tag: "span".to_owned(), attrs, children })
    };
    let wide = Element {
        tag: "div".to_owned(),
        children: (0..50_000).map(odd).collect(),
        ..Element::default()
    };
    let _ = shape::rows(&flush(Node::Element(wide)));
    assert_eq!(shape::rows(&PageFlush::default()), None);
    assert_eq!(shape::rows(&flush(Node::Text("word".to_owned()))), None);
}

/// A page of so many turns, in three ways to tell who speaks.
fn page_of(turns: usize, kind: usize) -> String {
    let row = |at: usize| {
        let user = at.is_multiple_of(2);
        let said =
            if user { format!("question {at}") } else { format!("<p>Answer <b>{at}</b></p>") };
        let key = format!("6ab65814-1111-4111-8111-{at:012}");
        match (kind, user) {
            (0, true) => format!("<div data-role='user' id='{key}'>{said}</div>"),
            (0, false) => format!("<div data-role='assistant' id='{key}'>{said}</div>"),
            (1, true) => format!("<div class='line right'><div class='box'>{said}</div></div>"),
            (1, false) => format!("<div class='line left'><div class='box'>{said}</div></div>"),
            (_, true) => {
                format!("<chat-item id='{key}'><i class='human-icon'></i>{said}</chat-item>")
            }
            (_, false) => {
                format!("<chat-item id='{key}'><i class='bot-icon'></i>{said}</chat-item>")
            }
        }
    };
    let rows: String = (0..turns).map(row).collect();
    format!("<main>{rows}</main><form><textarea placeholder='Ask'></textarea><button type=submit>")
}

#[test]
fn a_conversation_that_grows_keeps_its_keys_and_roles() {
    for kind in 0..3 {
        let rows = rows(&page_of(2, kind), URL).unwrap_or_else(|| panic!("kind {kind}: no shape"));
        let site = table(&rows);
        let mut reader = Reader::new(site);
        let mut before = Vec::new();
        for turns in 2..40 {
            let html = page_of(turns, kind);
            let again = super::rows(&html, URL).expect("a longer conversation");
            assert_eq!(read(&again, &html, URL).changed.len(), turns, "kind {kind}");
            let reading = reader.read(eyes::AT, &eyes::look(&site.plan(), &html, URL));
            assert_eq!(reading.mounted.len(), turns, "kind {kind}");
            assert!(reading.mounted.starts_with(&before), "kind {kind}: {turns} turns");
            for turn in &reading.changed {
                let user = turn.markdown.starts_with("question");
                assert_eq!(role(turn.role), if user { "user" } else { "assistant" });
            }
            before = reading.mounted;
        }
    }
}
