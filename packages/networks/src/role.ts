import * as tf from '@tensorflow/tfjs-core';
import type { F32 } from '@troupe/core';
import ndarray from 'ndarray';
import type { AnyOptimiser } from './optimiser.js';

/** What an optimiser remembers about one copy of a network. */
export type Moments = Readonly<Record<string, tf.Tensor>>;

/**
 * The weights of one role (actor, critic, …) in one group, as they stand in a carry: C copies of a network, one under
 * the other; C is the number of agents, or 1 where they share.
 */
export type Role = {
  /** [C, P] */
  readonly theta: tf.Tensor;
  /** [C, P]; the slowly moving copy, for roles that have one. */
  readonly target?: tf.Tensor;
  /** [C, …] each; absent for optimisers without any. */
  readonly moments?: Moments;
};

/** A role whose weights have a slowly moving copy `target` [C, P]. */
export type TargetedRole = Role & { readonly target: tf.Tensor };

/** One copy of a role while a step goes on. */
export interface Part {
  /** [P] */
  theta: tf.Tensor1D;
  /** What the optimiser remembers about it. */
  moments: Moments;
}

/** One copy of a role with a target while a step goes on. */
export interface TargetedPart extends Part {
  /** [P] */
  target: tf.Tensor1D;
}

/** One copy of a role of this kind. */
export type PartOf<R extends Role> = R extends TargetedRole ? TargetedPart : Part;

/** A role copy by copy. */
export const unstackRole = <R extends Role>(role: R): PartOf<R>[] => {
  const thetas = tf.unstack(role.theta) as tf.Tensor1D[];
  const targets = role.target && (tf.unstack(role.target) as tf.Tensor1D[]);
  const moments = Object.entries(role.moments ?? {}).map(([name, value]) => [name, tf.unstack(value)] as const);
  return thetas.map((theta, i) => ({
    theta,
    ...(targets && { target: targets[i]! }),
    moments: Object.fromEntries(moments.map(([name, values]) => [name, values[i]!])),
  })) as unknown as PartOf<R>[];
};

/** The role again, from its copies. */
export const stackRole = <P extends Part>(parts: readonly P[]): P extends TargetedPart ? TargetedRole : Role => {
  const over = (of: (part: P) => tf.Tensor): tf.Tensor => tf.stack(parts.map(of));
  const names = Object.keys(parts[0]!.moments);
  return {
    theta: over((part) => part.theta),
    ...('target' in parts[0]! && { target: over((part) => (part as unknown as TargetedPart).target) }),
    ...(names.length > 0 && {
      moments: Object.fromEntries(names.map((name) => [name, over((part) => part.moments[name]!)])),
    }),
  } as P extends TargetedPart ? TargetedRole : Role;
};

const zeros = (shape: readonly number[]): F32 =>
  ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);

/** A role at rest. T: whether it has a `target` [C, P]. */
export type RoleAtRest<T extends boolean> = {
  /** [C, P]; weights of every copy. */
  readonly theta: F32;
  /** [C, …] each; absent for optimisers without any. */
  readonly moments?: Readonly<Record<string, F32>>;
} & (T extends true ? { readonly target: F32 } : unknown);

/**
 * A role at rest as it begins: `theta` holds the initial weights [P] of every copy, the target (where wanted) is equal
 * to them, moments are zero.
 */
export const initialRole = <const T extends boolean>(options: {
  /** [P] each; one copy of the network per entry. */
  readonly thetas: readonly Float32Array[];
  /** Says which moments there are. */
  readonly optimiser: AnyOptimiser;
  /** Whether a slowly moving copy is kept. */
  readonly target: T;
}): RoleAtRest<T> => {
  const { thetas, optimiser } = options;
  const [copies, size] = [thetas.length, thetas[0]!.length];
  const theta = zeros([copies, size]);
  thetas.forEach((one, i) => theta.data.set(one, i * size));
  const moments = Object.entries(optimiser.moments(size)).map(
    ([name, shape]) => [name, zeros([copies, ...shape])] as const,
  );
  return {
    theta,
    ...(options.target && { target: ndarray(theta.data.slice(), [copies, size]) }),
    ...(moments.length > 0 && { moments: Object.fromEntries(moments) }),
  };
};
