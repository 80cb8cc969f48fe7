import type { Rng } from '@troupe/core';
import { initialRole, optimiserOf } from '@troupe/networks';
import { carryOf, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Team } from './agents.js';
import { rewardMoments } from './reward-scaling.js';
import type { MaddpgConfig } from './settings.js';
import type { MaddpgCarry } from './types.js';

/** What MADDPG knows: plain data at rest. `structuredClone` copies it. */
export interface MaddpgState {
  /** Weights, targets and moments of all agents. Consumed by the next update. */
  readonly carry: Carry<MaddpgCarry>;
  /** How many batches were learnt from. */
  readonly updates: number;
}

const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);

/** The rule by which each role learns. */
export const optimisersOf = (config: MaddpgConfig) => ({
  actor: optimiserOf({ ...config, learningRate: config.learningRateActor }),
  critic: optimiserOf({ ...config, learningRate: config.learningRateCritic }),
});

/** Every agent's weights from a stream of its own; targets begin as copies, moments at zero. */
export const initialState = (teams: readonly Team[], config: MaddpgConfig, rng: Rng): MaddpgState => {
  const optimisers = optimisersOf(config);
  const begin = (role: 'actor' | 'critic') => (team: Team) => {
    const thetas = team[role].init(rng, `${team.name} ${role}`);
    return [team.name, initialRole({ thetas, optimiser: optimisers[role], target: true })] as const;
  };
  const agents = teams.reduce((sum, team) => sum + team.size, 0);
  const moments = Object.entries(rewardMoments(config.rewardScaling, agents));
  const carry = carryOf<MaddpgCarry>({
    actor: Object.fromEntries(teams.map(begin('actor'))),
    critic: Object.fromEntries(teams.map(begin('critic'))),
    ...(moments.length > 0 && {
      rewards: Object.fromEntries(moments.map(([name, shape]) => [name, zeros(shape)])),
    }),
  });
  return { carry, updates: 0 };
};
