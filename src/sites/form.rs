//! What a table is made of.

use crate::wire::chat::BannerClass;
pub use crate::wire::rows::{Expect, Scope};

/// One renderer of a site.
#[derive(Debug)]
pub struct Generation {
    /// Its name, as the rows' selectors say it.
    pub name: &'static str,
    /// What is special about its pages.
    pub quirks: Quirks,
}

/// One row of a table: a slot and where it is found.
#[derive(Debug)]
pub struct Row {
    /// The slot's name; the reader's own word, the same on every site.
    pub slot: &'static str,
    /// Selector and generation of the site's renderer, preferred first.
    pub css: &'static [(&'static str, &'static str)],
    /// The attribute that holds the value; empty: the element's text, or the element itself.
    pub attr: &'static str,
    /// How many there should be.
    pub expect: Expect,
    /// Where it is looked for.
    pub scope: Scope,
    /// Who saw it, and when.
    pub evidence: Evidence,
}

/// How well a row is founded. A test compares it with what was captured from the real sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// All its attributes stand in captures of the real site; the month of the newest of them.
    Confirmed(&'static str),
    /// No capture shows all its attributes.
    Unconfirmed(Why),
}

/// Why a row without a capture stands in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Measured on the real site by somebody else and published, in this month.
    Published(&'static str),
    /// Somebody's code uses it, or it is a guess; says which.
    Guess(&'static str),
}

/// What the site's own messages mean.
#[derive(Clone, Copy, Debug)]
pub struct Banners {
    /// Signals in attributes, good in every language. Looked for inside a banner's element.
    pub signals: &'static [Signal],
    /// Texts in English, good where no signal is.
    pub texts: &'static [Text],
    /// Elements that count as a banner only where a signal or a text knows them.
    pub only_known: &'static str,
}

/// A selector inside a banner's element, and what it means.
#[derive(Debug)]
pub struct Signal {
    /// The selector.
    pub css: &'static str,
    /// What a banner with it means.
    pub class: BannerClass,
    /// Whether a known text knows better.
    pub weak: bool,
    /// Whether the answer it stands at has ended.
    pub ends_turn: bool,
}

/// Words of a banner, and what they mean.
#[derive(Debug)]
pub struct Text {
    /// All of these occur, in lower case, with plain apostrophes.
    pub all: &'static [&'static str],
    /// What a banner with them means.
    pub class: BannerClass,
    /// Whether the answer it stands at has ended.
    pub ends_turn: bool,
}

/// English words of the interface. They only add what attributes do not tell.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Starts of a name that say nothing, in whatever language.
    pub name_starts: &'static [&'static str],
    /// What stands before a tool's name in a label while its call runs.
    pub call_running: &'static [&'static str],
    /// What stands before a tool's name in a label when its call has ended.
    pub call_ended: &'static [&'static str],
    /// What a label ends in when its call failed.
    pub call_failed: &'static [&'static str],
    /// Starts of labels that tell a time or a stage and no tool.
    pub not_calls: &'static [&'static str],
    /// Labels over a call's arguments.
    pub args: &'static [&'static str],
    /// Labels over a call's result.
    pub result: &'static [&'static str],
    /// Labels over a call's error.
    pub error: &'static [&'static str],
    /// What a result begins with that is an error: the application writes it, in one language.
    pub error_starts: &'static [&'static str],
    /// What a short result says, in lower case, when a person did not allow the call.
    pub refused: &'static [&'static str],
    /// The labels are those of any page: what they begin with may tell thinking from a tool, and
    /// one word among others may be a tool's name. What steps show is no part of the prose.
    pub any_page: bool,
}

impl Words {
    /// Those that most sites use.
    pub const COMMON: Self = Self {
        name_starts: &[],
        call_running: &["Running ", "Calling ", "Using "],
        call_ended: &["Used ", "Called ", "Ran "],
        call_failed: &[" failed", " errored"],
        not_calls: &["thinking", "thought ", "working", "worked for", "stopped", "finished"],
        args: &["request", "arguments", "input"],
        result: &["response", "result", "output"],
        error: &["error"],
        error_starts: &[],
        refused: &[
            "denied by the user",
            "denied by user",
            "rejected by the user",
            "rejected by user",
            "declined by the user",
            "user denied",
            "user rejected",
            "user declined",
            "tool execution was denied",
        ],
        any_page: false,
    };
}

/// How URLs name chats.
#[derive(Clone, Copy, Debug)]
pub struct Urls {
    /// Patterns of a chat's address: `*` is the id, `_` any one segment. They begin where they are
    /// looked for: `/` in the path, `#` behind it, `?name=*` among the parameters.
    pub chats: &'static [&'static str],
    /// Likewise, of the project that a chat belongs to.
    pub projects: &'static [&'static str],
    /// Whether a chat may have no address of its own: such a one is named by its document.
    pub unnamed: bool,
    /// What an id that is not one yet starts with.
    pub not_ids: &'static [&'static str],
    /// Query parameters of a private mode, with their value; empty: any but `false`.
    pub private: &'static [(&'static str, &'static str)],
}

/// What is special about the pages of one renderer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// One turn element holds the prompt and its answer.
    pub exchange: bool,
    /// A turn element has no key that stays: turns are known by their place in the chat.
    pub keyless: bool,
    /// An answer's mark as still coming may stay after it ended: it counts only while the
    /// composer has no send control.
    pub stale_marks: bool,
    /// Each step of an answer stands in a turn element of its own: those that follow each other
    /// are one turn.
    pub stepwise: bool,
    /// No mark tells reliably that an answer is being made: one that grows is.
    pub growth: bool,
}

impl Quirks {
    /// Nothing is special.
    pub const NONE: Self = Self {
        exchange: false,
        keyless: false,
        stale_marks: false,
        stepwise: false,
        growth: false,
    };
}

impl Row {
    /// This row, its value read from an attribute.
    #[must_use]
    pub const fn attr(self, attr: &'static str) -> Self {
        Self { attr, ..self }
    }
}

/// A row whose value is its element's text.
#[must_use]
pub(super) const fn row(
    slot: &'static str,
    css: &'static [(&'static str, &'static str)],
    expect: Expect,
    scope: Scope,
    evidence: Evidence,
) -> Row {
    Row { slot, css, attr: "", expect, scope, evidence }
}

/// Words of a banner that leaves the answer it stands at as it is.
pub(super) const fn text(all: &'static [&'static str], class: BannerClass) -> Text {
    Text { all, class, ends_turn: false }
}

/// Words of a banner that says that the answer it stands at has ended.
pub(super) const fn ending(all: &'static [&'static str], class: BannerClass) -> Text {
    Text { all, class, ends_turn: true }
}
