import { units, type ObservationPart } from '../observation.js';
import { placeOf, type Crowd } from './crowd.js';
import type { Grid } from './grid.js';
import { taskSchema } from './task.js';

/** How agents of a population see. */
export interface Sight {
  /** `entities`: oneself, a list of entities and a mask; `flat`: one number after another, as in the other scenarios. */
  readonly observe: 'entities' | 'flat';
  /** Only so many other agents, nearest first; null: all, in order. */
  readonly agentNeighbors: number | null;
  /** Only so many landmarks, nearest first; null: all, in order. */
  readonly landmarkNeighbors: number | null;
  /** The task's descriptor is part of the observation. */
  readonly showTask: boolean;
}

/** Writes the observation of the living agent in slot `i` of environment `e`, whose grids were filled last. */
export type Observe = (crowd: Crowd, e: number, i: number, out: Float32Array, at: number) => void;

/** Names of the numbers that describe oneself. */
const selfFields = (roles: readonly { readonly name: string }[]): readonly string[] => [
  'vx',
  'vy',
  'x / worldSize',
  'y / worldSize',
  'alive',
  ...roles.map(({ name }) => `is ${name}`),
];

/** Names of the numbers that describe an entity. */
const entityFields = (roles: readonly { readonly name: string }[]): readonly string[] => [
  ...roles.map(({ name }) => `is ${name}`),
  'is landmark',
  'dx',
  'dy',
  'dvx',
  'dvy',
  'alive',
  'visible',
  'distance',
  'size',
];

/** The parts of an observation, in order. */
export const partsOf = (
  { observe, showTask }: Sight,
  roles: readonly { readonly name: string }[],
  agents: number,
  landmarks: number,
): readonly ObservationPart[] => {
  const task: readonly ObservationPart[] = showTask
    ? [{ name: 'task', shape: [taskSchema.size], unit: 'see taskSchema', about: 'descriptor of the task' }]
    : [];
  if (observe === 'entities') {
    const [self, entity] = [selfFields(roles), entityFields(roles)];
    return [
      {
        name: 'self',
        shape: [self.length],
        unit: `velocities in ${units.velocity}`,
        about: self.join(', '),
        fields: self,
      },
      {
        name: 'entities',
        shape: [agents + landmarks, entity.length],
        unit: 'world units; world units per time unit',
        about: `other agents, then landmarks, seen from here: ${entity.join(', ')}`,
        fields: entity,
      },
      {
        name: 'mask',
        shape: [agents + landmarks],
        unit: units.flag,
        about: 'whether the entity is there and in sight',
      },
      ...task,
    ];
  }
  const other = ['dx', 'dy', 'vx', 'vy', ...(roles.length > 1 ? roles.map(({ name }) => `is ${name}`) : []), 'visible'];
  return [
    { name: 'velocity', shape: [2], unit: units.velocity, about: 'own velocity' },
    { name: 'position', shape: [2], unit: units.length, about: 'own position' },
    {
      name: 'landmarks',
      shape: [landmarks, 3],
      unit: units.length,
      about: 'from here: dx, dy, visible; zeros where out of sight',
      fields: ['dx', 'dy', 'visible'],
    },
    {
      name: 'others',
      shape: [agents, other.length],
      unit: 'world units; world units per time unit',
      about: `from here: ${other.join(', ')}; zeros where out of sight`,
      fields: other,
    },
    ...task,
  ];
};

/** Which of `count` slots to show, into `shown` (−1: none there). Returns how many slots. */
const choose = (
  grid: Grid,
  position: Float64Array,
  p: number,
  sight: Float64Array,
  e: number,
  limit: number | null,
  count: number,
  self: number,
  shown: Int32Array,
): number => {
  if (limit !== null) {
    const found = grid.nearest(position, p, limit, sight, e, self);
    for (let k = 0; k < limit; k++) shown[k] = k < found ? grid.found[k]! : -1;
    return limit;
  }
  let slot = 0;
  for (let k = 0; k < count; k++) if (k !== self) shown[slot++] = k;
  return slot;
};

