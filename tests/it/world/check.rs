//! What must hold: of the store at every moment, and of everything when it has come to rest.

use super::faults::{Fault, Weather};
use super::tabs::session;
use super::{Acknowledged, Exchange, World};
use shim::background::Whole;
use shim::base::limits::PACK_AFTER;
use shim::base::text::hash;
use shim::base::{SessionId, TabId, TurnKey};
use shim::session::{codec, history, segments};
use shim::wire::background::PortDown;
use shim::wire::chat::TurnState;
use shim::wire::records::{Query, ResumeHead, SessionHead, Settings, StoreName, Stored};
use shim::wire::session::{ResumeStage, SessionEvent};
use shim::wire::ui::{Answer, Ask};
use std::collections::BTreeMap;

/// Steps between two looks at everything that was acknowledged.
const CHECK_EVERY: u32 = 200;

impl World {
    /// Something is acknowledged to a page: from now on it must be there.
    pub(super) fn note_acknowledged(&mut self, id: TabId, event: &SessionEvent) {
        let Some(name) = self.document(id).map(|document| document.name.clone()) else { return };
        match event {
            SessionEvent::Saved { turns } => {
                for (key, hash) in turns {
                    self.acknowledge((name.clone(), key.clone(), *hash));
                }
            }
            SessionEvent::StreamSaved { key, hash } => self.acknowledge((name, key.clone(), *hash)),
            SessionEvent::CheckpointSaved { number, request } => {
                let wanted = (name, *request);
                let session = self.wanted.get(&wanted).expect("somebody asked for it");
                let at = (session.clone(), *number);
                // It may be told late, of one that went by the rule since.
                if !self.dropped.contains(&at) {
                    self.checkpoints.insert(at);
                }
            }
            _ => {}
        }
    }

    fn acknowledge(&mut self, told: (String, TurnKey, u64)) {
        let by = (told.0.clone(), told.1.clone());
        let Some(mut told) = self.told.get(&told).cloned() else { return };
        told.finished &= self.took_back.get(&by) != Some(&true);
        let before = self.turns.entry(told.at.clone()).or_insert_with(|| told.clone());
        let newer = told.text.len() > before.text.len();
        if newer || (told.finished && told.text.len() == before.text.len()) {
            *before = told;
        }
    }

    /// A prompt stands in a composer: once for a resume, and by itself once for a crash.
    pub(super) fn note_fill(&mut self, text: &str) {
        let nonce = text
            .split("<<<record ")
            .nth(1)
            .map_or(text, |rest| rest.split_whitespace().next().unwrap_or_default());
        let count = self.fills.entry(nonce.to_owned()).or_default();
        *count += 1;
        assert!(*count == 1, "the resume {nonce} was placed {count} times");
        let mine = |head: &ResumeHead| format!("{:016x}", hash(head.id.as_str())) == nonce;
        let from = self.resumes().find(mine).filter(|head| !head.asked).map(|head| head.from);
        if let Some(from) = from {
            let fills = self.by_itself.entry(from.clone()).or_default();
            *fills += 1;
            let died = self.died.get(&from).copied().unwrap_or_default();
            assert!(*fills <= died, "{from} died {died} times and was resumed {fills} times");
        }
    }

    pub(super) fn heads(&self) -> impl Iterator<Item = SessionHead> {
        let heads = self.store.values().filter(|record| record.at.store == StoreName::Sessions);
        heads.map(|record| codec::open(record).expect("a head opens"))
    }

    pub(super) fn resumes(&self) -> impl Iterator<Item = ResumeHead> {
        let heads = self.store.values().filter(|record| record.at.store == StoreName::Resumes);
        heads.map(|record| codec::open(record).expect("a resume opens"))
    }

    /// A stored chat stays the one that it was: nobody takes it for a new one.
    pub(super) fn check_heads(&self, puts: &[Stored]) {
        for put in puts.iter().filter(|put| put.at.store == StoreName::Sessions) {
            let Some(old) = self.store.get(&put.at) else { continue };
            let began = |record| codec::open::<SessionHead>(record).expect("it opens").started_at;
            assert_eq!(began(put), began(old), "{} begins anew", put.at.key);
        }
    }

