//! What lies where.

use super::{File, files, finds, hold, root};
use std::collections::BTreeSet;

/// Names at the top of the repository. A new one is a new thing to explain to everybody.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".git",
    ".gitignore",
    ".rustfmt.toml",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "bridge",
    "dist",
    "extension",
    "eyes",
    "manifest.json",
    "out",
    "pkg",
    "src",
    "target",
    "tests",
    "webdriver",
    "xtask",
];
/// Where a machine keeps what is its own.
const MACHINE: &[&str] = &["/root/", "/home/", "/Users/", "/tmp/wt"];
/// People who are nobody: in examples.
const NOBODY: &[&str] = &["/home/me/", "/home/x/", "/home/user/", "/Users/me/"];

fn at_the_top(name: &str) -> Option<String> {
    let known = TOP.contains(&name);
    (!known).then(|| format!("{name}: put it into a room, or name it in tests/it/tidy/places.rs"))
}

fn no_machine(file: &File) -> Vec<String> {
    // These two name what they look for; saved pages are as they were.
    if file.path == "tests/it/tidy/places.rs" || file.path.starts_with("tests/pages/") {
        return Vec::new();
    }
    let here = root().to_str().filter(|path| path.matches('/').count() > 1).unwrap_or("/root/");
    let marks: BTreeSet<&str> = MACHINE.iter().copied().chain([here]).collect();
    let mut said = Vec::new();
    for (place, line) in file.lines() {
        let mut line = line.to_owned();
        for name in NOBODY {
            line = line.replace(name, "");
        }
        if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
            let words = format!("`{mark}…` is on one machine only: use a path from the top");
            said.push(file.at(place, &words));
        }
    }
    said
}

/// A test module that nobody names does not run.
fn unlisted<'p>(main: &str, paths: impl Iterator<Item = &'p str>) -> Vec<String> {
    let modules = paths.filter_map(|path| {
        let inside = path.strip_prefix("tests/it/")?.strip_suffix(".rs")?;
        let name = inside.strip_suffix("/mod").unwrap_or(inside);
        (!name.contains('/') && name != "main").then_some(name)
    });
    modules
        .filter(|name| !main.lines().any(|line| line == format!("mod {name};")))
        .map(|name| format!("tests/it/{name} does not run: add `mod {name};` to tests/it/main.rs"))
        .collect()
}

#[test]
fn the_top_holds_only_what_it_should() {
    assert!(at_the_top("notes.txt").is_some() && at_the_top("src").is_none());
    let names = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name());
    let said: Vec<String> =
        names.filter_map(|name| at_the_top(&name.into_string().unwrap())).collect();
    assert!(said.is_empty(), "\n{}\n", said.join("\n"));
}

#[test]
fn no_file_knows_one_machine() {
    finds(no_machine, 1, "README.md", "cd /root/code");
    finds(no_machine, 1, "xtask/src/a.rs", "ok\nlet a = \"/home/jane/code\";");
    finds(no_machine, 0, "tests/it/a.rs", "edit(\"/home/me/project/src/lib.rs\")");
    hold(no_machine);
}

#[test]
fn every_test_is_run() {
    let paths = ["tests/it/main.rs", "tests/it/a.rs", "tests/it/b/mod.rs", "tests/it/a/c.rs"];
    assert_eq!(unlisted("mod a;\nmod b;\n", paths.into_iter()), [""; 0]);
    assert_eq!(unlisted("mod a;\n", paths.into_iter()).len(), 1);
    let main = std::fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    let said = unlisted(&main, files().iter().map(|file| file.path.as_str()));
    assert!(said.is_empty(), "\n{}\n", said.join("\n"));
}
