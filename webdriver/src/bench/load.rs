//! One checkpoint of a long session, opened whole.

use super::{Bench, Figure, RUNS, Scale, ask_ms, numbers, say, start};
use crate::browser::{Done, Kind};
use crate::lab::Csp;
use base64::Engine;
use serde_json::{Value, json};
use shim::base::limits::PACK_AFTER;
use shim::base::{AccountId, ChatId, Moment, SessionId};
use shim::session::{checkpoints, codec, extract, segments};
use shim::wire::chat::{Role, Turn};
use shim::wire::records::{SessionHead, Stored};
use shim::wire::state::{Checkpoint, Measured, Trigger};
use shim::wire::ui::{Answer, Ask};
use std::collections::BTreeSet;

/// Turns of the session, and its checkpoints.
const TURNS: u32 = 1_000;
const CHECKPOINTS: u32 = 200;
/// When it was held.
const HELD: Moment = Moment(1_790_000_000_000);

/// Puts rows into their stores.
const PUT: &str = r"
const [rows, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
(async () => {
  const database = await settled(indexedDB.open('shim'));
  const stores = [...new Set(rows.map(([store]) => store))];
  const change = database.transaction(stores, 'readwrite');
  for (const [store, row] of rows) {
    change.objectStore(store).put({ ...row, parts: row.parts.map(bytes) });
  }
  await new Promise((ok, no) => { [change.oncomplete, change.onabort] = [ok, no]; });
  database.close();
})().then(() => done(true), (why) => done(String(why)));
";

/// What the browser alone takes to read the same records.
const BARE: &str = r"
const [session, runs, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
(async () => {
  const read = [];
  const database = await settled(indexedDB.open('shim'));
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    for (const store of ['turns', 'streams', 'checkpoints']) {
      const index = database.transaction(store).objectStore(store).index('session');
      await settled(index.getAll(IDBKeyRange.only(session)));
    }
    read.push(performance.now() - began);
  }
  database.close();
  return { read };
})().then(done, (why) => done({ problem: String(why) }));
";

/// From the question of a page of the extension until the answer, which holds what a checkpoint in
/// the middle of the session says: the background reads the session and opens it.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let (session, records) = long();
    let play = start(kind, Csp::Permissive).await?;
    play.browser.ask(&Ask::Status).await?;
    let rows: Vec<Value> = records.iter().map(row).collect();
    let put = play.browser.in_inspector(PUT, vec![rows.into()]).await?;
    if put != json!(true) {
        return Err(format!("nothing was put: {put}").into());
    }
    // Another start stands on what is stored now.
    play.browser.kill_worker().await?;
    let runs = RUNS.min(scale.runs * 3);
    say(&format!("{}: {runs} checkpoints of a session of {TURNS} turns", kind.name()));
    let mut opened = Vec::new();
    for run in 0..=runs {
        let number = u32::try_from(run)? * 7 % CHECKPOINTS + 1;
        let ask = Ask::Prompt { session: session.clone(), checkpoint: Some(number) };
        let (ms, answer) = ask_ms(&play.browser, &ask).await?;
        match serde_json::from_str::<Answer>(&answer)? {
            // The first wakes the background.
            Answer::Text(_) if run == 0 => {}
            Answer::Text(_) => opened.push(ms),
            other => return Err(format!("checkpoint {number} was not opened: {other:?}").into()),
        }
    }
    let arguments = vec![session.0.clone().into(), runs.into()];
    let bare = play.browser.in_inspector(BARE, arguments).await?;
    let name = kind.name();
    let what = format!(
        "one of {CHECKPOINTS} checkpoints of {TURNS} turns opened whole, its prompt made, answered"
    );
    bench.add(Figure::new(&what, name, "ms", opened).goal(Some((100.0, 15.0))));
    let what = "all records of that session read by a bare page";
    bench.add(Figure::new(what, name, "ms", numbers(&bare, "read")));
    Ok(())
}

/// Such a session, packed as it rests.
fn long() -> (SessionId, Vec<Stored>) {
    let (account, chat) = (AccountId("bench".into()), ChatId("long".into()));
    let id = SessionId::of("claude", &account, &chat);
    let turns: Vec<Turn> = (0..TURNS).map(turn).collect();
    let mut loose: Vec<Stored> = turns.iter().map(|turn| codec::turn_record(&id, turn)).collect();
    let every = (TURNS / CHECKPOINTS) as usize;
    for (number, said) in (1..).zip((every..=turns.len()).step_by(every)) {
        let said = turns.get(..said).unwrap_or_default();
        let state = extract::state(said, Measured::default(), "A long chat");
        let (session, created_at, trigger) = (id.clone(), HELD, Trigger::Milestone);
        let checkpoint = Checkpoint { session, number, created_at, trigger, state };
        let request = (String::from("bench"), u64::from(number));
        loose.push(checkpoints::record(&checkpoint, 0, request, said));
    }
    let packed = segments::pack(&id, &loose, HELD.after(PACK_AFTER), &BTreeSet::new()).change;
    let gone: BTreeSet<_> = packed.deletes.into_iter().collect();
    loose.retain(|record| !gone.contains(&record.at));
    loose.extend(packed.puts);
    let head = SessionHead {
        id: id.clone(),
        site: "claude".into(),
        account,
        chat,
        title: "A long chat".into(),
        turn_count: TURNS,
        last_checkpoint: CHECKPOINTS,
        started_at: HELD,
        updated_at: HELD,
        ..SessionHead::default()
    };
    loose.push(codec::session_record(&head));
    (id, loose)
}

fn turn(number: u32) -> Turn {
    let what = ["limiter", "bucket", "clock", "gate", "store", "queue", "reader"];
    let pick = |by: u32| what.get((number / by) as usize % what.len()).copied().unwrap_or_default();
    let (a, b, c) = (pick(1), pick(3), pick(11));
    let markdown = format!(
        "Step {number}: the {a} of part {} asks the {b} before it answers, and the {c} waits.\n\n\
         - [x] change src/{a}_{number}.rs\n- [ ] test the {b} with {number} clients\n\n\
         ```rust\nlet {a} = {b}.take({number})?;\n\
         assert!({a}.is_open(), \"{c} {number}\");\n```\n\n\
         {}",
        number / 10,
        format!("Nothing of the {c} is kept when the {a} ends at {number}. ").repeat(9),
    );
    Turn {
        key: format!("t{number}").as_str().into(),
        position: number,
        role: if number.is_multiple_of(2) { Role::User } else { Role::Assistant },
        markdown,
        at: HELD,
        read_at: HELD,
        ..Turn::default()
    }
}

fn row(record: &Stored) -> Value {
    let pack = |part: &shim::wire::records::Part| base64::prelude::BASE64_STANDARD.encode(&part.0);
    json!([record.at.store.as_str(), {
        "key": record.at.key, "session": record.session.0, "version": record.version,
        "head": record.head, "check": record.check,
        "parts": record.parts.iter().map(pack).collect::<Vec<_>>(),
    }])
}
