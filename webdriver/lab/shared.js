// What both sites' pages share: the chat and its model, DOM building, the windowed list.

export const config = JSON.parse(document.getElementById("page-config").textContent);

/** What any site may note of its own pages: broken policies, and messages that came. */
globalThis.labSeen = { violations: [], messages: [] };
addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective, sourceFile }) => {
  labSeen.violations.push({ what: `${violatedDirective} ${blockedURI}`, source: sourceFile });
});
addEventListener("message", ({ data }) => labSeen.messages.push(String(data)));

/** An element; attributes that are null or undefined are left out. */
export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Sets attributes; null and undefined take them away. Unchanged ones are not touched. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Text of an element, written only when it differs. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function button(attributes, label, onClick) {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onClick);
  return made;
}

export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** One exchange, as the pages draw it. */
class Turn {
  constructor(record) {
    this.key = record.key;
    this.replyId = record.reply_id;
    this.user = record.user;
    this.attachments = record.attachments ?? [];
    this.atMs = record.at_ms;
    this.begin(record.attempt);
    for (const event of record.events ?? []) this.apply(event);
    this.next = record.next ?? 0;
  }

  begin(attempt) {
    this.attempt = attempt;
    /** `{ kind: "think", ms }`, `{ kind: "tool", name, args, state, text }`, `{ kind: "text" }` */
    this.parts = [];
    this.ending = null;
    this.note = "";
    this.next = 0;
  }

  get running() {
    return this.ending === null;
  }

  get text() {
    const texts = this.parts.filter((part) => part.kind === "text");
    return texts.map((part) => part.text).join("\n\n");
  }

  apply(event) {
    const last = this.parts.at(-1);
    switch (event.e) {
      case "think":
        this.parts.push({ kind: "think", ms: null });
        break;
      case "thought":
        last.ms = event.ms;
        break;
      case "tool":
        this.parts.push({
          kind: "tool", name: event.name, args: event.args, state: "running", text: "",
        });
        break;
      case "tool_done":
        last.state = event.ok ? "ok" : "failed";
        last.text = event.text;
        break;
      case "text":
        if (last?.kind === "text") last.text += event.s;
        else this.parts.push({ kind: "text", text: event.s });
        break;
      case "vanish":
        this.parts = this.parts.filter((part) => part.kind !== "text");
        break;
      case "end":
        this.ending = event.state;
        this.note = event.note;
        for (const part of this.parts) {
          if (part.kind === "tool" && part.state === "running") part.state = "cut";
          if (part.kind === "think") part.ms ??= 0;
        }
        break;
    }
  }
}

async function ask(address, body) {
  const request = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(address, request);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** A conversation and the answer that is being written in it. */
export class Chat {
  /** `changed(turn)` is called after each change; without a turn when all may have changed. */
  constructor(changed) {
    this.changed = changed;
    this.id = null;
    this.title = null;
    this.turns = [];
    /** Why the last sending failed, and with what. */
    this.failed = null;
  }

  get running() {
    return this.turns.at(-1)?.running ?? false;
  }

  /** Opens a stored conversation; an answer that is still being written is followed. */
  async open(id) {
    const record = await ask(`/lab/conversation/${encodeURIComponent(id)}`);
    this.id = record.id;
    this.title = record.title;
    this.turns = record.turns.map((turn) => new Turn(turn));
    this.changed();
    if (this.running) await this.follow(this.turns.at(-1));
  }

  /** Sends a message; resolves when it was taken, false when it was not. */
  async send(text, attachments = []) {
    let taken;
    try {
      taken = await ask("/lab/send", { conversation: this.id, text, attachments });
    } catch {
      this.failed = { text, attachments };
      this.changed();
      return false;
    }
    this.failed = null;
    this.id = taken.conversation;
    this.title = taken.title;
    const turn = new Turn({ ...taken, user: text, attachments });
    this.turns.push(turn);
    this.changed();
    this.follow(turn);
    return true;
  }

  async stop() {
    await ask("/lab/stop", { conversation: this.id });
  }

  async retry() {
    const taken = await ask("/lab/retry", { conversation: this.id });
    const turn = this.turns.at(-1);
    turn.begin(taken.attempt);
    this.changed();
    await this.follow(turn);
  }

  /** Draws the answer as it comes. A stream that breaks before its end ends the turn. */
  async follow(turn) {
    const query = new URLSearchParams({
      conversation: this.id, turn: turn.key, attempt: turn.attempt, from: turn.next,
    });
    try {
      const response = await fetch(`/lab/stream?${query}`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) turn.apply(JSON.parse(line));
        this.changed(turn);
      }
    } catch {
      // Told below: the turn has no ending.
    }
    if (turn.running) {
      turn.apply({ e: "end", state: "dropped", note: "" });
      this.changed(turn);
    }
  }
}

