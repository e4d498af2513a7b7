// What stands in the composer and was not sent: told as it is typed, and once nothing stands there
// any more. Whether it was sent then the page's turns tell, and whether a person erased it the
// last key: an editor that deletes by itself tells of no input. This file only defines a factory,
// so that a second injection does no harm.
"use strict";

// `read` gives the composer's text, null where there is none; `wrote` what the hands put there.
// `tell` gets null where a person erased it.
globalThis.shimDraft = (read, wrote, tell) => {
  // A long text is told less often: all of it goes each time.
  const PAUSE_MS = 1000, CHARS_A_MS = 100, MOST_CHARS = 250000;
  let told = "", timer = 0, erased = false;

  function look() {
    timer = clearTimeout(timer);
    const text = read(), byHand = erased;
    erased = false; // the key that was pressed a while ago empties nothing any more
    if (text === null || text === told) return;
    told = text;
    if (!text && byHand) tell(null);
    else if (!text || text !== wrote()) tell(text.slice(0, MOST_CHARS).toWellFormed());
  }

  const soon = () => { timer ||= setTimeout(look, PAUSE_MS + told.length / CHARS_A_MS); };
  // What is sent leaves the composer at once: it is read before the page hears of it.
  function now({ type, key, isTrusted }) {
    const erases = type === "cut" || key === "Backspace" || key === "Delete";
    if (timer && (type === "click" || key === "Enter" || (erased && !erases))) look();
    erased = isTrusted && erases;
    if (erased) soon();
  }

  const SIGNS = [["input", soon], ["keydown", now], ["cut", now], ["click", now]];
  for (const [name, hear] of SIGNS) addEventListener(name, hear, true);

  return {
    look,
    // The page changed: what was told may be gone.
    changed: () => told && soon(),
    // Whoever listens is new.
    forget() { if (told) [told] = [""], soon(); },
    stop() {
      timer = clearTimeout(timer);
      for (const [name, hear] of SIGNS) removeEventListener(name, hear, true);
    },
  };
};
