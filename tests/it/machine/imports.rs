//! Chats of an archive that a page has the machine merge: each all at once or not at all.

use super::*;
use shim::background::Whole;
use shim::background::archive::{Reader, Writer};
use shim::wire::archive::{Imported, Merged, Piece};

const ALL: [StoreName; 3] = [StoreName::Sessions, StoreName::Turns, StoreName::Checkpoints];

/// The lines of a chat in an archive.
fn lines(chat: &str) -> String {
    let (head, mut records) = stored(chat);
    records.push(checkpoint(chat, 1, "Three arches."));
    let mut writer = Writer::new(START);
    let mut file = writer.chat(&head, &records);
    file.extend(writer.end().0);
    let mut reader = Reader::giving();
    reader.push(&file).unwrap();
    reader.end().unwrap();
    reader.take().remove(0)
}

impl Bench {
    fn import(&mut self, text: &str) -> Vec<Answer> {
        let text = text.to_owned();
        self.ask(&Ask::Import(Piece { import: 7, number: 0, text, last: true }))
    }

    fn everything(&self) -> Vec<Stored> {
        StoreName::ALL.iter().flat_map(|store| self.store.query(&Query::All(*store))).collect()
    }

    fn writes(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, BackEffect::Write { .. })).count()
    }
}

fn merged(new_chats: u32, turns: u32, checkpoints: u32) -> [Answer; 1] {
    let merged = Merged { new_chats, turns, checkpoints, unfit: 0 };
    [Answer::Imported(Imported::Merged(merged))]
}

fn left_out(answers: &[Answer]) -> &str {
    match answers {
        [Answer::Imported(Imported::LeftOut(text))] => text,
        other => panic!("it is not left out: {other:?}"),
    }
}

#[test]
fn a_chat_comes_in_one_commit_and_is_a_chat_like_any_other() {
    let mut bench = Bench::new(&[]);
    assert_eq!(bench.import(&lines("one")), merged(1, 2, 1));
    assert_eq!(bench.writes(), 1);
    bench.wake();
    let copied = |effect: &BackEffect| {
        matches!(effect, BackEffect::Copy { session: of, records }
        if *of == session("one") && records.len() == 4)
    };
    assert!(bench.effects.iter().any(copied), "head, checkpoint and two turns a second time");
    let (before, _) = stored("one");
    let head = bench.head(&session("one"));
    assert_eq!((head.title, head.turn_count, head.last_checkpoint), (before.title, 2, 1));
    let records = bench.store.query(&Query::OfSession(ALL.to_vec(), session("one")));
    assert_eq!(Whole::of(&records).turns.len(), 2);
    // A worker that starts on it makes a prompt of it, and offers it to nobody by itself.
    let mut bench = bench.restarted();
    match &bench.ask(&Ask::Prompt { session: session("one"), checkpoint: None })[..] {
        [Answer::Text(text)] => assert!(text.contains("three arches"), "{text}"),
        other => panic!("no prompt: {other:?}"),
    }
    bench.open(1, 7, None);
    assert!(bench.prompts(1).is_empty());
}

#[test]
fn the_same_again_writes_nothing() {
    let mut bench = Bench::new(&[]);
    bench.import(&lines("one"));
    let (before, writes) = (bench.everything(), bench.writes());
    assert_eq!(bench.import(&lines("one")), merged(0, 0, 0));
    let mut bench = bench.restarted();
    assert_eq!(bench.import(&lines("one")), merged(0, 0, 0));
    assert_eq!((bench.everything(), bench.writes()), (before, 0));
    assert!(writes > 0);
}

#[test]
fn pieces_that_do_not_follow_are_asked_for_again() {
    let text = lines("one");
    let (first, second) = text.split_at(text.len() / 2);
    let piece = |import, number, text: &str, last| {
        Ask::Import(Piece { import, number, text: text.to_owned(), last })
    };
    let again = [Answer::Imported(Imported::Again)];
    let mut bench = Bench::new(&[]);
    assert_eq!(bench.ask(&piece(7, 0, first, false)), [Answer::Done]);
    // The worker is ended in between.
    let mut bench = bench.restarted();
    assert_eq!(bench.ask(&piece(7, 1, second, true)), again);
    // Another page imports as well, and is told apart.
    assert_eq!(bench.ask(&piece(7, 0, first, false)), [Answer::Done]);
    assert_eq!(bench.ask(&piece(8, 0, first, false)), [Answer::Done]);
    assert_eq!(bench.ask(&piece(7, 1, second, true)), again);
    assert!(bench.everything().is_empty());
    assert_eq!(bench.ask(&piece(8, 1, second, true)), merged(1, 2, 1));
}

