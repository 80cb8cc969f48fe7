import type { Runtime } from '@troupe/runtime';
import { isClassicGolden, replayClassicControl } from './classic-control.js';
import { replayMaddpg, unsupported, type MaddpgGolden } from './maddpg.js';
import { isParticleGolden, replayParticleWorld } from './particle-world.js';

/** What became of one golden file, in one runtime where the runtime matters. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'not a replay' | 'not yet';
  readonly runtime?: string;
  readonly detail: string;
}

/** FORMAT.md, section 8: enough for single precision arithmetic, too little for any of the mistakes tried. */
const TOLERANCE = 1e-4;

const judgeMaddpg = async (golden: MaddpgGolden, runtimes: readonly Runtime[]): Promise<readonly Verdict[]> => {
  const beyond = unsupported(golden);
  if (beyond !== undefined) return [{ outcome: 'failed', detail: `not offered by maddpg yet: ${beyond}` }];
  const verdicts: Verdict[] = [];
  for (const runtime of runtimes) {
    const worst = await replayMaddpg(golden, runtime);
    verdicts.push({
      outcome: worst.error <= TOLERANCE ? 'passed' : 'failed',
      runtime: runtime.name,
      detail: `largest error ${worst.error.toExponential(1)} (${worst.of}), ${worst.compared} numbers`,
    });
  }
  return verdicts;
};

/** Replays one golden file of any kind. */
export const judge = async (
  name: string,
  golden: unknown,
  runtimes: readonly Runtime[],
): Promise<readonly Verdict[]> => {
  const file = golden as Readonly<Record<string, unknown>>;
  if (name === 'manifest') return [{ outcome: 'skipped', detail: 'manifest' }];
  if (name.startsWith('oracles')) return [{ outcome: 'not a replay', detail: 'oracles are checked by tests' }];
  if (isParticleGolden(golden)) {
    const replay = replayParticleWorld(golden);
    const errors = `state ${replay.stateError.toExponential(1)}, observation ${replay.observationError.toExponential(1)}, reward ${replay.rewardError.toExponential(1)}, flags ${replay.flagsExact ? 'exact' : 'differ'}`;
    return [{ outcome: replay.passed ? 'passed' : 'failed', detail: replay.message ?? errors }];
  }
  if (isClassicGolden(golden)) {
    const replay = replayClassicControl(golden);
    const errors = `state ${replay.stateError.toExponential(1)}, observation ${replay.observationError.toExponential(1)}, reward ${replay.rewardError.toExponential(1)}, flags ${replay.flagsExact ? 'exact' : 'differ'}, ${replay.steps} steps`;
    return [{ outcome: replay.passed ? 'passed' : 'failed', detail: replay.message ?? errors }];
  }
  if (file['kind'] === 'update' && file['algorithm'] === 'maddpg') {
    return judgeMaddpg(golden as MaddpgGolden, runtimes);
  }
  return [
    {
      outcome: 'not yet',
      detail: [file['algorithm'], file['format'], name].find((text) => typeof text === 'string') ?? name,
    },
  ];
};
