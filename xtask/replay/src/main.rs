//! `cargo xtask replay`: recorded sessions through the engine.

use lexopt::prelude::*;
use shim_replay::{Choice, Wanted, left, play, read, storage, tokens};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const HELP: &str = include_str!("help.txt");
/// Between two lines of progress.
const PACE: Duration = Duration::from_secs(5);

/// What was asked for.
enum Asked {
    Help,
    Tokens,
    Storage,
    Categories { sessions: PathBuf, choice: Choice },
    Left { sessions: PathBuf, replayed: PathBuf, choice: Choice },
    Play { sessions: PathBuf, out: PathBuf, wanted: Wanted, choice: Choice },
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args_os().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("error: {why}: see `cargo xtask replay --help`");
            return ExitCode::from(2);
        }
    };
    let done = match asked {
        Asked::Help => write(HELP.trim_end()),
        Asked::Tokens => write(&tokens::table()),
        Asked::Storage => {
            storage::table().map_err(|error| error.to_string()).and_then(|rows| write(&rows))
        }
        Asked::Categories { sessions, choice } => storage::categories::table(&sessions, &choice)
            .map_err(|error| error.to_string())
            .and_then(|rows| write(&rows)),
        Asked::Left { sessions, replayed, choice } => left::judge(&sessions, &replayed, &choice)
            .map_err(|error| error.to_string())
            .and_then(|line| write(&line)),
        Asked::Play { sessions, out, wanted, choice } => run(&sessions, &out, &wanted, &choice),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn write(text: &str) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{text}") {
        // A reader that closed its end early has what it wanted.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn asked(words: impl Iterator<Item = OsString>) -> Result<Asked, String> {
    let mut parser = lexopt::Parser::from_args(words);
    let (mut sessions, mut out, mut choice) = (None, None, Choice::default());
    let (mut replayed, mut categories) = (None, false);
    let mut budgets = "2000,4000,8000".to_owned();
    let mut cuts = "0.5,0.75,1.0".to_owned();
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        match arg {
            Long("sessions") => sessions = Some(PathBuf::from(value(&mut parser)?)),
            Long("out") => out = Some(PathBuf::from(value(&mut parser)?)),
            Long("turns-left") => replayed = Some(PathBuf::from(value(&mut parser)?)),
            Long("budgets") => budgets = text(&mut parser)?,
            Long("cuts") => cuts = text(&mut parser)?,
            Long("groups") => {
                choice.half = Some(match text(&mut parser)?.as_str() {
                    "half1" => 0,
                    "half2" => 1,
                    other => return Err(format!("--groups takes half1 or half2, not `{other}`")),
                });
            }
            Long("sources") => choice.sources = list(&text(&mut parser)?),
            Long("categories") => categories = true,
            Long("tokens") => return Ok(Asked::Tokens),
            Long("storage") => return Ok(Asked::Storage),
            Long("help") | Short('h') => return Ok(Asked::Help),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let number = |text: &String| text.parse().map_err(|_| format!("`{text}` is no whole number"));
    let share = |text: String| match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((text, share)),
        _ => Err(format!("--cuts takes shares from 0 to 1, not `{text}`")),
    };
    let wanted = Wanted {
        budgets: list(&budgets).iter().map(number).collect::<Result<_, _>>()?,
        cuts: list(&cuts).into_iter().map(share).collect::<Result<_, _>>()?,
    };
    let sessions = sessions.ok_or("--sessions FILE is missing")?;
    if categories {
        return Ok(Asked::Categories { sessions, choice });
    }
    if let Some(replayed) = replayed {
        return Ok(Asked::Left { sessions, replayed, choice });
    }
    let out = out.ok_or("--out OUT is missing")?;
    Ok(Asked::Play { sessions, out, wanted, choice })
}

fn value(parser: &mut lexopt::Parser) -> Result<OsString, String> {
    parser.value().map_err(|error| error.to_string())
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    value(parser).map(|value| value.to_string_lossy().into_owned())
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn run(sessions: &Path, out: &Path, wanted: &Wanted, choice: &Choice) -> Result<(), String> {
    let wrong = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let all = read(sessions).map_err(|error| wrong(sessions, error))?;
    let file = File::create(out).map_err(|error| wrong(out, error))?;
    let mut file = BufWriter::new(file);
    let began = Instant::now();
    let (mut count, mut messages, mut told) = (0_u32, 0, began);
    for session in all {
        let session = session.map_err(|error| wrong(sessions, error))?;
        if !choice.takes(&session) {
            continue;
        }
        let line = play(&session, wanted).line(&session.session_id);
        writeln!(file, "{line}").map_err(|error| wrong(out, error))?;
        count += 1;
        messages += session.messages.len();
        if told.elapsed() >= PACE {
            told = Instant::now();
            let seconds = began.elapsed().as_secs();
            eprintln!("replay: {count} sessions, {messages} messages, {seconds} s");
        }
    }
    file.flush().map_err(|error| wrong(out, error))?;
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("replay: {count} sessions, {messages} messages in {seconds:.1} s");
    Ok(())
}
