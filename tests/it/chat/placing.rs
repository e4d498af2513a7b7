//! A prompt in a fresh chat: placed once, exactly or not at all, and sent by nobody but a person.

use super::*;
use shim::wire::card::CardButton;
use shim::wire::session::{FillOutcome, Placement, PressOutcome, ResumeStage};

const PROMPT: &str = "Please carry on with the bridge.\nIts mark is 0f0f0f0f.";

fn placement() -> Placement {
    Placement {
        resume: "claude/a/old@5".into(),
        text: PROMPT.to_owned(),
        nonce: "0f0f0f0f".to_owned(),
        ..Placement::default()
    }
}

/// A fresh chat that was just given a prompt.
fn given(placement: Placement) -> Chat {
    let mut chat = Chat::new(Page::default());
    chat.hands.clear();
    chat.step(SessionEvent::Place(Box::new(placement)));
    chat
}

/// The same, with the prompt standing in the composer.
fn placed() -> Chat {
    let mut chat = given(placement());
    chat.step(SessionEvent::Filled(FillOutcome::Written { read_back: PROMPT.to_owned() }));
    PROMPT.clone_into(&mut chat.page.composer);
    chat.look();
    chat.hands.clear();
    chat
}

fn click(chat: &mut Chat, button: CardButton) {
    chat.step(SessionEvent::Card(button));
}

