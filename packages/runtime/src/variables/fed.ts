import type { Tensor } from '@tensorflow/tfjs-core';
import { StepError, pathOf, refuse } from '../errors.js';
import { build, planOf } from '../plan.js';
import { dtypeOf, isRestArray, restArray } from '../rest.js';
import { isTensor } from '../tensor.js';
import type { RestArray, Tree } from '../types.js';

/** What may be fed to a function of tensors: the tensors themselves, or ndarrays on typed arrays, in the same structure. */
export type Fed<T extends Tree> = Tree extends T
  ? FedTree
  : T extends Tensor
    ? Tensor | RestArray
    : { readonly [K in keyof T]: Fed<Extract<T[K], Tree>> };
/** Any structure of tensors and ndarrays. */
export type FedTree = Tensor | RestArray | readonly FedTree[] | { readonly [key: string]: FedTree };

const isLeaf = (value: unknown): value is Tensor | RestArray => isTensor(value) || isRestArray(value);

const holdsTensor = (value: unknown): boolean => {
  if (isTensor(value)) return true;
  if (typeof value !== 'object' || value === null || isRestArray(value) || ArrayBuffer.isView(value)) return false;
  for (const key in value) if (holdsTensor(Reflect.get(value, key))) return true;
  return false;
};

const atRest = (leaf: Tensor | RestArray, path: readonly string[], step: string): RestArray => {
  if (!isTensor(leaf)) return leaf;
  if (leaf.isDisposed) throw refuse(step, `its input ${pathOf(path)} is a tensor that has been disposed`, 'Keep it');
  const numbers: unknown = leaf.dataSync();
  if (dtypeOf(numbers) === undefined) {
    throw new StepError(`step '${step}': input: ${pathOf(path)} is ${leaf.dtype}; expected float32, int32 or bool`);
  }
  return restArray(numbers as Parameters<typeof restArray>[0], leaf.shape);
};

/** The input with every tensor read (on the cpu backend without copying). What holds no tensors is given back as it is. */
export const readTensors = (step: string, input: unknown): unknown => {
  if (!holdsTensor(input)) return input;
  const { plan, leaves, paths } = planOf(input, isLeaf, 'a tensor or an ndarray', `step '${step}': input`);
  return build(plan, (i) => atRest(leaves[i]!, paths[i]!, step));
};
