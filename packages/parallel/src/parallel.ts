import {
  copyInto,
  hasShape,
  mapGroups,
  shapeOf,
  slotsOf,
  type Groups,
  type GroupObservation,
  type JointAction,
  type JointObservation,
  type LocalVecEnv,
  type Rng,
  type VecEnv,
  type VecStep,
} from '@troupe/core';
import ndarray from 'ndarray';
import { startCrew } from './crew.js';
import { settingsOf, type MakeVecEnv, type ParallelOptions } from './options.js';
import { signature } from './protocol.js';
import { actionShape, arraysIn, memoryFor, type FrameArrays, type Plan, type SharedArrays } from './shared-arrays.js';
import { shareOf } from './share.js';
import { createSignals, operations } from './signals.js';

/** Environments on several threads, stepped together. Everything is synchronous: `step` returns when all have stepped. */
export interface ParallelEnv<G extends Groups> extends LocalVecEnv<G> {
  /** Threads that step, this one included. */
  readonly workers: number;
  /** Ends the worker threads. Nothing else works afterwards. */
  close(): void;
}

/** What `save` gives. */
interface Saved {
  readonly kind: 'parallel';
  /** Environments per thread. */
  readonly counts: readonly number[];
  readonly shares: readonly unknown[];
}

/** `numEnvs` in `workers` parts that differ by one at most, the first one largest. */
const partsOf = (numEnvs: number, workers: number): readonly { readonly first: number; readonly count: number }[] =>
  Array.from({ length: workers }, (_, w) => {
    const first = Math.ceil((w * numEnvs) / workers);
    return { first, count: Math.ceil(((w + 1) * numEnvs) / workers) - first };
  });

const isSaved = (saved: unknown): saved is Saved =>
  typeof saved === 'object' && saved !== null && (saved as Saved).kind === 'parallel';

/** Views on the shared arrays, with what the environments really have: masks and state are optional. */
const stepsIn = <G extends Groups>(
  { sets }: SharedArrays,
  { groups, stateSpace, numEnvs }: Plan,
  seen: JointObservation<Groups>,
): readonly [VecStep<G>, VecStep<G>] => {
  const names = Object.keys(groups);
  const rows = (name: string): number[] => [numEnvs, slotsOf(groups[name]!.agents)];
  const frame = ({ observation, active, legal, state }: FrameArrays): JointObservation<G> =>
    mapGroups(groups as G, (group, name): GroupObservation => {
      const g = names.indexOf(name);
      const { legal: masked, state: stated } = seen[name]!;
      return {
        observation: ndarray(observation[g]!, [...rows(name), ...shapeOf(group.observation)]),
        active: ndarray(active[g]!, rows(name)),
        ...(masked && { legal: ndarray(legal[g]!, [...rows(name), masked.shape[2]!]) }),
        ...(stated && { state: ndarray(state, [numEnvs, ...shapeOf(stateSpace!)]) }),
      };
    });
  const perAgent = (arrays: readonly Float32Array[]): VecStep<G>['reward'] =>
    mapGroups(groups as G, (_, name) => ndarray(arrays[names.indexOf(name)]!, rows(name)));
  const [one, other] = sets.map(({ next, current, reward, discount, last }): VecStep<G> => ({
    next: frame(next),
    current: frame(current),
    reward: perAgent(reward),
    discount: perAgent(discount),
    last,
  }));
  return [one!, other!];
};

/**
 * Many copies of a world on several threads of this process: a `VecEnv` like any other, and the same to the bit as
 * `make({ ...settings, numEnvs })` in one thread, however many `workers` there are. `make` is any exported function
 * that makes a `VecEnv` of `numEnvs` copies; `from` says which module exports it, since threads share memory but no
 * functions and each imports it for itself:
 *
 * ```ts
 * const env = await parallel(simpleSpread, { from: import.meta.resolve('@troupe/particle-world'), numEnvs: 1024 });
 * const mine = await parallel(makeCorridor, { from: new URL('./corridor.js', import.meta.url), numEnvs: 64 });
 * ```
 *
 * - This thread steps a share of the environments too, so `workers: 2` starts one thread. The others sleep meanwhile.
 * - Arrays lie in shared memory (`SharedArrayBuffer`) and alternate as those of every `VecEnv`. `structuredClone` and
 *   `postMessage` share such arrays where they copy others: copy them (`slice`) to keep them.
 * - Equal to the bit holds for worlds whose environment e draws from `rng.split('environment e')` or from the same split
 *   of a split of `rng`, as `vectorize` and all environments of this library do.
 * - What goes wrong in a thread is thrown here: an error of the same kind whose `cause` has that thread's stack. Other
 *   threads may have stepped meanwhile, so after an error `reset` or `load` comes first.
 * - A worker has no event loop while it waits: worlds answer at once. `save` and `load` keep to one number of workers.
 * - `close` ends the threads; a program that ends does so as well.
 *
 * Rejects with a RangeError for wrong options, and with what making the environments throws.
 */
