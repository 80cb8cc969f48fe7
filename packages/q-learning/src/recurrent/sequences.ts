import type { Batch, Groups } from '@troupe/core';
import ndarray from 'ndarray';
import type { SequenceParts } from '../dqn/input.js';
import type { RecurrentCrew } from './crew.js';
import type { RecurrentDqnConfig } from './settings.js';

/**
 * What of a rollout of T steps in E environments is learnt from: after the burn-in, up to the first end of an episode, and
 * where the buffer weighs rows, those of a weight above 0. Row t · E + e is step t of environment e.
 */
export const sequenceReader = (crews: readonly RecurrentCrew[], config: RecurrentDqnConfig) => {
  let counted = new Uint8Array(0);
  return (batch: Batch<Groups>, steps: number, numEnvs: number): SequenceParts => {
    if (steps <= config.burnIn) {
      throw new RangeError(
        `recurrentDqn: expected sequences longer than burnIn, ${config.burnIn} steps, got ${steps} steps`,
      );
    }
    if (counted.length !== batch.last.length) counted = new Uint8Array(batch.last.length);
    for (let e = 0; e < numEnvs; e++) {
      let going = 1;
      for (let t = 0; t < steps; t++) {
        const row = t * numEnvs + e;
        counted[row] = t < config.burnIn || batch.weight?.get(row) === 0 ? 0 : going;
        if (batch.last[row] === 1) going = 0;
      }
    }
    const memories = crews.map(({ name, slots, memory }) => {
      const size = numEnvs * slots * memory;
      const shape = [numEnvs, slots, memory];
      const held = config.start === 'stored' ? batch.groups[name]!.extras['memory'] : undefined;
      if (config.start === 'stored' && held === undefined) {
        throw new TypeError("recurrentDqn: expected rows with extras.memory, which start 'stored' needs, got none");
      }
      const data = held ? held.data.subarray(held.offset, held.offset + size) : new Float32Array(size);
      return [name, ndarray(data, shape)] as const;
    });
    return { counted, memories: Object.fromEntries(memories) };
  };
};
