// The shape of chatgpt.com's renderer of September 2026: one element for each exchange. Arguments
// and results of tools never reach the page.

import { MarkdownView } from "./markdown.js";
import { button, config, el, say, set } from "./shared.js";

export const ROWS_MOUNTED = 4;
/** Chats that were left stay in the page unseen, as many as this. */
export const HIDDEN_MAX = 2;
export const composer = {
  attributes: {
    "aria-multiline": "true", role: "textbox", "data-composer-markdown": "",
    class: "ProseMirror", "aria-label": "Ask ChatGPT",
  },
  empty: { "data-empty-paragraph": "true" },
};
export const formMarks = { "data-chatgpt-composer": "", "data-composer-placement": "thread" };
export const attachMarks = { "data-composer-navigation-target": "add-context" };
export const sendMarks = { type: "submit", "aria-label": "Send" };
export const stopMarks = { "aria-label": "Stop" };
/** Whether an empty composer has a send control. */
export const sendStays = true;
const EFFORTS = ["medium", "high", "low"];
/** Activity lists that a person opened or closed, by turn. */
const toggled = new Map();

/** How many rows so many turns have, and which is drawn again when a turn grows. */
export const rowCount = (turns) => turns;
export const rowOf = (turn) => turn;
export const row = (index, surface) => exchange(surface.chat.turns[index], surface);

/** The element of a chat, and where its rows go. */
export function frame() {
  const place = el("div", {
    class: "flex flex-col", "data-mcp-app-portal-target": "true",
    "data-thread-user-message-navigation-content": "true",
  });
  const scroller = el("div", {
    "data-app-action-timeline-scroll": "", role: "presentation",
    class: "thread-scroll-container", style: "display:flex;flex-direction:column-reverse",
  }, place);
  const root = el("div", { "data-request-input-activity-root": "" }, scroller);
  return { root, footer: el("div", { "data-thread-scroll-footer": "true" }), scroller, place,
    reverse: true };
}

/** The control that chooses a model. */
export function model() {
  const effort = el("span", {}, "Medium");
  const choice = button({
    "aria-label": "Select ChatGPT model", "aria-haspopup": "menu",
    "data-codex-intelligence-trigger": "true", "data-composer-navigation-target": "reasoning",
    "data-selected-reasoning-effort": EFFORTS[0],
  }, effort, () => {
    const at = EFFORTS.indexOf(choice.getAttribute("data-selected-reasoning-effort"));
    const next = EFFORTS[(at + 1) % EFFORTS.length];
    set(choice, { "data-selected-reasoning-effort": next });
    say(effort, next[0].toUpperCase() + next.slice(1));
  });
  return choice;
}

/** What stands around all chats. */
export function page() {
  const sidebar = el("div", { "data-app-action-sidebar-scroll": "" });
  const main = el("main", { "data-app-shell-main-surface": "browser" },
    el("div", { "data-app-shell-header-toolbar": "true" }, "ChatGPT"));
  return { sidebar, main };
}

const look = {
  code: (language, text) => el("div", { "data-markdown-copy": "code-block" },
    el("div", { "data-markdown-copy": "exclude" }, `${language} Copy`.trim()),
    el("pre", {}, el("code", {}, text))),
};

function userUnit(turn) {
  const bubble = el("div", { class: "bg-user-message", "data-user-message-bubble": "true" },
    el("div", { class: "text-size-chat whitespace-pre-wrap" }, turn.user));
  const unit = el("div", { class: "w-full" }, bubble);
  if (turn.attachments.length) {
    const cards = turn.attachments.map(({ name }) => el("div", { class: "file-card" }, name));
    unit.prepend(el("div", { "data-message-attachments": "" }, ...cards));
  }
  const message = el("div", {
    class: "group/user-message", "data-chatgpt-search-message-ids": turn.key,
  }, unit);
  const number = (prefix) => {
    set(message, { "data-chatgpt-search-unit-key": `${prefix}:0:user` });
    set(unit, { "data-content-search-unit-key": `${prefix}:0:user` });
  };
  return { element: el("div", { class: "block-x" }, message), number };
}

const FAILED = "Encountered exception: <class 'ToolError'>";
const STATE_LABELS = { running: "Calling", ok: "Called", failed: "Called", cut: "Calling" };

