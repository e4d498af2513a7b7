//! Killed anywhere: the background and the whole browser, at the worst moments.
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
use shim::wire::chat::{Role, Turn, TurnState};
use shim::wire::session::{EndReason, ResumeStage};
use shim_webdriver::browser::{Done, End, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use shim_webdriver::torture::{TortureOptions, torture};
use std::time::{Duration, Instant};

/// Messages of a short chat.
const SHORT: usize = 2;
/// How much of a stream may be lost.
const MAY_LOSE: Duration = Duration::from_secs(2);

fn options(csp: Csp) -> PlayOptions {
    PlayOptions { turns: SHORT, ..PlayOptions::test(kind(), Site::Claude, csp) }
}

/// The words that the model has written of its newest answer.
fn written(play: &Play) -> Vec<String> {
    let id = play.lab.log().last().map(|m| m.conversation.clone()).unwrap_or_default();
    let conversation = play.lab.conversation(&id).unwrap_or_default();
    let text = conversation["turns"].as_array().and_then(|turns| turns.last()?["text"].as_str());
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Reads the newest answer as its page shows it, in view or not.
const SHOWN: &str = "const [done] = arguments; (async () => { \
    const [tab] = await chrome.tabs.query({ url: 'https://claude.ai/*' }); \
    const [{ result }] = await chrome.scripting.executeScript({ target: { tabId: tab.id }, \
    func: () => [...document.querySelectorAll('[data-perf-reply-text] p')] \
      .slice(-400).map((p) => p.textContent).join(' ') }); return result; \
    })().then(done, (why) => done(null));";

/// The words of the newest answer on its page.
async fn shown(play: &Play) -> Done<Vec<String>> {
    let text = play.browser.in_inspector(SHOWN, Vec::new()).await?;
    let text = text.as_str().ok_or("the page was not read")?;
    let from = text.find("Lorem ipsum").ok_or("the answer is not on the page")?;
    let mut words: Vec<String> = text[from..].split_whitespace().map(str::to_owned).collect();
    words.pop(); // it may be half a word
    Ok(words)
}

/// A chat whose next answer is being streamed, after some seconds of it.
async fn streaming(hidden: bool) -> Done<(Play, SessionId)> {
    let mut play = Play::start(options(Csp::Permissive)).await?;
    let session = play.chat().await?;
    play.say("!lorem 4000").await?;
    until("the stream to begin", async || Ok((written(&play).len() > 20).then_some(()))).await?;
    if hidden {
        play.browser.open("about:blank").await?;
        let seen = written(&play).len();
        let more = async || Ok((written(&play).len() > seen + 300).then_some(()));
        until("some of it to come while the tab is hidden", more).await?;
    } else {
        until("a part of it", async || Ok((written(&play).len() > 300).then_some(()))).await?;
    }
    Ok((play, session))
}

fn is_in(words: &[String], text: &str) -> bool {
    let stored: Vec<&str> = text.split_whitespace().collect();
    stored.starts_with(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

async fn browser_killed_in_mid_stream(hidden: bool) -> Done<()> {
    let (mut play, session) = streaming(hidden).await?;
    let said = shown(&play).await?;
    assert!(said.len() > 200, "only {} words are on the page", said.len());
    let seen_at = Instant::now();
    until("the time that may be lost", async || Ok((seen_at.elapsed() >= MAY_LOSE).then_some(())))
        .await?;
    play.restart(End::Killed).await?;

    let dump = play.browser.dump().await?;
    let whole = dump.whole(&session);
    assert_eq!(whole.damaged, 0, "the last stored state is intact");
    assert_eq!(whole.turns.len(), SHORT * 2 + 2, "no turn is missing");
    assert!(whole.turns[..SHORT * 2].iter().all(|t| t.state != TurnState::Streaming));
    let last: &Turn = whole.turns.last().unwrap();
    assert_eq!(last.role, Role::Assistant);
    assert!(
        is_in(&said, &last.markdown),
        "{} words were there {} s before the kill, and stored are {}: … {:?}",
        said.len(),
        MAY_LOSE.as_secs(),
        last.markdown.split_whitespace().count(),
        last.markdown.chars().rev().take(60).collect::<Vec<_>>().iter().rev().collect::<String>()
    );
    let head = play.crash_is_noticed(&session).await?;
    assert_eq!(head.ended.map(|(reason, _)| reason), Some(EndReason::BrowserCrashed));

    play.browser.open(&play.fresh_url()).await?;
    let prompt = play.placed().await?;
    assert!(prompt.contains("gatehouse"), "the prompt is of this chat: {prompt}");
    play.browser.press_card("Send").await?;
    play.answered(SHORT + 2).await?;
    assert_eq!(play.lab.log().last().unwrap().text, prompt);
    // Once: a whole exchange in one more fresh chat, where a second prompt would have come before.
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(SHORT + 3).await?;
    assert_eq!(play.lab.log().last().unwrap().text, "Good morning");
    assert_eq!(play.browser.dump().await?.resumes().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_killed_in_the_middle_of_an_answer_in_view() -> Done<()> {
    browser_killed_in_mid_stream(false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_killed_in_the_middle_of_an_answer_out_of_view() -> Done<()> {
    browser_killed_in_mid_stream(true).await
}

/// Kills the background and shows the chat again.
async fn kill_worker(play: &Play) -> Done<()> {
    let shown = play.browser.driver.window().await?;
    let killed = play.browser.kill_worker().await;
    play.browser.show(&shown).await?;
    killed
}

async fn worker_killed_again_and_again(csp: Csp) -> Done<()> {
    let play = Play::start(options(csp)).await?;
    play.browser.open(&play.fresh_url()).await?;
    for (count, message) in ["One: name three rivers.", "!tool ls {\"path\":\"src\"} => main.rs"]
        .iter()
        .cycle()
        .take(4)
        .enumerate()
    {
        play.say(message).await?;
        play.answered(count + 1).await?;
        // The answer has just ended: its turn and the checkpoint after it are on their way.
        kill_worker(&play).await?;
        if count == 2 {
            kill_worker(&play).await?; // while it starts: what the page sends next starts it
        }
    }
    let session = play.saved(8).await?;
    until("a checkpoint to be stored", async || {
        Ok((!play.browser.dump().await?.checkpoints(&session).is_empty()).then_some(()))
    })
    .await?;
    let dump = play.browser.dump().await?;
    let whole = dump.whole(&session);
    assert_eq!((whole.turns.len(), whole.damaged), (8, 0));
    let said: Vec<String> = play.lab.log().iter().map(|m| m.text.clone()).collect();
    let kept: Vec<&str> = whole
        .turns
        .iter()
        .filter(|turn| turn.role == Role::User)
        .map(|turn| turn.markdown.trim())
        .collect();
    assert_eq!(kept, said, "every message is stored once, in order");
    assert!(dump.sessions().iter().all(|head| head.ended.is_none()), "nothing of it is a crash");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_killed_before_a_checkpoint_is_stored_and_while_it_starts() -> Done<()> {
    worker_killed_again_and_again(Csp::Permissive).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_with_the_engine_in_the_worker() -> Done<()> {
    worker_killed_again_and_again(Csp::Strict).await
}

async fn worker_killed_while_the_prompt_is_placed(csp: Csp) -> Done<()> {
    let mut play = Play::start(options(csp)).await?;
    let session = play.chat().await?;
    play.browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    play.browser.open(&play.fresh_url()).await?;
    until("the prompt to come", async || {
        Ok((!play.composer_text().await?.trim().is_empty()).then_some(()))
    })
    .await?;
    kill_worker(&play).await?;
    let prompt = play.placed().await?;
    assert_eq!(prompt.matches("gatehouse").count(), prompt_words(&play, &session).await?);
    play.browser.press_card("Send").await?;
    play.answered(SHORT + 1).await?;
    let log = play.lab.log();
    assert_eq!(log.len(), SHORT + 1, "it was sent once");
    assert_eq!(log.last().unwrap().text, prompt);
    until("the resume to be recorded as answered", async || {
        let resumes = play.browser.dump().await?.resumes();
        assert_eq!(resumes.len(), 1, "there is one resume of the crash");
        Ok((resumes[0].stage == Some(ResumeStage::Answered)).then_some(()))
    })
    .await
}

/// How often a word of the chat stands in its prompt: twice as often in one placed twice.
async fn prompt_words(play: &Play, session: &SessionId) -> Done<usize> {
    use shim::wire::ui::{Answer, Ask};
    let ask = Ask::Prompt { session: session.clone(), checkpoint: None };
    match play.browser.ask(&ask).await? {
        Answer::Text(text) => Ok(text.matches("gatehouse").count()),
        other => Err(format!("{other:?}").into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_killed_while_the_prompt_is_placed() -> Done<()> {
    worker_killed_while_the_prompt_is_placed(Csp::Permissive).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_killed_while_its_engine_places_the_prompt() -> Done<()> {
    worker_killed_while_the_prompt_is_placed(Csp::Strict).await
}

/// Page, background and browser, killed twenty times while answers come and are saved.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nothing_that_was_acknowledged() -> Done<()> {
    let options = TortureOptions { kind: kind(), kills: 20, seed: 1 };
    let tally = torture(&options, &|line| println!("{line}")).await?;
    assert_eq!(tally.faults, [""; 0]);
    assert!(tally.checked() > 100, "{tally:?}");
    Ok(())
}
