import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rng, type Snapshot } from '@troupe/core';
import { CheckpointError, folderStore, keeper, load, newest, save } from '@troupe/keep';
import { afterAll, describe, expect, it } from 'vitest';
import type { SaveMemory } from '../benchmarks/keep-memory.js';
import { root } from './structure/repository.js';
import { damageBytes, editHeader, editJson, seal, type Files } from './support/damage.js';

const folder = mkdtempSync(join(tmpdir(), 'troupe-keep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Programs see the sources, as this process does, so that no build is needed. */
const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, 'test/support/tsconfig.sources.json') };

/** Starts the writer, lets it write for so many milliseconds, kills it, and gives the last steps that it called saved. */
const writeAndKill = async (path: string, size: number, milliseconds: number): Promise<number> => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'test/support/keep-writer.ts'), path, String(size)],
    {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
      resolve();
    });
  });
  await Promise.race([ready, closed]);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  child.kill('SIGKILL');
  await closed;
  expect(err).toBe('');
  expect(out).toMatch(/^ready\n/);
  const lines = out.split('\n').slice(1, -1); // whole lines only
  return Number(lines.at(-1) ?? 0);
};

describe('kill -9 at 200 random moments', () => {
  it('the newest checkpoint always loads and is no older than what was called saved', async () => {
    const path = join(folder, 'killed');
    const store = folderStore(path);
    const random = rng(1);
    let [saved, killedWhileWriting] = [0, 0];
    for (let kill = 0; kill < 200; kill++) {
      const said = await writeAndKill(path, 1 + random.int(200_000), random.uniform() * 25);
      saved = Math.max(saved, said);
      const warnings: string[] = [];
      const found = await newest<Snapshot<{ w: Float32Array; also: Int32Array }>>(store, {
        warn: (message) => warnings.push(message),
      });
      expect(warnings).toEqual([]);
      expect(found?.steps ?? 0).toBeGreaterThanOrEqual(saved);
      if (found === undefined) continue;
      if (found.steps > saved) killedWhileWriting += 1;
      saved = found.steps;
      const { w, also } = found.state.state;
      expect(w.every((x) => x === saved)).toBe(true);
      expect([...also]).toEqual(Array.from({ length: 7 }, () => saved));
    }
    expect(saved).toBeGreaterThan(10);
    // What the killed ones had no time to remove goes with the next save.
    const { state } = (await newest<Snapshot<unknown>>(store))!;
    await keeper(store, { last: 2, best: 'score', every: 50 }).save({ ...state, steps: saved + 1 });
    expect((await store.list()).length).toBeLessThanOrEqual(3 + (saved + 1) / 50);
    expect(killedWhileWriting).toBeGreaterThan(0);
  });
});

describe('10,000 fuzzed checkpoints', () => {
  const store = folderStore(join(folder, 'fuzzed'));
  const path = (file: string) => join(folder, 'fuzzed', 'one', file);
  const state = {
    w: Float32Array.from({ length: 50 }, (_, i) => i),
    counts: Int32Array.of(1, 2, 3),
    flags: Uint8Array.of(1, 0),
    nested: { list: [1, -0, NaN, 'text', null, undefined, { $: 5 }], long: 12345678901234567890n },
  };
  const original = async (): Promise<Files> => {
    await store.remove('one');
    await save(store, 'one', { state }, { steps: 5, metrics: { score: 1 }, config: { seed: 1 } });
    return { run: readFileSync(path('run.json')), tensors: readFileSync(path('state.safetensors')) };
  };
  const tryFiles = async ({ run, tensors }: Files): Promise<'loaded' | CheckpointError> => {
    writeFileSync(path('run.json'), run);
    writeFileSync(path('state.safetensors'), tensors);
    try {
      await load(store, 'one');
      return 'loaded';
    } catch (error) {
      if (error instanceof CheckpointError) return error;
      throw error; // a crash
    }
  };

  it('7,000 with damaged bytes are all refused, with the file and the reason', async () => {
    const files = await original();
    expect(await tryFiles(files)).toBe('loaded');
    const random = rng(2);
    for (let i = 0; i < 7000; i++) {
      const name = random.int(2) === 0 ? 'run' : 'tensors';
      const result = await tryFiles({ ...files, [name]: damageBytes(random, files[name]) });
      if (result === 'loaded') throw new Error(`expected damage ${i} of ${name} to be refused`);
      expect(result.message).toMatch(/one, (run\.json|state\.safetensors): ./);
    }
  });

  it('3,000 with edited content and right checksums load or are refused, and nothing else', async () => {
    const files = await original();
    const random = rng(3);
    let [loaded, refused] = [0, 0];
    for (let i = 0; i < 3000; i++) {
      const edited =
        random.int(2) === 0
          ? seal(editJson(random, String(files.run)), files.tensors)
          : seal(String(files.run), editHeader(random, files.tensors));
      if ((await tryFiles(edited)) === 'loaded') loaded += 1;
      else refused += 1;
    }
    expect(loaded).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(1000);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('memory while a run with a million joint rows is saved', () => {
  const measure = (kind: 'lent' | 'copied'): SaveMemory => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(root, 'benchmarks/keep-memory.ts'), join(folder, kind), kind, '1000000'],
      { cwd: root, encoding: 'utf8', env },
    );
    expect(stderr).toBe('');
    rmSync(join(folder, kind), { recursive: true });
    return JSON.parse(stdout) as SaveMemory;
  };

  it('a progress: the whole process stays below 1.3 times the buffer', () => {
    const { peak, bufferBytes } = measure('lent');
    expect(bufferBytes).toBeGreaterThan(500e6);
    expect(peak / bufferBytes).toBeLessThan(1.3);
  });

  it('a snapshot, which is a copy, takes twice the buffer: the measurement sees it', () => {
    const { peak, bufferBytes } = measure('copied');
    expect(peak / bufferBytes).toBeGreaterThan(1.9);
  });
});
