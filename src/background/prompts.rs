//! The prompt of a resume, made of what is stored of its chat.

use super::{Machine, Whole};
use crate::base::ResumeId;
use crate::base::text::hash;
use crate::session::{extract, prompt, segments};
use crate::view::texts;
use crate::wire::chat::Turn;
use crate::wire::records::{ResumeHead, SessionHead, Stored};
use crate::wire::session::About;
use crate::wire::state::{Measured, State};
use std::collections::BTreeSet;

/// A prompt and what it was made of.
pub(super) struct Made {
    pub text: String,
    pub nonce: String,
    pub about: About,
    pub fidelity: f64,
}

impl Machine {
    /// Makes the prompt of a chat: of its newest state, or of an older checkpoint.
    pub(super) fn make_prompt(
        &self,
        resume: &ResumeHead,
        checkpoint: Option<u32>,
        records: &[Stored],
    ) -> Option<Made> {
        let session = self.sessions.get(&resume.from)?;
        let mut whole = Whole::of(records);
        let newest = whole.checkpoints.last().map_or(0, |head| head.number);
        let number = checkpoint.unwrap_or(newest);
        let stored = stored_state(records, number, &whole.turns);
        // Of a chat of which a part is lost the checkpoint tells more.
        let seen = whole.checkpoints.last().map_or(0, |head| head.turn_count as usize);
        let state: State = if number == newest && whole.turns.len() < seen && stored.is_some() {
            stored?
        } else if number == newest {
            let measured = stored.map_or_else(Measured::default, |state| state.measured);
            extract::state(&whole.turns, measured, &session.title)
        } else {
            let head = whole.checkpoints.iter().find(|head| head.number == number)?;
            whole.turns.truncate(head.turn_count as usize);
            stored?
        };
        if whole.turns.is_empty() {
            return None;
        }
        let nonce = nonce(&resume.id);
        let (tuning, allowed) = (&self.tuning, &self.settings.allowed);
        let text = prompt_text(&state, session, resume, &whole.turns, &nonce, tuning, allowed);
        let turns = u32::try_from(whole.turns.len()).unwrap_or(u32::MAX);
        let about = About { checkpoint: number, ..about(session, resume, turns) };
        let fidelity = prompt::fidelity(&state, &text);
        Some(Made { text, nonce, about, fidelity })
    }
}

/// The word by which a sent prompt is known.
pub(super) fn nonce(resume: &ResumeId) -> String {
    format!("{:016x}", hash(resume.as_str()))
}

pub(super) fn about(session: &SessionHead, resume: &ResumeHead, turns: u32) -> About {
    About {
        title: session.title.clone(),
        saved_at: session.updated_at,
        turns,
        checkpoint: resume.checkpoint,
        reason: resume.reason,
    }
}

fn stored_state(records: &[Stored], number: u32, turns: &[Turn]) -> Option<State> {
    let all = segments::checkpoints_of(records).found;
    let stored = all.iter().find(|one| one.head.number == number)?;
    stored.open(turns).ok().map(|checkpoint| checkpoint.state)
}

fn prompt_text(
    state: &State,
    session: &SessionHead,
    resume: &ResumeHead,
    turns: &[Turn],
    nonce: &str,
    tuning: &crate::wire::tuning::Tuning,
    allowed: &BTreeSet<u64>,
) -> String {
    let input = prompt::Input {
        state,
        title: &session.title,
        site: &texts::site(&session.site),
        reason: resume.reason,
        ended_at: resume.crashed_at,
        saved_at: session.updated_at,
        turns,
        nonce,
        allowed,
    };
    prompt::build(&input, tuning.prompt_tokens).text
}
