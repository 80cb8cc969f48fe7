import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointError, folderStore, load, newest, save } from '../src/index.js';
import { newFolder } from './folders.js';

const STATE = { weights: Float32Array.of(1, 2, 3), more: { n: 5, list: [Int32Array.of(7)] } };

/** A good checkpoint in a folder of its own, and its two files. */
const good = async () => {
  const folder = newFolder();
  const store = folderStore(folder);
  await save(store, '000000-step-5', STATE, { steps: 5, config: { seed: 1 } });
  const file = (name: string) => join(folder, '000000-step-5', name);
  return { store, run: file('run.json'), tensors: file('state.safetensors') };
};
/** Gives run.json the hash of its new content: damage that a checksum cannot see. */
const seal = (text: string): string => {
  const rest = text.slice(text.indexOf('\n') + 1);
  return `{"sha256":"${createHash('sha256').update(rest).digest('hex')}",\n${rest}`;
};
const faultOf = async (loading: Promise<unknown>): Promise<readonly [string, string]> => {
  const error: unknown = await loading.then(() => undefined).catch((reason: unknown) => reason);
  if (!(error instanceof CheckpointError)) throw new Error(`expected a CheckpointError, got ${String(error)}`);
  return [error.fault, error.message];
};

describe('load', () => {
  it.each<[string, string, (bytes: Buffer) => Uint8Array, string]>([
    ['a bit flipped in the tensors', 'tensors', (b) => b.fill(b.at(-1)! ^ 1, b.length - 1), 'not what was written'],
    ['the tensors cut', 'tensors', (b) => b.subarray(0, b.length - 3), 'bytes, got'],
    ['empty tensors', 'tensors', () => new Uint8Array(0), 'bytes, got 0'],
    ['more behind the tensors', 'tensors', (b) => Buffer.concat([b, b]), 'bytes, got'],
    ['a length of the header beyond the file', 'tensors', (b) => b.fill(255, 0, 8), 'longer than the file'],
    ['a number changed', 'run', (b) => Buffer.from(String(b).replace('"n":5', '"n":6')), 'not what was written'],
    ['run.json cut', 'run', (b) => b.subarray(0, 200), 'not what was written'],
  ])('refuses %s as damaged, with file and reason', async (_, which, change, reason) => {
    const { store, ...files } = await good();
    const path = which === 'run' ? files.run : files.tensors;
    writeFileSync(path, change(readFileSync(path)));
    const [fault, message] = await faultOf(load(store, '000000-step-5'));
    expect(fault).toBe('damaged');
    expect(message).toContain(reason);
    expect(message).toContain(which === 'run' ? 'run.json' : 'state.safetensors');
    expect(message).toContain('000000-step-5');
  });

  it.each<[string, (text: string) => string, string, string]>([
    ['of a newer version', (t) => t.replace('"version": 1', '"version": 2'), 'newer', 'update it'],
    ['of another format', (t) => t.replace('"troupe-checkpoint"', '"other"'), 'foreign', "format 'troupe-checkpoint'"],
    ['with a path to tensors elsewhere', (t) => t.replace('state.safe', '../safe'), 'damaged', 'where its tensors are'],
    ['with a tensor that is not there', (t) => t.replace('"name":"weights"', '"name":"w"'), 'damaged', "tensor 'w'"],
    ['with a mark of no meaning', (t) => t.replace('"$":"tensor"', '"$":"code"'), 'damaged', 'known mark'],
    ['without a tree', (t) => t.replace('"tree"', '"three"'), 'damaged', 'lacks a part'],
    ['with steps that are none', (t) => t.replace('"steps": 5', '"steps": []'), 'damaged', 'steps to be a number'],
  ])('refuses a file %s, rightly sealed', async (_, change, fault, reason) => {
    const { store, run } = await good();
    const text = readFileSync(run, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(run, seal(change(text)));
    const found = await faultOf(load(store, '000000-step-5'));
    expect(found[0]).toBe(fault);
    expect(found[1]).toContain(reason);
  });

  it('refuses files that are no checkpoints', async () => {
    const { store, run, tensors } = await good();
    writeFileSync(run, '{"hello":"world"}');
    expect((await faultOf(load(store, '000000-step-5')))[0]).toBe('foreign');
    rmSync(run);
    expect((await faultOf(load(store, '000000-step-5')))[1]).toContain('run.json: is missing');
    rmSync(tensors);
    expect((await faultOf(load(store, 'never')))[0]).toBe('foreign');
  });
});

describe('newest', () => {
  const three = async () => {
    const folder = newFolder();
    const store = folderStore(folder);
    for (const i of [1, 2, 3]) await save(store, `00000${i}-step-${i}`, { i }, { steps: i, config: { seed: 1 } });
    return { folder, store };
  };
  const quiet = { warn: () => undefined };

  it('is undefined where nothing is', async () => {
    expect(await newest(folderStore(join(newFolder(), 'none')))).toBeUndefined();
  });

  it('skips damaged ones with a warning and leaves them', async () => {
    const { folder, store } = await three();
    writeFileSync(join(folder, '000003-step-3', 'run.json'), '');
    writeFileSync(join(folder, '000002-step-2', 'state.safetensors'), 'x');
    const warnings: string[] = [];
    const found = await newest<{ i: number }>(store, { warn: (message) => warnings.push(message) });
    expect(found?.state).toEqual({ i: 1 });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/000003-step-3, run\.json: .*it is skipped/);
    expect(await store.list()).toHaveLength(3);
  });

  it('throws where none is good, rather than let a run begin anew', async () => {
    const { folder, store } = await three();
    for (const i of [1, 2, 3]) writeFileSync(join(folder, `00000${i}-step-${i}`, 'run.json'), '');
    await expect(newest(store, quiet)).rejects.toThrow('no checkpoint of 3 is good');
  });

  it('throws where the newest is of a newer format', async () => {
    const { folder, store } = await three();
    const run = join(folder, '000003-step-3', 'run.json');
    writeFileSync(run, seal(readFileSync(run, 'utf8').replace('"version": 1', '"version": 9')));
    await expect(newest(store, quiet)).rejects.toThrow('is of version 9');
  });

  it('throws for a run that was made with another config', async () => {
    const { store } = await three();
    expect((await newest(store, { config: { seed: 1 } }))?.steps).toBe(3);
    await expect(newest(store, { config: { seed: 2 } })).rejects.toThrow(
      'expected a run with {"seed":2}, got one with {"seed":1}',
    );
  });

  it('says when other versions wrote it', async () => {
    const { folder, store } = await three();
    const run = join(folder, '000003-step-3', 'run.json');
    writeFileSync(run, seal(readFileSync(run, 'utf8').replace(/"@troupe\/core":"[^"]+"/, '"@troupe/core":"0.0.1"')));
    const warnings: string[] = [];
    await newest(store, { warn: (message) => warnings.push(message) });
    expect(warnings.join()).toMatch(/other versions: @troupe\/core 0\.0\.1, now \d/);
  });

  it('passes over what others keep in the folder', async () => {
    const { store } = await three();
    await save(store, 'zzz-not-of-a-run', 1);
    expect((await newest(store))?.name).toBe('000003-step-3');
  });
});
