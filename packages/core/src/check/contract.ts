import { inspectFrame, inspectStep, type Report } from './frames.js';
import { difference, noteReset, noteStep, player, watched, type Choose, type Log, type Moment } from './play.js';
import type { Groups } from '../env.js';
import { rng } from '../rng.js';
import type { Scene, Shape } from '../scene.js';
import type { JointAction, JointObservation, VecEnv, VecStep } from '../vec.js';

/** How long an environment is played, and with which actions. */
export interface ContractOptions {
  readonly seed: number;
  readonly episodes: number;
  readonly maxSteps: number;
  readonly endless: boolean;
  readonly choose?: Choose;
}

/** What playing an environment told about it. */
export interface Inspected {
  readonly steps: number;
  /** Length of the first episode of environment 0. */
  readonly first: number;
  /** Whether anything was drawn from the streams that it was given. */
  readonly drawn: boolean;
}

/** Steps of an environment that has no end. */
const ENDLESS_STEPS = 200;

const copyActions = (actions: JointAction<Groups>): readonly (readonly number[])[] =>
  Object.values(actions).map(({ data }) => Array.from(data));

/** All arrays that a step hands out, by name. */
const arraysOf = ({ next, current, reward, discount, last }: VecStep<Groups>): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ...Object.entries({ next, current }).flatMap(([frame, seen]) =>
      Object.entries(seen).flatMap(([name, group]) =>
        (['observation', 'active', 'legal', 'state'] as const).map(
          (key) => [`${key} of group '${name}' in ${frame}`, group[key]?.data] as const,
        ),
      ),
    ),
    ...Object.entries({ reward, discount }).flatMap(([key, all]) =>
      Object.entries(all).map(([name, { data }]) => [`${key} of group '${name}'`, data] as const),
    ),
    ['last', last],
  ]);

/** Checks that what was returned stays as it was for one more step, and that its arrays come back the step after. */
const twoSets = (report: Report) => {
  let held: { readonly log: Log; readonly again: () => Log } | undefined;
  let [previous, older]: (ReadonlyMap<string, unknown> | undefined)[] = [];
  return {
    begin(frame: JointObservation<Groups>): void {
      held = { log: [noteReset(frame)], again: () => [noteReset(frame)] };
    },
    step(where: string, step: VecStep<Groups>, moment: Moment): void {
      const changed = held && difference(held.log, held.again());
      if (changed)
        report('two sets', `${where}: expected what the call before returned to stay as it was, got ${changed}`);
      held = { log: [moment], again: () => [noteStep(step)] };
      const arrays = arraysOf(step);
      const renewed = older && [...arrays].find(([name, array]) => older!.get(name) !== array);
      if (renewed) {
        const what = `${where}: expected the arrays of the step before the last to be used again`;
        report('two sets', `${what} (stepArrays makes such sets), got a new one for ${renewed[0]}`);
      }
      [previous, older] = [arrays, previous];
    },
  };
};

/** Environment e's part of what a moment holds in `next` or `current`. */
const partOf = (moment: Moment, frame: 'next' | 'current', e: number, numEnvs: number): readonly number[] =>
  [...moment].flatMap(([name, values]) => {
    if (!name.endsWith(` in ${frame}`)) return [];
    const size = values.length / numEnvs;
    return Array.from({ length: size }, (_, i) => values[e * size + i]!);
  });

/** Checks that `current` is `next` while the episode goes on, and that an end is not hidden by the reset after it. */
const successors = (report: Report) => {
  const begun = new Set<string>();
  let [endings, hidden] = [0, 0];
  return {
    step(where: string, moment: Moment, last: Uint8Array): void {
      last.forEach((over, e) => {
        const next = partOf(moment, 'next', e, last.length);
        const current = partOf(moment, 'current', e, last.length);
        const same = next.every((x, i) => Object.is(x, current[i]));
        if (over === 0) {
          if (!same)
            report('current', `${where}, environment ${e}: expected current to be next while the episode goes on`);
          return;
        }
        endings += 1;
        if (same) hidden += 1;
        begun.add(current.join());
      });
    },
    done(): void {
      // Where every episode begins alike, an end may look like a beginning: nothing can be said.
      if (endings > 1 && hidden === endings && begun.size > 1) {
        report(
          'successor',
          'expected next to hold the last observation of an episode that ended, got the first one of the next episode ' +
            `at each of ${endings} ends`,
        );
      }
    },
  };
};

