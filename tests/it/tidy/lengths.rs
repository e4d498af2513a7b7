//! How long things may be.

use super::{File, finds, hold, words};

/// Columns of a line.
const COLUMNS: usize = 100;
/// Lines of a function: about 60 is meant.
const FUNCTION_LINES: usize = 65;
/// Lines of a file.
const FILE_LINES: usize = 400;
/// Lines of a script of the extension: about 150 is meant.
const SCRIPT_LINES: usize = 170;

/// Files that may be longer: their lines, and why.
const LONGER: &[(&str, usize, &str)] =
    &[("webdriver/src/lab/demo.rs", 420, "data: the words of one scripted chat")];

fn columns(file: &File) -> Vec<String> {
    if !file.ends(&["rs", "js"]) {
        return Vec::new();
    }
    let long = file.lines().filter(|(_, line)| line.chars().count() > COLUMNS);
    let words = format!("break this line: at most {COLUMNS} columns");
    long.map(|(place, _)| file.at(place, &words)).collect()
}

fn functions(file: &File) -> Vec<String> {
    if !file.ends(&["rs"]) {
        return Vec::new();
    }
    let mut said = Vec::new();
    for begin in words(&file.code, "fn") {
        let Some(end) = body_end(&file.code[begin..]) else { continue };
        let lines = file.code[begin..begin + end].matches('\n').count() + 1;
        if lines > FUNCTION_LINES {
            let words = format!("split this function: {lines} lines, at most {FUNCTION_LINES}");
            said.push(file.at(begin, &words));
        }
    }
    said
}

/// Where the body of the function that begins here ends; none: it has no body, or is a type.
fn body_end(code: &str) -> Option<usize> {
    let named = code.strip_prefix("fn ")?;
    named.chars().next().filter(|letter| letter.is_alphabetic() || *letter == '_')?;
    let (mut round, mut depth) = (0_i32, 0_i32);
    for (at, letter) in code.char_indices() {
        match letter {
            '(' | '[' => round += 1,
            ')' | ']' => round -= 1,
            ';' if round == 0 && depth == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn whole_files(file: &File) -> Vec<String> {
    let most = match LONGER.iter().find(|(path, ..)| *path == file.path) {
        Some((_, most, _)) => *most,
        None if file.path.starts_with("extension/") && file.ends(&["js"]) => SCRIPT_LINES,
        None if file.ends(&["rs", "js"]) => FILE_LINES,
        None => return Vec::new(),
    };
    let lines = file.text.lines().count();
    let words = format!("split this file by job: {lines} lines, at most {most}");
    if lines > most { vec![file.at(0, &words)] } else { Vec::new() }
}

#[test]
fn lines_are_short() {
    let edge = format!("//{}", "é".repeat(COLUMNS - 2));
    finds(columns, 0, "src/a.rs", &edge);
    finds(columns, 1, "src/a.rs", &format!("ok\n{edge}x"));
    finds(columns, 1, "extension/a.js", &format!("{edge}x"));
    finds(columns, 0, "README.md", &format!("{edge}x"));
    hold(columns);
}

#[test]
fn functions_are_short() {
    let of =
        |lines: usize| format!("impl A {{\n    fn f() {{{}    }}\n}}\n", "\n".repeat(lines - 1));
    finds(functions, 0, "src/a.rs", &of(FUNCTION_LINES));
    finds(functions, 1, "src/a.rs", &of(FUNCTION_LINES + 1));
    // A brace in a literal, a trait's function without a body and a function type count nothing.
    let others = "fn a() { let b = '}'; }\nfn c(d: [u8; 2]);\ntype E = fn(u8);\n";
    finds(functions, 0, "src/a.rs", others);
    finds(functions, 1, "src/a.rs", &format!("{others}{}", of(FUNCTION_LINES + 1)));
    hold(functions);
}

#[test]
fn files_are_short() {
    finds(whole_files, 0, "src/a.rs", &"\n".repeat(FILE_LINES));
    finds(whole_files, 1, "src/a.rs", &"\n".repeat(FILE_LINES + 1));
    finds(whole_files, 1, "extension/a.js", &"\n".repeat(SCRIPT_LINES + 1));
    finds(whole_files, 0, "webdriver/lab/a.js", &"\n".repeat(SCRIPT_LINES + 1));
    for (path, most, reason) in LONGER {
        finds(whole_files, 1, path, &"\n".repeat(most + 1));
        assert!(!reason.is_empty(), "{path} needs a reason to be longer");
    }
    hold(whole_files);
}

#[test]
fn exceptions_are_still_needed() {
    for (path, ..) in LONGER {
        let file = super::files().iter().find(|file| file.path == *path);
        let lines = file.map_or(0, |file| file.text.lines().count());
        assert!(lines > FILE_LINES, "{path} is short enough: take it off the list of longer files");
    }
}
