//! What was typed and not sent, from the page's word to the popup's row.

use super::*;
use shim::base::{Span, limits};
use shim::wire::drafts::DraftNote;

const TEXT: &str = "Please paint the bridge over the Lune *red*,\nwith two coats.";

fn types(bench: &mut Bench, port: u64, text: &str) {
    bench.send(port, &PortUp::Typed(text.into()));
}

fn notes(bench: &mut Bench) -> Vec<DraftNote> {
    bench.now = bench.now.after(limits::DRAFT_GRACE);
    bench.status().drafts
}

fn kept(bench: &Bench) -> usize {
    bench.store.query(&Query::All(StoreName::Drafts)).len()
}

/// The person's turn of these words comes.
fn says(bench: &mut Bench, port: u64, chat: &str, text: &str) {
    let turns = vec![Turn { at: bench.now, ..turn("t9", 8, Role::User, text) }];
    bench.say(port, ToBackground::Turns { session: session(chat), number: 1, turns });
}

#[test]
fn what_was_typed_when_the_page_died_is_there_after_it_and_after_the_worker() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    types(&mut bench, 1, "Please paint");
    types(&mut bench, 1, TEXT);
    assert_eq!(notes(&mut bench), [], "it stands in the composer");
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    let mut bench = bench.restarted();
    let found = notes(&mut bench);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].session, found[0].chars), (&session("one"), TEXT.len() as u64));
    assert!(found[0].start.starts_with("Please paint the bridge"), "{}", found[0].start);
    let key = found[0].key.clone();
    assert_eq!(bench.ask(&Ask::Draft { key: key.clone() }), [Answer::Text(TEXT.into())]);
    assert_eq!(bench.ask(&Ask::Discard { key: key.clone() }), [Answer::Done]);
    assert_eq!((notes(&mut bench).len(), kept(&bench)), (0, 0));
    assert!(matches!(bench.ask(&Ask::Draft { key })[..], [Answer::Problem(_)]));
}

#[test]
fn what_a_person_erased_is_no_draft_and_what_the_page_emptied_is_one() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    bench.open(2, 8, Some("one"));
    types(&mut bench, 1, TEXT);
    types(&mut bench, 2, TEXT);
    bench.send(1, &PortUp::Erased);
    types(&mut bench, 2, "");
    assert_eq!((notes(&mut bench).len(), kept(&bench)), (1, 1), "the other window's was lost");
    types(&mut bench, 2, "Another text of more than twenty characters.");
    bench.send(2, &PortUp::Erased);
    bench.send(2, &PortUp::Erased);
    assert_eq!((notes(&mut bench).len(), kept(&bench)), (0, 0));
    assert_eq!(kept(&bench.restarted()), 0);
}

#[test]
fn what_was_sent_is_no_draft_once_its_turn_is_stored() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    types(&mut bench, 1, TEXT);
    types(&mut bench, 1, "");
    assert_eq!(notes(&mut bench).len(), 1, "it was sent, or lost: nobody knows yet");
    says(&mut bench, 1, "one", "Please paint the bridge over the Lune *blue*.");
    assert_eq!(kept(&bench), 1, "those are other words");
    says(&mut bench, 1, "one", "Please  paint the bridge over the Lune _red_, with two coats.");
    assert_eq!(kept(&bench), 1, "an older number is not heard");
    let turns =
        vec![Turn { at: bench.now, ..turn("t10", 9, Role::User, &TEXT.replace('\n', " ")) }];
    bench.say(1, ToBackground::Turns { session: session("one"), number: 2, turns });
    assert_eq!((notes(&mut bench).len(), kept(&bench)), (0, 0));
}

