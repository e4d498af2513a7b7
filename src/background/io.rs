//! Reads and writes: what is under way, what failed, and when it is tried again.
//!
//! A read that failed says nothing of what is stored, so nothing is forgotten for it. A write that
//! was refused is not stored, so nothing is acknowledged for it: pages send their turns again by
//! themselves, and what only the background knows (heads, resumes, settings) it writes again.

use super::after::{AfterLoad, AfterWrite};
use super::deletions::not_deleted;
use super::index::TurnEntry;
use super::patience::Patience;
use super::pointing::show;
use super::{Machine, answer};
use crate::base::{Moment, SessionId, TurnKey};
use crate::session::codec;
use crate::view::pointing;
use crate::wire::background::BackEffect;
use crate::wire::gather::CallEnd;
use crate::wire::records::{Aside, Change, Query, RecordKey, StoreName, Stored};
use crate::wire::session::SessionEvent;
use crate::wire::ui::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// A batch under way.
#[derive(Clone, Debug)]
struct Batch {
    session: SessionId,
    /// What it puts.
    keys: Vec<RecordKey>,
    asides: Vec<Aside>,
    after: AfterWrite,
}

/// A query under way, or waiting to be asked again.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub query: Query,
    pub after: AfterLoad,
    pub waits: bool,
}

/// Everything under way.
#[derive(Debug, Default)]
pub(super) struct Io {
    numbers: u64,
    batches: BTreeMap<u64, Batch>,
    pub loads: BTreeMap<u64, Load>,
    /// Records of the background's own that were refused: written again from memory.
    pub unsaved: BTreeSet<RecordKey>,
    /// Chats whose index may be ahead of the store, since a write of theirs was refused.
    pub stale: BTreeSet<SessionId>,
    pub reading: Patience,
    pub writing: Patience,
}

impl Io {
    /// A number that was never given before.
    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// When something is to be tried again.
    pub(super) fn next_wake(&self) -> Option<Moment> {
        self.reading.next().into_iter().chain(self.writing.next()).min()
    }

    /// What is being read of such a kind is of the past: its answer is not waited for.
    pub(super) fn forget(&mut self, past: impl Fn(&AfterLoad) -> bool) {
        self.loads.retain(|_, load| !past(&load.after));
    }

    /// The newest of this turn that is on its way to the store.
    pub(super) fn newest_turn(&self, session: &SessionId, key: &TurnKey) -> Option<&TurnEntry> {
        let mine = self.batches.values().rev().filter(|batch| batch.session == *session);
        mine.into_iter().find_map(|batch| match &batch.after {
            AfterWrite::Turns { entries, .. } => entries.get(key),
            _ => None,
        })
    }

    /// The highest number of a chat's checkpoints that are on their way to the store; 0: none is.
    pub(super) fn newest_checkpoint(&self, session: &SessionId) -> u32 {
        let mine = self.batches.values().filter(|batch| batch.session == *session);
        let numbers = mine.filter_map(|batch| match batch.after {
            AfterWrite::Checkpoint { number, .. } => Some(number),
            _ => None,
        });
        numbers.max().unwrap_or_default()
    }

    /// Turns of a chat that are on their way to the store.
    pub(super) fn turns_under_way(&self, session: &SessionId) -> impl Iterator<Item = &TurnKey> {
        let mine = self.batches.values().filter(move |batch| batch.session == *session);
        mine.flat_map(|batch| match &batch.after {
            AfterWrite::Turns { entries, .. } => Some(entries.keys()),
            _ => None,
        })
        .flatten()
    }

    /// Whether such a query is under way or waits.
    pub(super) fn loads(&self, wanted: impl Fn(&AfterLoad) -> bool) -> bool {
        self.loads.values().any(|load| wanted(&load.after))
    }

    /// Whether a write of such a record of a chat is under way.
    pub(super) fn puts(&self, wanted: impl Fn(&SessionId, &RecordKey) -> bool) -> bool {
        self.batches.values().any(|of| of.keys.iter().any(|key| wanted(&of.session, key)))
    }

    /// Whether anything is under way or waits.
    pub(super) fn is_busy(&self) -> bool {
        !(self.batches.is_empty() && self.loads.is_empty() && self.unsaved.is_empty())
    }

    /// Whether such a batch is under way.
    pub(super) fn writes(&self, wanted: impl Fn(&AfterWrite) -> bool) -> bool {
        self.batches.values().any(|batch| wanted(&batch.after))
    }
}

impl Machine {
    /// Orders one commit.
    pub(super) fn write(
        &mut self,
        session: &SessionId,
        puts: Vec<Stored>,
        deletes: Vec<RecordKey>,
        after: AfterWrite,
        out: &mut Vec<BackEffect>,
    ) {
        self.write_change(session, Change { puts, deletes, ..Change::default() }, after, out);
    }

