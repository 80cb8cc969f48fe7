import type { World } from './world.js';

/** Where everything in one environment is: a copy in plain data. */
export interface WorldState {
  /** Agents in order; world units and world units per time unit. */
  readonly agents: readonly {
    /** [x, y], world units. */
    readonly position: readonly number[];
    /** [x, y], world units per time unit. */
    readonly velocity: readonly number[];
    /** What it said last, one number per letter; zeros of a silent agent. */
    readonly message: readonly number[];
  }[];
  /** Landmarks in order, [x, y] each, world units. */
  readonly landmarks: readonly { readonly position: readonly number[] }[];
  /** What the scenario drew besides positions; its meaning is in the scenario's documentation. */
  readonly goals: readonly number[];
  /** Steps since the episode began. */
  readonly cycle: number;
  /** Stage of the curriculum, 0 where there is none. */
  readonly stage: number;
}

/** Environment `e` as plain data. */
export const readState = (world: World, e: number): WorldState => {
  const { agents, landmarks, entities, messageSize, position, velocity, message } = world;
  const place = (entity: number): number[] => {
    const p = (e * entities + entity) * 2;
    return [position[p]!, position[p + 1]!];
  };
  return {
    agents: Array.from({ length: agents }, (_, i) => {
      const [v, c] = [(e * agents + i) * 2, (e * agents + i) * messageSize];
      return {
        position: place(i),
        velocity: [velocity[v]!, velocity[v + 1]!],
        message: [...message.subarray(c, c + messageSize)],
      };
    }),
    landmarks: Array.from({ length: landmarks }, (_, l) => ({ position: place(agents + l) })),
    goals: [...world.goal.subarray(e * world.goals.length, (e + 1) * world.goals.length)],
    cycle: world.cycle[e]!,
    stage: world.stage[e]!,
  };
};

const requireNumbers = (what: string, values: readonly number[], length: number): void => {
  if (values.length !== length || !values.every((x) => Number.isFinite(x))) {
    throw new RangeError(`setWorldState: expected ${length} finite numbers in ${what}, got [${values.join(', ')}]`);
  }
};

const requireBelow = (what: string, value: number, n: number): void => {
  if (!(Number.isInteger(value) && value >= 0 && value < n)) {
    throw new RangeError(`setWorldState: expected an integer in [0, ${n}) as ${what}, got ${String(value)}`);
  }
};

const requireCount = (what: string, given: readonly unknown[], n: number): void => {
  if (given.length !== n) throw new RangeError(`setWorldState: expected ${n} ${what}, got ${given.length}`);
};

/**
 * Sets what is given of environment `e`. Throws a RangeError for a wrong number of agents, landmarks or goals, numbers
 * that are not finite, goals, cycles or stages out of range, or a message of an agent that cannot speak.
 */
export const writeState = (world: World, e: number, state: Partial<WorldState>): void => {
  const { agents, landmarks, entities, messageSize, position } = world;
  const { goals = [], cycle, stage } = state;
  if (state.agents !== undefined) requireCount('agents', state.agents, agents);
  if (state.landmarks !== undefined) requireCount('landmarks', state.landmarks, landmarks);
  if (state.goals !== undefined) requireCount('goals', goals, world.goals.length);
  goals.forEach((goal, k) => requireBelow(`goal ${k}`, goal, world.goals[k]!));
  if (stage !== undefined) requireBelow('the stage', stage, world.stages);
  if (cycle !== undefined) requireBelow('the cycle', cycle, Infinity);
  state.agents?.forEach((agent, i) => {
    requireNumbers(`the position of agent ${i}`, agent.position, 2);
    requireNumbers(`the velocity of agent ${i}`, agent.velocity, 2);
    requireNumbers(`the message of agent ${i}`, agent.message, messageSize);
    if (world.speaks[i] === 0 && agent.message.some((x) => x !== 0)) {
      throw new RangeError(`setWorldState: expected zeros as the message of agent ${i}, which cannot speak`);
    }
  });
  state.landmarks?.forEach((landmark, l) => requireNumbers(`the position of landmark ${l}`, landmark.position, 2));

  state.agents?.forEach((agent, i) => {
    position.set(agent.position, (e * entities + i) * 2);
    world.velocity.set(agent.velocity, (e * agents + i) * 2);
    world.message.set(agent.message, (e * agents + i) * messageSize);
  });
  state.landmarks?.forEach((landmark, l) => position.set(landmark.position, (e * entities + agents + l) * 2));
  world.goal.set(goals, e * world.goals.length);
  if (cycle !== undefined) world.cycle[e] = cycle;
  if (stage !== undefined) world.stage[e] = stage;
};