/** An observer, and the parts of what it writes. `descriptors`: one per task. */
export const observer = (
  sight: Sight,
  crowd: Crowd,
  descriptors: readonly Float32Array[],
): { readonly observe: Observe; readonly parts: readonly ObservationPart[] } => {
  const { slots, places, roles, roleOf, landmarkSize } = crowd;
  const agents = sight.agentNeighbors ?? slots - 1;
  const landmarks = sight.landmarkNeighbors ?? places;
  const shown = new Int32Array(Math.max(agents, landmarks, 1));
  const entities = sight.observe === 'entities';
  const many = roles.length;

  /** Whether something is there to be seen, and if so its distance in `apart`. */
  const apart = new Float64Array(1);
  const sees = (world: Crowd, e: number, k: number, own: number): boolean => {
    if (k < 0) return false;
    if (k < slots ? world.alive[e * slots + k] === 0 : k - slots >= world.landmarks[e]!) return false;
    const p = placeOf(world, e, k);
    const dx = world.position[p]! - world.position[own]!;
    const dy = world.position[p + 1]! - world.position[own + 1]!;
    apart[0] = Math.sqrt(dx * dx + dy * dy);
    return apart[0] <= world.sight[e]!;
  };

  const writeEntity = (
    world: Crowd,
    e: number,
    i: number,
    k: number,
    seen: boolean,
    out: Float32Array,
    at: number,
  ): number => {
    const width = many + 9;
    if (!seen) {
      out.fill(0, at, at + width);
      return at + width;
    }
    const { position, velocity } = world;
    const [own, p] = [placeOf(world, e, i), placeOf(world, e, k)];
    for (let r = 0; r < many; r++) out[at + r] = k < slots && roleOf[k] === r ? 1 : 0;
    at += many;
    out[at] = k < slots ? 0 : 1;
    out[at + 1] = position[p]! - position[own]!;
    out[at + 2] = position[p + 1]! - position[own + 1]!;
    const mine = (e * slots + i) * 2;
    const theirs = (e * slots + k) * 2;
    out[at + 3] = (k < slots ? velocity[theirs]! : 0) - velocity[mine]!;
    out[at + 4] = (k < slots ? velocity[theirs + 1]! : 0) - velocity[mine + 1]!;
    out[at + 5] = 1;
    out[at + 6] = 1;
    out[at + 7] = apart[0]!;
    out[at + 8] = k < slots ? roles[roleOf[k]!]!.size : landmarkSize;
    return at + 9;
  };

  const writeFlat = (
    world: Crowd,
    e: number,
    i: number,
    k: number,
    seen: boolean,
    out: Float32Array,
    at: number,
    landmark: boolean,
  ): number => {
    const width = landmark ? 3 : 5 + (many > 1 ? many : 0);
    if (!seen) {
      out.fill(0, at, at + width);
      return at + width;
    }
    const { position, velocity } = world;
    const [own, p] = [placeOf(world, e, i), placeOf(world, e, k)];
    out[at] = position[p]! - position[own]!;
    out[at + 1] = position[p + 1]! - position[own + 1]!;
    if (!landmark) {
      out[at + 2] = velocity[(e * slots + k) * 2]!;
      out[at + 3] = velocity[(e * slots + k) * 2 + 1]!;
      if (many > 1) for (let r = 0; r < many; r++) out[at + 4 + r] = roleOf[k] === r ? 1 : 0;
    }
    out[at + width - 1] = 1;
    return at + width;
  };

  const observe: Observe = (world, e, i, out, at) => {
    const { position, velocity, half, everyone, landmarksNear } = world;
    const p = placeOf(world, e, i);
    const v = (e * slots + i) * 2;
    const x = position[p]!;
    const y = position[p + 1]!;
    out[at] = velocity[v]!;
    out[at + 1] = velocity[v + 1]!;
    out[at + 2] = entities ? x / half[e]! : x;
    out[at + 3] = entities ? y / half[e]! : y;
    at += 4;
    if (entities) {
      out[at++] = 1;
      for (let r = 0; r < many; r++) out[at++] = roleOf[i] === r ? 1 : 0;
      let mask = at + (agents + landmarks) * (many + 9);
      const others = choose(everyone, position, p, world.sight, e, sight.agentNeighbors, slots, i, shown);
      for (let k = 0; k < others; k++) {
        const seen = sees(world, e, shown[k]!, p);
        at = writeEntity(world, e, i, shown[k]!, seen, out, at);
        out[mask++] = seen ? 1 : 0;
      }
      const marks = choose(landmarksNear, position, p, world.sight, e, sight.landmarkNeighbors, places, -1, shown);
      for (let k = 0; k < marks; k++) {
        const landmark = shown[k]! < 0 ? -1 : slots + shown[k]!;
        const seen = sees(world, e, landmark, p);
        at = writeEntity(world, e, i, landmark, seen, out, at);
        out[mask++] = seen ? 1 : 0;
      }
      at = mask;
    } else {
      const marks = choose(landmarksNear, position, p, world.sight, e, sight.landmarkNeighbors, places, -1, shown);
      for (let k = 0; k < marks; k++) {
        const landmark = shown[k]! < 0 ? -1 : slots + shown[k]!;
        at = writeFlat(world, e, i, landmark, sees(world, e, landmark, p), out, at, true);
      }
      const others = choose(everyone, position, p, world.sight, e, sight.agentNeighbors, slots, i, shown);
      for (let k = 0; k < others; k++) {
        at = writeFlat(world, e, i, shown[k]!, sees(world, e, shown[k]!, p), out, at, false);
      }
    }
    if (sight.showTask) out.set(descriptors[world.task[e]!]!, at);
  };
  return { observe, parts: partsOf(sight, roles, agents, landmarks) };
};
