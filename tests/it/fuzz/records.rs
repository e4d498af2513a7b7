//! Records of every kind and version, and what is made of them.

use super::mutate::Fields;
use super::{Decoder, MANY, SOME};
use crate::codec::damage::checksum;
use crate::codec::versions::{FROZEN_CHECKPOINT, FROZEN_QUOTES, FROZEN_TURN};
use crate::codec::{a_checkpoint, a_turn, records, session};
use miniz_oxide::deflate::compress_to_vec;
use serde::de::DeserializeOwned;
use shim::background::archive::{markdown, transcript};
use shim::background::{Index, Whole};
use shim::base::{Moment, Span, text};
use shim::session::{checkpoints, codec, drafts, history, quotes, segments};
use shim::wire::chat::Turn;
use shim::wire::history::{Snapshot, Wanted};
use shim::wire::records::{
    CheckpointHead, Part, RECORD_VERSION, RecordKey, ResumeHead, SessionHead, Settings, StoreName,
    Stored, StreamHead, TurnHead,
};
use shim::wire::state::{Checkpoint, Noted};
use std::collections::BTreeSet;

const CODEC: &str = "src/session/codec.rs";

pub const ALL: &[Decoder] = &[
    Decoder {
        name: "head",
        of: &[CODEC, "src/session/drafts.rs"],
        valid: heads,
        read: head,
        rounds: MANY,
    },
    Decoder { name: "turn", of: &[CODEC], valid: turns, read: turn, rounds: MANY },
    Decoder { name: "stream", of: &[CODEC], valid: streams, read: stream, rounds: MANY },
    Decoder {
        name: "checkpoint",
        of: &[CODEC, "src/session/checkpoints.rs"],
        valid: points,
        read: point,
        rounds: MANY,
    },
    Decoder {
        name: "quotes",
        of: &["src/session/quotes.rs", "src/session/quotes/strings.rs"],
        valid: quoted,
        read: quotes,
        rounds: MANY,
    },
    Decoder {
        name: "segment of turns",
        of: &["src/session/segments/mod.rs", "src/session/segments/weave.rs"],
        valid: packed_turns,
        read: segment,
        rounds: MANY,
    },
    Decoder {
        name: "segment of checkpoints",
        of: &["src/session/segments/mod.rs", "src/session/segments/pack.rs"],
        valid: packed_points,
        read: segment,
        rounds: SOME,
    },
    Decoder {
        name: "history",
        of: &["src/session/history.rs"],
        valid: histories,
        read: snapshots,
        rounds: MANY,
    },
    Decoder { name: "key", of: &[CODEC], valid: keys, read: key, rounds: MANY },
    Decoder {
        name: "chat for people",
        of: &["src/background/archive/people.rs", "src/background/index.rs"],
        valid: everything,
        read: people,
        rounds: SOME,
    },
];

/// A record, field by field, each part as the text that it holds.
pub fn fields_of(stored: &Stored) -> Fields {
    let texts = (0..stored.parts.len()).map(|at| codec::part(stored, at).unwrap().into_bytes());
    form("texts", stored, texts.collect())
}

/// The same, each part as it is packed.
pub fn packed_fields_of(stored: &Stored) -> Fields {
    form("packed", stored, stored.parts.iter().map(|part| part.0.clone()).collect())
}

fn form(form: &str, stored: &Stored, parts: Fields) -> Fields {
    let version = stored.version.to_string();
    let first = [form, &version, stored.at.store.as_str(), &stored.at.key];
    let first = first.into_iter().chain([stored.session.as_str(), stored.head.as_str()]);
    first.map(|text| text.as_bytes().to_vec()).chain(parts).collect()
}

/// Both of each.
fn both(records: &[Stored]) -> Vec<Fields> {
    records.iter().flat_map(|one| [fields_of(one), packed_fields_of(one)]).collect()
}

/// The record of these fields, under a checksum that is right, so that this hides no parser.
pub fn stored_of(fields: &[Vec<u8>]) -> Stored {
    let text = |at: usize| {
        String::from_utf8_lossy(fields.get(at).map(Vec::as_slice).unwrap_or_default()).into_owned()
    };
    let packs = text(0) == "texts";
    let parts = fields.iter().skip(6);
    let pack = |part: &Vec<u8>| if packs { compress_to_vec(part, 1) } else { part.clone() };
    let store = StoreName::ALL.into_iter().find(|store| store.as_str() == text(2));
    let mut stored = Stored {
        at: RecordKey { store: store.unwrap_or(StoreName::Turns), key: text(3) },
        session: text(4).as_str().into(),
        version: text(1).parse().unwrap_or(RECORD_VERSION),
        head: text(5),
        parts: parts.map(|part| Part(pack(part))).collect(),
        check: 0,
    };
    stored.check = checksum(&stored);
    stored
}

fn of_store(store: StoreName) -> Vec<Stored> {
    records().into_iter().filter(|record| record.at.store == store).collect()
}