const numbersIn = (shape: Shape): readonly number[] =>
  Object.values(shape).flatMap((value: number | string | Extract<Shape, { points: unknown }>['points']) =>
    typeof value === 'number' ? [value] : typeof value === 'string' ? [] : value.flat(),
  );

/** Checks the drawings of environment 0. */
const drawings = (report: Report) => {
  let kinds: string | undefined;
  return {
    forget: () => void (kinds = undefined),
    look(where: string, { view, shapes }: Scene): void {
      if (!(view.width > 0 && view.height > 0)) {
        report('render', `${where}: expected a view of positive size, got ${view.width} by ${view.height}`);
      }
      const bad = shapes.findIndex((shape) => !numbersIn(shape).every(Number.isFinite));
      if (bad !== -1) report('render', `${where}: expected finite numbers in shape ${bad} (${shapes[bad]!.kind})`);
      const found = shapes.map(({ kind }) => kind).join(' ');
      if (kinds !== undefined && found !== kinds) {
        report('render', `${where}: expected the same shapes throughout an episode (${kinds}), got ${found || 'none'}`);
      }
      kinds = found;
    },
  };
};

/**
 * Plays an environment at random (or at the ends of its action spaces) and checks every number that it hands out.
 */
export const inspect = async (env: VecEnv<Groups>, options: ContractOptions, complain: Report): Promise<Inspected> => {
  let shapeless = false;
  const report: Report = (rule, message) => {
    shapeless ||= rule === 'shapes' || rule === 'groups';
    complain(rule, message);
  };
  const { seed, episodes, maxSteps, endless } = options;
  let [drawn, ended, first] = [false, 0, 0];
  const choose = player(env, seed, options.choose);
  const [sets, ends, scenes] = [twoSets(report), successors(report), drawings(report)];
  const lengths = new Float64Array(env.numEnvs);
  let seen = await env.reset(watched(rng(seed), () => void (drawn = true)));
  let alive = inspectFrame('reset', env, seen, report);
  sets.begin(seen);
  if (env.render) scenes.look('reset', env.render(0));
  for (let t = 1; ; t++) {
    const where = `step ${t}`;
    const actions = choose(seen);
    const before = copyActions(actions);
    const step = await env.step(actions);
    if (JSON.stringify(copyActions(actions)) !== JSON.stringify(before)) {
      report('mutates actions', `${where}: expected the actions to be left as they were given`);
    }
    alive = inspectStep(where, env, alive, step, report);
    // Arrays that are not what they should be cannot be compared either.
    if (shapeless) return { steps: t, first: t, drawn };
    const moment = noteStep(step);
    sets.step(where, step, moment);
    ends.step(where, moment, step.last);
    step.last.forEach((over, e) => {
      lengths[e]! += 1;
      if (!over) return;
      ended += 1;
      if (e === 0 && first === 0) first = lengths[0]!;
      lengths[e] = 0;
    });
    if (step.last[0] === 1) scenes.forget();
    if (env.render) scenes.look(where, env.render(0));
    seen = step.current;
    const tooLong = lengths.some((length) => length >= maxSteps);
    if (ended >= episodes || tooLong || (endless && t >= ENDLESS_STEPS)) {
      if (tooLong && !endless) {
        report(
          'ends',
          `expected every episode to end within ${maxSteps} steps (maxSteps; endless: true if it need not), got one that did not`,
        );
      }
      ends.done();
      return { steps: t, first: first || t, drawn };
    }
  }
};
