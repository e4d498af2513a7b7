//! What passes between one chat's engine and the world: the page on one side, the background on
//! the other. The same words in both placements of the engine.

use super::card::{CardButton, CardState};
use super::chat::{BannerClass, Turn};
use super::fields::{names, read_fields};
use super::gather::{CallAnswer, CallEnd, Gathered, Scrolled, Wish};
use super::page::{PageEffect, PageFlush, Weight};
use super::rows::SiteRows;
use super::signals::Risk;
use super::state::{Measured, Trigger};
use super::tuning::Tuning;
use crate::base::{AccountId, ChatId, Moment, ResumeId, SessionId, TurnKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How filling the composer went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillOutcome {
    /// Written; this stands there now.
    Written {
        /// The text read back, lines parted by `\n`.
        read_back: String,
    },
    /// Something stood there: nothing was touched.
    NotEmpty,
    /// No such element on the page.
    Missing,
}

/// How a press went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PressOutcome {
    /// Pressed once.
    Pressed,
    /// The composer held something else: not pressed.
    TextDiffers,
    /// The control is missing or disabled: not pressed.
    NotReady,
}

names!(PressOutcome { Pressed = "pressed", TextDiffers = "text_differs", NotReady = "not_ready" });

/// What comes to an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEvent {
    /// A document was opened. Always the first event.
    Started {
        /// Its URL.
        url: String,
        /// A number that differs between documents, made by the page script.
        document: String,
        /// What the hands wrote last into its composer, for an engine before this one; else empty.
        #[serde(default)]
        wrote: String,
    },
    /// The eyes looked.
    Page(PageFlush),
    /// The hands filled.
    Filled(FillOutcome),
    /// The hands cleared; false: something else stood there.
    Cleared(bool),
    /// The hands pressed.
    Pressed(PressOutcome),
    /// The hands scrolled, and the eyes looked.
    Scrolled(Scrolled),
    /// The page was weighed.
    Weighed(Weight),
    /// A person clicked on the card.
    Card(CardButton),
    /// The page is being left or frozen: say what is pending now.
    Leaving,
    /// The time asked for has come.
    Wake,
    /// The connection to the background is new, or new again.
    Connected,
    /// What the background knows of this chat. Answers every `Hello`.
    Known(Box<Known>),
    /// These turns are committed, with the hash of what was committed.
    Saved {
        /// Hash by key.
        turns: BTreeMap<TurnKey, u64>,
    },
    /// So much of the stream is committed.
    StreamSaved {
        /// The turn.
        key: TurnKey,
        /// Hash of the text that is safe; 0: the piece did not fit, send the whole text.
        hash: u64,
    },
    /// A checkpoint is committed.
    CheckpointSaved {
        /// Its number in the session.
        number: u32,
        /// The request it answers.
        request: u64,
    },
    /// A prompt for this fresh chat.
    Place(Box<Placement>),
    /// A person asked for a checkpoint.
    SaveNow,
    /// A person asked for the whole transcript, or for no more of it.
    Gather(Wish),
    /// What came of the site's own call.
    Called(CallAnswer),
    /// What became of it.
    CallEnded(CallEnd),
    /// How to read this page, which no built-in table knows; without any row: look at its shape
    /// again.
    Rows(Box<SiteRows>),
    /// Show the whole page once: a person reports how it is built. Answered by
    /// [`ToBackground::Scout`].
    ShowWhole,
    /// Read this page by its shape, whatever the built-in tables say of it.
    ByShape,
    /// No chat of this page's place had an address of its own so far.
    NoAddresses,
}

/// What the background had stored of a chat when its page said hello.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Known {
    /// The session; none for a chat without an id.
    pub session: Option<SessionId>,
    /// Hash of each stored turn.
    pub turns: BTreeMap<TurnKey, u64>,
    /// The engine's own counters as last stored, JSON; empty: none.
    pub meter: String,
    /// The last checkpoint's number.
    pub last_checkpoint: u32,
    /// Thresholds to use.
    pub tuning: Tuning,
}

read_fields!(Known { session, turns, meter, last_checkpoint, tuning });

/// A prompt to place, and what the card says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// Which resume.
    pub resume: ResumeId,
    /// The prompt.
    pub text: String,
    /// A word that stands in the prompt and nowhere else: the sent turn is known by it.
    pub nonce: String,
    /// Whether it is only offered until a person says so.
    pub offer_only: bool,
    /// How far it is on record. None: no page has had it yet.
    pub stage: Option<ResumeStage>,
    /// The chat it restores.
    pub about: About,
}

read_fields!(Placement { resume, text, nonce, offer_only, stage, about });

/// What a card says of a restored chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its title.
    pub title: String,
    /// When its last state was stored.
    pub saved_at: Moment,
    /// Turns saved of it.
    pub turns: u32,
    /// The checkpoint's number.
    pub checkpoint: u32,
    /// What ended it.
    pub reason: EndReason,
}

read_fields!(About { title, saved_at, turns, checkpoint, reason });

