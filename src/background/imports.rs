//! A chat of an archive is merged into what is stored, one at a time: its lines come piece by
//! piece, are checked once more, compared with the chat's records, and what is new is committed at
//! once. A worker that dies in between has changed nothing of that chat, and the page begins it
//! again.
//!
//! What is compared is what was read, so a chat that is open, or of which anything is ordered
//! meanwhile, is left alone or read again.

use super::after::{AfterLoad, AfterWrite};
use super::archive::{Chat, chat_of, merge};
use super::{Machine, answer};
use crate::base::limits::ARCHIVE_CHAT_BYTES;
use crate::base::{Moment, SessionId};
use crate::session::{codec, secrets};
use crate::wire::archive::{Imported, Merged, Piece};
use crate::wire::background::BackEffect;
use crate::wire::records::{SessionHead, Stored};
use crate::wire::secrets::SecretsKept;
use crate::wire::ui::Answer;

/// The chat is in use.
const OPEN: &str = "\
    It is open in a tab and is being saved. Close that tab, then import the archive again.";
/// A person deleted the chat a moment ago.
const DELETED: &str = "\
    It was deleted a moment ago. Undo that, or wait until it is gone, then import the archive \
    again.";
/// One chat of an archive is larger than any may be.
const LARGE: &str = "A chat of this archive is larger than a chat may be. Nothing of it is stored.";

/// An import under way.
#[derive(Debug, Default)]
pub(super) struct Importing {
    /// Which chat of which import comes, how many pieces of it came, and their text.
    import: u64,
    pieces: u32,
    text: String,
    merging: Option<Merging>,
}

/// A chat whose records are read, or will be.
#[derive(Debug)]
struct Merging {
    ask: u64,
    session: SessionId,
    chat: Chat,
    reading: bool,
    /// Something of the chat was ordered since its records were asked for.
    changed: bool,
}

impl Machine {
    pub(super) fn import_asked(&mut self, ask: u64, piece: Piece, out: &mut Vec<BackEffect>) {
        let importing = &mut self.importing;
        if piece.number == 0 {
            (importing.import, importing.pieces) = (piece.import, 0);
            importing.text.clear();
        }
        let follows = (importing.import, importing.pieces) == (piece.import, piece.number);
        if !follows || importing.merging.is_some() {
            // The worker was ended since, or another page imports as well.
            return out.push(answer(ask, Answer::Imported(Imported::Again)));
        }
        if importing.text.len().saturating_add(piece.text.len()) > ARCHIVE_CHAT_BYTES {
            importing.text = String::new();
            importing.pieces = 0;
            return out.push(answer(ask, Answer::Problem(LARGE.into())));
        }
        importing.pieces += 1;
        importing.text.push_str(&piece.text);
        if !piece.last {
            return out.push(answer(ask, Answer::Done));
        }
        let text = std::mem::take(&mut importing.text);
        importing.pieces = 0;
        match chat_of(&text) {
            Err(problem) => out.push(answer(ask, Answer::Problem(problem.text))),
            Ok(chat) => {
                let session = chat.named.session();
                let merging = Merging { ask, session, chat, reading: false, changed: false };
                // It is read once this event is done with.
                self.importing.merging = Some(merging);
            }
        }
    }

    /// Reads the chat under way, once nothing of it is on its way to the store.
    pub(super) fn go_on_importing(&mut self, out: &mut Vec<BackEffect>) {
        let Some(merging) = self.importing.merging.as_mut().filter(|one| !one.reading) else {
            return;
        };
        let session = merging.session.clone();
        if self.io.puts(|of, _| *of == session) {
            return;
        }
        (merging.reading, merging.changed) = (true, false);
        self.load_chat(&session.clone(), AfterLoad::Import { session }, out);
    }

    pub(super) fn import_sees_write(&mut self, session: &SessionId) {
        if let Some(merging) = &mut self.importing.merging {
            merging.changed |= merging.session == *session;
        }
    }

    pub(super) fn not_read_to_import(&mut self, why: &str, out: &mut Vec<BackEffect>) {
        if let Some(merging) = self.importing.merging.take() {
            out.push(answer(merging.ask, Answer::Problem(why.into())));
        }
    }

    pub(super) fn read_to_import(
        &mut self,
        at: Moment,
        session: &SessionId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(mut merging) = self.importing.merging.take_if(|one| one.session == *session)
        else {
            return;
        };
        let in_use = if self.deletions.contains_key(session) {
            Some(DELETED)
        } else {
            self.is_in_use(session).then_some(OPEN)
        };
        if let Some(why) = in_use {
            let left = Answer::Imported(Imported::LeftOut(why.into()));
            return out.push(answer(merging.ask, left));
        }
        if merging.changed {
            merging.reading = false;
            self.importing.merging = Some(merging);
            return;
        }
        let before = self.sessions.get(session);
        without_secrets(&mut merging.chat, self.settings.secrets);
        let mut merge = merge(&merging.chat, before, records, at);
        self.damage.add(at, merge.damaged);
        if merge.change.puts.is_empty() {
            let nothing = Answer::Imported(Imported::Merged(merge.merged));
            return out.push(answer(merging.ask, nothing));
        }
        merge.change.puts.push(codec::session_record(&merge.head));
        let before = self.sessions.insert(session.clone(), merge.head).map(Box::new);
        // What was known of it in memory is old.
        self.indexes.remove(session);
        let after = AfterWrite::Imported { ask: merging.ask, merged: merge.merged, before };
        self.write_change(session, merge.change, after, out);
    }

    fn is_in_use(&self, session: &SessionId) -> bool {
        self.ports.values().any(|port| port.session.as_ref() == Some(session))
            || self.endings.contains_key(session)
            || self.sessions.get(session).is_some_and(|head| head.live.is_some())
    }

    /// It is stored.
    pub(super) fn imported(
        &mut self,
        session: &SessionId,
        ask: u64,
        merged: Merged,
        out: &mut Vec<BackEffect>,
    ) {
        self.copy_soon(session);
        out.push(answer(ask, Answer::Imported(Imported::Merged(merged))));
    }

    /// It could not be stored: the chat is as it was. One that was opened since goes on as it is,
    /// and what it counts is read again with its records.
    pub(super) fn not_imported(&mut self, session: &SessionId, before: Option<Box<SessionHead>>) {
        if self.is_in_use(session) {
            return;
        }
        match before {
            Some(before) => drop(self.sessions.insert(session.clone(), *before)),
            None => drop(self.sessions.remove(session)),
        }
    }
}

/// An archive may hold what is not to be stored here.
fn without_secrets(chat: &mut Chat, how: SecretsKept) {
    if how == SecretsKept::Kept {
        return;
    }
    let turns = std::mem::take(&mut chat.turns);
    chat.turns = turns.into_iter().map(|turn| secrets::stored_turn(turn, how)).collect();
    for state in chat.points.iter_mut().flat_map(|point| &mut point.state) {
        *state = secrets::stored_json(state, how);
    }
    chat.named.title = secrets::stored(&chat.named.title, how).into_owned();
}
