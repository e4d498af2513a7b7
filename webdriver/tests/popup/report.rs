//! What a report of a problem and one of a page tell, and what they do not.

use super::{NOTICE, chat, click, open_page, popup_over, see};
use shim::view::texts;
use shim::wire::report::{Noted, Report, Said, Seen};
use shim_webdriver::browser::{Browser, Done, until};

/// Keeps what the page offers as a file.
pub const KEEP_FILES: &str = "\
    const make = URL.createObjectURL.bind(URL); \
    URL.createObjectURL = (blob) => { blob.text().then((t) => { window.file = t; }); \
        return make(blob); };";

pub async fn kept_file(browser: &Browser) -> Done<String> {
    until("the file", async || {
        let file = browser.driver.execute("return window.file ?? null;", Vec::new()).await?;
        Ok(file.json().as_str().map(str::to_owned))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_problem_tells_events_and_nothing_of_what_was_said() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    let said: Vec<String> = play.lab.log().iter().map(|message| message.text.clone()).collect();
    open_page(browser, "popup.html").await?;
    browser.driver.execute(KEEP_FILES, Vec::new()).await?;
    click(browser, "[data-testid=report]").await?;
    see(browser, "the word that it is saved", NOTICE, |said| said == [texts::REPORTED]).await?;
    let text = kept_file(browser).await?;
    let report: Report = serde_json::from_str(&text)?;
    let turns = |noted: &Noted| matches!(noted.seen, Seen::Said { said: Said::Turns { .. }, .. });
    assert!(report.noted.iter().any(turns), "{text}");
    let chat = session.as_str().rsplit('/').next().unwrap_or_default();
    assert!(!text.contains(chat) && !text.contains("gatehouse"), "{text}");
    assert!(said.iter().all(|said| !text.contains(said.trim())), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_page_is_built_is_told_without_what_it_says() -> Done<()> {
    let (play, _) = chat().await?;
    let browser = &play.browser;
    let said: Vec<String> = play.lab.log().iter().map(|message| message.text.clone()).collect();
    popup_over(browser).await?;
    browser.driver.execute(KEEP_FILES, Vec::new()).await?;
    click(browser, "[data-testid=structure]").await?;
    see(browser, "the word that it is saved", NOTICE, |said| said == [texts::STRUCTURED]).await?;
    let text = kept_file(browser).await?;
    assert!(text.contains("contenteditable") && text.contains("textbox"), "{text}");
    assert!(said.iter().all(|said| !text.contains(said.trim())), "{text}");
    assert!(!text.contains("gatehouse"), "{text}");
    Ok(())
}
