import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { layerNorm } from '@troupe/networks';
import { carryOf, type AtRest, type Carry, type RestArray, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';
import { numbers } from './numbers.js';

type Named = Readonly<Record<string, tf.Tensor>>;

/** A step as learners have them, with a carry to begin with and an input. */
export interface Example {
  readonly name: string;
  readonly step: Step<Named, Named, Named>;
  readonly carry: () => Carry<Named>;
  readonly input: AtRest<Named>;
}

const leaf = (seed: number, shape: readonly number[], scale = 1): RestArray =>
  ndarray(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ).map((x) => x * scale),
    [...shape],
  );
const classes = (n: number, of: number): RestArray =>
  ndarray(
    Int32Array.from({ length: n }, (_, i) => (i * 7 + 3) % of),
    [n],
  );

const example = (
  name: string,
  step: (carry: Named, input: Named) => { readonly carry: Named; readonly output: Named },
  carry: Readonly<Record<string, RestArray>>,
  input: Readonly<Record<string, RestArray>>,
): Example => ({
  name,
  step,
  carry: () => carryOf<Named>(carry),
  input: input,
});

/** Splits θ into the kernels and biases of dense layers. */
const dense = (theta: tf.Tensor, x: tf.Tensor, widths: readonly number[], activation: (x: tf.Tensor) => tf.Tensor) => {
  const shapes = widths.slice(1).flatMap((out, i) => [[widths[i]!, out], [out]]);
  const parts = tf.split(
    theta,
    shapes.map((shape) => shape.reduce((a, b) => a * b, 1)),
  );
  const weights = parts.map((part, i) => tf.reshape(part, shapes[i]!));
  let h = x;
  for (let i = 0; i < weights.length; i += 2) {
    h = tf.add(tf.matMul(h as tf.Tensor2D, weights[i] as tf.Tensor2D), weights[i + 1]!);
    if (i + 2 < weights.length) h = activation(h);
  }
  return h;
};
/** ε is large: what is compared are the runtimes, not how Adam blows up rounding where gradients vanish. */
const adam = ({ theta, m, v, t }: Named, gradient: tf.Tensor): Named => {
  const steps = tf.add(t!, 1);
  const nextM = tf.add(tf.mul(m!, 0.9), tf.mul(gradient, 0.1));
  const nextV = tf.add(tf.mul(v!, 0.999), tf.mul(tf.square(gradient), 0.001));
  const rate = tf.div(tf.sqrt(tf.sub(1, tf.pow(0.999, steps))), tf.sub(1, tf.pow(0.9, steps)));
  const next = tf.sub(theta!, tf.mul(tf.div(nextM, tf.add(tf.sqrt(nextV), 1e-2)), tf.mul(rate, 0.01)));
  return { theta: next, m: nextM, v: nextV, t: steps };
};
const sizeOf = (widths: readonly number[]) => widths.slice(1).reduce((n, out, i) => n + (widths[i]! + 1) * out, 0);
const moments = (size: number) => ({
  m: ndarray(new Float32Array(size), [size]) as RestArray,
  v: ndarray(new Float32Array(size), [size]) as RestArray,
  t: ndarray(new Float32Array(1), []) as RestArray,
});

const widths = [6, 16, 16, 3];
const size = sizeOf(widths);

const learn =
  (loss: (theta: tf.Tensor, input: Named) => tf.Tensor) =>
  (carry: Named, input: Named): { readonly carry: Named; readonly output: Named } => {
    const { value, grad } = tf.valueAndGrad((theta: tf.Tensor) => loss(theta, input))(carry['theta']!);
    return { carry: adam(carry, grad), output: { loss: value, norm: tf.norm(grad) } };
  };

