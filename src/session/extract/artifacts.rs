//! What the model made beside its answers, each with the versions that were seen of it.

use super::lines::Chat;
use crate::base::limits::{ARTIFACT_VERSIONS, ARTIFACTS, NAME_CHARS};
use crate::base::text::clip;
use crate::wire::chat::Artifact;

/// The artifacts of a chat, the one that was made or changed last at the end.
pub fn artifacts(chat: &Chat<'_>) -> Vec<Artifact> {
    let mut all: Vec<Artifact> = Vec::new();
    for seen in chat.said.iter().flat_map(|said| &said.turn.artifacts) {
        join(&mut all, seen);
    }
    all.drain(..all.len().saturating_sub(ARTIFACTS));
    all
}

/// Adds what a chat before this one told of them; what is known here stays as it is.
pub fn carried(old: Vec<Artifact>, all: Vec<Artifact>) -> Vec<Artifact> {
    let mut joined = Vec::new();
    old.iter().chain(&all).for_each(|one| join(&mut joined, one));
    joined.drain(..joined.len().saturating_sub(ARTIFACTS));
    joined
}

/// One artifact goes by one title: a later version of it is the same one.
fn join(all: &mut Vec<Artifact>, seen: &Artifact) {
    let title = clip(seen.title.trim(), NAME_CHARS);
    if title.is_empty() {
        return;
    }
    let before = all.iter().position(|one| one.title == title).map(|at| all.remove(at));
    let mut one = before.unwrap_or_default();
    one.title = title;
    if !seen.kind.is_empty() {
        one.kind = clip(&seen.kind, NAME_CHARS);
    }
    for version in seen.versions.iter().map(|version| clip(version, NAME_CHARS)) {
        if !one.versions.contains(&version) {
            one.versions.push(version);
        }
    }
    one.versions.drain(..one.versions.len().saturating_sub(ARTIFACT_VERSIONS));
    all.push(one);
}
