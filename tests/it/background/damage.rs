//! Records that do not open: counted, kept, never in the way of anything else.

use super::*;
use shim::base::limits::{LOOK_RECORDS, LOOK_WHILE};
use shim::base::text;
use shim::session::checkpoints;
use shim::wire::records::{CheckpointHead, Part, RECORD_VERSION, ResumeHead, StreamHead, TurnHead};
use shim::wire::state::{Checkpoint, State};
use shim::wire::ui::Damaged;

/// A byte of it is flipped.
pub(super) fn flipped(record: &Stored) -> Stored {
    let mut stored = record.clone();
    match stored.parts.first_mut() {
        Some(part) => part.0[0] ^= 4,
        None => stored.head.push(' '),
    }
    stored
}

/// Its parts are cut short.
fn cut(record: &Stored) -> Stored {
    let parts = record.parts.iter().map(|part| Part(part.0[..part.0.len() / 2].to_vec()));
    Stored { parts: parts.collect(), ..record.clone() }
}

/// It is whole, and of a form that is not known yet.
fn newer(record: &Stored) -> Stored {
    let mut stored = Stored { version: RECORD_VERSION + 1, ..record.clone() };
    let texts = [stored.at.store.as_str(), &stored.at.key, stored.session.as_str(), &stored.head];
    let parts = stored.parts.iter().map(|part| part.0.as_slice());
    let chunks: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).chain(parts).collect();
    let mut bytes = stored.version.to_le_bytes().to_vec();
    bytes.extend(chunks.iter().flat_map(|chunk| (chunk.len() as u64).to_le_bytes()));
    bytes.extend(chunks.concat());
    stored.check = text::crc32(&[&bytes]);
    assert!(codec::is_newer(&stored));
    stored
}

/// It lies there as it did: in its place, or aside.
fn is_kept(bench: &Bench, damaged: &Stored) -> bool {
    bench.store.values().any(|record| {
        let aside = codec::is_aside(&record.at) && record.at.key.ends_with(&damaged.at.key);
        let place = damaged.at.store == record.at.store && (aside || record.at == damaged.at);
        place && Stored { at: damaged.at.clone(), ..record.clone() } == *damaged
    })
}

fn is_aside(bench: &Bench, damaged: &Stored) -> bool {
    is_kept(bench, damaged) && bench.store.get(&damaged.at) != Some(damaged)
}

fn turn(session: &SessionId, key: &str, position: u32, said: &str) -> Stored {
    let turn = Turn {
        key: key.into(),
        position,
        role: Role::User,
        markdown: said.into(),
        at: NOW,
        ..Turn::default()
    };
    codec::turn_record(session, &turn)
}

fn checkpoint(session: &SessionId, number: u32, preference: &str) -> Stored {
    let mut state = State::default();
    state.preferences.custom_instructions = preference.into();
    state.conversation.turn_count = 1;
    let checkpoint = Checkpoint {
        session: session.clone(),
        number,
        created_at: NOW,
        trigger: Trigger::Milestone,
        state,
    };
    checkpoints::record(&checkpoint, 0, ("d".into(), number.into()), &[])
}

fn opened(records: Vec<Stored>, head: &SessionHead) -> Bench {
    let mut bench = Bench::new(records);
    bench.connect(CLAUDE);
    let chat = Some(head.chat.clone());
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    bench
}

fn say_turn(bench: &mut Bench, session: &SessionId, key: &str, said: &str) {
    let turn = Turn { key: key.into(), markdown: said.into(), ..Turn::default() };
    let session = session.clone();
    bench.say(ToBackground::Turns { session, number: 9, turns: vec![turn] });
}