    /// Ends that are committed: never more than deaths.
    pub(super) fn note_ends(&mut self, puts: &[Stored]) {
        for put in puts.iter().filter(|put| put.at.store == StoreName::Sessions) {
            let head: SessionHead = codec::open(put).expect("a head opens");
            let Some((reason, at)) = head.ended else { continue };
            self.ends.insert((head.id.clone(), at));
            let ends = self.ends.iter().filter(|(session, _)| *session == head.id).count();
            let died = self.died.get(&head.id).copied().unwrap_or_default();
            assert!(
                ends <= died as usize,
                "{} died {died} times and is recorded as ended {ends} times, now by {reason:?}",
                head.id
            );
        }
    }

    /// Settings are stored: such as a person wished, and no others.
    pub(super) fn note_settings(&self, puts: &[Stored]) {
        for put in puts.iter().filter(|put| put.at.store == StoreName::Settings) {
            let is: Settings = codec::open(put).expect("settings open");
            let same =
                |wish: &Settings| (wish.paused, wish.offer_only) == (is.paused, is.offer_only);
            assert!(self.wishes.iter().any(|(_, wish)| same(wish)), "nobody wished {is:?}");
        }
    }

    /// An answer to a person.
    pub(super) fn answer(&mut self, ask: u64, answer: &Answer) {
        let Some(asked) = self.asks.remove(&ask) else {
            panic!("question {ask} is answered twice")
        };
        self.tell("popup", || format!("hears of {ask}: {answer:?}"));
        match (asked, answer) {
            (Ask::SaveNow { session }, Answer::Done) => {
                let query = Query::OfSession(vec![StoreName::Checkpoints], session.clone());
                let found = self.store.query(&query);
                assert!(!found.is_empty(), "a checkpoint of {session} is said to be saved");
            }
            (Ask::Delete { session }, Answer::Done) => {
                self.strikes(Fault::Deleted, || format!("{session} is deleted"));
            }
            (Ask::Pin { session, number, pinned: true }, Answer::Done) => {
                self.note_pinned(session, number);
            }
            (Ask::Report, Answer::Text(text)) => self.report = Some(text.clone()),
            (Ask::Delete { session }, _) => drop(self.note_undeleted(&session)),
            // What was wished before it is past; what was wished after it may be stored as well.
            (Ask::Change(_), Answer::Done) => self.wishes.retain(|(wish, _)| *wish >= ask),
            (Ask::Undelete { session }, Answer::Done) if self.note_undeleted(&session) => {
                self.strikes(Fault::Undeleted, || format!("{session} is kept"));
            }
            _ => {}
        }
    }

    pub(super) fn check_often(&mut self) {
        if self.steps.is_multiple_of(CHECK_EVERY) {
            self.check();
        }
    }

    /// What must hold of the store at every moment.
    pub(super) fn check(&self) {
        let mut wholes: BTreeMap<&SessionId, Whole> = BTreeMap::new();
        for ((session, key), acknowledged) in &self.turns {
            if self.deleting.contains_key(session) {
                continue;
            }
            let whole = wholes.entry(session).or_insert_with(|| self.whole(session));
            let truth = self.truth(key).filter(|truth| truth.done);
            let is_whole = truth.is_some_and(|t| t.answer.trim() == acknowledged.text.trim());
            check_turn(whole, session, key, acknowledged, is_whole);
        }
        for (session, number) in &self.checkpoints {
            if self.deleting.contains_key(session) {
                continue;
            }
            let whole = wholes.entry(session).or_insert_with(|| self.whole(session));
            let found = whole.checkpoints.iter().any(|head| head.number == *number);
            assert!(found, "lost checkpoint {number} of {session}");
        }
        let mut counts: BTreeMap<&SessionId, u32> = BTreeMap::new();
        let records: Vec<Stored> = self.store.values().cloned().collect();
        for turn in segments::turns_of(&records).found {
            *counts.entry(&turn.record.session).or_default() += 1;
        }
        for head in self.heads().filter(|head| !self.deleting.contains_key(&head.id)) {
            let turns = counts.get(&head.id).copied().unwrap_or_default();
            assert!(
                head.turn_count >= turns,
                "{} knows {} of {turns} turns",
                head.id,
                head.turn_count
            );
            let newest = self.checkpoints.iter().filter(|(session, _)| *session == head.id);
            let newest = newest.map(|(_, number)| *number).max().unwrap_or_default();
            assert!(head.last_checkpoint >= newest, "{} forgot its checkpoints", head.id);
        }
        self.check_history();
        self.check_pins();
        self.check_damaged();
        self.check_doubles();
    }

