//! What was typed and not sent: stored as it is typed, forgotten once a turn of the same words is
//! stored, kept where it vanished from its composer without one.
//!
//! A page tells its composer's text past the engine, in both placements alike.

use super::after::{AfterLoad, AfterWrite};
use super::{Machine, answer};
use crate::base::limits::{
    DRAFT_CHARS, DRAFT_GRACE, DRAFT_HELD_BYTES, DRAFT_KEEP, DRAFT_LEAST_CHARS, DRAFT_SLACK, DRAFTS,
};
use crate::base::{ChatId, Moment, PortId, Problem, SessionId, text};
use crate::session::{codec, drafts, secrets};
use crate::wire::background::BackEffect;
use crate::wire::chat::{Role, Turn};
use crate::wire::drafts::{DraftHead, DraftNote};
use crate::wire::records::{Query, RecordKey, StoreName, Stored};
use crate::wire::session::Hello;
use crate::wire::ui::Answer;
use std::collections::BTreeMap;

/// There is no such draft.
const NO_DRAFT: &str = "This text is not there any more: it was sent, or discarded.";

/// What a page told of its composer.
#[derive(Debug)]
pub(super) enum Typed {
    /// This stands there.
    Text(String),
    /// A person erased what stood there.
    Erased,
}

/// Drafts by the keys of their records. Where the text stands in memory, a head that changes, or a
/// write that was refused, is written again without reading.
#[derive(Debug, Default)]
pub(super) struct Drafts(BTreeMap<String, (DraftHead, Option<String>)>);

impl Drafts {
    /// Takes one from its record.
    pub fn take(&mut self, record: &Stored) -> Result<(), Problem> {
        let (head, text) = drafts::open(record)?;
        let held = (text.len() <= DRAFT_HELD_BYTES).then_some(text);
        self.0.insert(record.at.key.clone(), (head, held));
        Ok(())
    }

    /// Its record as it is now. None: its text is not in memory.
    pub fn record(&self, key: &RecordKey) -> Option<Stored> {
        let (head, text) = self.0.get(&key.key)?;
        Some(drafts::record(head, text.as_ref()?))
    }

    /// Everything of this chat is gone.
    pub fn erased(&mut self, session: &SessionId) {
        self.0.retain(|_, (head, _)| head.session != *session);
    }

    /// Takes those out that are too old, or too many.
    fn outdated(&mut self, at: Moment) -> Vec<RecordKey> {
        let mut ages: Vec<(Moment, String)> =
            self.0.iter().map(|(key, (head, _))| (head.at, key.clone())).collect();
        ages.sort();
        let many = ages.len().saturating_sub(DRAFTS);
        let old = ages.into_iter().enumerate();
        let old = old.filter(|(place, (when, _))| *place < many || at.since(*when) > DRAFT_KEEP);
        old.filter_map(|(_, (_, key))| self.remove(&key)).collect()
    }

    fn remove(&mut self, key: &str) -> Option<RecordKey> {
        self.0.remove(key).map(|_| RecordKey { store: StoreName::Drafts, key: key.to_owned() })
    }
}

impl Machine {
    /// A page told the text of its composer. It counts once the page said what it shows.
    pub(super) fn typed(&mut self, port: PortId, typed: Typed) {
        if let Some(port) = self.ports.get_mut(&port) {
            port.typed = Some(typed);
        }
    }

    /// Stores what pages told of their composers, as far as they said what they show.
    pub(super) fn take_typed(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if !self.ready {
            return;
        }
        let told = |(id, port): (&PortId, &super::Port)| {
            (port.typed.is_some() && port.hello.is_some()).then_some(*id)
        };
        for id in self.ports.iter().filter_map(told).collect::<Vec<_>>() {
            let off = self.is_off(id);
            let Some(port) = self.ports.get_mut(&id) else { continue };
            let hello = port.hello.as_ref().map(|(hello, _)| hello.clone());
            let typed = port.typed.take().filter(|_| !off);
            match hello.zip(typed) {
                Some((hello, Typed::Text(text))) => self.note_typed(at, &hello, &text, out),
                Some((hello, Typed::Erased)) => self.emptied(&hello, true, out),
                None => {}
            }
        }
    }

    fn note_typed(&mut self, at: Moment, hello: &Hello, text: &str, out: &mut Vec<BackEffect>) {
        if text.trim().is_empty() {
            return self.emptied(hello, false, out);
        }
        let text = &secrets::stored(text::head(text, DRAFT_CHARS), self.settings.secrets);
        let chat = hello.chat.clone().unwrap_or_else(|| ChatId(String::new()));
        let head = DraftHead {
            session: SessionId::of(&hello.site, &hello.account, &chat),
            document: hello.document.clone(),
            url: hello.url.clone(),
            ..DraftHead::default()
        };
        if self.is_deleted(&head.session) {
            return;
        }
        let head = drafts::describe(head, text, at);
        let record = drafts::record(&head, text);
        let known = self.drafts.0.get(&record.at.key);
        if known.is_some_and(|(known, held)| !known.gone && held.as_deref() == Some(text.as_ref()))
        {
            return; // a new worker is told again
        }
        let session = head.session.clone();
        self.drafts.0.insert(record.at.key.clone(), (head, Some(text.to_string())));
        let deletes = self.drafts.outdated(at);
        self.write(&session, vec![record], deletes, AfterWrite::Draft, out);
    }

