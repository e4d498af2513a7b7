// The eyes: run a plan made in Rust and report what changed. They know no site and decide nothing.
// This file only defines a factory, so that a second injection into one document does no harm.
"use strict";

globalThis.shimEyes = (onFlush) => {
  const SKIPPED = /^(script|style|noscript|template)$/;
  const TEXT_INPUT = /^(email|number|search|tel|text|url)$/;
  const VALUE_CHARS = 2000, CLASS_CHARS = 300, TARGETS = 2000;
  const SIGNS = [[document, "input"], [document, "visibilitychange"], [document, "freeze"],
    [window, "popstate"], [globalThis.navigation, "currententrychange"]];
  const numbers = new WeakMap(); // turn element -> its number in this document
  let plan = null, allowed = new Set(), counted = 0, seq = 0, timer = 0, lookedMs = 0, account = "";
  let told = new Map(), toldTurns = new WeakMap(); // what was sent last, as JSON
  let targets = new Set(), allDirty = true, shown = new Set();

  // A lone half of a surrogate pair, common while an answer streams, is no legal JSON string.
  const clip = (text, limit) => text.slice(0, limit).toWellFormed();
  const news = (key, text) => told.get(key) !== text && told.set(key, text);

  const kind = (el) => {
    if (el.localName === "textarea") return "value";
    if (el.localName === "input") return TEXT_INPUT.test(el.type) ? "value" : null;
    const editable = el.getAttribute("contenteditable");
    if (editable === null || editable === "false") return null;
    return el.hasAttribute("data-lexical-editor") ? "lexical" : "blocks";
  };

  function attributes(el) {
    const found = {};
    for (const { name, value } of el.attributes) {
      const most = name === "class" ? CLASS_CHARS : VALUE_CHARS;
      if (allowed.has(name)) found[name] = clip(value, most);
    }
    const is = (state) => el[state] === true || el.getAttribute(`aria-${state}`) === "true";
    for (const state of ["disabled", "checked"]) if (is(state)) found[`:${state}`] = "true";
    const shape = kind(el);
    if (shape) found[":kind"] = shape;
    if (shape === "value") found[":value"] = clip(el.value, plan.max_chars);
    return found;
  }

  function tree(el, depth, room) {
    const made = [el.localName, attributes(el)];
    if (el.localName === "svg" || made[1][":kind"] === "value") return made;
    for (let child = el.firstChild; child; child = child.nextSibling) {
      const inner = child.nodeType === Node.ELEMENT_NODE;
      if (inner ? SKIPPED.test(child.localName) : child.nodeType !== Node.TEXT_NODE) continue;
      const text = inner && depth < plan.max_depth ? null : child.textContent;
      if (text === "") continue;
      if (room.nodes <= 0 || text?.length > room.chars) made[1][":cut"] = "true";
      if (room.nodes <= 0 || room.chars <= 0) break;
      room.nodes -= 1;
      made.push(text === null ? tree(child, depth + 1, room) : clip(text, room.chars));
      room.chars -= text?.length ?? 0;
      if (text === null && made.at(-1)[1][":cut"]) made[1][":cut"] = "true";
    }
    return made;
  }

  const treeText = (el) =>
    JSON.stringify(tree(el, 1, { nodes: plan.max_nodes, chars: plan.max_chars }));
  const matches = (css) => {
    try { return document.querySelectorAll(css); } catch { return []; } // no selector finds nothing
  };

  // The first candidate with a match wins; of nested turns the outermost counts.
  function look(slot) {
    for (const [rank, css] of slot.css.entries()) {
      const found = [];
      for (const el of matches(css)) {
        if (slot.turns && found.at(-1)?.contains(el)) continue;
        if (!slot.visible || el.checkVisibility()) found.push(el);
        if (found.length && !slot.many && !slot.turns) break;
      }
      if (found.length) return { rank, found };
    }
    return { rank: 0, found: [] };
  }

  // JSON of the turns that are new, came back, or hold a place where something happened.
  function changedTurns(mounted) {
    const dirty = new Set(), changed = [];
    for (const el of shown) if (!mounted.has(el)) toldTurns.delete(el);
    shown = mounted;
    for (const target of targets) {
      for (let node = target; node; node = node.parentNode) if (mounted.has(node)) dirty.add(node);
    }
    for (const el of mounted) {
      if (!numbers.has(el)) numbers.set(el, counted += 1);
      if (!allDirty && !dirty.has(el) && toldTurns.has(el)) continue;
      const text = treeText(el);
      if (toldTurns.get(el) !== text) changed.push(`[${numbers.get(el)},${text}]`);
      toldTurns.set(el, text);
    }
    return changed;
  }

  function frame() {
    const name = plan.account_cookie && `${plan.account_cookie}=`;
    const pair = name && document.cookie.split("; ").find((one) => one.startsWith(name));
    account ||= clip(pair?.slice(name.length) ?? "", VALUE_CHARS); // later it may be another tab's
    const [url, title] = [location.href, document.title].map((text) => clip(text, VALUE_CHARS));
    const whole = { url, title, hidden: document.hidden, account: name ? account : null };
    return JSON.stringify(whole).slice(1, -1);
  }

  function flush() {
    clearTimeout(timer);
    timer = 0;
    if (!plan) return;
    lookedMs = Date.now();
    const mounted = new Set(), slots = [], parts = [];
    for (const [name, slot] of Object.entries(plan.slots)) {
      const { rank, found } = look(slot);
      if (slot.turns) for (const el of found) mounted.add(el);
      const text = `{"rank":${rank},"nodes":[${slot.turns ? [] : found.map(treeText)}]}`;
      if (news(`slot ${name}`, text)) slots.push(`${JSON.stringify(name)}:${text}`);
    }
    const turns = changedTurns(mounted), around = frame();
    const order = `[${[...mounted].map((el) => numbers.get(el))}]`;
    [targets, allDirty] = [new Set(), false];
    if (slots.length) parts.push(`,"slots":{${slots}}`);
    if (news("order", order)) parts.push(`,"order":${order}`);
    if (turns.length) parts.push(`,"turns":[${turns}]`);
    if (!news("frame", around) && !parts.length) return;
    onFlush(`{"page":{"seq":${seq += 1},${around}${parts.join("")}}}`);
  }

  function mark(nodes) {
    for (const node of nodes) if (!allDirty) targets.add(node);
    if (targets.size > TARGETS) [targets, allDirty] = [new Set(), true];
    // The timers of a hidden tab sleep for up to a minute; its mutations still arrive.
    if (document.hidden && Date.now() - lookedMs > plan?.flush_ms) flush();
    else if (plan) timer ||= setTimeout(flush, pause());
  }

  // A page without turns is still being built, or waits for a prompt: looks cost little there.
  const pause = () => (shown.size ? plan.flush_ms : plan.flush_ms / 8);

  const observer = new MutationObserver((records) => mark(records.map(({ target }) => target)));
  function sign({ type, target }) {
    mark(target instanceof Node ? [target] : []);
    if (type === "freeze" || document.hidden) flush(); // now, before the page may be ended
  }

  // Whoever listens is new: the next look tells everything, and looks are counted from 1 again.
  function forget() {
    [told, toldTurns, allDirty, seq] = [new Map(), new WeakMap(), true, 0];
    if (plan) timer ||= setTimeout(flush, plan.flush_ms);
  }

  function stop() {
    observer.disconnect();
    for (const [from, name] of SIGNS) from?.removeEventListener(name, sign, true);
    clearTimeout(timer);
    [plan, timer] = [null, 0];
  }

  function watch(next) {
    stop();
    [plan, allowed, told, toldTurns] = [next, new Set(next.attrs), new Map(), new WeakMap()];
    for (const [from, name] of SIGNS) from?.addEventListener(name, sign, true);
    const kinds = next.watch.length ? { attributeFilter: next.watch } : {};
    observer.observe(document, { subtree: true, childList: true, characterData: true, ...kinds });
    flush();
  }

  const find = (name) => (plan?.slots[name] ? look(plan.slots[name]).found : []);
  return { watch, flush, forget, stop, find, kind };
};
