//! Saving that fails, records that do not open, and what is repeated: nothing is acknowledged that
//! is not stored, and nothing is lost for it.

use super::*;
use shim::background::Whole;
use shim::base::text::hash;
use shim::wire::chat::TurnState;
use shim::wire::records::CheckpointHead;
use shim::wire::session::ResumeStage;

fn saved(bench: &Bench) -> usize {
    let is = |event: &SessionEvent| matches!(event, SessionEvent::Saved { .. });
    bench.told(1).iter().filter(|event| is(event)).count()
}

fn known(bench: &Bench) -> Vec<usize> {
    let turns = |event: SessionEvent| match event {
        SessionEvent::Known(known) => Some(known.turns.len()),
        _ => None,
    };
    bench.told(1).into_iter().filter_map(turns).collect()
}

#[test]
fn nothing_is_stored_or_acknowledged_before_the_records_are_there() {
    let mut machine = Machine::new();
    let mut out = Vec::new();
    let (port, tab, origin) = (PortId(1), TabId(7), CLAUDE.to_owned());
    machine.step(START, BackEvent::Connected { port, tab, origin }, &mut out);
    let turns = vec![turn("t1", 0, Role::User, "Build a bridge.")];
    let hello = ToBackground::Hello(hello("document", Some("one")));
    for message in [hello, ToBackground::Turns { session: session("one"), number: 1, turns }] {
        let text = serde_json::to_string(&PortUp::Session(message)).unwrap();
        machine.step(START, BackEvent::Message { port, text }, &mut out);
    }
    let acts = |effect: &BackEffect| {
        matches!(
            effect,
            BackEffect::Write { .. } | BackEffect::Load { .. } | BackEffect::Send { .. }
        )
    };
    assert!(!out.iter().any(acts), "{out:?}");
}

#[test]
fn a_refused_write_is_not_acknowledged_and_stored_when_it_is_said_again() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    assert_eq!(known(&bench), [2]);
    let turns = vec![turn("t3", 2, Role::User, "And paint it.")];
    let said =
        |number| ToBackground::Turns { session: head.id.clone(), number, turns: turns.clone() };
    bench.refused = Some("the disk is full");
    bench.say(1, said(1));
    bench.say(1, said(2));
    assert_eq!(saved(&bench), 0);
    let problems = bench.status().problems;
    assert_eq!(problems.iter().filter(|text| text.contains("the disk is full")).count(), 1);

    bench.refused = None;
    // A page says it again while it is not acknowledged.
    for number in 3..13 {
        bench.wake();
        bench.say(1, said(number));
    }
    assert!(saved(&bench) >= 1);
    let whole = Whole::of(&bench.store.values().cloned().collect::<Vec<_>>());
    assert_eq!(whole.turns.len(), 3);
    assert_eq!(bench.head(&head.id).turn_count, 3);
}

#[test]
fn a_damaged_record_hides_no_other_chat() {
    let (_, mut records) = stored("one");
    let (lost, _) = stored("two");
    let mut record = codec::session_record(&lost);
    record.check ^= 1;
    records.push(record);
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    assert_eq!(known(&bench), [2]);
    assert_eq!(bench.status().live, [session("one")]);
}

#[test]
fn a_stream_is_acknowledged_piece_by_piece_and_goes_with_its_finished_turn() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    let mut number = 0;
    let mut piece = |keep: usize, base: &str, text: &str, whole: &str| ToBackground::Stream {
        session: head.id.clone(),
        number: {
            number += 1;
            number
        },
        key: "t3".into(),
        position: 2,
        keep,
        base: if base.is_empty() { 0 } else { hash(base) },
        hash: hash(whole),
        text: text.to_owned(),
    };
    let heard = |bench: &Bench| -> Vec<u64> {
        let hash = |event: SessionEvent| match event {
            SessionEvent::StreamSaved { hash, .. } => Some(hash),
            _ => None,
        };
        bench.told(1).into_iter().filter_map(hash).collect()
    };
    bench.say(1, piece(0, "", "Once ", "Once "));
    bench.say(1, piece(5, "Once ", "upon", "Once upon"));
    assert_eq!(heard(&bench), [hash("Once "), hash("Once upon")]);
    // A piece whose beginning never came is asked for whole.
    bench.say(1, piece(9, "Twice upon", " a", "Twice upon a"));
    assert_eq!(heard(&bench).last(), Some(&0));

    let whole = |bench: &Bench| Whole::of(&bench.store.values().cloned().collect::<Vec<_>>());
    let last = whole(&bench).turns.pop().unwrap();
    assert_eq!((last.markdown.as_str(), last.state), ("Once upon", TurnState::Streaming));
    bench.say(1, piece(0, "", "Anew", "Anew"));
    assert_eq!(whole(&bench).turns.pop().unwrap().markdown, "Anew");

    let turns = vec![turn("t3", 2, Role::Assistant, "Anew it begins.")];
    bench.say(1, ToBackground::Turns { session: head.id.clone(), number: 1, turns });
    assert_eq!(bench.store.query(&Query::All(StoreName::Streams)), []);
    let last = whole(&bench).turns.pop().unwrap();
    assert_eq!((last.markdown.as_str(), last.state), ("Anew it begins.", TurnState::Done));
}

