//! Archives: written and read again, and refused where they are not what SHIM wrote.

mod hostile;
mod people;

use shim::background::Whole;
use shim::background::archive::{Chat, Reader, Writer, chat_of, merge, pieces};
use shim::base::chance::Chance;
use shim::base::{AccountId, ChatId, Moment, Problem, SessionId, TurnKey};
use shim::session::{checkpoints, codec, segments};
use shim::wire::archive::{Last, Merged};
use shim::wire::chat::{CallState, Role, ToolCall, Turn};
use shim::wire::records::{Change, RecordKey, SessionHead, StoreName, Stored, StreamHead};
use shim::wire::state::{Checkpoint, State, Trigger};
use std::collections::BTreeSet;

const NOW: Moment = Moment(1_790_000_000_000);
const LATER: Moment = Moment(1_790_000_900_000);

fn session(chat: &str) -> SessionId {
    SessionId::of("claude", &AccountId("a".into()), &ChatId(chat.into()))
}

fn head(chat: &str) -> SessionHead {
    SessionHead {
        id: session(chat),
        site: "claude".into(),
        account: AccountId("a".into()),
        chat: ChatId(chat.into()),
        title: "The bridge".into(),
        url: format!("https://claude.ai/chat/{chat}"),
        started_at: NOW,
        updated_at: NOW,
        ..SessionHead::default()
    }
}

fn turn(number: u32, text: &str) -> Turn {
    let call = ToolCall {
        name: "search".into(),
        args: "{\"q\":\"arches\"}".into(),
        result: text.into(),
        state: CallState::Done,
        started_at: Some(NOW),
        ..ToolCall::default()
    };
    Turn {
        key: TurnKey(format!("t{number}")),
        position: number,
        role: if number.is_multiple_of(2) { Role::User } else { Role::Assistant },
        markdown: text.into(),
        calls: if number.is_multiple_of(2) { Vec::new() } else { vec![call] },
        at: NOW,
        read_at: NOW,
        ..Turn::default()
    }
}

/// A checkpoint of these turns: the newest of them are named in it.
fn checkpoint(chat: &str, number: u32, turns: &[Turn]) -> Stored {
    let mut state = State::default();
    state.conversation.summary = format!("Arch number {number}");
    state.conversation.turn_count = number;
    let (session, created_at) = (session(chat), Moment(NOW.0 + u64::from(number)));
    let trigger = Trigger::Milestone;
    let checkpoint = Checkpoint { session, number, created_at, trigger, state };
    checkpoints::record(&checkpoint, 0, ("document".into(), u64::from(number)), turns)
}

/// The records of a chat of so many turns and checkpoints, without its head.
fn records(chat: &str, count: u32, points: u32) -> Vec<Stored> {
    let turns: Vec<Turn> =
        (0..count).map(|number| turn(number, &format!("Stone {number} lies"))).collect();
    let mut records: Vec<Stored> =
        turns.iter().map(|turn| codec::turn_record(&session(chat), turn)).collect();
    records.extend((1..=points).map(|number| checkpoint(chat, number, &turns)));
    records
}

/// The same once all of it was packed.
fn packed(chat: &str, records: &[Stored]) -> Vec<Stored> {
    let packed =
        segments::pack(&session(chat), records, Moment(NOW.0 + 3_600_000), &BTreeSet::new());
    assert!(packed.change.puts.len() >= 2, "turns and checkpoints are packed");
    apply(records, &packed.change)
}

fn apply(records: &[Stored], change: &Change) -> Vec<Stored> {
    let gone: Vec<&RecordKey> =
        change.deletes.iter().chain(change.puts.iter().map(|put| &put.at)).collect();
    let stay = records.iter().filter(|record| !gone.contains(&&record.at));
    stay.chain(&change.puts).cloned().collect()
}

fn archive(chats: &[(SessionHead, Vec<Stored>)]) -> (Vec<u8>, Last, u32) {
    let mut writer = Writer::new(NOW);
    let mut file = Vec::new();
    for (head, records) in chats {
        file.extend(writer.chat(head, records));
    }
    let (rest, sums, left_out) = writer.end();
    file.extend(rest);
    (file, sums, left_out)
}

