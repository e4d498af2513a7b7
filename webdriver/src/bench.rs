//! The figures of `BENCHMARKS.md`: real browsers, the built extension, the lab's pages; nothing is
//! asserted of time.

mod apps;
mod checkpoints;
mod cost;
mod figures;
mod history;
mod import;
mod kills;
mod load;
mod long;
mod memory;
mod packing;
mod popup;
mod reads;
mod resumes;
mod starts;
mod tasks;

pub use figures::{Bench, Figure};

use crate::browser::{Browser, Done, Kind, Options, until};
use crate::lab::{Csp, Site, demo};
use crate::play::{Play, PlayOptions};
use base64::Engine;
use serde_json::Value;
use shim::wire::ui::Ask;
use std::path::Path;
use std::time::Duration;

/// Runs of each short measurement: an odd number, so that the median is one of them.
const RUNS: usize = 11;
/// Runs of the whole way from crash to prompt, which are slow.
const LONG_RUNS: usize = 5;

/// Figures that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Sizes of the wasm.
    Sizes,
    /// From the first script line to the engine.
    Starts,
    /// From a fresh chat to the prompt in it.
    Resumes,
    /// The main thread of a page that streams as fast as it can.
    Thread,
    /// Processor time of one stream at a human pace.
    Processor,
    /// The same of five on a slow machine.
    Chats,
    /// The longest task in a page, and the trigger check.
    Tasks,
    /// From a click to a committed checkpoint.
    Checkpoint,
    /// A batch of snapshots of signals.
    History,
    /// The popup with many chats.
    Popup,
    /// Memory of a watched tab and of the worker.
    Memory,
    /// Reading a page.
    Reads,
    /// Text on a page that is killed.
    Kills,
    /// Packing of texts, against others. Not among [`Self::ALL`]: it fetches those.
    Packing,
    /// One checkpoint of a long session. Not among them either.
    Load,
    /// An archive of a hundred megabytes. Likewise.
    Import,
    /// What is right of real chat applications. Not among [`Self::ALL`]: it installs them.
    Apps,
}

impl Part {
    /// Those that are measured where nobody names any, in this order.
    pub const ALL: [Self; 13] = [
        Self::Sizes,
        Self::Starts,
        Self::Resumes,
        Self::Thread,
        Self::Processor,
        Self::Chats,
        Self::Tasks,
        Self::Checkpoint,
        Self::History,
        Self::Popup,
        Self::Memory,
        Self::Reads,
        Self::Kills,
    ];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sizes => "sizes",
            Self::Starts => "starts",
            Self::Resumes => "resumes",
            Self::Thread => "thread",
            Self::Processor => "processor",
            Self::Chats => "chats",
            Self::Tasks => "tasks",
            Self::Checkpoint => "checkpoint",
            Self::History => "history",
            Self::Popup => "popup",
            Self::Memory => "memory",
            Self::Reads => "reads",
            Self::Kills => "kills",
            Self::Packing => "packing",
            Self::Load => "load",
            Self::Import => "import",
            Self::Apps => "apps",
        }
    }

    /// Reads such a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let more = [Self::Packing, Self::Load, Self::Import, Self::Apps];
        Self::ALL.into_iter().chain(more).find(|part| part.name() == name)
    }
}

/// How much is measured: the ceilings are of [`Scale::full`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// For how long each stream at a human pace is measured.
    pub seconds: u64,
    /// Turns of a long chat, each about 1 KB: an even number.
    pub turns: usize,
    /// Chats in the popup's list.
    pub sessions: usize,
    /// Chats or tabs at a time.
    pub tabs: usize,
    /// Runs of what takes some seconds a run.
    pub runs: usize,
}

impl Scale {
    /// As the issue wants it, with streams of so many seconds.
    #[must_use]
    pub const fn full(seconds: u64) -> Self {
        Self { seconds, turns: 200, sessions: 200, tabs: 5, runs: LONG_RUNS }
    }

