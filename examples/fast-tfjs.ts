/**
 * A plain tfjs classifier, before and after: two lines change, the training step runs as one native call. Nothing to do with
 * reinforcement learning. Run: npx tsx examples/fast-tfjs.ts
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { compileVariables } from '@troupe/runtime'; // line 1
import { onnx } from '@troupe/runtime-node';

const STEPS = 200;
const ROWS = 128;

/** Two spirals, one per class. */
const batch = (step: number) => {
  const turn = Array.from({ length: ROWS }, (_, i) => ((i * 7 + step * 13) % ROWS) / ROWS);
  const rows = turn.map((t, i) => {
    const angle = 6 * t + (i % 2) * Math.PI;
    return [t * Math.cos(angle), t * Math.sin(angle)];
  });
  const labels = tf.tidy(
    () =>
      tf.oneHot(
        turn.map((_, i) => i % 2),
        2,
        1,
        0,
        'float32',
      ) as tf.Tensor2D,
  );
  return { x: tf.tensor2d(rows), labels };
};

const batches = Array.from({ length: 16 }, (_, k) => batch(k));

const classifier = () => {
  const model = sequential({
    layers: [
      layers.dense({ units: 64, activation: 'relu', inputShape: [2] }),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 2 }),
    ],
  });
  const optimizer = tf.train.adam(0.003);
  const train = ({ x, labels }: ReturnType<typeof batch>) => ({
    loss: optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, model.apply(x) as tf.Tensor2D), true)!,
  });
  return { model, train };
};

const accuracy = ({ model }: ReturnType<typeof classifier>): string => {
  const share = tf.tidy(() => {
    const { x, labels } = batches[0]!;
    const right = tf.equal(tf.argMax(model.predict(x) as tf.Tensor, 1), tf.argMax(labels, 1));
    return tf.mean(tf.cast(right, 'float32')).dataSync()[0]!;
  });
  return `${(share * 100).toFixed(0)} %`;
};

/** Milliseconds of a step, without the first, which builds. */
const perStep = async (step: (k: number) => unknown): Promise<number> => {
  await step(0);
  const began = performance.now();
  for (let k = 1; k < STEPS; k++) await step(k);
  return (performance.now() - began) / (STEPS - 1);
};

const before = classifier();
const slow = await perStep((k) => {
  tf.tidy(() => before.train(batches[k % batches.length]!).loss.dataSync());
});
console.log(`before: ${slow.toFixed(2)} ms per step, ${accuracy(before)} right`);

const after = classifier();
const train = compileVariables(onnx(), after.train); // line 2
const fast = await perStep(async (k) => (await train.run(batches[k % batches.length]!)).loss.data[0]);
console.log(`after:  ${fast.toFixed(2)} ms per step, ${accuracy(after)} right`);
console.log(`${(slow / fast).toFixed(0)} times as fast, ${train.variables.length} variables in one state`);
