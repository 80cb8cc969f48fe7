/**
 * Programs that must type-check on the real packages: one for each kind of algorithm that the contracts must carry.
 * What does not exist yet is declared with the types that it will have. `negative.ts` holds programs that must be refused.
 */
import type * as tf from '@tensorflow/tfjs-core';
import {
  box,
  count,
  decode,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  fraction,
  independent,
  offPolicy,
  oneOf,
  only,
  onPolicy,
  orThrow,
  positive,
  rng,
  shareReward,
  timeLimit,
  vectorize,
  type Batch,
  type Box,
  type Buffer,
  type ConfigOf,
  type Discrete,
  type Env,
  type F32,
  type Group,
  type Groups,
  type GroupsActing,
  type Learner,
  type Network,
  type Policies,
  type Policy,
  type Rng,
  type Rollout,
  type SingleAgent,
  type Training,
  type VecEnv,
  type Weights,
} from '@troupe/core';
import { replay } from '@troupe/buffers';
import { maddpg } from '@troupe/ddpg';
import { fromLayers } from '@troupe/networks';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import ndarray from 'ndarray';

// ── 1. single-agent DQN ────────────────────────────────────────────────────
const settings = {
  discount: fraction(0.99, 'how much the next step is worth'),
  learningRate: positive(1e-3, 'Adam step size'),
  targetEvery: count(500, 'updates between target copies'),
  loss: oneOf(['huber', 'l2'], 'huber', 'shape of the error'),
};
export type DqnConfig = ConfigOf<typeof settings>;
export const decodeDqn = decode(settings);
interface DqnState {
  readonly online: Weights;
  readonly target: Weights;
  readonly updates: number;
}
export declare const dqn: <G extends GroupsActing<Discrete>>(
  groups: G,
  config?: Partial<DqnConfig>,
) => Learner<G, DqnState, Batch<G>>;

const chain = () => {
  let at = 0;
  return defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(2),
    reset: () => [(at = 0)],
    step(action) {
      at += action === 1 ? 1 : -1;
      return { observation: [at], reward: at === 5 ? 1 : 0, terminated: at === 5, truncated: false };
    },
  });
};
export async function caseDqn() {
  const env = vectorize(() => pipe(chain(), timeLimit(50)), { numEnvs: 8 });
  const learner = dqn(env.groups, { discount: 0.98 });
  const buffer = replay(env.groups, { capacity: 10_000 });
  for await (const { steps, metrics } of offPolicy({ env, learner, buffer, rng: rng(1), steps: 1e5 })) {
    if ((metrics['tdError'] ?? 1) < 1e-3) break;
    const n: number = steps;
    void n;
  }
}
// config at the boundary: JSON in, Either out
export const fromFile = (json: unknown) =>
  pipe(
    decodeDqn(json),
    E.map((c) => c.loss satisfies 'huber' | 'l2'),
  );
export const fromCode: DqnConfig = orThrow('dqn')(decodeDqn({ discount: 0.9 }));

// ── 2. MADDPG with groups ──────────────────────────────────────────────────
const tag = () =>
  defineEnv({
    groups: {
      chasers: { agents: ['c0', 'c1', 'c2'], observation: box([12]), action: box([2], { low: -1, high: 1 }) },
      runners: { agents: ['r0'], observation: box([10]), action: box([2], { low: -1, high: 1 }) },
    },
    reset: () => ({
      chasers: { c0: new Float32Array(12), c1: new Float32Array(12), c2: new Float32Array(12) },
      runners: { r0: new Float32Array(10) },
    }),
    step({ chasers, runners }) {
      const [dx = 0] = chasers.c0;
      const [rx = 0] = runners.r0;
      const hit = Math.abs(dx - rx) < 0.1 ? 1 : 0;
      return {
        observations: {
          chasers: { c0: new Float32Array(12), c1: new Float32Array(12), c2: new Float32Array(12) },
          runners: { r0: new Float32Array(10) },
        },
        rewards: { chasers: { c0: hit, c1: hit, c2: hit }, runners: { r0: -hit } },
        terminated: false,
        truncated: false,
      };
    },
  });
