//! The command line: what was asked for.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use lexopt::prelude::*;

use crate::help;
use crate::problem::Problem;

mod pages;
mod tools;

pub use pages::{Csp, Renderer};
pub use tools::{Coverage, Dump, Sim, Torture, Watch};

/// A browser that the extension is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium, driven by chromedriver.
    Chromium,
    /// Firefox, driven by geckodriver.
    Firefox,
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

impl FromStr for Browser {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "chromium" => Ok(Self::Chromium),
            "firefox" => Ok(Self::Firefox),
            _ => Err(format!("takes chromium or firefox, not `{text}`")),
        }
    }
}

/// A site that the lab stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// <https://claude.ai>
    Claude,
    /// <https://chatgpt.com>
    Chatgpt,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claude => "claude",
            Self::Chatgpt => "chatgpt",
        })
    }
}

impl FromStr for Site {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "claude" => Ok(Self::Claude),
            "chatgpt" => Ok(Self::Chatgpt),
            _ => Err(format!("takes claude or chatgpt, not `{text}`")),
        }
    }
}

/// How much `test` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Without a browser.
    Quick,
    /// Everything, with the quickest of the real applications.
    Ordinary,
    /// The ordinary suite and everything long.
    Full,
    /// Only real applications, all of them.
    Apps,
}

/// What `run` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The browser to play in.
    pub browser: Browser,
    /// Without a window. Where there is no display, this holds anyway.
    pub headless: bool,
    /// Where to write the figures as JSON.
    pub json: Option<PathBuf>,
    /// The site that the lab stands for.
    pub site: Site,
    /// The lab's policy.
    pub csp: Csp,
}

/// What `lab` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lab {
    /// The site that the lab stands for.
    pub site: Site,
    /// The lab's policy.
    pub csp: Csp,
    /// The shape of its pages.
    pub renderer: Renderer,
    /// The local port; 0 is any free one.
    pub port: u16,
}

/// What `bench` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bench {
    /// One browser, or both where none is named.
    pub browser: Option<Browser>,
    /// Where to write the figures as JSON.
    pub json: Option<PathBuf>,
    /// How long each stream at a human pace is measured.
    pub seconds: Option<u16>,
    /// Names of the parts to measure, as the measuring program knows them; empty: all.
    pub only: Vec<OsString>,
}

/// One command, ready to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Print a text and stop.
    Help(&'static str),
    /// Build the extension; `release_opt` shrinks the wasm as for a release.
    Build {
        /// Whether wasm-opt runs.
        release_opt: bool,
    },
    /// Play the main job in a browser.
    Run(Run),
    /// Prove it.
    Test(Suite),
    /// Serve the local chat pages.
    Lab(Lab),
    /// Measure.
    Bench(Bench),
    /// Tell what a profile's store holds.
    Dump(Dump),
    /// Watch a page.
    Watch(Watch),
    /// Kill with -9 while a chat is saved.
    Torture(Torture),
    /// Play the simulator.
    Sim(Sim),
    /// Read a saved page; the words behind the command are the reader's.
    Read(Vec<OsString>),
    /// Play recorded sessions; the words behind the command are the player's.
    Replay(Vec<OsString>),
    /// Begin the table of a chat site of this name.
    NewSite(String),
    /// Measure what the native tests reach.
    Coverage(Coverage),
}

/// Reads the command line, without the program's own name.
///
/// # Errors
/// [`Problem::Usage`] for anything unknown, missing or malformed.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Problem> {
    let mut parser = lexopt::Parser::from_args(args);
    let command = match next(&mut parser)? {
        None | Some(Long("help") | Short('h')) => return Ok(Command::Help(help::ALL)),
        Some(Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => return Err(unknown(other, "cargo xtask")),
    };
    match command.as_str() {
        "build" => parse_build(&mut parser),
        "run" => parse_run(&mut parser),
        "test" => parse_test(&mut parser),
        "lab" => parse_lab(&mut parser),
        "bench" => parse_bench(&mut parser),
        "dump" => tools::parse_dump(&mut parser),
        "watch" => tools::parse_watch(&mut parser),
        "torture" => tools::parse_torture(&mut parser),
        "sim" => tools::parse_sim(&mut parser),
        "read" => tools::parse_read(&mut parser),
        "replay" => tools::parse_replay(&mut parser),
        "new-site" => tools::parse_new_site(&mut parser),
        "coverage" => tools::parse_coverage(&mut parser),
        "help" => Ok(Command::Help(help::ALL)),
        _ => Err(Problem::Usage(format!(
            "there is no command `{command}`: it is one of run, test, build, lab, bench, dump, \
             watch, torture, sim, read, replay, new-site, coverage"
        ))),
    }
}

fn parse_build(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut release_opt = false;
    while let Some(arg) = next(parser)? {
        match arg {
            Long("release-opt") => release_opt = true,
            Long("help") | Short('h') => return Ok(Command::Help(help::BUILD)),
            other => return Err(unknown(other, "cargo xtask build")),
        }
    }
    Ok(Command::Build { release_opt })
}

