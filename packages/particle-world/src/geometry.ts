import type { Draws } from './numpy.js';
import type { Colour, World } from './world.js';

/** Squared distance between two entities of environment `e`. */
export const squaredDistance = (world: World, e: number, a: number, b: number): number => {
  const { position } = world;
  const p = e * world.entities * 2;
  const dx = position[p + 2 * a]! - position[p + 2 * b]!;
  const dy = position[p + 2 * a + 1]! - position[p + 2 * b + 1]!;
  return dx * dx + dy * dy;
};

/** Distance between two entities of environment `e`. */
export const distance = (world: World, e: number, a: number, b: number): number =>
  Math.sqrt(squaredDistance(world, e, a, b));

/** A little more than 1: covers the rounding of a square. */
const ALMOST_ONE = 1 + 1e-12;

/** Whether two discs overlap (touching does not count). */
export const overlaps = (world: World, e: number, a: number, b: number): boolean => {
  const reach = world.size[a]! + world.size[b]!;
  const squared = squaredDistance(world, e, a, b);
  // The root decides; most pairs are so far apart that it need not be taken.
  return squared < reach * reach * ALMOST_ONE && Math.sqrt(squared) < reach;
};

/** Puts entities [from, to) uniformly into the square [−extent, extent]², x drawn before y. */
export const scatter = (world: World, e: number, from: number, to: number, extent: number, draws: Draws): void => {
  const { position } = world;
  const p = e * world.entities * 2;
  for (let k = p + 2 * from; k < p + 2 * to; k++) position[k] = -extent + 2 * extent * draws.uniform();
};

/** Writes `count` zeros; returns the place after them. */
export const writeZeros = (out: Float32Array, at: number, count: number): number => {
  for (let k = at; k < at + count; k++) out[k] = 0;
  return at + count;
};

/** Writes x and y of entity `other` seen from entity `self`, zeros where `other` is −1; returns the place after them. */
export const writeRelative = (
  world: World,
  e: number,
  self: number,
  other: number,
  out: Float32Array,
  at: number,
): number => {
  if (other < 0) return writeZeros(out, at, 2);
  const { position } = world;
  const p = e * world.entities * 2;
  out[at] = position[p + 2 * other]! - position[p + 2 * self]!;
  out[at + 1] = position[p + 2 * other + 1]! - position[p + 2 * self + 1]!;
  return at + 2;
};

/** `writeRelative` for entities [from, to) but `self`, one after another. */
export const writeRange = (
  world: World,
  e: number,
  self: number,
  from: number,
  to: number,
  out: Float32Array,
  at: number,
): number => {
  const { position } = world;
  const p = e * world.entities * 2;
  const x = position[p + 2 * self]!;
  const y = position[p + 2 * self + 1]!;
  for (let k = from; k < to; k++) {
    if (k === self) continue;
    out[at] = position[p + 2 * k]! - x;
    out[at + 1] = position[p + 2 * k + 1]! - y;
    at += 2;
  }
  return at;
};

/** Distance from entity `i` to the nearest of entities [from, to); Infinity where there are none. */
export const nearestDistance = (world: World, e: number, i: number, from: number, to: number): number => {
  const { position } = world;
  const p = e * world.entities * 2;
  const x = position[p + 2 * i]!;
  const y = position[p + 2 * i + 1]!;
  let nearest = Infinity;
  for (let k = p + 2 * from; k < p + 2 * to; k += 2) {
    const dx = position[k]! - x;
    const dy = position[k + 1]! - y;
    nearest = Math.min(nearest, dx * dx + dy * dy);
  }
  return Math.sqrt(nearest);
};

/** How many of entities [from, to) other than `i` overlap entity `i`. */
export const countOverlaps = (world: World, e: number, i: number, from: number, to: number): number => {
  let count = 0;
  for (let k = from; k < to; k++) if (k !== i && overlaps(world, e, k, i)) count++;
  return count;
};

/** Writes the velocity of agent `i`; returns the place after it. */
export const writeVelocity = (world: World, e: number, i: number, out: Float32Array, at: number): number => {
  const v = (e * world.agents + i) * 2;
  out[at] = world.velocity[v]!;
  out[at + 1] = world.velocity[v + 1]!;
  return at + 2;
};

/** Writes the velocity and the position of agent `i`; returns the place after them. */
export const writeMotion = (world: World, e: number, i: number, out: Float32Array, at: number): number => {
  const v = (e * world.agents + i) * 2;
  const p = (e * world.entities + i) * 2;
  out[at] = world.velocity[v]!;
  out[at + 1] = world.velocity[v + 1]!;
  out[at + 2] = world.position[p]!;
  out[at + 3] = world.position[p + 1]!;
  return at + 4;
};

/** Writes what agent `i` said last; returns the place after it. */
export const writeMessage = (world: World, e: number, i: number, out: Float32Array, at: number): number => {
  const { message, messageSize } = world;
  const from = (e * world.agents + i) * messageSize;
  for (let k = 0; k < messageSize; k++) out[at + k] = message[from + k]!;
  return at + messageSize;
};

/** Writes a colour; returns the place after it. */
export const writeColour = (colour: Colour, out: Float32Array, at: number): number => {
  out[at] = colour[0];
  out[at + 1] = colour[1];
  out[at + 2] = colour[2];
  return at + 3;
};

/** 0 inside 0.9, then a steep slope, then exponential, at most 10. */
const beyond = (z: number): number => {
  const far = Math.abs(z);
  if (far < 0.9) return 0;
  return far < 1 ? 10 * (far - 0.9) : Math.min(Math.exp(2 * far - 2), 10);
};

/**
 * Takes what leaving the arena costs agent `i` in this step off its reward: `weight` times 0 where |x| and |y| are below
 * 0.9, at most 20.
 */
export const chargeArena = (world: World, e: number, i: number, weight: number, local: Float64Array): void => {
  const p = (e * world.entities + i) * 2;
  local[i]! -= weight * (beyond(world.position[p]!) + beyond(world.position[p + 1]!));
};
