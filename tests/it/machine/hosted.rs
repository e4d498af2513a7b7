//! The second placement: the engine of a page that refused it runs here.

use super::*;
use crate::world::page::{Exchange, Page};
use shim::base::Span;
use shim::wire::card::CardButton;
use shim::wire::page::CardView;
use shim::wire::session::{EndReason, FillOutcome, Known, ResumeStage};

/// A page whose engine runs in the background, and which was looked at once.
fn start(bench: &mut Bench, page: &mut Page) {
    bench.connect(1, 7, CLAUDE);
    bench.send(1, &PortUp::Refused);
    greet(bench, page, String::new());
}

/// The document says hello, and that its hands `wrote` a text before.
fn greet(bench: &mut Bench, page: &mut Page, wrote: String) {
    let url = page.flush().url;
    let document = "document 1".to_owned();
    bench.send(1, &PortUp::Event(SessionEvent::Started { url, document, wrote }));
    look(bench, page);
}

fn look(bench: &mut Bench, page: &mut Page) {
    bench.send(1, &PortUp::Event(SessionEvent::Page(page.flush())));
}

/// What the hands were to write.
fn fills(bench: &Bench) -> Vec<String> {
    let text = |effect: PageEffect| match effect {
        PageEffect::Fill { text, .. } => Some(text),
        _ => None,
    };
    bench.ordered(1).into_iter().filter_map(text).collect()
}

fn cards(bench: &Bench) -> Vec<Option<CardView>> {
    let card = |effect: PageEffect| match effect {
        PageEffect::Card { card } => Some(card),
        _ => None,
    };
    bench.ordered(1).into_iter().filter_map(card).collect()
}

#[test]
fn a_chat_is_watched_and_stored_without_an_engine_in_its_page() {
    let mut bench = Bench::new(&[]);
    let mut page = Page::default();
    start(&mut bench, &mut page);
    assert!(matches!(bench.ordered(1)[..], [PageEffect::Watch { .. }]));
    page.send("Build a bridge.".into(), "1".into());
    let exchange = page.streaming().unwrap();
    *exchange = Exchange { answer: "It stands.".into(), done: true, ..exchange.clone() };
    look(&mut bench, &mut page);
    let turns = bench.store.query(&Query::All(StoreName::Turns));
    let texts: Vec<String> =
        turns.iter().map(|record| codec::open_turn(record).unwrap().markdown).collect();
    assert_eq!(texts, ["Build a bridge.", "It stands."]);
    let heads = bench.store.query(&Query::All(StoreName::Sessions));
    let head: SessionHead = codec::open(&heads[0]).unwrap();
    let points = bench.store.query(&Query::All(StoreName::Checkpoints));
    let sizes: u64 = turns.iter().chain(&points).map(codec::packed_bytes).sum();
    assert_eq!(head.stored_bytes, sizes, "what the list says of it");
    assert_eq!(bench.told(1), [], "what the engine hears stays here");
    // Its first finished answer is worth a checkpoint, and its engine is woken like a page's own.
    assert_eq!(bench.store.query(&Query::All(StoreName::Checkpoints)).len(), 1);
    page.send("Paint it.".into(), "2".into());
    page.streaming().unwrap().answer = "In".into();
    look(&mut bench, &mut page);
    page.streaming().unwrap().answer = "In red".into();
    look(&mut bench, &mut page);
    for _ in 0..3 {
        bench.wake();
    }
    let whole = shim::background::Whole::of(&bench.store.values().cloned().collect::<Vec<_>>());
    assert_eq!(whole.turns.last().map(|turn| turn.markdown.as_str()), Some("In red"));
}

#[test]
fn a_prompt_goes_through_the_hands_and_the_card_has_its_words() {
    let (mut head, mut records) = stored("one");
    head.account = AccountId::default();
    head.id = SessionId::of("claude", &head.account, &head.chat);
    head.ended = Some((EndReason::TabCrashed, START));
    records = records[1..]
        .iter()
        .map(|record| codec::turn_record(&head.id, &codec::open_turn(record).unwrap()))
        .collect();
    records.push(codec::session_record(&head));
    let mut bench = Bench::new(&records);
    start(&mut bench, &mut Page::default());
    let read_back = fills(&bench).pop().expect("the hands are to fill the composer");
    assert!(read_back.contains("three arches"), "{read_back}");
    bench.send(1, &PortUp::Event(SessionEvent::Filled(FillOutcome::Written { read_back })));
    let Some(Some(card)) = cards(&bench).pop() else { panic!("a card") };
    let buttons: Vec<CardButton> = card.buttons.iter().map(|button| button.button).collect();
    assert!(buttons.contains(&CardButton::Send) && !card.title.is_empty(), "{card:?}");
    assert_eq!(bench.resumes()[0].stage, Some(ResumeStage::Placed));
    bench.send(1, &PortUp::Event(SessionEvent::Card(CardButton::NotThis)));
    assert_eq!(cards(&bench).pop(), Some(None), "the card is taken away");
    assert_eq!(bench.resumes()[0].stage, Some(ResumeStage::Declined));
}

