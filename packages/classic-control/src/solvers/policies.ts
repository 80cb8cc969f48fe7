import { choicesIn, type MarkovGame } from '../games/markov-game.js';

/** What every player does: for each player probabilities [S, A_i], row-major. Rows of terminal states count for nothing. */
export type TabularPolicies = readonly Float64Array[];

/** Everybody chooses evenly. */
export const uniformPolicies = ({ choices, states }: MarkovGame): TabularPolicies =>
  choices.map((n) => new Float64Array(states * n).fill(1 / n));

/** The policy [S, A] that always makes these choices [S]. Throws a RangeError for a choice that there is not. */
export const deterministicPolicy = (best: ArrayLike<number>, n: number): Float64Array => {
  const policy = new Float64Array(best.length * n);
  for (let s = 0; s < best.length; s++) {
    const choice = best[s]!;
    if (!(Number.isInteger(choice) && choice >= 0 && choice < n)) {
      throw new RangeError(`deterministicPolicy: expected choices in [0, ${n}), got ${String(choice)} in state ${s}`);
    }
    policy[s * n + choice] = 1;
  }
  return policy;
};

/** Throws a RangeError that names `where` unless these are probabilities for this game. */
export const requirePolicies = (
  where: string,
  { players, choices, states, terminal }: MarkovGame,
  policies: TabularPolicies,
): void => {
  if (policies.length !== players.length) {
    throw new RangeError(`${where}: expected policies of ${players.length} players, got ${policies.length}`);
  }
  policies.forEach((policy, i) => {
    const n = choices[i]!;
    if (policy.length !== states * n) {
      throw new RangeError(`${where}: '${players[i]!}': expected ${states} × ${n} probabilities, got ${policy.length}`);
    }
    for (let s = 0; s < states; s++) {
      if (terminal[s] === 1) continue;
      const row = policy.subarray(s * n, (s + 1) * n);
      const sum = row.reduce((a, b) => a + b, 0);
      if (!row.every((p) => p >= 0) || !(Math.abs(sum - 1) < 1e-6)) {
        throw new RangeError(
          `${where}: '${players[i]!}': expected probabilities that sum to 1 in state ${s}, got [${row.join(', ')}]`,
        );
      }
    }
  });
};

/** Calls `f` with every joint action that the policies may take in state s, its probability and its choices. */
export const eachJointAction = (
  game: MarkovGame,
  policies: TabularPolicies,
  s: number,
  f: (joint: number, probability: number, actions: readonly number[]) => void,
): void => {
  for (let j = 0; j < game.jointActions; j++) {
    const actions = choicesIn(game, j);
    const p = actions.reduce((product, a, i) => product * policies[i]![s * game.choices[i]! + a]!, 1);
    if (p > 0) f(j, p, actions);
  }
};
