/**
 * Self-play: two wrestlers on a disc; who leaves it first has lost. The left one learns against a pool of its own past,
 * then all of them play each other. Run: npx tsx examples/self-play.ts
 */
import {
  bradleyTerry,
  crossPlay,
  pairsOf,
  pool,
  prioritisedOpponent,
  scoreBetween,
  selfPlay,
} from '@troupe/population';
import { heatMap } from '@troupe/report';
import { mkdirSync, writeFileSync } from 'node:fs';
import { pipe } from 'fp-ts/lib/function.js';
import {
  box,
  defineEnv,
  discrete,
  fastestRuntime,
  maddpg,
  offPolicy,
  replay,
  rng,
  timeLimit,
  vectorize,
  type MaddpgState,
} from 'troupe';

const STEPS = 80_000;
const MEMBERS = 5;

type Body = [x: number, y: number, vx: number, vy: number];
const outside = ([x, y]: Body) => Math.hypot(x, y) > 1;
const wrestling = () => {
  let [left, right]: [Body, Body] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  const push = (body: Body, action: number) => {
    const [fx, fy] = [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]][action]!; // prettier-ignore
    body[2] = 0.8 * body[2] + 0.05 * fx!;
    body[3] = 0.8 * body[3] + 0.05 * fy!;
    body[0] += body[2];
    body[1] += body[3];
  };
  const collide = () => {
    const [dx, dy] = [right[0] - left[0], right[1] - left[1]];
    const distance = Math.hypot(dx, dy);
    if (distance >= 0.3 || distance === 0) return;
    const [nx, ny] = [dx / distance, dy / distance];
    const closing = Math.max(0, (left[2] - right[2]) * nx + (left[3] - right[3]) * ny);
    const apart = (0.3 - distance) / 2;
    for (const [body, sign] of [
      [left, -1],
      [right, 1],
    ] as const) {
      // prettier-ignore
      body[0] += sign * apart * nx;
      body[1] += sign * apart * ny;
      body[2] += sign * closing * nx;
      body[3] += sign * closing * ny;
    }
  };
  // Each sees itself, then the other, so that either can play on both sides.
  const look = () => ({ left: { wrestler: [...left, ...right] }, right: { wrestler: [...right, ...left] } });
  return defineEnv({
    groups: {
      left: { agents: ['wrestler'], observation: box([8]), action: discrete(5) },
      right: { agents: ['wrestler'], observation: box([8]), action: discrete(5) },
    },
    reset: (stream) => {
      const angle = 2 * Math.PI * stream.uniform();
      left = [0.5 * Math.cos(angle), 0.5 * Math.sin(angle), 0, 0];
      right = [-left[0], -left[1], 0, 0];
      return look();
    },
    step: (actions) => {
      push(left, actions.left.wrestler);
      push(right, actions.right.wrestler);
      collide();
      const won = Number(outside(right)) - Number(outside(left));
      return {
        observations: look(),
        rewards: { left: { wrestler: won }, right: { wrestler: -won } },
        terminated: outside(left) || outside(right),
        truncated: false,
      };
    },
  });
};
const world = () => vectorize(() => pipe(wrestling(), timeLimit(60)), { numEnvs: 32 });

const env = world();
// To the left one its opponent is a part of the world. (What `right` learns meanwhile is not used.)
const settings = { critic: 'own', discount: 0.98, learningRateActor: 0.003, learningRateCritic: 0.003 } as const;
const learner = maddpg(env.groups, { runtime: await fastestRuntime(), ...settings });
const score = scoreBetween('left', 'right');
const play = selfPlay({
  group: env.groups.right,
  policyOf: (state: MaddpgState) => learner.policies(state, 'exploit').left,
  score,
  rng: rng(0).split('opponents'),
  pool: pool<ReturnType<typeof learner.init>>({ capacity: MEMBERS }),
  matchmaking: prioritisedOpponent(), // those it cannot beat yet
});
play.add(learner.init(rng(0).split('init')), { id: 'untrained' });

const training = offPolicy({
  env,
  learner,
  buffer: replay(env.groups, { capacity: 100_000 }),
  rng: rng(0),
  steps: STEPS,
  updateEvery: 32,
  policies: { right: play.policy },
});
let due = STEPS / (MEMBERS - 1);
for await (const { episodes, state, steps } of training) {
  play.observe(episodes);
  if (steps >= due) {
    due += STEPS / (MEMBERS - 1);
    play.add(state, { id: `${steps} steps`, steps });
    console.log(`${steps} steps: Elo ${play.ratings.of('learner').toFixed(0)}`);
  }
}

const entrants = play.pool.members.map(({ id, state }) => {
  const { left } = learner.policies(state, 'exploit');
  return { name: id, policies: { left, right: learner.policies(state, 'exploit').left } };
});
const games = await crossPlay({ env: world(), entrants, row: 'left', episodes: 100, rng: rng(1), score });
for (const { id, rating } of bradleyTerry(pairsOf(games), { priorDraws: 1 })) {
  console.log(`${id.padEnd(12)} ${rating.toFixed(0)} by all games of the cross-play`);
}
mkdirSync('output', { recursive: true });
const picture = heatMap({
  title: 'Wrestlers against their past: share of points of the row',
  subtitle: '100 episodes a cell, 95 % intervals over episodes',
  rows: games.rows,
  columns: games.columns,
  rowLabel: 'left',
  columnLabel: 'right',
  cells: games.scores!,
  centre: 0.5,
  seeds: [0],
});
writeFileSync('output/cross-play.svg', picture);
console.log('output/cross-play.svg');
