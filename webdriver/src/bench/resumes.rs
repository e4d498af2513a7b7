//! From a fresh chat's page to the prompt that stands in it.

use super::{Bench, Figure, LONG_RUNS, close, in_content, number, say, start};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::Play;
use shim::base::SessionId;
use thirtyfour::By;

/// Notes in every page of the site, from its beginning, when its composer and the card come. The
/// card is shown once the prompt was read back and found exact.
const WATCH: &str = "const [host, css, done] = arguments; \
    const note = (css) => { if (globalThis.shimSeen) return; \
      const seen = globalThis.shimSeen = { composer: null, card: null }; \
      const look = () => { \
        if (document.querySelector(css)) seen.composer ??= performance.now(); \
        if (document.documentElement?.lastElementChild?.localName !== 'shim-card') return; \
        seen.card ??= performance.now(); }; \
      new MutationObserver(look).observe(document, { childList: true, subtree: true }); }; \
    chrome.tabs.onUpdated.addListener((tabId, change, { url }) => { \
      if (!url?.startsWith(`https://${host}/`)) return; \
      chrome.scripting.executeScript({ target: { tabId }, injectImmediately: true, func: note, \
        args: [css] }).catch(() => null); }); \
    done(true);";

/// What a page saw of its resume. Milliseconds since its navigation began.
const LOOK: &str = "() => { const [page] = performance.getEntriesByType('navigation'); \
    const marks = performance.getEntriesByName('lab-composer-changed'); \
    return { ready: page.domContentLoadedEventEnd, last: marks.at(-1)?.startTime ?? null, \
      ...globalThis.shimSeen }; }";

/// The same text, a line at a time, by the page's own script.
const TYPE: &str = "const [css, text] = arguments; const field = document.querySelector(css); \
    field.focus(); getSelection().selectAllChildren(field.lastElementChild); \
    getSelection().collapseToStart(); \
    performance.mark('bench-began'); \
    text.split('\\n').forEach((line, index) => { \
      if (index) document.execCommand('insertParagraph'); \
      if (line) document.execCommand('insertText', false, line); });";

/// From there to the last change that the editor noticed.
const TYPED: &str = "const [began] = performance.getEntriesByName('bench-began'); \
    const last = performance.getEntriesByName('lab-composer-changed').at(-1); \
    return last ? last.startTime - began.startTime : null;";

/// One resume. Milliseconds from the moment its page's document was ready.
struct Resumed {
    composer_ms: f64,
    last_ms: f64,
    card_ms: f64,
    prompt: String,
}

/// A whole demo chat, crashed again and again; each crash gets one fresh chat.
pub async fn measure(kind: Kind, bench: &mut Bench) -> Done<()> {
    let mut play = start(kind, Csp::Permissive).await?;
    let session = play.chat().await?;
    let address = play.browser.driver.current_url().await?.to_string();
    until("a checkpoint to be stored", async || {
        Ok((!play.browser.dump().await?.checkpoints(&session).is_empty()).then_some(()))
    })
    .await?;
    play.browser
        .in_inspector(WATCH, vec![play.face.host.into(), play.face.composer.into()])
        .await?;
    let (mut composer, mut last, mut card) = (Vec::new(), Vec::new(), Vec::new());
    let mut prompt = String::new();
    for run in 0..LONG_RUNS {
        say(&format!("{}: crash {} of {LONG_RUNS}", kind.name(), run + 1));
        if run > 0 {
            reopen(&play, &address, &session).await?;
        }
        let resumed = crash_and_resume(&play, &session).await?;
        composer.push(resumed.composer_ms);
        last.push(resumed.last_ms);
        card.push(resumed.card_ms);
        prompt = resumed.prompt;
    }
    bench.prompt_chars = bench.prompt_chars.max(prompt.chars().count());
    let typed = typed(&play, &prompt).await?;
    let name = kind.name();
    let what = "fresh chat's document ready to prompt in place, read back, card shown";
    bench.add(Figure::new(what, name, "ms", card).goal(Some((2000.0, 500.0))));
    let what = "of that, until the page's own script had made its composer";
    bench.add(Figure::new(what, name, "ms", composer));
    let what = "of that, until the whole prompt stood in it";
    bench.add(Figure::new(what, name, "ms", last));
    let what = "the same text put into the same composer by a bare loop in the page";
    bench.add(Figure::new(what, name, "ms", typed));
    Ok(())
}

/// Opens the old chat again and waits until it is watched: then it can crash once more.
async fn reopen(play: &Play, address: &str, session: &SessionId) -> Done<()> {
    play.browser.open(address).await?;
    until("the old chat to be watched again", async || {
        let heads = play.browser.dump().await?.sessions();
        let live = |h: &&shim::wire::records::SessionHead| h.live.is_some() && h.ended.is_none();
        Ok(heads.iter().find(|head| head.id == *session).filter(live).map(|_| ()))
    })
    .await
}

async fn crash_and_resume(play: &Play, session: &SessionId) -> Done<Resumed> {
    let crashed = play.browser.driver.window().await?;
    play.browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(session).await?;
    play.browser.open(&play.fresh_url()).await?;
    let prompt = play.placed().await?;
    // A driver reads no text of a card that is still coming into view.
    let card = until("the card's text", async || {
        Ok(Some(play.browser.card_text().await?).filter(|text| !text.is_empty()))
    })
    .await?;
    if !card.starts_with("Restored") {
        return Err(format!("the prompt was not placed: {card}").into());
    }
    let seen = in_content(&play.browser, play.face.host, LOOK).await?;
    let at = |name: &str| number(&seen, name).ok_or_else(|| format!("no {name} was seen: {seen}"));
    let resumed = Resumed {
        composer_ms: at("composer")? - at("ready")?,
        last_ms: at("last")? - at("ready")?,
        card_ms: at("card")? - at("ready")?,
        prompt,
    };
    play.browser.press_card("Not this one").await?;
    until("the card to go", async || Ok((!play.browser.card_shown().await?).then_some(()))).await?;
    close(&play.browser).await?;
    // A driver may refuse even this of a tab that crashed; the tab does no harm.
    if play.browser.show(&crashed).await.is_ok() {
        let _ = play.browser.driver.close_window().await;
    }
    play.browser.show_inspector().await?;
    Ok(resumed)
}

async fn typed(play: &Play, prompt: &str) -> Done<Vec<f64>> {
    let mut values = Vec::new();
    for _ in 0..LONG_RUNS {
        play.browser.open(&play.fresh_url()).await?;
        until("the composer", async || {
            Ok(play.browser.driver.find(By::Css(play.face.composer)).await.ok())
        })
        .await?;
        let arguments = vec![play.face.composer.into(), prompt.into()];
        play.browser.driver.execute(TYPE, arguments).await?;
        until("the bare loop's text", async || {
            Ok((play.composer_text().await? == prompt).then_some(()))
        })
        .await?;
        let took = play.browser.driver.execute(TYPED, Vec::new()).await?;
        values.push(took.json().as_f64().ok_or("the editor noticed no change")?);
        close(&play.browser).await?;
    }
    Ok(values)
}
