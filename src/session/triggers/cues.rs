//! What a chat itself says of the right moment: a milestone reached, or something about to run
//! that cannot be taken back.

use super::command::{risky_command, risky_statement};
use super::green::{may_say_green, output_is_green, says_green, sentences};
use crate::base::text;
use crate::wire::chat::{CallState, Role, ToolCall, Turn};
use serde_json::Value;

/// Reasons for a checkpoint that are no number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cues {
    /// A person asked.
    pub user_requested: bool,
    /// The first answer of the session is finished.
    pub session_start: bool,
    /// The page is being left.
    pub session_end: bool,
    /// An item was finished, or tests passed.
    pub milestone: bool,
    /// Something that destroys, replaces or publishes is about to run.
    pub risky_operation: bool,
    /// What the milestone was read from, as hashes: known ones are no news. Empty: always news.
    pub milestones: Vec<u32>,
    /// The same for the risky operation.
    pub operations: Vec<u32>,
}

/// Characters of a tool result, from its end, in which a test's verdict is looked for.
const RESULT_CHARS: usize = 20_000;
/// Characters of one piece of code, and of one call's arguments, in which a command is looked for.
const CODE_CHARS: usize = 20_000;
/// Languages of fenced code that a person would run as it stands; the empty one is untagged.
const SHELLS: [&str; 14] = [
    "",
    "sh",
    "bash",
    "zsh",
    "fish",
    "shell",
    "console",
    "terminal",
    "shell-session",
    "powershell",
    "ps1",
    "cmd",
    "bat",
    "batch",
];
const SQL: [&str; 6] = ["sql", "postgresql", "pgsql", "mysql", "sqlite", "tsql"];
/// Words in the name of a tool that runs commands or statements.
const RUNS: [&str; 12] = [
    "bash",
    "shell",
    "terminal",
    "exec",
    "execute",
    "run",
    "command",
    "process",
    "powershell",
    "cmd",
    "sql",
    "console",
];
/// Keys of arguments that hold a command or a statement, whatever the tool is called.
const COMMAND_KEYS: [&str; 3] = ["command", "cmd", "sql"];
/// Words in the name of a tool that destroys, replaces or publishes by itself.
const DESTROYS: [&str; 11] = [
    "delete",
    "remove",
    "drop",
    "truncate",
    "destroy",
    "purge",
    "wipe",
    "overwrite",
    "deploy",
    "publish",
    "migrate",
];
/// First words in the name of a tool that only looks.
const LOOKS: [&str; 13] = [
    "get", "list", "read", "show", "search", "describe", "view", "check", "fetch", "find", "is",
    "count", "status",
];
/// What new and changed turns say. Only the model's turns count: a person who pastes a command,
/// or writes about one, runs nothing here.
#[must_use]
pub fn cues_of(changed: &[Turn]) -> Cues {
    let mut cues = Cues::default();
    let newest = changed.iter().max_by_key(|turn| turn.position).map(|turn| &turn.key);
    for turn in changed.iter().filter(|turn| turn.role == Role::Assistant) {
        // A command in an older answer was run or left long ago.
        let newest = newest == Some(&turn.key);
        let (prose, code) = blocks(&complete_lines(turn), newest);
        read_prose(turn, &prose, &mut cues);
        if newest {
            let found = code.iter().filter_map(|(language, code)| risky_code(language, code));
            let marks = found.map(|command| mark("code", turn.key.as_str(), &command));
            cues.operations.extend(marks);
        }
        for (index, call) in turn.calls.iter().enumerate() {
            read_call(turn, index, call, &mut cues);
        }
    }
    cues.milestone = !cues.milestones.is_empty();
    cues.risky_operation = !cues.operations.is_empty();
    cues
}

/// A half-written line may go on to say the opposite.
fn complete_lines(turn: &Turn) -> Vec<&str> {
    let mut lines: Vec<&str> = turn.markdown.lines().collect();
    if turn.state.is_open() && !turn.markdown.ends_with('\n') {
        lines.pop();
    }
    lines
}

fn mark(kind: &str, key: &str, what: &str) -> u32 {
    let hash = text::hash(&[kind, key, what].join("\n"));
    (hash ^ (hash >> 32)) as u32
}

fn read_prose(turn: &Turn, prose: &[&str], cues: &mut Cues) {
    for line in prose {
        if let Some((is_done, text)) = item(line) {
            if is_done && !text.is_empty() {
                cues.milestones.push(item_mark(text));
            }
            continue;
        }
        if !may_say_green(line) {
            continue;
        }
        for sentence in sentences(line) {
            if says_green(&sentence) {
                cues.milestones.push(mark("green", turn.key.as_str(), &sentence.join(" ")));
            }
        }
    }
}

/// An item is the same wherever and however often the list is shown.
fn item_mark(item: &str) -> u32 {
    mark("item", "", &text::lower(&text::one_line(item)))
}

/// An item of a list of things to do: whether it is ticked, and its text.
fn item(line: &str) -> Option<(bool, &str)> {
    let line = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let line = line.trim_start_matches(['-', '*', '+', '.', ')']).trim_start();
    let rest = |tick: &&str| line.strip_prefix(*tick);
    let ticked = ["[x]", "[X]", "☑"].iter().find_map(rest);
    let open = ["[ ]", "☐"].iter().find_map(rest);
    let text = ticked.or(open)?.trim_start_matches('\u{fe0f}').trim();
    Some((ticked.is_some(), text))
}

