//! A checkpoint of a long chat, from the wish for it until it is committed.

use super::{Bench, Figure, RUNS, Scale, ask_ms, long, numbers, say, start_with, tasks};
use crate::browser::variant::Folder;
use crate::browser::{Done, Kind, Options, until};
use crate::dump::copy_tree;
use crate::lab::Csp;
use crate::play::{Play, PlayOptions};
use shim::base::SessionId;
use shim::wire::ui::{Answer, Ask};
use std::path::{Path, PathBuf};

/// Has every commit of the background be a relaxed one.
const RELAX: &str = "
const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function relaxed(stores, mode) {
  return transaction.call(this, stores, mode, { durability: 'relaxed' });
};
";

/// What the browser alone takes to read the same records, and to commit one as large.
const BARE: &str = r"
const [runs, bytes, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  const found = { read: [], strict: [], relaxed: [] };
  const ours = await settled(indexedDB.open('shim'));
  const stores = ['turns', 'streams', 'checkpoints'];
  const making = indexedDB.open('bench');
  making.onupgradeneeded = () => making.result.createObjectStore('one');
  const own = await settled(making);
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    for (const store of stores) await settled(ours.transaction(store).objectStore(store).getAll());
    found.read.push(performance.now() - began);
    for (const durability of ['strict', 'relaxed']) {
      const row = { parts: [crypto.getRandomValues(new Uint8Array(bytes))] };
      const began = performance.now();
      const change = own.transaction('one', 'readwrite', { durability });
      change.objectStore('one').put(row, `${durability} ${run}`);
      await new Promise((ok, no) => { [change.oncomplete, change.onabort] = [ok, no]; });
      found[durability].push(performance.now() - began);
    }
  }
  ours.close();
  own.close();
  await settled(indexedDB.deleteDatabase('bench'));
  return found;
})().then(done, (why) => done({ problem: String(why) }));
";

/// Of a short chat, all of which is new, and of a long one.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let short = Scale { turns: (scale.turns / 20).max(2) * 2, ..*scale };
    commits(kind, &short, [(100.0, 15.0), (150.0, 30.0)], bench).await?;
    on_the_page(kind, &short, bench).await?;
    commits(kind, scale, [(100.0, 20.0), (150.0, 40.0)], bench).await
}

/// What a checkpoint takes of the page's thread.
async fn on_the_page(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let play = start_with(kind, Csp::Permissive, |options| options).await?;
    tasks::watch(&play).await?;
    let address = format!("https://{}{}", play.face.host, long::held(&play, scale));
    tasks::open_timed(&play, &address).await?;
    long::shown(&play).await?;
    long::read_all(&play, scale).await?;
    let session = play.saved(scale.turns).await?;
    let chat = Chat { play, session };
    let mut took = Vec::new();
    for _ in 0..RUNS.min(scale.runs * 3) {
        let before = tasks::timed_ms(&chat.play).await?;
        chat.save().await?;
        took.push(tasks::timed_ms(&chat.play).await? - before);
    }
    let what = format!("checkpoint of a chat of {} KB: of it on the page's thread", scale.turns);
    bench.add(Figure::new(&what, kind.name(), "ms", took).goal(Some((4.0, 1.0))));
    Ok(())
}

/// Checkpoints with durable commits, as SHIM makes them, and with relaxed ones.
async fn commits(
    kind: Kind,
    scale: &Scale,
    [relaxed_goal, strict_goal]: [(f64, f64); 2],
    bench: &mut Bench,
) -> Done<()> {
    let kilobytes = scale.turns;
    let what =
        |how: &str| format!("checkpoint read, sent and committed ({how}), chat of {kilobytes} KB");
    // A browser reads it again for every start of the background.
    let folder = relaxed(&Options::from_env(kind, 0)?.dist)?;
    let changed = Chat::open(kind, scale, Some(folder.0.clone())).await?;
    let chat = Chat::open(kind, scale, None).await?;
    let (mut relaxed, mut strict) = (Vec::new(), Vec::new());
    let runs = RUNS.min(scale.runs * 3);
    say(&format!("{}: {runs} checkpoints each", kind.name()));
    // In turns, so that what else the machine does is in both.
    for _ in 0..runs {
        relaxed.push(changed.save().await?);
        strict.push(chat.save().await?);
    }
    let name = kind.name();
    bench.add(Figure::new(&what("relaxed"), name, "ms", relaxed).goal(Some(relaxed_goal)));
    bench.add(Figure::new(&what("strict"), name, "ms", strict).goal(Some(strict_goal)));
    let size = chat.newest_bytes().await?;
    let arguments = vec![runs.into(), size.into()];
    let bare = chat.play.browser.in_inspector(BARE, arguments).await?;
    let of = format!("of the chat of {kilobytes} KB");
    for (kind, what) in [
        ("read", format!("the records {of}, all of them, read by a bare page")),
        ("strict", format!("as many bytes as the newest checkpoint {of}, by a bare page (strict)")),
        (
            "relaxed",
            format!("as many bytes as the newest checkpoint {of}, by a bare page (relaxed)"),
        ),
    ] {
        let values = numbers(&bare, kind);
        if values.is_empty() {
            return Err(format!("the bare page did not say: {bare}").into());
        }
        bench.add(Figure::new(&what, name, "ms", values));
    }
    Ok(())
}

/// The extension with relaxed commits, in a folder of its own.
fn relaxed(dist: &Path) -> Done<Folder> {
    let folder = Folder::fresh("relaxed")?;
    for browser in ["chrome", "firefox"] {
        copy_tree(&dist.join(browser), &folder.0.join(browser))?;
        let script = folder.0.join(browser).join("background.js");
        let text = std::fs::read_to_string(&script)? + RELAX;
        std::fs::write(script, text)?;
    }
    Ok(folder)
}

struct Chat {
    play: Play,
    session: SessionId,
}

impl Chat {
    /// A long chat that is open and stored to its beginning.
    async fn open(kind: Kind, scale: &Scale, dist: Option<PathBuf>) -> Done<Self> {
        let play = start_with(kind, Csp::Permissive, |o| PlayOptions { dist, ..o }).await?;
        let address = format!("https://{}{}", play.face.host, long::held(&play, scale));
        play.browser.open(&address).await?;
        long::shown(&play).await?;
        long::read_all(&play, scale).await?;
        let session = play.saved(scale.turns).await?;
        Ok(Self { play, session })
    }

    /// Milliseconds from the wish of a page of the extension to its answer, which comes after the
    /// commit.
    async fn save(&self) -> Done<f64> {
        // It may have ended for its idleness, or be just about to.
        until("the background", async || self.play.browser.ask(&Ask::Status).await.map(Some))
            .await?;
        let ask = Ask::SaveNow { session: self.session.clone() };
        let before = self.count().await?;
        let (ms, answer) = ask_ms(&self.play.browser, &ask).await?;
        if serde_json::from_str::<Answer>(&answer)? != Answer::Done {
            return Err(format!("no checkpoint was made: {answer}").into());
        }
        if self.count().await? <= before {
            return Err("a checkpoint was acknowledged that is not in the store".into());
        }
        Ok(ms)
    }

    async fn count(&self) -> Done<usize> {
        Ok(self.play.browser.dump().await?.checkpoints(&self.session).len())
    }

    /// Packed bytes of the newest checkpoint.
    async fn newest_bytes(&self) -> Done<u64> {
        let heads = self.play.browser.dump().await?.checkpoints(&self.session);
        let newest = heads.last().ok_or("there is no checkpoint")?;
        Ok(newest.sizes.iter().map(|(_, packed)| u64::from(*packed)).sum())
    }
}
