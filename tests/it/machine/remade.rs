//! Sites that are made anew: rows that fit no more are found again, and those of a person stay.

use super::*;
use crate::eyes;
use shim::sites::shape;
use shim::wire::page::PageFlush;
use shim::wire::rows::SiteRows;

const ORIGIN: &str = "http://192.168.0.7:8080";
const OLD: [&str; 2] = ["user-message", "bot-message"];
const NEW: [&str; 2] = ["bubble from-human", "bubble from-assistant"];

/// What the eyes see of a page whose turns have these classes, with so many exchanges. `key`: what
/// else stands on a turn, by its place.
fn page([user, answer]: [&str; 2], exchanges: usize, key: fn(usize) -> String) -> Box<PageFlush> {
    let exchange = |at: usize| {
        let (one, other) = (key(2 * at), key(2 * at + 1));
        format!(
            "<div class='{user}'{one}><p>Build a bridge.</p></div>\
             <div class='{answer}'{other}><p>It stands, made of oak.</p></div>"
        )
    };
    let turns: String = (0..exchanges).map(exchange).collect();
    let html = format!("<main>{turns}</main><form><textarea placeholder=Ask></textarea></form>");
    Box::new(eyes::look(&shape::plan(), &html, "http://192.168.0.7:8080/"))
}

fn plain(_: usize) -> String {
    String::new()
}

fn keyed(at: usize) -> String {
    format!(" data-message-id='6ab65814-1111-4111-8111-{at:012}'")
}

/// A bench with a page of that place.
fn bench() -> Bench {
    let mut bench = Bench::new(&[]);
    place(&mut bench);
    bench
}

fn place(bench: &mut Bench) {
    bench.step(BackEvent::Granted { origins: vec!["http://192.168.0.7/*".into()] });
    bench.connect(1, 7, ORIGIN);
}

/// The page is told; by which rows it is read then.
fn told(bench: &mut Bench, page: Box<PageFlush>) -> SiteRows {
    bench.say(1, ToBackground::Scout { page });
    newest(bench).expect("rows")
}

fn newest(bench: &Bench) -> Option<SiteRows> {
    let rows = |event: SessionEvent| match event {
        SessionEvent::Rows(rows) => Some(*rows),
        _ => None,
    };
    bench.told(1).into_iter().filter_map(rows).next_back()
}

fn turn(rows: &SiteRows) -> String {
    rows.row("turn").expect("a row").css.join(" ")
}

fn kept(bench: &mut Bench) -> SiteRows {
    bench.status().settings.rows[ORIGIN].clone()
}

#[test]
fn a_site_that_is_made_anew_is_read_by_new_rows_and_keeps_the_old_until_they_read_as_much() {
    let mut bench = bench();
    let old = told(&mut bench, page(OLD, 3, plain));
    let new = told(&mut bench, page(NEW, 1, plain));
    assert!(turn(&new).contains("from-human"), "{new:?}");
    assert_eq!(new.name, old.name, "its turns are called by their place as before");
    assert_eq!(kept(&mut bench), old, "the new rows read less");
    // A worker that starts anew has the page read by what was found last.
    let mut bench = bench.restarted();
    place(&mut bench);
    assert_eq!(newest(&bench), Some(new));
    let more = told(&mut bench, page(NEW, 3, plain));
    assert_eq!(kept(&mut bench), more);
    assert!(turn(&more).contains("from-human") && more.seen_bytes >= old.seen_bytes);
    assert!(bench.status().settings.anew.is_empty());
}

#[test]
fn one_odd_page_changes_nothing_of_how_the_place_is_read() {
    let mut bench = bench();
    let old = told(&mut bench, page(OLD, 3, plain));
    told(&mut bench, page(NEW, 1, plain));
    assert_eq!(turn(&told(&mut bench, page(OLD, 3, plain))), turn(&old));
    assert_eq!(kept(&mut bench), old);
    assert!(bench.status().settings.anew.is_empty());
    // A page that shows no conversation is no reason for anything.
    let before = bench.told(1).len();
    bench.say(1, ToBackground::Scout { page: page(NEW, 0, plain) });
    assert_eq!((bench.told(1).len(), kept(&mut bench)), (before, old));
}

#[test]
fn turns_that_are_called_otherwise_are_stored_as_those_of_another_table() {
    let mut bench = bench();
    let old = told(&mut bench, page(OLD, 2, plain));
    assert!(old.keyless);
    let second = told(&mut bench, page(NEW, 2, keyed));
    assert!(!second.keyless, "{second:?}");
    assert_eq!((old.name.as_str(), second.name.as_str()), ("shape", "shape-2"));
    // It keeps that name while the same page grows, and the next table has the next one.
    assert_eq!(told(&mut bench, page(NEW, 4, keyed)).name, "shape-2");
    assert_eq!(kept(&mut bench).name, "shape-2");
    assert_eq!(told(&mut bench, page(OLD, 5, plain)).name, "shape-3");
}

#[test]
fn rows_of_a_person_stay_and_their_misfit_is_told_until_something_changes() {
    let mut bench = bench();
    let rows = r#"{"name":"mine","rows":[
        {"slot":"turn","css":[".user-message, .bot-message"],"scope":"page","expect":"many"},
        {"slot":"user","css":[".user-message"]},{"slot":"assistant","css":[".bot-message"]}]}"#;
    bench.ask(&Ask::Rows { origin: ORIGIN.into(), rows: rows.into() });
    assert_eq!(told(&mut bench, page(OLD, 2, plain)).name, "mine");
    assert!(bench.status().settings.misfit.is_empty());
    let still = told(&mut bench, page(NEW, 9, plain));
    assert!(still.by_hand && still == kept(&mut bench), "never replaced silently");
    assert_eq!(bench.status().settings.misfit, [ORIGIN]);
    // A change of other settings leaves that alone; a page that fits ends it.
    bench.ask(&Ask::Change(Settings { offer_only: true, ..Settings::default() }));
    assert_eq!(bench.status().settings.misfit, [ORIGIN]);
    told(&mut bench, page(OLD, 2, plain));
    assert!(bench.status().settings.misfit.is_empty());
    // So does a person who has it looked at anew.
    told(&mut bench, page(NEW, 2, plain));
    bench.ask(&Ask::Rows { origin: ORIGIN.into(), rows: String::new() });
    assert!(bench.status().settings.misfit.is_empty());
    let found = told(&mut bench, page(NEW, 2, plain));
    assert!(!found.by_hand && turn(&found).contains("from-human"));
}
