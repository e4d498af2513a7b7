//! The Markdown writer, case by case.

mod read_back;
mod yardstick;

use super::eyes;
use scraper::Html;
use shim::base::order::Set;
use shim::sites::{self, markdown};
use shim::wire::page::{Node, Plan};

fn plan() -> Plan {
    sites::ALL[0].plan()
}

/// The Markdown of a piece of HTML.
fn md(html: &str) -> String {
    let document = Html::parse_fragment(html);
    let Node::Element(tree) = eyes::tree(&plan(), document.root_element()) else {
        panic!("a document is an element")
    };
    markdown::write(&tree, &Set::default())
}

#[test]
fn each_construct_becomes_its_mark() {
    for (html, wanted) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p> a \n b </p>\n\n<p> </p><p>c</p>", "a b\n\nc"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<h1>A</h1><h3> B <em>c</em></h3><h6></h6>", "# A\n\n### B *c*"),
        ("<p>a <strong>b</strong>, <i>c</i> <s>d</s></p>", "a **b**, *c* ~~d~~"),
        ("<p>a<strong> b </strong>c <b> </b>d</p>", "a **b** c d"),
        ("<p><strong>a <em>b</em></strong></p>", "**a *b***"),
        ("<p>a<br>b<br></p><p><br></p>", "a\\\nb"),
        ("<p>x</p><hr><p>y</p>", "x\n\n---\n\ny"),
        (
            "<p><code>a</code> <code>a`b</code> <code>``</code> <code></code></p>",
            "`a` ``a`b`` ``` `` ```",
        ),
        ("<p><code>`a</code> <code> a </code> <code> </code></p>", "`` `a `` `  a  ` ` `"),
        (
            "<p><a href='https://a.b/c'>d</a> <a href='/e f'>g</a></p>",
            "[d](https://a.b/c) [g](</e f>)",
        ),
        ("<p><a href='https://a.b'>https://a.b</a></p>", "https://a.b"),
        (
            "<p><a href='javascript:alert(1)'>a</a><a href='data:text/html,x'>b</a><a>c</a></p>",
            "abc",
        ),
        (
            "<p><a href='https://a.b'></a>x<a href='https://a.b/(1)'>y</a></p>",
            "x[y](<https://a.b/(1)>)",
        ),
        (
            "<p><img alt='a' src='https://b/c.png'><img alt='' src='data:image/png,A'></p>",
            "![a](https://b/c.png)",
        ),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<blockquote><blockquote>a</blockquote>b</blockquote>", "> > a\n>\n> b"),
        ("<script>a</script><style>b</style><p>c<button>d</button></p>", "c"),
        ("<x-y><p>a</p></x-y><p><x-y>b</x-y></p>", "a\n\nb"),
    ] {
        assert_eq!(md(html), wanted, "{html}");
    }
}

#[test]
fn lists_keep_their_numbers_tasks_and_nesting() {
    for (html, wanted) in [
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ("<ol start=9><li>a</li><li>b<ol><li>c</li></ol></li></ol>", "9. a\n10. b\n    1. c"),
        (
            "<ul>\n<li><p>a</p>\n<ul><li>b</li></ul></li>\n<li><p>c</p></li>\n</ul>",
            "- a\n  - b\n- c",
        ),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n- c"),
        ("<ul><li></li><li>a</li></ul>", "-\n- a"),
        (
            "<ul><li>a<pre><code>b\n\nc</code></pre>d</li></ul>",
            "- a\n\n  ```\n  b\n\n  c\n  ```\n\n  d",
        ),
        (
            "<ul><li><input type=checkbox checked>a<li><p><input type=checkbox> b</ul>",
            "- [x] a\n- [ ] b",
        ),
        ("<ul><li><blockquote>a</blockquote></li></ul>", "- > a"),
        (
            "<ul><li><input type=checkbox> <div><ol start=2><li>a</li></ol></div></li>\
             <li><input type=checkbox checked><ul><li>b</li><li>c</li></ul>d</li></ul>",
            "- [ ] 2. a\n- [x] - b\n  - c\n\n  d",
        ),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    ] {
        assert_eq!(md(html), wanted, "{html}");
    }
}