    /// Nothing that does not open is written over or deleted, unless its chat is.
    pub(super) fn write_change(
        &mut self,
        session: &SessionId,
        mut change: Change,
        after: AfterWrite,
        out: &mut Vec<BackEffect>,
    ) {
        let batch = self.io.number();
        // With the first chat in it a store is not empty any more: then it must tell this itself.
        let is_head = |put: &Stored| put.at.store == StoreName::Sessions;
        if self.settings.owed && change.puts.iter().any(is_head) {
            change.puts.push(codec::settings_record(&self.settings));
        }
        change.asides = self.damage.asides(&change.puts);
        change.deletes.retain(|at| !self.damage.holds(at));
        let asides = change.asides.clone();
        // The loss of a streamed piece, and of a draft, is mended by the next one.
        let mended = matches!(after, AfterWrite::Stream { .. } | AfterWrite::Draft);
        let strict = !mended || !asides.is_empty();
        self.packing_sees_write(session, &change);
        self.rest_from_drill(self.now);
        self.import_sees_write(session);
        let keys = change.puts.iter().map(|put| put.at.clone()).collect();
        self.io.batches.insert(batch, Batch { session: session.clone(), keys, asides, after });
        out.push(BackEffect::Write { batch, change, strict });
    }

    pub(super) fn write_head(
        &mut self,
        session: &SessionId,
        after: AfterWrite,
        out: &mut Vec<BackEffect>,
    ) {
        if let Some(head) = self.sessions.get(session) {
            let mut puts = vec![codec::session_record(head)];
            puts.extend(self.history_with_head(session));
            self.write(session, puts, Vec::new(), after, out);
        }
    }

    pub(super) fn load(&mut self, query: Query, after: AfterLoad, out: &mut Vec<BackEffect>) {
        let load = self.io.number();
        out.push(BackEffect::Load { load, query: query.clone() });
        self.io.loads.insert(load, Load { query, after, waits: false });
    }

    pub(super) fn written(
        &mut self,
        at: Moment,
        batch: u64,
        problem: Option<String>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(batch) = self.io.batches.remove(&batch) else { return };
        if let Some(problem) = problem {
            return self.unwritten(batch, &problem, out);
        }
        self.io.writing.worked(self.steady);
        self.unsaved = None;
        self.damage.moved(batch.asides);
        // Commits come in order: this one was ordered after those that were refused.
        self.io.unsaved.retain(|key| !batch.keys.contains(key));
        let session = batch.session;
        self.history_stored(&batch.keys);
        self.measure(out);
        match batch.after {
            AfterWrite::Nothing | AfterWrite::Tidied | AfterWrite::Draft => {}
            AfterWrite::Turns { port, entries, behind, called } => {
                if entries.values().any(|entry| !entry.state.is_open()) {
                    self.copy_soon(&session);
                }
                self.turns_committed(at, port, &session, entries, behind, out);
                if let Some(turns) = called {
                    self.tell(at, port, SessionEvent::CallEnded(CallEnd::Stored { turns }), out);
                }
            }
            AfterWrite::Stream { port, stream, hash } => {
                // Where a write was refused meanwhile, the piece before this one may be missing.
                let index = self.indexes.get(&session);
                if index.is_some_and(|index| index.streams.contains_key(&stream)) {
                    let event = SessionEvent::StreamSaved { key: stream.0, hash };
                    self.tell(at, port, event, out);
                }
            }
            AfterWrite::Checkpoint { port, request, number, size_bytes } => {
                self.checkpoint_committed(at, port, &session, request, number, size_bytes, out);
            }
            AfterWrite::Place { port, placement } => self.place(at, port, placement, out),
            AfterWrite::OpenTab { resume, url, ask, .. } => {
                let request = self.io.number();
                self.opening.insert(request, resume);
                out.push(BackEffect::OpenTab { request, url });
                out.extend(ask.map(|ask| answer(ask, Answer::Done)));
            }
            AfterWrite::Answer { ask } => out.push(answer(ask, Answer::Done)),
            AfterWrite::Show { port, view } => show(port, view, out),
            AfterWrite::Deleted { ask } => {
                self.marked(&session, ask);
                out.extend(ask.map(|ask| answer(ask, Answer::Done)));
            }
            AfterWrite::Undeleted { ask } => self.undeleted(&session, ask, out),
            AfterWrite::SiteMarked { ask, sessions, .. } => self.site_marked(ask, &sessions, out),
            AfterWrite::Erased => self.erased(at, &session, out),
            AfterWrite::Freed { numbers, bytes } => self.freed(&session, (&numbers, bytes), out),
            AfterWrite::Packed(sizes) => self.packed(&session, sizes),
            AfterWrite::Mended => self.put_back(&session, out),
            AfterWrite::Imported { ask, merged, .. } => self.imported(&session, ask, merged, out),
            AfterWrite::Adopted(_) => self.adopted(session, out),
        }
    }

