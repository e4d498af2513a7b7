//! What a page shows: its trees, its markup, its messages, and the rows by which it is read.

use super::mutate::Fields;
use super::{Decoder, MANY, SOME};
use crate::eyes::{AT, CHATGPT, CLAUDE, look, reader_of, site_of};
use crate::pages;
use serde_json::json;
use shim::base::order::Set;
use shim::base::{Moment, Span, limits};
use shim::session::engine::Engine;
use shim::session::meter::Meter;
use shim::session::triggers::Triggers;
use shim::sites::css::Selector;
use shim::sites::reader::Reader;
use shim::sites::structure::structure;
use shim::sites::{self, Site, markdown, markup, shape};
use shim::wire::chat::Turn;
use shim::wire::page::{Element, Node, PageFlush, SlotView};
use shim::wire::point::Part;
use shim::wire::rows::SiteRows;
use shim::wire::session::{Known, SessionEvent};
use shim::wire::signals::Risk;

pub const ALL: &[Decoder] = &[
    Decoder {
        name: "look at a page",
        of: &["src/sites/reader/scan.rs", "src/sites/reader/mod.rs"],
        valid: looks,
        read: read_look,
        rounds: SOME,
    },
    Decoder {
        name: "page without a table",
        of: &["src/sites/shape/mod.rs", "src/sites/shape/point.rs", "src/sites/structure.rs"],
        valid: shapes,
        read: read_shape,
        rounds: SOME,
    },
    Decoder {
        name: "markup",
        of: &["src/sites/markup.rs", "src/sites/markdown/mod.rs"],
        valid: markups,
        read: read_markup,
        rounds: MANY,
    },
    Decoder {
        name: "end of a limit",
        of: &["src/sites/reader/resets.rs", "src/sites/reader/banners.rs"],
        valid: limits_told,
        read: read_limit,
        rounds: MANY,
    },
    Decoder {
        name: "selector",
        of: &["src/sites/css.rs", "src/sites/css/parser.rs"],
        valid: selectors,
        read: read_selector,
        rounds: MANY,
    },
    Decoder {
        name: "rows",
        of: &["src/sites/rows.rs"],
        valid: rows,
        read: read_rows,
        rounds: MANY,
    },
    Decoder {
        name: "event of a chat",
        of: &["src/session/engine/mod.rs"],
        valid: events,
        read: read_event,
        rounds: SOME,
    },
    Decoder {
        name: "counters of a chat",
        of: &["src/session/engine/chat.rs"],
        valid: counters,
        read: read_counters,
        rounds: SOME,
    },
];

/// Saved pages of each site, the small ones, with an address of theirs.
fn small_pages() -> Vec<(String, &'static str)> {
    let all = pages::saved().into_iter().filter(|(_, html)| html.len() < 12_000);
    let with_url = all.filter_map(|(path, html)| {
        let path = path.to_string_lossy().into_owned();
        let url = if path.contains("claude") { CLAUDE } else { CHATGPT };
        (path.contains("claude") || path.contains("chatgpt")).then_some((html, url))
    });
    with_url.step_by(3).collect()
}

fn json_of<T: serde::Serialize>(value: &T) -> Fields {
    vec![serde_json::to_vec(value).unwrap()]
}

fn looks() -> Vec<Fields> {
    let look = |(html, url): (String, &str)| look(&site_of(&html, url).plan(), &html, url);
    small_pages().into_iter().map(|page| json_of(&look(page))).collect()
}

/// Read by two tables, and then the same again.
fn read_look(fields: &[Vec<u8>]) -> bool {
    let Ok(flush) = serde_json::from_slice::<PageFlush>(&fields.concat()) else { return false };
    for url in [CLAUDE, CHATGPT] {
        let (mut reader, _) = reader_of(url);
        let first = reader.read(AT, &flush);
        assert!(first.mounted.len() <= limits::MOUNTED_TURNS * 2, "{}", first.mounted.len());
        reader.read(AT.after(Span::seconds(1)), &flush);
        reader.settle(AT.after(Span::seconds(9)));
    }
    true
}

fn shapes() -> Vec<Fields> {
    let plan = shape::plan();
    let look = |(html, url): (String, &str)| {
        let flush = look(&plan, &html, url);
        json_of(&flush.slots[shape::PAGE].nodes[0])
    };
    small_pages().into_iter().take(6).map(look).collect()
}

fn read_shape(fields: &[Vec<u8>]) -> bool {
    let Ok(Node::Element(page)) = serde_json::from_slice(&fields.concat()) else { return false };
    for part in Part::ALL {
        let _ = shape::point(&page, part, None);
    }
    drop(structure(&page, 7));
    let view = SlotView { rank: 0, nodes: vec![Node::Element(page)] };
    let slots = [(shape::PAGE.to_owned(), view)].into_iter().collect();
    if let Some(rows) = shape::rows(&PageFlush { slots, ..PageFlush::default() }) {
        Site::of_rows(&rows).expect("rows of a shape are a table");
    }
    true
}

