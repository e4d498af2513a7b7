//! The popup in a real browser: a chat's past and prompt, its deletion, and what it says of records
//! that do not open.
//!
//! `cargo xtask test` runs them once a browser and sets what they need; `SHIM_BROWSER` names it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

#[path = "popup/carry.rs"]
mod carry;
#[path = "popup/course.rs"]
mod course;
#[path = "popup/damage.rs"]
mod damage;
#[path = "popup/drafts.rs"]
mod drafts;
#[path = "popup/report.rs"]
mod report;
#[path = "popup/secrets.rs"]
mod secrets;
#[path = "popup/store.rs"]
mod store;
#[path = "popup/vault.rs"]
mod vault;

use serde_json::{Value, json};
use shim::base::SessionId;
use shim::view::texts;
use shim::wire::records::Settings;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Browser, Done, Kind, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::{By, Key};

/// Messages of a short chat: enough for tool calls and a checkpoint.
const SHORT: usize = 3;

fn options() -> PlayOptions {
    let name = std::env::var("SHIM_BROWSER")
        .expect("SHIM_BROWSER is not set: run this through `cargo xtask test`");
    let kind = Kind::from_name(&name).expect("SHIM_BROWSER is chromium or firefox");
    PlayOptions { turns: SHORT, ..PlayOptions::test(kind, Site::Claude, Csp::Permissive) }
}

/// A short chat, told by its session, and still open.
async fn chat() -> Done<(Play, SessionId)> {
    let mut play = Play::start(options()).await?;
    let session = play.chat().await?;
    Ok((play, session))
}

/// Closes the chat in view, and waits until that is on record.
async fn leave(play: &Play, session: &SessionId) -> Done<()> {
    play.browser.driver.close_window().await?;
    play.browser.show_inspector().await?;
    until("the chat to be recorded as left", async || {
        let heads = play.browser.dump().await?.sessions();
        Ok(heads.iter().any(|head| head.id == *session && head.live.is_none()).then_some(()))
    })
    .await
}

/// Brings a page of the extension into view, loaded anew.
async fn open_page(browser: &Browser, page: &str) -> Done<()> {
    browser.show_inspector().await?;
    let address = format!("{}{page}", browser.pages);
    until("a page of the extension", async || {
        browser.driver.goto(address.as_str()).await?;
        Ok((browser.driver.current_url().await?.as_str() == address).then_some(()))
    })
    .await
}

