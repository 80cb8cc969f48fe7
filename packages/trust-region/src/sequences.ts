import * as tf from '@tensorflow/tfjs-core';
import type { SequenceInput } from '@troupe/networks';
import { merged } from './rows.js';
import type { ActorRows } from './types.js';

/** What a network remembers, and how long the sequences are that it learns from. */
export interface Remembering {
  /** Width of the memory; 0 for networks without. */
  readonly memory: number;
  /** L; 1 for networks without. */
  readonly sequenceLength: number;
}

/** Rows [L·S, n] as L steps of S·n sequences that go on side by side; without memory as one step of all rows. */
export const sequenceOf = (
  { memory: width, sequenceLength: steps }: Remembering,
  { memory, started }: Pick<ActorRows, 'memory' | 'started'>,
  input: tf.Tensor2D,
): SequenceInput => {
  const [rows, inputs] = input.shape;
  if (memory === undefined) return { input: tf.reshape(input, [1, rows, inputs]) };
  const lanes = rows / steps;
  return {
    input: tf.reshape(input, [steps, lanes, inputs]),
    memory: tf.slice(merged(memory), [0, 0], [lanes, width]),
    ...(started && { started: tf.reshape(started, [steps, lanes]) }),
  };
};

/** Throws a RangeError that begins with `where` if sequences of `length` steps do not fill a rollout. */
export const requireWholeSequences = (where: string, rows: number, numEnvs: number, length: number): void => {
  const steps = rows / numEnvs;
  if (steps % length === 0) return;
  throw new RangeError(
    `${where}: expected a horizon that is a multiple of sequenceLength ${length}, got ${steps} steps of ${numEnvs} environments`,
  );
};

/**
 * Rows of a rollout, step by step of E environments, in the order of sequences of `length` steps that go on side by
 * side: step l of all of them, then step l + 1.
 */
export const sequenceOrder = (rows: number, numEnvs: number, length: number): Int32Array => {
  const chunks = rows / length;
  return Int32Array.from({ length: rows }, (_, i) => {
    const [l, chunk] = [Math.floor(i / chunks), i % chunks];
    const [k, e] = [Math.floor(chunk / numEnvs), chunk % numEnvs];
    return (k * length + l) * numEnvs + e;
  });
};