#[test]
fn code_blocks_keep_every_character() {
    for (html, wanted) in [
        (
            "<pre><code class='language-rust'>fn a() {\n    b\n}\n</code></pre>",
            "```rust\nfn a() {\n    b\n}\n```",
        ),
        ("<pre><code class='hljs language-c++'>a\t</code></pre>", "```c++\na\t\n```"),
        ("<pre><code>```\nx\n```</code></pre>", "````\n```\nx\n```\n````"),
        ("<pre>*a* &lt;b&gt;</pre>", "```\n*a* <b>\n```"),
        ("<pre><code><span>a</span><br><span>b</span></code></pre>", "```\na\nb\n```"),
        ("<pre><code><div>a</div><div>b</div></code></pre>", "```\na\nb\n```"),
        ("<pre><div>python Copy</div><div><pre><code>a</code></pre></div></pre>", "```\na\n```"),
        (
            "<pre><p>x</p><div class=cm-content><p>a</p><div><br></div><div>b</div></div></pre>",
            "```\na\n\nb\n```",
        ),
        ("<pre><code class='language-`x'>a</code></pre>", "```\na\n```"),
        ("<blockquote><pre><code>a\n\nb</code></pre></blockquote>", "> ```\n> a\n>\n> b\n> ```"),
        ("<pre> </pre><p>a</p>", "a"),
        ("<pre class='lang-js'><code>a</code></pre>", "```js\na\n```"),
        (
            "<pre class='shiki' data-language='ts'><code><span class='line'>a</span>\n\
             <span class='line'></span>\n<span class='line'>  b</span></code></pre>",
            "```ts\na\n\n  b\n```",
        ),
        (
            "<pre><code class='language-py'><span class='react-syntax-highlighter-line-number'>1\
             </span><span>a</span>\n<span class='linenumber'>2</span>b</code></pre>",
            "```py\na\nb\n```",
        ),
        (
            "<div><div><span>sql</span><button>Copy</button></div><div><pre><code>a</code></pre>\
             </div></div>",
            "```sql\na\n```",
        ),
        (
            "<div class='language-sh x'><div class='cm-editor'><div class='cm-gutters'>1</div>\
             <div class='cm-content' data-language='shell'><div>a</div><div>b</div></div></div>\
             </div>",
            "```sh\na\nb\n```",
        ),
        ("<div><div>one word</div><p>b</p></div>", "one word\n\nb"),
        ("<div><div>word<button>Copy</button></div><p>b</p></div>", "word\n\nb"),
    ] {
        assert_eq!(md(html), wanted, "{html}");
    }
}

#[test]
fn tables_are_one_line_a_row() {
    let html = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1|2</td><td>\
                <code>x|y</code></td></tr><tr><td><p>c</p><p>d<br>e</p></td></tr></tbody></table>";
    let wanted = "| a | b |\n| --- | --- |\n| 1\\|2 | `x\\|y` |\n| c d<br>e |  |";
    assert_eq!(md(html), wanted);
    assert_eq!(md("<table></table><p>a</p>"), "a");
    let sides = "<table><tr><th align=left>a</th><th align=right>b</th><th align=center>c</th>\
                 <th>d</th></tr></table>";
    assert_eq!(md(sides), "| a | b | c | d |\n| :--- | ---: | :---: | --- |");
    let nested = "<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>";
    assert_eq!(md(nested), "| a b |\n| --- |");
}

