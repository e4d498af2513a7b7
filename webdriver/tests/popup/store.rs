//! The dashboard's part about the store: a check, a repair, a drill, a site that is forgotten, and
//! what of it is left on the disk.

use super::damage::copied;
use super::{
    Browser, NOTICE, ROWS, SHORT, UNDO, chat, click, copies, leave, open_chat, open_page, options,
    see, stored,
};
use serde_json::json;
use shim::base::SessionId;
use shim::session::codec;
use shim::wire::records::{Settings, StoreName};
use shim_webdriver::browser::{Done, End, until};
use shim_webdriver::play::{Play, PlayOptions};
use std::path::{Path, PathBuf};
use thirtyfour::By;

const FAULTS: &str = "[data-testid=fault]";
const DRILL: &str = "[data-testid=drill]";
const SITES: &str = "[data-testid=site-row]";

/// Turns a bit of every turn.
const DAMAGE: &str = r"
const [done] = arguments;
const open = indexedDB.open('shim');
open.onsuccess = () => {
  const change = open.result.transaction('turns', 'readwrite');
  const store = change.objectStore('turns');
  store.getAll().onsuccess = ({ target }) => {
    for (const row of target.result) {
      row.parts[0][5] ^= 1;
      store.put(row);
    }
  };
  change.oncomplete = () => { open.result.close(); done(true); };
  change.onabort = () => done('taken back');
};
";

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_checked_put_right_and_tried() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    leave(&play, &session).await?;
    open_page(browser, "dashboard.html").await?;
    copied(browser, &session).await?;
    see(browser, "no drill yet", DRILL, |said| said.concat().starts_with("No restore drill"))
        .await?;
    click(browser, "[data-testid=verify]").await?;
    let sound = |said: &[String]| said.concat().contains("Everything opens and fits together.");
    see(browser, "that it is sound", NOTICE, sound).await?;
    click(browser, "[data-testid=notice] .close").await?;

    let done = browser.driver.execute_async(DAMAGE, Vec::new()).await?;
    assert_eq!(done.json(), &json!(true));
    click(browser, "[data-testid=verify]").await?;
    let told = |said: &[String]| said.concat().contains("can be put back from the second copy");
    see(browser, "what is damaged", FAULTS, told).await?;
    click(browser, "[data-testid=notice] .close").await?;
    click(browser, "[data-testid=repair]").await?;
    let right = |said: &[String]| said.concat().contains("Put right.");
    see(browser, "what was put right", FAULTS, right).await?;
    click(browser, "[data-testid=notice] .close").await?;
    let whole = browser.dump().await?.whole(&session);
    assert_eq!(whole.turns.len(), 2 * SHORT);

    click(browser, "[data-testid=try-restore]").await?;
    let made = |said: &[String]| said.concat().contains("made, everything opened");
    see(browser, "the drill", DRILL, made).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_set_in_the_dashboard() -> Done<()> {
    let play = Play::start(options()).await?;
    let browser = &play.browser;
    open_page(browser, "dashboard.html").await?;
    let set = async |field: &str, value: &str| -> Done<()> {
        let css = format!("[data-testid={field}]");
        let field =
            until("a field", async || Ok(browser.driver.find(By::Css(&css)).await.ok())).await?;
        field.clear().await?;
        Ok(field.send_keys(value).await?)
    };
    set("keep-count", "many").await?;
    set("keep-days", "99999999").await?;
    click(browser, "[data-testid=keep]").await?;
    see(browser, "the refusal", NOTICE, |said| said.concat().contains("Nothing was changed"))
        .await?;
    click(browser, "[data-testid=notice] .close").await?;
    set("keep-count", "20").await?;
    set("keep-days", "7").await?;
    click(browser, "[data-testid=keep]").await?;
    let kept = |said: &[String]| said.concat().contains("Checkpoints go after 7 days.");
    see(browser, "the new rule", "[data-testid=kept]", kept).await?;
    let dump = browser.dump().await?;
    let record = dump.records.iter().find(|record| record.at == codec::settings_key());
    let keep = codec::open::<Settings>(record.unwrap())?.keep;
    assert_eq!((keep.days, keep.count), (7, 20));
    Ok(())
}

