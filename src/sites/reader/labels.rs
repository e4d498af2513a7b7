//! What the labels of steps say: a tool's name, how far its call is, or that it is thinking.

use crate::base::text::lower;
use crate::sites::Words;
use crate::wire::chat::CallState;

/// What a label alone tells of calls.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Call { name: String, said: Option<CallState> },
    Count(usize),
}

pub(super) fn told(words: &Words, label: &str) -> Told {
    let label = words.name_starts.iter().find_map(|s| label.strip_prefix(s)).unwrap_or(label);
    let plain = lower(label);
    if label.is_empty() || words.not_calls.iter().any(|start| plain.starts_with(start)) {
        return Told::Nothing;
    }
    let after = |starts: &[&str]| starts.iter().find_map(|start| label.strip_prefix(start));
    let failed = words.call_failed.iter().find_map(|end| label.strip_suffix(end));
    let (name, said) = if let Some(name) = failed {
        (name, Some(CallState::Failed))
    } else if let Some(name) = after(words.call_running) {
        (name, Some(CallState::Running))
    } else if let Some(name) = after(words.call_ended) {
        (name, Some(CallState::Done))
    } else {
        (label, None)
    };
    let name = if words.any_page { tool_word(name).unwrap_or(name) } else { name };
    // "Used 2 tools" counts calls and names none.
    let count = name.split_whitespace().next().and_then(|word| word.parse().ok());
    match count {
        Some(count) if failed.is_none() => Told::Count(count),
        _ => Told::Call { name: name.trim().to_owned(), said },
    }
}

/// What a label of any page counts: `Explored 3 read_file, 1 grep_files`.
pub(super) fn counted(words: &Words, label: &str) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    let mut before = None;
    for word in label.split_ascii_whitespace().filter(|_| words.any_page) {
        let name = bare(word);
        if let Some(count) = before.filter(|_| is_tool_word(name)) {
            all.push((count, name.to_owned()));
        }
        before = word.parse().ok();
    }
    all
}

/// Whether a label alone, with nothing under it, is a call's: on any page much opens and closes.
pub(super) fn names_call(words: &Words, label: &str) -> bool {
    !words.any_page
        || match told(words, label) {
            Told::Call { said, .. } => {
                said.is_some() || tool_word(label).is_some() || !counted(words, label).is_empty()
            }
            Told::Count(_) | Told::Nothing => false,
        }
}

/// The one word of a label that looks like a name in a program; it may be said twice.
fn tool_word(label: &str) -> Option<&str> {
    let mut named = label.split_ascii_whitespace().map(bare).filter(|word| is_tool_word(word));
    let first = named.next()?;
    named.all(|word| word == first).then_some(first)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_ascii_alphanumeric())
}

fn is_tool_word(word: &str) -> bool {
    let inner = word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let joined = word.contains('_')
        || word.bytes().skip(1).any(|b| b.is_ascii_uppercase())
            && word.bytes().any(|b| b.is_ascii_lowercase());
    inner && joined
}
