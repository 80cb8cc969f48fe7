import type { F32, Rng } from '@troupe/core';
import { initialValueMoments } from '@troupe/networks';
import type { Carry } from '@troupe/runtime';
import type { CriticUnit } from './critics.js';
import { descentOf, initialCarry } from './descent.js';
import type { CommonConfig } from './settings.js';
import { initialActors, type Team } from './teams.js';
import type { ActorCarry, CriticCarry } from './types.js';

/** What a learner of this package knows: plain data at rest. `structuredClone` copies it. */
export interface TrustRegionState {
  /** By group; one per agent, or one for all of them. */
  readonly actors: Readonly<Record<string, readonly Carry<ActorCarry>[]>>;
  /** By whom they are for: `team`, a group, or `group/agent`. */
  readonly critics: Readonly<Record<string, Carry<CriticCarry>>>;
  /** By critic, for those with memory: what they remember after the last rollout. [E, n, H] */
  readonly memories?: Readonly<Record<string, F32>>;
  /** How many rollouts were learnt from. */
  readonly updates: number;
}

/** Every actor's and critic's weights from streams of their own; moments begin at zero. */
export const initialState = (
  teams: readonly Team[],
  critics: readonly CriticUnit[],
  config: CommonConfig,
  { rng, descends }: { readonly rng: Rng; readonly descends: boolean },
): TrustRegionState => {
  const actorOptimiser = descends ? descentOf(config, 'Actor').optimiser : undefined;
  const criticOptimiser = descentOf(config, 'Critic').optimiser;
  const norm = initialValueMoments();
  return {
    actors: Object.fromEntries(
      teams.map((team) => [
        team.name,
        initialActors(team, rng).map((theta) => initialCarry<ActorCarry>(theta, actorOptimiser)),
      ]),
    ),
    critics: Object.fromEntries(
      critics.map(({ name, network }) => [
        name,
        initialCarry<CriticCarry>(
          network.init(rng.split(`${name} critic`)),
          criticOptimiser,
          config.valueNorm === 'none' ? {} : { norm },
        ),
      ]),
    ),
    updates: 0,
  };
};