    /// Just enough to see that there is a figure.
    #[must_use]
    pub const fn smoke() -> Self {
        Self { seconds: 1, turns: 6, sessions: 3, tabs: 2, runs: 1 }
    }
}

/// Measures these parts in these browsers, one after the other.
///
/// # Errors
/// When a step could not be made: half a table would be taken for a whole one.
pub async fn bench(kinds: &[Kind], parts: &[Part], scale: &Scale) -> Done<Bench> {
    let only = if parts == Part::ALL { &[] } else { parts };
    let mut bench = Bench {
        shrunk: shrunk()?,
        machine: machine(),
        date: today()?,
        only: only.iter().map(|part| part.name().to_owned()).collect(),
        ..Bench::default()
    };
    if parts.contains(&Part::Sizes) {
        sizes(&Options::from_env(Kind::Chromium, 0)?.dist, &mut bench)?;
    }
    for &kind in kinds {
        bench.browsers.push(kind.version()?);
        for &part in parts {
            measure(kind, part, scale, &mut bench).await?;
        }
    }
    Ok(bench)
}

/// Measures one part in one browser.
///
/// # Errors
/// When a step could not be made.
pub async fn measure(kind: Kind, part: Part, scale: &Scale, bench: &mut Bench) -> Done<()> {
    say(&format!("{}: {}", kind.name(), part.name()));
    match part {
        Part::Sizes => Ok(()),
        Part::Starts => {
            starts::in_page(kind, bench).await?;
            starts::in_background(kind, bench).await
        }
        Part::Resumes => {
            let messages = demo::turns().len();
            say(&format!("{}: crashes and resumes of a chat of {messages} messages", kind.name()));
            resumes::measure(kind, bench).await
        }
        Part::Thread => cost::main_thread(kind, bench).await,
        Part::Processor => cost::processor(kind, scale, bench).await,
        Part::Chats => cost::chats(kind, scale, bench).await,
        Part::Tasks => tasks::measure(kind, scale, bench).await,
        Part::Checkpoint => checkpoints::measure(kind, scale, bench).await,
        Part::History => history::measure(kind, scale, bench).await,
        Part::Popup => popup::measure(kind, scale, bench).await,
        Part::Memory => memory::measure(kind, scale, bench).await,
        Part::Reads => reads::measure(kind, scale, bench).await,
        Part::Kills => kills::measure(kind, scale.runs, bench).await,
        Part::Packing => packing::measure(kind, bench).await,
        Part::Load => load::measure(kind, scale, bench).await,
        Part::Import => import::measure(kind, scale, bench).await,
        Part::Apps => apps::measure(kind, bench).await,
    }
}

/// Lets time pass while a page works.
async fn pass(time: Duration) {
    tokio::time::sleep_until(tokio::time::Instant::now() + time).await;
}

