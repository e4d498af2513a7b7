//! Segments: many turns or checkpoints in one record, seen as if each had one of its own.

use serde::Serialize;
use shim::background::{Index, Whole};
use shim::base::chance::Chance;
use shim::base::limits::{LOOSE_CHECKPOINTS, PACK_AFTER, SECTION_BYTES};
use shim::base::{Moment, SessionId, Span};
use shim::session::{checkpoints, codec, extract, segments};
use shim::wire::chat::{CallState, Role, ToolCall, Turn, TurnState};
use shim::wire::records::{CheckpointHead, RecordKey, StoreName, Stored};
use shim::wire::state::{Checkpoint, Measured, Trigger};
use std::collections::{BTreeMap, BTreeSet};

const START: Moment = Moment(1_790_000_000_000);

fn session() -> SessionId {
    SessionId::from("claude/a/one")
}

/// Texts that are hard to take to pieces and put together again.
const TEXTS: [&str; 8] = [
    "",
    "\n\n",
    "a line that is long enough\nanother line of it\n\ta third \\n with \\\\ and \"quotes\":",
    "\"",
    "\\",
    "漢字 😀 \u{0}\u{1f} and\r\nmore of it in this one\na line that is long enough",
    "+3 17*2 +1\n12\nanother line of it\n\ta third \\n with \\\\ and \"quotes\":",
    "ends with a line's end\n",
];

fn turn(number: u32, version: u32) -> Turn {
    let text = TEXTS[(number + version) as usize % TEXTS.len()];
    let call = ToolCall {
        name: "bash".into(),
        args: format!("{{\"command\":\"make {number}\"}}"),
        result: text.into(),
        state: CallState::Done,
        ..ToolCall::default()
    };
    Turn {
        key: format!("t{number}").as_str().into(),
        position: number,
        role: if number.is_multiple_of(2) { Role::User } else { Role::Assistant },
        markdown: format!("{text}\nturn {number} as it was said the {version}. time"),
        calls: vec![call; number as usize % 3],
        at: START,
        read_at: START,
        ..Turn::default()
    }
}

fn turns(count: u32) -> Vec<Turn> {
    (0..count).map(|number| turn(number, 0)).collect()
}

fn checkpoint(number: u32, turns: &[Turn]) -> Checkpoint {
    let state = extract::state(turns, Measured::default(), "Work");
    Checkpoint { session: session(), number, created_at: START, trigger: Trigger::Milestone, state }
}

/// A chat of so many turns with a checkpoint for each, record by record.
fn chat(count: u32) -> Vec<Stored> {
    let turns = turns(count);
    let mut records: Vec<Stored> =
        turns.iter().map(|turn| codec::turn_record(&session(), turn)).collect();
    for number in 1..=count {
        let said = &turns[..number as usize];
        let request = ("document".to_owned(), u64::from(number));
        records.push(checkpoints::record(&checkpoint(number, said), number, request, said));
    }
    records
}

fn later() -> Moment {
    START.after(PACK_AFTER).after(Span::hours(1))
}

/// The records once they were packed.
fn packed(records: &[Stored], now: Moment) -> Vec<Stored> {
    without(records, now, &BTreeSet::new())
}

/// The same, and these checkpoints went.
fn without(records: &[Stored], now: Moment, dropped: &BTreeSet<u32>) -> Vec<Stored> {
    let change = segments::pack(&session(), records, now, dropped).change;
    let mut all: BTreeMap<RecordKey, Stored> =
        records.iter().map(|record| (record.at.clone(), record.clone())).collect();
    for key in &change.deletes {
        assert!(all.remove(key).is_some(), "{key:?} is deleted and was not there");
    }
    all.extend(change.puts.into_iter().map(|put| (put.at.clone(), put)));
    all.into_values().collect()
}

fn size(records: &[Stored]) -> u64 {
    records.iter().map(|one| codec::packed_bytes(one) + one.head.len() as u64).sum()
}

