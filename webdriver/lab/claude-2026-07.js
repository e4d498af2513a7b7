// The shape of claude.ai's renderer of July 2026: its frame and the rows of its transcript. Rows
// tell their number and no key; of a tool call there is its name and no more.

import { MarkdownView } from "./markdown.js";
import { button, el, say, set } from "./shared.js";

export const ROWS_MOUNTED = 8;
export const composer = {
  attributes: {
    role: "textbox", "data-testid": "chat-input", "aria-label": "Write your prompt to Claude",
    "aria-multiline": "true", class: "tiptap ProseMirror",
  },
  empty: { "data-placeholder": "Write a message…" },
};
export const sendMarks = {};
export const stopMarks = {};
/** Whether an empty composer has a send control. */
export const sendStays = false;
/** The server of every tool here. */
const SERVER = "gatehouse";

const code = (language, text) => el("div", { class: "relative group/copy rounded-lg" },
  el("div", { class: "sticky" }, button({ "aria-label": "Copy to clipboard" }, "",
    () => navigator.clipboard.writeText(text))),
  language ? el("div", { class: "text-text-500 font-small" }, language) : "",
  el("div", {}, el("pre", { class: "code-block__code" },
    el("code", { class: language ? `language-${language}` : null }, text))));

const sizer = el("div", { "data-rocksteady-sizer": "", "data-sizer-excess": "0" });
const feed = el("div", {
  role: "feed", "aria-label": "Chat messages", "aria-busy": "false",
  "data-find-provider-scope": "",
}, sizer);
const scroller = el("div", {
  "data-autoscroll-container": "true", class: "overflow-y-auto overflow-x-hidden flex-1",
}, el("div", { role: "status", class: "sr-only" }), feed);
/** Where the rows go. */
export const places = {
  scroller, place: sizer,
  spaces: (top, bottom) => {
    sizer.style.paddingTop = `${top}px`;
    sizer.style.paddingBottom = `${bottom}px`;
  },
};

const band = el("div", { role: "status", "aria-live": "polite", "aria-atomic": "true" });

/** The page around list and composer. */
export function page({ title, fresh, dock }) {
  return el("div", { id: "root", "data-testid": "chat-stale-nav-frame" },
    el("header", { "data-testid": "chat-header" },
      el("div", { "data-testid": "chat-title-split" }, title), fresh),
    el("main", {}, scroller, dock));
}

export function dock(fieldset) {
  fieldset.prepend(el("div", { "data-alert-band-wrapper": "true" }, band));
  return el("div", { "data-chat-input-container": "true" }, fieldset);
}

/** A message of the site above the composer, where no other stands. */
export function notice(_at, role, ...content) {
  band.replaceChildren(el("div", { class: "text-sm", role }, ...content));
}

export const clearNotices = () => band.replaceChildren();
/** Of a limit nothing else is said. */
export const limitDialog = () => {};

/** The row around a message: `{ element, number }`. */
function rowAround(message, list) {
  const article = el("div", { role: "article" },
    el("div", { "data-test-render-count": "1" }, message));
  const element = el("div", {}, article);
  const number = (index) => {
    set(element, {
      "data-rs-index": index, "data-index": index,
      "data-last-message": index === list.count - 1 ? "true" : null,
    });
    set(article, {
      "aria-posinset": index + 1, "aria-setsize": list.count,
      "aria-label": `Message ${index + 1} of ${list.count}`,
    });
  };
  return { element, number };
}

const actions = (...content) => el("div", { "data-message-action-bar": "" },
  el("div", { role: "toolbar", "aria-label": "Message actions" }, ...content));
const heading = (text) =>
  el("h2", { "data-find-omitted": "", class: "sr-only select-none" }, text);

