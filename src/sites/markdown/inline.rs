//! Runs of text: emphasis, code, links, pictures, formulas, and what must be escaped.

use super::{DEPTH, code_into, formula, has_class};
use crate::base::order::Set;
use crate::wire::page::{Element, Node};

/// One run of text being written.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) text: String,
}

/// How text is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode<'d> {
    /// Elements to leave out.
    pub(super) drop: &'d Set<usize>,
    /// The page keeps white space here, so this is what a person typed: nothing is changed.
    pub(super) verbatim: bool,
    /// One line, as in a table's cell.
    pub(super) one_line: bool,
    /// Inside a link's brackets.
    pub(super) in_link: bool,
}

impl Run {
    /// Adds a run of text.
    pub(super) fn text(&mut self, text: &str, mode: Mode) {
        if mode.verbatim {
            self.text.push_str(text);
            return;
        }
        for (at, c) in text.char_indices() {
            if c.is_ascii_whitespace() {
                if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                    self.text.push(' ');
                }
                continue;
            }
            let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
            let bracket = mode.in_link && matches!(c, '[' | ']');
            if bracket || needs_escape(c, self.text.chars().next_back(), rest) {
                self.text.push('\\');
            }
            self.text.push(c);
        }
    }

    /// Adds everything below an element, blocks as runs parted by a space.
    pub(super) fn children(&mut self, element: &Element, mode: Mode, depth: usize) {
        if depth > DEPTH {
            return;
        }
        for child in &element.children {
            match child {
                Node::Text(text) => self.text(text, mode),
                Node::Element(child) => self.element(child, mode, depth + 1),
            }
        }
    }

    /// Adds an element.
    pub(super) fn element(&mut self, element: &Element, mode: Mode, depth: usize) {
        if mode.drop.contains(&std::ptr::from_ref(element).addr()) || depth > DEPTH {
            return;
        }
        if let Some((tex, _)) = formula(element) {
            self.raw(&format!("${tex}$"));
            return;
        }
        match element.tag.as_str() {
            "strong" | "b" => self.wrapped("**", element, mode, depth),
            "em" | "i" => self.wrapped("*", element, mode, depth),
            "del" | "s" | "strike" => self.wrapped("~~", element, mode, depth),
            "code" | "kbd" | "samp" | "tt" => self.code(element, mode),
            "a" => self.link(element, mode, depth),
            "img" => self.image(element),
            "br" => self.line_break(mode),
            "input" => self.check_box(element),
            "button" | "svg" | "template" | "noscript" | "select" | "textarea" => {}
            _ if has_class(element, "katex-html") => {}
            "span" if element.attr("class").is_some_and(|class| mark(class).is_some()) => {
                let mark = element.attr("class").and_then(mark).unwrap_or_default();
                self.wrapped(mark, element, mode, depth);
            }
            tag => {
                let apart = super::is_block(tag);
                self.space_if(apart);
                self.children(element, mode, depth);
                self.space_if(apart);
            }
        }
    }

    /// Adds text that is Markdown already.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn space_if(&mut self, apart: bool) {
        if apart && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn line_break(&mut self, mode: Mode) {
        if mode.verbatim {
            self.text.push('\n');
        } else if mode.one_line {
            self.text.push_str("<br>");
        } else if !self.text.is_empty() {
            let end = self.text.trim_end_matches(' ').len();
            self.text.truncate(end);
            self.text.push_str("\\\n");
        }
    }

    /// White space may not stand inside emphasis marks, so it moves out of them.
    fn wrapped(&mut self, mark: &str, element: &Element, mode: Mode, depth: usize) {
        let mut inner = Self::default();
        inner.children(element, mode, depth);
        let text = inner.text.trim();
        let starts_apart = first_text_char(element).is_some_and(char::is_whitespace);
        if text.is_empty() {
            self.space_if(starts_apart);
            return;
        }
        self.space_if(starts_apart);
        self.raw(mark);
        self.raw(text);
        self.raw(mark);
        if inner.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn code(&mut self, element: &Element, mode: Mode) {
        let mut text = String::new();
        code_into(element, &mut text, mode.drop, 0);
        let text = text.replace('\n', " ");
        if text.is_empty() {
            return;
        }
        let fence = "`".repeat(longest_run(&text, '`') + 1);
        let fence = if text.contains('`') { fence } else { "`".to_owned() };
        let pad = text.starts_with('`')
            || text.ends_with('`')
            || (text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty());
        let pad = if pad { " " } else { "" };
        self.raw(&format!("{fence}{pad}{text}{pad}{fence}"));
    }

    fn link(&mut self, element: &Element, mode: Mode, depth: usize) {
        let mut inner = Self::default();
        inner.children(element, Mode { in_link: true, ..mode }, depth);
        let text = inner.text.trim();
        let href = element.attr("href").unwrap_or_default().trim();
        let scheme = href.split([':', '/', '?', '#']).next().unwrap_or_default();
        let has_scheme = href.get(scheme.len()..).is_some_and(|rest| rest.starts_with(':'));
        let plain = href.is_empty()
            || (has_scheme && !matches!(scheme, "http" | "https" | "mailto" | "tel" | "ftp"));
        self.space_if(inner.text.starts_with(' '));
        if text.is_empty() || plain || text == href {
            self.raw(text);
        } else {
            self.raw(&format!("[{text}]({})", target(href)));
        }
        self.space_if(inner.text.ends_with(' '));
    }

    fn image(&mut self, element: &Element) {
        let alt = element.attr("alt").unwrap_or_default().trim().replace(['[', ']', '\n'], " ");
        let src = element.attr("src").unwrap_or_default().trim();
        if src.starts_with("http://") || src.starts_with("https://") || src.starts_with('/') {
            self.raw(&format!("![{alt}]({})", target(src)));
        } else if !alt.is_empty() {
            // A picture that lives in the page only: its bytes are not in the chat's text.
            self.raw(&format!("![{alt}]()"));
        }
    }

    fn check_box(&mut self, element: &Element) {
        if element.attr("type") == Some("checkbox") {
            let set = element.attr(":checked").or_else(|| element.attr("checked")).is_some();
            self.raw(if set { "[x] " } else { "[ ] " });
        }
    }
}