fn today() -> Done<String> {
    let said = std::process::Command::new("date").arg("+%Y-%m-%d").output()?.stdout;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

fn say(text: &str) {
    // Not where the table goes: that is meant to be piped.
    eprintln!("  {text}");
}

/// Whether `cargo xtask bench` had wasm-opt.
fn shrunk() -> Done<bool> {
    match std::env::var("SHIM_WASM_OPT").as_deref() {
        Ok("1") => Ok(true),
        Ok("0") => Ok(false),
        _ => Err("SHIM_WASM_OPT is not set: run this through `cargo xtask bench`".into()),
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("{cores} processors, load {load} before it began")
}

fn sizes(dist: &Path, bench: &mut Bench) -> Done<()> {
    let chrome = dist.join("chrome");
    let script = std::fs::read_to_string(chrome.join("content_wasm.js"))?;
    let inlined = script.split('"').nth(1).ok_or("content_wasm.js holds no bytes")?;
    let content = base64::prelude::BASE64_STANDARD.decode(inlined)?.len();
    let size = |name: &str| -> Done<u64> { Ok(std::fs::metadata(chrome.join(name))?.len()) };
    let files = [
        ("wasm of a chat page", content as u64, Some((450.0, 250.0))),
        ("wasm of the background", size("background_bg.wasm")?, None),
        ("wasm of the popup", size("ui_bg.wasm")?, None),
        ("wasm of the dashboard", size("board_bg.wasm")?, None),
    ];
    for (what, bytes, goal) in files {
        #[expect(clippy::cast_precision_loss, reason = "a file of some hundred kilobytes")]
        let kilobytes = bytes as f64 / 1000.0;
        bench.add(Figure::new(what, "both", "KB", vec![kilobytes]).goal(goal));
    }
    Ok(())
}

/// A lab and a browser whose inspector neither wakes nor asks the background by itself.
async fn start(kind: Kind, csp: Csp) -> Done<Play> {
    start_with(kind, csp, |options| options).await
}

async fn start_with(
    kind: Kind,
    csp: Csp,
    change: impl FnOnce(PlayOptions) -> PlayOptions,
) -> Done<Play> {
    let play = Play::start(change(PlayOptions::test(kind, Site::Claude, csp))).await?;
    play.browser.driver.goto(format!("{}popup.css", play.browser.pages)).await?;
    Ok(play)
}

/// Runs `look` in the content scripts' world of the tab in view and returns what it gives.
pub(crate) async fn in_content(browser: &Browser, host: &str, look: &str) -> Done<Value> {
    // The newest tab of the site is the one that was opened last.
    let script = format!(
        "const [host, done] = arguments; (async () => {{ \
         const tabs = await chrome.tabs.query({{ url: `https://${{host}}/*` }}); \
         const tabId = Math.max(...tabs.map((tab) => tab.id)); \
         const target = {{ tabId }}; \
         const [one] = await chrome.scripting.executeScript({{ target, func: {look} }}); \
         return one.result; }})().then(done, (why) => done({{ problem: String(why) }}));"
    );
    let seen = browser.in_inspector(&script, vec![host.into()]).await?;
    match seen.get("problem") {
        Some(problem) => Err(problem.to_string().into()),
        None => Ok(seen),
    }
}

fn number(seen: &Value, name: &str) -> Option<f64> {
    seen.get(name).and_then(Value::as_f64)
}

fn numbers(seen: &Value, name: &str) -> Vec<f64> {
    let list = seen.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// Closes the tab in view.
async fn close(browser: &Browser) -> Done<()> {
    browser.driver.close_window().await?;
    browser.show_inspector().await
}

/// Opens a fresh chat, waits until its engine is ready, and tells how long that took and where
/// the engine runs. The tab is left open.
async fn ready(play: &Play) -> Done<(f64, String)> {
    play.browser.open(&play.fresh_url()).await?;
    let look =
        "() => ({ ready: globalThis.shimBoot?.readyMs, where: globalThis.shimBoot?.placement })";
    until("the engine to be ready", async || {
        let seen = in_content(&play.browser, play.face.host, look).await?;
        let place = seen.get("where").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(number(&seen, "ready").map(|ready_ms| (ready_ms, place)))
    })
    .await
}

/// How long the background takes for a question, in milliseconds, and its answer.
async fn ask_ms(browser: &Browser, ask: &Ask) -> Done<(f64, String)> {
    let script = "const [text, done] = arguments; const began = performance.now(); \
        chrome.runtime.sendMessage(text).then( \
        (answer) => done({ ms: answer ? performance.now() - began : null, answer }), \
        (why) => done({ problem: String(why) }));";
    let said = browser.in_inspector(script, vec![serde_json::to_string(ask)?.into()]).await?;
    let ms = number(&said, "ms").ok_or_else(|| format!("the background did not answer: {said}"))?;
    let answer = said.get("answer").and_then(Value::as_str).unwrap_or_default();
    Ok((ms, answer.to_owned()))
}
