//! Pages that come to be in any order: the conversation is the one of the page that they end in.

use super::super::pages;
use super::{AT, look, site_of};
use shim::base::{Span, chance::Chance};
use shim::sites::{markup, reader::Reader};
use shim::wire::chat::{Reading, Turn};
use shim::wire::page::{Element, Node, PageFlush, Plan, SlotView};
use std::collections::BTreeMap;

/// What a reading says of a conversation: mounted turns in order, without what depends on when and
/// where counting began; and what stands around them.
fn told(turns: &BTreeMap<String, Turn>, last: &Reading) -> (Vec<Turn>, Reading) {
    let mounted = last.mounted.iter().map(|key| {
        let mut turn = turns[&key.0].clone();
        (turn.position, turn.at, turn.read_at, turn.found) = (0, AT, AT, false);
        for call in &mut turn.calls {
            call.started_at = None;
            call.ended_at = None;
        }
        turn
    });
    let mut around = Reading { changed: Vec::new(), ..last.clone() };
    for banner in &mut around.banners {
        banner.resets_at = None;
    }
    (mounted.collect(), around)
}

/// Reads these looks one after the other.
fn read(site: &'static shim::sites::Site, looks: &[PageFlush]) -> (Vec<Turn>, Reading) {
    let (mut reader, mut turns) = (Reader::new(site), BTreeMap::new());
    let (mut last, mut at) = (Reading::default(), AT);
    for look in looks.iter().map(Some).chain([None]) {
        // What grew a moment ago may still grow: it is judged when that is over.
        let rest = at.after(Span(60_000));
        last = match look {
            Some(look) => reader.read(at, look),
            None => reader.settle(rest),
        };
        at = at.after(Span(700));
        for turn in &last.changed {
            turns.insert(turn.key.0.clone(), turn.clone());
        }
        let positions: Vec<u32> = last.mounted.iter().map(|key| turns[&key.0].position).collect();
        assert!(positions.is_sorted(), "turns out of order: {positions:?}");
    }
    told(&turns, &last)
}

/// The tree as it may have stood earlier: parts of it are not there yet, texts end early.
fn earlier(tree: &Node, chance: &mut Chance) -> Node {
    match tree {
        Node::Text(text) => {
            let count = usize::try_from(chance.below(text.chars().count() as u64 + 1)).unwrap();
            Node::Text(text.chars().take(count).collect())
        }
        Node::Element(element) => {
            let some = chance.below(element.children.len() as u64 + 1);
            let count = usize::try_from(some).unwrap();
            let mut children: Vec<Node> = element.children.iter().take(count).cloned().collect();
            if let Some(last) = children.last_mut() {
                *last = earlier(last, chance);
            }
            Node::Element(Element { children, ..element.clone() })
        }
    }
}

/// Looks at a page while it is being built, in some order; the last of them shows it whole.
fn growing(whole: &PageFlush, chance: &mut Chance) -> Vec<PageFlush> {
    let mut here: BTreeMap<u64, Node> = BTreeMap::new();
    let mut looks = Vec::new();
    let frame = |seq: u64| PageFlush {
        seq,
        url: whole.url.clone(),
        title: whole.title.clone(),
        zone_min: whole.zone_min,
        ..PageFlush::default()
    };
    for seq in 1..=2 + chance.below(6) {
        let mut look = frame(seq);
        for (number, tree) in &whole.turns {
            if chance.percent(40) {
                let tree = if chance.percent(60) { earlier(tree, chance) } else { tree.clone() };
                here.insert(*number, tree.clone());
                look.turns.push((*number, tree));
            } else if chance.percent(10) && here.remove(number).is_some() {
                // It is taken out, and comes again as another element or the same.
            }
        }
        // Elements stand in the page's order, whenever they came.
        look.order = Some(here.keys().copied().collect());
        for (slot, view) in &whole.slots {
            match chance.below(3) {
                0 => look.slots.insert(slot.clone(), view.clone()),
                1 => look.slots.insert(slot.clone(), SlotView::default()),
                _ => None,
            };
        }
        looks.push(look);
    }
    looks.push(PageFlush { seq: 99, ..whole.clone() });
    looks
}

/// Turns as trees: half of a tree is a page earlier, half of its markup is none at all.
fn as_trees(look: &mut PageFlush, plan: &Plan) {
    let wanted = plan.attrs.iter().map(String::as_str).collect();
    for (_, turn) in &mut look.turns {
        if let Node::Text(written) = turn {
            *turn = Node::Element(markup::tree(written, &wanted));
        }
    }
}

#[test]
fn however_a_page_came_to_be_it_is_read_as_it_stands() {
    let mut grown = 0;
    for (path, html) in pages::saved() {
        let url = pages::expected(&path)["url"].as_str().unwrap().to_owned();
        let site = site_of(&html, &url);
        let mut whole = look(&site.plan(), &html, &url);
        as_trees(&mut whole, &site.plan());
        let at_once = read(site, std::slice::from_ref(&whole));
        for seed in 0..12 {
            let looks = growing(&whole, &mut Chance::new(seed));
            grown += looks.len();
            let slowly = read(site, &looks);
            assert_eq!(slowly.0, at_once.0, "{} seed {seed}: turns", path.display());
            assert_eq!(slowly.1, at_once.1, "{} seed {seed}: around", path.display());
        }
    }
    assert!(grown > 5_000);
}
