//! `cargo xtask test`: the steps in order, each with its own count, and the sum at the end.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::args::{Browser, Suite};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::setup::{self, Drive};
use crate::tally::{Reader, Tally};
use crate::{apps, dist, play, proc, wasm};

/// The member that holds the lab and the browser flows.
const FLOWS_PACKAGE: &str = "shim-webdriver";
/// Its test programs that need a browser: each runs once in Chromium and once in Firefox.
const FLOWS: &[&str] = &[
    "flows", "ends", "killed", "hostile", "room", "sites", "popup", "tools", "bench", "places",
    "gather", "pointing", "windows",
];
/// Flows that mostly wait: they run beside the others.
const PATIENT: &[&str] = &["hidden"];
/// What the long suite tells the native tests: times the ordinary mutations of each decoder's
/// input, and seeds of the simulator.
const FULL: &[(&str, &str)] = &[("SHIM_FUZZ", "100"), ("SHIM_SEEDS", "2000")];
/// The flows on real applications.
const APPS: &str = "apps";

/// One thing to prove.
#[derive(Debug, Clone, Copy)]
enum Step {
    Format,
    ClippyNative,
    ClippyWasm,
    Native,
    SetUp,
    Build,
    Web(Browser),
    Flows(Browser),
    InstallApps,
    Apps(Browser),
}

impl Step {
    fn title(self) -> String {
        match self {
            Self::Format => "formatting".to_owned(),
            Self::ClippyNative => "clippy, native".to_owned(),
            Self::ClippyWasm => "clippy, wasm32".to_owned(),
            Self::Native => "native tests".to_owned(),
            Self::SetUp => "browsers, drivers and composers".to_owned(),
            Self::Build => "building the extension".to_owned(),
            Self::Web(browser) => format!("wasm tests in {browser}"),
            Self::Flows(browser) => format!("whole-extension flows in {browser}"),
            Self::InstallApps => "real applications".to_owned(),
            Self::Apps(browser) => format!("real applications in {browser}"),
        }
    }
}

fn steps(suite: Suite) -> &'static [Step] {
    use Browser::{Chromium, Firefox};
    match suite {
        Suite::Quick => &[Step::Format, Step::ClippyNative, Step::Native],
        Suite::Apps => &[
            Step::SetUp,
            Step::Build,
            Step::InstallApps,
            Step::Apps(Chromium),
            Step::Apps(Firefox),
        ],
        Suite::Ordinary | Suite::Full => &[
            Step::Format,
            Step::ClippyNative,
            Step::ClippyWasm,
            Step::Native,
            Step::SetUp,
            Step::Build,
            Step::Web(Chromium),
            Step::Web(Firefox),
            Step::Flows(Chromium),
            Step::Flows(Firefox),
            Step::InstallApps,
            Step::Apps(Chromium),
        ],
    }
}

/// Runs the suite. Every step runs, whatever became of the ones before it.
///
/// # Errors
/// [`Problem::Reported`] when anything failed: the count is the last line printed.
pub fn run(repo: &Repo, suite: Suite) -> Result<(), Problem> {
    let steps = steps(suite);
    let mut runner = Runner { repo, suite, drives: Vec::new(), failures: Vec::new() };
    let mut progress = Progress::new(steps.len());
    let mut lines = Vec::new();
    let mut sum = Tally::default();
    let start = Instant::now();
    for step in steps {
        let begun = Instant::now();
        let tally = progress.step(&step.title(), || {
            runner.carry_out(*step).unwrap_or_else(|problem| {
                say!("      failed: {problem}");
                runner.failures.push(problem.to_string());
                Tally::FAILED
            })
        });
        sum += tally;
        let (title, seconds) = (step.title(), begun.elapsed().as_secs_f64());
        lines.push(format!("{title:<36} {:>28} {seconds:>7.1} s", tally.to_string()));
        lines.extend(runner.failures.drain(..).map(|name| format!("    failed: {name}")));
    }
    say!("\n{}", lines.join("\n"));
    say!("{:<36} {:>28} {:>7.1} s\n", "together", "", start.elapsed().as_secs_f64());
    // The last line, in this form: other programs read it.
    say!("{sum}");
    if sum.failed == 0 { Ok(()) } else { Err(Problem::Reported(1)) }
}

/// What the steps share.
struct Runner<'a> {
    repo: &'a Repo,
    suite: Suite,
    drives: Vec<Drive>,
    /// What failed in the step under way, for the table at the end.
    failures: Vec<String>,
}

