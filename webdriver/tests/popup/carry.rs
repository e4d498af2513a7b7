//! Chats carried as files: exported, deleted, imported again, pins and all.

#[path = "backfill.rs"]
mod backfill;

use super::report::kept_file;
use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shim::view::sieve;
use std::path::PathBuf;

/// Keeps what the page offers as a file, as base64.
const KEEP_BYTES: &str = "\
    const make = URL.createObjectURL.bind(URL); window.file = null; \
    URL.createObjectURL = (blob) => { const reader = new FileReader(); \
        reader.onload = () => { window.file = reader.result.split(',')[1]; }; \
        reader.readAsDataURL(blob); return make(blob); };";

const PIN: &str = "[data-testid=pin]";

/// Has a button save a file, and tells what is in it.
async fn exported(browser: &Browser, button: &str, told: &str) -> Done<Vec<u8>> {
    browser.driver.execute(KEEP_BYTES, Vec::new()).await?;
    click(browser, button).await?;
    see(browser, "the word that it is saved", NOTICE, |said| said.concat().contains(told)).await?;
    // It lies over what stands at the end of the page.
    click(browser, "[data-testid=notice] .close").await?;
    Ok(STANDARD.decode(kept_file(browser).await?)?)
}

/// A file that a person could choose, for as long as this lives.
struct Chosen(PathBuf);

impl Chosen {
    fn of(name: &str, bytes: &[u8]) -> Done<Self> {
        let path = std::env::temp_dir().join(format!("shim-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes)?;
        Ok(Self(path))
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        // It lies in the folder for what may go.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Chooses a file in the dashboard, and waits for the word of what came of it.
async fn import(browser: &Browser, name: &str, bytes: &[u8], told: &str) -> Done<()> {
    let file = Chosen::of(name, bytes)?;
    let field = until("the field for a file", async || {
        Ok(browser.driver.find(By::Css("[data-testid=import-file]")).await.ok())
    })
    .await?;
    field.send_keys(file.0.to_string_lossy().as_ref()).await?;
    see(browser, told, NOTICE, |said| said.concat().contains(told)).await?;
    Ok(())
}

/// Pins the newest checkpoint in the popup, and tells its number.
async fn pin_newest(browser: &Browser, session: &SessionId) -> Done<u32> {
    open_chat(browser, session).await?;
    click(browser, PIN).await?;
    let pressed = "return document.querySelector('[data-testid=pin]').ariaPressed;";
    until("the pin to be set", async || {
        let seen = browser.driver.execute(pressed, Vec::new()).await?;
        Ok((seen.json() == "true").then_some(()))
    })
    .await?;
    let heads = browser.dump().await?.checkpoints(session);
    let pinned: Vec<u32> = heads.iter().filter(|h| h.pinned).map(|h| h.number).collect();
    assert_eq!(pinned.len(), 1, "{pinned:?}");
    Ok(pinned[0])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_listed_by_kind_and_age() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    let number = pin_newest(browser, &session).await?;
    let all = see(browser, "all of it", ENTRIES, |rows| rows.len() > 2).await?.len();
    click(browser, "[data-testid=list-pinned]").await?;
    let name = format!("Checkpoint {number}:");
    see(browser, "the pin", ENTRIES, |rows| rows.len() == 1 && rows[0].contains(&name)).await?;
    click(browser, "[data-testid=since-hour]").await?;
    click(browser, "[data-testid=list-resumed]").await?;
    let none = |said: &[String]| said.concat() == sieve::NOTHING;
    see(browser, "that there is none", "[data-testid=nothing]", none).await?;
    see(browser, "no entry", ENTRIES, <[String]>::is_empty).await?;
    click(browser, "[data-testid=list-all]").await?;
    see(browser, "all of it again", ENTRIES, |rows| rows.len() == all).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_was_exported_and_deleted_comes_back_by_its_archive() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    leave(&play, &session).await?;
    let pinned = pin_newest(browser, &session).await?;
    let before = prompt(browser, &session, None).await?;
    let checkpoints = browser.dump().await?.checkpoints(&session).len();

    open_page(browser, "dashboard.html").await?;
    let turns = format!("1 chat, {} turns, {checkpoints} checkpoint", 2 * SHORT);
    let archive = exported(browser, "[data-testid=export-all]", &turns).await?;
    assert_eq!(archive[..2], [0x1f, 0x8b], "it is a gzip file");
    click(browser, &row(&session)).await?;
    let words = exported(browser, "[data-testid=export-markdown]", "saved").await?;
    let words = String::from_utf8(words)?;
    assert!(words.contains("gatehouse") && words.contains("I want to add"), "{words}");
    let data = exported(browser, "[data-testid=export-json]", "saved").await?;
    let data: Value = serde_json::from_slice(&data)?;
    assert!(data.to_string().contains("gatehouse"));

    open_chat(browser, &session).await?;
    click(browser, "[data-testid=delete]").await?;
    until("its records to go", async || Ok((stored(browser, &session).await? == 0).then_some(())))
        .await?;

    open_page(browser, "dashboard.html").await?;
    let cut = &archive[..archive.len() / 2];
    import(browser, "cut.jsonl.gz", cut, "Nothing was changed.").await?;
    import(browser, "foreign.jsonl.gz", b"no archive", "Nothing was changed.").await?;
    assert_eq!(stored(browser, &session).await?, 0);
    import(browser, "all.jsonl.gz", &archive, &format!("Imported: {turns}")).await?;
    see(browser, "the chat in the list", &row(&session), |rows| rows.len() == 1).await?;
    assert_eq!(prompt(browser, &session, None).await?, before);
    let heads = browser.dump().await?.checkpoints(&session);
    let kept: Vec<u32> = heads.iter().filter(|h| h.pinned).map(|h| h.number).collect();
    assert_eq!((heads.len(), kept), (checkpoints, vec![pinned]));
    import(browser, "again.jsonl.gz", &archive, "All of it was there already.").await
}
