import {
  onPolicy,
  rng,
  slotsOf,
  vectorize,
  type Acting,
  type Env,
  type Groups,
  type Learner,
  type Rollout,
} from '@troupe/core';
import { carryOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { TrustRegionState } from '../src/index.js';

export type Any = Learner<Groups, TrustRegionState, Rollout<Groups>>;

/** Arrays of a rollout with memory of their own: `ndarray`s are no plain data. */
const copyOf = (rollout: Rollout<Groups>): Rollout<Groups> => {
  const copy = (x: unknown): unknown => {
    if (ArrayBuffer.isView(x)) return (x as Float32Array).slice();
    if (typeof x !== 'object' || x === null) return x;
    if ('stride' in x) {
      const array = x as ndarray.NdArray<Float32Array>;
      return Object.assign(Object.create(Object.getPrototypeOf(array) as object), array, { data: array.data.slice() });
    }
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, copy(value)]));
  };
  return copy(rollout) as Rollout<Groups>;
};

/** Eight steps in four environments that were really played by the learner's own policies. */
export const played = async (
  make: () => Env<Groups>,
  learn: (groups: Groups) => Any,
): Promise<[Groups, Rollout<Groups>]> => {
  const env = vectorize(make, { numEnvs: 4 });
  const learner = learn(env.groups);
  let kept: Rollout<Groups> | undefined;
  const update: Any['update'] = (state, rollout) => {
    kept = copyOf(rollout);
    return [state, {}];
  };
  for await (const _ of onPolicy({ env, learner: { ...learner, update }, rng: rng(3), steps: 32, horizon: 8 }));
  return [env.groups, kept!];
};

/** Log-probabilities of every choice, [B·N][heads][choices], in double precision. */
export type Told = readonly (readonly (readonly number[])[])[];

/**
 * What acting says of the rows of a rollout, over the legal choices: step by step, with what is remembered of the episode
 * so far. Every `sequence` steps that is what was remembered when the rollout was played.
 */
export const toldByActing = async (
  runtime: Runtime,
  { step, theta, head, memory: width = 0 }: Acting,
  { batch, steps, numEnvs }: Rollout<Groups>,
  [name, group]: readonly [string, Groups[string]],
  sequence = 1,
): Promise<Told> => {
  const compiled = runtime.compile(step, { name: 'told' });
  const { observation, legal, extras } = batch.groups[name]!;
  const slots = slotsOf(group.agents);
  const size = observation.size / (steps * numEnvs);
  const memory = ndarray(new Float32Array(numEnvs * slots * width), [numEnvs, slots, width]);
  const told: number[][][] = [];
  for (let t = 0; t < steps; t++) {
    if (width > 0 && t % sequence === 0) {
      memory.data.set(extras['memory']!.data.subarray(t * memory.size, (t + 1) * memory.size));
    }
    const seen = observation.data.slice(t * numEnvs * size, (t + 1) * numEnvs * size);
    const { output } = await compiled.run(carryOf<Record<string, never>>({}), {
      theta,
      observation: ndarray(seen, [numEnvs, ...observation.shape.slice(1)]),
      ...(width > 0 && { memory }),
    });
    const logits = output.output.data as Float32Array;
    const outputs = logits.length / (numEnvs * slots);
    for (let r = 0; r < numEnvs * slots; r++) {
      let at = 0;
      const heads = head.map((part) => {
        if (part.kind !== 'choice') throw new TypeError('toldByActing: expected choices only');
        const own = Array.from({ length: part.n }, (_, i) => {
          const may = legal === undefined || legal.data[(t * numEnvs * slots + r) * outputs + at + i] === 1;
          return may ? logits[r * outputs + at + i]! : -Infinity;
        });
        at += part.n;
        const total = Math.log(own.reduce((sum, x) => sum + Math.exp(x), 0));
        return own.map((x) => x - total);
      });
      told.push(heads);
    }
    if (width === 0) continue;
    memory.data.set(output.memory!.data);
    const one = slots * width;
    for (let e = 0; e < numEnvs; e++) {
      if (batch.last[t * numEnvs + e] === 1) memory.data.fill(0, e * one, (e + 1) * one);
    }
  }
  return told;
};
