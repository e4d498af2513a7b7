//! What happened to a chat, as one line of time.

use super::{NOW, before, head};
use shim::base::{SessionId, Span};
use shim::view::detail::{self, Entry, Past, Tone};
use shim::view::popup::{Knows, page};
use shim::view::sieve::{Kind, Sieve};
use shim::wire::keeping::KeepNote;
use shim::wire::records::{CheckpointHead, Happened, ResumeHead, SessionHead, What};
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::signals::{Risk, RiskLevel};
use shim::wire::state::Trigger;
use std::collections::BTreeSet;

pub(super) fn checkpoint(number: u32, age: Span, trigger: Trigger) -> CheckpointHead {
    CheckpointHead {
        number,
        created_at: before(age),
        trigger,
        risk: Risk { level: RiskLevel::Warning, ..Risk::default() },
        turn_count: 12,
        call_count: 1,
        sizes: vec![(9_000, 3_000), (500, 100)],
        request: ("d".to_owned(), 1),
        restored: None,
        pinned: false,
    }
}

fn resume(to: Option<&str>, stage: ResumeStage, age: Span) -> ResumeHead {
    ResumeHead {
        id: format!("{stage:?}").as_str().into(),
        to: to.map(Into::into),
        stage: Some(stage),
        stage_at: before(age),
        ..ResumeHead::default()
    }
}

fn words(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.what.as_str()).collect()
}

#[test]
fn the_past_is_told_newest_first() {
    let happened = |minutes, what| Happened { at: before(Span::minutes(minutes)), what };
    let crashed = What::Ended(EndReason::TabCrashed);
    let head_of = SessionHead {
        started_at: before(Span::hours(2)),
        parent: Some("claude/a/old".into()),
        happened: vec![happened(50, What::Left), happened(40, What::Opened), happened(3, crashed)],
        ended: Some((EndReason::TabCrashed, before(Span::minutes(3)))),
        ..head("claude/a/1", Span(0))
    };
    let listed = [head("claude/a/old", Span(0)), head("claude/a/new", Span(0))];
    let restored = Some((before(Span::minutes(2)), 0.9));
    let second = checkpoint(2, Span::minutes(30), Trigger::RiskyOperation);
    let checkpoints = [
        checkpoint(1, Span::minutes(60), Trigger::SessionStart),
        CheckpointHead { restored, pinned: true, ..second },
    ];
    let resumes = [
        resume(Some("claude/a/new"), ResumeStage::Answered, Span::minutes(2)),
        resume(None, ResumeStage::Declined, Span::minutes(1)),
    ];
    let past =
        Past { head: &head_of, checkpoints: &checkpoints, resumes: &resumes, listed: &listed };
    let entries = detail::timeline(&past, NOW);
    assert_eq!(
        words(&entries),
        [
            "Carried on in “Chat claude/a/new”",
            "The tab crashed",
            "Checkpoint 2: Before a risky step",
            "Opened again",
            "Left",
            "Checkpoint 1: First answer",
            "Began, carrying on “Chat claude/a/old”",
        ]
    );
    let times: Vec<&str> = entries.iter().map(|entry| entry.when.as_str()).collect();
    let expected =
        ["2 min ago", "3 min ago", "30 min ago", "40 min ago", "50 min ago", "1 h ago", "2 h ago"];
    assert_eq!(times, expected);
    assert_eq!(entries[2].at, before(Span::minutes(30)), "the page makes an absolute time of it");
    let tones = [Tone::Good, Tone::Bad, Tone::Saved, Tone::Plain];
    assert!(entries.iter().zip(tones).all(|(entry, tone)| entry.tone == tone));
    let point = entries[2].point.as_ref().unwrap();
    assert_eq!((point.number, point.risk.label), (2, "Take care"));
    assert_eq!(point.facts, "12 turns · 1 tool call · 4 KB · resumed 2 min ago");
    assert_eq!((point.pinned, point.pin.as_str()), (true, "Pin checkpoint 2"));
    assert!(!entries[5].point.as_ref().unwrap().pinned);
    let to = |entry: &Entry| entry.chat.as_ref().map(SessionId::to_string);
    assert_eq!(to(&entries[0]).as_deref(), Some("claude/a/new"));
    assert_eq!(to(&entries[6]).as_deref(), Some("claude/a/old"));
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), entries.len());
}

#[test]
fn what_goes_next_is_told_with_when() {
    let told = |due, count| {
        let keep = Some(KeepNote { due, count, ..KeepNote::default() });
        detail::going(&SessionHead { keep, ..head("claude/a/1", Span(0)) }, NOW)
    };
    let rest = "What is pinned stays, and so does every message.";
    let later = Some(NOW.after(Span::hours(50)));
    assert_eq!(told(later, 3), format!("In 2 days 3 old checkpoints go. {rest}"));
    assert_eq!(told(later, 1), format!("In 2 days 1 old checkpoint goes. {rest}"));
    assert_eq!(told(Some(before(Span(9))), 2), format!("Soon 2 old checkpoints go. {rest}"));
    assert_eq!((told(None, 0), told(later, 0)), (String::new(), String::new()));
    assert_eq!(detail::going(&head("claude/a/1", Span(0)), NOW), "", "not looked at yet");
}

