/** Wrong programs that the compiler must refuse, and inferred types that must be exact. */
import { replay } from '@troupe/buffers';
import {
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  independent,
  multiDiscrete,
  offPolicy,
  onPolicy,
  rng,
  vectorize,
  type Actions,
  type Observations,
} from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import ndarray from 'ndarray';
import { coma, happo } from '@troupe/trust-region';
import { dqn } from './cases.js';

type IsAny<T> = 0 extends 1 & T ? true : false;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <_T extends true>(): void => undefined;

const duel = () =>
  defineEnv({
    groups: {
      left: { agents: ['a', 'b'], observation: box([3]), action: discrete(2) },
      right: { agents: { max: 4 }, observation: discrete(7), action: multiDiscrete(2, 3) },
    },
    reset: () => ({ left: { a: [0, 0, 0], b: [0, 0, 0] }, right: {} }),
    step: ({ left, right }) => {
      yes<Same<typeof left, { readonly a: number; readonly b: number }>>();
      yes<Same<(typeof right)[string], Int32Array | undefined>>();
      const [first, second]: [number, Int32Array | undefined] = [left.a, right['z']];
      void [first, second];
      return {
        observations: { left: { a: [1, 2, 3], b: [1, 2, 3] }, right: { z: 3 } },
        rewards: { left: { a: 0, b: 0 }, right: {} },
        terminated: false,
        truncated: false,
      };
    },
  });
type G = ReturnType<typeof duel>['groups'];
yes<Same<keyof G, 'left' | 'right'>>();
yes<Same<IsAny<Actions<G>['left']['a']>, false>>();
yes<Same<IsAny<Observations<G>['right'][string]>, false>>();

export const refused = async (): Promise<void> => {
  const env = vectorize(duel, { numEnvs: 2 });
  const other = vectorize(
    () =>
      defineSingleAgentEnv({
        observation: box([1]),
        action: discrete(2),
        reset: () => [0],
        step: () => ({ observation: [0], reward: 0, terminated: true, truncated: false }),
      }),
    { numEnvs: 2 },
  );
  const common = { rng: rng(0), steps: 10 };
  offPolicy({ env: other, learner: dqn(other.groups), buffer: replay(other.groups, { capacity: 1 }), ...common });
  // @ts-expect-error learner made for other groups
  offPolicy({ env, learner: dqn(other.groups), buffer: replay(env.groups, { capacity: 1 }), ...common });
  // @ts-expect-error buffer made for other groups
  offPolicy({ env, learner: maddpg(env.groups), buffer: replay(other.groups, { capacity: 1 }), ...common });
  // @ts-expect-error an off-policy learner in an on-policy loop
  onPolicy({ env, learner: maddpg(env.groups), horizon: 5, ...common });
  // @ts-expect-error horizon is missing
  onPolicy({ env, learner: maddpg(env.groups), ...common });
  // @ts-expect-error a wrong group name among the actions
  void env.step({ left: ndarray(new Int32Array(4), [2, 2]), wrong: ndarray(new Int32Array(16), [2, 4, 2]) });
  void env.step({
    // @ts-expect-error actions of a discrete space are Int32Array
    left: ndarray(new Float32Array(4), [2, 2]),
    right: ndarray(new Int32Array(16), [2, 4, 2]),
  });
  // @ts-expect-error no such setting
  maddpg(env.groups, { learningrate: 1 });
  defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(2),
    reset: () => [0],
    // @ts-expect-error observation is not an array
    step: () => ({ observation: 'up', reward: 0, terminated: true, truncated: false }),
  });
  defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(2),
    reset: () => [0],
    // @ts-expect-error truncated is missing
    step: () => ({ observation: [0], reward: 0, terminated: true }),
  });
  defineEnv({
    groups: { pair: { agents: ['a', 'b'], observation: box([1]), action: discrete(2) } },
    // @ts-expect-error agent b is missing
    reset: () => ({ pair: { a: [0] } }),
    step: () => ({
      observations: { pair: { a: [0], b: [0] } },
      rewards: { pair: { a: 0, b: 0 } },
      terminated: true,
      truncated: false,
    }),
  });
  const mixed = {
    groups: {
      walkers: { agents: ['w'], observation: box([1]), action: discrete(2) },
      gliders: { agents: ['g'], observation: box([1]), action: box([2]) },
    },
    reset: () => ({ walkers: { w: [0] }, gliders: { g: [0] } }),
    step: () => ({
      observations: { walkers: { w: [0] }, gliders: { g: [0] } },
      rewards: { walkers: { w: 0 }, gliders: { g: 0 } },
      terminated: true,
      truncated: false,
    }),
  } as const;
  defineEnv({ ...mixed, legal: () => ({ walkers: { w: [1, 0] } }) });
  // @ts-expect-error walkers make choices
  defineEnv({ ...mixed, legal: () => ({}) });
  // @ts-expect-error a mask is numbers
  defineEnv({ ...mixed, legal: () => ({ walkers: { w: 1 } }) });
  const buffer = replay(env.groups, { capacity: 1 });
  for await (const p of offPolicy({ env, learner: maddpg(env.groups), buffer, ...common })) {
    yes<Same<keyof (typeof p.episodes)[number]['returns'], 'left' | 'right'>>();
    // @ts-expect-error no such group
    void p.episodes[0]?.returns.middle;
  }
  const { walkers, gliders } = mixed.groups;
  const plain = vectorize(() => defineEnv({ ...mixed }), { numEnvs: 2 });
  const each = independent({ walkers: coma({ walkers }), gliders: happo({ gliders }) });
  for await (const { state } of onPolicy({ env: plain, learner: each, horizon: 5, ...common })) {
    yes<Same<IsAny<typeof state>, false>>();
    void [state.walkers.updates, state.gliders.actors];
    // @ts-expect-error no such group
    void state.middle;
  }
  // @ts-expect-error a learner for another group
  independent({ walkers: happo({ gliders }) });
  // @ts-expect-error no learner for the gliders
  onPolicy({ env: plain, learner: independent({ walkers: coma({ walkers }) }), horizon: 5, ...common });
  const both = independent({ walkers: maddpg({ walkers }), gliders: happo({ gliders }) });
  // @ts-expect-error some learn from rows, others from rollouts
  onPolicy({ env: plain, learner: both, horizon: 5, ...common });
  // @ts-expect-error some learn from rows, others from rollouts
  offPolicy({ env: plain, learner: both, buffer: replay(plain.groups, { capacity: 1 }), ...common });
};
