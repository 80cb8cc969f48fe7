import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { carryOf, eager, leavesOf, type Carry, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { expect, it } from 'vitest';

type C = { w: tf.Tensor2D; b: tf.Tensor1D };
type I = { x: tf.Tensor2D; y: tf.Tensor2D };
const step: Step<C, I, { loss: tf.Scalar }> = ({ w, b }, { x, y }) => {
  const loss = (w: tf.Tensor, b: tf.Tensor) =>
    tf.mean(tf.square(tf.sub(tf.tanh(tf.add(tf.matMul(x, w as tf.Tensor2D), b)), y))) as tf.Scalar;
  const { value, grads } = tf.valueAndGrads(loss as never)([w, b]);
  return {
    carry: { w: tf.sub(w, tf.mul(grads[0]!, 0.1)), b: tf.sub(b, tf.mul(grads[1]!, 0.1)) },
    output: { loss: value as tf.Scalar },
  };
};
const fill = (n: number, k: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * k + 1));
const input = { x: ndarray(fill(12, 0.3), [4, 3]), y: ndarray(fill(8, 0.7), [4, 2]) };
const start = (): Carry<C> => carryOf<C>({ w: ndarray(fill(6, 1.3), [3, 2]), b: ndarray(fill(2, 2), [2]) });

it('agrees with eager', async () => {
  const results = [];
  for (const runtime of [eager(), onnx(), onnx({ sync: false })]) {
    const compiled = runtime.compile(step, { name: 'regression' });
    let carry = start();
    for (let k = 0; k < 5; k++) {
      const r = await compiled.run(carry, input);
      carry = r.carry;
    }
    results.push(Array.from(carry.flat));
    leavesOf(carry);
    const stacked = {
      x: ndarray(Float32Array.from([...input.x.data, ...input.x.data]), [2, 4, 3]),
      y: ndarray(Float32Array.from([...input.y.data, ...input.y.data]), [2, 4, 2]),
    };
    const s = await compiled.scan(start(), stacked);
    results.push(Array.from(s.carry.flat), Array.from(s.outputs.loss.data as Float32Array));
    runtime.dispose();
  }
  results.slice(3).forEach((r, i) => r.forEach((x, k) => expect(x).toBeCloseTo(results[i % 3]![k]!, 5)));
});
