import { box, discrete, multiDiscrete, type Box, type Discrete, type MultiDiscrete } from '@troupe/core';
import type { AgentBody } from './world.js';

/** Kind of action by the settings `continuous` and `factored`; all where they are not known at compile time. */
export type ActionSpace<C extends boolean, F extends boolean = false> = C extends true
  ? Box
  : F extends true
    ? MultiDiscrete
    : Discrete;

/** Nothing, −x, +x, −y, +y. */
export const MOVES = 5;

/** Components of an agent's continuous action: movement (if it moves), then message (if it speaks). */
const components = (agent: Pick<AgentBody, 'movable' | 'silent'>, messageSize: number): number =>
  (agent.movable ? MOVES : 0) + (agent.silent ? 0 : messageSize);

/** Choices of an agent's discrete action: word · 5 + move, where it has both. */
const choices = (agent: Pick<AgentBody, 'movable' | 'silent'>, messageSize: number): number =>
  (agent.movable ? MOVES : 1) * (agent.silent ? 1 : messageSize);

/** The action space of an agent. `factored`: one head to move and one to speak, for agents that do both. */
export const actionSpace = <C extends boolean, F extends boolean = false>(
  agent: Pick<AgentBody, 'movable' | 'silent'>,
  messageSize: number,
  continuous: C,
  factored?: F,
): ActionSpace<C, F> =>
  (continuous
    ? box([components(agent, messageSize)], { low: 0, high: 1 })
    : factored
      ? multiDiscrete(MOVES, messageSize)
      : discrete(choices(agent, messageSize))) as ActionSpace<C, F>;