#[test]
fn a_packed_chat_is_the_same_chat_in_few_records() {
    let loose = chat(200);
    let packed = packed(&loose, later());
    assert!(packed.len() < 8, "{} records", packed.len());
    assert!(size(&packed) * 4 < size(&loose), "{} of {}", size(&packed), size(&loose));
    let (before, after) = (Whole::of(&loose), Whole::of(&packed));
    assert_eq!(before.turns, after.turns);
    assert_eq!(before.checkpoints, after.checkpoints);
    assert_eq!(after.damaged, 0);
    let (old, new) = (Index::of(&loose), Index::of(&packed));
    assert_eq!((old.hashes(), old.requests), (new.hashes(), new.requests.clone()));
    assert_eq!((old.last_checkpoint, new.last_checkpoint), (200, 200));
    let parts: u64 = packed.iter().map(codec::packed_bytes).sum();
    assert_eq!(new.stored_bytes(), parts, "each byte is somebody's");
    let own = packed.iter().filter(|one| !segments::is_segment(&one.at)).count();
    assert_eq!(own, LOOSE_CHECKPOINTS);
    // Packed again, it is as it was.
    let again = segments::pack(&session(), &packed, later(), &BTreeSet::new());
    assert!(again.change.puts.is_empty() && again.change.deletes.is_empty() && !again.waits);
}

#[test]
fn a_packed_checkpoint_opens_whole_and_by_category() {
    let all = turns(60);
    let records = packed(&chat(60), later());
    let found = segments::checkpoints_of(&records).found;
    assert_eq!(found.len(), 60);
    for (number, stored) in (1_u32..).zip(&found) {
        let said = &all[..number as usize];
        assert_eq!(stored.open(&all).unwrap(), checkpoint(number, said));
    }
    let task = found[30].category(1).unwrap();
    let task = shim::session::quotes::Chat::of(&all).read(&task).unwrap();
    let task: shim::wire::state::Task = serde_json::from_str(&task).unwrap();
    assert_eq!(task, checkpoint(31, &all[..31]).state.task);
    assert!(found[0].category(6).is_err());
}

/// What turns hold is not in the checkpoint: it is read from them.
#[test]
fn recent_messages_and_calls_are_read_from_the_turns() {
    let all = turns(40);
    let whole = checkpoint(1, &all);
    assert!(!whole.state.conversation.recent.is_empty() && !whole.state.tools.recent.is_empty());
    let record = checkpoints::record(&whole, 0, (String::new(), 0), &all);
    assert_eq!(checkpoints::open(&record, &all).unwrap().1, whole);
    let without = checkpoints::open(&record, &[]).unwrap().1.state;
    assert_eq!((without.conversation.recent.len(), without.tools.recent.len()), (0, 0));
    // One that still comes will say more than was seen: it is copied.
    let mut coming = all.clone();
    coming.last_mut().unwrap().state = TurnState::Streaming;
    let state = checkpoint(1, &coming);
    let record = checkpoints::record(&state, 0, (String::new(), 0), &coming);
    let recent = checkpoints::open(&record, &[]).unwrap().1.state.conversation.recent;
    assert_eq!(recent.as_slice(), &state.state.conversation.recent[5..]);
}

#[test]
fn a_restored_checkpoint_gets_a_record_again_and_goes_back() {
    let all = turns(60);
    let mut records = packed(&chat(60), later());
    let head = {
        let found = segments::checkpoints_of(&records).found;
        let head = CheckpointHead { restored: Some((START, 0.5)), ..found[6].head.clone() };
        let record = found[6].rehead(&head).unwrap();
        assert_eq!(record.at, codec::checkpoint_key(&session(), 7));
        records.push(record);
        head
    };
    let stale = records.iter().find(|one| one.at.store == StoreName::Checkpoints).unwrap().clone();
    for round in 0..2 {
        let found = segments::checkpoints_of(&records).found;
        assert_eq!((found.len(), &found[6].head), (60, &head), "round {round}");
        assert_eq!(found[6].open(&all).unwrap(), checkpoint(7, &all[..7]));
        // Together with another one it is packed again.
        let other = found[8].rehead(&found[8].head).unwrap();
        records.push(other);
        records = packed(&records, later());
    }
    assert!(!records.contains(&stale), "its copy there is gone");
    assert!(records.iter().all(|one| one.at != codec::checkpoint_key(&session(), 7)));
}

