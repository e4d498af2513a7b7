//! Resumes: one a crash. Each is journalled before a page is touched.

use super::ports::Port;
use super::prompts::{about, nonce};
use super::{AfterLoad, AfterWrite, Machine};
use crate::base::limits::{PLACING_PATIENCE, RESUME_WITHIN};
use crate::base::{Moment, PortId, ResumeId, SessionId, TabId};
use crate::session::{codec, segments};
use crate::wire::background::BackEffect;
use crate::wire::records::{CheckpointHead, ResumeHead, SessionHead, Stored};
use crate::wire::session::{Placement, ResumeStage, SessionEvent};

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
            self.offer(at, port, false, out);
        }
    }

    /// A document said hello that has a resume already and whose engine does not know of it: it
    /// ended with the worker, or never got it. It goes on from where the journal says.
    fn give_again(
        &mut self,
        at: Moment,
        id: PortId,
        just_said: bool,
        out: &mut Vec<BackEffect>,
    ) -> bool {
        let Some(Port { hello: Some((hello, _)), .. }) = self.ports.get(&id) else { return false };
        let Some(head) = self.resumes.values().find(|head| {
            let under_way =
                head.stage >= Some(ResumeStage::Placing) && head.stage <= Some(ResumeStage::Sent);
            let this = head.document.as_ref() == Some(&hello.document);
            under_way && this && !self.is_deleted(&head.from)
        }) else {
            return false;
        };
        if just_said
            && hello.resume.is_none()
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
        self.io.writes(|after| match after {
            AfterWrite::Place { placement, .. } => placement.resume == *resume,
            _ => false,
        })
    }

    /// A page without a chat gets the resume that waits for it, if any. `just_said`: its hello came
    /// now, so one that it has and does not know of is given again.
    pub(super) fn offer(
        &mut self,
        at: Moment,
        id: PortId,
        just_said: bool,
        out: &mut Vec<BackEffect>,
    ) {
        if self.is_off(id) || self.give_again(at, id, just_said, out) {
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
        // One at a time: for a resume, and for a document.
        let under_way = |after: &AfterLoad| match after {
            AfterLoad::Resume { port, resume } => *resume == head.id || *port == id,
            _ => false,
        };
        if self.io.loads(under_way) {
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
                    None => at.is_within(PLACING_PATIENCE, head.stage_at),
                }
        };
        self.resumes.values().find(waits).cloned()
    }

    /// The newest crash of this site and account that was not resumed yet.
    fn crash_for(&self, at: Moment, site: &str, account: &str) -> Option<ResumeHead> {
        let id_of = |head: &SessionHead, when: Moment| ResumeId(format!("{}@{}", head.id, when.0));
        let ended = |head: &&SessionHead| {
            let Some((_, when)) = head.ended else { return false };
            // A crash that the clock dates ahead, since it was set back, hides no later one.
            let is_past = when > at && self.resumes.contains_key(&id_of(head, when));
            let mine = head.site == site && head.account.0 == account && head.holds_something();
            mine && head.deleted_at.is_none() && !is_past && at.since(when) < RESUME_WITHIN
        };
        // All chats of a browser that died ended at one moment: the one last used goes first.
        let last = |head: &&SessionHead| (head.ended.map(|(_, when)| when), head.updated_at);
        let newest = self.sessions.values().filter(ended).max_by_key(last)?;
        let (reason, crashed_at) = newest.ended?;
        let id = id_of(newest, crashed_at);
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
        if !matches!(head.stage, None | Some(ResumeStage::Waiting)) {
            return;
        }
        let waits = |port: &Port| {
            port.hello.as_ref().is_some_and(|(hello, _)| hello.fresh && hello.resume.is_none())
        };
        if self.is_deleted(&head.from) || !self.ports.get(&port).is_some_and(waits) {
            // Deleted, or its page was left or used meanwhile: offered anew, should that change.
            self.not_journalled(resume);
            self.offer_all(at, out);
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
        // With the crash itself in the same commit: a background that is ended after it must not
        // find the same crash a second time.
        let mut puts = vec![codec::resume_record(&head, &made.text)];
        puts.extend(self.sessions.get(&head.from).map(codec::session_record));
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
        self.write(&from, puts, Vec::new(), after, out);
    }

    /// A resume was given to a page in memory only: any page may have it again.
    pub(super) fn not_journalled(&mut self, resume: &ResumeId) {
        self.prompts.remove(resume);
        match self.resumes.get_mut(resume) {
            Some(head) if head.asked => {
                head.stage = Some(ResumeStage::Waiting);
                head.document = None;
            }
            _ => drop(self.resumes.remove(resume)),
        }
    }

    /// The journal is committed: the page hears of it. Where its document is gone by now, nobody
    /// has heard, and the entry is taken back.
    pub(super) fn place(
        &mut self,
        at: Moment,
        port: PortId,
        placement: Box<Placement>,
        out: &mut Vec<BackEffect>,
    ) {
        let resume = placement.resume.clone();
        let Some(head) = self.resumes.get(&resume) else { return };
        if head.stage != Some(ResumeStage::Placing) {
            return;
        }
        let shows = |(id, port): (&PortId, &Port)| {
            let (hello, _) = port.hello.as_ref()?;
            (Some(&hello.document) == head.document.as_ref()).then_some(*id)
        };
        let known = self.ports.contains_key(&port).then_some(port);
        if let Some(port) = known.or_else(|| self.ports.iter().find_map(shows)) {
            return self.tell(at, port, SessionEvent::Place(placement), out);
        }
        let from = head.from.clone();
        self.not_journalled(&resume);
        let puts = self.resumes.get(&resume).map(|head| codec::resume_record(head, ""));
        let deletes = if puts.is_some() { vec![] } else { vec![codec::resume_key(&resume)] };
        self.write(&from, puts.into_iter().collect(), deletes, AfterWrite::Nothing, out);
        self.offer_all(at, out);
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
        let sent = matches!(stage, ResumeStage::Sent | ResumeStage::Answered);
        let to = to.filter(|_| sent);
        let linked = to.is_some() && head.to != to;
        let is_new = head.stage != Some(stage) || linked;
        if is_new {
            (head.stage, head.stage_at) = (Some(stage), at);
            head.to = to.clone().or(head.to.take());
            if matches!(stage, ResumeStage::Placed | ResumeStage::Sent | ResumeStage::Answered) {
                head.placed_at.get_or_insert(at);
            }
        }
        let (head, from) = (head.clone(), head.from.clone());
        if let Some(to) = to {
            self.carries_on(&to, &from, out);
        }
        if !is_new {
            return;
        }
        // The prompt is not kept any longer than it waits to be sent.
        if stage > ResumeStage::Placed {
            self.prompts.remove(resume);
        }
        let prompt = self.prompts.get(resume).map_or("", String::as_str);
        let puts = vec![codec::resume_record(&head, prompt)];
        self.write(&from, puts, Vec::new(), AfterWrite::Nothing, out);
        if stage == ResumeStage::Answered {
            let resume = resume.clone();
            self.load_chat(&from, AfterLoad::Restored { resume }, out);
        }
    }

    /// Notes on a chat which one it carries on. Reports are repeated, and the first may come before
    /// the chat is known.
    fn carries_on(&mut self, child: &SessionId, parent: &SessionId, out: &mut Vec<BackEffect>) {
        let Some(head) = self.sessions.get_mut(child) else { return };
        if head.parent.as_ref() != Some(parent) {
            head.parent = Some(parent.clone());
            // A chat without a stored turn is not yet worth a record.
            if head.holds_something() {
                self.write_head(child, AfterWrite::Nothing, out);
            }
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
        if self.is_rewritten(&head.from, head.checkpoint) {
            let resume = resume.clone();
            return self.load_chat(&head.from, AfterLoad::Restored { resume }, out);
        }
        let all = segments::checkpoints_of(records).found;
        let Some(stored) = all.iter().find(|one| one.head.number == head.checkpoint) else {
            return;
        };
        let restored = Some((at, head.fidelity));
        let new = CheckpointHead { restored, ..stored.head.clone() };
        if let Ok(record) = stored.rehead(&new) {
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
