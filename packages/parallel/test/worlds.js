// Worlds that worker threads import: in JavaScript, because Node 20 runs no other. Types are in worlds.d.ts.
import { box, defineEnv, discrete, vectorize } from '@troupe/core';
import { foodCollect, simpleSpread, simpleTag } from '@troupe/particle-world';

/** Agents that come and go, masks and a state: everything that an environment may hand out. */
const gathering = (length) => {
  let stream;
  let t = 0;
  let alive = [];
  const look = () => ({
    crowd: Object.fromEntries(alive.map((id) => [id, [t, stream.uniform()]])),
    host: { host: [alive.length] },
  });
  return defineEnv({
    groups: {
      crowd: { agents: { max: 3 }, observation: box([2]), action: discrete(3) },
      host: { agents: ['host'], observation: box([1]), action: box([2], { low: -1, high: 1 }) },
    },
    stateSpace: box([1]),
    reset(rng) {
      stream = rng;
      t = 0;
      alive = ['a', 'b', 'c'].slice(0, 1 + rng.int(3));
      return look();
    },
    step(actions) {
      t += 1;
      const rewards = {
        crowd: Object.fromEntries(alive.map((id) => [id, actions.crowd[id] + t])),
        host: { host: actions.host.host[0] * actions.host.host[1] },
      };
      if (stream.uniform() < 0.2) alive = alive.slice(1);
      return { observations: look(), rewards, terminated: alive.length === 0, truncated: t === length };
    },
    legal: () => ({ crowd: Object.fromEntries(alive.map((id) => [id, [1, t % 2, 1]])), host: { host: [] } }),
    state: () => [t * 10 + alive.length],
    save: () => ({ t, alive: [...alive] }),
    load(saved) {
      t = saved.t;
      alive = [...saved.alive];
    },
  });
};

export const makeGathering = ({ numEnvs, length = 6 }) => vectorize(() => gathering(length), { numEnvs });

export const makeTag = ({ numEnvs }) => simpleTag({ numEnvs, maxCycles: 7 });

export const makeSpread = ({ numEnvs, maxCycles }) => simpleSpread({ numEnvs, maxCycles });

export const makeHerd = ({ numEnvs }) => foodCollect({ numEnvs, maxCycles: 5, tasks: [{ agents: 2 }, { agents: 4 }] });

/** Makes trouble in shares of one environment, as `at` says. */
export const makeFragile = ({ numEnvs, at }) => {
  if (at === 'make' && numEnvs === 1) throw new RangeError('no room for one');
  let steps = 0;
  const env = makeTag({ numEnvs });
  return {
    ...env,
    step(actions) {
      steps += 1;
      if (numEnvs === 1 && steps === 2 && at === 'step') throw new TypeError('tired of stepping');
      if (numEnvs === 1 && at === 'hang') for (;;) steps += 1;
      return env.step(actions);
    },
  };
};

/** Other groups in shares of other sizes. */
export const makeUneven = ({ numEnvs }) => simpleTag({ numEnvs, good: numEnvs });

/** Answers later. */
export const makeLater = ({ numEnvs }) => {
  const env = makeTag({ numEnvs });
  return { ...env, step: (actions) => Promise.resolve(env.step(actions)) };
};

export const notAFunction = 3;
