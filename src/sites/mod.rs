//! How to read each chat site: tables first, small quirks second; one file a site.
//!
//! A table says where a page keeps what (`Row`), what its own messages mean (`Words`), and how its
//! URLs name a chat. [`Site::plan`] turns the page half of a table into the plan of the eyes;
//! [`reader::Reader`] applies the turn half to what the eyes send. The reader knows no site.
//!
//! Absent from here: any browser, any clock, any decision about saving. Reading never fails: what
//! is not found is a gap.

mod chatgpt;
mod claude;
pub mod css;
pub mod markdown;
pub mod reader;
pub mod shape;

use crate::base::order::sort_by;
use crate::base::{ChatId, Problem, limits};
use crate::wire::chat::BannerClass;
use crate::wire::page::{Plan, SlotPlan};
use std::collections::BTreeMap;

/// Every site there is a table for.
pub static ALL: &[Site] = &[claude::SITE, chatgpt::SITE];

/// One chat site.
#[derive(Debug)]
pub struct Site {
    /// Short name, used in session ids and in the lab: never changes.
    pub name: &'static str,
    /// Host names, without port.
    pub hosts: &'static [&'static str],
    /// Where a new chat is opened.
    pub fresh_url: &'static str,
    /// What is where.
    pub rows: &'static [Row],
    /// What the site's own messages mean.
    pub banners: Banners,
    /// Words of the interface that the reader has to know.
    pub words: Words,
    /// How URLs name chats and private modes.
    pub urls: Urls,
    /// The one cookie that tells accounts apart.
    pub account_cookie: Option<&'static str>,
    /// What `document.title` ends in after the chat's own title.
    pub title_suffix: &'static str,
    /// Old pages stay in the document unseen: only what is rendered counts.
    pub visible: bool,
    /// Renderers that the rows know, newest first: a site serves several at a time.
    pub generations: &'static [Generation],
}

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

/// How many elements a row should find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// One, on every page with turns or in every turn it belongs to; its absence is a gap.
    One,
    /// At least one, likewise; all count.
    Many,
    /// None or one: its absence tells something, or nothing.
    Maybe,
    /// Any number; all count.
    Any,
}

/// Where a row is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In the whole document, by the eyes.
    Page,
    /// In the tree of one turn, by the reader.
    Turn,
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
#[derive(Debug)]
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
#[derive(Debug)]
pub struct Words {
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
}

/// How URLs name chats.
#[derive(Debug)]
pub struct Urls {
    /// Path patterns of a chat: `*` is the id, `_` any one segment.
    pub chats: &'static [&'static str],
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
}

/// Attributes that the Markdown writer, the composer and the reader use beside a table's own.
const ATTRS: &[&str] = &[
    "alt",
    "aria-disabled",
    "aria-label",
    "checked",
    "class",
    "data-lang",
    "data-language",
    "disabled",
    "href",
    "role",
    "src",
    "start",
    "title",
    "type",
];
/// Attributes whose change alone tells nothing: they change with every animation, or with the
/// element they stand on.
const UNWATCHED: &[&str] = &["alt", "class", "href", "id", "src", "start", "type"];
/// How long after a change the eyes wait, milliseconds: a person does not notice, a stream of
/// tokens becomes four readings a second.
const FLUSH_MS: u32 = 250;

/// The site that a URL belongs to.
#[must_use]
pub fn for_url(url: &str) -> Option<&'static Site> {
    let host = parts(url)?.0;
    ALL.iter().find(|site| site.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
}

/// The site with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Site> {
    ALL.iter().find(|site| site.name == name)
}

impl Site {
    /// Match patterns under which the content scripts are registered.
    #[must_use]
    pub fn matches(&self) -> Vec<String> {
        self.hosts.iter().map(|host| format!("https://{host}/*")).collect()
    }

