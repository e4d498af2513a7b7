//! Sites that SHIM does not ask for at its installation, in a real browser.
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
use shim_webdriver::browser::{Browser, Done, End, Kind, Options, until};
use shim_webdriver::lab::{Csp, Lab, LabOptions, Site};
use shim_webdriver::watch::{WatchOptions, script, watch};
use thirtyfour::{By, WebElement};

/// A host that no table names.
const HOST: &str = "chat.example.org";
const PAGE: &str = "https://chat.example.org/new";
const PATTERN: &str = "https://chat.example.org/*";

/// The match patterns of the registered scripts.
async fn registered(browser: &Browser) -> Done<Vec<String>> {
    let script = "const [done] = arguments; chrome.scripting.getRegisteredContentScripts() \
        .then((all) => done(all.flatMap(({ matches }) => matches)));";
    let found = browser.driver.execute_async(script, Vec::new()).await?;
    Ok(serde_json::from_value(found.json().clone())?)
}

/// The button about the place in view, once it says this.
async fn button(browser: &Browser, label: &str) -> Done<WebElement> {
    until("the button about this place", async || {
        let found = browser.driver.find_all(By::Css("[data-testid=place-act]")).await?;
        let Some(button) = found.into_iter().next() else { return Ok(None) };
        Ok((button.is_displayed().await? && button.text().await? == label).then_some(button))
    })
    .await
}

