//! Category 3: files, from tool arguments first, then from code, diffs and prose.

use super::artifacts;
use super::cues::{Cues, lower};
use super::json;
use super::lines::{Chat, Fence, Latest, Said};
use super::paths::{of_args, paths_in, spelling};
use super::tools::{Act, act_of, command, kind_of};
use crate::base::limits::{DIFF_BYTES, FILES, NAME_CHARS};
use crate::base::text::{clip, tail};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::state::{Files, ToolKind};
use std::collections::HashMap;

/// Files followed at once; the ones not touched for longest are forgotten first.
const FOLLOWED: usize = FILES * 8;
/// Bytes that one edit may add to the diff text.
const EDIT_BYTES: usize = 1_500;

/// What is known of one file.
#[derive(Clone, Debug, Default)]
struct Known {
    /// When it was last touched, counted up.
    last: u64,
    /// It was there before the chat made it, as far as seen.
    before: bool,
    created: bool,
    modified: bool,
    gone: bool,
}

/// How a file was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touch {
    Named,
    Read,
    Written,
    Made,
    Changed,
    Removed,
}

#[derive(Debug, Default)]
struct Follow {
    files: HashMap<String, Known>,
    clock: u64,
    diff: Vec<String>,
}

/// The third category.
pub fn files(chat: &Chat<'_>) -> Files {
    let mut follow = Follow::default();
    let mut attached: Latest<String> = Latest::new();
    for said in &chat.said {
        for name in said.turn.attachments.iter().map(|a| clip(a.name.trim(), NAME_CHARS)) {
            if !name.is_empty() {
                attached.push(name.clone(), name);
            }
        }
        follow.prose(said);
        for fence in &said.fences {
            follow.fence(said, fence);
        }
        for call in &said.turn.calls {
            follow.call(call);
        }
    }
    Files { artifacts: artifacts::artifacts(chat), ..follow.finish(attached.last(FILES)) }
}

impl Follow {
    fn touch(&mut self, path: &str, how: Touch) {
        let path = spelling(path);
        if path.is_empty() {
            return;
        }
        self.clock += 1;
        let file = self.files.entry(path).or_default();
        file.last = self.clock;
        match how {
            Touch::Named => {}
            Touch::Read => file.before |= !file.created,
            Touch::Written if file.before || file.created => file.modified |= !file.created,
            Touch::Written | Touch::Made => file.created = true,
            Touch::Changed => {
                file.before |= !file.created;
                file.modified |= !file.created;
            }
            Touch::Removed => {}
        }
        file.gone = how == Touch::Removed;
        if self.files.len() > FOLLOWED {
            let mut stamps: Vec<u64> = self.files.values().map(|f| f.last).collect();
            let middle = stamps.len() / 2;
            let (_, cut, _) = stamps.select_nth_unstable(middle);
            let cut = *cut;
            self.files.retain(|_, f| f.last >= cut);
        }
    }

    /// Paths in sentences. The model's own verbs tell what it did to them.
    fn prose(&mut self, said: &Said<'_>) {
        static MADE: Cues = Cues::new("created|new file|wrote|i've added|i added");
        static CHANGED: Cues = Cues::new(
            "\
            updated|edited|changed|modified|fixed|refactored|patched|rewrote|replaced|extended",
        );
        for line in said.prose() {
            let found = paths_in(line);
            if found.is_empty() {
                continue;
            }
            let words = lower(line);
            let how = match () {
                () if said.by_user() => Touch::Named,
                () if MADE.inside(&words) => Touch::Written,
                () if CHANGED.inside(&words) => Touch::Changed,
                () => Touch::Named,
            };
            for path in found {
                self.touch(path, how);
            }
        }
    }

