//! Finding a conversation by its shape alone: how much of it is found, in the project's own pages
//! without their tables, and in pages of programs that have none (`tests/shapes`).

mod pages;
mod point;
mod properties;

use super::eyes;
use scraper::{Html, Selector};
use serde_json::Value;
use shim::sites::{Site, reader::Reader, shape};
use shim::wire::chat::{CallState, Reading, Role};
use shim::wire::page::Plan;
use shim::wire::rows::SiteRows;
use shim_eyes::conversation::rows_by_shape;

/// What the shape of a page tells. None: there is no conversation.
fn rows(html: &str, url: &str) -> Option<SiteRows> {
    rows_by_shape(&Html::parse_document(html), url)
}

/// The table of these rows; every table that is found must be one.
fn table(rows: &SiteRows) -> &'static Site {
    let made = Site::of_rows(rows);
    made.unwrap_or_else(|problem| panic!("{problem}: {}", serde_json::to_string(rows).unwrap()))
}

/// What the reader sees in a page by these rows.
fn read(rows: &SiteRows, html: &str, url: &str) -> Reading {
    let site = table(rows);
    Reader::new(site).read(eyes::AT, &eyes::look(&site.plan(), html, url))
}

/// The plan of a look for the shape, and the tree that it brings.
fn tree(html: &str) -> shim::wire::page::PageFlush {
    let plan: Plan = shape::plan();
    eyes::look(&plan, html, "http://localhost/")
}

/// Words of a text, whatever the white space between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn role(role: Role) -> &'static str {
    if role == Role::User { "user" } else { "assistant" }
}

fn state(state: CallState) -> String {
    serde_json::to_value(state).unwrap().as_str().unwrap().to_owned()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Whether a selector finds the very element of a page that another one finds.
fn same_element(html: &str, one: &str, other: &str) -> bool {
    let document = Html::parse_document(html);
    let find = |css: &str| {
        let css = Selector::parse(css).unwrap();
        document.select(&css).next().map(|element| element.id())
    };
    find(one).is_some() && find(one) == find(other)
}
