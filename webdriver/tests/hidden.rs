//! A chat that goes on for more than six minutes in a tab that nobody looks at. Browsers put the
//! timers of such a tab to sleep after five minutes. `cargo xtask test` runs this beside the
//! other flows, since it mostly waits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use shared::kind;
use shim::wire::chat::TurnState;
use shim_webdriver::browser::{Done, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use std::time::{Duration, Instant};

/// How much of a stream may be unsaved.
const MAY_LACK: Duration = Duration::from_secs(2);
/// How long the tab is hidden before its last words come.
const HIDDEN: Duration = Duration::from_secs(360);

/// Reads the newest answer as its page shows it, and whether the page is in view.
const SHOWN: &str = "const [done] = arguments; (async () => { \
    const [tab] = await chrome.tabs.query({ url: 'https://claude.ai/*' }); \
    const [{ result }] = await chrome.scripting.executeScript({ target: { tabId: tab.id }, \
    func: () => [document.hidden, [...document.querySelectorAll('[data-perf-reply-text] p')] \
      .map((p) => p.textContent).join(' ')] }); return result; \
    })().then(done, (why) => done(String(why)));";

/// The words on the page, which must be out of view; the last one may be half a word.
async fn shown(play: &Play) -> Done<Vec<String>> {
    let said = play.browser.in_inspector(SHOWN, Vec::new()).await?;
    assert_eq!(said[0], true, "the tab is to be out of view: {said}");
    let text = said[1].as_str().ok_or("the page was not read")?;
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    words.pop();
    Ok(words)
}

async fn stored(play: &Play) -> Done<(TurnState, Vec<String>)> {
    let dump = play.browser.dump().await?;
    let session = dump.sessions().first().ok_or("no chat is stored")?.id.clone();
    let whole = dump.whole(&session);
    let last = whole.turns.last().ok_or("no turn is stored")?;
    Ok((last.state, last.markdown.split_whitespace().map(str::to_owned).collect()))
}

async fn wait(what: &str, time: Duration) -> Done<()> {
    let began = Instant::now();
    while began.elapsed() < time {
        let step = Instant::now();
        let enough = || step.elapsed() >= Duration::from_secs(20) || began.elapsed() >= time;
        until(what, async || Ok(enough().then_some(()))).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_a_tab_hidden_for_six_minutes_is_saved_as_if_it_were_seen() -> Done<()> {
    // About seven minutes of words.
    let options = PlayOptions::test(kind(), Site::Claude, Csp::Permissive);
    let play = Play::start(PlayOptions { token_ms: 100, ..options }).await?;
    play.browser.open(&play.fresh_url()).await?;
    play.say("!lorem 3300").await?;
    until("the answer to begin", async || {
        let stored = stored(&play).await?;
        Ok((stored.1.len() > 5).then_some(()))
    })
    .await?;
    play.browser.open("about:blank").await?;
    wait("the tab to have been hidden long enough", HIDDEN).await?;
    for _ in 0..3 {
        let words = shown(&play).await?;
        wait("the time that words may be unsaved", MAY_LACK).await?;
        let (state, stored) = stored(&play).await?;
        assert_eq!(state, TurnState::Streaming, "it is still being written");
        assert!(
            stored.starts_with(&words),
            "{} words stood there {} s ago, and stored are {}",
            words.len(),
            MAY_LACK.as_secs(),
            stored.len()
        );
    }
    let mut finished = false;
    while !finished {
        let before = shown(&play).await?.len();
        finished = until("more words, or the finished answer to be stored", async || {
            let (state, words) = stored(&play).await?;
            let whole = state == TurnState::Done && words.len() >= 3300;
            Ok((whole || words.len() > before + 50).then_some(whole))
        })
        .await?;
    }
    shown(&play).await?;
    Ok(())
}
