import { copyBatch } from '@troupe/buffers';
import { copyInto, type Batch, type Buffer, type GroupBatch, type Rng } from '@troupe/core';
import ndarray from 'ndarray';
import type { Pursuit } from './pursuit.js';

type Rows = Batch<Pursuit>;
interface Row {
  readonly of: Rows;
  readonly at: number;
}
type Numbers = Float32Array | Int32Array | Uint8Array;

/** One column of some rows, next to each other. */
const gather = <D extends Numbers>(rows: readonly Row[], column: (of: Rows) => ndarray.NdArray<D>) => {
  const [, ...shape] = column(rows[0]!.of).shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new (column(rows[0]!.of).data.constructor as new (n: number) => D)(rows.length * size);
  rows.forEach(({ of, at }, b) => copyInto(data, b * size, column(of).pick(at)));
  return ndarray(data, [rows.length, ...shape]);
};

const gatherGroup = <K extends keyof Pursuit>(rows: readonly Row[], name: K): GroupBatch<Pursuit[K]> => ({
  observation: gather(rows, ({ groups }) => groups[name].observation),
  active: gather(rows, ({ groups }) => groups[name].active),
  action: gather(rows, ({ groups }) => groups[name].action),
  reward: gather(rows, ({ groups }) => groups[name].reward),
  discount: gather(rows, ({ groups }) => groups[name].discount),
  next: {
    observation: gather(rows, ({ groups }) => groups[name].next.observation),
    active: gather(rows, ({ groups }) => groups[name].next.active),
  },
  extras: {},
});

/** Forgets like a ring, and draws every second row of a sample from the newest quarter. */
export class RecentRows implements Buffer<Rows> {
  readonly #rows: Row[] = [];
  #oldest = 0;
  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#rows.length;
  }

  add(rows: Rows): void {
    const of = copyBatch(rows);
    for (let at = 0; at < rows.last.length; at++) {
      if (this.#rows.length < this.capacity) this.#rows.push({ of, at });
      else this.#rows[this.#oldest++ % this.capacity] = { of, at };
    }
  }

  sample(count: number, rng: Rng): Rows {
    const newest = Math.ceil(this.size / 4);
    const rows = Array.from({ length: count }, (_, b) => {
      const age = rng.int(b % 2 === 0 ? this.size : newest);
      return this.#rows[(this.#oldest + this.size - 1 - age) % this.size]!;
    });
    return {
      groups: { hunters: gatherGroup(rows, 'hunters'), runners: gatherGroup(rows, 'runners') },
      last: Uint8Array.from(rows, ({ of, at }) => of.last[at]!),
      env: Int32Array.from(rows, ({ of, at }) => of.env[at]!),
    };
  }
}
