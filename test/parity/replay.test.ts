import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayNStep, type NStepGolden } from './n-step.js';
import { replayPrioritised, type PrioritisedGolden } from './prioritised.js';

const folder = join(import.meta.dirname, '../golden/updates');
const read = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString('utf8'));

describe('recorded replay buffers', () => {
  it.each(['per-stratified-baselines', 'per-stratified-batchmax', 'sumtree-uniform-dopamine'])(
    '%s is reproduced',
    (name) => {
      const worst = replayPrioritised(read(name) as PrioritisedGolden);
      expect(worst.error).toBeLessThan(1e-6);
      expect(worst.compared).toBeGreaterThan(100);
    },
  );

  it('tells wrong settings from the right ones', () => {
    const baselines = read('per-stratified-baselines') as PrioritisedGolden;
    const batchMax = read('per-stratified-batchmax') as PrioritisedGolden;
    const dopamine = read('sumtree-uniform-dopamine') as PrioritisedGolden;
    const changes: readonly (readonly [PrioritisedGolden, Partial<PrioritisedGolden['config']>])[] = [
      [baselines, { alpha: 0.5 }],
      [baselines, { totalExcludesLastItem: false }],
      [baselines, { weightNormalization: 'batch_maximum_weight' }],
      [batchMax, { weightNormalization: 'global_minimum_priority' }],
      [batchMax, { priorityEpsilon: 0.01 }],
      [dopamine, { duplicates: 'allowed, last write wins' }],
    ];
    for (const [golden, change] of changes) {
      const wrong = { ...golden, config: { ...golden.config, ...change } };
      expect(replayPrioritised(wrong).error, JSON.stringify(change)).toBeGreaterThan(1e-3);
    }
  });

  it('windows of three steps are reproduced, across terminal and truncated rows, the seam and the newest row', () => {
    const golden = read('nstep3-dqn-huber') as NStepGolden;
    const worst = replayNStep(golden);
    expect(worst.error, worst.of).toBeLessThan(1e-6);
    expect(worst.compared).toBe(18 * (4 + 1 + 1 + 4 + 1));
    for (const config of [
      { nSteps: 2, gamma: 0.9 },
      { nSteps: 3, gamma: 0.8 },
    ]) {
      expect(replayNStep({ ...golden, config }).error).toBeGreaterThan(1e-2);
    }
  });
});
