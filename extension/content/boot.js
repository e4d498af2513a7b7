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
  let refused = false, stopped = false, away = false;
  let port = null, retry = 0, postedAtMs = 0;
  const eyes = globalThis.shimEyes((page) => { tell(page, true); draft.changed(); });
  const hands = globalThis.shimHands(eyes);
  const draft = globalThis.shimDraft(() => hands.read("composer"), () => opened.wrote,
    (text) => { connect(); post(text === null ? '"erased"' : JSON.stringify({ typed: text })); });
  const card = globalThis.shimCard((button) => tell(JSON.stringify({ card: button })),
    () => eyes.find("composer")[0]);
  const pick = globalThis.shimPick((text) => { connect(); post(`{"pointed":${text}}`); });
  const weigh = globalThis.shimWeigh((weight) => tell(weight));
  const engine = globalThis.shimEngine(eyes.rest, heed, () => tell('"wake"'));
  let loading = engine.offered();
  const state = { placement: "background", readyMs: null, alive: () => alive() && !stopped };
  globalThis.shimBoot = state; // for a second injection, and for who measures

  function stop() {
    stopped = true;
    clearTimeout(retry);
    engine.stop();
    eyes.stop();
    weigh.stop();
    draft.stop();
    card.show(null);
    pick.show(null);
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

  // What the engine's step gave. What a new port carries first is the engine's greeting.
  function heed(out) {
    if (stopped) return; // meanwhile
    const outs = [out];
    if (out.back.length && !port && open()) outs.unshift(engine.run('"connected"'));
    for (const { back } of outs) for (const message of back) post(`{"session":${message}}`);
    for (const { page } of outs.reverse()) perform(page);
  }

  // An event for the engine, wherever it runs.
  function tell(event, isLook = false) {
    if (loading || stopped || away) return;
    const isNew = !engine.ready() && !port;
    if (isNew) connect();
    if (engine.ready()) engine.step(event);
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
    draft.forget();
    return port;
  }

  function connect() {
    if (loading || stopped || away || port || !open()) return;
    if (engine.ready()) return engine.step('"connected"');
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
    else if (text.startsWith('{"point":')) pick.show(JSON.parse(text).point);
    else if (engine.ready()) {
      if (text.startsWith('{"event":')) engine.step(text.slice('{"event":'.length, -1));
    } else if (text.startsWith('{"do":')) {
      state.readyMs ??= performance.now() - beganMs;
      perform(JSON.parse(text).do);
    }
    engine.due();
  }

  // The background asks a silent tab whether it lives; it can reach it this way without a port.
  function asked(text, sender, answer) {
    if (text !== "look" || stopped || away) return;
    answer(true);
    connect();
    hear('"look"');
  }

  function left() {
    pick.show(null);
    connect();
    eyes.flush();
    draft.look();
    tell('"leaving"');
    engine.finish();
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

  function begin() {
    loading = false;
    if (engine.ready()) {
      [state.placement, state.readyMs] = ["page", performance.now() - beganMs];
      engine.step('"wake"'); // no news: compiles what every step needs
      engine.step(started());
    }
    connect();
  }

  addEventListener("pagehide", left);
  addEventListener("pageshow", back);
  chrome.runtime.onMessage.addListener(asked);
  // Until it is compiled nothing is looked at.
  if (loading) engine.load().catch(() => { refused = true; }).then(begin);
  else begin();
})();
