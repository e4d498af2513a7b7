//! Resumes: one a crash. Each is journalled before a page is touched.

use super::ports::Port;
use super::{AfterLoad, AfterWrite, Machine, Whole};
use crate::base::limits::{PLACING_PATIENCE, RESUME_WITHIN};
use crate::base::text::hash;
use crate::base::{Moment, PortId, ResumeId, SessionId, TabId};
use crate::session::{codec, extract, prompt};
use crate::wire::background::BackEffect;
use crate::wire::chat::Turn;
use crate::wire::records::{ResumeHead, SessionHead, StoreName, Stored};
use crate::wire::session::{About, Placement, ResumeStage, SessionEvent};
use crate::wire::state::{Measured, State};

/// A prompt and what it was made of.
pub(super) struct Made {
    pub text: String,
    pub nonce: String,
    pub about: About,
    pub fidelity: f64,
}

impl Machine {
    /// A crash was noticed: fresh chats that wait already are offered it, newest first.
    pub(super) fn offer_all(&mut self, at: Moment, out: &mut Vec<BackEffect>) {
        let mut fresh: Vec<(Moment, PortId)> = self
            .ports
            .iter()
            .filter_map(|(id, port)| {
                let (hello, when) = port.hello.as_ref()?;
                (hello.fresh && hello.resume.is_none()).then_some((*when, *id))
            })
            .collect();
        fresh.sort_unstable();
        for (_, port) in fresh.into_iter().rev() {
            self.offer(at, port, out);
        }
    }

    /// A document said hello that has a resume already and whose engine does not know of it: it
    /// ended with the worker, or never got it. It goes on from where the journal says.
    fn give_again(&mut self, at: Moment, id: PortId, out: &mut Vec<BackEffect>) -> bool {
        let Some(Port { hello: Some((hello, _)), .. }) = self.ports.get(&id) else { return false };
        let Some(head) = self.resumes.values().find(|head| {
            let under_way =
                head.stage >= Some(ResumeStage::Placing) && head.stage <= Some(ResumeStage::Sent);
            let this = head.document.as_ref() == Some(&hello.document);
            under_way && this && !self.is_deleted(&head.from)
        }) else {
            return false;
        };
        if hello.resume.is_none()
            && !self.writing(&head.id)
            && let Some(session) = self.sessions.get(&head.from)
        {
            let placement = Placement {
                resume: head.id.clone(),
                text: self.prompts.get(&head.id).cloned().unwrap_or_default(),
                nonce: nonce(&head.id),
                offer_only: self.settings.offer_only && !head.asked,
                stage: head.stage,
                about: about(session, head, session.turn_count),
            };
            self.tell(at, id, SessionEvent::Place(Box::new(placement)), out);
        }
        true
    }

    /// Whether the journal of a resume is being written: its page gets it after that.
    fn writing(&self, resume: &ResumeId) -> bool {
        let places = |after: &AfterWrite| match after {
            AfterWrite::Place { placement, .. } => placement.resume == *resume,
            _ => false,
        };
        self.batches.values().any(|batch| places(&batch.after))
    }

    /// A page said hello: without a chat it gets the resume that waits for it, if any.
    pub(super) fn offer(&mut self, at: Moment, id: PortId, out: &mut Vec<BackEffect>) {
        if self.give_again(at, id, out) {
            return;
        }
        let Some(port) = self.ports.get(&id) else { return };
        let Some((hello, _)) = port.hello.clone().filter(|(h, _)| h.fresh && h.resume.is_none())
        else {
            return;
        };
        let tab = port.tab;
        let found = self
            .asked_for(at, tab, &hello.site)
            .or_else(|| self.crash_for(at, &hello.site, &hello.account.0));
        let Some(mut head) = found.filter(|head| !self.is_deleted(&head.from)) else { return };
        if self
            .loads
            .values()
            .any(|a| matches!(a, AfterLoad::Resume { resume, .. } if *resume == head.id))
        {
            return;
        }
        head.tab = Some(tab);
        head.document = Some(hello.document);
        let (from, resume) = (head.from.clone(), head.id.clone());
        self.resumes.insert(resume.clone(), head);
        self.load_chat(&from, AfterLoad::Resume { port: id, resume }, out);
    }

