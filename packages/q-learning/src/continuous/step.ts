import * as tf from '@tensorflow/tfjs-core';
import { tdTarget } from '@troupe/losses';
import { stackRole, unstackRole } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { fit, timeOf, type FitSettings } from '../regression/fit.js';
import type { RowInput, ValueCarry, ValueInput, ValueOutput } from '../regression/types.js';
import type { RealCrew } from './crew.js';

/** How one set of weights values actions, and what the future is worth to it. R rows of the agents that it serves. */
export interface Valuer {
  /** Q(s, a). `seen` [R, inputs], `action` [R, A] → [R] */
  predict(crew: RealCrew, theta: tf.Tensor1D, seen: tf.Tensor2D, action: tf.Tensor2D): tf.Tensor1D;
  /** max_a Q(s′, a). `noise` [R, …] if the learner draws some. → [R] */
  nextValue(
    crew: RealCrew,
    weights: { readonly theta: tf.Tensor1D; readonly target: tf.Tensor1D },
    next: tf.Tensor2D,
    noise: tf.Tensor | undefined,
  ): tf.Tensor1D;
}

/** [B, N, …] as what each set of weights serves: C of [R, …]. */
const served = (crew: RealCrew, x: tf.Tensor): tf.Tensor[] => {
  const [rows, slots, ...rest] = x.shape as [number, number, ...number[]];
  const { copies } = crew.agents;
  return copies === 1 ? [tf.reshape(x, [rows * slots, ...rest])] : tf.unstack(x, 1);
};

/** Rows of every set of weights [R] again as [B, N]. */
const gathered = (crew: RealCrew, each: readonly tf.Tensor[]): tf.Tensor2D =>
  crew.agents.copies === 1
    ? tf.reshape(each[0]!, [each[0]!.size / crew.slots, crew.slots])
    : (tf.stack<tf.Tensor1D>(each as tf.Tensor1D[], 1) as tf.Tensor2D);

/** The update of agents that learn values by themselves: for each set of weights one regression on its own targets. */
export const realStep = (
  crews: readonly RealCrew[],
  config: FitSettings & { readonly discount: number },
  valuer: Valuer,
): Step<ValueCarry, ValueInput, ValueOutput> => {
  const learn = (crew: RealCrew, carry: ValueCarry, input: ValueInput) => {
    const rows: RowInput = input.groups[crew.name]!;
    const at = timeOf(input);
    const parts = unstackRole(carry[crew.name]!);
    const moments = rows.reward.shape[0];
    const column = (x: tf.Tensor) => served(crew, tf.cast(x, 'float32')) as tf.Tensor1D[];
    const [reward, discount, active] = [column(rows.reward), column(rows.discount), column(rows.active)];
    const flatAction = tf.reshape(rows.action, [moments, crew.slots, crew.size]);
    const action = served(crew, flatAction) as tf.Tensor2D[];
    const seen = served(crew, crew.agents.encode(rows.observation)) as tf.Tensor2D[];
    const next = served(crew, crew.agents.encode(rows.nextObservation)) as tf.Tensor2D[];
    const noise = rows['noise'] && served(crew, rows['noise']);
    const importance =
      input['weight'] && column(tf.mul(tf.expandDims(input['weight'] as tf.Tensor, 1), tf.ones([1, crew.slots])));
    const fitted = parts.map((part, c) => {
      const target = tdTarget({
        reward: reward[c]!,
        discount: discount[c]!,
        nextValue: valuer.nextValue(crew, part, next[c]!, noise?.[c]),
        gamma: config.discount,
      });
      const predict = (theta: tf.Tensor1D) => valuer.predict(crew, theta, seen[c]!, action[c]!);
      return fit(part, config, at, { predict, target, active: active[c]!, weight: importance?.[c] });
    });
    const living = tf.cast(rows.active, 'float32');
    const sizes = tf.mul(tf.abs(gathered(crew, fitted.map(({ error }) => error))), living); // prettier-ignore
    return { role: stackRole(parts), fitted, sum: tf.sum(sizes, 1), count: tf.sum(living, 1) };
  };

  return (carry, input) => {
    const learnt = crews.map((crew) => learn(crew, carry, input));
    const total = (of: (one: (typeof learnt)[number]) => tf.Tensor) => learnt.map(of).reduce((a, b) => tf.add(a, b));
    const all = learnt.flatMap(({ fitted }) => fitted);
    return {
      carry: Object.fromEntries(crews.map(({ name }, k) => [name, learnt[k]!.role])),
      output: {
        metrics: tf.stack(all[0]!.metrics.map((_, m) => tf.stack(all.map(({ metrics }) => metrics[m]!)))),
        error: tf.div(
          total(({ sum }) => sum),
          tf.maximum(
            total(({ count }) => count),
            1,
          ),
        ),
      },
    };
  };
};
