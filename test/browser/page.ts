/** What a web page does: built by a bundler and run where nothing of Node is, in `bundle.test.ts`. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { evaluate, rng } from '@troupe/core';
import { simpleSpread, spreadAssignment } from '@troupe/particle-world';
import { carryOf, eager, leavesOf, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';

type Weights = { readonly w: tf.Tensor };
type Rows = { readonly x: tf.Tensor };

/** A gradient of tfjs (of mean), and one that only the repairs give (of cumsum along the first axis). */
const descend: Step<Weights, Rows, { readonly loss: tf.Tensor }> = ({ w }, { x }) => {
  const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => tf.mean(tf.mul(tf.cumsum(v, 0), x)))(w);
  return { carry: { w: tf.sub(w, grad) }, output: { loss: value } };
};

const play = async () => {
  const env = simpleSpread({ numEnvs: 2 });
  const policies = { agents: spreadAssignment(env.groups.agents) };
  const { returns } = await evaluate({ env, policies, rng: rng(0), episodes: 4 });
  const x = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const { carry } = await eager()
    .compile(descend)
    .run(carryOf<Weights>({ w: ndarray(new Float32Array(6), [3, 2]) }), { x });
  return { mean: returns.agents.mean, w: Array.from(leavesOf(carry).w.data as Float32Array) };
};
export const result = play();
