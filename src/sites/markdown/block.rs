//! Blocks: paragraphs, headings, lists, quotes, code, tables.

use super::code::{code_source, find_class, header_language, header_of, is_editor, language};
use super::inline::{self, Mode, Run};
use super::{DEPTH, code_into, formula, has_class, is_block, table};
use crate::base::order::Set;
use crate::wire::page::{Element, Node};

/// What comes between the last block and the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Line,
    Blank,
}

/// What every line of an open list item or quote begins with.
struct Prefix {
    first: String,
    rest: String,
    used: bool,
}

/// Writes blocks one after the other.
pub(super) struct Writer<'d> {
    out: String,
    run: Run,
    prefixes: Vec<Prefix>,
    gap: Gap,
    mode: Mode<'d>,
    lists: usize,
    /// The language that a dropped header named for the code below it.
    header: Option<String>,
}

impl<'d> Writer<'d> {
    pub(super) fn new(drop: &'d Set<usize>) -> Self {
        Self {
            out: String::new(),
            run: Run::default(),
            prefixes: Vec::new(),
            gap: Gap::Nothing,
            mode: Mode { drop, verbatim: false, one_line: false, in_link: false },
            lists: 0,
            header: None,
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.out
    }

    /// Writes an element's own block and everything below it.
    pub(super) fn element(&mut self, element: &Element, depth: usize) {
        if depth > DEPTH {
            return;
        }
        if self.mode.drop.contains(&std::ptr::from_ref(element).addr()) {
            self.header = header_language(element);
            return;
        }
        let before = self.mode.verbatim;
        if !before && has_class(element, "whitespace-pre-wrap") {
            if is_block(&element.tag) {
                self.flush();
            }
            self.mode.verbatim = true;
        }
        self.block(element, depth);
        self.mode.verbatim = before;
    }

    fn block(&mut self, element: &Element, depth: usize) {
        if let Some((tex, true)) = formula(element) {
            self.flush();
            let lines = std::iter::once("$$").chain(tex.lines()).chain(["$$"]);
            self.lines(lines.map(str::to_owned).collect());
            return;
        }
        match element.tag.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(element, depth),
            "ul" | "ol" | "menu" => self.list(element, depth),
            "li" => self.item(element, "- ".to_owned(), depth),
            "blockquote" => self.quote(element, depth),
            "pre" => self.code(element),
            "div" if is_editor(element) => self.code(element),
            "table" => {
                self.flush();
                self.lines(table::lines(element, self.mode, depth));
            }
            "hr" => self.rule(),
            "div" if is_rule(element) => self.rule(),
            tag if is_block(tag) => {
                // A task's box and the block behind it are one line.
                if !self.box_alone() {
                    self.flush();
                }
                self.children(element, depth);
                self.flush();
            }
            // These only group: what is in them may be blocks.
            "span" | "font" | "bdi" | "bdo" | "center" | "small" | "label" | "time" | "slot" => {
                let marked = element.attr("class").is_some_and(|c| inline::mark(c).is_some());
                if marked || formula(element).is_some() || has_class(element, "katex-html") {
                    self.run.element(element, self.mode, depth);
                } else {
                    self.children(element, depth);
                }
            }
            // An application's own; the one without a hyphen is what a wide-spread library makes.
            tag if tag.contains('-') || tag == "markdown" => self.children(element, depth),
            _ => self.run.element(element, self.mode, depth),
        }
    }

    /// Whether all that is written of an item is the box of a task.
    fn box_alone(&self) -> bool {
        matches!(self.run.text.trim(), "[ ]" | "[x]")
            && self.prefixes.last().is_some_and(|prefix| !prefix.used)
    }

    fn rule(&mut self) {
        self.flush();
        self.lines(vec!["---".to_owned()]);
    }

    fn children(&mut self, element: &Element, depth: usize) {
        for (at, child) in element.children.iter().enumerate() {
            match child {
                Node::Text(text) => self.run.text(text, self.mode),
                Node::Element(child) => match header_of(child, element.children.get(at + 1..)) {
                    Some(language) => {
                        self.flush();
                        self.header = Some(language);
                    }
                    None => self.element(child, depth + 1),
                },
            }
        }
    }

