import { Tensor, type Tensor as AnyTensor } from '@tensorflow/tfjs-core';

/** Whether a value is a tfjs tensor. */
export const isTensor = (value: unknown): value is AnyTensor => value instanceof Tensor;
