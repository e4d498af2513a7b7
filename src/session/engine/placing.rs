//! Places a resume prompt in a fresh chat, once, and follows it until the new chat answered.
//!
//! Absent from here: pressing anything without a person's click.

use crate::base::{Moment, ResumeId, SessionId};
use crate::wire::card::{CardButton, CardKind, CardState};
use crate::wire::chat::{Composer, Role, Turn, TurnState};
use crate::wire::page::{FillMethod, PageEffect};
use crate::wire::session::{
    FillOutcome, Placement, PressOutcome, ResumeStage, SessionEffect, ToBackground,
};

/// A resume in this document.
#[derive(Clone, Debug)]
pub struct Placing {
    placement: Placement,
    stage: ResumeStage,
    /// The composer's text as the eyes last saw it.
    composer: Composer,
    /// A fill was ordered and not answered: a second one is never ordered.
    filling: bool,
    /// A fill that an engine before this one ordered may still be under way.
    awaiting: bool,
    /// It may have been sent already: nothing is offered before the turns are read anew.
    looking: bool,
    /// Text that was written and must be taken out again, if any.
    wrote: String,
    /// The last stage that was reported, and for which chat.
    reported: Option<(ResumeStage, Option<SessionId>)>,
}

impl Placing {
    /// Starts with what the background gave, or goes on where an engine of this document that
    /// ended with its worker left it. `fresh`: no turn stands on the page. Into a chat that was
    /// begun meanwhile nothing is filled by itself.
    pub fn start(
        placement: Placement,
        composer: &Composer,
        fresh: bool,
        out: &mut Vec<SessionEffect>,
    ) -> Self {
        let mut this = Self {
            stage: ResumeStage::Placing,
            composer: composer.clone(),
            filling: false,
            awaiting: false,
            looking: false,
            wrote: placement.text.clone(),
            reported: None,
            placement,
        };
        match this.placement.stage {
            Some(stage @ ResumeStage::Sent) => this.stage = stage,
            Some(stage @ ResumeStage::Placed) => {
                this.stage = stage;
                if !this.composer.text.is_empty() {
                    this.card(Some(CardKind::Placed), out);
                }
            }
            Some(_) if !fresh => this.looking = true,
            _ if fresh
                && composer.present
                && composer.text.is_empty()
                && !this.placement.offer_only =>
            {
                this.fill(out);
            }
            _ => this.offer(out),
        }
        this
    }

    /// Has a person decide, unless the prompt stands in the composer already.
    fn offer(&mut self, out: &mut Vec<SessionEffect>) {
        if self.placement.offer_only || !self.composer.present {
            return self.card(Some(CardKind::Offered), out);
        }
        self.awaiting = true;
        self.await_text(out);
    }

    /// Text stands in the composer that this engine did not order. Where it is the prompt, or a
    /// beginning of it that the hands still add to, an engine before this one ordered it.
    fn await_text(&mut self, out: &mut Vec<SessionEffect>) {
        let (is, whole) = (self.composer.text.trim_end(), self.placement.text.trim_end());
        if is == whole {
            self.awaiting = false;
            self.stage = ResumeStage::Placed;
            self.card(Some(CardKind::Placed), out);
        } else if is.is_empty() || !whole.starts_with(is) {
            self.awaiting = false;
            self.card(Some(CardKind::Offered), out);
        }
    }

    /// Which resume, and how far.
    #[must_use]
    pub fn state(&self) -> (ResumeId, ResumeStage) {
        (self.placement.resume.clone(), self.stage)
    }

    /// Whether its prompt still waits to be sent here: then the chat belongs to this resume.
    #[must_use]
    pub fn open(&self) -> bool {
        matches!(self.stage, ResumeStage::Placing | ResumeStage::Placed)
    }

    fn fill(&mut self, out: &mut Vec<SessionEffect>) {
        self.filling = true;
        out.push(SessionEffect::Page(PageEffect::Fill {
            slot: "composer".into(),
            text: self.placement.text.clone(),
            method: self.composer.method.unwrap_or(FillMethod::Lines),
        }));
    }

    fn card(&self, kind: Option<CardKind>, out: &mut Vec<SessionEffect>) {
        let about = self.placement.about.clone();
        out.push(SessionEffect::Card(kind.map(|kind| CardState { kind, about })));
    }

