//! Memory that SHIM takes: in a watched tab, and for its worker.

use super::{Bench, Figure, Scale, long, pass, start};
use crate::browser::{Done, Kind};
use crate::lab::Csp;
use crate::play::Play;
use std::time::Duration;
use thirtyfour::WindowHandle;

/// Readings that must be alike before a figure is believed, and how far apart they are.
const ALIKE: usize = 4;
const APART: Duration = Duration::from_secs(2);
/// So many readings at most: a browser never rests wholly.
const READINGS: usize = 15;

/// Long chats in tabs, watched and not, and then the worker alone.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let bare = tabs(kind, scale, false).await?;
    let watched = tabs(kind, scale, true).await?;
    let name = kind.name();
    let what = format!("memory that a watched tab adds, chat of {} turns", scale.turns);
    // A system that does not tell has no values at all.
    let added = bare.page_mb.zip(watched.page_mb).map(|(bare, watched)| watched - bare);
    bench.add(Figure::new(&what, name, "MB", added.into_iter().collect()).goal(Some((25.0, 10.0))));
    let what = "worker at rest, one chat of its pages open";
    let figure = Figure::new(what, name, "MB", watched.worker_mb.into_iter().collect());
    bench.add(figure.goal(Some((40.0, 20.0))));
    for (what, value) in [
        ("a tab of the same chat without SHIM at work", bare.page_mb),
        ("the process in which extensions run, the worker at rest in it", watched.process_mb),
    ] {
        bench.add(Figure::new(what, name, "MB", value.into_iter().collect()));
    }
    Ok(())
}

/// Megabytes. None: not told.
struct Taken {
    page_mb: Option<f64>,
    worker_mb: Option<f64>,
    process_mb: Option<f64>,
}

async fn tabs(kind: Kind, scale: &Scale, watched: bool) -> Done<Taken> {
    let play = start(kind, Csp::Permissive).await?;
    let host = if watched { format!("https://{}", play.face.host) } else { play.lab.url() };
    // The first tab brings more with it than its own: what a site's first page needs.
    let mut all = vec![opened(&play, &host, scale).await?];
    let before = settled(&play, &all, async || play.browser.memory_of_pages_kb().await).await?;
    for _ in 0..scale.tabs {
        all.push(opened(&play, &host, scale).await?);
    }
    let after = settled(&play, &all, async || play.browser.memory_of_pages_kb().await).await?;
    let page_mb = before.zip(after).map(|(before, after)| {
        #[expect(clippy::cast_precision_loss, reason = "a handful of tabs")]
        let tabs = scale.tabs as f64;
        (after - before) / tabs
    });
    if !watched {
        return Ok(Taken { page_mb, worker_mb: None, process_mb: None });
    }
    let (worker_mb, process_mb) = worker(&play).await?;
    Ok(Taken { page_mb, worker_mb, process_mb })
}

async fn opened(play: &Play, host: &str, scale: &Scale) -> Done<WindowHandle> {
    let tab = play.browser.open(&format!("{host}{}", long::held(play, scale))).await?;
    long::shown(play).await?;
    Ok(tab)
}

/// What the worker takes, and the whole process it runs in. No other page of the extension is
/// open in Chromium, where that process is the worker's alone; in Firefox it is there anyway, so
/// the worker is what it grows by when that starts.
async fn worker(play: &Play) -> Done<(Option<f64>, Option<f64>)> {
    let chat = play.browser.driver.window().await?;
    let tab = [chat.clone()];
    play.browser.kill_worker().await?;
    let without = match play.browser.kind {
        Kind::Chromium => Some(0.0),
        Kind::Firefox => {
            settled(play, &tab, async || play.browser.memory_of_extensions_kb().await).await?
        }
    };
    play.browser.show(&chat).await?;
    let said = play.lab.log().len();
    play.say("Good morning").await?;
    play.answered(said + 1).await?;
    let process =
        settled(play, &tab, async || play.browser.memory_of_extensions_kb().await).await?;
    Ok((process.zip(without).map(|(with, without)| with - without), process))
}

/// Reads until some readings in a row are alike: the last of them, in MB.
async fn settled(
    play: &Play,
    tabs: &[WindowHandle],
    read: impl AsyncFn() -> Done<u64>,
) -> Done<Option<f64>> {
    // What was just read is not yet let go of.
    pass(APART).await;
    for tab in tabs {
        play.browser.show(tab).await?;
        play.browser.give_back_memory().await?;
    }
    let mut last: Vec<u64> = Vec::new();
    for _ in 0..READINGS {
        pass(APART).await;
        let Ok(now) = read().await else { return Ok(None) };
        last.retain(|before| before.abs_diff(now) < now / 100);
        last.push(now);
        if last.len() >= ALIKE {
            break;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some gigabytes at most")]
    Ok(last.last().map(|kilobytes| *kilobytes as f64 / 1024.0))
}
