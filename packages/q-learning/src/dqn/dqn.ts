import type { Tensor } from '@tensorflow/tfjs-core';
import {
  actingPolicy,
  epsilonGreedy,
  linearSchedule,
  orThrow,
  type Acting,
  type Batch,
  type Discrete,
  type Draw,
  type GroupsActing,
  type Learner,
  type Network,
  type Policies,
  type Updated,
} from '@troupe/core';
import type { NetworkSizes } from '@troupe/networks';
import { defaultRuntime, isPromise, type Runtime } from '@troupe/runtime';
import { targetClock } from '../target-clock.js';
import { actingOf } from './acting.js';
import { crewsOf } from './crew.js';
import { inputReader } from './input.js';
import { reportReader } from './report.js';
import { decodeDqn, type DqnConfig } from './settings.js';
import { initialState, type DqnState } from './state.js';
import { rowPasses, valueStep } from './step.js';

type ActingIn = (state: DqnState) => Acting;

/** The mean weights of noisy layers, also while exploring. */
const withoutNoise =
  (acting: ActingIn): ActingIn =>
  (state) => {
    const { step, theta, head } = acting(state);
    return { step, theta, head };
  };

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
  const { network, runtime = defaultRuntime('dqn'), draw, ...settings } = options;
  const config = orThrow('dqn')(decodeDqn(settings));
  const crews = crewsOf(groups, config, network);
  const compiled = runtime.compile(valueStep(crews, config, rowPasses), { name: 'dqn update' });
  const read = inputReader(crews, config, draw);
  const report = reportReader(crews);
  const acting = crews.map((crew) => [crew.name, actingOf(crew, config)] as const);
  const falling = linearSchedule(config.epsilonStart, config.epsilonEnd, config.epsilonFraction);

  const clockOf = targetClock(config);

  return {
    init: (rng) => initialState(crews, config, rng),
    policies: (state, mode) =>
      Object.fromEntries(
        acting.map(([name, actingIn]) => {
          const group = groups[name]!;
          const shown = { runtime, name: `dqn policy of ${name}`, group, state, choosing: 'mode' as const };
          if (mode === 'exploit' && config.epsilonExploit > 0) {
            const explore = epsilonGreedy(group, () => config.epsilonExploit);
            return [name, actingPolicy({ ...shown, mode: 'explore', acting: withoutNoise(actingIn), explore })];
          }
          return [name, actingPolicy({ ...shown, mode, acting: actingIn, explore: epsilonGreedy(group, falling) })];
        }),
      ) as unknown as Policies<G, DqnState>,
    update(state, batch, rng, clock) {
      const at = clockOf(state, clock);
      const { updates, periods } = at;
      const done = ({ carry, output }: Awaited<ReturnType<typeof compiled.run>>): Updated<DqnState> => {
        const { metrics, error } = report(batch, output);
        return [{ carry, updates, periods }, metrics, error];
      };
      const running = compiled.run(state.carry, read(batch, rng, at, clock));
      return isPromise(running) ? running.then(done) : done(running);
    },
    acting: (state) =>
      Object.fromEntries(acting.map(([name, actingIn]) => [name, actingIn(state)])) as { [K in keyof G]: Acting },
  };
};
