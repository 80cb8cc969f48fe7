import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type Runtime, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelCases, type KernelCase } from './support/kernel-cases/index.js';
import { numbers, operandArray, weightsLike } from './support/numbers.js';
import { runtimes } from './support/runtimes.js';

/** Operands x, a direction v in their space, and weights u: the gradient along v, and the second derivative along v and u. */
type Input = { readonly x: tf.Tensor[]; readonly v: tf.Tensor[]; readonly u: tf.Tensor[] };
type Output = { readonly value: tf.Tensor; readonly slope: tf.Tensor; readonly curvature: tf.Tensor };

const dot = (a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor =>
  tf.addN(a.map((x, i) => tf.sum(tf.mul(x, b[i]!))));

/** A weighted sum of the outputs, plus Σ x³ / 10 so that a second derivative exists for functions that are linear too. */
const stepOf =
  ({ f, operands, differentiable }: KernelCase): Step<Record<string, never>, Input, Output> =>
  (carry, { x, v, u }) => {
    const continuous = operands.flatMap(({ kind }, i) => (kind === 'index' ? [] : [i]));
    const chosen = continuous.map((i) => x[i]!);
    const at = (...wanted: tf.Tensor[]): tf.Tensor => {
      const all = x.map((t, i) => (continuous.includes(i) ? wanted[continuous.indexOf(i)]! : t));
      const given = f(...all);
      const outs = Array.isArray(given) ? given : [given];
      const sums = outs.map((y, i) => tf.sum(tf.mul(y, tf.tensor(weightsLike(y, i), y.shape))));
      return tf.addN([...sums, ...wanted.map((t) => tf.mul(tf.sum(tf.mul(t, tf.square(t))), 0.1))]);
    };
    const slope = (...wanted: tf.Tensor[]): tf.Tensor => dot(tf.grads(at)(wanted), v);
    const value = at(...chosen);
    if (differentiable === 'once')
      return { carry, output: { value, slope: slope(...chosen), curvature: tf.scalar(0) } };
    return { carry, output: { value, slope: slope(...chosen), curvature: dot(tf.grads(slope)(chosen), u) } };
  };

const width = 4e-3;

/** Value and slope at x + t·d, where d is v or u. */
const evaluate = (runtime: Runtime, one: KernelCase) => {
  const compiled = runtime.compile(stepOf(one), { name: one.name });
  const empty = carryOf<Record<string, never>>({});
  const x = one.operands.map((operand, i) => operandArray(operand, i + 1));
  const size = (i: number) => x[i]!.data.length;
  const continuous = one.operands.flatMap(({ kind }, i) => (kind === 'index' ? [] : [i]));
  const along = (seed: number) => continuous.map((i) => ndarray(numbers(size(i), seed + i), [...x[i]!.shape]));
  const [v, u] = [along(31), along(57)];
  const at = async (t: number, direction: typeof v) => {
    const moved = x.map((leaf, i) => {
      const d = direction[continuous.indexOf(i)];
      return d
        ? ndarray(
            Float32Array.from(leaf.data, (a, k) => a + t * d.data[k]!),
            [...leaf.shape],
          )
        : leaf;
    });
    const { output } = await compiled.run(empty, { x: moved, v, u });
    return { value: output.value.data[0]!, slope: output.slope.data[0]!, curvature: output.curvature.data[0]! };
  };
  return { v, u, at, dispose: () => compiled.dispose() };
};

describe.each(runtimes)('derivatives by finite differences, %s', (_, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  const cases = kernelCases.filter(({ differentiable }) => differentiable);
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { v, u, at, dispose } = evaluate(runtime, one);
    const here = await at(0, v);
    const [behind, ahead] = [await at(-width, v), await at(width, v)];
    const first = (ahead.value - behind.value) / (2 * width);
    expect(Math.abs(first - here.slope)).toBeLessThan(0.02 * (1 + Math.abs(first)));
    if (one.differentiable !== 'once') {
      const [before, after] = [await at(-width, u), await at(width, u)];
      const second = (after.slope - before.slope) / (2 * width);
      expect(Math.abs(second - here.curvature)).toBeLessThan(0.02 * (1 + Math.abs(second)));
    }
    dispose();
  });
});
