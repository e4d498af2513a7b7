// A database as the browser has it, without SHIM's store in between.

const settled = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});

const open = (name) => settled(indexedDB.open(name));

// `stores` is JSON: [name, key path, path of a unique index or ""] each.
export async function make(name, version, stores) {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    for (const [store, keyPath, unique] of JSON.parse(stores)) {
      const made = request.result.createObjectStore(store, { keyPath });
      made.createIndex("session", "session");
      if (unique) made.createIndex("unique", unique, { unique: true });
    }
  };
  (await settled(request)).close();
}

// `row` is JSON.
export async function put(name, store, row) {
  const database = await open(name);
  await settled(database.transaction(store, "readwrite").objectStore(store).put(JSON.parse(row)));
  database.close();
}

// Everything there is, as JSON: version, stores, rows by store, and of what kind the parts are.
export async function contents(name) {
  const database = await open(name), rows = {}, kinds = new Set();
  for (const store of database.objectStoreNames) {
    rows[store] = await settled(database.transaction(store).objectStore(store).getAll());
    for (const row of rows[store]) {
      for (const part of row.parts ?? []) kinds.add(part.constructor.name);
      delete row.parts;
    }
  }
  const { version } = database;
  database.close();
  return JSON.stringify({ version, rows, kinds: [...kinds] });
}

export const through_json = (text) => JSON.stringify(JSON.parse(text));
export const through_clone = (text) => structuredClone(text);
