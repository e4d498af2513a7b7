//! What is stored, as JSON: whole records, damaged ones, and what is no record.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect should stop there"
)]

use serde_json::{Value, json};
use shim::base::text::hash;
use shim::base::{Moment, SessionId};
use shim::session::{checkpoints, codec};
use shim::wire::chat::{BannerClass, Role, ToolCall, Turn, TurnState};
use shim::wire::records::{Happened, ResumeHead, SessionHead, Settings, Stored, StreamHead, What};
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::state::{Checkpoint, State, Trigger};
use shim_webdriver::browser::{Dump, Odd};
use shim_webdriver::stored::Held;

fn session() -> SessionId {
    "claude/acc/chat-1".into()
}

fn head() -> SessionHead {
    SessionHead {
        id: session(),
        title: "Gate".to_owned(),
        meter: r#"{"turns":2}"#.to_owned(),
        banner: Some((BannerClass::Limit, "Come back at nine".to_owned())),
        ended: Some((EndReason::TabCrashed, Moment(50))),
        ..SessionHead::default()
    }
}

fn question() -> Turn {
    let calls = vec![ToolCall { name: "read_file".to_owned(), ..ToolCall::default() }];
    Turn { key: "t1".into(), markdown: "Open?".to_owned(), calls, ..Turn::default() }
}

fn pieces() -> Vec<Stored> {
    let piece = |piece, keep, text: &str, whole: &str| {
        let head = StreamHead {
            key: "t2".into(),
            document: "d1".to_owned(),
            position: 1,
            piece,
            keep,
            hash: hash(whole),
            text_bytes: whole.len() as u64,
            at: Moment(40 + u64::from(piece)),
        };
        codec::stream_record(&session(), &head, text)
    };
    vec![piece(0, 0, "It is ", "It is "), piece(1, 6, "open", "It is open")]
}

fn checkpoint() -> Stored {
    let checkpoint = Checkpoint {
        session: session(),
        number: 3,
        created_at: Moment(30),
        trigger: Trigger::Milestone,
        state: State::default(),
    };
    checkpoints::record(&checkpoint, 1, ("doc".to_owned(), 7), &[])
}

fn resume() -> ResumeHead {
    ResumeHead {
        id: "claude/acc/chat-1@50".into(),
        from: session(),
        reason: EndReason::TabCrashed,
        crashed_at: Moment(50),
        stage: Some(ResumeStage::Placed),
        ..ResumeHead::default()
    }
}

fn told(records: Vec<Stored>) -> Value {
    json!(Held::of(&Dump { records, odd: Vec::new() }))
}

fn whole() -> Vec<Stored> {
    let mut records = vec![
        codec::session_record(&head()),
        codec::turn_record(&session(), &question()),
        checkpoint(),
        codec::resume_record(&resume(), "the prompt"),
        codec::settings_record(&Settings { offer_only: true, ..Settings::default() }),
    ];
    records.extend(pieces());
    records
}

