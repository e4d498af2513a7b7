//! Real chat applications that the tests run: which, where, and what they need on this machine.

use std::process::Command;

use crate::args::{Browser, Suite};
use crate::host::{self, System};
use crate::play;
use crate::problem::Problem;
use crate::proc;
use crate::repo::Repo;
use crate::setup;

/// Every application, by the name of its test.
const ALL: &[&str] = &["llamacpp", "openwebui", "chainlit", "assistantui"];
/// Those that every run plays, and that are played in Firefox too.
const FEW: &[&str] = &["llamacpp", "openwebui"];

/// The applications that a suite plays in a browser.
#[must_use]
pub fn played(suite: Suite, browser: Browser) -> &'static [&'static str] {
    match (suite, browser) {
        (Suite::Apps, Browser::Chromium) => ALL,
        _ => FEW,
    }
}

/// Installs what a suite plays, where it is not there yet.
///
/// # Errors
/// What to type where Python is missing; what the installer said.
pub fn install(repo: &Repo, suite: Suite) -> Result<(), Problem> {
    python_or_say();
    let mut command = play::player(repo, "apps");
    proc::run(command.arg("install").args(played(suite, Browser::Chromium)))
}

/// Installs Python with its environments where that needs nobody. Else what needs it says what to
/// type.
fn python_or_say() {
    let found = ["-c", "import venv, ensurepip"];
    let there = proc::quietly_ok(Command::new("python3").args(found));
    let may = host::system() == System::Debian && host::apt_prefix().is_some();
    if there || !may || std::env::var_os("SHIM_PYTHON").is_some() {
        return;
    }
    if let Err(problem) = setup::apt_install(&["python3", "python3-venv"]) {
        say!("      Python could not be installed: {problem}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_plays_some_and_the_suite_of_its_own_all() {
        assert_eq!(played(Suite::Ordinary, Browser::Chromium), FEW);
        assert_eq!(played(Suite::Apps, Browser::Chromium), ALL);
        assert!(FEW.iter().all(|name| ALL.contains(name)));
    }
}
