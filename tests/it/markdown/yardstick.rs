//! The Markdown writer beside another one, htmd, on the same trees: nothing that the other keeps of
//! a page may be lost.

use super::super::pages;
use super::{md, read_back};
use pulldown_cmark::{Options, Parser};
use scraper::{ElementRef, Html, Selector};
use shim::base::chance::Chance;
use std::collections::BTreeMap;

/// What a document says: its words in order, and how often each construct stands in it.
struct Said {
    words: Vec<String>,
    tags: BTreeMap<String, usize>,
}

/// Constructs that Markdown has.
const KEPT: &[&str] = &[
    "a",
    "blockquote",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "pre",
    "strong",
    "table",
    "td",
    "th",
    "ul",
];
/// What is no part of a conversation's text.
const SKIPPED: &[&str] = &["button", "svg", "script", "style", "template"];

fn said(html: &str) -> Said {
    fn walk(element: ElementRef, said: &mut Said, text: &mut String) {
        let tag = match element.value().name() {
            "b" => "strong",
            "i" => "em",
            tag => tag,
        };
        // A link without an address is its text.
        let counts = KEPT.contains(&tag) && (tag != "a" || element.value().attr("href").is_some());
        if counts {
            *said.tags.entry(tag.to_owned()).or_default() += 1;
        }
        for child in element.children() {
            match (child.value().as_text(), ElementRef::wrap(child)) {
                (Some(piece), _) => text.push_str(piece),
                (_, Some(child)) if SKIPPED.contains(&child.value().name()) => {}
                (_, Some(child)) => {
                    let apart = shim::sites::markdown::is_block(child.value().name());
                    text.push_str(if apart { " " } else { "" });
                    walk(child, said, text);
                    text.push_str(if apart { " " } else { "" });
                }
                _ => {}
            }
        }
    }
    let mut said = Said { words: Vec::new(), tags: BTreeMap::new() };
    let mut text = String::new();
    walk(Html::parse_fragment(html).root_element(), &mut said, &mut text);
    said.words = text.split_whitespace().map(str::to_owned).collect();
    said
}

fn rendered(markdown: &str) -> Said {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(markdown, options));
    said(&html)
}

/// How many words of `from` stand in `to` in the same order.
fn common(from: &[String], to: &[String]) -> usize {
    let mut row = vec![0; to.len() + 1];
    for word in from {
        let mut diagonal = 0;
        for (at, other) in to.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == other { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[to.len()]
}

/// How many constructs are missing or too many.
fn astray(source: &Said, got: &Said) -> usize {
    let count = |said: &Said, tag: &str| said.tags.get(tag).copied().unwrap_or_default();
    KEPT.iter().map(|tag| count(source, tag).abs_diff(count(got, tag))).sum()
}

/// What this writer and the other one keep of a piece of HTML: `(words, constructs astray)`.
fn measured(html: &str) -> (usize, [(usize, usize); 2]) {
    let source = said(html);
    let theirs = htmd::convert(html).unwrap();
    let of = |markdown: &str| {
        let got = rendered(markdown);
        (common(&source.words, &got.words), astray(&source, &got))
    };
    (source.words.len(), [of(&md(html)), of(&theirs)])
}

#[test]
fn what_another_writer_keeps_of_random_documents_is_kept() {
    let (mut words, mut ours_astray, mut theirs_astray) = (0, 0, 0);
    for seed in 0..300 {
        let html = read_back::blocks(&mut Chance::new(seed), 3);
        let (all, [ours, theirs]) = measured(&html);
        assert!(ours.0 >= theirs.0 && ours.1 <= theirs.1, "seed {seed}: {html}\n{}", md(&html));
        assert_eq!(ours.0, all, "seed {seed}: words are lost");
        words += all;
        ours_astray += ours.1;
        theirs_astray += theirs.1;
    }
    assert!(words > 5_000 && ours_astray <= theirs_astray);
}

/// Where answers stand in the pages of all sites.
const ANSWERS: &str = "[data-perf-reply-text], .standard-markdown, \
    [data-markdown-text-style=assistant-message], .markdown, .markdown-prose, .agentic-text, \
    .prose, .aui-md, ms-text-chunk, .ds-markdown, .response-content-markdown";

#[test]
fn what_another_writer_keeps_of_the_saved_pages_is_kept() {
    let answers = Selector::parse(ANSWERS).unwrap();
    let mut compared = 0;
    for (path, html) in pages::saved().into_iter().chain(pages::elsewhere()) {
        let document = Html::parse_document(&html);
        for answer in document.select(&answers) {
            let html = answer.inner_html();
            // A formula is drawn twice in a page, and once in Markdown; a header of code is none;
            // the other writer knows no emphasis by class, and boxes of tasks are no text.
            let beyond = ["katex", "button", "cm-", "font-bold", "checkbox"];
            if beyond.iter().any(|mark| html.contains(mark)) {
                continue;
            }
            let (_, [ours, theirs]) = measured(&html);
            let file = path.display();
            assert!(ours.0 >= theirs.0, "{file}: words are lost of {html}\n{}", md(&html));
            assert!(ours.1 <= theirs.1, "{file}: {} > {}: {html}", ours.1, theirs.1);
            compared += 1;
        }
    }
    assert!(compared > 100, "next to nothing was compared: {compared}");
}