fn parse_run(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut run = Run {
        browser: Browser::Chromium,
        headless: false,
        json: None,
        site: Site::Claude,
        csp: Csp::Permissive,
    };
    while let Some(arg) = next(parser)? {
        match arg {
            Long("browser") => run.browser = value(parser, "--browser")?,
            Long("headless") => run.headless = true,
            Long("json") => run.json = Some(path(parser, "--json")?),
            Long("site") => run.site = value(parser, "--site")?,
            Long("csp") => run.csp = value(parser, "--csp")?,
            Long("help") | Short('h') => return Ok(Command::Help(help::RUN)),
            other => return Err(unknown(other, "cargo xtask run")),
        }
    }
    Ok(Command::Run(run))
}

fn parse_test(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut suite = None;
    while let Some(arg) = next(parser)? {
        let asked = match arg {
            Long("quick") => Suite::Quick,
            Long("full") => Suite::Full,
            Long("apps") => Suite::Apps,
            Long("help") | Short('h') => return Ok(Command::Help(help::TEST)),
            other => return Err(unknown(other, "cargo xtask test")),
        };
        if suite.replace(asked).is_some_and(|before| before != asked) {
            let text = "only one of --quick, --full and --apps at a time";
            return Err(Problem::Usage(text.to_owned()));
        }
    }
    Ok(Command::Test(suite.unwrap_or(Suite::Ordinary)))
}

fn parse_lab(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let (site, csp, renderer) = (Site::Claude, Csp::Permissive, Renderer::Newest);
    let mut lab = Lab { site, csp, renderer, port: 8443 };
    while let Some(arg) = next(parser)? {
        match arg {
            Long("site") => lab.site = value(parser, "--site")?,
            Long("csp") => lab.csp = value(parser, "--csp")?,
            Long("renderer") => lab.renderer = value(parser, "--renderer")?,
            Long("port") => lab.port = port(parser)?,
            Long("help") | Short('h') => return Ok(Command::Help(help::LAB)),
            other => return Err(unknown(other, "cargo xtask lab")),
        }
    }
    Ok(Command::Lab(lab))
}

fn parse_bench(parser: &mut lexopt::Parser) -> Result<Command, Problem> {
    let mut bench = Bench { browser: None, json: None, seconds: None, only: Vec::new() };
    while let Some(arg) = next(parser)? {
        match arg {
            Long("browser") => bench.browser = Some(value(parser, "--browser")?),
            Long("json") => bench.json = Some(path(parser, "--json")?),
            Long("seconds") => bench.seconds = Some(number(parser, "--seconds")?),
            Long("only") => bench.only.push(raw(parser, "--only")?),
            Long("help") | Short('h') => return Ok(Command::Help(help::BENCH)),
            other => return Err(unknown(other, "cargo xtask bench")),
        }
    }
    Ok(Command::Bench(bench))
}

fn next<'a>(parser: &'a mut lexopt::Parser) -> Result<Option<lexopt::Arg<'a>>, Problem> {
    parser.next().map_err(|error| Problem::Usage(error.to_string()))
}

fn raw(parser: &mut lexopt::Parser, option: &str) -> Result<OsString, Problem> {
    parser.value().map_err(|_| Problem::Usage(format!("{option} needs a value")))
}

fn value<T: FromStr<Err = String>>(
    parser: &mut lexopt::Parser,
    option: &str,
) -> Result<T, Problem> {
    let text = raw(parser, option)?;
    text.to_string_lossy().parse().map_err(|error| Problem::Usage(format!("{option} {error}")))
}

fn number(parser: &mut lexopt::Parser, option: &str) -> Result<u16, Problem> {
    let text = raw(parser, option)?;
    let wanted = || Problem::Usage(format!("{option} needs a whole number of seconds"));
    text.to_string_lossy().parse().map_err(|_| wanted())
}

/// A file named from where the person stands; the children of this program stand elsewhere.
fn path(parser: &mut lexopt::Parser, option: &str) -> Result<PathBuf, Problem> {
    let text = raw(parser, option)?;
    std::path::absolute(&text).map_err(|_| Problem::Usage(format!("{option} needs a file's name")))
}

fn port(parser: &mut lexopt::Parser) -> Result<u16, Problem> {
    let text = raw(parser, "--port")?;
    match text.to_string_lossy().parse() {
        Ok(port) => Ok(port),
        Err(_) => Err(Problem::Usage(format!(
            "--port takes a number from 0 to 65535, not `{}`",
            text.to_string_lossy()
        ))),
    }
}

fn unknown(arg: lexopt::Arg<'_>, command: &str) -> Problem {
    let error = arg.unexpected();
    Problem::Usage(format!("{error}: see `{command} --help`"))
}

#[cfg(test)]
mod tests;
