//! One chat for people and their other tools: a transcript in Markdown, and the same as JSON.
//!
//! What stands in a chat is data. In the transcript it stands inside fences that are longer than
//! any run of backticks in it, so whatever it says, it opens nothing, loads nothing and ends no
//! fence.

use crate::background::Whole;
use crate::base::{Moment, text};
use crate::session::{checkpoints, codec, segments};
use crate::wire::chat::{CallState, Role, ToolCall, Turn, TurnState};
use crate::wire::records::{SessionHead, Stored};
use crate::wire::state::Checkpoint;
use serde::Serialize;
use std::fmt::Write;

/// The shortest fence.
const FENCE: usize = 3;

/// A chat as Markdown.
#[must_use]
pub fn markdown(head: &SessionHead, records: &[Stored]) -> String {
    let whole = Whole::of(records);
    let mut out = String::new();
    fact(&mut out, "# Chat\n\nTitle", &head.title);
    fact(&mut out, "Site", &head.site);
    fact(&mut out, "Model", &head.model);
    fact(&mut out, "Address", &head.url);
    fact(&mut out, "First seen", &time(head.started_at));
    fact(&mut out, "Last saved", &time(head.updated_at));
    fact(&mut out, "Not readable", &some(whole.damaged));
    for turn in &whole.turns {
        write_turn(&mut out, turn);
    }
    if !whole.checkpoints.is_empty() {
        out.push_str("\n## Checkpoints\n\n");
    }
    for point in &whole.checkpoints {
        let (number, when, turns) = (point.number, time(point.created_at), point.turn_count);
        line(&mut out, format_args!("- {number} · {when} · {turns} turns"));
    }
    out
}

fn write_turn(out: &mut String, turn: &Turn) {
    let who = match turn.role {
        Role::User => "Person",
        Role::Assistant => "Assistant",
    };
    line(
        out,
        format_args!("\n## {} · {who} · {}\n", turn.position.saturating_add(1), time(turn.at)),
    );
    if turn.state != TurnState::Done {
        line(out, format_args!("*{}*\n", state(turn.state)));
    }
    for file in &turn.attachments {
        let named = [&file.name, &file.kind, &file.size].map(String::as_str).join(" ");
        fact(out, "File", &named);
    }
    if !turn.thinking.is_empty() {
        out.push_str("Thinking:\n\n");
        fenced(out, "text", &turn.thinking);
    }
    if !turn.markdown.is_empty() {
        fenced(out, "markdown", &turn.markdown);
    }
    for made in &turn.artifacts {
        fact(out, "Made", &format!("{} {} {}", made.title, made.kind, made.versions.join(", ")));
    }
    turn.calls.iter().for_each(|call| write_call(out, call));
}

fn write_call(out: &mut String, call: &ToolCall) {
    let how = match call.state {
        CallState::Running => "running",
        CallState::Done => "done",
        CallState::Failed => "failed",
        CallState::Asked => "waiting for a person",
        CallState::Refused => "refused by a person",
    };
    let ended = call.ended_at.or(call.started_at).map(time).unwrap_or_default();
    fact(out, "Tool call", &format!("{} · {how} · {ended}", call.name));
    for (what, said) in [("With", &call.args), ("Result", &call.result), ("Error", &call.error)] {
        if !said.is_empty() {
            line(out, format_args!("{what}:\n"));
            fenced(out, "text", said);
        }
    }
}

/// A line with a word of the page in code, so that nothing in it means anything.
fn fact(out: &mut String, what: &str, said: &str) {
    let said = text::one_line(said);
    if !said.is_empty() {
        let ticks = "`".repeat(longest_run(&said) + 1);
        line(out, format_args!("{what}: {ticks} {said} {ticks}\n"));
    }
}

fn fenced(out: &mut String, kind: &str, said: &str) {
    let fence = "`".repeat(FENCE.max(longest_run(said) + 1));
    // A lone carriage return ends a line as well.
    let said = said.replace("\r\n", "\n").replace('\r', "\n");
    line(out, format_args!("{fence}{kind}\n{said}\n{fence}\n"));
}

/// The longest run of backticks.
fn longest_run(said: &str) -> usize {
    said.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

fn line(out: &mut String, words: std::fmt::Arguments<'_>) {
    // A text in memory takes whatever is written to it.
    let _ = writeln!(out, "{words}");
}

fn some(count: u32) -> String {
    if count == 0 { String::new() } else { format!("{count} records") }
}

fn state(state: TurnState) -> &'static str {
    match state {
        TurnState::Done => "finished",
        TurnState::Streaming | TurnState::Stalled | TurnState::Hung => "was still coming",
        TurnState::Stopped => "was stopped",
        TurnState::Interrupted | TurnState::Dropped => "broke off",
        TurnState::Vanished => "was taken back by the page",
    }
}

/// A moment as ISO 8601 in UTC, to the second.
fn time(at: Moment) -> String {
    let (days, seconds) = (at.0 / 86_400_000, at.0 / 1_000 % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a count of days since 1970 (Hinnant, `civil_from_days`: years begin in
/// March, so that the day too many comes last).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// A chat as JSON.
#[derive(Serialize)]
struct Transcript<'a> {
    title: &'a str,
    site: &'a str,
    model: &'a str,
    url: &'a str,
    started_at: String,
    updated_at: String,
    damaged: u32,
    turns: &'a [Turn],
    checkpoints: Vec<Checkpoint>,
}

/// A chat as JSON: its turns, and its checkpoints in full. Moments inside are milliseconds since
/// 1970.
#[must_use]
pub fn transcript(head: &SessionHead, records: &[Stored]) -> String {
    let whole = Whole::of(records);
    let points = segments::texts_of(records, &whole.turns).into_iter();
    let opened = points.filter_map(|(point, texts)| {
        let at = codec::checkpoint_key(&head.id, point.number);
        // For its problem alone, which is not told.
        let nobody = codec::formless(at, head.id.clone());
        let state = checkpoints::read(&nobody, &texts?, &point, &whole.turns).ok()?;
        Some(checkpoints::whole(&head.id, &point, state))
    });
    let all = Transcript {
        title: &head.title,
        site: &head.site,
        model: &head.model,
        url: &head.url,
        started_at: time(head.started_at),
        updated_at: time(head.updated_at),
        damaged: whole.damaged,
        turns: &whole.turns,
        checkpoints: opened.collect(),
    };
    codec::json(&all)
}
