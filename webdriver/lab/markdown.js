// Markdown to DOM, a block at a time, so that an answer can be drawn while it is written.

import { el } from "./shared.js";

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)/;
const QUOTE = /^\s*>\s?/;
const ROW_OF_DASHES = /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*\|?)?\s*$/;
const INLINE = new RegExp(
  [
    "(?<escape>\\\\[\\\\`*_{}\\[\\]()#+.!|~<>-])",
    "(?<ticks>`+)(?<code>[^`]|[^`][\\s\\S]*?[^`])\\k<ticks>(?!`)",
    "!?\\[(?<label>[^\\]]*)\\]\\((?<target>[^)\\s]+)\\)",
    "\\*\\*(?<strong>\\S|\\S[\\s\\S]*?\\S)\\*\\*",
    "~~(?<struck>[\\s\\S]+?)~~",
    "\\*(?<em>[^\\s*]|[^\\s*][^*]*?[^\\s*])\\*",
    "\\b_(?<em2>[^\\s_]|[^\\s_][^_]*?[^\\s_])_\\b",
    "(?<address>https?://[^\\s<>)\\]\"'`]*[^\\s<>)\\]\"'`.,;:!?])",
  ].join("|"),
);

function link(address, ...children) {
  const safe = /^(https?:|mailto:)/i.test(address) ? address : "#";
  return el("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (;;) {
    const found = INLINE.exec(rest);
    if (!found) break;
    if (found.index) nodes.push(rest.slice(0, found.index));
    const part = found.groups;
    if (part.escape) nodes.push(part.escape.slice(1));
    else if (part.ticks) nodes.push(el("code", {}, part.code.replace(/^ (.+) $/, "$1")));
    else if (part.target) nodes.push(link(part.target, ...inline(part.label)));
    else if (part.strong) nodes.push(el("strong", {}, ...inline(part.strong)));
    else if (part.struck) nodes.push(el("del", {}, ...inline(part.struck)));
    else if (part.em ?? part.em2) nodes.push(el("em", {}, ...inline(part.em ?? part.em2)));
    else nodes.push(link(part.address, part.address));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

function startsBlock(line, next) {
  return (
    FENCE.test(line) || HEADING.test(line) || RULE.test(line) || ITEM.test(line) ||
    QUOTE.test(line) || (line.includes("|") && next !== undefined && ROW_OF_DASHES.test(next))
  );
}

function fenced(lines, at, look) {
  const [, indent, ticks, language] = FENCE.exec(lines[at]);
  let end = at + 1;
  const closing = new RegExp(`^\\s*${ticks[0]}{${ticks.length},}\\s*$`);
  while (end < lines.length && !closing.test(lines[end])) end += 1;
  const body = lines.slice(at + 1, end).map((line) =>
    line.startsWith(indent) ? line.slice(indent.length) : line);
  return { end: end + 1, node: look.code(language, body.join("\n")) };
}

function cells(line) {
  const parts = line.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/);
  return parts.map((cell) => cell.trim());
}

function table(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const row = (tag, line) => el("tr", {}, ...cells(line).map((c) => el(tag, {}, ...inline(c))));
  const body = lines.slice(at + 2, end).map((line) => row("td", line));
  const node = el("table", {}, el("thead", {}, row("th", lines[at])), el("tbody", {}, ...body));
  return { end, node };
}

const indentOf = (line) => line.length - line.trimStart().length;

function list(lines, at, look) {
  const [, space, marker] = ITEM.exec(lines[at]);
  const base = space.length;
  const ordered = /\d/.test(marker);
  const items = [];
  let end = at;
  let loose = false;
  while (end < lines.length) {
    const line = lines[end];
    const item = ITEM.exec(line);
    if (item && item[1].length <= base + 1) {
      if (/\d/.test(item[2]) !== ordered) break;
      items.push([line.slice(item[0].length)]);
    } else if (line.trim() === "") {
      const after = lines[end + 1];
      if (after === undefined || after.trim() === "") break;
      const sibling = ITEM.test(after) && ITEM.exec(after)[1].length <= base + 1;
      const goesOn = sibling ? /\d/.test(ITEM.exec(after)[2]) === ordered
        : indentOf(after) > base + 1;
      if (!goesOn) break;
      loose ||= sibling;
      items.at(-1).push("");
    } else if (item || indentOf(line) > base + 1 || !startsBlock(line, lines[end + 1])) {
      items.at(-1).push(line.slice(Math.min(indentOf(line), base + (ordered ? 3 : 2))));
    } else break;
    end += 1;
  }
  let tasks = false;
  const nodes = items.map((content) => {
    const task = /^\[([ xX])\]\s+/.exec(content[0]);
    if (task) content[0] = content[0].slice(task[0].length);
    const children = blocks(content, look).map((block) => block.node);
    const tight = loose ? children : children.flatMap((child) =>
      child.tagName === "P" ? [...child.childNodes] : [child]);
    if (!task) return el("li", {}, ...tight);
    tasks = true;
    const done = task[1] !== " ";
    const box = el("input", { type: "checkbox", disabled: "", checked: done ? "" : null });
    return el("li", { class: "task-list-item" }, box, " ", ...tight);
  });
  const start = ordered && marker.slice(0, -1) !== "1" ? marker.slice(0, -1) : null;
  const attributes = { class: tasks ? "contains-task-list" : null, start };
  return { end, node: el(ordered ? "ol" : "ul", attributes, ...nodes) };
}

function blockAt(lines, at, look) {
  const line = lines[at];
  const heading = HEADING.exec(line);
  if (FENCE.test(line)) return fenced(lines, at, look);
  if (heading) return { end: at + 1, node: el(`h${heading[1].length}`, {}, ...inline(heading[2])) };
  if (RULE.test(line)) return { end: at + 1, node: el("hr", {}) };
  if (line.includes("|") && ROW_OF_DASHES.test(lines[at + 1] ?? "")) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at, look);
  let end = at + 1;
  if (QUOTE.test(line)) {
    while (end < lines.length && QUOTE.test(lines[end])) end += 1;
    const inner = lines.slice(at, end).map((quoted) => quoted.replace(QUOTE, ""));
    return { end, node: el("blockquote", {}, ...blocks(inner, look).map((block) => block.node)) };
  }
  while (end < lines.length && lines[end].trim() && !startsBlock(lines[end], lines[end + 1])) {
    end += 1;
  }
  const text = lines.slice(at, end).map((part) => part.trim()).join("\n");
  return { end, node: el("p", {}, ...inline(text)) };
}

