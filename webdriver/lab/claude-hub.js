// The shape of claude.ai's renderer of October 2026: its frame and the rows of its transcript.

import { MarkdownView } from "./markdown.js";
import { button, config, el, plural, say, set } from "./shared.js";

export const ROWS_MOUNTED = 8;
export const composer = {
  attributes: {
    role: "textbox", "data-testid": "chat-input", "data-composer-editor": "",
    "aria-label": "Write your prompt to Claude", class: "tiptap ProseMirror",
  },
  empty: { "data-placeholder": "Reply to Claude..." },
};
export const sendMarks = { "data-testid": "chat-input-send" };
export const stopMarks = { "data-testid": "chat-input-stop" };
/** Whether an empty composer has a send control. */
export const sendStays = true;

const topSpace = el("div", { "data-testid": "transcript-spacer" });
const bottomSpace = el("div", { "data-testid": "transcript-spacer" });
const sizer = el("div", { "data-testid": "transcript-sizer" }, topSpace, bottomSpace);
const scroller = el("div", {
  "data-autoscroll-container": "true", class: "overflow-y-auto overflow-x-hidden flex-1",
}, el("div", {
  role: "feed", "data-perf-region": "transcript", "data-testid": "transcript-list",
  "aria-label": "Chat messages",
}, sizer));
/** Where the rows go. */
export const places = {
  scroller, place: sizer, before: bottomSpace,
  spaces: (top, bottom) => {
    topSpace.style.height = `${top}px`;
    bottomSpace.style.height = `${bottom}px`;
  },
};

/** The page around list and composer. */
export function page({ title, fresh, dock }) {
  return el("div", { id: "root" },
    el("div", { "data-testid": "bardhub-claudechat-root" },
      el("header", {}, el("div", { "data-testid": "chat-title-split" }, title), fresh),
      el("main", {}, scroller, dock)));
}
export const dock = (fieldset) => el("div", { "data-cds": "ChatComposerDock" }, fieldset);

/** A message of the site above the composer, where no other stands. */
export function notice(at, role, ...content) {
  at.prepend(el("div", { "data-cds": "ChatComposerNotices" },
    el("div", { "data-cds": "Banner", role }, ...content)));
}

export function clearNotices() {
  document.querySelector("[data-cds=ChatComposerNotices]")?.remove();
  document.querySelector("[data-cds=Dialog]")?.remove();
}

/** What else the site says of a limit. */
export function limitDialog() {
  const dialog = el("div", { "data-cds": "Dialog", role: "dialog" },
    el("div", { id: "rate-limit-risk-reversal" }, "Higher limits are available. ",
      button({}, "Not now", () => dialog.remove())));
  document.body.append(dialog);
}

/** Panels that a person opened or closed, by turn and place; the others are as configured. */
const toggled = new Map();
const isOpen = (panel) => toggled.get(panel) ?? config.panels_open;

const look = {
  code: (language, text) => el("pre", {},
    el("code", { class: language ? `language-${language}` : null }, text)),
};
const json = (text) => el("pre", {}, el("code", { class: "language-json" }, text));

function clock(ms) {
  const date = new Date(ms);
  const time = date.toTimeString().slice(0, 5);
  return el("time", { "data-cds": "RelativeTime", datetime: date.toISOString() }, time);
}

/** The row around a message: `{ element, update }`, with the message inside `scope`. */
function rowAround(kind, scope, list) {
  const article = el("div", { role: "article" },
    el("div", { class: "contents" }, el("div", { "data-transcript-row": "" }, scope)));
  const element = el("div", { "data-testid": "transcript-row", "data-perf-row": kind }, article);
  const number = (index) => {
    const last = index === list.count - 1;
    set(element, {
      "data-rs-index": index, "data-index": index, "data-perf-last": last ? "" : null,
    });
    set(article, {
      "aria-posinset": index + 1, "aria-setsize": list.count,
      "aria-label": `Message ${index + 1} of ${list.count}`,
    });
  };
  return { element, number };
}

