//! The commands that hand over to the lab and its browser flows: run, lab, bench.

use std::process::Command;

use crate::args::{Bench, Browser, Lab, Run};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::setup::{self, Drive};
use crate::{build, host, proc, wasm};

/// Builds, sets up, and plays the main job in a browser.
///
/// # Errors
/// When a step fails; the player's own exit code is passed through.
pub fn run(repo: &Repo, asked: &Run) -> Result<(), Problem> {
    let headless = asked.headless || !host::has_display();
    if headless && !asked.headless {
        say!("There is no display: playing without a window.");
    }
    let mut progress = Progress::new(6);
    build(repo, &mut progress, false)?;
    let title = format!("finding {} and its driver", asked.browser);
    let drive = progress.step(&title, || setup::browser(asked.browser))?;
    progress.step("preparing the lab's composers", || setup::lab_packages(repo))?;
    progress.step("compiling the lab", || compile(repo))?;
    let mut player = player(repo, "play");
    tell(&mut player, repo, &[drive]);
    player
        .args(["--browser", &asked.browser.to_string()])
        .args(["--site", &asked.site.to_string()])
        .args(["--csp", &asked.csp.to_string()]);
    if headless {
        player.arg("--headless");
    }
    if let Some(json) = &asked.json {
        player.arg("--json").arg(json);
    }
    let title = format!("playing the main job in {}", asked.browser);
    progress.step(&title, || proc::hand_over(&mut player))
}

/// Serves the local chat pages until it is stopped.
///
/// # Errors
/// When the lab cannot be built or ends badly.
pub fn lab(repo: &Repo, asked: &Lab) -> Result<(), Problem> {
    let mut progress = Progress::new(2);
    progress.step("preparing the lab's composers", || setup::lab_packages(repo))?;
    progress.step("compiling the lab", || compile(repo))?;
    let mut lab = player(repo, "lab");
    lab.args(["--site", &asked.site.to_string()])
        .args(["--csp", &asked.csp.to_string()])
        .args(["--renderer", &asked.renderer.to_string()])
        .args(["--port", &asked.port.to_string()]);
    proc::hand_over(&mut lab)
}

/// Builds, sets up and measures.
///
/// # Errors
/// When a step fails; the exit code of the measuring program is passed through.
pub fn bench(repo: &Repo, asked: &Bench) -> Result<(), Problem> {
    let browsers = match asked.browser {
        Some(one) => vec![one],
        None => vec![Browser::Chromium, Browser::Firefox],
    };
    let mut progress = Progress::new(5 + browsers.len());
    // The figures are about what ships, and what ships went through wasm-opt.
    let shrunk = setup::npm().is_some();
    if !shrunk {
        say!("npm is missing, so wasm-opt is too: sizes are those before it.");
    }
    build(repo, &mut progress, shrunk)?;
    let mut drives = Vec::new();
    for browser in browsers {
        let title = format!("finding {browser} and its driver");
        drives.push(progress.step(&title, || setup::browser(browser))?);
    }
    progress.step("preparing the lab's composers", || setup::lab_packages(repo))?;
    progress.step("compiling the lab", || compile(repo))?;
    let mut bench = player(repo, "bench");
    tell(&mut bench, repo, &drives);
    if asked.only.iter().any(|part| part == "packing") {
        setup::packing_peers(repo)?;
        bench.env("SHIM_PACKER", wasm::packer(repo, shrunk)?);
    }
    bench.env("SHIM_WASM_OPT", if shrunk { "1" } else { "0" });
    if let Some(browser) = asked.browser {
        bench.args(["--browser", &browser.to_string()]);
    }
    if let Some(json) = &asked.json {
        bench.arg("--json").arg(json);
    }
    if let Some(seconds) = asked.seconds {
        bench.args(["--seconds", &seconds.to_string()]);
    }
    for part in &asked.only {
        bench.arg("--only").arg(part);
    }
    progress.step("measuring", || proc::hand_over(&mut bench))
}

/// Tells a child process where the extension and the browsers are, and how to start them.
pub fn tell(command: &mut Command, repo: &Repo, drives: &[Drive]) {
    command.env("SHIM_DIST", repo.dist());
    for drive in drives {
        drive.tell(command);
    }
    // Firefox starts as root as it is; Chromium's sandbox refuses to.
    if drives.iter().any(|drive| drive.browser == Browser::Chromium) && host::is_root() {
        say!("      running as root: Chromium gets --no-sandbox");
        command.env("SHIM_NO_SANDBOX", "1");
    }
}

/// Compiles the programs of the lab, apart from running one, so that its first start is no silence.
///
/// # Errors
/// When they do not compile.
pub fn compile(repo: &Repo) -> Result<(), Problem> {
    proc::run(repo.cargo().args(["build", "--package", "shim-webdriver"]))
}

/// One of the programs of the lab.
pub fn player(repo: &Repo, what: &str) -> Command {
    let mut command = repo.cargo();
    command.args(["run", "--quiet", "--package", "shim-webdriver", "--", what]);
    command
}
