//! The calls by which sites fetch a conversation for their own pages: where a person opted in, the
//! same call tells the turns that a page does not show.
//!
//! An answer is trusted no further than it fits what the page shows: [`missing`] checks it before
//! anything of it is used. Only the background reads answers. A site's own export of all chats
//! ([`exported`]) is built much like them.

mod export;
mod fit;
mod forms;

pub use export::{Conversation, Odd, exported};
pub use fit::{Seen, Unfit, missing};

use crate::base::Moment;
use crate::wire::chat::{Attachment, Role, ToolCall};

/// A site's own call: of the same origin, and it only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Path and query; `{chat}` stands for the chat's id, `{account}` for the account cookie's
    /// value.
    pub path: &'static str,
    /// Path of the call that gives the token which this one carries; empty: cookies are enough.
    pub token: &'static str,
    /// How its answer is built.
    pub form: Form,
}

/// How an answer is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// claude.ai: messages with their parents, blocks of text and of tool use.
    Claude,
    /// chatgpt.com: a tree of messages by id.
    ChatGpt,
    /// Open WebUI: the same, with roles of two kinds only.
    OpenWebUi,
}

/// One turn of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// Id of the turn before it; empty: it is the first.
    pub before: String,
    /// Who speaks.
    pub role: Role,
    /// Its text.
    pub markdown: String,
    /// Thinking apart from it.
    pub thinking: String,
    /// Files named with it.
    pub attachments: Vec<Attachment>,
    /// Tool calls in order.
    pub calls: Vec<ToolCall>,
    /// When it was said; 0: it is not told.
    pub at: Moment,
    /// What was pasted with it, and stands in no text of it.
    pub pasted: String,
    /// The model that said it; empty: it is not told.
    pub model: String,
}

/// The turns of the conversation as it stands now, in order.
///
/// # Errors
/// Where the answer is built in another way.
pub fn read(form: Form, answer: &str) -> Result<Vec<Told>, Unfit> {
    let value = serde_json::from_str(answer).map_err(|_| Unfit::NotJson)?;
    let told = match form {
        Form::Claude => forms::claude(&value),
        Form::ChatGpt => forms::chatgpt(&value),
        Form::OpenWebUi => forms::openwebui(&value),
    };
    told.filter(|turns| !turns.is_empty()).ok_or(Unfit::AnotherForm)
}
