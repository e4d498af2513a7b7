//! The tables against saved pages. A page's `.expect` beside it was written by reading the page;
//! it names everything that a look should tell, so that what is not named must not be there.

use super::eyes;
use serde_json::{Value, json};
use shim::base::origin;
use shim::sites::{self, Evidence, Row, Why, css::Selector, reader::Reader};
use shim::wire::chat::{Place, Reading};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The project's own pages: `(path, html)`.
pub fn saved() -> Vec<(PathBuf, String)> {
    folders("tests/pages")
}

/// The pages in the folders of this folder: `(path, html)`.
pub fn folders(root: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
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
    if sites::for_url(url).is_some() {
        fields.remove("site");
    } else if let Some((table, place)) = reading.site.split_once('@') {
        assert_eq!(place, origin::authority(url));
        fields.insert("site".into(), table.into());
    }
    fields.insert("url".into(), url.into());
    fields.insert("busy".into(), reading.busy.signal.clone().into());
    assert_eq!(reading.busy.now, !reading.busy.signal.is_empty());
    let gaps = reading.gaps.iter().map(|gap| gap.slot.clone()).collect::<Vec<_>>();
    fields.insert("gaps".into(), gaps.into());
    for banner in fields["banners"].as_array_mut().unwrap() {
        let banner = banner.as_object_mut().unwrap();
        banner.remove("signal").unwrap();
        banner.retain(|_, value| !value.is_null());
    }
    if reading.place == Place::default() {
        fields.remove("place");
    }
    let mut turns = fields.remove("changed").unwrap();
    let first = reading.changed.first().map_or(0, |turn| turn.position);
    for turn in turns.as_array_mut().unwrap() {
        let turn = turn.as_object_mut().unwrap();
        turn.remove("at").unwrap();
        turn.remove("read_at").unwrap();
        turn.remove("found").unwrap();
        if first > 1_000 {
            // The page tells no positions: they are counted from some number on.
            turn["position"] = json!(turn["position"].as_u64().unwrap() - u64::from(first));
        }
        let files = turn["attachments"].as_array().unwrap();
        let plain = |file: &Value| file["kind"] == "" && file["size"] == "";
        let told = |file: &Value| if plain(file) { file["name"].clone() } else { file.clone() };
        let files = files.iter().map(told).collect::<Vec<_>>();
        turn.insert("attachments".into(), files.into());
        for call in turn["calls"].as_array_mut().unwrap() {
            let ended = call["state"] != "running" && call["state"] != "asked";
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

/// The attributes of a site's true captures: a name, or `name=value`.
fn captured(site: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let files = std::fs::read_dir(root).unwrap().map(|file| file.unwrap().path());
    let own = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(&format!("{site}-")) && name.ends_with(".marks")
    });
    let texts: Vec<String> = own.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
}

/// Whether a capture has what one test of a selector asks for.
fn shows(marks: &BTreeSet<String>, (name, op, value): (&str, &str, &str)) -> bool {
    let fits = |is: &str| match op {
        "" => true,
        "^=" => is.starts_with(value),
        "$=" => is.ends_with(value),
        "*=" => is.contains(value),
        _ => is == value,
    };
    let values = marks.iter().filter_map(|mark| mark.split_once('='));
    (op.is_empty() && marks.contains(name)) || values.into_iter().any(|(n, v)| n == name && fits(v))
}

/// What the captures lack of a row.
fn lacking(row: &Row, marks: &BTreeSet<String>) -> Vec<String> {
    let selectors: Vec<Selector> =
        row.css.iter().map(|(css, _)| Selector::parse(css).unwrap()).collect();
    let tests = selectors.iter().flat_map(Selector::tests);
    tests.filter(|test| !shows(marks, *test)).map(|test| format!("{test:?}")).collect()
}

fn names_of(row: &Row) -> Vec<String> {
    let selectors = row.css.iter().map(|(css, _)| Selector::parse(css).unwrap());
    selectors
        .flat_map(|s| s.attributes().into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_row_is_confirmed_where_true_captures_have_its_attributes_and_nowhere_else() {
    let mut wrong = Vec::new();
    for site in sites::ALL {
        let marks = captured(site.name);
        for row in site.rows {
            let (lacking, row_name) = (lacking(row, &marks), row.slot);
            let confirmed = matches!(row.evidence, Evidence::Confirmed(_));
            // A row without attributes, or with those of any page, proves nothing by them.
            let common = ["class", "role", "type", "aria-label"];
            let told = names_of(row).iter().any(|name| !common.contains(&name.as_str()));
            if confirmed && !lacking.is_empty() {
                wrong.push(format!("{}: {row_name} says confirmed: {lacking:?}", site.name));
            } else if !confirmed && told && lacking.is_empty() {
                wrong.push(format!("{}: {row_name} is confirmed and does not say so", site.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_was_published_of_a_site_stands_in_a_page_made_for_the_tests() {
    let pages = saved();
    for site in sites::ALL {
        let own: String = pages
            .iter()
            .filter(|(path, _)| path.to_string_lossy().contains(site.name))
            .map(|(_, html)| html.as_str())
            .collect();
        for row in site.rows {
            if matches!(row.evidence, Evidence::Unconfirmed(Why::Guess(_))) {
                continue;
            }
            for name in names_of(row) {
                let there =
                    own.contains(&format!(" {name}=")) || own.contains(&format!(" {name} "));
                assert!(there, "{}: row {}: no page has {name}", site.name, row.slot);
            }
        }
    }
}

#[test]
fn the_lab_draws_what_the_rows_of_its_renderers_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("webdriver/lab");
    let looks = [
        ("claude", "2026-10 hub", "claude-hub.js"),
        ("claude", "2026-07", "claude-2026-07.js"),
        ("chatgpt", "2026-09 turn-key", "chatgpt-turnkey.js"),
        ("chatgpt", "2026-07", "chatgpt-2026-07.js"),
    ];
    for (name, generation, look) in looks {
        let site = sites::by_name(name).unwrap();
        let files = [look.to_owned(), format!("{name}.js")].map(|file| root.join(file));
        let script = files.map(|file| std::fs::read_to_string(file).unwrap()).concat();
        let mut missing = BTreeSet::new();
        for row in site.rows {
            let guess = matches!(row.evidence, Evidence::Unconfirmed(Why::Guess(_)));
            for (css, _) in row.css.iter().filter(|(_, when)| !guess && *when == generation) {
                let selector = Selector::parse(css).unwrap();
                let names = selector.attributes().into_iter().filter(|n| n.starts_with("data-"));
                missing.extend(names.filter(|name| !script.contains(name)).map(str::to_owned));
            }
        }
        // What stands beside them in one list is the other renderer's.
        missing.retain(|name| generation == "2026-07" || !OF_JULY.contains(&name.as_str()));
        assert!(missing.is_empty(), "{name} {generation}: the lab never draws {missing:?}");
    }
}

/// Attributes of July 2026 in selectors that both renderers share.
const OF_JULY: &[&str] = &["data-alert-band-wrapper"];

/// Pages of a person's own, where `SHIM_SHARED_PAGES` names their folder.
pub fn elsewhere() -> Vec<(PathBuf, String)> {
    let Some(root) = std::env::var_os("SHIM_SHARED_PAGES") else { return Vec::new() };
    let mut pages = Vec::new();
    for folder in std::fs::read_dir(&root).unwrap().map(|folder| folder.unwrap().path()) {
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let html = path.extension().is_some_and(|end| end == "html");
            let read = if html { std::fs::read_to_string(&path).ok() } else { None };
            pages.extend(read.map(|html| (path, html)));
        }
    }
    assert!(!pages.is_empty(), "SHIM_SHARED_PAGES: the folder holds no page");
    pages
}

#[test]
fn pages_from_elsewhere_are_read_without_a_panic() {
    let id = "6ab65814-1111-4111-8111-111111111111";
    for (path, html) in elsewhere() {
        for site in sites::ALL {
            let url = site.hosts.first().map_or_else(
                || format!("http://localhost/c/{id}"),
                |host| format!("https://{host}/c/{id}"),
            );
            let look = eyes::look(&site.plan(), &html, &url);
            let reading = Reader::new(site).read(eyes::AT, &look);
            let told = serde_json::to_string(&reading).unwrap();
            println!("{} {} {told}", path.display(), site.name);
        }
    }
}
