//! One document's engine: chats that follow each other in it on pages that know turns only by
//! their place, and what it tells of the site's messages.

use super::eyes;
use shim::base::{Moment, SessionId, Span};
use shim::session::codec::turn_hash;
use shim::session::engine::Engine;
use shim::sites::{self, shape};
use shim::wire::chat::{BannerClass, Role, Turn, TurnState};
use shim::wire::page::{PageEffect, Plan};
use shim::wire::rows::{RowText, Scope, SiteRows};
use shim::wire::session::{Known, SessionEffect, SessionEvent, ToBackground};
use shim::wire::state::Trigger;
use std::collections::BTreeMap;

const FIRST: &str = "https://claude.ai/chat/aaaaaaaa-1234-4abc-8def-0123456789ab";
const SECOND: &str = "https://claude.ai/chat/bbbbbbbb-1234-4abc-8def-0123456789ab";
const FRESH: &str = "https://claude.ai/new";

/// A page of July 2026 with these turns, prompts and answers by turns.
fn page(turns: &[&str]) -> String {
    let row = |(at, text): (usize, &&str)| {
        let inner = if at % 2 == 0 {
            format!("<div data-user-message-bubble=true><p data-testid=user-message>{text}</div>")
        } else {
            format!("<div data-is-streaming=false><p class=standard-markdown>{text}</div>")
        };
        format!("<div data-rs-index={at} data-index={at}>{inner}</div>")
    };
    turns.iter().enumerate().map(row).collect::<String>()
        + "<div data-testid=chat-input contenteditable=true><p></p></div>"
}

/// A document: its engine, and what that has said of turns.
struct Document {
    engine: Engine,
    plan: Plan,
    /// Session and text of every turn that was told, in order.
    told: Vec<(SessionId, String)>,
    /// The turns themselves.
    turns: Vec<Turn>,
    /// Every banner that was told, in order.
    banners: Vec<Option<(BannerClass, String)>>,
    watched: bool,
}

impl Document {
    fn open(url: &str) -> Self {
        let plan = sites::for_url(url).unwrap().plan();
        let mut this = Self {
            engine: Engine::new(),
            plan,
            told: Vec::new(),
            turns: Vec::new(),
            banners: Vec::new(),
            watched: false,
        };
        this.step(SessionEvent::Started {
            url: url.into(),
            document: "d".into(),
            wrote: String::new(),
        });
        this.step(SessionEvent::Connected);
        this
    }

    fn step(&mut self, event: SessionEvent) {
        let mut out = Vec::new();
        self.engine.step(eyes::AT, event, &mut out);
        for effect in out {
            match effect {
                SessionEffect::Page(PageEffect::Watch { .. }) => self.watched = true,
                SessionEffect::Back(ToBackground::Hello(hello)) => {
                    let chat = hello.chat.as_ref();
                    let session = chat.map(|c| SessionId::of(&hello.site, &hello.account, c));
                    let known = Known { session, ..Known::default() };
                    self.step(SessionEvent::Known(Box::new(known)));
                }
                SessionEffect::Back(ToBackground::Turns { session, turns, .. }) => {
                    self.turns.extend(turns.iter().cloned());
                    let told = turns.into_iter().map(|turn| (session.clone(), turn.markdown));
                    self.told.extend(told);
                }
                SessionEffect::Back(ToBackground::Meter { banner, .. }) => {
                    self.banners.push(banner);
                }
                _ => {}
            }
        }
    }

    /// The page looks like this; it is looked at again as long as the engine wants that.
    fn shows(&mut self, url: &str, turns: &[&str]) {
        self.shows_also(url, turns, "");
    }

    /// The same with more below.
    fn shows_also(&mut self, url: &str, turns: &[&str], more: &str) {
        for _ in 0..4 {
            self.watched = false;
            let look = eyes::look(&self.plan, &(page(turns) + more), url);
            self.step(SessionEvent::Page(look));
            if !self.watched {
                return;
            }
        }
        panic!("the engine never stops looking");
    }

    /// One prompt and an answer, which is still coming or has ended.
    fn answers(&mut self, text: &str, streams: bool) {
        let made = format!("data-is-streaming={streams}");
        let html = page(&["Hello", text]).replace("data-is-streaming=false", &made);
        self.step(SessionEvent::Page(eyes::look(&self.plan, &html, FIRST)));
    }

    fn last_answer(&self) -> Option<&Turn> {
        self.turns.iter().rev().find(|turn| turn.role == Role::Assistant)
    }

    fn told_of(&self, url: &str) -> Vec<&str> {
        let id = url.rsplit('/').next().unwrap();
        let mine = self.told.iter().filter(|(session, _)| session.as_str().ends_with(id));
        mine.map(|(_, text)| text.as_str()).collect()
    }
}

