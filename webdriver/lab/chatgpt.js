// chatgpt.com in the shape of its renderer of September 2026.

import { createComposer } from "./composer.js";
import { MarkdownView } from "./markdown.js";
import { button, Chat, config, el, readFiles, say, set, WindowedList } from "./shared.js";

const EXCHANGES_MOUNTED = 4;
const EFFORTS = ["medium", "high", "low"];
/** Chats that were left stay in the page unseen, as many as this. */
const HIDDEN_MAX = 2;
/** Activity lists that a person opened or closed, by turn. */
const toggled = new Map();

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

/** What a turn says about its own bad end, or null. */
function complaint(turn, surface) {
  switch (turn.ending) {
    case "error":
      return el("div", { class: "text-token-text-error" },
        "Message delivery timed out. Please try again. ",
        button({ "data-testid": "regenerate-thread-error-button" }, "Retry",
          () => surface.chat.retry()));
    case "max_length":
      return el("div", { role: "alert", class: "text-token-text-error" },
        "You've reached the maximum length for this conversation, but you can keep talking by " +
        "starting a new chat. ", button({}, "Start new chat", () => visit("/")));
    case "limit":
      return el("div", { role: "alert", class: "text-token-text-error" },
        "You've reached our limits of messages. Please try again " +
        (turn.note ? `after ${turn.note}.` : "later."));
    default:
      return null;
  }
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
      said = complaint(turn, surface);
      if (said) body.append(said);
    }
    place(controls, !turn.running);
  };
  return { element, update };
}

/** A chat with its composer. The ones that were left stay in the page, unseen. */
class Surface {
  constructor() {
    this.chat = new Chat((turn) => this.draw(turn));
    this.rows = el("div", {
      class: "flex flex-col", "data-mcp-app-portal-target": "true",
      "data-thread-user-message-navigation-content": "true",
    });
    this.scroller = el("div", {
      "data-app-action-timeline-scroll": "", role: "presentation",
      class: "thread-scroll-container", style: "display:flex;flex-direction:column-reverse",
    }, this.rows);
    this.list = new WindowedList({
      scroller: this.scroller, reverse: true, place: this.rows, size: EXCHANGES_MOUNTED,
      render: (index) => exchange(this.chat.turns[index], this),
      spaces: (top, bottom) => {
        this.rows.style.paddingTop = `${top}px`;
        this.rows.style.paddingBottom = `${bottom}px`;
      },
    });
    this.root = el("div", { "data-request-input-activity-root": "" }, this.scroller);
  }

  async build() {
    this.file = el("input", { type: "file", hidden: "", multiple: "" });
    this.cards = el("div", { "data-composer-attachments": "" });
    this.file.addEventListener("change", () => {
      const cards = [...this.file.files].map(({ name }) => el("div", { class: "file-card" }, name));
      this.cards.replaceChildren(...cards);
      this.drawButtons();
    });
    this.sendButton = el("button", { type: "submit", "aria-label": "Send", disabled: "" }, "↑");
    this.stopButton = button({ "aria-label": "Stop" }, "■", () => this.chat.stop());
    this.composer = await createComposer({
      attributes: {
        "aria-multiline": "true", role: "textbox", "data-composer-markdown": "",
        class: "ProseMirror", "aria-label": "Ask ChatGPT",
      },
      empty: { "data-empty-paragraph": "true" },
      onSend: () => this.send(),
      onChange: () => this.drawButtons(),
    });
    const effort = el("span", {}, "Medium");
    const model = button({
      "aria-label": "Select ChatGPT model", "aria-haspopup": "menu",
      "data-codex-intelligence-trigger": "true", "data-composer-navigation-target": "reasoning",
      "data-selected-reasoning-effort": EFFORTS[0],
    }, effort, () => {
      const at = EFFORTS.indexOf(model.getAttribute("data-selected-reasoning-effort"));
      const next = EFFORTS[(at + 1) % EFFORTS.length];
      set(model, { "data-selected-reasoning-effort": next });
      say(effort, next[0].toUpperCase() + next.slice(1));
    });
    this.form = el("form", { "data-chatgpt-composer": "", "data-composer-placement": "thread" },
      this.cards, this.composer.element,
      button({
        "aria-label": "Add files and more", "data-composer-navigation-target": "add-context",
      }, "+", () => this.file.click()), this.file, model, this.sendButton);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.root.append(el("div", { "data-thread-scroll-footer": "true" }, this.form));
  }

