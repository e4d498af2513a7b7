//! One document's engine: chats that follow each other in it on pages that know turns only by
//! their place, and what it tells of the site's messages.

use super::eyes;
use shim::base::SessionId;
use shim::session::engine::Engine;
use shim::sites;
use shim::wire::chat::BannerClass;
use shim::wire::page::{PageEffect, Plan};
use shim::wire::session::{Known, SessionEffect, SessionEvent, ToBackground};
use shim::wire::state::Trigger;

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

/// A chat of a page that has no address for it, and its answer.
const UNNAMED: &str = "<div class=aui-thread-root><div class=aui-user-message-root data-role=user>\
    <p class=aui-user-message-content>Why?</p></div><div class=aui-assistant-message-root \
    data-role=assistant><p class=aui-md>So.</p></div>\
    <textarea class=aui-composer-input></textarea></div>";

#[test]
fn the_first_answer_of_a_chat_without_an_address_is_its_beginning() {
    let url = "http://192.168.0.7:8000/";
    let mut engine = Engine::new();
    let (mut at, mut plan, mut wanted) = (eyes::AT, None, Vec::new());
    let (document, wrote) = ("d".to_owned(), String::new());
    let mut events = vec![SessionEvent::Started { url: url.to_owned(), document, wrote }];
    for _ in 0..20 {
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
                _ => {}
            }
        }
        if let Some(plan) = plan.take() {
            events.push(SessionEvent::Page(eyes::look(&plan, UNNAMED, url)));
        } else if let (true, Some(next)) = (events.is_empty(), engine.next_wake()) {
            at = next;
            events.push(SessionEvent::Wake);
        }
    }
    assert_eq!(wanted.first(), Some(&Trigger::SessionStart), "{wanted:?}");
}
