// Elements as compact trees, only the attributes that the plan names and so much of each; or as
// the markup that a browser writes of them at once.
// This file only defines functions, so that a second injection into one document does no harm.
"use strict";

globalThis.shimTrees = (() => {
  const SKIPPED = /^(script|style|noscript|template)$/;
  const TEXT_INPUT = /^(email|number|search|tel|text|url)$/;
  const VALUE_CHARS = 2000, CLASS_CHARS = 300, ROOTS = 200, SEARCH_MS = 1000;
  const ATTRIBUTES = 100; // of one element

  // A lone half of a surrogate pair, common while an answer streams, is no legal JSON string.
  const clip = (text, limit) => text.slice(0, limit).toWellFormed();

  const kind = (el) => {
    if (el.localName === "textarea") return "value";
    if (el.localName === "input") return TEXT_INPUT.test(el.type) ? "value" : null;
    const editable = el.getAttribute("contenteditable");
    if (editable === null || editable === "false") return null;
    return el.hasAttribute("data-lexical-editor") ? "lexical" : "blocks";
  };

  function attributes(el, { allowed, all, max_chars, picked }) {
    const found = {};
    for (const { name, value } of Array.prototype.slice.call(el.attributes, 0, ATTRIBUTES)) {
      const most = name === "class" ? CLASS_CHARS : VALUE_CHARS;
      if (all || allowed.has(name)) found[name] = clip(value, most);
    }
    const is = (state) => el[state] === true || el.getAttribute(`aria-${state}`) === "true";
    for (const state of ["disabled", "checked"]) if (is(state)) found[`:${state}`] = "true";
    if (picked?.has(el)) found[":picked"] = picked.get(el);
    const shape = kind(el);
    if (shape) found[":kind"] = shape;
    if (shape === "value") found[":value"] = clip(el.value, max_chars);
    return found;
  }

  // What a person sees below an element: an open shadow root, what fills a slot, a frame of this
  // origin.
  function below(el) {
    if (el.localName === "iframe") return el.contentDocument?.body ? [el.contentDocument.body] : [];
    if (el.localName === "slot" && el.assignedNodes().length) return el.assignedNodes();
    return (el.shadowRoot ?? el).childNodes;
  }

  function tree(el, depth, room, plan) {
    const made = [el.localName, attributes(el, plan)];
    if (el.localName === "svg" || made[1][":kind"] === "value") return made;
    for (const child of plan.deep ? below(el) : el.childNodes) {
      const inner = child.nodeType === Node.ELEMENT_NODE;
      if (inner ? SKIPPED.test(child.localName) : child.nodeType !== Node.TEXT_NODE) continue;
      const text = inner && depth < plan.max_depth ? null : child.textContent;
      if (text === "") continue;
      if (room.nodes <= 0 || text?.length > room.chars) made[1][":cut"] = "true";
      if (room.nodes <= 0 || room.chars <= 0) break;
      room.nodes -= 1;
      made.push(text === null ? tree(child, depth + 1, room, plan) : clip(text, room.chars));
      room.chars -= text?.length ?? 0;
      if (text === null && made.at(-1)[1][":cut"]) made[1][":cut"] = "true";
    }
    return made;
  }

  // What a plan lets out of an element, as JSON. `plan.picked` names elements by what they are.
  const teller = (plan) => {
    const bounds = { ...plan, allowed: new Set(plan.attrs), all: plan.attrs.includes("*") };
    return (el) =>
      JSON.stringify(tree(el, 1, { nodes: plan.max_nodes, chars: plan.max_chars }, bounds));
  };

  // An element's markup, which the browser writes at once, where that tells as much as its tree.
  const FIELDS = "input, textarea, [contenteditable]";
  const writer = (plan) => {
    const tell = teller(plan);
    return (el) => {
      if (plan.deep || el.matches(FIELDS) || el.querySelector(FIELDS)) return tell(el);
      const markup = el.outerHTML;
      return markup.length > plan.max_chars ? tell(el) : JSON.stringify(markup.toWellFormed());
    };
  };

  // The documents and open shadow roots inside a root, and so on, as far as they are few.
  function roots(root, found = [root]) {
    for (const el of root.querySelectorAll("*")) {
      const inner = el.shadowRoot ?? (el.localName === "iframe" ? el.contentDocument : null);
      if (inner && found.length < ROOTS) roots(inner, (found.push(inner), found));
    }
    return found;
  }

  // Where to look: the document, and in a page that nobody listed all roots inside it.
  function places() {
    let inside = [document], searchedMs = 0, early = false;
    const all = (css) => (inside.length === 1 ? document.querySelectorAll(css)
      : inside.flatMap((root) => [...root.querySelectorAll(css)]));
    return {
      matches(css) {
        try { return all(css); } catch { return []; } // no selector finds nothing
      },
      // Whether a search came too early, and is owed.
      owed: () => early,
      // The roots that are new. That an element got one is told by nobody.
      search() {
        early = Date.now() - searchedMs < SEARCH_MS;
        if (early) return [];
        const before = inside;
        [inside, searchedMs] = [roots(document), Date.now()];
        return inside.filter((root) => !before.includes(root));
      },
    };
  }

  // The node above, out of a shadow root or a frame as well.
  const above = (node) => node.parentNode ?? node.host ?? node.defaultView?.frameElement;

  // Until it is done the page's thread is the page's. A timer would sleep in a hidden tab.
  const rest = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(null);
  });

  return { clip, kind, teller, writer, places, above, rest, VALUE_CHARS };
})();
