//! What the flight recorder keeps, and that it plays again.

use super::*;
use crate::world::replay::replay;
use shim::wire::report::{Report, Seen};
use shim::wire::state::Measured;

fn report(bench: &mut Bench) -> Report {
    match bench.ask(&Ask::Report) {
        Answer::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("no report: {other:?}"),
    }
}

fn hello() -> Hello {
    let chat = Some(ChatId("secret-chat".into()));
    Hello { chat, fresh: false, title: "A secret".into(), ..fresh_hello("claude", "me@b.org") }
}

fn turns(number: u64, session: &SessionId, text: &str) -> ToBackground {
    let turn = Turn { key: "t1".into(), markdown: text.into(), ..Turn::default() };
    ToBackground::Turns { session: session.clone(), number, turns: vec![turn] }
}

#[test]
fn a_report_tells_kinds_times_and_sizes_and_plays_again_as_it_was() {
    let mut bench = Bench::new(Vec::new());
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(hello()));
    let session = SessionId::of("claude", &hello().account, &hello().chat.unwrap());
    bench.say(turns(1, &session, "The secret plan"));
    bench.full = true;
    bench.say(turns(2, &session, "The secret plan, changed"));
    bench.full = false;
    bench.wait(Span::seconds(2));
    bench.say(turns(3, &session, "The secret plan, changed"));
    bench.say(ToBackground::Checkpoint {
        session: session.clone(),
        request: 1,
        trigger: Trigger::Milestone,
        measured: Box::new(Measured::default()),
    });
    bench.step(BackEvent::Disconnected { port: PORT });
    let state = TabState { status: "unloaded".into(), ..TabState::default() };
    bench.step(BackEvent::TabSeen { tab: TAB, state: Some(state) });
    let report = report(&mut bench);
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains("secret") && !text.contains("b.org"), "{text}");
    assert!(text.contains("\"size_bytes\":15"), "{text}");
    let refused = Seen::Written { refused: true };
    assert!(report.noted.iter().any(|noted| noted.seen == refused));
    let there: Vec<Vec<String>> = report.noted.iter().map(|noted| noted.did.clone()).collect();
    let here = replay(&report, false).did;
    assert_eq!(here[..there.len()], there);
}

#[test]
fn a_long_life_is_cut_and_still_tells_which_chats_are_open() {
    let mut bench = Bench::new(Vec::new());
    bench.connect(CLAUDE);
    bench.say(ToBackground::Hello(hello()));
    let session = SessionId::of("claude", &hello().account, &hello().chat.unwrap());
    for number in 1..=600 {
        bench.say(turns(number, &session, &"x".repeat(number as usize)));
    }
    let report = report(&mut bench);
    assert_eq!(report.noted.len(), 402, "the newest events, a connection and its hello");
    assert!(matches!(report.noted[0].seen, Seen::Connected { .. }));
    let writes =
        |did: &[Vec<String>]| did.iter().flatten().filter(|kind| kind.starts_with("write")).count();
    assert!(writes(&replay(&report, false).did) > 150, "turns of the cut life are stored again");
}
