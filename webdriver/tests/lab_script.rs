//! The command language of the lab's model, and the demonstration.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect should stop there"
)]

use serde_json::{Value, json};
use shim_webdriver::lab::script::{self, Ask, Command, Fault, Outcome, Step};
use shim_webdriver::lab::{demo, plan};

#[test]
fn commands_are_read_line_by_line() {
    let read = script::parse(
        "!say a\nb\n\n!think 250\n!tool t {\"k\":[1,\"=> }\"]} => r1\nr2\n!toolfail t\n\
         !toolhang t {}\n!limit\n!recall two words\n!nonsense\n!think soon\n!tool\n!tool t {bad",
    );
    let say = |text: &str| Command::Do(Step::Say(text.to_owned()));
    let tool = |args: Value, outcome: Outcome| {
        Command::Do(Step::Tool { name: "t".to_owned(), args, outcome })
    };
    assert_eq!(
        read,
        [
            say("a\nb"),
            Command::Do(Step::Think(250)),
            tool(json!({ "k": [1, "=> }"] }), Outcome::Returns("r1\nr2".to_owned())),
            tool(json!({}), Outcome::Fails(String::new())),
            tool(json!({}), Outcome::Hangs),
            Command::Do(Step::Fault(Fault::Limit("9:30 AM".to_owned()))),
            Command::Ask(Ask::Recall("two words".to_owned())),
            say("I do not know the command `!nonsense`."),
            say("`soon` is not a number."),
            say("A tool call wants the name of the tool."),
            say("The arguments of `t` are not valid JSON."),
        ]
    );
    assert!(script::is_commanded("!count"));
    assert!(!script::is_commanded(" !count") && !script::is_commanded("text\n!count"));
}

#[test]
fn the_demonstration_holds_what_a_long_session_holds() {
    let users = demo::turns();
    assert_eq!(users.len(), 13);
    let plans: Vec<Vec<Step>> = users.iter().map(|turn| plan(&turn.user, &[])).collect();
    let steps: Vec<&Step> = plans.iter().flatten().collect();
    let tools: Vec<(&str, bool)> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Tool { name, outcome, .. } => {
                Some((name.as_str(), matches!(outcome, Outcome::Returns(_))))
            }
            _ => None,
        })
        .collect();
    assert!(tools.len() >= 14, "{tools:?}");
    for name in ["read_file", "write_file", "edit_file", "list_directory", "run_terminal"] {
        assert!(tools.iter().any(|(found, _)| *found == name), "{name}");
    }
    assert!(tools.contains(&("search_web", true)));
    let failed = tools.iter().position(|(_, ok)| !ok).unwrap();
    assert_eq!(tools.iter().filter(|(_, ok)| !ok).count(), 1);
    assert!(tools[failed + 1..].contains(&(tools[failed].0, true)), "it is put right afterwards");

    let prose: Vec<String> = plans
        .iter()
        .map(|steps| {
            let said = steps.iter().filter_map(|step| match step {
                Step::Say(text) => Some(text.as_str()),
                _ => None,
            });
            said.collect::<Vec<_>>().join("\n\n")
        })
        .collect();
    let done: Vec<usize> =
        prose.iter().map(|text| text.matches("- [x]").count()).filter(|done| *done > 0).collect();
    assert!(done.len() >= 6 && done.is_sorted() && done[0] < done[done.len() - 1], "{done:?}");
    let all = prose.join("\n");
    for part in [
        "Goal:",
        "Decision: ",
        "We decided ",
        "Rejected: ",
        "Next step",
        "Blocker: ",
        "```diff",
        "https://",
        "8431",
        "40 requests per second",
        "error[E0502]",
        "- [ ] ",
    ] {
        assert!(all.contains(part), "{part}");
    }
    assert!(users[0].user.contains("Please keep answers short and always use British spelling"));
    assert!(users[0].user.contains("Never touch the migrations folder"));
}
