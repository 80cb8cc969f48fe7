import { box, discrete, type Box, type Discrete, type Group, type Groups, type Scene } from '@troupe/core';
import { classicEnv } from '../classic-env.js';
import { common, settingsOf } from '../settings.js';
import type { ClassicEnv, Lanes, World } from '../world.js';
import type { MarkovGame } from './markov-game.js';

const fields = common(100);
/** Options of `tabularWorld` and `tabularTeam`; all may be left out. */
export interface TabularOptions {
  /** Environments stepped together; default 1. */
  readonly numEnvs?: number;
  /** Steps after which an episode is truncated; null: no limit. Default 100. */
  readonly maxSteps?: number | null;
}

/** Every player a group of its own, of the same name. */
export type Players<Ids extends readonly string[]> = {
  readonly [K in Ids[number]]: Group<readonly [K], Box, Discrete>;
};
/** All players in one group, `agents`, in their order. */
export type Team<Ids extends readonly string[]> = { readonly agents: Group<Ids, Box, Discrete> };

/** A row of discs, the current state filled. */
const drawRow = (states: number, state: number): Scene => ({
  view: { left: -0.75, bottom: -0.75, width: states + 0.5, height: 1.5 },
  shapes: Array.from({ length: states }, (_, s) => ({
    kind: 'circle',
    x: s,
    y: 0,
    radius: 0.4,
    fill: s === state ? 'rgb(60, 60, 200)' : 'white',
    stroke: 'black',
  })),
});

/** Index of the outcome drawn with `u` in [0, 1): weights [from, to) sum to 1, up to rounding. */
const drawn = (weights: Float64Array, from: number, to: number, u: number): number => {
  let rest = u;
  for (let i = from; i < to - 1; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return to - 1;
};

/** The game with its players seated in groups: player i is slot `seats[i].slot` of group number `seats[i].group`. */
const seated = <G extends Groups>(
  game: MarkovGame,
  groups: G,
  seats: readonly { readonly group: number; readonly slot: number }[],
): World<G> => {
  const { states, choices, jointActions, first, next, probability, reward, terminal, start, players } = game;
  const n = players.length;
  const slots = Object.keys(groups).map((_, g) => seats.filter(({ group }) => group === g).length);
  const uniform = new Float64Array(1);
  const lastStart = start.findLastIndex((p) => p > 0) + 1;
  const onlyStart = start[lastStart - 1] === 1;

  const advance = ({ numEnvs, state, actions, rewards, terminated, streams }: Lanes): void => {
    for (let e = 0; e < numEnvs; e++) {
      let joint = 0;
      for (let i = 0; i < n; i++) {
        const { group, slot } = seats[i]!;
        joint = joint * choices[i]! + actions[group]![e * slots[group]! + slot]!;
      }
      const row = state[e]! * jointActions + joint;
      const [from, to] = [first[row]!, first[row + 1]!];
      // Nothing is drawn where nothing is left to chance.
      const outcome = to - from === 1 ? from : drawn(probability, from, to, streams[e]!.fillUniform(uniform)[0]!);
      state[e] = next[outcome]!;
      terminated[e] = terminal[next[outcome]!]!;
      for (let i = 0; i < n; i++) {
        const { group, slot } = seats[i]!;
        rewards[group]![e * slots[group]! + slot] = reward[outcome * n + i]!;
      }
    }
  };

  return {
    name: game.name,
    groups,
    stateSize: 1,
    refuse: ([s]) =>
      Number.isInteger(s) && s! >= 0 && s! < states && terminal[s!] === 0
        ? undefined
        : `a state in [0, ${states}) that is not terminal`,
    begin({ state, streams }, e) {
      state[e] = onlyStart ? lastStart - 1 : drawn(start, 0, lastStart, streams[e]!.uniform());
    },
    advance,
    observe({ state }, from, to, out) {
      for (let g = 0; g < slots.length; g++) {
        const seen = out[g]!;
        const rows = slots[g]!;
        seen.fill(0, from * rows * states, to * rows * states);
        for (let e = from; e < to; e++) {
          for (let slot = 0; slot < rows; slot++) seen[(e * rows + slot) * states + state[e]!] = 1;
        }
      }
    },
    draw: ([s]) => game.draw?.(s!) ?? drawRow(states, s!),
  };
};

const oneHot = (states: number): Box => box([states], { low: 0, high: 1 });

/**
 * A game to be played: every player is a group of its own with one agent, both named as the player. With one player this is
 * an ordinary single-agent world.
 *
 * State [1]: number of the state. Observation of everybody [S]: the state, one-hot. Actions: choices. Terminates where a
 * terminal state is entered, truncated after `maxSteps`. Throws a RangeError for settings out of range.
 */
export const tabularWorld = <const Ids extends readonly string[]>(
  game: MarkovGame<Ids>,
  options: TabularOptions = {},
): ClassicEnv<Players<Ids>> => {
  const settings = settingsOf('tabularWorld', fields, options);
  const { players, choices, states } = game;
  const groups = Object.fromEntries(
    players.map((id, i) => [id, { agents: [id], observation: oneHot(states), action: discrete(choices[i]!) }]),
  ) as Record<string, Group> as Players<Ids>;
  return classicEnv(seated(game, groups, players.map((_, group) => ({ group, slot: 0 }))), settings); // prettier-ignore
};

/**
 * The same with all players in one group `agents`, for learners that share parameters or decompose a team's value. Throws a
 * RangeError unless all players have the same number of choices.
 */
export const tabularTeam = <const Ids extends readonly string[]>(
  game: MarkovGame<Ids>,
  options: TabularOptions = {},
): ClassicEnv<Team<Ids>> => {
  const settings = settingsOf('tabularTeam', fields, options);
  const { players, choices, states } = game;
  if (new Set(choices).size !== 1) {
    throw new RangeError(`tabularTeam: expected as many choices for everybody, got [${choices.join(', ')}]`);
  }
  const groups: Team<Ids> = {
    agents: { agents: players, observation: oneHot(states), action: discrete(choices[0]!) },
  };
  return classicEnv(seated(game, groups, players.map((_, slot) => ({ group: 0, slot }))), settings); // prettier-ignore
};
