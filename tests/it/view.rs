//! What a person reads, word for word.

mod carry;
mod course;
mod drill;
mod keeping;
mod past;
mod popup;
mod site_says;
mod store;
mod verify;
mod words;

use shim::base::{Moment, SessionId, Span};
use shim::view::list::Standing;
use shim::view::{amount, badge, card, list, risk, texts};
use shim::wire::card::{CardButton, CardKind, CardState};
use shim::wire::chat::BannerClass;
use shim::wire::records::SessionHead;
use shim::wire::session::{About, EndReason};
use shim::wire::signals::{Factor, FactorKind, Risk, RiskLevel};
use shim::wire::ui::Status;
use std::collections::BTreeSet;

const NOW: Moment = Moment(1_790_000_000_000);

fn before(span: Span) -> Moment {
    Moment(NOW.0 - span.0)
}

fn risk(level: RiskLevel, factors: &[(FactorKind, f64, RiskLevel)]) -> Risk {
    let factors = factors
        .iter()
        .map(|&(signal, value, level)| Factor { signal, value, threshold: 0.0, level, share: 0.0 })
        .collect();
    Risk { level, score: 0.5, factors, window: 200_000 }
}

fn head(id: &str, age: Span) -> SessionHead {
    SessionHead {
        id: id.into(),
        site: SessionId::from(id).site().to_owned(),
        title: format!("Chat {id}"),
        updated_at: before(age),
        turn_count: 26,
        last_checkpoint: 4,
        stored_bytes: 48_213,
        ..SessionHead::default()
    }
}

#[test]
fn sizes() {
    for (size, words) in [
        (0, "0 B"),
        (1_023, "1,023 B"),
        (1_024, "1 KB"),
        (1_025, "2 KB"),
        ((1 << 20) - 1, "1,023 KB"),
        (1 << 20, "1.0 MB"),
        (1_300_000, "1.2 MB"),
        (5 << 30, "5.0 GB"),
        (u64::MAX, "17,179,869,183.9 GB"),
    ] {
        assert_eq!(amount::bytes(size), words);
    }
}

#[test]
fn times_are_relative_and_never_negative() {
    for (span, words) in [
        (Span(0), "just now"),
        (Span(4_999), "just now"),
        (Span::seconds(12), "12 s ago"),
        (Span::seconds(60), "1 minute ago"),
        (Span::minutes(59), "59 minutes ago"),
        (Span::minutes(119), "1 hour ago"),
        (Span::hours(24), "1 day ago"),
        (Span::hours(24 * 30), "30 days ago"),
        (Span::hours(24 * 2_000), "2,000 days ago"),
    ] {
        assert_eq!(amount::ago(before(span), NOW), words);
    }
    for (span, words) in [
        (Span(4_999), "just now"),
        (Span::seconds(12), "12 s ago"),
        (Span::minutes(59), "59 min ago"),
        (Span::hours(23), "23 h ago"),
        (Span::hours(48), "2 days ago"),
    ] {
        assert_eq!(amount::ago_short(before(span), NOW), words);
    }
    assert_eq!(amount::ago(NOW.after(Span::hours(3)), NOW), "just now");
}

#[test]
fn counts() {
    assert_eq!(amount::count(0, "turn"), "0 turns");
    assert_eq!(amount::count(1, "turn"), "1 turn");
    assert_eq!(amount::count(1_234_567, "turn"), "1,234,567 turns");
    assert_eq!(amount::percent(0.784), "78 %");
    assert_eq!(amount::percent(f64::INFINITY), "999 %");
}

#[test]
fn a_risk_gives_its_reasons() {
    let danger = risk(
        RiskLevel::Danger,
        &[
            (FactorKind::Context, 0.784, RiskLevel::Danger),
            (FactorKind::SiteBanner, 1.0, RiskLevel::Danger),
            (FactorKind::Messages, 52.0, RiskLevel::Danger),
            (FactorKind::Duration, 95.0, RiskLevel::Danger),
            (FactorKind::CallsSinceCheckpoint, 1.0, RiskLevel::Warning),
            (FactorKind::FailureRate, 0.2, RiskLevel::Danger),
            (FactorKind::Latency, 5_230.0, RiskLevel::Danger),
        ],
    );
    let words = risk::words(&danger);
    assert_eq!(words.label, "May end soon");
    assert_eq!(
        words.reasons,
        [
            "context 78 % of 200k by estimate",
            "the site says that this chat cannot go on",
            "52 messages so far",
            "going on for 95 minutes",
            "1 tool call since the last checkpoint",
            "20 % of the recent tool calls failed",
            "answers take 5.2 s to begin",
        ]
    );
    let safe = risk::words(&Risk::default());
    assert_eq!((safe.label, safe.reasons.len()), ("Safe", 0));
}

