//! The eyes' native twin in the tests: addresses and moments that all of them share.

mod conversation;
mod fuzz;
mod limits;
mod mutations;
mod odd;
mod states;
mod tables;

use scraper::{Html, Selector};
use shim::base::Moment;
use shim::sites::{self, Site, reader::Reader};
use shim::wire::chat::Reading;
use shim::wire::page::Plan;
use shim_eyes::conversation::table_for;
pub use shim_eyes::{look, tree};

/// A chat's address on each site.
pub const CLAUDE: &str = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";
/// Likewise.
pub const CHATGPT: &str = "https://chatgpt.com/c/99999999-8888-4777-8666-555555555555";
/// When every test's page is read.
pub const AT: Moment = Moment(1_800_000_000_000);

/// What one look tells of a page.
pub fn page(html: &str, url: &str) -> Reading {
    let site = site_of(html, url);
    Reader::new(site).read(AT, &look(&site.plan(), html, url))
}

/// The table for a page: by its address, or by its marks.
pub fn site_of(html: &str, url: &str) -> &'static Site {
    table_for(&Html::parse_document(html), url).expect("a page of a known site")
}

/// A new reader for a page of this address, and the plan of its eyes.
pub fn reader_of(url: &str) -> (Reader, Plan) {
    let site = sites::for_url(url).unwrap();
    (Reader::new(site), site.plan())
}

#[test]
fn every_selector_of_a_plan_is_understood_by_both() {
    for site in sites::ALL {
        assert!(site.faults().is_empty(), "{:?}", site.faults());
        for (slot, how) in site.plan().slots {
            for css in how.css {
                let read = Selector::parse(&css);
                assert!(read.is_ok(), "{} {slot}: {css}", site.name);
            }
        }
    }
}

#[test]
fn a_tree_holds_text_as_it_stands_and_only_allowed_attributes() {
    let plan = Plan {
        attrs: vec!["href".to_owned()],
        max_depth: 9,
        max_nodes: 99,
        max_chars: 99,
        ..Plan::default()
    };
    let html =
        Html::parse_fragment("<p class=x> a <a href=/y onclick=z>b</a><script>c</script>\n</p>");
    let p = html.select(&Selector::parse("p").unwrap()).next().unwrap();
    let json = serde_json::to_string(&tree(&plan, p)).unwrap();
    assert_eq!(json, r#"["p",{}," a ",["a",{"href":"/y"},"b"],"\n"]"#);
}

#[test]
fn what_is_too_deep_comes_as_text_and_what_is_too_much_is_marked() {
    let plan = Plan { max_depth: 2, max_nodes: 5, max_chars: 99, ..Plan::default() };
    let html = Html::parse_fragment("<p><b>a<i>b</i></b><b>c</b><b>d</b><b>e</b></p>");
    let p = html.select(&Selector::parse("p").unwrap()).next().unwrap();
    let json = serde_json::to_string(&tree(&plan, p)).unwrap();
    assert_eq!(json, r#"["p",{":cut":"true"},["b",{},"a","b"],["b",{},"c"]]"#);
}