export const examples: readonly Example[] = [
  example(
    'regression by a relu network and Adam',
    learn((theta, { x, y }) => tf.mean(tf.square(tf.sub(dense(theta, x!, widths, tf.relu), y!)))),
    { theta: leaf(1, [size], 0.4), ...moments(size) },
    { x: leaf(2, [20, 6]), y: leaf(3, [20, 3]) },
  ),
  example(
    'softmax cross-entropy',
    learn((theta, { x, label }) => {
      const logits = tf.logSoftmax(dense(theta, x!, widths, tf.tanh));
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(label!, 3, 1, 0, 'float32'), logits), 1)));
    }),
    { theta: leaf(4, [size], 0.4), ...moments(size) },
    { x: leaf(5, [20, 6]), label: classes(20, 3) },
  ),
  example(
    'straight-through Gumbel-softmax',
    learn((theta, { x, uniform, w }) => {
      const noise = tf.neg(tf.log(tf.neg(tf.log(tf.abs(uniform!)))));
      const soft = tf.softmax(tf.add(dense(theta, x!, widths, tf.relu), noise));
      const hard = tf.oneHot(tf.argMax(soft, -1), 3, 1, 0, 'float32');
      const through = tf.customGrad(() => ({ value: hard, gradFunc: (dy) => [dy] }));
      return tf.mean(tf.sum(tf.mul(through(soft), w!), 1));
    }),
    { theta: leaf(6, [size], 0.4), ...moments(size) },
    { x: leaf(7, [20, 6]), uniform: leaf(8, [20, 3], 0.5), w: leaf(9, [20, 3]) },
  ),
  example(
    'masked rows and Polyak averages',
    ({ theta, target }, { x, active }) => {
      const loss = (of: tf.Tensor) => {
        const rows = tf.sum(tf.square(tf.sub(dense(of, x!, widths, tf.elu), dense(target!, x!, widths, tf.elu))), 1);
        return tf.div(
          tf.sum(tf.mul(rows, tf.cast(active!, 'float32'))),
          tf.maximum(tf.sum(tf.cast(active!, 'float32')), 1),
        );
      };
      const { value, grad } = tf.valueAndGrad(loss)(theta!);
      const next = tf.sub(theta!, tf.mul(grad, 0.05));
      return {
        carry: { theta: next, target: tf.add(tf.mul(target!, 0.99), tf.mul(next, 0.01)) },
        output: { loss: value },
      };
    },
    { theta: leaf(10, [size], 0.4), target: leaf(11, [size], 0.4) },
    {
      x: leaf(12, [20, 6]),
      active: ndarray(
        Uint8Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? 0 : 1)),
        [20],
      ),
    },
  ),
  example(
    'clipped surrogate with an entropy bonus',
    learn((theta, { x, action, old, advantage }) => {
      const logits = tf.logSoftmax(dense(theta, x!, widths, tf.tanh));
      const chosen = tf.sum(tf.mul(tf.oneHot(action!, 3, 1, 0, 'float32'), logits), 1);
      const ratio = tf.exp(tf.sub(chosen, old!));
      const surrogate = tf.minimum(tf.mul(ratio, advantage!), tf.mul(tf.clipByValue(ratio, 0.8, 1.2), advantage!));
      const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logits), logits), 1));
      return tf.neg(tf.mean(tf.add(surrogate, tf.mul(entropy, 0.01))));
    }),
    { theta: leaf(13, [size], 0.4), ...moments(size) },
    { x: leaf(14, [20, 6]), action: classes(20, 3), old: leaf(15, [20], 0.5), advantage: leaf(16, [20]) },
  ),
  example(
    'a team, each with a normalised network and moments of its own',
    (carry, { x, y, w, weight }) => {
      const members = [0, 1, 2].map((i) => {
        const of = (name: string) => tf.gather(carry[name]!, i);
        const loss = (theta: tf.Tensor) => {
          const h = layerNorm(dense(theta, x!, [6, 16, 8], tf.relu), tf.ones([8]), tf.zeros([8]));
          const head = tf.matMul(h, tf.slice(w as tf.Tensor2D, [0, i], [8, 4]));
          const [mean, deviation] = tf.split(tf.concat([head, tf.mul(head, 0.5)], 1), 2, 1) as [tf.Tensor, tf.Tensor];
          const error = tf.mul(tf.sub(mean, tf.gather(y!, [0, 1, 2, 0], 1)), tf.add(tf.square(deviation), 0.1));
          return tf.mean(tf.mul(tf.square(tf.concat([error, tf.mul(error, 0.5)], 1)), tf.mul(weight!, 0.5)));
        };
        const { value, grad } = tf.valueAndGrad(loss)(of('theta'));
        const next: Named = adam({ theta: of('theta'), m: of('m'), v: of('v'), t: carry['t']! }, grad);
        return { ...next, loss: value };
      });
      const stacked = (name: string) => tf.stack(members.map((one: Named) => one[name]!));
      return {
        carry: { theta: stacked('theta'), m: stacked('m'), v: stacked('v'), t: tf.add(carry['t']!, 1) },
        output: { loss: tf.stack(members.map(({ loss }) => loss)) },
      };
    },
    {
      theta: leaf(31, [3, 248], 0.4),
      m: leaf(32, [3, 248], 0),
      v: leaf(33, [3, 248], 0),
      t: ndarray(new Float32Array(1), []),
    },
    { x: leaf(34, [80, 6]), y: leaf(35, [80, 3]), w: leaf(37, [8, 6]), weight: leaf(36, [80, 1]) },
  ),
  example(
    'epochs over the same rows',
    ({ theta }, { x, y }) => {
      let at = theta!;
      for (let epoch = 0; epoch < 4; epoch++) {
        const loss = (of: tf.Tensor) => tf.mean(tf.square(tf.sub(dense(of, x!, [6, 16, 1], tf.tanh), y!)));
        at = tf.sub(at, tf.mul(tf.grad(loss)(at), 0.1));
      }
      return { carry: { theta: at }, output: { last: tf.norm(at) } };
    },
    { theta: leaf(38, [129], 0.4) },
    { x: leaf(39, [1024, 6]), y: leaf(40, [1024, 1]) },
  ),
  example(
    'natural gradients of a normalised network',
    ({ theta }, { x, v }) => {
      const outputs = (at: tf.Tensor) =>
        tf.matMul(
          layerNorm(dense(tf.slice(at, [0], [384]), x!, [6, 16, 16], tf.relu), tf.ones([16]), tf.zeros([16])),
          tf.reshape(tf.slice(at, [384], [32]), [16, 2]),
        );
      const back = (u: tf.Tensor) => tf.grad(outputs)(theta!, u);
      let tangent = v!;
      for (let k = 0; k < 3; k++) tangent = tf.mul(back(tf.grad(back)(tf.zeros([80, 2]), tangent)), 0.01);
      return { carry: { theta: tf.add(theta!, tangent) }, output: { size: tf.norm(tangent) } };
    },
    { theta: leaf(41, [416], 0.4) },
    { x: leaf(42, [80, 6]), v: leaf(43, [416]) },
  ),
  example(
    'a small convolution',
    ({ filter, out }, { image, y }) => {
      const loss = (...[f, w]: tf.Tensor[]) => {
        const h = tf.relu(tf.conv2d(image as tf.Tensor4D, f as tf.Tensor4D, 2, 'same'));
        return tf.mean(tf.square(tf.sub(tf.matMul(tf.reshape(h, [4, 36]), w as tf.Tensor2D), y!)));
      };
      const { value, grads } = tf.valueAndGrads(loss)([filter!, out!]);
      return {
        carry: { filter: tf.sub(filter!, tf.mul(grads[0]!, 0.01)), out: tf.sub(out!, tf.mul(grads[1]!, 0.01)) },
        output: { loss: value },
      };
    },
    { filter: leaf(17, [3, 3, 2, 4], 0.3), out: leaf(18, [36, 2], 0.3) },
    { image: leaf(19, [4, 6, 6, 2]), y: leaf(20, [4, 2]) },
  ),
];

