/** What differs between the versions of the particle environments that results have been published with. */
export interface Convention {
  /** Which velocity a position moves with: the one from before the step, or the one that the step has just made. */
  readonly movesWith: 'old velocity' | 'new velocity';
  /** Continuous actions: components 1 and 3 push to +x and +y (and 2, 4 to −x, −y), the reverse of the choices. */
  readonly mirrored: boolean;
  /** `simpleSpread` counts an agent's collision with itself: −1 per agent and step. */
  readonly selfCollision: boolean;
  /**
   * Rewards as the original code has them: everybody gets the sum over the team in `simpleSpread`, `simpleReference` and
   * `simpleSpeakerListener`; squared distances in `simpleReference` and for the adversary of `simpleAdversary`; good
   * agents of `simpleWorldComm` are paid for being far from food.
   */
  readonly originalRewards: boolean;
}

/**
 * The conventions by version. A name never changes its meaning.
 *
 * - `mpe2`: MPE2 1.1, and PettingZoo 1.23 to 1.25 (until 1.24.2 with `mirrored` continuous actions). The default.
 * - `pettingzoo-1.22.4`: before the change of the integration (PettingZoo PR 970), after that of the collisions (PR 894).
 * - `pettingzoo-1.22.2`: before both; HARL's results.
 * - `openai`: the original multiagent-particle-envs of Lowe et al. 2017; the results of MADDPG, EPyMARL and MAPPO.
 */
export const versions = {
  mpe2: { movesWith: 'old velocity', mirrored: false, selfCollision: false, originalRewards: false },
  'pettingzoo-1.22.4': { movesWith: 'new velocity', mirrored: true, selfCollision: false, originalRewards: false },
  'pettingzoo-1.22.2': { movesWith: 'new velocity', mirrored: true, selfCollision: true, originalRewards: false },
  openai: { movesWith: 'new velocity', mirrored: true, selfCollision: true, originalRewards: true },
} as const satisfies Readonly<Record<string, Convention>>;

/** Name of a version. */
export type Version = keyof typeof versions;

/** What a version does. */
export const conventionOf = (version: Version): Convention => versions[version];
