//! What passes between the page's eyes and hands (JavaScript) and the engine.

use super::fields::read_fields;
use super::gather::{ScrollTo, SiteCall};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Where to look on a page. Made by `sites`, run by the eyes, which know no site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Selector candidates by slot name, preferred first. The eyes take the first candidate that
    /// matches anything.
    pub slots: BTreeMap<String, SlotPlan>,
    /// Attributes that are read, by name; all others are dropped: from trees by the eyes, from
    /// markup by who reads it.
    pub attrs: Vec<String>,
    /// Attributes whose change makes their element dirty.
    pub watch: Vec<String>,
    /// Name of the one cookie that tells accounts apart, if the site has one.
    pub account_cookie: Option<String>,
    /// Whether open shadow roots and frames of the same origin are looked into.
    pub deep: bool,
    /// How long after a change the eyes wait before they look, in milliseconds.
    pub flush_ms: u32,
    /// Greatest depth of a tree; deeper elements are sent as their text.
    pub max_depth: usize,
    /// Greatest number of nodes in one tree; the rest is left out and marked.
    pub max_nodes: usize,
    /// Greatest number of characters in one tree; the rest is left out and marked.
    pub max_chars: usize,
}

/// How the eyes look for one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotPlan {
    /// CSS selectors, preferred first.
    pub css: Vec<String>,
    /// Whether all matches count, or only the first.
    pub many: bool,
    /// Whether an element that is not rendered is passed over.
    pub visible: bool,
    /// Whether the elements found are turns: tracked by identity and sent only when they changed.
    pub turns: bool,
}

/// One look of the eyes at the page. What is absent did not change since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageFlush {
    /// Counts the looks of one document, from 1.
    pub seq: u64,
    /// The document's URL.
    pub url: String,
    /// `document.title`.
    pub title: String,
    /// Whether the tab is hidden.
    pub hidden: bool,
    /// How far the page's clock is ahead of UTC, in minutes: times of day that it shows are by it.
    /// None: not told, and then a time of day is no moment.
    pub zone_min: Option<i32>,
    /// The value of the plan's account cookie. Never stored as it is.
    pub account: Option<String>,
    /// What stands in each slot that changed; an empty list: nothing matches any more.
    pub slots: BTreeMap<String, SlotView>,
    /// Numbers of the mounted turn elements in document order, where the list changed.
    pub order: Option<Vec<u64>>,
    /// New and changed turn elements by number; as text: their markup, as the browser writes it.
    pub turns: Vec<(u64, Node)>,
    /// Whether a person pressed what stops the answer since the last look.
    pub stopped: bool,
}

read_fields!(PageFlush {
    seq,
    url,
    title,
    hidden,
    zone_min,
    account,
    slots,
    order,
    turns,
    stopped
});

/// What a page costs its tab, as far as the browser tells it: Firefox tells of elements alone.
/// Measured while it is in view, twelve seconds apart or more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// Elements of the document.
    pub nodes: u32,
    /// Since the last time.
    pub span_ms: u32,
    /// Of it, tasks of the page's thread longer than 50 ms; none: not told.
    pub long_ms: Option<u32>,
    /// Memory that the page's scripts hold, MB; 0: not told.
    pub heap_mb: u32,
    /// Where the browser ends the tab, MB.
    pub heap_most_mb: u32,
}

read_fields!(Weight { nodes, span_ms, long_ms, heap_mb, heap_most_mb });

/// What the eyes found for one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SlotView {
    /// Which candidate matched, from 0.
    pub rank: usize,
    /// The elements.
    pub nodes: Vec<Node>,
}

read_fields!(SlotView { rank, nodes });

/// A compact tree: text, or an element. JSON: a string, or `[tag, {attributes}, child, …]`.
///
/// The eyes add pseudo attributes: `:value` (a text field's content), `:disabled`, `:checked`,
/// `:cut` (something was left out below this element), `:kind` (`value`, `lexical` or `blocks`,
/// for elements that take text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A run of text.
    Text(String),
    /// An element.
    Element(Element),
}

