//! A page that is about to fail: said after three measurements, and a fresh chat is offered once.

use super::*;
use shim::wire::card::CardButton;
use shim::wire::page::Weight;
use shim::wire::signals::RiskLevel;

fn busy(permille: u32) -> SessionEvent {
    let long_ms = Some(permille * 12);
    SessionEvent::Weighed(Weight { nodes: 900, span_ms: 12_000, long_ms, ..Weight::default() })
}

fn heap(mb: u32) -> SessionEvent {
    let (span_ms, heap_mb, heap_most_mb) = (12_000, mb, 1_000);
    SessionEvent::Weighed(Weight { span_ms, heap_mb, heap_most_mb, ..Weight::default() })
}

fn level(chat: &Chat) -> RiskLevel {
    chat.engine.measured(chat.now).risk.level
}

#[test]
fn a_page_that_is_busy_all_the_time_is_told_and_left_by_a_click() {
    let mut chat = one_exchange();
    chat.step(busy(900));
    chat.step(busy(900));
    assert_eq!((level(&chat), chat.cards.as_slice()), (RiskLevel::Safe, [].as_slice()));
    chat.step(busy(900));
    assert_eq!(level(&chat), RiskLevel::Danger);
    assert_eq!(chat.cards, [Some(CardKind::Heavy)]);
    chat.told.clear();
    chat.step(SessionEvent::Card(CardButton::Fresh));
    assert_eq!(chat.cards, [Some(CardKind::Heavy), None]);
    let session = chat.session().unwrap();
    assert!(chat.told.contains(&ToBackground::Fresh { session }));
    // It is offered once.
    chat.told.clear();
    chat.step(busy(1_000));
    chat.step(SessionEvent::Card(CardButton::Fresh));
    assert_eq!(chat.cards.len(), 2);
    assert!(!chat.told.iter().any(|said| matches!(said, ToBackground::Fresh { .. })));
}

#[test]
fn closing_the_offer_is_enough() {
    let mut chat = one_exchange();
    (0..3).for_each(|_| chat.step(busy(900)));
    chat.told.clear();
    chat.step(SessionEvent::Card(CardButton::Close));
    assert_eq!(chat.cards, [Some(CardKind::Heavy), None]);
    assert!(!chat.told.iter().any(|said| matches!(said, ToBackground::Fresh { .. })));
}

#[test]
fn memory_that_is_freed_again_is_no_need() {
    let mut chat = one_exchange();
    for mb in [950, 400, 950, 950] {
        chat.step(heap(mb));
        assert_eq!(level(&chat), RiskLevel::Safe, "{mb}");
    }
    chat.step(heap(900));
    assert_eq!(level(&chat), RiskLevel::Danger);
    let signals = chat.engine.measured(chat.now).signals;
    assert!((signals.page_heap_share - 0.9).abs() < 1e-9);
}

/// Firefox tells of elements alone; and numbers that cannot be are no panic.
#[test]
fn what_no_browser_tells_is_no_risk() {
    let mut chat = one_exchange();
    let odd = Weight { span_ms: 0, heap_mb: u32::MAX, ..Weight::default() };
    (0..3).for_each(|_| chat.step(SessionEvent::Weighed(odd.clone())));
    let signals = chat.engine.measured(chat.now).signals;
    let told = (signals.page_nodes, signals.page_busy_share, signals.page_heap_share);
    assert_eq!(told, (0, 0.0, 0.0));
    let nodes = Weight { nodes: 61_000, span_ms: 12_000, ..Weight::default() };
    (0..3).for_each(|_| chat.step(SessionEvent::Weighed(nodes.clone())));
    let signals = chat.engine.measured(chat.now).signals;
    assert_eq!((signals.page_nodes, chat.cards.len()), (61_000, 0));
}

#[test]
fn a_page_without_a_chat_is_offered_nothing() {
    let mut chat = Chat::new(Page::default());
    (0..3).for_each(|_| chat.step(busy(900)));
    assert_eq!(chat.cards, []);
}