/** The user's message. `list` knows how many rows there are. */
export function humanRow(turn, list) {
  const body = el("div", {
    "data-testid": "user-message", class: "relative grid min-w-0 grid-cols-1 gap-2",
  }, el("div", { class: "contents" },
    el("p", { class: "whitespace-pre-wrap break-words", dir: "ltr" }, turn.user)));
  const message = el("div", { "data-cds": "UserMessage", "data-turn-key": turn.key },
    el("div", { class: "cds-user-message-body" }, body),
    el("div", { "data-cds": "MessageActions", "data-deferred": "", "data-size": "xs" },
      clock(turn.atMs)));
  if (turn.attachments.length) {
    const thumbnails = turn.attachments.map(({ name }) =>
      el("div", { "data-testid": "file-thumbnail" }, el("h3", {}, name)));
    message.prepend(el("div", { "data-cds": "MessageAttachments" }, ...thumbnails));
  }
  const heading = el("h2", { "data-find-omitted": "", class: "sr-only select-none" },
    `You said: ${turn.user.slice(0, 40)}`);
  const scope = el("div", { "data-user-scope": "", class: "group group/message-row min-w-0" },
    message);
  const { element, number } = rowAround("human", scope, list);
  scope.before(heading);
  return { element, update: number };
}

/** The pill of a stretch of thinking. */
function thinkingStatus(step) {
  const label = el("bdi", {});
  const morph = el("span", {}, el("span", { class: "text-muted" }, label));
  const line = el("div", { "data-cds-row": "", class: "flex min-w-0 gap-xs" },
    el("span", { class: "flex min-w-0 gap-xs items-center" }, morph));
  const live = el("span", { class: "sr-only", role: "status", "aria-live": "polite" });
  const element = el("div", {
    "data-closed": "", "data-cds": "TurnStatus", "data-testid": "TurnStatus",
    "data-step-key": step, "data-find-omitted": "",
    class: "group/status flex w-full min-w-0 flex-col",
  }, line, live);
  const panel = el("div", { "data-cds": "Collapsible" },
    el("p", {}, "Weighed what was asked against what is known so far."));
  const toggle = button({
    "data-testid": "tool-status-pill", "data-cds-row-toggle": "", "aria-expanded": "false",
  }, "", () => {
    if (panel.isConnected) panel.remove();
    else line.after(panel);
    set(toggle, { "aria-expanded": panel.isConnected });
    set(element, { "data-closed": panel.isConnected ? null : "" });
  });
  line.append(toggle);
  const update = ([part]) => {
    const state = part.ms === null ? "pending" : "done";
    const seconds = Math.max(1, Math.round(part.ms / 1000));
    const text = state === "pending" ? "Thinking" : `Thought for ${seconds}s`;
    set(element, { "data-state": state });
    set(line, { title: text });
    set(morph, { "data-morph-key": `${state}|${text}` });
    say(label, text);
    say(live, text);
  };
  return { element, update };
}

/** One tool call in an opened pill. */
function toolRow(panelKey) {
  const name = el("span", { "data-cds": "ShimmerText" });
  const caret = el("span", { "data-testid": "tool-row-caret" });
  const toggle = button({}, name, () => {
    toggled.set(panelKey, !isOpen(panelKey));
    draw();
  });
  toggle.append(caret);
  const panel = el("div", {}, el("p", {}, "Request"));
  const element = el("div", {}, toggle);
  let shown;
  const draw = () => {
    set(toggle, { "aria-expanded": isOpen(panelKey) });
    if (isOpen(panelKey)) element.append(panel);
    else panel.remove();
  };
  const update = (part) => {
    say(name, part.name);
    if (!shown) panel.append(json(JSON.stringify(part.args, null, 2)));
    if (shown !== part.state && (part.state === "ok" || part.state === "failed")) {
      panel.append(el("p", {}, part.state === "ok" ? "Response" : "Error"), json(part.text));
    }
    shown = part.state;
    draw();
  };
  return { element, update };
}

function toolTitle(parts) {
  const running = parts.find((part) => part.state === "running");
  if (running) return `Running ${running.name}`;
  const bad = parts.findLast((part) => part.state !== "ok");
  if (bad) return `${bad.name} ${bad.state === "failed" ? "failed" : "interrupted"}`;
  return `Used ${plural(parts.length, "tool")}`;
}

