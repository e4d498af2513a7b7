//! `cargo xtask read`: the conversation that SHIM sees in a saved page, as JSON.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use scraper::Html;
use shim::base::Moment;
use shim::sites::{self, Site};
use shim_eyes::conversation;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const HELP: &str = include_str!("help.txt");

/// What was asked for.
struct Asked {
    file: PathBuf,
    url: String,
    site: Option<&'static Site>,
    by_shape: bool,
    rows: bool,
    at: (Moment, i32),
}

/// Why nothing was printed.
enum Problem {
    /// The command line made no sense.
    Usage(String),
    /// The page cannot be read.
    Page(String),
}

fn main() -> ExitCode {
    let done = asked(std::env::args_os().skip(1)).and_then(|asked| match asked {
        Some(asked) => read(&asked),
        None => Ok(HELP.trim_end().to_owned()),
    });
    let (code, text) = match done {
        // A reader that closed its end early has what it wanted.
        Ok(text) => return written(writeln!(std::io::stdout(), "{text}")),
        Err(Problem::Usage(why)) => (2, format!("{why}: see `cargo xtask read --help`")),
        Err(Problem::Page(why)) => (1, why),
    };
    eprintln!("error: {text}");
    ExitCode::from(code)
}

fn written(result: std::io::Result<()>) -> ExitCode {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn asked(args: impl Iterator<Item = OsString>) -> Result<Option<Asked>, Problem> {
    let usage = |error: lexopt::Error| Problem::Usage(error.to_string());
    let mut parser = lexopt::Parser::from_args(args);
    let (mut file, mut url, mut site, mut at) = (None, String::new(), None, None);
    let (mut by_shape, mut rows) = (false, false);
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("url") => url = parser.value().and_then(|v| v.string()).map_err(usage)?,
            Long("site") => site = Some(table(&parser.value().map_err(usage)?)?),
            Long("at") => at = Some(moment(&parser.value().map_err(usage)?)?),
            Long("by-shape") => by_shape = true,
            Long("rows") => rows = true,
            Long("table") => site = Some(own_table(&parser.value().map_err(usage)?)?),
            Long("help") | Short('h') => return Ok(None),
            Value(name) if file.is_none() => file = Some(PathBuf::from(name)),
            other => return Err(usage(other.unexpected())),
        }
    }
    let missing = || Problem::Usage("FILE.html is missing: name a saved page".to_owned());
    let now = || OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
    let at = since_1970(at.unwrap_or_else(now));
    Ok(Some(Asked { file: file.ok_or_else(missing)?, url, site, by_shape, rows, at }))
}

fn table(name: &OsString) -> Result<&'static Site, Problem> {
    let name = name.to_string_lossy();
    sites::by_name(&name).ok_or_else(|| {
        Problem::Usage(format!("--site: there is no table `{name}`, only {}", names()))
    })
}

/// The table that the rows in a file are.
fn own_table(file: &OsString) -> Result<&'static Site, Problem> {
    let wrong = |why: String| Problem::Page(format!("{}: {why}", file.to_string_lossy()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let rows = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Site::of_rows(&rows).map_err(|problem| wrong(problem.to_string()))
}

fn names() -> String {
    let mut all = String::new();
    for site in sites::ALL {
        let comma = if all.is_empty() { "" } else { ", " };
        let _ = write!(all, "{comma}{}", site.name);
    }
    all
}

fn moment(text: &OsString) -> Result<OffsetDateTime, Problem> {
    let text = text.to_string_lossy();
    OffsetDateTime::parse(&text, &Rfc3339).map_err(|error| {
        Problem::Usage(format!("--at takes a time such as 2026-11-22T10:00:00+01:00: {error}"))
    })
}

/// The moment, and how far its clock is ahead of UTC in minutes.
fn since_1970(at: OffsetDateTime) -> (Moment, i32) {
    let ms = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    (Moment(ms), at.offset().whole_seconds() / 60)
}

fn read(asked: &Asked) -> Result<String, Problem> {
    let file = asked.file.display();
    let bytes = std::fs::read(&asked.file)
        .map_err(|error| Problem::Page(format!("could not read {file}: {error}")))?;
    let document = Html::parse_document(&String::from_utf8_lossy(&bytes));
    if asked.by_shape && asked.site.is_some() {
        return Err(Problem::Usage("--by-shape takes no table: leave --site out".to_owned()));
    }
    let none = || Problem::Page("this page has no shape of a conversation, or none yet".to_owned());
    if asked.rows {
        let rows = conversation::rows_by_shape(&document, &asked.url).ok_or_else(none)?;
        let rows = serde_json::to_value(&rows);
        return rows
            .map_err(|error| Problem::Page(error.to_string()))
            .and_then(|rows| written_out(&rows));
    }
    if asked.by_shape {
        let site = conversation::table_by_shape(&document, &asked.url).ok_or_else(none)?;
        let site = site.map_err(|problem| Problem::Page(problem.to_string()))?;
        return print(site, &document, asked);
    }
    let found = asked.site.or_else(|| conversation::table_for(&document, &asked.url));
    let site = found.ok_or_else(|| {
        let url = if asked.url.is_empty() { "there is no --url" } else { &asked.url };
        Problem::Page(format!(
            "no table is for this page ({url}): say its address with --url, or the table with \
             --site: {}",
            names()
        ))
    })?;
    print(site, &document, asked)
}

fn print(site: &'static Site, document: &Html, asked: &Asked) -> Result<String, Problem> {
    let reading = conversation::read(site, document, &asked.url, asked.at);
    written_out(&conversation::told(&reading))
}

fn written_out(value: &serde_json::Value) -> Result<String, Problem> {
    serde_json::to_string_pretty(value).map_err(|error| Problem::Page(error.to_string()))
}
