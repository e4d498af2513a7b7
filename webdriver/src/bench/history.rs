//! A thousand snapshots of signals, saved in one batch: as SHIM's segments, and as one record of
//! JSON each.

use super::{Bench, Figure, RUNS, Scale, numbers, say, start};
use crate::browser::{Done, Kind};
use crate::lab::Csp;
use base64::Engine;
use serde_json::{Value, json};
use shim::base::chance::Chance;
use shim::base::{Moment, SessionId, Span};
use shim::session::{codec, history};
use shim::wire::history::Snapshot;
use shim::wire::records::Stored;
use shim::wire::signals::{Risk, RiskLevel, Signals};
use std::time::Instant;

/// As the issue has it.
const SNAPSHOTS: u32 = 1_000;

/// Commits both in turns, so that what else the machine does is in both; what was put is deleted.
const SAVE: &str = r"
const [runs, segments, rows, done] = arguments;
const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const save = async (database, store, all) => {
  const began = performance.now();
  const change = database.transaction(store, 'readwrite', { durability: 'strict' });
  for (const row of all) change.objectStore(store).put(row);
  await new Promise((ok, no) => { [change.oncomplete, change.onabort] = [ok, no]; });
  const ms = performance.now() - began;
  const after = database.transaction(store, 'readwrite');
  for (const row of all) after.objectStore(store).delete(row.key);
  await new Promise((ok, no) => { [after.oncomplete, after.onabort] = [ok, no]; });
  return ms;
};
(async () => {
  const found = { segments: [], each: [] };
  const ours = await settled(indexedDB.open('shim'));
  const making = indexedDB.open('bench');
  making.onupgradeneeded = () => {
    making.result.createObjectStore('history', { keyPath: 'key' })
      .createIndex('session', 'session');
  };
  const own = await settled(making);
  const packed = segments.map((row) => ({ ...row, parts: row.parts.map(bytes) }));
  for (let run = 0; run < runs; run += 1) {
    found.segments.push(await save(ours, 'history', packed));
    found.each.push(await save(own, 'history', rows));
  }
  ours.close();
  own.close();
  await settled(indexedDB.deleteDatabase('bench'));
  return found;
})().then(done, (why) => done({ problem: String(why) }));
";

/// A chat that grows, some ten seconds a snapshot.
fn snapshots() -> Vec<Snapshot> {
    let mut chance = Chance::new(1);
    let mut at = Moment(1_790_000_000_000);
    let mut signals = Signals::default();
    (1..=SNAPSHOTS)
        .map(|number| {
            at = at.after(Span(10_000 + chance.below(3_000)));
            signals.estimated_total_tokens += chance.below(400);
            signals.message_count += u32::from(chance.percent(30));
            signals.tool_call_count += u32::from(chance.percent(40));
            signals.tool_calls_since_checkpoint = signals.tool_call_count % 5;
            signals.response_latency_avg_ms = 900.0 + f64::from(signals.message_count);
            let share = f64::from(number) / f64::from(SNAPSHOTS);
            signals.context_window_usage = share;
            let level = if share < 0.75 { RiskLevel::Safe } else { RiskLevel::Danger };
            history::snapshot(
                number,
                at,
                &signals,
                &Risk { level, score: share, ..Risk::default() },
            )
        })
        .collect()
}

fn row_of(record: &Stored) -> Value {
    let pack = |part: &shim::wire::records::Part| base64::prelude::BASE64_STANDARD.encode(&part.0);
    json!({
        "key": record.at.key, "session": record.session.0, "version": record.version,
        "head": record.head, "check": record.check,
        "parts": record.parts.iter().map(pack).collect::<Vec<_>>(),
    })
}

/// Milliseconds, bytes, and how many times smaller.
pub async fn measure(kind: Kind, scale: &Scale, bench: &mut Bench) -> Done<()> {
    let (session, all) = (SessionId::from("claude/nobody/bench"), snapshots());
    let runs = RUNS.min(scale.runs * 3);
    let mut packing = Vec::new();
    let mut records = Vec::new();
    for _ in 0..runs {
        let began = Instant::now();
        records = history::segments(&session, &all);
        packing.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let size = |record: &Stored| codec::packed_bytes(record) + record.head.len() as u64;
    let segments: u64 = records.iter().map(size).sum();
    let texts = all.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let each: u64 = texts.iter().map(|text| text.len() as u64).sum();
    let one = |(snapshot, text): (&Snapshot, &String)| {
        json!({ "key": format!("{session}#{:010}", snapshot.number), "session": session.0,
            "json": text })
    };
    let rows: Vec<Value> = all.iter().zip(&texts).map(one).collect();

    let play = start(kind, Csp::Permissive).await?;
    play.browser.ask(&shim::wire::ui::Ask::Status).await?;
    say(&format!("{}: {runs} batches each", kind.name()));
    let stored: Vec<Value> = records.iter().map(row_of).collect();
    let arguments = vec![runs.into(), stored.into(), rows.into()];
    let told = play.browser.in_inspector(SAVE, arguments).await?;
    let (ours, theirs) = (numbers(&told, "segments"), numbers(&told, "each"));
    if ours.is_empty() || theirs.is_empty() {
        return Err(format!("the page did not say: {told}").into());
    }
    let name = kind.name();
    let mut add = |what: &str, unit: &str, values: Vec<f64>, goal| {
        bench.add(Figure::new(what, name, unit, values).goal(goal));
    };
    let what = format!("{SNAPSHOTS} snapshots committed in one batch (strict)");
    add(&what, "ms", ours, Some((100.0, 60.0)));
    add("the same as one record of JSON each, by a bare page", "ms", theirs, None);
    add("the same packed into records, natively", "ms", packing, None);
    #[expect(clippy::cast_precision_loss, reason = "some hundred kilobytes")]
    let (segments, each) = (segments as f64, each as f64);
    add("bytes of their records", "B", vec![segments], None);
    add("bytes of one record of JSON each", "B", vec![each], None);
    let what = "bytes of their records, of those of one record of JSON each";
    add(what, "%", vec![100.0 * segments / each], Some((10.0, 10.0)));
    Ok(())
}
