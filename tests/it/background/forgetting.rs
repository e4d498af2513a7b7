//! A site that is forgotten: every chat of it, and nothing of any other; with a way back for a
//! while. And accounts are apart where one chat is deleted.

use super::mending::{saved, session};
use super::*;
use shim::base::ResumeId;
use shim::base::limits::{LOOK_RECORDS, UNDO_GRACE, UNDO_WITHIN};
use shim::wire::records::ResumeHead;

const GONE: Span = Span(UNDO_WITHIN.0 + UNDO_GRACE.0 + 1_000);

/// A chat that is open nowhere, with a copy, a resume, and something that does not open.
fn chat(store: &mut Memory, id: &str) {
    let (head, turn) = crashed();
    let id = SessionId::from(id);
    let site = id.site().to_owned();
    let head = SessionHead { id: id.clone(), site, ended: None, ..head };
    let turn = codec::turn_record(&id, &codec::open_turn(&turn).unwrap());
    let name = ResumeId(format!("{id}@1"));
    let resume = ResumeHead { id: name, from: id.clone(), ..ResumeHead::default() };
    let formless = codec::formless(codec::checkpoint_key(&id, 1), id.clone());
    let records = [codec::session_record(&head), turn, codec::resume_record(&resume, ""), formless];
    store.keep(id, records.to_vec());
    records.into_iter().for_each(|record| store.spoil(record));
}

const KEPT: [&str; 3] = ["openwebui@10.0.0.2:8080/a/one", "claude.ai/a/one", "chatgpt/a/one"];

fn many() -> Bench {
    let mut store = Memory::default();
    for id in ["claude/a/one", "claude/a/two", "claude/b/one", "openwebui@10.0.0.1:8080/a/one"] {
        chat(&mut store, id);
    }
    KEPT.iter().for_each(|id| chat(&mut store, id));
    Bench::on(store, NOW)
}

/// Whether anything names this, in records or copies.
fn names(bench: &Bench, what: &str) -> bool {
    let copies = bench.store.query(&Query::Copies(None));
    bench.store.values().chain(&copies).any(|record| format!("{record:?}").contains(what))
}

fn forget(bench: &mut Bench, site: &str) -> Answer {
    bench.ask(&Ask::ForgetSite { site: site.into() })
}

#[test]
fn every_byte_of_a_site_goes_and_nothing_of_another() {
    let mut bench = many();
    assert_eq!(forget(&mut bench, "claude"), Answer::Done);
    assert!(names(&bench, "claude/"), "not at once");
    bench.wait(GONE);
    assert!(!names(&bench, "claude/"));
    assert_eq!(forget(&mut bench, "openwebui@10.0.0.1:8080"), Answer::Done);
    bench.wait(GONE);
    assert!(!names(&bench, "10.0.0.1") && KEPT.iter().all(|id| names(&bench, id)));
    assert_eq!((bench.count(StoreName::Sessions), bench.stored()), (3, 12));
    assert_eq!(forget(&mut bench, "claude"), Answer::Done, "there is nothing left to do");
}

#[test]
fn a_chat_without_a_head_and_one_that_only_its_copy_tells_of_go_as_well() {
    let mut bench = many();
    let lone = SessionId::from("claude/c/lone");
    let key = TurnKey("t".into());
    let turns =
        (0..LOOK_RECORDS).map(|n| Turn { key: format!("{n}").as_str().into(), ..Turn::default() });
    let records = turns.map(|turn| codec::turn_record(&lone, &turn)).collect();
    bench.store.write(&Change { puts: records, ..Change::default() }).unwrap();
    let copied = SessionId::from("claude/c/copied");
    let turn = codec::turn_record(&copied, &Turn { key, ..Turn::default() });
    bench.store.keep(copied, vec![turn]);
    assert_eq!(forget(&mut bench, "claude"), Answer::Done);
    bench.wait(GONE);
    assert!(!names(&bench, "claude/") && names(&bench, "chatgpt/"));
}

#[test]
fn it_can_be_undone_in_time_also_after_the_worker_died() {
    let mut bench = many();
    let before = bench.stored();
    forget(&mut bench, "claude");
    bench.wait(Span::seconds(3));
    let mut bench = bench.again();
    assert_eq!(bench.ask(&Ask::KeepSite { site: "claude".into() }), Answer::Done);
    bench.wait(GONE);
    assert_eq!((bench.stored(), bench.count(StoreName::Sessions)), (before, 7));
    assert!(
        ["a/one", "a/two", "b/one"]
            .iter()
            .all(|chat| { bench.head(&SessionId(format!("claude/{chat}"))).deleted_at.is_none() })
    );
    forget(&mut bench, "claude");
    let mut bench = bench.again();
    bench.wait(GONE);
    assert!(!names(&bench, "claude/"), "the next worker goes on");
    let late = bench.ask(&Ask::KeepSite { site: "claude".into() });
    assert!(matches!(late, Answer::Problem(_)));
}

#[test]
fn what_cannot_be_stored_or_read_deletes_nothing_and_says_so() {
    let mut bench = many();
    bench.full = true;
    assert!(matches!(forget(&mut bench, "claude"), Answer::Problem(_)));
    bench.full = false;
    bench.blind = true;
    assert!(matches!(forget(&mut bench, "claude"), Answer::Problem(_)));
    bench.blind = false;
    bench.wait(GONE);
    assert!(names(&bench, "claude/a/one") && names(&bench, "claude/b/one"));
    assert_eq!(forget(&mut bench, "claude"), Answer::Done, "and then it can be done");
}

#[test]
fn an_open_chat_keeps_its_site_until_its_tab_is_closed() {
    let mut bench = saved();
    bench.connect(CLAUDE);
    let chat = Some(ChatId("bridge".into()));
    bench.say(ToBackground::Hello(Hello { chat, fresh: false, ..fresh_hello("claude", "a") }));
    let Answer::Problem(why) = forget(&mut bench, "claude") else { panic!("it is open") };
    assert!(why.contains("1 chat of Claude open in tabs"), "{why}");
    bench.wait(GONE);
    assert!(names(&bench, session().as_str()));
    bench.say(ToBackground::Bye { session: Some(session()) });
    bench.step(BackEvent::Disconnected { port: PORT });
    assert_eq!(forget(&mut bench, "claude"), Answer::Done);
    bench.wait(GONE);
    assert!(!names(&bench, session().as_str()));
}

#[test]
fn a_deleted_chat_takes_nothing_of_another_account_and_no_other_chat_names_it() {
    let mut bench = many();
    let (parent, resume) = (SessionId::from("claude/a/one"), ResumeId("r".into()));
    let from = SessionId::from("claude/a/two");
    let to = Some(parent.clone());
    let head = ResumeHead { id: resume, from: from.clone(), to, ..ResumeHead::default() };
    bench.store.spoil(codec::resume_record(&head, "a prompt"));
    let child = SessionHead { parent: Some(parent.clone()), ..bench.head(&from) };
    bench.store.spoil(codec::session_record(&child));
    let mut bench = bench.again();
    assert_eq!(bench.ask(&Ask::Delete { session: parent }), Answer::Done);
    bench.wait(GONE);
    assert!(!names(&bench, "claude/a/one"));
    assert!(names(&bench, "claude/b/one") && names(&bench, "claude/a/two"));
    assert_eq!(bench.store.copy(&"claude/b/one".into()).len(), 4, "nor of its copy");
}