#[test]
fn a_start_counts_what_does_not_open_and_takes_the_rest() {
    let (head, turn) = crashed();
    let lost = codec::session_record(&SessionHead { id: "claude/a/lost".into(), ..head.clone() });
    let of_newer =
        codec::session_record(&SessionHead { id: "claude/a/newer".into(), ..head.clone() });
    let settings = codec::settings_record(&Settings { paused: true, ..Settings::default() });
    let broken = [flipped(&lost), newer(&of_newer), flipped(&settings)];
    let mut bench =
        Bench::new([vec![codec::session_record(&head), turn], broken.to_vec()].concat());
    let status = bench.status();
    let told = |session: &str, records, newer| Damaged { session: session.into(), records, newer };
    let expected = [told("", 1, 0), told("claude/a/lost", 1, 0), told("claude/a/newer", 0, 1)];
    assert_eq!(status.damaged, expected);
    assert!(status.settings_lost && !status.settings.paused);
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 1, "the whole chat is offered as ever");
    assert!(broken.iter().all(|record| bench.store.get(&record.at) == Some(record)));
}

#[test]
fn new_settings_take_the_place_of_damaged_ones() {
    let settings = flipped(&codec::settings_record(&Settings::default()));
    let mut bench = Bench::new(vec![settings.clone()]);
    bench.ask(&Ask::Change(Settings { offer_only: true, ..Settings::default() }));
    assert!(is_aside(&bench, &settings));
    let mut bench = bench.again();
    let status = bench.status();
    assert!(status.settings.offer_only && !status.settings_lost);
    assert_eq!(status.damaged.iter().map(|d| d.records).sum::<u32>(), 1, "it is still there");
}

#[test]
fn a_chat_whose_head_is_damaged_is_still_there() {
    let (head, first) = crashed();
    let broken = flipped(&codec::session_record(&head));
    let records = vec![broken.clone(), first, checkpoint(&head.id, 3, "British spelling")];
    let mut bench = Bench::new(records);
    let anew = bench.head(&head.id);
    assert_eq!((anew.title.as_str(), anew.turn_count), ("Build the bridge", 1));
    assert_eq!((anew.last_checkpoint, anew.updated_at), (3, NOW));
    assert_eq!((&anew.site, &anew.account, &anew.chat), (&head.site, &head.account, &head.chat));
    assert!(is_aside(&bench, &broken));
    let prompt = bench.ask(&Ask::Prompt { session: head.id.clone(), checkpoint: None });
    assert!(matches!(prompt, Answer::Text(text) if text.contains("Build the bridge")));
    let again = bench.again();
    assert_eq!(again.head(&head.id), anew, "that is done once");
    assert!(is_aside(&again, &broken));
}

#[test]
fn a_head_of_a_newer_shim_is_left_to_it_until_its_chat_is_opened() {
    let (head, first) = crashed();
    let of_newer = newer(&codec::session_record(&head));
    let bench = Bench::new(vec![of_newer.clone(), first.clone()]);
    assert_eq!(bench.store.get(&of_newer.at), Some(&of_newer));
    let mut bench = opened(vec![of_newer.clone(), first], &head);
    say_turn(&mut bench, &head.id, "t2", "And then?");
    assert_eq!(bench.head(&head.id).turn_count, 2);
    assert!(is_aside(&bench, &of_newer));
}

#[test]
fn a_damaged_turn_that_is_sent_again_is_saved_again() {
    let (head, first) = crashed();
    for broken in [flipped(&first), cut(&first), newer(&first)] {
        let mut bench = opened(vec![codec::session_record(&head), broken.clone()], &head);
        let known = bench.told.iter().find_map(|event| match event {
            SessionEvent::Known(known) => Some(known.turns.len()),
            _ => None,
        });
        assert_eq!(known, Some(0), "the page is told that it is missing");
        say_turn(&mut bench, &head.id, "t1", "Build the bridge");
        let stored = bench.store.get(&first.at).unwrap();
        assert_eq!(codec::open_turn(stored).unwrap().markdown, "Build the bridge");
        assert!(is_aside(&bench, &broken));
        say_turn(&mut bench, &head.id, "t1", "Build the bridge, please");
        assert!(is_aside(&bench, &broken));
        assert_eq!(bench.stored(), 3, "what is whole is replaced as ever");
    }
}