    /// The snapshots of a chat are numbered once, and never beyond what its head tells.
    fn check_history(&self) {
        let mut last: BTreeMap<&SessionId, u32> = BTreeMap::new();
        let all = self.store.values().filter(|record| record.at.store == StoreName::History);
        for record in all.filter(|record| !self.deleting.contains_key(&record.session)) {
            let Ok(snapshots) = history::open_segment(record) else { continue };
            let last = last.entry(&record.session).or_default();
            for one in snapshots {
                assert!(one.number > *last, "{:?} has number {} again", record.at, one.number);
                *last = one.number;
            }
        }
        for (session, last) in last {
            let head = self.heads().find(|head| head.id == *session);
            let told = head.map_or(0, |head| head.history.last_number);
            assert!(told >= last, "{session} tells of {told} snapshots, and has {last}");
        }
    }

    /// The exchange of the site whose answer has this key.
    fn truth(&self, key: &TurnKey) -> Option<&Exchange> {
        let id = key.0.trim_end_matches("-hub-reply");
        self.site.values().flatten().find(|exchange| exchange.id == id)
    }

    fn whole(&self, session: &SessionId) -> Whole {
        let stores = vec![StoreName::Turns, StoreName::Streams, StoreName::Checkpoints];
        let whole = Whole::of(&self.store.query(&Query::OfSession(stores, session.clone())));
        let known = self.damaged.iter().any(|record| record.session == *session);
        assert!(known || whole.damaged == 0, "{session} has damaged records");
        whole
    }

    /// Lets everything come to rest without faults; then everything must be stored, and quiet.
    pub(super) fn rest(&mut self) {
        self.tell("world", || "comes to rest".into());
        self.weather =
            Weather { rough: false, back_ms: self.weather.back_ms, ..Weather::default() };
        self.wake_worker();
        // A store that did not open is opened again within 10 s; before that nothing is changed.
        self.quietly(120);
        self.put(&Ask::Change(Settings { keep: self.rule(19), ..Settings::default() }));
        self.end_answers();
        // The last messages are lost: only timers mend that now.
        self.up.retain(|(_, text)| !text.starts_with("{\"session\""));
        self.down.retain(|(_, message)| !matches!(message, PortDown::Event(_)));
        self.quietly(1_000);
        self.collect_promised();
        self.check();
        self.all_stored();
        // What rests is packed together, and is as it was.
        // By a clock that was set forward and back this is noted for a later time.
        self.pass(2 * PACK_AFTER.0 + self.weather.back_ms);
        self.quietly(1_000);
        self.check();
        self.all_stored();
        // Ended for its idleness, the worker looks at every open chat once more.
        self.kill_worker();
        self.wake_worker();
        self.end_answers();
        self.quietly(1_000);
        self.check();
        self.all_stored();
        self.all_told();
        let (before, mut stores) = (self.counter, vec![self.store.clone()]);
        // Something may just be due by the clock, once.
        for _ in 0..3 {
            self.quietly(600);
            assert!(self.up.is_empty() && self.down.is_empty(), "messages never end");
            stores.push(self.store.clone());
        }
        stores.dedup();
        assert!(stores.len() <= 2, "a store at rest changes again and again");
        assert_eq!(self.counter, before, "a world at rest acts");
    }

