import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isClassicGolden, replayClassicControl, type ClassicGolden } from '../../../test/parity/classic-control.js';

const folder = new URL('../../../test/golden/classic-control/', import.meta.url);
const read = (file: string): ClassicGolden =>
  JSON.parse(gunzipSync(readFileSync(new URL(file, folder))).toString()) as ClassicGolden;
const files = readdirSync(folder);

describe('golden data of Gymnasium', () => {
  it('are all there', () => {
    expect(files).toHaveLength(5);
    expect(files.map(read).every(isClassicGolden)).toBe(true);
    expect(isClassicGolden({ format: 'mpe-golden/1', steps: [] })).toBe(false);
  });

  it.each(files)('%s', (file) => {
    const { message, ...replay } = replayClassicControl(read(file));
    expect(message).toBeUndefined();
    expect(replay).toMatchObject({ passed: true, flagsExact: true, steps: 600 });
    expect(replay.stateError).toBeLessThanOrEqual(1e-12);
  });

  it.each(files)('in environment 2 of 3: %s', (file) =>
    expect(replayClassicControl(read(file), { numEnvs: 3, lane: 2 })).toMatchObject({ passed: true }),
  );

  it('notice a wrong number', () => {
    const wrong = (
      change: (golden: {
        trajectories: {
          state: number[][];
          obs: number[][];
          reward: number[];
          terminated: boolean[];
          resets: { obs: number[] }[];
        }[];
      }) => void,
    ) => {
      // prettier-ignore
      const golden = structuredClone(read('CartPole-v1.json.gz'));
      change(golden as never);
      return replayClassicControl(golden).message;
    };
    expect(wrong(({ trajectories: [one] }) => (one!.state[3]![1]! += 1e-11))).toBe(
      'trajectory 0 (random), step 2: state',
    );
    expect(wrong(({ trajectories: [one] }) => (one!.obs[3]![1]! += 2e-6))).toBe(
      'trajectory 0 (random), step 2: observation',
    );
    expect(wrong(({ trajectories: [one] }) => (one!.reward[5] = 0))).toBe('trajectory 0 (random), step 5: reward');
    expect(wrong(({ trajectories: [one] }) => (one!.terminated[5] = true))).toBe(
      'trajectory 0 (random), step 5: terminated',
    );
    expect(wrong(({ trajectories: [one] }) => (one!.resets[0]!.obs[0]! += 2e-6))).toMatch(
      /step 9: observation at reset/,
    );
  });
});
