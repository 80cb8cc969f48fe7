import ndarray from 'ndarray';
import type { Extras, HeadPart } from '../learn.js';
import type { F32 } from '../vec.js';
import type { ActingMemory } from './acting-memory.js';
import type { RowDecoder, Rows } from './decode-row.js';
import { drawnSizeOf } from './head.js';

/** What an exploring policy hands on with its actions, in arrays that it keeps and uses again. */
export const actingExtras = (slots: number, head: readonly HeadPart[], memory: ActingMemory | undefined) => {
  const draws = drawnSizeOf(head);
  const stochastic = head.some((part) => part.kind !== 'real');
  let held: Record<string, F32> = {};
  let size = -1;
  const sized = (numEnvs: number): void => {
    if (size === numEnvs) return;
    size = numEnvs;
    held = {};
    const column = (...rest: readonly number[]): F32 =>
      ndarray(new Float32Array(rest.reduce((a, b) => a * b, numEnvs * slots)), [numEnvs, slots, ...rest]);
    if (stochastic) held['logProb'] = column();
    if (draws > 0) held['drawn'] = column(draws);
  };
  return {
    /** The array that draws are written into; undefined where nothing is drawn. */
    drawn(numEnvs: number): Float32Array | undefined {
      sized(numEnvs);
      return held['drawn']?.data;
    },
    /** Everything about the rows just written. `memory` is what was remembered before the step. */
    read(rows: Rows, numEnvs: number, decoder: RowDecoder): Extras {
      sized(numEnvs);
      const logProb = held['logProb']?.data;
      if (logProb) for (let r = 0; r < logProb.length; r++) logProb[r] = decoder.logProb(rows, r);
      if (memory) held['memory'] = memory.before();
      return held;
    },
  };
};
