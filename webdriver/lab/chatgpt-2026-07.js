// The shape of chatgpt.com's renderer of July 2026: one element for each turn, with its number.
// Tools leave no trace in the page.

import { MarkdownView } from "./markdown.js";
import { button, el, say, set } from "./shared.js";

export const ROWS_MOUNTED = 8;
/** A chat that was left is gone from the page. */
export const HIDDEN_MAX = 0;
export const composer = {
  attributes: {
    id: "prompt-textarea", class: "ProseMirror", role: "textbox", translate: "no",
    "data-virtualkeyboard": "true", "aria-label": "Chat with ChatGPT",
  },
  empty: { "data-placeholder": "Ask anything" },
};
export const formMarks = { "data-type": "unified-composer" };
export const attachMarks = { "data-testid": "composer-plus-btn", id: "composer-plus-btn" };
const submit = { id: "composer-submit-button", class: "composer-submit-btn" };
export const sendMarks = {
  ...submit, type: "submit", "aria-label": "Send prompt", "data-testid": "send-button",
};
export const stopMarks = {
  ...submit, "aria-label": "Stop streaming", "data-testid": "stop-button",
};
/** Whether an empty composer has a send control. */
export const sendStays = false;

/** How many rows so many turns have, and which is drawn again when a turn grows. */
export const rowCount = (turns) => turns * 2;
export const rowOf = (turn) => turn * 2 + 1;
export const row = (index, surface) => {
  const turn = surface.chat.turns[Math.floor(index / 2)];
  return index % 2 ? answer(turn, surface) : prompt(turn);
};

/** The element of a chat, and where its rows go. */
export function frame() {
  const place = el("div", { class: "flex flex-col text-sm" });
  const scroller = el("div", { "data-scroll-root": "", class: "thread-scroll-container" }, place);
  const root = el("div", { class: "thread" }, scroller);
  return { root, footer: el("div", { id: "thread-bottom" }), scroller, place };
}

/** The control that chooses a model; there is one. */
export const model = () => "";

/** What stands around all chats. */
export function page() {
  const switcher = button({
    "aria-label": "Model selector", "aria-haspopup": "menu",
    "data-testid": "model-switcher-dropdown-button",
  }, "ChatGPT 5.5", () => {});
  return {
    sidebar: el("div", { id: "history" }),
    main: el("main", {}, el("header", { id: "page-header" }, switcher)),
  };
}

const code = (language, text) => el("pre", { class: "overflow-visible! px-0!" },
  el("div", { class: "relative w-full" },
    el("div", { class: "sticky select-none" }, el("div", { class: "flex" },
      el("div", { class: "flex text-sm" }, language),
      el("div", { class: "flex" }, button({ "aria-label": "Copy" }, "", () => {})))),
    el("div", { class: "cm-editor" }, el("div", { class: "cm-scroller" },
      el("div", { class: "cm-content cm-readonly" }, el("span", {}, text))))));

/** The element of one turn: `{ element, number, body, tail }`. */
function section(role, id) {
  const body = el("div", { class: "flex max-w-full flex-col gap-4 grow" });
  const tail = el("div", { class: "z-0 flex" });
  const turn = el("section", {
    dir: "auto", "data-turn": role, "data-turn-id": id, "data-turn-id-container": id,
  },
  el("h4", { class: "sr-only select-none" }, role === "user" ? "You said:" : "ChatGPT said:"),
  el("div", { class: "text-base" }, el("div", { "data-conversation-screenshot-content": "" },
    body, tail)));
  const element = el("div", {
    "data-turn-id-container": id, "data-is-intersecting": "true",
  }, turn);
  const number = (index) => set(turn, { "data-testid": `conversation-turn-${index + 1}` });
  return { element, number, body, tail };
}

const copy = (label, text) => el("div", { role: "group", "aria-label": `${label} actions` },
  button({ "data-testid": "copy-turn-action-button", "aria-label": `Copy ${label}` }, "",
    () => navigator.clipboard.writeText(text())));

function prompt(turn) {
  const { element, number, body, tail } = section("user", turn.key);
  const tiles = turn.attachments.map(({ name }) =>
    el("div", { class: "group/file-tile", role: "group", "aria-label": name },
      el("div", { class: "truncate font-semibold" }, name),
      el("div", { class: "truncate text-token-text-secondary" }, "File")));
  const bubble = el("div", { class: "user-message-bubble-color" },
    el("div", { class: "whitespace-pre-wrap" }, turn.user));
  body.append(el("div", {
    "data-message-author-role": "user", "data-message-id": turn.key, dir: "auto",
  }, el("div", { class: "flex w-full flex-col items-end" }, ...tiles, bubble)));
  tail.append(copy("message", () => turn.user));
  return { element, update: number };
}

function answer(turn, surface) {
  // While the page that asked stays open, an answer has another id than later.
  const id = turn.running ? `request-WEB:${turn.replyId}-0` : turn.replyId;
  const { element, number, body, tail } = section("assistant", id);
  const text = el("div", { class: "markdown prose" });
  const message = el("div", {
    "data-message-author-role": "assistant", "data-message-id": turn.replyId, dir: "auto",
    "data-message-model-slug": "gpt-5-5",
  }, el("div", { class: "flex w-full flex-col" }, text));
  const status = el("div", { "data-streaming-response-status": "" },
    el("span", { class: "loading-shimmer-tertiary" }, ""));
  const worked = el("div", { class: "agent-turn" }, status);
  const markdown = new MarkdownView(text, { code });
  const actions = copy("response", () => turn.text);
  let said = null;
  const place = (child, wanted, where) => {
    if (!wanted) child.remove();
    else if (!child.isConnected) where.append(child);
  };
  const update = (index) => {
    number(index);
    const step = turn.parts.findLast((part) => part.kind !== "text");
    say(status.firstChild, step?.kind === "tool" ? `Using ${step.name}` : "Thinking");
    place(worked, turn.running && turn.parts.at(-1)?.kind !== "text", body);
    markdown.show(turn.text);
    text.classList.toggle("result-streaming", turn.running);
    place(message, turn.text !== "", body);
    const wanted = !turn.running && surface.chat.turns.at(-1) === turn;
    if (!wanted) said?.remove();
    else if (!said) said = surface.complaint(turn);
    if (wanted && said && !said.isConnected) body.append(said);
    if (!wanted) said = null;
    place(actions, !turn.running, tail);
  };
  return { element, update };
}
