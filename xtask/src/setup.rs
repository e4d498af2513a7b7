//! Finds the tools that a command needs, and installs them where it may.
//!
//! Order for each: the person's own choice in the environment, then what is on the machine,
//! then an installation that asks nobody, then the exact line to type.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Browser;
use crate::host::{self, System};
use crate::problem::Problem;
use crate::proc;
use crate::repo::{self, Repo};
use crate::wasm;

/// The driver of Firefox. Debian has no package of it, crates.io has.
const GECKODRIVER: &str = "0.37.1";

/// The oldest Firefox that the manifest allows: a test compares the two.
const FIREFOX_WANTED: &str = "142.0";

/// A browser and the program that drives it.
#[derive(Debug, Clone)]
pub struct Drive {
    /// Which of the two.
    pub browser: Browser,
    /// The browser itself.
    pub program: PathBuf,
    /// Its WebDriver.
    pub driver: PathBuf,
}

impl Drive {
    /// Tells a child process about the pair.
    pub fn tell(&self, command: &mut Command) {
        let names = match self.browser {
            Browser::Chromium => ["SHIM_CHROMIUM", "SHIM_CHROMEDRIVER"],
            Browser::Firefox => ["SHIM_FIREFOX", "SHIM_GECKODRIVER"],
        };
        let [program, driver] = names;
        command.env(program, &self.program).env(driver, &self.driver);
    }
}

/// Finds or installs a browser and its driver.
///
/// # Errors
/// [`Problem::Missing`] with the line to type where it may not be installed here.
pub fn browser(which: Browser) -> Result<Drive, Problem> {
    let missing = look(which).missing();
    if !missing.is_empty() && host::system() == System::Debian {
        apt_install(&missing)?;
    }
    let found = look(which);
    let Some(program) = found.program else {
        return Err(Problem::Missing(advice(which)));
    };
    let driver = match (which, found.driver) {
        (_, Some(driver)) => driver,
        (Browser::Firefox, None) => install_geckodriver()?,
        (Browser::Chromium, None) => return Err(Problem::Missing(advice(which))),
    };
    if which == Browser::Firefox {
        new_enough(&program)?;
    }
    Ok(Drive { browser: which, program, driver })
}

/// Firefox refuses an extension that wants a newer one, in words that help nobody. Debian's own
/// is new enough only with its security updates.
fn new_enough(firefox: &Path) -> Result<(), Problem> {
    let wanted = first_number(FIREFOX_WANTED);
    let said = Command::new(firefox).arg("--version").output();
    let version = said.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    let version = version.unwrap_or_default();
    match (first_number(&version), wanted) {
        (Some(has), Some(wants)) if has < wants => Err(Problem::Missing(format!(
            "{} is too old ({}): SHIM wants Firefox {wants} or newer. On Debian, put this line \
             into /etc/apt/sources.list:\n\
             \n    deb http://deb.debian.org/debian-security bookworm-security main\n\
             \nand type:\n\
             \n    apt-get update && apt-get install -y firefox-esr",
            firefox.display(),
            version.trim()
        ))),
        _ => Ok(()),
    }
}

/// The first whole number in a text, after the words before it.
fn first_number(text: &str) -> Option<u32> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let digits = text.get(from..)?.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// What of a pair is on this machine.
struct Found {
    which: Browser,
    program: Option<PathBuf>,
    driver: Option<PathBuf>,
}

impl Found {
    /// The Debian packages that would complete it.
    fn missing(&self) -> Vec<&'static str> {
        let mut packages = Vec::new();
        match self.which {
            Browser::Chromium => {
                if self.program.is_none() {
                    packages.push("chromium");
                }
                if self.driver.is_none() {
                    packages.push("chromium-driver");
                }
            }
            Browser::Firefox => {
                if self.program.is_none() {
                    packages.push("firefox-esr");
                }
            }
        }
        packages
    }
}

fn look(which: Browser) -> Found {
    let usable = |names: &[&str]| host::find_program(names).filter(|path| !host::is_snap(path));
    match which {
        // Never Google's own Chrome: it ignores --load-extension.
        Browser::Chromium => Found {
            which,
            program: chosen("SHIM_CHROMIUM")
                .or_else(|| usable(&["chromium", "chromium-browser"]))
                .or_else(|| in_applications("Chromium.app/Contents/MacOS/Chromium")),
            driver: chosen("SHIM_CHROMEDRIVER").or_else(|| usable(&["chromedriver"])),
        },
        Browser::Firefox => Found {
            which,
            program: chosen("SHIM_FIREFOX")
                .or_else(|| usable(&["firefox-esr", "firefox"]))
                .or_else(|| in_applications("Firefox.app/Contents/MacOS/firefox")),
            driver: chosen("SHIM_GECKODRIVER")
                .or_else(|| usable(&["geckodriver"]))
                .or_else(|| own_geckodriver().filter(|path| host::is_program(path))),
        },
    }
}