#[test]
fn an_open_chat_is_left_as_it_is() {
    let (_, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    let before = bench.everything();
    assert!(left_out(&bench.import(&lines("one"))).contains("open in a tab"));
    assert_eq!(bench.everything(), before);
    assert_eq!(bench.import(&lines("two")), merged(1, 2, 1), "others come");
}

#[test]
fn a_deleted_chat_does_not_come_back_by_half() {
    let (_, records) = stored("one");
    let mut bench = Bench::new(&records);
    assert_eq!(bench.ask(&Ask::Delete { session: session("one") }), [Answer::Done]);
    assert!(left_out(&bench.import(&lines("one"))).contains("deleted a moment ago"));
    for _ in 0..3 {
        bench.wake();
    }
    assert!(bench.everything().is_empty(), "it is gone");
    // Once it is gone, the archive brings it back whole.
    assert_eq!(bench.import(&lines("one")), merged(1, 2, 1));
    assert_eq!(bench.head(&session("one")).deleted_at, None);
    assert_eq!(bench.ask(&Ask::Delete { session: session("one") }), [Answer::Done]);
    for _ in 0..3 {
        bench.wake();
    }
    assert!(bench.everything().is_empty(), "all that was imported is gone as well");
}

#[test]
fn a_refused_commit_changes_nothing_also_in_memory() {
    let mut bench = Bench::new(&[]);
    bench.refused = Some("the disk is full");
    assert_eq!(bench.import(&lines("one")), [Answer::Problem("the disk is full".into())]);
    assert!(bench.everything().is_empty());
    bench.refused = None;
    for _ in 0..3 {
        bench.wake();
    }
    assert!(bench.everything().is_empty(), "no head without a chat is written later");
    assert_eq!(bench.import(&lines("one")), merged(1, 2, 1));
}

#[test]
fn a_refused_merge_leaves_the_head_as_it_was() {
    let (head, mut records) = stored("one");
    records.pop();
    records[0] = codec::session_record(&SessionHead { turn_count: 1, ..head });
    let mut bench = Bench::new(&records);
    bench.refused = Some("the disk is full");
    bench.import(&lines("one"));
    bench.refused = None;
    for _ in 0..3 {
        bench.wake();
    }
    assert_eq!(bench.head(&session("one")).turn_count, 1);
    assert_eq!(bench.import(&lines("one")), merged(0, 1, 1));
    assert_eq!(bench.head(&session("one")).turn_count, 2);
}

#[test]
fn what_is_no_chat_is_refused_with_nothing_changed() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    let before = bench.everything();
    let whole = lines("one");
    let settings = format!("{whole}{{\"settings\":{{\"paused\":true}}}}\n");
    let second = format!("{whole}{{\"chat\":{{\"site\":\"claude\",\"chat\":\"two\"}}}}\n");
    let late = whole.lines().skip(1).collect::<Vec<_>>().join("\n");
    for text in ["", "\n", "{}", "nonsense", &settings, &second, &late] {
        match &bench.import(text)[..] {
            [Answer::Problem(why)] => assert!(why.contains("archive"), "{why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!((bench.everything(), bench.head(&head.id)), (before, head));
}

#[test]
fn what_is_read_and_changes_meanwhile_is_read_again() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records[..2]);
    // The import reads, and before the answer comes the chat is opened, told of and left.
    let text = lines("one");
    let piece = Piece { import: 7, number: 0, text, last: true };
    let mut out = Vec::new();
    let text = serde_json::to_string(&Ask::Import(piece)).unwrap();
    bench.machine.step(bench.now, BackEvent::Asked { ask: 99, text }, &mut out);
    let load = out.iter().find_map(|effect| match effect {
        BackEffect::Load { load, query } => Some((*load, bench.store.query(query))),
        _ => None,
    });
    let (load, old) = load.expect("it reads");
    bench.open(1, 7, Some("one"));
    let longer = turn("t2", 1, Role::Assistant, &format!("{} And four piers.", "x".repeat(200)));
    let turns = vec![longer.clone()];
    bench.say(1, ToBackground::Turns { number: 1, session: head.id.clone(), turns });
    bench.say(1, ToBackground::Bye { session: Some(head.id.clone()) });
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    bench.step(BackEvent::Loaded { load, records: old });
    assert_eq!(bench.answers(99), merged(0, 0, 1), "the answer stays as its page told it");
    let records = bench.store.query(&Query::OfSession(ALL.to_vec(), head.id));
    assert_eq!(Whole::of(&records).turns[1].markdown, longer.markdown);
}
