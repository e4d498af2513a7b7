//! The popup with many chats, while the background does not run.

use super::{Bench, Figure, Scale, start, starts};
use crate::browser::{Done, Kind, until};
use crate::lab::Csp;
use crate::play::Play;
use base64::Engine;
use serde_json::{Value, json};
use shim::base::{ChatId, Moment, SessionId};
use shim::session::codec;
use shim::wire::records::SessionHead;

/// Puts rows into the store of sessions.
const PUT: &str = r"
const [rows, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
(async () => {
  const database = await settled(indexedDB.open('shim'));
  const change = database.transaction('sessions', 'readwrite');
  for (const row of rows) {
    change.objectStore('sessions').put({ ...row, parts: row.parts.map(bytes) });
  }
  await new Promise((ok, no) => { [change.oncomplete, change.onabort] = [ok, no]; });
  database.close();
})().then(() => done(true), (why) => done(String(why)));
";

/// Notes in a page when so many chats are in its list, and when that is painted: two frames later.
const NOTE: &str = r"
const note = (page, count) => {
  const seen = page.shimListed = { shown: null, painted: null };
  const look = () => {
    if (page.document.querySelectorAll('[data-testid=session]').length < count) return;
    observer.disconnect();
    seen.shown = page.performance.now();
    page.requestAnimationFrame(() => page.requestAnimationFrame(() => {
      seen.painted = page.performance.now();
    }));
  };
  const observer = new page.MutationObserver(look);
  observer.observe(page.document, { childList: true, subtree: true });
};
";

/// Opens the popup from another page of the extension and is in it before its scripts.
const OPEN: &str = "
const [count, done] = arguments;
const page = open('popup.html', '_blank');
// The timers of a page that went out of view sleep; its messages do not.
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => {
  if (page.location.pathname !== '/popup.html') return port2.postMessage(null);
  note(page, count);
  done(page.document.querySelectorAll('[data-testid=session]').length === 0);
};
port2.postMessage(null);
";

const READ: &str = "const page = window.wrappedJSObject ?? window; \
    const [head] = performance.getEntriesByName('first-contentful-paint'); \
    return JSON.stringify({ ...page.shimListed, head: head?.startTime ?? null });";

/// Milliseconds from the beginning of the navigation.
struct Listed {
    head_ms: f64,
    shown_ms: f64,
    painted_ms: f64,
}

/// The popup, opened as a page of its own.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let play = start(kind, Csp::Permissive).await?;
    fill(&play, scale).await?;
    let (mut head, mut shown, mut painted) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.runs {
        starts::kill(&play).await?;
        let listed = match kind {
            Kind::Chromium => in_chromium(&play, scale).await?,
            Kind::Firefox => in_firefox(&play, scale).await?,
        };
        head.push(listed.head_ms);
        shown.push(listed.shown_ms);
        painted.push(listed.painted_ms);
    }
    let name = kind.name();
    let what =
        format!("popup: opened until its list is painted, {} chats, worker cold", scale.sessions);
    bench.add(Figure::new(&what, name, "ms", painted).goal(Some((300.0, 100.0))));
    for (what, values) in [
        ("of that, until the popup's first paint, which needs no script", head),
        ("of that, until the list stands in the page", shown),
    ] {
        bench.add(Figure::new(what, name, "ms", values));
    }
    Ok(())
}

/// A short chat, and copies of its record under other names.
async fn fill(play: &Play, scale: &Scale) -> Done<()> {
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(1).await?;
    let id = play.saved(2).await?;
    super::close(&play.browser).await?;
    let head = until("the chat to be recorded as left", async || {
        let heads = play.browser.dump().await?.sessions();
        Ok(heads.into_iter().find(|head| head.id == id && head.live.is_none()))
    })
    .await?;
    let rows: Vec<Value> = (1..scale.sessions).map(|number| row(&head, number)).collect();
    let done = play.browser.in_inspector(PUT, vec![rows.into()]).await?;
    if done == json!(true) { Ok(()) } else { Err(format!("nothing was put: {done}").into()) }
}

fn row(head: &SessionHead, number: usize) -> Value {
    let chat = ChatId(format!("{}-{number}", head.chat.0));
    let before_ms = u64::try_from(number).unwrap_or(0) * 60_000;
    let head = SessionHead {
        id: SessionId::of(&head.site, &head.account, &chat),
        chat,
        title: format!("{} {number}", head.title),
        updated_at: Moment(head.updated_at.0.saturating_sub(before_ms)),
        ..head.clone()
    };
    let record = codec::session_record(&head);
    let parts = record.parts.iter().map(|part| base64::prelude::BASE64_STANDARD.encode(&part.0));
    json!({
        "key": record.at.key, "session": record.session.0, "version": record.version,
        "head": record.head, "parts": parts.collect::<Vec<_>>(), "check": record.check,
    })
}

/// No process of the extension runs: starting one is in it, as after a click.
async fn in_chromium(play: &Play, scale: &Scale) -> Done<Listed> {
    let tab = play.browser.driver.new_tab().await?;
    play.browser.show(&tab).await?;
    let count = scale.sessions;
    play.browser.at_the_beginning(&format!("{NOTE} note(globalThis, {count});")).await?;
    play.browser.driver.goto(format!("{}popup.html", play.browser.pages)).await?;
    let seen = listed(play).await?;
    play.browser.driver.close_window().await?;
    play.browser.show_inspector().await?;
    Ok(seen)
}

/// The process of all extensions always runs there, and the inspector's page is one of them.
async fn in_firefox(play: &Play, scale: &Scale) -> Done<Listed> {
    play.browser.show_inspector().await?;
    let before = play.browser.driver.windows().await?;
    let script = format!("{NOTE}{OPEN}");
    let entered = play.browser.driver.execute_async(script, vec![scale.sessions.into()]).await?;
    if entered.json() != &json!(true) {
        return Err("the popup was entered too late".into());
    }
    let tabs = play.browser.driver.windows().await?;
    let new = tabs.into_iter().find(|tab| !before.contains(tab)).ok_or("no tab was opened")?;
    play.browser.show(&new).await?;
    let seen = listed(play).await?;
    play.browser.driver.close_window().await?;
    play.browser.show_inspector().await?;
    Ok(seen)
}

async fn listed(play: &Play) -> Done<Listed> {
    until("the list of chats", async || {
        let said = play.browser.driver.execute(READ, Vec::new()).await?;
        let seen: Value = serde_json::from_str(said.json().as_str().unwrap_or("null"))?;
        let all = ["head", "shown", "painted"].map(|name| super::number(&seen, name));
        let [Some(head_ms), Some(shown_ms), Some(painted_ms)] = all else { return Ok(None) };
        Ok(Some(Listed { head_ms, shown_ms, painted_ms }))
    })
    .await
}
