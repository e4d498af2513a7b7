//! The commands `play` and `bench`.

use crate::bench::{self, Part, Scale};
use crate::browser::Kind;
use crate::lab::{Composer, Csp, Site};
use crate::play::{Play, PlayOptions};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Usage of `play`.
pub const PLAY_USAGE: &str = "\
usage: shim-webdriver play [options]
  --browser chromium|firefox   (chromium)
  --site claude|chatgpt        (claude)
  --csp permissive|strict      (permissive)
  --headless                   no window; without it the browser stays open at the end
  --json OUT                   writes the report as JSON
  --pictures DIR               where screenshots go (out/play)";

/// Usage of `bench`.
pub const BENCH_USAGE: &str = "\
usage: shim-webdriver bench [options]
  --browser chromium|firefox|both   (both)
  --json OUT                        writes every value as JSON
  --seconds N                       how long each stream at a human pace is measured (300)
  --only NAME                       one part, may come again: sizes, starts, resumes, thread,
                                    processor, chats, tasks, checkpoint, history, popup,
                                    memory, reads, kills;
                                    only where named: packing, load, import, apps (real chat
                                    applications)";

/// Reads the options of `play`.
///
/// # Errors
/// A sentence for the person who typed them.
pub fn play_options(
    mut args: impl Iterator<Item = String>,
) -> Result<(PlayOptions, Option<PathBuf>), String> {
    let mut options = PlayOptions {
        headless: false,
        pictures: Some("out/play".into()),
        tell: true,
        ..PlayOptions::test(Kind::Chromium, Site::Claude, Csp::Permissive)
    };
    options.composer = Composer::default();
    let mut json = None;
    while let Some(name) = args.next() {
        if name == "--headless" {
            options.headless = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let bad = || format!("`{name} {value}` is not understood");
        match name.as_str() {
            "--browser" => options.kind = Kind::from_name(&value).ok_or_else(bad)?,
            "--site" => options.site = Site::from_name(&value).ok_or_else(bad)?,
            "--csp" => options.csp = Csp::from_name(&value).ok_or_else(bad)?,
            "--json" => json = Some(value.into()),
            "--pictures" => options.pictures = Some(value.into()),
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok((options, json))
}

/// Plays the main job, tells it on the terminal, and leaves the browser to a person where there
/// is a window.
pub async fn play(options: PlayOptions, json: Option<PathBuf>) -> ExitCode {
    let headless = options.headless;
    println!("SHIM plays its main job in {}:", options.kind.name());
    let mut play = match Play::start(options).await {
        Ok(play) => play,
        Err(failure) => return failed(&failure.to_string()),
    };
    if let Err(failure) = play.whole_job().await {
        play.report.failures.push(failure.to_string());
    }
    println!("\n{}", play.report.table());
    for picture in &play.report.pictures {
        println!("  screenshot: {}", picture.display());
    }
    for failure in &play.report.failures {
        println!("  FAILED: {failure}");
    }
    if let Some(path) = json
        && let Err(reason) = written(&path, &play.report)
    {
        return failed(&reason);
    }
    let whole = play.report.failures.is_empty();
    println!("{}", if whole { "It worked, start to end." } else { "It did not work." });
    if !headless {
        hand_over(play).await;
    }
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What to measure, and where the values go.
pub struct BenchOptions {
    kinds: Vec<Kind>,
    json: Option<PathBuf>,
    seconds: u64,
    /// Empty: all.
    parts: Vec<Part>,
}

/// How long a stream at a human pace is measured where nobody says.
const SECONDS: u64 = 300;

/// Reads the options of `bench`.
///
/// # Errors
/// A sentence for the person who typed them.
pub fn bench_options(mut args: impl Iterator<Item = String>) -> Result<BenchOptions, String> {
    let both = vec![Kind::Chromium, Kind::Firefox];
    let mut options =
        BenchOptions { kinds: both.clone(), json: None, seconds: SECONDS, parts: Vec::new() };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        match (name.as_str(), Kind::from_name(&value)) {
            ("--browser", Some(kind)) => options.kinds = vec![kind],
            ("--browser", None) if value == "both" => options.kinds.clone_from(&both),
            ("--browser", None) => return Err(format!("`{name} {value}` is not understood")),
            ("--json", _) => options.json = Some(value.into()),
            ("--seconds", _) => {
                let number = value.parse();
                options.seconds = number.map_err(|_| format!("`{value}` is not a number"))?;
            }
            ("--only", _) => {
                let part = Part::from_name(&value);
                options.parts.push(part.ok_or_else(|| format!("there is no part `{value}`"))?);
            }
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok(options)
}

/// Measures and prints the tables, in Markdown as `BENCHMARKS.md` keeps them.
pub async fn bench(options: BenchOptions) -> ExitCode {
    let parts = match options.parts.as_slice() {
        [] => Part::ALL.as_slice(),
        some => some,
    };
    let scale = Scale::full(options.seconds);
    let bench = match bench::bench(&options.kinds, parts, &scale).await {
        Ok(bench) => bench,
        Err(failure) => return failed(&format!("measuring failed: {failure}")),
    };
    println!("\n{}", bench.markdown(&options.kinds));
    if let Some(path) = options.json {
        return written(&path, &bench)
            .map_or_else(|reason| failed(&reason), |()| ExitCode::SUCCESS);
    }
    ExitCode::SUCCESS
}

/// Reads the name of a browser.
pub(crate) fn kind(name: &str) -> Result<Kind, String> {
    Kind::from_name(name).ok_or_else(|| format!("`{name}` is neither chromium nor firefox"))
}

/// Writes JSON to a file.
pub(crate) fn written(path: &Path, what: &impl serde::Serialize) -> Result<(), String> {
    serde_json::to_string_pretty(what)
        .map_err(|e| e.to_string())
        .and_then(|text| std::fs::write(path, text).map_err(|e| e.to_string()))
        .map_err(|reason| format!("{} was not written: {reason}", path.display()))
}

/// The browser and the lab stay until a person ends this.
async fn hand_over(play: Play) {
    println!(
        "\nThe browser stays open on https://{}. Look at:\n\
         - the fresh chat, which carries on where the crashed one ended;\n\
         - SHIM's popup (the puzzle piece in the toolbar, then SHIM): both chats and their \
         checkpoints;\n\
         - type on, crash a tab yourself (chrome://crash in Chromium), open a new chat.\n\
         Ctrl+C here ends the lab.",
        play.face.host
    );
    let Play { lab, browser, .. } = play;
    browser.leave();
    // An error here means that no signal can be waited for: then the lab ends at once.
    let _ = tokio::signal::ctrl_c().await;
    drop(lab);
}

/// Says why nothing came of it.
pub(crate) fn failed(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}