#[test]
fn the_first_words_of_a_new_chat_are_kept_until_the_chat_holds_them() {
    let mut bench = Bench::new(&[]);
    bench.open(1, 7, None);
    types(&mut bench, 1, TEXT);
    types(&mut bench, 1, "");
    let found = notes(&mut bench);
    assert_eq!(found[0].url, "https://claude.ai/new");
    // The same document shows the new chat then.
    bench.say(1, ToBackground::Hello(hello("document 1", Some("two"))));
    says(&mut bench, 1, "two", TEXT);
    assert_eq!(kept(&bench), 0);
}

#[test]
fn a_worker_that_is_told_before_it_stands_notes_it_once_it_does() {
    let mut bench = Bench::new(&stored("one").1);
    bench.connect(1, 7, CLAUDE);
    types(&mut bench, 1, TEXT);
    assert_eq!(kept(&bench), 0, "of which chat is not known yet");
    bench.say(1, ToBackground::Hello(hello("document 1", Some("one"))));
    assert_eq!(kept(&bench), 1);
}

#[test]
fn an_older_turn_of_the_same_words_takes_no_draft_away() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    let (before, later) = (bench.now, bench.now.after(Span::minutes(1)));
    bench.now = later;
    types(&mut bench, 1, TEXT);
    let turns = vec![Turn { at: before, ..turn("t3", 2, Role::User, TEXT) }];
    bench.say(1, ToBackground::Turns { session: session("one"), number: 1, turns });
    assert_eq!(kept(&bench), 1);
}

#[test]
fn two_windows_hold_two_texts_and_the_deleted_chat_none() {
    let mut bench = Bench::new(&stored("one").1);
    for port in [1, 2] {
        bench.open(port, 6 + i64::try_from(port).unwrap(), Some("one"));
        types(&mut bench, port, &format!("{TEXT} {port}"));
    }
    bench.open(3, 9, Some("other"));
    types(&mut bench, 3, TEXT);
    assert_eq!(kept(&bench), 3);
    for port in [1, 2] {
        bench.say(port, ToBackground::Bye { session: Some(session("one")) });
        bench.step(BackEvent::Disconnected { port: PortId(port) });
    }
    bench.ask(&Ask::Delete { session: session("one") });
    while bench.store.get(&codec::session_key(&session("one"))).is_some() {
        bench.wake();
    }
    assert_eq!(kept(&bench), 1, "that of the other chat");
}

#[test]
fn a_refused_draft_is_written_again_and_nothing_of_a_paused_page_is_kept() {
    let mut bench = Bench::new(&stored("one").1);
    bench.open(1, 7, Some("one"));
    bench.refused = Some("the disk is full");
    types(&mut bench, 1, TEXT);
    assert_eq!(kept(&bench), 0);
    bench.refused = None;
    while kept(&bench) == 0 {
        bench.wake();
    }
    bench.ask(&Ask::Change(Settings { paused: true, ..Settings::default() }));
    types(&mut bench, 1, "Something else that nobody shall store.");
    let key = bench.store.query(&Query::All(StoreName::Drafts))[0].at.key.clone();
    assert_eq!(bench.ask(&Ask::Draft { key }), [Answer::Text(TEXT.into())]);
}

#[test]
fn the_oldest_drafts_go_and_short_ones_are_not_told() {
    let mut bench = Bench::new(&[]);
    for port in 1..=(limits::DRAFTS as u64 + 3) {
        bench.now = bench.now.after(Span::seconds(1));
        bench.open(port, i64::try_from(port).unwrap(), None);
        types(&mut bench, port, &format!("{TEXT} number {port}"));
        bench.step(BackEvent::Disconnected { port: PortId(port) });
    }
    assert!(kept(&bench) <= limits::DRAFTS + 1, "{}", kept(&bench));
    bench.now = bench.now.after(limits::DRAFT_KEEP).after(Span::seconds(1));
    bench.open(900, 900, None);
    types(&mut bench, 900, "Short.");
    bench.step(BackEvent::Disconnected { port: PortId(900) });
    assert_eq!((notes(&mut bench).len(), kept(&bench)), (0, 1));
}
