//! From the first script line of a chat page to the engine that is ready.

use super::{Bench, Figure, RUNS, ask_ms, close, ready, start};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::Play;
use serde_json::Value;
use shim::wire::ui::Ask;

/// First placement.
pub async fn in_page(kind: Kind, bench: &mut Bench) -> Done<()> {
    let play = start(kind, Csp::Permissive).await?;
    let mut values = Vec::new();
    for _ in 0..RUNS {
        let (ready_ms, place) = ready(&play).await?;
        placed("page", &place)?;
        values.push(ready_ms);
        close(&play.browser).await?;
    }
    let goal = if kind == Kind::Chromium { (30.0, 8.0) } else { (60.0, 30.0) };
    let what = "first script line to engine ready, in the page";
    bench.add(Figure::new(what, kind.name(), "ms", values).goal(Some(goal)));
    bare_module(&play, bench).await
}

/// The same bytes with no glue and nobody to talk to: what the browser alone takes for them.
async fn bare_module(play: &Play, bench: &mut Bench) -> Done<()> {
    let look = format!(
        r#"async () => {{
  const times = {{ compile: [], whole: [] }};
  const response = await fetch(chrome.runtime.getURL("content_wasm.js"));
  const packed = (await response.text()).split('"')[1];
  for (let run = 0; run < {RUNS}; run += 1) {{
    const began = performance.now();
    const bytes = Uint8Array.fromBase64?.(packed)
      ?? Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const decoded = performance.now();
    const module = new WebAssembly.Module(bytes);
    const compiled = performance.now();
    const imports = {{}};
    for (const {{ module: from, name, kind }} of WebAssembly.Module.imports(module)) {{
      if (kind !== "function") throw new Error(`an import is a ${{kind}}`);
      (imports[from] ??= {{}})[name] = () => 0;
    }}
    new WebAssembly.Instance(module, imports);
    times.compile.push(compiled - decoded);
    times.whole.push(performance.now() - began);
  }}
  return times;
}}"#
    );
    let script = format!(
        "const [done] = arguments; \
         ({look})().then(done, (why) => done({{ problem: String(why) }}));"
    );
    let times = play.browser.in_inspector(&script, Vec::new()).await?;
    for (name, what) in [
        ("whole", "the same module in an extension page: unpacked, compiled, instantiated"),
        ("compile", "of that, compiling alone"),
    ] {
        let values = times.get(name).and_then(Value::as_array);
        let values = values.ok_or_else(|| format!("the module was not timed: {times}"))?;
        let values = values.iter().filter_map(Value::as_f64).collect();
        bench.add(Figure::new(what, play.browser.kind.name(), "ms", values));
    }
    Ok(())
}

/// Second placement. Chromium gets there by a page's real refusal; Firefox refuses nowhere, so its
/// scripts are registered without the engine, as after a refusal.
pub async fn in_background(kind: Kind, bench: &mut Bench) -> Done<()> {
    let play = start(kind, Csp::Strict).await?;
    if kind == Kind::Chromium {
        ready(&play).await?;
        close(&play.browser).await?;
        until("the refusal to be remembered", async || {
            Ok((!engine_registered(&play).await?).then_some(()))
        })
        .await?;
    }
    let (mut warm, mut cold) = (Vec::new(), Vec::new());
    let (mut warm_asked, mut cold_asked) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        warm_asked.push(status_ms(&play, true).await?);
        warm.push(second(&play, kind).await?);
        without_engine(&play, kind).await?;
        kill(&play).await?;
        cold.push(second(&play, kind).await?);
        kill(&play).await?;
        cold_asked.push(status_ms(&play, false).await?);
    }
    for (what, values, goal) in [
        ("the same with the engine in the background, worker warm", warm, Some((100.0, 50.0))),
        ("the same with the engine in the background, worker cold", cold, Some((400.0, 300.0))),
        ("one question to the background and its answer, worker warm", warm_asked, None),
        ("one question to the background and its answer, worker cold", cold_asked, None),
    ] {
        bench.add(Figure::new(what, kind.name(), "ms", values).goal(goal));
    }
    Ok(())
}

/// One start in the second placement.
async fn second(play: &Play, kind: Kind) -> Done<f64> {
    if play.browser.worker_runs().await? {
        without_engine(play, kind).await?;
    }
    let (ready_ms, place) = ready(play).await?;
    placed("background", &place)?;
    close(&play.browser).await?;
    Ok(ready_ms)
}

/// A background that starts registers the engine again where no page refused it.
async fn without_engine(play: &Play, kind: Kind) -> Done<()> {
    if kind == Kind::Firefox {
        play.force_background().await?;
    }
    if engine_registered(play).await? {
        return Err("the scripts are still registered with the engine".into());
    }
    Ok(())
}

async fn engine_registered(play: &Play) -> Done<bool> {
    let script = "const [done] = arguments; chrome.scripting.getRegisteredContentScripts().then( \
        (all) => done(all.find(({ id }) => id === 'claude').js.some( \
        (file) => file.endsWith('content_wasm.js'))), (why) => done(String(why)));";
    let said = play.browser.in_inspector(script, Vec::new()).await?;
    Ok(said.as_bool().ok_or_else(|| format!("the registration is unknown: {said}"))?)
}

/// Ends the background when it has nothing more to do: an event on its way would wake it.
pub(super) async fn kill(play: &Play) -> Done<()> {
    play.browser.ask(&Ask::Status).await?;
    play.browser.kill_worker().await?;
    until("the background to be gone", async || {
        Ok((!play.browser.worker_runs().await?).then_some(()))
    })
    .await
}

/// How long a question takes that needs nothing but the background itself.
async fn status_ms(play: &Play, warm: bool) -> Done<f64> {
    if warm {
        play.browser.ask(&Ask::Status).await?;
    }
    Ok(ask_ms(&play.browser, &Ask::Status).await?.0)
}

fn placed(wanted: &str, found: &str) -> Done<()> {
    if wanted == found { Ok(()) } else { Err(format!("the engine runs in the {found}").into()) }
}
