import { box, count, flag, fraction, optional, type Box, type Group } from '@troupe/core';
import {
  overlaps,
  scatter,
  squaredDistance,
  writePosition,
  writeRelative,
  writeVelocity,
  writeZeros,
} from '../geometry.js';
import { common, settingsOf, stage } from '../options.js';
import { particleEnv, type ParticleEnv } from '../particle-env.js';
import type { Physics } from '../physics.js';
import type { Scenario } from '../scenario.js';
import { landmarks, otherAgents } from '../slots.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { DEFAULT_ACCEL, type AgentBody, type Cast } from '../world.js';

/** Settings of `simpleSpread`, all optional. */
export interface SpreadOptions<C extends boolean = boolean> {
  /** Environments stepped together, default 1. */
  readonly numEnvs?: number;
  /** Steps after which an episode is truncated, default 25. */
  readonly maxCycles?: number;
  /** Actions are five real numbers in [0, 1] instead of one of five choices, default false. */
  readonly continuous?: C;
  /** Version of the dynamics, default `mpe2`. */
  readonly physics?: Physics;
  /** Agents, and as many landmarks, default 3. */
  readonly agents?: number;
  /** Weight of an agent's own collisions against the common coverage, in [0, 1], default 0.5. */
  readonly localRatio?: number;
  /** Observations show only this many agents, nearest first; default null: all, in order. */
  readonly agentNeighbors?: number | null;
  /** Observations show only this many landmarks, nearest first; default null: all, in order. */
  readonly landmarkNeighbors?: number | null;
  /** The episode terminates when every landmark has an agent closer than 0.1, default false. */
  readonly terminateOnSuccess?: boolean;
  /** Stage 0: collisions cost nothing; stage 1: as usual. Default null: no curriculum. */
  readonly curriculum?: 0 | 1 | null;
}

/** One group, `agents`, of `agent_0` … */
export type SpreadGroups<C extends boolean = boolean> = {
  readonly agents: Group<readonly string[], Box, ActionSpace<C>>;
};

const settings = {
  ...common,
  agents: count(3, 'agents, and as many landmarks'),
  localRatio: fraction(0.5, 'weight of own collisions against the common coverage'),
  agentNeighbors: optional(count(1, 'agents shown, nearest first')),
  landmarkNeighbors: optional(count(1, 'landmarks shown, nearest first')),
  terminateOnSuccess: flag(false, 'terminate when every landmark is covered'),
  curriculum: stage(2, 'stage 0: collisions cost nothing; 1: as usual'),
};

const COVERED = 0.1;

const agent = (i: number): AgentBody => ({
  id: `agent_${i}`,
  size: 0.15,
  accel: DEFAULT_ACCEL,
  maxSpeed: Infinity,
  collide: true,
  movable: true,
  silent: true,
  colour: [0.35, 0.35, 0.85],
});

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
  const config = settingsOf('simpleSpread', settings, options);
  const n = config.agents;
  const cast: Cast = {
    agents: Array.from({ length: n }, (_, i) => agent(i)),
    landmarks: Array.from({ length: n }, (_, l) => ({
      id: `landmark_${l}`,
      size: 0.05,
      collide: false,
      colour: [0.25, 0.25, 0.25],
    })),
    messageSize: 2,
  };
  const others = otherAgents(n, config.agentNeighbors);
  const goals = landmarks(n, n, config.landmarkNeighbors);

  const scenario: Scenario<SpreadGroups<C>> = {
    name: 'simple_spread',
    cast,
    groups: {
      agents: {
        agents: cast.agents.map(({ id }) => id),
        observation: box([4 + 2 * goals.count + 4 * others.count]),
        action: actionSpace(agent(0), cast.messageSize, config.continuous as C),
      },
    },
    goals: [],
    localRatio: config.localRatio,
    ...(config.curriculum !== null && { stages: 2 }),
    reset: (world, e, rng) => scatter(world, e, 0, world.entities, 1, rng),
    observe(world, e, i, out, at) {
      at = writeVelocity(world, e, i, out, at);
      at = writePosition(world, e, i, out, at);
      for (const l of goals.select(world, e, i)) {
        at = l < 0 ? writeZeros(out, at, 2) : writeRelative(world, e, i, l, out, at);
      }
      for (const o of others.select(world, e, i)) {
        at = o < 0 ? writeZeros(out, at, 2) : writeRelative(world, e, i, o, out, at);
      }
      writeZeros(out, at, others.count * world.messageSize);
    },
    reward(world, e, local) {
      local.fill(0);
      if (config.curriculum === null || world.stage[e]! > 0) {
        for (let a = 0; a < n; a++) {
          for (let b = a + 1; b < n; b++) {
            if (!overlaps(world, e, a, b)) continue;
            local[a]! -= 1;
            local[b]! -= 1;
          }
        }
      }
      let coverage = 0;
      for (let l = n; l < 2 * n; l++) {
        let nearest = Infinity;
        for (let a = 0; a < n; a++) nearest = Math.min(nearest, squaredDistance(world, e, a, l));
        coverage -= Math.sqrt(nearest);
      }
      return coverage;
    },
    ...(config.terminateOnSuccess && {
      succeeded(world, e) {
        for (let l = n; l < 2 * n; l++) {
          let covered = false;
          for (let a = 0; a < n && !covered; a++) covered = Math.sqrt(squaredDistance(world, e, a, l)) < COVERED;
          if (!covered) return false;
        }
        return true;
      },
    }),
  };
  return particleEnv(scenario, { ...config, stage: config.curriculum ?? 0 });
};
