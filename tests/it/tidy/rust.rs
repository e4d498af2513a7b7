//! What may stand in a Rust file.

use super::{File, finds, hold, lex, words};

/// Calls that end the program: in the worker that loses what was not committed.
const ENDINGS: &[&str] =
    &[".unwrap()", ".expect(", "panic!", "todo!", "unimplemented!", "unreachable!"];
/// Crates that only a browser has.
const WEB: &[&str] = &[
    "gloo",
    "gloo_timers",
    "js_sys",
    "rexie",
    "serde_wasm_bindgen",
    "sycamore",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];
/// Where they are named, and where the target is asked for.
const BROWSER_SIDE: &[&str] = &["src/shell/", "src/bin/"];
/// Left for later is not done.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

/// Code of the product that runs, not its tests.
fn product(file: &File) -> Option<&str> {
    let inside = file.path.starts_with("src/") && file.ends(&["rs"]);
    inside.then(|| file.code.split("#[cfg(test)]").next().unwrap_or_default())
}

fn no_endings(file: &File) -> Vec<String> {
    let Some(code) = product(file) else { return Vec::new() };
    let found = ENDINGS.iter().flat_map(|call| words(code, call).map(move |place| (place, call)));
    found
        .map(|(place, call)| {
            file.at(place, &format!("`{call}` ends the program: make bad input a value"))
        })
        .collect()
}

fn reasons(file: &File) -> Vec<String> {
    if !file.ends(&["rs"]) {
        return Vec::new();
    }
    let mut said = Vec::new();
    for (begin, _) in file.code.match_indices('#') {
        let after = &file.code[begin + 1..];
        if !after.trim_start_matches('!').starts_with('[') {
            continue;
        }
        let attribute = &after[..closing(after)];
        let lowers = |word| words(attribute, word).next().is_some();
        let silences = lowers("allow(") || lowers("expect(");
        if silences && words(attribute, "reason =").next().is_none() {
            said.push(file.at(begin, "say why: add `reason = \"…\"` to this exception"));
        }
    }
    said
}

/// Where the first bracket closes.
fn closing(code: &str) -> usize {
    let mut depth = 0_i32;
    for (at, letter) in code.char_indices() {
        depth += i32::from(letter == '[') - i32::from(letter == ']');
        if letter == ']' && depth == 0 {
            return at;
        }
    }
    code.len()
}

fn finished(file: &File) -> Vec<String> {
    // Saved pages and locked versions are others' words.
    if file.path.starts_with("tests/pages/") || file.path.ends_with("package-lock.json") {
        return Vec::new();
    }
    let is_rust = file.ends(&["rs"]);
    let text = if is_rust { lex::comments(&file.text) } else { file.text.clone() };
    let left = UNFINISHED.iter().flat_map(|word| words(&text, word));
    let mut said: Vec<String> =
        left.map(|place| file.at(place, "do it now, or write an issue")).collect();
    let skipped = file.code.match_indices("#[ignore").filter(|_| is_rust);
    said.extend(skipped.map(|(at, _)| file.at(at, "a test runs, or is deleted")));
    said
}

fn heads(file: &File) -> Vec<String> {
    let bare = file.ends(&["rs"]) && !file.text.starts_with("//! ");
    let words = "begin with `//! …`: what this file is for";
    if bare { vec![file.at(0, words)] } else { Vec::new() }
}

fn browser_side(file: &File) -> bool {
    BROWSER_SIDE.iter().any(|folder| file.path.starts_with(folder))
}

fn no_target(file: &File) -> Vec<String> {
    let Some(code) = product(file).filter(|_| !browser_side(file)) else { return Vec::new() };
    let module = "#[cfg(target_arch = \"wasm32\")]\npub mod shell;";
    words(code, "target_arch")
        .filter(|place| {
            let line = file.text[..*place].rfind('\n').map_or(0, |at| at + 1);
            !(file.path == "src/lib.rs" && file.text[line..].starts_with(module))
        })
        .map(|place| file.at(place, "the same code runs everywhere: what differs is the shell's"))
        .collect()
}

