import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isParticleGolden, replayParticleWorld } from '../../../test/parity/particle-world.js';

const folder = new URL('../../../test/golden/particle-world/', import.meta.url);
const read = (file: string): unknown => JSON.parse(gunzipSync(readFileSync(new URL(file, folder))).toString());
const files = readdirSync(folder).filter((file) => isParticleGolden(read(file)));

describe('golden data of MPE2', () => {
  it('are all there', () => expect(files).toHaveLength(71));

  it.each(files)('%s', (file) => {
    const { message, ...replay } = replayParticleWorld(read(file));
    expect(message).toBeUndefined();
    expect(replay).toMatchObject({ flagsExact: true, passed: true });
    expect(replay.stateError).toBeLessThanOrEqual(1e-9);
  });

  it.each([
    'simple_spread-cont-uniform-s1.json.gz',
    'simple_tag-numagentneighbors2-numlandmarkneighbors1-disc-seek-s8.json.gz',
  ])('in environment 2 of 3: %s', (file) =>
    expect(replayParticleWorld(read(file), { numEnvs: 3, lane: 2 }).passed).toBe(true),
  );

  it('notice a wrong turn, a wrong reset', () => {
    const turns = read('aec.json.gz') as { runs: { events: { obs: number[] }[] }[] };
    turns.runs[1]!.events[2]!.obs[0]! += 1e-6;
    expect(replayParticleWorld(turns)).toMatchObject({ passed: false, message: 'simple_tag, turn 2: observation' });
    const resets = read('resets.json.gz') as { runs: { resets: { agents: number[][] }[] }[] };
    resets.runs[0]!.resets[2]!.agents[0]![0]! += 1e-8;
    expect(replayParticleWorld(resets)).toMatchObject({ passed: false, message: 'simple, seed 0, reset 2' });
  });

  it('notice a wrong number', () => {
    const golden = read('simple_spread-disc-random-s0.json.gz') as { steps: { rewards: number[]; pos: number[][] }[] };
    golden.steps[7]!.rewards[1]! += 1e-6;
    expect(replayParticleWorld(golden)).toMatchObject({ passed: false, message: 'step 7: reward of agent_1' });
    golden.steps[3]!.pos[0]![1]! += 1e-8;
    expect(replayParticleWorld(golden)).toMatchObject({ passed: false, message: 'step 3: state of agent_0' });
  });
});
