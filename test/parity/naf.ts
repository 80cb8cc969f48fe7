/** Replays recorded updates of NAF through the shipped learner: the heads of the recording are the last layer of ours. */
import { box, rng, type Batch, type Box, type SingleAgent } from '@troupe/core';
import { naf } from '@troupe/q-learning';
import { leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Layer {
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
  readonly activation: 'relu' | 'tanh' | 'linear';
}
type Networks = Readonly<Record<'trunk' | 'value' | 'mean' | 'factor', { readonly layers: readonly Layer[] }>>;
/** FORMAT.md, section 8. */
export interface NafGolden {
  readonly algorithm: 'naf';
  readonly config: {
    readonly gamma: number;
    readonly tau: number;
    readonly learningRate: number;
    readonly maxGradNorm: number | null;
    readonly adamEpsilon: number;
    readonly inputNormalization: string;
  };
  readonly networks: Networks;
  readonly targetNetworks: Networks;
  readonly batch: {
    readonly observations: readonly (readonly number[])[];
    readonly actions: readonly (readonly number[])[];
    readonly rewards: readonly number[];
    readonly nextObservations: readonly (readonly number[])[];
    readonly terminated: readonly number[];
  };
  readonly expected: {
    readonly steps: readonly {
      readonly losses: { readonly q: number };
      readonly gradNorms: { readonly model: number };
      readonly forward?: { readonly mean: Numbers; readonly q: readonly number[] };
      readonly networks?: Networks;
      readonly targetNetworks?: Networks;
    }[];
  };
}

/** Columns of the recorded n × n factor that are on or below its diagonal. */
const lower = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (_, j) => i * n + j)).flat();

/** Weights in the order of our network: trunk, then one layer of V, μ and the lower triangle of L. */
const vectorOf = ({ trunk, value, mean, factor }: Networks): number[] => {
  const [v, m, f] = [value.layers[0]!, mean.layers[0]!, factor.layers[0]!];
  const kept = lower(m.bias.length);
  const head = {
    kernel: v.kernel.map((row, i) => [...row, ...m.kernel[i]!, ...kept.map((k) => f.kernel[i]![k]!)]),
    bias: [...v.bias, ...m.bias, ...kept.map((k) => f.bias[k]!)],
  };
  return [...trunk.layers, head].flatMap(({ kernel, bias }) => [...flatten(kernel), ...bias]);
};

/** Replays one case and returns the largest error. */
export const replayNaf = async (golden: NafGolden, runtime: Runtime): Promise<Worst> => {
  const { config, batch: recorded, networks, expected } = golden;
  const [rows, seen, size] = [recorded.rewards.length, recorded.observations[0]!.length, recorded.actions[0]!.length];
  const groups: SingleAgent<Box, Box> = {
    agent: { agents: ['agent'], observation: box([seen]), action: box([size], { low: -1, high: 1 }) },
  };
  const { layers } = networks.trunk;
  const learner = naf(groups, {
    runtime,
    discount: config.gamma,
    hidden: layers.map(({ bias }) => bias.length),
    activation: layers[0]!.activation as 'relu' | 'tanh',
    learningRate: config.learningRate,
    adamEpsilon: config.adamEpsilon,
    maxGradNorm: config.maxGradNorm,
    tau: config.tau,
  });
  let state = learner.init(rng(0));
  const leaves = () => leavesOf(state.carry)['agent'] as unknown as Record<'theta' | 'target', ndarray.NdArray<Float32Array>>; // prettier-ignore
  const vector = (name: 'theta' | 'target') => {
    const { data, offset, size: length } = leaves()[name];
    return data.subarray(offset, offset + length);
  };
  vector('theta').set(vectorOf(networks));
  vector('target').set(vectorOf(golden.targetNetworks));
  const f32 = (list: Numbers, ...shape: number[]) => ndarray(Float32Array.from(flatten(list)), [rows, 1, ...shape]);
  const active = ndarray(new Uint8Array(rows).fill(1), [rows, 1]);
  const batch: Batch<typeof groups> = {
    groups: {
      agent: {
        observation: f32(recorded.observations, seen),
        active,
        action: f32(recorded.actions, size),
        reward: f32(recorded.rewards),
        discount: f32(recorded.terminated.map((ended) => 1 - ended)),
        next: { observation: f32(recorded.nextObservations, seen), active },
        extras: {},
      },
    },
    last: Uint8Array.from(recorded.terminated),
    env: new Int32Array(rows),
  };
  const worst = worstOf();
  const clock = { steps: 0, total: 1 };
  for (const [k, want] of expected.steps.entries()) {
    if (want.forward) {
      const acting = await learner.policies(state, 'exploit').agent.act(batch.groups.agent, rng(0), clock);
      worst.see(`step ${k + 1} mean`, relativeError(acting.action.data, flatten(want.forward.mean)), rows * size);
    }
    const [next, metrics] = await learner.update(state, batch, rng(0), clock);
    state = next;
    worst.see(`step ${k + 1} loss`, relativeError([metrics['loss']!], [want.losses.q]));
    worst.see(`step ${k + 1} gradient norm`, relativeError([metrics['gradNorm']!], [want.gradNorms.model]));
    if (want.forward) {
      const mean = want.forward.q.reduce((sum, q) => sum + q, 0) / rows;
      worst.see(`step ${k + 1} mean of q`, relativeError([metrics['value']!], [mean]));
    }
    for (const [name, recordedNetworks] of [
      ['theta', want.networks],
      ['target', want.targetNetworks],
    ] as const) {
      if (!recordedNetworks) continue;
      const list = vectorOf(recordedNetworks);
      worst.see(`step ${k + 1} ${name}`, relativeError(vector(name), list), list.length);
    }
  }
  return worst.result();
};
