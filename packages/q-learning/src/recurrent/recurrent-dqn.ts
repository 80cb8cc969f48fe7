import {
  defineLearner,
  mapGroups,
  orThrow,
  requireGroups,
  type Discrete,
  type GroupsActing,
  type Learner,
  type Rollout,
} from '@troupe/core';
import { runtimeOrDefault, type Runtime } from '@troupe/runtime';
import { inputReader, type SequenceParts } from '../dqn/input.js';
import { reportReader } from '../dqn/report.js';
import { decodeDqn } from '../dqn/settings.js';
import { initialState, type DqnState } from '../dqn/state.js';
import { valueStep } from '../dqn/step.js';
import type { DqnCarry, DqnInput, DqnOutput } from '../dqn/types.js';
import { greedyPolicies } from '../greedy-policies.js';
import { valueUpdate } from '../regression/learner.js';
import { recurrentActing } from './acting.js';
import { recurrentCrewsOf } from './crew.js';
import { sequencePasses } from './passes.js';
import { sequenceReader } from './sequences.js';
import { decodeRecurrentDqn, type RecurrentDqnConfig } from './settings.js';

/** Settings of `recurrentDqn`: those of the table, and where it is computed. */
export interface RecurrentDqnOptions extends Partial<RecurrentDqnConfig> {
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
}

/**
 * DQN with memory: values of what was seen so far, not of what is seen now. Hausknecht and Stone 2015 (arXiv 1507.06527);
 * burn-in and stored memory Kapturowski et al. 2019 (R2D2). Learns from sequences (rollouts drawn from a buffer): each up to
 * its first end of an episode, without the burn-in, and of those whose rows are weighed only the rows of a weight above 0.
 * Errors are 0 where nothing is learnt. Several agents learn independently, as in `dqn`. Throws a RangeError
 * for settings out of range, actions that are not one choice, and sequences that are all burn-in.
 */
export const recurrentDqn = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: RecurrentDqnOptions = {},
): Learner<G, DqnState, Rollout<G>> => {
  requireGroups('recurrentDqn', groups);
  const { runtime: given, ...settings } = options;
  const runtime = runtimeOrDefault('recurrentDqn', given);
  const config = orThrow('recurrentDqn')(decodeRecurrentDqn(settings));
  const { cell: _cell, width: _width, burnIn, start, ...shared } = config;
  const plain = orThrow('recurrentDqn')(decodeDqn(shared));
  const crews = recurrentCrewsOf(groups, config, plain);
  const readRows = inputReader(crews, plain);
  const readSequences = sequenceReader(crews, config);
  const report = reportReader(crews);
  const acting = Object.fromEntries(crews.map((crew) => [crew.name, recurrentActing(crew)]));
  const remember = start === 'stored';
  let parts: SequenceParts;
  return defineLearner('recurrentDqn', 'rollout', {
    init: (rng) => initialState(crews, plain, rng),
    policies: greedyPolicies({ name: 'recurrent dqn', groups, runtime, acting, epsilon: config, remember }),
    update: valueUpdate<DqnCarry, DqnInput, DqnOutput, Rollout<G>>({
      name: 'recurrent dqn',
      runtime,
      step: valueStep(crews, plain, sequencePasses(burnIn)),
      target: config,
      read({ batch, steps, numEnvs }, rng, at) {
        parts = readSequences(batch, steps, numEnvs);
        return readRows(batch, rng, at, parts);
      },
      report: (output, { batch }) => report(output, batch, parts.counted),
    }),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};
