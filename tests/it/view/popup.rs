//! The popup: what it shows of what it knows, and what a click asks for.

use super::{NOW, before, head};
use shim::base::{SessionId, Span};
use shim::view::list::Standing;
use shim::view::popup::{self, Action, Knows, Listing, Outcome, Prompt, TabPanel};
use shim::view::{pointing, texts};
use shim::wire::point::{Part, Unclear};
use shim::wire::records::{SessionHead, Settings};
use shim::wire::rows::SiteRows;
use shim::wire::session::EndReason;
use shim::wire::ui::{Answer, Ask, Damaged, Status};
use std::sync::Arc;

#[test]
fn the_popup_says_what_it_waits_for_and_when_it_is_empty() {
    let mut knows = Knows { now: NOW, ..Knows::default() };
    assert_eq!(popup::page(&knows).listing, Listing::Reading);
    knows.heads = Some(Arc::default());
    let page = popup::page(&knows);
    assert_eq!((page.listing, page.total.as_str()), (Listing::Empty, ""));
    assert!(page.settings.is_none(), "unknown settings cannot be changed");
    knows.tab = Some(7);
    knows.status = Some(Status::default());
    assert_eq!(popup::page(&knows).tab, TabPanel::Unknown, "the empty list says it already");
    knows.heads = Some(Arc::new(vec![head("claude/a/1", Span(0))]));
    let page = popup::page(&knows);
    assert_eq!(page.tab, TabPanel::Bare(texts::NO_CHAT_HERE));
    assert_eq!(page.total, "1 chat, 48 KB");
    assert_eq!(page.settings, Some(Settings::default()));
    let status = Status { tabs: vec![(7, "claude/a/none".into())], ..Status::default() };
    knows.status = Some(status);
    assert_eq!(popup::page(&knows).tab, TabPanel::Bare(texts::NOTHING_YET));
}

#[test]
fn the_popup_shows_the_tab_the_chosen_chat_and_every_problem() {
    let settings = Settings { paused: true, ..Settings::default() };
    let damaged = vec![damaged("", 1, 0), damaged("claude/a/2", 2, 1)];
    let status = Status {
        damaged,
        settings_lost: true,
        tabs: vec![(6, "claude/a/2".into()), (7, "claude/a/1".into())],
        problems: vec!["The disk is full.".to_owned()],
        settings,
        ..Status::default()
    };
    let heads = vec![head("claude/a/1", Span(0)), head("claude/a/2", Span(0))];
    let mut knows = Knows {
        now: NOW,
        heads: Some(Arc::new(heads)),
        status: Some(status),
        tab: Some(7),
        unreadable: 9,
        store_problem: "No store.".to_owned(),
        ..Knows::default()
    };
    let page = popup::page(&knows);
    let TabPanel::Chat(row) = &page.tab else { panic!("{:?}", page.tab) };
    assert_eq!(row.id.as_str(), "claude/a/1");
    assert_eq!(
        page.problems,
        [
            "No store.",
            texts::PAUSED_NOW,
            "The disk is full.",
            texts::SETTINGS_LOST,
            "3 stored records are damaged: they are kept aside. Everything else is listed. Open \
             that chat again to save what its page still shows.",
            "1 stored record is of a newer SHIM: it is kept. Update the extension to read it.",
        ]
    );
    knows.chosen = Some("claude/a/2".into());
    let page = popup::page(&knows);
    assert_eq!(page.problems.len(), 4, "the chat's own page says what of it is damaged");
    let shown = page.detail.unwrap();
    assert_eq!((shown.row.id.as_str(), shown.past), ("claude/a/2", None));
    assert_eq!(
        shown.row.notes,
        [
            "2 records are damaged: they are kept aside. The prompt is made of the rest.",
            "1 record is of a newer SHIM: it is kept. The prompt is made of the rest.",
        ]
    );
    knows.checkpoints = Some(Arc::default());
    assert_eq!(popup::page(&knows).detail.unwrap().past.unwrap().len(), 1, "it began");
    knows.chosen = Some("claude/a/gone".into());
    assert!(popup::page(&knows).detail.is_none());
}

