//! The engine of one chat: events of its page in, effects for page and background out.
//!
//! It runs as WebAssembly in the chat's page, or, where a page refuses that, in the background;
//! it does not know which.

mod chat;
mod gathering;
mod heavy;
mod outbox;
mod placing;
mod resuming;
mod saying;
mod scouting;
mod traces;

use crate::base::limits::{MOUNTED_TURNS, RESEND_AFTER};
use crate::base::{Moment, ResumeId, SessionId, Span, Steady};
use crate::session::load::Load;
use crate::session::triggers::{Cues, cues_of};
use crate::sites::reader::Reader;
use crate::sites::{self, Site};
use crate::wire::chat::{Reading, Role, Turn, TurnState};
use crate::wire::page::{PageEffect, PageFlush};
use crate::wire::session::{Hello, Known, ResumeStage, SessionEffect, SessionEvent};
use crate::wire::state::{Measured, Trigger};
use crate::wire::tuning::Tuning;
use chat::{Chat, Wanted};
use gathering::Gathering;
use placing::Placing;
use scouting::Scout;
use traces::Traces;

/// Between two reports of the counters while nothing else happens.
const METER_PACE: Span = Span(5_000);

/// The engine.
pub struct Engine {
    site: Option<&'static Site>,
    reader: Option<Reader>,
    document: String,
    /// What the hands wrote here for an engine before this one.
    wrote: String,
    url: String,
    /// Whether the tab is out of view.
    hidden: bool,
    tuning: Tuning,
    chat: Chat,
    /// The chat before: the page may still show it under the new URL.
    before: Traces,
    seen: Traces,
    last: Reading,
    placing: Option<Placing>,
    scout: Scout,
    load: Load,
    /// Whether a fresh chat was offered in this document, and whether that still stands there.
    offered: Option<bool>,
    /// When the page is judged again although nothing happens in it.
    settles_at: Option<Moment>,
    /// Resumes that went another way in this document, how far, and in which chat: the background
    /// may not have heard, and place them again.
    past: Vec<(ResumeId, ResumeStage, Option<SessionId>)>,
    hello: Option<(Hello, Moment)>,
    requests: u64,
    /// Messages with turns or text so far.
    told: u64,
    /// What waits is counted by it; turns have the time that is shown to people.
    clock: Steady,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine that heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            site: None,
            reader: None,
            document: String::new(),
            wrote: String::new(),
            url: String::new(),
            hidden: false,
            tuning: Tuning::default(),
            chat: Chat::default(),
            before: Traces::default(),
            seen: Traces::default(),
            last: Reading::default(),
            placing: None,
            scout: Scout::default(),
            load: Load::default(),
            offered: None,
            settles_at: None,
            past: Vec::new(),
            hello: None,
            requests: 0,
            told: 0,
            clock: Steady::default(),
        }
    }

    /// Takes one event and pushes what follows from it.
    pub fn step(&mut self, shown: Moment, event: SessionEvent, out: &mut Vec<SessionEffect>) {
        let at = self.clock.now(shown);
        match event {
            SessionEvent::Started { url, document, wrote } => {
                self.wrote = wrote;
                self.started(url, document, out);
            }
            SessionEvent::Page(flush) => self.page(at, shown, &flush, out),
            SessionEvent::Filled(outcome) => self.place(|p, out| p.filled(&outcome, out), out),
            SessionEvent::Cleared(_) => {}
            SessionEvent::Pressed(outcome) => self.place(|p, out| p.pressed(outcome, out), out),
            SessionEvent::Scrolled(scrolled) => self.scrolled(scrolled, out),
            SessionEvent::Gather(wish) => self.gather(wish, out),
            SessionEvent::Called(answer) => self.called(answer, out),
            SessionEvent::CallEnded(end) => self.call_ended(end, out),
            SessionEvent::Card(button) => self.clicked(button, out),
            SessionEvent::Weighed(weight) => self.weighed(at, weight, out),
            SessionEvent::Leaving => return self.leave(at, out),
            SessionEvent::Wake => self.woken(at, shown, out),
            SessionEvent::Rows(rows) => self.take_rows(&rows, out),
            SessionEvent::ShowWhole => self.show_whole(out),
            SessionEvent::ByShape => self.read_by_shape(out),
            SessionEvent::NoAddresses => self.no_addresses(),
            SessionEvent::Connected => {
                self.hello = None;
                self.chat.known = false;
                self.call_lost(out);
            }
            SessionEvent::Known(known) => self.known(at, *known, out),
            SessionEvent::Saved { turns } => self.chat.outbox.saved(&turns),
            SessionEvent::StreamSaved { key, hash } => self.chat.outbox.stream_saved(&key, hash),
            SessionEvent::CheckpointSaved { request, .. } => self.checkpointed(at, request),
            SessionEvent::Place(placement) => self.take(*placement, out),
            SessionEvent::SaveNow => self.chat.save_again = true,
        }
        self.say(at, false, out);
    }

    /// What is measured of the chat in view, and its risk as it was told last.
    #[must_use]
    pub fn measured(&self, at: Moment) -> Measured {
        Measured { signals: self.signals(at), risk: self.chat.risk.clone() }
    }

    /// When to call again although nothing happened.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        let hello = self.hello.as_ref().filter(|_| !self.chat.known).map(|(_, when)| *when);
        let wanted = self.chat.wanted.as_ref().map(|w| w.asked_at).filter(|_| self.chat.known);
        let again = hello.into_iter().chain(wanted).map(|when| when.after(RESEND_AFTER));
        let outbox = self.chat.outbox.next_wake().filter(|_| self.chat.known);
        let scout = self.scout.next_wake().filter(|_| self.site.is_none());
        let scout = scout.into_iter().chain(self.scout.next_doubt());
        let next = again.chain(outbox).chain(scout).min().map(|steady| self.clock.shown(steady));
        next.into_iter().chain(self.settles_at).min()
    }

    fn started(&mut self, url: String, document: String, out: &mut Vec<SessionEffect>) {
        self.site = sites::for_url(&url);
        self.document = document;
        self.url = url;
        self.watch_anew(out);
    }

    /// Forgets what the eyes sent; they look at everything again.
    fn watch_anew(&mut self, out: &mut Vec<SessionEffect>) {
        let Some(site) = self.site else { return self.scout(out) };
        let reader = self.reader.take().map(|reader| reader.anew(site));
        self.reader = reader.or_else(|| Some(Reader::new(site).in_document(&self.document)));
        self.expect_addresses();
        out.push(SessionEffect::Page(PageEffect::Watch { plan: site.plan() }));
    }

    fn page(&mut self, at: Moment, shown: Moment, flush: &PageFlush, out: &mut Vec<SessionEffect>) {
        let Some(reader) = &mut self.reader else { return self.scouted(at, flush, out) };
        let reading = reader.read(shown, flush);
        self.settles_at = reader.next_settle(shown);
        self.url.clone_from(&flush.url);
        self.hidden = flush.hidden;
        self.told_whole(flush, out);
        self.doubt(at, reading.mounted.is_empty() && !reading.private);
        self.read(at, shown, reading, out);
    }

    /// Time alone ends an answer that grew, and brings looks at a page that is not known yet.
    fn woken(&mut self, at: Moment, shown: Moment, out: &mut Vec<SessionEffect>) {
        self.scout_on(at, out);
        self.doubt_on(at, out);
        let due = self.settles_at.is_some_and(|when| when <= shown);
        let Some(reader) = self.reader.as_mut().filter(|_| due) else { return };
        let reading = reader.settle(shown);
        self.settles_at = reader.next_settle(shown);
        self.read(at, shown, reading, out);
    }

    fn read(
        &mut self,
        at: Moment,
        shown: Moment,
        mut reading: Reading,
        out: &mut Vec<SessionEffect>,
    ) {
        if reading.private {
            return;
        }
        let session =
            reading.chat.as_ref().map(|chat| SessionId::of(&reading.site, &reading.account, chat));
        if self.chat.session.is_some() && session != self.chat.session {
            return self.switch(out);
        }
        if self.chat.session.is_none() && session.is_some() {
            self.chat.session = session;
        }
        if self.before.by_place() {
            // Until it shows something else, nothing in it is the next chat's.
            if !self.before.fill(&reading) {
                self.before.turned_over();
                self.watch_anew(out);
            }
            return;
        }
        // A frame is no turn yet, and a page may take it away again; unless it stood so long that
        // it was told.
        let outbox = &self.chat.outbox;
        let is_turn = |turn: &Turn| !turn.is_frame() || outbox.knows(&turn.key);
        reading.changed.retain(|turn| !self.before.own(turn) && is_turn(turn));
        reading.changed.truncate(MOUNTED_TURNS);
        self.vanished(at, shown, &reading);
        for turn in &mut reading.changed {
            turn.read_at = shown;
            self.seen.note(turn);
            if self.chat.outbox.read(turn) {
                self.chat.meter.turn(at, turn);
            }
        }
        self.states(at, &reading);
        if let Some(placing) = &mut self.placing {
            placing.read(&reading.composer, &reading.changed, out);
        }
        self.due(at, &reading);
        self.scout_again(at, (reading.mounted.len(), reading.busy.now), out);
        self.last = Reading { changed: Vec::new(), ..reading };
        self.gather_on(out);
    }

    /// Another chat came into view in the same document.
    fn switch(&mut self, out: &mut Vec<SessionEffect>) {
        self.before = std::mem::take(&mut self.seen);
        let left = std::mem::take(&mut self.chat);
        self.last = Reading::default();
        self.hello = None;
        if self.placing.as_ref().is_some_and(|placing| !placing.open()) {
            self.went(left.session);
        }
        self.watch_anew(out);
    }

    /// An answer that was being streamed, stood at the end, and is gone: kept as it was.
    fn vanished(&mut self, at: Moment, shown: Moment, reading: &Reading) {
        let Some(turn) = self.chat.outbox.streaming() else { return };
        let replaced = reading.changed.iter().any(|t| t.key == turn.key);
        let text = !turn.markdown.trim().is_empty() || !turn.calls.is_empty();
        if replaced || reading.busy.now || reading.mounted.contains(&turn.key) || !text {
            return;
        }
        let kept = Turn { state: TurnState::Vanished, read_at: shown, ..turn.clone() };
        self.chat.meter.vanished(at);
        self.chat.meter.turn(at, &kept);
        self.chat.outbox.read(&kept);
    }

    fn states(&mut self, at: Moment, reading: &Reading) {
        let chat = &mut self.chat;
        if chat.busy != reading.busy.now {
            chat.busy = reading.busy.now;
            chat.meter.busy(at, chat.busy);
        }
        chat.meter.set_hosted(self.site.is_some_and(|site| !site.marks.is_empty()));
        chat.meter.set_total(reading.total);
        if !reading.model.is_empty() {
            chat.meter.set_model(&reading.model);
        }
        let banner = reading.banners.iter().min_by_key(|b| b.class).cloned();
        if banner != chat.banner {
            if let Some(new) = &banner {
                chat.meter.banner(at, new.class, &new.text);
            }
            chat.banner = banner;
        }
        chat.gaps = reading.gaps.iter().map(|gap| gap.slot.clone()).collect();
    }

    /// Measures, and asks for a checkpoint where one is due.
    fn due(&mut self, at: Moment, reading: &Reading) {
        let signals = self.judge(at);
        let chat = &mut self.chat;
        let finished = |turn: &Turn| turn.role == Role::Assistant && turn.state == TurnState::Done;
        chat.answered |= reading.changed.iter().any(finished);
        if chat.session.is_none() {
            return;
        }
        // Its first answer may have been there before its name.
        let start = chat.answered && !chat.begun;
        chat.begun |= start;
        let cues = Cues { session_start: start, ..cues_of(&reading.changed) };
        if chat.wanted.is_some() {
            return;
        }
        if let Some(trigger) = chat.triggers.due(at, &signals, &chat.risk, &cues, &self.tuning) {
            self.want(at, trigger);
        }
    }

    fn want(&mut self, at: Moment, trigger: Trigger) {
        self.requests += 1;
        let measured = Box::new(self.measured(at));
        let request = self.requests;
        // A request counts as asked only when it was said: `say` does that.
        let asked_at = Moment(0);
        self.chat.wanted = Some(Wanted { request, trigger, measured, asked_at });
    }

    fn known(&mut self, at: Moment, known: Known, out: &mut Vec<SessionEffect>) {
        if known.session != self.chat.session {
            // An answer to a hello of the chat before: the next one is on its way.
            return;
        }
        self.tuning = known.tuning;
        self.chat.known = true;
        self.chat.metered = None;
        self.chat.gathering.iter_mut().for_each(Gathering::untold);
        self.chat.adopt(at, &known.meter);
        if self.chat.outbox.known(&known.turns) {
            self.watch_anew(out);
        }
        self.chat.begun |= known.last_checkpoint > 0;
        // The first look comes before this: what it took for the chat's beginning was none.
        let begun = known.last_checkpoint > 0;
        let unasked = |wanted: &mut Wanted| {
            wanted.trigger == Trigger::SessionStart && wanted.asked_at == Moment(0)
        };
        self.chat.wanted.take_if(|wanted| begun && unasked(wanted));
        if let Some(wanted) = &mut self.chat.wanted {
            wanted.asked_at = Moment(0);
        }
        if let Some(placing) = &mut self.placing {
            placing.again();
        }
    }

    fn checkpointed(&mut self, at: Moment, request: u64) {
        if self.chat.wanted.as_ref().is_some_and(|w| w.request == request) {
            self.chat.wanted = None;
            self.chat.triggers.done(at);
            self.chat.meter.checkpoint(at);
        }
    }
}
