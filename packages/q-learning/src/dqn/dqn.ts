import type { Tensor } from '@tensorflow/tfjs-core';
import { defineLearner, mapGroups, orThrow, requireGroups, type Batch, type Discrete, type Draw, type GroupsActing, type Learner, type Network } from '@troupe/core'; // prettier-ignore
import type { NetworkSizes } from '@troupe/networks';
import { runtimeOrDefault, type Runtime } from '@troupe/runtime';
import { greedyPolicies } from '../greedy-policies.js';
import { valueUpdate } from '../regression/learner.js';
import { actingOf } from './acting.js';
import { crewsOf } from './crew.js';
import { inputReader } from './input.js';
import { reportReader } from './report.js';
import { decodeDqn, type DqnConfig } from './settings.js';
import { initialState, type DqnState } from './state.js';
import { rowPasses, valueStep } from './step.js';
import type { DqnCarry, DqnInput, DqnOutput } from './types.js';

/** Settings of `dqn`: those of the table, and what is not a number or a name. */
export interface DqnOptions extends Partial<DqnConfig> {
  /** A network in place of the standard one: [B, inputs] → [B, outputs]. `fromLayers(model)` makes one of a tfjs-layers model. */
  readonly network?: (sizes: NetworkSizes) => Network<Tensor, Tensor>;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates. Replaced only to replay recorded noise. */
  readonly draw?: Draw;
}

/**
 * Deep Q-networks (Mnih et al. 2015) and their relatives by settings: double, dueling, distributional, noisy; n-step and
 * prioritised through the buffer. For several agents: independent Q-learning, each agent on its own observation and
 * reward, with weights of its own or shared. Acts ε-greedily over permitted choices. Throws a RangeError for settings out
 * of range or at odds, and for actions that are not one choice.
 */
export const dqn = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: DqnOptions = {},
): Learner<G, DqnState, Batch<G>> => {
  requireGroups('dqn', groups);
  const { network, runtime: given, draw, ...settings } = options;
  const runtime = runtimeOrDefault('dqn', given);
  const config = orThrow('dqn')(decodeDqn(settings));
  const crews = crewsOf(groups, config, network);
  const acting = Object.fromEntries(crews.map((crew) => [crew.name, actingOf(crew, config)]));
  return defineLearner('dqn', 'rows', {
    init: (rng) => initialState(crews, config, rng),
    policies: greedyPolicies({ name: 'dqn', groups, runtime, acting, epsilon: config }),
    update: valueUpdate<DqnCarry, DqnInput, DqnOutput, Batch<G>>({
      name: 'dqn',
      runtime,
      step: valueStep(crews, config, rowPasses),
      target: config,
      read: inputReader(crews, config, draw),
      report: reportReader(crews),
    }),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};
