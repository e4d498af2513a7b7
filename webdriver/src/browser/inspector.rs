//! Reads the extension's store and asks its background, from a page of the extension.

use super::{Browser, Done, until};
use base64::Engine;
use serde::{Deserialize, Serialize};
use shim::background::Whole;
use shim::base::SessionId;
use shim::session::{codec, segments};
use shim::wire::records::{
    CheckpointHead, Part, RecordKey, ResumeHead, SessionHead, StoreName, Stored,
};
use shim::wire::state::State;
use shim::wire::ui::{Answer, Ask};

/// Everything stored, as it lies in the database.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    /// All records of all stores.
    pub records: Vec<Stored>,
    /// What lies there and has not the form of a record.
    pub odd: Vec<Odd>,
}

/// Something in the database that is no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odd {
    /// The object store's name.
    pub store: String,
    /// The key it lies under, as text.
    pub key: String,
}

/// What one object of the database is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Found {
    Row(Row),
    Odd(Odd),
}

#[derive(Deserialize)]
struct Row {
    store: StoreName,
    key: String,
    session: String,
    version: u16,
    head: String,
    parts: Vec<String>,
    check: u32,
}

/// Reads every store of the database without changing it; no database: nothing.
const READ_ALL: &str = r#"
const done = arguments[arguments.length - 1];
const base64 = (bytes) => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
(async () => {
  const all = await indexedDB.databases();
  if (!all.some((database) => database.name === "shim")) return [];
  const open = indexedDB.open("shim");
  const database = await new Promise((ok, no) => {
    open.onsuccess = () => ok(open.result);
    open.onerror = () => no(open.error);
  });
  const answer = (request) => new Promise((ok, no) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => no(request.error);
  });
  const isRow = (row) => Array.isArray(row?.parts)
    && row.parts.every((part) => ArrayBuffer.isView(part))
    && ["key", "session", "head"].every((name) => typeof row[name] === "string")
    && ["version", "check"].every((name) => Number.isInteger(row[name]));
  const rows = [];
  for (const store of database.objectStoreNames) {
    const all = database.transaction(store).objectStore(store);
    const [keys, found] = await Promise.all([answer(all.getAllKeys()), answer(all.getAll())]);
    found.forEach((row, at) => {
      if (!isRow(row)) return rows.push({ store, key: String(keys[at]) });
      const { key, session, version, head, check } = row;
      rows.push({ store, key, session, version, head, check, parts: row.parts.map(base64) });
    });
  }
  database.close();
  return rows;
})().then((rows) => done(JSON.stringify(rows)), (error) => done(JSON.stringify(String(error))));
"#;

/// Sends a question to the background.
const ASK: &str = r#"
const [text, done] = arguments;
chrome.runtime.sendMessage(text).then((answer) => done(answer ?? null), (e) => done(String(e)));
"#;

impl Browser {
    /// Reads the store. The tab in view stays in view.
    ///
    /// # Errors
    /// When the page cannot read it.
    pub async fn dump(&self) -> Done<Dump> {
        let text = self.in_inspector(READ_ALL, Vec::new()).await?;
        let text = text.as_str().ok_or("the store was not read")?;
        let found: Vec<Found> = serde_json::from_str(text)
            .map_err(|e| format!("the store was not read: {e}: {text}"))?;
        let mut dump = Dump::default();
        for one in found {
            match one {
                Found::Row(row) => dump.records.push(stored(row)?),
                Found::Odd(odd) => dump.odd.push(odd),
            }
        }
        Ok(dump)
    }

    /// Asks the background as the popup does.
    ///
    /// # Errors
    /// When there is no answer, or none that can be read.
    pub async fn ask(&self, ask: &Ask) -> Done<Answer> {
        let text = serde_json::to_string(ask)?;
        let answer = self.in_inspector(ASK, vec![text.into()]).await?;
        let answer = answer.as_str().ok_or("the background did not answer")?;
        Ok(serde_json::from_str(answer).map_err(|e| format!("{e}: {answer}"))?)
    }

    /// Runs a script with a callback in a page of the extension. The tab in view stays in view.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn in_inspector(
        &self,
        script: &str,
        arguments: Vec<serde_json::Value>,
    ) -> Done<serde_json::Value> {
        let shown = self.driver.window().await?;
        self.driver.switch_to_window(self.inspector()?).await?;
        // An extension that is just being replaced shows an error page at the same address.
        let there = "return Boolean(globalThis.chrome?.runtime?.getManifest)";
        until("a page of the extension", async || {
            let at_home = self.driver.current_url().await?.as_str().starts_with(&self.pages);
            if at_home && *self.driver.execute(there, Vec::new()).await?.json() == true {
                return Ok(Some(()));
            }
            self.driver.goto(format!("{}popup.html", self.pages)).await?;
            Ok(None)
        })
        .await?;
        let answer = self.driver.execute_async(script, arguments).await;
        self.driver.switch_to_window(shown).await?;
        Ok(answer?.json().clone())
    }
}

fn stored(row: Row) -> Done<Stored> {
    let parts = row
        .parts
        .iter()
        .map(|part| Ok(Part(base64::prelude::BASE64_STANDARD.decode(part)?)))
        .collect::<Done<_>>()?;
    Ok(Stored {
        at: RecordKey { store: row.store, key: row.key },
        session: SessionId(row.session),
        version: row.version,
        head: row.head,
        parts,
        check: row.check,
    })
}

impl Dump {
    /// The records of one store.
    pub fn of(&self, store: StoreName) -> impl Iterator<Item = &Stored> {
        self.records.iter().filter(move |record| record.at.store == store)
    }

    /// Sessions that open.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionHead> {
        self.of(StoreName::Sessions).filter_map(|record| codec::open(record).ok()).collect()
    }

    /// Resumes that open.
    #[must_use]
    pub fn resumes(&self) -> Vec<ResumeHead> {
        self.of(StoreName::Resumes).filter_map(|record| codec::open(record).ok()).collect()
    }

    /// Checkpoints of a session that open, oldest first.
    #[must_use]
    pub fn checkpoints(&self, session: &SessionId) -> Vec<CheckpointHead> {
        self.whole(session).checkpoints
    }

    /// The state in a session's newest checkpoint.
    #[must_use]
    pub fn newest_state(&self, session: &SessionId) -> Option<State> {
        let mine = self.records_of(session);
        let turns = Whole::of(&mine).turns;
        let all = segments::checkpoints_of(&mine).found;
        let opened = all.into_iter().rev().find_map(|one| one.open(&turns).ok());
        opened.map(|checkpoint| checkpoint.state)
    }

    /// A session put together again.
    #[must_use]
    pub fn whole(&self, session: &SessionId) -> Whole {
        Whole::of(&self.records_of(session))
    }

    fn records_of(&self, session: &SessionId) -> Vec<Stored> {
        self.records.iter().filter(|record| record.session == *session).cloned().collect()
    }

    /// Bytes of all packed parts and heads.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.records.iter().map(|r| codec::packed_bytes(r) + r.head.len() as u64).sum()
    }
}
