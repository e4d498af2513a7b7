//! How chats end, in a real browser: as people end things, which is no crash, and with the whole
//! browser.
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

use shared::kind;
use shim::base::SessionId;
use shim::wire::records::{Live, SessionHead};
use shim::wire::session::EndReason;
use shim::wire::signals::FactorKind;
use shim_webdriver::browser::{Done, End, Kind, until, until_within};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use std::time::Duration;

/// Messages of a short chat.
const SHORT: usize = 2;

async fn chat() -> Done<(Play, SessionId)> {
    let options = PlayOptions::test(kind(), Site::Claude, Csp::Permissive);
    let mut play = Play::start(PlayOptions { turns: SHORT, ..options }).await?;
    let session = play.chat().await?;
    Ok((play, session))
}

async fn head(play: &Play, session: &SessionId) -> Done<Option<SessionHead>> {
    let heads = play.browser.dump().await?.sessions();
    Ok(heads.into_iter().find(|head| head.id == *session))
}

/// Waits until the chat is on record as no longer open, and says how it ended.
async fn left(play: &Play, session: &SessionId, how: &str) -> Done<Option<EndReason>> {
    let what = format!("the chat to be recorded as left: {how}");
    let head = until(&what, async || {
        let head = head(play, session).await?.ok_or("it has no record")?;
        if head.live.is_none() { Ok(Some(head)) } else { Err(format!("{:?}", head.live).into()) }
    })
    .await?;
    Ok(head.ended.map(|(reason, _)| reason))
}

/// Waits until the chat is on record as open, otherwise than before, and not as ended.
async fn open_again(
    play: &Play,
    session: &SessionId,
    before: Option<&Live>,
    how: &str,
) -> Done<()> {
    until(&format!("the chat to be open again: {how}"), async || {
        let head = head(play, session).await?.ok_or("it has no record")?;
        let again = head.ended.is_none() && head.live.is_some() && head.live.as_ref() != before;
        if again { Ok(Some(())) } else { Err(format!("{:?} {:?}", head.live, head.ended).into()) }
    })
    .await
}

