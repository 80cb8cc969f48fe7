import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';

/** Memory over many small updates: what is left after collecting garbage, and what the process holds. */

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

type State = { readonly w: tf.Tensor };
type Rows = { readonly x: tf.Tensor; readonly y: tf.Tensor };
const step: Step<State, Rows, { readonly loss: tf.Tensor }> = ({ w }, { x, y }) => {
  const { value, grad } = tf.valueAndGrad((at: tf.Tensor) =>
    tf.mean(tf.square(tf.sub(tf.matMul(x as tf.Tensor2D, at as tf.Tensor2D), y))),
  )(w);
  return { carry: { w: tf.sub(w, tf.mul(grad, 0.01)) }, output: { loss: value } };
};
const array = (...shape: number[]) =>
  ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    shape,
  );

/** An update that may be called again and again; `leak` is called after each. */
const updating = (runtime: Runtime, leak: (k: number) => void = () => undefined) => {
  const compiled = runtime.compile(step, { name: 'small update' });
  let carry = carryOf<State>({ w: array(4, 2) });
  const input = { x: array(8, 4), y: array(8, 2) };
  let k = 0;
  return async (): Promise<void> => {
    const running = compiled.run(carry, input);
    ({ carry } = 'then' in running ? await running : running);
    leak(k++);
  };
};

interface Growth {
  /** Bytes of JavaScript's memory, arrays included, per update. */
  readonly own: number;
  /** Bytes of the whole process over all updates. */
  readonly process: number;
}

/** How memory grows over `updates` updates, after a tenth of them to warm up. */
const growth = async (update: () => Promise<void>, updates: number): Promise<Growth> => {
  const look = () => {
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { own: heapUsed + external, rss };
  };
  for (let k = 0; k < updates / 10; k++) await update();
  const before = look();
  for (let k = 0; k < updates; k++) await update();
  const after = look();
  return { own: (after.own - before.own) / updates, process: after.rss - before.rss };
};

const MB = 2 ** 20;
/** Flat: less than a byte per update in JavaScript, and what the process takes does not depend on the updates. */
const isFlat = ({ own, process }: Growth): boolean => own < 1 && process < 24 * MB;
const say = (what: string, { own, process }: Growth): void =>
  console.log(`${what}: ${own.toFixed(3)} bytes per update, process ${(process / MB).toFixed(1)} MB`);

describe('memory', () => {
  it('is flat over a million small updates', async () => {
    const runtime = onnx();
    const grown = await growth(updating(runtime), 1_000_000);
    say('1,000,000 updates', grown);
    runtime.dispose();
    expect(isFlat(grown)).toBe(true);
  });
  it('a leak of one small array per update is seen', async () => {
    const runtime = onnx();
    const kept: Float32Array[] = [];
    const grown = await growth(
      updating(runtime, () => kept.push(new Float32Array(4))),
      50_000,
    );
    say(`${kept.length} arrays kept`, grown);
    runtime.dispose();
    expect(isFlat(grown)).toBe(false);
  });
  it('sessions that are never disposed of are seen', async () => {
    const runtime = onnx();
    const update = updating(runtime, (k) => {
      if (k % 10 === 0)
        void runtime
          .compile(step, { name: 'forgotten' })
          .run(carryOf<State>({ w: array(4, 2) }), { x: array(8, 4), y: array(8, 2) });
    });
    const grown = await growth(update, 5_000);
    say('500 sessions forgotten', grown);
    runtime.dispose();
    expect(isFlat(grown)).toBe(false);
  });
});
