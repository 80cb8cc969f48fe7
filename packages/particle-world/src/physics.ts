import type { World } from './world.js';

/** Time units per step. */
export const DT = 0.1;
/** Share of the velocity lost per step. */
export const DAMPING = 0.25;
const CONTACT_FORCE = 100;
const CONTACT_MARGIN = 0.001;

/**
 * Gaps wider than this are left out. The force there, 0.1 · e to the −104, is below the smallest number of single
 * precision: no observation can show it.
 */
const OUT_OF_REACH = 104 * CONTACT_MARGIN;

/** Below this exponent log(1 + eˣ) is exactly eˣ in double precision. */
const LOG1P_IS_IDENTITY = -38;

/** log(1 + eˣ) without overflow and without losing small values. */
const softplus = (x: number): number => {
  if (x > 0) return x + Math.log1p(Math.exp(-x));
  return x < LOG1P_IS_IDENTITY ? Math.exp(x) : Math.log1p(Math.exp(x));
};

/** Size of the contact force between discs at distance `r` whose radii sum to `reach`. */
export const contactPush = (r: number, reach: number): number =>
  CONTACT_FORCE * CONTACT_MARGIN * softplus(-(r - reach) / CONTACT_MARGIN);

/**
 * Adds the contact forces of environment `e` to the control forces. Penalty method: a soft shell around each disc,
 * force 100 per unit of overlap. Two discs at exactly the same place have no direction to part in (the reference
 * divides 0 by 0 there and stays NaN): here the first of the pair is pushed to +x and the second to −x, with the
 * force of that overlap.
 */
const addContacts = (world: World, e: number): void => {
  const { agents, pairs, position, size, force, movable } = world;
  const p = e * world.entities * 2;
  const f = e * agents * 2;
  for (let k = 0; k < pairs.length; k += 2) {
    const a = pairs[k]!;
    const b = pairs[k + 1]!;
    const dx = position[p + 2 * a]! - position[p + 2 * b]!;
    const dy = position[p + 2 * a + 1]! - position[p + 2 * b + 1]!;
    const reach = size[a]! + size[b]!;
    const squared = dx * dx + dy * dy;
    if (squared > (reach + OUT_OF_REACH) * (reach + OUT_OF_REACH)) continue;
    const r = Math.sqrt(squared);
    const x = -(r - reach) / CONTACT_MARGIN;
    const penetration = CONTACT_MARGIN * softplus(x);
    const fx = r === 0 ? CONTACT_FORCE * penetration : ((CONTACT_FORCE * dx) / r) * penetration;
    const fy = r === 0 ? 0 : ((CONTACT_FORCE * dy) / r) * penetration;
    if (a < agents && movable[a] === 1) {
      force[f + 2 * a]! += fx;
      force[f + 2 * a + 1]! += fy;
    }
    if (b < agents && movable[b] === 1) {
      force[f + 2 * b]! -= fx;
      force[f + 2 * b + 1]! -= fy;
    }
  }
};

/** Velocity after damping, force and speed limit; position by the velocity of before the step, or by the new one. */
const integrate = (world: World, e: number, withOld: boolean): void => {
  const { agents, position, velocity, force, movable, maxSpeed } = world;
  const p = e * world.entities * 2;
  const v = e * agents * 2;
  for (let i = 0; i < agents; i++) {
    if (movable[i] === 0) continue;
    const k = p + 2 * i;
    const m = v + 2 * i;
    const oldX = velocity[m]!;
    const oldY = velocity[m + 1]!;
    let vx = oldX * (1 - DAMPING) + force[m]! * DT;
    let vy = oldY * (1 - DAMPING) + force[m + 1]! * DT;
    const limit = maxSpeed[e * agents + i]!;
    if (limit < Infinity) {
      const speed = Math.sqrt(vx * vx + vy * vy);
      if (speed > limit) {
        vx = (vx / speed) * limit;
        vy = (vy / speed) * limit;
      }
    }
    velocity[m] = vx;
    velocity[m + 1] = vy;
    position[k]! += (withOld ? oldX : vx) * DT;
    position[k + 1]! += (withOld ? oldY : vy) * DT;
  }
};

/** Walls are where no centre of a disc gets past: who would is put on the wall and loses its speed towards it. */
const keepInside = (world: World, e: number, wall: number): void => {
  const { agents, position, velocity, movable } = world;
  for (let i = 0; i < agents; i++) {
    if (movable[i] === 0) continue;
    for (let axis = 0; axis < 2; axis++) {
      const k = (e * world.entities + i) * 2 + axis;
      const m = (e * agents + i) * 2 + axis;
      const x = position[k]!;
      if (Math.abs(x) < wall) continue;
      position[k] = x < 0 ? -wall : wall;
      if (x * velocity[m]! > 0) velocity[m] = 0;
    }
  }
};

/** Everyone who can speak has said this step's message. */
const deliverMessages = (world: World, e: number): void => {
  const { agents, messageSize, speaks, message, spoken } = world;
  for (let i = 0; i < agents; i++) {
    if (speaks[i] === 0) continue;
    const at = (e * agents + i) * messageSize;
    for (let k = at; k < at + messageSize; k++) message[k] = spoken[k]!;
  }
};

/** One step of environment `e`: contact forces, motion, walls, messages. */
export const advance = (world: World, e: number, withOld: boolean): void => {
  addContacts(world, e);
  integrate(world, e, withOld);
  if (world.wall < Infinity) keepInside(world, e, world.wall);
  deliverMessages(world, e);
};
