//! A key that a person writes in a chat: what is stored of it, and the prompt.

use super::{SHORT, click, open_page, options, prompt, see};
use shim::base::SessionId;
use shim::session::codec;
use shim::wire::records::StoreName;
use shim_webdriver::browser::{Browser, Done, until};
use shim_webdriver::play::Play;

/// Put together here: nobody's key, and none that a scan of this repository would find.
fn key() -> String {
    format!("sk-ant-{}", "a8Xf5Q167f44F4964z".repeat(3))
}

/// The texts of a chat's turns.
async fn turns(browser: &Browser, session: &SessionId) -> Done<String> {
    let whole = browser.dump().await?.whole(session);
    Ok(whole.turns.into_iter().map(|turn| turn.markdown).collect())
}

async fn choose(browser: &Browser, hook: &str) -> Done<()> {
    open_page(browser, "dashboard.html").await?;
    let css = format!("[data-testid={hook}]");
    click(browser, &css).await?;
    see(browser, "the choice", &format!("{css}[aria-checked=true]"), |all| all.len() == 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_passes_into_prompts_once_let_and_is_not_stored_once_dropped() -> Done<()> {
    let mut play = Play::start(options()).await?;
    let session = play.chat().await?;
    let browser = &play.browser;
    let tab = browser.driver.window().await?;
    play.say(&format!("Please use {} for this work", key())).await?;
    play.answered(SHORT + 1).await?;
    until("the key to be stored", async || {
        Ok(turns(browser, &session).await?.contains(&key()).then_some(()))
    })
    .await?;
    assert!(!prompt(browser, &session, None).await?.contains(&key()));

    open_page(browser, "dashboard.html").await?;
    click(browser, "[data-testid=session]").await?;
    click(browser, "[data-testid=secrets]").await?;
    // The answer repeats the beginning of it, which is told by itself.
    let told = |said: &[String]| {
        !said.is_empty() && said.iter().all(|row| row.contains("an Anthropic key: sk-a"))
    };
    see(browser, "the key's row", "[data-testid=secret]", told).await?;
    click(browser, "[data-testid=let-pass]").await?;
    let shown = |said: &[String]| said.concat().contains(&key());
    see(browser, "the prompt with it", "[data-testid=prompt]", shown).await?;
    assert!(prompt(browser, &session, None).await?.contains(&key()));

    choose(browser, "secrets-dropped").await?;
    browser.show(&tab).await?;
    let before = turns(browser, &session).await?.matches(&key()).count();
    play.say(&format!("And with {} for that work", key())).await?;
    play.answered(SHORT + 2).await?;
    until("the next turn to be stored", async || {
        let text = turns(browser, &session).await?;
        Ok(text.contains("And with [an Anthropic key was here] for that work").then_some(()))
    })
    .await?;
    assert_eq!(turns(browser, &session).await?.matches(&key()).count(), before);
    let dump = browser.dump().await?;
    let drafts = dump.of(StoreName::Drafts).map(|record| codec::part(record, 0));
    assert!(drafts.flatten().all(|text| !text.contains(&key())));
    Ok(())
}