/// Prose and fenced code of an answer. A fence ends with its own mark, at least as long: a longer
/// one may hold a whole text with fences in it. One that is still open ends with the text. The
/// code is left out where nobody asks for it.
fn blocks<'a>(lines: &[&'a str], with_code: bool) -> (Vec<&'a str>, Vec<(String, String)>) {
    let (mut prose, mut code) = (Vec::new(), Vec::new());
    let mut open: Option<(&str, String, String)> = None;
    for line in lines {
        match (&mut open, fence(line)) {
            (None, Some((mark, language))) => open = Some((mark, language, String::new())),
            (None, None) => prose.push(*line),
            (Some((with, _, _)), Some((mark, info)))
                if info.is_empty() && mark.starts_with(*with) =>
            {
                code.extend(open.take().map(|(_, language, text)| (language, text)));
            }
            (Some(_), _) if !with_code => {}
            (Some((_, _, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    code.extend(open.map(|(_, language, text)| (language, text)));
    (prose, code)
}

/// The mark of a fence and its language, lower case.
fn fence(line: &str) -> Option<(&str, String)> {
    let line = line.trim_start();
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = line.trim_start_matches(first);
    let mark = line.get(..line.len() - rest.len()).filter(|mark| mark.len() >= 3)?;
    if rest.contains('`') {
        return None;
    }
    let info = rest.trim_start_matches(['{', '.', ' ']);
    let language = info.split([' ', ',', '}', '{']).next().unwrap_or_default();
    Some((mark, language.trim().to_ascii_lowercase()))
}

fn risky_code(language: &str, code: &str) -> Option<String> {
    let sql = SQL.contains(&language) || language.is_empty();
    let shell = SHELLS.contains(&language);
    let code = text::head(code, CODE_CHARS);
    let statement = if sql { risky_statement(code) } else { None };
    statement.or_else(|| if shell { risky_command(code) } else { None })
}

fn read_call(turn: &Turn, index: usize, call: &ToolCall, cues: &mut Cues) {
    let args = serde_json::from_str::<Value>(&call.args).ok();
    if let Some(args) = &args {
        done_steps(args, 0, &mut cues.milestones);
    }
    let place = format!("{} {index}", turn.key);
    if call.state == CallState::Done && output_is_green(text::tail(&call.result, RESULT_CHARS)) {
        cues.milestones.push(mark("green", &place, &call.args));
    }
    if !call.state.has_ended() && is_risky_call(call, args.as_ref()) {
        cues.operations.push(mark("call", &place, &call.args));
    }
}

/// Steps of a plan that a tool was told are completed.
fn done_steps(value: &Value, depth: usize, marks: &mut Vec<u32>) {
    match value {
        Value::Array(items) if depth < 4 => {
            items.iter().for_each(|item| done_steps(item, depth + 1, marks));
        }
        Value::Object(fields) if depth < 4 => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str);
            let name =
                ["content", "step", "title", "text", "task"].iter().find_map(|key| text(key));
            match (text("status"), name) {
                (Some("completed" | "done"), Some(name)) => marks.push(item_mark(name)),
                _ => fields.values().for_each(|field| done_steps(field, depth + 1, marks)),
            }
        }
        _ => {}
    }
}

fn is_risky_call(call: &ToolCall, args: Option<&Value>) -> bool {
    let words = name_words(&call.name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let looks = words.first().is_some_and(|word| LOOKS.contains(&word.as_str()));
    if has(&DESTROYS) && !looks {
        return true;
    }
    let Some(args) = args else {
        // Shown as plain text, or cut short: what stands between quotes is tried too.
        let texts = || std::iter::once(call.args.as_str()).chain(call.args.split('"'));
        return has(&RUNS) && texts().any(is_risky_text);
    };
    if args.get("overwrite") == Some(&Value::Bool(true)) {
        return true;
    }
    let mut texts = Vec::new();
    if has(&RUNS) {
        strings(args, 0, &mut texts);
    } else {
        let named = COMMAND_KEYS.iter().filter_map(|key| args.get(key));
        named.for_each(|value| strings(value, 0, &mut texts));
    }
    texts.iter().any(|text| is_risky_text(text))
}

fn is_risky_text(text: &str) -> bool {
    let text = text::head(text, CODE_CHARS);
    risky_statement(text).is_some() || risky_command(text).is_some()
}

/// Every text in the arguments; a list of words is a command in one.
fn strings(value: &Value, depth: usize, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) if depth < 4 => {
            let words: Vec<String> = items.iter().filter_map(Value::as_str).map(quoted).collect();
            texts.push(words.join(" "));
            items.iter().filter(|item| !item.is_string()).for_each(|item| {
                strings(item, depth + 1, texts);
            });
        }
        Value::Object(fields) if depth < 4 => {
            fields.values().for_each(|field| strings(field, depth + 1, texts));
        }
        _ => {}
    }
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.to_owned() }
}

/// `deleteFile`, `delete-file` and `server:delete_file` alike, as lower-case words.
fn name_words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut was_small = false;
    for c in name.chars() {
        if was_small && c.is_ascii_uppercase() {
            spaced.push(' ');
        }
        was_small = c.is_ascii_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    spaced.to_ascii_lowercase().split_whitespace().map(str::to_owned).collect()
}