    fn fence(&mut self, said: &Said<'_>, fence: &Fence<'_>) {
        let mut lines = said.fence_lines(fence);
        let first = lines.next().unwrap_or_default();
        let lang = fence.info.split([' ', ':', ',', '{']).next().unwrap_or_default();
        if matches!(lang, "diff" | "patch") || begins_diff(first) {
            let text: Vec<&str> = said.fence_lines(fence).collect();
            self.take_diff(&text.join("\n"));
            return;
        }
        if said.by_user() {
            return;
        }
        let rest = fence.info.get(lang.len()..).unwrap_or_default();
        let titled = paths_in(rest.trim_start_matches([':', ' '])).first().copied();
        let comment = first.trim_start_matches(['/', '#', '-', '<', '!', '*', ';', ' ']);
        let headed = (comment.len() < first.len() && first.len() < 120)
            .then(|| paths_in(comment).first().copied())
            .flatten()
            .filter(|p| comment.trim().starts_with(p));
        let before = fence.before.trim_matches(['*', '#', '`', ':', ' ']);
        let named = paths_in(before).first().copied().filter(|p| before.len() <= p.len() + 4);
        if let Some(path) = titled.or(headed).or(named) {
            self.touch(path, Touch::Written);
        }
    }

    fn take_diff(&mut self, text: &str) {
        let mut from_null = false;
        for line in text.lines() {
            let path = |p: &str| p.split('\t').next().unwrap_or_default().trim().to_owned();
            if let Some(old) = line.strip_prefix("--- ") {
                from_null = path(old) == "/dev/null";
            } else if let Some(new) = line.strip_prefix("+++ ") {
                let new = path(new);
                let new = new.strip_prefix("b/").unwrap_or(&new);
                if new != "/dev/null" && !new.is_empty() {
                    self.touch(new, if from_null { Touch::Made } else { Touch::Changed });
                }
            } else if let Some((how, path)) = patch_line(line) {
                self.touch(path, how);
            }
        }
        let text = text.trim_end();
        if !text.is_empty() {
            self.diff.retain(|d| d != text);
            self.diff.push(text.to_owned());
            // Only the last 10 KB are kept in the end, and many small diffs must not pile up.
            if self.diff.len() > 200 {
                self.diff.drain(..100);
            }
        }
    }

    fn call(&mut self, call: &ToolCall) {
        static FRESH: Cues = Cues::new("file created|created successfully|new file");
        static THERE: Cues = Cues::new("has been updated|file updated|overwrote");
        let done = call.state == CallState::Done;
        let act = act_of(call);
        if kind_of(&call.name) == ToolKind::Terminal {
            self.command(&command(call), done);
        } else if matches!(act, Act::Read | Act::Edit | Act::Write) {
            let told = lower(crate::base::text::head(&call.result, 400));
            let fresh = FRESH.inside(&told);
            let there = THERE.inside(&told);
            for path in of_args(&call.args) {
                let how = match act {
                    _ if !done => Touch::Named,
                    Act::Read => Touch::Read,
                    Act::Write if fresh => Touch::Made,
                    Act::Write if there => Touch::Changed,
                    Act::Write => Touch::Written,
                    _ => Touch::Changed,
                };
                self.touch(&path, how);
            }
            if done && act == Act::Edit {
                self.edit(call);
            }
        }
        if let Some(diff) = diff_in(call).filter(|_| done) {
            self.take_diff(diff);
        }
    }

    /// An edit's old and new text is a diff that nobody else may have kept.
    fn edit(&mut self, call: &ToolCall) {
        let bits = json::bits(&call.args);
        if let Some(patch) = json::value(&bits, "patch|diff|input")
            .filter(|p| p.contains("*** ") || p.contains("@@"))
        {
            self.take_diff(patch);
            return;
        }
        let old = json::value(&bits, "old_string|old_str|old_text");
        let new = json::value(&bits, "new_string|new_str|new_text");
        let path = of_args(&call.args).into_iter().next();
        if let (Some(old), Some(new), Some(path)) = (old, new, path) {
            let mut text = format!("--- {path}\n+++ {path}\n");
            for (sign, side) in [('-', old), ('+', new)] {
                for line in side.lines() {
                    if text.len() + line.len() > EDIT_BYTES {
                        break;
                    }
                    text.push(sign);
                    text.push_str(line);
                    text.push('\n');
                }
            }
            self.take_diff(&text);
        }
    }

