import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  StepError,
  carryOf,
  compileVariables,
  eager,
  type Carry,
  type Check,
  type Runtime,
  type Step,
} from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';

type State = { readonly good: tf.Tensor; readonly w: tf.Tensor };
type Input = { readonly x: tf.Tensor; readonly y: tf.Tensor };
type Output = { readonly first: tf.Tensor; readonly parts: { readonly loss: tf.Tensor } };

/** w + log x goes into the state, log y into the output. */
const step: Step<State, Input, Output> = ({ good, w }, { x, y }) => ({
  carry: { good: tf.add(good, 1), w: tf.add(w, tf.log(x)) },
  output: { first: tf.sum(w), parts: { loss: tf.log(y) } },
});
const start = (w = 1): Carry<State> =>
  carryOf<State>({ good: ndarray(Float32Array.of(0), []), w: ndarray(Float32Array.of(1, w, 3), [3]) });
const input = (x: number, y: number) => ({
  x: ndarray(Float32Array.of(1, x, 1), [3]),
  y: ndarray(Float32Array.of(1, 1, 1, 1, 1, y), [6]),
});
const kinds: readonly (readonly [string, (check?: Check) => Runtime])[] = [
  ['eager', (check) => eager({ backend: 'cpu', ...(check && { check }) })],
  ['onnx', (check) => onnx({ ...(check && { check }) })],
  ['onnx with promises', (check) => onnx({ sync: false, ...(check && { check }) })],
];

describe.each(kinds)('NaN and infinities on %s', (_, make) => {
  it('names the first output that is not finite, and leaves the carry as it was', async () => {
    const compiled = make().compile(step, { name: 'learn' });
    const carry = start();
    await expect(async () => compiled.run(carry, input(1, -1))).rejects.toThrow(
      /step 'learn': its output parts\.loss is NaN \(element 5\)\. The carry given is as it was.*check: 'never'/s,
    );
    await expect(async () => compiled.run(carry, input(1, 0))).rejects.toBeInstanceOf(StepError);
    expect(Array.from(carry.flat)).toEqual([0, 1, 1, 3]);
    // Training goes on from the last good state.
    const { carry: next } = await compiled.run(carry, input(1, 1));
    expect(Array.from(next.flat)).toEqual([1, 1, 1, 3]);
    await expect(async () => compiled.run(next, input(1, 0))).rejects.toThrow(/loss is -Infinity/);
    expect(Array.from((await compiled.run(next, input(1, 1))).carry.flat)).toEqual([2, 1, 1, 3]);
  });
  it('names the leaf of the carry where only the carry is not finite', async () => {
    const compiled = make().compile(step, { name: 'learn' });
    const carry = start();
    await expect(async () => compiled.run(carry, input(0, 1))).rejects.toThrow(
      /step 'learn': the next carry at w is -Infinity \(element 1\)/,
    );
    expect(Array.from((await compiled.run(carry, input(1, 1))).carry.flat)).toEqual([1, 1, 1, 3]);
  });
  it('says where it came from', async () => {
    const compiled = make().compile(step, { name: 'learn' });
    await expect(async () => compiled.run(start(), input(NaN, 1))).rejects.toThrow(
      /next carry at w is NaN \(element 1\); its input x holds NaN \(element 1\)/,
    );
    await expect(async () => compiled.run(start(Infinity), input(1, 1))).rejects.toThrow(
      /output first is Infinity \(element 0\); the carry it was given holds Infinity at w already/,
    );
  });
  it('looks at scans too', async () => {
    const compiled = make().compile(step, { name: 'learn' });
    const stacked = (y: number) => ({
      x: ndarray(new Float32Array(6).fill(1), [2, 3]),
      y: ndarray(Float32Array.of(1, 1, 1, y), [2, 2]),
    });
    const carry = start();
    await expect(async () => compiled.scan(carry, stacked(-1))).rejects.toThrow(/output parts\.loss is NaN/);
    expect(Array.from((await compiled.scan(carry, stacked(1))).carry.flat)).toEqual([2, 1, 1, 3]);
  });
  it("with 'outputs' a carry that is not finite passes", async () => {
    const compiled = make('outputs').compile(step, { name: 'learn' });
    const { carry } = await compiled.run(start(), input(0, 1));
    expect(carry.flat[2]).toBe(-Infinity);
    await expect(async () => compiled.run(carry, input(1, 1))).rejects.toThrow(/output first is -Infinity/);
  });
  it("with 'never' everything passes", async () => {
    const { carry, output } = await make('never').compile(step).run(start(), input(0, -1));
    expect(carry.flat[2]).toBe(-Infinity);
    expect(output.parts.loss.data[5]).toBeNaN();
  });
  it('a finite carry whose sum overflows is fine', async () => {
    const compiled = make().compile(
      ({ w }: { readonly w: tf.Tensor }, { x }: { readonly x: tf.Tensor }) => ({
        carry: { w: tf.mul(w, x) },
        output: {},
      }),
      { name: 'large' },
    );
    const carry = carryOf<{ w: tf.Tensor }>({ w: ndarray(Float32Array.of(3e38, 3e38), [2]) });
    const { carry: next } = await compiled.run(carry, { x: ndarray(Float32Array.of(1), []) });
    expect(next.flat[0]).toBeCloseTo(3e38, -34);
  });
  it('variables keep their last good values', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]), true);
    const optimizer = tf.train.momentum(0.5, 0.9);
    const learn = compileVariables(make(), ({ x }: { readonly x: tf.Tensor }) => ({
      loss: optimizer.minimize(() => tf.sum(tf.mul(tf.sqrt(w), x)), true)!,
    }));
    const at = (x: number) => ({ x: ndarray(Float32Array.of(x, x), [2]) });
    await learn.run(at(0.1));
    const before = Array.from(w.dataSync());
    await expect(async () => learn.run(at(Infinity))).rejects.toThrow(/output loss is Infinity/);
    expect(Array.from(w.dataSync())).toEqual(before);
    expect(optimizer.iterations).toBe(1);
    await learn.run(at(0.1));
    expect(optimizer.iterations).toBe(2);
    w.dispose();
  });
  it('refuses another value of the option', () => {
    expect(() => make('sometimes' as Check)).toThrow(/check: expected 'always', 'outputs' or 'never', got 'sometimes'/);
  });
});
