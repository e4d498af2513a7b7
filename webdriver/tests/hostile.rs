//! Pages that look for SHIM, and pages that mean harm.
//!
//! `cargo xtask test` runs them once a browser and sets what they need; `SHIM_BROWSER` names it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use serde_json::{Value, json};
use shared::kind;
use shim::base::SessionId;
use shim_webdriver::browser::{Done, Kind, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::By;

async fn start(csp: Csp) -> Done<Play> {
    Play::start(PlayOptions { turns: 2, ..PlayOptions::test(kind(), Site::Claude, csp) }).await
}

/// Loads the page's own eyes and elbows into its own world.
const LOAD: &str = "const done = arguments[arguments.length - 1]; \
    const script = document.createElement('script'); script.type = 'module'; \
    script.src = '/assets/looker.js'; script.onload = () => { script.remove(); done(true); }; \
    script.onerror = () => done(false); document.head.append(script);";

/// Lets the page look; a driver's own scripts may stand in another world than the page's.
async fn look(play: &Play, what: &str, argument: Value) -> Done<Value> {
    let ask = "const [what, argument] = arguments; \
        (window.wrappedJSObject ?? window).labLook(what, argument);";
    play.browser.driver.execute(ask, vec![what.into(), argument]).await?;
    until(what, async || {
        let answer = "return (window.wrappedJSObject ?? window).labLooked;";
        let said = play.browser.driver.execute(answer, Vec::new()).await?;
        Ok(said.json().as_str().map(serde_json::from_str).transpose()?)
    })
    .await
}

async fn load_looker(play: &Play) -> Done<()> {
    until("the page", async || {
        Ok(play.browser.driver.find(By::Css(play.face.composer)).await.ok())
    })
    .await?;
    let loaded = play.browser.driver.execute_async(LOAD, Vec::new()).await?;
    assert_eq!(loaded.json(), &json!(true), "the page's own script loads");
    Ok(())
}

/// Files of the extension that a page might ask for.
const FILES: [&str; 8] = [
    "manifest.json",
    "popup.html",
    "dashboard.html",
    "background.js",
    "content/boot.js",
    "content_wasm.js",
    "background_bg.wasm",
    "icons/16.png",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_looks_for_shim_finds_nothing() -> Done<()> {
    let play = start(Csp::Permissive).await?;
    // The same page under a name that SHIM does not watch.
    play.browser.open(&format!("{}/new", play.lab.url())).await?;
    load_looker(&play).await?;
    let without = look(&play, "traces", Value::Null).await?;
    let globals = without["globals"].as_array().map_or(0, Vec::len);
    assert!(globals > 500, "only {globals} names: {without}");

    play.browser.open(&play.fresh_url()).await?;
    load_looker(&play).await?;
    until("the engine in the page", async || Ok(play.engine_in_page().await?.then_some(())))
        .await?;
    let with = look(&play, "traces", Value::Null).await?;
    for (what, found) in with.as_object().unwrap() {
        assert_eq!(found, &without[what], "{what} before anything was said");
    }
    for file in FILES {
        let url = format!("{}{file}", play.browser.pages);
        let came = look(&play, "probe", url.into()).await?;
        assert_eq!(came, Value::Null, "{file} can be had by a page");
    }

    look(&play, "trap", Value::Null).await?;
    play.say("!tool ls {\"path\":\"src\"} => main.rs").await?;
    play.answered(1).await?;
    play.saved(2).await?;
    let traps = look(&play, "traps", Value::Null).await?;
    assert!(traps["calls"].as_u64() > Some(20), "the traps were never walked into: {traps}");
    assert_eq!(traps["foreign"], json!([]), "calls from a script that is not the page's");
    let after = look(&play, "traces", Value::Null).await?;
    for (what, found) in after.as_object().unwrap() {
        if what != "elements" {
            assert_eq!(found, &without[what], "{what} after an exchange");
        }
    }
    let card = "return document.querySelectorAll('shim-card').length";
    assert_eq!(play.browser.driver.execute(card, Vec::new()).await?.json(), &json!(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_page_sees_at_most_one_violation_a_day() -> Done<()> {
    let play = start(Csp::Strict).await?;
    let seen = "const page = window.wrappedJSObject ?? window; \
        return JSON.stringify(page.labSeen.violations.map((one) => one.what))";
    let mut all = Vec::new();
    for visit in 0..3 {
        play.browser.open(&play.fresh_url()).await?;
        play.say(&format!("Visit {visit}")).await?;
        play.answered(visit + 1).await?;
        play.saved(2).await?;
        let violations = play.browser.driver.execute(seen, Vec::new()).await?;
        let violations: Vec<String> =
            serde_json::from_str(violations.json().as_str().unwrap_or_default())?;
        all.extend(violations);
        if visit == 0 {
            until("the refusal to be remembered", async || {
                Ok((!play.engine_in_page().await? || kind() == Kind::Firefox).then_some(()))
            })
            .await?;
        }
    }
    let most = usize::from(kind() == Kind::Chromium);
    assert!(all.len() <= most, "{all:?}");
    Ok(())
}

/// Everything a page can do to a card that is not hers: find a way in, press, forge.
const ATTACK: &str = "const host = document.querySelector('shim-card'); \
    const { x, y, width, height } = host.getBoundingClientRect(); \
    const found = { root: host.shadowRoot, text: host.textContent, inner: host.innerHTML, \
      slots: host.querySelectorAll('*').length, x, y, width, height }; \
    const types = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'dblclick']; \
    const spots = [host, document.documentElement, document.body]; \
    for (let top = 0; top < innerHeight; top += 12) for (let left = 0; left < innerWidth; \
      left += 24) { const hit = document.elementFromPoint(left, top); \
      if (hit === host) for (const type of types) hit.dispatchEvent(new MouseEvent(type, \
        { bubbles: true, composed: true, clientX: left, clientY: top })); } \
    for (const spot of spots) { host.click(); for (const key of ['Enter', ' ', 'Escape']) \
      spot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true })); } \
    for (const text of ['\"look\"', '{\"do\":[{\"do\":\"press\",\"slot\":\"send\"}]}', \
      '{\"session\":{\"bye\":{\"session\":null}}}', '{\"card\":\"send\"}']) { \
      postMessage(text, '*'); postMessage(JSON.parse(text), '*'); \
      dispatchEvent(new MessageEvent('message', { data: text })); \
      globalThis.chrome?.runtime?.sendMessage?.(text); } \
    return found;";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reads_no_card_and_makes_shim_press_nothing() -> Done<()> {
    let mut play = start(Csp::Permissive).await?;
    let session = play.chat().await?;
    play.browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    play.browser.open(&play.fresh_url()).await?;
    let prompt = play.placed().await?;
    let before = play.browser.dump().await?.records.len();
    let found = play.browser.driver.execute(ATTACK, Vec::new()).await?.json().clone();
    assert_eq!(
        (&found["root"], &found["text"], &found["inner"]),
        (&Value::Null, &json!(""), &json!(""))
    );
    assert_eq!(found["slots"], 0);
    // A whole exchange elsewhere: what the attack could have started has happened by then.
    let attacked = play.browser.driver.window().await?;
    play.browser.open("https://chatgpt.com/").await?;
    let log = play.lab.log().len();
    assert_eq!(log, 2, "nothing was sent");
    play.browser.show(&attacked).await?;
    assert_eq!(play.composer_text().await?, prompt, "the prompt stands as it was placed");
    assert!(play.browser.card_shown().await?, "the card is still there");
    assert!(play.browser.dump().await?.records.len() >= before);
    // A person still can.
    play.browser.press_card("Send").await?;
    play.answered(3).await?;
    assert_eq!(play.lab.log().last().unwrap().text, prompt);
    Ok(())
}

/// Markup in a message, in a title, and far too much of it.
const SCRIPTED: &str = "<img src=x onerror=\"globalThis.hurt=1\"><script>globalThis.hurt=1\
    </script><b>bold</b> & \"quotes\"";

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_message_stays_text_in_the_popup_and_in_the_prompt() -> Done<()> {
    let mut play = start(Csp::Permissive).await?;
    play.browser.open(&play.fresh_url()).await?;
    play.say(SCRIPTED).await?;
    play.answered(1).await?;
    let session = play.saved(2).await?;
    let stored = play.browser.dump().await?.whole(&session).turns[0].markdown.clone();
    assert!(stored.contains("onerror") && stored.contains("script"), "{stored}");
    play.browser.show_inspector().await?;
    play.browser.driver.refresh().await?;
    let row = until("the chat in the popup's list", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=session]")).await.ok())
    })
    .await?;
    let markup = "const made = document.body.querySelectorAll('img, b, script'); \
        return [made.length, globalThis.hurt ?? null]";
    assert_eq!(play.browser.driver.execute(markup, Vec::new()).await?.json(), &json!([0, null]));
    row.click().await?;
    until("its page", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=resume]")).await.ok())
    })
    .await?;
    assert_eq!(play.browser.driver.execute(markup, Vec::new()).await?.json(), &json!([0, null]));
    play.options.turns = 1;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_runs_amok_hurts_nobody_else() -> Done<()> {
    let mut play = start(Csp::Permissive).await?;
    play.chat().await?;
    let amok = play.browser.driver.window().await?;
    let memory = play.browser.memory_mb()?;
    // A minute of it, while another chat goes on in another tab.
    load_looker(&play).await?;
    look(&play, "amok", 60.into()).await?;
    play.browser.open(&format!("{}?account=other", play.fresh_url())).await?;
    for count in 3..=5 {
        play.say(&format!("Quiet words, number {count}")).await?;
        play.answered(count).await?;
    }
    let other: SessionId = until("the quiet chat to be stored whole", async || {
        let dump = play.browser.dump().await?;
        let found = dump.sessions().into_iter().find(|head| {
            dump.whole(&head.id)
                .turns
                .iter()
                .filter(|turn| turn.markdown.contains("Quiet words, number"))
                .count()
                >= 3
        });
        Ok(found.map(|head| head.id))
    })
    .await?;
    assert_eq!(play.browser.dump().await?.whole(&other).turns.len(), 6);
    assert!(play.browser.worker_runs().await?, "the worker lives");
    play.browser.show(&amok).await?;
    let changes = until("the storm to be over", async || {
        let state = look(&play, "state", Value::Null).await?;
        Ok(state["done"].as_bool().filter(|over| *over).and(state["changes"].as_u64()))
    })
    .await?;
    println!("{changes} changes in a minute");
    assert!(changes > 100_000, "only {changes} changes");
    let grown = play.browser.memory_mb()?.saturating_sub(memory);
    println!("memory of the whole browser: {memory} MB before, {grown} MB more after");
    assert!(grown < 700, "memory grew by {grown} MB");
    let stored = play.browser.dump().await?.size_bytes();
    println!("{stored} bytes are stored");
    assert!(stored < 64 << 20, "{stored} bytes are stored");
    Ok(())
}
