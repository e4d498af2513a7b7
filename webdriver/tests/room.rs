//! No room: a full disk and a full quota, in a real browser.
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
use shim::wire::chat::Role;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Done, Kind, until, until_within};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Messages of a short chat.
const SHORT: usize = 2;
/// Room of the small disk: a fresh profile takes a part of it.
const DISK: &str = "size=400m";

/// A small file system in memory; gone with this value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Done<Self> {
        let folder = std::env::temp_dir().join(format!("shim-disk-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
            .arg(&folder)
            .status()?;
        if !mounted.success() {
            return Err("a small file system cannot be mounted here: run this as root".into());
        }
        Ok(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Fills it to the last byte, also what a browser has freed since.
    fn fill(&self) -> Done<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.filler())?;
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0x20; size];
            while file.write_all(&block).is_ok() {}
        }
        Ok(())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

async fn chat_in(profile: Option<&Path>) -> Done<(Play, SessionId)> {
    let options = PlayOptions::test(kind(), Site::Claude, Csp::Permissive);
    let profile = profile.map(Path::to_owned);
    let mut play = Play::start(PlayOptions { turns: SHORT, profile, ..options }).await?;
    let session = play.chat().await?;
    Ok((play, session))
}

/// What the popup says is wrong.
async fn problems(play: &Play) -> Done<Vec<String>> {
    match play.browser.ask(&Ask::Status).await? {
        Answer::Status(status) => Ok(status.problems),
        other => Err(format!("{other:?}").into()),
    }
}

