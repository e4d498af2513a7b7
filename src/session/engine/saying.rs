//! What the engine says to the background, and when it says it again.

use super::placing::Placing;
use super::{Engine, METER_PACE};
use crate::base::limits::RESEND_AFTER;
use crate::base::{Moment, SessionId};
use crate::session::triggers::Cues;
use crate::wire::chat::{Banner, BannerClass, Composer};
use crate::wire::session::{Hello, SessionEffect, ToBackground};
use crate::wire::state::Trigger;

impl Engine {
    /// Says everything that is due to the background.
    pub(super) fn say(&mut self, at: Moment, pressing: bool, out: &mut Vec<SessionEffect>) {
        let mut back = Vec::new();
        self.say_hello(at, &mut back);
        if self.chat.known {
            if self.chat.save_again && self.chat.wanted.is_none() && self.chat.session.is_some() {
                self.chat.save_again = false;
                self.want(at, Trigger::UserRequested);
            }
            if let Some(session) = self.chat.session.clone() {
                self.chat.outbox.flush(at, &session, pressing, &mut back);
                self.say_meter(at, &session, pressing, &mut back);
                self.say_wanted(at, &session, &mut back);
                self.say_gathered(&mut back);
            }
            if let Some(placing) = &mut self.placing {
                placing.report(at, self.chat.session.as_ref(), &mut back);
            }
        }
        for mut message in back {
            if let ToBackground::Turns { number, .. } | ToBackground::Stream { number, .. } =
                &mut message
            {
                self.told += 1;
                *number = self.told;
            }
            out.push(SessionEffect::Back(message));
        }
    }

    fn say_hello(&mut self, at: Moment, out: &mut Vec<ToBackground>) {
        if self.last.site.is_empty() {
            return;
        }
        let hello = self.make_hello();
        let unanswered = |when: Moment| !self.chat.known && at.since(when) >= RESEND_AFTER;
        match &self.hello {
            Some((said, when)) if *said == hello && !unanswered(*when) => {}
            said => {
                // A new title or model needs no new answer; a new chat does.
                let same_chat = said.as_ref().is_some_and(|(s, _)| {
                    s.chat == hello.chat && s.account == hello.account && s.fresh == hello.fresh
                });
                self.chat.known &= same_chat;
                out.push(ToBackground::Hello(hello.clone()));
                self.hello = Some((hello, at));
            }
        }
    }

    fn make_hello(&self) -> Hello {
        let resume = self.placing.as_ref().map(Placing::state);
        let url = self.site.map_or_else(String::new, |site| site.address_of(&self.url));
        Hello {
            document: self.document.clone(),
            site: self.last.site.clone(),
            account: self.last.account.clone(),
            chat: self.last.chat.clone(),
            title: self.last.title.clone(),
            model: self.last.model.clone(),
            url,
            fresh: self.last.fresh && empty(&self.last.composer) && self.placing.is_none(),
            resume,
        }
    }

    fn say_meter(
        &mut self,
        at: Moment,
        session: &SessionId,
        pressing: bool,
        out: &mut Vec<ToBackground>,
    ) {
        let chat = &mut self.chat;
        let stale = match &chat.metered {
            None => true,
            Some((when, risk, banner)) => {
                let class = |banner: &Option<Banner>| banner.as_ref().map(|b| b.class);
                let changed = *risk != chat.risk || *banner != chat.banner;
                let step = risk.level != chat.risk.level || class(banner) != class(&chat.banner);
                step || (changed && (pressing || at.since(*when) >= METER_PACE))
            }
        };
        if !stale {
            return;
        }
        chat.metered = Some((at, chat.risk.clone(), chat.banner.clone()));
        out.push(ToBackground::Meter {
            session: session.clone(),
            meter: chat.kept(),
            risk: chat.risk.clone(),
            banner: chat
                .banner
                .as_ref()
                .map(|b: &Banner| -> (BannerClass, String) { (b.class, b.text.clone()) }),
            busy: chat.busy,
            gaps: chat.gaps.clone(),
        });
    }

    fn say_wanted(&mut self, at: Moment, session: &SessionId, out: &mut Vec<ToBackground>) {
        let Some(wanted) = &mut self.chat.wanted else { return };
        if wanted.asked_at != Moment(0) && at.since(wanted.asked_at) < RESEND_AFTER {
            return;
        }
        wanted.asked_at = at;
        out.push(ToBackground::Checkpoint {
            session: session.clone(),
            request: wanted.request,
            trigger: wanted.trigger,
            measured: wanted.measured.clone(),
        });
    }

    /// The page is being left: everything pending is said now, then goodbye.
    pub(super) fn leave(&mut self, at: Moment, out: &mut Vec<SessionEffect>) {
        let signals = self.signals(at);
        let cues = Cues { session_end: true, ..Cues::default() };
        let due = self.chat.triggers.due(at, &signals, &self.chat.risk, &cues, &self.tuning);
        if let (Some(trigger), None) = (due, &self.chat.wanted) {
            self.want(at, trigger);
        }
        self.say(at, true, out);
        let session = self.chat.session.clone();
        out.push(SessionEffect::Back(ToBackground::Bye { session }));
    }
}

fn empty(composer: &Composer) -> bool {
    composer.present && composer.text.trim().is_empty()
}