#[test]
fn a_risk_of_odd_numbers_still_reads() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, f64::MAX] {
        for signal in [
            FactorKind::Context,
            FactorKind::Messages,
            FactorKind::Duration,
            FactorKind::CallsSinceCheckpoint,
            FactorKind::FailureRate,
            FactorKind::Latency,
        ] {
            let words =
                risk::words(&risk(RiskLevel::Warning, &[(signal, value, RiskLevel::Warning)]));
            let reason = words.reasons.join("");
            assert!(!reason.contains("NaN") && !reason.contains("inf"), "{signal:?}: {reason}");
            assert!(reason.len() < 80, "{signal:?}: {reason}");
        }
    }
}

#[test]
fn a_badge_is_short_and_says_why() {
    let warning = risk(RiskLevel::Warning, &[(FactorKind::Context, 0.61, RiskLevel::Warning)]);
    let mut head = SessionHead { risk: warning, ..head("claude/a/1", Span(0)) };
    let live = badge::of_chat(&head);
    assert_eq!(live.text, "!");
    assert_eq!(
        live.title,
        "SHIM: saved as you go. Risk: take care: context 61 % of 200k by estimate."
    );
    assert_eq!(live, badge::of(&head.risk));
    head.gaps.push("tool results".to_owned());
    let degraded = badge::of_chat(&head);
    assert!(degraded.title.ends_with(texts::DEGRADED), "{}", degraded.title);
    head.ended = Some((EndReason::TabCrashed, NOW));
    let ended = badge::of_chat(&head);
    assert_eq!(ended.title, "SHIM: The tab crashed. It is saved and can be resumed.");
}

#[test]
fn no_two_badges_look_the_same() {
    let mut seen = BTreeSet::new();
    let levels = [RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger];
    let mut views: Vec<_> = levels.map(|level| badge::of(&risk(level, &[]))).into();
    views.extend([badge::paused(), badge::unsaved(), badge::none()]);
    for view in views {
        assert!(view.text.chars().count() <= 4);
        assert!(view.title.starts_with("SHIM: "));
        assert!(seen.insert(view.text.clone()), "{view:?}");
    }
}

#[test]
fn a_card_says_what_was_restored_and_that_nothing_was_sent() {
    let about = About {
        title: "Parser rewrite\n in Rust".to_owned(),
        saved_at: before(Span::seconds(12)),
        turns: 26,
        checkpoint: 4,
        reason: EndReason::TabCrashed,
    };
    let view = card::describe(&CardState { kind: CardKind::Placed, about: about.clone() }, NOW);
    assert_eq!(view.title, "Restored: Parser rewrite in Rust");
    assert_eq!(
        view.lines,
        [
            "The tab crashed.",
            "26 turns are saved, the last 12 s ago.",
            "Nothing was sent. Look at the text below, then send it.",
        ]
    );
    let labels: Vec<&str> = view.buttons.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels, ["Send", "Edit", "Undo", "Not this one"]);
    assert!(!view.warning);

    let view = card::describe(&CardState { kind: CardKind::Offered, about: about.clone() }, NOW);
    let buttons: Vec<CardButton> = view.buttons.iter().map(|b| b.button).collect();
    assert_eq!(buttons, [CardButton::Place, CardButton::NotThis]);

    let view = card::describe(&CardState { kind: CardKind::Failed, about }, NOW);
    assert!(view.warning && view.buttons.is_empty());
    assert!(view.lines.join(" ").contains("Copy prompt"), "{:?}", view.lines);
}

