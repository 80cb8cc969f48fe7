import { box, discrete, type Box, type Discrete } from '@troupe/core';
import type { AgentBody } from './world.js';

/** Kind of action by the setting `continuous`; both where it is not known at compile time. */
export type ActionSpace<C extends boolean> = C extends true ? Box : Discrete;

/** Nothing, −x, +x, −y, +y. */
export const MOVES = 5;

/** Components of an agent's continuous action: movement (if it moves), then message (if it speaks). */
const components = (agent: Pick<AgentBody, 'movable' | 'silent'>, messageSize: number): number =>
  (agent.movable ? MOVES : 0) + (agent.silent ? 0 : messageSize);

/** Choices of an agent's discrete action: word · 5 + move, where it has both. */
const choices = (agent: Pick<AgentBody, 'movable' | 'silent'>, messageSize: number): number =>
  (agent.movable ? MOVES : 1) * (agent.silent ? 1 : messageSize);

/** The action space of an agent. */
export const actionSpace = <C extends boolean>(
  agent: Pick<AgentBody, 'movable' | 'silent'>,
  messageSize: number,
  continuous: C,
): ActionSpace<C> =>
  (continuous
    ? box([components(agent, messageSize)], { low: 0, high: 1 })
    : discrete(choices(agent, messageSize))) as ActionSpace<C>;
