import { noiseSource, type Batch, type Draw, type GroupBatch, type Groups, type NoiseShape, type Rng } from '@troupe/core'; // prettier-ignore
import type { AtRest, RestArray } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { UpdateTime } from '../target-clock.js';
import type { ValueInput } from './types.js';

/** What the rows of a group must hold besides the usual. */
export interface Wanted {
  readonly masks?: boolean;
  readonly state?: boolean;
  /** Noise for B rows. */
  readonly noise?: (rows: number) => NoiseShape;
}

/** Puts together what one update is given. Throws a TypeError where `state` is wanted and the batch has none. */
export const inputReader = (where: string, wanted: Readonly<Record<string, Wanted>>, draw: Draw = noiseSource()) => {
  const time = ndarray(new Float32Array(2), [2]);
  const entries = Object.entries(wanted);
  const noisy = entries.filter(([, { noise }]) => noise);

  const rowsOf = (name: string, want: Wanted, batch: GroupBatch) => {
    const { observation, active, action, reward, discount, next, legal, state } = batch;
    if (want.state && !(state && next.state)) {
      throw new TypeError(`${where}: expected rows with the environment's state, as stateSpace says; group '${name}' has none`); // prettier-ignore
    }
    return {
      observation,
      active,
      action: action as RestArray,
      reward,
      discount,
      nextObservation: next.observation,
      nextActive: next.active,
      ...(want.masks && legal && { legal }),
      ...(want.masks && next.legal && { nextLegal: next.legal }),
      ...(want.state && { state: state!, nextState: next.state! }),
    };
  };

  return (batch: Batch<Groups>, rng: Rng, at: UpdateTime): AtRest<ValueInput> => {
    const rows = batch.last.length;
    const drawn =
      noisy.length > 0
        ? draw(rng, Object.fromEntries(noisy.map(([name, { noise }]) => [name, noise!(rows)])))
        : undefined;
    time.data[0] = at.updates;
    time.data[1] = at.rate;
    return {
      groups: Object.fromEntries(
        entries.map(([name, want]) => {
          const own = rowsOf(name, want, batch.groups[name] as GroupBatch);
          const noise = drawn?.[name];
          return [name, noise ? { ...own, noise } : own];
        }),
      ),
      time,
      ...(batch.weight && { weight: batch.weight }),
    };
  };
};
