import { breather } from './breathe.js';
import { checkPolicies, checkRun } from './check-run.js';
import { collector, isPromise } from './collect.js';
import type { Groups } from '../env.js';
import type { Learner, Metrics, Policies, Rollout, Snapshot, Training } from '../learn.js';
import type { Rng } from '../rng.js';
import { rolloutStore } from './rollout.js';
import { keeping, resumeEnv, runStreams } from './snapshot.js';
import type { VecEnv } from '../vec.js';

/** Settings of `onPolicy`. */
export interface OnPolicyRun<G extends Groups, S> {
  /** Where experience comes from. Begins new episodes when the run does, unless it is resumed. */
  readonly env: VecEnv<G>;
  /** Learns from exactly the `horizon` steps that its latest policies made. */
  readonly learner: Learner<NoInfer<G>, S, Rollout<NoInfer<G>>>;
  /** The only source of randomness of the run. */
  readonly rng: Rng;
  /** Environment steps in all, summed over the environments. */
  readonly steps: number;
  /** Steps of each environment per update. */
  readonly horizon: number;
  /** Policies that act in the learner's place for some groups. */
  readonly policies?: Partial<Policies<NoInfer<G>>>;
  /** Starts from this learner state (which is consumed) instead of `learner.init`. */
  readonly state?: S;
  /** Continues a run from `progress.snapshot()`; settings must be the same. */
  readonly resume?: Snapshot<S> | undefined;
}

const KNOWN: Readonly<Record<keyof OnPolicyRun<Groups, unknown>, true>> = {
  env: true,
  learner: true,
  rng: true,
  steps: true,
  horizon: true,
  policies: true,
  state: true,
  resume: true,
};

/**
 * Collects `horizon` steps in every environment with the current policies, updates from exactly these, and forgets
 * them: the loop of the policy-gradient family. Yields after every update. The same seed gives the same run, bit for
 * bit. Throws a RangeError unless `steps` is positive, `horizon` an integer >= 1 and every setting known, and a TypeError
 * for parts that are missing or belong to an environment with other groups.
 */
export async function* onPolicy<G extends Groups, S>(run: OnPolicyRun<G, S>): Training<G, S> {
  checkRun('onPolicy', run, KNOWN, ['env', 'learner', 'rng']);
  const { env, learner, horizon, steps: total, resume } = run;
  if (!(total > 0 && total < Infinity)) throw new RangeError(`onPolicy: expected steps > 0, got ${String(total)}`);
  if (!(Number.isInteger(horizon) && horizon >= 1)) {
    throw new RangeError(`onPolicy: expected horizon to be an integer >= 1, got ${String(horizon)}`);
  }
  const streams = runStreams(run.rng, ['update']);
  const breathe = breather();
  let state = resume ? structuredClone(resume.state) : (run.state ?? learner.init(run.rng.split('init')));
  let steps = resume?.steps ?? 0;
  let updates = resume?.updates ?? 0;
  const policies: Policies<G, S> = { ...learner.policies(state, 'explore'), ...run.policies };
  checkPolicies('onPolicy', env, policies);
  const current = resume && resumeEnv('onPolicy', env, resume);
  const envStream = resume ? `env from step ${resume.steps}` : 'env';
  const worlds = await collector({ env, policies, rng: run.rng, envStream, ...(current && { current }) });
  if (resume) streams.resume(resume, { worlds, policies, current });
  const store = rolloutStore<G>(horizon, env.numEnvs);
  const kept = keeping<G, S>({ streams, worlds, policies, env });
  let fresh = current === undefined;

  while (steps < total) {
    kept.goOn();
    for (let t = 0; t < horizon; t++) {
      const stepping = worlds.step({ steps: steps + t * env.numEnvs, total });
      store.write(t, isPromise(stepping) ? await stepping : stepping);
      const pause = breathe();
      if (pause) await pause;
    }
    steps += horizon * env.numEnvs;
    const rollout = { ...store.rollout(), fresh };
    fresh = false;
    const updating = learner.update(state, rollout, streams.of('update'), { steps, total });
    let metrics: Metrics;
    [state, metrics] = isPromise(updating) ? await updating : updating;
    updates += 1;
    for (const name in policies) policies[name].update?.(state);
    const at = { steps, updates, metrics, state };
    yield { ...at, total, episodes: worlds.drain(), ...kept.offer(at) };
  }
  return state;
}
