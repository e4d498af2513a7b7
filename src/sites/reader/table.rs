//! A site's turn rows, read once and asked by slot.

use crate::sites::css::{Kinds, Selector};
use crate::sites::{Row, Site};
use crate::wire::page::{Element, Node};

/// The rows of one site by slot.
#[derive(Debug)]
pub(super) struct Table(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    row: &'static Row,
    css: Vec<Selector>,
}

impl Table {
    /// Reads the rows of `site`. A selector that cannot be read finds nothing; a test holds that
    /// there is none.
    pub(super) fn of(site: &'static Site) -> Self {
        let read = |row: &'static Row| {
            let css = row.css.iter().filter_map(|(css, _)| Selector::parse(css).ok()).collect();
            Entry { row, css }
        };
        Self(site.rows.iter().map(read).collect())
    }

    /// The table, asked about what stands in one turn.
    pub(super) fn at<'t>(&'t self, turn: &'t Element) -> Asked<'t> {
        Asked { table: self, kinds: Kinds::of(turn) }
    }

    /// The generation of the candidate with this rank.
    pub(super) fn generation(&self, slot: &str, rank: usize) -> Option<&'static str> {
        self.entry(slot)?.row.css.get(rank).map(|(_, generation)| *generation)
    }

    /// The generation of the slot's first candidate that `element` itself matches.
    pub(super) fn generation_of(&self, slot: &str, element: &Element) -> Option<&'static str> {
        let rank = self.css(slot).iter().position(|css| css.matches(element))?;
        self.generation(slot, rank)
    }

    fn entry(&self, slot: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.row.slot == slot)
    }

    fn css(&self, slot: &str) -> &[Selector] {
        self.entry(slot).map_or(&[], |entry| &entry.css)
    }
}

/// A table, asked about what stands in one turn or in a part of it.
pub(super) struct Asked<'a> {
    table: &'a Table,
    kinds: Kinds<'a>,
}

impl Asked<'_> {
    /// The slot's first element, by the first candidate that finds any.
    pub(super) fn first<'t>(&self, slot: &str, root: &'t Element) -> Option<&'t Element> {
        self.css(slot).find_map(|css| css.find_first(root))
    }

    /// All of the slot's elements, by the first candidate that finds any.
    pub(super) fn all<'t>(&self, slot: &str, root: &'t Element) -> Vec<&'t Element> {
        let mut found = self.css(slot).map(|css| css.find_all(root));
        found.find(|list| !list.is_empty()).unwrap_or_default()
    }

    /// The slot's elements that lie in no other of them, by the first candidate that finds any.
    pub(super) fn outer<'t>(&self, slot: &str, root: &'t Element) -> Vec<&'t Element> {
        let mut found = self.css(slot).map(|css| css.find_outer(root));
        found.find(|list| !list.is_empty()).unwrap_or_default()
    }

    /// The elements of all candidates: for rows whose candidates are a set, not generations.
    pub(super) fn union<'t>(&self, slot: &str, root: &'t Element) -> Vec<&'t Element> {
        self.css(slot).flat_map(|css| css.find_all(root)).collect()
    }

    /// Whether the slot finds anything.
    pub(super) fn has(&self, slot: &str, root: &Element) -> bool {
        self.first(slot, root).is_some()
    }

    /// The slot's value: its attribute or its text, as one line. None where it is empty.
    pub(super) fn value(&self, slot: &str, root: &Element) -> Option<String> {
        let attr = self.table.entry(slot)?.row.attr;
        let element = self.first(slot, root)?;
        let value = if attr.is_empty() {
            line(element)
        } else {
            crate::base::text::one_line(element.attr(attr)?)
        };
        (!value.is_empty()).then_some(value)
    }

    /// The number that the slot's value ends in.
    pub(super) fn number(&self, slot: &str, root: &Element) -> Option<u32> {
        let value = self.value(slot, root)?;
        let number = value.rsplit_once('-').filter(|(name, _)| !name.is_empty());
        number.map_or(value.as_str(), |(_, number)| number).parse().ok()
    }

    fn css(&self, slot: &str) -> impl Iterator<Item = &Selector> {
        self.table.css(slot).iter().filter(|css| css.may_find(&self.kinds))
    }
}

/// All text below an element, in one line; blocks are parted by a space.
pub(super) fn line(element: &Element) -> String {
    let mut text = String::new();
    gather(element, &mut text, &|_| false);
    // Letters of a font of icons.
    text.retain(|letter| !('\u{e000}'..='\u{f8ff}').contains(&letter));
    crate::base::text::one_line(&text)
}

/// Text below an element but for what `skip` names; elements are parted where they are blocks.
pub(super) fn gather(element: &Element, out: &mut String, skip: &dyn Fn(&Element) -> bool) {
    for child in &element.children {
        match child {
            Node::Text(text) => out.push_str(text),
            Node::Element(child) if skip(child) => out.push(' '),
            Node::Element(child) => {
                let apart = super::super::markdown::is_block(&child.tag) || child.tag == "br";
                if apart {
                    out.push(' ');
                }
                gather(child, out, skip);
                if apart {
                    out.push(' ');
                }
            }
        }
    }
}

/// An element's identity while its tree is borrowed.
pub(super) fn address(element: &Element) -> usize {
    std::ptr::from_ref(element).addr()
}