fn heads() -> Vec<Fields> {
    let stores = [StoreName::Sessions, StoreName::Settings, StoreName::Resumes, StoreName::Drafts];
    both(&stores.map(of_store).concat())
}

fn head(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    fn opens<H: DeserializeOwned>(record: &Stored) -> bool {
        codec::open::<H>(record).is_ok()
    }
    let prompt = record.parts.is_empty() || codec::part(&record, 0).is_ok();
    prompt
        && match record.at.store {
            StoreName::Sessions => opens::<SessionHead>(&record),
            StoreName::Settings => opens::<Settings>(&record),
            StoreName::Drafts => drafts::open(&record).is_ok(),
            _ => opens::<ResumeHead>(&record),
        }
}

pub fn turns() -> Vec<Fields> {
    let old: Stored = serde_json::from_str(FROZEN_TURN).unwrap();
    both(&[codec::turn_record(&session(), &a_turn()), old])
}

fn turn(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let found = segments::turns_of(std::slice::from_ref(&record)).found;
    found.iter().for_each(|turn| drop(turn.open()));
    codec::open::<TurnHead>(&record).is_ok() && codec::open_turn(&record).is_ok()
}

/// A text in three pieces.
fn pieces() -> Vec<Stored> {
    let mut so_far = String::new();
    let piece = |(number, (keep, more)): (usize, (usize, &str))| {
        so_far.truncate(keep);
        so_far.push_str(more);
        let hash = text::hash(&so_far);
        let piece = u32::try_from(number).unwrap();
        let head = StreamHead { key: "k".into(), piece, keep, hash, ..StreamHead::default() };
        codec::stream_record(&session(), &head, more)
    };
    [(0, "Dear 漢"), (8, "字, "), (5, "Sir")].into_iter().enumerate().map(piece).collect()
}

fn streams() -> Vec<Fields> {
    both(&pieces())
}

/// The piece among those before and after it: what comes of them is a text that a head tells.
fn stream(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let Ok(head) = codec::open::<StreamHead>(&record) else { return false };
    let Ok(said) = codec::part(&record, 0) else { return false };
    let opened = |one: &Stored| (codec::open(one).unwrap(), codec::part(one, 0).unwrap());
    let mut all: Vec<(StreamHead, String)> = pieces().iter().map(opened).collect();
    all.push((head, said));
    let whole = codec::rejoin(&all).expect("the first piece begins a text");
    assert!(all.iter().any(|(head, _)| head.hash == text::hash(&whole)), "{whole}");
    let _ = Index::of(&[pieces(), vec![record]].concat());
    true
}

/// Turns whose calls and texts a checkpoint names.
fn chat() -> Vec<Turn> {
    vec![a_turn(), Turn { key: "k2".into(), position: 4, ..a_turn() }]
}

fn new_point(number: u32) -> Stored {
    let mut checkpoint = Checkpoint { number, ..a_checkpoint() };
    let quote = Noted { text: a_turn().markdown, turn: a_turn().key };
    checkpoint.state.conversation.decisions.push(quote);
    checkpoints::record(&checkpoint, 9, ("doc".into(), number.into()), &chat())
}

pub fn points() -> Vec<Fields> {
    let old: Stored = serde_json::from_str(FROZEN_CHECKPOINT).unwrap();
    let quotes: Stored = serde_json::from_str(FROZEN_QUOTES).unwrap();
    both(&[new_point(4), old, quotes])
}

fn point(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let chat = chat();
    let opened = checkpoints::open(&record, &chat).is_ok();
    assert!(checkpoints::upward(&record, &chat).is_ok() || !opened);
    if let Ok(head) = codec::open::<CheckpointHead>(&record) {
        assert!(checkpoints::open(&codec::rehead(&record, &head), &chat).is_ok() == opened);
    }
    opened
}

/// Categories with quotes of turns, and what they are made of.
fn quoted() -> Vec<Fields> {
    let quoted = checkpoints::upward(&new_point(4), &[]).unwrap();
    assert!(quoted.texts()[0].contains('\u{7f}'));
    quoted.texts().iter().map(|text| vec![text.clone().into_bytes()]).collect()
}

/// What is read may be quoted again, and says the same then.
fn quotes(fields: &[Vec<u8>]) -> bool {
    let text = String::from_utf8_lossy(fields.first().map(Vec::as_slice).unwrap_or_default());
    let (turns, names) = (chat(), |text: &str| quotes::names(text).len());
    let chat = quotes::Chat::of(&turns);
    assert!(names(&text) <= text.len());
    let Some(plain) = chat.read(&text) else { return false };
    let mut texts = <[String; 6]>::default();
    texts[0].clone_from(&plain);
    let [again, ..] = chat.quote(&texts);
    let same = |a: &str, b: &str| {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        value(a).is_none() || value(a) == value(b)
    };
    assert!(chat.read(&again).is_none_or(|read| same(&plain, &read)), "{plain:?}, {again:?}");
    true
}