#[test]
fn a_click_asks_and_its_answer_is_told() {
    let session = || SessionId::from("claude/a/1");
    let wanted = Ask::Resume { session: session(), checkpoint: Some(3) };
    assert_eq!(Action::Resume(Some(3)).ask(session()), wanted);
    assert_eq!(Action::Save.ask(session()), Ask::SaveNow { session: session() });
    assert_eq!(Action::Delete.ask(session()), Ask::Delete { session: session() });
    assert_eq!(Action::Undelete.ask(session()), Ask::Undelete { session: session() });
    let pin = |pinned| Ask::Pin { session: session(), number: 3, pinned };
    for (pinned, said) in [(true, texts::PINNED), (false, texts::UNPINNED)] {
        let action = Action::Pin(3, pinned);
        assert_eq!(action.ask(session()), pin(pinned));
        assert_eq!(action.outcome(Answer::Done), Outcome::Said(said.to_owned()));
    }
    assert_eq!(Action::Delete.outcome(Answer::Done), Outcome::Seen);
    assert_eq!(Action::Save.outcome(Answer::Done), Outcome::Said(texts::SAVED.to_owned()));
    let no = Answer::Problem("Not open.".to_owned());
    assert_eq!(Action::Resume(None).outcome(no), Outcome::Trouble("Not open.".to_owned()));
    let odd = Action::Delete.outcome(Answer::Text("# Carry on".to_owned()));
    assert_eq!(odd, Outcome::Trouble(texts::ODD_ANSWER.to_owned()));
}

#[test]
fn what_is_damaged_is_told_without_the_background_too() {
    let mut knows = Knows { now: NOW, unreadable: 1, ..Knows::default() };
    let said = "1 stored record is damaged: it is kept aside. Everything else is listed.";
    assert_eq!(popup::page(&knows).problems, [said]);
    knows.status = Some(Status::default());
    assert!(popup::page(&knows).problems.is_empty(), "it knows better");
    let two = vec![damaged("claude/a/1", 1, 0), damaged("claude/a/2", 1, 2)];
    knows.status = Some(Status { damaged: two, ..Status::default() });
    assert_eq!(
        popup::page(&knows).problems,
        [
            "2 stored records are damaged: they are kept aside. Everything else is listed. Open \
             those chats again to save what their pages still show.",
            "2 stored records are of a newer SHIM: they are kept. Update the extension to read \
             them.",
        ]
    );
}

#[test]
fn a_store_that_cannot_be_opened_is_told_once() {
    let problems = vec![texts::STORE_FOREIGN.to_owned()];
    let knows = Knows {
        store_problem: texts::STORE_FOREIGN.to_owned(),
        status: Some(Status { problems, ..Status::default() }),
        ..Knows::default()
    };
    let page = popup::page(&knows);
    assert_eq!(page.problems, [texts::STORE_FOREIGN]);
    assert_eq!(page.listing, Listing::Unread, "it is not said that it is being read");
}

#[test]
fn a_deleted_chat_is_nowhere_but_in_the_notice_that_takes_it_back() {
    let gone = SessionHead {
        deleted_at: Some(before(Span(2_400))),
        parent: Some("claude/a/1".into()),
        ..head("claude/a/2", Span(0))
    };
    let lost = SessionHead {
        ended: Some((EndReason::TabCrashed, before(Span::minutes(1)))),
        ..head("claude/a/1", Span(0))
    };
    let mut knows = Knows {
        now: NOW,
        heads: Some(Arc::new(vec![gone, lost])),
        chosen: Some("claude/a/2".into()),
        ..Knows::default()
    };
    let page = popup::page(&knows);
    assert!(page.detail.is_none());
    let Listing::Rows(rows) = page.listing else { panic!("no rows") };
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].standing, Standing::Lost, "what carried it on is gone");
    assert_eq!(page.total, "1 chat, 48 KB");
    let [deleted] = &page.deleted[..] else { panic!("{:?}", page.deleted) };
    assert_eq!(
        (deleted.text.as_str(), deleted.left.as_str()),
        ("Deleted “Chat claude/a/2”.", "8 s")
    );
    knows.now = NOW.after(Span(7_599));
    assert_eq!(popup::page(&knows).deleted[0].left, "1 s");
    knows.now = NOW.after(Span(7_600));
    assert!(popup::page(&knows).deleted.is_empty());
}

#[test]
fn a_prompt_is_shown_with_its_size() {
    let mut knows = Knows {
        now: NOW,
        heads: Some(Arc::new(vec![head("claude/a/1", Span(0))])),
        chosen: Some("claude/a/1".into()),
        ..Knows::default()
    };
    let detail = |knows: &Knows| popup::page(knows).detail.unwrap();
    assert_eq!((detail(&knows).prompt, detail(&knows).tokens.as_str()), (None, ""));
    assert_eq!(detail(&knows).heading, texts::PROMPT);
    knows.prompt = Some(Prompt::of(Answer::Text("word".repeat(1_234))));
    assert_eq!(detail(&knows).tokens, "about 1,234 tokens");
    knows.point = Some(3);
    assert_eq!(detail(&knows).heading, "Prompt of checkpoint 3");
    knows.prompt = Some(Prompt::of(Answer::Problem("No.".to_owned())));
    let shown = detail(&knows);
    assert_eq!((shown.tokens.as_str(), shown.prompt.unwrap().trouble.as_str()), ("", "No."));
    assert_eq!(Prompt::of(Answer::Done).trouble, texts::ODD_ANSWER);
}

