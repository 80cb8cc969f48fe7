import { breach, ruleOf, type Rule } from './breach.js';
import { checkBehaviour } from './behaviour.js';
import { inspect } from './contract.js';
import { guarded, subjectOf } from './subject.js';
import type { Env, Groups } from '../env.js';
import type { VecEnv } from '../vec.js';
import { vectorize } from '../vectorize/vectorize.js';

/** A rule of the contract that an environment breaks. */
export interface Problem {
  /** Which rule. */
  readonly rule: Rule;
  /** Where it was seen, what was expected and what came. */
  readonly message: string;
}

/** How thoroughly an environment is played. */
export interface CheckOptions {
  /** Seed of everything that the check does. Default 0. */
  readonly seed?: number;
  /** Episodes to play to their end. Default 3. */
  readonly episodes?: number;
  /** An episode that takes longer is a problem. Default 10,000. */
  readonly maxSteps?: number;
  /** Episodes need not end: for tasks that go on, to be cut by `timeLimit`. Default false. */
  readonly endless?: boolean;
  /** Whether different seeds must (true) or must not (false) give different episodes. Default: they must if it draws. */
  readonly random?: boolean;
}

/** What can be checked: a factory (best, since fresh copies can be compared), or one environment. */
export type Checkable<G extends Groups> = (() => Env<G>) | (() => VecEnv<G>) | Env<G> | VecEnv<G>;

const requireCount = (name: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`checkEnv: expected ${name} to be an integer >= 1, got ${String(n)}`);
};

/**
 * Plays an environment and reports which rules of the contract it breaks: what is handed out (spaces, bounds, masks,
 * rewards, discounts, ends, one pair of array sets), what is taken (any permitted action, left as it was given), how it
 * behaves (same seed, same episodes; resets leave nothing behind; copies share nothing), and what it may have besides
 * (save and load, drawings). An empty list means that nothing was found.
 *
 * Each rule is reported once, where it was first seen. Behaviour is checked only when everything that is handed out is
 * in order, and up to the first problem. Throws a RangeError for options out of range; whatever the environment throws is
 * a problem of the rule `throws`.
 */
export const checkEnv = async <G extends Groups>(
  subject: Checkable<G>,
  options: CheckOptions = {},
): Promise<readonly Problem[]> => {
  const { seed = 0, episodes = 3, maxSteps = 10_000, endless = false, random } = options;
  requireCount('episodes', episodes);
  requireCount('maxSteps', maxSteps);
  const problems = new Map<Rule, Problem>();
  const report = (rule: Rule, message: string): void => {
    if (!problems.has(rule)) problems.set(rule, { rule, message });
  };
  const settings = { seed, episodes, maxSteps, endless, random };
  let close: (() => void) | undefined;
  try {
    const parts = subjectOf(subject);
    close = parts.close;
    const { vec, world } = parts;
    const first = world ? vectorize(() => guarded(world(), report), { numEnvs: 1 }) : vec();
    const inspected = await inspect(first, settings, report);
    if (problems.size === 0) await checkBehaviour(parts, settings, inspected, report);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report(ruleOf(error) ?? 'throws', message);
  } finally {
    close?.();
  }
  return [...problems.values()];
};

/** Throws an Error that lists every problem that `checkEnv` finds. For tests: `await assertEnv(() => myWorld())`. */
export const assertEnv = async <G extends Groups>(subject: Checkable<G>, options: CheckOptions = {}): Promise<void> => {
  const problems = await checkEnv(subject, options);
  if (problems.length === 0) return;
  const lines = problems.map(({ rule, message }) => `- ${rule}: ${message}`);
  const [first] = problems;
  throw breach(first!.rule, `checkEnv: the environment breaks the contract:\n${lines.join('\n')}`);
};