/** The pill of tool calls that follow each other. */
function toolStatus(pillKey) {
  const label = el("bdi", {});
  const toggle = button({ "data-testid": "tool-status-pill", "data-cds-row-toggle": "" },
    el("span", { class: "timeline-status-layer" }, label), () => {
      toggled.set(pillKey, !isOpen(pillKey));
      draw();
    });
  const line = el("div", { "data-cds-row": "" }, toggle);
  const panel = el("div", { "data-cds": "Collapsible" });
  const live = el("span", { class: "sr-only", role: "status", "aria-live": "polite" });
  const element = el("div", {
    "data-cds": "TurnStatus", "data-testid": "TurnStatus", "data-find-omitted": "",
    class: "group/status flex w-full min-w-0 flex-col",
  }, line, live);
  const rows = [];
  const draw = () => {
    set(toggle, { "aria-expanded": isOpen(pillKey) });
    set(element, { "data-closed": isOpen(pillKey) ? null : "" });
    if (!isOpen(pillKey)) panel.remove();
    else if (!panel.isConnected) line.after(panel);
  };
  const update = (parts) => {
    parts.forEach((part, index) => {
      rows[index] ??= toolRow(`${pillKey}.${index}`);
      if (!rows[index].element.parentNode) panel.append(rows[index].element);
      rows[index].update(part);
    });
    const title = toolTitle(parts);
    const busy = parts.some((part) => part.state === "running");
    set(element, { "data-state": busy ? "busy" : "done" });
    set(line, { title });
    say(label, title);
    say(live, title);
    draw();
  };
  return { element, update };
}

function prose(turn) {
  const text = el("div", {
    "data-perf-reply-text": "",
    class: "_blocks_4za3l_47 standard-markdown grid-cols-1 grid",
  });
  const element = el("div", {
    "data-transcript-engine-root": "", "data-item-key": `${turn.key}:t`, class: "contents",
  }, el("div", { "data-cds": "Prose", "data-size": "sm", class: "prose" }, text));
  const markdown = new MarkdownView(text, look);
  return { element, update: ([part]) => markdown.show(part.text) };
}

/** The parts of an answer as the page shows them: neighbouring tool calls share one pill. */
function groupsOf(turn) {
  const groups = [];
  for (const part of turn.parts) {
    const last = groups.at(-1);
    if (part.kind === "tool" && last?.kind === "tool") last.parts.push(part);
    else groups.push({ kind: part.kind, parts: [part] });
  }
  // Before its first sign an answer is a bare frame that thinks.
  if (!groups.length && turn.running) groups.push({ kind: "think", parts: [{ ms: null }] });
  return groups;
}

/** The answer; `retry()` is called by its button. */
export function assistantRow(turn, list, retry) {
  const heading = el("h2", { "data-find-omitted": "", class: "sr-only select-none" });
  const flow = el("div", { class: "flex min-w-0 flex-col gap-5" });
  const message = el("div", {
    "data-cds": "AssistantMessage",
    class: "group/message-row relative flex w-full min-w-0 flex-col",
    "data-testid": "assistant-message", "data-turn-key": `${turn.key}-hub-reply`,
  }, heading, flow);
  const scope = el("div", { "data-reply-scope": "", class: "group group/message-row min-w-0" },
    message);
  const { element, number } = rowAround("assistant", scope, list);
  const actions = el("div", { class: "print:mt-xs" },
    el("div", {
      "data-cds": "MessageActions", role: "toolbar", "aria-label": "Message actions",
      "data-testid": "message-actions",
    },
    button({ "aria-label": "Copy", "data-testid": "action-bar-copy" }, "",
      () => navigator.clipboard.writeText(turn.text)),
    button({ "aria-label": "Retry" }, "", retry),
    clock(turn.atMs)));
  let views = [];
  const update = (index) => {
    number(index);
    const groups = groupsOf(turn);
    const kinds = groups.map((group) => group.kind).join();
    const before = views.map((view) => view.kind).join();
    if (!kinds.startsWith(before)) {
      views = [];
      flow.replaceChildren();
    }
    groups.forEach(({ kind, parts }, at) => {
      if (!views[at]) {
        const make = { think: thinkingStatus, tool: toolStatus, text: prose }[kind];
        const what = { think: `thinking-${at}`, tool: `${turn.key}.${at}`, text: turn }[kind];
        views[at] = { kind, ...make(what) };
        flow.append(views[at].element);
      }
      views[at].update(parts);
    });
    // Without a value from the first frame to the first prose: "absent" means busy there.
    const written = turn.parts.some((part) => part.kind === "text");
    const streaming = turn.running ? (written ? "true" : null) : "false";
    set(message, { "data-is-streaming": streaming });
    set(element, { "data-perf-row-streaming": streaming === "true" ? "true" : null });
    say(heading, `Claude responded: ${turn.text.replace(/[#*`\s]+/g, " ").slice(0, 40)}`);
    if (turn.running) actions.remove();
    else if (!actions.isConnected) message.append(actions);
  };
  return { element, update };
}
