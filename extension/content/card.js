// The card: draws what it is given in a closed shadow root, and is no part of the page otherwise.
// This file only defines a factory, so that a second injection does no harm.
"use strict";

// A page without a colour of its own that can be read follows the system.
globalThis.shimDark = () => {
  for (const el of [document.body, document.documentElement]) {
    const colour = el ? getComputedStyle(el).backgroundColor : "";
    const [, r, g, b, alpha] = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(colour) ?? [];
    if (r !== undefined && alpha !== "0") return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
};

globalThis.shimCard = (pressed, anchor) => {
  const GAP_PX = 12, EDGE_PX = 16;
  const CSS = `
    :host { all: initial; }
    .card { position: fixed; z-index: 2147483647; box-sizing: border-box; width: 360px;
      max-width: calc(100vw - 32px); max-height: calc(100vh - 32px); overflow: auto;
      padding: 14px 16px; border: 1px solid var(--line); border-radius: 10px;
      background: var(--back); color: var(--text); box-shadow: 0 6px 24px rgb(0 0 0 / 18%);
      font: 14px/1.45 system-ui, sans-serif; text-align: start; overflow-wrap: anywhere;
      --back: #fff; --text: #1d2329; --soft: #57606a; --line: #d4d9de; --main: #0b6e69;
      --on: #fff; --warn: #b3541e; }
    .dark { --back: #23272c; --text: #eceff1; --soft: #a9b2ba; --line: #444b52; --main: #4cc2b8;
      --on: #0d2322; --warn: #f0a070; color-scheme: dark; }
    .warning { border-inline-start: 4px solid var(--warn); }
    h2 { margin: 0 28px 4px 0; font-size: 14px; font-weight: 600; }
    p { margin: 0 0 4px; color: var(--soft); }
    .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
    button { padding: 5px 12px; border: 1px solid var(--line); border-radius: 6px; cursor: pointer;
      background: transparent; color: inherit; font: inherit; }
    button:hover { border-color: var(--soft); }
    button:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
    .row button:first-child { background: var(--main); border-color: var(--main);
      color: var(--on); font-weight: 600; }
    .close { position: absolute; inset-block-start: 8px; inset-inline-end: 8px; width: 28px;
      height: 28px; padding: 8px; border-color: transparent; }
    .close::before { content: ""; display: block; width: 100%; height: 100%;
      background: linear-gradient(45deg, transparent 46%, currentColor 46% 54%, transparent 54%),
        linear-gradient(-45deg, transparent 46%, currentColor 46% 54%, transparent 54%); }
    @media (prefers-reduced-motion: no-preference) {
      .card { animation: come 0.18s ease-out; }
      @keyframes come { from { transform: translateY(8px); } }
    }`;
  const HOST = "shim-card";
  let host = null, box = null;
  // Firefox ends the scripts of a replaced extension without a word: their card stays behind.
  for (const old of document.querySelectorAll(HOST)) old.remove();

  const make = (tag, text, parent) => {
    const el = document.createElement(tag);
    el.textContent = text;
    parent.append(el);
    return el;
  };

  // Above the composer; where there is no room, in the corner.
  function place() {
    if (!box) return;
    if (!host.isConnected) document.documentElement.append(host);
    const field = anchor();
    const around = (field?.closest("form,fieldset") ?? field)?.getBoundingClientRect();
    const fits = around?.height > 0 && around.top > box.offsetHeight + GAP_PX + EDGE_PX;
    const bottom = fits ? innerHeight - around.top + GAP_PX : EDGE_PX;
    const right = fits ? document.documentElement.clientWidth - around.right : EDGE_PX;
    const most = document.documentElement.clientWidth - box.offsetWidth - EDGE_PX;
    box.style.bottom = `${Math.max(EDGE_PX, bottom)}px`;
    box.style.right = `${Math.max(EDGE_PX, Math.min(right, most))}px`;
  }

  // A click that a script made is no person's wish.
  const by = (button) => (event) => { if (event.isTrusted) pressed(button); };
  const escaped = (event) => {
    if (event.isTrusted && event.key === "Escape" && !event.isComposing) pressed("close");
  };

  function draw(view) {
    host = document.createElement(HOST);
    const root = host.attachShadow({ mode: "closed" });
    make("style", CSS, root);
    box = make("div", "", root);
    box.className = `card${globalThis.shimDark() ? " dark" : ""}${view.warning ? " warning" : ""}`;
    box.dir = "auto";
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", view.title);
    make("h2", view.title, box);
    for (const line of view.lines) make("p", line, box);
    const row = make("div", "", box);
    row.className = "row";
    for (const { button, label } of view.buttons) {
      make("button", label, row).addEventListener("click", by(button));
    }
    const close = make("button", "", box);
    close.className = "close";
    close.title = view.close;
    close.setAttribute("aria-label", view.close);
    close.addEventListener("click", by("close"));
    for (const button of box.querySelectorAll("button")) button.type = "button";
    document.documentElement.append(host);
    document.addEventListener("keydown", escaped, true);
    addEventListener("resize", place);
    place();
  }

  function show(view) {
    host?.remove();
    [host, box] = [null, null];
    document.removeEventListener("keydown", escaped, true);
    removeEventListener("resize", place);
    if (view) draw(view);
  }

  return { show, place };
};
