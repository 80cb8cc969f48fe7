import { rng } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { onnx } from '@troupe/runtime-node';
import * as tf from '@tensorflow/tfjs-core';
import { carryOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { groups, makeBatch } from './maddpg-batch.js';

/**
 * A MADDPG update against the bare matrix products in it: 0.39 GFLOP as 47 products 1024 x 64 x 64 in one model, measured in
 * turns. The ratio says what everything around the products costs, whatever else the machine is doing.
 */
const runtime = onnx();
const learner = maddpg(groups, { runtime, perAgentMetrics: false });
const batch = makeBatch(1024);
const clock = { steps: 0, total: 1 };
const stream = rng(1);
let [state] = await learner.update(learner.init(stream), batch, stream, clock);
const products = runtime.compile(
  (carry: Record<string, never>, { x, w }: { readonly x: tf.Tensor; readonly w: tf.Tensor }) => {
    let h = x as tf.Tensor2D;
    for (const one of tf.unstack(w)) h = tf.matMul(h, one);
    return { carry, output: h };
  },
  { name: 'products' },
);
const empty = carryOf<Record<string, never>>({});
const noise = (n: number) => Float32Array.from({ length: n }, () => stream.normal() * 0.125);
const input = { x: ndarray(noise(1024 * 64), [1024, 64]), w: ndarray(noise(47 * 64 * 64), [47, 64, 64]) };
const ratios: number[] = [];
const best = { update: Infinity, products: Infinity };
for (let k = 0; k < 300; k++) {
  const a = performance.now();
  [state] = await learner.update(state, batch, stream, clock);
  const b = performance.now();
  await products.run(empty, input);
  const c = performance.now();
  ratios.push((b - a) / (c - b));
  best.update = Math.min(best.update, b - a);
  best.products = Math.min(best.products, c - b);
}
ratios.sort((a, b) => a - b);
console.log(
  `update min ${best.update.toFixed(2)} ms, its products min ${best.products.toFixed(2)} ms, median ratio of rounds ${ratios[150]!.toFixed(2)}`,
);
