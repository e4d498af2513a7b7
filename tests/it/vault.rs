//! Sealed records, the lock, and what was saved while SHIM was locked.

use shim::background::{Index, Whole, absorb};
use shim::base::{Moment, SessionId};
use shim::session::vault::{Keys, Lock, Stage, is_sealed, of_hex, to_hex};
use shim::session::{checkpoints, codec, extract, history};
use shim::wire::chat::{Role, Turn, TurnState};
use shim::wire::history::HistoryNote;
use shim::wire::records::{Change, Part, SessionHead, StoreName, Stored};
use shim::wire::signals::{Risk, Signals};
use shim::wire::state::{Checkpoint, Measured, Trigger};
use shim::wire::vault::Passphrase;
use std::collections::BTreeMap;

const START: Moment = Moment(1_790_000_000_000);

fn session() -> SessionId {
    SessionId::from("claude/a/one")
}

fn turn(number: u32, said: &str, state: TurnState) -> Turn {
    Turn {
        key: format!("t{number}").as_str().into(),
        position: number,
        role: if number.is_multiple_of(2) { Role::User } else { Role::Assistant },
        markdown: said.into(),
        state,
        at: Moment(START.0 + u64::from(number)),
        read_at: Moment(START.0 + u64::from(number)),
        ..Turn::default()
    }
}

fn lock(by: u8) -> (Lock, [u8; 32]) {
    Lock::make(&[by; 32], &[7; 16], 10).unwrap()
}

#[test]
fn a_sealed_record_tells_nothing_and_opens_with_the_secret_key() {
    let (lock, secret) = lock(1);
    let public = lock.public().unwrap();
    let record =
        codec::turn_record(&session(), &turn(0, "unmistakable gatehouse", TurnState::Done));
    let sealed = Keys::new(&public, None).unwrap().seal(&record);
    assert!(is_sealed(&sealed) && !is_sealed(&record));
    assert_eq!((&sealed.at, &sealed.session), (&record.at, &record.session));
    // A SHIM that does not know the form leaves it alone.
    assert!(codec::is_newer(&sealed));
    assert!(codec::open_turn(&sealed).is_err());
    let lies = serde_json::to_string(&sealed).unwrap();
    assert!(!lies.contains("gatehouse") && !lies.contains("markdown"), "{lies}");

    // Another start of the browser: the key of the day is another, and only the secret one helps.
    let keys = Keys::new(&public, Some(&secret)).unwrap();
    assert_eq!(keys.open(sealed.clone()), record);
    assert_eq!(keys.open(record.clone()), record, "one that is not sealed stays as it is");
    assert_eq!(Keys::new(&public, None).unwrap().open(sealed.clone()), sealed);
    assert_eq!(keys.seal(&sealed), sealed, "it is sealed once");
}

#[test]
fn the_key_of_the_day_goes_on_after_the_worker_ended() {
    let (lock, _) = lock(1);
    let public = lock.public().unwrap();
    let keys = Keys::new(&public, None).unwrap();
    let record = codec::turn_record(&session(), &turn(0, "said", TurnState::Done));
    let sealed = keys.seal(&record);
    let again = Keys::again(&keys.day(), &public, None).unwrap();
    assert_eq!(again.open(sealed), record);
    assert!(Keys::again(&[1, 2, 3], &public, None).is_none());
    let other = self::lock(2).0.public().unwrap();
    assert!(Keys::again(&keys.day(), &other, None).is_none(), "it would seal to the other lock");
}

#[test]
fn a_sealed_record_that_was_changed_or_moved_does_not_open() {
    let (lock, secret) = lock(1);
    let keys = Keys::new(&lock.public().unwrap(), Some(&secret)).unwrap();
    let one = codec::turn_record(&session(), &turn(0, "said", TurnState::Done));
    let other = codec::turn_record(&session(), &turn(1, "another", TurnState::Done));
    for part in 0..2 {
        for byte in [0, 30, 60] {
            let mut sealed = keys.seal(&one);
            sealed.parts[part].0[byte] ^= 1;
            assert!(codec::open_turn(&keys.open(sealed)).is_err(), "{part} {byte}");
        }
    }
    let moved = Stored { at: other.at.clone(), ..keys.seal(&one) };
    assert!(codec::open_turn(&keys.open(moved)).is_err());
}

