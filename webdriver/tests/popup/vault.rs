//! Encryption at rest: switched on, locked by a start of the browser, saved into while it is
//! locked, unlocked, and switched off again.

use super::{
    NOTICE, PROMPT, ROWS, SHORT, click, copies, leave, open_chat, open_page, options, see, texts_of,
};
use serde_json::json;
use shim::base::SessionId;
use shim::view::vault;
use shim::wire::vault::VaultView;
use shim_webdriver::browser::{Browser, Done, End, until};
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::By;

const VAULT: &str = "[data-testid=vault]";
const LOCKED: &str = "[data-testid=locked]";
const PASSPHRASE: &str = "three arches over the lune";

/// Of SHIM's databases: records that lie there as they are, beside the settings, and their names;
/// and whether a second copy can be read.
const OPEN: &str = r"
const [done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  let open = 0, sealed = 0;
  for (const name of names.filter((name) => name.startsWith('shim'))) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      if (store === 'settings') continue;
      const rows = await settled(database.transaction(store).objectStore(store).getAll());
      sealed += rows.filter(({ version }) => version === 1000).length;
      open += rows.filter(({ version }) => version !== 1000).length;
    }
    database.close();
  }
  const items = await chrome.storage.local.get(null);
  const copies = Object.entries(items).filter(([key]) => key.startsWith('copy '));
  const readable = copies.filter(([, text]) => JSON.parse(text).some(({ head }) => head !== ''));
  return { open, sealed, copies: readable.length, names: names.sort() };
})().then(done, (why) => done(String(why)));
";

/// The badge of a tab without a chat.
const BADGE: &str = "const [done] = arguments; \
    chrome.action.getBadgeText({}).then(done, (why) => done(String(why)));";

async fn type_in(browser: &Browser, field: &str, text: &str) -> Done<()> {
    let css = format!("[data-testid={field}]");
    let field =
        until("a field", async || Ok(browser.driver.find(By::Css(&css)).await.ok())).await?;
    field.clear().await?;
    Ok(field.send_keys(text).await?)
}

async fn vault_is(browser: &Browser, view: VaultView) -> Done<()> {
    see(browser, "how encryption stands", VAULT, |said| said.concat() == vault::words(view))
        .await?;
    Ok(())
}

async fn says(browser: &Browser, words: &str) -> Done<()> {
    see(browser, words, NOTICE, |said| said.concat().contains(words)).await?;
    click(browser, "[data-testid=notice] .close").await
}

async fn encrypt(browser: &Browser) -> Done<()> {
    open_page(browser, "dashboard.html").await?;
    type_in(browser, "new-passphrase", PASSPHRASE).await?;
    type_in(browser, "same-passphrase", "another that differs").await?;
    click(browser, "[data-testid=encrypt]").await?;
    says(browser, vault::DIFFER).await?;
    for field in ["new-passphrase", "same-passphrase"] {
        type_in(browser, field, "short").await?;
    }
    click(browser, "[data-testid=encrypt]").await?;
    says(browser, "at least 10 characters").await?;
    for field in ["new-passphrase", "same-passphrase"] {
        type_in(browser, field, PASSPHRASE).await?;
    }
    click(browser, "[data-testid=encrypt]").await?;
    says(browser, vault::ENCRYPTED).await?;
    vault_is(browser, VaultView::Unlocked).await
}

async fn unlock(browser: &Browser, passphrase: &str) -> Done<()> {
    type_in(browser, "passphrase", passphrase).await?;
    click(browser, "[data-testid=unlock]").await
}

