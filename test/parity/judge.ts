import type { Runtime } from '@troupe/runtime';
import { replayAdvantages, type AdvantageGolden } from './advantages.js';
import { isClassicGolden, replayClassicControl } from './classic-control.js';
import type { Worst } from './compare.js';
import { replayDqn, type DqnGolden } from './dqn.js';
import { replayMaddpg, unsupported, type MaddpgGolden } from './maddpg.js';
import { replayCem, replayCmaEs, type CemGolden, type CmaEsGolden } from './maximisers.js';
import { replayNaf, type NafGolden } from './naf.js';
import { isParticleGolden, replayParticleWorld } from './particle-world.js';
import { replayPrioritised, type PrioritisedGolden } from './prioritised.js';
import { replayValueMoments, type ValueMomentsGolden } from './value-moments.js';
import { replayTrustRegion, type TrustRegionGolden } from './trust-region.js';

/** What became of one golden file, in one runtime where the runtime matters. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'not a replay' | 'not yet';
  readonly runtime?: string;
  readonly detail: string;
}

/** FORMAT.md, section 8: enough for single precision arithmetic, too little for any of the mistakes tried. */
const TOLERANCE = 1e-4;

/** The same for conjugate gradients, which magnify rounding. */
const TRUST_REGION_TOLERANCE = 5e-4;

const verdictOf = ({ error, of, compared }: Worst, runtime?: Runtime, tolerance = TOLERANCE): Verdict => ({
  outcome: error <= tolerance ? 'passed' : 'failed',
  ...(runtime && { runtime: runtime.name }),
  detail: `largest error ${error.toExponential(1)} (${of}), ${compared} numbers`,
});

/** Replays a file in every runtime. */
const inEvery = async (
  runtimes: readonly Runtime[],
  replay: (runtime: Runtime) => Promise<Worst>,
  tolerance = TOLERANCE,
): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = [];
  for (const runtime of runtimes) verdicts.push(verdictOf(await replay(runtime), runtime, tolerance));
  return verdicts;
};

type Judge<Golden> = (golden: Golden, runtimes: readonly Runtime[]) => Promise<readonly Verdict[]> | readonly Verdict[];

const judgeMaddpg: Judge<MaddpgGolden> = (golden, runtimes) => {
  const beyond = unsupported(golden);
  if (beyond !== undefined) return [{ outcome: 'failed', detail: `not offered by maddpg yet: ${beyond}` }];
  return inEvery(runtimes, (runtime) => replayMaddpg(golden, runtime));
};

const judgeValueMoments: Judge<ValueMomentsGolden> = (golden, runtimes) =>
  inEvery(runtimes, (runtime) => replayValueMoments(golden, runtime));
const judgeAdvantages: Judge<AdvantageGolden> = (golden, runtimes) =>
  inEvery(runtimes, (runtime) => replayAdvantages(golden, runtime));
const judgeClipped: Judge<TrustRegionGolden> = (golden, runtimes) =>
  inEvery(runtimes, (runtime) => replayTrustRegion(golden, runtime));
const judgeNatural: Judge<TrustRegionGolden> = (golden, runtimes) =>
  inEvery(runtimes, (runtime) => replayTrustRegion(golden, runtime), TRUST_REGION_TOLERANCE);

/** Kinds of files that say what they are, by `kind` and `algorithm`. A new one is entered here. */
const judges: Readonly<Record<string, Judge<never>>> = {
  'update maddpg': judgeMaddpg,
  'update dqn': (golden: DqnGolden, runtimes) => inEvery(runtimes, (runtime) => replayDqn(golden, runtime)),
  'replay prioritized-replay': (golden: PrioritisedGolden) => [verdictOf(replayPrioritised(golden))],
  'update valuenorm': judgeValueMoments,
  'update popart': judgeValueMoments,
  'update naf': (golden: NafGolden, runtimes) => inEvery(runtimes, (runtime) => replayNaf(golden, runtime)),
  'update gae': judgeAdvantages,
  'update n_step_return': judgeAdvantages,
  'update ppo': judgeClipped,
  'update ippo': judgeClipped,
  'update mappo': judgeClipped,
  'update happo': judgeClipped,
  'update trpo': judgeNatural,
  'update hatrpo': judgeNatural,
  'optimizer cem': (golden: CemGolden, runtimes) => inEvery(runtimes, (runtime) => replayCem(golden, runtime)),
  'optimizer cma-es': (golden: CmaEsGolden) => [verdictOf(replayCmaEs(golden))],
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
  const known = judges[`${String(file['kind'])} ${String(file['algorithm'])}`];
  if (known) return known(golden as never, runtimes);
  return [
    {
      outcome: 'not yet',
      detail: [file['algorithm'], file['format'], name].find((text) => typeof text === 'string') ?? name,
    },
  ];
};