/// Why a chat ended without a clean end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndReason {
    /// The tab's process died.
    TabCrashed,
    /// The whole browser died.
    BrowserCrashed,
    /// The site said that the chat is full.
    ContextFull,
    /// The site said that a limit is reached.
    UsageLimit,
    /// A person asked for it: nothing crashed.
    Asked,
    /// Something else.
    #[default]
    Unknown,
}

names!(EndReason {
    TabCrashed = "tab_crashed", BrowserCrashed = "browser_crashed", ContextFull = "context_full",
    UsageLimit = "usage_limit", Asked = "asked", Unknown = "unknown",
});

/// Where a resume stands. Later stages never go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResumeStage {
    /// Waits for a fresh chat.
    Waiting,
    /// Given to a page; nothing heard of it yet.
    Placing,
    /// Stands in the composer, unsent.
    Placed,
    /// The old chat's prompt stands in the new chat as a turn.
    Sent,
    /// The new chat answered.
    Answered,
    /// A person took it out.
    Undone,
    /// A person does not want it.
    Declined,
    /// It could not be placed exactly; a person can copy it.
    Failed,
}

names!(ResumeStage {
    Waiting = "waiting", Placing = "placing", Placed = "placed", Sent = "sent",
    Answered = "answered", Undone = "undone", Declined = "declined", Failed = "failed",
});

/// What an engine tells the background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToBackground {
    /// Which chat stands in this document now. Repeated when that changes or the connection is
    /// new.
    Hello(Hello),
    /// Finished and changed turns, whole.
    Turns {
        /// The session.
        session: SessionId,
        /// Counts such messages in one document, from 1: a late repeat never replaces what a
        /// newer one said.
        number: u64,
        /// The turns.
        turns: Vec<Turn>,
    },
    /// More of a streamed text: what stands after the first `keep` bytes of what was sent before.
    Stream {
        /// The session.
        session: SessionId,
        /// Counts the messages of one document as [`Self::Turns`] does.
        number: u64,
        /// The turn.
        key: TurnKey,
        /// Its position.
        position: u32,
        /// Bytes of the text before that stay.
        keep: usize,
        /// Hash of the text before; 0: there was none.
        base: u64,
        /// Hash of the whole text with this piece.
        hash: u64,
        /// What follows.
        text: String,
    },
    /// Counters and risk, for the list, the badge and a later start.
    Meter {
        /// The session.
        session: SessionId,
        /// The engine's counters, JSON.
        meter: String,
        /// The risk.
        risk: Risk,
        /// The most serious banner now shown.
        banner: Option<(BannerClass, String)>,
        /// Whether an answer is being made.
        busy: bool,
        /// Slots that could not be read.
        gaps: Vec<String>,
    },
    /// Make a checkpoint now of all turns sent so far.
    Checkpoint {
        /// The session.
        session: SessionId,
        /// Number of the request in this document: repeats are told by it.
        request: u64,
        /// Why.
        trigger: Trigger,
        /// The measured part.
        measured: Box<Measured>,
    },
    /// What a page looks like that no table knows. Answered by [`SessionEvent::Rows`] when a
    /// conversation is seen in it.
    Scout {
        /// The whole page.
        page: Box<PageFlush>,
    },
    /// The site's own call was answered. Answered by [`SessionEvent::CallEnded`].
    Called {
        /// The session.
        session: SessionId,
        /// The answer.
        answer: CallAnswer,
        /// The turns that the page shows now, in order.
        mounted: Vec<TurnKey>,
        /// How many it says there are.
        total: Option<u32>,
    },
    /// How the gathering of the transcript goes.
    Gathered {
        /// The session.
        session: SessionId,
        /// How far.
        gathered: Gathered,
    },
    /// How a resume goes.
    Resume {
        /// Which.
        resume: ResumeId,
        /// How far.
        stage: ResumeStage,
        /// The new chat, as soon as it has an id.
        session: Option<SessionId>,
    },
    /// A person wants this chat carried on in a fresh one.
    Fresh {
        /// The session.
        session: SessionId,
    },
    /// The page is being left the ordinary way.
    Bye {
        /// The session, if there was one.
        session: Option<SessionId>,
    },
}

/// Which chat a document shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// The document.
    pub document: String,
    /// The site's table name.
    pub site: String,
    /// The account.
    pub account: AccountId,
    /// The chat; none in a fresh one.
    pub chat: Option<ChatId>,
    /// Its title.
    pub title: String,
    /// The model as shown.
    pub model: String,
    /// The URL, without query, and without fragment but for a chat's path in it.
    pub url: String,
    /// Whether it is a new chat with an empty composer, ready for a prompt.
    pub fresh: bool,
    /// The resume this document already carries, so that it is never given a second one.
    pub resume: Option<(ResumeId, ResumeStage)>,
}

/// What comes out of an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEffect {
    /// For the hands.
    Page(PageEffect),
    /// Show this card, or take it away; `view` writes its words.
    Card(Option<CardState>),
    /// For the background.
    Back(ToBackground),
}