    /// A resume that a person asked for, whose tab this is.
    fn asked_for(&self, at: Moment, tab: TabId, site: &str) -> Option<ResumeHead> {
        let waits = |head: &&ResumeHead| {
            head.stage == Some(ResumeStage::Waiting)
                && head.from.site() == site
                && match head.tab {
                    Some(wanted) => wanted == tab,
                    None => at.since(head.stage_at) < PLACING_PATIENCE,
                }
        };
        self.resumes.values().find(waits).cloned()
    }

    /// The newest crash of this site and account that was not resumed yet.
    fn crash_for(&self, at: Moment, site: &str, account: &str) -> Option<ResumeHead> {
        let ended = |head: &&SessionHead| {
            head.site == site
                && head.account.0 == account
                && head.turn_count > 0
                && head.deleted_at.is_none()
                && head.ended.is_some_and(|(_, when)| at.since(when) < RESUME_WITHIN)
        };
        let newest = self.sessions.values().filter(ended).max_by_key(|head| head.ended)?;
        let (reason, crashed_at) = newest.ended?;
        let id = ResumeId(format!("{}@{}", newest.id, crashed_at.0));
        // A journal that cannot be read may tell of a prompt that was placed already.
        if self.resumes.contains_key(&id) || self.damage.holds(&codec::resume_key(&id)) {
            return None;
        }
        Some(ResumeHead {
            id,
            from: newest.id.clone(),
            reason,
            crashed_at,
            stage_at: at,
            ..ResumeHead::default()
        })
    }

    /// The chat's records are there: the prompt is made, journalled, and then given to the page.
    pub(super) fn resume_loaded(
        &mut self,
        at: Moment,
        port: PortId,
        resume: &ResumeId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(mut head) = self.resumes.get(resume).cloned() else { return };
        if self.is_deleted(&head.from) {
            // Offered anew, should that be undone.
            self.resumes.retain(|id, head| id != resume || head.stage.is_some());
            return;
        }
        let wanted = (head.checkpoint > 0).then_some(head.checkpoint);
        let Some(made) = self.make_prompt(&head, wanted, records) else {
            self.resumes.remove(resume);
            return self.problem("The chat to resume holds nothing that can be read.".into());
        };
        head.checkpoint = made.about.checkpoint;
        head.fidelity = made.fidelity;
        head.stage = Some(ResumeStage::Placing);
        head.stage_at = at;
        let record = codec::resume_record(&head, &made.text);
        let placement = Placement {
            resume: resume.clone(),
            text: made.text,
            nonce: made.nonce,
            offer_only: self.settings.offer_only && !head.asked,
            stage: None,
            about: made.about,
        };
        self.prompts.insert(resume.clone(), placement.text.clone());
        let from = head.from.clone();
        self.resumes.insert(resume.clone(), head);
        let after = AfterWrite::Place { port, placement: Box::new(placement) };
        self.write(&from, vec![record], Vec::new(), after, out);
    }

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
        let stored = stored_state(records, number);
        let state: State = if number == newest {
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
        let text = prompt_text(&state, session, resume, &whole.turns, &nonce, &self.tuning);
        let turns = u32::try_from(whole.turns.len()).unwrap_or(u32::MAX);
        let about = About { checkpoint: number, ..about(session, resume, turns) };
        let fidelity = prompt::fidelity(&state, &text);
        Some(Made { text, nonce, about, fidelity })
    }

