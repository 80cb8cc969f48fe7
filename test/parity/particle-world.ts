import { replayResets, type GoldenResets } from './particle-world-resets.js';
import type { ParticleReplay } from './particle-world-tally.js';
import { replayTrajectory, type GoldenTrajectory } from './particle-world-trajectory.js';
import { replayTurns, type GoldenTurns } from './particle-world-turns.js';

export type { ParticleReplay } from './particle-world-tally.js';

type Golden = GoldenTrajectory | GoldenResets | GoldenTurns;
const formats: readonly unknown[] = [
  'mpe-golden/1',
  'mpe-golden-resets/1',
  'mpe-golden-aec/1',
] satisfies Golden['format'][];

/** Whether this is golden data of the particle world that `replayParticleWorld` replays; a manifest is not. */
export const isParticleGolden = (golden: unknown): golden is Golden =>
  typeof golden === 'object' &&
  golden !== null &&
  'format' in golden &&
  formats.includes(golden.format) &&
  ('steps' in golden || 'runs' in golden);

/**
 * Replays golden data of the particle world through the public interface: a trajectory free-running from its initial
 * state (in environment `lane` of `numEnvs`, the others do nothing), seeded resets, or transcripts of turn-based play.
 * Throws a TypeError for anything else.
 */
export const replayParticleWorld = (golden: unknown, { numEnvs = 1, lane = 0 } = {}): ParticleReplay => {
  if (!isParticleGolden(golden)) {
    throw new TypeError(`replayParticleWorld: expected golden data of one of the formats ${formats.join(', ')}`);
  }
  switch (golden.format) {
    case 'mpe-golden/1':
      return replayTrajectory(golden, numEnvs, lane);
    case 'mpe-golden-resets/1':
      return replayResets(golden);
    case 'mpe-golden-aec/1':
      return replayTurns(golden);
  }
};
