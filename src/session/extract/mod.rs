//! The six state categories, read from the chat alone: no model is asked, nothing is invented.
//!
//! Structure comes first (checklists, tool calls, fences, paths), English cue words second. Text
//! may be partial or hostile: whatever it holds, the work is linear in its length and never fails.
//! A later item supersedes an earlier one of the same text. Limits: [`crate::base::limits`].
//!
//! Absent from here: the store, the page, the prompt that a state becomes.

mod artifacts;
mod blockers;
mod carry;
mod cues;
mod files;
mod items;
mod json;
mod lines;
mod notes;
mod paths;
mod plan;
mod steps;
mod talk;
mod tools;

use crate::wire::chat::Turn;
use crate::wire::state::{Measured, RecentMessage, State};

pub use paths::paths_in;
pub use tools::{gist, kind_of, note};

/// What a checkpoint holds of `turns`, which stand in order. `measured` is taken over as it is;
/// `title` names the task where no message does.
#[must_use]
pub fn state(turns: &[Turn], measured: Measured, title: &str) -> State {
    let chat = lines::Chat::read(turns);
    let state = State {
        conversation: talk::conversation(&chat),
        task: steps::task(&chat, title),
        files: files::files(&chat),
        tools: tools::tools(&chat),
        measured,
        preferences: notes::preferences(&chat),
    };
    carry::carry(&chat, state)
}

/// A turn as a recent message; none: it says nothing.
#[must_use]
pub fn message(turn: &Turn) -> Option<RecentMessage> {
    talk::message(&lines::read_turn(turn))
}
