import { choicesIn, type MarkovGame } from '../games/markov-game.js';
import { solveInPlace } from './linear-solve.js';
import { lookAhead, requireOptions, type SolverOptions } from './options.js';
import { eachJointAction, requirePolicies, type TabularPolicies } from './policies.js';
import { policyEvaluation } from './policy-evaluation.js';

/** What joint actions are worth to a team: S states, J joint actions. */
export interface JointAdvantages {
  /** V, [S]. */
  readonly values: Float64Array;
  /** Q(s, a), [S, J]. */
  readonly q: Float64Array;
  /** A(s, a) = Q(s, a) − V(s), [S, J]; 0 in terminal states. */
  readonly advantage: Float64Array;
  /** Worth before the game begins: J(π). */
  readonly start: number;
}

const requireTeam = (where: string, { players, reward }: MarkovGame): void => {
  const n = players.length;
  if (reward.some((r, at) => r !== reward[at - (at % n)])) {
    throw new RangeError(
      `${where}: expected a game in which all players get the same rewards, got one where they differ`,
    );
  }
};

/** Exact values and advantages of a team's policies. Throws a RangeError for games in which rewards differ. */
export const jointAdvantages = (
  game: MarkovGame,
  policies: TabularPolicies,
  options: Pick<SolverOptions, 'discount'>,
): JointAdvantages => {
  requireTeam(`jointAdvantages: ${game.name}`, game);
  const { values, start } = policyEvaluation(game, policies, options);
  const own = values[0]!;
  const { states: S, jointActions: J, terminal } = game;
  const [q, advantage] = [new Float64Array(S * J), new Float64Array(S * J)];
  for (let s = 0; s < S; s++) {
    if (terminal[s] === 1) continue;
    for (let j = 0; j < J; j++) {
      q[s * J + j] = lookAhead(game, 0, own, options.discount, s, j);
      advantage[s * J + j] = q[s * J + j]! - own[s]!;
    }
  }
  return { values: own, q, advantage, start: start[0]! };
};

/**
 * Q^{i₁:m}(s, a^{i₁:m}): the mean of `q` [S, J] over what all players but `known` do under the policies, written at every
 * joint action with these choices of the known. [S, J]. Kuba et al. 2022, definition 1.
 */
export const conditionalValues = (
  game: MarkovGame,
  policies: TabularPolicies,
  q: Float64Array,
  known: readonly number[],
): Float64Array => {
  requirePolicies(`conditionalValues: ${game.name}`, game, policies);
  const { states: S, jointActions: J, choices } = game;
  const all = Array.from({ length: J }, (_, j) => choicesIn(game, j));
  const others = choices.map((_, i) => i).filter((i) => !known.includes(i));
  const key = (actions: readonly number[]): number => known.reduce((sum, i) => sum * choices[i]! + actions[i]!, 0);
  const out = new Float64Array(S * J);
  const sums = new Float64Array(known.reduce((product, i) => product * choices[i]!, 1));
  for (let s = 0; s < S; s++) {
    sums.fill(0);
    all.forEach((actions, j) => {
      const p = others.reduce((product, i) => product * policies[i]![s * choices[i]! + actions[i]!]!, 1);
      sums[key(actions)]! += p * q[s * J + j]!;
    });
    all.forEach((actions, j) => (out[s * J + j] = sums[key(actions)]!));
  }
  return out;
};

/**
 * A^{i_m}(s, a^{i₁:m−1}, a^{i_m}) for every place m of an order of players: what each choice adds to those before it.
 * One array [S, J] per place. Their sum is the joint advantage, for every order (Kuba et al. 2022, lemma 1).
 */
export const advantagesInOrder = (
  game: MarkovGame,
  policies: TabularPolicies,
  q: Float64Array,
  order: readonly number[],
): readonly Float64Array[] => {
  const known = order.map((_, m) => conditionalValues(game, policies, q, order.slice(0, m + 1)));
  const before = conditionalValues(game, policies, q, []);
  return known.map((values, m) => values.map((x, at) => x - (known[m - 1] ?? before)[at]!));
};

/** Π π_new(aⁱ|s) / π_old(aⁱ|s) over some players: the compound factor of HAPPO and HATRPO. [S, J]. Kuba et al. 2022, eq. 9. */
export const compoundFactor = (
  game: MarkovGame,
  old: TabularPolicies,
  now: TabularPolicies,
  players: readonly number[],
): Float64Array => {
  const { states: S, jointActions: J, choices } = game;
  return Float64Array.from({ length: S * J }, (_, at) => {
    const [s, actions] = [Math.floor(at / J), choicesIn(game, at % J)];
    const place = (i: number): number => s * choices[i]! + actions[i]!;
    return players.reduce((product, i) => product * (now[i]![place(i)]! / old[i]![place(i)]!), 1);
  });
};

/** ρ(s) = Σ γᵗ P(s_t = s): how often states are visited, discounted and not normalised. [S]; terminal states count nothing. */
export const discountedOccupancy = (
  game: MarkovGame,
  policies: TabularPolicies,
  options: Pick<SolverOptions, 'discount'>,
): Float64Array => {
  const where = `discountedOccupancy: ${game.name}`;
  requirePolicies(where, game, policies);
  const { discount } = requireOptions(where, options);
  const { states: S, jointActions: J, first, next, probability, terminal, start } = game;
  const system = new Float64Array(S * S);
  for (let s = 0; s < S; s++) {
    system[s * S + s]! += 1;
    if (terminal[s] === 1) continue;
    eachJointAction(game, policies, s, (j, p) => {
      for (let m = first[s * J + j]!; m < first[s * J + j + 1]!; m++) {
        if (terminal[next[m]!] === 0) system[next[m]! * S + s]! -= discount * p * probability[m]!;
      }
    });
  }
  const occupancy = Float64Array.from(start);
  solveInPlace(where, system, occupancy, S);
  return occupancy;
};