    /// Every answer comes to its end, and every page shows it.
    fn end_answers(&mut self) {
        for id in self.ids() {
            let Some(document) = self.document(id) else { continue };
            let mut ended = Vec::new();
            for exchange in document.page.exchanges.iter_mut().filter(|e| e.mine && !e.done) {
                exchange.answer.push_str("end");
                exchange.done = true;
                ended.push(exchange.clone());
            }
            ended.into_iter().for_each(|exchange| self.note_truth(exchange));
        }
        for id in self.ids() {
            self.connect(id);
            self.refresh(id);
        }
    }

    fn quietly(&mut self, rounds: u32) {
        for _ in 0..rounds {
            self.pass(100);
            for _ in 0..4 {
                self.deliver_up();
                self.deliver_down();
                self.io();
            }
            self.timers();
        }
    }

    /// Every page has everything it shows in the store.
    fn all_stored(&mut self) {
        let pages: Vec<_> = self.documents().map(|(_, document)| document.page.clone()).collect();
        for page in pages {
            let Some(chat) = page.chat else { continue };
            let session = session(&chat);
            let whole = self.whole(&session);
            for exchange in page.exchanges {
                let key = TurnKey(format!("{}-hub-reply", exchange.id));
                let turn = whole.turns.iter().find(|turn| turn.key == key);
                let turn = turn.unwrap_or_else(|| panic!("unsaved {key} in {session}"));
                assert_eq!(turn.markdown.trim(), exchange.answer.trim(), "{key} in {session}");
                assert_ne!(turn.state, TurnState::Streaming, "{key} in {session}");
                let asked = whole.turns.iter().any(|turn| turn.key.0 == exchange.id);
                assert!(asked, "unsaved question {} in {session}", exchange.id);
            }
        }
    }

    /// Every crash is on record, every open chat as open, every other one as left.
    fn all_told(&mut self) {
        for session in self.lost.keys().filter(|session| !self.deleting.contains_key(session)) {
            let head = self.heads().find(|head| head.id == *session).expect("a chat that died");
            assert!(head.ended.is_some(), "nobody noticed that {session} died");
        }
        let open: Vec<SessionId> =
            self.documents().filter_map(|(_, d)| d.page.chat.as_deref().map(session)).collect();
        for head in self.heads().filter(|head| !self.deleting.contains_key(&head.id)) {
            let is_open = open.contains(&head.id);
            let whole = self.whole(&head.id);
            let newest = whole.checkpoints.last().map_or(0, |checkpoint| checkpoint.number);
            // A closed chat may still count one that was refused just before the worker died.
            let damaged = self.damaged.iter().any(|record| record.session == head.id);
            let counts = if is_open && !damaged {
                newest == head.last_checkpoint
            } else {
                newest <= head.last_checkpoint
            };
            assert!(counts, "{} counts {} checkpoints of {newest}", head.id, head.last_checkpoint);
            assert_eq!(head.live.is_some(), is_open, "{} is open: {is_open}", head.id);
            assert!(!is_open || head.ended.is_none(), "{} is open and ended", head.id);
        }
        let waits: Vec<&Ask> =
            self.asks.values().filter(|ask| !matches!(ask, Ask::SaveNow { .. })).collect();
        assert!(waits.is_empty(), "never answered: {waits:?}");
    }

    pub(super) fn resumed_to_the_end(&self) -> usize {
        self.resumes().filter(|head| head.stage == Some(ResumeStage::Answered)).count()
    }
}

/// An acknowledged turn is there, as new as it was acknowledged.
fn check_turn(
    whole: &Whole,
    session: &SessionId,
    key: &TurnKey,
    acknowledged: &Acknowledged,
    is_whole: bool,
) {
    let turn = whole.turns.iter().find(|turn| turn.key == *key);
    let turn = turn.unwrap_or_else(|| panic!("lost turn {key} of {session}"));
    assert!(
        turn.markdown.starts_with(acknowledged.text.trim()),
        "{key} of {session} is older than acknowledged: {:?} instead of {:?}",
        turn.markdown,
        acknowledged.text
    );
    if acknowledged.finished && is_whole {
        assert_ne!(turn.state, TurnState::Streaming, "{key} of {session} was finished");
    }
}
