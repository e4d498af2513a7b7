//! A chat's risk and context as a drawing, in the popup and in the dashboard.

use super::*;

/// The paths of the drawing that is shown, by their look.
async fn paths(browser: &Browser) -> Done<Value> {
    let script =
        "return Object.fromEntries([...document.querySelectorAll('[data-testid=chart] path')]
        .map((path) => [path.getAttribute('class'), path.getAttribute('d')]));";
    Ok(browser.driver.execute(script, Vec::new()).await?.json().clone())
}

/// Waits until the drawing shows a checkpoint and a crash.
async fn drawn(browser: &Browser, where_: &str) -> Done<()> {
    until(&format!("the drawing in {where_}"), async || {
        let paths = paths(browser).await?;
        let drawn = |look: &str| paths[look].as_str().is_some_and(|d| d.starts_with('M'));
        let whole = ["risk-line", "context", "danger", "warning", "saved", "failed"];
        if whole.into_iter().all(drawn) { Ok(Some(())) } else { Err(paths.to_string().into()) }
    })
    .await?;
    // It takes the room that it is given, and none of the page's width.
    let fits =
        "const box = document.querySelector('[data-testid=chart] svg').getBoundingClientRect();
        return box.width > 200 && box.height > 60 && box.right <= innerWidth
            && document.documentElement.scrollWidth <= innerWidth;";
    assert_eq!(browser.driver.execute(fits, Vec::new()).await?.json(), true, "{where_}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_drawn_and_all_chats_add_up() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    open_chat(browser, &session).await?;
    drawn(browser, "the popup").await?;
    let named = "return document.querySelector('[data-testid=chart] [role=img]').ariaLabel;";
    let told = browser.driver.execute(named, Vec::new()).await?.json().to_string();
    assert!(told.contains("broken off 1 time"), "{told}");

    // The popup leads to the dashboard.
    let link = "return document.querySelector('[data-testid=dashboard]').getAttribute('href');";
    let page = browser.driver.execute(link, Vec::new()).await?.json().clone();
    open_page(browser, page.as_str().unwrap_or_default()).await?;
    let lines = see(browser, "the table of all chats", ".board .all th", |l| l.len() == 8).await?;
    assert!(lines[0].contains("Crashes"), "{lines:?}");
    let sites = see(browser, "the table by site", ".groups tbody th", |l| !l.is_empty()).await?;
    assert!(sites.contains(&"Claude".to_owned()), "{sites:?}");
    click(browser, &row(&session)).await?;
    drawn(browser, "the dashboard").await?;
    see(browser, "the list beside it", ROWS, |rows| rows.len() == 1).await?;
    click(browser, "[data-testid=back]").await?;
    see(browser, "the tables again", ".board .all th", |lines| lines.len() == 8).await?;
    Ok(())
}
