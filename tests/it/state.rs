//! The six categories, read from believable chats and from noise.

mod bounds;
pub mod chats;
mod made;
mod named;
mod plans;
mod schema;

use chats::{call, coding, failed, model, numbered, travel, user};
use shim::base::{TurnKey, limits};
use shim::session::extract;
use shim::wire::chat::Turn;
use shim::wire::signals::Signals;
use shim::wire::state::{Measured, Phase, State, ToolKind};

fn read(turns: &[Turn], title: &str) -> State {
    let signals = Signals { message_count: turns.len() as u32, ..Signals::default() };
    extract::state(turns, Measured { signals, ..Measured::default() }, title)
}

fn texts(notes: &[shim::wire::state::Noted]) -> String {
    notes.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_coding_chat_tells_what_was_talked_about_and_what_is_to_do() {
    let turns = coding();
    let state = read(&turns, "Rate limiter for gatekeeper");
    println!("{state:#?}");

    let talk = &state.conversation;
    assert!(talk.summary.contains("add a rate limiter to the public API"), "{}", talk.summary);
    assert!(!talk.summary.contains("You are pairing"), "{}", talk.summary);
    assert!(talk.summary.contains("So far:"), "{}", talk.summary);
    let decisions = texts(&talk.decisions);
    assert!(decisions.contains("in-memory map keyed by API key instead of Redis"), "{decisions}");
    assert!(decisions.contains("sliding windows are rejected"), "{decisions}");
    assert_eq!(talk.decisions[0].turn, TurnKey("t3".to_owned()));
    assert!(talk.current_context.contains("write the tests"), "{}", talk.current_context);
    assert!(talk.current_context.contains("cut off"), "{}", talk.current_context);
    assert!(talk.current_context.contains("cargo test --test limit"), "{}", talk.current_context);
    assert_eq!(talk.recent.len(), limits::RECENT_MESSAGES);
    assert_eq!(talk.turn_count, 14);

    let task = &state.task;
    assert!(task.operation.starts_with("Then write the tests"), "{}", task.operation);
    assert_eq!(task.phase, Phase::Verifying);
    assert_eq!(task.progress, Some(0.75));
    assert!(task.completed_steps.iter().any(|s| s == "Wire it as a tower layer"));
    assert!(task.completed_steps.iter().any(|s| s.contains("Retry-After header")));
    assert_eq!(task.next_steps[0], "Cover it with tests");
    assert!(!task.next_steps.iter().any(|s| s.contains("token bucket")), "{:?}", task.next_steps);
    let blockers = texts(&task.blockers);
    assert!(blockers.contains("blocked by the missing staging key"), "{blockers}");
    assert!(blockers.contains("fetch_url failed"), "{blockers}");
    assert!(!blockers.contains("dashmap"), "put right by a later success: {blockers}");
}

#[test]
fn a_coding_chat_tells_its_files_tools_and_preferences() {
    let state = read(&coding(), "Rate limiter for gatekeeper");
    let files = &state.files;
    assert_eq!(files.created, ["tests/limit.rs", "src/limit/bucket.rs"]);
    assert_eq!(files.modified, ["src/http/mod.rs", "Cargo.toml"]);
    assert_eq!(files.attached, ["api-limits.pdf"]);
    assert_eq!(files.active[0], "tests/limit.rs");
    assert!(files.active.iter().any(|f| f == "tests/common/clock.rs"), "{:?}", files.active);
    assert!(files.diff.contains("+dashmap = \"6\""), "{}", files.diff);

    let tools = &state.tools;
    let kinds: Vec<(ToolKind, u32)> = tools.sessions.iter().map(|s| (s.kind, s.calls)).collect();
    assert_eq!(
        kinds,
        [
            (ToolKind::Terminal, 3),
            (ToolKind::Browser, 1),
            (ToolKind::Search, 1),
            (ToolKind::Files, 5)
        ]
    );
    assert_eq!(tools.pending.len(), 1);
    assert!(tools.pending[0].how_to_resume.contains("cargo test --test limit"));
    assert_eq!(tools.recent.len(), 10);
    assert!(tools.recent.iter().filter(|c| c.failed).count() == 2);

    assert_eq!(state.measured.signals.message_count, 14);

    let wishes = &state.preferences;
    assert!(wishes.custom_instructions.starts_with("You are pairing with me"));
    assert!(wishes.custom_instructions.contains("Never touch `migrations/`"));
    assert!(!wishes.custom_instructions.contains("rate limiter"), "{}", wishes.custom_instructions);
    let recent = texts(&wishes.recent);
    for wish in
        ["no new infrastructure", "dependency list sorted", "Don't add others", "fake clock"]
    {
        assert!(recent.contains(wish), "{wish} in {recent}");
    }
}

#[test]
fn another_chat_gives_other_categories() {
    let (code, trip) = (read(&coding(), "a"), read(&travel(), "b"));
    println!("{trip:#?}");
    assert!(trip.conversation.summary.contains("Lisbon"));
    assert!(texts(&trip.conversation.decisions).contains("against Sintra"));
    assert_eq!(trip.task.progress, Some(0.25));
    assert_eq!(trip.task.completed_steps, ["Alfama by tram"]);
    assert_eq!(trip.task.next_steps[0], "The Oceanário");
    assert_eq!(trip.tools, shim::wire::state::Tools::default());
    assert_eq!(trip.files, shim::wire::state::Files::default());
    assert!(texts(&trip.preferences.recent).contains("slow morning"));
    assert_ne!(code.conversation, trip.conversation);
    assert_ne!(code.task, trip.task);
    assert_ne!(code.files, trip.files);
    assert_ne!(code.tools, trip.tools);
    assert_ne!(code.measured, trip.measured);
    assert_ne!(code.preferences, trip.preferences);
}

#[test]
fn an_empty_chat_gives_an_empty_state() {
    assert_eq!(extract::state(&[], Measured::default(), ""), State::default());
    let titled = extract::state(&[], Measured::default(), "Only a title");
    assert_eq!(titled.task.operation, "Only a title");
}

#[test]
fn a_step_tool_gives_the_plan_and_its_progress() {
    let todo = |a: &str, b: &str| {
        format!(
            r#"{{"todos":[{{"content":"Parse the header","status":"{a}","activeForm":"Parsing"}},
               {{"content":"Add a fuzz target","status":"{b}","activeForm":"Adding"}}]}}"#
        )
    };
    let turns = |a: &str, b: &str| {
        vec![
            user("Make the parser robust."),
            model("", vec![call("TodoWrite", &todo("pending", "pending"), "ok")]),
            model("", vec![call("TodoWrite", &todo(a, b), "ok")]),
        ]
    };
    let state = read(&turns("completed", "in_progress"), "");
    assert_eq!(state.task.progress, Some(0.5));
    assert_eq!(state.task.completed_steps, ["Parse the header"]);
    assert_eq!(state.task.next_steps, ["Add a fuzz target"]);
    assert!(state.task.operation.contains("now: Add a fuzz target"));
    let done = read(&turns("completed", "completed"), "");
    assert_eq!((done.task.progress, done.task.phase), (Some(1.0), Phase::Finished));
}