/// A chat of many turns and checkpoints, once it was packed.
fn packed() -> Vec<Stored> {
    let turn = |number: u32| {
        let key = format!("t{number}").as_str().into();
        Turn { key, position: number, ..a_turn() }
    };
    let loose = (0..20).map(|number| codec::turn_record(&session(), &turn(number)));
    let loose: Vec<Stored> = loose.chain((1..20).map(new_point)).collect();
    segments::pack(&session(), &loose, LATER, &BTreeSet::new()).change.puts
}

/// When all of it rests.
const LATER: Moment = Moment(1_790_000_000_000);

fn segments_in(store: StoreName) -> Vec<Fields> {
    let all = packed().into_iter().filter(|record| record.at.store == store);
    both(&all.collect::<Vec<_>>())
}

pub fn packed_turns() -> Vec<Fields> {
    segments_in(StoreName::Turns)
}

pub fn packed_points() -> Vec<Fields> {
    segments_in(StoreName::Checkpoints)
}

/// A segment, alone and beside what is whole: what is made of both loses nothing of the other.
fn segment(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let own = [codec::turn_record(&session(), &a_turn()), new_point(77)];
    let all = [vec![record.clone()], own.to_vec()].concat();
    let chat = chat();
    for point in segments::checkpoints_of(&all).found {
        let opened = point.open(&chat);
        let head = CheckpointHead { pinned: true, ..point.head.clone() };
        assert!(opened.is_err() || point.rehead(&head).is_ok());
        assert!((0..6).all(|number| opened.is_err() || point.category(number).is_ok()));
    }
    drop(segments::texts_of(&all, &chat));
    let packed = segments::pack(&session(), &all, LATER.after(Span::hours(2)), &BTreeSet::new());
    let gone = &packed.change.deletes;
    let after = all.iter().filter(|one| !gone.contains(&one.at)).chain(&packed.change.puts);
    let after: Vec<Stored> = after.cloned().collect();
    let turns = segments::turns_of(&after).found;
    let found = turns.iter().filter_map(|turn| turn.open().ok()).any(|turn| turn == a_turn());
    let taken = segments::turns_of(&all).found.iter().any(|turn| {
        turn.head.key == a_turn().key && !turn.is_member() && turn.record.at != own[0].at
    });
    assert!(found || taken, "a whole turn is lost");
    let damaged = segments::turns_of(&all).damaged.len();
    let points = segments::checkpoints_of(std::slice::from_ref(&record));
    let opened = points.found.iter().all(|point| point.open(&chat).is_ok());
    damaged + points.damaged.len() == 0 && opened
}

pub fn histories() -> Vec<Fields> {
    let one =
        |number: u32| Snapshot { number, at: Moment(u64::from(number)), ..Snapshot::default() };
    let some: Vec<Snapshot> = (1..40).map(one).collect();
    both(&[history::segment(&session(), &some), history::segment(&session(), &some[..1])])
}

fn snapshots(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let all = [of_store(StoreName::History), vec![record.clone()]].concat();
    let _ = (history::last_number(&all), history::segment_number(&record.at));
    let view = history::find(&all, &[], &Wanted::default());
    assert!(view.snapshots.len() >= 2, "those of the whole record are found");
    let opened = history::open_segment(&record);
    if let Ok(snapshots) = &opened {
        let _ = history::next_due(snapshots, LATER);
        let _ = history::aged(snapshots.clone(), LATER);
        let again = history::open_segment(&history::segment(&session(), snapshots));
        assert_eq!(again.as_ref(), opened.as_ref());
    }
    opened.is_ok()
}

fn keys() -> Vec<Fields> {
    let all = [records(), packed()].concat();
    let aside = codec::aside_key(&all[0].at, LATER);
    let keys = all.into_iter().map(|record| record.at.key).chain([aside]);
    keys.map(|key| vec![key.into_bytes()]).collect()
}

fn key(fields: &[Vec<u8>]) -> bool {
    let key = String::from_utf8_lossy(&fields.concat()).into_owned();
    let at = RecordKey { store: StoreName::Checkpoints, key };
    let _ = segments::members(&at);
    let (is_segment, is_aside) = (segments::is_segment(&at), codec::is_aside(&at));
    is_segment || is_aside || codec::checkpoint_number(&at).is_some() || !at.key.is_empty()
}

pub fn everything() -> Vec<Fields> {
    both(&[records(), packed()].concat())
}

/// Beside it lies a record that does not open and says that it had very many members.
fn people(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let mut torn = stored_of(fields);
    torn.check ^= 1;
    let all = [record.clone(), torn, codec::turn_record(&session(), &a_turn())];
    let head = codec::open::<SessionHead>(&record).unwrap_or_default();
    let (whole, _) = (Whole::of(&all), Index::of(&all));
    let _ = whole.calls();
    assert!(markdown(&head, &all).contains('\n'));
    let told = transcript(&head, &all);
    serde_json::from_str::<serde_json::Value>(&told).expect("a transcript is JSON");
    true
}
