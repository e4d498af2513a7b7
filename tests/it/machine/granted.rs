//! Places that a person gave SHIM: where its scripts go, and whose chats are whose.

use super::*;
use crate::eyes;
use shim::sites::shape;
use shim::wire::page::PageFlush;
use shim::wire::rows::SiteRows;

const HOME: &str = "http://192.168.0.7/*";

fn grant(bench: &mut Bench, origins: &[&str]) {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    bench.step(BackEvent::Granted { origins });
}

/// The registrations that stand in the end: `(id, match patterns, with the engine)`.
fn registered(bench: &Bench) -> Vec<(String, Vec<String>, bool)> {
    let mut all: Vec<(String, Vec<String>, bool)> = Vec::new();
    for effect in &bench.effects {
        match effect {
            BackEffect::Register { site, matches, with_engine } => {
                all.retain(|(id, ..)| id != site);
                all.push((site.clone(), matches.clone(), *with_engine));
            }
            BackEffect::Unregister { site } => all.retain(|(id, ..)| id != site),
            _ => {}
        }
    }
    all
}

fn of_home(bench: &Bench) -> Option<(Vec<String>, bool)> {
    let found = registered(bench).into_iter().find(|(id, ..)| id == HOME);
    found.map(|(_, matches, with_engine)| (matches, with_engine))
}

/// What the engine in a page of this origin says of its chat; whether it is listened to.
fn hello_of(bench: &mut Bench, port: u64, origin: &str, site: &str) -> bool {
    bench.connect(port, 7, origin);
    let hello = Hello {
        document: format!("document {port}"),
        site: site.into(),
        chat: Some("0f3c9f1e-1234".into()),
        url: format!("{origin}/c/0f3c9f1e-1234"),
        ..Hello::default()
    };
    bench.say(port, ToBackground::Hello(hello));
    bench.status().tabs.iter().any(|(_, id)| id.as_str().starts_with(&format!("{site}/")))
}

#[test]
fn a_place_that_a_person_gives_gets_the_scripts_until_it_is_taken_back() {
    let mut bench = Bench::new(&[]);
    let built_in = registered(&bench);
    assert!(built_in.len() >= 2 && of_home(&bench).is_none());
    // The browser names the sites of the manifest as well.
    grant(&mut bench, &["https://claude.ai/*", HOME]);
    assert_eq!(of_home(&bench), Some((vec![HOME.into()], true)));
    assert_eq!(registered(&bench).len(), built_in.len() + 1);
    assert!(bench.status().places.contains(&(HOME.into(), true)));
    grant(&mut bench, &["https://claude.ai/*"]);
    assert_eq!(registered(&bench), built_in);
    assert!(!bench.status().places.iter().any(|(_, given)| *given));
}

#[test]
fn what_was_given_before_the_store_was_read_is_registered_then() {
    let mut machine = Bench::new(&[]);
    machine.machine = Machine::new();
    machine.effects.clear();
    grant(&mut machine, &[HOME]);
    assert_eq!(registered(&machine), []);
    machine.step(BackEvent::Restored { records: Vec::new(), browser_session: TODAY.into() });
    assert_eq!(of_home(&machine), Some((vec![HOME.into()], true)));
}

#[test]
fn a_given_place_that_refuses_the_engine_is_remembered_by_its_own_name() {
    let mut bench = Bench::new(&[]);
    grant(&mut bench, &[HOME]);
    bench.connect(1, 7, "http://192.168.0.7:8080");
    bench.send(1, &PortUp::Refused);
    assert_eq!(of_home(&bench), Some((vec![HOME.into()], false)));
    let mut again = bench.restarted();
    grant(&mut again, &[HOME]);
    assert_eq!(of_home(&again), Some((vec![HOME.into()], false)));
}

#[test]
fn a_site_that_is_switched_off_has_no_scripts_and_is_not_heard() {
    let mut bench = Bench::new(&[]);
    let before = registered(&bench);
    let off = |off: &[&str]| {
        let off = off.iter().map(|pattern| (*pattern).to_owned()).collect();
        Ask::Change(Settings { off, ..Settings::default() })
    };
    bench.ask(&off(&["https://claude.ai/*"]));
    let without: Vec<_> = before.iter().filter(|(id, ..)| id != "claude").cloned().collect();
    assert_eq!(without.len() + 1, before.len());
    let sorted = |mut all: Vec<(String, Vec<String>, bool)>| {
        all.sort();
        all
    };
    assert_eq!(sorted(registered(&bench)), sorted(without));
    // A page that was open then still has its scripts.
    let heard = |bench: &mut Bench, port, site: &str| {
        let origin = if site == "claude" { "https://claude.ai" } else { "https://chatgpt.com" };
        hello_of(bench, port, origin, site);
        bench.told(port).iter().any(|event| matches!(event, SessionEvent::Known(_)))
    };
    assert!(!heard(&mut bench, 1, "claude"));
    assert!(heard(&mut bench, 2, "chatgpt"));
    let mut bench = bench.restarted();
    assert!(!registered(&bench).iter().any(|(id, ..)| id == "claude"));
    bench.ask(&off(&[]));
    assert_eq!(sorted(registered(&bench)), sorted(before));
    assert!(heard(&mut bench, 3, "claude"));
}

