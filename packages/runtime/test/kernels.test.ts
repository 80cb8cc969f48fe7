import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type RestArray, type Runtime, type Step } from '@troupe/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelCases, type KernelCase } from './support/kernel-cases/index.js';
import { difference, operandArray, weightsLike } from './support/numbers.js';
import { runtimes } from './support/runtimes.js';

type Input = { readonly x: tf.Tensor[] };
type Output = { readonly out: tf.Tensor[]; readonly gradients: tf.Tensor[] };

/** A step that gives a case's outputs, and the gradients of a weighted sum of them. */
const stepOf =
  ({ f, operands, differentiable }: KernelCase): Step<Record<string, never>, Input, Output> =>
  (carry, { x }) => {
    const list = (given: tf.Tensor | tf.Tensor[]) => (Array.isArray(given) ? given : [given]);
    const out = list(f(...x));
    if (!differentiable) return { carry, output: { out, gradients: [] } };
    const chosen = x.filter((_, i) => operands[i]!.kind !== 'index');
    const total = (...wanted: tf.Tensor[]): tf.Tensor => {
      let next = 0;
      const all = x.map((t, i) => (operands[i]!.kind === 'index' ? t : wanted[next++]!));
      return tf.addN(list(f(...all)).map((y, i) => tf.sum(tf.mul(y, tf.tensor(weightsLike(y, i), y.shape)))));
    };
    return { carry, output: { out, gradients: tf.grads(total)(chosen) } };
  };

const run = async (runtime: Runtime, one: KernelCase): Promise<readonly RestArray[]> => {
  const compiled = runtime.compile(stepOf(one), { name: one.name });
  const x = one.operands.map((operand, i) => operandArray(operand, i + 1));
  const { output } = await compiled.run(carryOf<Record<string, never>>({}), { x });
  const { out, gradients } = output as { out: readonly RestArray[]; gradients: readonly RestArray[] };
  compiled.dispose();
  return [...out, ...gradients];
};

const [, ...traced] = runtimes;
const reference = runtimes[0]![1]();

describe.each(traced)('%s gives what eager tfjs gives', (_, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  it.each(kernelCases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const expected = await run(reference, one);
    const got = await run(runtime, one);
    expect(got.length).toBe(expected.length);
    got.forEach((leaf, i) => {
      expect(leaf.shape).toEqual(expected[i]!.shape);
      expect(leaf.data.constructor).toBe(expected[i]!.data.constructor);
      expect(difference(leaf.data, expected[i]!.data)).toBeLessThan(one.tolerance ?? 5e-6);
    });
  });
});
