import type { AgentBody, LandmarkBody } from './world.js';

/** Force per unit of control of agents for which a scenario names none. */
const DEFAULT_ACCEL = 5;

/** An agent with the usual body: a silent disc of radius 0.05 that moves, collides and has no speed limit. */
export const agentBody = (id: string, body: Partial<Omit<AgentBody, 'id'>>): AgentBody => ({
  id,
  size: 0.05,
  accel: DEFAULT_ACCEL,
  maxSpeed: Infinity,
  collide: true,
  movable: true,
  silent: true,
  colour: [0, 0, 0],
  ...body,
});

/** `count` agents `name_0` … with the same body. */
export const agentBodies = (name: string, count: number, body: Partial<Omit<AgentBody, 'id'>>): AgentBody[] =>
  Array.from({ length: count }, (_, i) => agentBody(`${name}_${i}`, body));

/** `count` landmarks `name_0` … with the same body: discs of radius 0.05 that agents pass through. */
export const landmarkBodies = (name: string, count: number, body: Partial<Omit<LandmarkBody, 'id'>>): LandmarkBody[] =>
  Array.from({ length: count }, (_, l) => ({
    id: `${name}_${l}`,
    size: 0.05,
    collide: false,
    colour: [0, 0, 0],
    ...body,
  }));

/** The ids of some bodies, in order. */
export const idsOfBodies = (bodies: readonly { readonly id: string }[]): readonly string[] =>
  bodies.map(({ id }) => id);
