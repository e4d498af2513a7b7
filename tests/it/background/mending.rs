//! Second copies: kept with each checkpoint, used by themselves where the store is damaged or
//! gone, and gone with the chat that a person deletes.

use super::damage::flipped;
use super::*;
use shim::base::limits::{COPIES, COPY_AFTER, COPY_BYTES, UNDO_GRACE, UNDO_WITHIN};
use shim::base::text;
use shim::session::copy;
use shim::wire::chat::TurnState;
use shim::wire::state::Measured;

fn turn(position: u32, role: Role, said: &str) -> Turn {
    Turn {
        key: format!("t{position}").as_str().into(),
        position,
        role,
        markdown: said.into(),
        at: NOW,
        read_at: NOW,
        ..Turn::default()
    }
}

pub(super) fn session() -> SessionId {
    SessionId::from("claude/a/bridge")
}

fn hello(bench: &mut Bench) {
    bench.connect(CLAUDE);
    let chat = Some(ChatId("bridge".into()));
    let title = "The bridge".into();
    bench.say(ToBackground::Hello(Hello {
        chat,
        title,
        fresh: false,
        ..fresh_hello("claude", "a")
    }));
}

fn say(bench: &mut Bench, turns: Vec<Turn>) {
    say_as(bench, 9, turns);
}

fn say_as(bench: &mut Bench, number: u64, turns: Vec<Turn>) {
    bench.say(ToBackground::Turns { session: session(), number, turns });
}

/// A moment passes, and the second copies are made.
fn settle(bench: &mut Bench) {
    bench.wait(Span(COPY_AFTER.0 + 100));
}

fn checkpoint(bench: &mut Bench, request: u64) {
    bench.say(ToBackground::Checkpoint {
        session: session(),
        request,
        trigger: Trigger::Milestone,
        measured: Box::new(Measured::default()),
    });
}

/// A chat of a question and an answer, with a checkpoint and so with a copy, whose page is left.
pub(super) fn saved() -> Bench {
    let mut bench = Bench::new(Vec::new());
    hello(&mut bench);
    let asked = turn(0, Role::User, "Build the bridge");
    say(&mut bench, vec![asked, turn(1, Role::Assistant, "Of stone?")]);
    checkpoint(&mut bench, 1);
    bench.say(ToBackground::Bye { session: Some(session()) });
    bench.step(BackEvent::Disconnected { port: PORT });
    settle(&mut bench);
    bench
}

fn prompt(bench: &mut Bench) -> String {
    match bench.ask(&Ask::Prompt { session: session(), checkpoint: None }) {
        Answer::Text(text) => text,
        other => panic!("no prompt: {other:?}"),
    }
}

#[test]
fn each_checkpoint_is_kept_a_second_time() {
    let bench = saved();
    let copy = bench.store.copy(&session());
    let stores: Vec<StoreName> = copy.iter().map(|record| record.at.store).collect();
    let turns = [StoreName::Turns; 2];
    assert_eq!(stores, [&[StoreName::Sessions, StoreName::Checkpoints], &turns[..]].concat());
    assert!(copy.iter().all(|record| record.session == session()));
}

#[test]
fn an_answer_is_copied_a_moment_after_it_ended_whatever_checkpoints_there_are() {
    let mut bench = Bench::new(Vec::new());
    hello(&mut bench);
    say(&mut bench, vec![turn(0, Role::User, "Build the bridge")]);
    assert_eq!(bench.store.copy(&session()), []);
    settle(&mut bench);
    assert_eq!(bench.store.copy(&session()).len(), 2, "head and question");
    let streams = Turn { state: TurnState::Streaming, ..turn(1, Role::Assistant, "Of") };
    say_as(&mut bench, 10, vec![streams]);
    settle(&mut bench);
    assert_eq!(bench.store.copy(&session()).len(), 2, "it is not finished");
    say_as(&mut bench, 11, vec![turn(1, Role::Assistant, "Of stone?")]);
    settle(&mut bench);
    assert_eq!(bench.store.copy(&session()).len(), 3);
    let before = prompt(&mut bench);
    bench.store.lose();
    assert_eq!(prompt(&mut bench.again()), before);
}

