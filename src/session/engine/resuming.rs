//! The resumes of one document: the one under way, and those that went their way.

use super::Engine;
use super::placing::Placing;
use crate::base::SessionId;
use crate::wire::session::{Placement, ResumeStage, SessionEffect, ToBackground};

impl Engine {
    pub(super) fn place(
        &mut self,
        act: impl FnOnce(&mut Placing, &mut Vec<SessionEffect>),
        out: &mut Vec<SessionEffect>,
    ) {
        if let Some(placing) = &mut self.placing {
            act(placing, out);
        }
    }

    /// The background gives a resume, for the first time or again.
    pub(super) fn take(&mut self, mut placement: Placement, out: &mut Vec<SessionEffect>) {
        if let Some((resume, stage, session)) =
            self.past.iter().find(|(resume, ..)| *resume == placement.resume).cloned()
        {
            return out.push(SessionEffect::Back(ToBackground::Resume { resume, stage, session }));
        }
        match &mut self.placing {
            Some(placing) if placing.state().0 == placement.resume => placing.again(),
            Some(placing) if placing.open() => {}
            _ => {
                self.went(self.chat.session.clone());
                let (composer, fresh) = (self.last.composer.clone(), self.last.fresh);
                // Written is placed, whatever is on record: its news may have died with a worker.
                let wrote = !self.wrote.is_empty() && placement.text == self.wrote;
                if wrote && placement.stage == Some(ResumeStage::Placing) {
                    placement.stage = Some(ResumeStage::Placed);
                }
                self.placing = Some(Placing::start(placement, &composer, fresh, out));
                if !fresh {
                    // It may have been sent already: the turn that tells so is looked for.
                    self.watch_anew(out);
                }
            }
        }
    }

    /// Remembers how far the resume of this document went, in which chat, and lets go of it.
    pub(super) fn went(&mut self, session: Option<SessionId>) {
        if let Some((resume, stage)) = self.placing.take().map(|placing| placing.state()) {
            self.past.push((resume, stage, session));
        }
    }
}
