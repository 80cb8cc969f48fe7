import type { KernelCase } from './case.js';
import { composed } from './composed.js';
import { depthwise } from './depthwise.js';
import { binary, unary } from './elementwise.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { shapes } from './shapes.js';

export type { KernelCase, Operand } from './case.js';

export const kernelCases: readonly KernelCase[] = [
  ...unary,
  ...binary,
  ...reductions,
  ...shapes,
  ...products,
  ...pooling,
  ...depthwise,
  ...composed,
];
