// The engine in this page, where the page lets WebAssembly compile: its module, its timer, and the
// queue of what it is told. This file only defines a factory, so that a second injection does no
// harm.
"use strict";

// `heed` gets what each step gave; `woken` is called when the engine wants to be.
globalThis.shimEngine = (rest, heed, woken) => {
  // A browser compiles a function when it is first called: the first steps are long, and each has
  // a task of the page's thread to itself.
  const FIRST = 5;
  const waiting = []; // the first is being worked on
  let engine = null, steps = 0, timer = 0, wakeAtMs = Infinity;

  const offered = () => Boolean(globalThis.SHIM_WASM) && typeof wasm_bindgen !== "undefined";

  // Compiled in a task of its own, 1 ms in Chromium and 11 in Firefox: beside the page's thread it
  // would have to wait for that thread afterwards.
  async function load() {
    const packed = globalThis.SHIM_WASM, bytes = Uint8Array.fromBase64?.(packed)
      ?? Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    globalThis.SHIM_WASM = undefined;
    const module = new WebAssembly.Module(bytes);
    await rest();
    await wasm_bindgen({ module_or_path: module });
    engine = new wasm_bindgen.Engine();
  }

  const wake = () => { wakeAtMs = Infinity; woken(); };

  // `back` holds messages as text, `wake_ms` is counted from now.
  function run(event) {
    const out = JSON.parse(engine.step(Date.now(), event));
    clearTimeout(timer);
    wakeAtMs = out.wake_ms === null ? Infinity : Date.now() + out.wake_ms;
    if (out.wake_ms !== null) timer = setTimeout(wake, out.wake_ms);
    return out;
  }

  // A page that is left has no next task.
  function work(inOneTask) {
    while (waiting.length) {
      try {
        heed(run(waiting[0]));
      } catch (problem) {
        console.error(problem); // the next event must still come through
      }
      waiting.shift();
      steps += 1;
      if (steps < FIRST && waiting.length && !inOneTask) return rest().then(() => work(false));
    }
  }

  // An effect can bring the next event at once: that waits its turn, or messages would overtake
  // each other.
  function step(event) {
    if (waiting.push(event) > 1) return;
    if (steps < FIRST) rest().then(() => work(false));
    else work(true);
  }

  return {
    offered, load, run, step,
    finish: () => work(true),
    ready: () => Boolean(engine),
    due: () => Date.now() >= wakeAtMs && wake(), // the timers of a hidden tab sleep
    stop: () => clearTimeout(timer),
  };
};
