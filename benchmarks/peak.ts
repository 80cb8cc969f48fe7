import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { squaredError } from '@troupe/losses';
import { adam, flat, mlp } from '@troupe/networks';
import { carryOf } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';
import { maddpgContestant, standardWork } from './maddpg-update.js';

type State = Readonly<Record<'theta' | 'm' | 'v', tf.Tensor>>;
type Rows = Readonly<Record<'x' | 'y' | 'updates', tf.Tensor>>;

const normal = (stream: ReturnType<typeof rng>, ...shape: number[]) =>
  ndarray(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);

/** A product of square matrices by the same engine: what the core can do at best. */
const sgemm = (n: number): Contestant => {
  const runtime = onnx();
  const product = runtime.compile(
    (carry: Record<string, never>, { a, b }: Readonly<Record<'a' | 'b', tf.Tensor2D>>) => ({
      carry,
      output: tf.matMul(a, b),
    }),
    { name: `product of ${n} x ${n}` },
  );
  const [a, b] = [normal(rng(1), n, n), normal(rng(2), n, n)];
  const nothing = carryOf<Record<string, never>>({});
  const calls = Math.max(3, Math.round((40 * 256 ** 3) / n ** 3));
  return {
    runtime: `sgemm ${n}`,
    config: { n, threads: 1 },
    gflop: (2 * n ** 3) / 1e9,
    round: () => medianCall(calls, () => product.run(nothing, { a, b })),
    dispose: () => runtime.dispose(),
  };
};

const work = { inputs: 23, hidden: [256, 256], outputs: 1, batch: 1024 };

/** Matrix products of an update in 10⁹ operations: forward, gradients of the weights, gradients of hidden layers. */
const operations = (): number => {
  const widths = [work.inputs, ...work.hidden, work.outputs];
  const products = widths.slice(1).map((width, i) => width * widths[i]!);
  const all = products.reduce((sum, n) => sum + n, 0);
  return (2 * work.batch * (2 * all + all - products[0]!)) / 1e9;
};

/** A squared-error update of a 256-256 network with Adam, the whole step. */
const wide = (): Contestant => {
  const runtime = onnx();
  const network = flat(mlp(work));
  const optimiser = adam({ learningRate: 1e-3 });
  const update = runtime.compile<State, Rows, { readonly loss: tf.Tensor }>(
    ({ theta, m, v }, { x, y, updates }) => {
      const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => {
        const prediction = tf.reshape<tf.Rank.R1>(network.apply(at as tf.Tensor1D, x), [work.batch]);
        return tf.mean(squaredError({ prediction, target: y as tf.Tensor1D }));
      })(theta);
      const moments = { m: m as tf.Tensor1D, v: v as tf.Tensor1D };
      const at = { updates: updates as tf.Scalar };
      const next = optimiser.update(theta as tf.Tensor1D, grad as tf.Tensor1D, moments, at);
      return { carry: { theta: next.theta, ...next.moments }, output: { loss: value } };
    },
    { name: 'update of a wide network' },
  );
  const stream = rng(1);
  const zeros = () => ndarray(new Float32Array(network.size), [network.size]);
  let carry = carryOf<State>({ theta: ndarray(network.init(stream), [network.size]), m: zeros(), v: zeros() });
  const updates = ndarray(new Float32Array(1), []);
  const input = { x: normal(stream, work.batch, work.inputs), y: normal(stream, work.batch), updates };
  return {
    runtime: runtime.name,
    config: { ...work, threads: 1 },
    gflop: operations(),
    round: () =>
      medianCall(15, async () => {
        updates.data[0]! += 1;
        const running = update.run(carry, input);
        ({ carry } = 'then' in running ? await running : running);
      }),
    dispose: () => runtime.dispose(),
  };
};

/** Per row and agent 68,160 multiply-adds, as the peer's documentation counts them for the plain formulation. */
const maddpgOperations = (2 * 68_160 * standardWork.agents * standardWork.batch) / 1e9;

const peak = (name: string, what: string, subject: () => Contestant): Benchmark => ({
  name,
  about: `the share of this core's peak that ${what} reaches, against single products measured in the same rounds`,
  contestants: () => [subject(), sgemm(256), sgemm(1024)],
  peer: { args: ['peak'], idiomatic: [], gflop: (2 * 1024 ** 3) / 1e9 },
});

export const peaks: readonly Benchmark[] = [
  peak('peak-maddpg', 'a MADDPG update (3 agents, 64-64, batch 1024)', () => ({
    ...maddpgContestant(onnx(), standardWork, 20),
    gflop: maddpgOperations,
  })),
  peak('peak-wide', 'an update of a 256-256 network at batch 1024, Adam included,', wide),
];
