//! The tools `watch` and `dump` in a real browser, on the lab's pages.
//!
//! `cargo xtask test` runs them once a browser and sets what they need; `SHIM_BROWSER` names it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use serde_json::{Value, json};
use shared::kind;
use shim::wire::records::Settings;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Browser, Done, Options};
use shim_webdriver::dump;
use shim_webdriver::lab::Site;
use shim_webdriver::watch::{WatchOptions, script, watch};
use std::path::{Path, PathBuf};

/// A folder that is gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("shim-{name}-{}-{}", kind().name(), std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Every file below, with its length and its time.
fn files(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        }
        found.push((entry.path(), meta.len(), meta.modified().unwrap()));
    }
    found.sort();
    found
}

const SCRIPT: &str = r#"
# A chat with a tool call, seen and unseen, that crashes and is resumed.
type !tool read_file {"path":"src/gate.rs"} => pub fn open() {}
send
wait-idle
type Call it the gatehouse, please.
send
hide
wait-turns 4
show
picture chat.png
crash
wait-crash
open https://claude.ai/new
wait-text gatehouse
card Send
wait-idle
"#;

#[tokio::test(flavor = "multi_thread")]
async fn watch_tells_a_crash_and_dump_tells_the_same_of_the_profile() -> Done<()> {
    let folder = Folder::new("watch");
    let profile = folder.0.join("profile");
    let mut script = script::parse(SCRIPT).unwrap();
    for line in &mut script {
        if let script::Step::Picture(file) = &mut line.step {
            *file = folder.0.join(&*file);
        }
    }
    let options = WatchOptions {
        lab: Some(Site::Claude),
        profile: Some(profile.clone()),
        script,
        ..WatchOptions::new(kind(), "https://claude.ai/new")
    };
    let watched = watch(&options).await?;
    let told = json!(watched);
    assert!(watched.failed.is_none(), "{:#?}", watched.failed);
    assert_eq!(told["site"], "claude");
    let png = std::fs::read(folder.0.join("chat.png"))?;
    assert!(png.starts_with(b"\x89PNG"));

    let crashes = told["crash_events"].as_array().unwrap();
    let [crash] = &crashes[..] else { return Err(format!("{crashes:?}").into()) };
    assert_eq!((&crash["reason"], &crash["resume"]), (&json!("tab_crashed"), &json!("answered")));
    let sessions = told["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{sessions:#?}");
    let of = |id: &Value| sessions.iter().find(|session| session["id"] == *id).unwrap();
    let old = of(&crash["session"]);
    let turns = old["turns"].as_array().unwrap();
    let roles: Vec<&Value> = turns.iter().map(|turn| &turn["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert!(turns.iter().all(|turn| turn["state"] == "done"), "{turns:#?}");
    assert!(turns[2]["markdown"].as_str().unwrap().contains("gatehouse"));
    let call = &turns[1]["calls"][0];
    assert_eq!((&call["name"], &call["state"]), (&json!("read_file"), &json!("done")));
    assert_eq!(old["ended"][0], "tab_crashed");
    let new = of(&told["resumes"][0]["to"]);
    assert_eq!(new["parent"], old["id"]);
    assert!(!new["live"].is_null(), "it was open when the store was read");
    let checkpoints = told["checkpoints"].as_array().unwrap();
    assert!(
        checkpoints.iter().any(|one| one["session"] == old["id"]
            && one["state"]["conversation"]["turn_count"] == 4
            || one["state"]["tools"]["recent"][0]["name"] == "read_file")
    );
    assert_eq!(told["damaged"], json!([]));
    acknowledged(&told);

    let before = files(&profile);
    let held = dump::read(kind(), &profile).await?.expect("the profile holds a store");
    assert_eq!(json!(held), json!(watched.held), "the profile tells what the watched browser told");
    assert_eq!(files(&profile), before, "reading changed the profile");
    Ok(())
}

/// Every turn, checkpoint and resume has its acknowledgement, and what was told of it holds.
fn acknowledged(told: &Value) {
    let acks = told["acknowledged"].as_array().unwrap();
    let of = |ack: &str| acks.iter().filter(|one| one["ack"] == ack).collect::<Vec<_>>();
    let sessions = told["sessions"].as_array().unwrap();
    let turns: usize = sessions.iter().map(|one| one["turns"].as_array().unwrap().len()).sum();
    assert_eq!(of("saved").len(), turns);
    assert!(of("saved").iter().all(|one| one["holds"] == true), "{acks:#?}");
    let checkpoints = told["checkpoints"].as_array().unwrap();
    assert_eq!(of("checkpoint_saved").len(), checkpoints.len());
    assert_eq!(of("journalled").len(), told["resumes"].as_array().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_cut_off_is_told_with_what_was_acknowledged_of_it() -> Done<()> {
    let folder = Folder::new("cut");
    let profile = folder.0.join("profile");
    let script = "type !say the first words\nsend\nwait-idle\n\
                  type !lorem 5\npress Shift+Enter\ntype !hang\nsend\n\
                  wait-stored Lorem ipsum dolor sit amet.\n";
    let options = WatchOptions {
        lab: Some(Site::ChatGpt),
        profile: Some(profile.clone()),
        script: script::parse(script).unwrap(),
        ..WatchOptions::new(kind(), "https://chatgpt.com/")
    };
    let watched = watch(&options).await?;
    assert!(watched.failed.is_none(), "{:#?}", watched.failed);
    // The browser was killed with the answer half there.
    let held = json!(dump::read(kind(), &profile).await?.expect("the profile holds a store"));
    let turns = held["sessions"][0]["turns"].as_array().unwrap();
    let last = turns.last().unwrap();
    assert_eq!((&last["role"], &last["state"]), (&json!("assistant"), &json!("streaming")));
    assert_eq!(last["from_stream"], true);
    let stream = &held["streams"][0];
    assert_eq!(last["markdown"], stream["text"]);
    let text = stream["text"].as_str().unwrap();
    assert_eq!(text.trim(), "Lorem ipsum dolor sit amet.");
    let acks = held["acknowledged"].as_array().unwrap();
    let ack = acks.iter().find(|one| one["ack"] == "stream_saved").unwrap();
    assert_eq!((&ack["turn"], &ack["holds"]), (&stream["key"], &json!(true)));
    assert!(!held["sessions"][0]["live"].is_null(), "nobody has judged yet how the chat ended");

    // Another start on the same profile finds the store, and judges.
    let again = WatchOptions { script: script::parse("wait-crash").unwrap(), ..options };
    let again = json!(watch(&again).await?);
    assert_eq!(again["failed"], Value::Null);
    assert_eq!(again["crash_events"][0]["reason"], "browser_crashed");
    assert_eq!(again["sessions"][0]["turns"], held["sessions"][0]["turns"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_shim_does_not_read_gives_empty_lists_and_a_note() -> Done<()> {
    let folder = Folder::new("other");
    let page = "data:text/html,<textarea></textarea><p></p><script>const tell = () => \
                document.querySelector('p').append(document.visibilityState); \
                document.addEventListener('visibilitychange', tell); tell();</script>";
    let script = "type some words\nwait-text some words\nhide\nshow\n\
                  wait-text visiblehiddenvisible\nhide\nwait-turns 1\n";
    let options = WatchOptions {
        lab: Some(Site::Claude),
        hosts: Vec::new(),
        script: script::parse(script).unwrap(),
        patience: std::time::Duration::from_secs(3),
        ..WatchOptions::new(kind(), page)
    };
    let told = json!(watch(&options).await?);
    assert_eq!(told["site"], Value::Null);
    assert!(told["note"].as_str().unwrap().contains("no script"), "{told:#}");
    assert_eq!((&told["sessions"], &told["crash_events"]), (&json!([]), &json!([])));
    // What cannot come is waited for as long as was said, and then told with its line.
    assert_eq!(told["failed"]["line"], 7, "{:#}", told["failed"]);
    assert_eq!(told["steps"].as_array().unwrap().len(), 7);
    assert_eq!(dump::read(kind(), &folder.0).await?, None, "an empty profile has no store");
    Ok(())
}

/// Puts what no SHIM would write into two stores of the extension's database.
const SPOIL: &str = r#"
const done = arguments[arguments.length - 1];
const open = indexedDB.open("shim");
open.onsuccess = () => {
  const change = open.result.transaction(["sessions", "turns"], "readwrite");
  change.objectStore("sessions").put({ key: "cat", sound: "miaow" });
  change.objectStore("turns").put({ key: "k", session: "s", version: 99, head: "{}",
    parts: [new Uint8Array([1, 2])], check: 1 });
  change.oncomplete = () => { open.result.close(); done(true); };
  change.onabort = () => done(String(change.error));
};
open.onerror = () => done(String(open.error));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_no_shim_wrote_is_told_and_hides_nothing() -> Done<()> {
    let folder = Folder::new("spoilt");
    let mut options = Options::from_env(kind(), 0)?;
    options.profile = Some(folder.0.clone());
    let browser = Browser::start(&options).await?;
    let settings = Settings { offer_only: true, ..Settings::default() };
    assert_eq!(browser.ask(&Ask::Change(settings)).await?, Answer::Done);
    assert_eq!(browser.in_inspector(SPOIL, Vec::new()).await?, json!(true));
    let open = dump::read(kind(), &folder.0).await.expect_err("its browser runs");
    assert!(open.to_string().contains("close it first"), "{open}");
    drop(browser);
    let held = json!(dump::read(kind(), &folder.0).await?.expect("the profile holds a store"));
    let damaged = held["damaged"].as_array().unwrap();
    let places: Vec<_> = damaged.iter().map(|one| (&one["store"], &one["key"])).collect();
    assert_eq!(places, [(&json!("sessions"), &json!("cat")), (&json!("turns"), &json!("k"))]);
    assert_eq!(held["settings"]["offer_only"], true);
    Ok(())
}