#[test]
fn a_page_speaks_for_its_own_place_only() {
    let mut bench = Bench::new(&[]);
    let (origin, site) = ("http://192.168.0.7:8080", "openwebui@192.168.0.7:8080");
    assert!(!hello_of(&mut bench, 1, origin, site), "the place was not given");
    grant(&mut bench, &[HOME]);
    for (port, other) in [
        (2, "openwebui@192.168.0.7:9090"),
        (3, "openwebui@evil.example"),
        (4, "openwebui"),
        (5, "claude"),
        (6, ""),
    ] {
        assert!(!hello_of(&mut bench, port, origin, other), "{other}");
    }
    assert!(!hello_of(&mut bench, 7, "https://claude.ai", "shape@chatgpt.com"));
    assert!(hello_of(&mut bench, 8, origin, site));
}

#[test]
fn a_chat_at_home_is_resumed_at_home() {
    let origin = "http://192.168.0.7:8080";
    // By the marks of its application, by its shape, and by what a person pointed at.
    for table in ["openwebui", "shape", "pointed-2"] {
        let mut bench = Bench::new(&[]);
        grant(&mut bench, &[HOME]);
        let site = format!("{table}@192.168.0.7:8080");
        assert!(hello_of(&mut bench, 1, origin, &site));
        let session = SessionId::of(&site, &AccountId::default(), &"0f3c9f1e-1234".into());
        bench.ask(&Ask::Resume { session, checkpoint: None });
        let opened = bench.effects.iter().find_map(|effect| match effect {
            BackEffect::OpenTab { url, .. } => Some(url.as_str()),
            _ => None,
        });
        assert_eq!(opened, Some("http://192.168.0.7:8080/"), "{table}");
    }
}

/// What the eyes see of a page with these turns.
fn whole(turns: &str) -> Box<PageFlush> {
    let html = format!("<main>{turns}</main><form><textarea placeholder=Ask></textarea></form>");
    Box::new(eyes::look(&shape::plan(), &html, "http://192.168.0.7:8080/"))
}

const ASKED: &str = "<div class=user-message><p>Build a bridge.</p></div>";
const ANSWERED: &str = "<div class=bot-message><p>It stands, made of oak.</p></div>";

fn rows_told(bench: &Bench, port: u64) -> Vec<SiteRows> {
    let rows = |event: &SessionEvent| match event {
        SessionEvent::Rows(rows) => Some((**rows).clone()),
        _ => None,
    };
    bench.told(port).iter().filter_map(rows).collect()
}

#[test]
fn a_conversation_is_found_once_both_sides_stand_and_its_place_is_remembered() {
    let mut bench = Bench::new(&[]);
    grant(&mut bench, &[HOME]);
    bench.connect(1, 7, "http://192.168.0.7:8080");
    bench.say(1, ToBackground::Scout { page: whole("<p>Nothing yet.</p>") });
    bench.say(1, ToBackground::Scout { page: whole(ASKED) });
    assert_eq!(rows_told(&bench, 1), []);
    bench.say(1, ToBackground::Scout { page: whole(&format!("{ASKED}{ANSWERED}")) });
    let rows = rows_told(&bench, 1).pop().expect("rows");
    assert!(rows.row("user").is_some() && rows.row("assistant").is_some());
    // A worker that starts anew tells them to the next page of that place, and of no other.
    let mut again = bench.restarted();
    grant(&mut again, &[HOME]);
    again.connect(1, 7, "http://192.168.0.7:8080");
    again.connect(2, 8, "http://192.168.0.7:9090");
    assert_eq!((rows_told(&again, 1), rows_told(&again, 2)), (vec![rows], vec![]));
}

#[test]
fn a_page_of_a_listed_site_or_of_a_place_not_given_is_not_read_by_its_shape() {
    let mut bench = Bench::new(&[]);
    bench.connect(1, 7, CLAUDE);
    bench.connect(2, 8, "http://192.168.0.7:8080");
    for port in [1, 2] {
        let page = whole(&format!("{ASKED}{ANSWERED}"));
        bench.say(port, ToBackground::Scout { page });
        assert_eq!(rows_told(&bench, port), [], "port {port}");
    }
    let by_shape = vec![CLAUDE.to_owned()];
    bench.ask(&Ask::Change(Settings { by_shape, ..Settings::default() }));
    bench.connect(3, 9, CLAUDE);
    assert!(bench.told(3).contains(&SessionEvent::ByShape));
    bench.say(3, ToBackground::Scout { page: whole(&format!("{ASKED}{ANSWERED}")) });
    assert_eq!(rows_told(&bench, 3).len(), 1);
}