    /// The composer of a document is empty: what stood there was sent, taken away, or lost. What
    /// is too short to be missed goes with it, and what a person erased.
    fn emptied(&mut self, hello: &Hello, erased: bool, out: &mut Vec<BackEffect>) {
        let here = |head: &DraftHead| head.document == hello.document && !head.gone;
        let mine = self.drafts.0.iter().filter(|(_, (head, _))| here(head));
        for key in mine.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            let Some((head, text)) = self.drafts.0.get_mut(&key) else { continue };
            let session = head.session.clone();
            head.gone = true;
            let long = head.chars >= DRAFT_LEAST_CHARS && !erased;
            let (mut puts, mut deletes) = (Vec::new(), Vec::new());
            match text.as_ref().filter(|_| long) {
                Some(text) => puts.push(drafts::record(head, text)),
                // It is told as one that stands there, until that document is closed.
                None if long => continue,
                None => deletes.extend(self.drafts.remove(&key)),
            }
            self.write(&session, puts, deletes, AfterWrite::Draft, out);
        }
    }

    /// What was typed and now stands among the chat's turns: its record goes with their commit.
    pub(super) fn sent(
        &mut self,
        port: PortId,
        session: &SessionId,
        turns: &[Turn],
    ) -> Vec<RecordKey> {
        if self.drafts.0.is_empty() {
            return Vec::new();
        }
        let document = self.document(port);
        let of_here = |head: &DraftHead| {
            head.session == *session || Some(&head.document) == document.as_ref()
        };
        let said: Vec<(Moment, String)> = turns
            .iter()
            .filter(|turn| turn.role == Role::User)
            .map(|turn| (turn.at, drafts::letters(&turn.markdown)))
            .collect();
        let is_said = |head: &DraftHead| {
            said.iter().any(|(when, letters)| {
                *letters == head.letters && when.after(DRAFT_SLACK) >= head.at
            })
        };
        let sent = self.drafts.0.iter().filter(|(_, (head, _))| of_here(head) && is_said(head));
        let sent: Vec<String> = sent.map(|(key, _)| key.clone()).collect();
        sent.iter().filter_map(|key| self.drafts.remove(key)).collect()
    }

    /// What a person may miss: not what stands in a composer now, nor what was sent just now.
    pub(super) fn draft_notes(&self) -> Vec<DraftNote> {
        let stands = |head: &DraftHead| {
            let is_here = |hello: &Hello| hello.document == head.document;
            let mut hellos = self.ports.values().filter_map(|port| port.hello.as_ref());
            !head.gone && hellos.any(|(hello, _)| is_here(hello))
        };
        let missed = self.drafts.0.iter().filter(|(_, (head, _))| {
            head.chars >= DRAFT_LEAST_CHARS
                && self.now.since(head.at) >= DRAFT_GRACE
                && !stands(head)
                && !self.is_deleted(&head.session)
        });
        let note = |(key, (head, _)): (&String, &(DraftHead, _))| DraftNote {
            key: key.clone(),
            session: head.session.clone(),
            url: head.url.clone(),
            at: head.at,
            chars: head.chars,
            start: head.start.clone(),
        };
        let mut notes: Vec<DraftNote> = missed.map(note).collect();
        notes.sort_by_key(|note| std::cmp::Reverse(note.at));
        notes
    }

    /// A person wants the text.
    pub(super) fn draft_asked(&mut self, ask: u64, key: String, out: &mut Vec<BackEffect>) {
        match self.drafts.0.get(&key) {
            None => out.push(answer(ask, Answer::Problem(NO_DRAFT.into()))),
            Some((_, Some(text))) => out.push(answer(ask, Answer::Text(text.clone()))),
            Some((_, None)) => {
                let at = RecordKey { store: StoreName::Drafts, key };
                self.load(Query::One(at), AfterLoad::Draft { ask }, out);
            }
        }
    }

    pub(super) fn draft_loaded(ask: u64, records: &[Stored], out: &mut Vec<BackEffect>) {
        let found = records.first().and_then(|record| codec::part(record, 0).ok());
        let gone = || Answer::Problem(NO_DRAFT.into());
        out.push(answer(ask, found.map_or_else(gone, Answer::Text)));
    }

    /// A person does not want it any more.
    pub(super) fn discard_asked(&mut self, ask: u64, key: &str, out: &mut Vec<BackEffect>) {
        let session = self.drafts.0.get(key).map(|(head, _)| head.session.clone());
        let (Some(session), Some(at)) = (session, self.drafts.remove(key)) else {
            return out.push(answer(ask, Answer::Problem(NO_DRAFT.into())));
        };
        self.write(&session, Vec::new(), vec![at], AfterWrite::Answer { ask }, out);
    }
}
