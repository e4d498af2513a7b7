//! Packing of texts: as the product does it, against what a browser has for it and against two
//! libraries of script, all at the level that gzip has as a rule.

use super::{Bench, Figure, RUNS, numbers, say, start_with};
use crate::browser::variant::Folder;
use crate::browser::{Done, Kind, Options};
use crate::dump::copy_tree;
use crate::lab::Csp;
use crate::play::PlayOptions;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Kilobytes of the texts.
const SIZES_KB: [usize; 2] = [200, 2_000];
/// Those that pack, in the order in which they take turns.
const PEERS: [&str; 4] = ["shim", "browser", "fflate", "pako"];

/// In a page of the extension: each packs the text once before it counts, and then all in turns.
const RUN: &str = r"
import init, { pack } from './packer.js';
import { gzipSync } from './fflate.js';
import { gzip } from './pako.js';
const [sizes, runs] = await (await fetch(new URL('asked.json', import.meta.url))).json();
const whole = await (await fetch(new URL('text.txt', import.meta.url))).text();
await init();
const encoder = new TextEncoder();
const packers = {
  shim: (text) => pack(text),
  browser: async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  },
  fflate: (text) => gzipSync(encoder.encode(text), { level: 6 }),
  pako: (text) => gzip(encoder.encode(text), { level: 6 }),
};
const found = [];
for (const size of sizes) {
  const text = whole.slice(0, size), times = {}, bytes = {};
  for (const name of Object.keys(packers)) [times[name], bytes[name]] = [[], 0];
  for (let run = -1; run < runs; run += 1) {
    for (const [name, packer] of Object.entries(packers)) {
      const began = performance.now();
      const packed = await packer(text);
      if (run >= 0) times[name].push(performance.now() - began);
      bytes[name] = [packed.length];
    }
  }
  found.push({ times, bytes });
}
document.documentElement.dataset.packing = JSON.stringify(found);
";

/// Loads that module into the page and waits for what it found.
const LOAD: &str = r"
const [done] = arguments;
const root = document.documentElement;
const script = document.createElement('script');
script.type = 'module';
script.src = './bench/run.js';
script.onerror = () => done({ problem: 'the module did not load' });
addEventListener('unhandledrejection', (event) => done({ problem: String(event.reason) }));
addEventListener('error', (event) => done({ problem: String(event.message) }));
const observer = new MutationObserver(() => done(JSON.parse(root.dataset.packing)));
observer.observe(root, { attributeFilter: ['data-packing'] });
document.head.append(script);
";

/// Milliseconds of each, their shares of one another, and what came of it.
pub async fn measure(kind: Kind, bench: &mut Bench) -> Done<()> {
    let text = text(SIZES_KB.into_iter().max().unwrap_or_default() * 1_000)?;
    let folder = equipped(&Options::from_env(kind, 0)?.dist, &text)?;
    let dist = Some(folder.0.clone());
    let play = start_with(kind, Csp::Permissive, |o| PlayOptions { dist, ..o }).await?;
    say(&format!("{}: {RUNS} texts of each size each", kind.name()));
    let told = play.browser.in_inspector(LOAD, Vec::new()).await?;
    let found = told.as_array().ok_or_else(|| format!("nothing was packed: {told}"))?;
    for (kilobytes, one) in SIZES_KB.iter().zip(found) {
        rows(kind, *kilobytes, one, bench);
    }
    Ok(())
}

fn rows(kind: Kind, kilobytes: usize, found: &Value, bench: &mut Bench) {
    let of =
        |what: &str, peer: &str| found.get(what).map(|all| numbers(all, peer)).unwrap_or_default();
    let median = |peer: &str| Figure::new("", "", "", of("times", peer)).median();
    let name = kind.name();
    let mut add = |what: String, unit: &str, values: Vec<f64>, goal| {
        bench.add(Figure::new(&what, name, unit, values).goal(goal));
    };
    for (peer, aim) in [("browser", 1.3), ("fflate", 1.0), ("pako", 1.0)] {
        let share = median("shim") / median(peer).max(0.001);
        let peer = if peer == "browser" { "CompressionStream('gzip')" } else { peer };
        let what = format!("packing {kilobytes} KB in wasm, against {peer}");
        add(what, "x", vec![share], Some((aim, aim)));
    }
    for peer in PEERS {
        add(format!("packing {kilobytes} KB: {peer}"), "ms", of("times", peer), None);
        let bytes = of("bytes", peer);
        #[expect(clippy::cast_precision_loss, reason = "some thousand kilobytes")]
        let ratio = bytes.iter().map(|bytes| kilobytes as f64 * 1_000.0 / bytes.max(1.0)).collect();
        add(format!("{kilobytes} KB packed by {peer}: so many times smaller"), "x", ratio, None);
    }
}

/// What people and models write about, in about the proportions of a chat with tools: this
/// repository's words and code.
fn text(bytes: usize) -> Done<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["src", "tests/it", "webdriver/src", "xtask"] {
        collect(&top.join(folder), &mut files)?;
    }
    files.sort();
    let mut text = String::new();
    for name in ["README.md", "ARCHITECTURE.md", "BENCHMARKS.md"] {
        text.push_str(&std::fs::read_to_string(top.join(name))?);
    }
    for path in files {
        text.push_str(&std::fs::read_to_string(path)?);
    }
    // So many characters are so many bytes, or a few more.
    text.retain(|c| c.is_ascii());
    if text.len() < bytes { Err("the repository holds too little text".into()) } else { Ok(text) }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Done<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "rs" || end == "js") {
            files.push(path);
        }
    }
    Ok(())
}

/// The extension with what packs beside it, in a folder of its own.
fn equipped(dist: &Path, text: &str) -> Done<Folder> {
    let folder = Folder::fresh("packing")?;
    let packer = std::env::var_os("SHIM_PACKER").map(PathBuf::from);
    let packer = packer.ok_or("SHIM_PACKER is not set: run this through `cargo xtask bench`")?;
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("packing/node_modules");
    for browser in ["chrome", "firefox"] {
        let to = folder.0.join(browser);
        copy_tree(&dist.join(browser), &to)?;
        let to = to.join("bench");
        std::fs::create_dir_all(&to)?;
        for (from, name) in [
            (packer.join("packer.js"), "packer.js"),
            (packer.join("packer_bg.wasm"), "packer_bg.wasm"),
            (peers.join("fflate/esm/browser.js"), "fflate.js"),
            (peers.join("pako/dist/pako.mjs"), "pako.js"),
        ] {
            std::fs::copy(&from, to.join(name)).map_err(|e| format!("{}: {e}", from.display()))?;
        }
        let sizes: Vec<usize> = SIZES_KB.iter().map(|kilobytes| kilobytes * 1_000).collect();
        std::fs::write(to.join("asked.json"), serde_json::to_string(&(sizes, RUNS))?)?;
        std::fs::write(to.join("text.txt"), text)?;
        std::fs::write(to.join("run.js"), RUN)?;
    }
    Ok(folder)
}
