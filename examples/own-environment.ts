/** An environment of your own: two robots must meet in a corridor of nine cells. Run: npx tsx examples/own-environment.ts */
import { pipe } from 'fp-ts/lib/function.js';
import {
  assertEnv,
  box,
  defineEnv,
  discrete,
  evaluate,
  fastestRuntime,
  maddpg,
  offPolicy,
  randomPolicy,
  replay,
  rng,
  timeLimit,
  vectorize,
} from 'troupe';

const STEPS = 30_000;
const CELLS = 9;

const corridor = () => {
  let [left, right] = [0, 0];
  const move = (cell: number, action: number) => Math.min(CELLS - 1, Math.max(0, cell + action - 1));
  const look = () => ({ robots: { left: [left / CELLS, right / CELLS], right: [right / CELLS, left / CELLS] } });
  return defineEnv({
    groups: { robots: { agents: ['left', 'right'], observation: box([2]), action: discrete(3) } },
    reset: (stream) => {
      [left, right] = [stream.int(CELLS), stream.int(CELLS)];
      return look();
    },
    step: ({ robots }) => {
      [left, right] = [move(left, robots.left), move(right, robots.right)];
      const met = left === right;
      const reward = met ? 1 : -0.1;
      return {
        observations: look(),
        rewards: { robots: { left: reward, right: reward } },
        terminated: met,
        truncated: false,
      };
    },
  });
};
const make = () => pipe(corridor(), timeLimit(20));

await assertEnv(make); // says which rule of the contract is broken, if one is
const env = vectorize(make, { numEnvs: 16 });
const learner = maddpg(env.groups, { runtime: await fastestRuntime(), hidden: [32, 32] });
const buffer = replay(env.groups, { capacity: 50_000 });
let state = learner.init(rng(1));
for await (const progress of offPolicy({ env, learner, buffer, rng: rng(1), steps: STEPS, updateEvery: 16 })) {
  state = progress.state;
}

const play = (policies: Parameters<typeof evaluate<typeof env.groups>>[0]['policies']) =>
  evaluate({ env, policies, rng: rng(2), episodes: 200 });
const random = await play({ robots: randomPolicy(env.groups.robots) });
const trained = await play(learner.policies(state, 'exploit'));
console.log(`random: return ${random.returns.robots.mean.toFixed(2)}, ${random.length.mean.toFixed(1)} steps to meet`);
console.log(
  `MADDPG: return ${trained.returns.robots.mean.toFixed(2)}, ${trained.length.mean.toFixed(1)} steps to meet`,
);
