import type { Rng } from '@troupe/core';
import { initialRole, optimiserOf } from '@troupe/networks';
import { carryOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { ValueState } from '../regression/types.js';
import type { CrewSizes } from './crew.js';
import type { DqnConfig } from './settings.js';
import type { DqnCarry } from './types.js';

/** What DQN knows: plain data at rest. `structuredClone` copies it. */
export type DqnState = ValueState<DqnCarry>;

/** A group of which only the size and the beginning of its network matter. */
type Beginner = Pick<CrewSizes, 'name' | 'copies' | 'twins'> & {
  readonly network: { readonly size: number; init(rng: Rng): Float32Array };
};

/** Every network's weights from a stream of its own; targets begin as copies, moments and counts at zero. */
export const initialState = (crews: readonly Beginner[], config: DqnConfig, rng: Rng): DqnState => {
  const optimiser = optimiserOf(config);
  const begin = ({ name, network, copies, twins }: Beginner) => {
    const networks = copies * twins;
    const thetas = Array.from({ length: networks }, (_, k) => network.init(rng.split(`${name} q ${k}`)));
    return {
      ...initialRole({ thetas, optimiser, target: true }),
      ...(twins > 1 && { counts: ndarray(new Float32Array(networks), [networks]) }),
    };
  };
  const carry = carryOf<DqnCarry>(Object.fromEntries(crews.map((crew) => [crew.name, begin(crew)])));
  return { carry, updates: 0, periods: 0 };
};
