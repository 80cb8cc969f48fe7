import type { Scene } from '@troupe/core';

/** One thing that may happen after a joint action. */
export interface Outcome {
  /** The state that follows. */
  readonly next: number;
  /** Default 1. Those of all outcomes of a joint action sum to 1. */
  readonly probability?: number;
  /** One per player, or one number for all. */
  readonly reward: number | readonly number[];
}

/**
 * A finite world with known transitions and rewards, for any number of players; with one player it is a Markov decision
 * process, with one state a matrix game. S states, A_i choices of player i, J joint actions: their product, the first
 * player's choice counting most (row-major). Outcomes are stored in sparse rows: those of state s and joint action j are
 * [first[s · J + j], first[s · J + j + 1]).
 */
export interface MarkovGame<Players extends readonly string[] = readonly string[]> {
  /** What messages call it. */
  readonly name: string;
  /** Their names, in the order of choices and rewards. */
  readonly players: Players;
  /** Number of states S. */
  readonly states: number;
  /** A_i, by player */
  readonly choices: readonly number[];
  /** Number of joint actions J. */
  readonly jointActions: number;
  /** [S · J + 1] */
  readonly first: Int32Array;
  /** [M]: the state that follows, of M outcomes. */
  readonly next: Int32Array;
  /** [M] */
  readonly probability: Float64Array;
  /** [M, players] */
  readonly reward: Float64Array;
  /** [S]; 1 where the game is over: nothing happens there any more. */
  readonly terminal: Uint8Array;
  /** [S]; probability of beginning there. */
  readonly start: Float64Array;
  /** A state as a picture. Default: a row of discs. */
  readonly draw?: (state: number) => Scene;
}

/** What `markovGame` needs to know. */
export interface MarkovGameRules<Players extends readonly string[]> {
  /** What messages call it. */
  readonly name: string;
  /** Their names, in the order of choices and rewards: one or more. */
  readonly players: Players;
  /** Number of states S, an integer >= 1. */
  readonly states: number;
  /** Number of choices, by player. */
  readonly choices: readonly number[];
  /** Whether the game is over in a state. Default: never. */
  readonly terminal?: (state: number) => boolean;
  /** A state, or probabilities of all states. Default: uniform over the states that are not terminal. */
  readonly start?: number | readonly number[];
  /** All that may happen; asked once for every joint action in every state that is not terminal. */
  readonly outcomes: (state: number, actions: readonly number[]) => readonly Outcome[];
  /** A picture of a state. */
  readonly draw?: (state: number) => Scene;
}

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1;

/** The choices of a joint action, by player. Throws a RangeError if there is no such joint action. */
export const choicesIn = (
  { choices, jointActions }: Pick<MarkovGame, 'choices' | 'jointActions'>,
  joint: number,
): number[] => {
  if (!(Number.isInteger(joint) && joint >= 0 && joint < jointActions)) {
    throw new RangeError(`choicesIn: expected a joint action in [0, ${jointActions}), got ${String(joint)}`);
  }
  const out = choices.map(() => 0);
  let rest = joint;
  for (let i = choices.length - 1; i >= 0; i--) {
    out[i] = rest % choices[i]!;
    rest = Math.floor(rest / choices[i]!);
  }
  return out;
};

const startOf = (
  where: string,
  states: number,
  terminal: Uint8Array,
  start?: number | readonly number[],
): Float64Array => {
  if (typeof start === 'number' && !(Number.isInteger(start) && start >= 0 && start < states)) {
    throw new RangeError(`${where}: expected a start in [0, ${states}), got ${start}`);
  }
  const going = terminal.reduce((count, over) => count + 1 - over, 0);
  const given = typeof start === 'number' ? Array.from(terminal, (_, s) => (s === start ? 1 : 0)) : start;
  const out = Float64Array.from(given ?? Array.from(terminal, (over) => (1 - over) / going));
  const sum = out.reduce((a, b) => a + b, 0);
  if (out.length !== states || !out.every((p) => p >= 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new RangeError(`${where}: expected ${states} probabilities of starts that sum to 1, got sum ${sum}`);
  }
  if (out.some((p, s) => p > 0 && terminal[s] === 1)) {
    throw new RangeError(`${where}: expected games to begin in states that are not terminal`);
  }
  return out;
};

/**
 * A game from its rules, tabulated. Throws a RangeError that names the game where counts, probabilities, rewards or states
 * are not what they should be.
 */
export const markovGame = <const Players extends readonly string[]>(
  rules: MarkovGameRules<Players>,
): MarkovGame<Players> => {
  const { name, players, states, choices } = rules;
  if (!isCount(states) || players.length === 0 || choices.length !== players.length || !choices.every(isCount)) {
    throw new RangeError(
      `${name}: expected states, players and choices of each to be integers >= 1, got ${states} states, ${players.length} players, choices [${choices.join(', ')}]`,
    );
  }
  if (new Set(players).size !== players.length) {
    throw new RangeError(`${name}: expected players of different names, got ${players.join(', ')}`);
  }
  const jointActions = choices.reduce((product, n) => product * n, 1);
  const terminal = Uint8Array.from({ length: states }, (_, s) => (rules.terminal?.(s) ? 1 : 0));
  if (!terminal.includes(0)) throw new RangeError(`${name}: expected a state that is not terminal`);
  const first = new Int32Array(states * jointActions + 1);
  const [next, probability, reward]: [number[], number[], number[]] = [[], [], []];
  for (let s = 0; s < states; s++) {
    for (let j = 0; j < jointActions; j++) {
      if (terminal[s] === 0) {
        const actions = choicesIn({ choices, jointActions }, j);
        const where = `${name}: state ${s}, actions [${actions.join(', ')}]`;
        let sum = 0;
        for (const outcome of rules.outcomes(s, actions)) {
          const { probability: p = 1, reward: r } = outcome;
          const each = typeof r === 'number' ? players.map(() => r) : r;
          if (!(Number.isInteger(outcome.next) && outcome.next >= 0 && outcome.next < states)) {
            throw new RangeError(`${where}: expected a next state in [0, ${states}), got ${String(outcome.next)}`);
          }
          if (each.length !== players.length || !each.every(Number.isFinite)) {
            throw new RangeError(`${where}: expected ${players.length} finite rewards, got [${each.join(', ')}]`);
          }
          if (!(p >= 0)) throw new RangeError(`${where}: expected a probability, got ${String(p)}`);
          sum += p;
          if (p === 0) continue;
          next.push(outcome.next);
          probability.push(p);
          reward.push(...each);
        }
        if (!(Math.abs(sum - 1) < 1e-9)) {
          throw new RangeError(`${where}: expected probabilities that sum to 1, got ${sum}`);
        }
      }
      first[s * jointActions + j + 1] = next.length;
    }
  }
  return {
    name,
    players,
    states,
    choices: [...choices],
    jointActions,
    first,
    next: Int32Array.from(next),
    probability: Float64Array.from(probability),
    reward: Float64Array.from(reward),
    terminal,
    start: startOf(name, states, terminal, rules.start),
    ...(rules.draw && { draw: rules.draw }),
  };
};
