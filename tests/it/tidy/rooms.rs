//! Which room may import which.

use super::{File, files, finds, hold, words};

/// The rooms, lower first: a lower one never imports a higher one. Those of later phases have
/// their place already.
const ORDER: &[&str] = &[
    "base",
    "wire",
    "sites",
    "session",
    "coordination",
    "evolution",
    "autonomy",
    "background",
    "shell",
];
/// Beside them: it sees these two, and is seen by the last two.
const VIEW: &str = "view";

fn may_see(from: &str, to: &str) -> bool {
    let height = |room| ORDER.iter().position(|name| *name == room);
    match (from, to) {
        _ if from == to => true,
        (VIEW, _) => ["base", "wire"].contains(&to),
        (_, VIEW) => ["background", "shell"].contains(&from),
        _ => height(to).is_some() && height(to) < height(from),
    }
}

/// The names of the modules from the crate's root to this file's; none: it is no room's.
fn module(path: &str) -> Option<Vec<&str>> {
    let inside = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let names: Vec<&str> = inside.split('/').filter(|name| *name != "mod").collect();
    let is_room = inside.contains('/') && names.first() != Some(&"bin");
    is_room.then_some(names)
}

/// What a file names of the crate `name`: places, and the modules at its root.
fn named<'f>(file: &'f File, name: &str) -> Vec<(usize, &'f str)> {
    let root = format!("{name}::");
    let mut found = Vec::new();
    for (place, _) in file.code.match_indices(&root) {
        let before = file.code[..place].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || "_:".contains(letter)) {
            continue;
        }
        let after = &file.code[place + root.len()..];
        match after.strip_prefix('{') {
            Some(group) => found.extend(members(group).map(|name| (place, name))),
            None => found.push((place, first_name(after))),
        }
    }
    found
}

fn first_name(code: &str) -> &str {
    let end = code.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let name = &code[..end.unwrap_or(code.len())];
    if name.is_empty() { "*" } else { name }
}

/// The first names in a group, up to the brace that closes it.
fn members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let mut starts = vec![0];
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    let items = starts.into_iter().map(|at| group[at..].trim_start());
    items.filter(|item| !item.starts_with('}')).map(first_name)
}

fn direction(file: &File) -> Vec<String> {
    let Some(module) = module(&file.path) else { return Vec::new() };
    let room = module[0];
    let wrong = named(file, "crate").into_iter().filter(|(_, to)| !may_see(room, to));
    wrong
        .map(|(place, to)| {
            file.at(place, &format!("`{room}` may not see `{to}`: move this up, or pass data down"))
        })
        .collect()
}

/// A chain of `super` that leaves its room would hide from the rule above.
fn supers(file: &File) -> Vec<String> {
    let Some(module) = module(&file.path) else { return Vec::new() };
    let mut said = Vec::new();
    let mut chain_end = 0;
    for place in words(&file.code, "super::") {
        if place < chain_end {
            continue;
        }
        let mut rest = &file.code[place..];
        let mut steps = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, steps) = (after, steps + 1);
        }
        chain_end = file.code.len() - rest.len();
        if steps >= module.len() {
            said.push(file.at(place, "this leaves the room: write `crate::…`"));
        }
    }
    said
}

/// A chat page's wasm holds no store and nothing of the background.
fn page_entry(file: &File) -> Vec<String> {
    let allowed = ["base", "wire", "sites", "session", VIEW];
    let is_page = file.path == "src/bin/content.rs";
    let wrong = named(file, "shim").into_iter().filter(|(_, to)| is_page && !allowed.contains(to));
    wrong.map(|(at, to)| file.at(at, &format!("a chat page has no `{to}`"))).collect()
}

/// The list of rooms in `src/lib.rs` is the tree.
fn map(file: &File) -> Vec<String> {
    if file.path != "src/lib.rs" {
        return Vec::new();
    }
    let declared: Vec<&str> = file
        .code
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let mut said = Vec::new();
    for name in &declared {
        if !ORDER.contains(name) && *name != VIEW {
            said.push(file.at(0, &format!("`{name}` has no place in the order of rooms")));
        }
    }
    let head: String = file.text.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let quoted = head.split('`').skip(1).step_by(2);
    for name in quoted.flat_map(|words| words.split('←')).map(str::trim) {
        if !declared.contains(&name) {
            said.push(file.at(0, &format!("the list names `{name}`, and there is no such room")));
        }
    }
    for name in declared {
        if !head.contains(name) {
            said.push(file.at(0, &format!("say in the list where `{name}` stands")));
        }
    }
    said
}

#[test]
fn imports_go_downwards() {
    finds(direction, 1, "src/base/a.rs", "use crate::wire::x;");
    finds(direction, 1, "src/session/engine/a.rs", "use crate::view::card;");
    finds(direction, 1, "src/view/a.rs", "fn a(b: crate::session::B) {}");
    finds(direction, 1, "src/wire/a.rs", "use crate::{\n    base::A,\n    sites::{B, C},\n};");
    finds(direction, 1, "src/wire/a.rs", "use crate::*;");
    finds(direction, 1, "src/sites/a.rs", "use crate::unheard_of::A;");
    let fine =
        "use crate::base::A;\nuse crate::wire::{B, C};\n// crate::shell\nuse other_crate::x;";
    finds(direction, 0, "src/view/a.rs", fine);
    finds(direction, 0, "src/background/a.rs", "use crate::view; use crate::session::x;");
    hold(direction);
}

#[test]
fn no_path_climbs_out_of_its_room() {
    finds(supers, 1, "src/view/mod.rs", "use super::session::x;");
    finds(supers, 1, "src/view/card.rs", "use super::super::session::x;");
    finds(supers, 0, "src/view/card.rs", "use super::amount;");
    finds(supers, 0, "src/sites/reader/table.rs", "use super::super::markdown;");
    hold(supers);
}

#[test]
fn a_chat_page_gets_no_more_than_it_needs() {
    finds(page_entry, 1, "src/bin/content.rs", "use shim::shell::store;");
    finds(page_entry, 1, "src/bin/content.rs", "use shim::{base::Moment, background};");
    finds(page_entry, 0, "src/bin/content.rs", "use shim::{base::Moment, session};");
    hold(page_entry);
}

#[test]
fn the_list_of_rooms_is_the_tree() {
    let list = "//! `base ← wire`, and `view`.\npub mod base;\npub mod view;\npub mod wire;\n";
    finds(map, 0, "src/lib.rs", list);
    finds(map, 1, "src/lib.rs", &list.replace("← wire", "← wire ← attic"));
    finds(map, 1, "src/lib.rs", &list.replace("pub mod view;", ""));
    finds(map, 2, "src/lib.rs", &format!("{list}pub mod attic;\n"));
    hold(map);
    let lib = files().iter().find(|file| file.path == "src/lib.rs").unwrap();
    let rooms = files().iter().filter_map(|file| module(&file.path)).map(|names| names[0]);
    for room in rooms {
        let line = format!("pub mod {room};");
        assert!(lib.code.contains(&line), "src/{room} is in no list: add it to src/lib.rs");
    }
}
