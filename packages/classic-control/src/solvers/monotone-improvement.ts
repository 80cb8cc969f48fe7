import type { MarkovGame } from '../games/markov-game.js';
import { choicesIn } from '../games/markov-game.js';
import { advantagesInOrder, discountedOccupancy, jointAdvantages } from './joint-advantages.js';
import type { SolverOptions } from './options.js';
import type { TabularPolicies } from './policies.js';

/** One round of `monotoneImprovement`. */
export interface Improved {
  /** Of all players, after the round. */
  readonly policies: TabularPolicies;
  /** By place in the order: L − C · max KL, what that player's change is sure to bring. None is negative. */
  readonly gains: readonly number[];
  /** C = 4 γ max |A| / (1 − γ)², or what was given. */
  readonly penalty: number;
}

/** The divergence KL(old ‖ p) of one state and the policy p_a = c · old_a / (ν − A_a) that has it. */
interface Tilt {
  readonly kl: number;
  readonly policy: Float64Array;
}

/** Without an advantage above the others nothing is gained by a tilt. */
const tilt = (old: Float64Array, advantage: Float64Array, nu: number): Tilt => {
  const raw = old.map((p, a) => p / (nu - advantage[a]!));
  const total = raw.reduce((x, y) => x + y, 0);
  const policy = raw.map((x) => x / total);
  return { policy, kl: old.reduce((sum, p, a) => (p > 0 ? sum + p * Math.log(p / policy[a]!) : sum), 0) };
};

/** The best policy of one state within a divergence: max p · A subject to KL(old ‖ p) <= budget, by bisection over ν. */
const bestWithin = (old: Float64Array, advantage: Float64Array, budget: number): Float64Array => {
  const possible = Array.from(advantage).filter((_, a) => old[a]! > 0);
  const [top, bottom] = [Math.max(...possible), Math.min(...possible)];
  const spread = top - bottom;
  if (budget === 0 || !(spread > 1e-14)) return old;
  // ν = top + spread · e^x: near the top the policy is greedy, far away it is the old one.
  let [low, high] = [-40, 40];
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (tilt(old, advantage, top + spread * Math.exp(middle)).kl > budget) low = middle;
    else high = middle;
  }
  return tilt(old, advantage, top + spread * Math.exp(high)).policy;
};

const BUDGETS = [0, ...Array.from({ length: 131 }, (_, i) => 10 ** (-12 + i / 10))];

/**
 * One round of the exact algorithm behind HAPPO and HATRPO: players in turn maximise what their change adds to those
 * before them, less C times the largest divergence from their old policy. The team's return does not fall:
 * J(new) >= J(old) + Σ gains, and the limits of many rounds in random orders are Nash equilibria (of which one need not
 * be the best). Kuba et al. 2022, algorithm 1 and theorem 2; the largest divergence is searched on a grid of 132.
 */
export const monotoneImprovement = (
  game: MarkovGame,
  policies: TabularPolicies,
  options: Pick<SolverOptions, 'discount'> & {
    /** Players by index, each once, in the order in which they change. */
    readonly order: readonly number[];
    /** C. With a smaller one than the default the guarantee is gone. */
    readonly penalty?: number;
  },
): Improved => {
  const { discount, order } = options;
  const { q, advantage } = jointAdvantages(game, policies, options);
  const top = advantage.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const penalty = options.penalty ?? (4 * discount * top) / (1 - discount) ** 2;
  const occupancy = discountedOccupancy(game, policies, options);
  const added = advantagesInOrder(game, policies, q, order);
  const { states: S, jointActions: J, choices, terminal } = game;
  const all = Array.from({ length: J }, (_, j) => choicesIn(game, j));
  const now = policies.map((policy) => policy.slice());

  const gains = order.map((i, m) => {
    const n = choices[i]!;
    const before = order.slice(0, m);
    // The mean over what the players before do now; over those behind, `added` does not depend on them: any one will do.
    const behind = order.slice(m + 1);
    const own = new Float64Array(S * n);
    for (let s = 0; s < S; s++) {
      all.forEach((actions, j) => {
        if (behind.some((k) => actions[k] !== 0)) return;
        const p = before.reduce((product, k) => product * now[k]![s * choices[k]! + actions[k]!]!, 1);
        own[s * n + actions[i]!]! += p * added[m]![s * J + j]!;
      });
    }
    const rows = Array.from({ length: S }, (_, s) => ({
      weight: terminal[s] === 1 ? 0 : occupancy[s]!,
      old: policies[i]!.slice(s * n, (s + 1) * n),
      advantage: own.subarray(s * n, (s + 1) * n),
    }));
    let best: { readonly gain: number; readonly policies: readonly Float64Array[] } = { gain: -Infinity, policies: [] };
    const most = rows.reduce((sum, { weight, advantage: a }) => sum + weight * Math.max(...a), 0);
    for (const budget of BUDGETS) {
      if (penalty * budget > most) break; // no gain can pay for it, nor for more
      const tried = rows.map(({ old, advantage: a }) => bestWithin(old, a, budget));
      const surrogate = rows.reduce(
        (sum, { weight, advantage: a }, s) => sum + weight * tried[s]!.reduce((x, p, c) => x + p * a[c]!, 0),
        0,
      );
      const gain = surrogate - penalty * budget;
      if (gain > best.gain) best = { gain, policies: tried };
    }
    best.policies.forEach((policy, s) => {
      if (terminal[s] === 0) now[i]!.set(policy, s * n);
    });
    return best.gain;
  });
  return { policies: now, gains, penalty };
};
