import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { box, rng } from '@troupe/core';
import { squaredError, tdTarget } from '@troupe/losses';
import { adam, flat, mlp, polyak } from '@troupe/networks';
import { carryOf, eager, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';
import { filledReplay, soloGroups } from './single-agent-rows.js';

const work = { observation: 17, action: 6, hidden: [256, 256], batch: 256, capacity: 100_000 };

type Leaves = Readonly<Record<string, tf.Tensor>>;
interface Carry extends Leaves {
  /** Actor weights, and log α as the last element. */
  readonly actor: tf.Tensor;
  readonly critic: tf.Tensor;
  readonly target: tf.Tensor;
  readonly actorM: tf.Tensor;
  readonly actorV: tf.Tensor;
  readonly criticM: tf.Tensor;
  readonly criticV: tf.Tensor;
}
interface Input extends Leaves {
  readonly observation: tf.Tensor;
  readonly action: tf.Tensor;
  readonly reward: tf.Tensor;
  readonly discount: tf.Tensor;
  readonly next: tf.Tensor;
  readonly noise: tf.Tensor;
  readonly nextNoise: tf.Tensor;
  readonly updates: tf.Tensor;
}

const { observation: O, action: A, batch: B } = work;
const actor = flat(mlp({ inputs: O, hidden: work.hidden, outputs: 2 * A }));
const critic = flat(mlp({ inputs: O + A, hidden: work.hidden, outputs: 1 }));
const optimiser = adam({ learningRate: 3e-4 });

/** A tanh-squashed Gaussian sample and its log-probability, with softplus for log(1 − tanh²). Haarnoja et al. 2018. */
const sample = (theta: tf.Tensor1D, x: tf.Tensor2D, noise: tf.Tensor): readonly [tf.Tensor2D, tf.Tensor1D] => {
  const [mean, raw] = tf.split<tf.Tensor2D>(actor.apply(theta, x), 2, 1);
  const logStd = tf.clipByValue(raw!, -20, 2);
  const u = tf.add(mean!, tf.mul(tf.exp(logStd), noise));
  const squash = tf.mul(tf.sub(tf.sub(Math.log(2), u), tf.softplus(tf.mul(u, -2))), 2);
  const density = tf.sub(tf.sub(tf.mul(tf.square(noise), -0.5), logStd), squash);
  return [tf.tanh(u as tf.Tensor2D), tf.sub(tf.sum<tf.Tensor1D>(density, 1), (A / 2) * Math.log(2 * Math.PI))];
};

const step: Step<Carry, Input, { readonly losses: tf.Tensor }> = (carry, input) => {
  const rows = (x: tf.Tensor, width: number) => tf.reshape<tf.Rank.R2>(x, [B, width]);
  const row = (x: tf.Tensor) => tf.reshape<tf.Rank.R1>(x, [B]);
  const [seen, done, next] = [rows(input.observation, O), rows(input.action, A), rows(input.next, O)];
  const twin = (theta: tf.Tensor, x: tf.Tensor2D) =>
    tf.split<tf.Tensor1D>(theta as tf.Tensor1D, 2).map((one) => row(critic.apply(one, x)));
  const [policy, logAlpha] = tf.split<tf.Tensor1D>(carry.actor, [actor.size, 1]);
  const alpha = tf.exp(logAlpha!);

  const [nextAction, nextLogProb] = sample(policy!, next, input.nextNoise);
  const [q1, q2] = twin(carry.target, tf.concat2d([next, nextAction], 1));
  const target = tdTarget({
    reward: row(input.reward),
    discount: row(input.discount),
    nextValue: tf.sub(tf.minimum(q1!, q2!), tf.mul(alpha, nextLogProb)),
    gamma: 0.99,
  });
  const taken = tf.concat2d([seen, done], 1);
  const at = { updates: input.updates as tf.Scalar };
  const criticLoss = tf.valueAndGrad((theta: tf.Tensor) =>
    tf.addN(twin(theta, taken).map((prediction) => tf.mean(squaredError({ prediction, target })))),
  )(carry.critic);
  const critics = optimiser.update(
    carry.critic as tf.Tensor1D,
    criticLoss.grad as tf.Tensor1D,
    { m: carry.criticM as tf.Tensor1D, v: carry.criticV as tf.Tensor1D },
    at,
  );
  const actorLoss = tf.valueAndGrad((theta: tf.Tensor) => {
    const [own, temperature] = tf.split<tf.Tensor1D>(theta, [actor.size, 1]);
    const [action, logProb] = sample(own!, seen, input.noise);
    const [a, b] = twin(critics.theta, tf.concat2d([seen, action], 1));
    const policyLoss = tf.mean(tf.sub(tf.mul(alpha, logProb), tf.minimum(a!, b!)));
    // The gradient of the second term reaches log α alone: log-probabilities are constants there.
    const entropyGap = tf.sub(tf.mean(heldStill(logProb)), A);
    return tf.sub(policyLoss, tf.sum(tf.mul(temperature!, entropyGap)));
  })(carry.actor);
  const actors = optimiser.update(
    carry.actor as tf.Tensor1D,
    actorLoss.grad as tf.Tensor1D,
    { m: carry.actorM as tf.Tensor1D, v: carry.actorV as tf.Tensor1D },
    at,
  );
  return {
    carry: {
      actor: actors.theta,
      critic: critics.theta,
      target: polyak(carry.target as tf.Tensor1D, critics.theta, 0.005),
      actorM: actors.moments.m,
      actorV: actors.moments.v,
      criticM: critics.moments.m,
      criticV: critics.moments.v,
    },
    output: { losses: tf.stack([criticLoss.value, actorLoss.value]) },
  };
};

/** The value without its gradient. */
const heldStill = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

export const sacContestant = (runtime: Runtime, updates: number): Contestant => {
  const groups = soloGroups(box([O]), box([A], { low: -1, high: 1 }));
  const buffer = filledReplay(groups, work.capacity, O, (rows, stream) =>
    stream.fillNormal(new Float32Array(rows * A)).map(Math.tanh),
  );
  const compiled = runtime.compile(step, { name: 'sac update' });
  const stream = rng(1);
  const vector = (values: Float32Array) => ndarray(values, [values.length]);
  const critics = Float32Array.from([...critic.init(stream), ...critic.init(stream)]);
  const actors = Float32Array.from([...actor.init(stream), 0]);
  const zeros = (like: Float32Array) => vector(new Float32Array(like.length));
  let carry = carryOf<Carry>({
    actor: vector(actors),
    critic: vector(critics),
    target: vector(critics.slice()),
    actorM: zeros(actors),
    actorV: zeros(actors),
    criticM: zeros(critics),
    criticV: zeros(critics),
  });
  const [noise, nextNoise] = [ndarray(new Float32Array(B * A), [B, A]), ndarray(new Float32Array(B * A), [B, A])];
  const count = ndarray(new Float32Array(1), []);
  const update = async () => {
    const { observation, action, reward, discount, next } = buffer.sample(B, stream).groups.agent;
    stream.fillNormal(noise.data);
    stream.fillNormal(nextNoise.data);
    count.data[0]! += 1;
    const rows = { observation, action, reward, discount, next: next.observation };
    const running = compiled.run(carry, { ...rows, noise, nextNoise, updates: count });
    ({ carry } = 'then' in running ? await running : running);
  };
  return {
    runtime: runtime.name,
    config: { ...work, critics: 2, autoTemperature: true, sampling: true },
    round: () => medianCall(updates, update),
    dispose: () => runtime.dispose(),
  };
};

/** One update of soft actor-critic with learnt temperature, sampling included. */
export const sacUpdate: Benchmark = {
  name: 'sac-update',
  about: 'one update of SAC: observations 17, actions 6, twin critics 256-256, batch 256 drawn from 100,000 rows',
  contestants: () => [sacContestant(onnx(), 30), sacContestant(eager({ backend: 'wasm' }), 1)],
  peer: { args: ['sac-update', '--n', '21'], idiomatic: ['adam', 'foreach'] },
};
