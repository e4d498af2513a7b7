//! Two windows of one chat, in a real browser: they write one session, and no turn of it twice.
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
use shim::wire::chat::{Role, Turn};
use shim_webdriver::browser::{Done, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};

/// Messages of the chat before the second window comes.
const SHORT: usize = 3;

/// The chat's finished turns, once there are so many or more.
async fn turns(play: &Play, session: &SessionId, least: usize) -> Done<Vec<Turn>> {
    until(&format!("{least} turns to be stored"), async || {
        let turns = play.browser.dump().await?.whole(session).turns;
        let done = turns.len() >= least && turns.iter().all(|turn| !turn.state.is_open());
        Ok(done.then_some(turns))
    })
    .await
}

/// Every message that the model received is stored once, and as many answers.
fn each_once(play: &Play, turns: &[Turn]) {
    let mut said: Vec<String> = play.lab.log().iter().map(|m| m.text.trim().to_owned()).collect();
    let (users, answers): (Vec<_>, Vec<_>) = turns.iter().partition(|t| t.role == Role::User);
    let mut stored: Vec<String> = users.iter().map(|t| t.markdown.trim().to_owned()).collect();
    said.sort();
    stored.sort();
    assert_eq!(stored, said, "each message is stored once");
    assert_eq!(answers.len(), said.len(), "and each answer: {answers:#?}");
}

async fn two_windows(site: Site) -> Done<()> {
    let options = PlayOptions::test(kind(), site, Csp::Permissive);
    let mut play = Play::start(PlayOptions { turns: SHORT, ..options }).await?;
    let session = play.chat().await?;
    let first = play.browser.driver.window().await?;
    let url = play.browser.driver.current_url().await?;
    let second = play.browser.open(url.as_str()).await?;

    // In turns, each window without what the other one said since it was opened.
    let mut count = SHORT;
    for (window, words) in [(&second, "From the second"), (&first, "From the first")] {
        play.browser.show(window).await?;
        play.say(&format!("{words} window")).await?;
        count += 1;
        play.answered(count).await?;
    }
    each_once(&play, &turns(&play, &session, 2 * count).await?);

    // The background is killed while both are open, and hears of all again from both.
    play.browser.kill_worker().await?;
    play.browser.show(&second).await?;
    play.say("After the background was killed").await?;
    count += 1;
    play.answered(count).await?;
    each_once(&play, &turns(&play, &session, 2 * count).await?);

    // Both read the whole chat anew.
    for window in [&first, &second] {
        play.browser.show(window).await?;
        play.browser.driver.refresh().await?;
    }
    play.say("After both were loaded again").await?;
    count += 1;
    play.answered(count).await?;
    each_once(&play, &turns(&play, &session, 2 * count).await?);
    let heads = play.browser.dump().await?.sessions();
    let all: Vec<_> = heads.iter().map(|head| &head.id).collect();
    assert_eq!(all, [&session], "one chat is one session");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_of_a_claude_chat_write_one_session() -> Done<()> {
    two_windows(Site::Claude).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_of_a_chatgpt_chat_write_one_session() -> Done<()> {
    two_windows(Site::ChatGpt).await
}