#[test]
fn formulas_keep_their_source() {
    let drawn = |display: &str| {
        let katex = "<span class='katex'><span class='katex-mathml'><math><semantics><mrow>\
             <mi>x</mi></mrow><annotation encoding='application/x-tex'>x_1^2</annotation>\
             </semantics></math></span><span class='katex-html'>x12</span></span>";
        format!("<p>a {}{katex}{} b</p>", display, if display.is_empty() { "" } else { "</span>" })
    };
    assert_eq!(md(&drawn("")), "a $x_1^2$ b");
    assert_eq!(md(&drawn("<span class='katex-display'>")), "a\n\n$$\nx_1^2\n$$\n\nb");
    let kept = "<p>a <span class='math-inline' data-math='y^2'><span>y2</span></span></p>\
                <div class='math-block' data-math='z'><span>z</span></div>";
    assert_eq!(md(kept), "a $y^2$\n\n$$\nz\n$$");
    let named = "<p>a <math alttext='w_1'><mi>w</mi></math> <math><mi>v</mi></math></p>";
    assert_eq!(md(named), "a $w_1$ v");
    let block = "<div>a<math display='block' alttext='u'><mi>u</mi></math></div>";
    assert_eq!(md(block), "a\n\n$$\nu\n$$");
}

#[test]
fn what_a_person_typed_stays_as_it_is() {
    let html = "<p class='whitespace-pre-wrap'>1. a\n\n  *b* &lt;c&gt; `d`\\</p>\
                <p class='whitespace-pre-wrap break-words'># e\n</p>";
    assert_eq!(md(html), "1. a\n\n  *b* <c> `d`\\\n\n# e");
    assert_eq!(md("<div class='whitespace-pre-wrap'>a<br>b</div>"), "a\nb");
}

#[test]
fn plain_text_is_never_read_as_a_mark() {
    for (html, wanted) in [
        ("<p># a</p><p>- b</p><p>12. c</p><p>&gt; d</p>", "\\# a\n\n\\- b\n\n12\\. c\n\n\\> d"),
        ("<p>#a -b 12.5 &gt;= 2 * 3</p>", "#a -b 12.5 >= 2 * 3"),
        ("<p>snake_case_name __init__ *x*</p>", "snake_case_name \\_\\_init\\_\\_ \\*x\\*"),
        ("<p>`a` &lt;b&gt; &amp;lt; a &lt; b &amp; c;</p>", "\\`a\\` \\<b> \\&lt; a < b & c;"),
        ("<p>[a](b) [1] a\\b \\*</p>", "\\[a](b) [1] a\\b \\\\\\*"),
        ("<p>---</p><p>~~~</p><p>~~a~~</p>", "\\---\n\n\\~\\~\\~\n\n\\~\\~a\\~\\~"),
    ] {
        assert_eq!(md(html), wanted, "{html}");
    }
}

#[test]
fn what_is_dropped_is_left_out() {
    let document = Html::parse_fragment("<p>a <i>b</i></p><ul><li>c</li></ul><pre><b>d</b>e</pre>");
    let Node::Element(tree) = eyes::tree(&plan(), document.root_element()) else { panic!() };
    let drop = sites::css::Selector::parse("i, li, pre b").unwrap();
    let drop = drop.find_all(&tree).into_iter().map(|e| std::ptr::from_ref(e).addr()).collect();
    assert_eq!(markdown::write(&tree, &drop), "a\n\n```\ne\n```");
}

#[test]
fn the_header_of_a_code_block_names_its_language_even_where_it_is_dropped() {
    for (header, language) in [
        ("JSON Copy", "json"),
        ("<span>c++</span><button>Copy code</button>", "c++"),
        ("Copy", ""),
        ("<button>Copy</button>", ""),
        ("Ran for 4s", ""),
        ("json Copy</i><p>b</p><i>", ""),
    ] {
        let html = format!("<div><i>{header}</i><div><pre><code>a</code></pre></div></div>");
        let document = Html::parse_fragment(&html);
        let Node::Element(tree) = eyes::tree(&plan(), document.root_element()) else { panic!() };
        let drop = sites::css::Selector::parse("i").unwrap().find_all(&tree);
        let drop = drop.into_iter().map(|e| std::ptr::from_ref(e).addr()).collect();
        let written = markdown::write(&tree, &drop);
        let fence = written.lines().find(|line| line.starts_with("```"));
        assert_eq!(fence, Some(format!("```{language}").as_str()), "{header}");
    }
}
