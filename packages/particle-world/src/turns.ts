import { idsOf, mapGroups, shapeOf, sizeOf, type Groups, type Rng, type Space } from '@troupe/core';
import ndarray from 'ndarray';
import type { ParticleActions, ParticleEnv } from './particle-env.js';

/** What the agent whose turn it is knows. */
export interface Turn {
  /** Whose turn it is. */
  readonly agent: string;
  /** A copy. What the world looked like after the latest complete round: not what others do in this one. */
  readonly observation: Float32Array;
  /** Of the latest complete round; 0 in the first. */
  readonly reward: number;
  /** The task is over; only null can be done. */
  readonly terminated: boolean;
  /** Time is up; only null can be done. */
  readonly truncated: boolean;
}

/** One environment played turn by turn. */
export interface Turns {
  /** Agents that still have a turn to come. */
  readonly agents: readonly string[];
  /** The turn to be taken now; null when the episode is over and everybody knows it. */
  readonly turn: Turn | null;
  /** Begins an episode; the first agent has the turn. */
  reset(rng: Rng): void;
  /** As `resetSeeded` of the environment. */
  resetSeeded(seed: number | bigint): void;
  /**
   * Takes the turn. The world moves when the last agent of a round has acted. When the episode has ended everybody has
   * one more turn, in which the only action is null. Throws an Error for another action then and for null
   * before, and a RangeError for an action outside the agent's space.
   */
  act(action: number | ArrayLike<number> | null): void;
}

const numbersShown = (action: number | ArrayLike<number>): string =>
  typeof action === 'number' ? String(action) : Array.from(action).join(', ');

/** The numbers of an action from a space. Throws a RangeError for anything else. */
const numbersOf = (agent: string, space: Space, action: number | ArrayLike<number>): readonly number[] => {
  const numbers = typeof action === 'number' ? [action] : Array.from(action);
  const fits = (x: number): boolean =>
    space.kind === 'discrete' ? Number.isInteger(x) && x >= 0 && x < space.n : !Number.isNaN(x);
  if (numbers.length === sizeOf(space) && numbers.every(fits)) return numbers;
  const expected = space.kind === 'discrete' ? `an integer in [0, ${space.n})` : `${sizeOf(space)} numbers`;
  throw new RangeError(`act: expected ${expected} from '${agent}', got ${numbersShown(numbers)}`);
};

/**
 * Plays a particle world of one environment agent by agent, in the order of its groups: the reference's sequential
 * ("agent environment cycle", Terry et al. 2021) interface. Throws a RangeError unless there is exactly one environment.
 */
export const turnByTurn = <G extends Groups>(env: ParticleEnv<G>): Turns => {
  if (env.numEnvs !== 1) throw new RangeError(`turnByTurn: expected 1 environment, got ${env.numEnvs}`);
  const seats = Object.entries(env.groups).flatMap(([group, { agents, observation, action }]) =>
    idsOf(agents).map((agent, slot) => ({ agent, group, slot, action, seen: sizeOf(observation) })),
  );
  const actions: ParticleActions<G> = mapGroups(env.groups, ({ agents, action }) => {
    const slots = idsOf(agents).length;
    return ndarray(new Float64Array(slots * sizeOf(action)), [1, slots, ...shapeOf(action)]);
  });
  let observations: readonly Float32Array[] = [];
  let rewards: readonly number[] = [];
  let [terminated, truncated, next] = [false, false, seats.length];

  const look = (seen: ReturnType<typeof env.reset>): void => {
    observations = seats.map(({ group, slot, seen: size }) =>
      seen[group]!.observation.data.slice(slot * size, (slot + 1) * size),
    );
  };
  const begin = (seen: ReturnType<typeof env.reset>): void => {
    look(seen);
    rewards = seats.map(() => 0);
    [terminated, truncated, next] = [false, false, 0];
  };
  const move = (): void => {
    const step = env.step(actions);
    look(step.next);
    rewards = seats.map(({ group, slot }) => step.reward[group]!.data[slot]!);
    terminated = step.last[0] === 1 && step.discount[seats[0]!.group]!.data[0] === 0;
    truncated = step.last[0] === 1 && !terminated;
    next = 0;
  };

  return {
    get agents() {
      return (terminated || truncated ? seats.slice(next) : next < seats.length ? seats : []).map(({ agent }) => agent);
    },
    get turn() {
      const seat = seats[next];
      if (seat === undefined) return null;
      return {
        agent: seat.agent,
        observation: observations[next]!.slice(),
        reward: rewards[next]!,
        terminated,
        truncated,
      };
    },
    reset: (rng) => begin(env.reset(rng)),
    resetSeeded: (seed) => begin(env.resetSeeded([seed])),
    act(action) {
      const seat = seats[next];
      if (seat === undefined) throw new Error('act: expected reset first: the episode is over');
      const over = terminated || truncated;
      if (over !== (action === null)) {
        const expected = over ? 'null, because the episode has ended' : 'an action';
        throw new Error(
          `act: expected ${expected}, got ${action === null ? 'null' : numbersShown(action)} from '${seat.agent}'`,
        );
      }
      if (action !== null) {
        actions[seat.group]!.data.set(numbersOf(seat.agent, seat.action, action), seat.slot * sizeOf(seat.action));
      }
      next++;
      if (!over && next === seats.length) move();
    },
  };
};