async fn has_prompt(browser: &Browser, session: &SessionId, words: &[&str]) -> Done<()> {
    open_chat(browser, session).await?;
    let has = |said: &[String]| words.iter().all(|word| said.concat().contains(word));
    see(browser, "its prompt", PROMPT, has).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_encrypted_is_saved_while_locked_and_there_once_unlocked() -> Done<()> {
    let folder = super::store::Folder::fresh("vault")?;
    let mut play =
        Play::start(PlayOptions { profile: Some(folder.0.clone()), ..options() }).await?;
    let session = play.chat().await?;
    let address = play.browser.driver.current_url().await?;
    leave(&play, &session).await?;
    until("the second copy", async || Ok((copies(&play.browser).await? == 1).then_some(())))
        .await?;
    encrypt(&play.browser).await?;
    let found = play.browser.driver.execute_async(OPEN, Vec::new()).await?.json().clone();
    assert_eq!((&found["open"], &found["copies"]), (&json!(0), &json!(0)), "{found}");
    assert!(found["sealed"].as_u64() >= Some(2 * SHORT as u64), "{found}");
    has_prompt(&play.browser, &session, &["gatehouse"]).await?;

    play.restart(End::Quit).await?;
    let browser = &play.browser;
    open_page(browser, "dashboard.html").await?;
    vault_is(browser, VaultView::Locked).await?;
    see(browser, "no chat", ROWS, <[String]>::is_empty).await?;
    until("the badge of a locked SHIM", async || {
        let found = browser.driver.execute_async(BADGE, Vec::new()).await?;
        Ok((found.json() == &json!("lock")).then_some(()))
    })
    .await?;
    browser.open(address.as_str()).await?;
    play.say("And how many towers has the keep?").await?;
    play.answered(SHORT + 1).await?;
    open_page(browser, "popup.html").await?;
    see(browser, "what is saved now", ROWS, |rows| rows.len() == 1).await?;
    has_prompt(browser, &session, &["how many towers"]).await?;
    let found = browser.driver.execute_async(OPEN, Vec::new()).await?.json().clone();
    assert_eq!((&found["open"], found["names"].as_array().map(Vec::len)), (&json!(0), Some(2)));

    unlock(browser, "three arches over the tyne").await?;
    says(browser, "That is not the passphrase").await?;
    unlock(browser, PASSPHRASE).await?;
    see(browser, "no word of a lock", LOCKED, <[String]>::is_empty).await?;
    has_prompt(browser, &session, &["gatehouse", "how many towers"]).await?;
    until("the place of the locked time to go", async || {
        let found = browser.driver.execute_async(OPEN, Vec::new()).await?.json().clone();
        Ok((found["names"] == json!(["shim"]) && found["open"] == json!(0)).then_some(()))
    })
    .await?;
    decrypted(&play, &session).await
}

/// Locked and unlocked by hand, and switched off: everything lies there once, as it was.
async fn decrypted(play: &Play, session: &SessionId) -> Done<()> {
    let browser = &play.browser;
    open_page(browser, "dashboard.html").await?;
    click(browser, "[data-testid=lock]").await?;
    vault_is(browser, VaultView::Locked).await?;
    says(browser, vault::LOCKED_NOW).await?;
    unlock(browser, PASSPHRASE).await?;
    says(browser, vault::UNLOCKED).await?;
    vault_is(browser, VaultView::Unlocked).await?;
    see(browser, "the chat", ROWS, |rows| rows.len() == 1).await?;
    click(browser, "[data-testid=decrypt]").await?;
    see(browser, "the way to switch it on", "[data-testid=encrypt]", |all| all.len() == 1).await?;
    let whole = browser.dump().await?.whole(session);
    let said: Vec<&str> = whole.turns.iter().map(|turn| turn.markdown.as_str()).collect();
    assert_eq!(said.len(), 2 * (SHORT + 1), "{said:#?}");
    assert!(said.iter().any(|text| text.contains("how many towers")));
    assert_eq!(whole.damaged, 0);
    let found = browser.driver.execute_async(OPEN, Vec::new()).await?.json().clone();
    assert_eq!(found["sealed"], json!(0), "{found}");
    assert!(texts_of(browser, LOCKED).await?.is_empty());
    Ok(())
}
