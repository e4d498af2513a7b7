//! Paths of files in arguments, commands, code and prose.

use super::cues::Cues;
use super::json::{self, Bit};

/// Endings that make a word a file's name.
static ENDINGS: Cues = Cues::new(
    "\
    rs|go|py|pyi|js|mjs|cjs|ts|tsx|jsx|vue|svelte|java|kt|kts|scala|swift|c|h|cc|cpp|hpp|cxx|cs|\
    fs|rb|php|pl|lua|r|jl|ex|exs|erl|hs|ml|clj|dart|zig|nim|sql|sh|bash|zsh|fish|ps1|bat|html|htm|\
    css|scss|sass|less|md|mdx|rst|txt|tex|json|jsonl|yaml|yml|toml|ini|cfg|conf|env|xml|csv|tsv|\
    lock|proto|graphql|tf|gradle|cmake|mk|ipynb|png|svg|jpg|pdf|docx|xlsx|zip|gz|wasm|patch|diff|\
    feature|mod|sum",
);
/// Names of files without an ending.
static BARE: Cues = Cues::new(
    "\
    Makefile|Dockerfile|Cargo.lock|LICENSE|README|Justfile|Procfile|Gemfile|.gitignore|.env",
);
/// Words with an ending that are names of other things.
static NOT_FILES: Cues = Cues::new(
    "\
    node.js|next.js|vue.js|react.js|three.js|express.js|nuxt.js|d3.js|discord.js|chart.js|\
    socket.io.js|ember.js|backbone.js|p5.js|alpine.js|asp.net",
);
/// Argument names whose value is a path.
static KEYS: Cues = Cues::new(
    "\
    file_path|path|filename|file|filepath|filePath|notebook_path|target_file|absolute_path|\
    relative_path|relative_workspace_path|old_path|new_path|file_name",
);
/// Longest path that is believed, in bytes.
const LONGEST: usize = 240;

/// The paths named in `text`, in order, as they stand there.
#[must_use]
pub fn paths_in(text: &str) -> Vec<&str> {
    text.split(parts).filter_map(path).collect()
}

/// What never stands inside a path.
fn parts(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '|'
        )
        || matches!(
            c,
            '=' | '*' | '!' | '?' | '“' | '”' | '‘' | '’' | '«' | '»' | '。' | '，' | '：' | '、'
        )
}

/// The word as a path, if it is one.
fn path(word: &str) -> Option<&str> {
    if word.len() > LONGEST || word.contains("://") || word.contains("@") && !word.contains('/') {
        return None;
    }
    let word = word.trim_end_matches(['.', ':', '…', '\\', '&', '$']);
    let word = line_number(word).trim_start_matches("file:");
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let rooted = word.starts_with(['/', '~', '.']) && word.matches('/').count() >= 2;
    if !word.chars().all(|c| c.is_alphanumeric() || "/\\._-@+~:#%$".contains(c)) {
        return None;
    }
    let ended = name.rsplit_once('.').is_some_and(|(stem, end)| {
        let known = ENDINGS.is(&end.to_ascii_lowercase());
        known && (!stem.is_empty() || word.len() > name.len())
    });
    let known = (ended || BARE.is(name)) && !name.is_empty();
    let other = NOT_FILES.is(&word.to_ascii_lowercase());
    (!other && name.len() > 2 && (known || (rooted && plausible(name)))).then_some(word)
}

/// Whether the last part of a rooted path could be a file without a known ending.
fn plausible(name: &str) -> bool {
    name.split_once('.').is_some_and(|(stem, end)| {
        !stem.is_empty() && (1..=8).contains(&end.len()) && end.chars().all(char::is_alphanumeric)
    })
}

/// Without the line and column that compilers append.
fn line_number(word: &str) -> &str {
    let mut word = word;
    for _ in 0..2 {
        if let Some((head, tail)) = word.rsplit_once([':', '#'])
            && !head.is_empty()
            && tail.trim_start_matches('L').chars().all(|c| c.is_ascii_digit() || c == '-')
        {
            word = head;
        }
    }
    word
}

/// The paths that a call's arguments name: by their key, else by their looks.
pub fn of_args(args: &str) -> Vec<String> {
    let bits = json::bits(args);
    let by_key = bits.iter().filter_map(|bit| match bit {
        Bit::Pair(key, value) if KEYS.is(key) && fits(value) => Some(value.trim()),
        _ => None,
    });
    let mut out: Vec<String> = by_key.map(str::to_owned).collect();
    if out.is_empty() && bits.is_empty() {
        let label = args.split_once(':').filter(|(key, _)| KEYS.is(key.trim()));
        let text = label.map_or(args, |(_, rest)| rest);
        out =
            paths_in(text.lines().next().unwrap_or_default()).into_iter().map(Into::into).collect();
    }
    out.dedup();
    out
}

/// Whether a value can be a path at all.
fn fits(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && value.len() <= LONGEST
        && !value.contains(['\n', '*', '\0'])
        && !value.contains("://")
}

/// One spelling for one file: without `./` and with forward slashes.
pub fn spelling(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let mut rest = path.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter;
    }
    rest.trim_end_matches('/').to_owned()
}
