import * as tf from '@tensorflow/tfjs-core';
import type { MaddpgConfig } from './settings.js';

/** Running moments of each agent's rewards, [agents] each; empty where rewards are used as they are. */
export type RewardMoments = Readonly<Record<string, tf.Tensor>>;

/** Names and shapes of the moments. */
export const rewardMoments = (
  how: MaddpgConfig['rewardScaling'],
  agents: number,
): Readonly<Record<string, readonly number[]>> =>
  how === 'none' ? {} : { count: [agents], mean: [agents], m2: [agents] };

/**
 * Rewards [B] per agent, scaled by moments of all sampled rewards so far, this batch included. Moments are merged by
 * the rule of Chan, Golub and LeVeque 1979; rows with weight 0 do not count.
 */
export const scaledRewards = (
  how: MaddpgConfig['rewardScaling'],
  moments: RewardMoments,
  rewards: readonly tf.Tensor1D[],
  weights: readonly tf.Tensor1D[],
): { readonly rewards: readonly tf.Tensor1D[]; readonly moments: RewardMoments } => {
  if (how === 'none') return { rewards, moments };
  const [reward, weight] = [tf.stack([...rewards]), tf.stack([...weights])];
  const n = tf.sum(weight, 1);
  const mean = tf.div(tf.sum(tf.mul(reward, weight), 1), tf.maximum(n, 1));
  const m2 = tf.sum(tf.mul(tf.square(tf.sub(reward, tf.expandDims(mean, 1))), weight), 1);
  const { count, mean: before, m2: spread } = moments as { count: tf.Tensor; mean: tf.Tensor; m2: tf.Tensor };
  const total = tf.maximum(tf.add(count, n), 1);
  const delta = tf.sub(mean, before);
  const merged = {
    count: tf.add(count, n),
    mean: tf.add(before, tf.div(tf.mul(delta, n), total)),
    m2: tf.add(tf.add(spread, m2), tf.div(tf.mul(tf.square(delta), tf.mul(count, n)), total)),
  };
  const deviation = tf.add(tf.sqrt(tf.div(merged.m2, total)), 1e-6);
  const centre = how === 'standardise' ? merged.mean : tf.zerosLike(merged.mean);
  const scaled = tf.div(tf.sub(reward, tf.expandDims(centre, 1)), tf.expandDims(deviation, 1));
  return { rewards: tf.unstack(scaled) as tf.Tensor1D[], moments: merged };
};
