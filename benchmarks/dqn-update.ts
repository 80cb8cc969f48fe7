import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { box, discrete, rng } from '@troupe/core';
import { huber, tdTarget, weightedMean } from '@troupe/losses';
import { adam, flat, mlp } from '@troupe/networks';
import { carryOf, eager, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';
import { filledReplay, soloGroups } from './single-agent-rows.js';

const work = { observation: 4, actions: 2, hidden: [120, 84], batch: 128, capacity: 100_000, copyEvery: 500 };

interface Carry {
  readonly [leaf: string]: tf.Tensor;
  readonly theta: tf.Tensor;
  readonly target: tf.Tensor;
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
}
interface Input {
  readonly [column: string]: tf.Tensor;
  readonly observation: tf.Tensor;
  readonly action: tf.Tensor;
  readonly reward: tf.Tensor;
  readonly discount: tf.Tensor;
  readonly next: tf.Tensor;
  readonly updates: tf.Tensor;
  /** 1 in updates that copy the network to its target. */
  readonly copy: tf.Tensor;
}

const network = flat(mlp({ inputs: work.observation, hidden: work.hidden, outputs: work.actions }));
const optimiser = adam({ learningRate: 2.5e-4 });

/** Double DQN (van Hasselt et al. 2016) with Huber errors. */
const step: Step<Carry, Input, { readonly loss: tf.Tensor }> = (carry, input) => {
  const rows = (x: tf.Tensor) => tf.reshape<tf.Rank.R2>(x, [work.batch, work.observation]);
  const row = (x: tf.Tensor) => tf.reshape<tf.Rank.R1>(x, [work.batch]);
  const taken = (q: tf.Tensor, choice: tf.Tensor1D) =>
    tf.sum<tf.Tensor1D>(tf.mul(q, tf.oneHot(choice, work.actions, 1, 0, 'float32')), 1);
  const q = (theta: tf.Tensor, x: tf.Tensor2D) => network.apply(theta as tf.Tensor1D, x);
  const next = rows(input.next);
  const best = tf.argMax<tf.Tensor1D>(q(carry.theta, next), 1);
  const target = tdTarget({
    reward: row(input.reward),
    discount: row(input.discount),
    nextValue: taken(q(carry.target, next), best),
    gamma: 0.99,
  });
  const seen = rows(input.observation);
  const choice = tf.cast(row(input.action), 'int32');
  const error = (theta: tf.Tensor) =>
    weightedMean(huber({ prediction: taken(q(theta, seen), choice), target, delta: 1 }));
  const { value: loss, grad } = tf.valueAndGrad(error)(carry.theta);
  const moments = { m: carry.m as tf.Tensor1D, v: carry.v as tf.Tensor1D };
  const at = { updates: input.updates as tf.Scalar };
  const { theta, moments: after } = optimiser.update(carry.theta as tf.Tensor1D, grad as tf.Tensor1D, moments, at);
  const copied = tf.add(carry.target, tf.mul(input.copy, tf.sub(theta, carry.target)));
  return { carry: { theta, target: copied, ...after }, output: { loss } };
};

export const dqnContestant = (runtime: Runtime, updates: number): Contestant => {
  const groups = soloGroups(box([work.observation]), discrete(work.actions));
  const buffer = filledReplay(groups, work.capacity, work.observation, (rows, stream) =>
    Int32Array.from({ length: rows }, () => stream.int(work.actions)),
  );
  const compiled = runtime.compile(step, { name: 'dqn update' });
  const stream = rng(1);
  const theta = network.init(stream);
  const vector = (values: Float32Array) => ndarray(values, [network.size]);
  const zeros = () => vector(new Float32Array(network.size));
  let carry = carryOf<Carry>({ theta: vector(theta), target: vector(theta.slice()), m: zeros(), v: zeros() });
  const count = ndarray(new Float32Array(1), []);
  const copy = ndarray(new Float32Array(1), []);
  const update = async () => {
    const { observation, action, reward, discount, next } = buffer.sample(work.batch, stream).groups.agent;
    count.data[0]! += 1;
    copy.data[0] = count.data[0]! % work.copyEvery === 0 ? 1 : 0;
    const input = { observation, action, reward, discount, next: next.observation, updates: count, copy };
    const running = compiled.run(carry, input);
    ({ carry } = 'then' in running ? await running : running);
  };
  return {
    runtime: runtime.name,
    config: { ...work, sampling: true, double: true },
    round: () => medianCall(updates, update),
    dispose: () => runtime.dispose(),
  };
};

/** One update of double DQN, sampling included. */
export const dqnUpdate: Benchmark = {
  name: 'dqn-update',
  about: 'one update of double DQN: observations 4, 2 actions, hidden 120-84, batch 128 drawn from 100,000 rows',
  contestants: () => [dqnContestant(onnx(), 300), dqnContestant(eager({ backend: 'wasm' }), 10)],
  peer: { args: ['dqn-update', '--n', '150'], idiomatic: ['fields/adam', 'fields/foreach'] },
};
