//! A person points at something in a page: what is asked, stored and told.

use super::*;
use crate::eyes;
use shim::sites::shape;
use shim::view::pointing;
use shim::wire::page::Node;
use shim::wire::point::{Part, PointView, Pointed};
use shim::wire::rows::SiteRows;

const ORIGIN: &str = "http://192.168.0.7:8080";

fn place(bench: &mut Bench) {
    bench.step(BackEvent::Granted { origins: vec!["http://192.168.0.7/*".into()] });
}

/// What a page was told to show.
fn shown(bench: &Bench, wanted: u64) -> Vec<PointView> {
    let view = |effect: &BackEffect| match effect {
        BackEffect::Send { port: PortId(port), message } if *port == wanted => match &**message {
            PortDown::Point(view) => Some((**view).clone()),
            _ => None,
        },
        _ => None,
    };
    bench.effects.iter().filter_map(view).collect()
}

fn last(bench: &Bench, port: u64) -> PointView {
    shown(bench, port).pop().expect("something is shown")
}

/// A chat in which these were pointed at.
fn chat(user: &str, answer: &str) -> Node {
    let day = |number: u32| {
        let (u, a) = if number == 1 { (user, answer) } else { ("", "") };
        format!(
            "<div class=zq8k1x>Day {number}</div><div class=b7f0aa><p {u}>Why?</p></div>\
             <div class=c9e1bb><p {a}>Because.</p></div>"
        )
    };
    let html = format!("<main>{}{}</main><form><textarea></textarea></form>", day(1), day(2));
    let look = eyes::look(&shape::plan(), &html, "http://192.168.0.7:8080/");
    look.slots[shape::PAGE].nodes[0].clone()
}

fn pointed(bench: &mut Bench, port: u64, part: Part, page: Node) {
    bench.send(port, &PortUp::Pointed(Box::new(Pointed { part, page })));
}

fn rows_told(bench: &Bench, port: u64) -> Vec<SiteRows> {
    let rows = |event: SessionEvent| match event {
        SessionEvent::Rows(rows) => Some(*rows),
        _ => None,
    };
    bench.told(port).into_iter().filter_map(rows).collect()
}

#[test]
fn one_message_of_each_side_makes_rows_for_every_page_of_the_place() {
    let mut bench = Bench::new(&[]);
    place(&mut bench);
    bench.connect(1, 7, ORIGIN);
    bench.connect(2, 8, ORIGIN);
    bench.connect(3, 9, "http://192.168.0.7:9090");
    let ask = Ask::Point { tab: 7, part: Part::User };
    assert_eq!(bench.ask(&ask), [Answer::Done]);
    let asked = last(&bench, 1);
    assert_eq!((asked.part, &asked.plan), (Some(Part::User), &shape::plan()));
    pointed(&mut bench, 1, Part::User, chat(":picked=user", ""));
    assert_eq!(last(&bench, 1).part, Some(Part::Assistant), "the other side is asked for");
    assert!(bench.settings().is_none() && rows_told(&bench, 1).is_empty());
    pointed(&mut bench, 1, Part::Assistant, chat(":picked=user", ":picked=assistant"));
    assert_eq!(last(&bench, 1), pointing::understood(Part::Assistant, (2, 2)));
    let rows = bench.settings().expect("stored").rows[ORIGIN].clone();
    assert!(rows.by_hand);
    for port in [1, 2] {
        assert_eq!(rows_told(&bench, port), std::slice::from_ref(&rows));
    }
    assert_eq!(rows_told(&bench, 3), []);
    assert!(shown(&bench, 2).is_empty());
    // A worker that starts anew still has them, and hears of a further one.
    let mut bench = bench.restarted();
    place(&mut bench);
    bench.connect(4, 7, ORIGIN);
    assert_eq!(rows_told(&bench, 4), [rows]);
    pointed(&mut bench, 4, Part::User, chat(":picked=user", ":picked=assistant"));
    assert_eq!(last(&bench, 4), pointing::understood(Part::User, (2, 2)));
}

#[test]
fn what_is_not_committed_is_not_said_to_be_understood() {
    let mut bench = Bench::new(&[]);
    place(&mut bench);
    bench.connect(1, 7, ORIGIN);
    bench.refused = Some("the disk is full");
    pointed(&mut bench, 1, Part::User, chat(":picked=user", ":picked=assistant"));
    let view = last(&bench, 1);
    assert!(view.warning && view.text.contains("the disk is full"), "{view:?}");
    bench.refused = None;
    while bench.settings().is_none() {
        bench.wake();
    }
    assert!(bench.settings().unwrap().rows.contains_key(ORIGIN), "it is tried again");
}

#[test]
fn pointing_is_refused_where_it_would_change_nothing() {
    let mut bench = Bench::new(&[]);
    let refused = |bench: &mut Bench, tab: i64| {
        let ask = Ask::Point { tab, part: Part::Send };
        matches!(&bench.ask(&ask)[..], [Answer::Problem(_)])
    };
    assert!(refused(&mut bench, 7), "no page");
    bench.connect(1, 7, ORIGIN);
    assert!(refused(&mut bench, 7), "the place was not given");
    bench.open(2, 8, Some("one"));
    assert!(refused(&mut bench, 8), "a listed site");
    place(&mut bench);
    assert!(!refused(&mut bench, 7));
    let hello = Hello {
        document: "a document".into(),
        site: "openwebui@192.168.0.7:8080".into(),
        chat: Some("0f3c9f1e-1234".into()),
        ..Hello::default()
    };
    bench.say(1, ToBackground::Hello(hello));
    assert!(refused(&mut bench, 7), "a table of SHIM's own knows it by its marks");
    pointed(&mut bench, 1, Part::User, chat(":picked=user", ":picked=assistant"));
    assert!(bench.settings().is_none_or(|settings| settings.rows.is_empty()));
    bench.connect(3, 9, ORIGIN);
    bench.ask(&Ask::Change(Settings { paused: true, ..Settings::default() }));
    assert!(refused(&mut bench, 9), "paused");
}

#[test]
fn nothing_of_a_page_that_tells_nonsense_is_stored() {
    let mut bench = Bench::new(&[]);
    place(&mut bench);
    bench.connect(1, 7, ORIGIN);
    pointed(&mut bench, 1, Part::User, Node::Text("no page".into()));
    assert_eq!(last(&bench, 1).part, Some(Part::User));
    pointed(&mut bench, 1, Part::Send, chat("", ""));
    let view = last(&bench, 1);
    assert!(view.warning && view.part == Some(Part::Send), "{view:?}");
    assert!(bench.settings().is_none());
}

#[test]
fn an_engine_that_runs_here_reads_by_what_was_pointed_at() {
    let mut bench = Bench::new(&[]);
    place(&mut bench);
    bench.connect(1, 7, ORIGIN);
    bench.send(1, &PortUp::Refused);
    let url = format!("{ORIGIN}/");
    let (document, wrote) = ("document 1".to_owned(), String::new());
    bench.send(1, &PortUp::Event(SessionEvent::Started { url, document, wrote }));
    pointed(&mut bench, 1, Part::User, chat(":picked=user", ":picked=assistant"));
    let rows = bench.settings().unwrap().rows[ORIGIN].clone();
    let mut plans = bench.ordered(1).into_iter().filter_map(|effect| match effect {
        PageEffect::Watch { plan } => Some(plan),
        _ => None,
    });
    let plan = plans.next_back().expect("a plan");
    assert_eq!(plan.slots["turn"].css, rows.row("turn").unwrap().css);
}
