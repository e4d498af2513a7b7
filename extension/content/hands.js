// The hands: carry out effects by slot and read back what stands there. Nothing else writes to a
// page. This file only defines a factory, so that a second injection does no harm.
"use strict";

globalThis.shimHands = (eyes) => {
  const SETTLED_MS = 50, SETTLE_MS = 3000, READY_MS = 2000;
  const BLOCK = new RegExp("^(address|article|aside|blockquote|dd|div|dl|dt|fieldset|figure|footer|"
    + "form|h[1-6]|header|hr|li|main|ol|p|pre|section|table|tbody|td|th|tr|ul)$");
  const gather = globalThis.shimGather(eyes);
  const UNREAL = "[contenteditable=false]:is([aria-hidden=true],[class*=placeholder i])";

  const editable = (el) => (eyes.kind(el) ? el
    : [...el.querySelectorAll("[contenteditable],textarea")].find(eyes.kind));
  const field = (slot) => eyes.find(slot).map(editable).find(Boolean);

  // The text of an editor as its lines: a block is a line, and the break that an editor keeps at
  // the end of a line to hold it open is none.
  function lines(root) {
    const out = [];
    let line = null, held = ""; // the open line, and a break that counts if more of it follows
    const add = (text) => { [line, held] = [(line ?? "") + held + text, ""]; };
    const close = () => {
      if (line !== null) out.push(line);
      [line, held] = [null, ""];
    };
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE && node.data) add(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE || node.matches(UNREAL)) return;
      if (node.localName === "br") { add(""); held = "\n"; }
      const block = BLOCK.test(node.localName), before = out.length;
      if (block) close();
      node.childNodes.forEach(walk);
      if (block && line === null && out.length === before) line = "";
      if (block) close();
    };
    root.childNodes.forEach(walk);
    close();
    return out.join("\n");
  }

  const read = (el) => (eyes.kind(el) === "value" ? el.value : lines(el)).toWellFormed();
  const empty = (el) => !/[^\s\u200b\ufeff]/.test(read(el));

  function caret(el, atEnd) {
    el.focus({ preventScroll: true });
    if (eyes.kind(el) === "value") return el.setSelectionRange(el.value.length, el.value.length);
    // Firefox puts an empty paragraph in front unless the caret is in the deepest last block.
    let place = el;
    while (place.lastElementChild?.matches(":not(br,[contenteditable=false])")) {
      place = place.lastElementChild;
    }
    const selection = getSelection();
    selection.selectAllChildren(place);
    if (atEnd) selection.collapseToEnd();
    else selection.collapseToStart();
  }

  const type = (el, inputType, data) => el.dispatchEvent(new InputEvent("beforeinput", {
    inputType, data, bubbles: true, cancelable: true, composed: true,
  }));

  // Each way is the one that was exact, in both browsers, for its kind of element.
  const write = {
    value(el, text) {
      el.value = text; // from here this is the browser's own setter, whatever the page put over it
      el.dispatchEvent(new InputEvent("input", { inputType: "insertText", bubbles: true }));
    },
    beforeinput(el, text) {
      caret(el, false);
      type(el, "insertText", text);
    },
    // All in one task: an editor that sees one new line alone takes it for the Enter key, and that
    // key sends.
    lines(el, text) {
      caret(el, false);
      text.split("\n").forEach((line, index) => {
        if (index > 0) document.execCommand("insertParagraph");
        if (line) document.execCommand("insertText", false, line);
      });
    },
  };

  function wipe(el) {
    if (eyes.kind(el) === "value") return write.value(el, "");
    el.focus({ preventScroll: true });
    getSelection().selectAllChildren(el);
    if (eyes.kind(el) === "lexical") type(el, "deleteContentBackward", null);
    else document.execCommand("delete");
  }

  // Resolves when `test` has held for `holdMs`, else after `limitMs`: an editor may take what it
  // was given a moment later, and change it then.
  const until = (test, holdMs, limitMs) => new Promise((done) => {
    let held = 0;
    const end = () => { observer.disconnect(); clearTimeout(held); clearTimeout(limit); done(); };
    const check = () => {
      if (!test()) held = clearTimeout(held);
      else if (holdMs === 0) end();
      else held ||= setTimeout(end, holdMs);
    };
    const observer = new MutationObserver(check), limit = setTimeout(end, limitMs);
    observer.observe(document,
      { subtree: true, childList: true, characterData: true, attributes: true });
    check();
  });

  // Gives the focus back only when the editor is done: one that loses it stops reading.
  async function change(slot, el, act, test) {
    const before = document.activeElement, now = () => field(slot) ?? el; // it may be replaced
    act();
    await until(() => test(now()), SETTLED_MS, SETTLE_MS);
    if (before && before !== document.body && !el.contains(before)) before.focus();
    return now();
  }

  const acts = {
    async fill({ slot, text, method }) {
      const el = field(slot);
      if (!el) return { filled: "missing" };
      if (!empty(el)) return { filled: "not_empty" };
      const now = await change(slot, el, () => write[method](el, text), (it) => read(it) === text);
      return { filled: { written: { read_back: read(now) } } };
    },
    async clear({ slot, expected }) {
      const el = field(slot);
      if (!el || read(el) !== expected) return { cleared: false };
      return { cleared: empty(await change(slot, el, () => wipe(el), empty)) };
    },
    async press({ slot, composer, expected }) {
      const stands = () => { const el = field(composer); return !!el && read(el) === expected; };
      const ready = () => eyes.find(slot)
        .find((el) => !el.disabled && el.getAttribute("aria-disabled") !== "true");
      await until(() => !stands() || ready(), 0, READY_MS);
      if (!stands()) return { pressed: "text_differs" };
      const control = ready();
      control?.click();
      return { pressed: control ? "pressed" : "not_ready" };
    },
    async scroll(effect) {
      return { scrolled: await gather.scroll(effect) };
    },
    async call(effect) {
      return { called: await gather.call(effect) };
    },
    async focus({ slot }) {
      const el = field(slot);
      if (el) caret(el, true);
      return null;
    },
  };

  // One after another: what comes second must see what the first has done.
  let last = Promise.resolve();
  return {
    act: (effect) => (last = last.catch(() => null).then(() => acts[effect.do](effect))),
    // What stands in a slot; null: it is not there.
    read(slot) { const el = field(slot); return el ? (empty(el) ? "" : read(el)) : null; },
  };
};
