//! Gathers a chat's whole transcript, because a person asked for it: the page is scrolled from its
//! newest turn to its oldest, and what it mounts on the way is read as ever. Where the person opted
//! in for the site, its own conversation call comes first.

use super::Engine;
use crate::base::limits::GATHER_STEPS;
use crate::wire::gather::{
    CallAnswer, CallEnd, GatherStage, Gathered, ScrollTo, Scrolled, SiteCall, Wish,
};
use crate::wire::page::PageEffect;
use crate::wire::session::{SessionEffect, ToBackground};

/// Scrollings in a row without a move after which the oldest turn is reached: a page may fetch
/// older ones first.
const STILL: u32 = 2;

/// One gathering.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathering {
    /// What is told of it.
    now: Gathered,
    /// What was told of it last.
    told: Option<Gathered>,
    /// Where the next scrolling goes.
    to: ScrollTo,
    /// The site's own call, until it is made.
    call: Option<SiteCall>,
    /// A scrolling or a call is under way.
    waits: bool,
    /// The background compares what a call told.
    compares: bool,
    /// Without a move.
    still: u32,
    steps: u32,
}

impl Gathering {
    /// The background has to hear of it again.
    pub(super) fn untold(&mut self) {
        self.told = None;
    }

    fn heed(&mut self, scrolled: Scrolled) {
        self.waits = false;
        self.steps = self.steps.saturating_add(1);
        self.still = if scrolled.moved { 0 } else { self.still.saturating_add(1) };
        let whole = self.now.total.is_some_and(|total| self.now.turns >= total);
        let lacks = self.now.total.is_some_and(|total| self.now.turns < total);
        let ends = self.still >= STILL || self.steps >= GATHER_STEPS;
        if scrolled.taken {
            self.now.stage = GatherStage::Stopped;
        } else if whole && self.to != ScrollTo::End {
            self.now.stage = GatherStage::Whole;
        } else if self.to == ScrollTo::End && !scrolled.moved {
            (self.to, self.still) = (ScrollTo::Up, 0);
        } else if ends && lacks && self.to == ScrollTo::Up && self.steps < GATHER_STEPS {
            (self.to, self.still) = (ScrollTo::Down, 0);
        } else if ends {
            let short = lacks || self.still < STILL;
            self.now.stage = if short { GatherStage::Short } else { GatherStage::Whole };
        }
    }
}

impl Engine {
    /// A person wants the whole transcript, or no more of it.
    pub(super) fn gather(&mut self, wish: Wish, out: &mut Vec<SessionEffect>) {
        let open = self.chat.gathering.as_ref().is_some_and(|it| it.now.stage.is_open());
        match wish {
            Wish::Whole(call) if !open && self.chat.session.is_some() => {
                self.chat.gathering = Some(Gathering { call, ..Gathering::default() });
                self.count_gathered();
                self.gather_on(out);
            }
            Wish::Stop if open => self.end_gathering(GatherStage::Stopped, out),
            _ => {}
        }
    }

    /// The site answered: whether that fits is for the background to find out.
    pub(super) fn called(&mut self, answer: CallAnswer, out: &mut Vec<SessionEffect>) {
        let it = self.chat.gathering.as_mut().filter(|it| it.now.stage.is_open());
        let (Some(it), Some(session)) = (it, self.chat.session.clone()) else { return };
        it.compares = true;
        let (mounted, total) = (self.last.mounted.clone(), self.last.total);
        let called = ToBackground::Called { session, answer, mounted, total };
        out.push(SessionEffect::Back(called));
    }

    /// What the site's call told is stored, or the page is scrolled through instead.
    pub(super) fn call_ended(&mut self, end: CallEnd, out: &mut Vec<SessionEffect>) {
        let it = self.chat.gathering.as_mut().filter(|it| it.now.stage.is_open() && it.compares);
        let Some(it) = it else { return };
        (it.waits, it.compares) = (false, false);
        match end {
            CallEnd::Stored { turns } => {
                (it.now.turns, it.now.total) = (turns, Some(turns));
                it.now.stage = GatherStage::Whole;
            }
            CallEnd::Unused { why } => {
                it.now.unused = why;
                self.gather_on(out);
            }
        }
    }

    /// The page was scrolled, and what it shows there was read.
    pub(super) fn scrolled(&mut self, scrolled: Scrolled, out: &mut Vec<SessionEffect>) {
        self.count_gathered();
        let Some(it) = self.chat.gathering.as_mut().filter(|it| it.now.stage.is_open()) else {
            return;
        };
        it.heed(scrolled);
        match it.now.stage {
            stage if stage.is_open() => self.gather_on(out),
            stage => self.end_gathering(stage, out),
        }
    }

    /// Goes on, unless something is to be waited for.
    pub(super) fn gather_on(&mut self, out: &mut Vec<SessionEffect>) {
        let (busy, hidden) = (self.last.busy.now, self.hidden);
        let Some(it) = self.chat.gathering.as_mut().filter(|it| it.now.stage.is_open()) else {
            return;
        };
        it.now.stage = match (busy, hidden) {
            (true, _) => GatherStage::Busy,
            (_, true) => GatherStage::Hidden,
            _ => GatherStage::Going,
        };
        if it.now.stage == GatherStage::Going && !it.waits {
            it.waits = true;
            out.push(match it.call.take() {
                Some(call) => SessionEffect::Page(PageEffect::Call(call)),
                None => scroll(it.to),
            });
        }
    }

    /// The background is another one: what it had heard of a call is gone with it.
    pub(super) fn call_lost(&mut self, out: &mut Vec<SessionEffect>) {
        if self.chat.gathering.as_ref().is_some_and(|it| it.compares) {
            self.call_ended(CallEnd::Unused { why: "SHIM began anew meanwhile".into() }, out);
        }
    }

    fn end_gathering(&mut self, stage: GatherStage, out: &mut Vec<SessionEffect>) {
        if let Some(it) = &mut self.chat.gathering {
            it.now.stage = stage;
            out.push(scroll(ScrollTo::Back));
        }
    }

    fn count_gathered(&mut self) {
        let turns = self.reader.as_ref().map_or(0, |reader| reader.turn_count());
        if let Some(it) = &mut self.chat.gathering {
            (it.now.turns, it.now.total) = (turns, self.last.total);
        }
    }

    pub(super) fn say_gathered(&mut self, out: &mut Vec<ToBackground>) {
        let (Some(it), Some(session)) = (&mut self.chat.gathering, &self.chat.session) else {
            return;
        };
        let mut gathered = it.now.clone();
        // What is called saved is.
        if !gathered.stage.is_open() && self.chat.outbox.unsaved().next().is_some() {
            gathered.stage = GatherStage::Going;
        }
        if it.told.as_ref() != Some(&gathered) {
            it.told = Some(gathered.clone());
            out.push(ToBackground::Gathered { session: session.clone(), gathered });
        }
    }
}

fn scroll(to: ScrollTo) -> SessionEffect {
    SessionEffect::Page(PageEffect::Scroll { slot: crate::sites::reader::TURN.to_owned(), to })
}
