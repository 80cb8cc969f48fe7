import {
  actingPolicy,
  epsilonGreedy,
  linearSchedule,
  orThrow,
  type Acting,
  type Discrete,
  type GroupsActing,
  type Learner,
  type Policies,
  type Rollout,
  type Updated,
} from '@troupe/core';
import { defaultRuntime, isPromise, type Runtime } from '@troupe/runtime';
import { inputReader } from '../dqn/input.js';
import { reportReader } from '../dqn/report.js';
import { decodeDqn } from '../dqn/settings.js';
import { initialState, type DqnState } from '../dqn/state.js';
import { valueStep } from '../dqn/step.js';
import { targetClock } from '../target-clock.js';
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
 * its first end of an episode, without the burn-in. Several agents learn independently, as in `dqn`. Throws a RangeError
 * for settings out of range, actions that are not one choice, and sequences that are all burn-in.
 */
export const recurrentDqn = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: RecurrentDqnOptions = {},
): Learner<G, DqnState, Rollout<G>> => {
  const { runtime = defaultRuntime('recurrentDqn'), ...settings } = options;
  const config = orThrow('recurrentDqn')(decodeRecurrentDqn(settings));
  const { cell: _cell, width: _width, burnIn, start, ...shared } = config;
  const plain = orThrow('recurrentDqn')(decodeDqn(shared));
  const crews = recurrentCrewsOf(groups, config, plain);
  const compiled = runtime.compile(valueStep(crews, plain, sequencePasses(burnIn)), { name: 'recurrent dqn update' });
  const read = inputReader(crews, plain);
  const sequences = sequenceReader(crews, config);
  const report = reportReader(crews);
  const acting = crews.map((crew) => [crew.name, recurrentActing(crew)] as const);
  const falling = linearSchedule(config.epsilonStart, config.epsilonEnd, config.epsilonFraction);
  const clockOf = targetClock(config);

  return {
    init: (rng) => initialState(crews, plain, rng),
    policies: (state, mode) =>
      Object.fromEntries(
        acting.map(([name, actingIn]) => {
          const group = groups[name]!;
          const shown = { runtime, name: `recurrent dqn policy of ${name}`, group, state, acting: actingIn };
          const how = { choosing: 'mode', remember: start === 'stored' } as const;
          if (mode === 'exploit' && config.epsilonExploit > 0) {
            const explore = epsilonGreedy(group, () => config.epsilonExploit);
            return [name, actingPolicy({ ...shown, ...how, mode: 'explore', explore })];
          }
          return [name, actingPolicy({ ...shown, ...how, mode, explore: epsilonGreedy(group, falling) })];
        }),
      ) as unknown as Policies<G, DqnState>,
    update(state, { batch, steps, numEnvs }, rng, clock) {
      const at = clockOf(state, clock);
      const { updates, periods } = at;
      const parts = sequences(batch, steps, numEnvs);
      const done = ({ carry, output }: Awaited<ReturnType<typeof compiled.run>>): Updated<DqnState> => [
        { carry, updates, periods },
        report(batch, output, parts.counted).metrics,
      ];
      const running = compiled.run(state.carry, read(batch, rng, at, clock, parts));
      return isPromise(running) ? running.then(done) : done(running);
    },
    acting: (state) =>
      Object.fromEntries(acting.map(([name, actingIn]) => [name, actingIn(state)])) as { [K in keyof G]: Acting },
  };
};