#[test]
fn a_store_that_was_lost_is_filled_from_the_copies() {
    let mut bench = saved();
    let before = prompt(&mut bench);
    bench.store.lose();
    let mut bench = bench.again();
    let status = bench.status();
    assert_eq!(bench.count(StoreName::Sessions), 1);
    assert!(status.problems.concat().contains("put back from their second copies: 1,"));
    assert_eq!(prompt(&mut bench), before);
    let mut bench = bench.again();
    assert!(bench.status().problems.is_empty(), "it is stored: that is done once");
    assert_eq!(prompt(&mut bench), before);
}

#[test]
fn a_lost_store_that_finds_no_room_is_filled_once_there_is() {
    let mut bench = saved();
    let before = prompt(&mut bench);
    let mut store = bench.store.clone();
    store.lose();
    let mut bench = Bench::before(store, NOW);
    bench.full = true;
    bench.restore();
    bench.wait(Span(60_000));
    bench.full = false;
    bench.wait(Span(600_000));
    assert_eq!(prompt(&mut bench), before);
    assert_eq!(prompt(&mut bench.again()), before);
}

/// It died when the first chat stood there, so its store is not empty any more.
#[test]
fn a_lost_store_that_was_filled_in_part_is_filled_to_the_end() {
    let mut bench = saved();
    let before = prompt(&mut bench);
    let mut store = bench.store.clone();
    store.lose();
    let other = SessionHead { id: "claude/a/2".into(), turn_count: 1, ..bench.head(&session()) };
    let owed = Settings { owed: true, ..Settings::default() };
    let puts = vec![codec::session_record(&other), codec::settings_record(&owed)];
    store.write(&Change { puts, ..Change::default() }).unwrap();
    let mut bench = Bench::on(store, NOW);
    assert_eq!(prompt(&mut bench), before);
    let settings = bench.store.get(&codec::settings_key()).unwrap();
    assert!(!codec::open::<Settings>(settings).unwrap().owed, "that is done once");
}

#[test]
fn a_chat_that_is_saved_before_its_copy_came_keeps_both() {
    let bench = saved();
    let mut lost = bench.store.clone();
    lost.lose();
    let mut bench = Bench::before(lost, NOW);
    let event = BackEvent::Restored { records: Vec::new(), browser_session: "one".into() };
    let mut effects = Vec::new();
    bench.machine.step(NOW, event, &mut effects);
    hello(&mut bench);
    say(&mut bench, vec![turn(1, Role::Assistant, "Of stone, or of wood?")]);
    for effect in effects {
        if let Some(event) = bench.carry_out(effect) {
            bench.step(event);
        }
    }
    let text = prompt(&mut bench);
    assert!(text.contains("Build the bridge") && text.contains("or of wood?"), "{text}");
}

#[test]
fn what_is_damaged_is_put_back_before_a_prompt_is_made() {
    let mut bench = saved();
    let before = prompt(&mut bench);
    let damaged: Vec<Stored> = bench
        .store
        .values()
        .filter(|record| matches!(record.at.store, StoreName::Turns | StoreName::Checkpoints))
        .map(flipped)
        .collect();
    assert_eq!(damaged.len(), 3);
    for record in damaged.clone() {
        bench.store.spoil(record);
    }
    let mut bench = bench.again();
    assert_eq!(prompt(&mut bench), before);
    for was in damaged {
        let aside = |record: &Stored| codec::is_aside(&record.at) && record.check == was.check;
        assert!(bench.store.values().any(aside), "{:?} is kept", was.at);
    }
    let told = bench.status().problems.concat();
    assert!(told.contains("3 of them were put back"), "{told}");
}

#[test]
fn a_damaged_head_is_taken_from_its_copy() {
    let bench = saved();
    let head = bench.head(&session());
    let mut bench = bench;
    bench.store.spoil(flipped(&codec::session_record(&head)));
    let bench = bench.again();
    assert_eq!(bench.head(&session()).title, "The bridge");
    assert_eq!(bench.head(&session()).last_checkpoint, 1);
}

