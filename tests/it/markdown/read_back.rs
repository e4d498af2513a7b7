//! The Markdown writer against a Markdown parser, and against trees that no page would have.

use super::md;
use pulldown_cmark::{Options, Parser};
use scraper::{ElementRef, Html};
use shim::base::chance::Chance;
use shim::base::order::Set;
use shim::sites::markdown;
use shim::wire::page::{Element, Node};

/// Random documents, written as Markdown, are parsed again to the same document.
#[test]
fn a_parser_reads_back_what_was_written() {
    for seed in 0..1_000 {
        let mut chance = Chance::new(seed);
        let html = blocks(&mut chance, 3);
        let markdown = md(&html);
        let mut back = String::new();
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        pulldown_cmark::html::push_html(&mut back, Parser::new_ext(&markdown, options));
        let (is, should) = (plain(&back), plain(&html));
        assert!(
            is == should,
            "seed {seed}\n{html}\n\n{markdown}\n\n{back}\n is     {is}\n should {should}"
        );
    }
}

/// A document's structure and text, white space evened out.
fn plain(html: &str) -> String {
    fn walk(element: ElementRef, verbatim: bool, out: &mut String) {
        let tag = element.value().name();
        let shown = !matches!(tag, "html" | "tbody" | "thead" | "input");
        let block = markdown::is_block(tag) || tag == "br";
        if shown {
            if block {
                out.truncate(out.trim_end_matches(' ').len());
            }
            out.push_str(&format!("<{tag}{}>", element.value().attr("href").unwrap_or("")));
        }
        for child in element.children() {
            if let Some(text) = child.value().as_text() {
                for c in text.chars() {
                    let c = if c == '\n' && !verbatim { ' ' } else { c };
                    if verbatim || c != ' ' || !out.ends_with([' ', '>']) {
                        out.push(c);
                    }
                }
            } else if let Some(child) = ElementRef::wrap(child) {
                walk(child, verbatim || tag == "pre", out);
            }
        }
        if shown {
            if block && !verbatim {
                out.truncate(out.trim_end_matches(' ').len());
            }
            out.push_str(&format!("</{tag}>"));
        }
    }
    let mut out = String::new();
    walk(Html::parse_fragment(html).root_element(), false, &mut out);
    out
}

pub(super) fn blocks(chance: &mut Chance, depth: u32) -> String {
    let mut out = String::new();
    let mut last = 9;
    for _ in 0..=chance.below(3) {
        let kind = chance.below(if depth > 0 { 8 } else { 4 });
        // Two lists or quotes that touch are one in Markdown.
        let kind = if kind >= 4 && last >= 4 { 0 } else { kind };
        last = kind;
        out += &match kind {
            0 | 1 => format!("<p>{}</p>", line(chance)),
            2 => format!("<h2>{}</h2>", line(chance)),
            3 => {
                let code = words(chance).replace('&', "&amp;").replace('<', "&lt;");
                format!("<pre><code>{code}\n\n  {code}\n</code></pre>")
            }
            4 => format!("<blockquote>{}</blockquote>", blocks(chance, depth - 1)),
            5 => {
                let cell = |chance: &mut Chance| line(chance);
                format!(
                    "<table><thead><tr><th>{}</th><th>{}</th></tr></thead>\
                     <tbody><tr><td>{}</td><td>{}</td></tr></tbody></table>",
                    cell(chance),
                    cell(chance),
                    cell(chance),
                    cell(chance),
                )
            }
            _ => {
                let tag = if kind == 6 { "ul" } else { "ol" };
                let mut list = format!("<{tag}>");
                for _ in 0..=chance.below(3) {
                    list += &format!("<li>{}", line(chance));
                    if depth > 1 && chance.percent(30) {
                        list +=
                            &format!("<ul><li>{}</li><li>{}</li></ul>", line(chance), line(chance));
                    }
                    list += "</li>";
                }
                list + &format!("</{tag}>")
            }
        };
    }
    out
}

