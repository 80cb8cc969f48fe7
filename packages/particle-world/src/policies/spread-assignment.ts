import { scripted, sizeOf, type Box, type Discrete, type Group, type Policy } from '@troupe/core';
import { moveToward, type PlayerOptions } from './move.js';

/** Of agents in `simpleSpread`. */
const ACCEL = 5;
/** Enumerating N! assignments is quick up to here. */
const MOST_AGENTS = 7;

/** All orders of 0 … n − 1. */
const permutations = (n: number): readonly (readonly number[])[] =>
  n === 0
    ? [[]]
    : permutations(n - 1).flatMap((order) =>
        Array.from({ length: n }, (_, k) => [...order.slice(0, k), n - 1, ...order.slice(k)]),
      );

/**
 * A scripted player of `simpleSpread`: each agent works out which assignment of agents to landmarks has the least total
 * distance and drives to its own landmark, braking in time. It reads only its own observation (positions of all
 * landmarks and agents are in it), and acts in discrete and continuous action spaces. A yardstick, not an upper bound:
 * it does not step aside for others. Throws a RangeError unless the group observes all of up to 7 agents and landmarks.
 */
export const spreadAssignment = <A extends Group<readonly string[], Box, Box | Discrete>>(
  group: A,
  { version = 'mpe2' }: PlayerOptions = {},
): Policy<A> => {
  const n = group.agents.length;
  if (n > MOST_AGENTS) throw new RangeError(`spreadAssignment: expected at most ${MOST_AGENTS} agents, got ${n}`);
  if (sizeOf(group.observation) !== 6 * n) {
    throw new RangeError(
      `spreadAssignment: expected observations of all agents and landmarks (${6 * n} numbers), got ${sizeOf(group.observation)}`,
    );
  }
  const orders = permutations(n);
  const apart = new Float64Array(n * n);
  return scripted(group, (observation) => {
    // Row 0 is this agent, the others follow in their order; all places are relative to this agent.
    for (let a = 0; a < n; a++) {
      const from = 4 + 2 * n + 2 * (a - 1);
      const [x, y] = a === 0 ? [0, 0] : [observation[from]!, observation[from + 1]!];
      for (let l = 0; l < n; l++) {
        apart[a * n + l] = Math.hypot(observation[4 + 2 * l]! - x, observation[5 + 2 * l]! - y);
      }
    }
    let [mine, least] = [0, Infinity];
    for (const order of orders) {
      let total = 0;
      for (let a = 0; a < n; a++) total += apart[a * n + order[a]!]!;
      if (total < least) [mine, least] = [order[0]!, total];
    }
    return moveToward(
      group.action,
      ACCEL,
      observation[4 + 2 * mine]!,
      observation[5 + 2 * mine]!,
      observation[0]!,
      observation[1]!,
      version,
    );
  });
};