#[test]
fn a_chat_begun_after_another_is_told_whole() {
    let mut document = Document::open(FIRST);
    document.shows(FIRST, &["Hello", "Good morning"]);
    document.shows(FRESH, &[]);
    document.shows(SECOND, &["Hello"]);
    document.shows(SECOND, &["Hello", "Good morning"]);
    assert_eq!(document.told_of(FIRST), ["Hello", "Good morning"]);
    assert_eq!(document.told_of(SECOND), ["Hello", "Good morning"]);
}

#[test]
fn what_the_page_still_shows_of_the_chat_before_is_not_the_next_one_s() {
    let mut document = Document::open(FIRST);
    document.shows(FIRST, &["Hello", "Good morn"]);
    // The URL came first, and the answer went on meanwhile.
    document.shows(SECOND, &["Hello", "Good morn"]);
    document.shows(SECOND, &["Hello", "Good morning"]);
    assert!(document.told_of(SECOND).is_empty(), "{:?}", document.told);
    // Their first prompts are the same.
    document.shows(SECOND, &["Hello", "How do you do?", "Well", "Good"]);
    assert_eq!(document.told_of(SECOND), ["Hello", "How do you do?", "Well", "Good"]);
    assert_eq!(document.told_of(FIRST), ["Hello", "Good morn"]);
}

#[test]
fn a_message_of_the_site_is_told_at_once_even_where_it_raises_no_risk() {
    let turns = ["Hello", "Good morning"];
    let error = "<p role=alert>Claude's response was interrupted.</p>";
    let mut document = Document::open(FIRST);
    document.shows(FIRST, &turns);
    document.banners.clear();
    document.shows_also(FIRST, &turns, error);
    document.shows_also(FIRST, &turns, error);
    let said = (BannerClass::Retryable, "Claude's response was interrupted.".to_owned());
    assert_eq!(document.banners, [Some(said.clone())]);
    document.shows(FIRST, &turns);
    assert_eq!(document.banners, [Some(said), None]);
}

#[test]
fn an_answer_that_went_on_is_told_again_although_its_words_were_safe_before() {
    let mut document = Document::open(FIRST);
    document.answers("Good morning", false);
    let ended = document.last_answer().unwrap().clone();
    assert_eq!(ended.state, TurnState::Done);
    document.answers("Good morning", true);
    assert_eq!(document.last_answer().unwrap().state, TurnState::Streaming);
    // Only now it is heard that it was committed as it was.
    let saved = [(ended.key.clone(), turn_hash(&ended))];
    document.step(SessionEvent::Saved { turns: saved.into() });
    document.answers("Good morning", false);
    assert_eq!(document.last_answer().unwrap().state, TurnState::Done);
    assert_eq!(turn_hash(document.last_answer().unwrap()), turn_hash(&ended));
}

#[test]
fn an_answer_of_which_nothing_came_is_no_turn_yet() {
    let mut document = Document::open(FIRST);
    document.answers("", true);
    assert_eq!(document.told_of(FIRST), ["Hello"]);
    document.answers("Good", true);
    assert_eq!(document.told_of(FIRST), ["Hello", "Good"]);
}

/// A chat of a page that has no address for it, and its answer.
const UNNAMED: &str = "<div class=aui-thread-root><div class=aui-user-message-root data-role=user>\
    <p class=aui-user-message-content>Why?</p></div>\
    <div class=aui-assistant-message-root data-role=assistant><p class=aui-md>So.</p></div>\
    <textarea class=aui-composer-input></textarea></div>";

/// Shows these pages to one engine, one after the other, each for some steps; which checkpoints it
/// wants, and the turns that it tells.
fn shown_without_an_address(pages: &[(&str, usize)]) -> (Vec<Trigger>, Vec<Turn>) {
    let url = "http://192.168.0.7:8000/";
    let mut engine = Engine::new();
    let (mut at, mut plan, mut wanted, mut told) = (eyes::AT, None, Vec::new(), Vec::new());
    let (document, wrote) = ("d".to_owned(), String::new());
    let mut events = vec![SessionEvent::Started { url: url.to_owned(), document, wrote }];
    let shown = pages.iter().flat_map(|(page, steps)| std::iter::repeat_n(page, *steps));
    for (step, page) in shown.enumerate() {
        let mut out = Vec::new();
        for event in events.drain(..) {
            engine.step(at, event, &mut out);
        }
        for effect in out {
            match effect {
                SessionEffect::Page(PageEffect::Watch { plan: new }) => plan = Some(new),
                SessionEffect::Back(ToBackground::Hello(hello)) => {
                    let chat = hello.chat.as_ref();
                    let session = chat.map(|c| SessionId::of(&hello.site, &hello.account, c));
                    let known = Known { session, ..Known::default() };
                    events.push(SessionEvent::Known(Box::new(known)));
                }
                SessionEffect::Back(ToBackground::Checkpoint { trigger, .. }) => {
                    wanted.push(trigger);
                }
                SessionEffect::Back(ToBackground::Turns { turns, .. }) => told.extend(turns),
                _ => {}
            }
        }
        let look = plan.as_ref().map(|plan| eyes::look(plan, page, url));
        if let (true, Some(look)) = (events.is_empty(), look) {
            events.push(SessionEvent::Page(look));
        }
        if let (1, Some(next)) = (step % 2, engine.next_wake()) {
            at = next;
            events.push(SessionEvent::Wake);
        }
    }
    (wanted, told)
}

