import { box, flag, type Box, type Group } from '@troupe/core';
import { agentBodies, landmarkBodies } from '../bodies.js';
import {
  distance,
  scatter,
  squaredDistance,
  writeColour,
  writeMessage,
  writeRange,
  writeVelocity,
} from '../geometry.js';
import { part } from '../observation.js';
import { common, localRatio, settingsOf, shareOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { giveSum } from '../team.js';
import { conventionOf } from '../versions.js';
import type { Cast, Colour, World } from '../world.js';

/** Settings of `simpleReference`. */
export const referenceSettings = {
  ...common,
  localRatio,
  factored: flag(false, 'two choices, to move and to speak, instead of one of all pairs'),
};
/** Settings of `simpleReference`; what is left out has its default. */
export type ReferenceOptions<C extends boolean = boolean, F extends boolean = boolean> = Omit<
  OptionsOf<typeof referenceSettings, C>,
  'factored'
> & {
  /** Two choices, to move and to speak, instead of one of all pairs; default false. Not with `continuous`. */
  readonly factored?: F;
};

/** Two agents that move and speak. */
export type ReferenceGroups<C extends boolean = boolean, F extends boolean = boolean> = {
  /** Each knows where the other must go, and moves and speaks at once. */
  readonly agents: Group<readonly ['agent_0', 'agent_1'], Box, ActionSpace<C, F>>;
};

const COLOURS: readonly Colour[] = [
  [0.75, 0.25, 0.25],
  [0.25, 0.75, 0.25],
  [0.25, 0.25, 0.75],
];

/** The entity that agent `i` knows the other agent should reach. */
const goalOf = (world: World, e: number, i: number): number => world.agents + world.goal[2 * e + i]!;

/**
 * Each agent knows where the other one should go, and both move and speak. Mordatch and Abbeel 2018; MPE2's
 * `simple_reference_v3`. Observation (21): own velocity 2, landmarks from here 6, colour of the landmark the other one
 * should reach 3, what the other one said 10. Action: one of 50 (word · 5 + move), or 15 reals (movement, then message), or with `factored` one of 5 and one of 10.
 * Local reward of agent i: −(distance of the *other* agent to the landmark that i knows); common reward: mean of the two;
 * reward ρ · local + (1 − ρ) · common, ρ is `localRatio`. `goals` of the world's state: the landmark that each agent
 * knows. Throws a RangeError that lists every wrong setting.
 */
export const simpleReference = <const C extends boolean = false, const F extends boolean = false>(
  options: ReferenceOptions<C, F> = {},
): ParticleEnv<ReferenceGroups<C, F>> => {
  const config = settingsOf('simpleReference', referenceSettings, options);
  if (config.continuous && config.factored) {
    throw new RangeError('simpleReference: expected continuous or factored actions, got both');
  }
  const { originalRewards } = conventionOf(config.version);
  const cost = originalRewards ? squaredDistance : distance;
  const cast: Cast = {
    agents: agentBodies('agent', 2, { collide: false, silent: false }),
    landmarks: landmarkBodies('landmark', 3, {}),
    messageSize: 10,
  };
  const scenario: Scenario<ReferenceGroups<C, F>> = {
    name: 'simple_reference',
    cast,
    groups: {
      agents: {
        agents: ['agent_0', 'agent_1'],
        observation: box([21]),
        action: actionSpace(cast.agents[0]!, cast.messageSize, config.continuous, config.factored as F),
      },
    },
    observations: {
      agents: [
        part.velocity,
        part.places('landmarks', 3, 'from here'),
        part.colour('goal', 'colour of the landmark that the other one should reach'),
        part.message('message', cast.messageSize, 'what the other one said'),
      ],
    },
    goals: [3, 3],
    ...shareOf('simpleReference', options, config),
    reset(world, e, draws) {
      world.goal[2 * e] = draws.int(3);
      world.goal[2 * e + 1] = draws.int(3);
      scatter(world, e, 0, world.entities, 1, draws);
    },
    observe(world, e, i, out, at) {
      at = writeVelocity(world, e, i, out, at);
      at = writeRange(world, e, i, world.agents, world.entities, out, at);
      at = writeColour(COLOURS[world.goal[2 * e + i]!]!, out, at);
      writeMessage(world, e, 1 - i, out, at);
    },
    reward(world, e, { local, common }) {
      local[0] = -cost(world, e, 1, goalOf(world, e, 0));
      local[1] = -cost(world, e, 0, goalOf(world, e, 1));
      common[0] = (local[0] + local[1]) / 2;
      if (originalRewards) giveSum(local, 0);
    },
    // Each agent wears the colour of the landmark it should reach, which only the other one knows.
    colour: (world, e, entity) =>
      COLOURS[entity < world.agents ? world.goal[2 * e + (1 - entity)]! : entity - world.agents]!,
  };
  return particleEnv(scenario, config);
};
