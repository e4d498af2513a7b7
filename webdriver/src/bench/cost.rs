//! What SHIM costs the page and the machine while a chat is watched.

use super::{Bench, Figure, Scale, close, pass, start_with};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Tokens of one stream, and how often it is measured.
const TOKENS: u32 = 20_000;
const RUNS: usize = 3;
/// One token in so many milliseconds is about 60 a second.
const TOKEN_MS: u64 = 16;
/// How much slower a slow machine is.
const SLOWER: u32 = 4;

/// The lab's chat at an address, with one short exchange, and its own measuring script loaded.
async fn chat_at(play: &Play, url: &str) -> Done<()> {
    play.browser.open(url).await?;
    let said = play.lab.log().len();
    play.say("Good morning").await?;
    play.answered(said + 1).await?;
    let load = "const done = arguments[arguments.length - 1]; \
        const script = document.createElement('script'); script.type = 'module'; \
        script.src = '/assets/looker.js'; script.onload = () => done(true); \
        script.onerror = () => done(false); document.head.append(script);";
    let loaded = play.browser.driver.execute_async(load, Vec::new()).await?;
    if loaded.json() == &json!(true) { Ok(()) } else { Err("the page's script is missing".into()) }
}

async fn tokens_ms(play: &Play, observed: bool) -> Done<f64> {
    let ask = "(window.wrappedJSObject ?? window).labTokens(arguments[0], arguments[1]);";
    play.browser.driver.execute(ask, vec![TOKENS.into(), observed.into()]).await?;
    until("the tokens to be written", async || {
        let answer = "return (window.wrappedJSObject ?? window).labLooked;";
        let said = play.browser.driver.execute(answer, Vec::new()).await?;
        let took: Option<Value> = said.json().as_str().map(serde_json::from_str).transpose()?;
        Ok(took.and_then(|took| took.as_f64()))
    })
    .await
}

/// The page's thread is busy from the first token to the last, so the time from one to the other
/// is its own; the yardstick is the same page under a name that SHIM does not watch.
pub async fn main_thread(kind: Kind, bench: &mut Bench) -> Done<()> {
    let play = start_with(kind, Csp::Permissive, |options| options).await?;
    chat_at(&play, &format!("{}/new", play.lab.url())).await?;
    let bare = play.browser.driver.window().await?;
    chat_at(&play, &play.fresh_url()).await?;
    let watched = play.browser.driver.window().await?;
    let (mut with, mut idle, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        play.browser.show(&bare).await?;
        without.push(tokens_ms(&play, false).await?);
        idle.push(tokens_ms(&play, true).await?);
        play.browser.show(&watched).await?;
        with.push(tokens_ms(&play, false).await?);
    }
    let ratios = with.iter().zip(&idle).map(|(with, idle)| with / idle).collect();
    let what = "main thread of a page that streams 20,000 tokens one by one, against an observer \
                that does nothing";
    bench.add(Figure::new(what, kind.name(), "x", ratios).goal(Some((2.0, 1.2))));
    for (what, values) in [
        ("of that, with SHIM", with),
        ("of that, with an observer that does nothing", idle),
        ("of that, with no observer at all", without),
    ] {
        bench.add(Figure::new(what, kind.name(), "ms", values));
    }
    Ok(())
}

/// Processor time of one chat that streams.
pub async fn processor(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let what = "processor time of SHIM, page and worker together, at 60 tokens a second, of a core";
    let shares = shares(kind, 1, scale.seconds, 1).await?;
    shares.tell(what, kind, (3.0, 0.7), bench);
    Ok(())
}

/// The same of several chats on a slow machine. None of them is in view: drawing one takes far
/// more than SHIM does, and would have the slow machine do all it can.
pub async fn chats(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let what = format!(
        "the same with {} chats streaming out of view, the machine {SLOWER} times slower, of one \
         of its cores",
        scale.tabs
    );
    let shares = shares(kind, scale.tabs, scale.seconds, SLOWER).await?;
    shares.tell(&what, kind, (25.0, 8.0), bench);
    Ok(())
}

/// Percent of one core: of the whole browser, of the pages in it, of the extensions.
type Share = [f64; 3];

/// What the browser took without SHIM at work, and with it.
struct Shares {
    bare: Share,
    watched: Share,
}

impl Shares {
    fn tell(&self, what: &str, kind: Kind, goal: (f64, f64), bench: &mut Bench) {
        let [all, pages, extensions] = [0, 1, 2].map(|at| {
            let of = |share: &Share| share.get(at).copied().unwrap_or_default();
            vec![of(&self.watched) - of(&self.bare)]
        });
        bench.add(Figure::new(what, kind.name(), "%", all).goal(Some(goal)));
        let [bare, ..] = self.bare;
        for (part, values) in [
            ("of it in the pages' processes", pages),
            ("of it in the process of the worker", extensions),
            ("the whole browser without SHIM at work", vec![bare]),
        ] {
            bench.add(Figure::new(&format!("{what}: {part}"), kind.name(), "%", values));
        }
    }
}

/// Has so many chats stream, first under a name that SHIM does not watch.
async fn shares(kind: Kind, chats: usize, seconds: u64, slower: u32) -> Done<Shares> {
    let paced = |options| PlayOptions { token_ms: TOKEN_MS, ..options };
    let play = start_with(kind, Csp::Permissive, paced).await?;
    let bare = share(&play, &format!("{}/new", play.lab.url()), chats, seconds, slower).await?;
    let watched = share(&play, &play.fresh_url(), chats, seconds, slower).await?;
    Ok(Shares { bare, watched })
}

async fn share(play: &Play, url: &str, chats: usize, seconds: u64, slower: u32) -> Done<Share> {
    // A word is a little more than a token; a slow machine is slow to begin, too.
    let words = (seconds + 60) * 1000 / TOKEN_MS;
    let mut tabs = Vec::new();
    for _ in 0..chats {
        tabs.push(play.browser.open(url).await?);
        play.say(&format!("!lorem {words}")).await?;
    }
    if chats > 1 {
        tabs.push(play.browser.open("about:blank").await?);
    }
    let slow = (slower > 1).then(|| play.browser.slow_down(slower));
    pass(Duration::from_secs(5)).await;
    let began = Instant::now();
    let ran_ms = || match &slow {
        Some(slow) => slow.ran_ms(),
        None => u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let (before, ran_before) = (used_ms(play).await?, ran_ms());
    pass(Duration::from_secs(seconds)).await;
    let (after, ran_after) = (used_ms(play).await?, ran_ms());
    drop(slow);
    for tab in tabs {
        play.browser.show(&tab).await?;
        close(&play.browser).await?;
    }
    play.lab.reset();
    let ran = ran_after.saturating_sub(ran_before).max(1);
    let mut share = [0.0; 3];
    for (share, (before, after)) in share.iter_mut().zip(before.into_iter().zip(after)) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of some minutes")]
        let percent = after.saturating_sub(before) as f64 / ran as f64 * 100.0;
        *share = percent;
    }
    Ok(share)
}

async fn used_ms(play: &Play) -> Done<[u64; 3]> {
    let [pages, extensions] = play.browser.cpu_of_renderers_ms().await?;
    Ok([play.browser.cpu_ms(), pages, extensions])
}
