//! What could not be read or written is tried again.

use super::after::{AfterLoad, AfterWrite};
use super::history::Read;
use super::io::Load;
use super::{Machine, answer};
use crate::base::{Moment, ResumeId, SessionId};
use crate::session::codec;
use crate::wire::background::BackEffect;
use crate::wire::records::{RecordKey, StoreName, Stored};
use crate::wire::ui::Answer;
use std::collections::BTreeSet;

/// To a person who waits for it.
const UNREAD: &str = "The store could not be read just now. Try again in a moment.";
/// In the popup, until everything could be read.
const UNREADABLE: &str = "The store could not be read. SHIM tries again by itself.";

impl Machine {
    /// A query failed. It is asked again in a while, except where somebody else asks again: a
    /// person who was told, an open popup, and the engine that wants a checkpoint.
    pub(super) fn load_failed(&mut self, load: u64, out: &mut Vec<BackEffect>) {
        let Some(failed) = self.io.loads.remove(&load) else { return };
        self.problem(UNREADABLE.into());
        // Nobody who waits for it is left without an answer.
        if let AfterLoad::Index { session } | AfterLoad::Checkpoint { session, .. } = &failed.after
        {
            let unread = || UNREAD.to_owned();
            let text = self.unsaved.clone().unwrap_or_else(unread);
            for ask in self.saving.remove(session).unwrap_or_default() {
                out.push(answer(ask, Answer::Problem(text.clone())));
            }
        }
        match failed.after {
            AfterLoad::Prompt { ask, .. }
            | AfterLoad::Pin { ask, .. }
            | AfterLoad::Draft { ask }
            | AfterLoad::Secrets { ask }
            | AfterLoad::History {
                read: Read::Asked { ask, .. } | Read::Metrics { ask }, ..
            } => {
                out.push(answer(ask, Answer::Problem(UNREAD.into())));
            }
            AfterLoad::Checkpoint { .. } => {}
            AfterLoad::Called { port, .. } => {
                self.call_unused(port, "what is stored could not be read", out);
            }
            AfterLoad::History { .. } => self.tidy_later(),
            AfterLoad::Pack { .. } => self.not_read_to_pack(),
            // The next answer or checkpoint makes one.
            AfterLoad::Keep { .. } => {}
            AfterLoad::Import { .. } => self.not_read_to_import(UNREAD, out),
            AfterLoad::Look => self.not_looked(),
            AfterLoad::Forget => self.not_looked_for_chats(out),
            AfterLoad::Free { .. } => self.not_freed(),
            AfterLoad::Drill(_) => self.drill_failed(out),
            AfterLoad::Check(_) => self.not_checked(UNREAD, out),
            AfterLoad::Copy { session } | AfterLoad::Mend { session, .. } => {
                // Damage is met again, and a prompt is made of what is there.
                self.mended(&session, out);
            }
            AfterLoad::Index { .. }
            | AfterLoad::Adopt { .. }
            | AfterLoad::Copies
            | AfterLoad::Resume { .. }
            | AfterLoad::Restored { .. }
            | AfterLoad::HeadAnew { .. } => {
                self.io.reading.failed(self.steady);
                self.io.loads.insert(load, Load { waits: true, ..failed });
            }
        }
    }

    /// A query worked: what failed before is no problem any more once it has been read too.
    pub(super) fn readable(&mut self) {
        self.io.reading.worked(self.steady);
        if !self.io.loads.values().any(|load| load.waits) {
            self.problems.retain(|text| text != UNREADABLE);
        }
    }

    /// Tries again what failed, where its time has come.
    pub(super) fn try_again(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        if self.io.reading.is_due(self.steady) {
            let waiting = |(number, load): (&u64, &Load)| load.waits.then_some(*number);
            let waiting: Vec<u64> = self.io.loads.iter().filter_map(waiting).collect();
            for number in waiting {
                if let Some(Load { query, after, .. }) = self.io.loads.remove(&number) {
                    self.load(query, after, out);
                }
            }
        }
        if self.io.writing.is_due(self.steady) {
            self.write_unsaved(out);
            self.put_back_again(out);
            // A resume that could not be journalled was told to nobody.
            self.offer_all(at, out);
            for session in std::mem::take(&mut self.io.stale) {
                // A hello may have had it read meanwhile, and what was ordered since is not in
                // the store yet.
                if !self.indexes.contains_key(&session) {
                    self.load_index(session, out);
                }
            }
        }
    }

    fn write_unsaved(&mut self, out: &mut Vec<BackEffect>) {
        // Where a deletion's mark is refused, nothing else may have carried it to the store.
        let all = std::mem::take(&mut self.io.unsaved);
        let marking = |key: &RecordKey| {
            key.store == StoreName::Sessions && self.is_marking(&SessionId(key.key.clone()))
        };
        let (waiting, keys): (BTreeSet<_>, BTreeSet<_>) = all.into_iter().partition(marking);
        self.io.unsaved = waiting;
        let mut puts: Vec<Stored> = keys.iter().filter_map(|key| self.own_record(key)).collect();
        let heads = puts.iter().filter(|put| put.at.store == StoreName::Sessions);
        for session in heads.map(|put| put.session.clone()).collect::<Vec<_>>() {
            puts.extend(self.history_with_head(&session));
        }
        if !puts.is_empty() {
            self.write(&SessionId::default(), puts, Vec::new(), AfterWrite::Nothing, out);
        }
    }

    /// A record of the background's own, as it is now. None: there is nothing to store.
    fn own_record(&self, key: &RecordKey) -> Option<Stored> {
        match key.store {
            StoreName::Sessions => {
                let head = self.sessions.get(&SessionId(key.key.clone()))?;
                (head.holds_something()).then(|| codec::session_record(head))
            }
            StoreName::Resumes => {
                let head = self.resumes.get(&ResumeId(key.key.clone()))?;
                let prompt = self.prompts.get(&head.id).map_or("", String::as_str);
                head.stage.map(|_| codec::resume_record(head, prompt))
            }
            StoreName::Settings => Some(codec::settings_record(&self.settings)),
            StoreName::Drafts => self.drafts.record(key),
            StoreName::Turns | StoreName::Streams | StoreName::Checkpoints | StoreName::History => {
                None
            }
        }
    }
}