impl Runner<'_> {
    fn carry_out(&mut self, step: Step) -> Result<Tally, Problem> {
        match step {
            Step::Format => self.check(&["fmt", "--all", "--check"]),
            Step::ClippyNative => {
                self.check(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
            }
            Step::ClippyWasm => {
                setup::wasm_target()?;
                self.check(&[
                    "clippy",
                    "--package",
                    "shim",
                    "--target",
                    wasm::TARGET,
                    "--lib",
                    "--bins",
                    "--test",
                    "web",
                    "--",
                    "-D",
                    "warnings",
                ])
            }
            Step::Native => self.native(),
            Step::SetUp => self.set_up(),
            Step::Build => {
                wasm::build(self.repo, false)?;
                dist::assemble(self.repo)?;
                wasm::print_sizes(&self.repo.pkg())?;
                Ok(Tally::PASSED)
            }
            Step::Web(browser) => self.web(browser),
            Step::Flows(browser) => self.flows(browser),
            Step::InstallApps => apps::install(self.repo, self.suite).map(|()| Tally::default()),
            Step::Apps(browser) => self.apps(browser),
        }
    }

    /// A cargo command that passes or fails as a whole.
    fn check(&self, arguments: &[&str]) -> Result<Tally, Problem> {
        proc::run(self.repo.cargo().args(arguments)).map(|()| Tally::PASSED)
    }

    /// A `cargo test`, its cases counted.
    fn count(&mut self, command: &mut Command) -> Result<Tally, Problem> {
        let mut reader = Reader::default();
        let status = proc::watch(command, |line| reader.line(line))?;
        self.failures.extend_from_slice(reader.failures());
        Ok(reader.finish(status.success()))
    }

    /// Everything that needs no browser. The flows are named out by naming the others in.
    fn native(&mut self) -> Result<Tally, Problem> {
        let mut all = self.repo.cargo();
        // The runner is a five-line wrapper, and slow to build: it has its own step.
        all.args(["test", "--workspace", "--no-fail-fast", "--exclude", "wasm-runner"]);
        all.args(["--exclude", FLOWS_PACKAGE]);
        if self.suite == Suite::Full {
            all.envs(FULL.iter().copied());
        }
        let mut sum = self.count(&mut all)?;
        let mut lab = self.repo.cargo();
        lab.args(["test", "--package", FLOWS_PACKAGE, "--no-fail-fast", "--lib", "--bins"]);
        for test in self.lab_tests()? {
            lab.args(["--test", &test]);
        }
        sum += self.count(&mut lab)?;
        Ok(sum)
    }

    /// The test programs beside the flows.
    fn lab_tests(&self) -> Result<Vec<String>, Problem> {
        let metadata = self.repo.metadata()?;
        Ok(test_targets(&metadata, FLOWS_PACKAGE)
            .filter(|name| ![FLOWS, PATIENT, &[APPS]].iter().any(|all| all.contains(&&**name)))
            .collect())
    }

    /// Finds or installs both browsers. The steps that need a missing one fail on their own,
    /// so nothing is counted here.
    fn set_up(&mut self) -> Result<Tally, Problem> {
        for browser in [Browser::Chromium, Browser::Firefox] {
            match setup::browser(browser) {
                Ok(drive) => {
                    say!("      {browser}: {}", drive.program.display());
                    self.drives.push(drive);
                }
                Err(problem) => say!("      {problem}"),
            }
        }
        setup::npm_or_say();
        setup::lab_packages(self.repo)?;
        Ok(Tally::default())
    }

    fn drive(&self, browser: Browser) -> Result<&Drive, Problem> {
        let found = self.drives.iter().find(|drive| drive.browser == browser);
        found.ok_or_else(|| Problem::Missing(format!("{browser} is missing: see the set-up above")))
    }

    /// The wasm tests, run by cargo through our own runner.
    fn web(&mut self, browser: Browser) -> Result<Tally, Problem> {
        let drive = self.drive(browser)?;
        // First apart, since cargo would build it in silence while it seems to run tests.
        proc::run(self.repo.cargo().args(["build", "--package", "wasm-runner"]))?;
        let (own, other) = match browser {
            Browser::Chromium => ("CHROMEDRIVER", "GECKODRIVER"),
            Browser::Firefox => ("GECKODRIVER", "CHROMEDRIVER"),
        };
        let mut command = self.repo.cargo();
        command
            .args(["test", "--package", "shim", "--target", wasm::TARGET, "--test", "web"])
            .env(own, &drive.driver)
            .env_remove(other)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", self.capabilities(drive)?)
            // Its own 20 s and 5 s are short on a loaded machine.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
        self.count(&mut command)
    }

    /// Writes what the runner asks of the browser, and returns the file's name.
    fn capabilities(&self, drive: &Drive) -> Result<PathBuf, Problem> {
        let program = drive.program.to_string_lossy();
        let wanted = match drive.browser {
            Browser::Chromium => json!({"goog:chromeOptions": {
                "binary": program,
                "args": ["--headless=new", "--disable-gpu", "--no-first-run"],
            }}),
            Browser::Firefox => json!({"moz:firefoxOptions": {"binary": program}}),
        };
        let path = self.repo.target.join(format!("webdriver-{}.json", drive.browser));
        let failed = |error| Problem::file("write", &path, &error);
        fs::create_dir_all(&self.repo.target).map_err(failed)?;
        fs::write(&path, wanted.to_string()).map_err(failed)?;
        Ok(path)
    }

    /// Whole-extension flows. One at a time, since two busy browsers on a small machine time each
    /// other out; those that mostly wait beside them.
    fn flows(&mut self, browser: Browser) -> Result<Tally, Problem> {
        let mut others = self.flow_command(browser, PATIENT)?;
        let mut command = self.flow_command(browser, FLOWS)?;
        // Built before the two start: one cargo would wait for the other.
        proc::run(self.repo.cargo().args(["test", "--package", FLOWS_PACKAGE, "--no-run"]))?;
        let patient = proc::gather(&mut others)?;
        let mut sum = self.count(&mut command)?;
        let (status, lines) = patient.finish()?;
        let mut reader = Reader::default();
        for line in lines {
            say!("{line}");
            reader.line(&line);
        }
        self.failures.extend_from_slice(reader.failures());
        sum += reader.finish(status.success());
        Ok(sum)
    }

    fn flow_command(&self, browser: Browser, names: &[&str]) -> Result<Command, Problem> {
        let drive = self.drive(browser)?;
        let mut command = self.repo.cargo();
        command.args(["test", "--package", FLOWS_PACKAGE, "--no-fail-fast"]);
        command.args(names.iter().flat_map(|name| ["--test", name]));
        command.args(["--", "--test-threads=1"]);
        self.tell(&mut command, drive);
        Ok(command)
    }

    /// Flows on real applications, with their figures.
    fn apps(&mut self, browser: Browser) -> Result<Tally, Problem> {
        let drive = self.drive(browser)?;
        let mut command = self.repo.cargo();
        command.args(["test", "--package", FLOWS_PACKAGE, "--test", APPS]);
        command.args(["--", "--test-threads=1", "--show-output", "--exact"]);
        command.args(apps::played(self.suite, browser));
        self.tell(&mut command, drive);
        self.count(&mut command)
    }

    /// Tells a flow which browser it is about, and where everything is.
    fn tell(&self, command: &mut Command, drive: &Drive) {
        command.env("SHIM_BROWSER", drive.browser.to_string());
        play::tell(command, self.repo, std::slice::from_ref(drive));
    }
}