#[test]
fn what_could_not_be_set_aside_is_not_written_over() {
    let (head, first) = crashed();
    let broken = flipped(&first);
    let mut bench = opened(vec![codec::session_record(&head), broken.clone()], &head);
    bench.full = true;
    say_turn(&mut bench, &head.id, "t1", "one");
    assert_eq!(bench.store.get(&broken.at), Some(&broken));
    bench.full = false;
    bench.now = bench.machine.next_wake().expect("the chat is read again");
    bench.step(BackEvent::Wake);
    let turn = Turn { key: "t1".into(), ..Turn::default() };
    bench.say(ToBackground::Turns { session: head.id, number: 10, turns: vec![turn] });
    assert!(is_aside(&bench, &broken));
}

#[test]
fn pieces_of_a_stream_that_are_damaged_stay_when_the_others_go() {
    let (head, first) = crashed();
    let piece = |number| {
        let head_of =
            StreamHead { key: "t2".into(), piece: number, hash: 7, ..StreamHead::default() };
        codec::stream_record(&head.id, &head_of, "Some text")
    };
    let broken = cut(&piece(1));
    let records = vec![codec::session_record(&head), first, piece(0), broken.clone(), piece(2)];
    let mut bench = opened(records, &head);
    say_turn(&mut bench, &head.id, "t2", "Some text that is done");
    let left: Vec<&Stored> =
        bench.store.values().filter(|r| r.at.store == StoreName::Streams).collect();
    assert_eq!(left, [&broken]);
}

#[test]
fn a_stream_goes_on_beside_a_damaged_piece() {
    let (head, first) = crashed();
    let (key, document) = ("t2".into(), "fresh".into());
    let piece = StreamHead { key, document, hash: 7, ..StreamHead::default() };
    let broken = flipped(&codec::stream_record(&head.id, &piece, "Some"));
    let records = vec![codec::session_record(&head), first, broken.clone()];
    let mut bench = opened(records, &head);
    bench.say(ToBackground::Stream {
        session: head.id.clone(),
        number: 1,
        key: "t2".into(),
        position: 1,
        keep: 0,
        base: 0,
        hash: text::hash("Some text"),
        text: "Some text".into(),
    });
    assert!(is_aside(&bench, &broken));
    let streams = |bench: &Bench| bench.store.query(&Query::All(StoreName::Streams)).len();
    assert_eq!(streams(&bench), 2);
    say_turn(&mut bench, &head.id, "t2", "Some text that is done");
    assert!(is_aside(&bench, &broken));
    assert_eq!(streams(&bench), 1, "the whole piece goes with its turn");
}

#[test]
fn a_prompt_is_made_of_what_is_whole() {
    let (mut head, first) = crashed();
    head.last_checkpoint = 2;
    let (one, two) = (checkpoint(&head.id, 1, "one"), checkpoint(&head.id, 2, "two"));
    let second = turn(&head.id, "t2", 1, "Now the second bridge");
    let third = turn(&head.id, "t3", 2, "Now the third bridge");
    let records =
        vec![codec::session_record(&head), first, flipped(&second), third, one.clone(), cut(&two)];
    let mut bench = Bench::new(records);
    let mut prompt = |checkpoint| {
        let answer = bench.ask(&Ask::Prompt { session: head.id.clone(), checkpoint });
        match answer {
            Answer::Text(text) => text,
            other => panic!("{other:?}"),
        }
    };
    let newest = prompt(None);
    assert!(newest.contains("the third bridge") && newest.contains("Build the bridge"));
    assert!(!newest.contains("the second bridge"));
    assert_eq!(prompt(None), newest, "asked again, the same comes");
    assert!(prompt(Some(1)).contains("Build the bridge"));
    let lost = bench.ask(&Ask::Prompt { session: head.id.clone(), checkpoint: Some(2) });
    assert!(
        matches!(lost, Answer::Problem(text) if text.contains("another")),
        "of the damaged one"
    );
    // It is offered by itself, from the checkpoint before.
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    let placed = bench.told.iter().find_map(|event| match event {
        SessionEvent::Place(placement) => Some(placement.about.checkpoint),
        _ => None,
    });
    assert_eq!(placed, Some(1));
}

