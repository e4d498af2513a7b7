//! A streamed text is rebuilt from its pieces, as far as they are whole.

use super::pick;
use shim::base::chance::Chance;
use shim::base::text;
use shim::session::codec;
use shim::wire::records::StreamHead;

/// Cuts a growing and sometimes rewritten text into pieces, as the background would.
fn pieces_of(versions: &[&str]) -> Vec<(StreamHead, String)> {
    let mut before = "";
    let mut pieces = Vec::new();
    for (piece, now) in (0..).zip(versions) {
        let keep = text::common_prefix(before, now);
        let head = StreamHead { piece, keep, hash: text::hash(now), ..StreamHead::default() };
        pieces.push((head, now[keep..].to_owned()));
        before = now;
    }
    pieces
}

#[test]
fn a_stream_is_rejoined_as_far_as_it_is_whole() {
    let versions = ["Hel", "Hello 漢", "Hello 漣, ", "Hello 漣, world", "Hello"];
    let pieces = pieces_of(&versions);
    for count in 1..=versions.len() {
        assert_eq!(codec::rejoin(&pieces[..count]).as_deref(), Some(versions[count - 1]));
    }
    let mut backwards = pieces.clone();
    backwards.reverse();
    assert_eq!(codec::rejoin(&backwards).as_deref(), Some("Hello"));
    let twice = [&pieces[..2], &pieces[1..3]].concat();
    assert_eq!(codec::rejoin(&twice).as_deref(), Some(versions[2]));
    assert_eq!(codec::rejoin(&[]), None);
    assert_eq!(codec::rejoin(&pieces[1..4]), None);
    let hole = [&pieces[..1], &pieces[2..4]].concat();
    assert_eq!(codec::rejoin(&hole).as_deref(), Some("Hel"));
    let anew = [hole, pieces_of(&["Anew", "Anew."]).into_iter().map(later).collect()].concat();
    assert_eq!(codec::rejoin(&anew).as_deref(), Some("Anew."));
}

fn later((head, text): (StreamHead, String)) -> (StreamHead, String) {
    (StreamHead { piece: head.piece + 10, ..head }, text)
}

/// Pieces lost, mixed up and repeated: what comes back stood on the page once.
#[test]
fn a_rejoined_stream_is_never_a_patchwork() {
    let mut dice = Chance::new(5);
    for _ in 0..300 {
        let mut versions = vec![String::new()];
        for _ in 0..dice.below(12) {
            let mut next = versions.last().unwrap().clone();
            if dice.percent(20) {
                next = text::head(&next, pick(&mut dice, next.len() + 1)).to_owned();
            }
            next.push_str(["a", "漢", "ab ", "漣"][pick(&mut dice, 4)]);
            versions.push(next);
        }
        let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
        let mut pieces = pieces_of(&texts);
        assert_eq!(codec::rejoin(&pieces).as_ref(), versions.last());
        for _ in 0..dice.below(4) {
            let at = pick(&mut dice, pieces.len());
            match dice.below(3) {
                0 => drop(pieces.remove(at)),
                1 => pieces[at].0.keep += 1,
                _ => pieces.push(pieces[at].clone()),
            }
            if pieces.is_empty() {
                break;
            }
        }
        if let Some(text) = codec::rejoin(&pieces) {
            assert!(versions.contains(&text), "{text:?} never stood there: {versions:?}");
        }
    }
}