#[test]
fn a_card_without_a_title_or_with_a_huge_one_stays_short() {
    let about = |title: &str| About { title: title.to_owned(), turns: 1, ..About::default() };
    let state = CardState { kind: CardKind::Placed, about: about("") };
    let view = card::describe(&state, NOW);
    assert_eq!(view.title, "Restored: Untitled chat");
    assert!(view.lines.contains(&"1 turn is saved.".to_owned()));
    let state = CardState { kind: CardKind::Placed, about: about(&"ä".repeat(5_000)) };
    assert!(card::describe(&state, NOW).title.chars().count() <= 75);
}

#[test]
fn chats_are_listed_newest_first_with_all_that_the_popup_promises() {
    let heads = [head("chatgpt/a/old", Span::hours(5)), head("claude/a/new", Span::seconds(8))];
    let status = Status { live: vec!["claude/a/new".into()], ..Status::default() };
    let rows = list::sessions(&heads, Some(&status), NOW);
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["claude/a/new", "chatgpt/a/old"]);
    let row = &rows[0];
    assert_eq!((row.site.as_str(), row.title.as_str()), ("Claude", "Chat claude/a/new"));
    assert_eq!((row.state.as_str(), row.when.as_str()), ("open now", "8 s ago"));
    assert_eq!(row.risk.label, "Safe");
    assert_eq!(
        (row.checkpoints.as_str(), row.turns.as_str(), row.size.as_str()),
        ("4 checkpoints", "26 turns", "48 KB")
    );
    assert!(row.can_save && row.can_resume);
    assert_eq!((rows[1].state.as_str(), rows[1].standing), ("closed", Standing::Closed));
    assert!(!rows[1].can_save && rows[1].can_resume);
}

#[test]
fn a_lost_chat_says_whether_it_can_be_resumed() {
    let crashed = Some((EndReason::TabCrashed, before(Span::minutes(3))));
    let mut heads = vec![SessionHead { ended: crashed, ..head("claude/a/1", Span::minutes(4)) }];
    let state = |heads: &[SessionHead], open: &[&str]| {
        let live = open.iter().map(|&id| id.into()).collect();
        let status = Status { live, ..Status::default() };
        let row = list::sessions(heads, Some(&status), NOW).pop().unwrap();
        (row.standing, row.state)
    };
    let lost = |words: &str| (Standing::Lost, words.to_owned());
    assert_eq!(state(&heads, &[]), lost("crashed 3 min ago: can be resumed"));
    heads[0].last_checkpoint = 0;
    assert_eq!(state(&heads, &[]), lost("crashed 3 min ago: before its first checkpoint"));
    heads[0].ended = Some((EndReason::ContextFull, before(Span::hours(2))));
    heads[0].last_checkpoint = 1;
    assert_eq!(
        state(&heads, &["claude/a/1"]),
        (Standing::Open, "open now, chat full: can be resumed".to_owned())
    );
    heads[0].ended = Some((EndReason::Asked, before(Span::hours(2))));
    assert_eq!(state(&heads, &[]), (Standing::Closed, "carried on by you 2 h ago".to_owned()));
    heads[0].ended = crashed;
    let parent = Some("claude/a/1".into());
    heads.push(SessionHead { parent, ..head("claude/a/2", Span(0)) });
    assert_eq!(
        state(&heads, &[]),
        (Standing::Closed, "crashed 3 min ago, carried on in another chat".to_owned())
    );
}

#[test]
fn a_row_takes_hostile_text_and_tells_what_the_site_says() {
    let mut head = head("claude/a/1", Span(0));
    head.title = format!("<b>\u{0}\n{}", "x".repeat(100_000));
    head.banner = Some((BannerClass::Limit, "You have 3\n messages left".to_owned()));
    head.gaps = vec!["tool results".to_owned(), "y".repeat(100_000)];
    let status = Status { live: vec![head.id.clone()], ..Status::default() };
    let row = list::sessions(&[head], Some(&status), NOW).pop().unwrap();
    assert!(row.title.starts_with("<b>") && row.title.chars().count() <= 120);
    assert_eq!(row.reason, "Usage limit: “You have 3 messages left”");
    assert_eq!(row.notes[0], row.reason);
    assert!(row.notes[1].contains("Missing: tool results, yyy") && row.notes[1].len() < 300);
}