/** Thinking and tool calls. Arguments and results of tools never reach the page here. */
function activity(turn) {
  const label = el("span", { class: "text-text/60" });
  const isOpen = () => toggled.get(turn.key) ?? config.panels_open;
  const toggle = button({ class: "group/activity-header inline-flex" }, label, () => {
    toggled.set(turn.key, !isOpen());
    update();
  });
  const rows = el("div", { class: "activity-rows" });
  const frame = el("div", { class: "min-w-0 text-size-chat relative py-0" }, toggle);
  const update = () => {
    const steps = turn.parts.filter((part) => part.kind !== "text");
    const ms = steps.reduce((sum, part) => sum + (part.ms ?? 500), 0);
    say(label, turn.running ? "Working" : `Worked for ${Math.max(1, Math.round(ms / 1000))}s`);
    set(toggle, { "aria-expanded": isOpen() });
    if (!isOpen()) rows.remove();
    else if (!rows.isConnected) frame.append(rows);
    const tools = steps.filter((part) => part.kind === "tool");
    tools.forEach((part, index) => {
      if (!rows.children[index]) {
        rows.append(el("div", { class: "activity-row" }, el("span", {})));
      }
      const row = rows.children[index];
      say(row.firstChild, `${STATE_LABELS[part.state]} ${part.name}`);
      if (part.state === "failed" && !row.children[1]) row.append(el("div", {}, FAILED));
    });
    while (rows.children.length > tools.length) rows.lastChild.remove();
  };
  return { element: el("div", { class: "block-x" }, frame), update };
}

function assistantUnit(turn, conversation) {
  const text = el("div", {
    class: "MarkdownRoot-x", "data-markdown-text-style": "assistant-message",
    "data-markdown-text-tone": "primary",
  });
  const unit = el("div", {
    "data-chatgpt-search-message-ids": `${turn.replyId} ${turn.replyId.slice(0, 8)}`,
  },
  el("span", { "data-chatgpt-agent-turn-start": "" }),
  el("h4", { "data-conversation-role": "assistant", class: "sr-only" }, "ChatGPT said:"),
  el("div", {
    class: "group flex", "data-chatgpt-selection-conversation-id": conversation,
    "data-chatgpt-selection-message-id": turn.replyId,
  }, text));
  const markdown = new MarkdownView(text, look);
  const number = (prefix) => set(unit, {
    "data-content-search-unit-key": `${prefix}:2:assistant`,
    "data-chatgpt-search-unit-key": `${prefix}:2:assistant`,
  });
  const update = () => markdown.show(turn.text);
  return { element: el("div", { class: "block-x" }, unit), number, update };
}

function exchange(turn, surface) {
  const user = userUnit(turn);
  const body = el("div", { class: "flex flex-col gap-1.5" }, user.element);
  const element = el("div", { "data-turn-key": turn.key }, body);
  const controls = el("div", { class: "turn-action-controls" },
    button({ "aria-label": "Copy" }, "", () => navigator.clipboard.writeText(turn.text)));
  const doing = activity(turn);
  const answer = assistantUnit(turn, surface.chat.id);
  let said = null;
  const place = (child, wanted) => {
    if (!wanted) child.remove();
    else if (child.parentNode !== body) body.append(child);
  };
  const update = (index, position) => {
    // The number counts what is mounted: it moves when the window does.
    const prefix = `fallback-turn-${position}`;
    // As on the site, a turn that was stopped or lost keeps the state it had.
    const ended = !turn.running && turn.ending !== "stopped" && turn.ending !== "dropped";
    set(body, {
      "data-content-search-turn-key": prefix,
      "data-talvt-turn-state": ended ? "complete" : "in_progress",
    });
    user.number(prefix);
    answer.number(prefix);
    doing.update();
    answer.update();
    const acted = turn.parts.some((part) => part.kind !== "text");
    place(doing.element, acted || (turn.running && !turn.text));
    place(answer.element, turn.text !== "");
    if (acted && turn.text) body.insertBefore(doing.element, answer.element);
    const isLast = surface.chat.turns.at(-1) === turn;
    if (turn.running || !isLast) {
      said?.remove();
      said = null;
    } else if (!said) {
      said = surface.complaint(turn);
      if (said) body.append(said);
    }
    place(controls, !turn.running);
  };
  return { element, update };
}
