import { createHash } from 'node:crypto';
import type { Encoded } from './encode-tree.js';

/** What a checkpoint of this library calls itself. */
export const FORMAT = 'troupe-checkpoint';
/** The newest version of the format that this library reads, and the one that it writes. */
export const VERSION = 1;

/** What stands in `run.json`. */
export interface RunFile {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly tensors: { readonly file: string; readonly bytes: number; readonly sha256: string };
  /** Versions of the packages that wrote it. */
  readonly versions: Readonly<Record<string, string>>;
  readonly config: Encoded;
  readonly steps: Encoded;
  readonly metrics: Encoded;
  readonly tree: Encoded;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const OPENING = '{"sha256":"';
const CLOSING = '",\n';
/** Bytes before what the hash covers. */
const SEAL = OPENING.length + 64 + CLOSING.length;

/** The file: its first line holds the hash of everything after that line. */
export const writeRunFile = (content: RunFile): Uint8Array => {
  const lines = Object.entries(content).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const rest = new TextEncoder().encode(`${lines.join(',\n')}\n}\n`);
  const first = new TextEncoder().encode(`${OPENING}${sha256Of(rest)}${CLOSING}`);
  const file = new Uint8Array(first.length + rest.length);
  file.set(first);
  file.set(rest, first.length);
  return file;
};

type Refuse = (fault: 'damaged' | 'foreign' | 'newer', reason: string) => never;

const isText = (value: unknown): value is string => typeof value === 'string';

/** Reads the file, or calls `refuse`, which must throw, with what is wrong with it. */
export const readRunFile = (bytes: Uint8Array, refuse: Refuse): RunFile => {
  const text = new TextDecoder().decode(bytes.subarray(0, SEAL));
  const hash = /^\{"sha256":"([0-9a-f]{64})",\n$/.exec(text)?.[1];
  if (hash === undefined) return refuse('foreign', 'does not begin as the checkpoints of this library do');
  if (sha256Of(bytes.subarray(SEAL)) !== hash)
    return refuse('damaged', 'its content is not what was written (SHA-256)');
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('damaged', 'is not JSON');
  }
  const file = parsed as Partial<RunFile>;
  if (file.format !== FORMAT)
    return refuse('foreign', `expected the format '${FORMAT}', got ${JSON.stringify(file.format)}`);
  const { version, tensors, versions } = file;
  if (!Number.isInteger(version) || version! < 1)
    return refuse('damaged', `expected a version, got ${String(version)}`);
  if (version! > VERSION) {
    return refuse('newer', `is of version ${version} of the format, this library reads up to ${VERSION}: update it`);
  }
  const { file: name, bytes: size, sha256 } = (tensors ?? {}) as Partial<RunFile['tensors']>;
  if (!isText(name) || !/^[A-Za-z0-9][\w.-]*$/.test(name) || !isText(sha256) || !Number.isSafeInteger(size)) {
    return refuse('damaged', 'does not say where its tensors are');
  }
  const complete =
    typeof versions === 'object' &&
    versions !== null &&
    Object.values(versions).every(isText) &&
    (['config', 'steps', 'metrics', 'tree'] as const).every((key) => file[key] !== undefined);
  if (!complete) return refuse('damaged', 'lacks a part');
  return file as RunFile;
};
