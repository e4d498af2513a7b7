//! Fixed texts, and small choices between them.

use super::amount;
use crate::base::text;
use crate::wire::session::EndReason;
use crate::wire::state::Trigger;
use crate::wire::ui::Damaged;

/// Closes a card or a notice.
pub const CLOSE: &str = "Close";
/// Makes a checkpoint.
pub const SAVE_NOW: &str = "Save now";
/// Scrolls through a chat to read all of it.
pub const GATHER: &str = "Complete the transcript";
/// What asking a site itself means.
pub const DEEP: &str = "\
    “Complete the transcript” then makes the call by which the site's own page fetches this chat. \
    It only reads, nothing goes anywhere else, and what does not fit the page is not used.";
/// Ends that.
pub const STOP_GATHERING: &str = "Stop gathering";
/// Opens a fresh chat with the prompt.
pub const RESUME: &str = "Resume in a new chat";
/// Copies the prompt.
pub const COPY: &str = "Copy prompt";
/// Shows the prompt of one checkpoint.
pub const SHOW_PROMPT: &str = "Show its prompt";
/// Shows the prompt of the newest state again.
pub const SHOW_NEWEST: &str = "Show the newest";
/// Heading of what a chat can be saved as.
pub const EXPORT_CHAT: &str = "Export this chat";
/// As a transcript to read.
pub const AS_MARKDOWN: &str = "Markdown";
/// As data for other programs.
pub const AS_JSON: &str = "JSON";
/// As an archive, which can be imported.
pub const AS_ARCHIVE: &str = "Archive";
/// Saves all chats as one archive.
pub const EXPORT_ALL: &str = "Export all chats";
/// Merges an archive.
pub const IMPORT: &str = "Import…";
/// A chosen file cannot be read.
pub const FILE_UNREAD: &str = "\
    The file could not be read: it may have been moved or changed. Choose it again.";
/// Ends an export or an import.
pub const STOP: &str = "Stop";
/// Names of the files: nothing of a page stands in them.
pub const CHAT_FILES: [&str; 3] = ["shim-chat.md", "shim-chat.json", "shim-chat.jsonl.gz"];
/// Likewise of all chats.
pub const ALL_FILE: &str = "shim-chats.jsonl.gz";
/// Keeps a checkpoint for ever; pressed, it does.
pub const PIN: &str = "Pin";
/// A checkpoint was pinned.
pub const PINNED: &str = "Pinned: this checkpoint is kept for ever.";
/// It is pinned no more.
pub const UNPINNED: &str = "Not pinned any more: this checkpoint goes when its time is over.";
/// Deletes a chat.
pub const DELETE: &str = "Delete";
/// Takes a deletion back.
pub const UNDO: &str = "Undo";
/// Goes before a time.
pub const LAST_SAVED: &str = "Saved";
/// Names the panel of the tab in view.
pub const THIS_TAB: &str = "The chat in this tab";
/// Leads from one chat to all.
pub const BACK: &str = "All chats";
/// Heading of what becomes of keys and passwords.
pub const SECRETS: &str = "Keys and passwords";
/// What the choice means.
pub const SECRETS_HOW: &str = "\
    What SHIM recognises as a key, a token or a password never stands in a prompt unless you let it \
    pass. Choose what is stored of it from now on; what is stored already stays as it is.";
/// The choices, with their names for tests.
pub const SECRETS_KEPT: [(&str, &str); 3] = [
    ("secrets-kept", "Keep as written"),
    ("secrets-masked", "Keep the beginning"),
    ("secrets-dropped", "Keep nothing"),
];
/// Lists those of a chat.
pub const SHOW_SECRETS: &str = "Find them in this chat";
/// There are none.
pub const NO_SECRETS: &str = "None is stored of this chat.";
/// Lets one stand in prompts.
pub const LET_PASS: &str = "Let it stand in prompts";
/// Heading of what was typed and not sent.
pub const DRAFTS: &str = "Typed and not sent";
/// Copies such a text.
pub const COPY_DRAFT: &str = "Copy text";
/// Takes it away.
pub const DISCARD: &str = "Discard";
/// It was copied.
pub const DRAFT_COPIED: &str = "Text copied.";
/// It could not be put on the clipboard.
pub const DRAFT_NOT_COPIED: &str = "The browser refused the clipboard. Try again.";
/// It was taken away.
pub const DISCARDED: &str = "Text discarded.";
/// Heading of the list.
pub const SAVED_CHATS: &str = "Saved chats";
/// Heading of a chat's past.
pub const TIMELINE: &str = "What happened";
/// Heading of the drawing of risk and context.
pub const COURSE: &str = "Risk and context";
/// What is drawn there: the name of its look, and its word.
pub const CHART_KEYS: [(&str, &str); 5] = [
    ("risk-line", "risk"),
    ("context", "context"),
    ("saved", "checkpoint"),
    ("failed", "broke off"),
    ("carried", "carried on"),
];
/// Heading of what all chats add up to.
pub const HOW_IT_GOES: &str = "How it goes";
/// The way to the dashboard.
pub const DASHBOARD: &str = "Open the dashboard";
/// Where something was first said; positions are counted from 0.
#[must_use]
pub fn in_turn(position: u32) -> String {
    format!("first in turn {}", position.saturating_add(1))
}

