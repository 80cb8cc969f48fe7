import { checkName, type Store } from './store.js';

const joined = (chunks: Iterable<Uint8Array>): Uint8Array => {
  const copies: Uint8Array[] = [];
  for (const chunk of chunks) copies.push(chunk.slice());
  const all = new Uint8Array(copies.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const copy of copies) {
    all.set(copy, at);
    at += copy.length;
  }
  return all;
};

/** Checkpoints in memory: for tests, and for going back within one run. Lost with the process. */
export const memoryStore = (): Store => {
  const sets = new Map<string, ReadonlyMap<string, Uint8Array>>();
  return {
    place: 'memory',
    list: () => Promise.resolve([...sets.keys()].sort()),
    async write(name, fill) {
      checkName('memoryStore', name);
      if (sets.has(name)) throw new Error(`memoryStore: expected a new name, '${name}' exists`);
      const files = new Map<string, Uint8Array>();
      await fill((file, chunks) => {
        checkName('memoryStore', file);
        files.set(file, joined(chunks));
        return Promise.resolve();
      });
      sets.set(name, files);
    },
    open(name, file) {
      const bytes = sets.get(name)?.get(file);
      return Promise.resolve(
        bytes && {
          size: bytes.length,
          read(into, position) {
            if (position + into.length > bytes.length) {
              return Promise.reject(new Error(`memoryStore: ${name}/${file}: expected more bytes than there are`));
            }
            into.set(bytes.subarray(position, position + into.length));
            return Promise.resolve();
          },
          close: () => Promise.resolve(),
        },
      );
    },
    remove(name) {
      sets.delete(name);
      return Promise.resolve();
    },
  };
};
