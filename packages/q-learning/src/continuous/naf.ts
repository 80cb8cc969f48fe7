import * as tf from '@tensorflow/tfjs-core';
import { headOf, orThrow, requireGroups, type Acting, type Batch, type Box, type Draw, type GroupsActing, type Learner, type Network } from '@troupe/core'; // prettier-ignore
import { mlp, type NetworkSizes } from '@troupe/networks';
import { runtimeOrDefault, leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { ValueState } from '../regression/types.js';
import { realCrewsOf, requireBounded, type RealCrew } from './crew.js';
import { realNoise } from './exploration.js';
import { realLearner } from './learner.js';
import { nafForm, nafOutputs, nafValue, withPrecision, type NafForm } from './naf-form.js';
import { decodeNaf, type NafConfig } from './settings.js';
import type { Valuer } from './step.js';

/** Settings of `naf`: those of the table, and what is not a number or a name. */
export interface NafOptions extends Partial<NafConfig> {
  /**
   * A network in place of the standard one: [B, inputs] → [B, outputs], with V, then μ before its bounds [A], then the
   * lower triangle of L row by row, its diagonal before exp.
   */
  readonly network?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor>;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates, of which there is none. */
  readonly draw?: Draw;
}

/** The best action of every agent; exploring by precision, with noise that the network shapes. */
const actingOf = (crew: RealCrew, config: NafConfig): ((state: ValueState) => Acting) => {
  const { agents, slots, size, low, high } = crew;
  const params = agents.copies * agents.network.size;
  const byPrecision = config.exploration === 'precision';
  const step: Acting['step'] = (carry, { theta, observation, noise }) => {
    const rows = observation.shape[0];
    const thetas = agents.copies === 1 ? [theta] : tf.split(theta, agents.copies);
    const raw = agents.apply(thetas as tf.Tensor1D[], agents.encode(observation));
    const output: tf.Tensor2D = tf.reshape(raw, [rows * slots, raw.shape[2]]);
    const { mean, factor } = nafForm(output, crew, [config.factorLow, config.factorHigh]);
    let action = mean;
    if (byPrecision) {
      const drawn = withPrecision(factor, tf.reshape(noise!, [rows * slots, size]));
      // Single precision knows no larger numbers; components without bounds stay as they are.
      const finite = (bounds: readonly number[]) =>
        tf.tensor2d([bounds.map((b) => Math.max(-1e30, Math.min(1e30, b)))]);
      const moved = tf.add(mean, tf.mul(drawn, config.explorationScale));
      action = tf.minimum(tf.maximum(moved, finite(low)), finite(high));
    }
    return { carry, output: { output: tf.reshape(action, [rows, slots, size]) } };
  };
  const head = headOf({ kind: 'box', shape: [size], low, high });
  const shape = (numEnvs: number) => ({ kind: 'normal' as const, shape: [numEnvs, slots, size] });
  return ({ carry }) => {
    const { data, offset } = leavesOf(carry)[crew.name]!.theta as ndarray.NdArray<Float32Array>;
    const theta = ndarray(data.subarray(offset, offset + params), [params]);
    return { step, theta, head, ...(byPrecision && { noise: { shape, always: false } }) };
  };
};

/**
 * Normalised advantage functions: Q-learning with real actions whose value is a parabola around the best one, so that its
 * maximum needs no search. Gu et al. 2016 (arXiv 1603.00748), algorithm 1. Q(s, a) = V(s) − ½ (a − μ(s))ᵀ P(s) (a − μ(s)),
 * P = L Lᵀ; μ is squashed by tanh where actions have bounds. Several agents learn independently. Throws a RangeError for
 * settings out of range, for actions that are not a box, and for noise in half ranges of actions without bounds.
 */
export const naf = <const G extends GroupsActing<Box>>(
  groups: G,
  options: NafOptions = {},
): Learner<G, ValueState, Batch<G>> => {
  requireGroups('naf', groups);
  const { network, runtime: given, draw, ...settings } = options;
  const runtime = runtimeOrDefault('naf', given);
  const config = orThrow('naf')(decodeNaf(settings));
  const { hidden, activation } = config;
  const make = network ?? ((sizes: NetworkSizes) => mlp({ inputs: sizes.inputs, hidden, outputs: sizes.outputs, activation })); // prettier-ignore
  const crews = realCrewsOf('naf', groups, config.sharing, make, nafOutputs);
  if (config.exploration === 'gaussian' || config.exploration === 'ornsteinUhlenbeck') requireBounded('naf', crews);
  const formOf = (crew: RealCrew, theta: tf.Tensor1D, seen: tf.Tensor2D): NafForm =>
    nafForm(crew.agents.network.apply(theta, seen) as tf.Tensor2D, crew, [config.factorLow, config.factorHigh]);
  const valuer: Valuer = {
    predict: (crew, theta, seen, action) => nafValue(formOf(crew, theta, seen), action),
    nextValue: (crew, { target }, next) => formOf(crew, target, next).value,
  };
  return realLearner({
    name: 'naf',
    groups,
    crews,
    config,
    valuer,
    wanted: () => ({}),
    acting: (crew) => actingOf(crew, config),
    explore: (group) => realNoise(group, config),
    runtime,
    draw,
  });
};