#[test]
fn the_first_answer_of_a_chat_without_an_address_is_its_beginning() {
    let (wanted, _) = shown_without_an_address(&[(UNNAMED, 20)]);
    assert_eq!(wanted.first(), Some(&Trigger::SessionStart), "{wanted:?}");
}

#[test]
fn frames_that_a_page_takes_away_again_are_no_turns() {
    let answer = "<p class=aui-md>So.</p>";
    let frame = UNNAMED.replace(answer, "<p class=aui-md data-status=running></p>");
    // Its place is another one than that of the answer which comes.
    let early = frame.replace(
        "<div class=aui-assistant",
        "<div class=aui-user-message-root \
        data-role=user><p class=aui-user-message-content>...</p></div><div class=aui-assistant",
    );
    let told = |pages: &[(&str, usize)]| {
        let (_, told) = shown_without_an_address(pages);
        let answers = told.into_iter().filter(|turn| turn.role == Role::Assistant);
        answers.map(|turn| (turn.position, turn.state)).collect::<BTreeMap<_, _>>()
    };
    let gone = told(&[(&early, 3), (UNNAMED, 20)]);
    assert_eq!(gone, BTreeMap::from([(1, TurnState::Done)]));
    // One that stood there for long was told, and so is how it ended.
    let late = told(&[(&early, 60), (UNNAMED, 20)]);
    assert_eq!(late, BTreeMap::from([(1, TurnState::Done), (2, TurnState::Vanished)]));
}

/// A page that is made in another way than its rows say.
const REMADE: &str = "<main><div class=line>Why?</div></main><textarea></textarea>";

#[test]
fn rows_that_find_no_turn_for_a_while_are_doubted_later_and_later() {
    let url = "http://192.168.0.7:8000/";
    let row = |slot: &str, css: &str, scope| {
        let (slot, css) = (slot.to_owned(), vec![css.to_owned()]);
        RowText { slot, css, scope, ..RowText::default() }
    };
    let rows = SiteRows {
        name: "shape".into(),
        keyless: true,
        rows: vec![row("turn", "p", Scope::Page), row("user", "p", Scope::Turn)],
        ..SiteRows::default()
    };
    let mut engine = Engine::new();
    let mut step = |at: Moment, event| {
        let mut out = Vec::new();
        engine.step(at, event, &mut out);
        let plans = out.into_iter().filter_map(|effect| match effect {
            SessionEffect::Page(PageEffect::Watch { plan }) => Some(plan),
            _ => None,
        });
        (plans.collect::<Vec<_>>().pop(), engine.next_wake())
    };
    let (document, wrote) = ("d".to_owned(), String::new());
    step(eyes::AT, SessionEvent::Started { url: url.to_owned(), document, wrote });
    let (plan, _) = step(eyes::AT, SessionEvent::Rows(Box::new(rows)));
    let plan = plan.expect("a plan of the rows");
    let look = |html: &str| SessionEvent::Page(eyes::look(&plan, html, url));
    // When the whole page is looked at, in seconds from now on.
    let mut doubts = |html: &str, from: Moment, until: Moment| {
        let (mut at, mut seconds) = (from, Vec::new());
        let mut next = step(at, look(html)).1;
        while let Some(when) = next.filter(|when| *when <= until) {
            at = when.max(at);
            let (plan, after) = step(at, SessionEvent::Wake);
            if plan.is_some_and(|plan| plan.slots.contains_key(shape::PAGE)) {
                seconds.push(at.since(from).0 / 1_000);
            }
            next = after;
        }
        seconds
    };
    let later = eyes::AT.after(Span(240_000));
    assert_eq!(doubts(REMADE, eyes::AT, later), [5, 15, 35, 75, 155, 235]);
    // A turn is there: nothing is doubted any more.
    let fits = "<p>Why?</p><textarea></textarea>";
    assert!(doubts(fits, later, later.after(Span(240_000))).is_empty());
}
