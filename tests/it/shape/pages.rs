//! How much is right, counted over whole sets of pages.

use super::{list, read, role, rows, same_element, state, text, words};
use crate::pages::{self, folders};
use serde_json::Value;
use shim::wire::chat::{Reading, ToolCall, Turn};
use std::fmt::Write as _;

/// What is counted, in the order of [`Count`].
const NAMES: [&str; 12] = [
    "roles in order",
    "text of turns",
    "thinking",
    "names of calls",
    "states of calls",
    "states of turns",
    "busy",
    "banners",
    "composer",
    "what sends",
    "what calls were given",
    "what calls returned",
];

/// Right ones and all of them, by what is counted.
#[derive(Default)]
struct Count {
    all: [(u32, u32); 12],
    wrong: String,
}

impl Count {
    fn add(&mut self, what: usize, page: &str, is: &str, should: &str) {
        let (right, of) = &mut self.all[what];
        *of += 1;
        if is == should {
            *right += 1;
        } else {
            let _ = writeln!(
                self.wrong,
                "{page}: {}\n  is     {is:?}\n  should {should:?}",
                NAMES[what]
            );
        }
    }

    /// Everything that an `.expect` says of one page.
    fn page(&mut self, page: &str, reading: &Reading, expected: &Value) {
        let (turns, wanted) = (&reading.changed, list(expected, "turns"));
        for at in 0..turns.len().max(wanted.len()) {
            self.turn(page, turns.get(at), wanted.get(at));
        }
        let busy = |is: bool| if is { "busy" } else { "" };
        let should = match &expected["busy"] {
            Value::Bool(is) => *is,
            signal => signal.as_str().is_some_and(|signal| !signal.is_empty()),
        };
        self.add(6, page, busy(reading.busy.now), busy(should));
        let mut is: Vec<String> =
            reading.banners.iter().map(|b| format!("{:?}", b.class)).collect();
        let class = |banner: &Value| {
            let name = banner.as_str().unwrap_or_else(|| text(banner, "class"));
            let class = serde_json::from_value(name.into());
            format!("{:?}", class.unwrap_or(shim::wire::chat::BannerClass::Unknown))
        };
        let mut should: Vec<String> = list(expected, "banners").iter().map(class).collect();
        is.sort();
        should.sort();
        self.add(7, page, &is.join(" "), &should.join(" "));
        let present = match &expected["composer"] {
            Value::Object(composer) => composer["present"] == true,
            other => other.is_string(),
        };
        let name = |is: bool| if is { "there" } else { "none" };
        self.add(8, page, name(reading.composer.present), name(present));
    }

    fn turn(&mut self, page: &str, turn: Option<&Turn>, wanted: Option<&Value>) {
        let nothing = Value::Null;
        let wanted = wanted.unwrap_or(&nothing);
        self.add(
            0,
            page,
            turn.map_or("none", |turn| role(turn.role)),
            match text(wanted, "role") {
                "" => "no turn",
                role => role,
            },
        );
        let Some(turn) = turn else {
            return self.add(1, page, "no turn", text(wanted, "markdown"));
        };
        self.add(1, page, &words(&turn.markdown), &words(text(wanted, "markdown")));
        if !turn.thinking.is_empty() || !text(wanted, "thinking").is_empty() {
            self.add(2, page, &words(&turn.thinking), &words(text(wanted, "thinking")));
        }
        if !text(wanted, "state").is_empty() {
            let is = serde_json::to_value(turn.state).unwrap();
            self.add(5, page, is.as_str().unwrap(), text(wanted, "state"));
        }
        let calls = list(wanted, "calls");
        for at in 0..turn.calls.len().max(calls.len()) {
            let should = calls.get(at).unwrap_or(&nothing);
            let is = turn.calls.get(at);
            self.add(
                3,
                page,
                is.map_or("no call", |call| call.name.as_str()),
                text(should, "name"),
            );
            let is = is.map_or_else(String::new, |call| state(call.state));
            self.add(4, page, &is, text(should, "state"));
            let is = |of: fn(&ToolCall) -> &str| turn.calls.get(at).map_or("", of);
            let said = |name: &str| words(text(should, name));
            self.add(10, page, &words(is(|call| &call.args)), &said("args"));
            let returned = if text(should, "error").is_empty() { "result" } else { "error" };
            let is = is(|call| if call.error.is_empty() { &call.result } else { &call.error });
            self.add(11, page, &words(is), &said(returned));
        }
    }

