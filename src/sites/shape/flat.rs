//! A whole page's tree laid out flat, in document order, with what shape needs of each element.

use crate::wire::page::{Element, Node};

/// Elements taken in of one page: larger ones are cut, in document order.
const ELEMENTS: usize = 60_000;
/// Never part of a conversation: controls, and what stands around it.
const AROUND: [&str; 12] = [
    "button", "select", "option", "textarea", "input", "svg", "nav", "header", "footer", "form",
    "label", "dialog",
];
/// The same by role.
const AROUND_ROLES: [&str; 9] = [
    "button",
    "navigation",
    "menu",
    "menubar",
    "toolbar",
    "dialog",
    "tablist",
    "listbox",
    "search",
];

/// One element.
#[derive(Debug)]
pub(super) struct Spot<'t> {
    pub(super) element: &'t Element,
    /// Its parent's number; its own where it is the root.
    pub(super) parent: usize,
    /// The number after its last descendant's.
    pub(super) end: usize,
    /// Bytes of text below it that may be part of a conversation.
    pub(super) text: usize,
    /// It, or something above it, stands around a conversation and not in it.
    pub(super) around: bool,
}

/// The page.
#[derive(Debug, Default)]
pub(super) struct Flat<'t>(pub(super) Vec<Spot<'t>>);

impl<'t> Flat<'t> {
    /// Lays a tree out.
    pub(super) fn of(root: &'t Element) -> Self {
        let mut flat = Self::default();
        flat.add(root, 0, false);
        flat
    }

    fn add(&mut self, element: &'t Element, parent: usize, around: bool) -> usize {
        let at = self.0.len();
        let around = around || is_around(element);
        self.0.push(Spot { element, parent, end: at + 1, text: 0, around });
        let mut text = 0;
        for child in &element.children {
            match child {
                Node::Text(words) if !around => text += words.trim().len(),
                Node::Text(_) => {}
                Node::Element(_) if self.0.len() >= ELEMENTS => {}
                Node::Element(child) => text += self.add(child, at, around),
            }
        }
        let end = self.0.len();
        if let Some(spot) = self.0.get_mut(at) {
            spot.end = end;
            spot.text = text;
        }
        text
    }

    pub(super) fn get(&self, at: usize) -> Option<&Spot<'t>> {
        self.0.get(at)
    }

    /// Whether `inner` lies below `outer`, or is it.
    pub(super) fn holds(&self, outer: usize, inner: usize) -> bool {
        self.get(outer).is_some_and(|spot| (outer..spot.end).contains(&inner))
    }

    /// The numbers of an element's children.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.get(at).map_or(at, |spot| spot.end);
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.get(child)?.end.max(child + 1);
            Some(child)
        })
    }
}

fn is_around(element: &Element) -> bool {
    let has = |name: &str, value: &str| element.attr(name) == Some(value);
    AROUND.contains(&element.tag.as_str())
        || element.attr("role").is_some_and(|role| AROUND_ROLES.contains(&role))
        || has("aria-hidden", "true")
        || element.attr("hidden").is_some()
}