/// Clicks it, and waits for what is said then.
async fn click(browser: &Browser, label: &str, then: &str) -> Done<()> {
    let driver = &browser.driver;
    button(browser, label).await?.click().await?;
    until("the answer to the click", async || {
        let notice = driver.find(By::Css("[data-testid=notice]")).await?;
        Ok(notice.text().await?.contains(then).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_a_place_back_and_gives_it_again() -> Done<()> {
    let lab = Lab::start(LabOptions::default()).await?;
    let mut how = Options::from_env(kind(), lab.port)?;
    how.hosts.push((HOST.to_owned(), lab.port));
    let profile = std::env::temp_dir().join(format!("shim-places-{}", std::process::id()));
    std::fs::create_dir_all(&profile)?;
    how.profile = Some(profile.clone());
    how.granted.push(PATTERN.to_owned());
    let mut browser = Browser::start(&how).await?;
    how.granted.clear();
    browser.restart(&how, End::Quit).await?;
    let popup = format!("{}popup.html?tab=1&url={PAGE}", browser.pages);
    browser.driver.goto(popup.as_str()).await?;
    let watched = async |wanted: bool| {
        until("the scripts of the place to come or go", async || {
            let there = registered(&browser).await?.iter().any(|one| one == PATTERN);
            Ok((there == wanted).then_some(()))
        })
        .await
    };
    // Browsers keep what was granted at an installation, until it is taken back.
    watched(true).await?;
    click(&browser, "Stop watching it", "no more").await?;
    watched(false).await?;
    button(&browser, "Watch this site").await?;
    if kind() == Kind::Firefox {
        // Chromium asks a person in a window of its own, which no driver can reach.
        click(&browser, "Watch this site", "Watching this site").await?;
        watched(true).await?;
        click(&browser, "Stop watching it", "no more").await?;
        watched(false).await?;
    }
    drop(browser);
    std::fs::remove_dir_all(&profile)?;
    Ok(())
}

/// A chat that crashes and is resumed.
const CRASH: &str = "
type !say Build a bridge of wood.
send
wait-idle
type Call it the gatehouse, please.
send
wait-turns 4
wait-idle
crash
wait-crash
open https://chat.example.org/new
wait-text gatehouse
card Send
wait-stored is a record of that chat
wait-idle
";

fn of<'t>(told: &'t Value, session: &Value) -> &'t Value {
    let sessions = told["sessions"].as_array().unwrap();
    sessions.iter().find(|one| one["id"] == *session).unwrap()
}

/// A chat of parts with roots of their own: the person's words stand in an open shadow root, the
/// answers in a frame inside another one. `HOW` is which of both holds the list; where it is
/// neither, the page says far too much of each turn.
const PARTS: &str = r#"<!doctype html><title>Parts</title><main></main>
<form><textarea placeholder=Ask></textarea><button type=submit>Go</button></form><script>
const loud = HOW === "loud";
const host = document.createElement(HOW === "frame" ? "iframe" : "chat-log");
document.querySelector("main").append(host);
const root = HOW === "frame" ? host.contentDocument.body
  : loud ? host : host.attachShadow({ mode: "open" });
const turn = (who, text) => {
  const box = document.createElement("div");
  box.className = `message ${who}-message`;
  box.innerHTML = "<p></p>";
  box.firstChild.textContent = text;
  for (let i = 0; loud && i < 10000; i += 1) box.setAttribute(`data-x${i}`, "x".repeat(2000));
  root.append(box);
  return box.firstChild;
};
ANSWERS</script>"#;

/// What is sent is said, and answered word by word.
const ANSWERS: &str = r#"const form = document.querySelector("form"), field = form.firstChild;
const send = (event) => {
  event.preventDefault();
  turn("user", field.value);
  const words = `You said: ${field.value} And that is all.`.split(" "), box = turn("bot", "");
  field.value = "";
  const more = () => {
    box.textContent += `${words.shift()} `;
    if (words.length) setTimeout(more, 60);
  };
  more();
};
form.addEventListener("submit", send);
field.addEventListener("keydown", (event) => { if (event.key === "Enter") send(event); });"#;

/// Serves one page to whoever asks, until the test ends.
async fn serve(page: String) -> Done<u16> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let app = axum::Router::new().fallback(move || async move { axum::response::Html(page) });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(port)
}

async fn read_in_parts(how: &str) -> Done<()> {
    let port = serve(PARTS.replace("HOW", &format!("{how:?}")).replace("ANSWERS", ANSWERS)).await?;
    let script = "type Build a bridge of wood.\nsend\nwait-turns 2\nwait-idle\n\
                  type Paint it red.\nsend\nwait-turns 4\nwait-idle\n";
    let options = WatchOptions {
        hosts: vec![("parts.example.org".to_owned(), port)],
        script: script::parse(script).unwrap(),
        ..WatchOptions::new(kind(), "http://parts.example.org/")
    };
    let told = json!(watch(&options).await?);
    assert_eq!(told["failed"], Value::Null, "{told:#}");
    let turns = told["sessions"][0]["turns"].as_array().unwrap();
    let said: Vec<_> = turns.iter().map(|turn| (&turn["role"], &turn["markdown"])).collect();
    let wanted = [
        ("user", "Build a bridge of wood."),
        ("assistant", "You said: Build a bridge of wood. And that is all."),
        ("user", "Paint it red."),
        ("assistant", "You said: Paint it red. And that is all."),
    ];
    let wanted = wanted.map(|(role, text)| (json!(role), json!(text)));
    assert_eq!(said, wanted.iter().map(|(role, text)| (role, text)).collect::<Vec<_>>());
    assert!(turns.iter().all(|turn| turn["state"] == "done"), "{turns:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_an_open_shadow_root_is_read() -> Done<()> {
    read_in_parts("shadow").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_a_frame_of_the_same_origin_is_read() -> Done<()> {
    read_in_parts("frame").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_too_much_of_its_turns_is_read() -> Done<()> {
    read_in_parts("loud").await
}

/// A chat that is built in another way under another path: `/next` is the site made anew.
const REMADE: &str = r#"<!doctype html><title>Remade</title><main></main>
<form><textarea placeholder=Ask></textarea><button type=submit>Go</button></form><script>
const next = location.pathname === "/next";
const list = document.querySelector("main");
const turn = (who, text) => {
  const box = document.createElement(next ? "article" : "div");
  const side = who === "user" ? "human" : "assistant";
  box.className = next ? `bubble from-${side}` : `message ${who}-message`;
  box.innerHTML = next ? "<div class=body><p></p></div>" : "<p></p>";
  box.querySelector("p").textContent = text;
  list.append(box);
  return box.querySelector("p");
};
ANSWERS</script>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_made_anew_is_read_again_by_itself() -> Done<()> {
    let port = serve(REMADE.replace("ANSWERS", ANSWERS)).await?;
    let say =
        |turns: usize, text: &str| format!("type {text}\nsend\nwait-turns {turns}\nwait-idle\n");
    let open = "open http://remade.example.org/next\n".to_owned();
    let parts = [
        say(2, "Build a bridge of wood."),
        say(4, "Paint it red."),
        open,
        say(2, "Build a tower of stone."),
        say(4, "Paint it white."),
    ];
    let script = parts.concat();
    let options = WatchOptions {
        hosts: vec![("remade.example.org".to_owned(), port)],
        script: script::parse(&script).unwrap(),
        ..WatchOptions::new(kind(), "http://remade.example.org/")
    };
    let told = json!(watch(&options).await?);
    assert_eq!(told["failed"], Value::Null, "{told:#}");
    let sessions = told["sessions"].as_array().unwrap();
    let said = |session: &Value| {
        let turns = session["turns"].as_array().unwrap();
        turns.iter().map(|turn| turn["markdown"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let chats: Vec<Vec<String>> = sessions.iter().map(said).collect();
    let wanted = |one: &str, other: &str| {
        [one, other].map(|said| [said.to_owned(), format!("You said: {said} And that is all.")])
    };
    let wanted = [
        wanted("Build a bridge of wood.", "Paint it red.").concat(),
        wanted("Build a tower of stone.", "Paint it white.").concat(),
    ];
    assert!(wanted.iter().all(|chat| chats.contains(chat)), "{chats:#?}");
    Ok(())
}

async fn crash_and_resume(csp: Csp) -> Done<()> {
    let options = WatchOptions {
        lab: Some(Site::Claude),
        csp,
        script: script::parse(CRASH).unwrap(),
        ..WatchOptions::new(kind(), PAGE)
    };
    let watched = watch(&options).await?;
    let told = json!(watched);
    assert!(watched.failed.is_none(), "{:#?}\n{told:#}", watched.failed);
    assert_eq!(told["site"], "shape@chat.example.org");
    let crashes = told["crash_events"].as_array().unwrap();
    let [crash] = &crashes[..] else { return Err(format!("{crashes:?}").into()) };
    assert_eq!(crash["resume"], "answered", "{:#}", told["sessions"]);
    let old = of(&told, &crash["session"]);
    let turns = old["turns"].as_array().unwrap();
    let said: Vec<&str> = turns.iter().map(|turn| turn["markdown"].as_str().unwrap()).collect();
    let roles: Vec<&Value> = turns.iter().map(|turn| &turn["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"], "{said:#?}");
    assert_eq!(said[1], "Build a bridge of wood.");
    assert!(turns.iter().all(|turn| turn["state"] == "done"), "{turns:#?}");
    let new = of(&told, &told["resumes"][0]["to"]);
    assert_eq!(new["parent"], old["id"]);
    let first = new["turns"][0]["markdown"].as_str().unwrap();
    assert!(first.contains("gatehouse"), "{first}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_of_no_listed_site_is_read_by_its_shape_and_resumed() -> Done<()> {
    crash_and_resume(Csp::Permissive).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_where_the_page_refuses_the_engine() -> Done<()> {
    crash_and_resume(Csp::Strict).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_site_is_read_by_its_shape_where_that_is_wished() -> Done<()> {
    let script = "type !say Build a bridge of wood.\nsend\nwait-turns 2\nwait-idle\n";
    let options = WatchOptions {
        lab: Some(Site::ChatGpt),
        by_shape: true,
        script: script::parse(script).unwrap(),
        ..WatchOptions::new(kind(), "https://chatgpt.com/")
    };
    let told = json!(watch(&options).await?);
    assert_eq!(told["failed"], Value::Null);
    let session = &told["sessions"][0];
    assert_eq!(session["site"], "shape@chatgpt.com");
    let turns = session["turns"].as_array().unwrap();
    let said: Vec<_> = turns.iter().map(|turn| (&turn["role"], &turn["markdown"])).collect();
    let answer = json!("Build a bridge of wood.");
    assert_eq!(said.len(), 2, "{said:#?}");
    assert_eq!(said[1], (&json!("assistant"), &answer));
    Ok(())
}