/// The chat goes on while there is no room; then there is room again.
async fn goes_on_without_room(
    play: &Play,
    session: &SessionId,
    fill: impl AsyncFn() -> Done<()>,
    make_room: impl AsyncFnOnce() -> Done<()>,
) -> Done<()> {
    let before = play.browser.dump().await?.whole(session);
    fill().await?;
    play.say("!lorem 401").await?;
    play.answered(SHORT + 1).await?;
    until("the popup to say that there is no room", async || {
        fill().await?;
        // A checkpoint is something to write, whatever room the browser has made meanwhile.
        play.browser.ask(&Ask::SaveNow { session: session.clone() }).await?;
        let said = problems(play).await?;
        if said.iter().any(|text| text.contains("no room left") && text.contains("by itself")) {
            Ok(Some(()))
        } else {
            Err(format!("{said:?}").into())
        }
    })
    .await?;
    play.say("!lorem 402").await?;
    play.answered(SHORT + 2).await?;
    make_room().await?;
    until("everything to be saved by itself", async || {
        let whole = play.browser.dump().await?.whole(session);
        let lab = play.lab.log();
        let said: Vec<&str> = lab.iter().map(|m| m.text.trim()).collect();
        let kept: Vec<&str> = whole
            .turns
            .iter()
            .filter(|turn| turn.role == Role::User)
            .map(|turn| turn.markdown.trim())
            .collect();
        let all = kept == said && whole.turns.len() == said.len() * 2 && whole.damaged == 0;
        if all { Ok(Some(())) } else { Err(format!("{} turns", whole.turns.len()).into()) }
    })
    .await?;
    let whole = play.browser.dump().await?.whole(session);
    assert!(before.turns.iter().all(|turn| whole.turns.contains(turn)), "what was stored stays");
    until("the popup to take that back", async || {
        let said = problems(play).await?;
        Ok((!said.iter().any(|text| text.contains("no room left"))).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_saving_goes_on_when_there_is_room() -> Done<()> {
    let disk = SmallDisk::mount()?;
    let profile = disk.0.join("profile");
    std::fs::create_dir_all(&profile)?;
    let (play, session) = chat_in(Some(&profile)).await?;
    let room = async || Ok(std::fs::remove_file(disk.filler())?);
    goes_on_without_room(&play, &session, async || disk.fill(), room).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_starts_on_a_full_disk_says_so_and_loses_nothing() -> Done<()> {
    let disk = SmallDisk::mount()?;
    let profile = disk.0.join("profile");
    std::fs::create_dir_all(&profile)?;
    let (play, session) = chat_in(Some(&profile)).await?;
    let before = play.browser.dump().await?.whole(&session);
    disk.fill()?;
    // Its connection to the store goes with it.
    let shown = play.browser.driver.window().await?;
    play.browser.kill_worker().await?;
    play.browser.show(&shown).await?;
    until("the new background to say that there is no room", async || {
        disk.fill()?;
        let said = problems(&play).await?;
        if said.iter().any(|text| text.contains("no room left")) {
            Ok(Some(()))
        } else {
            Err(format!("{said:?}").into())
        }
    })
    .await?;
    play.say("!lorem 401").await?;
    play.answered(SHORT + 1).await?;
    std::fs::remove_file(disk.filler())?;
    until("the store to open by itself", async || {
        let said = problems(&play).await?;
        if said.is_empty() { Ok(Some(())) } else { Err(format!("{said:?}").into()) }
    })
    .await?;
    until("what was said meanwhile to be saved", async || {
        let turns = play.browser.dump().await?.whole(&session).turns;
        let all = turns.len() == (SHORT + 1) * 2;
        if all { Ok(Some(())) } else { Err(format!("{} turns", turns.len()).into()) }
    })
    .await?;
    let whole = play.browser.dump().await?.whole(&session);
    assert!(before.turns.iter().all(|turn| whole.turns.contains(turn)), "what was stored stays");
    Ok(())
}

/// Nobody has the store open then: the popup would be the first to open it, and a browser that
/// fails at that throws it away.
#[tokio::test(flavor = "multi_thread")]
async fn a_popup_that_opens_on_a_full_disk_says_so_and_loses_nothing() -> Done<()> {
    let disk = SmallDisk::mount()?;
    let profile = disk.0.join("profile");
    std::fs::create_dir_all(&profile)?;
    let (play, session) = chat_in(Some(&profile)).await?;
    let before = play.browser.dump().await?.whole(&session);
    assert_eq!(before.turns.len(), SHORT * 2);
    disk.fill()?;
    play.browser.kill_worker().await?;
    let driver = &play.browser.driver;
    let popup = format!("{}popup.html", play.browser.pages);
    until("the popup to say that there is no room", async || {
        disk.fill()?;
        driver.goto(popup.as_str()).await?;
        until_within(Duration::from_secs(10), "its words", async || {
            let text = "return document.body.innerText;";
            let said = driver.execute(text, Vec::new()).await?;
            let said = said.json().as_str().unwrap_or_default().to_owned();
            let full = said.contains("no room left") && said.contains("being deleted");
            if full { Ok(Some(())) } else { Err(said.into()) }
        })
        .await
        .map(Some)
    })
    .await?;
    std::fs::remove_file(disk.filler())?;
    until("the popup to list the chat by itself", async || {
        let rows = "return document.querySelectorAll('[data-testid=session]').length;";
        let rows = driver.execute(rows, Vec::new()).await?;
        Ok((rows.json().as_u64() == Some(1)).then_some(()))
    })
    .await?;
    let whole = play.browser.dump().await?.whole(&session);
    assert!(before.turns.iter().all(|turn| whole.turns.contains(turn)), "what was stored stays");
    Ok(())
}

/// A folder of its own; gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Done<Self> {
        let folder = std::env::temp_dir().join(format!("shim-quota-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Fills what the extension may store in all, with files of its own.
const FILL_QUOTA: &str = r#"
const done = arguments[arguments.length - 1];
(async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("filler", { create: true });
  let number = 0;
  for await (const name of folder.keys()) number = Math.max(number, Number(name) + 1);
  for (const size of [8 << 20, 1 << 20, 1 << 16, 1 << 12, 1 << 8]) {
    for (let full = false; !full; ) {
      try {
        const file = await folder.getFileHandle(String(number++), { create: true });
        const writable = await file.createWritable();
        await writable.write(new Uint8Array(size));
        await writable.close();
      } catch {
        full = true;
      }
    }
  }
  const { usage, quota } = await navigator.storage.estimate();
  return `${usage} of ${quota}`;
})().then((text) => done(text), (problem) => done(`failed: ${problem}`));
"#;

/// Takes those files away.
const EMPTY_QUOTA: &str = r#"
const done = arguments[arguments.length - 1];
navigator.storage.getDirectory()
  .then((root) => root.removeEntry("filler", { recursive: true }))
  .then(() => done("empty"), (problem) => done(`failed: ${problem}`));
"#;

/// KiB that all sites of a Firefox may store; one may store a fifth of it.
const FIREFOX_KIB: u32 = 256 * 1024;

/// Sets how many bytes the extension may store in Chromium; none: as many as usual.
async fn allow(play: &Play, bytes: Option<u64>) -> Done<()> {
    let origin = play.browser.in_inspector("arguments[0](location.origin)", Vec::new()).await?;
    let mut asked = serde_json::json!({ "origin": origin });
    if let Some(bytes) = bytes {
        asked["quotaSize"] = bytes.into();
    }
    play.browser.driver.cdp().send_raw("Storage.overrideQuotaForOrigin", asked).await?;
    Ok(())
}

async fn in_extension(play: &Play, script: &str) -> Done<()> {
    let said = play.browser.in_inspector(script, Vec::new()).await?;
    let said = said.as_str().unwrap_or_default();
    if said.starts_with("failed") { Err(said.into()) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_quota_is_said_and_saving_goes_on_when_there_is_room() -> Done<()> {
    if kind() == Kind::Chromium {
        let (play, session) = chat_in(None).await?;
        let fill = async || allow(&play, Some(1)).await;
        return goes_on_without_room(&play, &session, fill, async || allow(&play, None).await)
            .await;
    }
    let profile = Folder::new()?;
    let limit = "dom.quotaManager.temporaryStorage.fixedLimit";
    let text = format!("user_pref(\"{limit}\", {FIREFOX_KIB});\n");
    std::fs::write(profile.0.join("prefs.js"), text)?;
    let (play, session) = chat_in(Some(&profile.0)).await?;
    let fill = async || in_extension(&play, FILL_QUOTA).await;
    let room = async || in_extension(&play, EMPTY_QUOTA).await;
    goes_on_without_room(&play, &session, fill, room).await
}
