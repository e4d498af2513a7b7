// Starts the background's machine. The browser wakes this script for an event and wants every
// listener in place when its top level has run, so that comes first and Rust when it is needed:
// until it is ready, what happens is held.
import init, { Background } from "./background_glue.js";

const ports = new Map(); // number -> port
const asks = new Map(); // number -> answers an extension page
let numbered = 0;
let starting = null;

const outside = {
  post(port, text) {
    try {
      ports.get(port)?.postMessage(text);
    } catch (problem) {
      console.error(problem); // it is closing; its disconnection follows
    }
  },
  reply(ask, text) {
    asks.get(ask)?.(text);
    asks.delete(ask);
  },
  // As if this script had been ended: pages connect again, and open questions have no answer.
  anew(but) {
    for (const port of ports.values()) port.disconnect();
    ports.clear();
    for (const ask of [...asks.keys()]) if (ask !== but) outside.reply(ask);
  },
};

function start() {
  starting ??= init().then(() => Background.start(outside));
  return starting;
}

// Events keep their order: each waits for the same promise.
function tell(name, ...about) {
  return start().then((core) => core[name](...about)).catch((problem) => console.error(problem));
}

chrome.runtime.onConnect.addListener((port) => {
  const { id, tab, frameId, origin, url } = port.sender;
  if (port.name !== "chat" || id !== chrome.runtime.id || !tab || frameId !== 0) {
    port.disconnect();
    return;
  }
  const number = (numbered += 1);
  ports.set(number, port);
  tell("connected", number, tab.id, origin ?? new URL(url).origin);
  port.onMessage.addListener((text) => {
    if (typeof text === "string") tell("message", number, text);
  });
  port.onDisconnect.addListener(() => {
    void chrome.runtime.lastError; // read, or the browser reports it as unhandled
    ports.delete(number);
    tell("disconnected", number);
  });
});

chrome.runtime.onMessage.addListener((text, { id, url }, answer) => {
  const ours = id === chrome.runtime.id && url?.startsWith(chrome.runtime.getURL(""));
  if (!ours || typeof text !== "string") return false;
  const number = (numbered += 1);
  asks.set(number, answer);
  // An answer of nothing tells the page that the background could not start.
  start().catch(() => outside.reply(number));
  tell("asked", number, text);
  return true; // the answer comes later
});

chrome.runtime.onInstalled.addListener(() => tell("wake"));
chrome.runtime.onStartup.addListener(() => tell("wake"));
chrome.permissions.onAdded.addListener(() => tell("granted"));
chrome.permissions.onRemoved.addListener(() => tell("granted"));
chrome.tabs.onRemoved.addListener((tab) => tell("tab_removed", tab));
// Where tabs are filtered by site, which is in Firefox: elsewhere it would wake this script for
// every page of every site.
if (chrome.runtime.getBrowserInfo) {
  const { host_permissions, optional_host_permissions } = chrome.runtime.getManifest();
  const urls = [...host_permissions, ...optional_host_permissions]; // of them, those given
  chrome.tabs.onUpdated.addListener((tab, { status }) => {
    if (status === "loading") tell("tab_loads", tab);
  }, { urls, properties: ["status"] });
}
