//! How much of a state a prompt carries over, measured word pair by word pair.

use crate::wire::state::State;
use std::collections::HashSet;

/// The share of `state` that stands in `prompt`, 0-1: conversation .3, task .4, files .2, tools
/// .1 (reference behaviour). A category that holds nothing counts nothing: an empty checkpoint
/// restores nothing and scores 0, one without tools at most .9.
#[must_use]
pub fn fidelity(state: &State, prompt: &str) -> f64 {
    let have = pairs(prompt, true);
    let (talk, task, files, tools) = (&state.conversation, &state.task, &state.files, &state.tools);
    let mut conversation: Vec<&str> = vec![&talk.summary, &talk.current_context];
    conversation.extend(talk.decisions.iter().map(|d| d.text.as_str()));
    let mut work: Vec<&str> = vec![&task.operation];
    work.extend(task.completed_steps.iter().map(String::as_str));
    work.extend(task.next_steps.iter().map(String::as_str));
    work.extend(task.blockers.iter().map(|b| b.text.as_str()));
    let lists = [&files.active, &files.modified, &files.created, &files.attached];
    let mut paths: Vec<&str> = lists.into_iter().flatten().map(String::as_str).collect();
    paths.extend(files.artifacts.iter().map(|made| made.title.as_str()));
    let mut calls: Vec<&str> = tools.sessions.iter().map(|s| s.last.as_str()).collect();
    calls.extend(tools.pending.iter().map(|p| p.how_to_resume.as_str()));
    calls.extend(tools.recent.iter().map(|c| c.name.as_str()));
    let parts = [(0.3, conversation), (0.4, work), (0.2, paths), (0.1, calls)];
    let sum: f64 = parts.iter().map(|(weight, probes)| weight * kept(probes, &have)).sum();
    sum.clamp(0.0, 1.0)
}

/// The mean share of each probe's word pairs that the prompt holds.
fn kept(probes: &[&str], have: &HashSet<u64>) -> f64 {
    let shares = probes.iter().filter_map(|probe| {
        let want = pairs(probe, false);
        let hit = want.iter().filter(|pair| have.contains(pair)).count();
        (!want.is_empty()).then(|| share(hit, want.len()))
    });
    let (sum, count) = shares.fold((0.0, 0usize), |(sum, n), s| (sum + s, n + 1));
    if count == 0 { 0.0 } else { sum / f64::from(u32::try_from(count).unwrap_or(u32::MAX)) }
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

/// The pairs of neighbouring words of a text, hashed; with the words themselves where `singles`
/// says so, or where there is only one.
fn pairs(text: &str, singles: bool) -> HashSet<u64> {
    let words: Vec<u64> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(crate::base::text::hash)
        .collect();
    let pair = |w: &[u64]| w.iter().fold(7, |h: u64, x| h.wrapping_mul(0x100_0000_01b3) ^ x);
    let mut out: HashSet<u64> = words.windows(2).map(pair).collect();
    if singles || words.len() == 1 {
        out.extend(words);
    }
    out
}
