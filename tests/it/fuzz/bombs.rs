//! What is small and unpacks to very much: each is refused before it takes much memory.

use super::memory::peak_of;
use super::mutate::Fields;
use super::records::{histories, packed_points, packed_turns, points, stored_of, turns};
use super::texts::{in_frame, lines};
use shim::background::Machine;
use shim::background::archive::Reader;
use shim::base::limits::{ARCHIVE_LINE_BYTES, MESSAGE_BYTES, SECTION_BYTES};
use shim::base::{Moment, PortId, TabId};
use shim::session::{checkpoints, codec, history, segments};
use shim::wire::background::BackEvent;

/// Parts begin behind six fields.
const FIRST_PART: usize = 6;

/// Whether anything of the record in these fields opens.
fn opens(fields: &Fields) -> bool {
    let record = stored_of(fields);
    assert!(codec::packed_bytes(&record) < 400_000, "no bomb is large itself");
    let some = std::slice::from_ref(&record);
    let point = |one: &segments::StoredCheckpoint<'_>| one.open(&[]).is_ok();
    segments::turns_of(some).found.iter().any(|turn| turn.open().is_ok())
        || segments::checkpoints_of(some).found.iter().any(point)
        || checkpoints::open(&record, &[]).is_ok()
        || history::open_segment(&record).is_ok()
}

#[test]
fn a_part_beyond_its_limit_opens_in_no_record() {
    let zeros = vec![b'0'; SECTION_BYTES + 1];
    for valid in [turns(), points(), packed_turns(), packed_points(), histories()] {
        let whole = valid.into_iter().next().unwrap();
        assert!(opens(&whole));
        let bomb: Fields = whole[..FIRST_PART].iter().cloned().chain([zeros.clone()]).collect();
        let (opened, peak) = peak_of(|| opens(&bomb));
        assert!(!opened && peak < 4 * SECTION_BYTES, "{opened}, {peak}");
    }
}

/// Lines are named, so little may be named often; and a head may say that there are very many.
#[test]
fn a_segment_that_says_too_much_does_not_open() {
    let whole = packed_turns().remove(0);
    let with = |head: &str, woven: String| {
        let mut fields: Fields = whole[..FIRST_PART].to_vec();
        fields[FIRST_PART - 1] = head.into();
        fields.push(woven.into_bytes());
        fields
    };
    let line = "a".repeat(100_000);
    let often = format!("1\n{line}\n{{\"key\":\"k\",\"markdown\":\"{}\"}}", "0 ".repeat(1_000_000));
    let runs = format!("1\n{line}\n{{\"markdown\":\"0*18446744073709551615\"}}");
    let new = "1\na\n{\"markdown\":\"+18446744073709551615 +1\"}".to_owned();
    for (head, woven) in [
        (r#"{"members":1}"#, often),
        (r#"{"members":1}"#, runs),
        (r#"{"members":1}"#, new),
        (r#"{"members":4294967295}"#, "0\n{}".to_owned()),
        (r#"{"members":1}"#, "18446744073709551615\n{}".to_owned()),
    ] {
        let (opened, peak) = peak_of(|| opens(&with(head, woven.clone())));
        assert!(!opened && peak < 4 * SECTION_BYTES, "{head}: {opened}, {peak}");
    }
}

#[test]
fn a_history_that_says_too_much_does_not_open() {
    let mut fields = histories().remove(0);
    let head = String::from_utf8(fields[FIRST_PART - 1].clone()).unwrap();
    fields[FIRST_PART - 1] = head.replace("\"count\":39", "\"count\":4294967295").into_bytes();
    let (opened, peak) = peak_of(|| opens(&fields));
    assert!(!opened && peak < 1 << 20, "{opened}, {peak}");
}

/// Reads a file as an import does, and tells how it went.
fn read(file: &[u8]) -> (bool, usize) {
    peak_of(|| {
        let mut reader = Reader::giving();
        file.chunks(64 << 10).try_for_each(|piece| reader.push(piece)).is_ok()
            && reader.end().is_ok()
    })
}

#[test]
fn lines_of_an_archive_that_become_far_more_are_refused() {
    let whole = lines().remove(0);
    assert!(read(&in_frame(&whole)).0);
    let many = |item: &str| item.repeat(3_000_000);
    let turn = |field: &str, items: String| {
        format!("{{\"turn\":{{\"key\":\"bomb\",\"{field}\":[{}]}}}}\n", items.trim_end_matches(','))
    };
    let point = whole.iter().find(|line| line.starts_with(b"{\"checkpoint\"")).unwrap();
    let point = String::from_utf8(point.clone()).unwrap().replace("\"number\":4", "\"number\":5");
    let wide = many("{},");
    let state = point.replacen("kept\\\":[", &format!("kept\\\":[{}", many("[],")), 1);
    assert!(state.len() > point.len(), "the checkpoint keeps messages");
    for (name, line) in [
        ("zeros", "0".repeat(2 * ARCHIVE_LINE_BYTES)),
        ("calls", turn("calls", wide.clone())),
        ("attachments", turn("attachments", wide)),
        ("state", state),
    ] {
        let file = in_frame(&[&whole[..], &[line.into_bytes()]].concat());
        assert!(file.len() < 1 << 20, "{name} is small: {}", file.len());
        let (taken, peak) = read(&file);
        assert!(!taken && peak < 6 * ARCHIVE_LINE_BYTES, "{name}: {taken}, {peak}");
    }
}

#[test]
fn a_message_beyond_its_limit_is_not_looked_at() {
    let mut machine = Machine::new();
    let origin = "https://claude.ai".to_owned();
    let at = Moment(5);
    machine.step(at, BackEvent::Connected { port: PortId(1), tab: TabId(1), origin }, &mut vec![]);
    let text = format!("{{\"session\":{}", "[".repeat(MESSAGE_BYTES));
    let message = BackEvent::Message { port: PortId(1), text };
    let (_, peak) = peak_of(|| machine.step(at, message, &mut vec![]));
    assert!(peak < 1 << 20, "{peak}");
}
