//! A chat that was resumed carries on the state that its first message restored.

use super::artifacts;
use super::lines::{Chat, Latest, key};
use crate::base::limits::{
    COMPLETED_STEPS, DECISIONS, FILES, NEXT_STEPS, PREFERENCES, SUMMARY_CHARS,
};
use crate::base::text::clip;
use crate::wire::state::{Files, Noted, State};
use std::collections::HashSet;

/// Characters of the summary that the first goal keeps.
const GOAL_CHARS: usize = 420;
/// Turns after which blockers that were carried over count as gone unless they are said again.
const BLOCKED_TURNS: usize = 5;

/// `state` with what the newest record in the chat restored.
pub fn carry(chat: &Chat<'_>, mut state: State) -> State {
    let with_record = chat.said.iter().rev().find_map(|s| Some((s, s.record.as_ref()?)));
    let Some((said, record)) = with_record else { return state };
    let old = record.state(&said.turn.key);
    let talk = &mut state.conversation;
    talk.summary = summary(&old.conversation.summary, &talk.summary);
    talk.decisions =
        notes([old.conversation.decisions, std::mem::take(&mut talk.decisions)], DECISIONS);
    let asked_again = chat.of_user().any(|s| !s.lines.is_empty());
    if !asked_again && let Some(asked) = old.conversation.recent.into_iter().next() {
        let answered = std::mem::take(&mut talk.current_context);
        let asked_text = format!("Asked: {} {answered}", clip(&asked.text.replace('\n', " "), 200));
        talk.current_context = clip(asked_text.trim(), crate::base::limits::CONTEXT_CHARS);
        // The oldest makes room for it.
        if talk.recent.len() >= crate::base::limits::RECENT_MESSAGES {
            talk.recent.remove(0);
        }
        talk.recent.insert(0, asked);
    }

    let task = &mut state.task;
    if !asked_again && !old.task.operation.is_empty() {
        task.operation = old.task.operation;
    }
    if task.progress.is_none() {
        task.next_steps.extend(old.task.next_steps);
        task.progress = old.task.progress;
    }
    task.completed_steps = texts(
        [old.task.completed_steps, std::mem::take(&mut task.completed_steps)],
        COMPLETED_STEPS,
    );
    let done: HashSet<String> = task.completed_steps.iter().map(|s| key(s)).collect();
    let mut seen = HashSet::new();
    task.next_steps.retain(|s| !done.contains(&key(s)) && seen.insert(key(s)));
    task.next_steps.truncate(NEXT_STEPS);
    if task.blockers.is_empty() && chat.said.len() <= BLOCKED_TURNS {
        task.blockers = old.task.blockers;
    }

    files(&mut state.files, old.files);
    let wishes = &mut state.preferences;
    wishes.recent =
        notes([old.preferences.recent, std::mem::take(&mut wishes.recent)], PREFERENCES);
    if wishes.custom_instructions.is_empty() {
        wishes.custom_instructions = old.preferences.custom_instructions;
    }
    state
}

/// Adds the files that the record named.
fn files(files: &mut Files, old: Files) {
    let lists = [
        (&mut files.modified, old.modified),
        (&mut files.created, old.created),
        (&mut files.attached, old.attached),
        (&mut files.active, old.active),
    ];
    for (list, more) in lists {
        let known: HashSet<String> = list.iter().cloned().collect();
        list.extend(more.into_iter().filter(|path| !known.contains(path)));
        list.truncate(FILES);
    }
    files.artifacts = artifacts::carried(old.artifacts, std::mem::take(&mut files.artifacts));
    let created: HashSet<&String> = files.created.iter().collect();
    files.modified.retain(|path| !created.contains(path));
}

/// The first goal, then what came since.
fn summary(old: &str, new: &str) -> String {
    let goal = [" Then asked:", " So far:", " Since then:"]
        .iter()
        .fold(old, |text, cut| text.split(cut).next().unwrap_or(text));
    let goal = clip(goal.trim(), GOAL_CHARS);
    let new = new.replacen("Goal: ", "asked ", 1);
    match (goal.is_empty(), new.is_empty()) {
        (true, _) => new.replacen("asked ", "Goal: ", 1),
        (_, true) => clip(old, SUMMARY_CHARS),
        _ => clip(&format!("{goal} Since then: {new}"), SUMMARY_CHARS),
    }
}

fn notes(parts: [Vec<Noted>; 2], limit: usize) -> Vec<Noted> {
    let mut all = Latest::new();
    parts.into_iter().flatten().for_each(|n| all.push(key(&n.text), n));
    all.last(limit)
}

fn texts(parts: [Vec<String>; 2], limit: usize) -> Vec<String> {
    let mut all = Latest::new();
    parts.into_iter().flatten().for_each(|t| all.push(key(&t), t));
    all.last(limit)
}
