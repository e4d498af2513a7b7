// What a person types into: ProseMirror where it is installed, else a plain contenteditable.
// Enter sends, Shift+Enter begins a new line. A line is a paragraph.

import { config, el } from "./shared.js";

/**
 * Makes a composer. `attributes` go on the editable element, `empty` on its one paragraph while
 * there is no text; `onSend()` at Enter; `onChange()` after each change. Resolves to
 * `{ element, text(), clear(), focus() }`.
 */
export function createComposer(options) {
  const onChange = () => {
    // When text first stood in it: what a bench measures.
    performance.mark("lab-composer-changed");
    options.onChange();
  };
  const made = { ...options, onChange };
  return config.prosemirror ? proseMirror(made) : Promise.resolve(plain(made));
}

async function proseMirror({ attributes, empty, onSend, onChange }) {
  const [state, view, { Schema }, { nodes }, { keymap }, commands, { history, undo, redo }] =
    await Promise.all([
      import("prosemirror-state"), import("prosemirror-view"), import("prosemirror-model"),
      import("prosemirror-schema-basic"), import("prosemirror-keymap"),
      import("prosemirror-commands"), import("prosemirror-history"),
    ]);
  const { doc, paragraph, text, hard_break } = nodes;
  const schema = new Schema({ nodes: { doc, paragraph, text, hard_break } });
  const isEmpty = (root) => root.childCount === 1 && root.firstChild.content.size === 0;
  const placeholder = new state.Plugin({
    props: {
      decorations({ doc: root }) {
        if (!isEmpty(root)) return null;
        const whole = view.Decoration.node(0, root.firstChild.nodeSize, empty);
        return view.DecorationSet.create(root, [whole]);
      },
    },
  });
  const keys = keymap({
    Enter: () => {
      onSend();
      return true;
    },
    "Shift-Enter": commands.splitBlock, "Mod-z": undo, "Mod-y": redo, "Shift-Mod-z": redo,
  });
  const plugins = [keys, keymap(commands.baseKeymap), history(), placeholder];
  const fresh = () => state.EditorState.create({ schema, plugins });
  const element = el("div", {});
  const editor = new view.EditorView({ mount: element }, {
    state: fresh(),
    attributes,
    dispatchTransaction(transaction) {
      editor.updateState(editor.state.apply(transaction));
      if (transaction.docChanged) onChange();
    },
  });
  return {
    element,
    text: () => editor.state.doc.textBetween(0, editor.state.doc.content.size, "\n", "\n"),
    clear() {
      editor.updateState(fresh());
      onChange();
    },
    focus: () => editor.focus(),
  };
}

function plain({ attributes, empty, onSend, onChange }) {
  const blank = () => el("p", empty, el("br", {}));
  const element = el("div", { ...attributes, contenteditable: "true" }, blank());
  const lineOf = (node) => {
    if (node.nodeType === Node.TEXT_NODE || !node.querySelector("br")) return node.textContent;
    const copy = node.cloneNode(true);
    if (copy.lastChild?.nodeName === "BR") copy.lastChild.remove();
    for (const end of copy.querySelectorAll("br")) end.replaceWith("\n");
    return copy.textContent;
  };
  const text = () => [...element.childNodes].map(lineOf).join("\n");
  const settle = () => {
    // Firefox leaves the caret beside the paragraphs, and writes there.
    const selection = document.getSelection();
    const { anchorNode, isCollapsed } = selection;
    const astray = anchorNode === element || !element.contains(anchorNode);
    if (astray && isCollapsed && element.lastChild) selection.collapse(element.lastChild, 0);
  };
  const tidy = () => {
    // A browser that empties the element takes the paragraph too, and typing needs one.
    if (!element.firstChild || (!element.querySelector("p") && !element.textContent)) {
      element.replaceChildren(blank());
      settle();
    }
    // The placeholder is on the one paragraph of an empty composer, and nowhere else.
    const [mark] = Object.keys(empty);
    const isEmpty = element.childNodes.length === 1 && text() === "";
    for (const paragraph of element.querySelectorAll(isEmpty ? "p" : `p[${mark}]`)) {
      if (isEmpty) paragraph.setAttribute(mark, empty[mark]);
      else paragraph.removeAttribute(mark);
    }
  };
  element.addEventListener("focus", settle);
  element.addEventListener("beforeinput", settle);
  document.execCommand("defaultParagraphSeparator", false, "p");
  element.addEventListener("input", () => {
    tidy();
    onChange();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (event.shiftKey) document.execCommand("insertParagraph");
    else onSend();
  });
  element.addEventListener("paste", (event) => {
    event.preventDefault();
    const lines = event.clipboardData.getData("text/plain").split(/\r\n?|\n/);
    lines.forEach((line, index) => {
      if (index) document.execCommand("insertParagraph");
      if (line) document.execCommand("insertText", false, line);
    });
  });
  return {
    element,
    text,
    clear() {
      element.replaceChildren(blank());
      if (document.activeElement === element) settle();
      onChange();
    },
    focus() {
      element.focus();
      settle();
    },
  };
}
