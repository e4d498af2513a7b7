//! A long chat that was held before, opened again and read to its beginning.

use super::{Scale, pass};
use crate::browser::{Browser, Done, until};
use crate::play::Play;
use serde_json::Value;
use std::time::Duration;

/// Bytes of a turn.
const TURN_BYTES: usize = 1024;
/// Longer than the eyes wait before they look at what scrolled in.
const STEP: Duration = Duration::from_millis(300);
/// Steps of scrolling in which a long chat must be read.
const STEPS: usize = 1000;

/// Scrolls the list of turns by more than a page: some turns around it are there as well.
/// Arguments: what a turn is, and -1 for upwards. Returns whether it moved.
const SCROLL: &str = "const [css, way] = arguments; \
    let list = document.querySelector(css); \
    const scrolls = (e) => e.scrollHeight > e.clientHeight + 20 \
      && /auto|scroll/.test(getComputedStyle(e).overflowY); \
    while (list && !scrolls(list)) list = list.parentElement; \
    if (!list) return false; \
    const before = list.scrollTop; \
    list.scrollTop += way * list.clientHeight * 1.6; \
    return list.scrollTop !== before;";

/// Counts the stored turns.
const COUNT: &str = "const [done] = arguments; \
    const settled = (request) => new Promise((ok, no) => { \
      request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); }); \
    (async () => { const database = await settled(indexedDB.open('shim')); \
      const count = await settled(database.transaction('turns').objectStore('turns').count()); \
      database.close(); return count; })().then(done, (why) => done(String(why)));";

/// A turn's text, of the size that all turns have: prose, a short list, some code.
fn text(about: &str, number: usize) -> String {
    let head = format!(
        "{about} {number} is about the limiter of `gatehouse`.\n\n\
         - read src/part_{number}.rs\n- run its tests\n- tell what failed\n\n\
         ```rust\nlet allowed = bucket.take({number});\nassert!(allowed, \"too many\");\n```\n\n"
    );
    let prose = "The bucket fills again while nobody asks, so a burst that comes after a pause is \
                 let through as before. What a client sees is a refusal that tells how long it \
                 has to wait, and nothing of it stands in the log with a key in full. ";
    let mut text = head;
    text.extend(prose.chars().cycle().take(TURN_BYTES.saturating_sub(text.len())));
    text
}

/// Puts such a chat into the lab's memory. Returns its path.
pub fn held(play: &Play, scale: &Scale) -> String {
    let exchange = |number| (text("Question", number), text("Answer", number));
    let exchanges: Vec<_> = (1..=scale.turns / 2).map(exchange).collect();
    format!("/chat/{}", play.lab.past(&exchanges))
}

/// Waits until the newest turns of the chat in view are there.
pub async fn shown(play: &Play) -> Done<()> {
    until("the long chat", async || {
        let script = "return document.querySelectorAll(arguments[0]).length > 2;";
        let shown = play.browser.driver.execute(script, vec![play.face.turn.into()]).await?;
        Ok((shown.json() == &Value::Bool(true)).then_some(()))
    })
    .await
}

/// Scrolls through the chat in view until all its turns are stored.
pub async fn read_all(play: &Play, scale: &Scale) -> Done<()> {
    let mut way = -1;
    for _ in 0..STEPS {
        let moved =
            play.browser.driver.execute(SCROLL, vec![play.face.turn.into(), way.into()]).await?;
        pass(STEP).await;
        if moved.json() == &Value::Bool(false) {
            if stored(&play.browser).await? >= scale.turns {
                return Ok(());
            }
            // What was missed is on the way back.
            way = -way;
        }
    }
    let stored = stored(&play.browser).await?;
    Err(format!("{stored} of {} turns are stored", scale.turns).into())
}

async fn stored(browser: &Browser) -> Done<usize> {
    let count = browser.in_inspector(COUNT, Vec::new()).await?;
    let count = count.as_u64().ok_or_else(|| format!("the turns were not counted: {count}"))?;
    Ok(usize::try_from(count)?)
}