/// One element of a compact tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Lower-case tag name.
    pub tag: String,
    /// Allowed attributes, and pseudo attributes.
    pub attrs: Vec<(String, String)>,
    /// Children in order.
    pub children: Vec<Node>,
}

impl Element {
    /// The value of an attribute.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl Serialize for Node {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Element(element) => {
                let mut seq = serializer.serialize_seq(Some(2 + element.children.len()))?;
                seq.serialize_element(&element.tag)?;
                seq.serialize_element(&Written(&element.attrs))?;
                for child in &element.children {
                    seq.serialize_element(child)?;
                }
                seq.end()
            }
        }
    }
}

/// Attributes as an object, in the order they stand in.
struct Written<'a>(&'a [(String, String)]);

impl Serialize for Written<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or [tag, {attributes}, child, ...]")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let tag = seq.next_element()?.ok_or_else(|| A::Error::custom("an element needs a tag"))?;
        let Attrs(attrs) = seq.next_element()?.unwrap_or_default();
        let mut children = Vec::new();
        while let Some(child) = seq.next_element()? {
            children.push(child);
        }
        Ok(Node::Element(Element { tag, attrs, children }))
    }
}

#[derive(Default)]
struct Attrs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Attrs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttrsVisitor;
        impl<'de> Visitor<'de> for AttrsVisitor {
            type Value = Attrs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of attribute values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attrs, A::Error> {
                let mut attrs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    attrs.push(pair);
                }
                Ok(Attrs(attrs))
            }
        }
        deserializer.deserialize_map(AttrsVisitor)
    }
}

/// How text is put into a composer; chosen by the kind of element (measured in both browsers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillMethod {
    /// The native value setter and an input event: text fields.
    Value,
    /// One `beforeinput` event: Lexical.
    Beforeinput,
    /// `insertText` a line, `insertParagraph` between: every other editable element.
    Lines,
}

/// What the hands do. Nothing else ever changes a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum PageEffect {
    /// Look with this plan from now on.
    Watch {
        /// The plan.
        plan: Plan,
    },
    /// Put `text` into the slot's element if that is empty, then read it back. Answered by
    /// [`super::session::SessionEvent::Filled`].
    Fill {
        /// Slot name.
        slot: String,
        /// What to write.
        text: String,
        /// How.
        method: FillMethod,
    },
    /// Empty the slot's element if it holds exactly `expected`. Answered by `Cleared`.
    Clear {
        /// Slot name.
        slot: String,
        /// What must stand there.
        expected: String,
    },
    /// Press the slot's element once if the composer holds exactly `expected`. Answered by
    /// `Pressed`.
    Press {
        /// Slot to press.
        slot: String,
        /// Slot whose text is compared.
        composer: String,
        /// What must stand there.
        expected: String,
    },
    /// Show this card, or take it away.
    Card {
        /// What it shows.
        card: Option<CardView>,
    },
    /// Scroll what holds the slot's elements, wait for what the page shows there, and look at it.
    /// Answered by `Scrolled`.
    Scroll {
        /// Slot name.
        slot: String,
        /// Where to.
        to: ScrollTo,
    },
    /// Ask the page's own site, which a person opted in for. Answered by `Called`.
    Call(SiteCall),
    /// Put the caret into the slot's element.
    Focus {
        /// Slot name.
        slot: String,
    },
}

/// A card, ready to draw: every sentence comes from `view`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// One short line.
    pub title: String,
    /// Further lines of plain text.
    pub lines: Vec<String>,
    /// Buttons in order, the first is the main one.
    pub buttons: Vec<ButtonView>,
    /// Label of the small control that closes the card.
    pub close: String,
    /// Whether it tells of a problem.
    pub warning: bool,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonView {
    /// What a click says.
    pub button: super::card::CardButton,
    /// What stands on it.
    pub label: String,
}