fn damaged(session: &str, records: u32, newer: u32) -> Damaged {
    Damaged { session: session.into(), records, newer }
}

#[test]
fn how_a_page_is_read_can_be_changed_where_no_table_of_shims_own_says_it() {
    let origin = "https://chat.example.org";
    let rows = |by_hand| SiteRows { name: "shape".into(), by_hand, ..SiteRows::default() };
    let panel = |chat: &str, known: Option<SiteRows>| {
        let mut settings = Settings::default();
        settings.rows.extend(known.map(|rows| (origin.to_owned(), rows)));
        let tabs = Some(chat).filter(|chat| !chat.is_empty()).map(|chat| (7, chat.into()));
        let status = Status {
            places: vec![(format!("{origin}/*"), true)],
            tabs: tabs.into_iter().collect(),
            settings,
            ..Status::default()
        };
        let url = Some(format!("{origin}/c/1"));
        let knows = Knows { status: Some(status), url, tab: Some(7), ..Knows::default() };
        popup::page(&knows).rows.expect("a panel")
    };
    let (none, shape) = (panel("", None), panel("shape@chat.example.org/a/1", Some(rows(false))));
    let hand = panel("pointed@chat.example.org/a/1", Some(rows(true)));
    let own = panel("openwebui@chat.example.org/a/1", None);
    let gone = panel("pointed-2@chat.example.org/a/1", None);
    assert!([&none, &shape, &hand, &gone].iter().all(|panel| panel.open) && !own.open);
    let about: Vec<&str> = [none, shape, hand, own].iter().map(|panel| panel.about).collect();
    let known = [texts::NO_ROWS, texts::ROWS_BY_SHAPE, texts::ROWS_BY_HAND, texts::ROWS_BUILT_IN];
    assert_eq!(about, known);
    assert_eq!(texts::site("pointed-2@chat.example.org"), "chat.example.org");
}

#[test]
fn rows_of_a_person_that_fit_no_more_are_told_with_what_to_do() {
    let origin = "https://chat.example.org".to_owned();
    let panel = |by_hand, misfit: &[&String]| {
        let rows = SiteRows { name: "shape".into(), by_hand, ..SiteRows::default() };
        let settings = Settings {
            rows: [(origin.clone(), rows)].into(),
            misfit: misfit.iter().map(|origin| (*origin).clone()).collect(),
            ..Settings::default()
        };
        let places = vec![(format!("{origin}/*"), true)];
        let status = Status { places, settings, ..Status::default() };
        let url = Some(format!("{origin}/c/1"));
        let knows = Knows { status: Some(status), url, tab: Some(7), ..Knows::default() };
        let panel = popup::page(&knows).rows.expect("a panel");
        (panel.about, panel.misfit)
    };
    let other = "https://other.example.org".to_owned();
    assert_eq!(panel(true, &[&other]), (texts::ROWS_BY_HAND, false));
    assert_eq!(panel(true, &[&other, &origin]), (texts::ROWS_MISFIT, true));
    assert_eq!(panel(false, &[]), (texts::ROWS_BY_SHAPE, false));
}

#[test]
fn what_can_be_pointed_at_has_words_of_its_own_in_the_popup_and_in_the_page() {
    let different = |words: Vec<String>| {
        let count = words.len();
        words.into_iter().collect::<std::collections::BTreeSet<_>>().len() == count
    };
    let all = || Part::ALL.into_iter();
    assert!(different(all().map(|part| pointing::label(part).to_owned()).collect()));
    assert!(different(all().map(|part| pointing::ask(part).text).collect()));
    for part in all() {
        assert_eq!(pointing::ask(part).part, Some(part));
        let said = pointing::understood(part, (3, 1));
        assert!(said.part.is_none() && said.how.is_empty() && !said.warning, "{said:?}");
        for why in [Unclear::Unseen, Unclear::Alike, Unclear::NoField] {
            let again = pointing::unclear(part, why);
            assert!(again.part == Some(part) && again.warning, "{again:?}");
        }
    }
    let said = pointing::understood(Part::User, (3, 1)).text;
    assert!(said.contains("3 messages of yours and 1 answer"), "{said}");
    let other = pointing::unclear(Part::User, Unclear::Wants(Part::Assistant));
    assert_eq!((other.part, other.warning), (Some(Part::Assistant), false));
}
