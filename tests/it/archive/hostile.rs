//! Files that are no archive, or one that was cut, damaged, made by a newer SHIM or by an enemy.

use super::*;
use miniz_oxide::deflate::compress_to_vec;
use shim::base::limits::{ARCHIVE_LINE_BYTES, SECTION_BYTES};
use shim::base::text::crc32;

/// A gzip file of these bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    file.extend(compress_to_vec(bytes, 3));
    file.extend(crc32(&[bytes]).to_le_bytes());
    file.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    file
}

/// An archive of these lines, with an end that sums them up.
fn of_lines(lines: &[&str]) -> Vec<u8> {
    let mut text = String::from("{\"archive\":{\"form\":1}}\n");
    text.extend(lines.iter().flat_map(|line| [line, "\n"]));
    let count = |what: &str| lines.iter().filter(|line| line.starts_with(what)).count();
    let (chats, turns) = (count("{\"chat\""), count("{\"turn\""));
    let (points, check) = (count("{\"checkpoint\""), crc32(&[text.as_bytes()]));
    text.push_str(&format!(
        "{{\"end\":{{\"chats\":{chats},\"turns\":{turns},\"checkpoints\":{points},\
         \"check\":{check}}}}}\n"
    ));
    gzip(text.as_bytes())
}

fn why(file: &[u8]) -> String {
    read(file).expect_err("it is refused").text
}

const CHAT: &str = r#"{"chat":{"site":"claude","account":"a","chat":"one"}}"#;
const TURN: &str = r#"{"turn":{"key":"t1","markdown":"A stone"}}"#;

#[test]
fn the_form_that_is_promised_is_read() {
    let (chats, _) = read(&of_lines(&[CHAT, TURN])).unwrap();
    assert_eq!((chats[0].named.session(), chats[0].turns.len()), (session("one"), 1));
    assert_eq!(chats[0].turns[0].markdown, "A stone");
    // Fields that a later SHIM of this form adds are left out.
    let later = r#"{"turn":{"key":"t1","markdown":"A stone","mood":"good"}}"#;
    assert!(read(&of_lines(&[CHAT, later])).is_ok());
    assert!(read(&of_lines(&[])).unwrap().0.is_empty());
    // So do chats of a site that it reads and this one does not.
    let new = r#"{"chat":{"site":"newsite","chat":"1","url":"https://new.example/c/1"}}"#;
    assert_eq!(read(&of_lines(&[new, TURN])).unwrap().0[0].named.site, "newsite");
}

#[test]
fn a_file_that_is_no_archive_is_told_so() {
    let bomb = vec![b'0'; 3 * ARCHIVE_LINE_BYTES];
    for file in [
        Vec::new(),
        b"PK\x03\x04 a zip".to_vec(),
        b"{\"archive\":{\"form\":1}}\n".to_vec(),
        gzip(b"a text of somebody\n"),
        gzip(b"{\"conversations\":[]}\n"),
        gzip(b""),
        gzip(&bomb),
        gzip(CHAT.as_bytes()),
    ] {
        assert!(why(&file).contains("no archive of SHIM"), "{}", why(&file));
    }
}

#[test]
fn an_archive_of_a_newer_shim_asks_for_an_update() {
    assert!(why(&gzip(b"{\"archive\":{\"form\":2,\"by\":\"9\"}}\n")).contains("Update"));
}

#[test]
fn every_cut_is_noticed() {
    let (file, ..) = archive(&[(head("one"), records("one", 3, 1))]);
    for end in 0..file.len() {
        assert!(read(&file[..end]).is_err(), "cut at {end} of {}", file.len());
    }
    assert!(why(&file[..file.len() - 1]).contains("cut short"));
    assert!(why(&[&file[..], b"x"].concat()).contains("damaged"));
}

#[test]
fn every_flipped_bit_is_refused_or_harmless() {
    let (file, ..) = archive(&[(head("one"), records("one", 3, 1))]);
    let whole = read(&file).unwrap();
    let mut refused = 0;
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut other = file.clone();
            other[at] ^= 1 << bit;
            // Time, level and system of the frame's head tell nothing, nor do bits that fill up
            // the last byte of what is packed.
            let told = read(&other).map(|(chats, _)| chats);
            assert!(told.is_err() || told.as_ref() == Ok(&whole.0), "bit {bit} of byte {at}");
            refused += u32::from(told.is_err());
        }
    }
    let all = 8 * u32::try_from(file.len()).unwrap();
    assert!(refused >= all - 6 * 8 - 7, "{refused} of {all}");
}

#[test]
fn bytes_at_random_never_panic() {
    let (file, ..) = archive(&[(head("one"), records("one", 9, 3))]);
    let whole = read(&file).unwrap().0;
    for seed in 0..200 {
        let mut chance = Chance::new(seed);
        let mut other = file.clone();
        for _ in 0..chance.below(9) {
            let at = usize::try_from(chance.below(other.len() as u64)).unwrap();
            other[at] = chance.bits().to_le_bytes()[0];
        }
        other.truncate(usize::try_from(chance.below(2 * file.len() as u64)).unwrap());
        let size = usize::try_from(1 + chance.below(300)).unwrap();
        let told = read_by(&other, size).map(|(chats, _)| chats);
        assert!(told.is_err() || told.as_ref() == Ok(&whole), "seed {seed}");
    }
}

