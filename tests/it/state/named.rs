//! What calls and words name: files without a known ending, odd arguments, wishes and errors.

use super::{call, failed, model, read, texts, user};
use shim::wire::state::ToolKind;

#[test]
fn a_rooted_path_may_have_any_ending_and_a_word_may_not() {
    let seen = |text: &str| {
        let turns = [user(text), model("", vec![call("read_file", &args(text), "ok")])];
        read(&turns, "").files.active
    };
    fn args(path: &str) -> String {
        serde_json::json!({ "command": format!("open {path}") }).to_string()
    }
    assert_eq!(seen("./build/gate.qml"), ["build/gate.qml"]);
    for text in ["./build/gate", "gate.qml", "./build/gate.averylongending", "./build/.x"] {
        assert_eq!(seen(text), [""; 0], "{text}");
    }
}

#[test]
fn many_spellings_of_a_tool_mean_the_same_kind_of_work() {
    let turns = [
        user("Tidy the gatehouse."),
        model(
            "",
            vec![
                call("str_replace_editor", r#"{"command":"view","path":"src/a.rs"}"#, "fn a() {}"),
                call("str_replace_editor", r#"{"command":"create","path":"src/b.rs"}"#, "ok"),
                call("str_replace_editor", r#"{"command":"insert","path":"src/c.rs"}"#, "ok"),
                call("file_manager", r#"{"path":"src/d.rs"}"#, "fn d() {}"),
                failed("edit_file", r#"{"path":"src/e.rs"}"#, "no such file"),
            ],
        ),
    ];
    let state = read(&turns, "");
    assert_eq!(state.files.created, ["src/b.rs"]);
    assert_eq!(state.files.modified, ["src/c.rs"]);
    let files = state.tools.sessions.iter().find(|one| one.kind == ToolKind::Files);
    assert_eq!(files.map(|one| one.calls), Some(5));
}

#[test]
fn an_error_that_the_person_pastes_is_a_blocker() {
    let turns = [
        user("Run it."),
        model("It should work now.", vec![]),
        user("It does not:\nthread 'main' panicked at src/main.rs:3:5:\nindex out of bounds"),
    ];
    let blockers = texts(&read(&turns, "").task.blockers);
    assert!(blockers.contains("The person reports: thread 'main' panicked"), "{blockers}");
}

#[test]
fn a_question_is_no_decision_and_a_failed_way_is_one() {
    let of = |text: &str| {
        let turns = [user("How shall we store it?"), model(text, vec![])];
        texts(&read(&turns, "").conversation.decisions)
    };
    assert_eq!(of("Shall we decide to use a file?"), "");
    assert!(of("We decided to use one file a chat.").contains("one file a chat"));
}

#[test]
fn escapes_in_arguments_are_read_as_what_they_mean() {
    let args = r#"{"command":"cat \"src\/a\u002ers\"\t&&\r\ncat src/b.rs \ud800"}"#;
    let turns = [user("Look."), model("", vec![call("run_terminal", args, "fn a() {}")])];
    let state = read(&turns, "");
    let mut active = state.files.active;
    active.sort();
    assert_eq!(active, ["src/a.rs", "src/b.rs"]);
    // Cut off in the middle of an escape: what came before still counts.
    let turns = [user("Look."), model("", vec![call("run_terminal", r#"{"command":"ls \"#, "")])];
    assert_eq!(read(&turns, "").tools.recent.len(), 1);
}
