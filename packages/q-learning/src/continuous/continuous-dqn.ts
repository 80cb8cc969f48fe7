import * as tf from '@tensorflow/tfjs-core';
import { headOf, orThrow, requireGroups, type Acting, type Batch, type Box, type Draw, type GroupsActing, type Learner, type Network, type NoiseShape } from '@troupe/core'; // prettier-ignore
import { mlp, type NetworkSizes } from '@troupe/networks';
import { runtimeOrDefault, leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { crossEntropy } from '../maximisers/cross-entropy.js';
import type { Maximiser, Maximum } from '../maximisers/maximiser.js';
import type { ValueState } from '../regression/types.js';
import { realCrewsOf, requireBounded, type RealCrew } from './crew.js';
import { realNoise } from './exploration.js';
import { realLearner } from './learner.js';
import { decodeContinuousDqn, type ContinuousDqnConfig } from './settings.js';
import type { Valuer } from './step.js';

/** Settings of `continuousDqn`: those of the table, and what is not a number or a name. */
export interface ContinuousDqnOptions extends Partial<ContinuousDqnConfig> {
  /** How the best action is sought. Default `crossEntropy({ iterations: 2 })`, as QT-Opt does it. */
  readonly maximiser?: Maximiser;
  /** A network in place of the standard one: [B, inputs], an encoded observation, then an action → [B, 1]. */
  readonly network?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor>;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates: that of the maximiser, by group. Replaced only to replay recorded noise. */
  readonly draw?: Draw;
}

/** Q(s, a) of R rows. */
const valueOf = (crew: RealCrew, theta: tf.Tensor1D, seen: tf.Tensor2D, action: tf.Tensor2D): tf.Tensor1D =>
  tf.reshape(crew.agents.network.apply(theta, tf.concat2d([seen, action], 1)), [seen.shape[0]]);

/** Seeks the best actions of R observations by one set of weights; the observations are not encoded again for each candidate. */
const best = (
  crew: RealCrew,
  maximiser: Maximiser,
  theta: tf.Tensor1D,
  seen: tf.Tensor2D,
  noise: tf.Tensor,
): Maximum => {
  const [rows, inputs] = seen.shape;
  const { low, high, size } = crew;
  return maximiser.maximise({
    problems: rows,
    low,
    high,
    noise,
    score(candidates) {
      const [, n] = candidates.shape;
      const each = tf.tile(tf.expandDims(seen, 1), [1, n, 1]);
      const flat: tf.Tensor2D = tf.reshape(each, [rows * n, inputs]);
      return tf.reshape(valueOf(crew, theta, flat, tf.reshape(candidates, [rows * n, size])), [rows, n]);
    },
  });
};

const actingOf = (crew: RealCrew, maximiser: Maximiser): ((state: ValueState) => Acting) => {
  const { agents, slots, size, low, high } = crew;
  const params = agents.copies * agents.network.size;
  const step: Acting['step'] = (carry, { theta, observation, noise }) => {
    const rows = observation.shape[0];
    const thetas = (agents.copies === 1 ? [theta] : tf.split(theta, agents.copies)) as tf.Tensor1D[];
    const seen = agents.encode(observation);
    const each = agents.copies === 1 ? [tf.reshape(seen, [rows * slots, seen.shape[2]])] : tf.unstack(seen, 1);
    const noises = agents.copies === 1 ? [noise!] : tf.split(noise!, slots, 0);
    const actions = each.map((x, c) => best(crew, maximiser, thetas[c]!, x as tf.Tensor2D, noises[c]!).action);
    const output = agents.copies === 1 ? tf.reshape(actions[0]!, [rows, slots, size]) : tf.stack(actions, 1);
    return { carry, output: { output } };
  };
  const head = headOf({ kind: 'box', shape: [size], low, high });
  const shape = (numEnvs: number): NoiseShape => maximiser.noise(numEnvs * slots, size);
  return ({ carry }) => {
    const { data, offset } = leavesOf(carry)[crew.name]!.theta as ndarray.NdArray<Float32Array>;
    return {
      step,
      theta: ndarray(data.subarray(offset, offset + params), [params]),
      head,
      noise: { shape, always: true },
    };
  };
};

/**
 * Deep Q-networks for real actions: the best action, in targets and in acting, is sought by sampling. With the
 * cross-entropy method this is the learner of QT-Opt (Kalashnikov et al. 2018, arXiv 1806.10293, section 4) without its
 * distributed collection; any `Maximiser` fits. The whole search is part of the compiled step. Several agents learn
 * independently. Throws a RangeError for settings out of range and for actions that are not a box with finite bounds.
 */
export const continuousDqn = <const G extends GroupsActing<Box>>(
  groups: G,
  options: ContinuousDqnOptions = {},
): Learner<G, ValueState, Batch<G>> => {
  requireGroups('continuousDqn', groups);
  const { maximiser = crossEntropy({ iterations: 2 }), network, runtime: given, draw, ...settings } = options;
  const runtime = runtimeOrDefault('continuousDqn', given);
  const config = orThrow('continuousDqn')(decodeContinuousDqn(settings));
  const { hidden, activation } = config;
  const standard = ({ inputs, outputs }: NetworkSizes) => mlp({ inputs, hidden, outputs, activation });
  const crews = realCrewsOf(
    'continuousDqn',
    groups,
    config.sharing,
    ({ actions, inputs, ...sizes }) => (network ?? standard)({ ...sizes, inputs: inputs + actions }),
    () => 1,
  );
  requireBounded('continuousDqn', crews);
  const valuer: Valuer = {
    predict: valueOf,
    nextValue(crew, { theta, target }, next, noise) {
      if (config.double === 'no') return best(crew, maximiser, target, next, noise!).value;
      return valueOf(crew, target, next, best(crew, maximiser, theta, next, noise!).action);
    },
  };
  return realLearner({
    name: 'continuousDqn',
    groups,
    crews,
    config,
    valuer,
    wanted: ({ slots, size }) => ({
      noise(rows) {
        const { kind, shape } = maximiser.noise(rows * slots, size);
        return { kind, shape: [rows, slots, ...shape.slice(1)] };
      },
    }),
    acting: (crew) => actingOf(crew, maximiser),
    explore: (group) => realNoise(group, config),
    runtime,
    draw,
  });
};
