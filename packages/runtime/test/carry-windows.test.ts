import * as tf from '@tensorflow/tfjs-core';
import { carryOf, compileWith, passesWithout, type ModelInfo, type SessionAdapter, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { numbers } from './support/numbers.js';

type State = {
  readonly count: tf.Tensor;
  readonly theta: tf.Tensor;
  readonly short: tf.Tensor;
  readonly m: tf.Tensor;
  readonly kept: tf.Tensor;
  readonly last: tf.Tensor;
};
type Rows = { readonly x: tf.Tensor };
const [inputs, units] = [40, 1000];
const size = inputs * units + units;
const array = (seed: number, shape: readonly number[]) =>
  ndarray(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    [...shape],
  );

/** One descent on |xW + b|² with momentum: short leaves among long ones, one that stays, one that changes its place. */
const step: Step<State, Rows, { readonly loss: tf.Tensor }> = ({ count, theta, short, m, kept, last }, { x }) => {
  const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => {
    const [w, b] = tf.split(at, [inputs * units, units]);
    const y = tf.add(tf.matMul(x as tf.Tensor2D, tf.reshape(w!, [inputs, units])), b!);
    return tf.mean(tf.square(y));
  })(theta);
  const next = tf.add(tf.mul(m, 0.9), grad);
  return {
    carry: { count: tf.add(count, 1), theta: tf.sub(theta, next), short: last, m: next, kept, last: short },
    output: { loss: value },
  };
};
const begin = () =>
  carryOf<State>({
    count: array(1, []),
    theta: array(2, [size]),
    short: array(3, [7]),
    m: array(4, [size]),
    kept: array(5, [200, 200]),
    last: array(6, [7]),
  });
const rows = { x: array(7, [12, inputs]) };

const after = async (runs: number, options: Parameters<typeof onnx>[0]) => {
  const runtime = onnx(options);
  const compiled = runtime.compile(step, { name: 'descent' });
  let carry = begin();
  for (let k = 0; k < runs; k++) ({ carry } = await compiled.run(carry, rows));
  const flat = carry.flat.slice();
  runtime.dispose();
  return flat;
};

describe('windows onto the carry', () => {
  it('large parts go in and come out by themselves, short ones between them together', async () => {
    const seen: ModelInfo[] = [];
    await after(1, { onModel: (_, info) => seen.push(info) });
    const names = (ports: ModelInfo['inputs']) => ports.map(({ name }) => name).filter((name) => /^carry/.test(name));
    expect(names(seen[0]!.inputs).sort()).toEqual(
      // count · θ as a whole and its kernel and bias · short · m · kept · last
      ['0+1', '1+41000', '1+40000', '40001+1000', '41001+7', '41008+41000', '82008+40000', '122008+7']
        .map((place) => `carry@${place}`)
        .sort(),
    );
    expect(names(seen[0]!.outputs)).toEqual(
      ['0+1', '1+41000', '41001+7', '41008+41000', '82008+40000', '122008+7'].map((place) => `carry_@${place}`),
    );
  });
  it('gives the same bits as without', async () => {
    expect(await after(5, {})).toEqual(await after(5, { passes: passesWithout('windows onto the carry') }));
  });
  it('a carry of short leaves stays one array', async () => {
    const seen: ModelInfo[] = [];
    const runtime = onnx({ onModel: (_, info) => seen.push(info) });
    type Two = { readonly a: tf.Tensor; readonly b: tf.Tensor };
    const sum = runtime.compile(({ a, b }: Two) => ({
      carry: { a: tf.add(a, b), b },
      output: {},
    }));
    await sum.run(carryOf<Two>({ a: array(1, [9]), b: array(2, [9]) }), {});
    expect(seen[0]!.inputs.map(({ name }) => name)).toEqual(['carry']);
    runtime.dispose();
  });
  it('steps in a row give what single steps give', async () => {
    const runtime = onnx();
    const three = { x: ndarray(Float32Array.from([0, 1, 2].flatMap(() => [...rows.x.data])), [3, 12, inputs]) };
    const { carry } = await runtime.compile(step).scan(begin(), three);
    const single = await after(3, {});
    expect(Math.max(...carry.flat.map((x, i) => Math.abs(x - single[i]!)))).toBeLessThan(1e-6);
    runtime.dispose();
  });
  it('works with engines that give arrays of their own', async () => {
    const sessions: SessionAdapter = {
      name: 'own arrays',
      createSession: (_, { inputs: taken, outputs }) => ({
        run: (given) =>
          outputs.map(({ name, shape }) => {
            const [from] = /\d+/.exec(name) ?? ['0'];
            const at = taken.findIndex((port) => port.name === name.replace('_', ''));
            const length = shape.reduce((a, b) => a * b, 1);
            return at < 0 ? new Float32Array(length) : (given[at] as Float32Array).map((x) => x + Number(from));
          }),
        dispose: () => undefined,
      }),
    };
    const { carry } = await compileWith(sessions).compile(step).run(begin(), rows);
    const before = begin().flat;
    const places = [0, 1, 41001, 41008, 82008, 122008];
    expect(carry.flat).toEqual(before.map((x, i) => Math.fround(x + places.findLast((place) => place <= i)!)));
  });
  it('a value that is not finite is found in whichever part it is', async () => {
    const runtime = onnx();
    const compiled = runtime.compile(step, { name: 'descent' });
    const bad = begin();
    bad.flat[41008 + 41000 + 5] = Number.NaN; // in `kept`
    await expect(async () => compiled.run(bad, rows)).rejects.toThrow(/the next carry at kept is NaN \(element 5\)/);
    runtime.dispose();
  });
});
