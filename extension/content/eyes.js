// The eyes: run a plan made in Rust and report what changed. They know no site and decide nothing.
// This file only defines a factory, so that a second injection into one document does no harm.
"use strict";

globalThis.shimEyes = (onFlush) => {
  const { clip, kind, teller, writer, places, above, rest, VALUE_CHARS } = globalThis.shimTrees;
  // A glance is one task of the page's thread, and so is what the engine makes of it. A look takes
  // as many as it needs, with rests between; the longer it took, the longer the next one waits.
  const LOOK_CHARS = 4000, FLUSH_CHARS = 1e6, TARGETS = 2000;
  const REST_MS = 10, REST_TIMES = 40, REST_MOST_MS = 900;
  const SIGNS = ["input", "click", "visibilitychange", "freeze"].map((name) => [document, name])
    .concat([[window, "popstate"], [globalThis.navigation, "currententrychange"]]);
  const numbers = new WeakMap(); // turn element -> its number in this document
  let plan = null, counted = 0, seq = 0, timer = 0, lookedMs = 0, account = "";
  // Of the look at hand: its time, whether it followed another soon, turns to tell, a stop pressed.
  let tookMs = 0, streams = false, late = new Set(), stopped = false;
  let treeText = null, turnText = null, told = new Map(), toldTurns = new WeakMap(); // sent last
  let targets = new Set(), allDirty = true, shown = new Set(), place = places();

  const news = (key, text) => told.get(key) !== text && told.set(key, text);

  // The first candidate with a match wins; of nested turns the outermost counts.
  function look(slot) {
    for (const [rank, css] of slot.css.entries()) {
      const found = [];
      for (const el of place.matches(css)) {
        if (slot.turns && found.at(-1)?.contains(el)) continue;
        if (!slot.visible || el.checkVisibility()) found.push(el);
        if (found.length && !slot.many && !slot.turns) break;
      }
      if (found.length) return { rank, found };
    }
    return { rank: 0, found: [] };
  }

  // The turns that are new, came back, or hold a place where something happened.
  function dirtyTurns(mounted) {
    const dirty = new Set();
    for (const el of mounted) if (allDirty || !toldTurns.has(el)) dirty.add(el);
    for (const target of targets) {
      for (let node = target; node; node = above(node)) if (mounted.has(node)) dirty.add(node);
    }
    [targets, allDirty] = [new Set(), false];
    return dirty;
  }

  // JSON of as many of them as fit into one glance of so many characters.
  function changedTurns(mounted, room) {
    for (const el of shown) if (!mounted.has(el)) toldTurns.delete(el);
    for (const el of mounted) if (!numbers.has(el)) numbers.set(el, counted += 1);
    const dirty = late.size ? late : dirtyTurns(mounted), changed = [];
    [shown, late] = [mounted, new Set()];
    for (const el of dirty) {
      if (room <= 0 && mounted.has(el)) late.add(el);
      if (room <= 0 || !mounted.has(el) || !el.isConnected) continue;
      const text = turnText(el);
      if (toldTurns.get(el) !== text) changed.push(`[${numbers.get(el)},${text}]`);
      room -= text.length;
      toldTurns.set(el, text);
    }
    return changed;
  }

  function frame() {
    const name = plan.account_cookie && `${plan.account_cookie}=`;
    const pair = name && document.cookie.split("; ").find((one) => one.startsWith(name));
    account ||= clip(pair?.slice(name.length) ?? "", VALUE_CHARS); // later it may be another tab's
    const [url, title] = [location.href, document.title].map((text) => clip(text, VALUE_CHARS));
    const zone_min = -new Date().getTimezoneOffset(), { hidden } = document;
    const whole = { url, title, hidden, zone_min, account: name ? account : null, stopped };
    stopped = false;
    return JSON.stringify(whole).slice(1, -1);
  }

  // All that is due, now.
  function flush() {
    do glance(FLUSH_CHARS); while (plan && (late.size || targets.size || allDirty));
  }

  function glance(room = seq ? LOOK_CHARS : 0) { // the first is long without turns
    timer = clearTimeout(timer);
    if (!plan) return;
    const beganMs = performance.now(), before = lookedMs;
    [lookedMs, tookMs] = [Date.now(), late.size ? tookMs : 0];
    streams = lookedMs - before < 2 * paceMs();
    report(room);
    tookMs += performance.now() - beganMs;
    if (late.size && document.hidden) rest().then(goOn); // its timers sleep
    else if (late.size) wait(REST_MS);
    else if (targets.size || allDirty) wait(pause());
    else if (place.owed()) wait(plan.flush_ms);
  }

  // What is left of a look, or a first look.
  const goOn = () => { if (late.size || !lookedMs) glance(); };
  const wait = (ms) => { timer ||= setTimeout(() => glance(), ms); };
  function report(room) {
    if (late.size && told.get("url") === location.href) return send(changedTurns(shown, room), []);
    told.set("url", location.href); // the rest of a look is of the same chat, or it is none
    if (plan.deep) place.search().forEach(observe);
    const mounted = new Set(), slots = [], parts = [];
    for (const [name, slot] of Object.entries(plan.slots)) {
      const { rank, found } = look(slot);
      if (slot.turns) for (const el of found) mounted.add(el);
      const text = `{"rank":${rank},"nodes":[${slot.turns ? [] : found.map(treeText)}]}`;
      if (news(`slot ${name}`, text)) slots.push(`${JSON.stringify(name)}:${text}`);
    }
    const turns = changedTurns(mounted, room);
    const order = `[${[...mounted].map((el) => numbers.get(el))}]`;
    if (slots.length) parts.push(`,"slots":{${slots}}`);
    if (news("order", order)) parts.push(`,"order":${order}`);
    send(turns, parts);
  }

  function send(turns, parts, around = frame()) {
    if (turns.length) parts.push(`,"turns":[${turns}]`);
    if (!news("frame", around) && !parts.length) return;
    onFlush(`{"page":{"seq":${seq += 1},${around}${parts.join("")}}}`);
  }

  function mark(nodes) {
    for (const node of nodes) if (!allDirty) targets.add(node);
    if (targets.size > TARGETS) [targets, allDirty] = [new Set(), true];
    // The timers of a hidden tab sleep for up to a minute; its mutations still arrive.
    if (plan && document.hidden && Date.now() - lookedMs > pause()) glance();
    else if (plan) wait(pause());
  }

  // A page without turns is still being built, or waits for a prompt: looks cost little there. One
  // where something happens all the time is read half as often as one where something begins.
  const paceMs = () => plan.flush_ms * (shown.size ? 1 + streams : 1 / 8);
  const pause = () => Math.max(paceMs(), Math.min(tookMs * REST_TIMES, REST_MOST_MS));

  const observer = new MutationObserver((records) => mark(records.map(({ target }) => target)));
  function sign({ type, target, isTrusted }) {
    const hit = (el) => (el.closest("button") ?? el).contains(target); // it may be a sign on one
    stopped ||= type === "click" && isTrusted && find("stop").some(hit);
    mark(target instanceof Node ? [target] : []);
    if (type === "freeze" || document.hidden) flush(); // now, before the page may be ended
  }

  // Whoever listens is new: the next look tells everything, and is the first.
  function forget() {
    [told, toldTurns, allDirty, late, seq] = [new Map(), new WeakMap(), true, new Set(), 0];
    if (plan) wait(plan.flush_ms);
  }

  function stop() {
    observer.disconnect();
    for (const [from, name] of SIGNS) from?.removeEventListener(name, sign, true);
    [plan, timer, late, allDirty] = [null, clearTimeout(timer), new Set(), true];
  }

  function observe(root) {
    const kinds = plan.watch.length ? { attributeFilter: plan.watch } : {};
    observer.observe(root, { subtree: true, childList: true, characterData: true, ...kinds });
  }

  function watch(next) {
    stop();
    [plan, treeText, turnText, lookedMs] = [next, teller(next), writer(next), 0];
    for (const [from, name] of SIGNS) from?.addEventListener(name, sign, true);
    [told, toldTurns, place] = [new Map(), new WeakMap(), places()];
    observe(document);
    rest().then(goOn);
  }

  const find = (name) => (plan?.slots[name] ? look(plan.slots[name]).found : []);
  return { watch, flush, forget, stop, find, kind, rest, account: () => account };
};