    /// A page tells how a resume goes. Only the document that it was given to may, and it never
    /// goes back.
    pub(super) fn resume_report(
        &mut self,
        at: Moment,
        port: PortId,
        resume: &ResumeId,
        stage: ResumeStage,
        to: Option<SessionId>,
        out: &mut Vec<BackEffect>,
    ) {
        let document = self.ports.get(&port).and_then(|p| p.hello.as_ref());
        let document = document.map(|(hello, _)| hello.document.clone());
        let Some(head) = self.resumes.get_mut(resume) else { return };
        if head.document.is_none() || head.document != document || head.stage > Some(stage) {
            return;
        }
        let linked = to.is_some() && head.to != to;
        if head.stage == Some(stage) && !linked {
            return;
        }
        head.stage = Some(stage);
        head.stage_at = at;
        let sent = matches!(stage, ResumeStage::Sent | ResumeStage::Answered);
        if sent && to.is_some() {
            head.to.clone_from(&to);
        }
        let (head, from) = (head.clone(), head.from.clone());
        // The prompt is not kept any longer than it waits to be sent.
        if stage > ResumeStage::Placed {
            self.prompts.remove(resume);
        }
        let prompt = self.prompts.get(resume).map_or("", String::as_str);
        let puts = vec![codec::resume_record(&head, prompt)];
        self.write(&from, puts, Vec::new(), AfterWrite::Nothing, out);
        if let Some(child) = to.filter(|_| sent).and_then(|to| self.sessions.get_mut(&to)) {
            child.parent = Some(from.clone());
            let child = child.id.clone();
            self.write_head(&child, AfterWrite::Nothing, out);
        }
        if stage == ResumeStage::Answered {
            let resume = resume.clone();
            self.load_chat(&from, AfterLoad::Restored { resume }, out);
        }
    }

    /// The new chat answered: its checkpoint is marked as restored.
    pub(super) fn note_restored(
        &mut self,
        at: Moment,
        resume: &ResumeId,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(head) = self.resumes.get(resume).cloned() else { return };
        let record = records
            .iter()
            .find(|record| record.at == codec::checkpoint_key(&head.from, head.checkpoint));
        let Some(record) = record else { return };
        if let Ok(mut opened) = codec::open::<crate::wire::records::CheckpointHead>(record) {
            opened.restored = Some((at, head.fidelity));
            let record = codec::rehead(record, &opened);
            self.write(&head.from, vec![record], Vec::new(), AfterWrite::Nothing, out);
        }
    }

    /// A tab was opened for a resume that a person asked for.
    pub(super) fn tab_opened(
        &mut self,
        at: Moment,
        request: u64,
        tab: Option<TabId>,
        out: &mut Vec<BackEffect>,
    ) {
        let Some(resume) = self.opening.remove(&request) else { return };
        let Some(head) = self.resumes.get_mut(&resume) else { return };
        if head.stage != Some(ResumeStage::Waiting) {
            return;
        }
        let Some(tab) = tab else {
            self.resumes.remove(&resume);
            return self.problem("The browser did not open a new tab. Try again.".into());
        };
        head.tab = Some(tab);
        let (record, from) = (codec::resume_record(head, ""), head.from.clone());
        self.write(&from, vec![record], Vec::new(), AfterWrite::Nothing, out);
        // Its page may have said hello before the browser told its number.
        self.offer_all(at, out);
    }
}

/// The word by which a sent prompt is known.
fn nonce(resume: &ResumeId) -> String {
    format!("{:016x}", hash(resume.as_str()))
}

fn about(session: &SessionHead, resume: &ResumeHead, turns: u32) -> About {
    About {
        title: session.title.clone(),
        saved_at: session.updated_at,
        turns,
        checkpoint: resume.checkpoint,
        reason: resume.reason,
    }
}

fn stored_state(records: &[Stored], number: u32) -> Option<State> {
    records
        .iter()
        .filter(|record| record.at.store == StoreName::Checkpoints)
        .filter_map(|record| codec::open_checkpoint(record).ok())
        .find(|(head, _)| head.number == number)
        .map(|(_, checkpoint)| checkpoint.state)
}

fn prompt_text(
    state: &State,
    session: &SessionHead,
    resume: &ResumeHead,
    turns: &[Turn],
    nonce: &str,
    tuning: &crate::wire::tuning::Tuning,
) -> String {
    let input = prompt::Input {
        state,
        title: &session.title,
        site: &session.site,
        reason: resume.reason,
        ended_at: resume.crashed_at,
        saved_at: session.updated_at,
        turns,
        nonce,
    };
    prompt::build(&input, tuning.prompt_tokens).text
}