/** The user's message. `list` knows how many rows there are. */
export function humanRow(turn, list) {
  const body = el("div", { "data-testid": "user-message", class: "font-large grid relative" },
    el("p", { class: "whitespace-pre-wrap break-words" }, turn.user));
  const files = turn.attachments.map(({ name }) =>
    el("div", { "data-testid": "file-thumbnail" }, el("h3", {}, name)));
  const when = new Date(turn.atMs).toTimeString().slice(0, 5);
  const message = el("div", { class: "mb-1 group" },
    heading(`You said: ${turn.user.slice(0, 40)}`), ...files,
    el("div", { class: "flex flex-col items-end gap-1" },
      el("div", { "data-user-message-bubble": "true", class: "group relative" }, body),
      actions(el("span", { class: "text-text-500 text-xs" }, when))));
  const { element, number } = rowAround(el("div", { class: "contents" }, message), list);
  return { element, update: number };
}

/** What the model says of its thinking, folded. */
function thinking() {
  const label = el("span", { class: "truncate font-base" });
  const live = el("span", { class: "sr-only", role: "status", "aria-live": "polite" });
  const element = el("div", {}, el("div", { "data-find-omitted": "", class: "contents" },
    el("div", { class: "min-w-0" },
      el("button", { class: "group/status flex", "aria-expanded": "false" },
        el("div", { class: "inline-flex" }, label)),
      live, el("div", { class: "grid" }, el("div", { class: "overflow-hidden min-w-0" })))));
  const update = (part) => {
    const text = part.ms === null ? "Thinking" : "Weighed what was asked against what is known";
    say(label, text);
    say(live, text);
  };
  return { element, update };
}

/** A tool call: which tool, and a control for what it was given. */
function tool() {
  const name = el("span", { class: "text-text-500" });
  const row = el("div", { class: "group/row flex flex-row items-center justify-between" },
    el("div", { class: "flex flex-row items-center gap-2 min-w-0" },
      el("div", { class: "w-5 h-5" }, el("p", { class: "font-ui" }, SERVER[0].toUpperCase())),
      el("div", { class: "flex gap-2 relative font-base text-left" }, SERVER, name)),
    el("div", { class: "flex flex-row" },
      button({ "aria-label": "View request/response", "aria-expanded": "false" }, "", () => {})));
  const element = el("div", { "data-find-omitted": "", class: "contents" },
    el("div", { class: "flex flex-col font-ui my-3" }, row));
  return { element, update: (part) => say(name, part.name) };
}

function prose() {
  const text = el("div", { class: "standard-markdown grid-cols-1 grid prose" });
  const markdown = new MarkdownView(text, { code });
  return { element: el("div", {}, text), update: (part) => markdown.show(part.text) };
}

/** The answer; `retry()` is called by its button. */
export function assistantRow(turn, list, retry) {
  const flow = el("div", { class: "font-claude-response relative" });
  const said = heading("");
  const message = el("div", { class: "group relative" }, said, flow);
  const frame = el("div", { class: "group" }, el("div", { class: "contents" }, message));
  const { element, number } = rowAround(frame, list);
  const bar = actions(
    button({ "aria-label": "Copy", "data-testid": "action-bar-copy" }, "",
      () => navigator.clipboard.writeText(turn.text)),
    button({ "aria-label": "Retry", "data-testid": "action-bar-retry" }, "", retry));
  let views = [];
  const update = (index) => {
    number(index);
    const kinds = turn.parts.map((part) => part.kind).join();
    if (!kinds.startsWith(views.map((view) => view.kind).join())) {
      views = [];
      flow.replaceChildren();
    }
    turn.parts.forEach((part, at) => {
      if (!views[at]) {
        const make = { think: thinking, tool, text: prose }[part.kind];
        views[at] = { kind: part.kind, ...make() };
        flow.append(views[at].element);
      }
      views[at].update(part);
    });
    set(message, { "data-is-streaming": turn.running ? "true" : "false" });
    say(said, `Claude responded: ${turn.text.replace(/[#*`\s]+/g, " ").slice(0, 40)}`);
    if (turn.running) bar.remove();
    else if (!bar.isConnected) frame.append(bar);
  };
  return { element, update };
}
