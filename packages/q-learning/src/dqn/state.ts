import type { Rng } from '@troupe/core';
import { carryOf, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Crew } from './crew.js';
import { optimiserOf } from './optimiser.js';
import type { DqnConfig } from './settings.js';
import type { DqnCarry } from './types.js';

/** What DQN knows: plain data at rest. `structuredClone` copies it. */
export interface DqnState {
  readonly carry: Carry<DqnCarry>;
  readonly updates: number;
  /** How many times `targetEvery` environment steps had passed when the target last moved. */
  readonly periods: number;
}

const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);

/** Every network's weights from a stream of its own; targets begin as copies, moments at zero. */
export const initialState = (crews: readonly Crew[], config: DqnConfig, rng: Rng): DqnState => {
  const begin = (crew: Crew) => {
    const { network, twins } = crew;
    const networks = crew.copies * twins;
    const theta = zeros([networks, network.size]);
    for (let k = 0; k < networks; k++) {
      theta.data.set(network.init(rng.split(`${crew.name} q ${k}`)), k * network.size);
    }
    const own = Object.entries(optimiserOf(config).moments(network.size));
    const moments = Object.fromEntries(own.map(([name, shape]) => [name, zeros([networks, ...shape])]));
    return {
      theta,
      target: ndarray(theta.data.slice(), [networks, network.size]),
      ...(own.length > 0 && { moments }),
      ...(twins > 1 && { counts: zeros([networks]) }),
    };
  };
  const carry = carryOf<DqnCarry>(Object.fromEntries(crews.map((crew) => [crew.name, begin(crew)])));
  return { carry, updates: 0, periods: 0 };
};
