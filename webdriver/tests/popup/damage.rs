//! Records that do not open, and a database that is not SHIM's.

use super::{
    ENTRIES, PROBLEMS, PROMPT, ROWS, SHORT, badge, chat, leave, open_chat, open_page, options, see,
    texts_of,
};
use serde_json::{Value, json};
use shim::base::SessionId;
use shim::session::codec;
use shim::view::texts;
use shim::wire::records::StoreName;
use shim_webdriver::browser::{Browser, Done, until};
use shim_webdriver::play::Play;
use std::collections::BTreeMap;

/// What lies in a database: for each store its rows by key, bytes as lists of numbers.
const ROWS_OF: &str = r"
const [name, done] = arguments;
const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  const database = await settled(indexedDB.open(name));
  const all = { version: database.version, stores: [...database.objectStoreNames] };
  for (const store of database.objectStoreNames) {
    const rows = await settled(database.transaction(store).objectStore(store).getAll());
    for (const row of rows) all[`${store} ${row.key}`] = row;
  }
  database.close();
  return all;
})().then((all) => done(JSON.stringify(all, plain)), (why) => done(String(why)));
";

async fn rows_of(browser: &Browser) -> Done<BTreeMap<String, Value>> {
    let found = browser.driver.execute_async(ROWS_OF, vec!["shim".into()]).await?;
    let text = found.json().as_str().unwrap_or_default().to_owned();
    Ok(serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))?)
}

/// Damages rows as told: store, key, and how.
const DAMAGE: &str = r"
const [wanted, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  const database = await settled(indexedDB.open('shim'));
  for (const [name, key, how] of wanted) {
    const store = database.transaction(name, 'readwrite').objectStore(name);
    const row = (await settled(store.get(key))) ?? { key, session: '', note: 'not a record' };
    if (how === 'flip') row.parts[0][5] ^= 1;
    if (how === 'cut') row.parts = row.parts.slice(1);
    if (how === 'short') row.parts[0] = row.parts[0].slice(0, 20);
    if (how === 'newer') row.version += 1;
    if (how === 'head') row.head = row.head.replace('title', 'tible');
    await settled(store.put(row));
  }
  database.close();
})().then(() => done(true), (why) => done(String(why)));
";

/// A short chat beside the first, left as well.
async fn another_chat(play: &Play, first: &SessionId) -> Done<SessionId> {
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(SHORT + 1).await?;
    let other = until("the other chat to be stored", async || {
        let heads = play.browser.dump().await?.sessions();
        Ok(heads.into_iter().map(|head| head.id).find(|id| id != first))
    })
    .await?;
    leave(play, &other).await?;
    Ok(other)
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_records_are_told_kept_and_in_nobodys_way() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    let address = browser.driver.current_url().await?;
    leave(&play, &session).await?;
    let other = another_chat(&play, &session).await?;

    let newest = copied(browser, &session).await?;
    let dump = browser.dump().await?;
    let turns: Vec<String> = dump
        .records
        .iter()
        .filter(|record| record.at.store == StoreName::Turns && record.session == session)
        .map(|record| record.at.key.clone())
        .collect();
    assert_eq!(turns.len(), 2 * SHORT);
    let checkpoint = codec::checkpoint_key(&session, newest).key;
    let damage = json!([
        ["turns", turns[0], "flip"],
        ["turns", turns[1], "cut"],
        ["turns", turns[2], "short"],
        ["turns", turns[3], "newer"],
        ["checkpoints", checkpoint, "flip"],
        ["turns", "claude/another/program#1", "foreign"],
        ["sessions", other.as_str(), "head"],
    ]);
    kill_worker(browser).await?;
    let done = browser.driver.execute_async(DAMAGE, vec![damage.clone()]).await?;
    assert_eq!(done.json(), &json!(true));
    let damaged: Vec<(String, String)> = damage
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one[0].as_str().unwrap().into(), one[1].as_str().unwrap().into()))
        .collect();
    let before = rows_of(browser).await?;

    open_page(browser, "popup.html").await?;
    let told = |said: &[String]| said.concat().contains("7 stored records are damaged");
    see(browser, "the word of the damage", PROBLEMS, told).await?;
    see(browser, "both chats", ROWS, |rows| rows.len() == 2).await?;
    open_chat(browser, &session).await?;
    let notes = texts_of(browser, "[data-testid=note]").await?;
    assert!(notes.concat().contains("5 records are damaged: they are kept aside"), "{notes:?}");
    let made = texts_of(browser, PROMPT).await?.concat();
    assert!(made.contains("gatehouse"), "a prompt is made of the rest: {made}");
    let back = format!("Checkpoint {newest}:");
    see(browser, "the checkpoint from its second copy", ENTRIES, |past| {
        past.concat().contains(&back) && past.concat().contains("Checkpoint 1:")
    })
    .await?;
    let after = rows_of(browser).await?;
    for (store, key) in &damaged {
        assert_eq!(kept(&after, store, key), before[&format!("{store} {key}")], "{store} {key}");
    }
    let aside = after.keys().filter(|name| name.contains(" aside/")).count();
    assert_eq!(aside, 6, "the head, the checkpoint and four turns that were put back");

    saved_again(&play, address.as_str(), &turns).await?;
    let healed = rows_of(browser).await?;
    for (store, key) in &damaged {
        assert_eq!(kept(&healed, store, key), before[&format!("{store} {key}")], "{store} {key}");
    }
    Ok(())
}

