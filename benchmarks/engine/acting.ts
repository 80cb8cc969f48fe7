import * as tf from '@tensorflow/tfjs-core';
import { carryOf } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';

/** A policy of 54-64-64-5 asked for actions: microseconds per call, for several numbers of rows. */
const widths = [54, 64, 64, 5];
const shapes = widths.slice(1).flatMap((out, i) => [[widths[i]!, out], [out]]);
const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
const size = sizes.reduce((a, b) => a + b, 0);
const compiled = onnx().compile(
  (carry: Record<string, never>, { theta, x }: { readonly theta: tf.Tensor; readonly x: tf.Tensor }) => {
    const weights = tf.split(theta, sizes).map((part, i) => tf.reshape(part, shapes[i]!));
    let h = x;
    for (let i = 0; i < weights.length; i += 2) {
      h = tf.add(tf.matMul(h as tf.Tensor2D, weights[i] as tf.Tensor2D), weights[i + 1]!);
      if (i + 2 < weights.length) h = tf.relu(h);
    }
    return { carry, output: h };
  },
  { name: 'acting' },
);
const empty = carryOf<Record<string, never>>({});
const theta = ndarray(new Float32Array(size).fill(0.01), [size]);
for (const rows of [1, 32, 96, 1024]) {
  const x = ndarray(new Float32Array(rows * 54).fill(0.1), [rows, 54]);
  for (let k = 0; k < 200; k++) await compiled.run(empty, { theta, x });
  const times: number[] = [];
  for (let k = 0; k < 300; k++) {
    const t = performance.now();
    for (let i = 0; i < 10; i++) void compiled.run(empty, { theta, x });
    times.push(((performance.now() - t) * 1000) / 10);
  }
  times.sort((a, b) => a - b);
  console.log(`${rows} rows: median ${times[150]!.toFixed(1)} us, min ${times[0]!.toFixed(1)} us`);
}