#[test]
fn every_way_of_a_resume_and_of_an_end_has_its_words() {
    let ends = [
        (EndReason::TabCrashed, "The tab crashed"),
        (EndReason::BrowserCrashed, "The browser crashed"),
        (EndReason::ContextFull, "The site said that the chat is full"),
        (EndReason::UsageLimit, "The site said that a usage limit is reached"),
        (EndReason::Unknown, "The chat ended unexpectedly"),
    ];
    for (reason, said) in ends {
        // A record of an earlier SHIM, which kept the last end alone.
        let ended = Some((reason, before(Span::minutes(1))));
        let head = SessionHead { ended, ..head("claude/a/1", Span(0)) };
        let past = Past { head: &head, checkpoints: &[], resumes: &[], listed: &[] };
        assert_eq!(words(&detail::timeline(&past, NOW)), [said, "Began"]);
    }
    let stages = [
        (ResumeStage::Sent, Some("Carried on in a new chat")),
        (ResumeStage::Placed, Some("Prompt placed in a new chat, not sent")),
        (ResumeStage::Undone, Some("Prompt taken out of the new chat again")),
        (ResumeStage::Failed, Some("Prompt could not be placed exactly")),
        (ResumeStage::Waiting, None),
        (ResumeStage::Placing, None),
        (ResumeStage::Declined, None),
    ];
    for (stage, said) in stages {
        let head = head("claude/a/1", Span(0));
        let resumes = [resume(None, stage, Span(0))];
        let past = Past { head: &head, checkpoints: &[], resumes: &resumes, listed: &[] };
        let entries = detail::timeline(&past, NOW);
        assert_eq!(words(&entries).into_iter().find(|what| *what != "Began"), said, "{stage:?}");
    }
}

#[test]
fn a_chat_that_is_not_there_any_more_is_not_named() {
    let parent = Some("claude/a/old".into());
    let head_of = SessionHead { parent, ..head("claude/a/1", Span(0)) };
    let deleted_at = Some(NOW);
    let listed = [SessionHead { deleted_at, ..head("claude/a/old", Span(0)) }];
    let resumes = [resume(Some("claude/a/gone"), ResumeStage::Answered, Span(0))];
    let past = Past { head: &head_of, checkpoints: &[], resumes: &resumes, listed: &listed };
    let entries = detail::timeline(&past, NOW);
    assert_eq!(words(&entries), ["Carried on in another chat", "Began, carrying on another chat"]);
    assert!(entries.iter().all(|entry| entry.chat.is_none()));
}

#[test]
fn a_hostile_title_stays_short_and_text() {
    let title = format!("<b>{}", "x".repeat(100_000));
    let listed = [SessionHead { title, ..head("claude/a/old", Span(0)) }];
    let head_of =
        SessionHead { parent: Some("claude/a/old".into()), ..head("claude/a/1", Span(0)) };
    let past = Past { head: &head_of, checkpoints: &[], resumes: &[], listed: &listed };
    let entries = detail::timeline(&past, NOW);
    assert!(entries[0].what.contains("<b>xxx") && entries[0].what.chars().count() < 100);
}

#[test]
fn a_part_of_the_past_is_listed_by_kind_and_age() {
    let safe = |point: CheckpointHead| CheckpointHead { risk: Risk::default(), ..point };
    let made = |number, age| checkpoint(number, age, Trigger::TimeInterval);
    let (restored, pinned) = (Some((before(Span::minutes(1)), 0.9)), true);
    let chat = head("claude/a/1", Span(0));
    let session = chat.id.clone();
    let checkpoints = vec![
        safe(CheckpointHead { pinned, ..made(1, Span::hours(200)) }),
        made(2, Span::hours(30)),
        safe(CheckpointHead { restored, ..made(3, Span::hours(20)) }),
        CheckpointHead { pinned, ..made(4, Span::hours(1)) },
        safe(made(5, Span::minutes(3))),
    ];
    let resumes = vec![resume(Some("claude/a/new"), ResumeStage::Answered, Span::minutes(2))];
    let listed = |kind, within| {
        let knows = Knows {
            now: NOW,
            heads: Some(vec![chat.clone()].into()),
            chosen: Some(session.clone()),
            checkpoints: Some(checkpoints.clone().into()),
            resumes: resumes.clone(),
            sieve: Sieve { kind, within },
            ..Knows::default()
        };
        let past = page(&knows).detail.unwrap().past.unwrap();
        past.into_iter().map(|entry| entry.id).collect::<Vec<_>>().join(" ")
    };
    let resumed = "rAnswered";
    let all = listed(Kind::All, None);
    assert!(all.starts_with(&format!("{resumed} c5 c4 c3 c2 c1")), "{all}");
    for (kind, within, wanted) in [
        (Kind::Risky, None, "c4 c2"),
        (Kind::Resumed, None, "rAnswered c3"),
        (Kind::Pinned, None, "c4 c1"),
        (Kind::All, Some(Span::hours(1)), "rAnswered c5 c4"),
        (Kind::Risky, Some(Span::hours(24)), "c4"),
        (Kind::Pinned, Some(Span::minutes(59)), ""),
    ] {
        let found = listed(kind, within).replace(" began", "").replace("began", "");
        assert_eq!(found, wanted, "{kind:?} {within:?}");
    }
}
