//! The commands that tell what the extension sees and stores: dump, watch, torture, read, replay.

use std::ffi::OsString;
use std::process::Command;

use crate::args::{Dump, Torture, Watch};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::{build, play, proc, setup};

/// Builds, sets up, and tells what a profile's store holds.
///
/// # Errors
/// When a step fails; the exit code of the program that reads is passed through.
pub fn dump(repo: &Repo, asked: &Dump) -> Result<(), Problem> {
    let mut progress = Progress::new(5);
    // The built manifests hold the extension's identity, and with it the place of its store.
    build(repo, &mut progress, false)?;
    let title = format!("finding {} and its driver", asked.browser);
    let drive = progress.step(&title, || setup::browser(asked.browser))?;
    progress.step("compiling the reader", || play::compile(repo))?;
    let mut reader = play::player(repo, "dump");
    play::tell(&mut reader, repo, &[drive]);
    reader
        .args(["--browser", &asked.browser.to_string()])
        .arg("--profile")
        .arg(&asked.profile)
        .arg("--json")
        .arg(&asked.json);
    progress.step("reading the store", || proc::hand_over(&mut reader))
}

/// Builds, sets up, and watches a page.
///
/// # Errors
/// When a step fails; the exit code of the program that watches is passed through.
pub fn watch(repo: &Repo, asked: &Watch) -> Result<(), Problem> {
    let mut progress = Progress::new(6);
    build(repo, &mut progress, false)?;
    let title = format!("finding {} and its driver", asked.browser);
    let drive = progress.step(&title, || setup::browser(asked.browser))?;
    progress.step("preparing the lab's composers", || setup::lab_packages(repo))?;
    progress.step("compiling the watcher", || play::compile(repo))?;
    let mut watcher = play::player(repo, "watch");
    play::tell(&mut watcher, repo, &[drive]);
    watcher.args(["--browser", &asked.browser.to_string()]).args(&asked.options);
    progress.step("watching", || proc::hand_over(&mut watcher))
}

/// Builds, sets up, and kills.
///
/// # Errors
/// When a step fails, or something acknowledged was lost.
pub fn torture(repo: &Repo, asked: &Torture) -> Result<(), Problem> {
    let mut progress = Progress::new(6);
    build(repo, &mut progress, false)?;
    let title = format!("finding {} and its driver", asked.browser);
    let drive = progress.step(&title, || setup::browser(asked.browser))?;
    progress.step("preparing the lab's composers", || setup::lab_packages(repo))?;
    progress.step("compiling what kills", || play::compile(repo))?;
    let mut killer = play::player(repo, "torture");
    play::tell(&mut killer, repo, &[drive]);
    killer.args(["--browser", &asked.browser.to_string()]);
    killer.args(["--kills", &asked.kills.to_string(), "--seed", &asked.seed.to_string()]);
    progress.step("killing", || proc::hand_over(&mut killer))
}

/// Reads a saved page. What is printed is the reader's alone, so nothing is told on the way.
///
/// # Errors
/// When the reader cannot be built; its own exit code is passed through.
pub fn read(repo: &Repo, words: &[OsString]) -> Result<(), Problem> {
    hand_over(repo, &["--package", "shim-eyes"], words)
}

/// Plays recorded sessions. Optimised: an hour of chat is a second's work then.
///
/// # Errors
/// When the player cannot be built; its own exit code is passed through.
pub fn replay(repo: &Repo, words: &[OsString]) -> Result<(), Problem> {
    hand_over(repo, &["--release", "--package", "shim-replay"], words)
}

/// Not at the top of the checkout: files are named from where the person stands.
fn hand_over(repo: &Repo, package: &[&str], words: &[OsString]) -> Result<(), Problem> {
    let mut program = Command::new("cargo");
    program.args(["run", "--quiet"]).args(package).arg("--manifest-path");
    program.arg(repo.root.join("Cargo.toml")).arg("--").args(words);
    proc::hand_over(&mut program)
}
