import { box, defineEnv, discrete, timeLimit } from '@troupe/core';

const clip = (x: number) => Math.min(1, Math.max(-1, x));

/** Two hunters on a line close in on a runner that is half as fast as they are. */
const pursuit = () => {
  let [ann, bob, carl] = [0, 0, 0];
  const look = () => ({
    hunters: { ann: [ann, carl - ann, bob - ann], bob: [bob, carl - bob, ann - bob] },
    runners: { carl: [carl, ann - carl, bob - carl] },
  });
  return defineEnv({
    groups: {
      hunters: { agents: ['ann', 'bob'], observation: box([3]), action: box([1], { low: -1, high: 1 }) },
      runners: { agents: ['carl'], observation: box([3]), action: discrete(3) },
    },
    reset(rng) {
      [ann, bob, carl] = [rng.uniform() * 2 - 1, rng.uniform() * 2 - 1, rng.uniform() * 2 - 1];
      return look();
    },
    step({ hunters, runners }) {
      [ann, bob] = [clip(ann + 0.2 * (hunters.ann[0] ?? 0)), clip(bob + 0.2 * (hunters.bob[0] ?? 0))];
      carl = clip(carl + 0.1 * (runners.carl - 1));
      const [near, far] = [Math.abs(ann - carl), Math.abs(bob - carl)];
      return {
        observations: look(),
        rewards: { hunters: { ann: -near, bob: -far }, runners: { carl: near + far } },
        terminated: false,
        truncated: false,
      };
    },
  });
};
export const make = () => timeLimit(20)(pursuit());
export type Pursuit = ReturnType<typeof make>['groups'];
