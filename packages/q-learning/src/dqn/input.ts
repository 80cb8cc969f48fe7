import { noiseSource, type Batch, type Draw, type Groups, type NoiseShape, type Rng } from '@troupe/core';
import type { AtRest } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { UpdateTime } from '../target-clock.js';
import { columnsOf, writeColumns, writePenalties, type Columns } from './columns.js';
import type { CrewSizes } from './crew.js';
import type { DqnConfig } from './settings.js';
import { NOISE_ROWS, SCALARS, type DqnInput } from './types.js';

/** What an update is told in arrays of ours, for one number of rows. */
interface Packing {
  readonly columns: readonly Columns[];
  /** Columns crew by crew, then the scalars. */
  readonly array: ndarray.NdArray<Float32Array>;
  /** By crew [C, R, A]; filled where there are masks. */
  readonly penalties: readonly ndarray.NdArray<Float32Array>[];
}

const packingOf = (crews: readonly CrewSizes[], moments: number): Packing => {
  const columns = crews.map((crew) => columnsOf(crew, moments));
  const length = columns.reduce<number>((sum, { sizes }) => sum + sizes.reduce((a, b) => a + b, 0), SCALARS.length);
  const zeros = (...shape: number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  return {
    columns,
    array: zeros(length),
    penalties: columns.map(({ crew, rows }) => zeros(crew.copies, rows, crew.choices)),
  };
};

/** Crews whose networks want noise, or do not. */
type NoisyCrew = CrewSizes & { readonly noise: number };

/** What sequences have besides rows. */
export interface SequenceParts {
  /** [B]; 1 where a row is learnt from. */
  readonly counted: Uint8Array;
  /** [E, N, M] by group; what agents remembered before the first step. */
  readonly memories: Readonly<Record<string, ndarray.NdArray<Float32Array>>>;
}

/** Puts together what one update is given. The arrays are kept and used again. */
export const inputReader = (crews: readonly NoisyCrew[], config: DqnConfig, draw: Draw = noiseSource()) => {
  const shapes: Record<string, NoiseShape> = {};
  if (config.double === 'twin') shapes['coin'] = { kind: 'uniform', shape: [1] };
  for (const { name, noise, copies } of crews) {
    if (noise > 0) shapes[name] = { kind: 'normal', shape: [copies, NOISE_ROWS.length, noise] };
  }
  const random = Object.keys(shapes).length > 0;
  let kept = packingOf(crews, 1);
  let moments = 1;

  return (batch: Batch<Groups>, rng: Rng, at: UpdateTime, sequences?: SequenceParts): AtRest<DqnInput> => {
    if (batch.last.length !== moments) kept = packingOf(crews, (moments = batch.last.length));
    const { columns, array, penalties } = kept;
    const drawn = random ? draw(rng, shapes) : undefined;
    let from = 0;
    for (const one of columns) {
      writeColumns(one, batch.groups[one.crew.name]!, batch.weight, array.data, from, sequences?.counted);
      for (const size of one.sizes) from += size;
    }
    array.data[from] = at.updates;
    array.data[from + 1] = at.rate;
    array.data[from + 2] = drawn?.['coin'] !== undefined && drawn['coin'].get(0) >= 0.5 ? 1 : 0;
    const groups: Record<string, AtRest<DqnInput['groups'][string]>> = {};
    for (const [k, crew] of crews.entries()) {
      const { name, noise } = crew;
      const { observation, next } = batch.groups[name]!;
      if (next.legal) writePenalties(crew, batch.groups[name]!, penalties[k]!.data);
      groups[name] = {
        observation,
        nextObservation: next.observation,
        ...(next.legal && { penalty: penalties[k]! }),
        ...(noise > 0 && { noise: drawn![name]! }),
        ...(sequences && { memory: sequences.memories[name]! }),
      };
    }
    return { packed: array, groups };
  };
};