/** A tfjs-layers model called with weights of ours: layer normalisation between dense layers. */
export const layersExample = (): Example => {
  const model = sequential({
    layers: [
      layers.dense({ units: 8, inputShape: [6], kernelInitializer: 'zeros', activation: 'tanh' }),
      layers.layerNormalization({}),
      layers.dense({ units: 2, kernelInitializer: 'zeros' }),
    ],
  });
  const weights = model.weights.map((weight) => Reflect.get(weight, 'val') as tf.Variable);
  const call = (given: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor => {
    model.weights.forEach((weight, i) => Reflect.set(weight, 'val', given[i]));
    try {
      return model.apply(x) as tf.Tensor;
    } finally {
      model.weights.forEach((weight, i) => Reflect.set(weight, 'val', weights[i]));
    }
  };
  const names = weights.map((_, i) => `w${i}`);
  return example(
    'layers with layer normalisation',
    (carry, { x, y }) => {
      const loss = (...given: tf.Tensor[]) => tf.mean(tf.square(tf.sub(call(given, x!), y!)));
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => carry[name]!));
      const next = names.map((name, i) => [name, tf.sub(carry[name]!, tf.mul(grads[i]!, 0.05))] as const);
      return { carry: Object.fromEntries(next), output: { loss: value } };
    },
    Object.fromEntries(names.map((name, i) => [name, leaf(30 + i, weights[i]!.shape, 0.5)])),
    { x: leaf(21, [10, 6]), y: leaf(22, [10, 2]) },
  );
};
