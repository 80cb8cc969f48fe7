import { box, discrete, rng } from '@troupe/core';
import { afterEach, expect, it, vi } from 'vitest';
import { replay } from '../src/index.js';
import { makeRows, rowsOf } from './model.js';

afterEach(() => void vi.unstubAllGlobals());

const groups = { g: { agents: ['a', 'b'], observation: box([3]), action: discrete(4) } } as const;
const drawn = () => {
  const buffer = replay(groups, { capacity: 100 });
  for (let k = 0; k < 5; k++) buffer.add(makeRows(groups, 30, rng(k), { legal: true, state: [5] }));
  return rowsOf(buffer.sample(200, rng(9)));
};

it('replay does the same where there is no WebAssembly, or where it refuses memory', () => {
  const expected = drawn();
  const wasm = Reflect.get(globalThis, 'WebAssembly') as object;
  const refusing = vi.fn(function () {
    throw new RangeError('could not allocate memory');
  });
  for (const instead of [undefined, { ...wasm, Memory: refusing }]) {
    vi.stubGlobal('WebAssembly', instead);
    expect(drawn()).toEqual(expected);
  }
  expect(refusing).toHaveBeenCalled();
});
