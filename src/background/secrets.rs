//! The secrets that a chat's stored turns hold, told to a person.

use super::after::AfterLoad;
use super::{Machine, Whole, answer};
use crate::base::SessionId;
use crate::base::limits::SECRETS_TOLD;
use crate::session::secrets;
use crate::wire::background::BackEffect;
use crate::wire::records::Stored;
use crate::wire::ui::Answer;

impl Machine {
    pub(super) fn secrets_asked(
        &mut self,
        ask: u64,
        session: &SessionId,
        out: &mut Vec<BackEffect>,
    ) {
        self.load_chat(session, AfterLoad::Secrets { ask }, out);
    }

    pub(super) fn secrets_loaded(&self, ask: u64, records: &[Stored], out: &mut Vec<BackEffect>) {
        let mut notes = secrets::notes(Whole::of(records).turns, &self.settings.allowed);
        notes.truncate(SECRETS_TOLD);
        out.push(answer(ask, Answer::Secrets(notes)));
    }
}
