//! The selector matcher, against a browser's own as `scraper` has it.

use super::{eyes, pages};
use scraper::{ElementRef, Html};
use shim::base::chance::Chance;
use shim::sites::{self, css::Selector};
use shim::wire::page::{Element, Node, Plan};
use std::collections::HashMap;

/// A tree with room for everything and with every attribute that the tables or these tests use.
fn plan() -> Plan {
    let mut plan =
        Plan { max_depth: 90, max_nodes: 1 << 20, max_chars: 1 << 24, ..Plan::default() };
    for site in sites::ALL {
        plan.attrs.extend(site.plan().attrs);
    }
    plan.attrs.extend(["data-a", "data-b", "id"].map(str::to_owned));
    plan.attrs.sort();
    plan.attrs.dedup();
    plan
}

/// What a selector finds, each as its number in document order.
fn ours(css: &str, root: &Element) -> Vec<usize> {
    fn number(element: &Element, all: &mut HashMap<usize, usize>) {
        all.insert(std::ptr::from_ref(element).addr(), all.len());
        for child in &element.children {
            if let Node::Element(child) = child {
                number(child, all);
            }
        }
    }
    let mut all = HashMap::new();
    number(root, &mut all);
    let found = Selector::parse(css).unwrap().find_all(root);
    found.into_iter().map(|e| all[&std::ptr::from_ref(e).addr()]).collect()
}

fn theirs(css: &str, root: ElementRef) -> Vec<usize> {
    let selector = scraper::Selector::parse(css).unwrap_or_else(|e| panic!("{css}: {e}"));
    let all = root.descendants().filter_map(ElementRef::wrap).enumerate();
    all.filter(|(_, element)| selector.matches(element)).map(|(number, _)| number).collect()
}

fn element(node: Node) -> Element {
    match node {
        Node::Element(element) => element,
        Node::Text(text) => panic!("a text: {text}"),
    }
}

#[test]
fn every_selector_of_the_tables_finds_what_a_browser_finds() {
    let plan = plan();
    let mut found = 0;
    for (path, html) in pages::saved() {
        let document = Html::parse_document(&html);
        let root = document.root_element();
        let tree = element(eyes::tree(&plan, root));
        for site in sites::ALL {
            let rows = site.rows.iter().flat_map(|row| row.css.iter().map(|(css, _)| *css));
            let signals = site.banners.signals.iter().map(|signal| signal.css);
            let others = [site.banners.only_known, site.marks].into_iter();
            let others = others.filter(|css| !css.is_empty());
            for css in rows.chain(signals).chain(others) {
                let ours = ours(css, &tree);
                assert!(ours == theirs(css, root), "{}: {css}", path.display());
                found += ours.len();
            }
        }
    }
    assert!(found > 500, "the tables find next to nothing: {found}");
}

#[test]
fn no_table_holds_a_selector_that_cannot_be_read() {
    for site in sites::ALL {
        assert_eq!(site.faults(), vec![], "{}", site.name);
    }
}

/// Random documents and random selectors of everything the matcher knows.
#[test]
fn random_selectors_find_what_a_browser_finds_in_random_documents() {
    let plan = plan();
    let mut found = 0;
    for seed in 0..300 {
        let mut chance = Chance::new(seed);
        let mut html = String::from("<html><body>");
        grow(&mut chance, 5, &mut html);
        let document = Html::parse_document(&html);
        let root = document.root_element();
        let tree = element(eyes::tree(&plan, root));
        for _ in 0..20 {
            let css = list(&mut chance, 1);
            let ours = ours(&css, &tree);
            assert!(ours == theirs(&css, root), "seed {seed}: {css}\n{html}");
            found += ours.len();
        }
    }
    assert!(found > 5_000, "the selectors find next to nothing: {found}");
}

fn pick<'t>(chance: &mut Chance, from: &[&'t str]) -> &'t str {
    from[usize::try_from(chance.below(from.len() as u64)).unwrap()]
}

