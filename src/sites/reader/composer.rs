//! The composer as it stands.

use crate::sites::markdown::is_block;
use crate::wire::chat::Composer;
use crate::wire::page::{Element, FillMethod, Node};

/// What the composer's element holds and how text gets into it.
pub(super) fn read(element: &Element) -> Composer {
    let method = match element.attr(":kind") {
        Some("value") => FillMethod::Value,
        Some("lexical") => FillMethod::Beforeinput,
        Some(_) => FillMethod::Lines,
        None if matches!(element.tag.as_str(), "textarea" | "input") => FillMethod::Value,
        None => FillMethod::Lines,
    };
    let text = match element.attr(":value") {
        Some(value) => value.to_owned(),
        None => lines(element),
    };
    Composer { present: true, text, method: Some(method) }
}

/// The text of an editable element, a block a line.
fn lines(root: &Element) -> String {
    let mut out = Lines::default();
    out.walk(root);
    out.end();
    out.done.join("\n")
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    /// The line being read. None: no block is open and nothing was read.
    open: Option<String>,
}

impl Lines {
    fn walk(&mut self, parent: &Element) {
        let has_blocks = parent.children.iter().any(is_line);
        for (at, child) in parent.children.iter().enumerate() {
            match child {
                // White space between blocks is the page's source, not the person's text.
                Node::Text(text) if has_blocks && text.trim().is_empty() => {}
                Node::Text(text) => self.open.get_or_insert_default().push_str(text),
                Node::Element(child) if child.tag == "br" => {
                    if !is_filler(child, parent, at) {
                        self.open.get_or_insert_default().push('\n');
                    }
                }
                Node::Element(child) if is_block(&child.tag) => {
                    self.end();
                    let nested = child.children.iter().any(is_line);
                    self.open = (!nested).then(String::new);
                    self.walk(child);
                    self.end();
                }
                Node::Element(child) => self.walk(child),
            }
        }
    }

    fn end(&mut self) {
        self.done.extend(self.open.take());
    }
}

fn is_line(node: &Node) -> bool {
    matches!(node, Node::Element(element) if is_block(&element.tag))
}

/// Whether a `<br>` only holds its block open: an editor's own, or the last thing in a block.
fn is_filler(br: &Element, parent: &Element, at: usize) -> bool {
    let trailing = |element: &Element| {
        element.attr("class").is_some_and(|class| class.contains("trailingBreak"))
    };
    if trailing(br) {
        return true;
    }
    let editor_marks = parent
        .children
        .iter()
        .any(|node| matches!(node, Node::Element(element) if trailing(element)));
    let rest = parent.children.get(at + 1..).unwrap_or_default();
    !editor_marks && rest.iter().all(|node| matches!(node, Node::Text(text) if text.is_empty()))
}