fn fills(chat: &Chat) -> Vec<&str> {
    let text = |effect: &'_ PageEffect| matches!(effect, PageEffect::Fill { .. });
    let found = chat.hands.iter().filter(|effect| text(effect));
    found
        .filter_map(|effect| match effect {
            PageEffect::Fill { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The stages that the background was told, with the chat.
fn stages(chat: &Chat) -> Vec<(ResumeStage, Option<SessionId>)> {
    let stage = |message: &ToBackground| match message {
        ToBackground::Resume { stage, session, .. } => Some((*stage, session.clone())),
        _ => None,
    };
    chat.told.iter().filter_map(stage).collect()
}

fn last_stage(chat: &Chat) -> ResumeStage {
    stages(chat).last().expect("a stage was told").0
}

#[test]
fn a_prompt_is_placed_sent_by_a_click_and_followed_to_its_answer() {
    let mut chat = given(placement());
    assert_eq!(fills(&chat), [PROMPT]);
    assert_eq!(chat.cards, [], "nothing is said before it stands there");
    chat.step(SessionEvent::Filled(FillOutcome::Written { read_back: PROMPT.to_owned() }));
    assert_eq!(chat.cards, [Some(CardKind::Placed)]);
    assert!(!chat.hands.iter().any(|effect| matches!(effect, PageEffect::Press { .. })));

    click(&mut chat, CardButton::Send);
    let press = chat.hands.last().unwrap();
    let wanted = PageEffect::Press {
        slot: "send".into(),
        composer: "composer".into(),
        expected: PROMPT.to_owned(),
    };
    assert_eq!(*press, wanted);
    chat.step(SessionEvent::Pressed(PressOutcome::Pressed));
    assert_eq!(chat.cards.last(), Some(&None));
    chat.exchange("1", PROMPT, "Gladly.");
    chat.answer("", false);
    chat.look();
    chat.answer("Gladly.", true);
    chat.look();
    let told = stages(&chat);
    assert_eq!(told.first(), Some(&(ResumeStage::Placing, None)));
    assert_eq!(told.last(), Some(&(ResumeStage::Answered, chat.session())));
    assert!(told.is_sorted_by_key(|(stage, _)| *stage), "it never goes back: {told:?}");
}

#[test]
fn a_text_that_reads_back_otherwise_is_taken_out_and_offered_for_copying() {
    let mut chat = given(placement());
    let read_back = "Please carry on with the bridge. Its mark".to_owned();
    chat.step(SessionEvent::Filled(FillOutcome::Written { read_back: read_back.clone() }));
    let clear = PageEffect::Clear { slot: "composer".into(), expected: read_back };
    assert_eq!(chat.hands.last(), Some(&clear));
    assert_eq!(chat.cards, [Some(CardKind::Failed)]);
    assert_eq!(last_stage(&chat), ResumeStage::Failed);
    chat.step(SessionEvent::Cleared(true));
    // The card can still be sent away.
    click(&mut chat, CardButton::NotThis);
    assert_eq!((last_stage(&chat), chat.cards.last()), (ResumeStage::Declined, Some(&None)));
}

#[test]
fn a_composer_in_use_is_not_touched_and_the_prompt_is_offered() {
    for outcome in [FillOutcome::NotEmpty, FillOutcome::Missing] {
        let mut chat = given(placement());
        chat.step(SessionEvent::Filled(outcome));
        assert_eq!(chat.cards, [Some(CardKind::Offered)]);
        assert_eq!(last_stage(&chat), ResumeStage::Placing);
        click(&mut chat, CardButton::Send);
        assert_eq!(fills(&chat).len(), 1, "there is nothing to send, and nothing is filled by it");
        click(&mut chat, CardButton::Place);
        assert_eq!(fills(&chat).len(), 2);
        click(&mut chat, CardButton::Place);
        assert_eq!(fills(&chat).len(), 2, "the first click is still being carried out");
    }
    let mut chat = Chat::new(Page { composer: "My own words".into(), ..Page::default() });
    chat.step(SessionEvent::Place(Box::new(placement())));
    assert_eq!((fills(&chat), &chat.cards[..]), (Vec::new(), &[Some(CardKind::Offered)][..]));
}

#[test]
fn only_offered_means_placed_by_a_click() {
    let mut chat = given(Placement { offer_only: true, ..placement() });
    assert_eq!((fills(&chat), &chat.cards[..]), (Vec::new(), &[Some(CardKind::Offered)][..]));
    click(&mut chat, CardButton::Place);
    assert_eq!(fills(&chat), [PROMPT]);
    // An answer that nobody asked for says nothing.
    chat.step(SessionEvent::Filled(FillOutcome::NotEmpty));
    chat.step(SessionEvent::Filled(FillOutcome::Written { read_back: PROMPT.to_owned() }));
    assert_eq!(last_stage(&chat), ResumeStage::Placing);
}

#[test]
fn undo_takes_out_what_was_written_and_nothing_else() {
    let mut chat = placed();
    "Please carry on, but with a tunnel.".clone_into(&mut chat.page.composer);
    chat.look();
    click(&mut chat, CardButton::Undo);
    let clear = PageEffect::Clear { slot: "composer".into(), expected: PROMPT.to_owned() };
    assert_eq!(chat.hands, [clear], "the hands compare, and leave a changed text");
    assert_eq!((last_stage(&chat), chat.cards.last()), (ResumeStage::Undone, Some(&None)));
    click(&mut chat, CardButton::NotThis);
    assert_eq!(last_stage(&chat), ResumeStage::Undone, "it was decided already");
}

#[test]
fn a_changed_prompt_is_sent_as_the_person_changed_it() {
    let mut chat = placed();
    click(&mut chat, CardButton::Edit);
    assert_eq!(chat.hands, [PageEffect::Focus { slot: "composer".into() }]);
    assert_eq!(chat.cards.last(), Some(&None));
    let own = format!("{PROMPT} And paint it.");
    own.clone_into(&mut chat.page.composer);
    chat.look();
    click(&mut chat, CardButton::Send);
    let Some(PageEffect::Press { expected, .. }) = chat.hands.last() else { panic!("no press") };
    assert_eq!(*expected, own);
    for outcome in [PressOutcome::TextDiffers, PressOutcome::NotReady] {
        chat.cards.clear();
        chat.step(SessionEvent::Pressed(outcome));
        assert_eq!(chat.cards, [], "the card stays until it was really pressed");
    }
}

#[test]
fn closing_the_card_leaves_what_stands_and_gives_up_what_does_not() {
    let mut chat = placed();
    click(&mut chat, CardButton::Close);
    assert_eq!((last_stage(&chat), chat.cards.last()), (ResumeStage::Placed, Some(&None)));
    assert_eq!(chat.hands, []);

    let mut chat = given(Placement { offer_only: true, ..placement() });
    click(&mut chat, CardButton::Close);
    assert_eq!(last_stage(&chat), ResumeStage::Undone);
}

#[test]
fn a_repeated_prompt_is_placed_once_and_another_one_waits_its_turn() {
    let mut chat = placed();
    let before = stages(&chat).len();
    chat.step(SessionEvent::Place(Box::new(placement())));
    assert_eq!(fills(&chat), [""; 0]);
    assert_eq!(stages(&chat).len(), before + 1, "how far it is is told again");
    let other = Placement { resume: "claude/a/other@6".into(), ..placement() };
    chat.step(SessionEvent::Place(Box::new(other.clone())));
    assert_eq!(fills(&chat), [""; 0]);
    click(&mut chat, CardButton::Undo);
    chat.page.composer.clear();
    chat.look();
    chat.step(SessionEvent::Place(Box::new(other)));
    assert_eq!(fills(&chat).len(), 1);
}

#[test]
fn a_document_with_a_prompt_asks_for_no_second_one() {
    let mut chat = placed();
    chat.step(SessionEvent::Connected);
    let hello = *chat.hellos().last().unwrap();
    assert_eq!(hello.resume, Some((placement().resume, ResumeStage::Placed)));
    assert!(!hello.fresh);
}

/// The engine of a page ended with its worker, and the next one is given the prompt again.
#[test]
fn what_may_be_sent_already_is_offered_only_when_the_page_was_read_anew() {
    for (said, offered) in [(PROMPT, false), ("Something else.", true)] {
        let mut chat = Chat::new(Page::default());
        chat.exchange("1", said, "Gladly.");
        chat.look();
        chat.hands.clear();
        let again = Placement { stage: Some(ResumeStage::Placing), ..placement() };
        chat.step(SessionEvent::Place(Box::new(again)));
        assert_eq!(chat.cards, [], "it is not known yet");
        // The card of the engine before may still be there.
        click(&mut chat, CardButton::Place);
        assert_eq!(fills(&chat), [""; 0]);
        chat.look();
        assert_eq!(chat.cards.contains(&Some(CardKind::Offered)), offered);
        click(&mut chat, CardButton::Place);
        assert_eq!(fills(&chat).len(), usize::from(offered));
    }
}