    fn command(&mut self, command: &str, done: bool) {
        // A document fed to a command is its text, not its arguments.
        let shown = command.split("<<").next().unwrap_or_default();
        let has_patch = command.contains("*** Begin Patch");
        if done && has_patch {
            self.take_diff(command);
        }
        for part in shown.split(['\n', ';', '|']).flat_map(|p| p.split("&&")).take(200) {
            let mut words = part.split_whitespace();
            let program = words.next().unwrap_or_default();
            let how = match program {
                _ if !done => Touch::Named,
                "rm" => Touch::Removed,
                "touch" => Touch::Made,
                "tee" => Touch::Written,
                "sed" if part.contains(" -i") => Touch::Changed,
                "cat" | "head" | "tail" | "sed" | "less" => Touch::Read,
                "git" if part.contains("git commit") => {
                    self.diff.clear();
                    Touch::Named
                }
                _ => Touch::Named,
            };
            let (before, into) = part.split_once('>').map_or((part, ""), |(a, b)| (a, b));
            for path in paths_in(before) {
                self.touch(path, how);
            }
            let into = into.trim_start_matches(['>', '&', ' ']);
            for path in paths_in(into).into_iter().take(1) {
                self.touch(path, if done { Touch::Written } else { Touch::Named });
            }
        }
    }

    fn finish(self, attached: Vec<String>) -> Files {
        let mut all: Vec<(String, Known)> = merge(self.files).into_iter().collect();
        all.retain(|(_, f)| !f.gone);
        all.sort_by_key(|(_, f)| std::cmp::Reverse(f.last));
        let list = |pick: &dyn Fn(&Known) -> bool| -> Vec<String> {
            all.iter().filter(|(_, f)| pick(f)).take(FILES).map(|(p, _)| p.clone()).collect()
        };
        Files {
            active: list(&|_| true),
            modified: list(&|f| f.modified),
            created: list(&|f| f.created),
            attached,
            artifacts: Vec::new(),
            diff: last_diffs(&self.diff),
        }
    }
}

/// One entry for `b.rs`, `a/b.rs` and `/home/x/a/b.rs` where only one file can be meant.
fn merge(files: HashMap<String, Known>) -> HashMap<String, Known> {
    let mut by_name: HashMap<String, Vec<(String, Known)>> = HashMap::new();
    for (path, known) in files {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        by_name.entry(name).or_default().push((path, known));
    }
    let mut out = HashMap::new();
    for mut group in by_name.into_values() {
        group.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let mut kept: Vec<(String, Known)> = Vec::new();
        for (path, known) in group {
            let suffix = format!("/{}", path.trim_start_matches('/'));
            let mut same = kept.iter_mut().filter(|(long, _)| long.ends_with(&suffix));
            match (same.next(), same.next()) {
                (Some((_, into)), None) => {
                    into.gone = if known.last > into.last { known.gone } else { into.gone };
                    into.last = into.last.max(known.last);
                    into.created |= known.created;
                    into.modified = (into.modified | known.modified) && !into.created;
                }
                _ => kept.push((path, known)),
            }
        }
        out.extend(kept);
    }
    out
}

/// The diff that a call returned: all of its result, or what another command of the same line said
/// before it left over. A commit that is shown begins with its name, and is no open change.
fn diff_in(call: &ToolCall) -> Option<&str> {
    let text = call.result.trim_start();
    if begins_diff(text) {
        return Some(text);
    }
    let at = text.find("\ndiff --git ").filter(|_| command(call).contains("git diff"))?;
    text.get(at + 1..)
}

fn begins_diff(line: &str) -> bool {
    line.starts_with("diff --git ") || line.starts_with("*** Begin Patch")
}

/// A line of the patch format that agents use.
fn patch_line(line: &str) -> Option<(Touch, &str)> {
    let rows = [
        ("*** Add File: ", Touch::Made),
        ("*** Update File: ", Touch::Changed),
        ("*** Delete File: ", Touch::Removed),
    ];
    rows.into_iter().find_map(|(head, how)| line.strip_prefix(head).map(|p| (how, p.trim())))
}

/// The last diffs that fit, whole lines, oldest first.
fn last_diffs(diffs: &[String]) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut room = DIFF_BYTES;
    for diff in diffs.iter().rev() {
        let cost = diff.len() + 1;
        if cost > room {
            if out.is_empty() {
                let cut = tail(diff, room / 4);
                out.push(cut.split_once('\n').map_or(cut, |(_, rest)| rest));
            }
            break;
        }
        room -= cost;
        out.push(diff);
    }
    out.reverse();
    out.join("\n")
}
