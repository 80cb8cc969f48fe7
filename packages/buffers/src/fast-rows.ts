import { keepFew } from './keep-few.js';
import { gatherModule, type GatheredColumn } from './gather-module.js';
import type { RowLayout } from './row-layout.js';
import type { Gather } from './targets.js';

/** Memory for rows, and functions that copy some of them to columns. */
export interface FastRows {
  readonly memory: ArrayBuffer;
  /** Of some columns, all unless named. */
  gatherer(columns?: readonly number[]): Gather;
}

/** Rows that are copied to columns in one call stay in the nearer caches until their columns are copied on: bytes, and rows. */
const BLOCK_BYTES = 2 ** 18;
const BLOCK = 256;
const PAGE = 2 ** 16;
/** What a 32-bit WebAssembly memory can hold. */
const MAX_PAGES = 2 ** 16;
/** What lies in memory besides rows begins with a cache line. */
const LINE = 64;

type Gathering = (slots: number, end: number, rows: number, out: number) => number;
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
  ) => { readonly exports: { readonly gather: Gathering } };
}

const aligned = (n: number): number => Math.ceil(n / LINE) * LINE;

/** Modules by the columns that they are for: buffers of the same rows share one. */
const modules = new Map<string, object>();
/** More kinds of rows than this are not in use at a time. */
const MODULES = 64;

const moduleFor = (engine: Engine, rowBytes: number, columns: readonly GatheredColumn[]): object => {
  const key = JSON.stringify([rowBytes, columns]);
  let known = modules.get(key);
  if (!known) {
    if (modules.size === MODULES) modules.clear();
    modules.set(key, (known = new engine.Module(gatherModule(rowBytes, columns))));
  }
  return known;
};

/**
 * Memory for `capacity` rows in WebAssembly. The operating system provides it as it is written to. Undefined where it
 * cannot be had: more than 4 GB, an engine without 16-byte instructions, a page that forbids compilation.
 */
export const fastRows = ({ places, bytesPerRow }: RowLayout, capacity: number): FastRows | undefined => {
  const block = Math.max(1, Math.min(BLOCK, Math.floor(BLOCK_BYTES / bytesPerRow)));
  let at = aligned(capacity * bytesPerRow);
  const take = (bytes: number): number => {
    const from = at;
    at += aligned(bytes);
    return from;
  };
  const slotsAt = take(4 * block);
  const outAt = at;
  const outputs = places.map(({ bytes }) => take(block * bytes));
  const pages = Math.ceil(at / PAGE);
  if (pages > MAX_PAGES) return undefined;
  const engine = Reflect.get(globalThis, 'WebAssembly') as Engine | undefined;
  if (!engine) return undefined;
  const gathering = (memory: Memory, columns: readonly number[]): Gathering => {
    const gathered = columns.map((c): GatheredColumn => {
      const { offset, bytes } = places[c]!;
      return { offset, bytes, to: outputs[c]! - outAt };
    });
    const module = moduleFor(engine, bytesPerRow, gathered);
    return new engine.Instance(module, { env: { memory } }).exports.gather;
  };
  let memory: Memory;
  let runAll: Gathering;
  const all = places.map((_, c) => c);
  try {
    memory = new engine.Memory({ initial: pages });
    runAll = gathering(memory, all);
  } catch {
    return undefined; // Not an error: the caller has a slower way.
  }
  const { buffer } = memory;
  const ownSlots = new Int32Array(buffer, slotsAt, block);
  const blocksOf = (count: number): readonly Uint8Array[] =>
    places.map(({ bytes }, c) => new Uint8Array(buffer, outputs[c], count * bytes));
  const whole = blocksOf(block);
  /** Of the last, shorter block of a draw. */
  const rest = keepFew(blocksOf);

  return {
    memory: buffer,
    gatherer(columns = all) {
      const run = columns === all ? runAll : gathering(memory, columns);
      return (slots, targets) => {
        for (let begin = 0; begin < slots.length; begin += block) {
          const count = Math.min(block, slots.length - begin);
          const blocks = count === block ? whole : rest(count);
          for (let b = 0; b < count; b++) ownSlots[b] = slots[begin + b]!;
          run(slotsAt, slotsAt + 4 * count, 0, outAt);
          for (let k = 0; k < columns.length; k++) {
            const c = columns[k]!;
            const { bytes, byteFrom } = targets[c]!;
            bytes.set(blocks[c]!, byteFrom + begin * places[c]!.bytes);
          }
        }
      };
    },
  };
};
