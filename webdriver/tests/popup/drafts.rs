//! What was typed and not sent: a tab that crashes, a page that loses it, and a text that is sent.

use super::{SHORT, click, open_page, options, see};
use shim::session::drafts;
use shim::view::texts;
use shim::wire::records::StoreName;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Browser, Done, until};
use shim_webdriver::lab::Csp;
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::Key;

const ROWS: &str = "[data-testid=draft]";
const TEXT: &str = "Please count the arches of the bridge over the Lune, and say why it has three.";

/// The texts of all stored drafts.
async fn stored(browser: &Browser) -> Done<Vec<String>> {
    let dump = browser.dump().await?;
    dump.of(StoreName::Drafts)
        .map(|record| Ok(drafts::open(record).map_err(|e| e.text)?.1))
        .collect()
}

async fn is_stored(browser: &Browser, wanted: &[&str]) -> Done<()> {
    until(&format!("the drafts {wanted:?}"), async || {
        Ok((stored(browser).await? == wanted).then_some(()))
    })
    .await
}

async fn typed_in_a_tab_that_crashes(csp: Csp) -> Done<()> {
    let mut play = Play::start(PlayOptions { csp, ..options() }).await?;
    play.chat().await?;
    let browser = &play.browser;
    assert_eq!(stored(browser).await?, [""; 0], "what was sent is none");
    play.type_text(TEXT).await?;
    is_stored(browser, &[TEXT]).await?;
    assert_eq!(play.lab.log().len(), SHORT, "nothing was sent");

    browser.crash_tab(play.face.host).await?;
    open_page(browser, "popup.html").await?;
    see(browser, "the text", ROWS, |rows| rows.len() == 1 && rows[0].contains(TEXT)).await?;
    let key = browser.dump().await?.of(StoreName::Drafts).next().unwrap().at.key.clone();
    assert_eq!(browser.ask(&Ask::Draft { key }).await?, Answer::Text(TEXT.into()));
    click(browser, "[data-testid=copy-draft]").await?;
    see(browser, "a word of the copy", "[data-testid=notice] p", |said| {
        [texts::DRAFT_COPIED, texts::DRAFT_NOT_COPIED].contains(&said.concat().as_str())
    })
    .await?;
    click(browser, "[data-testid=discard]").await?;
    see(browser, "no text", ROWS, <[String]>::is_empty).await?;
    is_stored(browser, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_typed_in_a_tab_that_crashes_is_listed_and_discarded() -> Done<()> {
    typed_in_a_tab_that_crashes(Csp::Permissive).await
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_is_where_the_engine_runs_in_the_background() -> Done<()> {
    typed_in_a_tab_that_crashes(Csp::Strict).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_a_person_erases_is_kept_no_more() -> Done<()> {
    let mut play = Play::start(options()).await?;
    play.chat().await?;
    let browser = &play.browser;
    let composer = play.type_text(TEXT).await?;
    is_stored(browser, &[TEXT]).await?;
    composer.send_keys(Key::Control + "a").await?;
    composer.send_keys(Key::Backspace + "").await?;
    is_stored(browser, &[]).await?;
    assert_eq!(play.lab.log().len(), SHORT, "nothing was sent");
    Ok(())
}

/// As a site does whose request failed: the composer is made empty, and no turn comes.
const LOSE: &str = "document.querySelector(arguments[0]).replaceChildren();";

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_page_loses_is_listed_and_one_that_is_sent_later_is_not() -> Done<()> {
    let mut play = Play::start(options()).await?;
    play.chat().await?;
    let browser = &play.browser;
    let tab = browser.driver.window().await?;
    play.type_text(TEXT).await?;
    is_stored(browser, &[TEXT]).await?;
    browser.driver.execute(LOSE, vec![play.face.composer.into()]).await?;
    open_page(browser, "popup.html").await?;
    see(browser, "the text", ROWS, |rows| rows.len() == 1 && rows[0].contains(TEXT)).await?;

    browser.show(&tab).await?;
    play.say(TEXT).await?;
    play.answered(SHORT + 1).await?;
    is_stored(browser, &[]).await?;
    open_page(browser, "popup.html").await?;
    see(browser, "the list of chats", "[data-testid=session]", |rows| rows.len() == 1).await?;
    see(browser, "no text", ROWS, <[String]>::is_empty).await?;
    Ok(())
}
