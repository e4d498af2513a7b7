//! A page that is opened: known or not, for the first time or again.

use super::*;
use shim::sites;

#[test]
fn a_page_that_is_opened_again_does_not_begin_its_chat_again() {
    let mut page = Page::default();
    page.send("Build a bridge.".into(), "1".into());
    page.exchanges[0].answer = "It stands.".into();
    page.exchanges[0].done = true;
    let chat = page.chat.clone().map(ChatId);
    let knows = |last_checkpoint| Known {
        session: chat.as_ref().map(session),
        last_checkpoint,
        ..Known::default()
    };
    for (stored, wanted) in [(0, vec![Trigger::SessionStart]), (1, vec![])] {
        // The first look comes before the background has said what it knows.
        let mut opened = Chat::known(page.clone(), None);
        opened.look();
        opened.step(SessionEvent::Known(Box::new(knows(stored))));
        opened.look();
        let asked: Vec<Trigger> = opened.wanted().iter().map(|(_, why, _)| *why).collect();
        assert_eq!(asked, wanted, "after {stored} checkpoints");
    }
}

#[test]
fn a_page_of_no_known_site_is_not_watched() {
    let mut chat = Chat::new(Page::default());
    chat.engine = Engine::default();
    chat.told.clear();
    chat.hands.clear();
    chat.step(SessionEvent::Started {
        url: "https://example.org/".into(),
        document: "o".into(),
        wrote: String::new(),
    });
    chat.exchange("1", "Build a bridge.", "It stands.");
    chat.look();
    chat.step(SessionEvent::SaveNow);
    // It is looked at for the marks of an application that people host themselves, no further.
    assert_eq!(chat.told.len(), 0);
    let [PageEffect::Watch { plan }] = &chat.hands[..] else { panic!("{:?}", chat.hands) };
    assert!(sites::marks_plan().slots.keys().all(|mark| plan.slots.contains_key(mark)));
    assert!(plan.attrs.is_empty() && plan.slots.values().all(|slot| !slot.turns));
}
