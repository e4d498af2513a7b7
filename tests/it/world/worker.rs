//! The background's side: its worker, its store, its ports.

use super::copies::second;
use super::faults::{Fault, Sabotage};
use super::kept::unpinned;
use super::{Shows, Worker, World};
use shim::background::Machine;
use shim::base::Problem;
use shim::session::segments;
use shim::wire::background::{BackEffect, BackEvent, RESTORED, TabState};
use shim::wire::records::{Change, Query, StoreName, Stored};
use std::collections::VecDeque;

/// Effects of one event: a page with everything it has to say makes a dozen.
const EFFECTS_AT_MOST: usize = 60;

impl World {
    pub(super) fn wake_worker(&mut self) {
        if self.worker.is_some() {
            return;
        }
        self.tell("worker", || "starts".into());
        let (number, machine) = (self.number(), Machine::new());
        self.worker = Some(Worker { number, machine, io: VecDeque::new(), timer_ms: None });
        self.restore();
    }

    fn restore(&mut self) {
        let event = self.opened();
        self.back(event);
    }

    /// The store is opened and read, or cannot be.
    fn opened(&mut self) -> BackEvent {
        let browser_session = match self.sabotage {
            Sabotage::OneBrowserStart => "one".to_owned(),
            _ => self.browser_session.to_string(),
        };
        let mut records = Vec::new();
        if self.is_blind() || self.bad_luck(5) {
            self.strikes(Fault::StoreClosed, || "the store does not open".into());
            if self.sabotage != Sabotage::ClosedStoreEmpty {
                return BackEvent::StoreClosed { problem: "It does not open.".into() };
            }
        } else {
            let of = self.store.values().filter(|record| RESTORED.contains(&record.at.store));
            records.extend(of.cloned());
        }
        BackEvent::Restored { records, browser_session }
    }

    pub(super) fn kill_worker(&mut self) {
        let Some(mut worker) = self.worker.take() else { return };
        self.strikes(Fault::WorkerKilled, || "worker killed".into());
        // What was on its way to the disk is there or not; nothing is told either way.
        while let Some(effect) = worker.io.pop_front() {
            if self.chance.percent(50) {
                break;
            }
            match effect {
                BackEffect::Write { change, .. } => drop(self.commit(change)),
                BackEffect::Copy { session, records } => self.store.keep(session, records),
                _ => {}
            }
        }
        self.maybe_damage();
        self.up.clear();
        self.down.clear();
        self.asks.clear();
        for tab in &mut self.tabs {
            if let Shows::Chat(document) = &mut tab.shows {
                document.port = None;
            }
        }
    }

    /// Something happens to the background.
    pub(super) fn back(&mut self, event: BackEvent) {
        let now = self.now;
        let Some(worker) = &mut self.worker else { return };
        let number = worker.number;
        let mut effects = Vec::new();
        let heard = if self.tell { words(&event) } else { String::new() };
        worker.machine.step(now, event, &mut effects);
        if self.tell {
            let done: Vec<String> = effects.iter().map(done).collect();
            self.tell("worker", || format!("{heard} -> {}", done.join(", ")));
        }
        assert!(effects.len() <= EFFECTS_AT_MOST, "{} effects of one event", effects.len());
        self.set_worker_timer();
        let count = effects.len();
        for (place, effect) in effects.into_iter().enumerate() {
            if self.bad_luck(1) {
                self.kill_worker();
                if (1..count).contains(&place) {
                    self.strikes(Fault::KilledBetween, || format!("after {place} of {count}"));
                }
            }
            if self.worker.as_ref().is_none_or(|worker| worker.number != number) {
                return;
            }
            self.carry_out(effect);
        }
    }

    fn set_worker_timer(&mut self) {
        let next = self.worker.as_ref().and_then(|worker| worker.machine.next_wake());
        let next = next.map(|when| self.believed(when));
        let timer = self.timer(next);
        if let Some(worker) = &mut self.worker {
            worker.timer_ms = timer;
        }
    }

    /// The worker's timer fires.
    pub(super) fn wake(&mut self) {
        if self.sabotage == Sabotage::WorkerDeaf {
            if let Some(worker) = &mut self.worker {
                worker.timer_ms = None;
            }
            return;
        }
        self.back(BackEvent::Wake);
        let next = self.worker.as_ref().and_then(|worker| worker.machine.next_wake());
        assert!(next.is_none_or(|when| when > self.now), "the background wakes without rest");
    }

    fn carry_out(&mut self, effect: BackEffect) {
        match effect {
            BackEffect::Write { .. } | BackEffect::Load { .. } | BackEffect::Copy { .. } => {
                if let Some(worker) = &mut self.worker {
                    worker.io.push_back(effect);
                }
            }
            BackEffect::Restore => self.restore(),
            BackEffect::Vault { .. } => {}
            BackEffect::Measure => {
                // Now and then the browser says that there is little room.
                let used_bytes =
                    if self.is_full() || self.now.0.is_multiple_of(4) { 90 } else { 10 };
                let (used_bytes, quota_bytes) = (used_bytes << 20, 100 << 20);
                self.back(BackEvent::Measured { used_bytes, quota_bytes });
            }
            BackEffect::Send { port, message } => self.down.push_back((port, *message)),
            BackEffect::LookAtTab { tab } => {
                let state = self.look_at_tab(tab);
                self.back(BackEvent::TabSeen { tab, state });
            }
            BackEffect::OpenTab { request, url } => {
                let tab = (!self.bad_luck(5)).then(|| self.new_tab());
                self.tell("browser", || format!("opens {url} in {tab:?}"));
                if let Some(id) = tab {
                    self.open_page(id, None);
                }
                self.back(BackEvent::TabOpened { request, tab });
            }
            BackEffect::Answer { ask, answer } => self.answer(ask, &answer),
            BackEffect::Badge { .. }
            | BackEffect::Register { .. }
            | BackEffect::Unregister { .. } => {}
        }
    }

