import { rng, type RngState } from '@troupe/core';
import { numpyDrawsFrom, type Draws, type NumpyState } from './numpy.js';
import type { World } from './world.js';

const FORMAT = 'troupe particle world 1';
const PARTS = ['position', 'velocity', 'message', 'goal', 'cycle', 'stage'] as const;
type Parts = Pick<World, (typeof PARTS)[number]>;

/** Everything needed to continue bit for bit, as plain data. */
interface SavedWorld {
  readonly format: typeof FORMAT;
  readonly scenario: string;
  readonly world: Parts;
  readonly final: Parts;
  readonly ended: Uint8Array;
  readonly stage: number;
  readonly streams: readonly (RngState | NumpyState)[];
}

const copyParts = ({ position, velocity, message, goal, cycle, stage }: World): Parts => ({
  position: position.slice(),
  velocity: velocity.slice(),
  message: message.slice(),
  goal: goal.slice(),
  cycle: cycle.slice(),
  stage: stage.slice(),
});

// One function per kind of array: one for both would box every number.
const copyDoubles = (from: Float64Array, to: Float64Array, e: number, numEnvs: number): void => {
  const size = from.length / numEnvs;
  for (let k = e * size; k < (e + 1) * size; k++) to[k] = from[k]!;
};
const copyIntegers = (from: Int32Array, to: Int32Array, e: number, numEnvs: number): void => {
  const size = from.length / numEnvs;
  for (let k = e * size; k < (e + 1) * size; k++) to[k] = from[k]!;
};

/** Copies environment `e` of one world into another of the same kind. */
export const copyEnvironment = (from: World, to: World, e: number): void => {
  const { numEnvs } = from;
  copyDoubles(from.position, to.position, e, numEnvs);
  copyDoubles(from.velocity, to.velocity, e, numEnvs);
  copyDoubles(from.message, to.message, e, numEnvs);
  copyIntegers(from.goal, to.goal, e, numEnvs);
  copyIntegers(from.cycle, to.cycle, e, numEnvs);
  copyIntegers(from.stage, to.stage, e, numEnvs);
};

/** What `save` returns: copies only. */
export const saveWorld = (
  scenario: string,
  world: World,
  final: World,
  ended: Uint8Array,
  stage: number,
  streams: readonly Draws[],
): SavedWorld => ({
  format: FORMAT,
  scenario,
  world: copyParts(world),
  final: copyParts(final),
  ended: ended.slice(),
  stage,
  streams: streams.map((stream) => stream.save() as RngState | NumpyState),
});

const fill = (world: World, parts: Parts): void => {
  for (const part of PARTS) world[part].set(parts[part]);
};

/** The stream that was saved. */
export const drawsFrom = (saved: RngState | NumpyState): Draws => {
  if ('kind' in saved) return numpyDrawsFrom(saved);
  const stream = rng(0);
  stream.load(saved);
  return stream;
};

const isSaved = (saved: unknown): saved is SavedWorld =>
  typeof saved === 'object' && saved !== null && 'format' in saved && saved.format === FORMAT;

/**
 * Fills the worlds from what `saveWorld` returned. Throws a TypeError for anything else and a RangeError for another
 * scenario or other sizes, before anything is changed.
 */
export const loadWorld = (
  scenario: string,
  world: World,
  final: World,
  ended: Uint8Array,
  saved: unknown,
): { readonly stage: number; readonly streams: readonly Draws[] } => {
  if (!isSaved(saved))
    throw new TypeError(`load: expected what save of a particle world returned, got ${String(saved)}`);
  if (saved.scenario !== scenario) {
    throw new RangeError(`load: expected a saved ${scenario}, got a saved ${saved.scenario}`);
  }
  for (const part of PARTS) {
    const [expected, got] = [world[part].length, saved.world[part].length];
    if (expected !== got) {
      throw new RangeError(`load: expected ${expected} numbers in ${part}, got ${got}: other settings were saved`);
    }
  }
  fill(world, saved.world);
  fill(final, saved.final);
  ended.set(saved.ended);
  return { stage: saved.stage, streams: saved.streams.map(drawsFrom) };
};
