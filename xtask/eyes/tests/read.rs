//! The real command on saved pages, from the words on the command line to the JSON.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

const URL: &str = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";

/// A page of the tests, by its path below `tests/pages`.
fn page(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    root.join("tests/pages").join(name).to_str().unwrap().to_owned()
}

/// The program behind `cargo xtask read`.
fn read(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shim-eyes")).args(args).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What it says instead of JSON, and its exit code.
fn refused(args: &[&str]) -> (i32, String) {
    let output = read(args);
    assert!(output.stdout.is_empty(), "nothing half done is printed");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_command_prints_the_conversation_of_a_page() {
    // From another folder than the repository's, as a person may.
    let folder = std::path::PathBuf::from(page("claude-hub-2026-10"));
    let output = Command::new(env!("CARGO"))
        .current_dir(&folder)
        .args(["xtask", "read", "tools-done.html", "--url", URL])
        .output()
        .unwrap();
    let told = json_of(&output);
    assert_eq!(told["chat_id"], "c0ffee00-1234-4abc-8def-0123456789ab");
    assert_eq!((&told["title"], &told["model"]), (&json!("Walnut inventory"), &json!("Opus 5.5")));
    assert_eq!((&told["busy"], &told["composer"]), (&json!(false), &json!("")));
    assert_eq!((&told["banners"], &told["gaps"]), (&json!([]), &json!([])));
    let turns = told["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 4);
    assert_eq!((&turns[0]["role"], &turns[1]["role"]), (&json!("user"), &json!("assistant")));
    assert_eq!(turns[0]["attachments"][1]["name"], "notes & more.txt");
    assert_eq!(turns[1]["thinking"], "The sheet may be stale.");
    assert_eq!(
        turns[1]["tool_calls"][2],
        json!({ "name": "close_sheet", "args": "{\"sheet\":\"stock\"}", "result": "",
                "error": "EBUSY: sheet is locked", "state": "failed" })
    );
    assert!(turns[1]["markdown"].as_str().unwrap().starts_with("## Stock\n\nThere are **40 "));
}

#[test]
fn a_busy_page_says_what_said_so() {
    let told = json_of(&read(&[&page("claude-hub-2026-10/busy.html"), "--url", URL]));
    assert_eq!((&told["busy"], &told["busy_signal"]), (&json!(true), &json!("stop")));
    assert_eq!(told["turns"].as_array().unwrap().last().unwrap()["state"], "streaming");
}

#[test]
fn a_table_can_be_chosen_and_help_is_printed() {
    let file = page("claude-hub-2026-10/busy.html");
    assert_eq!(json_of(&read(&[&file, "--site", "claude"]))["site"], "claude");
    let help = read(&["--help"]);
    assert!(help.status.success() && help.stdout.starts_with(b"Prints the conversation"));
}

#[test]
fn an_application_is_known_by_its_marks_and_its_states_are_told() {
    let file = page("llamacpp-2026-11/asked.html");
    let told = json_of(&read(&[&file, "--url", "http://localhost:8080/"]));
    assert_eq!((&told["site"], &told["busy"]), (&json!("llamacpp"), &json!(true)));
    assert_eq!(told["turns"][1]["tool_calls"][0]["state"], "asked");
    let file = page("claude-2025-11/files.html");
    let told = json_of(&read(&[&file, "--url", URL]));
    let csv = json!([{ "name": "beans.csv", "kind": "csv", "size": "" }]);
    assert_eq!(told["turns"][0]["attachments"], csv);
    let made = json!([{ "title": "Bean chart", "kind": "Code", "versions": ["v2"] }]);
    assert_eq!(told["turns"][1]["artifacts"], made);
}

#[test]
fn a_limit_ends_at_a_moment_by_the_page_s_clock() {
    let file = page("claude-hub-2026-10/limit.html");
    let at = "2026-05-09T20:00:00+02:00";
    let told = json_of(&read(&[&file, "--url", URL, "--at", at]));
    // "11:15 PM" of that evening is 21:15 UTC.
    assert_eq!(told["banners"][0]["resets_at"], json!(1_778_361_300_000_u64));
    assert_eq!(told["banners"][0]["class"], "limit");
}

#[test]
fn what_goes_wrong_says_what_to_do() {
    let file = page("claude-hub-2026-10/busy.html");
    for (args, code, says) in [
        (&["nowhere.html", "--url", URL][..], 1, "could not read nowhere.html"),
        (&[], 2, "name a saved page"),
        (&[&file, "--url"], 2, "missing argument"),
        (&[&file, "--by-shape", "--site", "claude"], 2, "leave --site out"),
        (&[&file, "--table", "nowhere.json"], 1, "nowhere.json"),
        (&[&file, "--site", "nobody"], 2, "only claude, chatgpt, gemini"),
        (&[&file, "--at", "noon"], 2, "2026-11-22T10:00:00+01:00"),
        (&[&file, &file], 2, "unexpected argument"),
        (&[&file, "--frobnicate"], 2, "--help"),
    ] {
        let (is, words) = refused(args);
        assert_eq!(is, code, "{args:?}: {words}");
        assert!(words.contains(says), "{args:?}: {words}");
    }
    let empty = std::env::temp_dir().join(format!("shim-read-{}.html", std::process::id()));
    std::fs::write(&empty, "<p>no chat</p>").unwrap();
    let (code, words) = refused(&[empty.to_str().unwrap(), "--url", "https://example.org/"]);
    std::fs::remove_file(&empty).unwrap();
    assert!(code == 1 && words.contains("https://example.org/") && words.contains("--site"));
}
