import { box, discrete, type Groups, type Rollout } from '@troupe/core';
import ndarray from 'ndarray';
import { f32, ones } from './rollouts.js';

/** Two agents, two choices each, a common reward: Kuba et al. 2022, example 1. */
export const payoff = [
  [0, 2],
  [2, -1],
] as const;

/** The game's group; with three choices the second one is called 2, and 1 is never legal. */
export const groupsOf = (choices: 2 | 3) =>
  ({ team: { agents: ['a', 'b'], observation: box([1]), action: discrete(choices) } }) as const satisfies Groups;
export type Team = ReturnType<typeof groupsOf>;

/** Every legal joint action once, as uniform policies play them in the mean: what learners estimate is exact. */
export const enumerated = (choices: 2 | 3, state?: ndarray.NdArray<Float32Array>): Rollout<Team> => {
  const joint = [0, 1, 2, 3].map((j) => [Math.floor(j / 2), j % 2] as const);
  const rewards = joint.flatMap(([a, b]) => [payoff[a]![b]!, payoff[a]![b]!]);
  const legal = ndarray(
    Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === 1 ? 0 : 1)),
    [4, 2, 3],
  );
  const seen = {
    observation: f32([1, 1, 1, 1, 1, 1, 1, 1], 4, 2, 1),
    active: ones(4, 2),
    ...(state && { state }),
    ...(choices === 3 && { legal }),
  };
  const team = {
    ...seen,
    action: ndarray(
      Int32Array.from(joint.flat(), (choice) => (choices - 1) * choice),
      [4, 2],
    ),
    reward: f32(rewards, 4, 2),
    discount: f32([0, 0, 0, 0, 0, 0, 0, 0], 4, 2),
    next: seen,
    extras: {},
  };
  const batch = { groups: { team }, last: Uint8Array.of(1, 1, 1, 1), env: Int32Array.of(0, 1, 2, 3) };
  return { steps: 1, numEnvs: 4, batch };
};
