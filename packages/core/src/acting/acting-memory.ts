import ndarray from 'ndarray';
import type { F32 } from '../vec.js';

/** What the agents of a group remember from step to step: two arrays, used in turn, so that the last one stays readable. */
export interface ActingMemory {
  /** [E, N, H]; zeros at the first call and wherever an episode began. */
  now(numEnvs: number): F32;
  /** Takes over what a step put out. */
  keep(next: Float32Array): void;
  /** What was remembered before the latest `keep`. */
  before(): F32;
  /** Zeros where the environment is flagged 1, [E]. */
  begin(started: Uint8Array): void;
  /** A copy of what is remembered, [E, N, H]. */
  save(): Float32Array;
  /** Remembers what was saved; E follows from its length. */
  load(saved: Float32Array): void;
}

/** The memory of `slots` agents, `width` numbers each, for any number of environments. */
export const actingMemory = (slots: number, width: number): ActingMemory => {
  const empty = (numEnvs: number): F32 => ndarray(new Float32Array(numEnvs * slots * width), [numEnvs, slots, width]);
  let [current, spare] = [empty(0), empty(0)];
  const sized = (numEnvs: number): void => {
    if (current.shape[0] !== numEnvs) [current, spare] = [empty(numEnvs), empty(numEnvs)];
  };
  return {
    now(numEnvs) {
      sized(numEnvs);
      return current;
    },
    keep(next) {
      [current, spare] = [spare, current];
      current.data.set(next);
    },
    before: () => spare,
    begin(started) {
      sized(started.length);
      const one = slots * width;
      for (let e = 0; e < started.length; e++) if (started[e] === 1) current.data.fill(0, e * one, (e + 1) * one);
    },
    save: () => current.data.slice(),
    load(saved) {
      sized(saved.length / (slots * width));
      current.data.set(saved);
    },
  };
};