/// Reads a file in pieces of so many bytes.
fn read_by(file: &[u8], size: usize) -> Result<(Vec<Chat>, Last), Problem> {
    let (mut checking, mut giving) = (Reader::checking(), Reader::giving());
    let mut chats = Vec::new();
    for piece in file.chunks(size) {
        checking.push(piece)?;
    }
    let sums = checking.end()?;
    for piece in file.chunks(size) {
        giving.push(piece)?;
        for text in giving.take() {
            chats.push(chat_of(&text)?);
        }
    }
    giving.end()?;
    Ok((chats, sums))
}

fn read(file: &[u8]) -> Result<(Vec<Chat>, Last), Problem> {
    read_by(file, 64 << 10)
}

fn one(records: &[Stored]) -> Chat {
    let (file, ..) = archive(&[(head("one"), records.to_vec())]);
    read(&file).unwrap().0.remove(0)
}

#[test]
fn what_is_written_is_read_again_in_pieces_of_any_size() {
    let (one, two) = (records("one", 9, 3), records("two", 2, 0));
    let (file, sums, left_out) = archive(&[(head("one"), one.clone()), (head("two"), two)]);
    assert_eq!((sums.chats, sums.turns, sums.checkpoints, left_out), (2, 11, 3, 0));
    let whole = Whole::of(&one);
    for size in [1, 7, 4_096, file.len()] {
        let (chats, read) = read_by(&file, size).unwrap();
        assert_eq!(read, sums);
        assert_eq!(chats.len(), 2);
        assert_eq!(chats[0].named.session(), session("one"));
        assert_eq!((chats[0].named.title.as_str(), &chats[0].turns), ("The bridge", &whole.turns));
        let heads: Vec<_> = chats[0].points.iter().map(|point| point.head.clone()).collect();
        assert_eq!(heads, whole.checkpoints);
    }
}

#[test]
fn a_chat_that_is_not_there_gets_its_records_back_byte_for_byte() {
    let records = records("one", 9, 5);
    let from_packed = one(&packed("one", &records));
    for chat in [one(&records), from_packed] {
        let merge = merge(&chat, None, &[], LATER);
        let mut puts = merge.change.puts;
        puts.sort_by(|a, b| a.at.cmp(&b.at));
        let mut wanted = records.clone();
        wanted.sort_by(|a, b| a.at.cmp(&b.at));
        assert_eq!(puts, wanted);
        let merged = Merged { new_chats: 1, turns: 9, checkpoints: 5, unfit: 0 };
        assert_eq!(merge.merged, merged);
        let head = merge.head;
        assert_eq!((head.turn_count, head.last_checkpoint, head.calls), (9, 5, 4));
        assert_eq!((head.live, head.ended, head.deleted_at), (None, None, None));
        assert_eq!((head.updated_at, head.url), (NOW, "https://claude.ai/chat/one".into()));
    }
}

#[test]
fn the_same_archive_again_changes_nothing_also_once_it_is_packed() {
    let records = records("one", 9, 5);
    let chat = one(&records);
    for stored in [records.clone(), packed("one", &records)] {
        let merge = merge(&chat, Some(&head("one")), &stored, LATER);
        assert_eq!((merge.change, merge.merged), (Change::default(), Merged::default()));
    }
}

#[test]
fn what_is_newer_or_longer_stays_and_what_is_missing_comes() {
    let chat = one(&records("one", 4, 0));
    // Three of them, one longer, one read later, one shorter than in the archive.
    let mut stored = [turn(0, "Stone 0 lies flat"), turn(1, "A stone"), turn(2, "Stone")];
    stored[1].read_at = LATER;
    let stored = stored.map(|turn| codec::turn_record(&session("one"), &turn));
    let merge = merge(&chat, Some(&head("one")), &stored, LATER);
    let after = Whole::of(&apply(&stored, &merge.change));
    let texts: Vec<&str> = after.turns.iter().map(|turn| turn.markdown.as_str()).collect();
    assert_eq!(texts, ["Stone 0 lies flat", "A stone", "Stone 2 lies", "Stone 3 lies"]);
    assert_eq!((merge.merged.turns, merge.merged.new_chats), (2, 0));
    assert_eq!(merge.head.turn_count, 4);
}