/// Goes on with the chat: whatever was still being decided about its end is decided by then.
async fn goes_on(play: &Play, session: &SessionId, said: usize, how: &str) -> Done<()> {
    play.say(&format!("And after that: {how}")).await?;
    play.answered(said).await?;
    until("the exchange to be stored", async || {
        let whole = play.browser.dump().await?.whole(session);
        Ok((whole.turns.len() >= said * 2).then_some(()))
    })
    .await?;
    let head = head(play, session).await?.expect("its record");
    assert_eq!(head.ended, None, "{how} is no crash");
    assert!(head.live.is_some(), "{how}: the chat is open");
    assert!(play.browser.dump().await?.resumes().is_empty(), "{how}: nothing is to be resumed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_was_left_is_no_crash() -> Done<()> {
    let (play, session) = chat().await?;
    let address = play.browser.driver.current_url().await?.to_string();
    let other = "https://chatgpt.com/";
    for how in [other, "about:blank"] {
        play.browser.driver.goto(how).await?;
        assert_eq!(left(&play, &session, how).await?, None, "{how}");
        play.browser.driver.goto(&address).await?;
        open_again(&play, &session, None, how).await?;
    }
    goes_on(&play, &session, SHORT + 1, "going elsewhere and coming back").await?;

    play.browser.driver.goto(other).await?;
    assert_eq!(left(&play, &session, "elsewhere").await?, None);
    play.browser.driver.back().await?;
    open_again(&play, &session, None, "the button Back").await?;
    goes_on(&play, &session, SHORT + 2, "the button Back").await?;

    play.browser.driver.refresh().await?;
    goes_on(&play, &session, SHORT + 3, "a reload").await?;

    let tab = play.browser.driver.window().await?;
    play.browser.kill_worker().await?;
    play.browser.show(&tab).await?;
    play.browser.driver.goto(other).await?;
    assert_eq!(left(&play, &session, "elsewhere, the background asleep").await?, None);
    assert!(play.browser.dump().await?.resumes().is_empty());
    Ok(())
}

/// Puts every tab of the site to sleep, as the browser does when memory is short.
const DISCARD: &str = "const [done] = arguments; (async () => { \
    const tabs = await chrome.tabs.query({ url: 'https://claude.ai/*' }); \
    for (const { id } of tabs) await chrome.tabs.discard(id); \
    return (await chrome.tabs.query({ url: 'https://claude.ai/*', discarded: true })).length; \
    })().then(done, (why) => done(String(why)));";

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_tab_is_no_crash() -> Done<()> {
    let (play, session) = chat().await?;
    let before = head(&play, &session).await?.and_then(|head| head.live);
    play.browser.show_inspector().await?;
    until("the tab to be put to sleep", async || {
        let asleep = play.browser.in_inspector(DISCARD, Vec::new()).await?;
        if asleep.is_number() { Ok(Some(())) } else { Err(asleep.to_string().into()) }
    })
    .await?;
    // A driver may bring the tab back to life, which shows it as open again; both are no crash.
    let after = until("the end of the tab to be noticed", async || {
        let head = head(&play, &session).await?.ok_or("it has no record")?;
        Ok((head.live != before).then_some(head))
    })
    .await?;
    assert_eq!(after.ended, None);
    assert!(play.browser.dump().await?.resumes().is_empty());
    Ok(())
}

/// What an update does: the extension's worker and storage of the session go, its old scripts
/// stay in the pages without a browser behind them.
const RELOAD: &str = "const [done] = arguments; done(true); \
    setTimeout(() => chrome.runtime.reload(), 300);";

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_the_extension_is_no_crash() -> Done<()> {
    let (play, session) = chat().await?;
    let tab = play.browser.driver.window().await?;
    let before = head(&play, &session).await?.and_then(|head| head.live);
    play.browser.end_extension(RELOAD).await?;
    open_again(&play, &session, before.as_ref(), "an update").await?;
    play.browser.show(&tab).await?;
    goes_on(&play, &session, SHORT + 1, "an update").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_was_quit_is_no_crash() -> Done<()> {
    let (mut play, session) = chat().await?;
    play.restart(End::Quit).await?;
    assert_eq!(left(&play, &session, "quit").await?, None);
    // A whole exchange in a fresh chat: had a prompt been due, it would have come before.
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(SHORT + 1).await?;
    assert_eq!(play.lab.log().last().unwrap().text, "Good morning");
    assert!(play.browser.dump().await?.resumes().is_empty());
    Ok(())
}

/// Three measurements, twelve seconds apart, on a machine that is slow.
const WEIGHED_WITHIN: Duration = Duration::from_secs(150);

async fn risk_of(play: &Play, session: &SessionId, what: &str, kind: FactorKind) -> Done<()> {
    until_within(WEIGHED_WITHIN, what, async || {
        let head = head(play, session).await?.ok_or("it has no record")?;
        let found = head.risk.factors.iter().any(|factor| factor.signal == kind);
        if found { Ok(Some(())) } else { Err(format!("{:?}", head.risk).into()) }
    })
    .await
}

/// Both browsers tell of a page's elements; of what keeps its thread busy, Chromium alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_about_to_fail_is_told_and_left_for_a_fresh_one() -> Done<()> {
    let (play, session) = chat().await?;
    let driver = &play.browser.driver;
    let crowd = "const crowd = document.createElement('div'); crowd.hidden = true; \
        crowd.innerHTML = '<i></i>'.repeat(61000); document.body.append(crowd);";
    driver.execute(crowd, Vec::new()).await?;
    risk_of(&play, &session, "the page to be told as large", FactorKind::PageSize).await?;
    if kind() == Kind::Firefox {
        return Ok(());
    }
    let busy = "setInterval(() => { const end = performance.now() + 190; \
        while (performance.now() < end); }, 200);";
    driver.execute(busy, Vec::new()).await?;
    until_within(WEIGHED_WITHIN, "the offer of a fresh chat", async || {
        Ok(play.browser.card_shown().await?.then_some(()))
    })
    .await?;
    assert!(play.browser.card_text().await?.contains("about to fail"));
    let tabs = driver.windows().await?.len();
    play.browser.press_card("Resume in a new chat").await?;
    let fresh = until("a new tab", async || {
        let all = driver.windows().await?;
        Ok((all.len() > tabs).then(|| all.last().cloned()).flatten())
    })
    .await?;
    play.browser.show(&fresh).await?;
    assert!(play.placed().await?.contains("gatehouse"));
    assert_eq!(play.lab.log().len(), SHORT, "nothing is sent without a click");
    Ok(())
}
