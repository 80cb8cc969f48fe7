import { carryOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { weightsOf } from './descent.js';
import { difference, perTeam, type ActorRule } from './actor-rule.js';
import { ATTEMPT_METRICS, attemptStep, DIRECTION_METRICS, directionStep } from './natural-step.js';
import type { TrpoConfig } from './settings.js';

const named = <N extends string>(names: readonly N[], data: ArrayLike<number>): Record<N, number> =>
  Object.fromEntries(names.map((name, i) => [name, data[i]!])) as Record<N, number>;

/** What was measured of a try. */
type Tried = Readonly<Record<'kl' | 'surrogate' | 'entropy' | 'ratio', number>>;

/** Of one that left the finite numbers: infinitely far and worth nothing. What else is told stays as it was `before`. */
const triedOf = (data: ArrayLike<number>, before: Tried): Tried => {
  const tried = named(ATTEMPT_METRICS, data);
  return tried.finite === 1 ? tried : { ...before, kl: Infinity, surrogate: -Infinity };
};

/** One try of the line search. */
export interface Attempt {
  /** Share of the full step. */
  readonly fraction: number;
  /** Mean divergence from the policy before; Infinity where the step led out of the finite numbers. */
  readonly kl: number;
  /** Mean of ratio times advantage; −Infinity where the step led out of the finite numbers. */
  readonly surrogate: number;
  /** Improvement of the surrogate, and what the gradient promises for this fraction. */
  readonly improvement: number;
  /** `acceptRatio` of it is asked for. */
  readonly expected: number;
  /** Whether the step was taken; the last try, or none. */
  readonly accepted: boolean;
}

/**
 * One trust-region step: the direction in one call, then a backtracking line search, one call per try. A try must stay
 * within the trust region, improve the surrogate, and keep `acceptRatio` of what the gradient promises for it. Where none
 * does, the weights stay exactly as they were: they were never changed.
 */
export const naturalRule = (config: TrpoConfig, runtime: Runtime): ActorRule => {
  const compiled = perTeam(({ team }) => ({
    direct: runtime.compile(directionStep(team, config), { name: `direction of ${team.name}` }),
    attempt: runtime.compile(attemptStep(team, config), { name: `line search of ${team.name}` }),
  }));
  const nothing = carryOf<Record<string, never>>({});
  return {
    metrics: [
      'policyLoss',
      'entropy',
      'policyGradNorm',
      'ratio',
      'kl',
      'improvement',
      'expectedImprovement',
      'fraction',
      'accepted',
      'attempts',
      'cgIterations',
      'cgResidual',
    ],
    descends: false,
    parts: 1,
    async update({ actor, carry: start, rows, wantsRatio }) {
      const { direct, attempt } = compiled(actor);
      const { carry, output } = await direct.run(start, { rows });
      const found = named(DIRECTION_METRICS, output.metrics.data);
      const own = weightsOf(carry);
      const full = output.full.data as Float32Array;
      const candidate = ndarray(new Float32Array(own.length), [own.length]);
      const attempts: Attempt[] = [];
      let last: Tried = { kl: 0, surrogate: found.surrogate, entropy: found.entropy, ratio: 1 };
      let logRatio: Float64Array | undefined;
      // Where the gradient is zero, or the curvature not positive, there is nothing to try.
      const sound = found.expected > 0 && found.curvature > 0;
      for (let j = 0; sound && j < config.lineSearchSteps && logRatio === undefined; j++) {
        const fraction = config.backtrack ** j;
        for (let i = 0; i < own.length; i++) candidate.data[i] = own[i]! + fraction * full[i]!;
        const tried = await attempt.run(nothing, {
          theta: candidate,
          rows,
          output: output.output,
          logProb: output.logProb,
        });
        last = triedOf(tried.output.metrics.data, last);
        const improvement = last.surrogate - found.surrogate;
        const expected = fraction * found.expected;
        const accepted = last.kl < config.kl && improvement > 0 && improvement > config.acceptRatio * expected;
        attempts.push({ fraction, kl: last.kl, surrogate: last.surrogate, improvement, expected, accepted });
        if (!accepted) continue;
        own.set(candidate.data);
        logRatio = difference(tried.output.logProb.data, output.logProb.data);
      }
      const end = attempts.at(-1);
      const accepted = end?.accepted ?? false;
      return {
        carry,
        logRatio: wantsRatio ? (logRatio ?? new Float64Array(output.logProb.size)) : undefined,
        metrics: {
          policyLoss: -found.surrogate,
          entropy: last.entropy,
          policyGradNorm: found.policyGradNorm,
          ratio: last.ratio,
          kl: accepted ? end!.kl : 0,
          improvement: accepted ? end!.improvement : 0,
          expectedImprovement: end?.expected ?? 0,
          fraction: accepted ? end!.fraction : 0,
          accepted: accepted ? 1 : 0,
          attempts: attempts.length,
          cgIterations: found.cgIterations,
          cgResidual: found.cgResidual,
        },
        report: {
          ...found,
          gradient: output.gradient.data,
          solution: output.solution.data,
          full: output.full.data,
          attempts,
        },
      };
    },
  };
};