    /// The page half of the table, for the eyes.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let attrs = self.attributes();
        let watched = attrs.iter().filter(|name| !UNWATCHED.contains(&name.as_str()));
        let mut slots = BTreeMap::new();
        let page = self.rows.iter().filter(|row| row.scope == Scope::Page);
        slots.extend(page.map(|row| {
            let plan = SlotPlan {
                css: row.css.iter().map(|(css, _)| (*css).to_owned()).collect(),
                many: matches!(row.expect, Expect::Many | Expect::Any),
                visible: self.visible,
                turns: row.slot == reader::TURN,
            };
            (row.slot.to_owned(), plan)
        }));
        Plan {
            slots,
            watch: watched.cloned().collect(),
            attrs,
            account_cookie: self.account_cookie.map(str::to_owned),
            flush_ms: FLUSH_MS,
            max_depth: limits::TREE_DEPTH,
            max_nodes: limits::TREE_NODES,
            max_chars: limits::TREE_CHARS,
        }
    }

    /// The chat that a URL of this site names; none in a fresh one.
    #[must_use]
    pub fn chat_of(&self, url: &str) -> Option<ChatId> {
        let (_, path, _) = parts(url)?;
        let id = self.urls.chats.iter().find_map(|pattern| id_in(path, pattern))?;
        let is_id = id.len() >= 8
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
            && !self.urls.not_ids.iter().any(|start| id.starts_with(start));
        is_id.then(|| ChatId(id.to_owned()))
    }

    /// Whether a URL of this site shows a private chat, which is never watched.
    #[must_use]
    pub fn is_private(&self, url: &str) -> bool {
        let query = parts(url).map_or("", |(_, _, query)| query);
        query.split('&').any(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.urls.private.iter().any(|(wanted_name, wanted)| {
                name == *wanted_name
                    && if wanted.is_empty() { value != "false" } else { value == *wanted }
            })
        })
    }

    /// Every attribute that may leave the page.
    fn attributes(&self) -> Vec<String> {
        let mut names: Vec<String> = ATTRS.iter().map(|name| (*name).to_owned()).collect();
        let rows = self.rows.iter().flat_map(|row| row.css.iter().map(|(css, _)| *css));
        let signals = self.banners.signals.iter().map(|signal| signal.css);
        for css in rows.chain(signals).chain([self.banners.only_known]) {
            if let Ok(selector) = css::Selector::parse(css) {
                names.extend(selector.attributes().into_iter().map(str::to_owned));
            }
        }
        names.extend(self.rows.iter().map(|row| row.attr.to_owned()).filter(|a| !a.is_empty()));
        sort_by(&mut names, String::cmp);
        names.dedup();
        names
    }

    /// The renderer of this name; one without quirks where the table lists none.
    #[must_use]
    pub fn quirks(&self, generation: &str) -> Quirks {
        let known = self.generations.iter().find(|known| known.name == generation);
        known.map(|known| known.quirks).unwrap_or_default()
    }

    /// What of this table cannot be read, row by row. Empty for every table that ships.
    #[must_use]
    pub fn faults(&self) -> Vec<Problem> {
        let candidates = self.rows.iter().flat_map(|row| row.css);
        let unlisted = candidates
            .clone()
            .filter(|(_, name)| !self.generations.iter().any(|known| known.name == *name))
            .map(|(css, name)| Problem::skip(format!("{css}: no generation \"{name}\"")));
        let signals = self.banners.signals.iter().map(|signal| signal.css);
        let rows = candidates.map(|(css, _)| *css);
        rows.chain(signals)
            .chain([self.banners.only_known])
            .filter_map(|css| css::Selector::parse(css).err())
            .chain(unlisted)
            .collect()
    }
}

/// Host, path and query of an `http` or `https` URL.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let at = before.find('/').unwrap_or(before.len());
    let (authority, path) = before.split_at_checked(at)?;
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some((host.split(':').next().unwrap_or_default(), path, query))
}

/// The segment of `path` where `pattern` has its `*`. Further segments do not matter.
fn id_in<'p>(path: &'p str, pattern: &str) -> Option<&'p str> {
    let mut segments = path.split('/');
    let mut id = None;
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        match wanted {
            "*" => id = Some(segment),
            "_" => {}
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    id
}
