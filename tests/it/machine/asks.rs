//! What a person asks for in the popup: answered once what was asked for is committed.

use super::*;
use shim::wire::session::{EndReason, ResumeStage};

fn problem(answers: &[Answer]) -> &str {
    match answers {
        [Answer::Problem(text)] => text,
        other => panic!("no problem, but {other:?}"),
    }
}

#[test]
fn status_tells_open_chats_their_tabs_and_the_settings() {
    let (_, records) = stored("one");
    let mut bench = Bench::new(&records);
    let places = ["https://claude.ai/*", "https://chatgpt.com/*"].map(|p| (p.to_owned(), false));
    assert_eq!(bench.status(), Status { places: places.to_vec(), ..Status::default() });
    bench.open(1, 7, Some("one"));
    bench.open(2, 8, None);
    let status = bench.status();
    assert_eq!(status.live, [session("one")]);
    assert_eq!(status.tabs, [(7, session("one"))]);
}

#[test]
fn a_question_that_is_none_is_answered_with_words() {
    let mut bench = Bench::new(&[]);
    for text in ["", "{}", "\"sing\"", "{\"resume\":{}}"] {
        assert!(problem(&bench.ask_text(text)).contains("not understood"), "{text}");
    }
}

#[test]
fn settings_are_stored_and_leave_what_no_person_sets() {
    let refused = [("claude".to_owned(), START)].into();
    let before = Settings { refused, ..Settings::default() };
    let mut bench = Bench::new(&[codec::settings_record(&before)]);
    let wish = Settings { offer_only: true, ..Settings::default() };
    assert_eq!(bench.ask(&Ask::Change(wish)), [Answer::Done]);
    let wanted = Settings { offer_only: true, ..before };
    assert_eq!(bench.settings(), Some(wanted.clone()));
    assert_eq!(bench.status().settings, wanted);

    bench.refused = Some("the disk is full");
    let wish = Settings { paused: true, ..Settings::default() };
    assert_eq!(problem(&bench.ask(&Ask::Change(wish))), "the disk is full");
    assert_eq!(bench.settings(), Some(wanted), "nothing of it is stored");
    assert!(bench.status().problems.iter().any(|text| text.contains("the disk is full")));
}

#[test]
fn save_now_is_done_when_the_checkpoint_is_committed() {
    let (head, records) = stored("one");
    let save = Ask::SaveNow { session: head.id.clone() };
    let mut bench = Bench::new(&records);
    assert!(problem(&bench.ask(&save)).contains("not open"));

    bench.open(1, 7, Some("one"));
    assert_eq!(bench.ask(&save), [], "the page has not asked for its checkpoint yet");
    let waiting = bench.asked;
    assert!(bench.told(1).contains(&SessionEvent::SaveNow));
    let wanted = |request| ToBackground::Checkpoint {
        session: head.id.clone(),
        request,
        trigger: Trigger::UserRequested,
        measured: Box::default(),
    };
    bench.say(1, wanted(1));
    assert_eq!(bench.answers(waiting), [Answer::Done]);
    assert!(bench.store.get(&codec::checkpoint_key(&head.id, 1)).is_some());

    assert_eq!(bench.ask(&save), []);
    let waiting = bench.asked;
    bench.refused = Some("the disk is full");
    bench.say(1, wanted(2));
    assert_eq!(problem(&bench.answers(waiting)), "the disk is full");
    assert!(bench.store.get(&codec::checkpoint_key(&head.id, 2)).is_none());
}

#[test]
fn a_resume_that_was_asked_for_opens_a_tab_and_goes_to_that_alone() {
    let (mut head, mut records) = stored("one");
    head.ended = Some((EndReason::TabCrashed, Moment(START.0 - 60_000)));
    records[0] = codec::session_record(&head);
    let offer_only = Settings { offer_only: true, ..Settings::default() };
    records.push(codec::settings_record(&offer_only));
    let mut bench = Bench::new(&records);
    let asked = Ask::Resume { session: head.id.clone(), checkpoint: None };
    assert_eq!(bench.ask(&asked), [Answer::Done]);
    let opened = bench.effects.iter().find_map(|effect| match effect {
        BackEffect::OpenTab { request, url } => Some((*request, url.clone())),
        _ => None,
    });
    let (request, url) = opened.expect("a tab is opened");
    assert_eq!(url, "https://claude.ai/new");
    assert!(bench.resumes().iter().any(|resume| resume.stage == Some(ResumeStage::Waiting)));

    bench.step(BackEvent::TabOpened { request, tab: Some(TabId(9)) });
    bench.open(1, 8, None);
    assert_eq!(bench.prompts(1), [""; 0], "neither the asked one nor the crash is another tab's");
    bench.open(2, 9, None);
    let [prompt] = &bench.prompts(2)[..] else { panic!("one prompt") };
    assert!(prompt.contains("three arches"), "{prompt}");
    let placement = bench.told(2).into_iter().find_map(|event| match event {
        SessionEvent::Place(placement) => Some(placement),
        _ => None,
    });
    assert!(!placement.unwrap().offer_only, "it was asked for: it is not only offered");
    assert_eq!(bench.status().problems, [""; 0]);
}