async fn forget(browser: &Browser) -> Done<()> {
    open_page(browser, "dashboard.html").await?;
    see(browser, "the site", SITES, |rows| rows.concat().contains("Claude: 1 chat")).await?;
    click(browser, "[data-testid=forget]").await?;
    click(browser, "[data-testid=forget-now]").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_forgotten_in_the_popup_beside_its_chat() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    leave(&play, &session).await?;
    let forget = async || -> Done<()> {
        open_chat(browser, &session).await?;
        click(browser, "[data-testid=forget]").await?;
        click(browser, "[data-testid=forget-now]").await
    };
    open_chat(browser, &session).await?;
    see(browser, "the site", SITES, |rows| rows.concat().contains("Claude: 1 chat")).await?;
    click(browser, "[data-testid=forget]").await?;
    click(browser, "[data-testid=keep-it]").await?;
    forget().await?;
    see(browser, "no chat", ROWS, <[String]>::is_empty).await?;
    click(browser, UNDO).await?;
    see(browser, "the chat in the list", ROWS, |rows| rows.len() == 1).await?;
    forget().await?;
    until("its records to go", async || Ok((stored(browser, &session).await? == 0).then_some(())))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_forgotten_once_its_tabs_are_closed_and_can_be_kept() -> Done<()> {
    let (play, session) = chat().await?;
    let (browser, tab) = (&play.browser, play.browser.driver.window().await?);
    forget(browser).await?;
    let open = |said: &[String]| said.concat().contains("Close those tabs");
    see(browser, "the refusal", NOTICE, open).await?;
    browser.show(&tab).await?;
    leave(&play, &session).await?;
    forget(browser).await?;
    click(browser, UNDO).await?;
    see(browser, "the chat in the list", ROWS, |rows| rows.len() == 1).await?;
    forget(browser).await?;
    until("its records to go", async || Ok((stored(browser, &session).await? == 0).then_some(())))
        .await?;
    assert_eq!(copies(browser).await?, 0);
    Ok(())
}

/// A folder of its own; gone with this value.
pub struct Folder(pub PathBuf);

impl Folder {
    /// An empty one.
    pub fn fresh(name: &str) -> Done<Self> {
        let name = format!("shim-{name}-{}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0)?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Files of SHIM's own storage below this folder in which one of these stands, as it is or in
/// letters of two bytes.
fn holding(folder: &Path, marks: &[&str]) -> Vec<String> {
    let wide = |mark: &&str| mark.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut wanted: Vec<Vec<u8>> = marks.iter().map(|mark| mark.as_bytes().to_vec()).collect();
    wanted.extend(marks.iter().map(wide));
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            let ours = ["chrome-extension_", "Local Extension Settings", "moz-extension"];
            let bytes = std::fs::read(&path).unwrap_or_default();
            let has = |mark: &Vec<u8>| bytes.windows(mark.len()).any(|part| part == mark);
            if ours.iter().any(|part| name.contains(part)) && wanted.iter().any(has) {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// An unmistakable word is said, the chat is deleted, the browser closed, and its files are read.
/// SHIM's own records hold nothing of it then. What the browser's files still hold of what was
/// deleted is told here, and not promised: they are rewritten when the browser does so.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_is_looked_for_on_the_disk() -> Done<()> {
    let folder = Folder::fresh("traces")?;
    let options = PlayOptions { profile: Some(folder.0.clone()), ..options() };
    let mut play = Play::start(options).await?;
    let word = format!("quokkazebu{}", std::process::id());
    play.browser.open(&play.fresh_url()).await?;
    play.say(&format!("{word} keeps the gate")).await?;
    play.answered(1).await?;
    let session: SessionId = play.saved(2).await?;
    let chat_id = session.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    let marks = [word.as_str(), chat_id.as_str()];
    leave(&play, &session).await?;
    open_page(&play.browser, "dashboard.html").await?;
    until("the second copy", async || Ok((copies(&play.browser).await? == 1).then_some(())))
        .await?;
    let before = holding(&folder.0, &marks);
    assert!(!before.is_empty(), "the looking finds what is there");
    forget(&play.browser).await?;
    until("its records to go", async || {
        Ok((stored(&play.browser, &session).await? == 0).then_some(()))
    })
    .await?;
    play.restart(End::Quit).await?;
    let dump = play.browser.dump().await?;
    let told = format!("{:?}", dump.records);
    assert!(!marks.iter().any(|mark| told.contains(mark)), "no record tells of it: {told}");
    assert!(dump.records.iter().all(|record| record.at.store != StoreName::Turns));
    println!("before: {before:#?}\nafter: {:#?}", holding(&folder.0, &marks));
    Ok(())
}
