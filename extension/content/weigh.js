// Weighs the page now and then, as far as the browser tells: its elements, how long its thread is
// busy, its memory. This file only defines a factory, so that a second injection does no harm.
"use strict";

globalThis.shimWeigh = (weighed) => {
  const EVERY_MS = 12_000, MB = 2 ** 20;
  const CALM = 3; // so often nothing is told as nothing; then silence says the same
  // By a clock that never goes back.
  let lastMs = performance.now(), longMs = null, toldNodes = 0, calm = 0;

  // A browser that cannot tell of long tasks says so here, and then none is told.
  const tells = globalThis.PerformanceObserver?.supportedEntryTypes.includes("longtask");
  const observer = tells && new PerformanceObserver((list) => {
    for (const task of list.getEntries()) longMs += task.duration;
  });
  if (tells) [longMs] = [0, observer.observe({ type: "longtask" })];

  function weigh() {
    if (document.hidden) return;
    const nodes = document.getElementsByTagName("*").length, nowMs = performance.now();
    const span_ms = Math.round(nowMs - lastMs);
    const mb = (bytes) => Math.round((bytes ?? 0) / MB), heap = performance.memory;
    const [heap_mb, heap_most_mb] = [mb(heap?.usedJSHeapSize), mb(heap?.jsHeapSizeLimit)];
    const long_ms = longMs === null ? null : Math.round(longMs);
    [lastMs, longMs] = [nowMs, longMs === null ? null : 0];
    const grown = Math.abs(nodes - toldNodes) > toldNodes / 10;
    calm = grown || long_ms > span_ms / 10 || heap_mb > heap_most_mb / 3 ? 0 : calm + 1;
    if (calm > CALM) return;
    toldNodes = nodes;
    weighed(JSON.stringify({ weighed: { nodes, span_ms, long_ms, heap_mb, heap_most_mb } }));
  }

  const timer = setInterval(weigh, EVERY_MS);
  function stop() {
    clearInterval(timer);
    if (tells) observer.disconnect();
  }
  return { stop };
};
