/** Three channels in [0, 1]; some scenarios go slightly above 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What an agent is made of. Lengths in world units, masses are 1. */
export interface AgentBody {
  /** Different for every agent of a cast. */
  readonly id: string;
  /** Radius of the disc. */
  readonly size: number;
  /** Force per unit of control. */
  readonly accel: number;
  /** Cap on the speed; Infinity for none. */
  readonly maxSpeed: number;
  /** Takes part in contact forces. */
  readonly collide: boolean;
  /** Moves and receives forces. */
  readonly movable: boolean;
  /** Cannot speak: its message is always zeros. */
  readonly silent: boolean;
  /** As drawn, unless the scenario's `colour` says another. */
  readonly colour: Colour;
}

/** What a landmark is made of. Landmarks never move. */
export interface LandmarkBody {
  /** Different for every landmark of a cast. */
  readonly id: string;
  /** Radius of the disc. */
  readonly size: number;
  /** Takes part in contact forces: agents bump into it. */
  readonly collide: boolean;
  /** As drawn, unless the scenario's `colour` says another. */
  readonly colour: Colour;
}

/** Everybody and everything in a world. Entities are the agents in order, then the landmarks in order. */
export interface Cast {
  /** Agent i of a world is the i-th of these. */
  readonly agents: readonly AgentBody[];
  /** Obstacles, goals, food and forests alike. */
  readonly landmarks: readonly LandmarkBody[];
  /** Length of a message. */
  readonly messageSize: number;
}

/**
 * The state of E environments, in double precision. Letters: E environments, n agents, M entities (agents, then
 * landmarks), C message length, G goals.
 */
export interface World {
  /** E, stepped together */
  readonly numEnvs: number;
  /** n, in every environment */
  readonly agents: number;
  /** M − n, in every environment */
  readonly landmarks: number;
  /** M, agents and landmarks together */
  readonly entities: number;
  /** C, letters of a message */
  readonly messageSize: number;
  /** Possibilities of each number in `goal`; their count is G. */
  readonly goals: readonly number[];
  /** Stages of the curriculum; 1 where there is none. */
  readonly stages: number;
  /** No centre of an agent gets farther than this from 0 in x or in y; Infinity without walls */
  readonly wall: number;
  /** [E, M, 2] world units */
  readonly position: Float64Array;
  /** [E, n, 2] world units per time unit; a step is 0.1 */
  readonly velocity: Float64Array;
  /** [E, n, C] what each agent said last */
  readonly message: Float64Array;
  /** [E, G] what the scenario drew besides positions, e.g. which landmark is the goal */
  readonly goal: Int32Array;
  /** [E] steps since the episode began */
  readonly cycle: Int32Array;
  /** [E] stage of the curriculum in this episode */
  readonly stage: Int32Array;
  /** [E, n] force per unit of control in this episode */
  readonly accel: Float64Array;
  /** [E, n] cap on the speed in this episode */
  readonly maxSpeed: Float64Array;
  /** [M] radii */
  readonly size: Float64Array;
  /** [n] 1 where the agent moves */
  readonly movable: Uint8Array;
  /** [n] 1 where the agent can speak */
  readonly speaks: Uint8Array;
  /** [E, n, 2] control force of this step; `advance` adds the contact forces to it in place */
  readonly force: Float64Array;
  /** [E, n, C] messages of this step */
  readonly spoken: Float64Array;
  /** Pairs of entities that can push each other, (a, b) with a < b, in entity order; not those that could not move */
  readonly pairs: Int32Array;
}

/** A world of `numEnvs` environments with everything at the origin, at rest and silent. */
export const createWorld = (
  cast: Cast,
  goals: readonly number[],
  stages: number,
  numEnvs: number,
  wall = Infinity,
): World => {
  const { agents, landmarks, messageSize } = cast;
  const [n, entities] = [agents.length, agents.length + landmarks.length];
  const bodies = [...agents, ...landmarks.map((landmark) => ({ ...landmark, movable: false }))];
  const pairs: number[] = [];
  for (let a = 0; a < entities; a++) {
    for (let b = a + 1; b < entities; b++) {
      const [one, other] = [bodies[a]!, bodies[b]!];
      if (one.collide && other.collide && (one.movable || other.movable)) pairs.push(a, b);
    }
  }
  return {
    numEnvs,
    agents: n,
    landmarks: landmarks.length,
    entities,
    messageSize,
    goals,
    stages,
    wall,
    position: new Float64Array(numEnvs * entities * 2),
    velocity: new Float64Array(numEnvs * n * 2),
    message: new Float64Array(numEnvs * n * messageSize),
    goal: new Int32Array(numEnvs * goals.length),
    cycle: new Int32Array(numEnvs),
    stage: new Int32Array(numEnvs),
    accel: Float64Array.from({ length: numEnvs * n }, (_, k) => agents[k % n]!.accel),
    maxSpeed: Float64Array.from({ length: numEnvs * n }, (_, k) => agents[k % n]!.maxSpeed),
    size: Float64Array.from(bodies, (body) => body.size),
    movable: Uint8Array.from(agents, (agent) => (agent.movable ? 1 : 0)),
    speaks: Uint8Array.from(agents, (agent) => (agent.silent ? 0 : 1)),
    force: new Float64Array(numEnvs * n * 2),
    spoken: new Float64Array(numEnvs * n * messageSize),
    pairs: Int32Array.from(pairs),
  };
};