/// One that goes is gone from its segment too, and from the copy there that counts no more.
#[test]
fn what_is_dropped_is_gone_and_the_rest_is_as_it_was() {
    let all = turns(60);
    let mut records = packed(&chat(60), later());
    let found = segments::checkpoints_of(&records).found;
    let head = CheckpointHead { pinned: true, ..found[6].head.clone() };
    let pinned = found[6].rehead(&head).unwrap();
    let own = found[20].rehead(&found[20].head).unwrap();
    records.extend([pinned, own]);
    let dropped: BTreeSet<u32> = (1..=40).filter(|number| *number != 7).chain([59]).collect();
    let after = without(&records, later(), &dropped);
    let found = segments::checkpoints_of(&after).found;
    let numbers: Vec<u32> = found.iter().map(|one| one.head.number).collect();
    assert_eq!(numbers, [7].into_iter().chain(41..=58).chain([60]).collect::<Vec<_>>());
    for one in &found {
        let said = &all[..one.head.number as usize];
        assert_eq!(one.open(&all).unwrap(), checkpoint(one.head.number, said));
        assert_eq!(one.head.pinned, one.head.number == 7, "the pin is as it was");
    }
    assert!(size(&after) < size(&records));
    assert_eq!(Whole::of(&after).turns, all);
    assert_eq!(Index::of(&after).last_checkpoint, 60);
    // Nothing comes back, and all but the newest may go.
    let again = without(&after, later(), &dropped);
    assert_eq!(again, after);
    let last = without(&after, later(), &(1..60).collect());
    let found = segments::checkpoints_of(&last).found;
    assert_eq!(found.iter().map(|one| one.head.number).collect::<Vec<_>>(), [60]);
    assert!(
        last.iter().all(|one| one.at.store == StoreName::Turns || one.at == found[0].record.at)
    );
}

/// Any order of saving, changing, packing and restoring: at every moment all is there, as new as it
/// was saved.
#[test]
fn whatever_the_order_nothing_is_lost() {
    for seed in 0..16 {
        let mut dice = Chance::new(seed);
        let (mut records, mut now) = (Vec::<Stored>::new(), START);
        let (mut model, mut numbers): (BTreeMap<u32, Turn>, u32) = (BTreeMap::new(), 0);
        for step in 0..24 {
            now = now.after(Span(dice.below(2 * PACK_AFTER.0)));
            let mut put = |record: Stored| {
                records.retain(|one| one.at != record.at);
                records.push(record);
            };
            match dice.below(4) {
                0 | 1 => {
                    for _ in 0..dice.below(20) {
                        let number = u32::try_from(dice.below(40)).unwrap();
                        let state =
                            [TurnState::Done, TurnState::Streaming][usize::from(dice.percent(10))];
                        let new = Turn { read_at: now, state, ..turn(number, step) };
                        put(codec::turn_record(&session(), &new));
                        model.insert(number, new);
                    }
                }
                2 => {
                    for _ in 0..dice.below(9) {
                        numbers += 1;
                        let said: Vec<Turn> = model.values().cloned().collect();
                        let new = Checkpoint { created_at: now, ..checkpoint(numbers, &said) };
                        let request = ("d".to_owned(), u64::from(numbers));
                        put(checkpoints::record(&new, 0, request, &said));
                    }
                }
                _ => records = packed(&records, now),
            }
            let whole = Whole::of(&records);
            assert!(whole.turns.iter().eq(model.values()), "seed {seed}, step {step}");
            let is: Vec<u32> = whole.checkpoints.iter().map(|head| head.number).collect();
            assert_eq!(is, (1..=numbers).collect::<Vec<_>>(), "seed {seed}, step {step}");
        }
        let whole = Whole::of(&records);
        let open = |one: &segments::StoredCheckpoint<'_>| one.open(&whole.turns).is_ok();
        assert!(segments::checkpoints_of(&records).found.iter().all(open), "seed {seed}");
    }
}

