//! Zip files around exports.

use super::*;
use shim::base::chance::Chance;

fn chats(file: &[u8]) -> usize {
    read(file).unwrap().0.len()
}

#[test]
fn conversations_are_found_in_a_zip_file_however_they_lie_there() {
    let text = json!([chatgpt_long(), claude_long()]).to_string();
    for how in [How::Stored, How::Deflated, How::Streamed, How::Large] {
        let file = zip(&[("data/conversations.json", text.as_bytes(), how)]);
        assert_eq!(chats(&file), 2);
    }
    let (first, second) = (json!([chatgpt_long()]).to_string(), json!([claude_long()]).to_string());
    let file = zip(&[
        ("conversations-000.json", first.as_bytes(), How::Deflated),
        ("conversations.json.index", b"not this", How::Stored),
        ("__MACOSX/._conversations.json", b"nor this", How::Stored),
        ("shared_conversations.json", b"[{}]", How::Stored),
        ("conversations-001.json", second.as_bytes(), How::Stored),
    ]);
    assert_eq!(chats(&file), 2);
}

#[test]
fn a_zip_file_of_any_size_and_with_a_comment_is_read() {
    // More than is read at once, and more than the end of the file.
    let mut chance = Chance::new(7);
    let filler = (0..400).map(|at| {
        let id = format!("6ab65814-3333-4111-8111-{at:012}");
        let text: String = (0..150).map(|_| format!("{:x} ", chance.below(1 << 40))).collect();
        chatgpt(&id, vec![node("u", "", "user", words(&text))])
    });
    let mut file = zipped(&filler.collect());
    assert!(file.len() > 200_000);
    assert_eq!(chats(&file), 400);
    let at = file.len() - 2;
    file[at..].copy_from_slice(&7_u16.to_le_bytes());
    file.extend(b"comment");
    assert_eq!(chats(&file), 400);
}

/// The same file with these bytes at this place behind a mark.
fn patched(file: &[u8], mark: &[u8], behind: usize, bytes: &[u8]) -> Vec<u8> {
    let at = file.windows(mark.len()).rposition(|window| window == mark).unwrap() + behind;
    let mut file = file.to_vec();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn what_is_wrong_with_a_zip_file_is_told_with_what_to_do() {
    let text = json!([chatgpt_long()]).to_string();
    let file = zip(&[("conversations.json", text.as_bytes(), How::Deflated)]);
    let entry = b"PK\x01\x02";
    for (bad, word) in [
        (zip(&[("chat.html", b"<html>", How::Stored)]), "holds no conversations.json"),
        (zip(&[]), "holds no conversations.json"),
        (patched(&file, entry, 8, &[1]), "encrypted"),
        (patched(&file, entry, 10, &[99]), "in a way that SHIM does not read"),
        (patched(&file, entry, 16, &[0, 0, 0, 0]), "is damaged"),
        (patched(&file, entry, 24, &[1, 0, 0, 0]), "is damaged"),
        (patched(&file, entry, 24, &[0xff, 0xff, 0xff, 0x7e]), "unpacks to more"),
        (patched(&file, entry, 20, &[0xff, 0xff]), "over each other"),
        (patched(&file, entry, 42, &[5]), "is damaged"),
        (patched(&file, b"PK\x03\x04", 0, b"PKxx"), "no archive of SHIM"),
        (patched(&file, b"PK\x03\x04", 26, &[0xff, 0xff]), "over each other"),
        (patched(&file, b"PK\x05\x06", 4, &[1]), "split"),
        (patched(&file, b"PK\x05\x06", 12, &[0xff; 4]), "unpacks to more"),
        (patched(&file, b"PK\x05\x06", 16, &[0xff; 4]), "cut short"),
        (b"PK\x03\x04 a zip".to_vec(), "cut short"),
    ] {
        assert!(why(&bad).contains(word), "{} where “{word}” was expected", why(&bad));
    }
}

#[test]
fn every_cut_of_an_export_is_noticed() {
    let text = json!([chatgpt_long()]).to_string();
    let file = zip(&[("conversations.json", text.as_bytes(), How::Deflated)]);
    for file in [&file[..], text.as_bytes()] {
        for end in 0..file.len() {
            assert!(read(&file[..end]).is_err(), "cut at {end} of {}", file.len());
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let zeros = vec![b' '; 40 << 20];
    let file = zip(&[("conversations.json", &zeros, How::Deflated)]);
    assert!(file.len() < 100_000);
    assert!(why(&file).contains("unpacks to more"), "{}", why(&file));
    // One that lies about its size stops where it said that it would.
    let lies = patched(&file, b"PK\x01\x02", 24, &1_000_u32.to_le_bytes());
    assert!(why(&lies).contains("is damaged"));
    // Two parts that share their bytes.
    let text = json!([chatgpt_long()]).to_string();
    let twice = zip(&[
        ("conversations-000.json", text.as_bytes(), How::Deflated),
        ("conversations-001.json", text.as_bytes(), How::Deflated),
    ]);
    let shared = patched(&twice, b"PK\x01\x02", 42, &[0, 0, 0, 0]);
    assert!(why(&shared).contains("over each other"));
}
