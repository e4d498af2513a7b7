//! What reading costs in a real page: a whole one, one changed turn, one more turn of a long chat,
//! and the memory of an engine that has read thousands.

use super::{Bench, Figure, RUNS, Scale, close, in_content, long, number, numbers, start};
use crate::browser::{Done, Kind, until, until_within};
use crate::lab::Csp;
use serde_json::json;
use std::time::Duration;

const SCRIPT: &str = include_str!("reads.js");
/// Whether SHIM's engine runs in the page.
const READY: &str = "() => ({ ready: Number(globalThis.shimBoot?.placement === 'page' \
    && typeof globalThis.shimBoot.readyMs === 'number') })";
/// Characters of the large page's markup.
const PAGE_CHARS: u64 = 2_000_000;
/// Changes that are timed together: a clock may tell no less than a millisecond.
const TIMES: u64 = 20;
/// On a slow machine all of it takes minutes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measures all of it on one page.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let play = start(kind, Csp::Permissive).await?;
    let small = Scale { turns: 6, ..*scale };
    let address = format!("https://{}{}", play.face.host, long::held(&play, &small));
    play.browser.open(&address).await?;
    long::shown(&play).await?;
    until("the engine to be ready", async || {
        let seen = in_content(&play.browser, play.face.host, READY).await?;
        Ok((number(&seen, "ready") == Some(1.0)).then_some(()))
    })
    .await?;
    let full = scale.turns >= 200;
    let (many, most) = if full { (1_000, 10_000) } else { (20, 40) };
    let scaled = json!({
        "page_chars": if full { PAGE_CHARS } else { PAGE_CHARS / 10 },
        "runs": scale.runs.max(RUNS), "times": TIMES, "turns": scale.turns,
        "many": many, "most": most,
    });
    let begin = format!(
        "() => {{ globalThis.shimReads = null; ({SCRIPT})({scaled}).then( \
         (told) => {{ globalThis.shimReads = told; }}, \
         (why) => {{ globalThis.shimReads = {{ problem: String(why) }}; }}); return {{}}; }}"
    );
    in_content(&play.browser, play.face.host, &begin).await?;
    let seen = until_within(PATIENCE, "the page to be read", async || {
        let told = "() => ({ told: globalThis.shimReads })";
        let seen = in_content(&play.browser, play.face.host, told).await?;
        Ok(seen.get("told").filter(|told| !told.is_null()).cloned())
    })
    .await?;
    let name = kind.name();
    let read = seen.get("read").ok_or_else(|| format!("nothing was read: {seen}"))?;
    let (turns, nodes) = (number(read, "turns"), number(read, "nodes"));
    let what = format!(
        "full read of a page of 2 MB, {} turns of {} elements mounted",
        turns.unwrap_or_default(),
        nodes.unwrap_or_default()
    );
    bench.add(Figure::new(&what, name, "ms", numbers(read, "times")).goal(Some((25.0, 25.0))));
    let what = format!("one changed turn of a chat of {} turns, all mounted", scale.turns);
    bench.add(Figure::new(&what, name, "ms", numbers(&seen, "one")).goal(Some((1.0, 1.0))));
    let (few, lots) = (numbers(&seen, "few"), numbers(&seen, "many"));
    let ratios: Vec<f64> = lots.iter().zip(&few).map(|(lots, few)| lots / few).collect();
    let what = format!("one more turn of a chat of {many} turns against one of 10");
    bench.add(Figure::new(&what, name, "x", ratios).goal(Some((1.5, 1.5))));
    for (size, part, goal) in [("1 KB", "short", 0.05), ("500 KB", "long", 5.0)] {
        let what = format!("engine's step for a new message of {size}");
        let figure = Figure::new(&what, name, "ms", numbers(&seen, part));
        bench.add(figure.goal(Some((goal, goal))));
    }
    for (what, values) in [
        ("of the full read, the engine's part", numbers(read, "engine")),
        ("of one changed turn, the engine's part", numbers(&seen, "oneEngine")),
        ("one more turn of a chat of 10", few),
        ("one more turn of the long chat", lots),
    ] {
        bench.add(Figure::new(what, name, "ms", values));
    }
    let memory = number(&seen, "memory").ok_or_else(|| format!("no memory is told: {seen}"))?;
    let what = format!("memory of a tab's engine after {most} turns of 1 KB, none saved yet");
    let mb = memory / 1_000_000.0;
    bench.add(Figure::new(&what, name, "MB", vec![mb]).goal(Some((40.0, 40.0))));
    close(&play.browser).await
}