/// What a class that is the only one of an element says of its letters.
pub(super) fn mark(class: &str) -> Option<&'static str> {
    match class {
        "font-bold" => Some("**"),
        "italic" => Some("*"),
        _ => None,
    }
}

/// A link's target in a form that its brackets do not end.
fn target(href: &str) -> String {
    if href.contains([' ', '(', ')', '<', '>', '\n']) {
        format!("<{}>", href.replace(['<', '>', '\n'], ""))
    } else {
        href.to_owned()
    }
}

fn first_text_char(element: &Element) -> Option<char> {
    match element.children.first()? {
        Node::Text(text) => text.chars().next(),
        Node::Element(_) => None,
    }
}

/// The length of the longest run of `wanted`.
pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let (mut longest, mut now) = (0, 0);
    for c in text.chars() {
        now = if c == wanted { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    longest
}

/// Whether a character of plain text would be read as a mark where it stands. Escapes as little
/// as it can: the text is read by people and by models.
fn needs_escape(c: char, before: Option<char>, rest: &str) -> bool {
    let after = rest.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    // At an end of a run nothing is known of what will stand there.
    let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
    match c {
        '`' => true,
        '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
        '*' => !(is_space(before) && is_space(after)),
        '_' => {
            is_word(before) != is_word(after)
                || !(is_word(before) || is_space(before) && is_space(after))
        }
        // "~10" after a space opens nothing that another such could close.
        '~' => !is_space(before) || !is_word(after),
        '<' => after.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
        '&' => near(rest, 12).split_once(';').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
        }),
        '[' => {
            near(rest, 200).split_once("](").is_some_and(|(inner, _)| !inner.contains(['[', '\n']))
        }
        _ => false,
    }
}

/// The next few characters: looking further from every mark would take quadratic time.
fn near(rest: &str, chars: usize) -> &str {
    crate::base::text::head(rest, chars)
}

/// Escapes what would be read as a block's mark at the start of a line of plain text.
pub(super) fn escape_start(line: &str) -> String {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = line.split_at_checked(digits).unwrap_or(("", line));
    let space_after = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    if (1..=9).contains(&digits) {
        let marked = rest.strip_prefix(['.', ')']).is_some_and(space_after);
        return if marked { format!("{number}\\{rest}") } else { line.to_owned() };
    }
    let hashes = line.len() - line.trim_start_matches('#').len();
    let heading = (1..=6).contains(&hashes) && line.get(hashes..).is_some_and(space_after);
    let bullet = line.strip_prefix(['-', '+', '*']).is_some_and(space_after);
    let only = |mark: u8| line.bytes().all(|byte| byte == b' ' || byte == mark);
    let rule = line.len() >= 2 && [b'-', b'=', b'*', b'_'].into_iter().any(only);
    let fence = line.starts_with("~~~");
    if heading || bullet || rule || fence || line.starts_with('>') {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}
