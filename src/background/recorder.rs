//! The flight recorder: the newest events without their content, for a person who reports a
//! problem. The simulator plays such a report again.
//!
//! It lives in memory only: with the worker it begins anew.

use super::Machine;
use crate::base::text::hash;
use crate::base::{Moment, PortId};
use crate::sites;
use crate::wire::background::{BackEffect, BackEvent, PortDown};
use crate::wire::chat::{Role, Turn};
use crate::wire::report::{Noted, Report, Said, SaidTurn, Seen};
use crate::wire::session::ToBackground;
use crate::wire::ui::Ask;
use std::collections::VecDeque;

/// Events that are kept: some minutes of a busy chat, some hundred kilobytes at most.
const EVENTS: usize = 400;
/// Connections and hellos that are kept beyond those, while their ports are open.
const OPEN_PORTS: usize = 128;
/// Turns that are noted of one message.
const TURNS: usize = 40;

/// The newest events.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    noted: VecDeque<Noted>,
    /// How ports that are open came to be, where that is older than the events.
    before: VecDeque<Noted>,
    /// Messages of engines in the event under way.
    said: VecDeque<Seen>,
}

impl Recorder {
    /// An engine says something, within the event under way.
    pub(super) fn said(&mut self, port: PortId, message: &ToBackground) {
        self.said.push_back(Seen::Said { port, said: said(message) });
    }

    /// An event is done with. Messages of engines stand for what carried them.
    pub(super) fn note(&mut self, at: Moment, seen: Seen, effects: &[BackEffect]) {
        let mut all: VecDeque<Seen> = std::mem::take(&mut self.said);
        let carried = matches!(seen, Seen::Message { .. }) && !all.is_empty();
        if !carried {
            all.push_front(seen);
        }
        let last = all.len().saturating_sub(1);
        for (number, seen) in all.into_iter().enumerate() {
            let did = if number == last { effects.iter().map(done).collect() } else { Vec::new() };
            self.keep(Noted { at, seen, did });
        }
    }

    fn keep(&mut self, noted: Noted) {
        if let Seen::Disconnected { port } = noted.seen {
            self.before.retain(|old| port_of(&old.seen) != Some(port));
        }
        self.noted.push_back(noted);
        if self.noted.len() > EVENTS
            && let Some(old) = self.noted.pop_front()
            && is_opening(&old.seen)
            && !self.is_closed(&old.seen)
        {
            // A newer hello of a port takes the place of the one before.
            let hello = matches!(old.seen, Seen::Said { .. });
            let port = port_of(&old.seen);
            self.before.retain(|was| {
                !(hello && matches!(was.seen, Seen::Said { .. }) && port_of(&was.seen) == port)
            });
            self.before.push_back(old);
            self.before.truncate(OPEN_PORTS);
        }
    }

    fn is_closed(&self, opening: &Seen) -> bool {
        let closes = |noted: &Noted| match noted.seen {
            Seen::Disconnected { port } => port_of(opening) == Some(port),
            _ => false,
        };
        self.noted.iter().any(closes)
    }

    fn report(&self) -> Report {
        Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            noted: self.before.iter().chain(&self.noted).cloned().collect(),
        }
    }
}

impl Machine {
    /// The newest events as JSON text.
    pub(super) fn report(&self) -> String {
        serde_json::to_string(&self.recorder.report()).unwrap_or_default()
    }
}

/// What is kept of an event.
pub(super) fn seen(event: &BackEvent) -> Seen {
    match event {
        BackEvent::Restored { records, .. } => Seen::Restored { records: records.len() },
        BackEvent::StoreClosed { .. } => Seen::StoreClosed,
        BackEvent::Connected { port, tab, origin } => {
            let site = sites::for_url(&format!("{origin}/")).map(|site| site.name);
            let site = site.unwrap_or_default().to_owned();
            Seen::Connected { port: *port, tab: *tab, site }
        }
        BackEvent::Disconnected { port } => Seen::Disconnected { port: *port },
        BackEvent::Message { port, text } => Seen::Message { port: *port, size_bytes: text.len() },
        BackEvent::Asked { text, .. } => Seen::Asked { what: question(text).to_owned() },
        // It decides nothing that a wake does not.
        BackEvent::Wake | BackEvent::Measured { .. } | BackEvent::Vault(_) => Seen::Wake,
        BackEvent::Granted { origins } => Seen::Granted { count: origins.len() },
        BackEvent::TabLoads { tab } => Seen::TabLoads { tab: *tab },
        BackEvent::TabRemoved { tab } => Seen::TabRemoved { tab: *tab },
        BackEvent::TabSeen { tab, state } => {
            let state = state.clone().unwrap_or_default();
            // The browser's own word, from a page's point of view none of a person's.
            let words = ["complete", "loading", "unloaded"];
            let status = words.into_iter().find(|word| *word == state.status).unwrap_or_default();
            Seen::TabSeen {
                tab: *tab,
                status: status.to_owned(),
                discarded: state.discarded,
                has_url: !state.url.is_empty(),
                answers: state.answers,
            }
        }
        BackEvent::Written { problem, .. } => Seen::Written { refused: problem.is_some() },
        BackEvent::Copied { problem } => Seen::Copied { refused: problem.is_some() },
        BackEvent::Loaded { records, .. } => Seen::Loaded { records: records.len() },
        BackEvent::LoadFailed { .. } => Seen::LoadFailed,
        BackEvent::TabOpened { tab, .. } => Seen::TabOpened { tab: *tab },
    }
}

