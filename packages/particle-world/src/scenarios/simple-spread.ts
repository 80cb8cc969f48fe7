import { box, count, flag, type Box, type Group } from '@troupe/core';
import { agentBodies, idsOfBodies, landmarkBodies } from '../bodies.js';
import { giveSum } from '../team.js';
import { countOverlaps, nearestDistance, overlaps, scatter, writeMotion, writeZeros } from '../geometry.js';
import { part } from '../observation.js';
import { common, localRatio, neighbors, settingsOf, shareOf, stageOf, type OptionsOf } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Scenario } from '../scenario.js';
import { landmarks, otherAgents } from '../slots.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { conventionOf } from '../versions.js';
import type { Cast } from '../world.js';

/** Settings of `simpleSpread`. */
export const spreadSettings = {
  ...common,
  ...neighbors,
  agents: count(3, 'agents, and as many landmarks'),
  localRatio,
  terminateOnSuccess: flag(false, 'an episode terminates when every landmark has an agent closer than 0.1'),
  curriculum: stageOf([0, 1], 'stage 0: collisions cost nothing; 1: as usual; null: no curriculum'),
};
/** Settings of `simpleSpread`; what is left out has its default. */
export type SpreadOptions<C extends boolean = boolean> = OptionsOf<typeof spreadSettings, C>;

/** One group, `agents`, of `agent_0` … */
export type SpreadGroups<C extends boolean = boolean> = {
  /** As many as there are landmarks to cover. */
  readonly agents: Group<readonly string[], Box, ActionSpace<C>>;
};

/** An agent closer than this covers a landmark. */
const COVERED = 0.1;

/**
 * Cooperative navigation: N agents cover N landmarks without bumping into each other. Lowe et al. 2017; MPE2's
 * `simple_spread_v3`. Observation (6N): own velocity 2, own position 2, landmarks from here 2N, other agents from here
 * 2(N − 1), their messages 2(N − 1) (always zeros: nobody speaks). Reward of agent i per step: ρ · −(other agents
 * overlapping it) + (1 − ρ) · −Σ over landmarks of the distance of the nearest agent; ρ is `localRatio`. Throws a
 * RangeError that lists every wrong setting.
 */
export const simpleSpread = <const C extends boolean = false>(
  options: SpreadOptions<C> = {},
): ParticleEnv<SpreadGroups<C>> => {
  const config = settingsOf('simpleSpread', spreadSettings, options);
  const n = config.agents;
  const { selfCollision, originalRewards } = conventionOf(config.version);
  const alone = selfCollision ? 1 : 0;
  const cast: Cast = {
    agents: agentBodies('agent', n, { size: 0.15, colour: [0.35, 0.35, 0.85] }),
    landmarks: landmarkBodies('landmark', n, { colour: [0.25, 0.25, 0.25] }),
    messageSize: 2,
  };
  const others = otherAgents(n, config.agentNeighbors);
  const goals = landmarks(n, n, config.landmarkNeighbors);

  const scenario: Scenario<SpreadGroups<C>> = {
    name: 'simple_spread',
    cast,
    groups: {
      agents: {
        agents: idsOfBodies(cast.agents),
        observation: box([4 + 2 * goals.count + 4 * others.count]),
        action: actionSpace(cast.agents[0]!, cast.messageSize, config.continuous),
      },
    },
    observations: {
      agents: [
        part.velocity,
        part.position,
        part.places('landmarks', goals.count, 'from here'),
        part.places('others', others.count, 'other agents, from here'),
        part.messages('messages', others.count, cast.messageSize, 'of the others: always zeros'),
      ],
    },
    goals: [],
    ...shareOf('simpleSpread', options, config),
    ...(config.curriculum !== null && { stages: 2 }),
    reset: (world, e, draws) => scatter(world, e, 0, world.entities, 1, draws),
    observe(world, e, i, out, at) {
      at = writeMotion(world, e, i, out, at);
      at = goals.write(world, e, i, out, at);
      at = others.write(world, e, i, out, at);
      writeZeros(out, at, others.count * world.messageSize);
    },
    ...(config.agentNeighbors === null &&
      config.landmarkNeighbors === null && {
        observeMany(world, e, first, end, out, at) {
          const { position, velocity } = world;
          const p = e * 4 * n;
          const v = e * 2 * n;
          for (let i = first; i < end; i++) {
            const x = position[p + 2 * i]!;
            const y = position[p + 2 * i + 1]!;
            out[at] = velocity[v + 2 * i]!;
            out[at + 1] = velocity[v + 2 * i + 1]!;
            out[at + 2] = x;
            out[at + 3] = y;
            at += 4;
            for (let k = p + 2 * n; k < p + 4 * n; k += 2, at += 2) {
              out[at] = position[k]! - x;
              out[at + 1] = position[k + 1]! - y;
            }
            for (let o = 0; o < n; o++) {
              if (o === i) continue;
              out[at] = position[p + 2 * o]! - x;
              out[at + 1] = position[p + 2 * o + 1]! - y;
              at += 2;
            }
            at += 2 * (n - 1);
          }
        },
      }),
    reward(world, e, { local, common }) {
      const counts = config.curriculum === null || world.stage[e]! > 0;
      for (let i = 0; i < n; i++) local[i] = counts ? -alone : 0;
      if (counts) {
        for (let a = 0; a < n; a++) {
          for (let b = a + 1; b < n; b++) {
            if (!overlaps(world, e, a, b)) continue;
            local[a]! -= 1;
            local[b]! -= 1;
          }
        }
      }
      let coverage = 0;
      for (let l = n; l < 2 * n; l++) coverage -= nearestDistance(world, e, l, 0, n);
      common[0] = coverage;
      if (originalRewards) giveSum(local, n * coverage);
    },
    ...(config.terminateOnSuccess && {
      succeeded(world, e) {
        for (let l = n; l < 2 * n; l++) if (!(nearestDistance(world, e, l, 0, n) < COVERED)) return false;
        return true;
      },
    }),
    benchmark(world, e, i) {
      const nearest = cast.landmarks.map((_, l) => nearestDistance(world, e, n + l, 0, n));
      const sum = nearest.reduce((a, b) => a + b, 0);
      const collisions = countOverlaps(world, e, i, 0, n) + alone;
      return [-sum - collisions, collisions, sum, nearest.filter((d) => d < COVERED).length];
    },
  };
  return particleEnv(scenario, { ...config, stage: config.curriculum ?? 0 });
};
