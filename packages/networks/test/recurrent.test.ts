import * as tf from '@tensorflow/tfjs-core';
import { box, rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { distribution, feedForward, flat, mlp, recurrent } from '../src/index.js';

const t1 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;
const close = (actual: ArrayLike<number> | undefined, expected: readonly number[], tolerance = 1e-5) => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((x, i) => expect(Math.abs(actual![i]! - x)).toBeLessThan(tolerance * Math.max(1, Math.abs(x))));
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

type Table = readonly (readonly number[])[];
const times = (x: readonly number[], w: Table, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, j) => x.reduce((sum, v, i) => sum + v * w[i]![from + j]!, 0));

/** Both cells in double precision, by their definitions. */
const cells = {
  gru(x: readonly number[], h: readonly number[], w: Record<string, Table>) {
    const n = h.length;
    const gate = (k: number) => {
      const [input, held] = [
        times(x, w['kernel']!, k * n, k * n + n),
        times(h, w['recurrent_kernel']!, k * n, k * n + n),
      ];
      return {
        input: input.map((v, j) => v + w['bias']![0]![k * n + j]!),
        held: held.map((v, j) => v + w['recurrent_bias']![0]![k * n + j]!),
      };
    };
    const [r, z, c] = [gate(0), gate(1), gate(2)];
    return h.map((old, j) => {
      const reset = sigmoid(r.input[j]! + r.held[j]!);
      const update = sigmoid(z.input[j]! + z.held[j]!);
      return (1 - update) * Math.tanh(c.input[j]! + reset * c.held[j]!) + update * old;
    });
  },
  lstm(x: readonly number[], memory: readonly number[], w: Record<string, Table>) {
    const n = memory.length / 2;
    const h = memory.slice(0, n);
    const gate = (k: number, j: number) =>
      times(x, w['kernel']!, k * n + j, k * n + j + 1)[0]! +
      times(h, w['recurrent_kernel']!, k * n + j, k * n + j + 1)[0]! +
      w['bias']![0]![k * n + j]!;
    const c = h.map((_, j) => sigmoid(gate(1, j)) * memory[n + j]! + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
    return [...c.map((v, j) => sigmoid(gate(3, j)) * Math.tanh(v)), ...c];
  },
};

const [steps, rows, inputs, width] = [4, 2, 3, 2];
const random = rng(3);
const normals = (...shape: readonly number[]): never => {
  const make = ([n, ...rest]: readonly number[]): unknown =>
    Array.from({ length: n! }, () => (rest.length > 0 ? make(rest) : random.normal()));
  return make(shape) as never;
};

describe.each(runtimes)('recurrent networks, %s', (_name, runtime) => {
  it.each(['gru', 'lstm'] as const)(
    'follows the definition of the cell, forgetting where episodes begin: %s',
    async (cell) => {
      const network = recurrent({ inputs, hidden: [], outputs: 1, cell, width });
      const one = flat(network);
      const theta = Array.from({ length: one.size }, () => random.normal() * 0.7);
      const named = Object.fromEntries(
        Object.entries(one.weights(Float32Array.from(theta))).map(([name, w]) => {
          const columns = w.shape.at(-1)!;
          const table = Array.from({ length: w.size / columns }, (_, r) =>
            Array.from(w.data.slice(w.offset + r * columns, w.offset + (r + 1) * columns)),
          );
          return [name.split('/')[1]! + (w.shape.at(-1) === 1 ? ' out' : ''), table];
        }),
      );
      const x: number[][][] = normals(steps, rows, inputs);
      const memory: number[][] = normals(rows, network.memory);
      const started = [
        [0, 1],
        [0, 0],
        [1, 0],
        [0, 0],
      ];
      const run = (input: Table[], from: Table, begun: Table) => {
        const state = from.map((row) => [...row]);
        const output = input.flatMap((at, t) =>
          at.map((seen, b) => {
            if (begun[t]![b] === 1) state[b]!.fill(0);
            state[b] = cells[cell](seen, state[b]!, named);
            return times(state[b].slice(0, width), named['kernel out']!, 0, 1)[0]! + named['bias out']![0]![0]!;
          }),
        );
        return { output, memory: state.flat() };
      };
      const result = await evaluateIn(
        runtime,
        (t) => {
          const weights = t1(t, 'theta');
          const given = { input: t['x']!, memory: t['memory']!, started: t['started']! };
          const all = one.apply(weights, given);
          // the same step by step, as acting does
          let held = t['memory']!;
          const [inputsBy, startedBy] = [tf.split(t['x']!, steps, 0), tf.split(t['started']!, steps, 0)];
          const single = inputsBy.map((input, i) => {
            const step = one.apply(weights, { input, memory: held, started: startedBy[i]! });
            held = step.memory!;
            return step.output;
          });
          const total = (w: tf.Tensor, m: tf.Tensor) =>
            tf.sum<tf.Scalar>(tf.square(one.apply(w as tf.Tensor1D, { ...given, memory: m }).output));
          const [dTheta, dMemory] = tf.grads(total)([weights, t['memory']!]);
          // along a fixed direction, by finite differences
          const moved = (h: number) =>
            total(tf.add(weights, tf.mul(t['along']!, h)), tf.add(t['memory']!, tf.mul(t['memoryAlong']!, h)));
          return {
            output: all.output,
            memory: all.memory!,
            single: tf.concat(single, 0),
            held,
            slope: tf.add(tf.sum(tf.mul(dTheta!, t['along']!)), tf.sum(tf.mul(dMemory!, t['memoryAlong']!))),
            difference: tf.div(tf.sub(moved(1e-2), moved(-1e-2)), 2e-2),
            forgotten: tf.slice(dMemory!, [1, 0], [1, network.memory]),
          };
        },
        {
          theta: array(theta),
          x: array(x),
          memory: array(memory),
          started: array(started),
          along: array(theta.map(() => random.normal() * 0.3)),
          memoryAlong: array(normals(rows, network.memory)),
        },
      );
      const exact = run(x, memory, started);
      close(result['output'], exact.output);
      close(result['memory'], exact.memory);
      close(result['single'], result['output']!);
      close(result['held'], result['memory']!);
      close(result['difference'], result['slope']!, 2e-3);
      // the second row began an episode with the first step: nothing from before reaches it
      expect(result['forgotten']!.every((v) => v === 0)).toBe(true);
    },
  );

  it('remembers nothing without a memory, and takes deviations that are weights', async () => {
    const plain = feedForward(mlp({ inputs: 2, hidden: [], outputs: 1 }));
    expect(plain.memory).toBe(0);
    const d = distribution(box([1]), { deviationOf: 'weights' });
    const one = flat(d.attach(plain));
    const layered = flat(recurrent({ inputs: 2, hidden: [4], outputs: 3, layerNorm: true, inputNorm: true }));
    const { output, start } = await evaluateIn(
      runtime,
      (t) => ({
        output: one.apply(t1(t, 'theta'), { input: t['x']! }).output,
        start: layered.apply(t1(t, 'layered'), { input: t['x']! }).output,
      }),
      {
        theta: array([1, 2, 3, 0.5]),
        layered: array(Array.from(layered.init(rng(2)))),
        x: array([[[1, 1]], [[2, 0]]]),
      },
    );
    expect(output).toEqual([6, 0.5, 5, 0.5]);
    expect(start!.every(Number.isFinite)).toBe(true);
  });
});

describe('the start of a recurrent network', () => {
  it('opens the forget gate of an LSTM, and refuses widths that are none', () => {
    const one = flat(recurrent({ inputs: 2, hidden: [3], outputs: 1, cell: 'lstm' }));
    const bias = Object.entries(one.weights(one.init(rng(1)))).find(([, w]) => w.shape.join() === '12')!;
    expect(Array.from(bias[1].data.slice(bias[1].offset, bias[1].offset + 12))).toEqual([
      0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    ]);
    expect(() => recurrent({ inputs: 2, hidden: [], outputs: 1, width: 0 })).toThrow('recurrent: expected widths');
  });
});