export async function caseMaddpg() {
  const env = vectorize(() => pipe(tag(), timeLimit(25), shareReward('chasers')), { numEnvs: 16 });
  const learner = maddpg(env.groups, {
    critic: { runners: 'own' },
    networks: {
      critic: ({ inputs }) =>
        fromLayers(
          sequential({
            layers: [layers.dense({ units: 32, activation: 'relu', inputShape: [inputs] }), layers.dense({ units: 1 })],
          }),
        ),
    },
  });
  const training = offPolicy({
    env,
    learner,
    buffer: replay(env.groups, { capacity: 1e6 }),
    rng: rng(0),
    steps: 1e6,
  });
  for await (const p of training) for (const e of p.episodes) console.log(e.returns.chasers - e.returns.runners);
  // @ts-expect-error no such group
  pipe(tag(), shareReward('prey'));
  // @ts-expect-error dqn needs discrete actions
  dqn(env.groups);
  // @ts-expect-error no such group
  maddpg(env.groups, { critic: { prey: 'own' } });
}

// ── 3. HATRPO: sequential trust-region updates inside one update ───────────
interface HatrpoState {
  readonly actors: Readonly<Record<string, Weights>>;
  readonly critic: Weights;
}
declare const trustRegionStep: (
  weights: Weights,
  rollout: Rollout<Groups>,
  slot: number,
  factor: F32,
) => Promise<{ weights: Weights; factor: F32; kl: number }>;
declare const advantages: (s: HatrpoState, r: Rollout<Groups>) => F32;
declare const shuffled: <T>(xs: readonly T[], rng: Rng) => readonly T[];
export const hatrpo: Learner<Groups, HatrpoState, Rollout<Groups>>['update'] = async (state, rollout, r) => {
  let factor = advantages(state, rollout); // M¹ = Â
  let kl = 0;
  const actors: Record<string, Weights> = { ...state.actors };
  for (const [slot, id] of shuffled([...Object.keys(actors).entries()], r)) {
    const step = await trustRegionStep(actors[id]!, rollout, slot, factor);
    actors[id] = step.weights;
    factor = step.factor; // Mᵐ⁺¹ = Mᵐ · π_new / π_old
    kl = Math.max(kl, step.kl);
  }
  return [{ ...state, actors }, { kl }] as const;
};

// ── 4. PEARL: meta-training over tasks ─────────────────────────────────────
/** A family of worlds that differ by a task. */
export interface Tasks<T, G extends Groups> {
  sample(rng: Rng): T;
  make(task: T): Env<G>;
}
interface PearlState {
  readonly encoder: Weights;
  readonly actor: Weights;
  readonly critic: Weights;
}
interface MetaBatch<G extends Groups> {
  readonly context: readonly Batch<G>[];
  readonly transitions: readonly Batch<G>[];
}
declare const pearl: <O extends Box, A extends Box>(
  groups: SingleAgent<O, A>,
) => Learner<SingleAgent<O, A>, PearlState, MetaBatch<SingleAgent<O, A>>> & {
  /** Acts on a posterior sample of the task; `begin` resamples it. */
  adapted(
    state: PearlState,
    context: Batch<SingleAgent<O, A>>,
  ): { readonly agent: Policy<SingleAgent<O, A>['agent'], PearlState> };
};
export async function metaTrain<T, G extends Groups, S>(run: {
  readonly tasks: Tasks<T, G>;
  readonly learner: Learner<G, S, MetaBatch<G>>;
  readonly rng: Rng;
  readonly rounds: number;
  readonly collect: (env: Env<G>, policies: Policies<G>, into: Buffer<Batch<G>>) => Promise<void>;
}): Promise<S> {
  const worlds = Array.from({ length: 16 }, () => run.tasks.make(run.tasks.sample(run.rng)));
  const buffers = worlds.map((w) => replay(w.groups, { capacity: 1e5 }));
  let state = run.learner.init(run.rng);
  const policies = run.learner.policies(state, 'explore');
  for (let round = 0; round < run.rounds; round++) {
    for (const [i, world] of worlds.entries()) await run.collect(world, policies, buffers[i]!);
    [state] = await run.learner.update(
      state,
      {
        context: buffers.map((b) => b.sample(100, run.rng)),
        transitions: buffers.map((b) => b.sample(256, run.rng)),
      },
      run.rng,
      { steps: round, total: run.rounds },
    );
    for (const name in policies) policies[name].update?.(state);
  }
  return state;
}
declare const goals: Tasks<{ readonly angle: number }, SingleAgent<Box, Box>>;
declare const collect: <G extends Groups>(env: Env<G>, policies: Policies<G>, into: Buffer<Batch<G>>) => Promise<void>;
export const casePearl = () =>
  metaTrain({ tasks: goals, learner: pearl(goals.make({ angle: 0 }).groups), rng: rng(0), rounds: 10, collect });