export const parallel = async <G extends Groups, S extends object>(
  make: MakeVecEnv<G, S>,
  options: ParallelOptions<NoInfer<S>>,
): Promise<ParallelEnv<G>> => {
  const { numEnvs, workers, settings, from, exportName, timeout, worker } = settingsOf(make, options);
  const parts = partsOf(numEnvs, workers);
  const here = parts[0]!.count;
  const env: VecEnv<G> = make({ ...settings, numEnvs: here } as S & { numEnvs: number });
  if (env.numEnvs !== here)
    throw new RangeError(`parallel: expected ${here} environments from make, got ${env.numEnvs}`);
  const { groups, stateSpace } = env;
  const plan: Plan = { groups, stateSpace, numEnvs };
  const memory = memoryFor(plan);
  const expected = signature(env);
  const signals = createSignals(workers - 1);
  const crew = await startCrew(
    parts
      .slice(1)
      .map((part, w) => ({ ...part, worker: w, from, exportName, settings, memory, plan, expected, signals })),
    worker,
    timeout,
  );

  const names = Object.keys(groups);
  const shared = arraysIn(memory, plan);
  const shapes = names.map((name) => actionShape(plan, name, numEnvs));
  const own = shareOf(env, memory, plan, 0, here);
  let steps: readonly [VecStep<G>, VecStep<G>] | undefined;
  let side: 0 | 1 = 0;
  let state: 'new' | 'running' | 'failed' | 'closed' = 'new';

  const requireOpen = (where: string): void => {
    if (state === 'closed') throw new Error(`parallel: ${where}: expected an open environment, got a closed one`);
  };
  const requireRunning = (where: string): void => {
    requireOpen(where);
    if (state === 'new') throw new Error(`parallel: ${where}: expected reset or load first`);
    if (state === 'failed') throw new Error(`parallel: ${where}: expected reset or load first, after an error`);
  };
  /** Runs this thread's part of something that all do; waits for the others whatever happens here. */
  const together = <T>(mine: () => T): T => {
    state = 'failed';
    let done: T;
    try {
      done = mine();
    } catch (error) {
      try {
        crew.await();
      } catch {
        // The first environments' error is the one to tell; the others met theirs at the same moment.
      }
      throw error;
    }
    crew.await();
    state = 'running';
    return done;
  };
  const begin = (mine: () => JointObservation<Groups>): JointObservation<G> => {
    const seen = together(mine);
    steps ??= stepsIn<G>(shared, plan, seen);
    return steps[side].current;
  };
  const stepOwn = (): void => own.step(side);

  return {
    groups,
    numEnvs,
    workers,
    ...(stateSpace && { stateSpace }),
    reset(rng: Rng) {
      requireOpen('reset');
      side = side === 0 ? 1 : 0;
      const stream = rng.save();
      crew.ask(
        operations.reset,
        side,
        Array.from({ length: crew.size }, () => stream),
      );
      return begin(() => own.reset(rng, side));
    },
    step(actions: JointAction<G>) {
      requireRunning('step');
      for (let g = 0; g < names.length; g++) {
        const [name, shape] = [names[g]!, shapes[g]!];
        const given = actions[name] as JointAction<Groups>[string] | undefined;
        if (given === undefined || !hasShape(given, shape)) {
          const got = given === undefined ? 'none' : `[${given.shape.join(', ')}]`;
          throw new RangeError(`parallel: step: group '${name}': expected actions [${shape.join(', ')}], got ${got}`);
        }
      }
      for (let g = 0; g < names.length; g++) copyInto(shared.actions[g]!, 0, actions[names[g]!]!);
      side = side === 0 ? 1 : 0;
      crew.ask(operations.step, side);
      together(stepOwn);
      return steps![side];
    },
    ...(env.render && {
      render(e: number) {
        requireOpen('render');
        const part = parts.findIndex(({ first, count }) => e >= first && e < first + count);
        if (part < 0 || !Number.isInteger(e)) {
          throw new RangeError(`parallel: render: expected an environment in [0, ${numEnvs}), got ${String(e)}`);
        }
        if (part === 0) return own.render(e);
        return crew.result(part - 1, operations.render, e - parts[part]!.first) as ReturnType<typeof own.render>;
      },
    }),
    ...(env.save &&
      env.load && {
        save(): Saved {
          requireRunning('save');
          crew.ask(operations.save, side);
          const mine = together(() => own.save());
          return { kind: 'parallel', counts: parts.map(({ count }) => count), shares: [mine, ...crew.results()] };
        },
        load(saved: unknown) {
          requireOpen('load');
          const expected = parts.map(({ count }) => count).join(' + ');
          if (!isSaved(saved) || saved.counts.join(' + ') !== expected) {
            const got = isSaved(saved) ? `${saved.counts.join(' + ')} environments` : String(saved);
            throw new TypeError(`parallel: load: expected what save of ${expected} environments gave, got ${got}`);
          }
          side = side === 0 ? 1 : 0;
          crew.ask(operations.load, side, saved.shares.slice(1));
          return begin(() => own.load(saved.shares[0], side));
        },
      }),
    close() {
      if (state === 'closed') return;
      state = 'closed';
      try {
        own.close();
      } finally {
        crew.close();
      }
    },
  };
};