#[test]
fn what_the_store_holds_is_never_replaced_by_a_copy() {
    let mut bench = saved();
    hello(&mut bench);
    say(&mut bench, vec![turn(1, Role::Assistant, "Of stone, or of wood?")]);
    let first = codec::turn_key(&session(), &"t0".into());
    let spoilt = flipped(bench.store.get(&first).unwrap());
    bench.store.spoil(spoilt);
    let mut bench = bench.again();
    let text = prompt(&mut bench);
    assert!(text.contains("or of wood?") && text.contains("Build the bridge"), "{text}");
}

#[test]
fn a_deleted_chat_does_not_come_back_from_its_copy() {
    let mut bench = saved();
    assert!(matches!(bench.ask(&Ask::Delete { session: session() }), Answer::Done));
    bench.wait(Span(UNDO_WITHIN.0 + UNDO_GRACE.0 + 1_000));
    assert_eq!(bench.store.copy(&session()), []);
    let bench = bench.again();
    assert_eq!(bench.count(StoreName::Sessions), 0);
}

#[test]
fn a_copy_that_is_not_what_it_says_is_not_taken() {
    let bench = saved();
    let mut store = bench.store.clone();
    let copy = store.copy(&session());
    store.lose();
    let foreign = SessionId::from("claude/a/other");
    let strange: Vec<Stored> = copy
        .iter()
        .map(|record| Stored { session: foreign.clone(), ..record.clone() })
        .chain(copy.iter().map(flipped))
        .collect();
    store.keep(session(), strange);
    let bench = Bench::on(store, NOW);
    assert_eq!(bench.stored(), 0);
}

#[test]
fn the_newest_chats_have_a_copy() {
    let mut bench = saved();
    for n in 0..=COPIES {
        let id = SessionId(format!("claude/a/later {n:03}"));
        let (port, chat) = (PortId(2 + n as u64), ChatId(format!("later {n:03}")));
        bench.connect_as(port, TAB, CLAUDE);
        let hello = Hello {
            chat: Some(chat),
            fresh: false,
            document: id.0.clone(),
            ..fresh_hello("claude", "a")
        };
        bench.say_as(port, ToBackground::Hello(hello));
        let turns = vec![turn(0, Role::User, "And this?")];
        bench.say_as(port, ToBackground::Turns { session: id.clone(), number: 9, turns });
        let measured = Box::new(Measured::default());
        let (request, trigger) = (1, Trigger::Milestone);
        let wanted = ToBackground::Checkpoint { session: id.clone(), request, trigger, measured };
        bench.say_as(port, wanted);
        settle(&mut bench);
        assert_ne!(bench.store.copy(&id), []);
        assert_eq!(bench.store.copy(&session()).is_empty(), n + 1 >= COPIES, "chat {n}");
    }
    assert_eq!(bench.store.copy(&"claude/a/later 000".into()), []);
    assert_ne!(bench.store.copy(&"claude/a/later 001".into()), []);
}

#[test]
fn a_copy_that_finds_no_room_is_told() {
    let mut bench = saved();
    bench.step(BackEvent::Copied { problem: Some("full".into()) });
    assert!(bench.status().problems.concat().contains("A second copy was not kept: full"));
}

#[test]
fn a_copy_is_bounded_and_holds_the_first_request_and_the_newest_turns() {
    let noise = |n: u32| (0..400).map(move |i| format!("{:x} ", text::hash(&format!("{n}.{i}"))));
    let turns: Vec<Turn> = (0..200)
        .map(|n| {
            let role = if n % 2 == 0 { Role::User } else { Role::Assistant };
            turn(n, role, &noise(n).collect::<String>())
        })
        .collect();
    let head = SessionHead { id: session(), ..SessionHead::default() };
    let checkpoint = codec::turn_record(&session(), &turns[0]);
    let copy = copy::records(&head, Some(&checkpoint), &turns);
    let kept: Vec<Turn> = copy[2..].iter().map(|one| codec::open_turn(one).unwrap()).collect();
    let packed: u64 = copy[2..].iter().map(codec::packed_bytes).sum();
    assert!(packed <= COPY_BYTES && packed > COPY_BYTES / 2, "{packed}");
    assert_eq!(kept[0], turns[0]);
    assert_eq!(kept[1], turns[199]);
    let roles = |role| kept.iter().filter(|turn| turn.role == role).count();
    assert!(roles(Role::User) > roles(Role::Assistant));
}