    /// Ends the paragraph being written.
    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run).text;
        let verbatim = self.mode.verbatim;
        let text = if verbatim { run.trim_matches(['\n', '\r']).trim_end() } else { run.trim() };
        let text = text
            .strip_suffix('\\')
            .filter(|_| !verbatim && run_ends_in_break(&run))
            .unwrap_or(text);
        if text.trim().is_empty() {
            return;
        }
        let lines = text.lines().map(|line| match verbatim {
            true => line.to_owned(),
            false => self.start_of_line(line.trim_start()),
        });
        let lines = lines.collect();
        self.lines(lines);
    }

    fn start_of_line(&self, line: &str) -> String {
        // A task's box is a mark that this writer wrote itself.
        if self.lists > 0 && (line.starts_with("[ ] ") || line.starts_with("[x] ")) {
            return line.to_owned();
        }
        inline::escape_start(line)
    }

    fn heading(&mut self, element: &Element, depth: usize) {
        self.flush();
        let level = element.tag.bytes().last().map_or(1, |digit| usize::from(digit - b'0'));
        let mut run = Run::default();
        run.children(element, Mode { one_line: true, verbatim: false, ..self.mode }, depth);
        let text = run.text.replace("<br>", " ");
        let text = text.trim();
        // Marks at a heading's end would be taken for its frame.
        let text = match text.strip_suffix('#') {
            Some(rest) => format!("{rest}\\#"),
            None => text.to_owned(),
        };
        if !text.is_empty() {
            self.lines(vec![format!("{} {text}", "#".repeat(level))]);
        }
    }

    fn list(&mut self, list: &Element, depth: usize) {
        if !self.box_alone() {
            self.flush();
        }
        // A list right below an item's own line belongs to it.
        if self.lists > 0 && self.gap == Gap::Blank {
            self.gap = Gap::Line;
        }
        self.lists += 1;
        let ordered = list.tag == "ol";
        let mut number: u64 = list.attr("start").and_then(|n| n.parse().ok()).unwrap_or(1);
        for child in &list.children {
            match child {
                Node::Element(item) if item.tag == "li" => {
                    let marker = if ordered { format!("{number}. ") } else { "- ".to_owned() };
                    self.item(item, marker, depth + 1);
                    number = number.saturating_add(1);
                }
                Node::Element(other) => {
                    self.prefixes.push(Prefix {
                        first: "  ".to_owned(),
                        rest: "  ".to_owned(),
                        used: true,
                    });
                    self.element(other, depth + 1);
                    self.flush();
                    self.prefixes.pop();
                }
                Node::Text(text) if text.trim().is_empty() => {}
                Node::Text(text) => self.run.text(text, self.mode),
            }
        }
        self.flush();
        self.lists -= 1;
        self.gap = Gap::Blank;
    }

    fn item(&mut self, item: &Element, marker: String, depth: usize) {
        if depth > DEPTH || self.mode.drop.contains(&std::ptr::from_ref(item).addr()) {
            return;
        }
        // A list right behind a task's box stands in its line.
        let boxed =
            if self.box_alone() { std::mem::take(&mut self.run).text } else { String::new() };
        self.flush();
        let rest = " ".repeat(marker.len());
        let marker = boxed + &marker;
        self.prefixes.push(Prefix { first: marker, rest, used: false });
        self.children(item, depth);
        self.flush();
        if self.prefixes.last().is_some_and(|prefix| !prefix.used) {
            self.lines(vec![String::new()]);
        }
        self.prefixes.pop();
        self.gap = Gap::Line;
    }

    fn quote(&mut self, element: &Element, depth: usize) {
        self.flush();
        self.begin_block();
        let bar = || "> ".to_owned();
        self.prefixes.push(Prefix { first: bar(), rest: bar(), used: true });
        self.children(element, depth);
        self.flush();
        self.prefixes.pop();
        self.gap = Gap::Blank;
    }

    fn code(&mut self, pre: &Element) {
        self.flush();
        let source = code_source(pre);
        let mut text = String::new();
        code_into(source, &mut text, self.mode.drop, 0);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        if text.trim().is_empty() {
            return;
        }
        let fence = "`".repeat(inline::longest_run(text, '`').max(2) + 1);
        // An editor's own header stays in sight while its code is scrolled.
        let inner = find_class(pre, "sticky", 0).and_then(header_language);
        let header = self.header.take().or(inner);
        // An editor has its own names for languages: what the page says goes first.
        let (first, second) = if is_block(&source.tag) { (pre, source) } else { (source, pre) };
        let language = language(first).or_else(|| language(second)).or(header).unwrap_or_default();
        let mut lines = vec![format!("{fence}{language}")];
        lines.extend(text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()));
        lines.push(fence);
        self.lines(lines);
    }

    /// Writes the lines of one block.
    fn lines(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        self.header = None;
        self.begin_block();
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.out.push('\n');
            }
            let start = self.out.len();
            for prefix in &mut self.prefixes {
                let text = if prefix.used { &prefix.rest } else { &prefix.first };
                self.out.push_str(text);
                prefix.used = true;
            }
            self.out.push_str(line);
            if line.is_empty() {
                let end = self.out.get(start..).map_or(0, |tail| tail.trim_end().len());
                self.out.truncate(start + end);
            }
        }
        self.gap = Gap::Blank;
    }

    /// Writes what parts this block from the one before. A blank line carries the open quotes.
    fn begin_block(&mut self) {
        match std::mem::replace(&mut self.gap, Gap::Nothing) {
            Gap::Nothing => {}
            Gap::Line => self.out.push('\n'),
            Gap::Blank => {
                self.out.push('\n');
                let start = self.out.len();
                for prefix in self.prefixes.iter().filter(|prefix| prefix.used) {
                    self.out.push_str(&prefix.rest);
                }
                let end = self.out.get(start..).map_or(0, |tail| tail.trim_end().len());
                self.out.truncate(start + end);
                self.out.push('\n');
            }
        }
    }
}

/// Whether this is a line across the page that is no `hr`.
fn is_rule(element: &Element) -> bool {
    element.children.is_empty()
        && (element.attr("role") == Some("separator")
            || element.attr("role") == Some("none") && has_class(element, "w-full"))
}

fn run_ends_in_break(run: &str) -> bool {
    run.trim_end_matches(' ').ends_with("\\\n")
}