fn no_web(file: &File) -> Vec<String> {
    let Some(code) = product(file).filter(|_| !browser_side(file)) else { return Vec::new() };
    let found = WEB.iter().flat_map(|name| words(code, name).map(move |place| (place, name)));
    found
        .map(|(place, name)| {
            file.at(place, &format!("`{name}` is the shell's: make this an effect"))
        })
        .collect()
}

/// Browser crates only where the target is wasm32: then the native build refuses them elsewhere.
fn web_is_gated(file: &File) -> Vec<String> {
    if file.path != "Cargo.toml" {
        return Vec::new();
    }
    let (mut table, mut said) = (String::new(), Vec::new());
    for (place, line) in file.lines() {
        if line.starts_with('[') {
            line.clone_into(&mut table);
        }
        let name = line.split([' ', '=', '.']).next().unwrap_or_default().replace('-', "_");
        let gated = table.contains("target_arch = \"wasm32\"");
        if table.contains("dependencies") && !gated && WEB.contains(&name.as_str()) {
            said.push(file.at(place, "put this under the wasm32 target's dependencies"));
        }
    }
    said
}

#[test]
fn nothing_in_the_product_panics() {
    for call in ENDINGS {
        finds(no_endings, 1, "src/base/a.rs", &format!("fn f() {{ x {call}"));
    }
    finds(no_endings, 0, "tests/it/a.rs", "x.unwrap()");
    let fine = "x.unwrap_or(1) // panic!\n\"todo!\"; #[expect(a)]\n#[cfg(test)]\nx.unwrap()";
    finds(no_endings, 0, "src/base/a.rs", fine);
    hold(no_endings);
}

#[test]
fn every_exception_has_its_reason() {
    for bad in ["#[allow(dead_code)]", "#![expect(\n    a,\n    b,\n)]", "#[cfg_attr(x, allow(y))]"]
    {
        finds(reasons, 1, "xtask/src/a.rs", bad);
    }
    let good = "#[allow(a, reason = \"b\")]\n#[derive(Debug)]\nx.expect(\"y\"); // #[allow(a)]";
    finds(reasons, 0, "xtask/src/a.rs", good);
    hold(reasons);
}

#[test]
fn nothing_is_left_for_later() {
    for word in UNFINISHED {
        finds(finished, 1, "src/a.rs", &format!("// {word}: more"));
        finds(finished, 1, "README.md", word);
    }
    finds(finished, 1, "tests/it/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}");
    finds(finished, 0, "src/a.rs", "let cue = \"TODO\"; // TODOS, and #[ignore]");
    hold(finished);
}

#[test]
fn every_file_says_what_it_is_for() {
    finds(heads, 1, "tests/a.rs", "");
    finds(heads, 1, "tests/a.rs", "use a;\n//! late");
    finds(heads, 0, "tests/a.rs", "//! A thing.\n");
    hold(heads);
}

#[test]
fn only_the_shell_knows_the_target() {
    let asked = "#[cfg(target_arch = \"wasm32\")]\npub mod shell;\n";
    finds(no_target, 1, "src/session/a.rs", asked);
    finds(no_target, 1, "src/lib.rs", "#[cfg(target_arch = \"wasm32\")]\npub mod other;\n");
    finds(no_target, 0, "src/lib.rs", asked);
    finds(no_target, 0, "src/bin/a.rs", asked);
    hold(no_target);
}

#[test]
fn only_the_shell_knows_the_browser() {
    for name in WEB {
        finds(no_web, 1, "src/view/a.rs", &format!("use {name}::x;"));
    }
    finds(no_web, 0, "src/shell/a.rs", "use web_sys::x;");
    finds(no_web, 0, "src/view/a.rs", "// web_sys\nlet a = \"rexie\";");
    finds(web_is_gated, 1, "Cargo.toml", "[dependencies]\njs-sys = \"=1\"\n");
    let gated = "[target.'cfg(target_arch = \"wasm32\")'.dependencies]\njs-sys = \"=1\"\n";
    finds(web_is_gated, 0, "Cargo.toml", gated);
    hold(no_web);
    hold(web_is_gated);
}
