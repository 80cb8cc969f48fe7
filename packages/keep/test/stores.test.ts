import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStore, load, memoryStore, save, type Store } from '../src/index.js';
import { newFolder } from './folders.js';

const stores: readonly (readonly [string, () => Store])[] = [
  ['folderStore', () => folderStore(join(newFolder(), 'a', 'b'))],
  ['memoryStore', memoryStore],
];

describe.each(stores)('%s', (_name, make) => {
  it('is empty at first', async () => {
    expect(await make().list()).toEqual([]);
    expect(await make().open('nothing', 'here')).toBeUndefined();
    await make().remove('nothing');
  });

  it('holds sets of files that come and go as a whole', async () => {
    const store = make();
    await store.write('b', async (put) => {
      await put('x', [Uint8Array.of(1, 2), Uint8Array.of(3)]);
      expect(await store.list()).toEqual([]);
      await put('y', []);
    });
    await store.write('a', (put) => put('x', [Uint8Array.of(9)]));
    expect(await store.list()).toEqual(['a', 'b']);
    const file = (await store.open('b', 'x'))!;
    expect(file.size).toBe(3);
    const into = new Uint8Array(2);
    await file.read(into, 1);
    expect([...into]).toEqual([2, 3]);
    await expect(file.read(into, 2)).rejects.toThrow();
    await file.close();
    await store.remove('b');
    expect(await store.list()).toEqual(['a']);
  });

  it('shows nothing of what could not be written to its end', async () => {
    const store = make();
    const failing = store.write('a', async (put) => {
      await put('x', [Uint8Array.of(1)]);
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await store.list()).toEqual([]);
  });

  it('does not write over what is there', async () => {
    const store = make();
    await save(store, 'a', 1);
    await expect(save(store, 'a', 2)).rejects.toThrow(/expected a new name/);
    expect((await load(store, 'a')).state).toBe(1);
  });

  it.each(['', '..', '../x', 'a/b', '.hidden', 'a b'])("refuses the name '%s'", async (name) => {
    await expect(save(make(), name, 1)).rejects.toThrow('expected a name of letters');
  });
});

describe('folderStore', () => {
  it('removes what killed processes left behind, and nothing else', async () => {
    const folder = newFolder();
    const gone = 2 ** 22 + 1; // more than the largest process id
    mkdirSync(join(folder, `.partial-000001-step-5-${gone}-0`));
    mkdirSync(join(folder, `.removed-000001-step-5-${gone}-1`));
    mkdirSync(join(folder, `.partial-000001-step-5-${process.ppid}-0`)); // of a process that runs
    mkdirSync(join(folder, '.mine'));
    writeFileSync(join(folder, 'notes.txt'), 'mine too');
    const store = folderStore(folder);
    expect(await store.list()).toEqual([]);
    await save(store, 'one', 1);
    expect(readdirSync(folder).sort()).toEqual([
      '.mine',
      `.partial-000001-step-5-${process.ppid}-0`,
      'notes.txt',
      'one',
    ]);
  });

  it('writes a checkpoint as two files', async () => {
    const folder = newFolder();
    await save(folderStore(folder), 'one', { x: Float32Array.of(1) });
    expect(readdirSync(join(folder, 'one')).sort()).toEqual(['run.json', 'state.safetensors']);
    expect(existsSync(join(folder, 'one', 'run.json'))).toBe(true);
  });
});
