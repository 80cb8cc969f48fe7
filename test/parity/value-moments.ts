/** Replays recorded value normalisers, ValueNorm and PopArt, through the functions that learners use. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  denormaliseValues,
  flat,
  initialValueMoments,
  mlp,
  moveValueMoments,
  normaliseValues,
  popArt,
  valueStatistics,
  type ValueMoments,
} from '@troupe/networks';
import { carryOf, leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatten, relativeError, worstOf, type Numbers, type Worst } from './compare.js';

interface Layer {
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
}
interface Head {
  readonly valueHead: { readonly layers: readonly [Layer] };
}
/** One case, as FORMAT.md section 5.2 describes it. */
export interface ValueMomentsGolden {
  readonly algorithm: 'valuenorm' | 'popart';
  readonly config: {
    readonly size: number;
    readonly beta: number;
    readonly epsilon: number;
    readonly minVariance: number;
    readonly perElementUpdate: boolean;
  };
  readonly networks: Partial<Head>;
  readonly valueNorm: {
    readonly runningMean: Numbers;
    readonly runningMeanSq: Numbers;
    readonly debiasingTerm: number;
  };
  readonly batch: {
    readonly batches: readonly Numbers[];
    readonly probe: Numbers;
    readonly features?: readonly (readonly number[])[];
  };
  readonly expected: {
    readonly steps: readonly {
      readonly valueNorm: ValueMomentsGolden['valueNorm'];
      readonly mean: Numbers;
      readonly variance: Numbers;
      readonly normalizedProbe: Numbers;
      readonly denormalizedProbe: Numbers;
      readonly networks?: Head;
      readonly outputs?: Numbers;
      readonly denormalizedOutputs?: Numbers;
    }[];
  };
}

const table = (values: Numbers, width: number) => {
  const data = Float32Array.from(flatten(values));
  return ndarray(data, [data.length / width, width]);
};

/** Replays one case; returns the largest error. */
export const replayValueMoments = async (golden: ValueMomentsGolden, runtime: Runtime): Promise<Worst> => {
  const { config, batch, expected, networks, valueNorm } = golden;
  const { size } = config;
  const layer = networks.valueHead?.layers[0];
  const critic = flat(mlp({ inputs: layer?.kernel.length ?? 1, hidden: [], outputs: size }));
  const vectorOf = ({ kernel, bias }: Layer) => Float32Array.from([...flatten(kernel), ...bias]);
  const theta = layer ? vectorOf(layer) : new Float32Array(critic.size);
  const worst = worstOf();

  type State = ValueMoments & { readonly theta: tf.Tensor };
  type Given = { readonly returns: tf.Tensor; readonly probe: tf.Tensor; readonly features: tf.Tensor };
  const step = runtime.compile<State, Given, Record<string, tf.Tensor>>(
    (carry, { returns, probe, features }) => {
      const moments = moveValueMoments(carry, returns, { decay: config.beta, perRow: config.perElementUpdate });
      const [before, after] = [valueStatistics(carry), valueStatistics(moments)];
      const rescaled = layer ? popArt(critic, carry.theta as tf.Tensor1D, before, after) : carry.theta;
      const outputs = critic.apply(rescaled as tf.Tensor1D, features);
      return {
        carry: { ...moments, theta: rescaled },
        output: {
          mean: after.mean,
          deviation: after.deviation,
          normalised: normaliseValues(probe, after),
          denormalised: denormaliseValues(probe, after),
          outputs,
          original: denormaliseValues(outputs, after),
        },
      };
    },
    { name: 'value moments' },
  );
  const start = initialValueMoments(size);
  start.mean.data.set(flatten(valueNorm.runningMean));
  start.square.data.set(flatten(valueNorm.runningMeanSq));
  start.debias.data[0] = valueNorm.debiasingTerm;
  let carry = carryOf<State>({ ...start, theta: ndarray(theta, [critic.size]) });
  for (const [i, want] of expected.steps.entries()) {
    const { carry: next, output } = await step.run(carry, {
      returns: table(batch.batches[i]!, size),
      probe: table(batch.probe, size),
      features: table(batch.features ?? [0], layer?.kernel.length ?? 1),
    });
    carry = next;
    const held = leavesOf(carry) as Record<keyof State, ndarray.NdArray<Float32Array>>;
    const see = (of: string, actual: ndarray.NdArray<Float32Array>, wanted: Numbers, floor?: number) => {
      const values = flatten(wanted);
      const data = Float32Array.from(actual.data.slice(actual.offset, actual.offset + actual.size));
      worst.see(`${of} ${i}`, relativeError(data, values, floor), values.length);
    };
    const given = output as unknown as Record<string, ndarray.NdArray<Float32Array>>;
    see('mean', given['mean']!, want.mean);
    see('deviation', given['deviation']!, flatten(want.variance).map(Math.sqrt));
    see('normalised', given['normalised']!, want.normalizedProbe);
    see('denormalised', given['denormalised']!, want.denormalizedProbe);
    // The moments begin near zero: relative to themselves.
    see('running mean', held.mean, want.valueNorm.runningMean, 1e-9);
    see('running square', held.square, want.valueNorm.runningMeanSq, 1e-9);
    see('debias', held.debias, want.valueNorm.debiasingTerm, 1e-9);
    if (want.networks) see('layer', held.theta, Array.from(vectorOf(want.networks.valueHead.layers[0])));
    if (want.outputs) see('outputs', given['outputs']!, want.outputs);
    if (want.denormalizedOutputs) see('original', given['original']!, want.denormalizedOutputs);
  }
  step.dispose();
  return worst.result();
};
