//! Artifacts: from the turns they stand in, through the prompt, into the state of the next chat.

use super::bounds::within_limits;
use super::chats::{model, numbered, user};
use super::read;
use shim::base::Moment;
use shim::session::prompt::{Input, build};
use shim::wire::chat::{Artifact, Turn};
use shim::wire::session::EndReason;
use std::collections::BTreeSet;

fn made(title: &str, versions: &[&str]) -> Artifact {
    let versions = versions.iter().map(|&version| version.to_owned()).collect();
    Artifact { title: title.to_owned(), kind: "Code".to_owned(), versions }
}

fn with(turn: Turn, artifacts: Vec<Artifact>) -> Turn {
    Turn { artifacts, ..turn }
}

fn told(artifacts: &[Artifact]) -> Vec<(&str, String)> {
    artifacts.iter().map(|one| (one.title.as_str(), one.versions.join(" "))).collect()
}

#[test]
fn an_artifact_goes_by_its_title_and_the_last_one_stands_at_the_end() {
    let turns = numbered(vec![
        user("Write the router and its plan, please."),
        with(
            model("Here they are.", vec![]),
            vec![made("Router", &["v1"]), made(" Plan, first ", &[])],
        ),
        with(model("Changed.", vec![]), vec![made("Router", &["v1", "v2"]), made("", &["v9"])]),
    ]);
    let state = read(&turns, "");
    let wanted = [("Plan, first", String::new()), ("Router", "v1 v2".to_owned())];
    assert_eq!(told(&state.files.artifacts), wanted);

    // The prompt of it is the first message of the next chat.
    let input = Input {
        state: &state,
        title: "",
        site: "claude.ai",
        reason: EndReason::TabCrashed,
        ended_at: Moment(2_000),
        saved_at: Moment(1_000),
        turns: &turns,
        nonce: "k7f3q9zt",
        allowed: &BTreeSet::new(),
    };
    let text = build(&input, 2_000).text;
    assert!(text.contains("artifact: Router (v1/v2)"), "{text}");
    let next = numbered(vec![
        user(&text),
        with(model("It goes on.", vec![]), vec![made("Router", &["v3"]), made("Tests", &["v1"])]),
    ]);
    let wanted = [
        ("Plan, first", String::new()),
        ("Router", "v1 v2 v3".to_owned()),
        ("Tests", "v1".to_owned()),
    ];
    assert_eq!(told(&read(&next, "").files.artifacts), wanted);
}

#[test]
fn a_flood_of_artifacts_is_cut() {
    let versions: Vec<String> = (0..300).map(|i| format!("v{i}")).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let mut many: Vec<Artifact> = (0..400).map(|i| made(&format!("Part {i}"), &versions)).collect();
    many.insert(399, made(&"long".repeat(900), &[&"v".repeat(900)]));
    let state = read(&numbered(vec![user("All of it."), with(model("Here.", vec![]), many)]), "");
    within_limits(&state);
    let last = state.files.artifacts.last().expect("there are some");
    assert_eq!(
        (last.title.as_str(), last.versions.last().map(String::as_str)),
        ("Part 399", Some("v299"))
    );
}