/// The test programs of a package, by cargo's own account.
fn test_targets<'a>(metadata: &'a Value, package: &'a str) -> impl Iterator<Item = String> + 'a {
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    packages
        .filter(move |one| one.get("name").and_then(Value::as_str) == Some(package))
        .filter_map(|one| one.get("targets")?.as_array())
        .flatten()
        .filter(|target| {
            let kinds = target.get("kind").and_then(Value::as_array);
            kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"))
        })
        .filter_map(|target| Some(target.get("name")?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_of_one_package_are_listed() {
        let metadata = json!({"packages": [
            {"name": "a", "targets": [{"kind": ["test"], "name": "no"}]},
            {"name": "b", "targets": [
                {"kind": ["lib"], "name": "b"},
                {"kind": ["test"], "name": "lab"},
                {"kind": ["test"], "name": "flows"}
            ]},
        ]});
        assert_eq!(test_targets(&metadata, "b").collect::<Vec<_>>(), ["lab", "flows"]);
        assert_eq!(test_targets(&metadata, "c").count(), 0);
    }

    #[test]
    fn the_quick_suite_starts_no_browser() {
        for step in steps(Suite::Quick) {
            assert!(!matches!(step, Step::SetUp | Step::Web(_) | Step::Flows(_)), "{step:?}");
        }
    }
}
