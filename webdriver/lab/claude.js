// claude.ai: what its page does. How it looks is another file for each renderer.

import { createComposer } from "./composer.js";
import { button, Chat, config, el, readFiles, say, set, WindowedList } from "./shared.js";

const look = await import(`./${config.look}.js`);
const MODELS = ["Opus 5.5", "Sonnet 5.5"];
const BANNERS = {
  error: "Claude’s response was interrupted.",
  dropped: "Claude’s response was interrupted.",
  max_length: "Claude hit the maximum length for this conversation. Please start a new " +
    "conversation to continue chatting with Claude.",
};
const title = button({ "data-cds": "Button" }, "New chat", () => {
  const wanted = window.prompt("Name of this chat", chat.title ?? "");
  if (!wanted || !chat.id) return;
  chat.title = wanted;
  drawTitle();
});
const fresh = el("a", { href: "/new", "aria-label": "New chat" }, "New chat");
const list = new WindowedList({
  ...look.places, size: look.ROWS_MOUNTED,
  render: (index) => {
    const turn = chat.turns[Math.floor(index / 2)];
    const retry = () => {
      if (!chat.running && chat.turns.at(-1) === turn) chat.retry();
    };
    return index % 2 ? look.assistantRow(turn, list, retry) : look.humanRow(turn, list);
  },
});

const file = el("input", { type: "file", "data-testid": "file-upload", hidden: "", multiple: "" });
const chosen = el("div", { class: "chosen-files" });
file.addEventListener("change", () => {
  const cards = [...file.files].map(({ name }) =>
    el("div", { "data-testid": "file-thumbnail" }, el("h3", {}, name)));
  chosen.replaceChildren(...cards);
  drawDock();
});
const attach = button({ "aria-label": "Add files" }, "+", () => file.click());
const model = button({
  "data-testid": "model-selector-dropdown", "aria-label": `Model: ${MODELS[0]}`,
}, MODELS[0], () => {
  const next = MODELS[(MODELS.indexOf(model.textContent) + 1) % MODELS.length];
  say(model, next);
  set(model, { "aria-label": `Model: ${next}` });
});
const sendButton = button({
  ...look.sendMarks, "aria-label": "Send message", disabled: "",
}, "", () => send());
const stopButton = button({
  ...look.stopMarks, "aria-label": "Stop response",
}, "", () => chat.stop());
const fieldset = el("fieldset", {});
const dock = look.dock(fieldset);

async function send() {
  const text = composer.text();
  if (chat.running || (!text.trim() && !file.files.length)) return;
  const attachments = await readFiles(file);
  composer.clear();
  file.value = "";
  chosen.replaceChildren();
  list.atEnd = true;
  deliver(text, attachments);
}

async function deliver(text, attachments) {
  const fromNew = chat.id === null;
  const taken = await chat.send(text, attachments);
  if (taken && fromNew) {
    history.pushState(null, "", `/chat/${chat.id}`);
  }
}

function drawTitle() {
  document.title = chat.title ? `${chat.title} - Claude` : "Claude";
  say(title, chat.title ?? "New chat");
  set(title, { "aria-label": chat.title ? `${chat.title}, rename chat` : "New chat" });
}

function drawDock() {
  const sendable = composer.text().trim() !== "" || file.files.length > 0;
  set(sendButton, { disabled: sendable ? null : "" });
  const [shown, hidden] = chat.running ? [stopButton, sendButton] : [sendButton, stopButton];
  hidden.remove();
  if (shown === sendButton && !sendable && !look.sendStays) shown.remove();
  else if (!shown.isConnected) fieldset.append(shown);
}

/** What stands above the composer, and the limit's dialog. */
function drawNotices() {
  look.clearNotices();
  const last = chat.turns.at(-1);
  const banner = (role, text, ...more) =>
    look.notice(dock, role, el("span", {}, text), " ", ...more);
  if (chat.failed) {
    const { text, attachments } = chat.failed;
    banner("alert", "Failed to send",
      button({}, "Retry", () => deliver(text, attachments)),
      button({}, "Discard", () => {
        chat.failed = null;
        drawNotices();
      }));
  } else if (last?.ending === "limit") {
    banner("status", "You’ve hit your limit for Claude messages. Limits will reset at " +
      `${last.note}.`, el("a", { href: "/upgrade?from=ratelimit" }, "Upgrade"));
    look.limitDialog();
  } else if (last?.ending === "max_length") {
    banner("alert", BANNERS.max_length);
  } else if (last && BANNERS[last.ending]) {
    banner("alert", BANNERS[last.ending], button({}, "Try again", () => chat.retry()));
  }
}

function onChange(turn) {
  if (turn) list.refresh(chat.turns.indexOf(turn) * 2 + 1);
  else {
    list.resize(chat.turns.length * 2);
    drawTitle();
  }
  drawDock();
  if (!turn || !turn.running) drawNotices();
}

/** Shows the chat of the address: a stored one or, on `/new`, an empty one. */
async function show(id) {
  // What still comes for the chat that was left must not be drawn here.
  const shown = new Chat((turn) => {
    if (chat === shown) onChange(turn);
  });
  chat = shown;
  list.clear();
  drawTitle();
  drawDock();
  drawNotices();
  if (!id) return;
  const opened = shown.open(id);
  await opened.catch(() => look.notice(dock, "alert", el("span", {}, "Chat not found.")));
}

let chat = new Chat(() => {});
fresh.addEventListener("click", (event) => {
  event.preventDefault();
  history.pushState(null, "", "/new");
  show(null);
});
window.addEventListener("popstate", () => {
  show(/^\/chat\/([^/]+)/.exec(location.pathname)?.[1] ?? null);
});
const composer = await createComposer({
  ...look.composer, onSend: () => send(), onChange: () => drawDock(),
});
fieldset.append(composer.element, chosen, file, attach, model, sendButton);
document.body.append(look.page({ title, fresh, dock }));
show(config.conversation);
composer.focus();
