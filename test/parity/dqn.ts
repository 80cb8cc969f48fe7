/**
 * Replays recorded updates of the DQN family through the shipped learner: weights are set through the public state, the
 * moves of the target through the clock; nothing of the update is written again here.
 */
import { box, discrete, rng, type Batch } from '@troupe/core';
import { dqn, type DqnState } from '@troupe/q-learning';
import { leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';
import { replayNStep, type NStepGolden } from './n-step.js';

interface Layer {
  readonly type: string;
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
  readonly activation: 'relu' | 'tanh' | 'linear';
}
type Networks = Readonly<Record<string, { readonly layers: readonly Layer[] }>>;
interface Rows {
  readonly observations: readonly (readonly number[])[];
  readonly actions: readonly number[];
  readonly rewards: readonly number[];
  readonly nextObservations: readonly (readonly number[])[];
  readonly terminated: readonly number[];
  readonly bootstrapDiscounts?: readonly number[];
  readonly probabilities?: readonly number[];
}

/** One case, as FORMAT.md sections 1 and 2 describe it. */
export interface DqnGolden {
  readonly kind: 'update';
  readonly algorithm: 'dqn';
  readonly config: {
    readonly loss: 'mse' | 'huber';
    readonly huberDelta?: number;
    readonly doubleQ: boolean;
    readonly dueling: boolean;
    readonly gamma: number;
    readonly tau: number | null;
    readonly targetUpdateAfterUpdates: readonly number[];
    readonly maxGradNorm: number | null;
    readonly learningRate: number;
    readonly adamEpsilon: number;
    readonly nSteps?: number;
    readonly weighted?: boolean;
    readonly beta?: number;
    readonly alpha?: number;
    readonly priorityEpsilon?: number;
  };
  readonly networks: Networks;
  readonly targetNetworks: Networks;
  readonly batch: Rows;
  readonly expected: {
    readonly sample?: Rows;
    readonly steps: readonly {
      readonly losses: Readonly<Record<string, number>>;
      readonly gradNorms: Readonly<Record<string, number>>;
      readonly targets?: readonly number[];
      readonly predictions?: readonly number[];
      readonly tdErrors?: readonly number[];
      readonly newPriorities?: readonly number[];
      readonly networks?: Networks;
      readonly targetNetworks?: Networks;
    }[];
  };
}

/** Networks in the order in which their weights lie in θ. */
const ORDER = ['q', 'q.trunk', 'q.advantage', 'q.value'];
const layersOf = (networks: Networks): readonly Layer[] =>
  ORDER.filter((name) => networks[name]).flatMap((name) => networks[name]!.layers);
const vectorOf = (networks: Networks): number[] =>
  layersOf(networks).flatMap(({ kernel, bias }) => [...flatten(kernel), ...bias]);

/** Σ over weights whose largest is 1: (p N)^−β, where N cancels. */
const weightsOf = (probabilities: readonly number[], beta: number): number[] => {
  const raw = probabilities.map((p) => p ** -beta);
  const most = Math.max(...raw);
  return raw.map((w) => w / most);
};

const groupsOf = (rows: Rows, actions: number) => ({
  agent: { agents: ['agent'] as const, observation: box([rows.observations[0]!.length]), action: discrete(actions) },
});

const batchOf = (rows: Rows, config: DqnGolden['config']): Batch<ReturnType<typeof groupsOf>> => {
  const n = rows.rewards.length;
  const f32 = (list: Numbers, ...shape: number[]) => ndarray(Float32Array.from(flatten(list)), [n, ...shape]);
  const active = ndarray(new Uint8Array(n).fill(1), [n, 1]);
  const width = rows.observations[0]!.length;
  // A row of n steps counts its bootstrap by γᵐ; the learner multiplies by one γ itself.
  const discount = rows.terminated.map(
    (ended, i) => (1 - ended) * (rows.bootstrapDiscounts ? rows.bootstrapDiscounts[i]! / config.gamma : 1),
  );
  return {
    groups: {
      agent: {
        observation: f32(rows.observations, 1, width),
        active,
        action: ndarray(Int32Array.from(rows.actions), [n, 1]),
        reward: f32(rows.rewards, 1),
        discount: f32(discount, 1),
        next: { observation: f32(rows.nextObservations, 1, width), active },
        extras: {},
      },
    },
    last: Uint8Array.from(rows.terminated),
    env: new Int32Array(n),
    ...(config.weighted && { weight: f32(weightsOf(rows.probabilities!, config.beta!)) }),
  };
};

/** Replays one case and returns the largest error. */
export const replayDqn = async (golden: DqnGolden, runtime: Runtime): Promise<Worst> => {
  const { config, networks, targetNetworks, expected } = golden;
  const rows = expected.sample ?? golden.batch;
  const [trunk, stream] = [networks['q.trunk'] ?? networks['q']!, networks['q.advantage']];
  const widths = (layers: readonly Layer[]) => layers.map(({ bias }) => bias.length);
  const actions = (stream ?? trunk).layers.at(-1)!.bias.length;
  const learner = dqn(groupsOf(rows, actions), {
    runtime,
    discount: config.gamma,
    hidden: widths(stream ? trunk.layers : trunk.layers.slice(0, -1)),
    ...(stream && { dueling: true, streamHidden: widths(stream.layers.slice(0, -1)) }),
    activation: trunk.layers[0]!.activation as 'relu' | 'tanh',
    learningRate: config.learningRate,
    adamEpsilon: config.adamEpsilon,
    maxGradNorm: config.maxGradNorm,
    loss: config.loss === 'huber' ? 'huber' : 'squared',
    huberDelta: config.huberDelta ?? 1,
    double: config.doubleQ ? 'online' : 'no',
    tau: config.tau ?? 0,
    targetEvery: 1,
    targetClock: 'steps',
  });
  const batch = batchOf(rows, config);
  let state = learner.init(rng(0));
  const values = (of: DqnState, part: 'theta' | 'target'): Float32Array => {
    const { data, offset, size } = leavesOf(of.carry)['agent']![part] as ndarray.NdArray<Float32Array>;
    return data.subarray(offset, offset + size);
  };
  values(state, 'theta').set(vectorOf(networks));
  values(state, 'target').set(vectorOf(targetNetworks));

  const worst = worstOf();
  if (config.nSteps !== undefined) {
    const { error, of, compared } = replayNStep(golden as unknown as NStepGolden);
    worst.see(of, error, compared);
  }
  let moves = 0;
  for (const [k, want] of expected.steps.entries()) {
    const name = (what: string) => `step ${k + 1} ${what}`;
    // The target moves in updates at which the clock of environment steps has gone on.
    if (config.targetUpdateAfterUpdates.includes(k + 1)) moves += 1;
    const [next, metrics, error] = await learner.update(state, batch, rng(0), { steps: moves, total: 10 });
    state = next;
    worst.see(name('loss'), relativeError([metrics['loss']!], [want.losses['q']!]));
    worst.see(name('gradient norm'), relativeError([metrics['gradNorm']!], [want.gradNorms['q']!]));
    const { targets, predictions, tdErrors, newPriorities } = want;
    const errors = tdErrors ?? (targets && predictions && targets.map((y, i) => y - predictions[i]!));
    if (errors) worst.see(name('errors'), relativeError(error!.data, errors.map(Math.abs)), errors.length);
    if (newPriorities) {
      const own = [...error!.data].map((e) => e + config.priorityEpsilon!);
      worst.see(name('priorities'), relativeError(own, newPriorities), own.length);
    }
    for (const [part, recorded] of [
      ['theta', want.networks],
      ['target', want.targetNetworks],
    ] as const) {
      if (!recorded) continue;
      let at = 0;
      const have = values(state, part);
      layersOf(recorded).forEach(({ kernel, bias }, l) => {
        for (const [kind, list] of [
          ['kernel', flatten(kernel)],
          ['bias', [...bias]],
        ] as const) {
          const own = have.subarray(at, (at += list.length));
          worst.see(name(`${part} layer ${l} ${kind}`), relativeError(own, list), list.length);
        }
      });
    }
  }
  return worst.result();
};
