import { carryOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { expect, it } from 'vitest';
import { moveTargets } from '../src/regression/move-targets.js';

const row = (...numbers: number[]) => ndarray(new Float32Array(numbers), [numbers.length]);
const carry = () =>
  carryOf({
    mixer: { theta: row(8), target: row(4), m: row(9) },
    agents: { m: row(7, 7), target: row(0, 10), theta: row(1, 2) },
  });

it('targets take on a share of the weights beside them, and nothing else changes', () => {
  const moved = carry();
  const before = Array.from(moved.flat);
  moveTargets(moved, 0.25);
  const at = moved.layout.flatMap(({ path, shape }) => Array.from({ length: shape[0]! }, () => path.join('.')));
  const expected: Record<string, number[]> = { 'mixer.target': [5], 'agents.target': [0.25, 8] };
  for (const [name, values] of Object.entries(expected)) {
    expect(Array.from(moved.flat).filter((_, i) => at[i] === name)).toEqual(values);
  }
  expect(Array.from(moved.flat).filter((_, i) => !at[i]!.endsWith('target'))).toEqual(
    before.filter((_, i) => !at[i]!.endsWith('target')),
  );
});

it('a share of 1 copies to the bit', () => {
  const copied = carryOf({ net: { theta: row(0.1, -3e-39, 1e38), target: row(1, 1, 1) } });
  moveTargets(copied, 1);
  expect(Array.from(copied.flat.subarray(0, 3))).toEqual(Array.from(copied.flat.subarray(3)));
});
