// Measures reading in a page of the lab, in the world of SHIM's scripts and with them: eyes and an
// engine of their own look at turns that stand in the page for this alone.
async (scale) => {
  const list = document.querySelector("[data-testid=transcript-sizer]");
  const prose = "Every request is counted in the minute it belongs to, and the sum is kept. ";
  const code = '<span class="hljs-keyword">let</span> sum = <span class="hljs-number">0</span>;\n'
    + '<span class="hljs-comment">// so far</span>\n';
  const block = '<p class="font-claude-response-body break-words whitespace-normal leading-[1.7]">'
    + `${prose}<strong>Mind</strong> the <code class="bg-text-200/5 border">limit</code>. ${prose}`
    + '</p><ul class="[li_&amp;]:mb-0 [li_&amp;]:mt-1 flex flex-col gap-1 pl-8">'
    + `<li class="whitespace-normal break-words">${prose}</li>`.repeat(3)
    + '</ul><pre class="code-block__code"><code class="language-rust">'
    + `${code.repeat(4)}</code></pre>`;
  const row = (index, count, body) => {
    const inner = index % 2 === 0
      ? `<div data-cds="UserMessage" data-turn-key="u${index}"><div data-testid="user-message">`
        + `<p class="whitespace-pre-wrap break-words">Question ${index}</p></div></div>`
      : `<div data-testid="assistant-message" data-turn-key="u${index - 1}-hub-reply">`
        + `<div data-is-streaming="false"><div data-perf-reply-text="">${body}</div></div></div>`;
    return `<div data-testid="transcript-row" data-index="${index}"><div role="article" `
      + `aria-posinset="${index + 1}" aria-setsize="${count}">${inner}</div></div>`;
  };
  const show = (from, to, count, body) => {
    let html = "";
    for (let index = from; index < to; index += 1) html += row(index, count, body);
    list.innerHTML = html;
  };
  // What SHIM makes of the page, from nothing.
  const reader = () => {
    const engine = new wasm_bindgen.Engine();
    let engineMs = 0;
    const step = (event) => {
      const began = performance.now();
      try { return JSON.parse(engine.step(Date.now(), event)); }
      finally { engineMs += performance.now() - began; }
    };
    const opened = { url: location.href, document: "bench", wrote: "" };
    const { plan } = step(JSON.stringify({ started: opened })).page[0];
    const eyes = shimEyes(step);
    eyes.watch(plan);
    return { eyes, engineMs: () => engineMs, free: () => { eyes.stop(); engine.free(); } };
  };
  const timed = (act) => {
    const began = performance.now();
    act();
    return performance.now() - began;
  };
  const kb = (size) => `<p>${"Ten words. ".repeat(size / 11)}</p>`;

  async function whole() {
    let turns = 0;
    for (list.innerHTML = ""; document.documentElement.outerHTML.length < scale.page_chars;) {
      turns += 20;
      show(0, turns, turns, block.repeat(8));
    }
    const times = [], engine = [];
    for (let run = 0; run < scale.runs; run += 1) {
      const { eyes, engineMs, free } = reader();
      times.push(timed(eyes.flush));
      engine.push(engineMs());
      free();
      await eyes.rest();
    }
    return { times, engine, turns, nodes: list.querySelectorAll("*").length };
  }

  async function changed() {
    show(0, scale.turns, scale.turns, kb(1000));
    const { eyes, engineMs, free } = reader();
    eyes.flush();
    const text = list.querySelectorAll("[data-perf-reply-text] p");
    const node = text[text.length - 1].firstChild;
    const times = [], engine = [];
    for (let run = 0; run < scale.runs; run += 1) {
      const began = performance.now(), before = engineMs();
      for (let time = 0; time < scale.times; time += 1) {
        node.data += "more ";
        await null; // the observer is told
        eyes.flush();
      }
      times.push((performance.now() - began) / scale.times);
      engine.push((engineMs() - before) / scale.times);
    }
    free();
    return { times, engine };
  }

  // The engine's part of one new answer of so many characters in a chat of ten turns.
  async function message(chars) {
    const times = [];
    for (let run = 0; run < scale.runs; run += 1) {
      show(0, 10, 10, kb(1000));
      const { eyes, engineMs, free } = reader();
      eyes.flush();
      const count = chars < 10_000 ? scale.times : 1; // of a clock that tells milliseconds
      let took = 0;
      for (let time = 0; time < count; time += 1) {
        list.insertAdjacentHTML("beforeend", row(2 * time + 11, 12, kb(1000).repeat(chars / 1000)));
        await null;
        const before = engineMs();
        eyes.flush();
        took += engineMs() - before;
      }
      times.push(took / count);
      free();
      await eyes.rest();
    }
    return times;
  }

  // Reads a chat of which eight turns are mounted, and then one more turn at a time.
  async function growing(turns) {
    const { eyes, free } = reader(), times = [];
    for (let from = 0; from < turns; from += 6) {
      show(from, Math.min(from + 8, turns), turns, kb(1000));
      await null;
      eyes.flush();
      await eyes.rest(); // or nobody could ask how far this is
    }
    const memory = (await wasm_bindgen()).memory.buffer.byteLength;
    let count = turns;
    for (let run = 0; run < scale.runs; run += 1) {
      let took = 0;
      for (let time = 0; time < scale.times; time += 1) {
        count += 1;
        list.firstElementChild.remove();
        list.insertAdjacentHTML("beforeend", row(count - 1, count, kb(1000)));
        await null;
        took += timed(eyes.flush);
      }
      times.push(took / scale.times);
      await eyes.rest();
    }
    free();
    return { times, memory };
  }

  const read = await whole(), changes = await changed();
  const short = await message(1000), long = await message(500_000);
  const few = await growing(10), many = await growing(scale.many), most = await growing(scale.most);
  const [one, oneEngine] = [changes.times, changes.engine], { memory } = most;
  return { read, one, oneEngine, short, long, few: few.times, many: many.times, memory };
}
