import { scripted, sizeOf, type Box, type Discrete, type Group, type Policy } from '@troupe/core';
import { moveToward, type PlayerOptions } from './move.js';

/** A group that sees boxes and moves. */
/** A group whose agents only move. */
export type MovingGroup = Group<readonly string[], Box, Box | Discrete>;

/** Where things are in the observations of `simpleTag`. */
const layout = (where: string, groups: { readonly adversaries: MovingGroup; readonly good: MovingGroup }) => {
  const [a, g] = [groups.adversaries.agents.length, groups.good.agents.length];
  const obstacles = (sizeOf(groups.good.observation) - 4 - 2 * (a + g - 1) - 2 * (g - 1)) / 2;
  const expected = 4 + 2 * obstacles + 2 * (a + g - 1) + 2 * g;
  if (!(Number.isInteger(obstacles) && obstacles >= 0 && sizeOf(groups.adversaries.observation) === expected)) {
    throw new RangeError(`${where}: expected observations of simpleTag that show all agents and obstacles`);
  }
  return { a, g, obstacles, others: 4 + 2 * obstacles };
};

const PREDATOR_ACCEL = 3;
const PREY_ACCEL = 4;
/** Radii in `simpleTag`. */
const [PREY_SIZE, OBSTACLE_SIZE] = [0.05, 0.2];
/** Directions that prey considers, and how far it looks. */
const DIRECTIONS = 16;
const LOOK = 0.4;
/** Outside this square prey is punished. */
const ARENA = 0.9;

/**
 * Scripted predators of `simpleTag`: each runs to the nearest prey and keeps pace with it. They read only their own
 * observations. Throws a RangeError for groups that do not observe all agents and obstacles.
 */
export const chasePrey = <A extends MovingGroup, G extends MovingGroup>(
  groups: { readonly adversaries: A; readonly good: G },
  { version = 'mpe2' }: PlayerOptions = {},
): Policy<A> => {
  const { a, g, others } = layout('chasePrey', groups);
  const [firstPrey, firstVelocity] = [others + 2 * (a - 1), others + 2 * (a + g - 1)];
  return scripted(groups.adversaries, (seen) => {
    let [target, least] = [0, Infinity];
    for (let k = 0; k < g; k++) {
      const d = Math.hypot(seen[firstPrey + 2 * k]!, seen[firstPrey + 2 * k + 1]!);
      if (d < least) [target, least] = [k, d];
    }
    const [place, pace] = [firstPrey + 2 * target, firstVelocity + 2 * target];
    return moveToward(
      groups.adversaries.action,
      PREDATOR_ACCEL,
      seen[place]!,
      seen[place + 1]!,
      seen[0]! - seen[pace]!,
      seen[1]! - seen[pace + 1]!,
      version,
    );
  });
};

/**
 * Scripted prey of `simpleTag`: looks in 16 directions for the place farthest from the nearest predator, avoiding
 * obstacles and the outside of the arena. It reads only its own observation. Throws a RangeError for groups that do not
 * observe all agents and obstacles.
 */
export const fleePrey = <A extends MovingGroup, G extends MovingGroup>(
  groups: { readonly adversaries: A; readonly good: G },
  { version = 'mpe2' }: PlayerOptions = {},
): Policy<G> => {
  const { a, obstacles, others } = layout('fleePrey', groups);
  /** How good it is to be at x, y from here: distance of the nearest predator, less what the place costs. */
  const worth = (seen: Float32Array, x: number, y: number): number => {
    let value = Infinity;
    for (let k = 0; k < a; k++) {
      const at = others + 2 * k;
      value = Math.min(value, Math.hypot(seen[at]! - x, seen[at + 1]! - y));
    }
    for (let l = 0; l < obstacles; l++) {
      const into = OBSTACLE_SIZE + PREY_SIZE - Math.hypot(seen[4 + 2 * l]! - x, seen[5 + 2 * l]! - y);
      if (into > 0) value -= 2 * into;
    }
    const outside = Math.max(0, Math.abs(seen[2]! + x) - ARENA) + Math.max(0, Math.abs(seen[3]! + y) - ARENA);
    return value - 10 * outside;
  };
  return scripted(groups.good, (seen) => {
    let [x, y, most] = [0, 0, worth(seen, 0, 0)];
    for (let k = 0; k < DIRECTIONS; k++) {
      const angle = (2 * Math.PI * k) / DIRECTIONS;
      const [tryX, tryY] = [LOOK * Math.cos(angle), LOOK * Math.sin(angle)];
      const value = worth(seen, tryX, tryY);
      if (value > most) [x, y, most] = [tryX, tryY, value];
    }
    return moveToward(groups.good.action, PREY_ACCEL, x, y, seen[0]!, seen[1]!, version);
  });
};
