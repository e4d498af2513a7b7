//! Damage is found, whatever it is, and nothing damaged opens.

use super::{a_turn, opens, pick, records, session};
use serde::{Deserialize, Serialize};
use shim::base::chance::Chance;
use shim::base::{Class, SessionId, limits, text};
use shim::session::codec;
use shim::wire::records::{Part, RECORD_VERSION, Settings, StoreName, Stored};

#[test]
fn damage_is_found_wherever_it_is() {
    let whole = codec::turn_record(&session(), &a_turn());
    let damaged = |change: &dyn Fn(&mut Stored)| {
        let mut stored = whole.clone();
        change(&mut stored);
        let problem = codec::open_turn(&stored).unwrap_err();
        assert_eq!(problem.class, Class::Skip);
        assert!(codec::part(&stored, 0).is_err());
        problem.text
    };
    let text = damaged(&|stored| stored.parts[0].0[4] ^= 16);
    assert!(text.contains("turns") && text.contains("damaged"), "{text}");
    damaged(&|stored| stored.head.push(' '));
    damaged(&|stored| stored.check ^= 1);
    damaged(&|stored| stored.session = SessionId::from("claude/9f/other"));
    damaged(&|stored| stored.at.key.push('x'));
    damaged(&|stored| stored.version = 1);
    damaged(&|stored| stored.parts.clear());
    damaged(&|stored| stored.parts.push(Part::default()));
    damaged(&|stored| {
        let last = stored.parts[0].0.pop().unwrap();
        stored.parts.push(Part(vec![last]));
    });
}

/// The checksum is no secret, so a whole record may still hold nonsense.
#[test]
fn nonsense_under_a_right_checksum_is_refused() {
    let seal = |head: &str, parts: &[&str]| {
        let head: serde_json::Value = serde_json::from_str(head).unwrap();
        codec::seal(StoreName::Turns, "k".to_owned(), &session(), &head, parts)
    };
    let whole = r#"{"key":"k"}"#;
    assert!(codec::open_turn(&seal(whole, &["{}"])).is_ok());
    for (head, parts) in [
        (r#"{"key":7}"#, vec!["{}"]),
        ("7", vec!["{}"]),
        (whole, vec![]),
        (whole, vec![""]),
        (whole, vec!["[1,"]),
        (whole, vec![r#"{"role":"nobody"}"#]),
    ] {
        let problem = codec::open_turn(&seal(head, &parts)).unwrap_err();
        assert_eq!(problem.class, Class::Skip);
        assert!(problem.text.contains("turns") && problem.text.contains('k'), "{problem}");
    }
    assert!(codec::part(&seal(whole, &["a"]), 1).is_err());
}

#[derive(Serialize, Deserialize)]
struct Empty {}

/// Megabytes of zeros pack to some kilobytes: what unpacks beyond the limit is refused, and the
/// head can still be read.
#[test]
fn a_bomb_is_refused() {
    let text = "0".repeat(limits::SECTION_BYTES + 1);
    let bomb = codec::seal(StoreName::Turns, "k".to_owned(), &session(), &Empty {}, &[&text]);
    assert!(codec::packed_bytes(&bomb) < 100_000);
    assert!(codec::open::<Empty>(&bomb).is_ok());
    let problem = codec::part(&bomb, 0).unwrap_err();
    assert!(problem.text.contains("larger"), "{problem}");
}

/// A record of a newer build, whole, is left alone, and says what to do.
#[test]
fn a_newer_record_asks_for_an_update() {
    let stored = codec::settings_record(&Settings::default());
    assert_eq!(checksum(&stored), stored.check);
    let of_version = |version| {
        let mut other = Stored { version, ..stored.clone() };
        other.check = checksum(&other);
        codec::open::<Settings>(&other)
    };
    assert!(of_version(RECORD_VERSION).is_ok());
    let problem = of_version(RECORD_VERSION + 1).unwrap_err();
    assert_eq!(problem.class, Class::Skip);
    assert!(problem.text.contains("update the extension"), "{problem}");
    assert!(!of_version(0).unwrap_err().text.contains("update"));
}

/// The checksum by its definition: version, lengths, then every text and part.
pub fn checksum(stored: &Stored) -> u32 {
    let mut bytes = stored.version.to_le_bytes().to_vec();
    let store = stored.at.store.as_str();
    let texts = [store, &stored.at.key, stored.session.as_str(), &stored.head];
    let chunks: Vec<&[u8]> =
        texts.iter().map(|t| t.as_bytes()).chain(stored.parts.iter().map(|p| &*p.0)).collect();
    for chunk in &chunks {
        bytes.extend((chunk.len() as u64).to_le_bytes());
    }
    text::crc32(&[&bytes, &chunks.concat()])
}

/// Flipped bytes and cut ends, 3,000 times: no panic, and nothing damaged opens.
#[test]
fn random_damage_never_opens() {
    let whole = records();
    assert!(whole.iter().all(opens));
    let mut dice = Chance::new(2);
    for round in 0..3_000 {
        let mut stored = whole[pick(&mut dice, whole.len())].clone();
        damage(&mut dice, &mut stored);
        if !whole.contains(&stored) {
            assert!(!opens(&stored), "round {round} opened {stored:?}");
        }
    }
}

/// The same, but with a checksum made right again: anything may come, but no panic.
#[test]
fn random_nonsense_never_panics() {
    let whole = records();
    let mut dice = Chance::new(3);
    let mut refused = 0;
    for _ in 0..3_000 {
        let mut stored = whole[pick(&mut dice, whole.len())].clone();
        for _ in 0..=dice.below(4) {
            damage(&mut dice, &mut stored);
        }
        let Ok(head) = serde_json::from_str::<serde_json::Value>(&stored.head) else { continue };
        stored.session = SessionId::from("any");
        refused += u32::from(!opens(&codec::rehead(&stored, &head)));
    }
    assert!(refused > 500, "only {refused} were refused");
}

/// One random change of bytes, lengths or numbers.
fn damage(dice: &mut Chance, stored: &mut Stored) {
    let bytes = |dice: &mut Chance, bytes: &mut Vec<u8>| match dice.below(3) {
        0 if !bytes.is_empty() => {
            let at = pick(dice, bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
        1 => bytes.truncate(pick(dice, bytes.len() + 1)),
        _ => bytes.push(u8::try_from(dice.below(256)).unwrap()),
    };
    match dice.below(6) {
        0 => stored.check ^= 1 << dice.below(32),
        1 => stored.version ^= 1 << dice.below(16),
        2 => {
            let mut head = stored.head.clone().into_bytes();
            bytes(dice, &mut head);
            stored.head = String::from_utf8_lossy(&head).into_owned();
        }
        3 => drop(stored.parts.pop()),
        _ if stored.parts.is_empty() => stored.parts.push(Part(vec![1, 2, 3])),
        _ => {
            let at = pick(dice, stored.parts.len());
            bytes(dice, &mut stored.parts[at].0);
        }
    }
}
