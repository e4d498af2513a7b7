//! Category 4: tools, by kind; what had not ended; the last calls.

use super::cues::{Cues, is_one};
use super::json;
use super::lines::{Chat, squeeze};
use super::paths;
use crate::base::limits::{CALL_CHARS, NAME_CHARS, PENDING, RECENT_CALLS};
use crate::base::text::{clip, one_line};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::state::{CallNote, Pending, ToolKind, ToolSession, Tools};
use std::collections::BTreeMap;

/// The words of a tool's name: parted at signs and at inner capitals, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_small) {
            out.push(String::new());
        }
        was_small = c.is_lowercase() || c.is_numeric();
        if let Some(last) = out.last_mut().filter(|_| c.is_alphanumeric()) {
            last.extend(c.to_lowercase());
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// Whether any of the words is one of `any`.
fn named(words: &[String], any: &str) -> bool {
    words.iter().any(|w| is_one(w, any))
}

/// The kind of a tool, from its name.
#[must_use]
pub fn kind_of(name: &str) -> ToolKind {
    const SEARCH: &str = "search|grep|glob|find|query|lookup|websearch|rg|ripgrep|toolsearch";
    const BROWSER: &str = "\
        browser|navigate|click|fetch|webfetch|url|screenshot|playwright|puppeteer|web|page|scrape|\
        curl";
    const TERMINAL: &str = "\
        bash|shell|terminal|exec|execute|run|command|cmd|powershell|python|interpreter|repl|\
        process|script|ssh|console|tests|sh";
    const FILES: &str = "\
        read|write|edit|multiedit|file|files|create|view|replace|notebook|patch|artifact|\
        artifacts|ls|dir|directory|insert|delete|rename|move";
    let words = words(name);
    let rows: [(ToolKind, &str); 4] = [
        (ToolKind::Search, SEARCH),
        (ToolKind::Browser, BROWSER),
        (ToolKind::Terminal, TERMINAL),
        (ToolKind::Files, FILES),
    ];
    rows.iter().find(|(_, any)| named(&words, any)).map_or(ToolKind::Other, |(kind, _)| *kind)
}

/// What one call does to the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Looks at a file or a page.
    Read,
    /// Searches.
    Search,
    /// Changes a file that is there.
    Edit,
    /// Writes a file, which may be new.
    Write,
    /// Runs tests or checks.
    Check,
    /// Runs a command.
    Run,
    /// Keeps a list of steps.
    Plan,
    /// None of these.
    Other,
}

/// What a call does, from its name and its command.
pub fn act_of(call: &ToolCall) -> Act {
    let words = words(&call.name);
    if named(&words, "todo|todos|todowrite|plan|task|tasks")
        && named(&words, "todo|todos|todowrite|update|write|create|list|exit")
    {
        return Act::Plan;
    }
    match kind_of(&call.name) {
        ToolKind::Search => Act::Search,
        ToolKind::Browser => Act::Read,
        ToolKind::Terminal => command_act(&command(call)),
        ToolKind::Files => {
            let first = json::bits(&call.args);
            let verb = json::value(&first, "command|action|operation").unwrap_or_default();
            let is = |any: &str| named(&words, any) || is_one(verb, any);
            if is("view|read|ls|dir|directory") && !is("edit|replace") || verb == "view" {
                Act::Read
            } else if is("create|write|artifact|artifacts") && verb != "str_replace" {
                Act::Write
            } else if is("edit|multiedit|replace|str_replace|patch|insert|update|rewrite")
                || is("delete|rename|move|notebook")
            {
                Act::Edit
            } else {
                Act::Read
            }
        }
        ToolKind::Other => Act::Other,
    }
}

/// What a command line does.
fn command_act(command: &str) -> Act {
    static CHECKS: Cues = Cues::new(
        "\
        test|tests|pytest|jest|vitest|nextest|clippy|check|lint|tsc|mypy|ruff|eslint|fmt|ctest|\
        rspec|phpunit|playwright|bench|verify|unittest|tox|flake8|typecheck|shellcheck|vet",
    );
    static LOOKS: Cues = Cues::new("cat|ls|head|tail|less|wc|stat|tree|pwd|file|diff|sed");
    let mut words = command.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    let first = words.find(|w| !w.is_empty() && *w != "cd").unwrap_or_default();
    let mut near = command.split_whitespace().take(40);
    if near.any(|w| CHECKS.is(w.trim_matches(|c: char| !c.is_alphanumeric()))) {
        Act::Check
    } else if is_one(first, "grep|rg|find|fd|ag") {
        Act::Search
    } else if LOOKS.is(first) && !command.contains('>') && !command.contains(" -i") {
        Act::Read
    } else {
        Act::Run
    }
}

