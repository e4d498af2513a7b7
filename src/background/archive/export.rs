//! Conversations of a site's own export, each made into the lines that an archive has of a chat, so
//! that whatever follows is an archive's import.
//!
//! The account is not among them: exports tell another name of it than pages do, or none. Such a
//! chat waits for its page ([`crate::background`], `backfill`).

use super::Why;
use super::check::Check;
use crate::base::limits::{ARCHIVE_CHATS, ARCHIVE_NAME_BYTES};
use crate::base::{SessionId, text};
use crate::session::codec;
use crate::sites::call::{Conversation, Odd, exported};
use crate::wire::archive::{Last, Line, Named, Skipped};
use std::collections::BTreeSet;

/// What no site's export holds.
const UNKNOWN: Why = Why::Export(
    "This file holds no conversations that SHIM knows. Choose the zip file as ChatGPT or Claude \
     sent it, or the conversations.json that was in it.",
);
/// More of it is no person's.
const MANY: Why = Why::Export(
    "This export holds more conversations than one can be imported with. Split it, then import \
     its parts.",
);

/// Takes conversations.
#[derive(Default)]
pub(super) struct Export {
    /// Lines of chats, where they are given out.
    chats: Option<Vec<String>>,
    seen: BTreeSet<SessionId>,
    sums: Last,
    skipped: Skipped,
}

impl Export {
    pub(super) fn new(gives: bool) -> Self {
        Self { chats: gives.then(Vec::new), ..Self::default() }
    }

    /// The chats that are complete since the last call.
    pub(super) fn take(&mut self) -> Vec<String> {
        self.chats.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes the next element of an export; none: it is too large to be read.
    pub(super) fn conversation(&mut self, element: Option<&[u8]>) {
        match element.map(conversation) {
            None => self.skipped.large += 1,
            Some(Err(Odd::Empty)) => self.skipped.empty += 1,
            Some(Err(Odd::Unknown)) => self.skipped.unknown += 1,
            Some(Ok(conversation)) => self.chat(conversation),
        }
    }

    fn chat(&mut self, conversation: Conversation) {
        let Conversation { site, chat, url, title, model, started_at, updated_at, turns } =
            conversation;
        // A character takes four bytes at most.
        let own = |words: &str| text::clip(words, ARCHIVE_NAME_BYTES / 4);
        let (title, model) = (own(&title), own(&model));
        let named =
            Named { site, chat, url, title, model, started_at, updated_at, ..Named::default() };
        let session = named.session();
        if self.seen.contains(&session) {
            return self.skipped.twice += 1;
        }
        if self.seen.len() > ARCHIVE_CHATS {
            return;
        }
        let turns = turns.into_iter().map(|turn| Line::Turn(Box::new(turn)));
        let lines = [Line::Chat(Box::new(named))].into_iter().chain(turns);
        let (mut check, mut all) = (Check::of_chats(), String::new());
        for line in lines {
            let text = codec::json(&line);
            match check.take(&line, text.len()) {
                Ok(()) => {}
                Err(Why::Large) => return self.skipped.large += 1,
                Err(_) => return self.skipped.unknown += 1,
            }
            if self.chats.is_some() {
                all.push_str(&text);
                all.push('\n');
            }
        }
        self.seen.insert(session);
        self.sums.chats = self.sums.chats.saturating_add(1);
        self.sums.turns = self.sums.turns.saturating_add(check.sums.turns);
        if let Some(chats) = &mut self.chats {
            chats.push(all);
        }
    }

    /// What was in it.
    pub(super) fn end(&self) -> Result<(Last, Skipped), Why> {
        let Skipped { empty, large, .. } = self.skipped;
        match self.seen.len() {
            0 if empty == 0 && large == 0 => Err(UNKNOWN),
            chats if chats > ARCHIVE_CHATS => Err(MANY),
            _ => Ok((self.sums, self.skipped)),
        }
    }
}

fn conversation(element: &[u8]) -> Result<Conversation, Odd> {
    exported(&serde_json::from_slice(element).map_err(|_| Odd::Unknown)?)
}
