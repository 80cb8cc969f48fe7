import * as tf from '@tensorflow/tfjs-core';
import { stackRole, unstackRole } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { columnsOf } from './columns.js';
import type { Crew } from './crew.js';
import { observedBy } from './observed.js';
import { regress, type Parts } from './regress.js';
import type { DqnConfig } from './settings.js';
import { NOISE_ROWS, SCALARS, type DqnCarry, type DqnInput, type DqnOutput, type DqnRole } from './types.js';

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

/** The update of DQN as one pure step: for every set of weights a regression on its targets, then the targets move. */
export const dqnStep = (crews: readonly Crew[], config: DqnConfig): Step<DqnCarry, DqnInput, DqnOutput> => {
  /** The columns of a crew by set of weights: [C, R, …] → C of [R, …]. */
  const rowsBy = ({ copies, choices }: Crew, columns: readonly tf.Tensor[], rows: number) => {
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
    const [updates, move, rate, coin] = parts.slice(-SCALARS.length).map((x) => tf.reshape(x, [])) as tf.Scalar[];
    const at = {
      updates: updates!,
      move: move!,
      coin: coin!,
      ...(config.learningRateEnd !== 1 && { rate: rate! }),
    };
    let from = 0;
    const next: Record<string, DqnRole> = {};
    const report: tf.Tensor1D[] = [];
    for (const { crew, sizes, rows } of columns) {
      const own = rowsBy(crew, parts.slice(from, (from += sizes.length)), rows);
      const given = input.groups[crew.name]!;
      const seen = observedBy(crew, given.observation);
      const after = observedBy(crew, given.nextObservation);
      const noises = given['noise'] ? rowsOf(given['noise']) : [];
      const penalties = given['penalty'] ? rowsOf(given['penalty']) : [];
      const sets = partsOf(carry[crew.name]!);
      const learnt = own.map((columns, c) =>
        regress(crew, config, sets.slice(c * crew.twins, (c + 1) * crew.twins), at, {
          ...columns,
          seen: seen[c]!,
          next: after[c]!,
          penalty: penalties[c] as tf.Tensor2D | undefined,
          ...(noises[c] && { noise: tf.split(noises[c] as tf.Tensor2D, NOISE_ROWS.length, 0) }),
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