#[test]
fn a_looser_list_does_not_displace_the_plan() {
    let todo = r#"{"todos":[{"content":"Cut the release","status":"in_progress"},
                  {"content":"Tell the team","status":"pending"}]}"#;
    let turns = vec![
        user("Release it."),
        model("", vec![call("TodoWrite", todo, "ok")]),
        model("The approach:\n- The tag starts the build\n- The build pushes the image", vec![]),
        model("✅ Everything compiles\n✅ No warnings", vec![]),
    ];
    let task = read(&turns, "").task;
    assert_eq!(task.next_steps, ["Cut the release", "Tell the team"]);
    assert_eq!(task.progress, Some(0.0));
    assert_eq!(task.completed_steps, ["Everything compiles", "No warnings"]);
}

#[test]
fn a_brief_remark_does_not_hide_the_task() {
    let turns = vec![
        user("Move the billing code into a crate of its own."),
        model("Shall I keep the old module as a shim?", vec![]),
        user("option two"),
    ];
    let operation = read(&turns, "").task.operation;
    assert_eq!(operation, "Move the billing code into a crate of its own. (then: option two)");
}

#[test]
fn steps_made_and_updated_one_by_one_are_followed() {
    let made = |text: &str| call("TaskCreate", &format!(r#"{{"subject":"{text}"}}"#), "ok");
    let turns = vec![
        user("Ship the release."),
        model("", vec![made("Write notes"), made("Tag the commit"), made("Publish")]),
        model("", vec![call("TaskUpdate", r#"{"taskId":"2","status":"completed"}"#, "ok")]),
    ];
    let state = read(&turns, "");
    assert_eq!(state.task.completed_steps, ["Tag the commit"]);
    assert_eq!(state.task.next_steps, ["Write notes", "Publish"]);
    assert!((state.task.progress.unwrap() - 1.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_later_item_supersedes_an_earlier_one() {
    let turns = vec![
        user("We decided to use SQLite."),
        user("Always run the linter."),
        model("- [ ] **Write** the docs.\n- [ ] Ship", vec![]),
        user("We decided to use SQLite!"),
        model("- [x] write the docs\n- [ ] Ship", vec![]),
    ];
    let state = read(&numbered(turns), "");
    assert_eq!(state.conversation.decisions.len(), 1);
    assert_eq!(state.conversation.decisions[0].turn, TurnKey("t3".to_owned()));
    assert_eq!(state.task.completed_steps, ["write the docs"]);
    assert_eq!(state.task.next_steps, ["Ship"]);
}

#[test]
fn a_blocker_goes_when_it_is_said_to_be_gone() {
    let mut turns = vec![user("Go."), model("The upload is blocked by a missing token.", vec![])];
    assert_eq!(read(&turns, "").task.blockers.len(), 1);
    turns.push(user("The token arrived, the upload is no longer blocked."));
    assert!(read(&turns, "").task.blockers.is_empty());
}

#[test]
fn a_failure_blocks_until_the_same_thing_succeeds() {
    let test = r#"{"command":"cargo test"}"#;
    let mut turns = vec![
        user("Fix it."),
        model("", vec![failed("bash", test, "running 3 tests\nerror: test failed, see above")]),
        model("", vec![call("bash", r#"{"command":"ls src"}"#, "lib.rs")]),
    ];
    let blockers = read(&turns, "").task.blockers;
    assert_eq!(blockers.len(), 1);
    assert!(blockers[0].text.contains("error: test failed"), "{}", blockers[0].text);
    turns.push(model("", vec![call("bash", test, "ok")]));
    assert!(read(&turns, "").task.blockers.is_empty());
}

#[test]
fn files_of_a_chat_without_tools_come_from_its_code() {
    let turns = vec![
        user("Write me a small web server in Python, and look at utils/net.py please."),
        model(
            "**app.py**\n```python\nprint('hi')\n```\n\n```js\n// static/app.js\nlet a = 1;\n```\n\
             I use Node.js 20 and example.com and/or https://x.org/a.js here.",
            vec![],
        ),
        user("Now app.py again with a port."),
        model("```python:app.py\nprint('port')\n```", vec![]),
    ];
    let files = read(&turns, "").files;
    assert_eq!(files.created, ["app.py", "static/app.js"]);
    assert_eq!(files.active, ["app.py", "static/app.js", "utils/net.py"]);
    assert!(files.modified.is_empty());
}

#[test]
fn one_file_under_two_spellings_is_one() {
    let edit = |path: &str| call("Edit", &format!(r#"{{"file_path":"{path}"}}"#), "ok");
    let turns = vec![
        user("see ./src/lib.rs"),
        model("", vec![edit("/home/me/project/src/lib.rs"), edit("/home/me/project/src/a/mod.rs")]),
        user("and mod.rs, C:\\work\\b.rs"),
    ];
    let files = read(&turns, "").files;
    assert_eq!(
        files.active,
        ["C:/work/b.rs", "/home/me/project/src/a/mod.rs", "/home/me/project/src/lib.rs"]
    );
    assert_eq!(files.modified.len(), 2);
}

#[test]
fn a_commit_takes_the_diff_with_it() {
    let diff = "```diff\n--- a/x.rs\n+++ b/x.rs\n+one\n```";
    let mut turns = vec![user("go"), model(diff, vec![])];
    assert!(read(&turns, "").files.diff.contains("+one"));
    turns.push(model("", vec![call("bash", r#"{"command":"git add . && git commit -m x"}"#, "")]));
    assert_eq!(read(&turns, "").files.diff, "");
    turns.push(model(&"```diff\n+two\n```\n".repeat(2_000), vec![]));
    turns.push(model(&format!("```diff\n{}\n```", "+long line of text\n".repeat(3_000)), vec![]));
    let long = read(&turns, "").files.diff;
    assert!(long.len() <= limits::DIFF_BYTES && !long.is_empty());
}
