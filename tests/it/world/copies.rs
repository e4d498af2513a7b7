//! The browser loses the whole store, and what second copies promised of it.

use super::faults::Fault;
use super::{Acknowledged, World};
use shim::session::{codec, segments};
use shim::wire::chat::{Turn, TurnState};
use shim::wire::records::{Query, SessionHead, Settings, StoreName, Stored};

impl World {
    /// The browser is killed and comes back with an empty store. From now on that is owed which
    /// the second copies held at that moment, and nothing else of before.
    pub(super) fn lose_store(&mut self) {
        self.kill_worker();
        let copies = self.store.query(&Query::Copies(None));
        let known: Vec<SessionHead> = self.heads().collect();
        if copies.is_empty() {
            return;
        }
        self.strikes(Fault::StoreLost, || format!("the store is lost, {} copied", copies.len()));
        self.store.lose();
        self.turns.clear();
        self.checkpoints.clear();
        self.pins.clear();
        self.dropped.clear();
        self.damaged.clear();
        self.lost.clear();
        self.ends.clear();
        // What was resumed is forgotten with the journal, so a crash may be offered once more.
        self.filled += self.fills.len();
        self.fills.clear();
        self.wishes.push((0, Settings::default()));
        for head in known {
            *self.died.entry(head.id).or_default() += 1;
        }
        self.promised = copies;
        self.kill_browser();
    }

    /// What was promised when the store was lost is owed like anything acknowledged, now that the
    /// background had the time to put it back.
    pub(super) fn collect_promised(&mut self) {
        let promised = std::mem::take(&mut self.promised);
        let owed = |record: &&Stored| !self.deleting.contains_key(&record.session);
        let promised: Vec<Stored> = promised.iter().filter(owed).cloned().collect();
        if !promised.is_empty() {
            let count = promised.len();
            self.strikes(Fault::CopyUsed, || format!("{count} records are owed by copies"));
        }
        for record in promised.iter().filter(|one| one.at.store == StoreName::Sessions) {
            let head: SessionHead = codec::open(record).expect("a copied head opens");
            assert!(self.heads().any(|one| one.id == head.id), "{} did not come back", head.id);
        }
        for turn in segments::turns_of(&promised).found {
            let at = (turn.record.session.clone(), turn.head.key.clone());
            let turn = turn.open().expect("a copied turn opens");
            let finished = turn.state != TurnState::Streaming;
            let by = String::new();
            let owed = Acknowledged { at: at.clone(), text: turn.markdown, finished, by };
            self.turns.entry(at).or_insert(owed);
        }
        for point in segments::checkpoints_of(&promised).found {
            self.checkpoints.insert((point.record.session.clone(), point.head.number));
        }
    }

    /// However many windows showed a chat, each of its turns is stored under the one name that the
    /// site has for it, and under no other.
    pub(super) fn check_doubles(&self) {
        let records: Vec<Stored> = self.store.values().cloned().collect();
        for turn in segments::turns_of(&records).found {
            let (session, key) = (&turn.record.session, turn.head.key.as_str());
            let exchanges = self.site.get(session.as_str().trim_start_matches("claude//"));
            let is_one = |id: &str| key == id || key.strip_suffix("-hub-reply") == Some(id);
            let known = exchanges.into_iter().flatten().any(|exchange| is_one(&exchange.id));
            assert!(known, "{session} has a turn {key} that the site has not");
        }
    }
}

/// The same turn under another name.
pub(super) fn second(record: &Stored) -> Option<Stored> {
    let loose = record.at.store == StoreName::Turns && !segments::is_segment(&record.at);
    let turn = codec::open_turn(record).ok().filter(|_| loose)?;
    let key = format!("{}-2", turn.key).as_str().into();
    Some(codec::turn_record(&record.session, &Turn { key, ..turn }))
}