/// Heading of a prompt.
pub const PROMPT: &str = "Prompt for a new chat";
/// The setting that never places by itself.
pub const OFFER_ONLY: &str = "Only offer, never place by itself";
/// The setting that watches nothing.
pub const PAUSED: &str = "Pause watching";
/// Empty state, first line.
pub const EMPTY_TITLE: &str = "No chat saved yet";
/// Empty state, what to do.
pub const EMPTY_HOW: &str = "\
    Open a chat on claude.ai or chatgpt.com: SHIM saves it as you go. On any other site, open \
    this window there and let SHIM watch it. Everything stays on this machine.";
/// While the store is first read.
pub const READING: &str = "Reading what is saved…";
/// While a prompt is being made.
pub const MAKING: &str = "Making the prompt…";
/// The prompt of this checkpoint is shown.
pub const SHOWN: &str = "Its prompt is shown above";
/// Leads to another chat.
pub const SHOW_CHAT: &str = "Show that chat";
/// A prompt stands in a new chat.
pub const PLACED: &str = "Prompt placed in a new chat, not sent";
/// It stands there no more.
pub const UNDONE: &str = "Prompt taken out of the new chat again";
/// It could not be put there.
pub const NOT_PLACED: &str = "Prompt could not be placed exactly";
/// The tab in view holds no chat.
pub const NO_CHAT_HERE: &str = "No chat to save in this tab.";
/// The tab in view is a watched chat of which nothing is stored.
pub const NOTHING_YET: &str = "Watching this chat. Saving starts with its first message.";
/// Lets SHIM look at the site in view.
pub const WATCH: &str = "Watch this site";
/// Takes that back.
pub const LEAVE: &str = "Stop watching it";
/// A person let SHIM look at a site.
pub const WATCHED: &str = "Watching this site: its chats are saved from now on.";
/// The browser was asked, and the person said no.
pub const NOT_WATCHED: &str = "Not watched: the browser was not allowed to show SHIM this site.";
/// A site is not looked at any more.
pub const LEFT_ALONE: &str = "SHIM looks at this site no more. What was saved stays.";
/// The browser refused to take a permission back.
pub const NOT_LEFT: &str =
    "The browser keeps this permission. Take it back in the browser's settings of extensions.";
/// Watching is paused.
pub const PAUSED_NOW: &str = "Watching is paused: nothing is being saved.";
/// Nothing tells yet how the page in view is read.
pub const NO_ROWS: &str = "\
    No chat was found in this page yet. Point at a message of yours and at an answer, or put in \
    rows that somebody gave you.";
/// The shape of the page in view tells how it is read.
pub const ROWS_BY_SHAPE: &str = "\
    Found by the shape of this page. Where something is wrong or missing, point at it.";
/// A person said how the page in view is read.
pub const ROWS_BY_HAND: &str = "\
    You said what is what in this page. Where something is wrong or missing, point at it.";
/// What a person said of the page in view is true of it no more.
pub const ROWS_MISFIT: &str = "\
    What you said of this page fits it no more: it is built in another way now, and nothing of it \
    is saved. Have it looked at anew, or point again.";
/// Drops what a person said, so that the shape of the page tells.
pub const LOOK_ANEW: &str = "Look at it anew";
/// A table of SHIM's own tells it.
pub const ROWS_BUILT_IN: &str = "\
    A table of SHIM's own says how this page is read. Where it is read badly, report that below.";
/// Heading of what is known of how the page in view is read.
pub const ROWS: &str = "How this page is read";
/// Heading of what can be pointed at.
pub const POINT: &str = "Point in the page at";
/// The page waits for a person to point.
pub const POINT_NOW: &str = "Now go to the page and click on it there.";
/// Heading of the rows as text.
pub const ROWS_TEXT: &str = "As text, to copy, change or put in";
/// Puts rows in.
pub const USE_ROWS: &str = "Read by these rows";
/// Takes rows away.
pub const FORGET_ROWS: &str = "Take the rows away";
/// Rows were put in.
pub const ROWS_USED: &str = "This page is read by these rows from now on.";
/// Rows were taken away.
pub const ROWS_GONE: &str = "The rows are gone: the shape of the page is looked at again.";
/// A person switched the site in view off.
pub const SWITCHED_OFF: &str = "\
    SHIM is switched off on this site: nothing of it is saved. After you switch it on, reload the \
    page.";
/// Parts of the page could not be read.
pub const DEGRADED: &str = "Parts of this page could not be read: what is saved may be incomplete.";
/// No table was made for the page of this chat.
pub const BY_SHAPE: &str = "\
    Read by the shape of its page, since no table knows this site: look whether the turns are \
    right.";
