import { pathToFileURL } from 'node:url';
import { rng } from '@troupe/core';
import { contest, medianCall, type Benchmark, type Contestant } from './contest.js';
import { fullReplay } from './joint-rows.js';
import type { Measurement } from './measurement.js';

const CAPACITY = 1_000_000;
const ROWS = 1024;
/** Samples per round. */
const SAMPLES = 300;

/** Draws slots and copies rows to columns, through the public `sample`. */
const sampling = (): Contestant => {
  const buffer = fullReplay(CAPACITY);
  const stream = rng(2);
  let sum = 0;
  return {
    runtime: 'none',
    unit: 'rows',
    units: ROWS,
    config: { capacity: CAPACITY, batch: ROWS, floatsPerRow: 129, bytesPerRow: buffer.bytesPerRow },
    async round() {
      const ms = await medianCall(SAMPLES, () => {
        sum += buffer.sample(ROWS, stream).groups.agents.reward.data[0]!;
      });
      if (!Number.isFinite(sum)) throw new Error(`replay-sample: expected finite rewards, got a sum of ${sum}`);
      return ms;
    },
  };
};

/** 1024 joint rows of 129 floats out of a million. */
export const replaySampleBenchmark: Benchmark = {
  name: 'replay-sample',
  about: `${ROWS} joint rows of 129 floats drawn from ${CAPACITY.toLocaleString('en')}, as one array per column`,
  contestants: () => [sampling()],
  peer: { args: ['replay-sample', '--kind', 'uniform'], idiomatic: ['fields', 'torch-fields'] },
};

/** Measures it: 30 rounds. */
export const replaySample = async (): Promise<readonly Measurement[]> =>
  (await contest(replaySampleBenchmark, { rounds: 30, warmup: 5 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await replaySample()) console.log(JSON.stringify(measurement));
}
