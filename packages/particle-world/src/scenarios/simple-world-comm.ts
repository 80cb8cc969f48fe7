import { box, count, type Box, type Group } from '@troupe/core';
import { agentBodies, agentBody, idsOfBodies, landmarkBodies } from '../bodies.js';
import {
  chargeArena,
  countOverlaps,
  nearestDistance,
  overlaps,
  scatter,
  writeMessage,
  writeMotion,
  writeRange,
  writeRelative,
  writeVelocity,
  writeZeros,
} from '../geometry.js';
import { part, type ObservationPart } from '../observation.js';
import { common, settingsOf, wholeNumber, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { conventionOf } from '../versions.js';
import type { Cast, World } from '../world.js';

/** Settings of `simpleWorldComm`. */
export const worldCommSettings = {
  ...common,
  good: count(2, 'good agents'),
  adversaries: count(4, 'adversaries, the leader included'),
  obstacles: wholeNumber(1, 'discs in the way'),
  food: count(2, 'discs that good agents want to be at'),
  forests: wholeNumber(2, 'discs that hide what is inside'),
};
/** Settings of `simpleWorldComm`; what is left out has its default. */
export type WorldCommOptions<C extends boolean = boolean> = OptionsOf<typeof worldCommSettings, C>;

/** A leader that sees all and speaks, its followers (no such group with `adversaries: 1`), and good agents. */
export type WorldCommGroups<C extends boolean = boolean> = {
  /** Sees into the forests, moves and speaks. */
  readonly leader: Group<readonly ['leadadversary_0'], Box, ActionSpace<C>>;
  /** Hear the leader; `adversary_0` …, one fewer than the setting says. */
  readonly adversaries: Group<readonly string[], Box, ActionSpace<C>>;
  /** Want food and hide in forests; `agent_0` … */
  readonly good: Group<readonly string[], Box, ActionSpace<C>>;
};

const LEADER = 0;

/**
 * Predator and prey with food, forests to hide in, and a leader of the predators who sees into the forests and speaks.
 * Lowe et al. 2017 (repository); MPE2's `simple_world_comm_v3`. With A adversaries (leader included), G good agents, L
 * obstacles, F food, R forests the observation of an adversary or the leader is: own velocity 2, own position 2, landmarks
 * from here 2(L + F + R), other agents from here 2(A + G − 1), velocities of the good ones among them 2G, inside each
 * forest R (+1 or −1), what the leader said 4; of a good agent: the same with the forests before the velocities
 * (2(G − 1)), and no message. Agents hidden by forests appear as zeros. Reward per step: adversaries −0.1 · (distance of
 * the nearest good agent) + 5 per touching pair in the world; good agents −5 per adversary touching, −2 · (penalty for
 * leaving the square 0.9), +2 per food touched, −0.05 · (distance of the nearest food). Throws a RangeError that lists
 * every wrong setting.
 */
export const simpleWorldComm = <const C extends boolean = false>(
  options: WorldCommOptions<C> = {},
): ParticleEnv<WorldCommGroups<C>> => {
  const config = settingsOf('simpleWorldComm', worldCommSettings, options);
  const { adversaries: a, good: g, obstacles, food, forests } = config;
  const n = a + g;
  const hunger = conventionOf(config.version).originalRewards ? -0.05 : 0.05;
  const predator = { size: 0.075, accel: 3, maxSpeed: 1 } as const;
  const leader = agentBody('leadadversary_0', { ...predator, silent: false, colour: [0.65, 0.15, 0.15] });
  const followers = agentBodies('adversary', a - 1, { ...predator, colour: [0.95, 0.45, 0.45] });
  const good = agentBodies('agent', g, { size: 0.045, accel: 4, maxSpeed: 1.3, colour: [0.45, 0.95, 0.45] });
  const cast: Cast = {
    agents: [leader, ...followers, ...good],
    landmarks: [
      ...landmarkBodies('obstacle', obstacles, { size: 0.2, collide: true, colour: [0.25, 0.25, 0.25] }),
      ...landmarkBodies('food', food, { size: 0.03, colour: [0.15, 0.15, 0.65] }),
      ...landmarkBodies('forest', forests, { size: 0.3, colour: [0.6, 0.9, 0.6] }),
    ],
    messageSize: 4,
  };
  const [firstFood, firstForest] = [n + obstacles, n + obstacles + food];
  const width = 4 + 2 * (obstacles + food + forests) + 2 * (n - 1) + forests;
  const action = actionSpace(good[0]!, cast.messageSize, config.continuous);
  const hunter = { observation: box([width + 2 * g + cast.messageSize]), action };

  const everybodySees: readonly ObservationPart[] = [
    part.velocity,
    part.position,
    part.places('landmarks', obstacles + food + forests, 'obstacles, food, forests, from here'),
    part.places('others', n - 1, 'other agents, from here; zeros where hidden'),
  ];
  const inside = part.inside('insideForest', forests, 'whether inside each forest');
  const velocities = (count: number) =>
    part.velocities('goodVelocities', count, 'of the good agents among the others; zeros where hidden');
  const said = part.message('message', cast.messageSize, 'what the leader said');
  const hunterSees = [...everybodySees, velocities(g), inside, said];

  /** Whether `self` sees `other`: both in one forest, both in none, or `self` leads. */
  const sees = (world: World, e: number, self: number, other: number): boolean => {
    if (self === LEADER) return true;
    let anyInside = false;
    for (let f = firstForest; f < world.entities; f++) {
      const hidesSelf = overlaps(world, e, self, f);
      const hidesOther = overlaps(world, e, other, f);
      if (hidesSelf && hidesOther) return true;
      anyInside ||= hidesSelf || hidesOther;
    }
    return !anyInside;
  };
  const writeForests = (world: World, e: number, i: number, out: Float32Array, at: number): number => {
    for (let f = firstForest; f < world.entities; f++) out[at++] = overlaps(world, e, i, f) ? 1 : -1;
    return at;
  };
  const writeVelocities = (world: World, e: number, i: number, out: Float32Array, at: number): number => {
    for (let o = a; o < n; o++) {
      if (o === i) continue;
      at = sees(world, e, i, o) ? writeVelocity(world, e, o, out, at) : writeZeros(out, at, 2);
    }
    return at;
  };
  const scenario: Scenario<WorldCommGroups<C>> = {
    name: 'simple_world_comm',
    cast,
    groups: {
      leader: {
        agents: ['leadadversary_0'],
        observation: hunter.observation,
        action: actionSpace(leader, cast.messageSize, config.continuous),
      },
      // A group without agents would have arrays without numbers: without followers the key is left out.
      ...((a > 1 && { adversaries: { agents: idsOfBodies(followers), ...hunter } }) as {
        readonly adversaries: Group<readonly string[], Box, ActionSpace<C>>;
      }),
      good: { agents: idsOfBodies(good), observation: box([width + 2 * (g - 1)]), action },
    },
    observations: {
      leader: hunterSees,
      ...((a > 1 && { adversaries: hunterSees }) as { readonly adversaries: readonly ObservationPart[] }),
      good: [...everybodySees, inside, velocities(g - 1)],
    },
    goals: [],
    reset(world, e, draws) {
      scatter(world, e, 0, n, 1, draws);
      scatter(world, e, n, world.entities, 0.9, draws);
      // The reference places food and forests twice; so that a seed gives the same world, so do we.
      scatter(world, e, firstFood, world.entities, 0.9, draws);
    },
    observe(world, e, i, out, at) {
      at = writeMotion(world, e, i, out, at);
      at = writeRange(world, e, i, n, world.entities, out, at);
      for (let o = 0; o < n; o++) {
        if (o !== i) at = writeRelative(world, e, i, sees(world, e, i, o) ? o : -1, out, at);
      }
      if (i >= a) {
        writeVelocities(world, e, i, out, writeForests(world, e, i, out, at));
      } else {
        at = writeForests(world, e, i, out, writeVelocities(world, e, i, out, at));
        writeMessage(world, e, LEADER, out, at);
      }
    },
    reward(world, e, { local }) {
      let caught = 0;
      for (let i = a; i < n; i++) {
        const mine = countOverlaps(world, e, i, 0, a);
        caught += mine;
        local[i] = -5 * mine;
        chargeArena(world, e, i, 2, local);
        local[i]! +=
          2 * countOverlaps(world, e, i, firstFood, firstForest) -
          hunger * nearestDistance(world, e, i, firstFood, firstForest);
      }
      for (let i = 0; i < a; i++) local[i] = -0.1 * nearestDistance(world, e, i, a, n) + 5 * caught;
    },
    benchmark: (world, e, i) => [i < a ? countOverlaps(world, e, i, a, n) : 0],
  };
  return particleEnv(scenario, config);
};
