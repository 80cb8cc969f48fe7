import type * as tf from '@tensorflow/tfjs-core';
import type { F32, Groups, Rollout } from '@troupe/core';
import { carryOf, type AtRest, type Runtime, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';
import { rowTaker } from './columns.js';
import type { CriticUnit } from './critics.js';
import type { CriticRows } from './types.js';

type RecallInput = { readonly theta: tf.Tensor; readonly rows: CriticRows };
type RecallOutput = { readonly value: tf.Tensor; readonly memory: tf.Tensor };

const recallStep =
  (unit: CriticUnit): Step<Record<string, never>, RecallInput, RecallOutput> =>
  (carry, { theta, rows }) => ({ carry, output: unit.recall(theta as tf.Tensor1D, rows) });

/** What a critic with memory makes of a rollout; its arrays are valid until the next one. */
export interface Recalled {
  /** [B·K] in normalised units. */
  readonly value: Float64Array;
  /** [B, n, H]; what was remembered before every row, zero where an episode begins. */
  readonly before: F32;
  /** [B, n, H]; and after it. */
  readonly after: F32;
}

const nothing = carryOf<Record<string, never>>({});

/**
 * Goes through rollouts step by step with a critic that remembers: `start` [E, n, H] is what it did before the first.
 * Throws a RangeError for a start of another number of environments.
 */
export const recaller = (unit: CriticUnit, runtime: Runtime) => {
  const compiled = runtime.compile(recallStep(unit), { name: `memory of ${unit.name}` });
  const take = rowTaker();
  const { views, columns, memory: width } = unit;
  let kept: Pick<Recalled, 'before' | 'after'> | undefined;

  /** Values of some rows by themselves, given what is remembered before them. */
  const step = async (theta: unknown, rows: AtRest<CriticRows>) => {
    const { output } = await compiled.run(nothing, { theta, rows } as Parameters<typeof compiled.run>[1]);
    return { value: output.value.data as Float32Array, memory: output.memory.data as Float32Array };
  };

  return {
    step,
    async through(
      theta: unknown,
      { numEnvs, batch: { last } }: Rollout<Groups>,
      rows: AtRest<CriticRows>,
      start: F32 | undefined,
    ): Promise<Recalled> {
      const one = views * width;
      if (start && start.shape[0] !== numEnvs) {
        throw new RangeError(
          `critic '${unit.name}': expected rollouts of ${start.shape[0]} environments, whose episodes it remembers, got ${numEnvs}`,
        );
      }
      const shape = [last.length, views, width];
      if (kept?.before.size !== last.length * one) {
        const make = () => ndarray(new Float32Array(last.length * one), shape);
        kept = { before: make(), after: make() };
      }
      const { before, after } = kept;
      const value = new Float64Array(last.length * columns);
      before.data.fill(0, 0, numEnvs * one);
      if (start) before.data.set(start.data.subarray(start.offset, start.offset + numEnvs * one));
      for (let from = 0; from < last.length; from += numEnvs) {
        const some = Array.from({ length: numEnvs }, (_, e) => from + e);
        const seen = take({ ...rows, memory: before }, some);
        const said = await step(theta, seen);
        value.set(said.value, from * columns);
        after.data.set(said.memory, from * one);
        if (from + numEnvs < last.length) beginning(last, from, said.memory, before.data, numEnvs, one);
      }
      return { value, before, after };
    },
  };
};

/** Writes what is remembered after the rows from `from` on as what is before the next ones: nothing where an episode ended. */
const beginning = (
  last: Uint8Array,
  from: number,
  memory: Float32Array,
  into: Float32Array,
  numEnvs: number,
  one: number,
): void => {
  into.set(memory, (from + numEnvs) * one);
  for (let e = 0; e < numEnvs; e++) {
    if (last[from + e] === 1) into.fill(0, (from + numEnvs + e) * one, (from + numEnvs + e + 1) * one);
  }
};

/** [E, n, H]; what is remembered when the next rollout begins. */
export const remainder = ({ numEnvs, batch: { last } }: Rollout<Groups>, { after }: Recalled): F32 => {
  const one = after.size / last.length;
  const from = last.length - numEnvs;
  const data = after.data.slice(from * one);
  for (let e = 0; e < numEnvs; e++) if (last[from + e] === 1) data.fill(0, e * one, (e + 1) * one);
  return ndarray(data, [numEnvs, ...after.shape.slice(1)]);
};