#[test]
fn the_lock_opens_with_its_passphrase_and_with_no_other() {
    let (lock, secret) = lock(1);
    let read = Lock::read(&serde_json::to_string(&lock).unwrap()).unwrap();
    assert_eq!(read, lock);
    assert_eq!(read.unlock(&[1; 32]), Some(secret));
    assert_eq!(read.unlock(&[2; 32]), None);
    assert!(!serde_json::to_string(&lock).unwrap().contains(&to_hex(&secret)));

    let other = lock.behind(&secret, &[9; 32], &[8; 16], 20).unwrap();
    assert_eq!(other.unlock(&[9; 32]), Some(secret));
    assert_eq!(other.unlock(&[1; 32]), None);
    assert_eq!((other.public(), other.stage), (lock.public(), Stage::Sealing));
    assert!(Keys::fits(&lock.public().unwrap(), &secret));
    assert!(!Keys::fits(&lock.public().unwrap(), &[3; 32]));
    for odd in ["", "{}", "{\"form\":2}", "[]"] {
        assert!(Lock::read(odd).is_none(), "{odd}");
    }
    assert_eq!(of_hex("0a1f").unwrap(), [10, 31]);
    assert!(of_hex("0g").is_none() && of_hex("漢").is_none());
}

#[test]
fn a_passphrase_is_written_nowhere() {
    assert!(!format!("{:?}", Passphrase("open sesame".into())).contains("sesame"));
}

/// Records of a chat: its turns, a checkpoint for each, two snapshots, and its head.
fn chat(turns: &[Turn], title: &str, from: u64) -> Vec<Stored> {
    let mut records: Vec<Stored> =
        turns.iter().map(|turn| codec::turn_record(&session(), turn)).collect();
    for (said, number) in (1..=turns.len()).zip(1..) {
        let state = extract::state(&turns[..said], Measured::default(), title);
        let checkpoint = Checkpoint {
            session: session(),
            number,
            created_at: Moment(START.0 + from + u64::from(number)),
            trigger: Trigger::Milestone,
            state,
        };
        let request = (format!("document {from}"), u64::from(number));
        records.push(checkpoints::record(&checkpoint, 0, request, &turns[..said]));
    }
    let snapshot = |number: u32| {
        let at = Moment(START.0 + from + u64::from(number));
        history::snapshot(number, at, &Signals::default(), &Risk::default())
    };
    records.extend(history::segments(&session(), &[snapshot(1), snapshot(2)]));
    let head = SessionHead {
        id: session(),
        site: "claude".into(),
        account: "a".into(),
        chat: "one".into(),
        title: title.into(),
        started_at: Moment(START.0 + from),
        updated_at: Moment(START.0 + from + 50),
        turn_count: u32::try_from(turns.len()).unwrap(),
        last_checkpoint: u32::try_from(turns.len()).unwrap(),
        history: HistoryNote { last_number: 2, ..HistoryNote::default() },
        ..SessionHead::default()
    };
    records.push(codec::session_record(&head));
    records
}

fn committed(records: &[Stored], change: &Change) -> Vec<Stored> {
    let mut all: BTreeMap<_, _> = records.iter().map(|one| (one.at.clone(), one.clone())).collect();
    for aside in &change.asides {
        if let Some(mut record) = all.remove(&aside.at) {
            record.at.key.clone_from(&aside.to);
            all.insert(record.at.clone(), record);
        }
    }
    change.deletes.iter().for_each(|at| drop(all.remove(at)));
    all.extend(change.puts.iter().map(|put| (put.at.clone(), put.clone())));
    all.into_values().collect()
}

fn head(records: &[Stored]) -> SessionHead {
    let head = records.iter().find(|record| record.at.key == session().as_str()).unwrap();
    codec::open(head).unwrap()
}

#[test]
fn what_was_saved_while_locked_goes_on_from_what_was_there() {
    let old: Vec<Turn> = (0..3).map(|n| turn(n, &format!("old {n}"), TurnState::Done)).collect();
    let mut new = vec![turn(2, "old 2", TurnState::Done)];
    new.extend((3..5).map(|n| turn(n, &format!("new {n}"), TurnState::Done)));
    let stored = chat(&old, "Before", 0);
    let apart = chat(&new, "Since", 1_000);
    let now = Moment(START.0 + 9_000);
    let change = absorb(&session(), &stored, &apart, now);
    let after = committed(&stored, &change);

    let said: Vec<String> = Whole::of(&after).turns.into_iter().map(|t| t.markdown).collect();
    assert_eq!(said, ["old 0", "old 1", "old 2", "new 3", "new 4"]);
    let numbers: Vec<u32> = Whole::of(&after).checkpoints.iter().map(|c| c.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert_eq!(Index::of(&after).damaged, []);
    let head = head(&after);
    assert_eq!((head.turn_count, head.last_checkpoint, head.title.as_str()), (5, 6, "Since"));
    assert_eq!(head.started_at, START);
    let opened = after.iter().filter(|record| record.at.store == StoreName::History);
    let numbers: Vec<u32> = opened
        .flat_map(|record| history::open_segment(record).unwrap())
        .map(|snapshot| snapshot.number)
        .collect();
    assert_eq!((numbers.as_slice(), head.history.last_number), (&[1, 2, 3, 4][..], 4));

    // A death before it was deleted there: nothing comes twice.
    let twice = committed(&after, &absorb(&session(), &after, &apart, now));
    assert_eq!(Whole::of(&twice).checkpoints.len(), 6);
    assert_eq!(twice.len(), after.len());
    assert_eq!(self::head(&twice), head);
}

#[test]
fn a_chat_that_is_only_there_comes_as_it_is_and_damage_is_carried_along() {
    let turns: Vec<Turn> = (0..2).map(|n| turn(n, &format!("said {n}"), TurnState::Done)).collect();
    let mut apart = chat(&turns, "Since", 0);
    apart[0].parts[0].0[4] ^= 1;
    // Its head is lost as well: one is made of the rest.
    apart.retain(|record| record.at.store != StoreName::Sessions);
    let after = committed(&[], &absorb(&session(), &[], &apart, START));
    let said: Vec<String> = Whole::of(&after).turns.into_iter().map(|t| t.markdown).collect();
    assert_eq!(said, ["said 1"]);
    assert_eq!(head(&after).turn_count, 1);
    let aside: Vec<&Stored> = after.iter().filter(|record| codec::is_aside(&record.at)).collect();
    assert_eq!(aside.len(), 1, "the damaged turn");
    assert_eq!(aside[0].parts, apart[0].parts);
}

#[test]
fn what_does_not_open_is_not_written_over() {
    let turns: Vec<Turn> = (0..2).map(|n| turn(n, &format!("said {n}"), TurnState::Done)).collect();
    let mut stored = chat(&turns, "Before", 0);
    stored[0].parts[0].0[4] ^= 1;
    let after =
        committed(&stored, &absorb(&session(), &stored, &chat(&turns, "Since", 500), START));
    let aside: Vec<&Stored> = after.iter().filter(|record| codec::is_aside(&record.at)).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].parts, stored[0].parts);
    assert_eq!(Whole::of(&after).turns.len(), 2);
}