#[test]
fn lines_that_no_shim_writes_are_refused() {
    let long = format!(r#"{{"chat":{{"site":"claude","chat":"{}"}}}}"#, "x".repeat(5_000));
    let wrong = [
        // Another store, another record.
        r#"{"settings":{"paused":true}}"#,
        r#"{"resume":{"id":"x"}}"#,
        r#"{"record":{"at":{"store":"settings","key":"settings"}}}"#,
        // No chat that SHIM can have saved.
        r#"{"chat":{}}"#,
        r#"{"chat":{"site":"aside","account":"a","chat":"1"}}"#,
        r#"{"chat":{"site":"claude/b","account":"a","chat":"1"}}"#,
        r#"{"chat":{"site":"new site","account":"a","chat":"1"}}"#,
        r#"{"chat":{"site":"newsite","chat":"1","url":"javascript:alert(1)"}}"#,
        r#"{"chat":{"site":"claude","account":"a/b","chat":"1"}}"#,
        r#"{"chat":{"site":"claude","chat":"1","url":"javascript:alert(1)"}}"#,
        r#"{"chat":{"site":"claude","chat":"1","url":"https://evil.example/claude.ai"}}"#,
        r#"{"chat":{"site":"shape@a.example","chat":"1","url":"https://b.example/"}}"#,
        r#"{"chat":{"site":"claude","chat":"1","started_at":-1}}"#,
        r#"{"chat":{"site":"claude","chat":"1","updated_at":18446744073709551615}}"#,
        r#"{"chat":{"site":"claude","chat":"1","title":["a"]}}"#,
        r#"{"chat":{"site":"claude","chat":"1","parent":"claude//1"}}"#,
        r#"{"chat":{"site":"claude","account":"a","chat":"one"}}"#,
        &long,
        // No turn, or one that is there already.
        r#"{"turn":{"markdown":"no key"}}"#,
        r#"{"turn":{"key":"t1"}}"#,
        r#"{"turn":{"key":"t2","position":4294967295}}"#,
        r#"{"turn":{"key":"t2","read_at":18446744073709551615}}"#,
        r#"{"turn":{"key":"t2","role":"system"}}"#,
        r#"{"turn":{"key":"t2","calls":{"name":"x"}}}"#,
        r#"{"turn":[1,2]}"#,
        r#"{"checkpoint":{"head":{},"state":[]}}"#,
        r#"{"archive":{"form":1}}"#,
        r#"{"end":{"chats":1,"turns":1,"checkpoints":0,"check":0}}"#,
        "",
        "[]",
        "null",
    ];
    for line in wrong {
        assert!(why(&of_lines(&[CHAT, TURN, line])).contains("damaged (line"), "{line}");
    }
    assert!(why(&of_lines(&[TURN])).contains("no turn of a chat"));
    let deep = format!("{{\"turn\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(why(&of_lines(&[CHAT, &deep])).contains("damaged"));
}

#[test]
fn a_checkpoint_must_be_readable_and_in_its_bounds() {
    let (_, lines) = {
        let chat = one(&records("one", 2, 1));
        let point = chat.points[0].clone();
        (chat, codec::json(&shim::wire::archive::Line::Checkpoint(Box::new(point))))
    };
    assert!(read(&of_lines(&[CHAT, TURN, &lines])).is_ok());
    for (from, to) in [
        ("\"number\":1", "\"number\":0"),
        ("\"number\":1", "\"number\":4294967295"),
        ("\"restored\":null", "\"restored\":[1,7.5]"),
        ("\"sizes\":[", "\"sizes\":[[0,0],"),
        ("\\\"summary\\\":", "\\\"summary\\\":7,\\\"x\\\":"),
        ("milestone", "never"),
    ] {
        let other = lines.replacen(from, to, 1);
        assert_ne!(other, lines, "{from}");
        assert!(why(&of_lines(&[CHAT, TURN, &other])).contains("damaged"), "{to}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    // A line without end after a good beginning.
    let mut text = b"{\"archive\":{\"form\":1}}\n".to_vec();
    text.resize(2 * SECTION_BYTES, b' ');
    let file = gzip(&text);
    assert!(file.len() < 400_000, "{} bytes", file.len());
    assert!(why(&file).contains("more than an archive may"));
    // A small line that a record holds in a far larger form.
    let calls = "{},".repeat(ARCHIVE_LINE_BYTES / 90);
    let turn = format!(r#"{{"turn":{{"key":"t2","calls":[{}{{}}]}}}}"#, calls);
    assert!(why(&of_lines(&[CHAT, &turn])).contains("more than an archive may"));
}

#[test]
fn counts_and_the_sum_of_the_last_line_must_be_right() {
    let text = format!("{{\"archive\":{{\"form\":1}}}}\n{CHAT}\n{TURN}\n");
    let check = crc32(&[text.as_bytes()]);
    let end = |chats: u32, turns: u32, check: u32| {
        let end = format!(
            "{{\"end\":{{\"chats\":{chats},\"turns\":{turns},\"checkpoints\":0,\
             \"check\":{check}}}}}\n"
        );
        gzip(format!("{text}{end}").as_bytes())
    };
    assert!(read(&end(1, 1, check)).is_ok());
    for file in [end(1, 2, check), end(2, 1, check), end(1, 1, check ^ 1)] {
        assert!(why(&file).contains("what it sums up is not there"));
    }
    assert!(why(&gzip(text.as_bytes())).contains("cut short"));
}

#[test]
fn a_refused_file_stays_refused() {
    let mut reader = Reader::giving();
    assert!(reader.push(b"no archive").is_err());
    let (file, ..) = archive(&[(head("one"), records("one", 2, 0))]);
    assert!(reader.push(&file).is_err());
    assert!(reader.end().is_err());
    assert!(reader.take().is_empty());
}