#[test]
fn a_checkpoint_never_takes_the_place_of_a_damaged_one() {
    let (head, first) = crashed();
    // The head does not tell of it: it was made anew.
    let broken = flipped(&checkpoint(&head.id, 1, "one"));
    let mut bench = opened(vec![codec::session_record(&head), first, broken.clone()], &head);
    bench.say(ToBackground::Checkpoint {
        session: head.id.clone(),
        request: 1,
        trigger: Trigger::UserRequested,
        measured: Box::default(),
    });
    let stored = bench.store.get(&codec::checkpoint_key(&head.id, 2)).unwrap();
    assert_eq!(codec::open::<CheckpointHead>(stored).unwrap().number, 2);
    assert_eq!(bench.store.get(&broken.at), Some(&broken));
}

#[test]
fn a_crash_whose_journal_is_damaged_is_not_placed_a_second_time() {
    let (head, first) = crashed();
    let id = format!("{}@{}", head.id, head.ended.unwrap().1.0).as_str().into();
    let journal = ResumeHead { id, from: head.id.clone(), ..ResumeHead::default() };
    let broken = flipped(&codec::resume_record(&journal, "the prompt"));
    let mut bench = Bench::new(vec![codec::session_record(&head), first, broken.clone()]);
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(fresh_hello("claude", "a")));
    assert_eq!(bench.placed(), 0);
    assert_eq!(bench.store.get(&broken.at), Some(&broken));
}

#[test]
fn everything_is_looked_through_while_a_popup_asks() {
    let (head, _) = crashed();
    let many = LOOK_RECORDS as usize * 3;
    let turns = (0..many).map(|n| turn(&head.id, &format!("t{n:04}"), 0, "word"));
    let mut records: Vec<Stored> = turns.collect();
    for at in [0, 60, many - 1] {
        records[at] = flipped(&records[at]);
    }
    records.push(newer(&checkpoint(&head.id, 1, "")));
    records.push(codec::session_record(&head));
    let mut bench = Bench::new(records);
    assert_eq!(bench.status().damaged, [], "the answer does not wait for the looking");
    let damaged = [Damaged { session: head.id.clone(), records: 3, newer: 1 }];
    assert_eq!(bench.status().damaged, damaged);
    bench.blind = true;
    bench.now = bench.now.after(LOOK_WHILE);
    assert_eq!(bench.status().damaged, damaged, "once is enough");
}

#[test]
fn a_deleted_chat_takes_its_damaged_records_along() {
    let (head, first) = crashed();
    let other = flipped(&turn(&"claude/a/other".into(), "t1", 0, "word"));
    let records = vec![codec::session_record(&head), cut(&first), other.clone()];
    let mut bench = Bench::new(records);
    bench.status();
    bench.ask(&Ask::Delete { session: head.id.clone() });
    bench.wait(Span::minutes(1));
    assert_eq!(bench.store.values().collect::<Vec<_>>(), [&other]);
    let left = [Damaged { session: "claude/a/other".into(), records: 1, newer: 0 }];
    assert_eq!(bench.status().damaged, left);
}

#[test]
fn what_has_no_form_never_opens_and_is_set_aside_like_the_rest() {
    let (head, first) = crashed();
    let formless = codec::formless(first.at.clone(), head.id.clone());
    assert!(codec::open::<TurnHead>(&formless).is_err() && !codec::is_newer(&formless));
    let mut bench = opened(vec![codec::session_record(&head), formless.clone()], &head);
    say_turn(&mut bench, &head.id, "t1", "Build the bridge");
    assert!(is_aside(&bench, &formless));
}
