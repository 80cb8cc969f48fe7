import { breather } from './breathe.js';
import { checkPolicies, checkRun } from './check-run.js';
import { collector, isPromise } from './collect.js';
import type { Groups } from '../env.js';
import type { Batch, Buffer, Learner, Metrics, Policies, Rollout, Snapshot, Training } from '../learn.js';
import type { Rng } from '../rng.js';
import { resumeEnv, runStreams, keeping, type RunStreams } from './snapshot.js';
import type { VecEnv } from '../vec.js';

/** Settings of `offPolicy`. All counts are environment steps summed over the environments. */
export interface OffPolicyRun<G extends Groups, S, X = Batch<G>> {
  /** Where experience comes from. Begins new episodes when the run does, unless it is resumed. */
  readonly env: VecEnv<G>;
  /** Learns from what the buffer's samples are: rows (`Batch`), or sequences (`Rollout`). */
  readonly learner: Learner<NoInfer<G>, S, X>;
  /** Where rows go and what updates are drawn from. */
  readonly buffer: Buffer<Batch<NoInfer<G>>, NoInfer<X>>;
  /** The only source of randomness of the run. */
  readonly rng: Rng;
  /** Environment steps in all. */
  readonly steps: number;
  /** Rows or sequences per update. Default 256. */
  readonly batchSize?: number;
  /** Environment steps before the first update. Default `batchSize`. */
  readonly warmup?: number;
  /** Environment steps from one update to the next. Default 1; smaller than 1 gives several updates per step. */
  readonly updateEvery?: number;
  /** Policies that act in the learner's place for some groups: scripted opponents, past versions. */
  readonly policies?: Partial<Policies<NoInfer<G>>>;
  /** Starts from this learner state (which is consumed) instead of `learner.init`. */
  readonly state?: S;
  /** Continues a run from `progress.snapshot()`; settings must be the same. */
  readonly resume?: Snapshot<S> | undefined;
}

const KNOWN: Readonly<Record<keyof OffPolicyRun<Groups, unknown>, true>> = {
  env: true,
  learner: true,
  buffer: true,
  rng: true,
  steps: true,
  batchSize: true,
  warmup: true,
  updateEvery: true,
  policies: true,
  state: true,
  resume: true,
};

const requirePositive = (name: string, n: number): number => {
  if (!(n > 0 && n < Infinity)) throw new RangeError(`offPolicy: expected ${name} > 0, got ${String(n)}`);
  return n;
};

/** What names the rows of a sample, where its buffer wants to know how wrong a learner was about them. */
const indexOf = (sample: unknown): Int32Array | undefined => {
  const batch = sample as Partial<Batch<Groups>> & Partial<Rollout<Groups>>;
  return (batch.batch ?? batch).index;
};

/**
 * Collects with exploring policies, remembers, and updates from samples: the loop of DQN, DDPG and SAC families.
 * Yields after every round of updates and whenever episodes ended; breaking out of the loop stops training.
 * The same seed gives the same run, bit for bit. Throws a RangeError for settings that are not positive or not known, and
 * a TypeError for parts that are missing or belong to an environment with other groups.
 */
export async function* offPolicy<G extends Groups, S, X = Batch<G>>(run: OffPolicyRun<G, S, X>): Training<G, S> {
  checkRun('offPolicy', run, KNOWN, ['env', 'learner', 'buffer', 'rng']);
  const { env, learner, buffer, resume } = run;
  const total = requirePositive('steps', run.steps);
  const batchSize = requirePositive('batchSize', run.batchSize ?? 256);
  const updateEvery = requirePositive('updateEvery', run.updateEvery ?? 1);
  const warmup = run.warmup ?? batchSize;
  const streams: RunStreams = runStreams(run.rng, ['sample', 'update']);
  const breathe = breather();

  let state = resume ? structuredClone(resume.state) : (run.state ?? learner.init(run.rng.split('init')));
  let steps = resume?.steps ?? 0;
  let updates = resume?.updates ?? 0;
  const policies: Policies<G, S> = { ...learner.policies(state, 'explore'), ...run.policies };
  checkPolicies('offPolicy', env, policies);
  const current = resume && resumeEnv('offPolicy', env, resume);
  const envStream = resume ? `env from step ${resume.steps}` : 'env';
  const worlds = await collector({ env, policies, rng: run.rng, envStream, ...(current && { current }) });
  if (resume) streams.resume(resume, { worlds, policies, buffer, current });
  if (current === undefined) buffer.cut?.();
  let metrics: Metrics = resume?.metrics ?? {};
  const kept = keeping<G, S>({ streams, worlds, policies, buffer, env });

  while (steps < total) {
    kept.goOn();
    const stepping = worlds.step({ steps, total });
    buffer.add(isPromise(stepping) ? await stepping : stepping);
    steps += env.numEnvs;
    const clock = { steps, total };
    const due = Math.min(steps, total) < warmup ? 0 : Math.floor((steps - warmup) / updateEvery) + 1;
    const before = updates;
    for (; updates < due; updates++) {
      const sample = buffer.sample(batchSize, streams.of('sample'), clock);
      const updating = learner.update(state, sample, streams.of('update'), clock);
      const [next, report, error] = isPromise(updating) ? await updating : updating;
      [state, metrics] = [next, report];
      const index = error && indexOf(sample);
      if (index) buffer.prioritise?.(index, error);
    }
    if (updates > before) for (const name in policies) policies[name].update?.(state);
    const pause = breathe();
    if (pause) await pause;
    const episodes = worlds.drain();
    if (updates > before || episodes.length > 0 || steps >= total) {
      const at = { steps, updates, metrics, state };
      const { snapshot, lend } = kept.offer(at);
      // Named one by one: spread, they took as long as a step of a small environment.
      yield { steps, updates, metrics, state, total, episodes, snapshot, lend };
    }
  }
  return state;
}