fn markups() -> Vec<Fields> {
    let some = [
        "<div class=\"a b\" id=\"x\"><p>One <b>two</b> &amp; &#x1f914;</p><!-- no --><br></div>",
        "<div><ul><li>a<ol><li>b</li></ol></li></ul>\
         <pre><code class=\"language-rs\">fn</code></pre></div>",
        "<table><thead><tr><th>a|b</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        "<article><details open=\"\"><summary>s</summary>\
         <math alttext=\"x\"></math></details></article>",
    ];
    some.iter().map(|one| vec![one.as_bytes().to_vec()]).collect()
}

fn read_markup(fields: &[Vec<u8>]) -> bool {
    let written = String::from_utf8_lossy(&fields.concat()).into_owned();
    let wanted: Set<&str> = ["class", "alttext", "id", "href"].into_iter().collect();
    let tree = markup::tree(&written, &wanted);
    assert!(depth(&tree) <= limits::TREE_DEPTH + 1, "{}", depth(&tree));
    let text = markdown::write(&tree, &Set::default());
    assert!(text.len() <= 20_000 + 40 * written.len(), "{} of {}", text.len(), written.len());
    !tree.tag.is_empty()
}

fn depth(element: &Element) -> usize {
    let inside = element.children.iter().map(|child| match child {
        Node::Element(child) => depth(child),
        Node::Text(_) => 0,
    });
    1 + inside.max().unwrap_or_default()
}

fn limits_told() -> Vec<Fields> {
    let some = [
        "You\u{2019}ve hit your limit. Limits will reset at 9:30 AM.",
        "until it resets on May 9, 7:55 PM.",
        "Resets in 3 hours 20 minutes",
        "resets Monday, 8:00 AM (UTC+2)",
        "\u{c624}\u{d6c4} 9:30\u{c5d0} \u{c7ac}\u{c124}\u{c815}, 50% left",
        "2027-01-15T12:30:00+02:00",
    ];
    some.iter().map(|one| vec![one.as_bytes().to_vec(), b"345".to_vec()]).collect()
}

/// As words and as the time of an element, on a page's clock of any zone.
fn read_limit(fields: &[Vec<u8>]) -> bool {
    let text =
        |at: usize| String::from_utf8_lossy(fields.get(at).map_or(&[][..], |f| f)).into_owned();
    let (said, mut reader) = (text(0), reader_of(CLAUDE).0);
    let page =
        "<div role=dialog><p id=rate-limit-risk-reversal>x<time datetime=y>z</time></p></div>";
    let mut seen = look(&reader_of(CLAUDE).1, page, CLAUDE);
    seen.zone_min = text(1).parse().ok();
    for node in seen.slots.values_mut().flat_map(|view| &mut view.nodes) {
        put(node, &said);
    }
    let banners = reader.read(AT, &seen).banners;
    let far = |at: Moment| at.0 > AT.0 + 400 * 86_400_000 || at.0 + 400 * 86_400_000 < AT.0;
    let odd = banners.iter().filter_map(|banner| banner.resets_at).filter(|at| far(*at));
    // A time with a year may be of any.
    assert!(odd.count() == 0 || said.contains('T') || said.contains('t'), "{said}: {banners:?}");
    !banners.is_empty()
}

/// Says it in place of every text, and as every time.
fn put(node: &mut Node, said: &str) {
    match node {
        Node::Text(text) => said.clone_into(text),
        Node::Element(element) => {
            let times = element.attrs.iter_mut().filter(|(name, _)| name == "datetime");
            times.for_each(|(_, value)| said.clone_into(value));
            element.children.iter_mut().for_each(|child| put(child, said));
        }
    }
}

fn selectors() -> Vec<Fields> {
    let css = sites::ALL.iter().flat_map(|site| site.rows).flat_map(|row| row.css);
    css.step_by(7).map(|(css, _)| vec![css.as_bytes().to_vec()]).collect()
}

fn read_selector(fields: &[Vec<u8>]) -> bool {
    let Ok(css) = Selector::parse(&String::from_utf8_lossy(&fields.concat())) else { return false };
    let names: Set<&str> = ["class", "id", "href"].into_iter().collect();
    let tree = markup::tree("<div class=\"a\"><p id=\"b\">x<a href=\"c\">y</a></p></div>", &names);
    assert!(css.find_all(&tree).len() <= 3);
    let _ = (css.attributes(), css.find_first(&tree), css.find_outer(&tree));
    true
}

