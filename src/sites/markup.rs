//! An element's markup, as a browser writes it, as a compact tree.
//!
//! A browser writes the markup of a turn in one call, where asking it for each node takes ten times
//! as long. This is no parser of HTML: it reads only what the HTML standard's serialisation makes
//! (13.3, <https://html.spec.whatwg.org/#serialising-html-fragments>). A page that made something
//! else of its own document is read as something else; it ends all the same.

use crate::base::order::Set;
use crate::base::{limits, text};
use crate::wire::page::{Element, Node};

/// Characters kept of an attribute, and of a list of classes.
const VALUE_CHARS: usize = 2000;
const CLASS_CHARS: usize = 300;

/// Never part of a tree.
const SKIPPED: &[&str] = &["script", "style", "noscript", "template"];
/// Without an end.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
];
/// Their text is written as it is.
const RAW: &[&str] =
    &["style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript"];
/// Elements that may be open at once: a browser's own parser nests no more.
const OPEN: usize = 512;
/// What can be disabled.
const DISABLED: &[&str] = &["button", "fieldset", "optgroup", "option", "select"];

/// The tree of `markup`, which is that of one element, with those attributes whose names are
/// `wanted`; as deep and as large as a tree may be, and marked where something was left out.
#[must_use]
pub fn tree(markup: &str, wanted: &Set<&str>) -> Element {
    let mut made = Making {
        rest: markup,
        wanted,
        open: Vec::new(),
        nodes: limits::TREE_NODES,
        chars: limits::TREE_CHARS,
    };
    while !made.rest.is_empty() && made.more() {}
    while made.open.len() > 1 {
        made.close();
    }
    made.open.pop().map_or_else(Element::default, |open| open.element)
}

/// What becomes of what stands inside an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Its nodes.
    Nodes,
    /// Its text alone: it lies too deep.
    Text,
    /// Nothing.
    Nothing,
}

struct Open<'m> {
    tag: &'m str,
    element: Element,
    inside: Inside,
}

struct Making<'m> {
    rest: &'m str,
    wanted: &'m Set<&'m str>,
    open: Vec<Open<'m>>,
    /// What may still go into the tree.
    nodes: usize,
    chars: usize,
}

impl<'m> Making<'m> {
    /// Takes the next text, comment, beginning or end. False: the element has ended, or nothing
    /// more may go into it.
    fn more(&mut self) -> bool {
        let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
        self.rest = rest;
        if !text.is_empty() {
            return self.text(decoded(text));
        }
        if rest.starts_with("<!--") {
            self.rest = after(rest, "-->");
        } else if let Some(end) = rest.strip_prefix("</") {
            let (tag, rest) = end.split_at(end.find('>').unwrap_or(end.len()));
            self.rest = rest.get(1..).unwrap_or_default();
            // One that was never opened ends nothing.
            if let Some(at) = self.open.iter().rposition(|open| open.tag == tag) {
                while self.open.len() > at.max(1) {
                    self.close();
                }
                return at > 0;
            }
        } else {
            self.rest = rest.get(1..).unwrap_or_default();
            return self.begin();
        }
        true
    }

    fn inside(&self) -> Inside {
        self.open.last().map_or(Inside::Nodes, |open| open.inside)
    }

    fn text(&mut self, text: String) -> bool {
        if self.open.is_empty() || self.inside() == Inside::Nothing {
            return true;
        }
        let (most, length) = (self.chars, text.chars().count());
        if length > most || self.nodes == 0 {
            self.cut();
        }
        if most == 0 || self.nodes == 0 {
            return false;
        }
        let text = clipped(text, most);
        self.chars -= length.min(most);
        let flat = self.open.iter().position(|open| open.inside == Inside::Text);
        let at = flat.unwrap_or(self.open.len() - 1);
        let Some(open) = self.open.get_mut(at) else { return true };
        match open.element.children.last_mut() {
            Some(Node::Text(before)) if flat.is_some() => before.push_str(&text),
            _ => open.element.children.push(Node::Text(text)),
        }
        self.nodes -= usize::from(flat.is_none());
        true
    }

