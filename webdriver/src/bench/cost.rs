//! What SHIM costs the page and the machine while a chat is watched.

use super::{Bench, Figure, Scale, close, pass, start_with, tasks};
use crate::browser::{Done, Kind, Slow, until};
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Tokens of one stream, and how often it is measured.
const TOKENS: u32 = 20_000;
const RUNS: usize = 3;
/// One token in so many milliseconds is about 60 a second.
const TOKEN_MS: u64 = 16;
/// How often the processor time of one chat is measured without SHIM and with it, in turns.
const ROUNDS: u64 = 5;
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

/// Processor time of one chat that streams. The page itself takes ten times as much and never twice
/// the same, so it streams in turns, without SHIM and with it, a message each time.
pub async fn processor(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let what = "processor time of SHIM, page and worker together, at 60 tokens a second, of a core";
    let play = streaming(kind).await?;
    let (mut more, mut bare, mut watched) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let seconds = scale.seconds.div_ceil(ROUNDS);
        let without = share(&play, false, 1, seconds, 1).await?;
        let with = share(&play, true, 1, seconds, 1).await?;
        more.push(with.pages + with.extensions - without.pages - without.extensions);
        bare.push(without);
        watched.push(with);
    }
    bench.add(Figure::new(what, kind.name(), "%", more).goal(Some((3.0, 0.7))));
    tell("one chat", kind, &bare, &watched, bench);
    Ok(())
}

/// The same of several chats on a slow machine, which does all it can to draw them: what is added
/// takes from the pages, and is no difference. So it is counted where it is done.
pub async fn chats(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let tabs = scale.tabs;
    let what = format!(
        "the same with {tabs} chats streaming, the machine {SLOWER} times slower, of one of its \
         cores"
    );
    let (bare, watched) = shares(kind, tabs, scale.seconds, SLOWER).await?;
    let ours = watched.scripts + watched.extensions - bare.extensions;
    bench.add(Figure::new(&what, kind.name(), "%", vec![ours]).goal(Some((25.0, 8.0))));
    let of = format!("{tabs} chats on a slow machine");
    tell(&of, kind, &[bare], &[watched], bench);
    Ok(())
}

fn tell(of: &str, kind: Kind, bare: &[Share], watched: &[Share], bench: &mut Bench) {
    let pairs = || watched.iter().zip(bare);
    for (what, values) in [
        ("SHIM's scripts in the pages, by their own clock", values(watched, |it| it.scripts)),
        (
            "more in the process of the worker",
            pairs().map(|(with, bare)| with.extensions - bare.extensions).collect(),
        ),
        (
            "more in the processes of the pages",
            pairs().map(|(with, bare)| with.pages - bare.pages).collect(),
        ),
        ("the whole browser without SHIM at work", values(bare, |it| it.browser)),
        ("the whole browser with it", values(watched, |it| it.browser)),
    ] {
        bench.add(Figure::new(&format!("{of}: {what}"), kind.name(), "%", values));
    }
}

fn values(of: &[Share], part: fn(&Share) -> f64) -> Vec<f64> {
    of.iter().map(part).collect()
}

/// What was used, in percent of one core.
struct Share {
    browser: f64,
    pages: f64,
    extensions: f64,
    /// Of the page's thread, by the wall's clock: never less than it used.
    scripts: f64,
}

/// A lab that writes at a human pace, and a browser in which SHIM's scripts are timed.
async fn streaming(kind: Kind) -> Done<Play> {
    let paced = |options| PlayOptions { token_ms: TOKEN_MS, ..options };
    let play = start_with(kind, Csp::Permissive, paced).await?;
    tasks::watch(&play).await?;
    Ok(play)
}

/// Has so many chats stream, first under a name that SHIM does not watch.
async fn shares(kind: Kind, chats: usize, seconds: u64, slower: u32) -> Done<(Share, Share)> {
    let play = streaming(kind).await?;
    let bare = share(&play, false, chats, seconds, slower).await?;
    let watched = share(&play, true, chats, seconds, slower).await?;
    Ok((bare, watched))
}

async fn share(play: &Play, watched: bool, chats: usize, seconds: u64, slower: u32) -> Done<Share> {
    // A word is a little more than a token; a slow machine is slow to begin, too.
    let words = (seconds + 90) * 1000 / TOKEN_MS;
    let mut tabs = Vec::new();
    for _ in 0..chats {
        tabs.push(if watched {
            tasks::open_timed(play, &play.fresh_url()).await?
        } else {
            play.browser.open(&format!("{}/new", play.lab.url())).await?
        });
        play.say(&format!("!lorem {words}")).await?;
    }
    if chats > 1 {
        tabs.push(play.browser.open("about:blank").await?);
    }
    let slow = (slower > 1).then(|| play.browser.slow_down(slower));
    pass(Duration::from_secs(seconds.min(5))).await;
    let before = Used::read(play, watched, slow.as_ref()).await?;
    pass(Duration::from_secs(seconds)).await;
    let after = Used::read(play, watched, slow.as_ref()).await?;
    drop(slow);
    for tab in tabs {
        play.browser.show(&tab).await?;
        close(&play.browser).await?;
    }
    play.lab.reset();
    Ok(after.since(&before))
}

/// What was used so far, in milliseconds.
struct Used {
    at: Instant,
    /// For how long a slow browser could run.
    ran: Option<u64>,
    browser: u64,
    renderers: [u64; 2],
    scripts: f64,
}

impl Used {
    async fn read(play: &Play, watched: bool, slow: Option<&Slow>) -> Done<Self> {
        let scripts = if watched { tasks::timed_ms(play).await? } else { 0.0 };
        Ok(Self {
            at: Instant::now(),
            ran: slow.map(Slow::ran_ms),
            browser: play.browser.cpu_ms(),
            renderers: play.browser.cpu_of_renderers_ms().await?,
            scripts,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of some minutes")]
    fn since(&self, before: &Self) -> Share {
        let wall = self.at.duration_since(before.at).as_secs_f64() * 1000.0;
        let ran = self.ran.zip(before.ran).map(|(now, then)| now.saturating_sub(then) as f64);
        let percent = |now: u64, then: u64| {
            now.saturating_sub(then) as f64 / ran.unwrap_or(wall).max(1.0) * 100.0
        };
        let ([pages, extensions], [old_pages, old_extensions]) = (self.renderers, before.renderers);
        Share {
            browser: percent(self.browser, before.browser),
            pages: percent(pages, old_pages),
            extensions: percent(extensions, old_extensions),
            // While all stands still this clock goes on, and so does the wall's.
            scripts: (self.scripts - before.scripts) / wall.max(1.0) * 100.0,
        }
    }
}