#[test]
fn a_page_cannot_say_what_only_the_background_says() {
    let mut bench = Bench::new(&[]);
    let mut page = Page::default();
    start(&mut bench, &mut page);
    page.send("Build a bridge.".into(), "1".into());
    look(&mut bench, &mut page);
    let forged = Known { turns: [("t1".into(), 1)].into(), ..Known::default() };
    let events = [SessionEvent::Known(Box::new(forged)), SessionEvent::SaveNow, SessionEvent::Wake];
    let before = bench.effects.len();
    for event in events {
        bench.send(1, &PortUp::Event(event));
    }
    assert_eq!(bench.effects.len(), before);
}

#[test]
fn an_engine_is_made_for_the_site_that_the_browser_names() {
    for (origin, url) in [
        ("https://evil.example", "https://claude.ai/new"),
        ("https://chatgpt.com", "https://claude.ai/new"),
        ("https://evil.example", "https://evil.example/new"),
    ] {
        let mut bench = Bench::new(&[]);
        bench.connect(1, 7, origin);
        let (url, document) = (url.to_owned(), "d".to_owned());
        bench
            .send(1, &PortUp::Event(SessionEvent::Started { url, document, wrote: String::new() }));
        bench.send(1, &PortUp::Event(SessionEvent::Page(Page::default().flush())));
        assert_eq!(bench.ordered(1), [], "{origin}");
    }
    // A port that nobody opened has no engine either.
    let mut bench = Bench::new(&[]);
    bench.send(5, &PortUp::Event(SessionEvent::Leaving));
    bench.send(5, &PortUp::Refused);
    assert_eq!(bench.settings(), None);
}

/// Whether the scripts of a site were last registered with the engine.
fn with_engine(bench: &Bench, wanted: &str) -> Option<bool> {
    let registered = |effect: &BackEffect| match effect {
        BackEffect::Register { site, with_engine, .. } if site == wanted => Some(*with_engine),
        _ => None,
    };
    bench.effects.iter().filter_map(registered).next_back()
}

#[test]
fn a_refusal_is_remembered_for_a_day_and_for_its_site() {
    let mut bench = Bench::new(&[]);
    assert_eq!(with_engine(&bench, "claude"), Some(true));
    bench.connect(1, 7, CLAUDE);
    bench.send(1, &PortUp::Refused);
    assert_eq!(with_engine(&bench, "claude"), Some(false));
    let settings = bench.settings().unwrap();
    assert_eq!(settings.refused.get("claude"), Some(&START));
    assert_eq!(with_engine(&bench, "chatgpt"), Some(true));

    let within = Bench::on(bench.store.clone(), START.after(Span::hours(23)));
    assert_eq!(with_engine(&within, "claude"), Some(false));
    let later = Bench::on(bench.store, START.after(Span::hours(25)));
    assert_eq!(with_engine(&later, "claude"), Some(true));
}

/// The prompt was written and sent, and the worker died before it heard of that; then another
/// fresh chat came into view in the same document.
#[test]
fn a_prompt_that_the_hands_wrote_already_is_not_written_again_by_the_next_worker() {
    let (mut head, mut records) = stored("one");
    head.account = AccountId::default();
    head.id = SessionId::of("claude", &head.account, &head.chat);
    head.ended = Some((EndReason::TabCrashed, START));
    let own = |record| codec::turn_record(&head.id, &codec::open_turn(record).unwrap());
    records = records[1..].iter().map(own).collect();
    records.push(codec::session_record(&head));
    let mut bench = Bench::new(&records);
    start(&mut bench, &mut Page::default());
    let wrote = fills(&bench).pop().expect("the hands are to fill the composer");
    for (wrote, times) in [(String::new(), 1), (wrote, 0)] {
        bench = bench.restarted();
        bench.connect(1, 7, CLAUDE);
        greet(&mut bench, &mut Page::default(), wrote);
        assert_eq!(fills(&bench).len(), times);
    }
    assert_eq!(bench.resumes()[0].stage, Some(ResumeStage::Placed));
}