fn line(chance: &mut Chance) -> String {
    let mut parts = Vec::new();
    for _ in 0..=chance.below(4) {
        let inner = words(chance).replace('&', "&amp;").replace('<', "&lt;");
        parts.push(match chance.below(10) {
            0 => format!("<strong>{inner}</strong>"),
            1 => format!("<em>{inner}</em>"),
            2 => format!("<del>{inner}</del>"),
            3 => format!("<code>{inner}</code>"),
            4 => format!("<a href=\"https://a.b/c_d*e\">{inner}</a>"),
            _ => inner,
        });
    }
    parts.join(" ")
}

fn words(chance: &mut Chance) -> String {
    const WORDS: &[&str] = &[
        "alpha",
        "b",
        "snake_case",
        "__init__",
        "*",
        "2*3",
        "*x*",
        "`tick`",
        "``",
        "a<b",
        "<b>",
        "</p>",
        "&amp;",
        "&",
        "#",
        "##",
        "-",
        "+",
        "1.",
        "2)",
        ">",
        "\\",
        "\\*",
        "[x](y)",
        "[1]",
        "~~",
        "~",
        "=",
        "---",
        "===",
        "|",
        "a|b",
        "!",
        "_",
        "_x_",
        "$5",
        "é",
        "漢字",
        "x_",
        "(",
        "https://x.y/z",
        "http:",
        "\"q\"",
        "…",
    ];
    let mut out = Vec::new();
    for _ in 0..=chance.below(4) {
        out.push(WORDS[usize::try_from(chance.below(WORDS.len() as u64)).unwrap()]);
    }
    out.join(" ")
}

/// Tags of trees that no page would have.
const TAGS: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "pre",
    "code",
    "table",
    "tr",
    "td",
    "th",
    "a",
    "img",
    "br",
    "strong",
    "em",
    "del",
    "blockquote",
    "h1",
    "h6",
    "span",
    "hr",
    "input",
    "math",
    "sup",
    "x-y",
    "annotation",
    "",
    "h",
    "button",
];

fn grow(chance: &mut Chance, depth: u32) -> Node {
    if depth == 0 || chance.percent(20) {
        return Node::Text(words(chance));
    }
    let pick = |chance: &mut Chance, from: &[&str]| {
        from[usize::try_from(chance.below(from.len() as u64)).unwrap()].to_owned()
    };
    let mut element = Element { tag: pick(chance, TAGS), ..Element::default() };
    for name in ["class", "start", "href", "src", "alt", "type", ":checked"] {
        if chance.percent(30) {
            let value = pick(
                chance,
                &[
                    "katex",
                    "katex-display",
                    "language-",
                    "language-x",
                    "cm-content",
                    "whitespace-pre-wrap",
                    "18446744073709551615",
                    "-1",
                    "checkbox",
                    "https://a",
                    "é",
                ],
            );
            element.attrs.push((name.to_owned(), value));
        }
    }
    for _ in 0..chance.below(5) {
        element.children.push(grow(chance, depth - 1));
    }
    Node::Element(element)
}

/// Trees that no page would have: whatever comes, some text comes out and nothing breaks.
#[test]
fn odd_trees_are_written_without_a_panic_and_in_time() {
    let mut written = 0;
    for seed in 0..500 {
        let mut chance = Chance::new(seed);
        let children = (0..5).map(|_| grow(&mut chance, 7)).collect();
        let root = Element { tag: "div".to_owned(), attrs: Vec::new(), children };
        written += markdown::write(&root, &Set::default()).len() + markdown::code_text(&root).len();
    }
    assert!(written > 100_000, "next to nothing was written: {written}");
}

#[test]
fn the_work_grows_with_the_text_and_not_faster() {
    let time = |count: usize| {
        let hostile = ["&", "[", "`", "*", "_", "\\", "a|", "<a", "~", "# "].concat();
        let text = Node::Text(hostile.repeat(count));
        let mut deep = Element { tag: "li".to_owned(), attrs: Vec::new(), children: vec![text] };
        for tag in ["ul", "li", "blockquote", "ul", "li", "div", "p"] {
            let children = vec![Node::Element(deep)];
            deep = Element { tag: tag.to_owned(), attrs: Vec::new(), children };
        }
        let started = std::time::Instant::now();
        assert!(markdown::write(&deep, &Set::default()).len() > count);
        started.elapsed()
    };
    time(1_000);
    let (small, large) = (time(2_000), time(32_000));
    assert!(large < small * 16 * 6, "{small:?} for a sixteenth, {large:?} for all");
}
