// Joins eyes, hands and card with the engine, which runs in this page where the page lets
// WebAssembly compile, else in the background. The words are the same in both placements. They
// hold 64-bit numbers, so they are passed on as text and never parsed and written again.
"use strict";

(() => {
  const beganMs = globalThis.SHIM_BEGAN_MS ?? performance.now(); // set where the engine's script is
  const alive = () => Boolean(globalThis.chrome?.runtime?.id); // gone: the extension was replaced
  if (globalThis.shimBoot?.alive()) return; // injected a second time
  const RETRY_MS = 1000, FRESH_MS = 5000;
  const random = crypto.getRandomValues(new BigUint64Array(2)); // there without TLS, as at home
  const opened = { url: location.href, document: random.join("-"), wrote: "" };
  const started = () => JSON.stringify({ started: opened }); // `wrote`: what the hands wrote last
  const waiting = []; // events for the engine in this page; the first is being worked on
  let engine = null, refused = false, stopped = false, away = false;
  let loading = Boolean(globalThis.SHIM_WASM) && typeof wasm_bindgen !== "undefined";
  let port = null, retry = 0, postedAtMs = 0, wakeTimer = 0, wakeAtMs = Infinity;
  const eyes = globalThis.shimEyes((page) => tell(page, true));
  const hands = globalThis.shimHands(eyes);
  const card = globalThis.shimCard((button) => tell(JSON.stringify({ card: button })),
    () => eyes.find("composer")[0]);
  const state = { placement: "background", readyMs: null, alive: () => alive() && !stopped };
  globalThis.shimBoot = state; // for a second injection, and for who measures

  function stop() {
    stopped = true;
    clearTimeout(retry);
    clearTimeout(wakeTimer);
    eyes.stop();
    card.show(null);
    port = null;
  }

  function perform(effects) {
    for (const effect of effects) {
      if (effect.do === "watch") eyes.watch(effect.plan);
      else if (effect.do === "card") card.show(effect.card);
      else hands.act(effect).then(acted, console.error);
    }
  }

  const acted = (said) => {
    opened.wrote = said?.filled?.written?.read_back ?? opened.wrote;
    if (said) tell(JSON.stringify(said));
  };

  const wake = () => { wakeAtMs = Infinity; tell('"wake"'); };

  // First placement. `back` holds messages as text, `wake_ms` is counted from now.
  function run(event) {
    const out = JSON.parse(engine.step(Date.now(), event));
    clearTimeout(wakeTimer);
    wakeAtMs = out.wake_ms === null ? Infinity : Date.now() + out.wake_ms;
    if (out.wake_ms !== null) wakeTimer = setTimeout(wake, out.wake_ms);
    return out;
  }

  // An effect can bring the next event at once: that waits its turn, or messages would overtake
  // each other. What a new port carries first is the engine's greeting.
  function step(event) {
    if (waiting.push(event) > 1) return;
    for (; waiting.length; waiting.shift()) {
      try {
        const out = run(waiting[0]), outs = [out];
        if (out.back.length && !port && open()) outs.unshift(run('"connected"'));
        for (const { back } of outs) for (const message of back) post(`{"session":${message}}`);
        for (const { page } of outs.reverse()) perform(page);
      } catch (problem) {
        console.error(problem); // the next event must still come through
      }
    }
  }

  // An event for the engine, wherever it runs.
  function tell(event, isLook = false) {
    if (loading || stopped || away) return;
    const isNew = !engine && !port;
    if (isNew) connect();
    if (engine) step(event);
    else if (isNew && isLook) eyes.flush(); // the engine behind a new port has seen nothing yet
    else post(`{"event":${event}}`);
    card.place();
  }

  const post = (text) => {
    postedAtMs = Date.now();
    try { port?.postMessage(text); } catch { lost(port); } // closed, and not yet said to be
  };

  function open() {
    clearTimeout(retry);
    try { port = chrome.runtime.connect({ name: "chat" }); } catch { return stop(); }
    port.onMessage.addListener(hear);
    port.onDisconnect.addListener(lost);
    return port;
  }

  function connect() {
    if (loading || stopped || away || port || !open()) return;
    if (engine) return step('"connected"');
    if (refused) post('"refused"');
    refused = false;
    post(`{"event":${started()}}`);
    post('{"event":"connected"}');
    eyes.forget();
  }

  function lost(which) {
    void chrome.runtime?.lastError; // read, or the browser reports it as unhandled
    if (which !== port) return;
    port = null;
    if (!alive()) return stop();
    // What was posted just now may be lost. A worker that was ended for its idleness is left in
    // peace: the next thing to say wakes it.
    if (Date.now() - postedAtMs < FRESH_MS) retry = setTimeout(connect, RETRY_MS);
  }

  function hear(text) {
    if (!alive() || typeof text !== "string") return;
    if (text === '"look"') eyes.flush();
    else if (engine && text.startsWith('{"event":')) step(text.slice('{"event":'.length, -1));
    else if (!engine && text.startsWith('{"do":')) {
      state.readyMs ??= performance.now() - beganMs;
      perform(JSON.parse(text).do);
    }
    if (Date.now() >= wakeAtMs) wake(); // the timers of a hidden tab sleep
  }

  // The background asks a silent tab whether it lives; it can reach it this way without a port.
  function asked(text, sender, answer) {
    if (text !== "look" || stopped || away) return;
    answer(true);
    connect();
    hear('"look"');
  }

  function left() {
    connect();
    eyes.flush();
    tell('"leaving"');
    away = true; // what happens from here on is told if the page comes back
    clearTimeout(retry);
    port?.disconnect();
    port = null;
  }

  function back() {
    if (away) eyes.forget();
    away = false;
    connect();
  }

  // Compiles beside the page's thread. Until that is done nothing is looked at.
  async function engineHere() {
    const packed = globalThis.SHIM_WASM, bytes = Uint8Array.fromBase64?.(packed)
      ?? Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    globalThis.SHIM_WASM = undefined;
    await wasm_bindgen({ module_or_path: bytes });
    engine = new wasm_bindgen.Engine();
    [state.placement, state.readyMs] = ["page", performance.now() - beganMs];
  }

  const begin = () => { loading = false; if (engine) step(started()); connect(); };

  addEventListener("pagehide", left);
  addEventListener("pageshow", back);
  chrome.runtime.onMessage.addListener(asked);
  if (loading) engineHere().catch(() => { refused = true; }).then(begin);
  else begin();
})();