#[test]
fn a_checkpoint_that_does_not_fit_between_those_that_are_there_is_left_out() {
    let chat = one(&records("one", 2, 3));
    // Another machine made checkpoint 2 of the same chat, before 1 of the archive.
    let mut other = checkpoint("one", 2, &[]);
    let mut head_of_other: shim::wire::records::CheckpointHead = codec::open(&other).unwrap();
    head_of_other.request = ("elsewhere".into(), 1);
    head_of_other.created_at = Moment(NOW.0 - 5);
    other = codec::rehead(&other, &head_of_other);
    let stored = [records("one", 2, 0), vec![other.clone()]].concat();
    let merge = merge(&chat, Some(&head("one")), &stored, LATER);
    assert_eq!((merge.merged.checkpoints, merge.merged.unfit), (1, 2));
    let after = apply(&stored, &merge.change);
    let numbers: Vec<u32> = Whole::of(&after).checkpoints.iter().map(|head| head.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert!(after.contains(&other), "what was there is as it was");
    let again = shim::background::archive::merge(&chat, Some(&merge.head), &after, LATER);
    assert_eq!(again.change, Change::default());
}

#[test]
fn a_text_that_was_still_streamed_stands_in_its_turn_and_is_not_doubled() {
    let text = "The first arch";
    let piece = StreamHead {
        key: TurnKey("t1".into()),
        document: "document".into(),
        position: 1,
        hash: shim::base::text::hash(text),
        text_bytes: text.len() as u64,
        at: NOW,
        ..StreamHead::default()
    };
    let mut stored = records("one", 1, 0);
    stored.push(codec::stream_record(&session("one"), &piece, text));
    let chat = one(&stored);
    assert_eq!(chat.turns[1].markdown, text);
    assert_eq!(merge(&chat, Some(&head("one")), &stored, LATER).change, Change::default());
    // Of an archive that was made when it was finished, the turn comes and its pieces go.
    let finished = one(&records("one", 2, 0));
    let longer = Turn { markdown: format!("{text} stands now."), ..turn(1, "") };
    let finished = Chat { turns: vec![longer], ..finished };
    let change = merge(&finished, Some(&head("one")), &stored, LATER).change;
    assert_eq!((change.puts.len(), change.deletes.len()), (1, 1));
    assert_eq!(change.deletes[0].store, StoreName::Streams);
}

#[test]
fn what_does_not_open_is_left_out_and_counted() {
    let mut stored = records("one", 3, 2);
    stored[1].head.push(' ');
    let (file, sums, left_out) = archive(&[(head("one"), stored.clone())]);
    assert_eq!((sums.turns, sums.checkpoints, left_out), (2, 2, 1));
    // An archive that has it mends it.
    let whole = one(&records("one", 3, 2));
    let merge = merge(&whole, Some(&head("one")), &stored, LATER);
    assert_eq!((merge.merged.turns, merge.damaged.len()), (1, 1));
    assert!(read(&file).is_ok());
}

#[test]
fn any_chats_come_back_as_they_were() {
    for seed in 0..60 {
        let mut chance = Chance::new(seed);
        let mut chats = Vec::new();
        for number in 0..chance.below(4) {
            let name = format!("chat {number} / {seed} # ü");
            let count = u32::try_from(chance.below(30)).unwrap();
            let points = u32::try_from(chance.below(6)).unwrap();
            let mut all = records(&name, count, points);
            if chance.percent(50) && count > 8 && points > 4 {
                all = packed(&name, &all);
            }
            chats.push((head(&name), all));
        }
        let (file, sums, _) = archive(&chats);
        let (read, told) = read(&file).unwrap();
        assert_eq!((read.len(), told), (chats.len(), sums), "seed {seed}");
        for (chat, (head, records)) in read.iter().zip(&chats) {
            let first = merge(chat, None, &[], LATER);
            let (whole, wanted) = (Whole::of(&first.change.puts), Whole::of(records));
            assert_eq!((whole.turns, whole.checkpoints), (wanted.turns, wanted.checkpoints));
            let again = merge(chat, Some(head), &first.change.puts, LATER);
            assert_eq!(again.change, Change::default(), "seed {seed}");
        }
    }
}

#[test]
fn a_chat_of_any_size_goes_in_pieces_that_a_browser_carries() {
    for text in ["a".to_owned(), "aü€😀".repeat(900_000), "x".repeat(8 << 20)] {
        let pieces: Vec<_> = pieces(7, &text).collect();
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!((pieces.len(), whole), (text.len().div_ceil(4 << 20), text));
        for (piece, number) in pieces.iter().zip(0..) {
            let last = number as usize + 1 == pieces.len();
            assert_eq!((piece.import, piece.number, piece.last), (7, number, last));
        }
    }
}
