/** Replays recorded draws of n-step returns through the shipped buffer. */
import { replay, type Sampler } from '@troupe/buffers';
import { box, discrete, rng, type Batch } from '@troupe/core';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Columns {
  readonly observations: readonly (readonly number[])[];
  readonly actions: readonly number[];
  readonly rewards: readonly number[];
  readonly nextObservations: readonly (readonly number[])[];
  readonly terminated: readonly number[];
}

/** The part of a case that section 3.1 of FORMAT.md describes. */
export interface NStepGolden {
  readonly config: { readonly nSteps: number; readonly gamma: number };
  readonly batch: {
    readonly buffer: Columns & {
      readonly truncated: readonly number[];
      readonly capacity: number;
      readonly nextWriteIndex: number;
    };
    readonly sampleIndices: readonly number[];
  };
  readonly expected: { readonly sample: Columns & { readonly bootstrapDiscounts: readonly number[] } };
}

/** Draws these slots, whatever the stream says. */
const fixed = (slots: readonly number[]): Sampler => ({
  weighs: false,
  size: slots.length,
  put: () => undefined,
  drop: () => undefined,
  draw: (into) => into.set(slots),
  clear: () => undefined,
  save: () => null,
  load: () => undefined,
});

/** Adds the rows in the order of the recorded ring, draws the recorded slots and returns the largest error. */
export const replayNStep = ({ config, batch: { buffer: ring, sampleIndices }, expected }: NStepGolden): Worst => {
  const width = ring.observations[0]!.length;
  const groups = { agent: { agents: ['agent'], observation: box([width]), action: discrete(64) } } as const;
  const row = (i: number): Batch<typeof groups> => {
    const f32 = (list: Numbers, ...shape: number[]) => ndarray(Float32Array.from(flatten(list)), [1, 1, ...shape]);
    const seen = (list: readonly number[]) => ({
      observation: f32(list, width),
      active: ndarray(Uint8Array.of(1), [1, 1]),
    });
    return {
      groups: {
        agent: {
          ...seen(ring.observations[i]!),
          action: ndarray(Int32Array.of(ring.actions[i]!), [1, 1]),
          reward: f32(ring.rewards[i]!),
          discount: f32(1 - ring.terminated[i]!),
          next: seen(ring.nextObservations[i]!),
          extras: {},
        },
      },
      last: Uint8Array.of(ring.terminated[i]! || ring.truncated[i]! ? 1 : 0),
      env: Int32Array.of(0),
    };
  };
  const buffer = replay(groups, {
    capacity: ring.capacity,
    steps: config.nSteps,
    discount: config.gamma,
    sampler: () => fixed(sampleIndices),
  });
  // Rows that are overwritten bring the write head to where it was.
  for (let i = 0; i < ring.nextWriteIndex; i++) buffer.add(row(i));
  for (let k = 0; k < ring.capacity; k++) buffer.add(row((ring.nextWriteIndex + k) % ring.capacity));
  const drawn = buffer.sample(sampleIndices.length, rng(0)).groups.agent;
  const want = expected.sample;
  const worst = worstOf();
  const see = (name: string, have: ArrayLike<number>, list: Numbers): void => {
    const wanted = flatten(list);
    worst.see(`sample ${name}`, relativeError(have, wanted), wanted.length);
  };
  see('observations', drawn.observation.data, want.observations);
  see('actions', drawn.action.data, want.actions);
  see('rewards', drawn.reward.data, want.rewards);
  see('nextObservations', drawn.next.observation.data, want.nextObservations);
  // The learner multiplies by γ once more; a terminal row has no bootstrap.
  const bootstraps = want.bootstrapDiscounts.map((discount, b) => discount * (1 - want.terminated[b]!));
  see(
    'bootstrapDiscounts',
    drawn.discount.data.map((discount) => config.gamma * discount),
    bootstraps,
  );
  return worst.result();
};
