//! What is new in a chat of an archive beside what is stored of it.

use super::Chat;
use crate::background::index::{TurnEntry, Whole};
use crate::background::{Harm, Index, backfill};
use crate::base::{Moment, SessionId, TurnKey};
use crate::session::{checkpoints, codec};
use crate::wire::archive::{Merged, Named};
use crate::wire::chat::Turn;
use crate::wire::records::{Change, CheckpointHead, RecordKey, SessionHead, Stored};
use std::collections::{BTreeMap, BTreeSet};

/// What an import changes of one chat.
#[derive(Clone, Debug, Default)]
pub struct Merge {
    /// What is put and deleted, without the chat's head; empty: everything is there already.
    pub change: Change,
    /// The chat's head after that.
    pub head: SessionHead,
    /// What to tell of it.
    pub merged: Merged,
    /// Records of the chat that do not open.
    pub damaged: Vec<Harm>,
}

/// Compares a chat of an archive with its stored records. A stored turn that is newer or longer
/// stays; so does every stored checkpoint. One whose number is taken by another, or whose time lies
/// on the other side of a stored one than its number, is left out: it would stand where it never
/// stood, and the newest might not be the last.
#[must_use]
pub fn merge(chat: &Chat, head: Option<&SessionHead>, stored: &[Stored], now: Moment) -> Merge {
    merge_by(Rule::Archive, chat, head, stored, now)
}

/// What is merged into what is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A file of any age.
    Archive,
    /// What was stored apart, since what was stored before could not be read. Its checkpoints have
    /// numbers that follow.
    Apart,
}

/// The same by this rule.
#[must_use]
pub fn merge_by(
    rule: Rule,
    chat: &Chat,
    head: Option<&SessionHead>,
    stored: &[Stored],
    now: Moment,
) -> Merge {
    let session = chat.named.session();
    let mut this = Merge::default();
    let mut index = Index::of(stored);
    let whole = Whole::of(stored);
    let there: BTreeMap<&TurnKey, &Turn> = whole.turns.iter().map(|t| (&t.key, t)).collect();
    for turn in &chat.turns {
        let turn = &backfill::beside(turn, &there);
        if there.get(&turn.key).is_some_and(|stored| !is_newer(rule, turn, stored, now)) {
            continue;
        }
        if !turn.state.is_open() {
            this.change.deletes.extend(index.end_streams(&session, turn, None));
        }
        this.change.puts.push(codec::turn_record(&session, turn));
        this.merged.turns += 1;
    }
    let said = said(whole.turns.clone(), &this.change.puts);
    for point in &chat.points {
        match place_of(rule, &point.head, &whole.checkpoints) {
            Place::There => {}
            Place::Unfit => this.merged.unfit += 1,
            Place::Free => {
                let record = checkpoints::of_texts(&session, &point.head, &point.state, &said);
                this.change.puts.push(record);
                this.merged.checkpoints += 1;
            }
        }
    }
    this.damaged = index.damaged;
    if this.change.puts.is_empty() {
        return this;
    }
    this.merged.new_chats = u32::from(head.is_none());
    let after = after(stored, &this.change);
    this.head = head_after(&chat.named, head, &session, &after, now);
    this
}

/// The turns of a chat once these records are put, so that checkpoints can quote them.
fn said(mut turns: Vec<Turn>, puts: &[Stored]) -> Vec<Turn> {
    let new: Vec<Turn> = puts.iter().filter_map(|put| codec::open_turn(put).ok()).collect();
    let keys: BTreeSet<TurnKey> = new.iter().map(|turn| turn.key.clone()).collect();
    turns.retain(|turn| !keys.contains(&turn.key));
    turns.extend(new);
    turns
}

/// Whether this takes the place of what is stored: it would, and what is stored would not take its
/// place.
fn is_newer(rule: Rule, turn: &Turn, stored: &Turn, now: Moment) -> bool {
    let entry = |turn: &Turn| TurnEntry::of(turn, 0, None);
    let (new, old) = (entry(turn), TurnEntry { found: false, ..entry(stored) });
    if turn.is_exported() && !backfill::adds(&new, &old) {
        return false;
    }
    let stays = rule == Rule::Archive && old.replaces(&new, 0, now);
    new.hash != old.hash && new.replaces(&old, 0, now) && !stays
}

enum Place {
    There,
    Unfit,
    Free,
}

fn place_of(rule: Rule, head: &CheckpointHead, stored: &[CheckpointHead]) -> Place {
    let same = |other: &CheckpointHead| {
        (&other.request, other.created_at) == (&head.request, head.created_at)
    };
    let fits = |other: &CheckpointHead| {
        let by_number = other.number.cmp(&head.number);
        by_number.is_ne()
            && (rule == Rule::Apart
                || other.created_at == head.created_at
                || by_number == other.created_at.cmp(&head.created_at))
    };
    if stored.iter().any(same) {
        Place::There
    } else if stored.iter().all(fits) {
        Place::Free
    } else {
        Place::Unfit
    }
}

/// The records of the chat once that is committed.
fn after(stored: &[Stored], change: &Change) -> Vec<Stored> {
    let deleted = change.deletes.iter();
    let gone: BTreeSet<&RecordKey> = deleted.chain(change.puts.iter().map(|put| &put.at)).collect();
    let stay = stored.iter().filter(|record| !gone.contains(&record.at));
    stay.chain(&change.puts).cloned().collect()
}

/// A chat that is not there begins with what the archive tells of it. It is open nowhere, and it
/// did not just break off: nothing offers itself because of an import.
fn head_after(
    named: &Named,
    head: Option<&SessionHead>,
    session: &SessionId,
    after: &[Stored],
    now: Moment,
) -> SessionHead {
    let (index, whole) = (Index::of(after), Whole::of(after));
    let mut head = head.cloned().unwrap_or_else(|| SessionHead {
        id: session.clone(),
        site: named.site.clone(),
        account: named.account.clone(),
        chat: named.chat.clone(),
        started_at: named.started_at.min(now),
        parent: named.parent.clone(),
        risk: whole.checkpoints.last().map(|head| head.risk.clone()).unwrap_or_default(),
        ..SessionHead::default()
    });
    let texts = [
        (&mut head.title, &named.title),
        (&mut head.model, &named.model),
        (&mut head.url, &named.url),
    ];
    for (mine, told) in texts {
        if mine.is_empty() {
            mine.clone_from(told);
        }
    }
    // A chat is as new as what was said in it, not as the import; and it is packed later.
    let updated_at = head.updated_at.max(named.updated_at.min(now));
    head.stores(now);
    head.updated_at = updated_at;
    head.turn_count = u32::try_from(index.turns.len()).unwrap_or(u32::MAX);
    head.calls = whole.calls();
    head.last_checkpoint = head.last_checkpoint.max(index.last_checkpoint);
    head.stored_bytes = index.stored_bytes();
    head
}
