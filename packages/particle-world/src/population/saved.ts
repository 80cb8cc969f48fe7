import { type RngState } from '@troupe/core';
import { drawsFrom } from '../saved.js';
import type { Draws, NumpyState } from '../numpy.js';
import type { Crowd } from './crowd.js';

const FORMAT = 'troupe population 1';
const PARTS = ['position', 'velocity', 'alive', 'landmarks', 'task', 'cycle', 'half', 'sight', 'tally'] as const;
type Parts = Pick<Crowd, (typeof PARTS)[number]>;

interface SavedCrowd {
  readonly format: typeof FORMAT;
  readonly scenario: string;
  readonly parts: Parts;
  readonly streams: readonly (RngState | NumpyState)[];
  /** Measures of the latest episode that ended, per environment. */
  readonly ended: readonly (readonly number[] | null)[];
}

/** What `save` of a population returns: copies only. */
export const saveCrowd = (
  scenario: string,
  crowd: Crowd,
  streams: readonly Draws[],
  ended: readonly (readonly number[] | null)[],
): SavedCrowd => ({
  format: FORMAT,
  scenario,
  parts: {
    position: crowd.position.slice(),
    velocity: crowd.velocity.slice(),
    alive: crowd.alive.slice(),
    landmarks: crowd.landmarks.slice(),
    task: crowd.task.slice(),
    cycle: crowd.cycle.slice(),
    half: crowd.half.slice(),
    sight: crowd.sight.slice(),
    tally: crowd.tally.slice(),
  },
  streams: streams.map((stream) => stream.save() as RngState | NumpyState),
  ended: ended.map((measures) => measures && [...measures]),
});

const isSaved = (saved: unknown): saved is SavedCrowd =>
  typeof saved === 'object' && saved !== null && 'format' in saved && saved.format === FORMAT;

/** Fills a crowd from what `saveCrowd` returned. Throws a TypeError or RangeError for anything else, changing nothing. */
export const loadCrowd = (
  scenario: string,
  crowd: Crowd,
  saved: unknown,
): { readonly streams: readonly Draws[]; readonly ended: (readonly number[] | null)[] } => {
  if (!isSaved(saved)) throw new TypeError(`load: expected what save of a population returned, got ${String(saved)}`);
  if (saved.scenario !== scenario) {
    throw new RangeError(`load: expected a saved ${scenario}, got a saved ${saved.scenario}`);
  }
  for (const part of PARTS) {
    const [expected, got] = [crowd[part].length, saved.parts[part].length];
    if (expected !== got) {
      throw new RangeError(`load: expected ${expected} numbers in ${part}, got ${got}: other settings were saved`);
    }
  }
  for (const part of PARTS) crowd[part].set(saved.parts[part]);
  return { streams: saved.streams.map(drawsFrom), ended: saved.ended.map((measures) => measures && [...measures]) };
};