    /// The hands filled, or did not.
    pub fn filled(&mut self, outcome: &FillOutcome, out: &mut Vec<SessionEffect>) {
        if !std::mem::take(&mut self.filling) {
            return;
        }
        match outcome {
            FillOutcome::Written { read_back } if *read_back == self.placement.text => {
                self.stage = ResumeStage::Placed;
                self.wrote.clone_from(read_back);
                self.composer.text.clone_from(read_back);
                self.card(Some(CardKind::Placed), out);
            }
            FillOutcome::Written { read_back } => {
                // Not what was to stand there: it is taken out, and a person copies it by hand.
                self.stage = ResumeStage::Failed;
                let expected = read_back.clone();
                out.push(SessionEffect::Page(PageEffect::Clear {
                    slot: "composer".into(),
                    expected,
                }));
                self.card(Some(CardKind::Failed), out);
            }
            FillOutcome::NotEmpty | FillOutcome::Missing => {
                self.card(Some(CardKind::Offered), out);
            }
        }
    }

    /// The hands pressed, or did not: the card stays until the message is seen as a turn.
    pub fn pressed(&mut self, outcome: PressOutcome, out: &mut Vec<SessionEffect>) {
        if outcome == PressOutcome::Pressed {
            self.card(None, out);
        }
    }

    /// A person clicked on the card.
    pub fn clicked(&mut self, button: CardButton, out: &mut Vec<SessionEffect>) {
        match button {
            CardButton::Send if self.stage == ResumeStage::Placed => {
                out.push(SessionEffect::Page(PageEffect::Press {
                    slot: "send".into(),
                    composer: "composer".into(),
                    expected: self.composer.text.clone(),
                }));
            }
            CardButton::Edit => {
                out.push(SessionEffect::Page(PageEffect::Focus { slot: "composer".into() }));
                self.card(None, out);
            }
            CardButton::Place
                if self.stage == ResumeStage::Placing && !self.filling && !self.looking =>
            {
                self.awaiting = false;
                self.fill(out);
            }
            CardButton::Undo => self.give_up(ResumeStage::Undone, out),
            CardButton::NotThis => self.give_up(ResumeStage::Declined, out),
            CardButton::Close => {
                if self.stage == ResumeStage::Placing {
                    self.stage = ResumeStage::Undone;
                }
                self.card(None, out);
            }
            CardButton::Send | CardButton::Place | CardButton::Fresh => {}
        }
    }

    fn give_up(&mut self, stage: ResumeStage, out: &mut Vec<SessionEffect>) {
        if self.stage == ResumeStage::Placed {
            // The hands compare before they clear: a text that a person changed stays.
            out.push(SessionEffect::Page(PageEffect::Clear {
                slot: "composer".into(),
                expected: self.wrote.clone(),
            }));
        }
        if self.stage <= ResumeStage::Placed || self.stage == ResumeStage::Failed {
            self.stage = stage;
        }
        self.card(None, out);
    }

    /// The page was read: the composer as it stands, and what is new among the turns.
    pub fn read(&mut self, composer: &Composer, changed: &[Turn], out: &mut Vec<SessionEffect>) {
        if composer.present {
            self.composer = composer.clone();
        }
        if self.awaiting {
            self.await_text(out);
        }
        for turn in changed {
            let sent = turn.role == Role::User && turn.markdown.contains(&self.placement.nonce);
            if sent && self.open() {
                self.stage = ResumeStage::Sent;
                self.card(None, out);
            }
            let answered = turn.role == Role::Assistant
                && turn.state == TurnState::Done
                && !turn.markdown.trim().is_empty();
            if answered && self.stage == ResumeStage::Sent {
                self.stage = ResumeStage::Answered;
            }
        }
        if self.looking && !changed.is_empty() {
            self.looking = false;
            if self.open() {
                self.offer(out);
            }
        }
    }

    /// The same prompt came again: the message was repeated.
    pub fn again(&mut self) {
        self.reported = None;
    }

    /// Says how far it is, where that was not said yet.
    pub fn report(
        &mut self,
        _at: Moment,
        session: Option<&SessionId>,
        out: &mut Vec<ToBackground>,
    ) {
        let state = Some((self.stage, session.cloned()));
        if self.reported == state {
            return;
        }
        self.reported = state;
        out.push(ToBackground::Resume {
            resume: self.placement.resume.clone(),
            stage: self.stage,
            session: session.cloned(),
        });
    }
}
