//! The gathering of a whole transcript, as the engine leads it.

use super::eyes;
use shim::base::SessionId;
use shim::session::engine::Engine;
use shim::sites;
use shim::view::gather::line;
use shim::wire::gather::{
    CallAnswer, CallEnd, GatherStage, Gathered, ScrollTo, Scrolled, SiteCall, Wish,
};
use shim::wire::page::{PageEffect, PageFlush, Plan};
use shim::wire::session::{Known, SessionEffect, SessionEvent, ToBackground};
use std::ops::Range;

const CHAT: &str = "https://claude.ai/chat/aaaaaaaa-1234-4abc-8def-0123456789ab";
const OTHER: &str = "https://claude.ai/chat/bbbbbbbb-1234-4abc-8def-0123456789ab";
const MOVED: Scrolled = Scrolled { moved: true, taken: false };
const STILL: Scrolled = Scrolled { moved: false, taken: false };

/// A chat in its document, with what the engine wanted of it since the last question.
struct Document {
    engine: Engine,
    plan: Plan,
    total: Option<usize>,
    scrolls: Vec<ScrollTo>,
    /// Calls to the site, and what of their answers went to the background.
    calls: Vec<SiteCall>,
    called: Vec<(usize, Option<u32>)>,
    told: Gathered,
}

impl Document {
    fn open(total: Option<usize>) -> Self {
        let (engine, plan) = (Engine::new(), sites::for_url(CHAT).unwrap().plan());
        let told = Gathered::default();
        let mut this = Self {
            engine,
            plan,
            total,
            scrolls: Vec::new(),
            calls: Vec::new(),
            called: Vec::new(),
            told,
        };
        let (url, document, wrote) = (CHAT.to_owned(), "d".to_owned(), String::new());
        this.step(SessionEvent::Started { url, document, wrote });
        this.step(SessionEvent::Connected);
        this
    }

    fn step(&mut self, event: SessionEvent) {
        let mut out = Vec::new();
        self.engine.step(eyes::AT, event, &mut out);
        for effect in out {
            match effect {
                SessionEffect::Page(PageEffect::Scroll { to, .. }) => self.scrolls.push(to),
                SessionEffect::Page(PageEffect::Call(call)) => self.calls.push(call),
                SessionEffect::Back(ToBackground::Called { mounted, total, .. }) => {
                    self.called.push((mounted.len(), total));
                }
                SessionEffect::Back(ToBackground::Gathered { gathered, .. }) => {
                    self.told = gathered;
                }
                SessionEffect::Back(ToBackground::Hello(hello)) => {
                    let chat = hello.chat.as_ref();
                    let session = chat.map(|c| SessionId::of(&hello.site, &hello.account, c));
                    let known = Known { session, ..Known::default() };
                    self.step(SessionEvent::Known(Box::new(known)));
                }
                // What is told is saved at once.
                SessionEffect::Back(ToBackground::Turns { turns, .. }) => {
                    let hash = shim::session::codec::turn_hash;
                    let turns = turns.iter().map(|turn| (turn.key.clone(), hash(turn))).collect();
                    self.step(SessionEvent::Saved { turns });
                }
                _ => {}
            }
        }
    }

    fn look(&self, mounted: Range<usize>, more: &str) -> PageFlush {
        let size = self.total.map(|total| format!("aria-setsize={total}")).unwrap_or_default();
        let row = |at: usize| {
            let (kind, text) = match at % 2 {
                0 => ("data-cds=UserMessage", "data-testid=user-message"),
                _ => ("data-testid=assistant-message", "data-perf-reply-text"),
            };
            format!(
                "<div data-testid=transcript-row data-index={at}><div role=article {size}>\
                 <div {kind} data-turn-key=key{at}><div {text}><p>Words {at}</p></div></div></div>\
                 </div>"
            )
        };
        let rows: String = mounted.map(row).collect();
        let composer = "<div data-testid=chat-input contenteditable=true><p></p></div>";
        eyes::look(&self.plan, &format!("{rows}{composer}{more}"), CHAT)
    }

    fn shows(&mut self, mounted: Range<usize>) {
        self.step(SessionEvent::Page(self.look(mounted, "")));
    }

    /// The next scrolling that was wanted; there is never more than one.
    fn wants(&mut self) -> Option<ScrollTo> {
        let wanted = std::mem::take(&mut self.scrolls);
        assert!(wanted.len() <= 1, "{wanted:?}");
        wanted.first().copied()
    }

    fn scrolled(&mut self, mounted: Range<usize>, how: Scrolled) {
        self.shows(mounted);
        self.step(SessionEvent::Scrolled(how));
    }
}

fn gathered(stage: GatherStage, turns: u32, total: Option<u32>) -> Gathered {
    Gathered { stage, turns, total, ..Gathered::default() }
}

fn asked(total: Option<usize>, mounted: Range<usize>) -> Document {
    let mut page = Document::open(total);
    page.shows(mounted);
    assert_eq!(page.wants(), None, "nobody asked");
    page.step(SessionEvent::Gather(Wish::Whole(None)));
    assert_eq!(page.wants(), Some(ScrollTo::End));
    page
}

#[test]
fn a_page_with_a_count_is_scrolled_until_that_many_are_read() {
    let mut page = asked(Some(8), 4..8);
    page.scrolled(4..8, STILL);
    assert_eq!(page.wants(), Some(ScrollTo::Up));
    page.scrolled(2..6, MOVED);
    assert_eq!(page.told, gathered(GatherStage::Going, 6, Some(8)));
    assert_eq!(line(&page.told).text, "Gathering the transcript: 6 of 8 turns so far.");
    assert_eq!(page.wants(), Some(ScrollTo::Up));
    page.scrolled(0..4, MOVED);
    assert_eq!(page.wants(), Some(ScrollTo::Back));
    assert_eq!(page.told, gathered(GatherStage::Whole, 8, Some(8)));
    assert!(!line(&page.told).going);
    page.scrolled(4..8, STILL);
    assert_eq!(page.wants(), None);
}

