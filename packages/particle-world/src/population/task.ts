import { schema } from '@troupe/core';

/** What one task of a population scenario is: how many there are, in what world, and how far they see. */
export interface PopulationTask {
  /** Agents of each role. */
  readonly counts: readonly number[];
  /** How many landmarks: food or grass. */
  readonly landmarks: number;
  /** Half the side of the square world, world units. */
  readonly worldSize: number;
  /** How far an agent sees, world units. */
  readonly sight: number;
}

/** The population scenarios, in the order of a descriptor's last part. */
export const populations = ['food_collect', 'grassland', 'adversarial', 'population_spread'] as const;
/** Name of a population scenario. */
export type PopulationName = (typeof populations)[number];

/** Roles that a descriptor has room for. */
const ROLES = 2;

/**
 * A task's descriptor, 12 numbers by name. `log2Agents` and the rest of the counts are (log2 x − 2) / 2, with one more
 * agent or landmark in `log2Roles` and `log2Landmarks`, since there may be none; `worldSize` is x − 1.5; `sight` is
 * x / 2 − 1, of a sight that does not reach beyond the world; regions are the shares of the world in which agents and
 * landmarks begin. The constants are fixed: an unseen task has a well-defined descriptor.
 */
export const taskSchema = schema({
  log2Agents: [1],
  log2Roles: [ROLES],
  log2Landmarks: [1],
  worldSize: [1],
  sight: [1],
  agentRegion: [1],
  landmarkRegion: [1],
  scenario: [populations.length],
});

const scaled = (count: number): number => (Math.log2(count) - 2) / 2;

/** Shares of the world in which agents and landmarks are put when an episode begins. */
export interface Regions {
  /** Of agents, from 0 (all at the centre) to 1 (anywhere). */
  readonly agents: number;
  /** Of landmarks, likewise. */
  readonly landmarks: number;
}

/** The descriptor of a task: see `taskSchema`. */
export const taskDescriptor = (
  name: PopulationName,
  { counts, landmarks, worldSize, sight }: PopulationTask,
  regions: Regions,
): Float32Array =>
  taskSchema.write({
    log2Agents: scaled(counts.reduce((a, b) => a + b, 0)),
    log2Roles: Array.from({ length: ROLES }, (_, r) => scaled((counts[r] ?? 0) + 1)),
    log2Landmarks: scaled(landmarks + 1),
    worldSize: worldSize - 1.5,
    sight: Math.min(sight, 2 * Math.SQRT2 * worldSize) / 2 - 1,
    agentRegion: regions.agents,
    landmarkRegion: regions.landmarks,
    scenario: populations.map((each) => (each === name ? 1 : 0)),
  });
