//! What an engine knows of the chat in view.

use super::gathering::Gathering;
use super::outbox::Outbox;
use crate::base::{Moment, SessionId};
use crate::session::meter::Meter;
use crate::session::risk::Told;
use crate::session::triggers::Triggers;
use crate::wire::chat::Banner;
use crate::wire::fields::read_fields;
use crate::wire::signals::Risk;
use crate::wire::state::{Measured, Trigger};
use serde::Serialize;

/// One checkpoint that was asked for and is not yet committed.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) request: u64,
    pub(super) trigger: Trigger,
    pub(super) measured: Box<Measured>,
    pub(super) asked_at: Moment,
}

/// What is known of the chat in view. Replaced whole when another chat comes into view.
#[derive(Default)]
pub(super) struct Chat {
    pub(super) session: Option<SessionId>,
    pub(super) outbox: Outbox,
    pub(super) meter: Meter,
    pub(super) triggers: Triggers,
    /// The background answered the last hello: from now on what it lacks is sent.
    pub(super) known: bool,
    pub(super) banner: Option<Banner>,
    pub(super) busy: bool,
    pub(super) gaps: Vec<String>,
    pub(super) risk: Risk,
    pub(super) told: Told,
    pub(super) wanted: Option<Wanted>,
    /// A person asked while another checkpoint was under way.
    pub(super) save_again: bool,
    /// A finished answer was seen.
    pub(super) answered: bool,
    /// It was told as the chat's beginning.
    pub(super) begun: bool,
    /// When counters were last reported, with which risk and banner.
    pub(super) metered: Option<(Moment, Risk, Option<Banner>)>,
    /// Counters stored before this document was opened were taken over.
    pub(super) adopted: bool,
    pub(super) gathering: Option<Gathering>,
}

/// What outlives a reload of the page.
#[derive(Default, Serialize)]
struct Kept {
    meter: Meter,
    triggers: Triggers,
    told: Told,
}

read_fields!(Kept { meter, triggers, told });

impl Chat {
    /// Takes over what was stored before this document was opened, once: later the engine's own
    /// counters are the newer ones.
    pub(super) fn adopt(&mut self, at: Moment, stored: &str) {
        if std::mem::replace(&mut self.adopted, true) {
            return;
        }
        if let Ok(kept) = serde_json::from_str::<Kept>(stored) {
            self.meter = kept.meter;
            self.triggers = kept.triggers;
            self.told = kept.told;
            self.told.not_after(at);
            self.meter.not_after(at);
            self.triggers.not_after(at);
            for turn in self.outbox.unsaved() {
                self.meter.turn(at, turn);
            }
        }
    }

    pub(super) fn kept(&self) -> String {
        let kept = Kept {
            meter: self.meter.clone(),
            triggers: self.triggers.clone(),
            told: self.told.clone(),
        };
        serde_json::to_string(&kept).unwrap_or_default()
    }
}