    fn look_at_tab(&self, tab: shim::base::TabId) -> Option<TabState> {
        let Some(tab) = self.tabs.iter().find(|t| t.id == tab) else {
            let dead = TabState { status: "unloaded".into(), ..TabState::default() };
            return (self.sabotage == Sabotage::ClosedLooksDead).then_some(dead);
        };
        let (status, url, answers) = match &tab.shows {
            Shows::Chat(document) => ("complete", document.page.url(), true),
            Shows::Dead | Shows::Asleep => ("unloaded", "https://claude.ai/".into(), false),
            Shows::Elsewhere => ("complete", String::new(), false),
        };
        Some(TabState {
            status: status.into(),
            discarded: matches!(tab.shows, Shows::Asleep),
            url,
            answers: Some(answers),
            ..TabState::default()
        })
    }

    /// The store does one thing.
    pub(super) fn io(&mut self) {
        let Some(effect) = self.worker.as_mut().and_then(|w| w.io.pop_front()) else { return };
        let event = match effect {
            BackEffect::Write { batch, change, .. } => {
                let early = self.sabotage == Sabotage::ToldEarly;
                if !early || !self.bad_luck(20) {
                    let problem = self.commit(change);
                    if self.bad_luck(2) {
                        return self.kill_worker();
                    }
                    BackEvent::Written { batch, problem }
                } else {
                    self.back(BackEvent::Written { batch, problem: None });
                    return self.kill_worker();
                }
            }
            BackEffect::Load { load, query } => {
                if self.is_blind() || self.bad_luck(2) {
                    self.strikes(Fault::ReadFailed, || "a read fails".into());
                    match self.sabotage {
                        Sabotage::FailedReadsEmpty => {
                            BackEvent::Loaded { load, records: Vec::new() }
                        }
                        _ => BackEvent::LoadFailed { load },
                    }
                } else {
                    let unread = self.sabotage == Sabotage::CopiesUnread;
                    let unread = unread && matches!(query, Query::Copies(_));
                    let records = if unread { Vec::new() } else { self.store.query(&query) };
                    BackEvent::Loaded { load, records }
                }
            }
            BackEffect::Copy { .. } if self.bad_luck(3) => {
                BackEvent::Copied { problem: Some("There is no room.".into()) }
            }
            BackEffect::Copy { session, records } => {
                self.store.keep(session, records);
                BackEvent::Copied { problem: None }
            }
            other => panic!("no input or output: {other:?}"),
        };
        self.back(event);
    }

    /// Commits all of it or nothing, and says what to tell of it.
    fn commit(&mut self, mut change: Change) -> Option<String> {
        if !change.puts.is_empty() && (self.is_full() || self.bad_luck(1)) {
            self.strikes(Fault::WriteRefused, || "a write is refused".into());
            self.short = true;
            if self.is_full() {
                self.strikes(Fault::NoRoom, || "there is no room".into());
            }
            let hidden = self.sabotage == Sabotage::RefusalsHidden;
            return (!hidden).then(|| Problem::no_room().text);
        }
        let journal = |put: &Stored| put.at.store == StoreName::Resumes;
        change.puts.retain(|put| !(self.sabotage == Sabotage::NoJournal && journal(put)));
        let packs = change.puts.iter().filter(|put| segments::is_segment(&put.at)).count();
        if self.sabotage == Sabotage::SegmentLost {
            change.puts.retain(|put| !segments::is_segment(&put.at));
        }
        if self.sabotage == Sabotage::TurnsDoubled {
            let again: Vec<Stored> = change.puts.iter().filter_map(second).collect();
            change.puts.extend(again);
        }
        if self.sabotage == Sabotage::PinsForgotten {
            change.puts = change.puts.iter().map(unpinned).collect();
        }
        if self.sabotage == Sabotage::WrittenOver {
            change.asides.clear();
        }
        self.check_heads(&change.puts);
        self.write(&change);
        self.segments += packs;
        if let Some(session) = &change.erased {
            self.note_erased(session);
        }
        self.note_ends(&change.puts);
        self.note_settings(&change.puts);
        None
    }
}

/// An event in a few words, for who reads along.
pub fn words(event: &BackEvent) -> String {
    match event {
        BackEvent::Restored { records, .. } => format!("stands on {} records", records.len()),
        BackEvent::Message { port, text } => {
            let words: String = text.chars().take(1500).collect();
            format!("hears from port {}: {words}", port.0)
        }
        BackEvent::Loaded { load, records } => format!("read {load}: {} records", records.len()),
        other => format!("{other:?}"),
    }
}

pub fn done(effect: &BackEffect) -> String {
    match effect {
        BackEffect::Write { batch, change, .. } => {
            let Change { puts, deletes, .. } = change;
            let keys: Vec<String> =
                puts.iter().map(|p| format!("{}/{}", p.at.store.as_str(), p.at.key)).collect();
            format!("write {batch} ({}; {} deletes)", keys.join(" "), deletes.len())
        }
        BackEffect::Load { load, .. } => format!("read {load}"),
        BackEffect::Send { port, message } => {
            let words: String = format!("{message:?}").chars().take(80).collect();
            format!("to port {}: {words}", port.0)
        }
        BackEffect::Badge { .. } => "badge".into(),
        BackEffect::Register { site, .. } => format!("register {site}"),
        BackEffect::Unregister { site } => format!("unregister {site}"),
        other => format!("{other:?}"),
    }
}
