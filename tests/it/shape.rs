//! Finding a conversation by its shape alone: the project's own pages without their tables.

use super::{eyes, pages};
use serde_json::Value;
use shim::sites::reader::Reader;
use shim::sites::shape;
use shim::wire::chat::{Reading, Role};
use shim_eyes::conversation::table_by_shape;

/// What the readers see in a page by its shape.
fn read(html: &str, url: &str) -> Option<Reading> {
    let document = scraper::Html::parse_document(html);
    let site = table_by_shape(&document, url)?;
    Some(Reader::new(site).read(eyes::AT, &eyes::look(&site.plan(), html, url)))
}

fn roles(reading: &Reading) -> Vec<&'static str> {
    let name = |role| if role == Role::User { "user" } else { "assistant" };
    reading.changed.iter().map(|turn| name(turn.role)).collect()
}

#[test]
fn zz() {
    for (path, html) in pages::saved() {
        let expected = pages::expected(&path);
        let url = expected["url"].as_str().unwrap_or_default().to_owned();
        let wanted: Vec<&str> = expected["turns"]
            .as_array()
            .map_or(Vec::new(), |t| t.iter().map(|t| t["role"].as_str().unwrap_or("?")).collect());
        let found = read(&html, &url);
        let got = found.as_ref().map(|r| roles(r)).unwrap_or_default();
        println!(
            "{} {} {:?} {:?}",
            if got == wanted { "ok " } else { "BAD" },
            path.display().to_string().rsplit("pages/").next().unwrap(),
            wanted.len(),
            got
        );
    }
}
