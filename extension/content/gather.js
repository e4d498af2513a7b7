// Gathers a transcript, because a person asked for it: scrolls what holds the turns and waits until
// the page shows what is there, or makes a call to the page's own site. This file only defines a
// factory, so that a second injection does no harm.
"use strict";

globalThis.shimGather = (eyes) => {
  const { above } = globalThis.shimTrees;
  // Windows overlap, or nothing would tell that one follows the other.
  const PAGE = 0.8, QUIET_MS = 150, SETTLE_MS = 1500, FETCH_MS = 2000, FAR_PX = 1e7;
  const CALL_MS = 30000, CALL_CHARS = 8e6; // quoted it may be twice as long
  const SIGNS = ["wheel", "touchmove", "pointerdown", "keydown"];
  let stood = null, taken = false; // where the page stood; whether a person used it since

  const note = (event) => { taken ||= event.isTrusted; };

  // What scrolls around the turns; the page itself where nothing in it does.
  function scroller(slot) {
    for (let el = eyes.find(slot)[0]; el; el = above(el)) {
      const taller = el.scrollHeight > el.clientHeight + 1;
      if (taller && /auto|scroll/.test(getComputedStyle(el).overflowY)) return el;
    }
    return document.scrollingElement;
  }

  // Resolves when nothing changed for a moment, or `limitMs` is over; `isDone` tells when a change
  // is the one that was waited for.
  const quiet = (limitMs, isDone) => new Promise((done) => {
    let still = 0;
    const end = () => { observer.disconnect(); clearTimeout(still); clearTimeout(limit); done(); };
    const wait = () => {
      clearTimeout(still);
      if (isDone()) still = setTimeout(end, QUIET_MS);
    };
    const observer = new MutationObserver(wait), limit = setTimeout(end, limitMs);
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    wait();
  });

  // One that ended with its chat was never taken back.
  const begun = () => stood?.url === location.href;

  function begin(el) {
    const { scrollTop: top, scrollHeight: height } = el;
    if (!begun()) [stood, taken] = [{ url: location.href, top, below: height - top }, false];
    for (const sign of SIGNS) addEventListener(sign, note, { capture: true, passive: true });
  }

  // A page that counts from its end keeps its place; in others what is older grows above it.
  function back(el) {
    const reverse = getComputedStyle(el).flexDirection === "column-reverse";
    const top = reverse ? stood.top : el.scrollHeight - stood.below;
    if (!taken) el.scrollTo({ top, behavior: "instant" });
    for (const sign of SIGNS) removeEventListener(sign, note, { capture: true });
    [stood, taken] = [null, false];
    return { moved: false, taken: false };
  }

  async function scroll({ slot, to }) {
    const el = scroller(slot);
    if (!el || (to !== "end" && !begun())) return { moved: false, taken: false };
    if (to === "back") return back(el);
    begin(el);
    if (taken) return { moved: false, taken };
    const top = el.scrollTop, height = el.scrollHeight;
    const moved = () => el.scrollTop !== top || el.scrollHeight !== height;
    const by = to === "end" ? FAR_PX : PAGE * el.clientHeight * (to === "down" ? 1 : -1);
    el.scrollBy({ top: by, behavior: "instant" });
    const fits = height <= el.clientHeight + 1; // it has all that there is, or fetches more of it
    const wait = moved() ? SETTLE_MS : to === "end" ? 0 : FETCH_MS;
    if (wait) await quiet(wait, fits ? () => true : moved);
    eyes.flush();
    return { moved: moved(), taken };
  }

  // Of the page's origin and nowhere else: what looks like another address is a path here.
  async function get(path, headers = {}) {
    const url = new URL(location.origin + path.replace("{account}",
      () => encodeURIComponent(eyes.account())));
    return fetch(url, { headers: { accept: "application/json", ...headers }, redirect: "error",
      credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(CALL_MS) });
  }

  async function call({ path, token }) {
    try {
      const headers = {};
      if (token) headers.authorization = `Bearer ${(await (await get(token)).json()).accessToken}`;
      const answer = await get(path, headers), text = await answer.text();
      return { status: answer.status, text: text.length > CALL_CHARS ? "" : text.toWellFormed() };
    } catch {
      return { status: 0, text: "" };
    }
  }

  return { scroll, call };
};