/// The chat's page still shows everything: what was damaged is saved again, beside what it was.
async fn saved_again(play: &Play, address: &str, turns: &[String]) -> Done<()> {
    let browser = &play.browser;
    browser.open(address).await?;
    until("the turns to be saved again", async || {
        let rows = browser.in_inspector(ROWS_OF, vec!["shim".into()]).await?;
        let rows: BTreeMap<String, Value> = serde_json::from_str(rows.as_str().unwrap_or("{}"))?;
        let again = turns.iter().filter(|key| {
            let aside = |name: &String| name.contains(" aside/") && name.ends_with(key.as_str());
            rows.keys().any(aside) && rows.contains_key(&format!("turns {key}"))
        });
        Ok((again.count() == 4).then_some(()))
    })
    .await?;
    open_page(browser, "icons/16.png").await
}

/// A row where it lies now, in its place or aside, with the key it had.
fn kept(rows: &BTreeMap<String, Value>, store: &str, key: &str) -> Value {
    let aside = |name: &str| name.starts_with(&format!("{store} aside/")) && name.ends_with(key);
    let place = rows.iter().find(|(name, _)| aside(name)).map(|(_, row)| row);
    let mut row = place.or(rows.get(&format!("{store} {key}"))).cloned().unwrap_or_default();
    row["key"] = json!(key);
    row
}

/// Kills the background; a page of the extension is in view afterwards that does not wake it.
async fn kill_worker(browser: &Browser) -> Done<()> {
    // An open popup would ask it something at any moment.
    open_page(browser, "icons/16.png").await?;
    browser.kill_worker().await?;
    open_page(browser, "icons/16.png").await
}

/// Takes SHIM's database away.
const LOSE: &str = r"
const [done] = arguments;
const gone = indexedDB.deleteDatabase('shim');
gone.onsuccess = () => done(true);
gone.onerror = () => done(String(gone.error));
";

/// Finished turns in the second copy of a chat, and the key of its checkpoint.
const COPIED: &str = r"
const [session, done] = arguments;
const finished = ({ store, head }) => store === 'turns' && JSON.parse(head).state === 'done';
chrome.storage.local.get(`copy ${session}`).then((items) => {
  const copy = JSON.parse(Object.values(items)[0] ?? '[]');
  const checkpoint = copy.find(({ store }) => store === 'checkpoints');
  done({ turns: copy.filter(finished).length, checkpoint: checkpoint?.key ?? '' });
});
";

/// Waits until the second copy of a short chat holds its answers and newest checkpoint, which is
/// made a moment after them. Returns that checkpoint's number.
pub async fn copied(browser: &Browser, session: &SessionId) -> Done<u32> {
    until("the second copy of the last answer and checkpoint", async || {
        let heads = browser.dump().await?.checkpoints(session);
        let newest = heads.iter().map(|head| head.number).max().unwrap_or_default();
        let key = codec::checkpoint_key(session, newest).key;
        let found = browser.driver.execute_async(COPIED, vec![session.as_str().into()]).await?;
        let wanted = json!({ "turns": 2 * SHORT, "checkpoint": key });
        Ok((found.json() == &wanted).then_some(newest))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_the_browser_lost_is_filled_from_second_copies() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    leave(&play, &session).await?;
    open_page(browser, "popup.html").await?;
    open_chat(browser, &session).await?;
    let before = texts_of(browser, PROMPT).await?.concat();
    assert!(before.contains("gatehouse"), "{before}");
    copied(browser, &session).await?;

    kill_worker(browser).await?;
    let done = browser.driver.execute_async(LOSE, Vec::new()).await?;
    assert_eq!(done.json(), &json!(true));
    open_page(browser, "popup.html").await?;
    let told = |said: &[String]| said.concat().contains("second copies: 1,");
    see(browser, "the word of it", PROBLEMS, told).await?;
    see(browser, "the chat", ROWS, |rows| rows.len() == 1).await?;
    open_chat(browser, &session).await?;
    assert_eq!(texts_of(browser, PROMPT).await?.concat(), before);
    Ok(())
}

/// Puts another program's database in the place of SHIM's.
const REPLACE: &str = r"
const [done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  await settled(indexedDB.deleteDatabase('shim'));
  const open = indexedDB.open('shim', 4);
  open.onupgradeneeded = () => {
    open.result.createObjectStore('notes', { keyPath: 'key' }).put({ key: 'a', text: 'mine' });
  };
  (await settled(open)).close();
})().then(() => done(true), (why) => done(String(why)));
";

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_database_is_told_and_left_alone() -> Done<()> {
    let play = Play::start(options()).await?;
    let browser = &play.browser;
    kill_worker(browser).await?;
    let done = browser.driver.execute_async(REPLACE, Vec::new()).await?;
    assert_eq!(done.json(), &json!(true));
    let before = rows_of(browser).await?;
    assert_eq!(before.keys().collect::<Vec<_>>(), ["notes a", "stores", "version"]);
    assert_eq!(before["stores"], json!(["notes"]));

    open_page(browser, "popup.html").await?;
    see(browser, "the word of it", PROBLEMS, |said| said == [texts::STORE_FOREIGN]).await?;
    assert!(texts_of(browser, "[data-testid=reading], [data-testid=empty]").await?.is_empty());
    browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(1).await?;
    badge(browser, "no").await?;
    open_page(browser, "popup.html").await?;
    see(browser, "the word of it", PROBLEMS, |said| said == [texts::STORE_FOREIGN]).await?;
    assert_eq!(rows_of(browser).await?, before, "nothing of it was changed");
    Ok(())
}
