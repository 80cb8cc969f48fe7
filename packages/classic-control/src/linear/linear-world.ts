import { box, field, nonNegative, positive, type Group, type Groups, type Box, type Scene } from '@troupe/core';
import { common } from '../settings.js';
import type { Lanes, World } from '../world.js';
import type { Matrix } from './matrix.js';

/** Settings of `linearQuadratic` and `linearQuadraticGame`: defaults, ranges and meanings. */
export const linearSettings = {
  ...common(100),
  start: nonNegative(1, 'each number of the first state is uniform in [-start, start]'),
  noise: field<number | readonly number[]>(
    0,
    'a finite number >= 0, or one per number of the state',
    'standard deviation of what is added to the state in each step',
    (u): u is number | readonly number[] => [u].flat().every((x) => Number.isFinite(x) && (x as number) >= 0),
  ),
  limit: positive(1000, 'the episode is truncated where a number of the state gets beyond this'),
};

/** One of the players: what its actions do, and how the running cost counts for it. */
export interface Side {
  /** [n, m]: effect of its action on the state. */
  readonly effect: Matrix;
  /** [m, m]: what its action adds to the cost; negative if it pays the other side. */
  readonly price: Matrix;
  /** Reward = sign · cost. */
  readonly sign: 1 | -1;
}

const draw = (state: Float64Array): Scene => {
  const n = state.length;
  return {
    view: { left: -2.2, bottom: -0.6, width: 4.4, height: n + 0.2 },
    shapes: [
      { kind: 'line', points: [[0, -0.6], [0, n - 0.4]], stroke: 'rgb(160, 160, 160)', width: 0.02 }, // prettier-ignore
      ...Array.from(state, (value, i) => {
        // Rows from the top; beyond 2 the bar stops at the edge.
        const [y, x] = [n - 1 - i, Math.max(-2, Math.min(2, value))];
        return {
          kind: 'polygon',
          points: [[0, y - 0.3], [x, y - 0.3], [x, y + 0.3], [0, y + 0.3]], // prettier-ignore
          fill: 'rgb(60, 60, 200)',
        } as const;
      }),
    ],
  };
};

/** x' = A x + Σ effect · action + noise, one agent per group; everybody sees the state. */
export const linearWorld = <G extends Groups>(
  name: string,
  groups: G,
  { A, Q }: { readonly A: Matrix; readonly Q: Matrix },
  sides: readonly Side[],
  settings: { readonly start: number; readonly noise: number | readonly number[]; readonly limit: number },
): World<G> => {
  const n = A.length;
  const { start, limit } = settings;
  const noise = Float64Array.from({ length: n }, (_, i) => [settings.noise].flat()[typeof settings.noise === 'number' ? 0 : i]!); // prettier-ignore
  if (typeof settings.noise !== 'number' && settings.noise.length !== n) {
    throw new RangeError(`${name}: noise: expected a number or ${n} numbers, got ${settings.noise.length}`);
  }
  const noisy = noise.some((deviation) => deviation > 0);
  const move = Float64Array.from(A.flat());
  const cost = Float64Array.from(Q.flat());
  const players = sides.map(({ effect, price, sign }) => ({
    m: price.length,
    effect: Float64Array.from(effect.flat()),
    price: Float64Array.from(price.flat()),
    sign,
  }));
  const after = new Float64Array(n);
  const drawn = new Float64Array(n);
  const spent = new Float64Array(1);

  /** Adds xᵀ M x to `spent`, x being `size` numbers of `data` from `at` on. */
  const spend = (matrix: Float64Array, data: Float64Array, at: number, size: number): void => {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) spent[0]! += data[at + i]! * matrix[i * size + j]! * data[at + j]!;
    }
  };

  const advance = ({ numEnvs, state, actions, rewards, truncated, streams }: Lanes): void => {
    for (let e = 0, at = 0; e < numEnvs; e++, at += n) {
      spent[0] = 0;
      spend(cost, state, at, n);
      if (noisy) streams[e]!.fillNormal(drawn);
      for (let i = 0; i < n; i++) {
        let x = noise[i]! * drawn[i]!;
        for (let j = 0; j < n; j++) x += move[i * n + j]! * state[at + j]!;
        after[i] = x;
      }
      for (let p = 0; p < players.length; p++) {
        const { m, effect, price } = players[p]!;
        const action = actions[p]!;
        spend(price, action, e * m, m);
        for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) after[i]! += effect[i * m + j]! * action[e * m + j]!;
      }
      for (let p = 0; p < players.length; p++) rewards[p]![e] = players[p]!.sign * spent[0];
      for (let i = 0; i < n; i++) {
        // What cannot be represented in the observation any more stops at a number that can.
        const x = Math.min(1e30, Math.max(-1e30, after[i]!));
        state[at + i] = x;
        if (Math.abs(x) > limit) truncated[e] = 1;
      }
    }
  };

  return {
    name,
    groups,
    stateSize: n,
    begin({ state, streams }, e) {
      for (let i = 0; i < n; i++) state[n * e + i] = start * (2 * streams[e]!.uniform() - 1);
    },
    advance,
    observe({ state }, from, to, out) {
      for (const seen of out) for (let k = n * from; k < n * to; k++) seen[k] = state[k]!;
    },
    draw,
  };
};

/** A group of one agent of the same name that sees n numbers and acts with m. */
export const linearGroup = <K extends string>(name: K, n: number, m: number): Group<readonly [K], Box, Box> => ({
  agents: [name],
  observation: box([n]),
  action: box([m]),
});
