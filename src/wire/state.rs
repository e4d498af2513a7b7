//! The six state categories of a checkpoint. Limits: [`crate::base::limits`].

use super::chat::{Artifact, Role};
use super::signals::{Risk, Signals};
use crate::base::{Moment, TurnKey};
use serde::{Deserialize, Serialize};

/// A sentence and the turn it was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted {
    /// The sentence, one line.
    pub text: String,
    /// The turn it stands in.
    pub turn: TurnKey,
}

/// A message, shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecentMessage {
    /// Who.
    pub role: Role,
    /// Markdown, clipped.
    pub text: String,
}

/// Category 1: what was talked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// The goal and what came of it, up to 1,000 characters.
    pub summary: String,
    /// Decisions, oldest first.
    pub decisions: Vec<Noted>,
    /// What is being worked on now, up to 500 characters.
    pub current_context: String,
    /// The last messages.
    pub recent: Vec<RecentMessage>,
    /// Turns saved when the checkpoint was made.
    pub turn_count: u32,
}

/// Where in the work the chat is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not told.
    #[default]
    Unknown,
    /// Reading and searching.
    Exploring,
    /// Making a plan.
    Planning,
    /// Changing things.
    Implementing,
    /// Running tests and checks.
    Verifying,
    /// Every item is done.
    Finished,
}

/// Category 2: the task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// What is being done, one line.
    pub operation: String,
    /// Where in the work.
    pub phase: Phase,
    /// 0-1, from the plan's items; none where no plan was seen.
    pub progress: Option<f64>,
    /// Done items, oldest first.
    pub completed_steps: Vec<String>,
    /// Open items, next first.
    pub next_steps: Vec<String>,
    /// What stands in the way.
    pub blockers: Vec<Noted>,
}

/// Category 3: files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Files {
    /// Files touched lately, last first.
    pub active: Vec<String>,
    /// Files changed.
    pub modified: Vec<String>,
    /// Files made.
    pub created: Vec<String>,
    /// Files attached by the person.
    pub attached: Vec<String>,
    /// What the model made beside its answers, with the versions seen, the last one at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// Diff text that was shown, the last up to 10 KB.
    pub diff: String,
}

/// One tool call, shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallNote {
    /// Tool name.
    pub name: String,
    /// Arguments, clipped.
    pub args: String,
    /// Result or error, clipped.
    pub outcome: String,
    /// Whether it failed.
    pub failed: bool,
}

/// A tool call that had not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pending {
    /// The call.
    pub call: CallNote,
    /// How to go on with it, in words for the model.
    pub how_to_resume: String,
}

/// A kind of tool that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// Commands in a shell.
    Terminal,
    /// Web pages.
    Browser,
    /// Searching.
    Search,
    /// Reading and writing files.
    Files,
    /// Anything else.
    Other,
}

/// A tool session: all calls of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSession {
    /// Which kind.
    pub kind: ToolKind,
    /// Calls of it.
    pub calls: u32,
    /// The last call's arguments, clipped: where this session stands.
    pub last: String,
}

/// Category 4: tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tools {
    /// What was in use.
    pub sessions: Vec<ToolSession>,
    /// What had not ended.
    pub pending: Vec<Pending>,
    /// The last calls, oldest first.
    pub recent: Vec<CallNote>,
}

/// Category 5: signals and risk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// The full snapshot.
    pub signals: Signals,
    /// The risk read from it.
    pub risk: Risk,
}

/// Category 6: preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Standing instructions that the person gave, up to 2,000 characters.
    pub custom_instructions: String,
    /// Wishes the person stated, oldest first.
    pub recent: Vec<Noted>,
}

/// Why a checkpoint was made, by priority: the first is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Risk entered danger.
    DangerZone,
    /// Risk entered warning.
    WarningZone,
    /// An operation that destroys or replaces something is about to run.
    RiskyOperation,
    /// A person asked.
    UserRequested,
    /// An item of the plan was finished, or tests passed.
    Milestone,
    /// The page was left.
    SessionEnd,
    /// The first finished answer of a session.
    SessionStart,
    /// So many tool calls since the last.
    ToolCallInterval,
    /// So long since the last.
    TimeInterval,
}

/// All six categories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// 1.
    pub conversation: Conversation,
    /// 2.
    pub task: Task,
    /// 3.
    pub files: Files,
    /// 4.
    pub tools: Tools,
    /// 5.
    pub measured: Measured,
    /// 6.
    pub preferences: Preferences,
}

/// A checkpoint in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Which session.
    pub session: crate::base::SessionId,
    /// Counts the session's checkpoints, from 1; unique.
    pub number: u32,
    /// When.
    pub created_at: Moment,
    /// Why.
    pub trigger: Trigger,
    /// What.
    pub state: State,
}
