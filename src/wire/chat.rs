//! A conversation as it was read: turns, tool calls, banners, gaps.

use crate::base::{AccountId, ChatId, Moment, TurnKey};
use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    #[default]
    User,
    /// The model.
    Assistant,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// Something still comes.
    Streaming,
    /// The site shows it as finished.
    #[default]
    Done,
    /// It ended early, and nothing tells why.
    Interrupted,
    /// A person stopped it, or the site says so.
    Stopped,
    /// It broke off with an error.
    Dropped,
    /// The page took back what it had shown of it.
    Vanished,
    /// The site shows it as under way, and nothing came for some seconds.
    Stalled,
    /// The same, and nothing came at all.
    Hung,
}

impl TurnState {
    /// Whether more of it is expected.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Streaming | Self::Stalled | Self::Hung)
    }

    /// Whether it ended before its end.
    #[must_use]
    pub fn is_cut(self) -> bool {
        matches!(self, Self::Interrupted | Self::Stopped | Self::Dropped | Self::Vanished)
    }
}

/// How far a tool call is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Under way.
    Running,
    /// Ended with a result.
    #[default]
    Done,
    /// Ended with an error.
    Failed,
    /// A person has to allow it before it runs.
    Asked,
    /// A person did not allow it: it never ran.
    Refused,
}

impl CallState {
    /// Whether nothing more comes of it by itself.
    #[must_use]
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Running | Self::Asked)
    }
}

/// One tool call, as far as the page shows it. Empty text: not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Arguments as shown, mostly JSON.
    pub args: String,
    /// Result as shown.
    pub result: String,
    /// Error as shown.
    pub error: String,
    /// How far it is.
    pub state: CallState,
    /// When it was first seen.
    pub started_at: Option<Moment>,
    /// When it was first seen ended.
    pub ended_at: Option<Moment>,
}

/// A file that went with a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attachment {
    /// Its name as shown.
    pub name: String,
    /// Its kind as shown, such as `pdf` or `image`; empty: not shown.
    pub kind: String,
    /// Its size as shown, such as `12 KB`; empty: not shown.
    pub size: String,
}

/// Something the model made beside its answer: a document, a program, a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifact {
    /// Its title as shown.
    pub title: String,
    /// Its kind as shown; empty: not shown.
    pub kind: String,
    /// Versions seen of it, oldest first, as the page names them.
    pub versions: Vec<String>,
}

/// One turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// The page's own key, with the role where one element holds both sides.
    pub key: TurnKey,
    /// Position in the whole conversation where the page tells it, from 0; otherwise counted.
    pub position: u32,
    /// Who speaks.
    pub role: Role,
    /// The text as GitHub-flavoured Markdown.
    pub markdown: String,
    /// Thinking the page shows, apart from the answer.
    pub thinking: String,
    /// Files named with the message.
    pub attachments: Vec<Attachment>,
    /// What the model made beside the answer.
    pub artifacts: Vec<Artifact>,
    /// Tool calls in order.
    pub calls: Vec<ToolCall>,
    /// How far it is.
    pub state: TurnState,
    /// When it was first seen.
    pub at: Moment,
    /// When it was read as it stands here: of two documents that show one chat, the one that
    /// read it later has the newer turn.
    pub read_at: Moment,
    /// Whether its text stood there like this when this document first looked: it may have been
    /// old already.
    pub found: bool,
}

impl Turn {
    /// Whether this is only the frame of an answer, of which nothing came so far or which was taken
    /// away again. A prompt without words is none: what it holds may only be unreadable.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self.state, TurnState::Streaming | TurnState::Vanished)
            && [&self.markdown, &self.thinking].into_iter().all(String::is_empty)
            && self.attachments.is_empty()
            && self.artifacts.is_empty()
            && self.calls.is_empty()
    }

    /// Whether it came from a site's own export: no page was ever read for it.
    #[must_use]
    pub fn is_exported(&self) -> bool {
        self.read_at == Moment(0)
    }
}

/// What a banner means for this chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BannerClass {
    /// The chat is as long as it may be.
    Full,
    /// This chat cannot go on, for another reason.
    Fatal,
    /// Trying again may help.
    Retryable,
    /// A usage limit.
    Limit,
    /// A usage limit comes near; nothing is stopped yet.
    LimitAhead,
    /// Work goes on.
    Progress,
    /// How the page stands, such as an earlier version that is shown.
    State,
    /// Something the tables do not know.
    Unknown,
}

/// A message of the site itself, never prose of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// What it means.
    pub class: BannerClass,
    /// Its text, one line, clipped.
    pub text: String,
    /// Which rule knew it: an attribute signal, or a text in one language.
    pub signal: String,
    /// When a limit ends, where the page says so.
    #[serde(default)]
    pub resets_at: Option<Moment>,
    /// How much of a limit is left, in percent, where the page says so.
    #[serde(default)]
    pub left_percent: Option<u8>,
}

/// Where in its site a chat stands, as far as the page shows it. Empty text: not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The project, folder or assistant that it belongs to: its name, or its id in the address.
    pub project: String,
    /// Which of several versions of the conversation is shown, such as `2/3`.
    pub branch: String,
}

/// What a table's row expected and the page did not show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The row's slot.
    pub slot: String,
    /// What is missing, in words without page text.
    pub what: String,
}

/// Whether an answer is being made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Busy {
    /// Whether it is.
    pub now: bool,
    /// The signal that said so.
    pub signal: String,
}

/// The composer as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Composer {
    /// Whether there is one.
    pub present: bool,
    /// The text in it, lines parted by `\n`, without an editor's trailing break.
    pub text: String,
    /// How text gets into it.
    pub method: Option<super::page::FillMethod>,
}

/// Everything that one look told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Site name, the tables' own.
    pub site: String,
    /// Which generation of the site's renderer matched.
    pub generation: String,
    /// The chat's id; none in a fresh chat.
    pub chat: Option<ChatId>,
    /// The account, hashed.
    pub account: AccountId,
    /// The chat's title.
    pub title: String,
    /// The model's name as shown.
    pub model: String,
    /// Where in its site the chat stands.
    pub place: Place,
    /// Turns that are new or changed since the last reading.
    pub changed: Vec<Turn>,
    /// Keys of the turns now mounted, in order.
    pub mounted: Vec<TurnKey>,
    /// How many turns the page says there are, where it says so.
    pub total: Option<u32>,
    /// Whether an answer is being made.
    pub busy: Busy,
    /// The site's own messages now shown.
    pub banners: Vec<Banner>,
    /// The composer.
    pub composer: Composer,
    /// Whether the send control could be pressed now.
    pub can_send: bool,
    /// Whether this is a new chat without a turn, in a normal (not temporary) mode.
    pub fresh: bool,
    /// Whether the page must not be watched (a temporary chat).
    pub private: bool,
    /// What was expected and not found.
    pub gaps: Vec<Gap>,
}