#[test]
fn a_page_without_a_count_is_scrolled_until_it_moves_no_more() {
    let mut page = asked(None, 2..4);
    page.scrolled(4..6, MOVED);
    assert_eq!(page.wants(), Some(ScrollTo::End), "the end may be further down");
    page.scrolled(4..6, STILL);
    for (mounted, how) in [(2..5, MOVED), (0..3, MOVED), (0..3, STILL)] {
        assert_eq!(page.wants(), Some(ScrollTo::Up));
        page.scrolled(mounted, how);
    }
    assert_eq!(page.wants(), Some(ScrollTo::Up), "older ones may be on their way");
    page.scrolled(0..3, STILL);
    assert_eq!(page.wants(), Some(ScrollTo::Back));
    assert_eq!(page.told, gathered(GatherStage::Whole, 6, None));
}

#[test]
fn what_a_page_does_not_show_is_said() {
    let mut page = asked(Some(9), 4..8);
    page.scrolled(4..8, STILL);
    for way in [ScrollTo::Up, ScrollTo::Up, ScrollTo::Down, ScrollTo::Down] {
        assert_eq!(page.wants(), Some(way), "what the way up passed over may be on the way down");
        page.scrolled(4..8, STILL);
    }
    assert_eq!(page.wants(), Some(ScrollTo::Back));
    assert_eq!(page.told.stage, GatherStage::Short);
    assert!(line(&page.told).text.starts_with("4 of 9 turns are saved: the page did not show"));
}

#[test]
fn it_waits_for_an_answer_under_way_and_for_a_tab_out_of_view() {
    let mut page = Document::open(Some(8));
    let stop = "<button data-testid=chat-input-stop></button>";
    page.step(SessionEvent::Page(page.look(4..8, stop)));
    page.step(SessionEvent::Gather(Wish::Whole(None)));
    assert_eq!((page.wants(), page.told.stage), (None, GatherStage::Busy));
    let hidden = PageFlush { hidden: true, ..page.look(4..8, "") };
    page.step(SessionEvent::Page(hidden));
    assert_eq!((page.wants(), page.told.stage), (None, GatherStage::Hidden));
    page.shows(4..8);
    assert_eq!((page.wants(), page.told.stage), (Some(ScrollTo::End), GatherStage::Going));
}

#[test]
fn a_person_ends_it_by_a_word_or_by_using_the_page() {
    let mut page = asked(Some(8), 4..8);
    page.step(SessionEvent::Gather(Wish::Stop));
    assert_eq!((page.wants(), page.told.stage), (Some(ScrollTo::Back), GatherStage::Stopped));
    page.scrolled(4..8, MOVED);
    assert_eq!(page.wants(), None);
    let mut page = asked(Some(8), 4..8);
    page.scrolled(4..8, Scrolled { moved: true, taken: true });
    assert_eq!((page.wants(), page.told.stage), (Some(ScrollTo::Back), GatherStage::Stopped));
}

#[test]
fn another_chat_ends_it() {
    let mut page = asked(Some(8), 4..8);
    let look = eyes::look(&page.plan, "<p>Another</p>", OTHER);
    page.step(SessionEvent::Page(look));
    page.step(SessionEvent::Scrolled(MOVED));
    assert_eq!(page.wants(), None);
}

/// A page whose site is to be asked first, and was.
fn called() -> Document {
    let mut page = Document::open(Some(8));
    page.shows(4..8);
    let call = SiteCall { path: "/call".into(), token: String::new() };
    page.step(SessionEvent::Gather(Wish::Whole(Some(call.clone()))));
    assert_eq!((page.wants(), &page.calls), (None, &vec![call]));
    page.step(SessionEvent::Called(CallAnswer { status: 200, text: "{}".into() }));
    assert_eq!(page.called, [(4, Some(8))]);
    page
}

#[test]
fn where_the_site_tells_all_nothing_is_scrolled() {
    let mut page = called();
    page.shows(4..8);
    assert_eq!(page.wants(), None, "it is being compared");
    page.step(SessionEvent::CallEnded(CallEnd::Stored { turns: 8 }));
    assert_eq!((page.wants(), page.told.clone()), (None, gathered(GatherStage::Whole, 8, Some(8))));
}

#[test]
fn an_answer_that_is_not_used_is_told_and_the_page_is_read() {
    let mut page = called();
    let why = "it answered 403".to_owned();
    page.step(SessionEvent::CallEnded(CallEnd::Unused { why }));
    assert_eq!(page.wants(), Some(ScrollTo::End));
    page.scrolled(4..8, STILL);
    assert_eq!((page.wants(), page.calls.len()), (Some(ScrollTo::Up), 1));
    assert!(line(&page.told).text.contains("since it answered 403"), "{:?}", page.told);
}

#[test]
fn a_background_that_ends_before_it_compared_the_answer_holds_nothing_up() {
    let mut page = called();
    page.step(SessionEvent::Connected);
    assert_eq!(page.wants(), Some(ScrollTo::End));
    assert_eq!(page.told.unused, "SHIM began anew meanwhile");
    page.step(SessionEvent::Connected);
    assert_eq!(page.wants(), None, "one scrolling at a time");
}
