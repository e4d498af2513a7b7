//! Pages in which a person points.

/// A chat whose classes say nothing, with a line between its exchanges, beside notes whose classes
/// look like a chat. What reaches the page of a person's clicks is counted.
pub const CHAT: &str = r##"<!doctype html><title>Beans</title><style>
body { margin: 0; font: 16px sans-serif; display: grid; grid-template-columns: 220px 1fr;
  height: 90vh; padding-top: 110px; BODY }
.notes { padding: 12px; font-size: 13px; } .list { overflow: auto; padding: 12px; height: 50vh; }
.b7f0aa { margin: 8px 0 8px 30%; padding: 8px; border-radius: 8px; background: #8883; }
.zq8k1x { text-align: center; font-size: 12px; } .entry { padding: 12px; }
.entry-text { border: 1px solid #888; padding: 8px; min-height: 20px; }
</style><section class=notes></section><div><div class=list></div>
<div class=entry><div contenteditable=true class=entry-text></div>
<span class=arrow-up tabindex=0>Go</span></div></div><script>
const add = (parent, html) => parent.insertAdjacentHTML("beforeend", html);
const notes = document.querySelector(".notes"), list = document.querySelector(".list");
for (let n = 1; n < 5; n += 1) {
  add(notes, `<div class=user-note>Note ${n}</div><div class=bot-note>Filed under ${n}</div>`);
}
const field = document.querySelector(".entry-text");
let said = 0;
const send = () => {
  const text = field.textContent;
  field.textContent = "";
  add(list, `<div class=zq8k1x><i>Part ${said += 1}</i></div>`);
  add(list, "<div class=b7f0aa><div class=c1d2e3><p></p></div></div>");
  list.lastChild.querySelector("p").textContent = text;
  add(list, "<div class=d9e1bb><div class=f4g5h6><p></p></div></div>");
  const box = list.lastChild.querySelector("p");
  const words = `You said: ${text} That is all.`.split(" ");
  const more = () => {
    box.append(`${words.shift()} `);
    list.scrollTop = list.scrollHeight;
    if (words.length) setTimeout(more, 40);
  };
  more();
};
document.querySelector(".arrow-up").addEventListener("click", send);
document.clicks = 0;
for (const name of ["pointerdown", "mousedown", "click"]) {
  document.addEventListener(name, () => { document.clicks += 1; }, true);
}
</script>"##;

/// A list that scrolls, in an open shadow root in a frame.
pub const NESTED: &str = r#"<!doctype html><title>Beans</title>
<iframe style="width: 500px; height: 260px; margin-top: 110px"></iframe>
<form><textarea></textarea></form><script>
const inner = document.querySelector("iframe").contentDocument.body;
const log = document.createElement("chat-log");
inner.append(log);
const root = log.attachShadow({ mode: "open" });
const list = document.createElement("div");
list.style.cssText = "height: 200px; overflow: auto";
root.append(list);
for (let n = 1; n < 9; n += 1) {
  list.insertAdjacentHTML("beforeend", `<div class=zq8k1x>Part ${n}</div>`
    + `<div class=b7f0aa><p>Why ${n}?</p></div><div class=d9e1bb><p>Because of ${n}.</p></div>`);
}
</script>"#;

/// The middle of the last element that matches in there and is in view, and how far it is scrolled.
pub const IN_THERE: &str = "const [css] = arguments, frame = document.querySelector('iframe'); \
    const list = frame.contentDocument.querySelector('chat-log').shadowRoot.firstChild; \
    const edge = frame.getBoundingClientRect(), all = [...list.querySelectorAll(css)]; \
    const of = (el) => el.getBoundingClientRect(), box = of(list); \
    const one = of(all.findLast((el) => of(el).top > box.top && of(el).bottom < box.bottom)); \
    return [edge.left + frame.clientLeft + one.left + 20, \
      edge.top + frame.clientTop + one.top + one.height / 2, list.scrollTop].map(Math.round);";
