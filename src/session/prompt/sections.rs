//! What a record holds, section by section, from the state and the last turns.

use super::Input;
use super::clean::{Cleaner, LINE_CHARS};
use super::details::details;
use super::exchange::{self, Exchange};
use super::fit::{First, Look, Section, Spec};
use super::lists;
use crate::base::text::{clip, head, tail};
use crate::wire::state::{Noted, Phase};

/// The sections in the order in which they stand, each with its rank and its share of the room
/// in percent. What is needed to go on goes first; details take what the rest leaves.
pub const TITLE: Spec = Spec::new("Title:", "the title", Look::Inline, 1, 3);
pub const TASK: Spec = Spec::new("Task:", "the task", Look::Inline, 0, 12);
pub const PROGRESS: Spec = Spec::new("Progress:", "the progress", Look::Inline, 0, 10);
pub const SUMMARY: Spec = Spec::new("Summary:", "the summary", Look::Inline, 4, 8);
pub const NOW: Spec = Spec::new("Now:", "the current context", Look::Inline, 6, 4);
pub const NEXT: Spec = Spec::new("Next steps:", "next steps", Look::Items, 2, 8);
pub const BLOCKERS: Spec = Spec::new("Blockers:", "blockers", Look::Items, 8, 4);
pub const DECISIONS: Spec = Spec::new("Decisions:", "decisions", Look::Items, 9, 7);
pub const RULES: Spec = Spec::new(
    "Standing instructions of the person:",
    "the standing instructions",
    Look::Block,
    10,
    5,
);
pub const WISHES: Spec = Spec::new("Preferences of the person:", "preferences", Look::Items, 11, 4);
pub const COMPLETED: Spec = Spec::new("Completed:", "completed steps", Look::Items, 15, 4);
pub const FILES: Spec = Spec::new("Files:", "lines of files", Look::Items, 12, 6);
pub const TOOLS: Spec = Spec::new("Tools in use:", "kinds of tools", Look::Items, 13, 3);
pub const PENDING: Spec = Spec::new("Pending operations:", "pending operations", Look::Items, 7, 5);
pub const CALLS: Spec = Spec::new("Recent tool calls:", "recent calls", Look::Items, 17, 4);
pub const REQUESTS: Spec =
    Spec::new("Earlier messages of the person:", "earlier messages", Look::Items, 14, 8);
pub const ASKED: Spec =
    Spec::new("Last message of the person:", "the last message", Look::Block, 3, 12);
pub const ANSWER: Spec = Spec::new("Last answer, its end:", "the last answer", Look::Block, 5, 8);
pub const UNFINISHED: Spec =
    Spec::new("Unfinished answer, its end:", "the unfinished answer", Look::Block, 5, 8);
pub const DIFF: Spec = Spec::new("Changes not committed:", "the changes", Look::Block, 18, 3);
pub const DETAILS: Spec =
    Spec::new("Lines with names, where they last stood:", "lines with names", Look::Items, 16, 30)
        .once();

/// Every section in the order in which they stand in the prompt. Nothing longer than the budget
/// is worth cleaning: `budget` is in tokens.
pub fn all(input: &Input<'_>, cleaner: &Cleaner<'_>, budget: u64) -> Vec<Section> {
    let chars = usize::try_from(budget.saturating_mul(5)).unwrap_or(usize::MAX);
    let mut out = told(input, cleaner, chars);
    out.push(FILES.of(lists::files(input, cleaner), First::Oldest));
    out.push(TOOLS.of(lists::sessions(input, cleaner), First::Oldest));
    out.push(PENDING.of(lists::pending(input, cleaner), First::Newest));
    out.push(CALLS.of(lists::calls(input, cleaner), First::Newest));
    let exchange = Exchange::of(input);
    out.push(REQUESTS.of(exchange::requests(input, cleaner), First::Newest));
    out.push(ASKED.of(exchange::both_ends(cleaner, exchange.asked, chars), First::Ends));
    let spec = if exchange.finished { &ANSWER } else { &UNFINISHED };
    out.push(spec.of(cleaner.lines(tail(&exchange.answer, chars)), First::Newest));
    out.push(DIFF.of(cleaner.lines(tail(&input.state.files.diff, chars)), First::Newest));
    let (quotes, order) = details(input.turns, chars);
    let quotes = quotes.iter().map(|q| cleaner.line(q)).collect();
    out.push(DETAILS.of(quotes, First::Oldest).in_order(&order));
    out
}

/// What the state tells in sentences.
fn told(input: &Input<'_>, cleaner: &Cleaner<'_>, chars: usize) -> Vec<Section> {
    let (state, talk, task) = (input.state, &input.state.conversation, &input.state.task);
    let item = |text: &str| clip(&cleaner.line(text), LINE_CHARS);
    let some = |texts: Vec<String>| -> Vec<String> {
        texts.into_iter().filter(|t| !t.is_empty()).collect()
    };
    let items = |texts: &[String]| some(texts.iter().map(|t| item(t)).collect());
    let notes = |notes: &[Noted]| some(notes.iter().map(|n| item(&n.text)).collect());
    let or = |lines: Vec<String>, missing: &str| {
        if lines.is_empty() { vec![missing.to_owned()] } else { lines }
    };
    let one = |text: &str| some(vec![cleaner.line(text)]);
    let percent = |p: f64| format!("{:.0}%", (p.clamp(0.0, 1.0) * 100.0).round());
    let progress = task.progress.filter(|p| p.is_finite());
    let progress = progress.map_or("not known".to_owned(), percent);
    let rules = &state.preferences.custom_instructions;
    let mut wishes = notes(&state.preferences.recent);
    let standing = cleaner.line(rules);
    wishes.retain(|w| !standing.contains(w.as_str()));
    vec![
        TITLE.of(some(vec![clip(&item(input.title), 120)]), First::Oldest),
        TASK.of(or(one(&task.operation), "not recorded"), First::Oldest),
        PROGRESS.of(vec![format!("{progress}; phase: {}", phase(task.phase))], First::Oldest),
        SUMMARY.of(or(one(&talk.summary), "not recorded"), First::Oldest),
        NOW.of(one(&talk.current_context), First::Oldest),
        NEXT.of(or(items(&task.next_steps), "none recorded"), First::Oldest),
        BLOCKERS.of(notes(&task.blockers), First::Newest),
        DECISIONS.of(notes(&talk.decisions), First::Newest),
        RULES.of(cleaner.lines(head(rules, chars)), First::Oldest),
        WISHES.of(wishes, First::Newest),
        COMPLETED.of(items(&task.completed_steps), First::Newest),
    ]
}

/// The word for a phase.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Unknown => "not known",
        Phase::Exploring => "exploring",
        Phase::Planning => "planning",
        Phase::Implementing => "implementing",
        Phase::Verifying => "verifying",
        Phase::Finished => "finished",
    }
}