#[test]
fn a_damaged_segment_is_told_with_what_it_held_and_left_as_it_lies() {
    let mut records = packed(&chat(100), later());
    let at = |store| move |one: &Stored| one.at.store == store && segments::is_segment(&one.at);
    for store in [StoreName::Turns, StoreName::Checkpoints] {
        let place = records.iter().position(at(store)).unwrap();
        records[place].parts[0].0[9] ^= 1;
    }
    let index = Index::of(&records);
    let members: Vec<u32> = index.damaged.iter().map(|harm| harm.members).collect();
    assert_eq!(members, [100, 98]);
    assert_eq!(index.last_checkpoint, 100, "no number is given again");
    let whole = Whole::of(&records);
    assert_eq!((whole.turns.len(), whole.damaged), (0, 198));
    assert_eq!(whole.checkpoints.len(), LOOSE_CHECKPOINTS);
    // What is stored beside it is packed, and it stays.
    let more = (100..140).map(|number| codec::turn_record(&session(), &turn(number, 0)));
    records.extend(more);
    let after = packed(&records, later());
    assert!(records.iter().filter(|one| segments::is_segment(&one.at)).all(|s| after.contains(s)));
    assert_eq!(Whole::of(&after).turns.len(), 40);
}

#[derive(Serialize)]
struct Head {
    members: u64,
}

/// A segment under a right checksum whose head or text lies.
fn lying(members: u64, woven: &str) -> Stored {
    let key = format!("{}##0000000002#h1", session());
    codec::seal(StoreName::Turns, key, &session(), &Head { members }, &[woven])
}

#[test]
fn a_segment_that_lies_does_not_open() {
    let opens = |record: Stored| {
        let records = [record];
        let found = segments::turns_of(&records);
        assert_eq!(found.found.len() + 2 * found.damaged.len(), 2);
        found.damaged.is_empty()
    };
    let two = "2\na text\nb\n{\"key\":\"0\"}\n{\"key\":\"+1 1\",\"position\":2}";
    assert!(opens(lying(2, two)));
    for members in [0, 1, 3, u64::from(u32::MAX), u64::MAX] {
        assert!(!opens(lying(members, two)), "{members} members");
    }
    let nonsense = [
        "",
        "x",
        "18446744073709551615\n{}\n{}",
        "3\na\n{}\n{}",
        "1\na\n{\"key\":\"+2\"}\n{}",
        "1\na\n{\"key\":\"1\"}\n{}",
        "1\na\n{\"key\":\"0*18446744073709551615\"}\n{}",
        "1\na\n{\"key\":\"18446744073709551615*2\"}\n{}",
        "1\na\n{\"key\":\"+18446744073709551615 +2\"}\n{}",
        "1\na\n{\"key\":\"-1\"}\n{}",
        "1\na\n{\"key\":\"0\n{}",
        "1\na\n7\n{}",
    ];
    for woven in nonsense {
        assert!(!opens(lying(2, woven)), "{woven:?}");
    }
}

/// Some kilobytes that name a large line again and again: it is refused before it fills the memory.
#[test]
fn a_bomb_of_names_is_refused() {
    let line = "0".repeat(1 << 20);
    let names = "0 ".repeat((SECTION_BYTES >> 20) + 1);
    let bomb = lying(2, &format!("1\n{line}\n{{\"key\":\"{}\"}}\n{{}}", names.trim_end()));
    assert!(codec::packed_bytes(&bomb) < 10_000);
    let records = [bomb];
    assert_eq!(segments::turns_of(&records).damaged.len(), 1);
    let bomb = lying(2, &"0".repeat(SECTION_BYTES + 1));
    let records = [bomb];
    assert_eq!(segments::turns_of(&records).damaged.len(), 1);
}
