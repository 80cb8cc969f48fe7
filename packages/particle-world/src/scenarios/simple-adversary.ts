import { box, count, type Box, type Group } from '@troupe/core';
import { agentBodies, agentBody, idsOfBodies, landmarkBodies } from '../bodies.js';
import { distance, nearestDistance, scatter, squaredDistance, writeRelative } from '../geometry.js';
import { part } from '../observation.js';
import { common, neighbors, settingsOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { landmarks, otherAgents } from '../slots.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { conventionOf } from '../versions.js';
import type { Cast, World } from '../world.js';

/** Settings of `simpleAdversary`. */
export const adversarySettings = { ...common, ...neighbors, good: count(2, 'good agents, and as many landmarks') };
/** Settings of `simpleAdversary`; what is left out has its default. */
export type AdversaryOptions<C extends boolean = boolean> = OptionsOf<typeof adversarySettings, C>;

/** One adversary that does not know the goal against good agents `agent_0` … that do. */
export type AdversaryGroups<C extends boolean = boolean> = {
  /** Wants to be at the goal and does not know which landmark it is. */
  readonly adversary: Group<readonly ['adversary_0'], Box, ActionSpace<C>>;
  /** Know the goal, and see it first. */
  readonly good: Group<readonly string[], Box, ActionSpace<C>>;
};

const ADVERSARY = 0;

const goalOf = (world: World, e: number): number => world.agents + world.goal[e]!;

/**
 * Physical deception: good agents cover the goal and keep the adversary from finding out which landmark it is. Lowe et
 * al. 2017; MPE2's `simple_adversary_v3`. With N good agents and N landmarks the observations are: good (4N + 2) goal
 * from here 2, landmarks from here 2N, other agents from here 2N; adversary (4N) the same without the goal. Nobody sees
 * velocities. Reward per step: adversary −(its distance to the goal); every good agent (the adversary's distance) −
 * (distance of the good agent nearest to the goal). `goals` of the world's state: [goal landmark]. Throws a RangeError
 * that lists every wrong setting.
 */
export const simpleAdversary = <const C extends boolean = false>(
  options: AdversaryOptions<C> = {},
): ParticleEnv<AdversaryGroups<C>> => {
  const config = settingsOf('simpleAdversary', adversarySettings, options);
  const n = config.good;
  const { originalRewards } = conventionOf(config.version);
  const body = { size: 0.15, collide: false } as const;
  const adversary = agentBody('adversary_0', { ...body, colour: [0.85, 0.35, 0.35] });
  const good = agentBodies('agent', n, { ...body, colour: [0.35, 0.35, 0.85] });
  const cast: Cast = {
    agents: [adversary, ...good],
    landmarks: landmarkBodies('landmark', n, { size: 0.08, colour: [0.15, 0.15, 0.15] }),
    messageSize: 2,
  };
  const others = otherAgents(n + 1, config.agentNeighbors);
  const places = landmarks(n + 1, n, config.landmarkNeighbors);
  const seen = 2 * places.count + 2 * others.count;

  const scenario: Scenario<AdversaryGroups<C>> = {
    name: 'simple_adversary',
    cast,
    groups: {
      adversary: {
        agents: ['adversary_0'],
        observation: box([seen]),
        action: actionSpace(adversary, cast.messageSize, config.continuous),
      },
      good: {
        agents: idsOfBodies(good),
        observation: box([2 + seen]),
        action: actionSpace(good[0]!, cast.messageSize, config.continuous),
      },
    },
    observations: {
      adversary: [
        part.places('landmarks', places.count, 'from here'),
        part.places('others', others.count, 'from here'),
      ],
      good: [
        part.place('goal', 'from here'),
        part.places('landmarks', places.count, 'from here'),
        part.places('others', others.count, 'other agents, from here'),
      ],
    },
    goals: [n],
    reset(world, e, draws) {
      world.goal[e] = draws.int(n);
      scatter(world, e, 0, world.entities, 1, draws);
    },
    observe(world, e, i, out, at) {
      if (i !== ADVERSARY) at = writeRelative(world, e, i, goalOf(world, e), out, at);
      at = places.write(world, e, i, out, at);
      others.write(world, e, i, out, at);
    },
    reward(world, e, { local }) {
      const found = distance(world, e, ADVERSARY, goalOf(world, e));
      local.fill(found - nearestDistance(world, e, goalOf(world, e), 1, n + 1));
      local[ADVERSARY] = originalRewards ? -found * found : -found;
    },
    colour(world, e, entity) {
      if (entity === goalOf(world, e)) return [0.15, 0.65, 0.15];
      return (cast.agents[entity] ?? cast.landmarks[entity - world.agents]!).colour;
    },
    benchmark(world, e, i) {
      const toGoal = squaredDistance(world, e, i, goalOf(world, e));
      if (i === ADVERSARY) return [toGoal];
      return [...cast.landmarks.map((_, l) => squaredDistance(world, e, i, world.agents + l)), toGoal];
    },
  };
  return particleEnv(scenario, config);
};
