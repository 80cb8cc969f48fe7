import { rng, type Rng, type RngState } from '@troupe/core';

const FORMAT = 'troupe classic control 1';
const PARTS = ['state', 'steps', 'final', 'finalSteps', 'ended'] as const;

/** Everything that environments remember, apart from their streams. */
export interface Memory {
  /** [E, S] */
  readonly state: Float64Array;
  /** [E] */
  readonly steps: Int32Array;
  /** [E, S]; what the latest episode ended in. */
  readonly final: Float64Array;
  /** [E] */
  readonly finalSteps: Int32Array;
  /** [E]; 1 where an episode has ended. */
  readonly ended: Uint8Array;
}

interface Saved extends Memory {
  readonly format: typeof FORMAT;
  readonly name: string;
  readonly streams: readonly RngState[];
}

/** What `save` returns: copies only. */
export const saveMemory = (name: string, memory: Memory, streams: readonly Rng[]): Saved => ({
  format: FORMAT,
  name,
  state: memory.state.slice(),
  steps: memory.steps.slice(),
  final: memory.final.slice(),
  finalSteps: memory.finalSteps.slice(),
  ended: memory.ended.slice(),
  streams: streams.map((stream) => stream.save()),
});

const isSaved = (saved: unknown): saved is Saved =>
  typeof saved === 'object' && saved !== null && 'format' in saved && saved.format === FORMAT;

/**
 * Fills the memory from what `saveMemory` returned, and returns the streams. Throws a TypeError for anything else and a
 * RangeError for another world or other sizes, before anything is changed.
 */
export const loadMemory = (name: string, memory: Memory, saved: unknown): readonly Rng[] => {
  if (!isSaved(saved)) throw new TypeError(`load: expected what save of ${name} returned, got ${String(saved)}`);
  if (saved.name !== name) throw new RangeError(`load: expected a saved ${name}, got a saved ${saved.name}`);
  for (const part of PARTS) {
    const [expected, got] = [memory[part].length, saved[part].length];
    if (expected !== got) {
      throw new RangeError(`load: expected ${expected} numbers in ${part}, got ${got}: other settings were saved`);
    }
  }
  for (const part of PARTS) memory[part].set(saved[part]);
  return saved.streams.map((state) => {
    const stream = rng(0);
    stream.load(state);
    return stream;
  });
};
