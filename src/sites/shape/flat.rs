//! A whole page's tree laid out flat, in document order, with what shape needs of each element.

use super::roles::{self, Who};
use super::select::Tests;
use crate::wire::page::{Element, Node};

/// Elements taken in of one page: larger ones are cut, in document order.
const ELEMENTS: usize = 60_000;
/// Levels taken in: page trees are cut at 96, JSON at 128.
const DEPTH: usize = 160;
/// Never part of a conversation: controls, and what stands around it.
const AROUND: [&str; 14] = [
    "button", "select", "option", "textarea", "input", "svg", "nav", "header", "footer", "form",
    "label", "dialog", "aside", "time",
];
/// The same by role.
const AROUND_ROLES: [&str; 13] = [
    "button",
    "navigation",
    "menu",
    "menubar",
    "toolbar",
    "dialog",
    "alertdialog",
    "alert",
    "status",
    "tablist",
    "listbox",
    "search",
    "contentinfo",
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
    /// Of those, what stands right in it.
    pub(super) own: usize,
    /// It, or something above it, stands around a conversation and not in it.
    pub(super) around: bool,
    /// It, or something above it, is not shown.
    pub(super) hidden: bool,
    /// Who speaks, by its own attributes: those for machines, and all of them.
    said: [Option<Who>; 2],
}

/// The page.
#[derive(Debug, Default)]
pub(super) struct Flat<'t> {
    pub(super) spots: Vec<Spot<'t>>,
    /// What each element's own attributes can be told by.
    pub(super) tests: Tests,
}

impl<'t> Flat<'t> {
    /// Lays a tree out.
    pub(super) fn of(root: &'t Element) -> Self {
        let mut flat = Self::default();
        flat.add(root, 0, false, 0);
        flat.weigh(&[]);
        flat
    }

    fn add(&mut self, element: &'t Element, parent: usize, hidden: bool, depth: usize) {
        let at = self.spots.len();
        let hidden = hidden || is_hidden(element);
        let said = [roles::said_by(element, false), roles::said_by(element, true)];
        let end = at + 1;
        let (text, own, around) = (0, 0, false);
        self.spots.push(Spot { element, parent, end, text, own, around, hidden, said });
        self.tests.add(element);
        for child in &element.children {
            if let Node::Element(child) = child
                && self.spots.len() < ELEMENTS
                && depth < DEPTH
            {
                self.add(child, at, hidden, depth + 1);
            }
        }
        let end = self.spots.len();
        if let Some(spot) = self.spots.get_mut(at) {
            spot.end = end;
        }
    }

    /// Counts the text that may be part of a conversation. What holds the composer, or a message
    /// that a person pointed at, holds the conversation as well: a chat may stand in a dialog.
    pub(super) fn weigh(&mut self, inside: &[usize]) {
        for at in 0..self.spots.len() {
            let holds = inside.iter().any(|inner| self.holds(at, *inner));
            let above = self.get(at).map_or(0, |spot| spot.parent);
            let above = at > 0 && self.get(above).is_some_and(|spot| spot.around);
            let Some(spot) = self.spots.get_mut(at) else { continue };
            spot.around = spot.hidden || !holds && (above || is_around(spot.element));
            let words = spot.element.children.iter().map(|child| match child {
                Node::Text(words) => words.trim().len(),
                Node::Element(_) => 0,
            });
            spot.own = if spot.around { 0 } else { words.sum() };
            spot.text = spot.own;
        }
        for at in (1..self.spots.len()).rev() {
            let Some((parent, text)) = self.get(at).map(|spot| (spot.parent, spot.text)) else {
                continue;
            };
            if let Some(parent) = self.spots.get_mut(parent) {
                parent.text += text;
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Spot<'t>> {
        self.spots.get(at)
    }

    pub(super) fn element(&self, at: usize) -> Option<&'t Element> {
        self.get(at).map(|spot| spot.element)
    }

    /// Its tag, where a selector can name it: a page's own may hold nearly any character.
    pub(super) fn tag(&self, at: usize) -> Option<&'t str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let tag = self.element(at)?.tag.as_str();
        (tag.starts_with(|c: char| c.is_ascii_alphabetic()) && tag.chars().all(plain))
            .then_some(tag)
    }

    pub(super) fn text(&self, at: usize) -> usize {
        self.get(at).map_or(0, |spot| spot.text)
    }

    /// Who speaks by an element's own attributes. `loose`: by its labels too.
    pub(super) fn said(&self, at: usize, loose: bool) -> Option<Who> {
        self.get(at).and_then(|spot| if loose { spot.said[1] } else { spot.said[0] })
    }

    /// Whether `inner` lies below `outer`, or is it.
    pub(super) fn holds(&self, outer: usize, inner: usize) -> bool {
        self.get(outer).is_some_and(|spot| (outer..spot.end).contains(&inner))
    }

    /// Whether `at` lies below one of `these`, or is one: in document order, none in another.
    pub(super) fn is_in(&self, these: &[usize], at: usize) -> bool {
        let after = these.partition_point(|this| *this <= at);
        let last = after.checked_sub(1).and_then(|place| these.get(place));
        last.is_some_and(|this| self.holds(*this, at))
    }

    /// Whether one of `these`, in document order, lies below `at` or is it.
    pub(super) fn has_any(&self, at: usize, these: &[usize]) -> bool {
        let first = these.get(these.partition_point(|this| *this < at));
        first.is_some_and(|this| self.holds(at, *this))
    }

    /// The numbers of an element and of all below it.
    pub(super) fn within(&self, at: usize) -> std::ops::Range<usize> {
        at..self.get(at).map_or(at, |spot| spot.end)
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

    /// The children that hold text of a conversation.
    pub(super) fn spoken(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.children(at).filter(|&child| self.text(child) > 0)
    }

    /// What stands above an element, the nearest first.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let mut here = at;
        std::iter::from_fn(move || {
            let parent = self.get(here)?.parent;
            (parent != here).then(|| {
                here = parent;
                parent
            })
        })
    }

    /// The text of an element, as far as it may be part of a conversation.
    pub(super) fn words(&self, at: usize) -> String {
        let mut text = String::new();
        for at in self.within(at) {
            let Some(spot) = self.get(at).filter(|spot| spot.own > 0) else { continue };
            for child in &spot.element.children {
                if let Node::Text(words) = child {
                    text.push_str(words);
                    text.push(' ');
                }
            }
        }
        crate::base::text::one_line(&text)
    }
}

fn is_around(element: &Element) -> bool {
    AROUND.contains(&element.tag.as_str())
        || element.attr("role").is_some_and(|role| AROUND_ROLES.contains(&role))
        || element.attr("class").is_some_and(|class| {
            class.split_ascii_whitespace().any(|class| class == "sr-only")
                || class.contains("visually-hidden")
        })
        || ["class", "id", "data-slot", "data-testid", "data-sidebar"].iter().any(|name| {
            let value = element.attr(name).unwrap_or_default();
            value.split_ascii_whitespace().any(|value| {
                !value.contains([':', '[']) && roles::words(value).iter().any(|w| w == "sidebar")
            })
        })
}

fn is_hidden(element: &Element) -> bool {
    let style = || element.attr("style").unwrap_or_default().replace(' ', "");
    element.attr("aria-hidden") == Some("true")
        || element.attr("hidden").is_some()
        || element.attr("inert").is_some()
        || style().contains("display:none")
        || element.tag == "button"
            && element
                .attr("class")
                .is_some_and(|class| class.split_ascii_whitespace().any(|class| class == "hidden"))
}