/// The background did not answer.
pub const NO_ANSWER: &str = "\
    SHIM's background does not answer. Close this window and open it again; if that does not \
    help, switch the extension off and on.";
/// An answer that was not understood.
pub const ODD_ANSWER: &str =
    "SHIM's background gave an answer that this page does not know. Reload the extension.";
/// A prompt that could not be put on the clipboard.
pub const COPY_BY_HAND: &str = "\
    The browser refused the clipboard. Mark the text in the box and copy it by hand.";
/// The stored settings do not open.
pub const SETTINGS_LOST: &str =
    "Your settings could not be read: the ordinary ones are in force. Look at them below.";
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
/// Makes a file of what happened lately.
pub const REPORT: &str = "Report a problem";
/// Name of that file.
pub const REPORT_FILE: &str = "shim-report.json";
/// After it was made.
pub const REPORTED: &str = "\
    A report is saved with your downloads. It holds kinds, times and sizes of the last events; \
    nothing of what was said in any chat.";
/// Makes a file of how the page in view is built.
pub const STRUCTURE: &str = "Report how this page is read";
/// Name of that file.
pub const STRUCTURE_FILE: &str = "shim-page.txt";
/// After it was made.
pub const STRUCTURED: &str = "\
    The structure of this page is saved with your downloads. Look at it before you send it: every \
    text in it is a number of letters, and values of attributes are scrambled unless they are a \
    programmer's words.";
/// It could not be made.
pub const REPORT_REFUSED: &str = "The browser refused to save the report. Try it in a normal tab.";
/// After the prompt was copied.
pub const COPIED: &str = "Prompt copied.";

/// A chat's title on one line; a name for a chat that has none.
#[must_use]
pub fn title(title: &str) -> String {
    let line = text::one_line(title);
    if line.is_empty() { "Untitled chat".to_owned() } else { line }
}

/// A site's name as people write it; an unlisted one as the tables call it. Of an application that
/// people host themselves with the place where it stands.
#[must_use]
pub fn site(name: &str) -> String {
    let (name, place) = name.split_once('@').unwrap_or((name, ""));
    let known = match name {
        "aistudio" => "AI Studio",
        "assistantui" => "assistant-ui",
        "chainlit" => "Chainlit",
        "chatgpt" | "chatgpt.com" => "ChatGPT",
        "claude" | "claude.ai" => "Claude",
        "deepseek" => "DeepSeek",
        "gemini" | "gemini.google.com" => "Gemini",
        "grok" => "Grok",
        "kimi" => "Kimi",
        "lechat" => "Le Chat",
        "llamacpp" => "llama.cpp",
        "openwebui" => "Open WebUI",
        "perplexity" => "Perplexity",
        "qwen" => "Qwen",
        "" => "Unknown site",
        "shape" => return place.to_owned(),
        _ if name.starts_with("pointed") => return place.to_owned(),
        other => other,
    };
    if place.is_empty() { known.to_owned() } else { format!("{known} on {place}") }
}

/// What is to be said of all records that do not open.
#[must_use]
pub fn damaged(all: &[Damaged]) -> Vec<String> {
    let sum = |of: fn(&Damaged) -> u32| all.iter().map(of).fold(0, u32::saturating_add);
    let (records, newer) = (sum(|d| d.records), sum(|d| d.newer));
    let chats = all.iter().filter(|d| d.records > 0 && !d.session.as_str().is_empty()).count();
    let mut said = Vec::new();
    if records > 0 {
        let mut text = kept(records, "stored record", "damaged", "kept aside");
        text.push_str(" Everything else is listed.");
        match chats {
            0 => {}
            1 => text.push_str(" Open that chat again to save what its page still shows."),
            _ => text.push_str(" Open those chats again to save what their pages still show."),
        }
        said.push(text);
    }
    if newer > 0 {
        let mut text = kept(newer, "stored record", "of a newer SHIM", "kept");
        text.push_str(" Update the extension to read ");
        text.push_str(if newer == 1 { "it." } else { "them." });
        said.push(text);
    }
    said
}

/// The same of one chat.
#[must_use]
pub fn damaged_of_chat(damaged: &Damaged) -> Vec<String> {
    let mut said = Vec::new();
    if damaged.records > 0 {
        let text = kept(damaged.records, "record", "damaged", "kept aside");
        said.push(format!("{text} The prompt is made of the rest."));
    }
    if damaged.newer > 0 {
        let text = kept(damaged.newer, "record", "of a newer SHIM", "kept");
        said.push(format!("{text} The prompt is made of the rest."));
    }
    said
}

/// `3 stored records are damaged: they are kept aside.`
fn kept(number: u32, what: &str, how: &str, done: &str) -> String {
    let count = amount::count(number.into(), what);
    let (are, they) = if number == 1 { ("is", "it is") } else { ("are", "they are") };
    format!("{count} {are} {how}: {they} {done}.")
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
