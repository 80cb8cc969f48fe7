/**
 * Replays recorded updates of the PyTorch port of MADDPG through the shipped learner: weights are set through the
 * public state, noise through `draw`; nothing of the update is written again here.
 */
import { box, discrete, rng, type Batch, type Groups, type NoiseShape } from '@troupe/core';
import { maddpg, type MaddpgState } from '@troupe/ddpg';
import { leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Layer {
  readonly type: string;
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
  readonly activation: 'relu' | 'tanh' | 'linear';
}
interface GoldenNetwork {
  readonly layers: readonly Layer[];
  readonly outputScale?: number;
}
type Networks = Readonly<Record<string, GoldenNetwork>>;
interface GoldenAgent {
  readonly observations: readonly (readonly number[])[];
  readonly actions: readonly Numbers[];
  readonly rewards: readonly number[];
  readonly nextObservations: readonly (readonly number[])[];
  readonly terminated: readonly number[];
  readonly truncated: readonly number[];
}
/** One case, as FORMAT.md sections 1 and 2 describe it. */
export interface MaddpgGolden {
  readonly algorithm: 'maddpg';
  readonly config: {
    readonly numberOfAgents: number;
    readonly criticScope: readonly ('joint' | 'own')[];
    readonly discreteActions: boolean;
    readonly gamma: number;
    readonly tau: number;
    readonly optimizer: 'adam';
    readonly learningRateActor: number;
    readonly learningRateCritic: number;
    readonly adamEpsilon: number;
    readonly maxGradNorm: number | null;
    readonly policyRegularizer: number;
    readonly inputNormalization: string;
    readonly gumbelTemperature: number | null;
  };
  readonly networks: Networks;
  readonly targetNetworks: Networks;
  readonly batch: { readonly agents: readonly GoldenAgent[] };
  readonly noise: { readonly gumbelUniform?: readonly (readonly Numbers[])[] };
  readonly permutation: readonly (readonly number[])[];
  readonly expected: {
    readonly steps: readonly {
      readonly losses: Readonly<Record<string, number>>;
      readonly gradNorms: Readonly<Record<string, number>>;
      readonly networks?: Networks;
      readonly targetNetworks?: Networks;
    }[];
  };
}

const vectorOf = (network: GoldenNetwork): number[] =>
  network.layers.flatMap((layer) => [...flatten(layer.kernel), ...layer.bias]);

const ROLES = [
  ['actor', 'policy'],
  ['critic', 'critic'],
] as const;

/** Why a case is beyond what the learner offers, or undefined where it can be replayed. */
export const unsupported = (golden: MaddpgGolden): string | undefined => {
  const { config, networks, permutation } = golden;
  if (!networks['agent0.critic']) return 'one critic for the team';
  if (config.inputNormalization !== 'none') return `input normalisation ${config.inputNormalization}`;
  if (permutation.some((order) => order.some((agent, i) => agent !== i))) return 'agents out of order';
  return undefined;
};

/** Replays one case and returns the largest error (tolerance of FORMAT.md: 1e-4 in single precision). */
export const replayMaddpg = async (golden: MaddpgGolden, runtime: Runtime): Promise<Worst> => {
  const { config, batch: recorded, networks, noise, expected } = golden;
  const groups: Groups = Object.fromEntries(
    recorded.agents.map((agent, i) => {
      const wide = networks[`agent${i}.policy`]!.layers.at(-1)!.bias.length;
      return [
        `agent${i}`,
        {
          agents: [`agent${i}`],
          observation: box([agent.observations[0]!.length]),
          action: config.discreteActions ? discrete(wide) : box([wide], { low: -1, high: 1 }),
        },
      ];
    }),
  );
  let step = 0;
  const learner = maddpg(groups, {
    runtime,
    discount: config.gamma,
    hidden: networks['agent0.policy']!.layers.slice(0, -1).map((layer) => layer.bias.length),
    activation: networks['agent0.policy']!.layers[0]!.activation as 'relu' | 'tanh',
    learningRateActor: config.learningRateActor,
    learningRateCritic: config.learningRateCritic,
    adamEpsilon: config.adamEpsilon,
    maxGradNorm: config.maxGradNorm,
    tau: config.tau,
    critic: Object.fromEntries(config.criticScope.map((scope, i) => [`agent${i}`, scope])),
    targetAction: 'mode',
    relaxation: 'straightThrough',
    othersActions: 'current',
    temperature: config.gumbelTemperature ?? 1,
    outputPenalty: config.policyRegularizer,
    draw: (_stream, shapes: Readonly<Record<string, NoiseShape>>) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, { shape }]) => {
          const agent = Number(/^agent(\d+) ownNoise$/.exec(name)![1]);
          return [name, ndarray(Float32Array.from(flatten(noise.gumbelUniform![step]![agent]!)), [...shape])];
        }),
      ),
  });

  let state = learner.init(rng(0));
  type Leaves = Record<
    'actor' | 'critic',
    Record<string, { theta: ndarray.NdArray<Float32Array>; target: ndarray.NdArray<Float32Array> }>
  >;
  const leaves = (of: MaddpgState) => leavesOf(of.carry) as unknown as Leaves;
  const values = ({ data, offset, size }: ndarray.NdArray<Float32Array>) => data.subarray(offset, offset + size);
  recorded.agents.forEach((_, i) => {
    for (const [role, name] of ROLES) {
      const own = leaves(state)[role][`agent${i}`]!;
      values(own.theta).set(vectorOf(networks[`agent${i}.${name}`]!));
      values(own.target).set(vectorOf(golden.targetNetworks[`agent${i}.${name}`]!));
    }
  });

  const rows = recorded.agents[0]!.rewards.length;
  const f32 = (list: Numbers, ...shape: number[]) => ndarray(Float32Array.from(flatten(list)), [rows, 1, ...shape]);
  const active = ndarray(new Uint8Array(rows).fill(1), [rows, 1]);
  const batch: Batch<Groups> = {
    groups: Object.fromEntries(
      recorded.agents.map((agent, i) => {
        const width = agent.observations[0]!.length;
        return [
          `agent${i}`,
          {
            observation: f32(agent.observations, width),
            active,
            action: config.discreteActions
              ? ndarray(Int32Array.from(flatten(agent.actions)), [rows, 1])
              : f32(agent.actions, flatten(agent.actions).length / rows),
            reward: f32(agent.rewards),
            discount: f32(agent.terminated.map((ended) => 1 - ended)),
            next: { observation: f32(agent.nextObservations, width), active },
            extras: {},
          },
        ];
      }),
    ),
    last: Uint8Array.from(recorded.agents[0]!.terminated, (t, i) => (t || recorded.agents[0]!.truncated[i] ? 1 : 0)),
    env: new Int32Array(rows),
  };

  const worst = worstOf();
  for (; step < expected.steps.length; step++) {
    const want = expected.steps[step]!;
    const [next, metrics] = await learner.update(state, batch, rng(0), { steps: step, total: expected.steps.length });
    state = next;
    recorded.agents.forEach((_, i) => {
      for (const [role, name] of ROLES) {
        const key = `agent${i}.${name}`;
        const label = role === 'actor' ? 'policy' : 'critic';
        const metric = (kind: string) => [metrics[`agent${i}/agent${i}/${label}${kind}`] ?? NaN];
        worst.see(`step ${step + 1} ${key} loss`, relativeError(metric('Loss'), [want.losses[key]!]));
        worst.see(`step ${step + 1} ${key} gradient norm`, relativeError(metric('GradNorm'), [want.gradNorms[key]!]));
        const own = leaves(state)[role][`agent${i}`]!;
        for (const [kind, arrays] of [
          ['theta', want.networks],
          ['target', want.targetNetworks],
        ] as const) {
          const network = arrays?.[key];
          if (!network) continue;
          let at = 0;
          const have = values(own[kind]);
          network.layers.forEach((layer, l) => {
            for (const [part, list] of [
              ['kernel', flatten(layer.kernel)],
              ['bias', [...layer.bias]],
            ] as const) {
              const error = relativeError(have.subarray(at, at + list.length), list);
              worst.see(`step ${step + 1} ${key} ${kind} layer ${l} ${part}`, error, list.length);
              at += list.length;
            }
          });
        }
      }
    });
  }
  return worst.result();
};
