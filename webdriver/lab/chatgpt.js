// chatgpt.com: what its page does. How it looks is another file for each renderer.

import { createComposer } from "./composer.js";
import { button, Chat, config, el, readFiles, set, WindowedList } from "./shared.js";

const look = await import(`./${config.look}.js`);

/** A chat with its composer. The ones that were left stay in the page, unseen. */
class Surface {
  constructor() {
    this.chat = new Chat((turn) => this.draw(turn));
    const { root, footer, ...places } = look.frame(this);
    Object.assign(this, { root, footer, rows: places.place });
    this.list = new WindowedList({
      ...places, size: look.ROWS_MOUNTED,
      render: (index) => look.row(index, this),
      spaces: places.spaces ?? ((top, bottom) => {
        this.rows.style.paddingTop = `${top}px`;
        this.rows.style.paddingBottom = `${bottom}px`;
      }),
    });
  }

  async build() {
    this.file = el("input", { type: "file", hidden: "", multiple: "" });
    this.cards = el("div", { "data-composer-attachments": "" });
    this.file.addEventListener("change", () => {
      const cards = [...this.file.files].map(({ name }) => el("div", { class: "file-card" }, name));
      this.cards.replaceChildren(...cards);
      this.drawButtons();
    });
    this.sendButton = el("button", { ...look.sendMarks, disabled: "" }, "↑");
    this.stopButton = button(look.stopMarks, "■", () => this.chat.stop());
    this.composer = await createComposer({
      ...look.composer, onSend: () => this.send(), onChange: () => this.drawButtons(),
    });
    this.form = el("form", look.formMarks, this.cards, this.composer.element,
      button({ "aria-label": "Add files and more", ...look.attachMarks }, "+",
        () => this.file.click()), this.file, look.model(), this.sendButton);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.footer.append(this.form);
    this.root.append(this.footer);
    this.drawButtons();
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
    if (turn) this.list.refresh(look.rowOf(this.chat.turns.indexOf(turn)));
    else this.list.resize(look.rowCount(this.chat.turns.length));
    this.drawButtons();
    if (shown === this && (!turn || !turn.running)) this.drawFrame();
  }

  drawButtons() {
    const sendable = this.composer.text().trim() !== "" || this.file.files.length > 0;
    set(this.sendButton, { disabled: sendable ? null : "" });
    const [now, not] = this.chat.running ? [this.stopButton, this.sendButton]
      : [this.sendButton, this.stopButton];
    not.remove();
    if (now === this.sendButton && !sendable && !look.sendStays) now.remove();
    else if (!now.isConnected) this.form.append(now);
  }

  /** What a turn says about its own bad end, or null. */
  complaint(turn) {
    switch (turn.ending) {
      case "error":
        return el("div", { class: "text-token-text-error" },
          "Message delivery timed out. Please try again. ",
          button({ "data-testid": "regenerate-thread-error-button" }, "Retry",
            () => this.chat.retry()));
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

const { sidebar, main } = look.page();
sidebar.append(el("a", { href: "/" }, "New chat"));
document.body.append(el("nav", {}, sidebar), main);
let shown = null;
/** The chats whose elements are in the page, the one shown last. */
const left = [];

/** Shows the chat of the address: a stored one or, on `/`, an empty one. */
async function show(id) {
  const surface = new Surface();
  await surface.build();
  if (shown) shown.root.style.display = "none";
  shown = surface;
  main.append(surface.root);
  left.push(surface);
  if (left.length > look.HIDDEN_MAX + 1) left.shift().root.remove();
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