    /// Takes an element's beginning, behind its `<`.
    fn begin(&mut self) -> bool {
        let (tag, rest) = word(self.rest);
        self.rest = rest;
        let keeps = self.inside() == Inside::Nodes && !SKIPPED.contains(&tag);
        if keeps && (self.nodes == 0 || self.chars == 0) || self.open.len() >= OPEN {
            self.cut();
            return false;
        }
        let mut element = Element::default();
        self.attributes(keeps.then_some(&mut element), tag);
        if keeps {
            element.tag = tag.to_owned();
            self.nodes -= usize::from(!self.open.is_empty());
        }
        let inside = match self.inside() {
            Inside::Nodes if !keeps || tag == "svg" => Inside::Nothing,
            Inside::Nodes if self.open.len() >= limits::TREE_DEPTH => Inside::Text,
            inside => inside,
        };
        self.open.push(Open { tag, element, inside });
        if VOID.contains(&tag) {
            self.close();
        } else if RAW.contains(&tag) {
            let end = self.rest.find(&format!("</{tag}>")).unwrap_or(self.rest.len());
            let (raw, rest) = self.rest.split_at(end);
            self.rest = rest;
            return raw.is_empty() || self.text(raw.to_owned());
        }
        true
    }

    /// Takes the attributes up to the beginning's end, into `element` where it is kept.
    fn attributes(&mut self, mut element: Option<&mut Element>, tag: &str) {
        let (mut disabled, mut checked) = (false, false);
        while let Some(rest) = self.rest.strip_prefix(' ') {
            let (name, rest) = word(rest);
            let (value, rest) = match rest.strip_prefix("=\"") {
                Some(value) => value.split_at(value.find('"').unwrap_or(value.len())),
                None => ("", rest),
            };
            self.rest = rest.strip_prefix('"').unwrap_or(rest);
            let Some(element) = element.as_mut() else { continue };
            // No element has one twice, but a text that poses as markup may.
            if self.wanted.contains(&name) && element.attr(name).is_none() {
                let most = if name == "class" { CLASS_CHARS } else { VALUE_CHARS };
                element.attrs.push((name.to_owned(), clipped(decoded(value), most)));
            }
            match name {
                "disabled" => disabled |= DISABLED.contains(&tag),
                "aria-disabled" => disabled |= value == "true",
                "aria-checked" => checked |= value == "true",
                _ => {}
            }
        }
        let end = self.rest.find('>').map_or(self.rest.len(), |at| at + 1);
        self.rest = self.rest.get(end..).unwrap_or_default();
        if let Some(element) = element {
            let states = [(disabled, ":disabled"), (checked, ":checked")];
            let found = states.into_iter().filter(|(is, _)| *is);
            element.attrs.extend(found.map(|(_, name)| (name.to_owned(), "true".to_owned())));
        }
    }

    /// The innermost open element is a child of the one around it.
    fn close(&mut self) {
        let Some(Open { element, tag, inside }) = self.open.pop() else { return };
        let Some(around) = self.open.last_mut() else {
            self.open.push(Open { element, tag, inside });
            return;
        };
        let children = &mut around.element.children;
        match (around.inside, inside) {
            (Inside::Nodes, Inside::Text) => children.extend(element.children.into_iter().next()),
            (Inside::Nodes, _) if !SKIPPED.contains(&tag) => children.push(Node::Element(element)),
            _ => {}
        }
    }

    /// Marks every element that is open: something below it is left out.
    fn cut(&mut self) {
        for open in &mut self.open {
            if open.element.attr(":cut").is_none() {
                open.element.attrs.push((":cut".to_owned(), "true".to_owned()));
            }
        }
    }
}

/// In at most so many characters.
fn clipped(mut text: String, chars: usize) -> String {
    if text.len() > chars {
        text.truncate(text::head(&text, chars).len());
    }
    text
}

/// A name, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let ends = |byte: &u8| matches!(byte, b' ' | b'>' | b'=' | b'/');
    let end = text.bytes().position(|byte| ends(&byte)).unwrap_or(text.len());
    text.split_at(end)
}

fn after<'t>(text: &'t str, end: &str) -> &'t str {
    text.find(end).and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

/// What a serialisation writes in place of letters.
const REFERENCES: [(&str, char); 5] =
    [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("nbsp;", '\u{a0}')];

/// Text with the letters that references stand for.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        out.push_str(before);
        let found = REFERENCES.iter().find(|(name, _)| reference.starts_with(name));
        out.push(found.map_or('&', |(_, letter)| *letter));
        rest = reference.get(found.map_or(0, |(name, _)| name.len())..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
