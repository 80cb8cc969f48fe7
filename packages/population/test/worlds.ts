import {
  box,
  defineEnv,
  discrete,
  scripted,
  vectorize,
  type Batch,
  type Episode,
  type Groups,
  type Learner,
  type Policies,
} from '@troupe/core';
import ndarray from 'ndarray';

/** Rock, paper, scissors: 0 is beaten by 1, 1 by 2, 2 by 0. An episode is `rounds` throws. */
export const throws = (numEnvs = 4, rounds = 1) =>
  vectorize(
    () => {
      let round = 0;
      const look = () => ({ left: { l: [0] }, right: { r: [0] } });
      return defineEnv({
        groups: {
          left: { agents: ['l'], observation: box([1]), action: discrete(3) },
          right: { agents: ['r'], observation: box([1]), action: discrete(3) },
        },
        reset: () => {
          round = 0;
          return look();
        },
        step: ({ left, right }) => {
          round += 1;
          const won = [0, 1, -1][(left.l - right.r + 3) % 3]!;
          return {
            observations: look(),
            rewards: { left: { l: won }, right: { r: -won } },
            terminated: round === rounds,
            truncated: false,
          };
        },
        save: () => round,
        load: (saved) => {
          round = saved as number;
        },
      });
    },
    { numEnvs },
  );

export type ThrowGroups = ReturnType<typeof throws>['groups'];
const { groups } = throws();

/** Both sides always throw the same. */
export const always = (action: number): Policies<ThrowGroups> => ({
  left: scripted(groups.left, () => action),
  right: scripted(groups.right, () => action),
});

/** A state that is one number: the action. Plays it on both sides. */
export interface Fixed {
  readonly action: number;
}

/** Does not learn, but changes: every update throws the next thing. */
export const spinner: Learner<ThrowGroups, Fixed, Batch<ThrowGroups>> = {
  init: () => ({ action: 0 }),
  policies: ({ action }) => {
    let current = action;
    const side = (name: 'left' | 'right') => ({
      act: scripted(groups[name], () => current).act,
      update: (state: Fixed) => {
        current = state.action;
      },
    });
    return { left: side('left'), right: side('right') };
  },
  update: ({ action }) => [{ action: (action + 1) % 3 }, {}],
};

/** What a policy of [E, 1] discrete actions sees. */
export const seen = (numEnvs: number) => ({
  observation: ndarray(new Float32Array(numEnvs), [numEnvs, 1, 1]),
  active: ndarray(new Uint8Array(numEnvs).fill(1), [numEnvs, 1]),
});

/** An episode that `left` won (1), drew (0) or lost (−1). */
export const episode = (env: number, left: number): Episode<Groups> => ({ env, length: 1, returns: { left, right: -left } }); // prettier-ignore
