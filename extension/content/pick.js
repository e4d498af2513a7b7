// Lets a person point at something in the page: what is under the pointer is framed, and one click,
// which never reaches the page, tells it. This file only defines a factory, so that a second
// injection does no harm.
"use strict";

globalThis.shimPick = (told) => {
  const { teller, above } = globalThis.shimTrees;
  const CSS = `
    :host { all: initial; }
    .all { position: fixed; inset: 0; z-index: 2147483647; pointer-events: none;
      font: 14px/1.45 system-ui, sans-serif; text-align: start;
      --back: #fff; --text: #1d2329; --soft: #57606a; --line: #d4d9de; --main: #0b6e69;
      --wash: rgb(11 110 105 / 14%); --warn: #b3541e; }
    .dark { --back: #23272c; --text: #eceff1; --soft: #a9b2ba; --line: #444b52; --main: #4cc2b8;
      --wash: rgb(76 194 184 / 20%); --warn: #f0a070; color-scheme: dark; }
    .cover { position: absolute; inset: 0; cursor: crosshair; pointer-events: auto; }
    .frame { position: absolute; box-sizing: border-box; border: 2px solid var(--main);
      border-radius: 4px; background: var(--wash); }
    .bar { position: absolute; inset-block-start: 16px; inset-inline-end: 16px;
      box-sizing: border-box; width: 370px; max-width: calc(100vw - 32px);
      padding: 12px 44px 12px 16px; border: 1px solid var(--line); border-radius: 10px;
      background: var(--back); color: var(--text); box-shadow: 0 6px 24px rgb(0 0 0 / 18%);
      pointer-events: auto; overflow-wrap: anywhere; }
    .low { inset-block: auto 16px; }
    .warning { border-inline-start: 4px solid var(--warn); }
    p { margin: 0; font-weight: 600; }
    p + p { margin-top: 2px; color: var(--soft); font-weight: 400; }
    p:empty { display: none; }
    button { position: absolute; inset-block-start: 8px; inset-inline-end: 8px; width: 28px;
      height: 28px; padding: 8px; border: 0; border-radius: 6px; background: transparent;
      color: inherit; cursor: pointer; }
    button:focus-visible { outline: 2px solid var(--main); }
    button::before { content: ""; display: block; width: 100%; height: 100%;
      background: linear-gradient(45deg, transparent 46%, currentColor 46% 54%, transparent 54%),
        linear-gradient(-45deg, transparent 46%, currentColor 46% 54%, transparent 54%); }`;
  const HOST = "shim-pick";
  const EVENTS = ["pointermove", "pointerdown", "pointerup", "mousedown", "mouseup", "mousemove",
    "click", "auxclick", "dblclick", "contextmenu", "wheel", "keydown"];
  const picked = new Map(); // element -> its slot, of all that was pointed at in this document
  let host = null, root = null, frame = null, bar = null, view = null, target = null;
  for (const old of document.querySelectorAll(HOST)) old.remove(); // of a replaced extension

  const make = (tag, name, text, parent) => {
    const el = document.createElement(tag);
    [el.className, el.textContent] = [name, text];
    parent.append(el);
    return el;
  };

  // What a person sees at a point: in open shadow roots and frames of this origin as well.
  function under(x, y) {
    for (let from = document, found = null; ;) {
      const inside = (el) => el !== host && el.getRootNode() === from;
      const el = from.elementsFromPoint(x, y).find(inside);
      if (!el) return found;
      found = el;
      const inner = el.localName === "iframe" ? el.contentDocument : el.shadowRoot;
      if (!inner) return found;
      const edge = inner.body ? el.getBoundingClientRect() : { left: 0, top: 0 };
      [x, y] = [x - edge.left, y - edge.top];
      if (inner.body) [x, y] = [x - el.clientLeft, y - el.clientTop];
      from = inner;
    }
  }

  function aim(el) {
    while (el?.ownerSVGElement) el = el.ownerSVGElement; // a picture is told whole
    target = el;
    frame.hidden = !el;
    if (!el) return;
    const { left, top, width, height } = el.getBoundingClientRect();
    let [x, y] = [left, top];
    for (let at = el.ownerDocument.defaultView?.frameElement; at;
      at = at.ownerDocument.defaultView?.frameElement) {
      const edge = at.getBoundingClientRect();
      [x, y] = [x + edge.left + at.clientLeft, y + edge.top + at.clientTop];
    }
    frame.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
    // What is pointed at is not to lie below the words, where there is room for them elsewhere.
    const box = bar.getBoundingClientRect();
    const hidden = (up) => x + width > box.left && (up ? y < box.height + 32
      : y + height > innerHeight - box.height - 32);
    const isUp = !bar.classList.contains("low");
    if (hidden(isUp) && !hidden(!isUp)) bar.classList.toggle("low");
  }

  function widen() {
    let node = target && above(target);
    while (node && node.nodeType !== Node.ELEMENT_NODE) node = above(node);
    if (node && node !== document.documentElement) aim(node);
  }

  function take(el) {
    for (const [at, slot] of picked) if (slot === view.part || !at.isConnected) picked.delete(at);
    picked.set(el, view.part);
    const page = teller({ ...view.plan, picked })(document.body);
    told(`{"part":${JSON.stringify(view.part)},"page":${page}}`);
  }

  // What lies over the page would keep it from being scrolled.
  function scroll({ clientX, clientY, deltaX, deltaY }) {
    for (let node = under(clientX, clientY); node; node = above(node)) {
      if (!node.scrollBy) continue;
      const before = [node.scrollLeft, node.scrollTop].join();
      node.scrollBy({ left: deltaX, top: deltaY, behavior: "instant" });
      if ([node.scrollLeft, node.scrollTop].join() !== before) break;
    }
    aim(under(clientX, clientY));
  }

  const acts = {
    pointermove({ clientX, clientY }) {
      if (root.elementFromPoint(clientX, clientY)?.className === "cover") {
        aim(under(clientX, clientY));
      }
    },
    wheel: scroll,
    click({ clientX, clientY, detail }) {
      const at = detail ? root.elementFromPoint(clientX, clientY) : root.activeElement;
      if (at?.localName === "button") return show(null);
      if (at?.className !== "cover") return;
      const el = under(clientX, clientY);
      aim(target?.contains(el) ? target : el); // widened, or what is there
      if (target) take(target);
    },
  };

  // A click that a script made is no person's wish.
  function happened(event) {
    const isKey = event.type === "keydown", escapes = event.key === "Escape";
    if (!event.isTrusted || isKey && event.isComposing) return;
    if (isKey ? !escapes && !(view.part && event.key === "ArrowUp") : event.target !== host) return;
    event.stopImmediatePropagation();
    if (!event.type.startsWith("pointer")) event.preventDefault();
    if (isKey) (escapes ? show : widen)(null);
    else acts[event.type]?.(event);
  }

  function draw() {
    host = document.createElement(HOST);
    root = host.attachShadow({ mode: "closed" });
    make("style", "", CSS, root);
    const all = make("div", `all${globalThis.shimDark() ? " dark" : ""}`, "", root);
    if (view.part) make("div", "cover", "", all);
    frame = make("div", "frame", "", all);
    frame.hidden = true;
    bar = make("div", `bar${view.warning ? " warning" : ""}`, "", all);
    bar.dir = "auto";
    bar.setAttribute("role", "status");
    make("p", "", view.text, bar);
    make("p", "", view.how, bar);
    const close = make("button", "", "", bar);
    [close.type, close.title] = ["button", view.close];
    close.setAttribute("aria-label", view.close);
    document.documentElement.append(host);
    for (const name of EVENTS) addEventListener(name, happened, { capture: true, passive: false });
  }

  function show(next) {
    for (const name of EVENTS) removeEventListener(name, happened, true);
    host?.remove();
    [host, view, target] = [null, next, null];
    if (next) draw();
  }

  return { show };
};
