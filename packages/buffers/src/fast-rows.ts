import { gatherModule } from './gather-module.js';
import type { RowLayout } from './row-layout.js';
import type { Gather } from './row-store.js';

/** Memory for rows, and functions that copy some of them to columns. */
export interface FastRows {
  readonly memory: ArrayBuffer;
  gatherer(columns: readonly number[]): Gather;
}

/** Rows that are copied to columns in one call; their columns stay in the cache until they are copied on. */
const BLOCK = 128;
const PAGE = 2 ** 16;
/** What a 32-bit WebAssembly memory can hold. */
const MAX_PAGES = 2 ** 16;
/** A copy of 16 bytes may reach this far beyond its end, rounded up so that what follows is aligned. */
const SPARE = 16;

interface Memory {
  readonly buffer: ArrayBuffer;
}
/** The part of WebAssembly that is used, as Node and browsers have it; this package is compiled for neither. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (options: { readonly initial: number }) => Memory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: Memory } },
  ) => { readonly exports: { readonly gather: (...values: number[]) => number } };
}

let compiled: object | undefined;

const aligned = (n: number): number => Math.ceil(n / SPARE) * SPARE;

/**
 * Memory for `capacity` rows in WebAssembly. The operating system provides it as it is written to. Undefined where it
 * cannot be had: more than 4 GB, an engine without 16-byte instructions, a page that forbids compilation.
 */
export const fastRows = ({ places, bytesPerRow }: RowLayout, capacity: number): FastRows | undefined => {
  let at = aligned(capacity * bytesPerRow) + SPARE;
  const take = (bytes: number): number => {
    const from = at;
    at += aligned(bytes);
    return from;
  };
  const slotsAt = take(4 * BLOCK);
  const tableAt = take(12 * places.length);
  const outputs = places.map(({ bytes }) => take(BLOCK * bytes + SPARE));
  const pages = Math.ceil(at / PAGE);
  if (pages > MAX_PAGES) return undefined;
  const engine = Reflect.get(globalThis, 'WebAssembly') as Engine | undefined;
  if (!engine) return undefined;
  let buffer: ArrayBuffer;
  let run: (...values: number[]) => number;
  try {
    compiled ??= new engine.Module(gatherModule());
    const memory = new engine.Memory({ initial: pages });
    run = new engine.Instance(compiled, { env: { memory } }).exports.gather;
    ({ buffer } = memory);
  } catch {
    return undefined; // Not an error: the caller has a slower way.
  }
  const ownSlots = new Int32Array(buffer, slotsAt, BLOCK);
  const table = new Int32Array(buffer, tableAt, 3 * places.length);
  const blocks = places.map(({ bytes }, c) => new Uint8Array(buffer, outputs[c], BLOCK * bytes));

  return {
    memory: buffer,
    gatherer(columns) {
      const entries = Int32Array.from(columns.flatMap((c) => [places[c]!.offset, places[c]!.bytes, outputs[c]!]));
      const tableEnd = tableAt + 4 * entries.length;
      return (slots, targets) => {
        for (let begin = 0; begin < slots.length; begin += BLOCK) {
          const count = Math.min(BLOCK, slots.length - begin);
          const whole = count === BLOCK;
          ownSlots.set(slots.length === count ? slots : slots.subarray(begin, begin + count));
          table.set(entries);
          run(slotsAt, slotsAt + 4 * count, 0, bytesPerRow, tableAt, tableEnd);
          for (let k = 0; k < columns.length; k++) {
            const c = columns[k]!;
            const { bytes } = places[c]!;
            const block = blocks[c]!;
            const target = targets[c]!;
            target.bytes.set(whole ? block : block.subarray(0, count * bytes), target.byteFrom + begin * bytes);
          }
        }
      };
    },
  };
};