  async send() {
    const text = this.composer.text();
    if (this.chat.running || (!text.trim() && !this.file.files.length)) return;
    const attachments = await readFiles(this.file);
    this.composer.clear();
    this.file.value = "";
    this.cards.replaceChildren();
    this.list.atEnd = true;
    await this.deliver(text, attachments);
  }

  async deliver(text, attachments) {
    const fromNew = this.chat.id === null;
    const taken = await this.chat.send(text, attachments);
    if (taken && fromNew && shown === this) {
      history.pushState(null, "", `/c/${this.chat.id}`);
      this.drawFrame();
    }
  }

  draw(turn) {
    if (turn) this.list.refresh(this.chat.turns.indexOf(turn));
    else this.list.resize(this.chat.turns.length);
    this.drawButtons();
    if (shown === this && (!turn || !turn.running)) this.drawFrame();
  }

  drawButtons() {
    const sendable = this.composer.text().trim() !== "" || this.file.files.length > 0;
    set(this.sendButton, { disabled: sendable ? null : "" });
    const [now, not] = this.chat.running ? [this.stopButton, this.sendButton]
      : [this.sendButton, this.stopButton];
    not.remove();
    if (!now.isConnected) this.form.append(now);
  }

  /** What stands outside the chat: title, list of chats, alerts and dialogs of the page. */
  drawFrame() {
    const { chat } = this;
    document.title = chat.title ?? "ChatGPT";
    const here = [...sidebar.querySelectorAll("a")].find((a) => a.dataset.chat === chat.id);
    if (chat.id && !here) {
      sidebar.append(el("a", { href: `/c/${chat.id}`, "data-chat": chat.id }, chat.title));
    }
    for (const old of document.querySelectorAll("body > aside, body > [role=dialog]")) old.remove();
    const ending = chat.turns.at(-1)?.ending;
    if (chat.failed) {
      const { text, attachments } = chat.failed;
      document.body.append(el("aside", { role: "alert" }, "Something went wrong. ",
        button({}, "Retry", () => this.deliver(text, attachments))));
    } else if (ending === "dropped") {
      document.body.append(el("aside", { role: "alert" }, "Resume stream unavailable ",
        button({}, "Retry", () => chat.retry())));
    } else if (ending === "limit") {
      const dialog = el("div", { role: "dialog" }, el("h2", {}, "Too many requests"),
        el("p", {}, "You're making requests too quickly. We've temporarily limited access to " +
          "your conversations to protect your data. Please wait a few minutes before trying " +
          "again."),
        button({}, "Got it", () => dialog.remove()));
      document.body.append(dialog);
    }
  }
}

const sidebar = el("div", { "data-app-action-sidebar-scroll": "" },
  el("a", { href: "/" }, "New chat"));
const main = el("main", { "data-app-shell-main-surface": "browser" },
  el("div", { "data-app-shell-header-toolbar": "true" }, "ChatGPT"));
document.body.append(el("nav", {}, sidebar), main);
let shown = null;

/** Shows the chat of the address: a stored one or, on `/`, an empty one. */
async function show(id) {
  const surface = new Surface();
  await surface.build();
  if (shown) shown.root.style.display = "none";
  shown = surface;
  main.append(surface.root);
  const hidden = main.querySelectorAll("[data-request-input-activity-root]");
  if (hidden.length > HIDDEN_MAX + 1) hidden[0].remove();
  surface.drawFrame();
  surface.composer.focus();
  if (!id) return;
  try {
    await surface.chat.open(id);
  } catch {
    surface.rows.append(el("div", { role: "alert", class: "text-token-text-error" },
      "Could not load this ChatGPT conversation"));
  }
}

function visit(address) {
  history.pushState(null, "", address);
  show(/^\/c\/([^/]+)/.exec(address)?.[1] ?? null);
}

sidebar.addEventListener("click", (event) => {
  const address = event.target.closest("a")?.getAttribute("href");
  if (!address) return;
  event.preventDefault();
  visit(address);
});
window.addEventListener("popstate", () => {
  show(/^\/c\/([^/]+)/.exec(location.pathname)?.[1] ?? null);
});
show(config.conversation);