/** The blocks of some lines: `{ from, node }`, where `from` is the block's first line. */
function blocks(lines, look) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].trim() === "") {
      at += 1;
      continue;
    }
    const { end, node } = blockAt(lines, at, look);
    found.push({ from: at, node });
    at = end;
  }
  return found;
}

/** Makes `old` look like `fresh` with as few changes as a token needs. */
function morph(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeName !== fresh.nodeName || old.attributes.length !== fresh.attributes.length ||
      [...fresh.attributes].some((a) => old.getAttribute(a.name) !== a.value)) {
    old.replaceWith(fresh);
    return;
  }
  const children = [...fresh.childNodes];
  children.forEach((child, index) => {
    const present = old.childNodes[index];
    if (present) morph(present, child);
    else old.append(child);
  });
  while (old.childNodes.length > children.length) old.lastChild.remove();
}

/** Draws a text that grows at its end. Finished blocks are left alone. */
export class MarkdownView {
  /** `look.code(language, text)` makes the site's code block. */
  constructor(root, look) {
    this.root = root;
    this.look = look;
    this.source = "";
    this.tail = 0;
    this.stable = 0;
  }

  /** Shows `source`, which usually begins with what is shown already. */
  show(source) {
    if (source === this.source) return;
    if (!source.startsWith(this.source)) {
      this.root.replaceChildren();
      this.tail = 0;
      this.stable = 0;
    }
    this.source = source;
    const lines = source.slice(this.tail).split("\n");
    const found = blocks(lines, this.look);
    found.forEach(({ node }, index) => {
      const present = this.root.childNodes[this.stable + index];
      if (present) morph(present, node);
      else this.root.append(node);
    });
    while (this.root.childNodes.length > this.stable + found.length) this.root.lastChild.remove();
    const last = found.at(-1);
    if (!last) return;
    this.stable += found.length - 1;
    this.tail += lines.slice(0, last.from).reduce((sum, line) => sum + line.length + 1, 0);
  }
}