/// Text of every visible element that matches.
async fn texts_of(browser: &Browser, css: &str) -> Done<Vec<String>> {
    let script = "return [...document.querySelectorAll(arguments[0])] \
        .filter((e) => e.checkVisibility()).map((e) => e.textContent);";
    let found = browser.driver.execute(script, vec![css.into()]).await?;
    let texts = found.json().as_array().cloned().unwrap_or_default();
    Ok(texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Waits until the texts of what matches are as wanted; tells them where they never are.
async fn see(
    browser: &Browser,
    what: &str,
    css: &str,
    wanted: impl Fn(&[String]) -> bool,
) -> Done<Vec<String>> {
    until(what, async || {
        let found = texts_of(browser, css).await?;
        if wanted(&found) { Ok(Some(found)) } else { Err(format!("{found:?}").into()) }
    })
    .await
}

async fn click(browser: &Browser, css: &str) -> Done<()> {
    until(&format!("{css} to click on"), async || {
        for element in browser.driver.find_all(By::Css(css)).await? {
            if element.is_displayed().await? {
                element.click().await?;
                return Ok(Some(()));
            }
        }
        Ok(None)
    })
    .await
}

const ROWS: &str = "[data-testid=session]";
const PROBLEMS: &str = "[data-testid=problem]";
const ENTRIES: &str = "[data-testid=entry]";
const PROMPT: &str = "[data-testid=prompt]";
const UNDO: &str = "[data-testid=undo]";
const NOTICE: &str = "[data-testid=notice] p";

fn row(session: &SessionId) -> String {
    format!("{ROWS}[data-session=\"{session}\"]")
}

/// The page of a chat, with its prompt made.
async fn open_chat(browser: &Browser, session: &SessionId) -> Done<()> {
    open_page(browser, "popup.html").await?;
    click(browser, &row(session)).await?;
    see(browser, "the prompt", "[data-testid=tokens]", |t| t.concat().contains("token")).await?;
    Ok(())
}

/// Records of a chat in all stores.
async fn stored(browser: &Browser, session: &SessionId) -> Done<usize> {
    Ok(browser.dump().await?.records.iter().filter(|record| record.session == *session).count())
}

async fn prompt(browser: &Browser, session: &SessionId, checkpoint: Option<u32>) -> Done<String> {
    let ask = Ask::Prompt { session: session.clone(), checkpoint };
    match browser.ask(&ask).await? {
        Answer::Text(text) => Ok(text),
        other => Err(format!("{other:?}").into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_chat_comes_back_or_goes_for_good() -> Done<()> {
    let (play, session) = chat().await?;
    let (browser, tab) = (&play.browser, play.browser.driver.window().await?);
    open_chat(browser, &session).await?;
    click(browser, "[data-testid=delete]").await?;
    let open = |said: &[String]| said.concat().contains("Close that tab first");
    see(browser, "the refusal", NOTICE, open).await?;
    browser.show(&tab).await?;
    leave(&play, &session).await?;

    let before = stored(browser, &session).await?;
    open_chat(browser, &session).await?;
    click(browser, "[data-testid=delete]").await?;
    see(browser, "an empty list", "[data-testid=empty]", |found| found.len() == 1).await?;
    see(browser, "the notice", "[data-testid=deleted] p", |said| {
        said.concat().starts_with("Deleted “")
    })
    .await?;
    // With the keyboard, which stands there already.
    let focused =
        "return document.activeElement?.dataset.testid ?? document.activeElement?.className";
    until("the keyboard to stand on Undo", async || {
        Ok((browser.driver.execute(focused, Vec::new()).await?.json() == "undo").then_some(()))
    })
    .await?;
    browser.driver.action_chain().send_keys(Key::Enter + "").perform().await?;
    see(browser, "the chat in the list", &row(&session), |rows| rows.len() == 1).await?;
    let head = browser.dump().await?.sessions().remove(0);
    assert_eq!((head.deleted_at, stored(browser, &session).await?), (None, before));

    open_chat(browser, &session).await?;
    assert_eq!(copies(browser).await?, 1);
    click(browser, "[data-testid=delete]").await?;
    see(browser, "the way back", UNDO, |found| found.len() == 1).await?;
    see(browser, "the end of the way back", UNDO, <[String]>::is_empty).await?;
    until("its records to go", async || Ok((stored(browser, &session).await? == 0).then_some(())))
        .await?;
    see(browser, "an empty list", "[data-testid=empty]", |found| found.len() == 1).await?;
    assert_eq!(copies(browser).await?, 0, "and so did its second copy");
    Ok(())
}

/// How many chats have a second copy. A page of the extension is in view.
async fn copies(browser: &Browser) -> Done<u64> {
    let script = "const [done] = arguments; chrome.storage.local.get(null).then((items) => \
        done(Object.keys(items).filter((key) => key.startsWith('copy ')).length));";
    let found = browser.driver.execute_async(script, Vec::new()).await?;
    Ok(found.json().as_u64().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_chat_that_is_deleted_goes_although_the_worker_is_killed() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    open_chat(browser, &session).await?;
    click(browser, "[data-testid=delete]").await?;
    see(browser, "the way back", UNDO, |found| found.len() == 1).await?;
    browser.kill_worker().await?;
    until("its records to go", async || Ok((stored(browser, &session).await? == 0).then_some(())))
        .await?;
    // A whole exchange in a fresh chat: had a prompt been due, it would have come before.
    browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(SHORT + 1).await?;
    assert_eq!(play.lab.log().last().unwrap().text, "Good morning");
    assert!(browser.dump().await?.resumes().is_empty());
    Ok(())
}

/// Pastes the clipboard into a box of its own, and returns what comes.
async fn clipboard(browser: &Browser) -> Done<String> {
    let make = "const box = document.createElement('textarea'); box.id = 'paste'; \
        document.body.prepend(box); box.focus();";
    browser.driver.execute(make, Vec::new()).await?;
    let keys = browser.driver.action_chain().key_down(Key::Control).send_keys("v");
    keys.key_up(Key::Control).perform().await?;
    let read = "return document.getElementById('paste').value";
    until("the pasted text", async || {
        let text = browser.driver.execute(read, Vec::new()).await?;
        Ok(text.json().as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_that_is_shown_is_the_one_that_is_copied() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    leave(&play, &session).await?;
    let made = prompt(browser, &session, None).await?;
    assert!(made.contains("gatehouse"), "the prompt is of this chat: {made}");
    open_chat(browser, &session).await?;
    assert_eq!(texts_of(browser, PROMPT).await?, [made.as_str()]);
    click(browser, "[data-testid=copy]").await?;
    see(browser, "the word that it is copied", NOTICE, |said| said == [texts::COPIED]).await?;
    assert_eq!(clipboard(browser).await?, made);

    let newest = browser.dump().await?.checkpoints(&session).len();
    assert!(newest > 1, "leaving the chat made another checkpoint");
    let of_first = prompt(browser, &session, Some(1)).await?;
    assert_ne!(of_first, made);
    let show = "[data-testid=show]";
    see(browser, "a button for each checkpoint", show, |found| found.len() == newest).await?;
    let buttons = browser.driver.find_all(By::Css(show)).await?;
    buttons.last().unwrap().click().await?;
    see(browser, "the first checkpoint's prompt", PROMPT, |text| text == [of_first.as_str()])
        .await?;
    click(browser, "[data-testid=newest]").await?;
    see(browser, "the newest prompt", PROMPT, |text| text == [made.as_str()]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_chat_tells_its_crash_and_its_resume() -> Done<()> {
    let mut play = Play::start(options()).await?;
    play.whole_job().await?;
    assert!(play.report.failures.is_empty(), "{:#?}", play.report.failures);
    let browser = &play.browser;
    let resume = browser.dump().await?.resumes().remove(0);
    open_chat(browser, &resume.from).await?;
    let past = see(browser, "the past", ENTRIES, |past| past.len() > 3).await?.join("\n");
    let told = ["Carried on in “", "The tab crashed", "Checkpoint 1: First answer", "Began"];
    let places: Vec<_> = told.iter().map(|what| past.find(what).expect(what)).collect();
    assert!(places.is_sorted(), "newest first: {past}");
    assert!(past.contains("May end soon") || past.contains("Safe") || past.contains("Take care"));
    let script = "return [...document.querySelectorAll('[data-testid=entry] time')] \
        .every((e) => e.title.includes(String(new Date().getFullYear())) && e.textContent)";
    assert_eq!(browser.driver.execute(script, Vec::new()).await?.json(), &json!(true));
    click(browser, "[data-testid=go]").await?;
    see(browser, "the chat that carries it on", ENTRIES, |past| {
        past.last().is_some_and(|began| began.contains("Began, carrying on “"))
    })
    .await?;
    Ok(())
}

/// Waits until the badge of the chat's tab shows this.
async fn badge(browser: &Browser, wanted: &str) -> Done<()> {
    let script = "const [done] = arguments; \
        chrome.tabs.query({ url: 'https://claude.ai/*' }).then(([{ id }]) => \
        chrome.action.getBadgeText({ tabId: id })).then(done, (why) => done(String(why)));";
    until(&format!("the badge {wanted:?}"), async || {
        let text = browser.in_inspector(script, Vec::new()).await?;
        if text == wanted { Ok(Some(())) } else { Err(format!("{text}").into()) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_badge_is_of_the_tab_it_stands_over() -> Done<()> {
    let (play, _) = chat().await?;
    let browser = &play.browser;
    badge(browser, "ok").await?;
    let paused = |paused| Ask::Change(Settings { paused, ..Settings::default() });
    assert_eq!(browser.ask(&paused(true)).await?, Answer::Done);
    badge(browser, "off").await?;
    assert_eq!(browser.ask(&paused(false)).await?, Answer::Done);
    badge(browser, "ok").await?;
    browser.driver.goto(play.fresh_url()).await?;
    badge(browser, "").await
}

/// The popup as it opens over the chat's tab.
async fn popup_over(browser: &Browser) -> Done<()> {
    let script = "const [done] = arguments; chrome.tabs.query({ url: 'https://claude.ai/*' }) \
        .then(([{ id }]) => done(id), (why) => done(String(why)));";
    let tab = browser.in_inspector(script, Vec::new()).await?;
    open_page(browser, &format!("popup.html?tab={tab}&url=https://claude.ai/new")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_switched_off_is_saved_again_when_it_is_on() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    let chat = browser.driver.window().await?;
    let site = "[data-testid=site]";
    popup_over(browser).await?;
    see(browser, "the site's switch", site, |label| label == ["Watch claude.ai"]).await?;
    click(browser, site).await?;
    badge(browser, "off").await?;
    let registered = async |wanted: bool| {
        let script = "const [done] = arguments; chrome.scripting.getRegisteredContentScripts() \
            .then((all) => done(all.map(({ id }) => id)), (why) => done(String(why)));";
        until("the site's scripts to come or go", async || {
            let ids = browser.in_inspector(script, Vec::new()).await?;
            let there = ids.as_array().is_some_and(|ids| ids.iter().any(|id| id == "claude"));
            Ok((there == wanted).then_some(()))
        })
        .await
    };
    registered(false).await?;
    let before = stored(browser, &session).await?;
    browser.show(&chat).await?;
    let answers = play.lab.log().len();
    play.say("Who keeps this?").await?;
    play.answered(answers + 1).await?;
    assert_eq!(stored(browser, &session).await?, before);
    popup_over(browser).await?;
    click(browser, site).await?;
    registered(true).await?;
    browser.show(&chat).await?;
    browser.driver.refresh().await?;
    until("what was said meanwhile", async || {
        Ok((stored(browser, &session).await? > before).then_some(()))
    })
    .await
}