#[test]
fn a_streams_text_stands_in_its_unfinished_turn_and_in_no_other() {
    let id = session("one");
    let record = |text: &str, key: &str, piece| {
        let head = shim::wire::records::StreamHead {
            key: key.into(),
            position: 3,
            piece,
            hash: hash(text),
            ..Default::default()
        };
        codec::stream_record(&id, &head, text)
    };
    let streaming = Turn { state: TurnState::Streaming, ..turn("a", 0, Role::Assistant, "On") };
    let records = [
        codec::turn_record(&id, &streaming),
        record("Only a part", "a", 0),
        codec::turn_record(&id, &turn("b", 1, Role::Assistant, "All of it")),
        record("All of", "b", 0),
        record("no piece before this", "c", 4),
    ];
    let whole = Whole::of(&records);
    let texts: Vec<&str> = whole.turns.iter().map(|turn| turn.markdown.as_str()).collect();
    assert_eq!(texts, ["Only a part", "All of it", "no piece before this"]);
    assert_eq!((whole.damaged, whole.calls()), (0, 0));
}

#[test]
fn a_repeated_request_gets_the_checkpoint_that_was_made() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    let wanted = || ToBackground::Checkpoint {
        session: head.id.clone(),
        request: 4,
        trigger: Trigger::Milestone,
        measured: Box::default(),
    };
    bench.say(1, wanted());
    bench.say(1, wanted());
    let mut later = bench.restarted();
    later.open(1, 7, Some("one"));
    later.say(1, wanted());
    let made = SessionEvent::CheckpointSaved { number: 1, request: 4 };
    assert_eq!(later.told(1).iter().filter(|event| **event == made).count(), 1);
    assert_eq!(later.store.query(&Query::All(StoreName::Checkpoints)).len(), 1);
}

#[test]
fn an_answered_resume_links_the_chats_and_marks_the_checkpoint() {
    let (mut head, mut records) = stored("one");
    head.ended = Some((shim::wire::session::EndReason::TabCrashed, START));
    records[0] = codec::session_record(&head);
    records.push(checkpoint("one", 1, "A bridge is built."));
    let mut bench = Bench::new(&records);
    bench.open(1, 7, None);
    assert_eq!(bench.prompts(1).len(), 1);
    let resume = bench.resumes().remove(0);
    assert_eq!((resume.stage, resume.checkpoint), (Some(ResumeStage::Placing), 1));

    // The worker dies after the journal was written: the very document gets the prompt again.
    let mut bench = bench.restarted();
    bench.connect(1, 7, CLAUDE);
    bench.say(1, ToBackground::Hello(hello("document 1", None)));
    assert_eq!(bench.prompts(1).len(), 1);

    let new = session("two");
    let now = Hello { resume: None, ..hello("document 1", Some("two")) };
    bench.say(1, ToBackground::Hello(now));
    let turns = vec![turn("n1", 0, Role::User, "Carry on.")];
    bench.say(1, ToBackground::Turns { session: new.clone(), number: 1, turns });
    let report = |stage, session: Option<&SessionId>| ToBackground::Resume {
        resume: resume.id.clone(),
        stage,
        session: session.cloned(),
    };
    bench.say(1, report(ResumeStage::Placed, None));
    bench.say(1, report(ResumeStage::Sent, Some(&new)));
    bench.say(1, report(ResumeStage::Answered, Some(&new)));
    // Stages never go back, and nobody else may report them.
    bench.say(1, report(ResumeStage::Placed, None));
    bench.open(2, 8, Some("three"));
    bench.say(2, report(ResumeStage::Failed, None));
    let after = bench.resumes().remove(0);
    assert_eq!((after.stage, after.to.as_ref()), (Some(ResumeStage::Answered), Some(&new)));
    assert_eq!(bench.head(&new).parent, Some(head.id.clone()));
    let record = bench.store.get(&codec::checkpoint_key(&head.id, 1)).unwrap();
    let made: CheckpointHead = codec::open(record).unwrap();
    assert_eq!(made.restored.map(|(at, _)| at), Some(START));
}

#[test]
fn a_chat_whose_records_do_not_open_is_not_resumed_and_said_so() {
    let (mut head, mut records) = stored("one");
    head.ended = Some((shim::wire::session::EndReason::TabCrashed, START));
    records[0] = codec::session_record(&head);
    for record in &mut records[1..] {
        record.check ^= 1;
    }
    let mut bench = Bench::new(&records);
    bench.open(1, 7, None);
    assert_eq!(bench.prompts(1), [""; 0]);
    assert!(bench.resumes().is_empty(), "nothing is journalled for it");
    assert!(bench.status().problems[0].contains("holds nothing that can be read"));
}

#[test]
fn after_a_refused_write_the_chat_is_read_again_in_a_while_and_not_at_once() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 7, Some("one"));
    let loads = |bench: &Bench| {
        bench.effects.iter().filter(|effect| matches!(effect, BackEffect::Load { .. })).count()
    };
    let before = loads(&bench);
    bench.refused = Some("the disk is full");
    let turns = vec![turn("t3", 2, Role::User, "And paint it.")];
    bench.say(1, ToBackground::Turns { session: head.id.clone(), number: 1, turns });
    assert_eq!(loads(&bench), before, "its page would send again at once, and so on");
    let now = bench.now;
    bench.wake();
    assert!(bench.now > now, "a while has passed");
    assert_eq!(loads(&bench), before + 1);
}
