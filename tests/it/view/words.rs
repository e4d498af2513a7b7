//! Words for every case: no two say the same, and none is missing.

use super::past::checkpoint;
use super::{NOW, before, head};
use shim::base::Span;
use shim::view::popup::{Action, Notice, Outcome};
use shim::view::{card, detail, list, risk, texts};
use shim::wire::card::{CardKind, CardState};
use shim::wire::records::SessionHead;
use shim::wire::session::{About, EndReason};
use shim::wire::signals::{Factor, FactorKind, Risk, RiskLevel};
use shim::wire::state::Trigger;
use shim::wire::ui::Answer;
use std::collections::BTreeSet;

const REASONS: [EndReason; 6] = [
    EndReason::TabCrashed,
    EndReason::BrowserCrashed,
    EndReason::ContextFull,
    EndReason::UsageLimit,
    EndReason::Asked,
    EndReason::Unknown,
];

fn different(words: impl IntoIterator<Item = String>) -> usize {
    words.into_iter().filter(|text| !text.trim().is_empty()).collect::<BTreeSet<_>>().len()
}

#[test]
fn every_end_has_words_of_its_own_in_the_list_and_on_the_card() {
    let row = |reason| {
        let ended = Some((reason, before(Span::minutes(3))));
        let head = SessionHead { ended, ..head("claude/a/1", Span::minutes(4)) };
        list::sessions(&[head], None, NOW).pop().unwrap().state
    };
    assert_eq!(different(REASONS.map(row)), REASONS.len());
    let card = |reason| {
        let about = About { reason, turns: 4, ..About::default() };
        card::describe(&CardState { kind: CardKind::Placed, about }, NOW).lines.remove(0)
    };
    let lines = REASONS.map(card);
    assert!(lines.iter().all(|line| line.ends_with('.')), "{lines:?}");
    assert_eq!(different(lines), REASONS.len());
}

#[test]
fn every_trigger_has_words_of_its_own() {
    let triggers = [
        Trigger::DangerZone,
        Trigger::WarningZone,
        Trigger::RiskyOperation,
        Trigger::UserRequested,
        Trigger::Milestone,
        Trigger::SessionEnd,
        Trigger::SessionStart,
        Trigger::ToolCallInterval,
        Trigger::TimeInterval,
    ];
    let made = |(number, trigger)| checkpoint(number, Span::minutes(3), trigger);
    let heads: Vec<_> = (1..).zip(triggers).map(made).collect();
    let head = &head("claude/a/1", Span::minutes(9));
    let past = detail::Past { head, checkpoints: &heads, resumes: &[], listed: &[] };
    let rows = detail::timeline(&past, NOW).into_iter().filter(|entry| entry.point.is_some());
    assert_eq!(different(rows.map(|row| row.what)), triggers.len());
}

#[test]
fn sites_are_called_as_people_call_them() {
    let site = |name: &str| {
        let site = name.to_owned();
        let head = SessionHead { site, ..head("x/a/1", Span(0)) };
        list::sessions(&[head], None, NOW).pop().unwrap().site
    };
    for (name, words) in [
        ("claude", "Claude"),
        ("chatgpt", "ChatGPT"),
        ("gemini", "Gemini"),
        ("", "Unknown site"),
        ("chat.example", "chat.example"),
    ] {
        assert_eq!(site(name), words);
    }
}

#[test]
fn a_banner_of_the_site_is_told_by_how_bad_it_is() {
    let words = |level| {
        let factor = Factor {
            signal: FactorKind::SiteBanner,
            value: 1.0,
            threshold: 0.0,
            level,
            share: 0.0,
        };
        risk::words(&Risk { level, score: 0.5, factors: vec![factor], window: 0 })
            .reasons
            .join(", ")
    };
    assert_eq!(words(RiskLevel::Warning), "the site announced a limit");
    assert_eq!(words(RiskLevel::Danger), "the site says that this chat cannot go on");
}

#[test]
fn what_a_click_brought_is_said_well_or_badly() {
    let resumed = Action::Resume(None).outcome(Answer::Done);
    assert_eq!(resumed, Outcome::Said(texts::RESUMED.to_owned()));
    let good = Notice::good(texts::COPIED);
    assert_eq!((good.text.as_str(), good.warning), (texts::COPIED, false));
    assert!(Notice::bad("No room.").warning);
}
