import type { AtRest, Carry, Runtime } from '@troupe/runtime';
import { copyInto, isContiguous } from './strided.js';
import { isPromise } from './loops/collect.js';
import type { Group } from './env.js';
import { decodeRow, outputSizeOf } from './head.js';
import type { Act, Acting, Clock, Mode, Policy } from './learn.js';
import type { Rng } from './rng.js';
import { choicesOf, sizeOf } from './space.js';
import { emptyAction, slotsOf, type GroupAction, type GroupObservation } from './vec.js';

/** Adds exploration to the actions in place. Memory between steps, if any, is its own. */
export interface Explore {
  /** `action` is [E, N, ...action], row-major. */
  perturb(action: Float32Array | Int32Array, numEnvs: number, rng: Rng, clock: Clock): void;
  begin?(started: Uint8Array): void;
  save?(): unknown;
  load?(saved: unknown): void;
}

type CompiledActing = ReturnType<typeof compileActing>;
const compileActing = (runtime: Runtime, step: Acting['step'], name: string) => runtime.compile(step, { name });
const compiledSteps = new WeakMap<Runtime, WeakMap<Acting['step'], CompiledActing>>();

/** All policies of one learner in one runtime share a compiled step: a new evaluation builds nothing. */
const compiledOnce = (runtime: Runtime, step: Acting['step'], name: string): CompiledActing => {
  let known = compiledSteps.get(runtime);
  if (!known) compiledSteps.set(runtime, (known = new WeakMap()));
  let compiled = known.get(step);
  if (!compiled) known.set(step, (compiled = compileActing(runtime, step, name)));
  return compiled;
};

type Output = AtRest<Awaited<ReturnType<Acting['step']>>['output']>;

/**
 * A policy that runs an acting step: one compiled call for the whole group in all environments. Exploring policies
 * sample their choices and pass real numbers through `explore`; exploiting ones take the mode.
 */
export const actingPolicy = <A extends Group, S>(options: {
  readonly runtime: Runtime;
  readonly name: string;
  readonly group: A;
  readonly mode: Mode;
  readonly state: S;
  readonly acting: (state: S) => Acting;
  readonly explore?: Explore;
}): Policy<A, S> => {
  const { group, mode, explore } = options;
  let acting = options.acting(options.state);
  const compiled = compiledOnce(options.runtime, acting.step, options.name);
  const nothing: Carry<Record<string, never>> = { layout: [], flat: new Float32Array(0) };
  const rows = slotsOf(group.agents);
  const [width, size] = [outputSizeOf(acting.head), sizeOf(group.action)];
  const masks = choicesOf(group.action);
  let action: GroupAction<A> | undefined;
  let scratch = new Uint8Array(0);

  const finish = (output: Output, { legal }: GroupObservation, numEnvs: number, rng: Rng, clock: Clock): Act<A> => {
    if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
    const into = action.data;
    const logits = output.output.data as Float32Array;
    let mask = legal?.data;
    if (legal && !(isContiguous(legal) && legal.offset === 0)) {
      if (scratch.length !== legal.size) scratch = new Uint8Array(legal.size);
      copyInto(scratch, 0, legal);
      mask = scratch;
    }
    const sampling = mode === 'explore' ? rng : undefined;
    for (let row = 0; row < numEnvs * rows; row++) {
      const permitted = mask && masks > 0 ? { data: mask, at: row * masks } : undefined;
      decodeRow(acting.head, logits, row * width, into, row * size, permitted, sampling);
    }
    if (mode === 'explore') explore?.perturb(into, numEnvs, rng, clock);
    return { action };
  };

  return {
    act(seen, rng, clock) {
      const numEnvs = seen.active.shape[0]!;
      const running = compiled.run(nothing, { theta: acting.theta, observation: seen.observation });
      return isPromise(running)
        ? running.then(({ output }) => finish(output, seen, numEnvs, rng, clock))
        : finish(running.output, seen, numEnvs, rng, clock);
    },
    update(state) {
      acting = options.acting(state);
    },
    begin: (started) => explore?.begin?.(started),
    ...(explore?.save && { save: () => explore.save!() }),
    ...(explore?.load && { load: (saved: unknown) => explore.load!(saved) }),
  };
};
