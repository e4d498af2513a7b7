//! The whole extension in a real browser, on the lab's pages, each flow in a fresh profile.
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
use shim::wire::records::Settings;
use shim::wire::session::{EndReason, ResumeStage};
use shim::wire::state::State;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Done, Kind, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::{By, Key};

/// Messages of a short chat: enough for tool calls and a checkpoint.
const SHORT: usize = 3;

fn short(site: Site, csp: Csp) -> PlayOptions {
    PlayOptions { turns: SHORT, ..PlayOptions::test(kind(), site, csp) }
}

/// Plays the main job and fails with everything that did not hold.
async fn main_job(options: PlayOptions) -> Done<Play> {
    let mut play = Play::start(options).await?;
    play.whole_job().await?;
    println!("{}", play.report.table());
    assert!(play.report.failures.is_empty(), "{:#?}", play.report.failures);
    Ok(play)
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_claude_permissive_whole_demo() -> Done<()> {
    let play = main_job(PlayOptions::test(kind(), Site::Claude, Csp::Permissive)).await?;
    assert_eq!(play.report.placement, "page");
    assert_eq!(play.report.turns, 26);
    assert!(play.report.calls >= 14, "only {} calls were read", play.report.calls);
    assert!(play.report.checkpoints.len() >= 3, "several automatic checkpoints are made");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_claude_strict() -> Done<()> {
    let play = main_job(short(Site::Claude, Csp::Strict)).await?;
    let expected = if kind() == Kind::Chromium { "background" } else { "page" };
    assert_eq!(play.report.placement, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_chatgpt_permissive() -> Done<()> {
    let play = main_job(short(Site::ChatGpt, Csp::Permissive)).await?;
    assert_eq!(play.report.placement, "page");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_chatgpt_strict() -> Done<()> {
    main_job(short(Site::ChatGpt, Csp::Strict)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_with_the_engine_in_the_background() -> Done<()> {
    let mut play = Play::start(short(Site::Claude, Csp::Permissive)).await?;
    play.force_background().await?;
    play.whole_job().await?;
    assert!(play.report.failures.is_empty(), "{:#?}", play.report.failures);
    assert!(!play.engine_in_page().await?, "the page was to have no engine of its own");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_killed_between_crash_and_resume() -> Done<()> {
    let options = PlayOptions { kill_worker: true, ..short(Site::Claude, Csp::Permissive) };
    main_job(options).await?;
    Ok(())
}

/// Holds a short chat and returns the play and the chat's session.
async fn chat(site: Site) -> Done<(Play, SessionId)> {
    let mut play = Play::start(short(site, Csp::Permissive)).await?;
    let session = play.chat().await?;
    Ok((play, session))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tab_is_no_crash() -> Done<()> {
    let (play, session) = chat(Site::Claude).await?;
    play.browser.driver.close_window().await?;
    play.browser.show_inspector().await?;
    let left = until("the chat to be recorded as left", async || {
        let heads = play.browser.dump().await?.sessions();
        Ok(heads.into_iter().find(|head| head.id == session && head.live.is_none()))
    })
    .await?;
    assert_eq!(left.ended, None);
    // A whole exchange in a fresh chat: had a prompt been due, it would have come before.
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(SHORT + 1).await?;
    assert_eq!(play.lab.log().last().unwrap().text, "Good morning");
    assert!(play.browser.dump().await?.resumes().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_dies_out_of_view_is_resumed_too() -> Done<()> {
    let (play, session) = chat(Site::Claude).await?;
    play.browser.open(&play.fresh_url()).await?;
    play.browser.crash_all_tabs(play.face.host).await?;
    let head = play.crash_is_noticed(&session).await?;
    assert_eq!(head.ended.map(|(reason, _)| reason), Some(EndReason::TabCrashed));
    play.browser.open(&play.fresh_url()).await?;
    let prompt = play.placed().await?;
    assert!(prompt.contains("gatehouse"), "the prompt is of this chat: {prompt}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_draft_is_never_touched() -> Done<()> {
    let (play, session) = chat(Site::Claude).await?;
    let old = play.browser.driver.window().await?;
    let fresh = play.browser.open(&play.fresh_url()).await?;
    play.type_text("my own words").await?;
    play.browser.show(&old).await?;
    play.browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    play.browser.show(&fresh).await?;
    if kind() == Kind::Firefox {
        // Both tabs of a site share their process there, and it is dead: the draft went with it.
        // Watching waits until another one is written, or the prompt would be there before it.
        let watch = |on: bool| Ask::Change(Settings { paused: !on, ..Settings::default() });
        assert_eq!(play.browser.ask(&watch(false)).await?, Answer::Done);
        play.browser.driver.goto(play.fresh_url().as_str()).await?;
        play.type_text("my own words").await?;
        assert_eq!(play.browser.ask(&watch(true)).await?, Answer::Done);
    }
    // A prompt is due, and what is sent is the draft alone.
    assert_eq!(play.composer_text().await?, "my own words");
    let composer = play.browser.driver.find(By::Css(play.face.composer)).await?;
    composer.send_keys(Key::Enter + "").await?;
    play.answered(SHORT + 1).await?;
    assert_eq!(play.lab.log().last().unwrap().text, "my own words");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_only_places_after_a_click_and_undo_takes_it_out() -> Done<()> {
    let (play, session) = chat(Site::Claude).await?;
    let settings = Settings { offer_only: true, ..Settings::default() };
    assert_eq!(play.browser.ask(&Ask::Change(settings)).await?, Answer::Done);
    play.browser.crash_tab(play.face.host).await?;
    let head = play.crash_is_noticed(&session).await?;
    assert_eq!(head.ended.map(|(reason, _)| reason), Some(EndReason::TabCrashed));
    play.browser.open(&play.fresh_url()).await?;
    until("the card", async || Ok(play.browser.card_shown().await?.then_some(()))).await?;
    assert_eq!(play.composer_text().await?.trim(), "", "nothing is placed without a click");
    play.browser.press_card("Place").await?;
    let prompt = play.placed().await?;
    assert!(prompt.contains("Please"), "{prompt}");
    play.browser.press_card("Undo").await?;
    until("the composer to be empty again", async || {
        let gone = play.composer_text().await?.trim().is_empty();
        Ok((gone && !play.browser.card_shown().await?).then_some(()))
    })
    .await?;
    until("the journal to say undone", async || {
        let resumes = play.browser.dump().await?.resumes();
        Ok(resumes.iter().any(|r| r.stage == Some(ResumeStage::Undone)).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_popup_saves_shows_and_resumes() -> Done<()> {
    let (play, session) = chat(Site::Claude).await?;
    let before = play.browser.dump().await?.checkpoints(&session).len();
    let save = Ask::SaveNow { session: session.clone() };
    assert_eq!(play.browser.ask(&save).await?, Answer::Done);
    let dump = play.browser.dump().await?;
    assert_eq!(dump.checkpoints(&session).len(), before + 1, "Done means committed");
    let prompt = Ask::Prompt { session: session.clone(), checkpoint: None };
    let Answer::Text(text) = play.browser.ask(&prompt).await? else { panic!("no prompt") };
    assert!(text.contains("gatehouse"), "the prompt is of this chat: {text}");

    play.browser.show_inspector().await?;
    play.browser.driver.refresh().await?;
    let row = until("the chat in the popup's list", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=session]")).await.ok())
    })
    .await?;
    row.click().await?;
    let tabs = play.browser.driver.windows().await?.len();
    let resume = until("the button that resumes", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=resume]")).await.ok())
    })
    .await?;
    resume.click().await?;
    let fresh = until("a new tab", async || {
        let all = play.browser.driver.windows().await?;
        Ok((all.len() > tabs).then(|| all.last().cloned()).flatten())
    })
    .await?;
    play.browser.show(&fresh).await?;
    let placed = play.placed().await?;
    assert!(placed.contains("gatehouse"));
    assert_eq!(play.lab.log().len(), SHORT, "nothing is sent without a click");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_category_is_read_from_the_chat() -> Done<()> {
    let mut states = Vec::new();
    for turns in [SHORT, 9] {
        let options = PlayOptions { turns, ..short(Site::Claude, Csp::Permissive) };
        let mut play = Play::start(options).await?;
        let session = play.chat().await?;
        let save = Ask::SaveNow { session: session.clone() };
        assert_eq!(play.browser.ask(&save).await?, Answer::Done);
        states.push(play.browser.dump().await?.newest_state(&session).expect("a checkpoint"));
    }
    let [early, late] = &states[..] else { panic!("two states") };
    for (name, early, late) in categories(early, late) {
        println!("{name}\n  after {SHORT} messages: {early}\n  after 9: {late}");
        assert_ne!(early, late, "{name} is constant");
        assert_ne!(late, "{}", "{name} is empty");
    }
    assert_filled(late);
    Ok(())
}

fn categories(early: &State, late: &State) -> [(&'static str, String, String); 6] {
    fn both<T: serde::Serialize>(
        name: &'static str,
        early: &T,
        late: &T,
    ) -> (&'static str, String, String) {
        let text = |value: &T| serde_json::to_string(value).unwrap();
        (name, text(early), text(late))
    }
    [
        both("conversation", &early.conversation, &late.conversation),
        both("task", &early.task, &late.task),
        both("files", &early.files, &late.files),
        both("tools", &early.tools, &late.tools),
        both("signals", &early.measured, &late.measured),
        both("preferences", &early.preferences, &late.preferences),
    ]
}

fn assert_filled(state: &State) {
    let conversation = &state.conversation;
    assert!(!conversation.summary.is_empty() && !conversation.recent.is_empty());
    assert!(!conversation.decisions.is_empty(), "decisions were taken in the chat");
    assert!(!state.task.operation.is_empty() && !state.task.completed_steps.is_empty());
    assert!(!state.task.next_steps.is_empty() && state.task.progress > Some(0.0));
    assert!(state.files.modified.iter().chain(&state.files.created).any(|f| f.contains("src/")));
    assert!(!state.tools.recent.is_empty() && !state.tools.sessions.is_empty());
    assert!(state.measured.signals.tool_call_count > 0);
    assert!(state.preferences.recent.iter().any(|wish| wish.text.contains("British")));
}