/// The command line of a terminal call, or its arguments as they stand.
pub fn command(call: &ToolCall) -> String {
    command_of(&call.args)
}

fn command_of(args: &str) -> String {
    let bits = json::bits(args);
    let keys = "command|cmd|script|code|input";
    let parts: Vec<&str> = bits
        .iter()
        .filter_map(|bit| match bit {
            json::Bit::Pair(key, value) if is_one(key, keys) => Some(value.as_str()),
            _ => None,
        })
        .collect();
    if parts.is_empty() { args.trim().to_owned() } else { parts.join(" ") }
}

/// What tells two calls of one tool to be about the same thing: the program of a command, the
/// path of a file.
pub fn about(call: &ToolCall) -> String {
    if kind_of(&call.name) == ToolKind::Terminal {
        let command = command(call);
        let last = command.rsplit("&&").next().unwrap_or_default();
        let mut words = last.split_whitespace().filter(|w| !w.contains('='));
        let program = words.next().unwrap_or_default();
        let sub = words.next().filter(|w| w.chars().all(|c| c.is_alphanumeric() || c == '-'));
        let sub = sub.filter(|w| !w.starts_with('-')).unwrap_or_default();
        return format!("$ {program} {sub}");
    }
    let path = paths::of_args(&call.args).into_iter().next();
    path.map_or_else(|| call.name.clone(), |p| format!("file {p}"))
}

/// The fourth category.
pub fn tools(chat: &Chat<'_>) -> Tools {
    let mut kinds: BTreeMap<ToolKind, (u32, &ToolCall)> = BTreeMap::new();
    let mut pending = Vec::new();
    for (_, call) in chat.calls() {
        let slot = kinds.entry(kind_of(&call.name)).or_insert((0, call));
        *slot = (slot.0.saturating_add(1), call);
        match call.state {
            CallState::Running | CallState::Asked => pending.push(call),
            // The same call ended later: what the page still shows as running is the old row.
            _ => pending.retain(|p| p.name != call.name || p.args != call.args),
        }
        if pending.len() > PENDING {
            pending.remove(0);
        }
    }
    let mut recent: Vec<CallNote> =
        chat.calls().rev().take(RECENT_CALLS).map(|c| note(c.1)).collect();
    recent.reverse();
    Tools {
        sessions: kinds
            .into_iter()
            .map(|(kind, (calls, last))| ToolSession {
                kind,
                calls,
                last: gist(&last.name, &last.args),
            })
            .collect(),
        pending: pending
            .into_iter()
            .map(|call| Pending { call: note(call), how_to_resume: how_to_resume(call) })
            .collect(),
        recent,
    }
}

/// A call, shortened.
#[must_use]
pub fn note(call: &ToolCall) -> CallNote {
    let outcome = match (call.state, call.error.is_empty()) {
        (CallState::Failed, false) => &call.error,
        _ if call.result.is_empty() => &call.error,
        _ => &call.result,
    };
    CallNote {
        name: clip(&call.name, NAME_CHARS),
        args: squeeze(&call.args, CALL_CHARS),
        outcome: squeeze(outcome, CALL_CHARS),
        failed: call.state == CallState::Failed,
    }
}

/// What a call is about, in one clipped line: its command or its path rather than all of its JSON.
#[must_use]
pub fn gist(name: &str, args: &str) -> String {
    let text = match kind_of(name) {
        ToolKind::Terminal => command_of(args),
        ToolKind::Files => paths::of_args(args).join(" "),
        ToolKind::Search | ToolKind::Browser => {
            let bits = json::bits(args);
            let keys = "query|pattern|url|q|search|path";
            json::value(&bits, keys).unwrap_or_default().to_owned()
        }
        ToolKind::Other => String::new(),
    };
    let text = if text.trim().is_empty() { args } else { &text };
    let text = if text.trim().is_empty() { name } else { text };
    squeeze(&one_line(text), CALL_CHARS)
}

/// How to go on with a call that had not ended.
fn how_to_resume(call: &ToolCall) -> String {
    let what = squeeze(&gist(&call.name, &call.args), 160);
    match act_of(call) {
        Act::Read | Act::Search => format!("It changes nothing: run it again ({what})."),
        Act::Check => format!("Run it again and read the outcome ({what})."),
        Act::Edit | Act::Write => {
            format!("Read the file first; make the change only if it is missing ({what}).")
        }
        Act::Run => format!(
            "It may or may not have taken effect: look first, then run it again if needed ({what})."
        ),
        Act::Plan => format!("Write the list of steps again ({what})."),
        Act::Other => format!("Its outcome is not known: look before repeating it ({what})."),
    }
}
