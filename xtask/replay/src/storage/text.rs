//! A long session of work on a program, made up: the same at every run, and of texts that no two
//! messages share. Code is that of this repository, each stretch of it shown once; prose is drawn
//! word by word, as words follow each other in the repository's own documents.

use crate::{Message, Session, ToolCall};
use shim::base::chance::Chance;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// When it begins, seconds since 1970.
const BEGIN_S: u64 = 1_770_000_000;

/// What texts are made of.
struct Source {
    dice: Chance,
    /// Words that follow two words.
    next: BTreeMap<(String, String), Vec<String>>,
    starts: Vec<(String, String)>,
    /// Files with their lines that were not shown yet, the next last.
    code: Vec<(String, Vec<String>)>,
}

/// A session of so many messages.
///
/// # Errors
/// The repository's files cannot be read.
pub fn session(messages: usize, seed: u64) -> io::Result<Session> {
    let mut source = Source::read(seed)?;
    let mut at_s = BEGIN_S;
    let mut all = Vec::new();
    for number in 0..messages {
        at_s += 20 + source.dice.below(90);
        let user = number % 2 == 0;
        let (text, calls) = if user { (source.request(), None) } else { source.answer() };
        all.push(Message {
            role: if user { "user" } else { "assistant" }.to_owned(),
            text: Some(text),
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are small")]
            ts: Some(at_s as f64),
            model: None,
            tool_calls: calls,
        });
    }
    Ok(Session { session_id: "made-up".to_owned(), messages: all, ..Session::default() })
}

impl Source {
    fn read(seed: u64) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut this =
            Self { dice: Chance::new(seed), next: BTreeMap::new(), starts: vec![], code: vec![] };
        for name in ["ARCHITECTURE.md", "README.md", "BENCHMARKS.md"] {
            this.learn(&fs::read_to_string(root.join(name))?);
        }
        let mut files = Vec::new();
        for folder in ["src", "tests", "webdriver", "xtask"] {
            collect(&root.join(folder), &mut files)?;
        }
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file)?;
            let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.reverse();
            this.code.push((name, lines));
        }
        Ok(this)
    }

    fn learn(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('|')).collect();
        for three in words.windows(3) {
            let [a, b, c] = three else { continue };
            let pair = ((*a).to_owned(), (*b).to_owned());
            if a.chars().next().is_some_and(char::is_uppercase) {
                self.starts.push(pair.clone());
            }
            self.next.entry(pair).or_default().push((*c).to_owned());
        }
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.dice.below(count.max(1) as u64)).unwrap_or_default()
    }

    /// A paragraph of about so many words.
    fn prose(&mut self, words: usize) -> String {
        let mut out = String::new();
        let mut count = 0;
        while count < words {
            let at = self.below(self.starts.len());
            let Some((mut a, mut b)) = self.starts.get(at).cloned() else { break };
            out.push_str(&format!("{a} {b}"));
            for _ in 0..40 {
                count += 1;
                let Some(next) = self.next.get(&(a.clone(), b.clone())).cloned() else { break };
                let at = self.below(next.len());
                let Some(word) = next.get(at) else { break };
                out.push_str(&format!(" {word}"));
                (a, b) = (b, word.clone());
                if b.ends_with('.') {
                    break;
                }
            }
            out.push(' ');
        }
        out.trim_end().to_owned()
    }

    /// So many lines of a file, none of which was shown before.
    fn code(&mut self, lines: usize) -> (String, Vec<String>) {
        self.code.retain(|(_, left)| !left.is_empty());
        let at = self.below(self.code.len());
        let Some((name, left)) = self.code.get_mut(at) else { return Default::default() };
        let mut some = left.split_off(left.len().saturating_sub(lines));
        some.reverse();
        (name.clone(), some)
    }

    fn request(&mut self) -> String {
        let words = 8 + self.below(60);
        let mut text = self.prose(words);
        if self.dice.percent(15) {
            text = format!("Please always {}\n\n{text}", self.prose(8).to_lowercase());
        }
        if self.dice.percent(20) {
            text.push_str(&format!("\n\n```\n{}\n```", self.log(6)));
        }
        text
    }

    fn answer(&mut self) -> (String, Option<Vec<ToolCall>>) {
        let words = 30 + self.below(160);
        let mut text = self.prose(words);
        if self.dice.percent(20) {
            text.push_str(&format!("\n\nDecision: {}", self.prose(14)));
        }
        if self.dice.percent(35) {
            for done in [true, true, false] {
                let sign = if done { 'x' } else { ' ' };
                text.push_str(&format!("\n- [{sign}] {}", self.prose(8)));
            }
        }
        if self.dice.percent(30) {
            let lines = 5 + self.below(25);
            let (_, code) = self.code(lines);
            text.push_str(&format!("\n\n```rust\n{}\n```", code.join("\n")));
        }
        let count = self.below(4);
        let calls: Vec<ToolCall> = (0..count).map(|_| self.call()).collect();
        (text, Some(calls))
    }

    fn call(&mut self) -> ToolCall {
        let lines = 5 + self.below(45);
        let (name, args, result) = match self.below(4) {
            0 => {
                let (file, code) = self.code(lines);
                let numbered = (1..).zip(&code).map(|(at, line)| format!("{at:>6}\t{line}"));
                let result = numbered.collect::<Vec<_>>().join("\n");
                ("Read", serde_json::json!({ "file_path": file }), result)
            }
            1 => {
                let (file, code) = self.code(lines / 2);
                let (old, new) = code.split_at(code.len() / 2);
                let (old, new) = (old.join("\n"), new.join("\n"));
                let args =
                    serde_json::json!({ "file_path": file, "old_string": old, "new_string": new });
                ("Edit", args, format!("The file {file} has been updated."))
            }
            2 => {
                let (file, _) = self.code(1);
                let command = format!("cargo test --test it {}", file.replace(['/', '.'], "_"));
                ("Bash", serde_json::json!({ "command": command }), self.log(lines))
            }
            _ => {
                let (file, code) = self.code(12);
                let pattern = self.prose(2);
                let found =
                    code.iter().map(|line| format!("{file}:{}:{line}", self.dice.below(400)));
                let result = found.collect::<Vec<_>>().join("\n");
                ("Grep", serde_json::json!({ "pattern": pattern }), result)
            }
        };
        let is_error = Some(self.dice.percent(8));
        let (name, args) = (Some(name.to_owned()), Some(args.to_string()));
        ToolCall { name, args, result: Some(result), is_error }
    }

    /// Lines of a log: times, numbers, and words that differ.
    fn log(&mut self, lines: usize) -> String {
        let mut out = Vec::new();
        for _ in 0..lines {
            let (ms, id) = (self.dice.below(86_400_000), self.dice.below(1 << 40));
            let level = ["INFO", "DEBUG", "WARN", "test"].get(self.below(4)).copied();
            let words = self.prose(3);
            out.push(format!("{ms:>9} {:<5} {id:010x} {words}", level.unwrap_or_default()));
        }
        out.join("\n")
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
