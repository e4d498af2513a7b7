//! What SHIM costs the page and the machine while a chat is watched.

use super::{Bench, Figure, say, start_with};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::By;

/// Tokens of one stream, and how often it is measured.
const TOKENS: u32 = 20_000;
const RUNS: usize = 3;
/// One token in so many milliseconds is about 60 a second.
const TOKEN_MS: u64 = 16;

/// All of it, in one browser. `seconds`: how long each stream at 60 tokens a second is measured.
pub async fn measure(kind: Kind, seconds: u64, bench: &mut Bench) -> Done<()> {
    say(&format!("{}: {TOKENS} tokens as fast as the page takes them", kind.name()));
    main_thread(kind, bench).await?;
    say(&format!("{}: two streams of {seconds} s at 60 tokens a second", kind.name()));
    processor(kind, seconds, bench).await
}

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
async fn main_thread(kind: Kind, bench: &mut Bench) -> Done<()> {
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

/// Processor time of the whole browser while one chat streams, watched and not.
async fn processor(kind: Kind, seconds: u64, bench: &mut Bench) -> Done<()> {
    let slower = |options| PlayOptions { token_ms: TOKEN_MS, ..options };
    let play = start_with(kind, Csp::Permissive, slower).await?;
    let mut shares = Vec::new();
    for url in [format!("{}/new", play.lab.url()), play.fresh_url()] {
        play.browser.open(&url).await?;
        until("the composer", async || {
            Ok(play.browser.driver.find(By::Css(play.face.composer)).await.ok())
        })
        .await?;
        // A word is a little more than a token.
        play.say(&format!("!lorem {}", (seconds + 30) * 1000 / TOKEN_MS)).await?;
        pass(Duration::from_secs(5)).await?;
        let (before, began) = (play.browser.cpu_ms(), Instant::now());
        pass(Duration::from_secs(seconds)).await?;
        let used = play.browser.cpu_ms().saturating_sub(before);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of some minutes")]
        shares.push(used as f64 / began.elapsed().as_secs_f64() / 10.0);
        play.browser.driver.close_window().await?;
        play.browser.show_inspector().await?;
    }
    let [bare, watched] = shares[..] else { return Err("two streams were to be measured".into()) };
    let what = "processor time of SHIM, page and worker together, at 60 tokens a second, of a core";
    bench.add(Figure::new(what, kind.name(), "%", vec![watched - bare]).goal(Some((3.0, 0.7))));
    let what = "of the same, the whole browser without SHIM at work";
    bench.add(Figure::new(what, kind.name(), "%", vec![bare]));
    Ok(())
}

/// Lets time pass while a page works.
async fn pass(time: Duration) -> Done<()> {
    let until = tokio::time::Instant::now() + time;
    tokio::time::sleep_until(until).await;
    Ok(())
}
