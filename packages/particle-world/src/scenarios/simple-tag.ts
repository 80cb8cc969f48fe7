import { box, count, flag, type Box, type Group } from '@troupe/core';
import { agentBodies, idsOfBodies, landmarkBodies } from '../bodies.js';
import { chargeArena, countOverlaps, scatter, writeMotion, writeVelocity, writeZeros } from '../geometry.js';
import { part, type ObservationPart } from '../observation.js';
import { common, neighbors, settingsOf, stageOf, wholeNumber, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { landmarks, otherAgents } from '../slots.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import type { Cast } from '../world.js';

/** Settings of `simpleTag`. */
export const tagSettings = {
  ...common,
  ...neighbors,
  good: count(1, 'prey'),
  adversaries: count(3, 'predators'),
  obstacles: wholeNumber(2, 'discs in the way'),
  terminateOnSuccess: flag(false, 'an episode terminates when every prey is touched by a predator'),
  curriculum: stageOf([0, 1, 2], 'prey accelerates and runs at 0.5, 0.75 or 1 times the usual; null: no curriculum'),
};
/** Settings of `simpleTag`; what is left out has its default. */
export type TagOptions<C extends boolean = boolean> = OptionsOf<typeof tagSettings, C>;

/** Predators `adversary_0` … and prey `agent_0` …; they see different numbers of velocities. */
export type TagGroups<C extends boolean = boolean> = {
  /** Predators, slower. */
  readonly adversaries: Group<readonly string[], Box, ActionSpace<C>>;
  /** Prey, faster and smaller. */
  readonly good: Group<readonly string[], Box, ActionSpace<C>>;
};

const GOOD_ACCEL = 4;
const GOOD_MAX_SPEED = 1.3;
/** Agility of the prey by stage of the curriculum. */
const AGILITY = [0.5, 0.75, 1];

/**
 * Predator and prey: slower predators catch faster prey among obstacles. Lowe et al. 2017; MPE2's `simple_tag_v3`. With
 * A predators, G prey, L obstacles the observation is: own velocity 2, own position 2, obstacles from here 2L, other
 * agents from here 2(A + G − 1) (predators first), velocities of the prey among them (2G for a predator, 2(G − 1) for
 * prey). Reward per step: each predator +10 for every touching pair in the world; prey −10 per predator touching it,
 * and a penalty for leaving the square |x|, |y| < 0.9. Throws a RangeError that lists every wrong setting.
 */
export const simpleTag = <const C extends boolean = false>(options: TagOptions<C> = {}): ParticleEnv<TagGroups<C>> => {
  const config = settingsOf('simpleTag', tagSettings, options);
  const { adversaries: a, good: g, obstacles } = config;
  const n = a + g;
  const predators = agentBodies('adversary', a, { size: 0.075, accel: 3, maxSpeed: 1, colour: [0.85, 0.35, 0.35] });
  const prey = agentBodies('agent', g, { accel: GOOD_ACCEL, maxSpeed: GOOD_MAX_SPEED, colour: [0.35, 0.85, 0.35] });
  const cast: Cast = {
    agents: [...predators, ...prey],
    landmarks: landmarkBodies('landmark', obstacles, { size: 0.2, collide: true, colour: [0.25, 0.25, 0.25] }),
    messageSize: 2,
  };
  const others = otherAgents(n, config.agentNeighbors);
  const inTheWay = landmarks(n, obstacles, config.landmarkNeighbors);
  const limited = config.agentNeighbors !== null;
  /** With a limit, velocity slots are as many as position slots, with zeros for predators. */
  const velocities = (preyAmongOthers: number): number => (limited ? others.count : preyAmongOthers);
  const observation = (preyAmongOthers: number): Box =>
    box([4 + 2 * inTheWay.count + 2 * others.count + 2 * velocities(preyAmongOthers)]);
  const seen = (preyAmongOthers: number): readonly ObservationPart[] => [
    part.velocity,
    part.position,
    part.places('obstacles', inTheWay.count, 'from here'),
    part.places('others', others.count, 'other agents, predators first, from here'),
    part.velocities('preyVelocities', velocities(preyAmongOthers), 'of the prey among the others'),
  ];
  const scenario: Scenario<TagGroups<C>> = {
    name: 'simple_tag',
    cast,
    groups: {
      adversaries: {
        agents: idsOfBodies(predators),
        observation: observation(g),
        action: actionSpace(predators[0]!, cast.messageSize, config.continuous),
      },
      good: {
        agents: idsOfBodies(prey),
        observation: observation(g - 1),
        action: actionSpace(prey[0]!, cast.messageSize, config.continuous),
      },
    },
    observations: { adversaries: seen(g), good: seen(g - 1) },
    goals: [],
    ...(config.curriculum !== null && { stages: AGILITY.length }),
    reset(world, e, draws) {
      scatter(world, e, 0, n, 1, draws);
      scatter(world, e, n, world.entities, 0.9, draws);
    },
    observe(world, e, i, out, at) {
      at = writeMotion(world, e, i, out, at);
      at = inTheWay.write(world, e, i, out, at);
      at = others.write(world, e, i, out, at);
      const seen = others.select(world, e, i);
      for (let k = 0; k < seen.length; k++) {
        const o = seen[k]!;
        if (o >= a) at = writeVelocity(world, e, o, out, at);
        else if (limited) at = writeZeros(out, at, 2);
      }
    },
    reward(world, e, { local }) {
      let touching = 0;
      for (let i = a; i < n; i++) {
        const mine = countOverlaps(world, e, i, 0, a);
        touching += mine;
        local[i] = -10 * mine;
        chargeArena(world, e, i, 1, local);
      }
      local.fill(10 * touching, 0, a);
    },
    ...(config.terminateOnSuccess && {
      succeeded(world, e) {
        for (let i = a; i < n; i++) if (countOverlaps(world, e, i, 0, a) === 0) return false;
        return true;
      },
    }),
    ...(config.curriculum !== null && {
      applyStage(world, e) {
        const agility = AGILITY[world.stage[e]!]!;
        world.accel.fill(GOOD_ACCEL * agility, e * n + a, (e + 1) * n);
        world.maxSpeed.fill(GOOD_MAX_SPEED * agility, e * n + a, (e + 1) * n);
      },
    }),
    benchmark: (world, e, i) => [i < a ? countOverlaps(world, e, i, a, n) : 0],
  };
  return particleEnv(scenario, { ...config, stage: config.curriculum ?? 0 });
};