fn grow(chance: &mut Chance, depth: u32, html: &mut String) {
    for _ in 0..chance.below(4) {
        let tag = pick(chance, &["div", "span", "section", "b"]);
        html.push_str(&format!("<{tag}"));
        if chance.percent(50) {
            html.push_str(&format!(" class='{}'", pick(chance, &["x", "x y", " y  z ", "xy", ""])));
        }
        if chance.percent(50) {
            let value = pick(chance, &["", "v", "v w", "v-w", "wv", "V"]);
            html.push_str(&format!(" data-a='{value}'"));
        }
        if chance.percent(20) {
            html.push_str(&format!(" id='{}'", pick(chance, &["i", "j"])));
        }
        html.push('>');
        if depth > 0 {
            grow(chance, depth - 1, html);
        }
        html.push_str(&format!("</{tag}>"));
    }
}

fn list(chance: &mut Chance, nots: u32) -> String {
    let mut out = complex(chance, nots);
    if chance.percent(20) {
        out = format!("{out} , {}", complex(chance, nots));
    }
    out
}

fn complex(chance: &mut Chance, nots: u32) -> String {
    let mut out = compound(chance, nots);
    for _ in 0..chance.below(3) {
        out = format!("{out}{}{}", pick(chance, &[" ", " > ", ">", "  "]), compound(chance, nots));
    }
    out
}

fn compound(chance: &mut Chance, nots: u32) -> String {
    let mut out = pick(chance, &["", "*", "div", "span", "DIV"]).to_owned();
    let mut tests = chance.below(3);
    if out.is_empty() {
        tests += 1;
    }
    for _ in 0..tests {
        out += &match chance.below(6) {
            0 => pick(chance, &[".x", ".y", ".xy"]).to_owned(),
            1 => pick(chance, &["#i", "#j"]).to_owned(),
            2 => "[data-a]".to_owned(),
            3 if nots > 0 => format!(":not({})", list(chance, nots - 1)),
            _ => {
                let op = pick(chance, &["=", "^=", "$=", "*=", "~=", "|="]);
                let value = pick(chance, &["v", "w", "\"v w\"", "''", "'v'"]);
                format!("[data-a{op}{value}{}]", pick(chance, &["", "", " i"]))
            }
        };
    }
    out
}

#[test]
fn what_the_matcher_does_not_know_is_refused() {
    for css in [
        "",
        " ",
        ",",
        "a,",
        "a >",
        "> a",
        "a + b",
        "a ~ b",
        "a:hover",
        "a::before",
        ":has(a)",
        "[a",
        "[a=",
        "[a=\"v]",
        "[=v]",
        "a b ]",
        ":not(",
        ":not()",
        ".",
        "#",
        "a..b",
        "[a!=v]",
        ":not(:not(:not(:not(a))))",
        "é(",
        "\\",
    ] {
        assert!(Selector::parse(css).is_err(), "{css}");
    }
}

#[test]
fn odd_names_and_values_are_read() {
    for (css, class) in [
        (".group\\/status", "group/status"),
        ("[class*=\"group/status\"]", "a group/status"),
        ("[class~='a']", "b a"),
        (".übung", "übung"),
        ("[ class = \"x\\\"y\" ]", "x\"y"),
    ] {
        let attrs = vec![("class".to_owned(), class.to_owned())];
        let element = Element { tag: "p".to_owned(), attrs, children: Vec::new() };
        assert!(Selector::parse(css).unwrap().matches(&element), "{css}");
    }
}

#[test]
fn hostile_trees_end_the_search_early() {
    let mut deep = Element { tag: "a".to_owned(), ..Element::default() };
    for _ in 0..120 {
        let below = Node::Element(deep);
        deep = Element { tag: "a".to_owned(), attrs: Vec::new(), children: vec![below; 1] };
    }
    let wide = Node::Element(deep);
    let root = Element { tag: "a".to_owned(), attrs: Vec::new(), children: vec![wide; 300] };
    let started = std::time::Instant::now();
    for css in ["b a a a a a a a a", "a b, b a a a a [x], b a a a a a", "b:not(b a a a a a a a)"] {
        assert!(Selector::parse(css).unwrap().find_all(&root).is_empty(), "{css}");
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