    /// Fails where less is right than these percentages; `exact` are folders without any fault.
    fn at_least(&self, least: [u32; 12], exact: &[&str]) {
        let mut low = String::new();
        for ((name, (right, of)), least) in NAMES.iter().zip(self.all).zip(least) {
            println!("{name}: {right} of {of}");
            assert!(of > 0 || least == 0, "{name}: nothing was counted");
            if right * 100 < of * least {
                let _ = writeln!(low, "{name}: {right} of {of} are right, not {least} %");
            }
        }
        for folder in exact {
            if self.wrong.lines().any(|line| line.starts_with(&format!("{folder}/"))) {
                let _ = writeln!(low, "{folder}: not every page is read exactly");
            }
        }
        assert!(low.is_empty(), "\n{low}\n{}", self.wrong);
    }
}

fn count(folder: &str) -> Count {
    let mut count = Count::default();
    for (path, html) in folders(folder) {
        let expected = pages::expected(&path);
        let url = text(&expected, "url").to_owned();
        let name: Vec<_> = path.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        let name = format!("{}/{}", name[1], name[0]);
        let found = rows(&html, &url);
        let none = list(&expected, "turns").is_empty();
        // A page without a conversation yet need not have a shape.
        let reading = found.as_ref().map(|rows| read(rows, &html, &url));
        if !none || reading.as_ref().is_some_and(|reading| !reading.changed.is_empty()) {
            count.page(&name, &reading.unwrap_or_default(), &expected);
        }
        if let Some(css) = expected["send"].as_str() {
            let send = found.as_ref().and_then(|rows| rows.row("send"));
            let is = send.map_or("", |row| row.css[0].as_str());
            let same = !is.is_empty() && same_element(&html, is, css);
            count.add(9, &name, if same { css } else { is }, css);
        }
    }
    count
}

#[test]
fn pages_of_programs_without_a_table_are_read_by_their_shape() {
    let exact = ["chatui", "elements", "mui", "plain", "streamlit", "textgen"];
    count("tests/shapes").at_least([93, 93, 75, 95, 95, 85, 95, 95, 95, 95, 90, 90], &exact);
}

#[test]
fn the_project_s_own_pages_are_read_by_their_shape_as_well() {
    let exact = ["perplexity-2026-02"];
    count("tests/pages").at_least([98, 95, 50, 96, 95, 90, 95, 85, 98, 0, 95, 90], &exact);
}

/// Names of functions, of files and of models, folds, sources and code: none of it is a call.
#[test]
fn a_page_without_calls_shows_none() {
    let mut pages = 0;
    for (path, html) in folders("tests/shapes").into_iter().chain(folders("tests/pages")) {
        let expected = pages::expected(&path);
        let has_calls = |turn: &Value| !list(turn, "calls").is_empty();
        if list(&expected, "turns").iter().any(has_calls) {
            continue;
        }
        let url = text(&expected, "url");
        let Some(rows) = rows(&html, url) else { continue };
        pages += 1;
        for turn in read(&rows, &html, url).changed {
            assert_eq!(turn.calls, [], "{}", path.display());
        }
    }
    assert!(pages > 100, "only {pages} pages without calls have a shape");
}

/// A table is made once, of a young conversation, and stays.
#[test]
fn rows_of_one_page_read_the_others_of_its_program() {
    let mut count = Count::default();
    let pages = folders("tests/shapes");
    // These are pages of different people.
    let pages: Vec<_> = pages
        .into_iter()
        .filter(|(path, _)| path.parent().is_some_and(|p| !p.ends_with("plain")))
        .collect();
    for (from, html) in &pages {
        let Some(rows) = rows(html, "").filter(|rows| rows.row("assistant").is_some()) else {
            continue;
        };
        let others =
            pages.iter().filter(|(path, _)| path != from && path.parent() == from.parent());
        for (path, html) in others {
            let expected = pages::expected(path);
            let reading = read(&rows, html, text(&expected, "url"));
            let name = format!("{} by {}", path.display(), from.display());
            count.page(&name, &reading, &expected);
        }
    }
    count.at_least([99, 97, 60, 90, 90, 85, 95, 95, 98, 0, 85, 85], &[]);
}
