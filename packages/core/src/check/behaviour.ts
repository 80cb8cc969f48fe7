import type { Rule } from './breach.js';
import { inspect, type ContractOptions, type Inspected } from './contract.js';
import type { Report } from './frames.js';
import { difference, play, stridden, type Log, type PlayOptions } from './play.js';
import { checkSave } from './save.js';
import { detached, renewed, type Subject } from './subject.js';
import { emptyActions, slotsOf, type JointAction } from '../vec.js';
import type { Groups } from '../env.js';
import { rng } from '../rng.js';
import ndarray from 'ndarray';
import { vectorize } from '../vectorize/vectorize.js';

/** Steps taken at the ends of the action spaces. */
const EXTREME_STEPS = 200;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const spoil = (actions: JointAction<Groups>): void => {
  for (const { data } of Object.values(actions)) data.fill(-1);
};

/** One slot too many in every group. */
const wider = (actions: JointAction<Groups>): JointAction<Groups> =>
  Object.fromEntries(
    Object.entries(actions).map(([name, { data, shape }]) => {
      const [e, n, ...rest] = shape as [number, number, ...number[]];
      const more = new (data.constructor as Float32ArrayConstructor)((data.length / n) * (n + 1));
      return [name, ndarray(more, [e, n + 1, ...rest])];
    }),
  );

/**
 * How an environment behaves, given that what it hands out is in order. Each check compares runs that should be equal;
 * the first that fails ends the list, since the later ones rely on it.
 */
export const checkBehaviour = async (
  subject: Subject,
  options: ContractOptions & { readonly random: boolean | undefined },
  { steps, first, drawn }: Inspected,
  report: Report,
): Promise<void> => {
  const { seed, random } = options;
  const { vec, world, fresh } = subject;
  const how: PlayOptions = { seed, steps };
  const base = await play(vec(), how);

  /** Whether a run is the same as the one before it. */
  const same = async (rule: Rule, expected: string, run: () => Promise<Log>, as: Log = base): Promise<boolean> => {
    let found: string | undefined;
    try {
      found = difference(as, await run());
    } catch (error) {
      found = `the error: ${messageOf(error)}`;
    }
    if (found !== undefined) report(rule, `expected ${expected}, got ${found}`);
    return found === undefined;
  };

  const seeds = async (): Promise<boolean> => {
    let differ = false;
    for (let k = 1; k <= 4 && !differ; k++) {
      const other = await play(vec(), { seed: seed + k, actionSeed: seed, steps });
      differ = difference(base, other) !== undefined;
    }
    if (!differ && (random ?? drawn)) {
      report(
        'seed',
        'expected different seeds to give different episodes, since something is drawn, got five equal runs (random: false if that is right)',
      );
    } else if (differ && random === false) {
      report('seed', 'expected all seeds to give the same episodes (random: false), got different ones');
    }
    return differ || !(random ?? drawn);
  };
  const interrupted = async (): Promise<Log> => {
    const env = vec();
    await play(env, { seed: seed + 1, steps: Math.max(1, Math.floor(first / 2)) });
    return play(env, how);
  };
  const kept = async (): Promise<boolean> => {
    const expected = 'actions that are remembered to be copied, since their arrays are used again';
    if (!world) return same('keeps actions', expected, () => play(vec(), { ...how, after: spoil }));
    const run = (spoilt: boolean) =>
      play(
        vectorize(() => detached(world(), spoilt), { numEnvs: 1 }),
        how,
      );
    return same('keeps actions', expected, () => run(true), await run(false));
  };
  const strided = async (): Promise<boolean> => {
    let log: Log;
    try {
      log = await play(vec(), { ...how, change: stridden });
    } catch {
      return true; // refused: that is no misreading
    }
    return same('strided actions', 'actions of any strides to be read as what they show, or refused', () =>
      Promise.resolve(log),
    );
  };
  const refused = async (): Promise<boolean> => {
    const env = vec();
    await env.reset(rng(seed));
    try {
      await env.step(wider(emptyActions(env.groups, env.numEnvs)));
    } catch {
      return true;
    }
    const shapes = Object.values(env.groups).map(({ agents }) => `[${env.numEnvs}, ${slotsOf(agents) + 1}, …]`);
    report(
      'wrong actions',
      `step: expected actions with a slot too many (${shapes.join(', ')}) to be refused, got a step`,
    );
    return false;
  };
  const extremes = async (): Promise<boolean> => {
    let fine = true;
    for (const choose of ['low', 'high'] as const) {
      const complain = (message: string): void => {
        if (fine) report('extreme actions', `all actions at the ${choose} end: ${message}`);
        fine = false;
      };
      try {
        const brief = {
          ...options,
          episodes: Infinity,
          maxSteps: Math.min(steps, EXTREME_STEPS),
          endless: true,
          choose,
        };
        await inspect(vec(), brief, (_, message) => complain(message));
      } catch (error) {
        complain(messageOf(error));
      }
    }
    return fine;
  };

  const checks: readonly (() => Promise<boolean>)[] = [
    () => same('deterministic', 'the same seed and actions to give the same episodes', () => play(vec(), how)),
    seeds,
    () =>
      same('reset in the middle', 'a reset in the middle of an episode to begin as if nothing had been', interrupted),
    ...(world && fresh
      ? [
          () =>
            same('reset after the end', 'an episode after another to be as in a new environment', () =>
              play(
                vectorize(() => renewed(world), { numEnvs: 1 }),
                how,
              ),
            ),
          () =>
            same('independent', 'two environments to share nothing', () => play(vectorize(world, { numEnvs: 2 }), how)),
        ]
      : []),
    kept,
    ...(world ? [] : [strided, refused]),
    extremes,
  ];
  for (const check of checks) if (!(await check())) return;
  await checkSave(subject, { seed, steps, first }, report);
};