#[test]
fn every_record_is_told_with_its_acknowledgement() {
    let told = told(whole());
    let chat = &told["sessions"][0];
    assert_eq!((&chat["title"], &chat["meter"]["turns"]), (&json!("Gate"), &json!(2)));
    let turns = chat["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 2);
    assert_eq!(turns[0]["calls"][0]["name"], "read_file");
    assert_eq!(turns[0]["from_stream"], false);
    assert_eq!(
        (&turns[1]["markdown"], &turns[1]["state"]),
        (&json!("It is open"), &json!("streaming"))
    );
    assert_eq!(turns[1]["from_stream"], true);
    assert_eq!((&told["streams"][0]["pieces"], &told["streams"][0]["at"]), (&json!(2), &json!(41)));
    assert_eq!(
        told["banners"],
        json!([
            { "session": session(), "class": "limit", "text": "Come back at nine" }
        ])
    );
    assert_eq!(
        told["crash_events"],
        json!([
            { "session": session(), "reason": "tab_crashed", "at": 50, "resume": "placed" }
        ])
    );
    assert_eq!(told["settings"]["offer_only"], true);
    let point = &told["checkpoints"][0];
    assert_eq!((&point["number"], &point["trigger"]), (&json!(3), &json!("milestone")));
    assert!(point["state"]["preferences"].is_object());
    assert_eq!(told["damaged"], json!([]));

    let turn_hash = format!("{:016x}", codec::turn_hash(&question()));
    let text_hash = format!("{:016x}", hash("It is open"));
    let acks = told["acknowledged"].as_array().unwrap();
    for ack in [
        json!({ "ack": "saved", "session": session(), "turn": "t1", "state": "done",
                "hash": turn_hash, "holds": true }),
        json!({ "ack": "stream_saved", "session": session(), "turn": "t2", "piece": 1,
                "hash": text_hash, "holds": true }),
        json!({ "ack": "checkpoint_saved", "session": session(), "number": 3,
                "document": "doc", "request": 7 }),
        json!({ "ack": "journalled", "resume": resume().id, "stage": "placed",
                "document": null }),
        json!({ "ack": "settings" }),
    ] {
        assert!(acks.contains(&ack), "{ack:#} is not in {acks:#?}");
    }
    assert_eq!(acks.len(), 5);
}

#[test]
fn a_record_that_does_not_open_is_named_and_hides_no_other() {
    let good = whole();
    for at in 0..good.len() {
        let mut records = good.clone();
        records[at].check ^= 1;
        let key = records[at].at.key.clone();
        let told = told(records);
        let damaged = told["damaged"].as_array().unwrap();
        assert_eq!(damaged.len(), 1, "{damaged:#?}");
        assert_eq!(damaged[0]["key"], json!(key));
        assert!(damaged[0]["why"].as_str().unwrap().contains("it is damaged"));
        assert_eq!(told["sessions"].as_array().unwrap().len(), 1, "its chat is still there");
    }
    let mut records = good.clone();
    records.remove(0);
    let told = told(records);
    let chat = &told["sessions"][0];
    assert_eq!((&chat["id"], &chat["unreadable"]), (&json!(session()), &json!(true)));
    assert_eq!(chat["turns"].as_array().unwrap().len(), 2);
}

#[test]
fn a_turn_that_is_not_what_was_acknowledged_is_seen() {
    let other = Turn { markdown: "Shut?".to_owned(), ..question() };
    let (own, other) =
        (codec::turn_record(&session(), &question()), codec::turn_record(&session(), &other));
    // The head of one, the text of the other, and a checksum that says nothing against it.
    let head: shim::wire::records::TurnHead = codec::open(&own).unwrap();
    let mixed = codec::rehead(&other, &head);
    let ack = &told(vec![mixed])["acknowledged"][0];
    assert_eq!((&ack["ack"], &ack["holds"]), (&json!("saved"), &json!(false)));

    let mut lost = pieces();
    lost.remove(0);
    let told = told(lost);
    assert_eq!(told["streams"][0]["text"], Value::Null);
    assert_eq!(told["acknowledged"][0]["holds"], false);
}

#[test]
fn a_crash_that_was_opened_again_is_told_by_its_resume() {
    let opened = SessionHead { ended: None, ..head() };
    let asked = ResumeHead {
        id: "asked".into(),
        reason: EndReason::Asked,
        crashed_at: Moment(60),
        ..resume()
    };
    let records = vec![
        codec::session_record(&opened),
        codec::resume_record(&resume(), ""),
        codec::resume_record(&asked, ""),
    ];
    let told = told(records);
    assert_eq!(told["resumes"].as_array().unwrap().len(), 2);
    let crashes = told["crash_events"].as_array().unwrap();
    assert_eq!(crashes.len(), 1, "what a person asked for is no crash: {crashes:#?}");
    assert_eq!((&crashes[0]["at"], &crashes[0]["resume"]), (&json!(50), &json!("placed")));
}

#[test]
fn a_crash_of_a_chats_past_is_told_once_and_a_clean_end_is_none() {
    let happened = [
        (10, What::Opened),
        (20, What::Ended(EndReason::BrowserCrashed)),
        (30, What::Left),
        (50, What::Ended(EndReason::TabCrashed)),
    ];
    let happened = happened.map(|(at, what)| Happened { at: Moment(at), what }).to_vec();
    let head = SessionHead { happened, ..head() };
    let told = told(vec![codec::session_record(&head)]);
    let crashes = told["crash_events"].as_array().unwrap();
    let seen: Vec<_> = crashes.iter().map(|one| (&one["at"], &one["reason"])).collect();
    assert_eq!(
        seen,
        [(&json!(20), &json!("browser_crashed")), (&json!(50), &json!("tab_crashed"))]
    );
}

#[test]
fn what_is_no_record_is_told_by_its_place() {
    let odd = Odd { store: "cats".to_owned(), key: "7".to_owned() };
    let held = Held::of(&Dump { records: Vec::new(), odd: vec![odd] });
    assert_eq!(held.damaged.len(), 1);
    assert_eq!((held.damaged[0].store.as_str(), held.damaged[0].key.as_str()), ("cats", "7"));
    assert_eq!(json!(held)["settings"], Value::Null);
    assert!(held.summary().contains("0 chats") && held.summary().contains("1 damaged"));
}

#[test]
fn an_interrupted_turn_keeps_its_own_text() {
    let cut = Turn {
        key: "t2".into(),
        role: Role::Assistant,
        state: TurnState::Interrupted,
        markdown: "It was".to_owned(),
        read_at: Moment(50), // after all that was streamed
        ..Turn::default()
    };
    let mut records = pieces();
    records.push(codec::turn_record(&session(), &cut));
    let turn = &told(records)["sessions"][0]["turns"][0];
    assert_eq!((&turn["markdown"], &turn["from_stream"]), (&json!("It was"), &json!(false)));
}
