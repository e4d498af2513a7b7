//! What was stored against what the model sent.
//!
//! Two Markdown texts that say the same may be written differently: a list may have `*` or `-`, an
//! application may draw a line break where the text has none. So both are read by the same parser
//! and what it found is compared, code blocks byte for byte.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// How alike two texts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Characters of what was sent.
    pub chars: usize,
    /// Characters that must be put in, taken out or changed to get from one to the other.
    pub wrong: usize,
    /// Code blocks sent.
    pub code: usize,
    /// Those that were stored byte for byte, with their language, in their order.
    pub code_right: usize,
}

impl Likeness {
    /// Characters right, in percent.
    #[must_use]
    pub fn percent(self) -> f64 {
        if self.chars == 0 {
            return if self.wrong == 0 { 100.0 } else { 0.0 };
        }
        let right = self.chars.saturating_sub(self.wrong);
        right as f64 / self.chars as f64 * 100.0
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            chars: self.chars + other.chars,
            wrong: self.wrong + other.wrong,
            code: self.code + other.code,
            code_right: self.code_right + other.code_right,
        }
    }
}

/// Compares what was sent with what was stored.
#[must_use]
pub fn compare(sent: &str, stored: &str) -> Likeness {
    let (sent, stored) = (Said::of(sent), Said::of(stored));
    let right = sent.code.iter().zip(&stored.code).filter(|(sent, stored)| sent == stored);
    let letters = |said: &Said| said.text.chars().collect::<Vec<_>>();
    let wrong = distance(&letters(&sent), &letters(&stored));
    Likeness {
        chars: sent.text.chars().count(),
        wrong,
        code: sent.code.len(),
        code_right: right.count(),
    }
}

/// What a Markdown text says, its code apart.
#[derive(Default)]
pub struct Said {
    /// The text with its marks, in one form; white space is one space.
    pub text: String,
    /// Code blocks: language and code.
    pub code: Vec<(String, String)>,
}

impl Said {
    /// Reads a Markdown text.
    #[must_use]
    pub fn of(markdown: &str) -> Self {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH;
        let mut said = Self::default();
        let mut lists: Vec<Option<u64>> = Vec::new();
        let mut in_code = false;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(text) if in_code => said.code_text(&text),
                Event::Start(Tag::CodeBlock(kind)) => {
                    in_code = true;
                    said.code_begins(&kind);
                }
                Event::End(TagEnd::CodeBlock) => in_code = false,
                other => said.take(other, &mut lists),
            }
        }
        said.text = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
        said
    }

    fn code_begins(&mut self, kind: &CodeBlockKind) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        self.code.push((language.to_owned(), String::new()));
        self.text.push_str(" ⟨code⟩ ");
    }

    fn code_text(&mut self, text: &str) {
        if let Some((_, code)) = self.code.last_mut() {
            code.push_str(text);
        }
    }

    fn take(&mut self, event: Event, lists: &mut Vec<Option<u64>>) {
        match event {
            Event::Start(tag) => self.begin(&tag, lists),
            Event::End(tag) => self.end(tag, lists),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text.push_str(&text);
            }
            Event::Code(text) => self.text.push_str(&format!("`{text}`")),
            Event::InlineMath(text) => self.text.push_str(&format!("${}$", text.trim())),
            Event::DisplayMath(text) => self.text.push_str(&format!(" $${}$$ ", text.trim())),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            Event::Rule => self.text.push_str(" --- "),
            Event::TaskListMarker(done) => {
                self.text.push_str(if done { "[x] " } else { "[ ] " });
            }
            Event::FootnoteReference(name) => self.text.push_str(&format!("[^{name}]")),
        }
    }

    fn begin(&mut self, tag: &Tag, lists: &mut Vec<Option<u64>>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.text.push(' ');
                self.text.push_str(&"#".repeat(*level as usize));
                self.text.push(' ');
            }
            Tag::BlockQuote(_) => self.text.push_str(" > "),
            Tag::List(first) => lists.push(*first),
            Tag::Item => {
                self.text.push(' ');
                self.text.push_str(&"»".repeat(lists.len().saturating_sub(1)));
                match lists.last_mut() {
                    Some(Some(number)) => {
                        self.text.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.text.push_str("- "),
                }
            }
            Tag::TableCell => self.text.push_str(" | "),
            Tag::TableRow | Tag::TableHead => self.text.push_str(" ‖ "),
            Tag::Emphasis => self.text.push('*'),
            Tag::Strong => self.text.push_str("**"),
            Tag::Strikethrough => self.text.push_str("~~"),
            Tag::Link { .. } => self.text.push('['),
            Tag::Image { dest_url, .. } => self.text.push_str(&format!("![{dest_url}](")),
            _ => self.text.push(' '),
        }
        if let Tag::Link { dest_url, .. } = tag {
            self.text.push_str(&format!("{dest_url}]("));
        }
    }

    fn end(&mut self, tag: TagEnd, lists: &mut Vec<Option<u64>>) {
        match tag {
            TagEnd::List(_) => {
                lists.pop();
            }
            TagEnd::Emphasis => self.text.push('*'),
            TagEnd::Strong => self.text.push_str("**"),
            TagEnd::Strikethrough => self.text.push_str("~~"),
            TagEnd::Link | TagEnd::Image => self.text.push(')'),
            _ => self.text.push(' '),
        }
    }
}

/// Levenshtein's distance of two texts.
fn distance(a: &[char], b: &[char]) -> usize {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let a = a.get(..a.len() - end).unwrap_or_default();
    let b = b.get(..b.len() - end).unwrap_or_default();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.iter().enumerate() {
        let mut above = std::mem::replace(&mut row, vec![at + 1]).into_iter();
        let mut diagonal = above.next().unwrap_or_default();
        let mut left = at + 1;
        for (other, up) in b.iter().zip(above) {
            let change = diagonal + usize::from(letter != other);
            left = change.min(up + 1).min(left + 1);
            diagonal = up;
            row.push(left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_do_not_count() {
        let sent =
            "a\nb\n\n* one\n* two\n\n~~~rust\nlet a;\n~~~\n\n| a | b |\n|---|---|\n| 1 | 2 |";
        let stored =
            "a\\\nb\n\n- one\n\n- two\n\n```rust\nlet a;\n```\n\n| a | b |\n| :-: | - |\n|1|2|\n";
        let like = compare(sent, stored);
        assert_eq!((like.wrong, like.code, like.code_right), (0, 1, 1));
        assert_eq!(like.percent(), 100.0);
    }

    #[test]
    fn what_is_said_counts() {
        let wrong = |sent, stored| compare(sent, stored).wrong;
        assert_eq!(wrong("abc", "abd"), 1);
        assert_eq!(wrong("a **b** c", "a b c"), 4);
        assert_eq!(wrong("- a\n  - b", "- a\n- b"), 1);
        assert_eq!(wrong("one two three", "one three"), 4);
        assert_eq!(wrong("", "more"), 4);
        let code = compare("```sh\na\n```", "```\na\n```");
        assert_eq!((code.code, code.code_right), (1, 0));
        assert_eq!(compare("```sh\na  b\n```", "```sh\na b\n```").code_right, 0);
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let far = |a: &str, b: &str| distance(&letters(a), &letters(b));
        assert_eq!(far("kitten", "sitting"), 3);
        assert_eq!(far("", "abc"), 3);
        assert_eq!(far("abc", ""), 3);
        assert_eq!(far("flaw", "lawn"), 2);
    }
}
