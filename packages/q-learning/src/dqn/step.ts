import * as tf from '@tensorflow/tfjs-core';
import { stackRole, unstackRole } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { columnsOf } from './columns.js';
import type { Crew, CrewSizes } from './crew.js';
import { observedBy } from './observed.js';
import { regress, type Parts, type Passes } from './regress.js';
import type { DqnConfig } from './settings.js';
import {
  NOISE_ROWS,
  SCALARS,
  type DqnCarry,
  type DqnGroupInput,
  type DqnInput,
  type DqnOutput,
  type DqnRole,
} from './types.js';

/** [n, …] as its n parts. One part is a matter of shape alone. */
const rowsOf = (x: tf.Tensor): tf.Tensor[] => (x.shape[0] === 1 ? [tf.reshape(x, x.shape.slice(1))] : tf.unstack(x));

const partsOf = (role: DqnRole): Parts[] => {
  const counts = role.counts && tf.unstack(role.counts);
  return unstackRole(role).map((part, k) => ({ ...part, ...(counts && { count: counts[k] as tf.Scalar }) }));
};

const roleOf = (parts: readonly Parts[]): DqnRole => ({
  ...stackRole(parts),
  ...(parts[0]!.count && { counts: tf.stack(parts.map(({ count }) => count!)) }),
});

/** How a group's networks see its rows, by set of weights. */
export type PassesOf<C extends CrewSizes> = (crew: C, given: DqnGroupInput) => readonly Passes[];

/** Networks of single rows; noisy ones with noise of its own for every pass. */
export const rowPasses: PassesOf<Crew> = (crew, given) => {
  const [seen, after] = [observedBy(crew, given.observation), observedBy(crew, given.nextObservation)];
  const noises = given['noise'] ? rowsOf(given['noise']) : [];
  return seen.map((x, c): Passes => {
    const drawn = noises[c] as tf.Tensor2D | undefined;
    const [online, target, choice] = drawn ? tf.split<tf.Tensor2D>(drawn, NOISE_ROWS.length, 0) : [];
    const pass = (input: tf.Tensor2D, noise: tf.Tensor2D | undefined) => (theta: tf.Tensor1D) =>
      crew.network.apply(theta, { x: input, noise });
    return {
      seen: () => pass(x, online),
      valued: pass(after[c]!, target),
      choosing: pass(after[c]!, choice),
    };
  });
};

/** The update of DQN as one pure step: for every set of weights a regression on its targets, then the targets move. */
export const valueStep = <C extends CrewSizes>(
  crews: readonly C[],
  config: DqnConfig,
  passesOf: PassesOf<C>,
): Step<DqnCarry, DqnInput, DqnOutput> => {
  /** The columns of a crew by set of weights: [C, R, …] → C of [R, …]. */
  const rowsBy = ({ copies, choices }: CrewSizes, columns: readonly tf.Tensor[], rows: number) => {
    const [chosen, reward, discount, coefficient] = columns.map((column, k) =>
      rowsOf(tf.reshape(column, k === 0 ? [copies, rows, choices] : [copies, rows])),
    );
    return Array.from({ length: copies }, (_, c) => ({
      chosen: chosen![c] as tf.Tensor2D,
      reward: reward![c] as tf.Tensor1D,
      discount: discount![c] as tf.Tensor1D,
      coefficient: coefficient![c] as tf.Tensor1D,
    }));
  };

  return (carry, input) => {
    const columns = crews.map((crew) => columnsOf(crew, input.groups[crew.name]!.observation.shape[0]));
    const parts = tf.split(input.packed, [...columns.flatMap(({ sizes }) => sizes), ...SCALARS.map(() => 1)]);
    const [updates, rate, coin] = parts.slice(-SCALARS.length).map((x) => tf.reshape(x, [])) as tf.Scalar[];
    const at = { updates: updates!, rate: rate!, coin: coin! };
    let from = 0;
    const next: Record<string, DqnRole> = {};
    const report: tf.Tensor1D[] = [];
    for (const [k, { sizes, rows }] of columns.entries()) {
      const crew = crews[k]!;
      const own = rowsBy(crew, parts.slice(from, (from += sizes.length)), rows);
      const given = input.groups[crew.name]!;
      const passes = passesOf(crew, given);
      const penalties = given['penalty'] ? rowsOf(given['penalty']) : [];
      const sets = partsOf(carry[crew.name]!);
      const learnt = own.map((columns, c) =>
        regress(crew, config, sets.slice(c * crew.twins, (c + 1) * crew.twins), at, {
          ...columns,
          penalty: penalties[c] as tf.Tensor2D | undefined,
          passes: passes[c]!,
        }),
      );
      next[crew.name] = roleOf(learnt.flatMap(({ parts: changed }) => changed));
      report.push(...learnt.map(({ error }) => error), ...learnt.map(({ prediction }) => prediction));
      report.push(...learnt.map(({ loss }) => tf.reshape<tf.Rank.R1>(loss, [1])));
      report.push(...learnt.map(({ gradNorm }) => tf.reshape<tf.Rank.R1>(gradNorm, [1])));
    }
    return { carry: next, output: { report: tf.concat1d(report) } };
  };
};
