import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkName, type PutFile, type Store } from './store.js';

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** Makes a renaming outlive a loss of power. Windows cannot open folders and does not need it. */
const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes a folder and those above it that are missing, for good. */
const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
};

const writeAll = async (handle: FileHandle, chunk: Uint8Array): Promise<void> => {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
};

/** Folders that this process is writing or removing: `.partial-NAME-PID-N`, `.removed-NAME-PID-N`. */
const busy = new Set<string>();
let count = 0;
const temporary = (path: string, kind: 'partial' | 'removed', name: string): string =>
  join(path, `.${kind}-${name}-${process.pid}-${count++}`);

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0); // asks, does not send anything
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

/** Removes what processes left behind that were killed. */
const sweep = async (path: string): Promise<void> => {
  for (const entry of await readdir(path)) {
    const pid = /^\.(?:partial|removed)-.+-(\d+)-\d+$/.exec(entry)?.[1];
    if (pid === undefined || busy.has(join(path, entry))) continue;
    if (Number(pid) !== process.pid && isRunning(Number(pid))) continue;
    await rm(join(path, entry), { recursive: true, force: true });
  }
};

/**
 * Checkpoints in a folder, one folder each. A checkpoint is written under another name, flushed to the disk and renamed,
 * so that it is complete or not there at any moment, `kill -9` and loss of power included. What a killed process left
 * behind is removed at the next write; other files in the folder are left alone.
 */
export const folderStore = (folder: string): Store => {
  const path = resolve(folder);
  return {
    place: folder,
    async list() {
      try {
        const entries = await readdir(path, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
          .map(({ name }) => name)
          .sort();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    },
    async write(name, fill) {
      checkName('folderStore', name);
      const target = join(path, name);
      if (existsSync(target)) throw new Error(`folderStore: expected a new name, '${target}' exists`);
      await makeFolder(path);
      await sweep(path);
      const partial = temporary(path, 'partial', name);
      const put: PutFile = async (file, chunks) => {
        checkName('folderStore', file);
        const handle = await open(join(partial, file), 'wx');
        try {
          for (const chunk of chunks) await writeAll(handle, chunk);
          await handle.sync();
        } finally {
          await handle.close();
        }
      };
      busy.add(partial);
      try {
        await mkdir(partial);
        await fill(put);
        await syncFolder(partial);
        await rename(partial, target);
        await syncFolder(path);
      } catch (error) {
        await rm(partial, { recursive: true, force: true });
        throw error;
      } finally {
        busy.delete(partial);
      }
    },
    async open(name, file) {
      checkName('folderStore', name);
      checkName('folderStore', file);
      let handle: FileHandle;
      try {
        handle = await open(join(path, name, file), 'r');
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)))) return undefined;
        throw error;
      }
      const stats = await handle.stat();
      if (!stats.isFile()) {
        await handle.close();
        return undefined;
      }
      return {
        size: stats.size,
        async read(into, position) {
          for (let at = 0; at < into.length;) {
            const { bytesRead } = await handle.read(into, at, into.length - at, position + at);
            if (bytesRead === 0) throw new Error(`folderStore: ${join(name, file)} ends at byte ${position + at}`);
            at += bytesRead;
          }
        },
        close: () => handle.close(),
      };
    },
    async remove(name) {
      checkName('folderStore', name);
      const removed = temporary(path, 'removed', name);
      busy.add(removed);
      try {
        await rename(join(path, name), removed);
        await rm(removed, { recursive: true, force: true });
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      } finally {
        busy.delete(removed);
      }
    },
  };
};
