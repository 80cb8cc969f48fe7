import type * as tf from '@tensorflow/tfjs-core';

/** What an operand of a case looks like. `kind` says which numbers are meaningful. */
export interface Operand {
  readonly shape: readonly number[];
  readonly kind: 'any' | 'positive' | 'unit' | 'above1' | 'index' | 'integer' | 'bool';
}
export interface KernelCase {
  readonly name: string;
  readonly f: (...x: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly operands: readonly Operand[];
  /** Whether gradients exist and are compared; with `once`, only those of first order. */
  readonly differentiable: boolean | 'once';
  /** Largest difference relative to the largest value; 2e-6 if not said. */
  readonly tolerance?: number;
}

export const any = (...shape: number[]): Operand => ({ shape, kind: 'any' });
export const positive = (...shape: number[]): Operand => ({ shape, kind: 'positive' });
export const unit = (...shape: number[]): Operand => ({ shape, kind: 'unit' });
export const above1 = (...shape: number[]): Operand => ({ shape, kind: 'above1' });
export const index = (...shape: number[]): Operand => ({ shape, kind: 'index' });
export const integer = (...shape: number[]): Operand => ({ shape, kind: 'integer' });
export const bool = (...shape: number[]): Operand => ({ shape, kind: 'bool' });

type F = KernelCase['f'];
export const smooth = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: true,
});
export const once = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: 'once',
});
export const plain = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: false,
});
export const loose = (one: KernelCase, tolerance: number): KernelCase => ({ ...one, tolerance });
