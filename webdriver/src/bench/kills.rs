//! What is left of an answer whose page is killed while it comes.

use super::{Bench, Figure, in_content, pass, say, start_with};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use serde_json::Value;
use shim::base::SessionId;
use std::time::{Duration, Instant};

/// Pause between two tokens: 60 a second.
const TOKEN_MS: u64 = 17;
/// How long before the kill the text is read off the page.
const BEFORE: Duration = Duration::from_secs(1);
/// Words of the answer before the kills may begin.
const WORDS: usize = 300;
/// Of the characters on the page, in percent.
const LOST: f64 = 0.1;

/// The newest answer as its page shows it.
const SHOWN: &str = "() => ({ text: [...document.querySelectorAll('[data-perf-reply-text] p')] \
    .slice(-400).map((p) => p.textContent).join(' ') })";

/// Kills pages in view and out of view, and compares what they showed with what is stored.
///
/// # Errors
/// When a step could not be made.
pub async fn measure(kind: Kind, runs: usize, bench: &mut Bench) -> Done<()> {
    for hidden in [false, true] {
        let place = if hidden { "out of view" } else { "in view" };
        let mut lost = Vec::new();
        let mut chars = Vec::new();
        for run in 0..runs {
            say(&format!("{}: kill {} of {runs}, {place}", kind.name(), run + 1));
            let (shown, gone) = kill(kind, hidden, run).await?;
            lost.push(gone / shown * 100.0);
            chars.push(gone);
        }
        let what = format!(
            "characters of an answer on the page 1 s before its process is killed that are lost, \
             {place}"
        );
        bench.add(Figure::new(&what, kind.name(), "%", lost).goal(Some((LOST, LOST))));
        let what = format!("of that, in characters, {place}");
        bench.add(Figure::new(&what, kind.name(), "", chars));
    }
    Ok(())
}

/// One kill: characters on the page one second before, and those of them that are not stored.
async fn kill(kind: Kind, hidden: bool, run: usize) -> Done<(f64, f64)> {
    let calm = |options| PlayOptions { turns: 1, token_ms: TOKEN_MS, ..options };
    let mut play = start_with(kind, Csp::Permissive, calm).await?;
    let session = play.chat().await?;
    play.say("!lorem 4000").await?;
    if hidden {
        play.browser.open("about:blank").await?;
    }
    // Not always in the same moment of the pace at which text is told.
    let least = WORDS + 23 * run;
    until("a part of the answer", async || Ok((shown(&play).await?.len() > least).then_some(())))
        .await?;
    let began = Instant::now();
    let words = shown(&play).await?;
    pass(BEFORE.saturating_sub(began.elapsed())).await;
    play.browser.crash_all_tabs(play.face.host).await?;
    play.crash_is_noticed(&session).await?;
    let stored = stored(&play, &session).await?;
    let same = words.iter().zip(&stored).take_while(|(shown, stored)| shown == stored).count();
    let chars = |words: &[String]| words.iter().map(|word| word.chars().count() + 1).sum::<usize>();
    let lost = chars(words.get(same..).unwrap_or_default());
    Ok((count(chars(&words)), count(lost)))
}

/// The words of the newest answer on its page.
async fn shown(play: &Play) -> Done<Vec<String>> {
    let seen = in_content(&play.browser, play.face.host, SHOWN).await?;
    let text = seen.get("text").and_then(Value::as_str).ok_or("the page was not read")?;
    let from = text.find("Lorem ipsum").ok_or("the answer is not on the page")?;
    let mut words = words(text.get(from..).unwrap_or_default());
    words.pop(); // it may be half a word
    Ok(words)
}

async fn stored(play: &Play, session: &SessionId) -> Done<Vec<String>> {
    let turns = play.browser.dump().await?.whole(session).turns;
    Ok(turns.last().map(|turn| words(&turn.markdown)).unwrap_or_default())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn count(many: usize) -> f64 {
    many as f64
}
