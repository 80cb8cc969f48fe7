/**
 * Replays recorded advantages and returns. Observations are the recorded values, and the critic repeats what it sees, so
 * that the learner values, denormalises and estimates by itself; an update of it is inspected.
 */
import * as tf from '@tensorflow/tfjs-core';
import { box, discrete, rng, type F32, type Groups } from '@troupe/core';
import { discountedReturns } from '@troupe/losses';
import { leavesOf, type Runtime } from '@troupe/runtime';
import { ppo, type UpdateReport } from '@troupe/trust-region';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

/** One case, as FORMAT.md section 5.1 describes it. Arrays are [T, E] or [T, E, N]. */
export interface AdvantageGolden {
  readonly algorithm: 'gae' | 'n_step_return';
  readonly config: {
    readonly gamma: number;
    readonly gaeLambda: number | null;
    readonly properTimeLimits: boolean;
    readonly valueNorm: { readonly kind: 'valuenorm' | 'popart'; readonly beta: number } | null;
  };
  readonly valueNorm?: Readonly<Record<'runningMean' | 'runningMeanSq' | 'debiasingTerm', Numbers>>;
  readonly batch: Readonly<Record<'rewards' | 'values' | 'terminated' | 'truncated', readonly Numbers[]>> & {
    readonly lastValues: Numbers;
  };
  readonly expected: {
    readonly steps: readonly Readonly<Record<'returns' | 'advantages' | 'denormalizedValues', Numbers>>[];
  };
}

/** V(o) = o, and a weight to be trained. */
const repeating = () => ({
  init: () => ({ kernel: ndarray(Float32Array.of(1), [1, 1]), bias: ndarray(new Float32Array(1), [1]) }),
  apply: (params: Readonly<Record<string, tf.Tensor>>, x: tf.Tensor) =>
    tf.add(tf.matMul(x as tf.Tensor2D, params['kernel'] as tf.Tensor2D), params['bias']!),
});

const first = (x: Numbers): number => flatten(x)[0]!;

/** Replays one case and returns the largest error. */
export const replayAdvantages = async (golden: AdvantageGolden, runtime: Runtime): Promise<Worst> => {
  const { config, batch, expected, algorithm } = golden;
  const steps = batch.rewards.length;
  const ended = batch.terminated.map((row, t) => flatten(row).map((x, e) => x + flatten(batch.truncated[t]!)[e]!));
  const numEnvs = ended[0]!.length;
  const [rewards, values, last] = [flatten(batch.rewards), flatten(batch.values), flatten(batch.lastValues)];
  const agents = last.length / numEnvs;
  const groups: Groups = {
    agents: {
      agents: Array.from({ length: agents }, (_, i) => `agent${i}`),
      observation: box([1]),
      action: discrete(2),
    },
  };
  const seen: UpdateReport[] = [];
  const norm = config.valueNorm;
  const learner = ppo(groups, {
    runtime,
    hidden: [2],
    sharing: 'shared',
    minibatches: 1,
    epochs: 1,
    criticEpochs: 1,
    discount: config.gamma,
    lambda: config.gaeLambda ?? 1,
    truncation: config.properTimeLimits ? 'discard' : 'terminate',
    valueNorm: norm === null ? 'none' : norm.kind === 'popart' ? 'popArt' : 'moments',
    ...(norm && { valueNormDecay: norm.beta }),
    networks: { critic: repeating },
    inspect: (report) => seen.push(structuredClone(report)),
  });
  const state = learner.init(rng(0));
  if (golden.valueNorm) {
    const held = leavesOf(Object.values(state.critics)[0]!) as unknown as {
      readonly norm: Readonly<Record<string, F32>>;
    };
    for (const [name, key] of [
      ['mean', 'runningMean'],
      ['square', 'runningMeanSq'],
      ['debias', 'debiasingTerm'],
    ] as const) {
      held.norm[name]!.data[held.norm[name]!.offset] = first(golden.valueNorm[key]);
    }
  }
  const rows = steps * numEnvs;
  const over = (list: ArrayLike<number>) => ndarray(Float32Array.from(list), [rows, agents]);
  const next = [...values.slice(numEnvs * agents), ...last];
  const discount = batch.terminated.flatMap((row) =>
    flatten(row).flatMap((ends) => new Array<number>(agents).fill(1 - ends)),
  );
  const active = ndarray(new Uint8Array(rows * agents).fill(1), [rows, agents]);
  const lasts = Uint8Array.from(ended.flat());
  await learner.update(
    state,
    {
      steps,
      numEnvs,
      batch: {
        groups: {
          agents: {
            observation: ndarray(Float32Array.from(values), [rows, agents, 1]),
            active,
            action: ndarray(new Int32Array(rows * agents), [rows, agents]),
            reward: over(rewards),
            discount: over(discount),
            next: { observation: ndarray(Float32Array.from(next), [rows, agents, 1]), active },
            extras: {},
          },
        },
        last: lasts,
        env: Int32Array.from({ length: rows }, (_, b) => b % numEnvs),
      },
    },
    rng(0),
    { steps: 0, total: 1 },
  );
  const critic = seen.find(({ of }) => of === 'critic') as unknown as Readonly<
    Record<'advantage' | 'returns', Float64Array>
  >;
  const value = critic.returns.map((sum, i) => sum - critic.advantage[i]!);
  const worst = worstOf();
  const [want] = expected.steps;
  const see = (name: string, have: ArrayLike<number>, list: Numbers): void => {
    const flat = flatten(list);
    worst.see(name, relativeError(have, flat), flat.length);
  };
  see('values', value, want!.denormalizedValues);
  if (algorithm === 'gae') {
    see('advantages', critic.advantage, want!.advantages);
    see('returns', critic.returns, want!.returns);
    return worst.result();
  }
  // The reference begins at the last values as they are, not denormalised.
  const returns = discountedReturns({
    reward: rewards,
    discount,
    last: lasts,
    value,
    nextValue: next,
    columns: numEnvs * agents,
    agents,
    gamma: config.gamma,
    truncation: config.properTimeLimits ? 'discard' : 'terminate',
  });
  see('returns', returns, want!.returns);
  see(
    'advantages',
    returns.map((sum, i) => sum - value[i]!),
    want!.advantages,
  );
  return worst.result();
};
