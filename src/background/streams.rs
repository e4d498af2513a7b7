//! An answer that is still coming: stored in pieces as its page tells them.

use super::index::StreamEntry;
use super::{AfterWrite, Machine};
use crate::base::limits::STREAMS_HELD;
use crate::base::text::hash;
use crate::base::{PortId, SessionId, TurnKey};
use crate::session::{codec, secrets};
use crate::wire::background::BackEffect;
use crate::wire::records::StreamHead;
use crate::wire::secrets::SecretsKept;
use crate::wire::session::SessionEvent;

/// A piece as a page told it.
pub(super) struct Piece {
    pub head: StreamHead,
    /// Hash of the text it goes on from; 0: from nothing.
    pub base: u64,
    pub text: String,
}

/// Names a stream: chat, turn and document.
pub(super) type StreamName = (SessionId, TurnKey, String);

impl Machine {
    pub(super) fn stream(
        &mut self,
        at: crate::base::Moment,
        port: PortId,
        session: &SessionId,
        piece: Piece,
        out: &mut Vec<BackEffect>,
    ) {
        let Piece { mut head, base, text } = piece;
        let key = head.key.clone();
        let stream = (key.clone(), head.document.clone());
        let Some(index) = self.indexes.get(session) else { return };
        let before = index.streams.get(&stream).copied().unwrap_or_default();
        if base != 0 && base != before.hash {
            return self.tell(at, port, SessionEvent::StreamSaved { key, hash: 0 }, out);
        }
        let told = head.hash;
        let Some(text) = self.without_secrets(session, &mut head, base, text) else {
            return self.tell(at, port, SessionEvent::StreamSaved { key, hash: 0 }, out);
        };
        let (mut first, mut deletes) = (before.first, Vec::new());
        if head.keep == 0 {
            // The whole text: what was there before is replaced in the same commit.
            first = before.next;
            let old = before.first..before.next;
            deletes.extend(old.map(|n| codec::stream_key(session, &key, &head.document, n)));
        }
        head.piece = before.next;
        let next = before.next.saturating_add(1);
        let entry =
            StreamEntry { first, next, hash: told, text_bytes: head.text_bytes, at: head.at };
        if let Some(index) = self.indexes.get_mut(session) {
            index.streams.insert(stream.clone(), entry);
        }
        if let Some(session) = self.sessions.get_mut(session) {
            session.updated_at = head.at;
        }
        let record = codec::stream_record(session, &head, &text);
        let after = AfterWrite::Stream { port, stream, hash: told };
        self.write(session, vec![record], deletes, after, out);
    }

    /// The piece as it is stored. Where secrets are not kept one may lie across two pieces: so the
    /// text so far is held here, and each piece is all of it. None: it is not at hand.
    fn without_secrets(
        &mut self,
        session: &SessionId,
        head: &mut StreamHead,
        base: u64,
        text: String,
    ) -> Option<String> {
        if base == 0 {
            head.keep = 0;
        }
        let how = self.settings.secrets;
        if how == SecretsKept::Kept {
            return Some(text);
        }
        let name = (session.clone(), head.key.clone(), head.document.clone());
        let so_far = if base == 0 { String::new() } else { self.streamed.remove(&name)? };
        let whole = [so_far.get(..head.keep)?, &text].concat();
        let stored = secrets::stored(&whole, how).into_owned();
        (head.keep, head.hash) = (0, hash(&stored));
        if self.streamed.len() >= STREAMS_HELD {
            self.streamed.clear();
        }
        self.streamed.insert(name, whole);
        Some(stored)
    }
}
