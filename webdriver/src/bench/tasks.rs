//! What SHIM makes the page's thread do at a time, in a long chat.

use super::{Bench, Figure, Scale, close, in_content, long, numbers, pass, start_with};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use serde_json::Value;
use std::time::Duration;
use thirtyfour::WindowHandle;

/// About 60 tokens a second, for ten seconds.
const TOKEN_MS: u64 = 16;
const WORDS: u64 = 600;
/// Runs, which take half a minute each.
const RUNS: usize = 5;
/// Pages that may be needed to be in one before SHIM's scripts.
const TRIES: usize = 20;

/// While a page starts nobody asks it anything: that would make its tasks longer.
const QUIET: Duration = Duration::from_secs(2);

/// Times everything that the content scripts are called for, in their own world, which the page
/// does not see. What it wraps must be there before them.
const WATCH: &str = r"
const [host, done] = arguments;
const wrap = () => {
  if (globalThis.shimTasks) return;
  const late = Boolean(globalThis.shimEyes);
  const tasks = { late, start: [], look: [], change: [], message: [], next: [] };
  globalThis.shimTasks = tasks;
  const timed = (kind, act) => function called(...all) {
    const began = performance.now();
    try { return act.apply(this, all); } finally { tasks[kind].push(performance.now() - began); }
  };
  const [later, Observer] = [globalThis.setTimeout, globalThis.MutationObserver];
  globalThis.setTimeout = (act, ...rest) => later(timed('look', act), ...rest);
  globalThis.MutationObserver = function Timed(act) { return new Observer(timed('change', act)); };
  const { connect } = chrome.runtime;
  chrome.runtime.connect = (...all) => {
    const port = connect.apply(chrome.runtime, all);
    const { onMessage } = port, add = onMessage.addListener;
    onMessage.addListener = (act) => add.call(onMessage, timed('message', act));
    return port;
  };
  const goesOn = (kind) => {
    const began = performance.now();
    let more = 40; // what goes on from here runs in microtasks, before this count is over
    const on = () => {
      if ((more -= 1)) queueMicrotask(on);
      else tasks[kind].push(performance.now() - began);
    };
    queueMicrotask(on);
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (...all) => instantiate.apply(WebAssembly, all).then((made) => {
    goesOn('start');
    return made;
  });
  const Channel = globalThis.MessageChannel;
  globalThis.MessageChannel = function Timed() {
    const made = new Channel(), { port1 } = made;
    Object.defineProperty(port1, 'onmessage', { set: (act) => {
      port1.addEventListener('message', () => { goesOn('next'); act(); });
      port1.start();
    } });
    return made;
  };
  let boot;
  Object.defineProperty(globalThis, 'shimBoot', { get: () => boot, set: (made) => {
    boot = made; // microtasks run when the whole script has
    queueMicrotask(() => tasks.start.push(performance.now() - globalThis.SHIM_BEGAN_MS));
  } });
};
chrome.tabs.onUpdated.addListener((tabId, change, { url }) => {
  if (!url?.startsWith(`https://${host}/`)) return;
  chrome.scripting.executeScript({ target: { tabId }, injectImmediately: true, func: wrap })
    .catch(() => null);
});
done(true);
";

/// How far the page in view is: whether the wrapping came too late, and whether SHIM runs.
const STATE: &str = "() => ({ late: globalThis.shimTasks?.late ?? null, \
    ready: typeof globalThis.shimBoot?.readyMs === 'number' })";

/// What was timed.
const LOOK: &str = "() => { const { late, ...kinds } = globalThis.shimTasks; return kinds; }";

/// Times the engine's steps from now on.
const ENGINE: &str = "() => { \
    const times = globalThis.shimSteps = { looks: [], engine: null, last: null }; \
    const { prototype } = wasm_bindgen.Engine, { step } = prototype; \
    prototype.step = function timed(at, event) { \
      const began = performance.now(), out = step.call(this, at, event); \
      if (event.startsWith('{\"page\":')) { \
        times.looks.push(performance.now() - began); times.last = event; } \
      times.engine = this; times.step = step; return out; }; return true; }";

/// Gives the engine of the page in view a look without news, again and again.
const CHECK: &str = "() => { \
    const { engine, step, last, looks } = globalThis.shimSteps; \
    const { seq, url, title, hidden, account } = JSON.parse(last).page; \
    const event = JSON.stringify({ page: { seq: seq + 1, url, title, hidden, account } }); \
    const checks = []; \
    for (let run = 0; run < 11; run += 1) { const began = performance.now(); \
      for (let time = 0; time < 200; time += 1) step.call(engine, Date.now(), event); \
      checks.push((performance.now() - began) / 200); } \
    return { checks, looks }; }";

/// Sums up what was timed so far in all tabs of the site.
const SUM: &str = "const [host, done] = arguments; (async () => { \
    const tabs = await chrome.tabs.query({ url: `https://${host}/*` }); let sum = 0; \
    const func = () => { const { late, ...kinds } = globalThis.shimTasks; \
      return Object.values(kinds).flat().reduce((all, one) => all + one, 0); }; \
    for (const { id: tabId } of tabs) { \
      const [one] = await chrome.scripting.executeScript({ target: { tabId }, func }); \
      sum += one.result; } \
    return sum; })().then(done, (why) => done(String(why)));";

/// From now on everything that SHIM's scripts are called for is timed in the site's pages.
pub async fn watch(play: &Play) -> Done<()> {
    play.browser.in_inspector(WATCH, vec![play.face.host.into()]).await?;
    Ok(())
}

/// Opens a page of the site that is timed from its beginning.
pub async fn open_timed(play: &Play, url: &str) -> Done<WindowHandle> {
    let tab = play.browser.open(url).await?;
    for _ in 0..TRIES {
        pass(QUIET).await;
        if in_time(play).await?.is_some() {
            return Ok(tab);
        }
        play.browser.driver.refresh().await?;
    }
    Err("SHIM's scripts were always there first".into())
}

/// Milliseconds that SHIM's scripts took so far in all pages of the site.
pub async fn timed_ms(play: &Play) -> Done<f64> {
    let sum = play.browser.in_inspector(SUM, vec![play.face.host.into()]).await?;
    Ok(sum.as_f64().ok_or_else(|| format!("the pages do not tell: {sum}"))?)
}

/// A chat of 200 turns: opened, read to its beginning, and gone on with.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let paced = |options| PlayOptions { token_ms: TOKEN_MS, ..options };
    let play = start_with(kind, Csp::Permissive, paced).await?;
    watch(&play).await?;
    let kinds = ["start", "next", "look", "change", "message"];
    let (mut longest, mut of_kind) = (Vec::new(), kinds.map(|_| Vec::new()));
    let mut usual = Vec::new();
    let (mut checks, mut looks) = (Vec::new(), Vec::new());
    for _ in 0..scale.runs.min(RUNS) {
        let seen = one_run(&play, scale).await?;
        for (name, values) in kinds.iter().zip(&mut of_kind) {
            let times = numbers(&seen, name);
            let most = times.iter().copied().reduce(f64::max);
            values.push(most.ok_or_else(|| format!("no {name} was seen: {seen}"))?);
        }
        usual.extend(numbers(&seen, "look"));
        longest.extend(of_kind.iter().filter_map(|values| values.last()).copied().reduce(f64::max));
        let check = in_content(&play.browser, play.face.host, CHECK).await?;
        checks.extend(numbers(&check, "checks"));
        looks.extend(numbers(&check, "looks"));
        close(&play.browser).await?;
    }
    let turns = scale.turns;
    let name = kind.name();
    let what = format!("longest task added to the page's thread, chat of {turns} turns");
    bench.add(Figure::new(&what, name, "ms", longest).goal(Some((16.0, 4.0))));
    let what = format!("trigger check, a whole look without news, chat of {turns} KB");
    bench.add(Figure::new(&what, name, "ms", checks).goal(Some((1.0, 0.05))));
    let [start, next, look, change, message] = of_kind;
    for (what, values) in [
        ("longest start of the scripts with the engine's module", start),
        ("longest task after a rest: the engine's start, more of a look", next),
        ("longest look at that chat", look),
        ("every look at that chat", usual),
        ("longest notice of changes in it", change),
        ("longest message from the background", message),
        ("the engine's part of a look while an answer comes", looks),
    ] {
        bench.add(Figure::new(what, name, "ms", values));
    }
    let frame = Figure::new("a frame at 60 a second", "both", "ms", vec![1000.0 / 60.0]);
    if bench.figures.iter().all(|figure| figure.what != frame.what) {
        bench.add(frame);
    }
    Ok(())
}

async fn one_run(play: &Play, scale: &Scale) -> Done<Value> {
    let address = format!("https://{}{}", play.face.host, long::held(play, scale));
    open_timed(play, &address).await?;
    long::shown(play).await?;
    in_content(&play.browser, play.face.host, ENGINE).await?;
    long::read_all(play, scale).await?;
    let said = play.lab.log().len();
    play.say(&format!("!lorem {WORDS}")).await?;
    play.answered(said + 1).await?;
    in_content(&play.browser, play.face.host, LOOK).await
}

/// Whether the page in view was wrapped before SHIM's scripts came.
async fn in_time(play: &Play) -> Done<Option<()>> {
    let late = until("the engine to be ready", async || {
        let seen = in_content(&play.browser, play.face.host, STATE).await?;
        let ready = seen.get("ready").and_then(Value::as_bool) == Some(true);
        // Never wrapped at all is too late as well.
        Ok(ready.then(|| seen.get("late").and_then(Value::as_bool).unwrap_or(true)))
    })
    .await?;
    Ok((!late).then_some(()))
}
