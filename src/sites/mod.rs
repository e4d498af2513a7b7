//! How to read each chat site: tables first, small quirks second; one file a site.
//!
//! A table says where a page keeps what (`Row`), what its own messages mean (`Words`), and how its
//! URLs name a chat. [`Site::plan`] turns the page half of a table into the plan of the eyes;
//! [`reader::Reader`] applies the turn half to what the eyes send. The reader knows no site.
//!
//! Absent from here: any browser, any clock, any decision about saving. Reading never fails: what
//! is not found is a gap.

mod address;
mod aistudio;
mod assistantui;
mod backend;
pub mod call;
mod chainlit;
mod chatgpt;
mod claude;
pub mod css;
mod deepseek;
mod form;
mod gemini;
mod grok;
mod kimi;
mod lechat;
mod llamacpp;
pub mod markdown;
pub mod markup;
mod openwebui;
mod perplexity;
mod qwen;
pub mod reader;
mod rows;
pub mod shape;
pub mod structure;

use crate::base::order::sort_by;
use crate::base::{ChatId, Problem, limits};
use crate::wire::page::{PageFlush, Plan, SlotPlan};
pub use address::{bare, by_label, fits};
use address::{named, parts};
pub use form::{
    Banners, Evidence, Expect, Generation, Quirks, Row, Scope, Signal, Text, Urls, Why, Words,
};
pub use rows::{PAGE_SLOTS, TURN_SLOTS};
use std::collections::BTreeMap;

/// Every site there is a table for.
pub static ALL: &[Site] = &[
    claude::SITE,
    chatgpt::SITE,
    gemini::SITE,
    openwebui::SITE,
    llamacpp::SITE,
    chainlit::SITE,
    assistantui::SITE,
    aistudio::SITE,
    perplexity::SITE,
    deepseek::SITE,
    grok::SITE,
    lechat::SITE,
    kimi::SITE,
    qwen::SITE,
];

/// One chat site.
#[derive(Debug)]
pub struct Site {
    /// Short name, used in session ids and in the lab: never changes.
    pub name: &'static str,
    /// Host names, without port. None: an application that people host themselves.
    pub hosts: &'static [&'static str],
    /// Whether the extension asks for these hosts at its installation.
    pub granted: bool,
    /// Of an application that people host themselves: what its pages have and no others.
    pub marks: &'static str,
    /// Where a new chat is opened; of an application that people host themselves its path.
    pub fresh_url: &'static str,
    /// What is where.
    pub rows: &'static [Row],
    /// What the site's own messages mean.
    pub banners: Banners,
    /// Words of the interface that the reader has to know.
    pub words: Words,
    /// How URLs name chats and private modes.
    pub urls: Urls,
    /// The call by which the site's own pages fetch a conversation, where it is known.
    pub call: Option<call::Call>,
    /// The one cookie that tells accounts apart.
    pub account_cookie: Option<&'static str>,
    /// What `document.title` ends in after the chat's own title.
    pub title_suffix: &'static str,
    /// Old pages stay in the document unseen: only what is rendered counts.
    pub visible: bool,
    /// Renderers that the rows know, newest first: a site serves several at a time.
    pub generations: &'static [Generation],
}

/// Attributes that the Markdown writer, the composer and the reader use beside a table's own.
const ATTRS: &[&str] = &[
    "align",
    "alt",
    "alttext",
    "aria-disabled",
    "aria-label",
    "checked",
    "class",
    "data-lang",
    "data-language",
    "data-math",
    "datetime",
    "disabled",
    "display",
    "href",
    "role",
    "src",
    "start",
    "title",
    "type",
];
/// Attributes whose change alone tells nothing: they change with every animation, or with the
/// element they stand on.
const UNWATCHED: &[&str] = &[
    "align", "alt", "alttext", "class", "datetime", "display", "href", "id", "src", "start", "type",
];
/// How long after a change the eyes wait, milliseconds: a person does not notice, a stream of
/// tokens becomes four readings a second.
const FLUSH_MS: u32 = 250;

/// The site that a URL belongs to.
#[must_use]
pub fn for_url(url: &str) -> Option<&'static Site> {
    let host = parts(url)?.0;
    ALL.iter().find(|site| site.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
}

/// The site that a URL belongs to, where the extension runs in its pages from the start.
#[must_use]
pub fn granted_for_url(url: &str) -> Option<&'static Site> {
    for_url(url).filter(|site| site.granted)
}

/// Where to look for the marks of applications that people host themselves: a slot for each, by
/// name, of whose element nothing but its being there is told.
#[must_use]
pub fn marks_plan() -> Plan {
    let marked = ALL.iter().filter(|site| !site.marks.is_empty());
    let slot = |site: &Site| SlotPlan { css: vec![site.marks.to_owned()], ..SlotPlan::default() };
    let mut plan = Plan { flush_ms: FLUSH_MS, ..Plan::default() };
    plan.slots.extend(marked.map(|site| (site.name.to_owned(), slot(site))));
    plan
}

/// The application that the marks of a page name: what the eyes saw by [`marks_plan`].
#[must_use]
pub fn for_marks(flush: &PageFlush) -> Option<&'static Site> {
    ALL.iter().find(|site| flush.slots.get(site.name).is_some_and(|view| !view.nodes.is_empty()))
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
            // One that nobody listed may be built of parts with roots of their own.
            deep: self.hosts.is_empty() && self.marks.is_empty(),
            flush_ms: FLUSH_MS,
            max_depth: limits::TREE_DEPTH,
            max_nodes: limits::TREE_NODES,
            max_chars: limits::TREE_CHARS,
        }
    }

    /// The chat that a URL of this site names; none in a fresh one.
    #[must_use]
    pub fn chat_of(&self, url: &str) -> Option<ChatId> {
        let id = named(url, self.urls.chats)?;
        let is_id = id.len() >= 8 && !self.urls.not_ids.iter().any(|start| id.starts_with(start));
        is_id.then(|| ChatId(id.to_owned()))
    }

    /// The address that leads to the chat of a URL: without its query, which may hold anything, and
    /// without its fragment but for a chat's own path in it.
    #[must_use]
    pub fn address_of(&self, url: &str) -> String {
        let mut address = bare(url).to_owned();
        let in_fragment = |pattern: &&&str| pattern.starts_with('#');
        for pattern in self.urls.chats.iter().filter(in_fragment) {
            if let Some(id) = named(url, &[pattern]) {
                address.push_str(&pattern.replace('*', id));
                break;
            }
        }
        address
    }

    /// The project that a URL of this site names.
    #[must_use]
    pub fn project_of<'u>(&self, url: &'u str) -> Option<&'u str> {
        named(url, self.urls.projects)
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
            .chain([self.banners.only_known, self.marks].into_iter().filter(|css| !css.is_empty()))
            .filter_map(|css| css::Selector::parse(css).err())
            .chain(unlisted)
            .collect()
    }
}
