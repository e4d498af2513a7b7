//! The command line of the tools: dump, watch, torture, sim, read, replay, coverage.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::prelude::*;

use super::{Browser, Command, next, path, raw, unknown, value};
use crate::help;
use crate::problem::Problem;

/// What `dump` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// Whose profile it is.
    pub browser: Browser,
    /// The profile's folder.
    pub profile: PathBuf,
    /// Where the JSON goes.
    pub json: PathBuf,
}

/// What `watch` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The browser to watch in.
    pub browser: Browser,
    /// All other options, as the watching program reads them, with whole paths.
    pub options: Vec<OsString>,
}

/// What `torture` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torture {
    /// The browser to kill in.
    pub browser: Browser,
    /// How often.
    pub kills: u64,
    /// Of what chance does.
    pub seed: u64,
}

/// What `coverage` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Whether the lines that no test reaches are printed.
    pub missing: bool,
}

/// What `sim` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sim {
    /// Play seeds.
    Seeds {
        /// The first.
        seed: u64,
        /// How many; a single one is told line by line.
        count: u64,
        /// Steps of each, where others than the tests'.
        steps: Option<u64>,
    },
    /// Play a person's report.
    Report(PathBuf),
}

pub(super) fn parse_sim(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let (mut seed, mut count, mut steps, mut report) = (None, None, None, None);
    while let Some(arg) = next(parser)? {
        match arg {
            Long("seed") => seed = Some(whole(parser, "--seed")?),
            Long("count") => count = Some(whole(parser, "--count")?),
            Long("steps") => steps = Some(whole(parser, "--steps")?),
            Long("report") => report = Some(path(parser, "--report")?),
            Long("help") | Short('h') => return Ok(Command::Help(help::SIM)),
            other => return Err(unknown(other, "cargo xtask sim")),
        }
    }
    match (seed, report) {
        (Some(seed), None) => {
            Ok(Command::Sim(Sim::Seeds { seed, count: count.unwrap_or(1), steps }))
        }
        (None, Some(report)) if count.is_none() && steps.is_none() => {
            Ok(Command::Sim(Sim::Report(report)))
        }
        _ => Err(Problem::Usage(
            "sim needs either --seed N, with --count and --steps if wanted, or --report FILE \
             alone"
                .to_owned(),
        )),
    }
}

fn whole(parser: &mut lexopt::Parser, option: &str) -> Result<u64, Problem> {
    let text = raw(parser, option)?;
    let wanted = || Problem::Usage(format!("{option} needs a whole number"));
    text.to_string_lossy().parse().map_err(|_| wanted())
}

pub(super) fn parse_dump(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let (mut browser, mut profile, mut json) = (None, None, None);
    while let Some(arg) = next(parser)? {
        match arg {
            Long("browser") => browser = Some(value(parser, "--browser")?),
            Long("profile") => profile = Some(path(parser, "--profile")?),
            Long("json") => json = Some(path(parser, "--json")?),
            Long("help") | Short('h') => return Ok(Command::Help(help::DUMP)),
            other => return Err(unknown(other, "cargo xtask dump")),
        }
    }
    let (profile, json) = (wanted(profile, "--profile DIR")?, wanted(json, "--json OUT")?);
    if !profile.is_dir() {
        return Err(Problem::Usage(format!("there is no folder {}", profile.display())));
    }
    let browser = browser.or_else(|| owner(&profile)).ok_or_else(|| {
        Problem::Usage(format!(
            "{} could not be recognised as a profile: name the folder that holds `Local State` \
             (Chromium) or `prefs.js` (Firefox), or say --browser",
            profile.display()
        ))
    })?;
    Ok(Command::Dump(Dump { browser, profile, json }))
}

/// The browser that a profile belongs to, as its files tell.
fn owner(profile: &Path) -> Option<Browser> {
    let any = |names: &[&str]| names.iter().any(|name| profile.join(name).exists());
    match () {
        () if any(&["Local State", "Default/Preferences", "Default/IndexedDB"]) => {
            Some(Browser::Chromium)
        }
        () if any(&["prefs.js", "user.js", "storage/default"]) => Some(Browser::Firefox),
        () => None,
    }
}

pub(super) fn parse_torture(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let (mut browser, mut kills, mut seed) = (Browser::Chromium, 20, 1);
    while let Some(arg) = next(parser)? {
        match arg {
            Long("browser") => browser = value(parser, "--browser")?,
            Long("kills") => kills = whole(parser, "--kills")?,
            Long("seed") => seed = whole(parser, "--seed")?,
            Long("help") | Short('h') => return Ok(Command::Help(help::TORTURE)),
            other => return Err(unknown(other, "cargo xtask torture")),
        }
    }
    Ok(Command::Torture(Torture { browser, kills, seed }))
}

pub(super) fn parse_watch(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut browser = Browser::Chromium;
    let mut options: Vec<OsString> = Vec::new();
    while let Some(arg) = next(parser)? {
        let (name, is_file) = match arg {
            Long("browser") => {
                browser = value(parser, "--browser")?;
                continue;
            }
            Long("window") => {
                options.push("--window".into());
                continue;
            }
            Long("by-shape") => {
                options.push("--by-shape".into());
                continue;
            }
            Long("url") => ("--url", false),
            Long("map") => ("--map", false),
            Long("lab") => ("--lab", false),
            Long("csp") => ("--csp", false),
            Long("patience") => ("--patience", false),
            Long("json") => ("--json", true),
            Long("script") => ("--script", true),
            Long("profile") => ("--profile", true),
            Long("help") | Short('h') => return Ok(Command::Help(help::WATCH)),
            other => return Err(unknown(other, "cargo xtask watch")),
        };
        let value = if is_file { path(parser, name)?.into_os_string() } else { raw(parser, name)? };
        options.extend([name.into(), value]);
    }
    for (name, what) in [("--url", "--url URL"), ("--json", "--json OUT")] {
        wanted(options.iter().find(|word| *word == name), what)?;
    }
    Ok(Command::Watch(Watch { browser, options }))
}

pub(super) fn parse_read(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    Ok(words(parser)?.map_or(Command::Help(help::READ), Command::Read))
}

pub(super) fn parse_replay(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    Ok(words(parser)?.map_or(Command::Help(help::REPLAY), Command::Replay))
}

/// Everything behind the command. None where help is asked for: known here, it costs no build.
fn words(parser: &mut lexopt::Parser) -> Result<Option<Vec<OsString>>, Problem> {
    let words = parser.raw_args().map_err(|error| Problem::Usage(error.to_string()))?;
    let words: Vec<OsString> = words.collect();
    let help = words.iter().any(|word| word == "--help" || word == "-h");
    Ok((!help).then_some(words))
}

pub(super) fn parse_new_site(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut name = None;
    while let Some(arg) = next(parser)? {
        match arg {
            Long("help") | Short('h') => return Ok(Command::Help(help::NEW_SITE)),
            Value(word) if name.is_none() => name = Some(word.to_string_lossy().into_owned()),
            other => return Err(unknown(other, "cargo xtask new-site")),
        }
    }
    Ok(Command::NewSite(wanted(name, "the site's NAME")?))
}

pub(super) fn parse_coverage(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut missing = false;
    while let Some(arg) = next(parser)? {
        match arg {
            Long("missing") => missing = true,
            Long("help") | Short('h') => return Ok(Command::Help(help::COVERAGE)),
            other => return Err(unknown(other, "cargo xtask coverage")),
        }
    }
    Ok(Command::Coverage(Coverage { missing }))
}

fn wanted<T>(value: Option<T>, what: &str) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::Usage(format!("{what} is missing")))
}
