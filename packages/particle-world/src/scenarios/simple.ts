import { box, type Box, type Group } from '@troupe/core';
import { agentBody, landmarkBodies } from '../bodies.js';
import { scatter, squaredDistance, writeRelative, writeVelocity } from '../geometry.js';
import { part } from '../observation.js';
import { common, settingsOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';

/** Settings of `simple`. */
export const simpleSettings = common;
/** Settings of `simple`; what is left out has its default. */
export type SimpleOptions<C extends boolean = boolean> = OptionsOf<typeof simpleSettings, C>;

/** One agent. */
export type SimpleGroups<C extends boolean = boolean> = {
  /** Moves; 5 choices, or 5 real numbers. */
  readonly agents: Group<readonly ['agent_0'], Box, ActionSpace<C>>;
};

/**
 * One agent goes to one landmark: for debugging. MPE2's `simple_v3`. Observation (4): own velocity 2, landmark from here
 * 2. Reward per step: minus the squared distance to the landmark. Throws a RangeError that lists every wrong setting.
 */
export const simple = <const C extends boolean = false>(
  options: SimpleOptions<C> = {},
): ParticleEnv<SimpleGroups<C>> => {
  const config = settingsOf('simple', simpleSettings, options);
  const agent = agentBody('agent_0', { collide: false, colour: [0.25, 0.25, 0.25] });
  const scenario: Scenario<SimpleGroups<C>> = {
    name: 'simple',
    cast: {
      agents: [agent],
      landmarks: landmarkBodies('landmark', 1, { colour: [0.75, 0.25, 0.25] }),
      messageSize: 0,
    },
    groups: {
      agents: { agents: ['agent_0'], observation: box([4]), action: actionSpace(agent, 0, config.continuous) },
    },
    observations: { agents: [part.velocity, part.place('landmark', 'from here')] },
    goals: [],
    reset: (world, e, draws) => scatter(world, e, 0, 2, 1, draws),
    observe(world, e, i, out, at) {
      at = writeVelocity(world, e, i, out, at);
      writeRelative(world, e, i, 1, out, at);
    },
    reward(world, e, { local }) {
      local[0] = -squaredDistance(world, e, 0, 1);
    },
  };
  return particleEnv(scenario, config);
};
