//! Trees made of what a site's own selectors ask for: everything matches somewhere, nothing stands
//! where it should.

use super::AT;
use shim::base::{Span, chance::Chance};
use shim::sites::{self, Site, css::Selector, reader::Reader};
use shim::wire::chat::Reading;
use shim::wire::page::{Element, Node, PageFlush, SlotView};

const TAGS: &[&str] =
    &["div", "p", "span", "button", "pre", "code", "ul", "li", "h2", "a", "table", "time", "img"];
const TEXTS: &[&str] = &[
    "",
    " ",
    "word",
    "Running find",
    "Used 3 tools",
    "resets at 9:30 AM",
    "hit your limit",
    "{\"a\":1}",
    "2 find, 99999999999 x, -1 y",
    "\u{2019}\u{1f914}\u{0}",
    "50% left",
    "[x] # *a*",
];

/// Attributes that the site's selectors test, each as it would match.
fn attributes(site: &Site) -> Vec<(String, String)> {
    let css = site.rows.iter().flat_map(|row| row.css.iter().map(|(css, _)| *css));
    let css = css.chain(site.banners.signals.iter().map(|signal| signal.css));
    let selectors: Vec<Selector> = css.map(|css| Selector::parse(css).unwrap()).collect();
    let tests = selectors.iter().flat_map(Selector::tests);
    tests.map(|(name, _, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Tags that the site's selectors name, and common ones.
fn tags(site: &Site) -> Vec<String> {
    let css = site.rows.iter().flat_map(|row| row.css.iter().map(|(css, _)| *css));
    let parts = css.flat_map(|css| css.split([' ', ',', '>']));
    let tag = |part: &str| part.split(['[', '.', '#', ':', '*', ')']).next().map(str::to_owned);
    let named = parts.filter_map(tag).filter(|tag| !tag.is_empty());
    TAGS.iter().map(|tag| (*tag).to_owned()).chain(named).collect()
}

fn pick<'a, T>(chance: &mut Chance, from: &'a [T]) -> &'a T {
    &from[usize::try_from(chance.below(from.len() as u64)).unwrap()]
}

/// What a site's trees are made of.
struct Stuff {
    tags: Vec<String>,
    attributes: Vec<(String, String)>,
}

fn grow(chance: &mut Chance, stuff: &Stuff, depth: u32, room: &mut u32) -> Node {
    *room = room.saturating_sub(1);
    if depth == 0 || *room == 0 || chance.percent(25) {
        return Node::Text((*pick(chance, TEXTS)).to_owned());
    }
    let mut element = Element { tag: pick(chance, &stuff.tags).clone(), ..Element::default() };
    for _ in 0..chance.below(4) {
        let (name, value) = pick(chance, &stuff.attributes);
        // Several classes stand in one attribute; of others the last counts.
        match element.attrs.iter_mut().find(|(known, _)| known == name) {
            Some((_, classes)) if name == "class" => *classes = format!("{classes} {value}"),
            _ => element.attrs.push((name.clone(), value.clone())),
        }
    }
    for _ in 0..chance.below(6) {
        element.children.push(grow(chance, stuff, depth - 1, room));
    }
    Node::Element(element)
}

/// Characters of text in a tree.
fn size(node: &Node) -> usize {
    match node {
        Node::Text(text) => text.len(),
        Node::Element(element) => {
            let own: usize = element.attrs.iter().map(|(_, value)| value.len()).sum();
            own + 20 + element.children.iter().map(size).sum::<usize>()
        }
    }
}

/// What a reading holds, in bytes.
fn held(reading: &Reading) -> usize {
    serde_json::to_string(reading).unwrap().len()
}

#[test]
fn trees_of_a_site_s_own_attributes_are_read_without_a_panic_and_in_bounds() {
    let mut calls = 0;
    for site in sites::ALL {
        let stuff = Stuff { tags: tags(site), attributes: attributes(site) };
        let (mut turns, mut banners) = (0, 0);
        for seed in 0..120 {
            let mut chance = Chance::new(seed);
            let (mut reader, mut at) = (Reader::new(site), AT);
            for seq in 1..4 {
                let mut look = PageFlush { seq, ..PageFlush::default() };
                look.url = [site.fresh_url, "http://a/c/12345678", ""]
                    [usize::try_from(chance.below(3)).unwrap()]
                .to_owned();
                let count = 1 + chance.below(5);
                look.turns = (0..count)
                    .map(|number| (number, grow(&mut chance, &stuff, 12, &mut 300)))
                    .collect();
                look.order = Some((0..count).collect());
                for row in site.rows.iter().filter(|row| row.scope == sites::Scope::Page) {
                    let nodes = (0..chance.below(3))
                        .map(|_| grow(&mut chance, &stuff, 6, &mut 40))
                        .collect();
                    look.slots.insert(row.slot.to_owned(), SlotView { rank: 0, nodes });
                }
                let shown: usize = look.turns.iter().map(|(_, tree)| size(tree)).sum();
                let around = look.slots.values().flat_map(|view| &view.nodes);
                let shown = shown + around.map(size).sum::<usize>();
                let reading = reader.read(at, &look);
                at = at.after(Span::seconds(1));
                // A part may be told twice, as thinking and as text, and its marks are escaped; one
                // label may count calls that are not shown, up to a bound of its own.
                let counted: usize = reading.changed.iter().map(|t| t.calls.len() * 400).sum();
                assert!(
                    held(&reading) < 20_000 + 30 * shown + counted,
                    "{} seed {seed}: {} bytes of {shown}",
                    site.name,
                    held(&reading)
                );
                turns += reading.changed.len();
                calls += reading.changed.iter().map(|turn| turn.calls.len()).sum::<usize>();
                banners += reading.banners.len();
            }
        }
        assert!(turns > 20, "{}: {turns} turns", site.name);
        assert!(banners > 20, "{}: {banners} banners", site.name);
    }
    assert!(calls > 60, "{calls} calls");
}

/// One nested in the other, as deep as a message may be; and as many beside each other.
#[test]
fn deep_and_wide_trees_end() {
    for site in sites::ALL {
        let attributes = attributes(site);
        let mut chance = Chance::new(7);
        let mut deep = Node::Text("word".to_owned());
        for _ in 0..126 {
            let attrs = vec![pick(&mut chance, &attributes).clone()];
            deep = Node::Element(Element { tag: "div".to_owned(), attrs, children: vec![deep] });
        }
        let leaf = |at: usize| {
            let attrs = vec![attributes[at % attributes.len()].clone()];
            let children = vec![Node::Text("w ".to_owned())];
            Node::Element(Element { tag: "p".to_owned(), attrs, children })
        };
        let wide = Element {
            tag: "div".to_owned(),
            children: (0..3_000).map(leaf).collect(),
            ..Element::default()
        };
        let look = PageFlush {
            order: Some(vec![1, 2]),
            turns: vec![(1, deep), (2, Node::Element(wide))],
            ..PageFlush::default()
        };
        let reading = Reader::new(site).read(AT, &look);
        assert!(reading.mounted.len() <= 4, "{}", site.name);
    }
}
