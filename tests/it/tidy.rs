//! The house rules, as tests over the files of this repository. Each rule is a function from a
//! file to sentences that say what to do; each is shown a bad file, so that it can fail.

mod lengths;
mod lex;
mod places;
mod rooms;
mod rust;
mod script;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A text file of the repository.
pub struct File {
    /// Its path from the top, with `/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
    /// Of a Rust file, the text without comments and without the insides of literals, at the same
    /// places; of another file, the text.
    pub code: String,
}

/// What a rule says of a file: nothing, or what to do.
pub type Rule = fn(&File) -> Vec<String>;

impl File {
    /// A file as it would be read from `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let is_rust = path.ends_with(".rs");
        let code = if is_rust { lex::code(text) } else { text.to_owned() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// Whether its name ends in one of these, without the dot.
    pub fn ends(&self, ends: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| ends.contains(&end))
    }

    /// `path:line: words` for the byte at `place`.
    pub fn at(&self, place: usize, words: &str) -> String {
        let line = self.text[..place].matches('\n').count() + 1;
        format!("{}:{line}: {words}", self.path)
    }

    /// Lines with the place of their first byte.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let begin = self.text.as_ptr() as usize;
        self.text.lines().map(move |line| (line.as_ptr() as usize - begin, line))
    }
}

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file that git does not ignore. What `.gitignore` says is simple here: names, and
/// names at the top.
pub fn files() -> &'static [File] {
    static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
        let ignored = std::fs::read_to_string(root().join(".gitignore")).unwrap();
        let ignored: Vec<&str> = ignored.lines().chain(["/.git"]).collect();
        let mut paths = Vec::new();
        walk(root(), "", &ignored, &mut paths);
        paths.sort();
        let read = |(name, path): (String, PathBuf)| {
            // What is no text is an icon or the like.
            let text = String::from_utf8(std::fs::read(path).unwrap()).ok()?;
            Some(File::new(&name, &text))
        };
        paths.into_iter().filter_map(read).collect()
    });
    &FILES
}

fn walk(folder: &Path, name: &str, ignored: &[&str], found: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let last = entry.file_name().into_string().unwrap();
        let name = if name.is_empty() { last.clone() } else { format!("{name}/{last}") };
        if ignored.iter().any(|rule| *rule == last || rule.strip_prefix('/') == Some(&name)) {
            continue;
        }
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(&entry.path(), &name, ignored, found);
        } else if kind.is_file() {
            found.push((name, entry.path()));
        }
    }
}

/// Fails with everything that a rule says of any file.
pub fn hold(rule: Rule) {
    let said: Vec<String> = files().iter().flat_map(rule).collect();
    assert!(said.is_empty(), "\n{}\n", said.join("\n"));
}

/// The rule finds `times` faults in this file.
pub fn finds(rule: Rule, times: usize, path: &str, text: &str) {
    let said = rule(&File::new(path, text));
    assert_eq!(said.len(), times, "of {path}:\n{text}\nwas said:\n{}", said.join("\n"));
    assert!(said.iter().all(|words| words.starts_with(path)), "{said:?}");
}

/// Places where `word` stands by itself in `text`.
pub fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).map(|(place, _)| place).filter(move |&place| {
        let before = text[..place].chars().next_back();
        let after = text[place + word.len()..].chars().next();
        let free = |side: Option<char>, end: Option<char>| {
            !(side.is_some_and(inside) && end.is_some_and(inside))
        };
        free(before, word.chars().next()) && free(after, word.chars().next_back())
    })
}

#[test]
fn the_walk_sees_the_repository() {
    let has = |path: &str| files().iter().any(|file| file.path == path);
    for path in ["src/lib.rs", "tests/it/tidy.rs", "manifest.json", ".ci/run", "xtask/Cargo.toml"] {
        assert!(has(path), "the house rules do not see {path}");
    }
    let hidden = ["target/", "dist/", "pkg/", "node_modules/", ".git/"];
    for file in files() {
        let seen =
            hidden.iter().find(|name| format!("/{}", file.path).contains(&format!("/{name}")));
        assert!(seen.is_none(), "{} is built, not written", file.path);
    }
}

#[test]
fn a_word_stands_by_itself() {
    let places = |text, word| words(text, word).collect::<Vec<_>>();
    assert_eq!(places("rexie rexies _rexie (rexie)", "rexie"), [0, 21]);
    assert_eq!(places("x.unwrap() x.unwrap_or()", ".unwrap()"), [1]);
}
