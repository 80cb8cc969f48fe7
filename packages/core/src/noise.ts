import ndarray from 'ndarray';
import type { Rng } from './rng.js';
import type { F32 } from './vec.js';

/** Noise that a step wants as input. */
export interface NoiseShape {
  /** Uniform in [0, 1), or standard normal. */
  readonly kind: 'uniform' | 'normal';
  /** Extents of the array. */
  readonly shape: readonly number[];
}

/**
 * Draws all the noise of one update: the only place where an `update` meets randomness. Replaying recorded data
 * replaces only this function. The arrays are valid until the next draw.
 */
export type Draw = (rng: Rng, shapes: Readonly<Record<string, NoiseShape>>) => Readonly<Record<string, F32>>;

/** A `Draw` that fills from the stream, into arrays that it keeps and uses again. */
export const noiseSource = (): Draw => {
  const kept = new Map<string, F32>();
  return (rng, shapes) => {
    const drawn: Record<string, F32> = {};
    for (const name in shapes) {
      const { kind, shape } = shapes[name]!;
      let into = kept.get(name);
      if (!into || into.shape.length !== shape.length || !shape.every((n, i) => n === into!.shape[i])) {
        into = ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);
        kept.set(name, into);
      }
      if (kind === 'uniform') rng.fillUniform(into.data);
      else rng.fillNormal(into.data);
      drawn[name] = into;
    }
    return drawn;
  };
};
