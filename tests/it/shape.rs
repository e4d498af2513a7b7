//! Finding a conversation by its shape alone.

use super::{eyes, pages};
use shim::sites::shape;
use shim::wire::page::{Element, Node, Plan};

fn tree(html: &str) -> Element {
    let document = scraper::Html::parse_document(html);
    let mut names: Vec<String> = document
        .tree
        .values()
        .filter_map(|node| node.as_element())
        .flat_map(|element| element.attrs().map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    let plan = Plan {
        attrs: names,
        max_depth: 90,
        max_nodes: 1 << 20,
        max_chars: 1 << 24,
        ..Plan::default()
    };
    let body = document.select(&scraper::Selector::parse("body").unwrap()).next().unwrap();
    match eyes::tree(&plan, body) {
        Node::Element(e) => e,
        Node::Text(_) => panic!(),
    }
}

#[test]
fn zz() {
    let dir = std::env::var("PAGES").unwrap();
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for f in files {
        let html = std::fs::read_to_string(&f).unwrap();
        println!("{}: {:?}\n", f.file_name().unwrap().to_string_lossy(), shape::find(&tree(&html)));
    }
}
