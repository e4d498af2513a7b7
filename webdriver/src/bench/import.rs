//! An archive of a hundred megabytes, imported in the dashboard, its worker killed on the way.

use super::{Bench, Figure, Scale, say, start};
use crate::browser::variant::Folder;
use crate::browser::{Done, Kind, until_within};
use crate::lab::Csp;
use crate::play::Play;
use shim::background::archive::Writer;
use shim::base::chance::Chance;
use shim::base::{AccountId, ChatId, Moment, SessionId};
use shim::session::codec;
use shim::wire::chat::{Role, Turn};
use shim::wire::records::{SessionHead, Stored};
use std::path::Path;
use std::time::{Duration, Instant};
use thirtyfour::By;

/// Chats of the archive, and turns of each of 10 KB.
const CHATS: usize = 50;
const TURNS: u32 = 200;
const TURN_BYTES: usize = 10_000;
/// How long it may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(10);
/// When the worker is killed, from the first chat that stands in the store.
const STORED_BEFORE: usize = 3;

const NOTICE: &str = "return document.querySelector('[data-testid=notice]')?.textContent ?? null;";
const CHATS_STORED: &str = "const [done] = arguments; \
    const settled = (request) => new Promise((ok, no) => { \
      request.onsuccess = () => ok(request.result); \
      request.onerror = () => no(request.error); }); \
    (async () => { const database = await settled(indexedDB.open('shim')); \
      const store = database.transaction('sessions').objectStore('sessions'); \
      const count = await settled(store.count()); \
      database.close(); return count; })().then(done, (why) => done(String(why)));";

/// Seconds, and megabytes at the peak, of an import that nothing disturbs and of one whose worker
/// is killed in the middle.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let chats = if scale.runs > 1 { CHATS } else { 2 };
    let folder = Folder::fresh("archive")?;
    let path = folder.0.join("archive.jsonl.gz");
    let packed_mb = written(&path, chats)?;
    let mut ms = [Vec::new(), Vec::new()];
    let mut most_mb = Vec::new();
    for run in 0..scale.runs.min(3) {
        for (killed, times) in ms.iter_mut().enumerate() {
            say(&format!("{}: import {run}, worker killed: {}", kind.name(), killed == 1));
            let done = imported(kind, &path, chats, killed == 1).await?;
            times.push(done.seconds);
            most_mb.push(done.more_mb);
        }
    }
    let name = kind.name();
    let [undisturbed, killed] = ms;
    #[expect(clippy::cast_precision_loss, reason = "a hundred")]
    let megabytes = (chats * TURNS as usize * TURN_BYTES) as f64 / 1e6;
    let what = format!("import of an archive of {megabytes:.0} MB of text");
    bench.add(Figure::new(&what, name, "s", undisturbed).goal(Some((60.0, 30.0))));
    let what = "the same, the worker killed in the middle";
    bench.add(Figure::new(what, name, "s", killed).goal(Some((90.0, 30.0))));
    let what = "what the extension's processes take more at the peak of an import";
    bench.add(Figure::new(what, name, "MB", most_mb).goal(Some((400.0, 200.0))));
    bench.add(Figure::new("the archive itself", "both", "MB", vec![packed_mb]));
    Ok(())
}

struct Run {
    seconds: f64,
    more_mb: f64,
}

async fn imported(kind: Kind, path: &Path, chats: usize, kills: bool) -> Done<Run> {
    let play = start(kind, Csp::Permissive).await?;
    let desk = play.browser.open(&format!("{}dashboard.html", play.browser.pages)).await?;
    let field = until_within(PATIENCE, "the field for a file", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=import-file]")).await.ok())
    })
    .await?;
    let before_kb = play.browser.memory_of_extensions_kb().await?;
    let began = Instant::now();
    field.send_keys(path.to_string_lossy().as_ref()).await?;
    let (mut most_kb, mut killed) = (before_kb, !kills);
    let seconds = until_within(PATIENCE, "the word that it is imported", async || {
        // Of a process that just ended it is not told.
        if let Ok(now_kb) = play.browser.memory_of_extensions_kb().await {
            most_kb = most_kb.max(now_kb);
        }
        if !killed && stored(&play).await? >= STORED_BEFORE {
            play.browser.kill_worker().await?;
            play.browser.show(&desk).await?;
            killed = true;
        }
        let said = play.browser.driver.execute(NOTICE, Vec::new()).await?;
        let said = said.json().as_str().unwrap_or_default().to_owned();
        if said.starts_with("Imported") || said.contains("Imported:") {
            return Ok(Some(began.elapsed().as_secs_f64()));
        }
        if said.is_empty() { Ok(None) } else { Err(format!("not imported: {said}").into()) }
    })
    .await?;
    let count = stored(&play).await?;
    if count != chats || !killed {
        return Err(format!("{count} of {chats} chats are stored, killed: {killed}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousand megabytes")]
    let more_mb = most_kb.saturating_sub(before_kb) as f64 / 1e3;
    Ok(Run { seconds, more_mb })
}

async fn stored(play: &Play) -> Done<usize> {
    let count = play.browser.in_inspector(CHATS_STORED, Vec::new()).await?;
    let count = count.as_u64().ok_or_else(|| format!("the chats were not counted: {count}"))?;
    Ok(usize::try_from(count)?)
}

/// Writes the archive and tells its megabytes.
fn written(path: &Path, chats: usize) -> Done<f64> {
    let mut writer = Writer::new(Moment(1_790_000_000_000));
    let mut file = Vec::new();
    for number in 0..chats {
        let (head, records) = chat(number);
        file.extend(writer.chat(&head, &records));
    }
    file.extend(writer.end().0);
    std::fs::write(path, &file)?;
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let megabytes = file.len() as f64 / 1e6;
    Ok(megabytes)
}

fn chat(number: usize) -> (SessionHead, Vec<Stored>) {
    let (account, chat) = (AccountId("bench".into()), ChatId(format!("chat-{number}")));
    let id = SessionId::of("claude", &account, &chat);
    let at = Moment(1_790_000_000_000);
    let mut chance = Chance::new(number as u64);
    let turn = |position: u32| Turn {
        key: format!("t{position}").as_str().into(),
        position,
        role: if position.is_multiple_of(2) { Role::User } else { Role::Assistant },
        markdown: words(&mut chance),
        at,
        read_at: at,
        ..Turn::default()
    };
    let records = (0..TURNS).map(turn).map(|turn| codec::turn_record(&id, &turn)).collect();
    let url = format!("https://claude.ai/chat/{}", chat.0);
    let head = SessionHead {
        id,
        site: "claude".into(),
        account,
        chat,
        title: format!("Chat {number}"),
        url,
        started_at: at,
        updated_at: at,
        ..SessionHead::default()
    };
    (head, records)
}

/// Text that packs about as well as what people write.
fn words(chance: &mut Chance) -> String {
    const SYLLABLES: [&str; 24] = [
        "ta", "ke", "lim", "buc", "gate", "or", "in", "the", "re", "quest", "time", "open", "ing",
        "er", "store", "write", "read", "pa", "ge", "un", "til", "an", "swer", "test",
    ];
    let mut text = String::with_capacity(TURN_BYTES + 16);
    while text.len() < TURN_BYTES {
        for _ in 0..=chance.below(3) {
            let at = usize::try_from(chance.below(24)).unwrap_or_default();
            text.push_str(SYLLABLES.get(at).copied().unwrap_or_default());
        }
        text.push(if chance.percent(4) { '\n' } else { ' ' });
    }
    text
}
