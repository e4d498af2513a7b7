//! The tables against saved pages. A page's `.expect` beside it was written by reading the page;
//! it names everything that a look should tell, so that what is not named must not be there.

use super::eyes;
use serde_json::{Value, json};
use shim::sites::{self, Evidence, css::Selector};
use shim::wire::chat::Reading;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The project's own pages: `(path, html)`.
pub fn saved() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut pages = Vec::new();
    let folders = std::fs::read_dir(root).unwrap().map(|folder| folder.unwrap().path());
    for folder in folders.filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|end| end == "html") {
                pages.push((path.clone(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    pages.sort();
    pages
}

/// The page's `.expect`.
pub fn expected(path: &Path) -> Value {
    let path = path.with_extension("expect");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What a reading says, in the words of an `.expect`.
fn told(reading: &Reading, url: &str) -> Value {
    let mut value = serde_json::to_value(reading).unwrap();
    let fields = value.as_object_mut().unwrap();
    fields.remove("account");
    fields.remove("site");
    fields.insert("url".into(), url.into());
    fields.insert("busy".into(), reading.busy.signal.clone().into());
    assert_eq!(reading.busy.now, !reading.busy.signal.is_empty());
    let gaps = reading.gaps.iter().map(|gap| gap.slot.clone()).collect::<Vec<_>>();
    fields.insert("gaps".into(), gaps.into());
    for banner in fields["banners"].as_array_mut().unwrap() {
        banner.as_object_mut().unwrap().remove("signal").unwrap();
    }
    let mut turns = fields.remove("changed").unwrap();
    let first = reading.changed.first().map_or(0, |turn| turn.position);
    for turn in turns.as_array_mut().unwrap() {
        let turn = turn.as_object_mut().unwrap();
        turn.remove("at").unwrap();
        if sites::by_name(&reading.site).unwrap().quirks.exchange {
            // The page tells no positions: they are counted from some number on.
            turn["position"] = json!(turn["position"].as_u64().unwrap() - u64::from(first));
        }
        let files = turn["attachments"].as_array().unwrap();
        let files = files.iter().map(|file| file["name"].clone()).collect::<Vec<_>>();
        turn.insert("attachments".into(), files.into());
        for call in turn["calls"].as_array_mut().unwrap() {
            let ended = call["state"] != "running";
            assert_eq!(call["started_at"], json!(eyes::AT));
            assert_eq!(call["ended_at"], if ended { json!(eyes::AT) } else { Value::Null });
            call.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_at"));
        }
        turn.retain(|_, value| !matches!(value, Value::Array(list) if list.is_empty()));
        turn.retain(|name, value| name != "thinking" || value != "");
    }
    fields.insert("turns".into(), turns);
    value
}

#[test]
fn every_saved_page_reads_as_a_person_reads_it() {
    let pages = saved();
    assert!(pages.len() >= 20, "pages are missing");
    let mut wrong = String::new();
    for (path, html) in pages {
        let expected = expected(&path);
        let url = expected["url"].as_str().unwrap();
        let told = told(&eyes::page(&html, url), url);
        for name in told.as_object().unwrap().keys().chain(expected.as_object().unwrap().keys()) {
            let (is, should) = (&told[name], &expected[name]);
            if is != should {
                let file = path.display();
                wrong += &format!("{file}: {name}\n  is     {is}\n  should {should}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_attribute_of_a_table_stands_in_a_saved_page_or_its_row_says_it_is_a_guess() {
    let pages = saved();
    for site in sites::ALL {
        let own: String = pages
            .iter()
            .filter(|(path, _)| path.to_string_lossy().contains(site.name))
            .map(|(_, html)| html.as_str())
            .collect();
        let mut guesses = BTreeSet::new();
        for row in site.rows {
            let selectors = row.css.iter().map(|(css, _)| Selector::parse(css).unwrap());
            for name in selectors
                .flat_map(|s| s.attributes().into_iter().map(str::to_owned).collect::<Vec<_>>())
            {
                let there =
                    own.contains(&format!(" {name}=")) || own.contains(&format!(" {name} "));
                match row.evidence {
                    Evidence::Unconfirmed(_) => drop(guesses.insert(row.slot)),
                    Evidence::Confirmed(_) | Evidence::Measured(_) => {
                        assert!(there, "{}: row {}: no page has {name}", site.name, row.slot);
                    }
                }
            }
        }
        assert!(guesses.len() * 3 < site.rows.len(), "{}: mostly guesses", site.name);
    }
}

#[test]
fn pages_from_elsewhere_are_read_without_a_panic() {
    let Some(root) = std::env::var_os("SHIM_SHARED_PAGES") else { return };
    let urls = [
        ("claude", "https://claude.ai/chat/019edd2f-75f4-7a6d-9e39-f76fa5afb3db"),
        ("chatgpt", "https://chatgpt.com/c/6ab65814-1111-4111-8111-111111111111"),
    ];
    let mut read = 0;
    for folder in std::fs::read_dir(&root).unwrap().map(|folder| folder.unwrap().path()) {
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let Ok(html) = std::fs::read_to_string(&path) else { continue };
            for (_, url) in urls {
                let reading = eyes::page(&html, url);
                println!("{} {}", path.display(), serde_json::to_string(&reading).unwrap());
                read += 1;
            }
        }
    }
    assert!(read > 0, "the folder holds no page");
}