    /// A batch was refused: nothing of it is stored, and nothing is acknowledged. What is in memory
    /// of the chat may be ahead of the store now: it is read again in a while, and then its page
    /// hears what is stored and sends the rest again.
    fn unwritten(&mut self, batch: Batch, problem: &str, out: &mut Vec<BackEffect>) {
        let Batch { session, keys, after, .. } = batch;
        self.io.writing.failed(self.steady);
        self.unsaved = Some(format!("Saving failed: {problem}"));
        self.make_room(problem, out);
        match after {
            AfterWrite::Deleted { ask } => {
                self.not_deleted(&session, ask);
                out.extend(ask.map(|ask| answer(ask, not_deleted(problem))));
            }
            AfterWrite::SiteMarked { ask, sessions, made } => {
                self.site_not_marked(ask, (&sessions, &made), problem, out);
            }
            AfterWrite::Erased => self.not_erased(session.clone()),
            AfterWrite::Tidied => self.not_tidied(&session),
            AfterWrite::Freed { .. } => self.not_freed(),
            AfterWrite::Packed(_) => self.not_packed(&session),
            AfterWrite::Mended => self.not_put_back(&session, out),
            AfterWrite::Imported { ask, before, .. } => {
                self.not_imported(&session, before);
                out.push(answer(ask, Answer::Problem(problem.into())));
            }
            AfterWrite::Adopted(before) => self.not_adopted(*before),
            AfterWrite::Answer { ask } | AfterWrite::Undeleted { ask: Some(ask) } => {
                out.push(answer(ask, Answer::Problem(problem.into())));
            }
            AfterWrite::OpenTab { resumes, ask, .. } => {
                self.resumes.retain(|id, _| !resumes.contains(id));
                out.extend(ask.map(|ask| answer(ask, Answer::Problem(problem.into()))));
            }
            AfterWrite::Place { placement, .. } => self.not_journalled(&placement.resume),
            AfterWrite::Turns { port, called: Some(_), .. } => {
                self.call_unused(port, "it could not be stored", out);
            }
            AfterWrite::Show { port, .. } => {
                show(port, Box::new(pointing::trouble(problem.to_owned())), out);
            }
            AfterWrite::Nothing
            | AfterWrite::Draft
            | AfterWrite::Undeleted { ask: None }
            | AfterWrite::Turns { .. }
            | AfterWrite::Stream { .. }
            | AfterWrite::Checkpoint { .. } => {}
        }
        self.history_refused(&keys);
        let own = |key: &RecordKey| {
            use StoreName::{Drafts, Resumes, Sessions, Settings};
            matches!(key.store, Sessions | Resumes | Settings | Drafts)
        };
        self.io.unsaved.extend(keys.into_iter().filter(own));
        for ask in self.saving.remove(&session).unwrap_or_default() {
            out.push(answer(ask, Answer::Problem(problem.into())));
        }
        if self.indexes.remove(&session).is_some() {
            // A checkpoint's number that was given for nothing is free again then.
            self.io.stale.insert(session);
        }
    }

    pub(super) fn loaded(
        &mut self,
        at: Moment,
        load: u64,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(Load { after, .. }) = self.io.loads.remove(&load) else { return };
        self.readable();
        let Some(after) = self.mend_first(after, records, out) else { return };
        match after {
            AfterLoad::Index { session } => self.index_loaded(at, session, records, out),
            AfterLoad::Checkpoint { port, session, request, trigger, measured } => {
                let whole = super::Whole::of(records);
                self.checkpoint(at, port, &session, request, trigger, *measured, &whole, out);
            }
            AfterLoad::Resume { port, resume } => {
                self.resume_loaded(at, port, &resume, records, out);
            }
            AfterLoad::Prompt { ask, session, checkpoint } => {
                self.prompt_loaded(ask, &session, checkpoint, records, out);
            }
            AfterLoad::Called { port, session, answer, shown } => {
                self.call_compared(at, port, &session, &answer, shown, records, out);
            }
            AfterLoad::Restored { resume } => self.note_restored(at, &resume, records, out),
            AfterLoad::Pin { ask, session, number, pinned } => {
                self.pin_loaded(at, ask, &session, (number, pinned), records, out);
            }
            AfterLoad::Copies => self.take_copies(at, records, out),
            AfterLoad::Keep { session } => self.keep_copy(session, records, out),
            AfterLoad::Copy { session } => self.copy_loaded(session, records, out),
            AfterLoad::Mend { session, copy } => self.mend_with(at, &session, copy, records, out),
            AfterLoad::HeadAnew { session } => self.head_loaded(session, records, out),
            AfterLoad::History { session, read } => {
                self.history_read(at, &session, &read, records, out);
            }
            AfterLoad::Pack { session } => self.read_to_pack(at, &session, records, out),
            AfterLoad::Import { session } => self.read_to_import(at, &session, records, out),
            AfterLoad::Adopt { from, session } => self.adopt(at, from, session, records, out),
            AfterLoad::Secrets { ask } => self.secrets_loaded(ask, records, out),
            AfterLoad::Draft { ask } => Self::draft_loaded(ask, records, out),
            AfterLoad::Look => self.looked(at, records, out),
            AfterLoad::Forget => self.looked_for_chats(at, records, out),
            AfterLoad::Free { session } => self.free(&session, records, out),
            AfterLoad::Drill(read) => self.drill_read(at, read, records, out),
            AfterLoad::Check(step) => self.check_read(at, step, records, out),
        }
    }
}
