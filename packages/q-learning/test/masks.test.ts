import * as tf from '@tensorflow/tfjs-core';
import { replay } from '@troupe/buffers';
import {
  box,
  defineEnv,
  discrete,
  offPolicy,
  rng,
  vectorize,
  type Batch,
  type Buffer,
  type Network,
} from '@troupe/core';
import { initialWeight } from '@troupe/networks';
import { onnx } from '@troupe/runtime-node';
import { expect, it } from 'vitest';
import { dqn, type DqnState } from '../src/index.js';

const runtime = onnx();
const DISCOUNT = 0.5;
const PLAYERS = ['left', 'right'] as const;

/** What each player pays, by state, own choice and the other's. */
const COSTS = {
  left: [
    [[1, 2, 3], [2, 1, 2], [3, 2, 1]],
    [[4, 2, 3], [3, 4, 2], [0, 0, 0]],
  ],
  right: [
    [[2, 1, 3], [1, 2, 1], [3, 3, 2]],
    [[0, 0, 0], [5, 2, 2], [1, 4, 1]],
  ],
} as const; // prettier-ignore
/** The third choice of the left player and the first of the right one, which cost nothing, are not permitted in state 1. */
const LEGAL = { left: [[1, 1, 1], [1, 1, 0]], right: [[1, 1, 1], [0, 1, 1]] } as const; // prettier-ignore
const OTHER = { left: 'right', right: 'left' } as const;

/** Two matrix games in turn, played for ever. */
const game = () => {
  let [state, time] = [0, 0];
  const seen = () => (state === 0 ? [1, 0] : [0, 1]);
  const each = <T>(of: (player: 'left' | 'right') => T) => ({ players: { left: of('left'), right: of('right') } });
  return defineEnv({
    groups: { players: { agents: PLAYERS, observation: box([2]), action: discrete(3) } },
    reset() {
      [state, time] = [0, 0];
      return each(seen);
    },
    step({ players }) {
      const rewards = each((player) => -COSTS[player][state]![players[player]]![players[OTHER[player]]]!);
      state = 1 - state;
      time += 1;
      return { observations: each(seen), rewards, terminated: false, truncated: time === 10 };
    },
    legal: () => each((player) => LEGAL[player][state]!),
  });
};

/** Q of a player whose opponent makes permitted choices at random, and who will do its best from the next state on. [S, A] */
const exact = (player: 'left' | 'right'): number[][] => {
  let q = [[0, 0, 0], [0, 0, 0]]; // prettier-ignore
  const own = LEGAL[player];
  const others = LEGAL[OTHER[player]];
  for (let k = 0; k < 60; k++) {
    q = [0, 1].map((s) => {
      const best = Math.max(...q[1 - s]!.filter((_, a) => own[1 - s]![a] === 1));
      const among = [0, 1, 2].filter((b) => others[s]![b] === 1);
      return [0, 1, 2].map((a) => among.reduce((sum, b) => sum - COSTS[player][s]![a]![b]!, 0) / among.length + DISCOUNT * best); // prettier-ignore
    });
  }
  return q;
};

const table = ({ inputs, outputs }: { inputs: number; outputs: number }): Network<tf.Tensor, tf.Tensor> => ({
  init: (stream) => ({ q: initialWeight([inputs, outputs], 'zeros', stream) }),
  apply: ({ q }, x) => tf.matMul(x, q as tf.Tensor2D),
});

const env = vectorize(game, { numEnvs: 16 });
type G = typeof env.groups;

/** Largest error of the values of permitted choices after random play. */
const errorAfter = async (see: (batch: Batch<G>) => Batch<G>): Promise<number> => {
  const learner = dqn(env.groups, {
    runtime,
    network: table,
    sharing: 'separate',
    discount: DISCOUNT,
    epsilonEnd: 1,
    loss: 'squared',
    learningRate: 0.05,
    learningRateEnd: 0,
    targetEvery: 25,
  });
  const rows = replay(env.groups, { capacity: 20_000 });
  const buffer: Buffer<Batch<G>> = {
    ...rows,
    get size() {
      return rows.size;
    },
    sample: (...given) => see(rows.sample(...given)),
  };
  let state: DqnState | undefined;
  const run = { env, learner, buffer, rng: rng(0), batchSize: 256, steps: 16_000, updateEvery: 16 };
  for await (const progress of offPolicy(run)) state = progress.state;
  const { theta } = learner.acting!(state!).players;
  const errors = PLAYERS.flatMap((player, p) =>
    exact(player).flatMap((row, s) =>
      row.flatMap((q, a) => (LEGAL[player][s]![a] === 1 ? [Math.abs(theta.get(p * 6 + s * 3 + a) - q)] : [])),
    ),
  );
  return Math.max(...errors);
};

it('finds the values of matrix games of which some choices are not permitted', async () => {
  expect(await errorAfter((batch) => batch)).toBeLessThan(0.05);
});

it('does not if targets do not keep to the masks', async () => {
  const unmasked = (batch: Batch<G>): Batch<G> => {
    const { legal: _legal, ...next } = batch.groups.players.next;
    return { ...batch, groups: { players: { ...batch.groups.players, next } } };
  };
  expect(await errorAfter(unmasked)).toBeGreaterThan(0.5);
});
