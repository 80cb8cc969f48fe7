import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';

type State = Readonly<Record<'theta' | 'm' | 'v', tf.Tensor>>;
type Rows = Readonly<Record<'x' | 'y', tf.Tensor>>;

const [rows, widths] = [1024, [23, 256, 64, 1] as const];
const shapes = widths.slice(1).flatMap((out, i) => [[widths[i]!, out], [out]]);
const sizes = shapes.map((shape) => shape.reduce<number>((a, b) => a * b, 1));
const size = sizes.reduce((a, b) => a + b, 0);

/** Squared errors, clipped by the norm of the gradient, and Adam: products, sums of all sizes, roots. */
const step: Step<State, Rows, { readonly loss: tf.Tensor; readonly norm: tf.Tensor }> = (state, { x, y }) => {
  const { value, grad } = tf.valueAndGrad((theta: tf.Tensor) => {
    const weights = tf.split(theta, sizes).map((part, i) => tf.reshape(part, shapes[i]!));
    let h = x;
    for (let i = 0; i < weights.length; i += 2) {
      h = tf.add(tf.matMul(h as tf.Tensor2D, weights[i] as tf.Tensor2D), weights[i + 1]!);
      if (i + 2 < weights.length) h = tf.relu(h);
    }
    return tf.mean(tf.square(tf.sub(tf.reshape(h, [rows]), y)));
  })(state.theta);
  const norm = tf.norm(grad);
  const clipped = tf.mul(grad, tf.minimum(1, tf.div(0.5, norm)));
  const m = tf.add(tf.mul(state.m, 0.9), tf.mul(clipped, 0.1));
  const v = tf.add(tf.mul(state.v, 0.999), tf.mul(tf.square(clipped), 0.001));
  const theta = tf.sub(state.theta, tf.mul(tf.div(m, tf.add(tf.sqrt(v), 1e-8)), 1e-3));
  return { carry: { theta, m, v }, output: { loss: value, norm } };
};

const noise = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return (x - Math.floor(x)) * 0.4 - 0.2;
  });

/** A digest of the bits of all outputs and of the state after some updates, in a session of its own. */
const session = async (seed: number, updates = 25): Promise<string> => {
  const runtime = onnx();
  const compiled = runtime.compile(step, { name: 'repeatable' });
  const zeros = () => ndarray(new Float32Array(size), [size]);
  let carry = carryOf<State>({ theta: ndarray(noise(size, seed), [size]), m: zeros(), v: zeros() });
  const input = { x: ndarray(noise(rows * 23, 2), [rows, 23]), y: ndarray(noise(rows, 3), [rows]) };
  const digest = createHash('sha256');
  for (let k = 0; k < updates; k++) {
    const ran = await compiled.run(carry, input);
    ({ carry } = ran);
    digest.update(Float32Array.of(ran.output.loss.data[0]!, ran.output.norm.data[0]!));
  }
  digest.update(carry.flat);
  runtime.dispose();
  return digest.digest('hex');
};

describe('one thread', () => {
  it('gives the same bits in every session', async () => {
    const first = await session(1);
    for (let k = 0; k < 4; k++) {
      // What else was allocated meanwhile must not matter.
      const between = Array.from({ length: 50 * k }, (_, i) => new Float32Array(i + 1));
      expect(await session(1)).toBe(first);
      expect(between).toHaveLength(50 * k);
    }
  });
  it('and other bits for other weights', async () => {
    expect(await session(4, 2)).not.toBe(await session(1, 2));
  });
});
