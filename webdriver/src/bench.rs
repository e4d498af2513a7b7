//! The figures: how fast the engine is ready, how fast a prompt stands in a fresh chat, how large
//! the wasm is. Real browsers, the built extension, the lab's pages; nothing is asserted of time.

mod cost;
mod figures;
mod resumes;
mod starts;

pub use figures::{Bench, Figure};

use crate::browser::{Browser, Done, Kind, Options, until};
use crate::lab::{Csp, Site, demo};
use crate::play::{Play, PlayOptions};
use base64::Engine;
use serde_json::Value;
use std::path::Path;

/// Runs of each short measurement: an odd number, so that the median is one of them.
const RUNS: usize = 11;
/// Runs of the whole way from crash to prompt, which are slow.
const LONG_RUNS: usize = 5;

/// Measures everything in these browsers, one after the other; streams that go at a human pace
/// for so many seconds.
///
/// # Errors
/// When a step could not be made: half a table would be taken for a whole one.
pub async fn bench(kinds: &[Kind], seconds: u64) -> Done<Bench> {
    let dist = Options::from_env(Kind::Chromium, 0)?.dist;
    let mut bench = Bench { shrunk: shrunk()?, machine: machine(), ..Bench::default() };
    sizes(&dist, &mut bench)?;
    for &kind in kinds {
        bench.browsers.push(kind.version()?);
        say(&format!("{}: starts with the engine in the page", kind.name()));
        starts::in_page(kind, &mut bench).await?;
        say(&format!("{}: starts with the engine in the background", kind.name()));
        starts::in_background(kind, &mut bench).await?;
        let messages = demo::turns().len();
        say(&format!("{}: crashes and resumes of a chat of {messages} messages", kind.name()));
        resumes::measure(kind, &mut bench).await?;
        cost::measure(kind, seconds, &mut bench).await?;
    }
    Ok(bench)
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
async fn in_content(browser: &Browser, host: &str, look: &str) -> Done<Value> {
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
