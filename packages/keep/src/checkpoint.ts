import { createHash, type Hash } from 'node:crypto';
import type { TypedArray } from '@troupe/core';
import { CheckpointError, type CheckpointFault } from './checkpoint-error.js';
import { decodeTree } from './decode-tree.js';
import { encodeTree, type Encoded } from './encode-tree.js';
import { FORMAT, readRunFile, VERSION, writeRunFile, type RunFile } from './run-file.js';
import { readHeader, roomFor, safetensors } from './safetensors.js';
import type { Store, StoredFile } from './store.js';
import { versionsHere } from './versions.js';

const TENSORS = 'state.safetensors';
const RUN = 'run.json';

/** What is written beside a state. */
export interface About {
  /** What the run was made with: plain data. `resume` can insist on it. */
  readonly config?: unknown;
  /** Environment steps done. */
  readonly steps?: number;
  /** By which checkpoints are compared. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** What `run.json` says of a checkpoint. */
export interface CheckpointInfo extends Required<About> {
  /** Its name in the store. */
  readonly name: string;
  /** Versions of Node and of the packages that wrote it. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A checkpoint that was read. */
export interface Checkpoint<T> extends CheckpointInfo {
  /** The tree that was saved. */
  readonly state: T;
}

const refuser =
  (store: Store, name: string, file: string) =>
  (fault: CheckpointFault, reason: string): never => {
    throw new CheckpointError(fault, `checkpoint ${store.place}/${name}, ${file}`, reason);
  };

/** Passes chunks on and hashes them. */
function* hashed(chunks: Iterable<Uint8Array>, hash: Hash, count: (bytes: number) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    hash.update(chunk);
    count(chunk.length);
    yield chunk;
  }
}

/**
 * Writes a tree of plain data as the checkpoint `name`: arrays to `state.safetensors`, everything else to `run.json`.
 * Arrays are written from where they are, not copied: the tree must not change until the promise resolves. Throws a
 * TypeError that names the path for what cannot be stored (functions, class instances, maps, cycles), an Error if the name exists.
 */
export const save = async (store: Store, name: string, state: unknown, about: About = {}): Promise<void> => {
  const { tree, tensors } = encodeTree(state);
  const plain = (what: string, value: unknown): Encoded => {
    const encoded = encodeTree(value);
    if (encoded.tensors.length === 0) return encoded.tree;
    throw new TypeError(`save: expected ${what} without typed arrays, got one at '${encoded.tensors[0]!.name}'`);
  };
  const config = plain('config', about.config ?? null);
  const metrics = plain('metrics', { ...about.metrics });
  await store.write(name, async (put) => {
    const hash = createHash('sha256');
    let bytes = 0;
    await put(
      TENSORS,
      hashed(safetensors(tensors, { format: FORMAT }), hash, (n) => (bytes += n)),
    );
    const run: RunFile = {
      format: FORMAT,
      version: VERSION,
      tensors: { file: TENSORS, bytes, sha256: hash.digest('hex') },
      versions: versionsHere(),
      config,
      steps: about.steps ?? 0,
      metrics,
      tree,
    };
    await put(RUN, [writeRunFile(run)]);
  });
};

const readRun = async (store: Store, name: string): Promise<RunFile> => {
  const refuse = refuser(store, name, RUN);
  const file = await store.open(name, RUN);
  if (!file) return refuse('foreign', 'is missing');
  try {
    const bytes = new Uint8Array(file.size);
    await file.read(bytes, 0);
    return readRunFile(bytes, refuse);
  } finally {
    await file.close();
  }
};

const infoOf = (store: Store, name: string, run: RunFile): CheckpointInfo => {
  const refuse = refuser(store, name, RUN);
  const plain = (value: Encoded): unknown => decodeTree(value, new Map(), (reason) => refuse('damaged', reason));
  const { steps } = run;
  const metrics = plain(run.metrics);
  if (typeof steps !== 'number') return refuse('damaged', 'expected steps to be a number');
  const numbers =
    typeof metrics === 'object' && metrics !== null && Object.values(metrics).every((x) => typeof x === 'number');
  if (!numbers) return refuse('damaged', 'expected metrics to be numbers by name');
  return {
    name,
    steps,
    metrics: metrics as Readonly<Record<string, number>>,
    config: plain(run.config),
    versions: run.versions,
  };
};

/** Reads what `run.json` says, without the tensors. Throws a CheckpointError if it cannot be used. */
export const readInfo = async (store: Store, name: string): Promise<CheckpointInfo> =>
  infoOf(store, name, await readRun(store, name));

/** Reads and hashes a file from its beginning to its end; nothing is believed until the hash is right. */
const readTensors = async (
  file: StoredFile,
  wanted: RunFile['tensors'],
  refuse: (reason: string) => never,
): Promise<ReadonlyMap<string, TypedArray>> => {
  if (file.size !== wanted.bytes) refuse(`expected ${wanted.bytes} bytes, got ${file.size}`);
  if (file.size < 8) refuse('is too short');
  const hash = createHash('sha256');
  let position = 0;
  const read = async (into: Uint8Array): Promise<Uint8Array> => {
    await file.read(into, position);
    position += into.length;
    hash.update(into);
    return into;
  };
  const prefix = await read(new Uint8Array(8));
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > file.size - 8) refuse('its header is longer than the file');
  const header = new TextDecoder().decode(await read(new Uint8Array(length)));
  const arrays = new Map<string, TypedArray>();
  for (const placed of readHeader(header, file.size - 8 - length, refuse)) {
    const { array, chunks } = roomFor(placed);
    for (const chunk of chunks) await read(chunk);
    arrays.set(placed.name, array);
  }
  if (hash.digest('hex') !== wanted.sha256) refuse('its content is not what was written (SHA-256)');
  return arrays;
};

/**
 * Reads a checkpoint and checks it. Throws a CheckpointError that names the file and the reason if it is missing,
 * incomplete, changed, foreign or of a newer format. `T` is what the writer wrote: the type is not checked.
 */
export const load = async <T = unknown>(store: Store, name: string): Promise<Checkpoint<T>> => {
  const run = await readRun(store, name);
  const info = infoOf(store, name, run);
  const refuse = refuser(store, name, run.tensors.file);
  const file = await store.open(name, run.tensors.file);
  if (!file) return refuse('damaged', 'is missing');
  try {
    const arrays = await readTensors(file, run.tensors, (reason) => refuse('damaged', reason));
    const state = decodeTree(run.tree, arrays, (reason) => refuser(store, name, RUN)('damaged', reason));
    return { ...info, state: state as T };
  } finally {
    await file.close();
  }
};
