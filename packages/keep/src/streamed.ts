import type { Streamed } from '@troupe/core';
import { arrayKinds } from './array-kinds.js';

/** Says that a value is meant to be streamed. */
export const isStreamed = (value: object): value is Streamed =>
  'pieces' in value &&
  typeof value.pieces === 'function' &&
  'kind' in value &&
  Object.hasOwn(arrayKinds, String(value.kind)) &&
  'shape' in value &&
  Array.isArray(value.shape);