/// A lock of the first form, whose passphrase became 32 bytes of 1, and a record sealed to it.
pub const FROZEN_LOCK: &str = "\
    {\"form\":1,\"stage\":\"sealing\",\"public\":\"c0ff3d1587cc146ad699cd12b15c9f11a49166f083e\
    ea4efed6a89c1b671396d\",\"salt\":\"07070707070707070707070707070707\",\"rounds\":10,\"secr\
    et\":\"7fc4afa0b6e630ae757236e733c7d11a726f70ae94210e7255faf410bc36842443544c41e13535eaf5a\
    bd12c92f225a1e7a7f43a243b77680f026b8428b4222fc96186fff4f1fbe8\"}";
const FROZEN_KEY: &str = "\
    8ce8af64d939268c89d6371b810d63d2e653a49103b917a7272893698478802c346c0f68df0bec0d331caec0d100\
    f5997bc430a0da90bc99e7a71f59207ac73ba63aec61cafa7cf1140a6a0e8dfd5e1a";
const FROZEN_BOX: &str = "\
    b8cabf09bf7a4a2864cd9cd4a3e1d490668efc679afb886af9f92f7fb4acaaa23e4724a9aed0a38455b388b9776a\
    744ef71138792963ca85db37ab587728980194d2e3f5b1b90aa46d2d90da23437057b78630c9e9dd8effc1c79ae2\
    cea7f96b0ef4200f29a880fad49597d70d9b533822907b13df97dc25cbe830aa392545f58bffe15ea2e94897608a\
    74333f575c53dc1e4edd2cbb9e4cf9ca22863de3195813e9f9881d1525bd8f6f7df2fb3b49bd1e0b1c4e733d5360\
    9f715aedd8e0352c67d3f71067beee1e444ab9deaee73485acee6999a26e3277c60aea940a20bc851241dd050a91\
    8487116e5f3672e1e5b8d0bb47a3462d9aff4fc08a6a53bd5d94c99c4e57c392327ce1c341050ed78fe4e2b88a2a\
    87a6a8b9dc5458a1d655ca3dc86b3f9ebf92012a0c5d3a194cad70623f27d0c2b688a6b34816d6447d009cec7931\
    acd8c361b488a9cb148f9b244eb2067fcfeccbd026e4c8fabfd427fb375ee203f4d6dbca10030ae727162d";

/// That record.
pub fn frozen() -> Stored {
    let part = |hex: &str| Part(of_hex(hex).unwrap());
    let turn = codec::turn_record(&session(), &turn(0, "", TurnState::Done));
    let parts = vec![part(FROZEN_KEY), part(FROZEN_BOX)];
    Stored { version: 1_000, head: String::new(), parts, check: 291642082, ..turn }
}

#[test]
fn what_was_sealed_by_the_first_form_opens_for_ever() {
    let lock = Lock::read(FROZEN_LOCK).unwrap();
    let secret = lock.unlock(&[1; 32]).unwrap();
    let keys = Keys::new(&lock.public().unwrap(), Some(&secret)).unwrap();
    let turn = codec::open_turn(&keys.open(frozen())).unwrap();
    assert_eq!(turn.markdown, "unmistakable gatehouse");
}
