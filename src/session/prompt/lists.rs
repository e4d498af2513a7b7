//! Files and tools as lists.

use super::Input;
use super::clean::Cleaner;
use crate::base::text::clip;
use crate::session::extract::gist;
use crate::wire::chat::Artifact;
use crate::wire::state::ToolKind;

/// Characters of one packed line of paths.
const PACKED_CHARS: usize = 180;

/// Paths, several to a line: changed and made ones first.
pub fn files(input: &Input<'_>, cleaner: &Cleaner<'_>) -> Vec<String> {
    let files = &input.state.files;
    let other =
        files.active.iter().filter(|f| !files.modified.contains(f) && !files.created.contains(f));
    let rows: [(&str, Vec<&String>); 4] = [
        ("changed: ", files.modified.iter().collect()),
        ("made: ", files.created.iter().collect()),
        ("attached: ", files.attached.iter().collect()),
        ("read or named: ", other.collect()),
    ];
    let mut out = Vec::new();
    for (label, paths) in rows {
        let mut line = String::new();
        for path in paths.into_iter().map(|p| cleaner.line(p)).filter(|p| !p.is_empty()) {
            if !line.is_empty() && line.len() + path.len() > PACKED_CHARS {
                out.push(std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { label } else { ", " });
            line.push_str(&path);
        }
        if !line.is_empty() {
            out.push(line);
        }
    }
    out.extend(files.artifacts.iter().rev().map(|made| artifact(made, cleaner)));
    out
}

/// One line of its own: a title may hold any sign.
fn artifact(made: &Artifact, cleaner: &Cleaner<'_>) -> String {
    let title = short(cleaner, &made.title, PACKED_CHARS / 2);
    let versions = short(cleaner, &made.versions.join("/"), PACKED_CHARS / 2);
    let versions = if versions.is_empty() { String::new() } else { format!(" ({versions})") };
    format!("artifact: {title}{versions}")
}

/// A text in one clean line of at most `chars` characters.
fn short(cleaner: &Cleaner<'_>, text: &str, chars: usize) -> String {
    clip(&cleaner.line(text), chars)
}

/// One line for each kind of tool.
pub fn sessions(input: &Input<'_>, cleaner: &Cleaner<'_>) -> Vec<String> {
    let kind = |k: ToolKind| match k {
        ToolKind::Terminal => "terminal",
        ToolKind::Browser => "browser",
        ToolKind::Search => "search",
        ToolKind::Files => "files",
        ToolKind::Other => "other",
    };
    let line = |s: &crate::wire::state::ToolSession| {
        let calls = if s.calls == 1 { "call" } else { "calls" };
        format!("{}: {} {calls}, last: {}", kind(s.kind), s.calls, short(cleaner, &s.last, 140))
    };
    input.state.tools.sessions.iter().map(line).collect()
}

/// One line for each operation that had not ended, with how to go on.
pub fn pending(input: &Input<'_>, cleaner: &Cleaner<'_>) -> Vec<String> {
    let line = |p: &crate::wire::state::Pending| {
        let how = short(cleaner, &p.how_to_resume, 300);
        format!("{} (not ended). {how}", short(cleaner, &p.call.name, 60))
    };
    input.state.tools.pending.iter().map(line).collect()
}

/// One line for each of the last calls, with what came of it.
pub fn calls(input: &Input<'_>, cleaner: &Cleaner<'_>) -> Vec<String> {
    let line = |c: &crate::wire::state::CallNote| {
        let sign = if c.failed { "failed" } else { "gave" };
        let outcome = short(cleaner, &c.outcome, 110);
        let outcome = if outcome.is_empty() { outcome } else { format!(" {sign}: {outcome}") };
        let gist = short(cleaner, &gist(&c.name, &c.args), 120);
        format!("{} {gist}{outcome}", short(cleaner, &c.name, 60))
    };
    input.state.tools.recent.iter().map(line).collect()
}
