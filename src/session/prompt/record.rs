//! Reading a prompt back: a chat that was resumed once and ends again begins with our own record.

use super::fit::{Look, Spec};
use super::sections as s;
use crate::base::TurnKey;
use crate::wire::chat::{Artifact, Role};
use crate::wire::state::{Noted, Phase, RecentMessage, State};

/// A message that holds a record, taken apart.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    inside: Vec<&'a str>,
    /// What the person wrote around it: the message without the record and our own sentences.
    pub around: Vec<&'a str>,
}

/// Sentences of ours around a record.
const FRAME: [&str; 4] = [
    "This continues an earlier chat",
    "What follows between the two lines marked",
    "Left out for length:",
    "Please continue with the next step",
];

/// Whether a line is one that we wrote around a record.
pub fn framing(line: &str) -> bool {
    FRAME.iter().any(|f| line.starts_with(f))
}

impl<'a> Record<'a> {
    /// The record in a message; none where there is no whole one.
    #[must_use]
    pub fn find(text: &'a str) -> Option<Self> {
        if !text.contains("<record ") {
            return None;
        }
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let bare = |line: &str| line.replace('\\', "");
        let (open, code) = lines.iter().enumerate().find_map(|(at, line)| {
            let code = bare(line).strip_prefix("<<<record ")?.trim().to_owned();
            (!code.is_empty()).then_some((at, code))
        })?;
        let mark = format!("record {code}>>>");
        let close = lines.iter().skip(open).position(|l| bare(l).starts_with(&mark))? + open;
        let inside = lines.get(open + 1..close)?.to_vec();
        let outside = lines.iter().take(open).chain(lines.iter().skip(close + 1));
        let around = outside.filter(|l| !l.is_empty() && !framing(l)).copied().collect();
        Some(Self { inside, around })
    }

    /// The lines of one section, without their marks.
    fn lines(&self, spec: &Spec) -> Vec<String> {
        let heading = spec.heading();
        if spec.look() == Look::Inline {
            let found = self.inside.iter().find_map(|l| l.strip_prefix(heading));
            return found.map(|l| uncovered(l.trim())).into_iter().collect();
        }
        let after = self.inside.iter().skip_while(|l| **l != heading).skip(1);
        let mark = if spec.look() == Look::Items { '•' } else { '|' };
        after
            .map_while(|line| line.strip_prefix(mark))
            .map(|line| uncovered(line.trim()))
            .filter(|line| line != "…")
            .collect()
    }

    /// The state that the record restored, as far as it held it; `turn` is the message's key.
    #[must_use]
    pub fn state(&self, turn: &TurnKey) -> State {
        let one = |spec: &Spec| {
            let line = self.lines(spec).into_iter().next().unwrap_or_default();
            if line == "not recorded" { String::new() } else { line }
        };
        let notes = |spec: &Spec| -> Vec<Noted> {
            let lines = self.lines(spec).into_iter();
            lines.map(|text| Noted { text, turn: turn.clone() }).collect()
        };
        let mut state = State::default();
        state.conversation.summary = one(&s::SUMMARY);
        state.conversation.decisions = notes(&s::DECISIONS);
        let asked = self.lines(&s::ASKED).join("\n");
        if !asked.is_empty() {
            state.conversation.recent.push(RecentMessage { role: Role::User, text: asked });
        }
        state.task.operation = one(&s::TASK);
        let progress = one(&s::PROGRESS);
        state.task.phase = phase(progress.rsplit(' ').next().unwrap_or_default());
        let percent = progress.split('%').next().and_then(|p| p.parse::<f64>().ok());
        state.task.progress = percent.map(|p| (p / 100.0).clamp(0.0, 1.0));
        state.task.completed_steps = self.lines(&s::COMPLETED);
        state.task.next_steps = self.lines(&s::NEXT);
        state.task.next_steps.retain(|step| step != "none recorded");
        state.task.blockers = notes(&s::BLOCKERS);
        for line in self.lines(&s::FILES) {
            let Some((label, paths)) = line.split_once(": ") else { continue };
            if label == "artifact" {
                state.files.artifacts.insert(0, artifact(paths));
                continue;
            }
            let paths: Vec<String> = paths.split(", ").map(str::to_owned).collect();
            match label {
                "changed" => state.files.modified.extend(paths.clone()),
                "made" => state.files.created.extend(paths.clone()),
                "attached" => state.files.attached.extend(paths),
                _ => state.files.active.extend(paths),
            }
        }
        let touched = [state.files.modified.clone(), state.files.created.clone()].concat();
        state.files.active.splice(0..0, touched);
        state.preferences.custom_instructions = self.lines(&s::RULES).join("\n");
        state.preferences.recent = notes(&s::WISHES);
        state
    }
}

/// `Title (v1/v2)`.
fn artifact(line: &str) -> Artifact {
    let cut = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("));
    let (title, versions) = cut.unwrap_or((line, ""));
    let versions = versions.split('/').filter(|version| !version.is_empty());
    Artifact {
        title: title.to_owned(),
        versions: versions.map(str::to_owned).collect(),
        ..Artifact::default()
    }
}

/// A line without the cover of its end.
fn uncovered(line: &str) -> String {
    line.strip_suffix(" |").unwrap_or(line).to_owned()
}

fn phase(word: &str) -> Phase {
    let all =
        [Phase::Exploring, Phase::Planning, Phase::Implementing, Phase::Verifying, Phase::Finished];
    all.into_iter().find(|p| s::phase(*p) == word).unwrap_or_default()
}