fn question(text: &str) -> &'static str {
    match serde_json::from_str(text) {
        Ok(Ask::SaveNow { .. }) => "save_now",
        Ok(Ask::Gather { .. }) => "gather",
        Ok(Ask::Resume { .. }) => "resume",
        Ok(Ask::Prompt { .. }) => "prompt",
        Ok(Ask::Pin { .. }) => "pin",
        Ok(Ask::Delete { .. }) => "delete",
        Ok(Ask::Undelete { .. }) => "undelete",
        Ok(Ask::Change(_)) => "change",
        Ok(Ask::Status) => "status",
        Ok(Ask::Point { .. }) => "point",
        Ok(Ask::Structure { .. }) => "structure",
        Ok(Ask::Rows { .. }) => "rows",
        Ok(Ask::Secrets { .. }) => "secrets",
        Ok(Ask::Draft { .. }) => "draft",
        Ok(Ask::Discard { .. }) => "discard",
        Ok(Ask::History { .. }) => "history",
        Ok(Ask::Metrics { .. }) => "metrics",
        Ok(Ask::Import(_)) => "import",
        Ok(Ask::ForgetSite { .. }) => "forget_site",
        Ok(Ask::KeepSite { .. }) => "keep_site",
        Ok(Ask::Keep(_)) => "keep",
        Ok(Ask::Vault(_)) => "vault",
        Ok(Ask::Drill) => "drill",
        Ok(Ask::Verify(_)) => "verify",
        Ok(Ask::Report) => "report",
        Err(_) => "",
    }
}

fn said(message: &ToBackground) -> Said {
    match message {
        ToBackground::Hello(hello) => Said::Hello {
            document: hash(&hello.document),
            account: hash(&hello.account.0),
            chat: hello.chat.as_ref().map(|chat| hash(&chat.0)),
            fresh: hello.fresh,
            resume: hello.resume.as_ref().map(|(resume, stage)| (hash(resume.as_str()), *stage)),
        },
        ToBackground::Turns { number, turns, .. } => Said::Turns {
            number: *number,
            count: turns.len(),
            turns: turns.iter().take(TURNS).map(turn).collect(),
        },
        ToBackground::Stream { number, key, position, keep, base, text, .. } => Said::Stream {
            number: *number,
            turn: hash(key.as_str()),
            position: *position,
            keep_bytes: *keep,
            size_bytes: text.len(),
            whole: *base == 0,
        },
        ToBackground::Meter { .. } => Said::Meter,
        ToBackground::Checkpoint { request, trigger, .. } => {
            Said::Checkpoint { request: *request, trigger: *trigger }
        }
        ToBackground::Resume { resume, stage, .. } => {
            Said::Resume { resume: hash(resume.as_str()), stage: *stage }
        }
        ToBackground::Scout { .. } => Said::Scout,
        ToBackground::Called { answer, .. } => Said::Called { size_bytes: answer.text.len() },
        ToBackground::Gathered { gathered, .. } => Said::Gathered { turns: gathered.turns },
        ToBackground::Fresh { .. } => Said::Fresh,
        ToBackground::Bye { .. } => Said::Bye,
    }
}

fn turn(turn: &Turn) -> SaidTurn {
    SaidTurn {
        key: hash(turn.key.as_str()),
        position: turn.position,
        size_bytes: turn.markdown.len(),
        done: !turn.state.is_open(),
        user: turn.role == Role::User,
    }
}

/// The kind of an effect, as it is noted; of a write with its size.
#[must_use]
pub fn done(effect: &BackEffect) -> String {
    match effect {
        BackEffect::Write { change, strict, .. } => {
            let (puts, deletes) = (change.puts.len(), change.deletes.len());
            let strict = if *strict { ", strict" } else { "" };
            return format!("write {puts} puts, {deletes} deletes{strict}");
        }
        BackEffect::Copy { .. } => "copy",
        BackEffect::Restore => "restore",
        BackEffect::Measure => "measure",
        BackEffect::Vault { .. } => "vault",
        BackEffect::Load { .. } => "load",
        BackEffect::Send { message, .. } => match **message {
            PortDown::Event(_) => "send event",
            PortDown::Do(_) => "send do",
            PortDown::Look => "send look",
            PortDown::Point(_) => "send point",
        },
        BackEffect::LookAtTab { .. } => "look at tab",
        BackEffect::OpenTab { .. } => "open tab",
        BackEffect::Answer { .. } => "answer",
        BackEffect::Badge { .. } => "badge",
        BackEffect::Register { .. } => "register",
        BackEffect::Unregister { .. } => "unregister",
    }
    .to_owned()
}

/// Whether this makes a port what it is.
fn is_opening(seen: &Seen) -> bool {
    matches!(seen, Seen::Connected { .. } | Seen::Said { said: Said::Hello { .. }, .. })
}

fn port_of(seen: &Seen) -> Option<PortId> {
    match seen {
        Seen::Connected { port, .. }
        | Seen::Said { port, .. }
        | Seen::Message { port, .. }
        | Seen::Disconnected { port } => Some(*port),
        _ => None,
    }
}
