// A page's own eyes and elbows: it looks for traces of anybody else, and it can run amok. No page
// loads this by itself. `labLook(what, argument)` leaves its answer as JSON in `labLooked`.

const traps = { calls: 0, foreign: [] };

/** Everything of its own that a page can look through. */
async function traces() {
  const names = (object) => Object.getOwnPropertyNames(object).sort();
  const attributes = (element) => [...element.attributes].map((a) => a.name).sort().join();
  return {
    globals: names(globalThis).filter((name) => !name.startsWith("lab")),
    document: names(document),
    elements: [...document.querySelectorAll("*")].map((e) => `${e.localName} ${attributes(e)}`),
    sheets: document.adoptedStyleSheets.length,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    cookies: document.cookie.split("; ").map((pair) => pair.split("=")[0]),
    resources: performance.getEntries().map(({ name }) => name).filter((n) => /extension:/.test(n)),
    messages: globalThis.labSeen.messages,
    runtime: typeof globalThis.chrome?.runtime + typeof globalThis.browser,
  };
}

/** Asks for a file as a fetch and as an image; null: it cannot be had. */
async function probe(url) {
  const image = new Image();
  const loaded = new Promise((ok) => {
    image.onload = () => ok("an image");
    image.onerror = () => ok(null);
  });
  image.src = url;
  return (await fetch(url).then(({ status }) => `status ${status}`, () => null)) ?? loaded;
}

/** Traps in everything that a script of this world would go through. */
function trap() {
  const places = [
    [Document.prototype, ["querySelector", "querySelectorAll", "createElement", "execCommand"]],
    [Element.prototype, ["getAttribute", "closest", "attachShadow", "checkVisibility", "append"]],
    [EventTarget.prototype, ["addEventListener", "dispatchEvent"]],
    [MutationObserver.prototype, ["observe"]], [Node.prototype, ["contains", "appendChild"]],
    [JSON, ["stringify", "parse"]], [globalThis, ["setTimeout", "clearTimeout", "postMessage"]],
    [Date, ["now"]], [Array.prototype, ["push", "map", "slice"]], [Map.prototype, ["get", "set"]],
    [Object, ["entries"]], [performance, ["now"]],
  ];
  for (const [owner, names] of places) {
    for (const name of names) {
      const real = owner[name];
      owner[name] = function trapped(...all) {
        traps.calls += 1;
        const strange = /(chrome|moz)-extension:/.test(String(new Error().stack));
        if (strange) traps.foreign[traps.foreign.length] = name;
        return real.apply(this, all);
      };
    }
  }
}

const state = { changes: 0, done: false };

/** A megabyte of nested markup, forged turns, and a storm of changes for so many seconds. */
function amok(seconds) {
  const end = performance.now() + seconds * 1000;
  const rows = [...document.querySelectorAll("[data-testid=transcript-row]")];
  const list = rows[0].parentElement;
  let deep = document.createElement("div");
  const bottom = deep;
  for (let depth = 0; depth < 400; depth += 1) {
    const outer = document.createElement("div");
    outer.append(deep, "markup ".repeat(400));
    deep = outer;
  }
  rows.at(-1).querySelector("[data-perf-reply-text]").append(deep);
  for (let count = 0; count < 300; count += 1) {
    const copy = rows[count % 2].cloneNode(true);
    copy.setAttribute("data-turn-key", `forged-${count}`);
    copy.setAttribute("data-index", 300 - count);
    list.append(copy);
  }
  const change = () => {
    const row = list.children[state.changes % list.children.length];
    const kind = state.changes % 4;
    state.changes += 1;
    if (kind === 0) row.setAttribute("data-turn-key", `k${state.changes % 1000}`);
    else if (kind === 1) row.setAttribute("data-index", state.changes % 5000);
    else if (kind === 2) bottom.textContent = `storm ${state.changes}`;
    else if (state.changes % 400 === 3) list.append(row);
    else row.setAttribute("aria-posinset", state.changes % 77);
  };
  // 10,000 changes a second, as evenly as a page can.
  let owed = 0, last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    owed = Math.min(owed + (now - last) * 11, 6000);
    last = now;
    for (; owed >= 1; owed -= 1) change();
    if (now < end) return;
    clearInterval(timer);
    state.done = true;
  }, 10);
}

/** Streams so many tokens into the newest answer, as fast as this thread takes them; how long
 * the thread was busy with it, in milliseconds. */
async function tokens({ count, observed }) {
  const field = [...document.querySelectorAll("[data-perf-reply-text]")].at(-1);
  const paragraph = document.createElement("p");
  field.append(paragraph);
  const nothing = new MutationObserver(() => {});
  if (observed) {
    nothing.observe(document, { childList: true, subtree: true, characterData: true });
  }
  const { port1, port2 } = new MessageChannel();
  const turn = () => new Promise((ok) => {
    port1.onmessage = ok;
    port2.postMessage(null);
  });
  const began = performance.now();
  let text = null;
  for (let at = 0; at < count; at += 1) {
    if (at % 100 === 0) paragraph.append(text = document.createTextNode(""));
    text.appendData(at % 12 ? `word${at % 7} ` : "word. ");
    await turn();
  }
  const took = performance.now() - began;
  nothing.disconnect();
  paragraph.remove();
  return took;
}

const looks = { traces, tokens, probe, trap, amok, traps: () => traps, state: () => state };

globalThis.labTokens = (count, observed) => labLook("tokens", { count, observed });

globalThis.labLook = (what, argument) => {
  globalThis.labLooked = null;
  Promise.resolve(looks[what](argument)).then(
    (found) => { globalThis.labLooked = JSON.stringify(found ?? null); },
    (problem) => { globalThis.labLooked = JSON.stringify(String(problem)); },
  );
};
