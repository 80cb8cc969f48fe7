import type { F32, Rng } from '@troupe/core';
import ndarray from 'ndarray';

/** How a kernel of shape [...receptive field, inputs, outputs] begins. */
export type Initialiser = 'glorotUniform' | 'heUniform' | 'fanInUniform' | 'orthogonal' | 'zeros' | 'ones';

const fans = (shape: readonly number[]): readonly [fanIn: number, fanOut: number] => {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return [field * shape.at(-2)!, field * shape.at(-1)!];
};

const uniformWithin = (data: Float32Array, limit: number, rng: Rng): void => {
  rng.fillUniform(data);
  for (let i = 0; i < data.length; i++) data[i] = (data[i]! * 2 - 1) * limit;
};

/** Rows (or columns, whichever are fewer) made orthonormal by modified Gram-Schmidt, in double precision. */
const orthonormal = (data: Float32Array, shape: readonly number[], rng: Rng): void => {
  const columns = shape.at(-1)!;
  const rows = data.length / columns;
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const v = rng.fillNormal(new Float64Array(length));
    for (const u of vectors) {
      const dot = v.reduce((sum, x, i) => sum + x * u[i]!, 0);
      for (let i = 0; i < length; i++) v[i]! -= dot * u[i]!;
    }
    const norm = Math.hypot(...v);
    // A vector that was (nearly) in the span of the others is drawn again.
    if (norm > 1e-3) vectors.push(v.map((x) => x / norm));
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) data[r * columns + c] = rows >= columns ? vectors[c]![r]! : vectors[r]![c]!;
  }
};

/**
 * Initial values of one weight, times `gain`. Glorot and Bengio 2010 (`glorotUniform`), He et al. 2015 (`heUniform`),
 * Saxe et al. 2014 (`orthogonal`), U(±1/√fanIn) as PyTorch's linear layers begin (`fanInUniform`).
 */
export const initialWeight = (shape: readonly number[], how: Initialiser, rng: Rng, gain = 1): F32 => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const [fanIn, fanOut] = fans(shape);
  switch (how) {
    case 'glorotUniform':
      uniformWithin(data, Math.sqrt(6 / (fanIn + fanOut)), rng);
      break;
    case 'heUniform':
      uniformWithin(data, Math.sqrt(6 / fanIn), rng);
      break;
    case 'fanInUniform':
      uniformWithin(data, 1 / Math.sqrt(fanIn), rng);
      break;
    case 'orthogonal':
      orthonormal(data, shape, rng);
      break;
    case 'zeros':
      break;
    case 'ones':
      data.fill(1);
  }
  if (gain !== 1) for (let i = 0; i < data.length; i++) data[i]! *= gain;
  return ndarray(data, [...shape]);
};
