import { box, type Box, type Group } from '@troupe/core';
import { agentBody, landmarkBodies } from '../bodies.js';
import { distance, scatter, writeColour, writeRange, writeRelative, writeVelocity } from '../geometry.js';
import { part } from '../observation.js';
import { common, settingsOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import type { Cast, Colour, World } from '../world.js';

/** Settings of `simplePush`. */
export const pushSettings = common;
/** Settings of `simplePush`; what is left out has its default. */
export type PushOptions<C extends boolean = boolean> = OptionsOf<typeof pushSettings, C>;

/** One that wants to be at the goal and one that wants to keep it away. */
export type PushGroups<C extends boolean = boolean> = {
  /** Keeps the good agent away; does not know the goal. */
  readonly adversary: Group<readonly ['adversary_0'], Box, ActionSpace<C>>;
  /** Knows the goal. */
  readonly good: Group<readonly ['agent_0'], Box, ActionSpace<C>>;
};

const ADVERSARY = 0;
const GOOD = 1;
/** Sums as the reference forms them: the last bit is observed. */
const LANDMARKS: readonly Colour[] = [
  [0.1, 0.1 + 0.8, 0.1],
  [0.1, 0.1, 0.1 + 0.8],
];
/** The good agent wears the goal. */
const GOOD_COLOURS: readonly Colour[] = [
  [0.25, 0.25 + 0.5, 0.25],
  [0.25, 0.25, 0.25 + 0.5],
];

const goalOf = (world: World, e: number): number => world.agents + world.goal[e]!;

/**
 * Keep-away: the good agent goes to the goal, the adversary, who does not know which landmark that is, pushes it away.
 * Lowe et al. 2017; MPE2's `simple_push_v3`. Observations: good (19) own velocity 2, goal from here 2, own colour 3,
 * landmarks from here 4, their colours 6, adversary from here 2; adversary (8) own velocity 2, landmarks from here 4,
 * good agent from here 2. Reward per step: good −(its distance to the goal); adversary (the good agent's distance to the
 * goal) − (its own). `goals` of the world's state: [goal landmark]. Throws a RangeError that lists every wrong setting.
 */
export const simplePush = <const C extends boolean = false>(
  options: PushOptions<C> = {},
): ParticleEnv<PushGroups<C>> => {
  const config = settingsOf('simplePush', pushSettings, options);
  const adversary = agentBody('adversary_0', { colour: [0.75, 0.25, 0.25] });
  const good = agentBody('agent_0', {});
  const cast: Cast = { agents: [adversary, good], landmarks: landmarkBodies('landmark', 2, {}), messageSize: 2 };
  const action = actionSpace(good, cast.messageSize, config.continuous);
  const scenario: Scenario<PushGroups<C>> = {
    name: 'simple_push',
    cast,
    groups: {
      adversary: { agents: ['adversary_0'], observation: box([8]), action },
      good: { agents: ['agent_0'], observation: box([19]), action },
    },
    observations: {
      adversary: [part.velocity, part.places('landmarks', 2, 'from here'), part.place('good', 'good agent, from here')],
      good: [
        part.velocity,
        part.place('goal', 'from here'),
        part.colour('colour', 'own colour: tells the goal'),
        part.places('landmarks', 2, 'from here'),
        part.colours('landmarkColours', 2, 'colours of the landmarks'),
        part.place('adversary', 'from here'),
      ],
    },
    goals: [2],
    reset(world, e, draws) {
      world.goal[e] = draws.int(2);
      scatter(world, e, 0, world.entities, 1, draws);
    },
    observe(world, e, i, out, at) {
      at = writeVelocity(world, e, i, out, at);
      if (i === GOOD) {
        at = writeRelative(world, e, i, goalOf(world, e), out, at);
        at = writeColour(GOOD_COLOURS[world.goal[e]!]!, out, at);
      }
      at = writeRange(world, e, i, world.agents, world.entities, out, at);
      if (i === GOOD) at = writeColour(LANDMARKS[1]!, out, writeColour(LANDMARKS[0]!, out, at));
      writeRelative(world, e, i, i === GOOD ? ADVERSARY : GOOD, out, at);
    },
    reward(world, e, { local }) {
      const goal = goalOf(world, e);
      const away = distance(world, e, GOOD, goal);
      local[GOOD] = -away;
      local[ADVERSARY] = away - distance(world, e, ADVERSARY, goal);
    },
    colour(world, e, entity) {
      if (entity === ADVERSARY) return adversary.colour;
      return entity === GOOD ? GOOD_COLOURS[world.goal[e]!]! : LANDMARKS[entity - world.agents]!;
    },
  };
  return particleEnv(scenario, config);
};