fn chosen(variable: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    if host::is_program(&path) {
        return Some(path);
    }
    say!("      {variable} names no program: {} (looking elsewhere)", path.display());
    None
}

fn in_applications(program: &str) -> Option<PathBuf> {
    Some(Path::new("/Applications").join(program)).filter(|path| host::is_program(path))
}

/// Installs Debian packages.
///
/// # Errors
/// [`Problem::Missing`] with the line to type where this account may not; when apt fails.
pub fn apt_install(packages: &[&str]) -> Result<(), Problem> {
    let line = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    let Some(prefix) = host::apt_prefix() else {
        return Err(Problem::Missing(format!(
            "{} must be installed, and this account may not. Type:\n\
             \n    sudo apt-get update && sudo {line}\n\nand run this again.",
            packages.join(" and ")
        )));
    };
    say!("      installing {} with apt (about a minute) …", packages.join(", "));
    apt(prefix, &["update"])?;
    let install = ["install", "-y", "--no-install-recommends"];
    apt(prefix, &[&install[..], packages].concat())
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Result<(), Problem> {
    // `env` carries the setting through sudo, which drops our environment.
    let words =
        [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"], arguments].concat();
    let Some((program, rest)) = words.split_first() else { return Ok(()) };
    proc::run(Command::new(program).args(rest))
}

/// What a person can do where nothing may be installed by itself.
fn advice(which: Browser) -> String {
    let package = |line: &str| format!("Type:\n\n    {line}\n\nand run this again.");
    // From Google's and Mozilla's own servers, through npm; works where packages are snaps.
    let fetched = match which {
        Browser::Chromium => {
            "npx @puppeteer/browsers install chrome@stable --path browsers && \
             npx @puppeteer/browsers install chromedriver@stable --path browsers"
        }
        Browser::Firefox => "npx @puppeteer/browsers install firefox@stable --path browsers",
    };
    let variables = match which {
        Browser::Chromium => "SHIM_CHROMIUM and SHIM_CHROMEDRIVER",
        Browser::Firefox => "SHIM_FIREFOX",
    };
    let by_hand = format!(
        "Type, outside the checkout:\n\n    {fetched}\n\nthen set {variables} to the paths that \
         it prints, and run this again."
    );
    let how = match (host::system(), which) {
        (System::Debian, Browser::Chromium) => {
            package("sudo apt-get install chromium chromium-driver")
        }
        (System::Debian, Browser::Firefox) => package("sudo apt-get install firefox-esr"),
        (System::Fedora, Browser::Chromium) => package("sudo dnf install chromium chromedriver"),
        (System::Fedora, Browser::Firefox) => package("sudo dnf install firefox"),
        (System::Arch, Browser::Chromium) => package("sudo pacman -S chromium"),
        (System::Arch, Browser::Firefox) => package("sudo pacman -S firefox"),
        (System::Mac, Browser::Firefox) => package("brew install --cask firefox"),
        (System::Ubuntu, _) => {
            format!("Ubuntu's own package is a snap, which cannot load this build. {by_hand}")
        }
        (System::Mac, Browser::Chromium) | (System::Other, _) => by_hand,
    };
    let branded = which == Browser::Chromium
        && host::find_program(&["google-chrome", "google-chrome-stable"]).is_some();
    let note =
        if branded { " Google Chrome is here, but it ignores --load-extension." } else { "" };
    format!("no usable {which} with its driver was found.{note} {how}")
}

fn own_geckodriver() -> Option<PathBuf> {
    let bin = repo::tools_dir().ok()?.join("bin").join("geckodriver");
    Some(bin.with_extension(env::consts::EXE_EXTENSION))
}

fn install_geckodriver() -> Result<PathBuf, Problem> {
    let root = repo::tools_dir()?;
    say!(
        "      compiling geckodriver {GECKODRIVER} once, into {} (two to three minutes) …",
        root.display()
    );
    proc::run(
        Command::new("cargo")
            .args(["install", "geckodriver", "--version", GECKODRIVER, "--locked", "--quiet"])
            .arg("--root")
            .arg(&root)
            // Elsewhere than the checkout: it must not read this repository's settings.
            .current_dir(env::temp_dir())
            // A folder of its own that cargo clears, instead of one shared with the checkout.
            .env_remove("CARGO_TARGET_DIR"),
    )?;
    own_geckodriver()
        .filter(|path| host::is_program(path))
        .ok_or_else(|| Problem::Failed("cargo installed no geckodriver".to_owned()))
}

/// Makes sure that the compiler can make wasm.
///
/// # Errors
/// [`Problem::Missing`] where there is no rustup to add the target with.
pub fn wasm_target() -> Result<(), Problem> {
    if rustlib()?.join(wasm::TARGET).join("lib").is_dir() {
        return Ok(());
    }
    rustup(&format!("the target {}", wasm::TARGET), &["target", "add", wasm::TARGET])
}

/// The folder of the compiler's own llvm-tools.
///
/// # Errors
/// [`Problem::Missing`] where there is no rustup to add them with.
pub fn llvm_tools() -> Result<PathBuf, Problem> {
    let found = || -> Result<Option<PathBuf>, Problem> {
        let dir = rustlib()?;
        let entries = dir.read_dir().map_err(|error| Problem::file("read", &dir, &error))?;
        let mut bins = entries.flatten().map(|entry| entry.path().join("bin"));
        let program = |bin: &Path| bin.join("llvm-cov").with_extension(env::consts::EXE_EXTENSION);
        Ok(bins.find(|bin| host::is_program(&program(bin))))
    };
    if let Some(bin) = found()? {
        return Ok(bin);
    }
    rustup("the component llvm-tools", &["component", "add", "llvm-tools"])?;
    found()?.ok_or_else(|| Problem::Failed("rustup added no llvm-cov".to_owned()))
}

/// Where the compiler keeps what belongs to its targets.
fn rustlib() -> Result<PathBuf, Problem> {
    let sysroot = proc::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib").join("rustlib"))
}

fn rustup(what: &str, arguments: &[&str]) -> Result<(), Problem> {
    if host::find_program(&["rustup"]).is_none() {
        return Err(Problem::Missing(format!(
            "this Rust lacks {what}, and there is no rustup to add it. Install Rust from \
             https://rustup.rs and run this again."
        )));
    }
    say!("      adding {what} …");
    proc::run(Command::new("rustup").args(arguments))
}

/// Where npm is, when Node.js is there as well.
#[must_use]
pub fn npm() -> Option<PathBuf> {
    host::find_program(&["node"])?;
    host::find_program(&["npm"])
}

/// Installs Node.js and npm where that needs nobody, else says what to type and goes on.
pub fn npm_or_say() {
    if npm().is_some() {
        return;
    }
    if host::system() != System::Debian || host::apt_prefix().is_none() {
        say!(
            "      npm is missing (Debian: sudo apt-get install nodejs npm): the lab's composer \
             is a plain contenteditable in this run"
        );
        return;
    }
    if let Err(problem) = apt_install(&["nodejs", "npm"]) {
        say!("      npm could not be installed: {problem}");
    }
}

/// Fetches the lab's npm packages where npm is there; without them the lab's composer is a
/// plain contenteditable, which is said.
///
/// # Errors
/// When npm is there and fails.
pub fn lab_packages(repo: &Repo) -> Result<(), Problem> {
    packages(&repo.root.join("webdriver").join("lab"), "the lab's composers")
}

/// Fetches what packs in browsers by script, as the lock file has it: a yardstick.
///
/// # Errors
/// When npm fails.
pub fn packing_peers(repo: &Repo) -> Result<(), Problem> {
    packages(&repo.root.join("webdriver").join("packing"), "what packs by script")
}

/// Fetches the packages of a folder's lock file, unless they are there.
fn packages(lab: &Path, what: &str) -> Result<(), Problem> {
    let lock = lab.join("package-lock.json");
    // npm writes this file last, so it is newer than the lock exactly when all is in place.
    let done = lab.join("node_modules").join(".package-lock.json");
    let time = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    if time(&done).is_some_and(|done| time(&lock).is_some_and(|lock| done >= lock)) {
        return Ok(());
    }
    let Some(npm) = npm() else {
        say!("      npm is missing: {what} are too, and a plain contenteditable stands in pages");
        return Ok(());
    };
    say!("      fetching {what} with npm …");
    proc::run(
        Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
            .current_dir(lab),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_firefox_is_the_one_of_the_manifest() {
        let manifest: Result<serde_json::Value, _> =
            serde_json::from_str(include_str!("../../manifest.json"));
        let wanted = manifest.ok().and_then(|all| {
            all.pointer("/browser_specific_settings/gecko/strict_min_version").cloned()
        });
        assert_eq!(wanted.as_ref().and_then(serde_json::Value::as_str), Some(FIREFOX_WANTED));
    }

    #[test]
    fn a_version_is_read_from_what_a_browser_says_of_itself() {
        assert_eq!(first_number("Mozilla Firefox 128.14.0esr"), Some(128));
        assert_eq!(first_number("Mozilla Firefox"), None);
    }
}
