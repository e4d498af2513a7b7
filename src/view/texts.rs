//! Fixed texts, and small choices between them.

use crate::base::text;
use crate::wire::session::EndReason;
use crate::wire::state::Trigger;

/// Closes a card or a notice.
pub const CLOSE: &str = "Close";
/// Makes a checkpoint.
pub const SAVE_NOW: &str = "Save now";
/// Opens a fresh chat with the prompt.
pub const RESUME: &str = "Resume in a new chat";
/// Copies the prompt.
pub const COPY: &str = "Copy prompt";
/// Opens a fresh chat with the prompt of one checkpoint.
pub const RESUME_FROM: &str = "Resume from here";
/// Goes before a time.
pub const LAST_SAVED: &str = "Saved";
/// Names the panel of the tab in view.
pub const THIS_TAB: &str = "The chat in this tab";
/// Leads from one chat to all.
pub const BACK: &str = "All chats";
/// Heading of the list.
pub const SAVED_CHATS: &str = "Saved chats";
/// Heading of a chat's checkpoints.
pub const CHECKPOINTS: &str = "Checkpoints";
/// The setting that never places by itself.
pub const OFFER_ONLY: &str = "Only offer, never place by itself";
/// The setting that watches nothing.
pub const PAUSED: &str = "Pause watching";
/// Empty state, first line.
pub const EMPTY_TITLE: &str = "No chat saved yet";
/// Empty state, what to do.
pub const EMPTY_HOW: &str = "\
    Open a chat on claude.ai or chatgpt.com: SHIM saves it as you go. Everything stays on this \
    machine.";
/// While the store is first read.
pub const READING: &str = "Reading what is saved…";
/// A chat without a checkpoint.
pub const NO_CHECKPOINT: &str =
    "No checkpoint yet. The first one comes with the first finished answer.";
/// The tab in view holds no chat.
pub const NO_CHAT_HERE: &str = "No chat to save in this tab.";
/// The tab in view is a watched chat of which nothing is stored.
pub const NOTHING_YET: &str = "Watching this chat. Saving starts with its first message.";
/// Watching is paused.
pub const PAUSED_NOW: &str = "Watching is paused: nothing is being saved.";
/// Parts of the page could not be read.
pub const DEGRADED: &str = "Parts of this page could not be read: what is saved may be incomplete.";
/// The background did not answer.
pub const NO_ANSWER: &str = "\
    SHIM's background does not answer. Close this window and open it again; if that does not \
    help, switch the extension off and on.";
/// An answer that was not understood.
pub const ODD_ANSWER: &str =
    "SHIM's background gave an answer that this page does not know. Reload the extension.";
/// A prompt that could not be put on the clipboard.
pub const COPY_BY_HAND: &str = "The browser refused the clipboard. Copy the text from here:";
/// The store was made by a newer SHIM.
pub const STORE_NEWER: &str = "\
    Nothing is saved: the saved chats are of a newer SHIM, which this one cannot read. They are \
    left as they are. Update the extension.";
/// The store is somebody else's.
pub const STORE_FOREIGN: &str = "\
    Nothing is saved: in the place of SHIM's saved chats stands a database that is not SHIM's. It \
    is left as it is. Remove SHIM from the browser and install it again: that clears the place.";
/// After a checkpoint was made.
pub const SAVED: &str = "Checkpoint saved.";
/// After a fresh chat was opened.
pub const RESUMED: &str = "A new chat is open. The prompt is put into it, unsent.";
/// After the prompt was copied.
pub const COPIED: &str = "Prompt copied.";

/// A chat's title on one line; a name for a chat that has none.
#[must_use]
pub fn title(title: &str) -> String {
    let line = text::one_line(title);
    if line.is_empty() { "Untitled chat".to_owned() } else { line }
}

/// A site's name as people write it; an unlisted one as the tables call it.
#[must_use]
pub fn site(name: &str) -> &str {
    match name {
        "claude" | "claude.ai" => "Claude",
        "chatgpt" | "chatgpt.com" => "ChatGPT",
        "gemini" | "gemini.google.com" => "Gemini",
        "" => "Unknown site",
        other => other,
    }
}

/// What ended a chat, as a sentence.
#[must_use]
pub const fn ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::TabCrashed => "The tab crashed.",
        EndReason::BrowserCrashed => "The browser crashed.",
        EndReason::ContextFull => "The site said that the chat is full.",
        EndReason::UsageLimit => "The site said that a usage limit is reached.",
        EndReason::Asked => "You asked to carry on in a new chat.",
        EndReason::Unknown => "The chat ended unexpectedly.",
    }
}

/// What ended a chat, as a short phrase that a time can follow.
#[must_use]
pub const fn ended_short(reason: EndReason) -> &'static str {
    match reason {
        EndReason::TabCrashed => "crashed",
        EndReason::BrowserCrashed => "browser crashed",
        EndReason::ContextFull => "chat full",
        EndReason::UsageLimit => "usage limit reached",
        EndReason::Asked => "carried on by you",
        EndReason::Unknown => "ended unexpectedly",
    }
}

/// Why a checkpoint was made, as a short phrase.
#[must_use]
pub const fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::DangerZone => "Risk became high",
        Trigger::WarningZone => "Risk went up",
        Trigger::RiskyOperation => "Before a risky step",
        Trigger::UserRequested => "You asked for it",
        Trigger::Milestone => "A step was finished",
        Trigger::SessionEnd => "The page was left",
        Trigger::SessionStart => "First answer",
        Trigger::ToolCallInterval => "Tool calls had added up",
        Trigger::TimeInterval => "Some time had passed",
    }
}
