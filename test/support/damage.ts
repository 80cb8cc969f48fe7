import { createHash } from 'node:crypto';
import type { Rng } from '@troupe/core';

/** The two files of a checkpoint. */
export interface Files {
  readonly run: Buffer;
  readonly tensors: Buffer;
}

const pick = <T>(random: Rng, list: readonly T[]): T => list[random.int(list.length)]!;

/** Bits flipped, the end cut off, or bytes put in, taken out or written over. Never the same bytes. */
export const damageBytes = (random: Rng, bytes: Buffer): Buffer => {
  const at = random.int(bytes.length);
  const some = Buffer.from(Array.from({ length: 1 + random.int(8) }, () => random.int(256)));
  const damaged = Buffer.from(bytes);
  const kind = random.int(5);
  if (kind === 1) return bytes.subarray(0, at);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)]);
  if (kind === 3) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some.length)]);
  if (kind === 4) some.copy(damaged, at);
  if (damaged.equals(bytes)) damaged[at]! ^= 1 << random.int(8);
  return damaged;
};

let deep: unknown = 1;
for (let i = 0; i < 1000; i++) deep = [deep];
/** What may stand where something else should. */
const strangers: readonly unknown[] = [
  ...[null, true, -1, 0.5, 1e308, 2 ** 53, '', 'x', '../../x', '__proto__', [], [[]], {}, deep],
  ...[{ $: 'tensor' }, { $: 'tensor', name: 'state.w' }, { $: 'tensor', name: 5, clamped: true }, { $: 'object' }],
  ...[{ $: 'bigint', value: 'x' }, { $: {} }, { $: 'constructor' }, [0, 2 ** 52, 2 ** 52], 'F32', 'U8'],
];

/** Replaces, removes or adds one thing somewhere in a JSON document. */
export const editJson = (random: Rng, text: string): string => {
  const root = JSON.parse(text) as Record<string, unknown>;
  let node: Record<string, unknown> = root;
  for (;;) {
    const keys = Object.keys(node);
    const key = keys.length === 0 ? 'added' : pick(random, keys);
    const child = node[key];
    if (typeof child === 'object' && child !== null && random.uniform() < 0.75) {
      node = child as Record<string, unknown>;
      continue;
    }
    const kind = random.int(4);
    if (Array.isArray(node)) node.splice(random.int(node.length + 1), random.int(2), pick(random, strangers));
    else if (kind === 0) delete node[key];
    else if (kind === 1) node[pick(random, ['$', '__proto__', 'length', 'name', 'x'])] = pick(random, strangers);
    else node[key] = pick(random, strangers);
    return JSON.stringify(root);
  }
};

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Gives the files the checksums that they would have if they were meant to be as they are. */
export const seal = (run: string, tensors: Buffer): Files => {
  const { sha256: _, ...content } = JSON.parse(run) as Record<string, unknown>;
  const about = content['tensors'];
  if (typeof about === 'object' && about !== null && 'sha256' in about) {
    Object.assign(about, { sha256: sha256(tensors), bytes: tensors.length });
  }
  const rest = JSON.stringify(content).slice(1);
  return { run: Buffer.from(`{"sha256":"${sha256(rest)}",\n${rest}`), tensors };
};

/** A safetensors file whose header is edited. */
export const editHeader = (random: Rng, tensors: Buffer): Buffer => {
  const length = Number(tensors.readBigUInt64LE(0));
  const header = Buffer.from(editJson(random, tensors.toString('utf8', 8, 8 + length)));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([prefix, header, tensors.subarray(8 + length)]);
};
