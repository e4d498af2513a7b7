// What stands in the composer and was not sent: told as it is typed, and once nothing stands there
// any more. Whether it was sent then the page's turns tell. This file only defines a factory, so
// that a second injection does no harm.
"use strict";

// `read` gives the composer's text, null where there is none; `wrote` what the hands put there.
globalThis.shimDraft = (read, wrote, tell) => {
  // A long text is told less often: all of it goes each time.
  const PAUSE_MS = 1000, CHARS_A_MS = 100, MOST_CHARS = 250000;
  let told = "", timer = 0;

  function look() {
    timer = clearTimeout(timer);
    const text = read();
    if (text === null || text === told) return;
    told = text;
    if (!text || text !== wrote()) tell(text.slice(0, MOST_CHARS).toWellFormed());
  }

  const soon = () => { timer ||= setTimeout(look, PAUSE_MS + told.length / CHARS_A_MS); };
  // What is sent leaves the composer at once: it is read before the page hears of it.
  const now = ({ type, key }) => (type === "click" || key === "Enter") && timer && look();

  const SIGNS = [["input", soon], ["keydown", now], ["click", now]];
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
