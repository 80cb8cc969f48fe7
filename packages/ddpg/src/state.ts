import type { Rng } from '@troupe/core';
import { carryOf, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Team } from './agents.js';
import { optimisersOf } from './optimisers.js';
import { rewardMoments } from './reward-scaling.js';
import type { MaddpgConfig } from './settings.js';
import type { MaddpgCarry } from './types.js';

/** What MADDPG knows: plain data at rest. `structuredClone` copies it. */
export interface MaddpgState {
  readonly carry: Carry<MaddpgCarry>;
  readonly updates: number;
}

const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);
const zerosOf = (shapes: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)]));

/** Every agent's weights from a stream of its own; targets begin as copies, moments at zero. */
export const initialState = (teams: readonly Team[], config: MaddpgConfig, rng: Rng): MaddpgState => {
  const optimisers = optimisersOf(config);
  const begin = (role: 'actor' | 'critic') => (team: Team) => {
    const network = team[role];
    const { size } = network;
    const theta = zeros([team.size, size]);
    for (let slot = 0; slot < team.size; slot++) {
      theta.data.set(network.init(rng.split(`${team.name} ${role} ${slot}`)), slot * size);
    }
    const target = ndarray(theta.data.slice(), [team.size, size]);
    const own = Object.entries(optimisers[role].moments(size));
    const moments = zerosOf(Object.fromEntries(own.map(([name, shape]) => [name, [team.size, ...shape]])));
    return [team.name, { theta, target, ...(own.length > 0 && { moments }) }] as const;
  };
  const agents = teams.reduce((sum, team) => sum + team.size, 0);
  const carry = carryOf<MaddpgCarry>({
    actor: Object.fromEntries(teams.map(begin('actor'))),
    critic: Object.fromEntries(teams.map(begin('critic'))),
    ...(config.rewardScaling !== 'none' && { rewards: zerosOf(rewardMoments(config.rewardScaling, agents)) }),
  });
  return { carry, updates: 0 };
};
