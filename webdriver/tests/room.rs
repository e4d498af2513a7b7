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

use shim::base::SessionId;
use shim::wire::chat::Role;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Done, Kind, until};
use shim_webdriver::lab::{Csp, Site};
use shim_webdriver::play::{Play, PlayOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Messages of a short chat.
const SHORT: usize = 2;
/// Room of the small disk: a fresh profile takes a part of it.
const DISK: &str = "size=400m";

fn kind() -> Kind {
    let name = std::env::var("SHIM_BROWSER")
        .expect("SHIM_BROWSER is not set: run this through `cargo xtask test`");
    Kind::from_name(&name).expect("SHIM_BROWSER is chromium or firefox")
}

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
    fill: impl Fn() -> Done<()>,
    make_room: impl AsyncFnOnce() -> Done<()>,
) -> Done<()> {
    let before = play.browser.dump().await?.whole(session);
    fill()?;
    play.say("!lorem 401").await?;
    play.answered(SHORT + 1).await?;
    until("the popup to say that there is no room", async || {
        fill()?;
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
    goes_on_without_room(&play, &session, || disk.fill(), room).await
}
