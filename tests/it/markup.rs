//! Markup as a browser writes it, read into the very tree that asking for each node gives.

use crate::pages;
use scraper::{Html, Selector};
use shim::base::chance::Chance;
use shim::base::order::Set;
use shim::sites::markup;
use shim::wire::page::{Element, Node, Plan};

fn plan(attrs: &[&str]) -> Plan {
    let attrs = attrs.iter().map(|name| (*name).to_owned()).collect();
    Plan { attrs, max_depth: 96, max_nodes: 40_000, max_chars: 2_000_000, ..Plan::default() }
}

fn read(written: &str, wanted: &[&str]) -> String {
    let wanted: Set<&str> = wanted.iter().copied().collect();
    serde_json::to_string(&Node::Element(markup::tree(written, &wanted))).unwrap()
}

/// Attributes in one order: a browser's is the page's, the twin's is the plan's.
fn ordered(mut element: Element) -> Element {
    element.attrs.sort();
    for child in &mut element.children {
        if let Node::Element(inner) = child {
            *inner = ordered(std::mem::take(inner));
        }
    }
    element
}

#[test]
fn every_element_of_every_saved_page_is_the_same_tree_by_its_markup() {
    let wanted = ["class", "data-testid", "href", "role", "aria-label", "data-turn-key", "title"];
    let plan = plan(&wanted);
    let names: Set<&str> = wanted.iter().copied().collect();
    // A field tells what was typed, which no markup holds.
    let any = Selector::parse("body *:not(input, textarea):not([contenteditable])").unwrap();
    let field = Selector::parse("input, textarea, [contenteditable]").unwrap();
    let skipped = ["script", "style", "noscript", "template"];
    let mut compared = 0;
    for (path, html) in pages::saved() {
        let page = Html::parse_document(&html);
        for element in page.select(&any) {
            let inside = element.ancestors().filter_map(scraper::ElementRef::wrap);
            let drawn = inside.chain([element]).any(|it| it.value().name() == "svg");
            let name = element.value().name();
            if drawn || skipped.contains(&name) || element.select(&field).next().is_some() {
                continue;
            }
            let Node::Element(asked) = shim_eyes::tree(&plan, element) else { unreachable!() };
            let written = markup::tree(&element.html(), &names);
            let (asked, written) = (ordered(asked), ordered(written));
            assert_eq!(written, asked, "{}: {}", path.display(), element.html());
            compared += 1;
        }
    }
    assert!(compared > 3_000, "{compared}");
}

#[test]
fn text_is_what_it_stands_for_and_what_nobody_reads_is_left_out() {
    let cases = [
        ("<p>a &lt;b&gt; &amp;amp; c&nbsp;d</p>", "[\"p\",{},\"a <b> &amp; c\u{a0}d\"]"),
        ("<p title=\"a &quot;>&amp;\" onclick=\"x\">1</p>", r#"["p",{"title":"a \">&"},"1"]"#),
        (
            "<p>a<!-- <b> -->b<br>c<img src=\"x\">d</p>",
            r#"["p",{},"a","b",["br",{}],"c",["img",{}],"d"]"#,
        ),
        ("<p>a<script>if (a < b && \"</p>\") {}</script>b</p>", r#"["p",{},"a","b"]"#),
        ("<p>a<style>b > i { }</style><template><i>x</i></template>c</p>", r#"["p",{},"a","c"]"#),
        (
            "<p><svg title=\"x\"><path d=\"1\"></path><style>a</style></svg>b</p>",
            r#"["p",{},["svg",{"title":"x"}],"b"]"#,
        ),
        (
            "<p><button disabled=\"\">a</button><i aria-checked=\"true\">b</i></p>",
            r#"["p",{},["button",{":disabled":"true"},"a"],["i",{":checked":"true"},"b"]]"#,
        ),
        ("<i disabled=\"\" aria-disabled=\"true\">b</i>", r#"["i",{":disabled":"true"},"b"]"#),
        ("<xmp>a <b> &amp;</xmp>", r#"["xmp",{},"a <b> &amp;"]"#),
    ];
    for (written, tree) in cases {
        assert_eq!(read(written, &["title"]), tree, "{written}");
    }
}

#[test]
fn what_is_too_deep_comes_as_text_and_what_is_too_much_is_marked() {
    let deep = format!("{}x<i>y</i>{}", "<b>".repeat(120), "</b>".repeat(120));
    let tree = read(&deep, &[]);
    assert_eq!(tree.matches("[\"b\",{}").count(), 96);
    assert!(tree.contains("\"xy\""), "{tree}");

    let many = format!("<p>{}</p>", "<b></b>".repeat(50_000));
    let tree = read(&many, &[]);
    assert!(tree.starts_with("[\"p\",{\":cut\":\"true\"}"));
    assert_eq!(tree.matches("[\"b\",{}]").count(), 40_000);

    let long = format!("<p><b>{}</b>c</p>", "ä".repeat(2_100_000));
    let tree = read(&long, &[]);
    assert!(tree.starts_with("[\"p\",{\":cut\":\"true\"},[\"b\",{\":cut\":\"true\"},\"ä"));
    assert_eq!(tree.chars().filter(|c| *c == 'ä').count(), 2_000_000);
}

#[test]
fn no_letter_counts_for_more_than_one() {
    let many = format!("<p>{}</p>", format!("<b>{}</b>", "漢".repeat(60_000)).repeat(30));
    let tree = read(&many, &[]);
    assert!(!tree.contains(":cut"));
    assert_eq!(tree.chars().filter(|c| *c == '漢').count(), 1_800_000);
}

/// A text that a browser writes as it is, `xmp`, may hold what no browser writes.
#[test]
fn a_text_that_poses_as_markup_holds_nobody_up() {
    let twice = format!("<button {}>x</button>", "class=\"a\" disabled=\"\" ".repeat(80_000));
    let twice = twice.replace(" >", ">");
    assert_eq!(read(&twice, &["class"]), r#"["button",{"class":"a",":disabled":"true"},"x"]"#);
    let deep = format!("<p>{}{}x</p>", "<b>".repeat(250_000), "</i>".repeat(250_000));
    let tree = read(&deep, &[]);
    assert!(tree.starts_with("[\"p\",{\":cut\":\"true\"}"), "{}", tree.len());
    assert!(tree.len() < 10_000, "{}", tree.len());
}

#[test]
fn whatever_a_page_writes_is_read_to_an_end() {
    let pieces = [
        "<",
        ">",
        "</",
        "<!--",
        "-->",
        "<p",
        "<b>",
        "</b>",
        "</p>",
        " class=\"",
        "\"",
        "=",
        "/",
        "<script>",
        "</script>",
        "<svg>",
        "</svg>",
        "<template>",
        "&",
        "&amp;",
        "&#",
        "ä",
        " ",
        "<br>",
        "<plaintext>",
        "\u{0}",
        "<i disabled",
        "<1",
        "<xmp>",
    ];
    let wanted: Set<&str> = ["class"].into_iter().collect();
    let mut kept = 0;
    for seed in 0..4_000 {
        let mut chance = Chance::new(seed);
        let mut written = String::from(if chance.percent(50) { "<p>" } else { "" });
        for _ in 0..chance.below(60) {
            let at = usize::try_from(chance.below(pieces.len() as u64)).unwrap();
            written.push_str(pieces[at]);
        }
        let tree = serde_json::to_string(&Node::Element(markup::tree(&written, &wanted))).unwrap();
        assert!(tree.len() < 200 + 40 * written.len(), "{written}");
        kept += tree.len();
    }
    assert!(kept > 100_000, "{kept}");
}