#[test]
fn a_page_that_speaks_before_the_browser_tells_its_tab_gets_the_asked_resume_too() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    assert_eq!(bench.ask(&Ask::Resume { session: head.id, checkpoint: None }), [Answer::Done]);
    bench.open(1, 9, None);
    assert_eq!(bench.prompts(1).len(), 1);
}

#[test]
fn a_resume_that_cannot_begin_says_so() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    let unknown = Ask::Resume { session: session("none"), checkpoint: None };
    assert!(problem(&bench.ask(&unknown)).contains("not stored any more"));
    let nowhere = Ask::Resume { session: "nosite/a/b".into(), checkpoint: None };
    assert!(problem(&bench.ask(&nowhere)).contains("not stored any more"));

    let asked = Ask::Resume { session: head.id, checkpoint: None };
    bench.refused = Some("the disk is full");
    assert_eq!(problem(&bench.ask(&asked)), "the disk is full");
    assert!(!bench.effects.iter().any(|effect| matches!(effect, BackEffect::OpenTab { .. })));

    bench.refused = None;
    bench.now = Moment(bench.now.0 + 60_000);
    assert_eq!(bench.ask(&asked), [Answer::Done]);
    let request = bench.effects.iter().find_map(|effect| match effect {
        BackEffect::OpenTab { request, .. } => Some(*request),
        _ => None,
    });
    bench.step(BackEvent::TabOpened { request: request.unwrap(), tab: None });
    assert!(bench.status().problems.iter().any(|text| text.contains("did not open")));
    bench.open(1, 9, None);
    assert_eq!(bench.prompts(1), [""; 0]);
}

#[test]
fn the_prompt_is_of_the_newest_state_or_of_the_checkpoint_asked_for() {
    let (head, mut records) = stored("one");
    records.extend([
        checkpoint("one", 1, "At first a ferry was planned."),
        checkpoint("one", 2, "Then it became a bridge."),
    ]);
    let mut bench = Bench::new(&records);
    let mut prompt = |checkpoint| {
        let mut answers = bench.ask(&Ask::Prompt { session: head.id.clone(), checkpoint });
        answers.pop().expect("it is answered")
    };
    let Answer::Text(newest) = prompt(None) else { panic!("no prompt") };
    assert!(newest.contains("three arches"), "{newest}");
    let Answer::Text(second) = prompt(Some(2)) else { panic!("no prompt") };
    assert!(second.contains("three arches"), "the newest checkpoint is the newest state: {second}");
    let Answer::Text(older) = prompt(Some(1)) else { panic!("no prompt") };
    assert!(older.contains("ferry") && !older.contains("three arches"), "{older}");
    assert!(matches!(prompt(Some(9)), Answer::Problem(_)), "there is no such checkpoint");
}

/// In the page of a chat that is about to fail: nobody waits for an answer.
#[test]
fn a_chat_is_carried_on_as_its_page_asks() {
    let (head, records) = stored("one");
    let mut bench = Bench::new(&records);
    bench.open(1, 8, Some("one"));
    let opened = |bench: &Bench| {
        bench.effects.iter().filter(|e| matches!(e, BackEffect::OpenTab { .. })).count()
    };
    bench.say(1, ToBackground::Fresh { session: head.id.clone() });
    assert_eq!((opened(&bench), bench.resumes().len()), (1, 1));
    // Another page's chat is none of its business.
    bench.open(2, 9, None);
    bench.say(2, ToBackground::Fresh { session: session("two") });
    assert_eq!(opened(&bench), 1);

    let mut bench = Bench::new(&records);
    bench.open(1, 8, Some("one"));
    bench.refused = Some("the disk is full");
    bench.say(1, ToBackground::Fresh { session: head.id });
    assert_eq!((opened(&bench), bench.resumes().len()), (0, 0), "nothing is promised");
}