/** Text of the files that a person chose. */
export async function readFiles(input) {
  const files = await Promise.all([...input.files].map(async (file) => ({
    name: file.name, text: await file.text(),
  })));
  return files;
}

/** A list of which only a few rows are in the page. */
export class WindowedList {
  /**
   * `scroller` scrolls; `reverse` when it is a column-reverse one. `place` holds the rows, put
   * before its child `before` (or at its end). `size` rows are mounted. `render(index)` makes a
   * row `{ element, update(index, position) }`. `spaces(top, bottom)` sets the height of what is
   * not there, in pixels.
   */
  constructor(options) {
    Object.assign(this, options);
    this.count = 0;
    this.rows = new Map();
    this.heights = [];
    this.atEnd = true;
    this.scroller.addEventListener("scroll", () => {
      const { scrollHeight, clientHeight } = this.scroller;
      this.atEnd = scrollHeight - clientHeight - this.top() < 60;
      this.refill();
    }, { passive: true });
  }

  /** Pixels between the top of the content and the top of what is seen. */
  top() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    return this.reverse ? scrollHeight - clientHeight + scrollTop : scrollTop;
  }

  height(index) {
    return this.heights[index] ?? 120;
  }

  first() {
    const last = Math.max(0, this.count - this.size);
    if (this.atEnd) return last;
    const top = this.top();
    let index = 0;
    for (let below = 0; index < last; index += 1) {
      below += this.height(index);
      if (below > top) break;
    }
    return Math.min(last, Math.max(0, index - 1));
  }

  /** Mounts what is to be seen and takes away the rest. */
  refill() {
    for (const [index, row] of this.rows) {
      this.heights[index] = row.element.offsetHeight || this.heights[index];
    }
    const from = this.first();
    const to = Math.min(this.count, from + this.size);
    for (const [index, row] of this.rows) {
      if (index >= from && index < to) continue;
      row.element.remove();
      this.rows.delete(index);
    }
    let next = this.before ?? null;
    for (let index = to - 1; index >= from; index -= 1) {
      let row = this.rows.get(index);
      if (!row) {
        row = this.render(index);
        this.rows.set(index, row);
        this.place.insertBefore(row.element, next);
      }
      row.update(index, index - from);
      next = row.element;
    }
    const sum = (a, b) => {
      let all = 0;
      for (let index = a; index < b; index += 1) all += this.height(index);
      return all;
    };
    this.spaces(sum(0, from), sum(to, this.count));
    this.stick();
  }

  /** The list has `count` rows now; what is mounted is drawn again. */
  resize(count) {
    this.count = count;
    this.heights.length = count;
    this.refill();
  }

  /** Draws one row again, if it is mounted. */
  refresh(index) {
    const from = Math.min(...this.rows.keys());
    this.rows.get(index)?.update(index, index - from);
    this.stick();
  }

  clear() {
    for (const row of this.rows.values()) row.element.remove();
    this.rows.clear();
    this.heights = [];
    this.atEnd = true;
    this.resize(0);
  }

  /** Goes to the end, where a new message appears. */
  toEnd() {
    this.atEnd = true;
    this.refill();
  }

  stick() {
    if (this.atEnd && !this.reverse) this.scroller.scrollTop = this.scroller.scrollHeight;
    if (this.atEnd && this.reverse) this.scroller.scrollTop = 0;
  }
}
