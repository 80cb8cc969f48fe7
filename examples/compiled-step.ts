/**
 * The runtime by itself, nothing to do with reinforcement learning: a regression whose whole training step (forward,
 * gradient, optimiser) is plain tfjs, traced once and run as one call. Run: npx tsx examples/compiled-step.ts
 */
import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import { adam, flat, mlp } from '@troupe/networks';
import { carryOf, eager, leavesOf, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { rng } from 'troupe';

const STEPS = 400;
const ROWS = 256;

const network = flat(mlp({ inputs: 4, hidden: [64, 64], outputs: 1, activation: 'tanh' }));
const optimiser = adam({ learningRate: 3e-3 });

type Carry = { readonly theta: tf.Tensor; readonly m: tf.Tensor; readonly v: tf.Tensor };
type Input = { readonly x: tf.Tensor; readonly y: tf.Tensor; readonly updates: tf.Tensor };
const step: Step<Carry, Input, { readonly loss: tf.Tensor }> = (carry, { x, y, updates }) => {
  const error = (theta: tf.Tensor) => tf.mean<tf.Scalar>(tf.square(tf.sub(network.apply(theta as tf.Tensor1D, x), y)));
  const { value: loss, grad } = tf.valueAndGrad(error)(carry.theta);
  const moments = { m: carry.m as tf.Tensor1D, v: carry.v as tf.Tensor1D };
  const at = { updates: updates as tf.Scalar };
  const next = optimiser.update(carry.theta as tf.Tensor1D, grad as tf.Tensor1D, moments, at);
  return { carry: { theta: next.theta, ...next.moments }, output: { loss } };
};

const train = async (runtime: Runtime) => {
  const compiled = runtime.compile(step, { name: 'regression' });
  const zeros = () => ndarray(new Float32Array(network.size), [network.size]);
  let carry = carryOf<Carry>({
    theta: ndarray(network.init(rng(0)), [network.size]),
    m: zeros(),
    v: zeros(),
  });
  const data = rng(1);
  const input = {
    x: ndarray(new Float32Array(ROWS * 4), [ROWS, 4]),
    y: ndarray(new Float32Array(ROWS), [ROWS, 1]),
    updates: ndarray(new Float32Array(1), []),
  };
  let loss = NaN;
  let began = performance.now();
  for (let i = 0; i < STEPS; i++) {
    input.updates.data[0] = i + 1;
    data.fillNormal(input.x.data);
    for (let row = 0; row < ROWS; row++) input.y.set(row, 0, Math.sin(input.x.get(row, 0)) * input.x.get(row, 1));
    const result = await compiled.run(carry, input);
    carry = result.carry;
    loss = result.output.loss.data[0]!;
    if (i === 0) began = performance.now(); // the first call builds
  }
  const ms = (performance.now() - began) / (STEPS - 1);
  console.log(
    `${runtime.name.padEnd(10)} loss ${loss.toFixed(4)}, ${ms.toFixed(2)} ms per step, ${compiled.info.nodes} nodes`,
  );
  return Object.keys(leavesOf(carry));
};

await train(eager());
console.log('what the state holds:', (await train(onnx())).join(', '));
