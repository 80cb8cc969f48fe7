import type { AtRest, Carry, Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Group } from '../env.js';
import type { Act, Acting, ActingInput, Clock, Mode, Policy } from '../learn.js';
import { isPromise } from '../loops/collect.js';
import { noiseSource } from '../noise.js';
import { requirePart } from '../require.js';
import type { Rng } from '../rng.js';
import { choicesOf, shapeOf, sizeOf } from '../space.js';
import { copyInto, hasShape, isContiguous } from '../strided.js';
import { emptyAction, slotsOf, type GroupObservation } from '../vec.js';
import { actingExtras } from './acting-extras.js';
import { actingMemory } from './acting-memory.js';
import { rowDecoder, type Choosing, type Rows } from './decode-row.js';
import type { Explore } from './explore.js';

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
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A policy that runs an acting step: one compiled call for the whole group in all environments. Exploring policies draw
 * from normal distributions, make choices as `choosing` says, and pass the actions through `explore`; exploiting ones
 * take the modes. The memory that a step carries begins at zero in every episode and outlives updates. Where `explore`
 * replaces every action anyhow, a step that remembers nothing does not run; what is drawn, and so the run, is the same.
 */
export const actingPolicy = <A extends Group, S>(options: {
  /** Where the step runs; one compiled step per runtime, whoever uses it. */
  readonly runtime: Runtime;
  /** Of the step, in messages and reports. */
  readonly name: string;
  /** Whose slots and spaces. */
  readonly group: A;
  /** Whether actions are drawn and explored with, or the best known. */
  readonly mode: Mode;
  /** To act from until the first `update`. */
  readonly state: S;
  /** Finds the acting step and its parameters in a state. The step is the same for every state. */
  readonly acting: (state: S) => Acting;
  /** How choices are made while exploring. Default `sample`. */
  readonly choosing?: Choosing;
  /** Changes the actions while exploring. Default: nothing does. */
  readonly explore?: Explore;
  /**
   * While exploring, also answer what later updates need, as `extras`: `logProb` [E, N] of what was drawn; `drawn`
   * [E, N, D], what normal distributions gave before squashing or clipping; `memory` [E, N, H], as it was before the
   * step. Those that do not exist are left out.
   */
  readonly remember?: boolean;
}): Policy<A, S> => {
  const { group, mode, explore, choosing = 'sample' } = options;
  const exploring = mode === 'explore';
  let acting = options.acting(options.state);
  const compiled = compiledOnce(options.runtime, acting.step, options.name);
  const nothing: Carry<Record<string, never>> = { layout: [], flat: new Float32Array(0) };
  const slots = slotsOf(group.agents);
  const decoder = rowDecoder(acting.head, sizeOf(group.action));
  const masked = choicesOf(group.action) > 0;
  const memory = acting.memory === undefined ? undefined : actingMemory(slots, acting.memory);
  const extras = options.remember && exploring ? actingExtras(slots, acting.head, memory) : undefined;
  const draw = noiseSource();
  const input = {} as Writable<AtRest<ActingInput>>;
  const rows: Rows = { output: NONE, action: NONE, drawn: NONE, legal: undefined };
  let answer: Act<A> | undefined;
  // A step is left out only where nothing else comes of it. Its noise is drawn all the same: streams do not depend on that.
  const plain = choosing === 'mode' && acting.head.every(({ kind }) => kind === 'choice');
  const mayReplace = exploring && plain && explore?.replaces !== undefined && !memory && !extras;
  let scratch = new Uint8Array(0);

  const legalRows = ({ legal }: GroupObservation): Uint8Array | undefined => {
    if (!legal || !masked) return undefined;
    if (isContiguous(legal) && legal.offset === 0) return legal.data;
    if (scratch.length !== legal.size) scratch = new Uint8Array(legal.size);
    copyInto(scratch, 0, legal);
    return scratch;
  };

  const noiseFor = (numEnvs: number, rng: Rng): void => {
    if (!acting.noise) return;
    const { shape, always } = acting.noise;
    const wanted = shape(numEnvs);
    if (exploring || always) input.noise = draw(rng, { noise: wanted })['noise']!;
    else if (input.noise?.size !== sizeOfShape(wanted.shape)) {
      input.noise = ndarray(new Float32Array(sizeOfShape(wanted.shape)), [...wanted.shape]);
    }
  };

  /** Begins an answer: everything about its rows that does not come from the step. */
  const begin = (seen: GroupObservation, numEnvs: number): Act<A> => {
    if (answer?.action.shape[0] !== numEnvs) {
      const expected = [numEnvs, slots, ...shapeOf(group.observation)];
      if (!hasShape(seen.observation, expected)) {
        throw new RangeError(
          `${options.name}: expected observations [${expected.join(', ')}], as its group has them, ` +
            `got [${seen.observation.shape.join(', ')}]`,
        );
      }
      answer = { action: emptyAction(group, numEnvs) };
      rows.action = answer.action.data;
      rows.drawn = extras?.drawn(numEnvs) ?? new Float32Array(numEnvs * slots * sizeOf(group.action));
    }
    rows.legal = legalRows(seen);
    return answer;
  };
  const finish = (output: Output, given: Act<A>, numEnvs: number, rng: Rng, clock: Clock): Act<A> => {
    rows.output = output.output.data as Float32Array;
    if (memory) memory.keep(output.memory!.data as Float32Array);
    const source = exploring ? rng : undefined;
    for (let r = 0; r < numEnvs * slots; r++) decoder.write(rows, r, choosing, source);
    const remembered = extras?.read(rows, numEnvs, decoder);
    if (exploring) explore?.perturb(rows.action, numEnvs, rows.legal, rng, clock);
    return remembered ? { action: given.action, extras: remembered } : given;
  };

  return {
    act(seen, rng, clock) {
      requirePart(options.name, 'observation', seen);
      const numEnvs = seen.active.shape[0]!;
      noiseFor(numEnvs, rng);
      const given = begin(seen, numEnvs);
      if (mayReplace && explore.replaces!(numEnvs, rows.legal, rng, clock)) {
        explore.perturb(rows.action, numEnvs, rows.legal, rng, clock);
        return given;
      }
      input.theta = acting.theta;
      input.observation = seen.observation;
      if (memory) input.memory = memory.now(numEnvs);
      const running = compiled.run(nothing, input);
      return isPromise(running)
        ? running.then(({ output }) => finish(output, given, numEnvs, rng, clock))
        : finish(running.output, given, numEnvs, rng, clock);
    },
    update(state) {
      acting = options.acting(state);
    },
    begin(started) {
      memory?.begin(started);
      explore?.begin?.(started);
    },
    ...((memory || explore?.save) && {
      save: () => ({ ...(memory && { memory: memory.save() }), ...(explore?.save && { explore: explore.save() }) }),
      load(saved: unknown) {
        const { memory: kept, explore: explored } = saved as {
          readonly memory?: Float32Array;
          readonly explore?: unknown;
        };
        if (memory && kept) memory.load(kept);
        if (explored !== undefined) explore?.load?.(explored);
      },
    }),
  };
};

const NONE = new Float32Array(0);
const sizeOfShape = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