#[test]
fn a_place_whose_chats_never_had_an_address_says_so_to_its_pages() {
    let mut bench = Bench::new(&[]);
    grant(&mut bench, &[HOME]);
    let origin = "http://192.168.0.7:8000";
    let mut opened = |port: u64, chat: &str| {
        bench.connect(port, 7, origin);
        let hello = Hello {
            document: format!("document {port}"),
            site: "chainlit@192.168.0.7:8000".into(),
            chat: Some(chat.into()),
            url: format!("{origin}/"),
            ..Hello::default()
        };
        bench.say(port, ToBackground::Hello(hello));
        bench.told(port).contains(&SessionEvent::NoAddresses)
    };
    assert!(!opened(1, "page-one"), "nothing is known of it yet");
    assert!(opened(2, "0f3c9f1e-1234"), "one chat without an address is known");
    assert!(!opened(3, "page-three"), "one has an address");
}

#[test]
fn how_a_page_is_built_is_told_without_what_it_says() {
    let mut bench = Bench::new(&[]);
    bench.open(1, 7, Some("one"));
    assert!(matches!(&bench.ask(&Ask::Structure { tab: 9, salt: 1 })[..], [Answer::Problem(_)]));
    assert_eq!(bench.ask(&Ask::Structure { tab: 7, salt: 1 }), []);
    assert!(bench.told(1).contains(&SessionEvent::ShowWhole));
    let question = bench.asked;
    bench.say(1, ToBackground::Scout { page: whole(&format!("{ASKED}{ANSWERED}")) });
    let answers = bench.answers(question);
    let [Answer::Text(text)] = &answers[..] else { panic!("{answers:?}") };
    assert!(text.contains("user-message") && !text.contains("oak"), "{text}");
    // What is scrambled in it hangs on a number that is drawn for this report.
    let told_with = |bench: &mut Bench, salt: u64| {
        bench.ask(&Ask::Structure { tab: 7, salt });
        let question = bench.asked;
        bench.say(1, ToBackground::Scout { page: whole(&format!("{ASKED}{ANSWERED}")) });
        bench.answers(question)
    };
    let (one, same) = (told_with(&mut bench, 1), told_with(&mut bench, 1));
    assert_eq!((&one, &one), (&same, &answers));
    assert_ne!(one, told_with(&mut bench, 2));
    // The page goes before it told: that is said.
    bench.ask(&Ask::Structure { tab: 7, salt: 1 });
    let question = bench.asked;
    bench.step(BackEvent::Disconnected { port: PortId(1) });
    assert!(matches!(&bench.answers(question)[..], [Answer::Problem(_)]));
}

#[test]
fn rows_that_a_person_puts_in_are_checked_and_kept_until_they_are_taken_away() {
    let mut bench = Bench::new(&[]);
    let origin = "http://192.168.0.7:8080";
    let rows = r#"{"name":"mine","rows":[
        {"slot":"turn","css":["div.turn"],"scope":"page","expect":"many"},
        {"slot":"user","css":[".me"]},{"slot":"assistant","css":[".it"]},
        {"slot":"prose","css":[".words"]}]}"#;
    let ask = |rows: &str| Ask::Rows { origin: origin.into(), rows: rows.into() };
    let trouble = |bench: &mut Bench, rows: &str| match bench.ask(&ask(rows)).pop() {
        Some(Answer::Problem(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(trouble(&mut bench, rows).contains("watched first"));
    grant(&mut bench, &[HOME]);
    assert!(trouble(&mut bench, "{").contains("no rows"));
    let odd = rows.replace("div.turn", "div:::");
    assert!(trouble(&mut bench, &odd).contains(":::"));
    bench.connect(1, 7, origin);
    assert_eq!(bench.ask(&ask(rows)).pop(), Some(Answer::Done));
    let told = |bench: &Bench, port| {
        bench.told(port).iter().any(|event| matches!(event, SessionEvent::Rows(r) if r.by_hand))
    };
    assert!(told(&bench, 1), "the page that is open is read by them");
    let mut bench = bench.restarted();
    grant(&mut bench, &[HOME]);
    bench.connect(2, 7, origin);
    assert!(told(&bench, 2));
    assert_eq!(bench.ask(&ask("")).pop(), Some(Answer::Done));
    assert!(bench.status().settings.rows.is_empty());
}
