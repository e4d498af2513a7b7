//! Tells a crash from a clean end by what the browser still shows of the tab.
//!
//! A broken connection alone says nothing: it also breaks at a navigation, a close, a discard,
//! and when the background itself was ended. So the tab is looked at, and asked.

use crate::base::limits::{CRASH_GRACE, CRASH_PROBES};
use crate::base::{Moment, Span};
use crate::wire::background::TabState;
use crate::wire::session::EndReason;

/// What a look decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look again at this moment.
    LookAt(Moment),
    /// The document lives: its content script answered.
    Alive,
    /// It ended as people end things.
    Clean,
    /// It ended without wanting to.
    Crashed(EndReason),
}

/// Watches one tab whose connection broke without a goodbye.
#[derive(Clone, Debug)]
pub struct Watch {
    next: Moment,
    looks: u32,
    silent: u32,
    elsewhere: u32,
    /// The extension itself was started anew since: by an update, or with the whole browser.
    anew: bool,
    /// Its tab began to load another page just before.
    leaving: bool,
}

/// Looks at a tab that seems complete but does not answer, before it counts as crashed: a page
/// that just loaded starts its content script a moment after it is complete.
const SILENT_LOOKS: u32 = 4;
/// Looks at a tab that is gone or shows something else, before it counts as left: while Firefox
/// puts its crash page into a tab, that tab shows an empty page for a moment.
const ELSEWHERE_LOOKS: u32 = 10;
/// The same after an update of the extension: its scripts come into the open pages one by one.
const SILENT_LOOKS_ANEW: u32 = 20;
/// Between two looks.
const BETWEEN: Span = Span(150);

impl Watch {
    /// The connection broke at `at`.
    #[must_use]
    pub fn new(at: Moment) -> Self {
        Self {
            next: at.after(CRASH_GRACE),
            looks: 0,
            silent: 0,
            elsewhere: 0,
            anew: false,
            leaving: false,
        }
    }

    /// The chat was open when the extension ended, and what told one tab from another may have
    /// ended with it: only a tab that still shows the chat counts as its tab.
    #[must_use]
    pub fn anew(at: Moment) -> Self {
        Self { anew: true, ..Self::new(at) }
    }

    /// Its tab began to load another page: one that is empty now was left, and did not die.
    pub fn leave(&mut self) {
        self.leaving = true;
    }

    /// When to look next.
    #[must_use]
    pub fn next_look(&self) -> Moment {
        self.next
    }

    /// A look was started: the next one waits, so that a lost answer is asked for again.
    pub fn looking(&mut self, at: Moment) {
        self.next = at.after(Span(BETWEEN.0 * 6));
    }

    /// Judges what the browser said of the tab; `address` is the chat's. None: there is no such
    /// tab.
    pub fn seen(&mut self, at: Moment, state: Option<&TabState>, address: &str) -> Verdict {
        self.looks += 1;
        if self.anew && !state.is_some_and(|state| shows(&state.url, address)) {
            return Verdict::Crashed(EndReason::BrowserCrashed);
        }
        let Some(state) = state else { return self.elsewhere(at) };
        if state.discarded {
            return Verdict::Clean;
        }
        if state.answers == Some(true) {
            return Verdict::Alive;
        }
        if state.status == "unloaded" {
            return Verdict::Crashed(EndReason::TabCrashed);
        }
        if state.status == "loading" {
            self.silent = 0;
            return self.again(at);
        }
        if !self.emptied(state) && !stands_at(&state.url, &origin_of(address)) {
            return self.elsewhere(at);
        }
        self.silent += 1;
        if self.silent >= if self.anew { SILENT_LOOKS_ANEW } else { SILENT_LOOKS } {
            return Verdict::Crashed(EndReason::TabCrashed);
        }
        self.again(at)
    }

    /// Whether the browser emptied the tab because its process died. One that was left looks the
    /// same, but says goodbye, begins to load first, and is in view as a rule. A goodbye alone
    /// would not do: Firefox loses it now and then where the next page gets another process.
    fn emptied(&self, state: &TabState) -> bool {
        state.crash_empties && state.url.is_empty() && !state.active && !self.leaving
    }

    fn elsewhere(&mut self, at: Moment) -> Verdict {
        self.elsewhere += 1;
        if self.elsewhere >= ELSEWHERE_LOOKS { Verdict::Clean } else { self.again(at) }
    }

    fn again(&mut self, at: Moment) -> Verdict {
        if self.looks >= CRASH_PROBES {
            // A tab that loads for ever is being used; its next page says hello or nobody does.
            return Verdict::Clean;
        }
        self.next = at.after(BETWEEN);
        Verdict::LookAt(self.next)
    }
}

/// Scheme and host of a URL, without a port: tabs show the default one as none.
fn origin_of(url: &str) -> String {
    let mut parts = url.splitn(4, '/');
    let scheme = parts.next().unwrap_or_default();
    let host = parts.nth(1).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    format!("{scheme}//{host}")
}

/// Whether a tab at `url` shows the chat of this address, which has no query, and a fragment only
/// where that names the chat.
fn shows(url: &str, address: &str) -> bool {
    let (page, chat) = address.split_once('#').unwrap_or((address, ""));
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    url.split(['?', '#']).next() == Some(page) && fragment.starts_with(chat)
}

/// Whether `url` stands at `origin`. The character after the origin must end it, so that
/// `https://claude.ai.example` is not `https://claude.ai`.
fn stands_at(url: &str, origin: &str) -> bool {
    let host_end = |rest: &str| rest.is_empty() || rest.starts_with(['/', ':', '?', '#']);
    !origin.is_empty() && url.strip_prefix(origin).is_some_and(host_end)
}
