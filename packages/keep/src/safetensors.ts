import { endianness } from 'node:os';
import type { ArrayKind, TypedArray } from '@troupe/core';
import { arrayKinds, bytesOf, kindOf, kindOfDtype } from './array-kinds.js';
import { byteLengthOf, type Tensor } from './encode-tree.js';

if (endianness() !== 'LE') throw new Error('@troupe/keep: expected a little-endian machine, as safetensors files are');

/** Bytes that are hashed and written at once. */
const CHUNK = 1 << 22;

/** Where a tensor lies in a file. */
export interface Placed {
  readonly name: string;
  readonly kind: ArrayKind;
  /** Elements. */
  readonly length: number;
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** The pieces of a tensor as bytes; they must add up to its shape. */
function* bytesOfTensor(tensor: Tensor): Generator<Uint8Array> {
  const expected = byteLengthOf(tensor);
  let written = 0;
  for (const piece of tensor.pieces()) {
    if (kindOf(piece) !== tensor.kind) {
      throw new TypeError(
        `save: expected pieces of ${tensor.kind} at '${tensor.name}', got ${kindOf(piece) ?? 'others'}`,
      );
    }
    written += piece.byteLength;
    if (written > expected) break;
    yield* chunksOf(bytesOf(piece));
  }
  if (written !== expected) {
    throw new RangeError(
      `save: expected ${expected} bytes at '${tensor.name}' (shape ${tensor.shape.join(' x ')}), got ${written > expected ? 'more' : written}`,
    );
  }
}

/**
 * The safetensors format: 8 bytes with the length of the header, a JSON header, the tensors one after another. Tensors
 * with larger elements come first, so that all of them are aligned.
 */
export function* safetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  const order = [...tensors].sort((a, b) => arrayKinds[b.kind].bytes - arrayKinds[a.kind].bytes);
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  let offset = 0;
  for (const tensor of order) {
    const end = offset + byteLengthOf(tensor);
    entries.push([
      tensor.name,
      { dtype: arrayKinds[tensor.kind].dtype, shape: tensor.shape, data_offsets: [offset, end] },
    ]);
    offset = end;
  }
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = new Uint8Array(8 + Math.ceil(header.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(header, 8);
  yield* chunksOf(padded);
  for (const tensor of order) yield* bytesOfTensor(tensor);
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

/** One entry of a header, checked against where the previous one ended. */
const placedAt = (name: string, entry: unknown, begin: number, refuse: (reason: string) => never): Placed => {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const kind = kindOfDtype(dtype);
  if (kind === undefined) return refuse(`expected a known dtype of '${name}', got ${JSON.stringify(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(offsets)) {
    return refuse(`expected a shape and offsets of '${name}'`);
  }
  const length = shape.reduce((a, b) => a * b, 1);
  if (offsets.length !== 2 || offsets[0] !== begin || offsets[1] !== begin + length * arrayKinds[kind].bytes) {
    return refuse(`expected '${name}' to lie behind the tensor before it, with room for its shape`);
  }
  return { name, kind, length };
};

/** What a header says, in the order of the file. Tensors must fill `dataBytes` without gaps. */
export const readHeader = (text: string, dataBytes: number, refuse: (reason: string) => never): readonly Placed[] => {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return refuse('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return refuse('its header is no object');
  const beginOf = (entry: unknown): number => {
    const offsets = (entry as { readonly data_offsets?: unknown } | null)?.data_offsets;
    return Array.isArray(offsets) && isCount(offsets[0]) ? offsets[0] : Infinity;
  };
  const endOf = (entry: unknown): number => Number((entry as { data_offsets?: unknown[] }).data_offsets?.[1]);
  const entries = Object.entries(header as Readonly<Record<string, unknown>>)
    .filter(([name]) => name !== '__metadata__')
    // Empty tensors begin where the next one begins.
    .sort(([, a], [, b]) => beginOf(a) - beginOf(b) || endOf(a) - endOf(b));
  let end = 0;
  const placed = entries.map(([name, entry]) => {
    const one = placedAt(name, entry, end, refuse);
    end += one.length * arrayKinds[one.kind].bytes;
    return one;
  });
  if (end !== dataBytes) return refuse(`expected ${end} bytes of tensors, got ${dataBytes}`);
  return placed;
};

/** An array for a tensor, and its bytes in pieces to be filled. */
export const roomFor = ({
  kind,
  length,
}: Placed): { readonly array: TypedArray; readonly chunks: Iterable<Uint8Array> } => {
  const array = arrayKinds[kind].make(length);
  return { array, chunks: chunksOf(bytesOf(array)) };
};