fn rows() -> Vec<Fields> {
    let turn = json!({ "slot": "turn", "css": ["[data-turn]"], "expect": "many", "scope": "page" });
    let key = json!({ "slot": "key", "css": ["[id]", "a > b.c:not(.d)"], "attr": "id" });
    let own = json!({ "name": "my-chat", "keyless": true, "rows": [turn, key] });
    vec![json_of(&own)]
}

fn read_rows(fields: &[Vec<u8>]) -> bool {
    let Ok(rows) = serde_json::from_slice::<SiteRows>(&fields.concat()) else { return false };
    let Ok(site) = Site::of_rows(&rows) else { return false };
    assert!(site.faults().is_empty());
    let html = "<body><div data-turn id=a>x</div></body>";
    Reader::new(site).read(AT, &look(&site.plan(), html, "https://a.example/"));
    true
}

const STARTED: &str = "{\"started\":{\"url\":\"URL\",\"document\":\"d\"}}";

fn started() -> SessionEvent {
    serde_json::from_str(&STARTED.replace("URL", CLAUDE)).unwrap()
}

/// An engine that looked at a chat.
fn engine() -> Engine {
    let mut engine = Engine::new();
    let html = small_pages().into_iter().find(|(_, url)| *url == CLAUDE).unwrap().0;
    let flush = look(&site_of(&html, CLAUDE).plan(), &html, CLAUDE);
    for event in [started(), SessionEvent::Connected, SessionEvent::Page(flush)] {
        engine.step(AT, event, &mut Vec::new());
    }
    engine
}

fn events() -> Vec<Fields> {
    let page = looks().remove(0).remove(0);
    let page: PageFlush = serde_json::from_slice(&page).unwrap();
    let known = Known { last_checkpoint: 3, ..Known::default() };
    let typed = [
        started(),
        SessionEvent::Page(page),
        SessionEvent::Known(Box::new(known)),
        SessionEvent::SaveNow,
        SessionEvent::Leaving,
    ];
    let texts = [
        r#"{"filled":{"written":{"read_back":"a"}}}"#,
        r#"{"saved":{"turns":{"k":18446744073709551615}}}"#,
        r#"{"stream_saved":{"key":"k","hash":7}}"#,
        r#"{"checkpoint_saved":{"number":7,"request":1}}"#,
        r#"{"place":{"resume":"r","text":"Go on.","nonce":"n","about":{"turns":7,"saved_at":5}}}"#,
        r#"{"gather":{"whole":{"path":"/api/{chat}","token":""}}}"#,
        r#"{"scrolled":{"moved":true,"taken":false}}"#,
        r#"{"called":{"status":200,"text":"{}"}}"#,
        r#"{"weighed":{"nodes":9,"span_ms":1,"long_ms":3,"heap_mb":1,"heap_most_mb":2}}"#,
        r#"{"card":"send"}"#,
        r#"{"rows":{"name":"a","rows":[{"slot":"turn","css":["p"],"scope":"page"}]}}"#,
    ];
    let typed = typed.iter().map(json_of);
    typed.chain(texts.iter().map(|text| vec![text.as_bytes().to_vec()])).collect()
}

/// As the entry of a page does: what is understood is stepped, what comes of it is written.
fn read_event(fields: &[Vec<u8>]) -> bool {
    let Ok(event) = serde_json::from_slice::<SessionEvent>(&fields.concat()) else { return false };
    let mut engine = engine();
    let mut out = Vec::new();
    engine.step(AT, event, &mut out);
    for seconds in [1, 4, 60] {
        engine.step(AT.after(Span::seconds(seconds)), SessionEvent::Wake, &mut out);
        let _ = engine.next_wake();
    }
    out.iter().for_each(|effect| drop(serde_json::to_string(effect).unwrap()));
    true
}

/// What the engine has its chat's head keep.
pub fn kept() -> String {
    let (mut meter, turn) = (Meter::default(), crate::codec::a_turn());
    for seconds in 1..9 {
        meter.turn(AT.after(Span::seconds(seconds)), &Turn { position: 3, ..turn.clone() });
    }
    json!({ "meter": meter, "triggers": Triggers::default(), "told": {} }).to_string()
}

fn counters() -> Vec<Fields> {
    vec![vec![kept().into_bytes()]]
}

fn read_counters(fields: &[Vec<u8>]) -> bool {
    let meter = String::from_utf8_lossy(&fields.concat()).into_owned();
    let is_one = meter.starts_with('{');
    let (mut engine, mut out) = (engine(), Vec::new());
    let known = Known { meter, ..Known::default() };
    engine.step(AT, SessionEvent::Known(Box::new(known)), &mut out);
    for seconds in [1, 5, 60] {
        engine.step(AT.after(Span::seconds(seconds)), SessionEvent::Wake, &mut out);
    }
    let measured = engine.measured(AT.after(Span::seconds(61)));
    assert!(measured.risk == Risk::default() || (0.0..=1.0).contains(&measured.risk.score));
    is_one
}