// ── 5. RARL: two players take turns ────────────────────────────────────────
interface TrpoState {
  readonly actor: Weights;
  readonly critic: Weights;
}
declare const trpo: <G extends Groups>(groups: G) => Learner<G, TrpoState, Rollout<G>>;
export async function* rarl<
  G extends Groups & Readonly<Record<'protagonist' | 'adversary', Group>>,
  S extends { [K in keyof G]: unknown },
>(run: {
  readonly env: VecEnv<G>;
  readonly learner: Learner<G, S, Rollout<G>>;
  readonly rng: Rng;
  readonly rounds: number;
  readonly phase: number;
}): Training<G, S> {
  let state = run.learner.init(run.rng);
  for (let round = 0; round < run.rounds; round++) {
    for (const player of ['protagonist', 'adversary'] as const) {
      state = yield* onPolicy({
        env: run.env,
        learner: only(run.learner, player),
        rng: run.rng,
        steps: run.phase,
        horizon: 2048,
        state,
      });
    }
  }
  return state;
}
const duel = () =>
  defineEnv({
    groups: {
      protagonist: { agents: ['p'], observation: box([4]), action: box([1], { low: -1, high: 1 }) },
      adversary: { agents: ['a'], observation: box([4]), action: box([2], { low: -1, high: 1 }) },
    },
    reset: () => ({ protagonist: { p: [0, 0, 0, 0] }, adversary: { a: [0, 0, 0, 0] } }),
    step: ({ protagonist, adversary }) => ({
      observations: { protagonist: { p: [0, 0, 0, 0] }, adversary: { a: [0, 0, 0, 0] } },
      rewards: { protagonist: { p: protagonist.p[0]! }, adversary: { a: -adversary.a[1]! } },
      terminated: false,
      truncated: false,
    }),
  });
export const caseRarl = () => {
  const env = vectorize(duel, { numEnvs: 4 });
  const { protagonist, adversary } = env.groups;
  const learner = independent({
    protagonist: trpo({ protagonist }),
    adversary: trpo({ adversary }),
  });
  return rarl({ env, learner, rng: rng(0), rounds: 2, phase: 100 });
};

// ── 6. relational learner, any number of agents ────────────────────────────
interface Entities {
  readonly features: tf.Tensor3D; // [B, N, F]
  readonly active: tf.Tensor2D; //   [B, N]
}
export declare const attention: (o: { readonly heads: number }) => Network<Entities, tf.Tensor3D>;
declare const relational: <G extends Readonly<Record<string, Group<{ readonly max: number }>>>>(
  groups: G,
  networks: { readonly actor: Network<Entities, tf.Tensor3D> },
) => Learner<G, { readonly theta: F32 }, Batch<G>>;
const herd = () =>
  defineEnv({
    groups: { sheep: { agents: { max: 32 }, observation: box([6]), action: discrete(4) } },
    reset: () => ({ sheep: { s1: [0, 0, 0, 0, 0, 0] } }),
    step: ({ sheep }) => ({
      observations: { sheep: Object.fromEntries(Object.keys(sheep).map((id) => [id, [0, 0, 0, 0, 0, 0]])) },
      rewards: { sheep: {} },
      terminated: Object.keys(sheep).length === 0,
      truncated: false,
    }),
  });
export const caseRelational = () => {
  const env = vectorize(herd, { numEnvs: 4 });
  return offPolicy({
    env,
    learner: relational(env.groups, { actor: attention({ heads: 4 }) }),
    buffer: replay(env.groups, { capacity: 1000 }),
    rng: rng(0),
    steps: 100,
  });
};

// ── 7. a scripted opponent needs no tensors ────────────────────────────────
export const still: Policy<Group<readonly string[], Box, Discrete>> = {
  act: ({ active }) => ({ action: ndarray(new Int32Array(active.size), [...active.shape]) }),
};
